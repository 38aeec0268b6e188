"""A treatment protocol as frozen values: agents, courses and arms, each line with its evidence and its place in a file.

Values with lines compare by identity, so that a plan may be remembered by the definition it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property, lru_cache

from protocal.model.agent import Agent
from protocal.model.course import Condition, Course, Order
from protocal.model.evidence import Backing, is_signed
from protocal.model.frozen import frozen
from protocal.model.problems import Problem, Where
from protocal.model.review import Signature
from protocal.model.table import Table


@frozen
class Until:
    """The end of a repeat: the day before an anniversary of a course's first day."""

    years: int
    course: str


@frozen
class Leg:
    """One step of a route: a course, taken once or repeated to an end, perhaps only under a condition.

    Attributes:
        when_recorded: it has no date until the record gives one.
    """

    course: str
    when: Condition
    until: Until | None
    when_recorded: bool
    where: Where = field(compare=False)

    @property
    def text(self) -> str:
        """In words: `cranial-radiation, if cns3`."""
        facts = [self.course]
        if self.when.text:
            facts.append(f"if {self.when.text}")
        if self.when_recorded:
            facts.append("on the date that the record gives")
        if self.until:
            facts.append(f"repeated to the day before anniversary {self.until.years} of {self.until.course} Day 1")
        return ", ".join(facts)

    def names(self, course: str) -> bool:
        """Whether a course of a plan is of this step: the course itself, or a numbered cycle of a repeated one."""
        name, _, cycle = course.rpartition("-")
        is_cycle = name == self.course and cycle.isdecimal() and not cycle.startswith("0")
        return is_cycle if self.until else course == self.course


@frozen(eq=False)
class Arm:
    """A route of courses with the risk groups it is for."""

    id: str
    title: str
    risk: tuple[str, ...]
    route: tuple[Leg, ...]
    comment: str
    backing: Backing
    where: Where


@frozen(eq=False)
class Protocol:
    """A treatment protocol in one version.

    Attributes:
        ages: completed years on the day of the start, lowest and highest, both included.
        unassigned: the route before an arm is assigned.
        failure: the route after treatment failure; empty if the protocol has none.
        kinds: the printed title of each kind of procedure and evaluation.
        plain_names: what a family's calendar calls such a kind, where the definition says.
        plain_places: where it says so.
        digest: of the definition's values, whatever their layout in the files.
        texts: those of its files, by their names in its folder.
        claims: where its file says by itself that it is verified, which only signatures can make true.
        meanings: digest of what each line says, by the line's id.
        signatures: all that there are, over lines as they are or as they were.
        unsound: what is wrong with the files that signatures stand in.
        known: all versions that a patient's record names, that of its header first; empty where it names one only.
        newest: of these the one that its latest line names; None where that is this value itself.
        kept: by a course's id the version that it stays with, as it began by it.
    """

    id: str
    title: str
    version: str
    registry: str
    ages: tuple[int, int]
    cns: tuple[str, ...]
    risk: tuple[str, ...]
    sources: Mapping[str, str]
    kinds: Mapping[str, str]
    tables: Mapping[str, Table]
    agents: Mapping[str, Agent]
    courses: Mapping[str, Course]
    arms: Mapping[str, Arm]
    unassigned: Arm
    failure: Arm | None
    backing: Backing
    digest: str
    where: Where
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    claims: Where | None = None
    meanings: Mapping[str, str] = field(default_factory=dict, repr=False)
    signatures: tuple[Signature, ...] = field(default=(), repr=False)
    unsound: tuple[Problem, ...] = field(default=(), repr=False)
    known: tuple[Protocol, ...] = field(default=(), repr=False)
    newest: Protocol | None = field(default=None, repr=False)
    plain_names: Mapping[str, str] = field(default_factory=dict, repr=False)
    plain_places: Mapping[str, Where] = field(default_factory=dict, compare=False, repr=False)
    kept: Mapping[str, Protocol] = field(default_factory=dict, repr=False)

    def of(self, course: str) -> Protocol:
        """The version that a course of the plan is planned by, as it was read."""
        return self.kept.get(course) or self.newest or self

    def of_order(self, order: Order) -> Protocol:
        """The version that an order is of."""
        return self._by_order.get(order) or self.newest or self

    @cached_property
    def _by_order(self) -> dict[Order, Protocol]:
        return {order: each for each in self.known for course in each.courses.values() for order in course.orders}

    @property
    def in_force(self) -> tuple[Protocol, ...]:
        """The versions that anything is planned by, the newest first."""
        return tuple(dict.fromkeys((self.newest or self, *self.kept.values())))

    @cached_property
    def verified(self) -> bool:
        """Whether every line of it is verified: what does not stand in a course, too."""
        return all(map(is_signed, self._backings()))

    @cached_property
    def has_verified_lines(self) -> bool:
        """Whether any line of it is."""
        return any(map(is_signed, self._backings()))

    def _backings(self) -> Iterator[Backing]:
        """How well each of its lines is known."""
        yield self.backing
        yield from (route.backing for route in self.routes)
        yield from (table.backing for table in self.tables.values())
        for course in self.courses.values():
            yield from course.backings
        for drug in self.agents.values():
            yield drug.backing
            yield from (each.backing for each in drug.substitutions)
            yield from (each.backing for each in drug.label_doses)
            if drug.glossary:
                yield drug.glossary.backing

    @property
    def routes(self) -> tuple[Arm, ...]:
        """Every route: before assignment, each arm, after failure."""
        return (self.unassigned, *self.arms.values(), *((self.failure,) if self.failure else ()))


def by_version(version: str) -> list[tuple[int, str]]:
    """What versions are sorted by: `0.9` comes before `0.10`."""
    return [(len(part), part) for part in re.findall("[0-9]+|[^0-9]+", version)]


@lru_cache(maxsize=64)  # one value for one state of a log, so that its plans may be remembered
def in_versions(known: tuple[Protocol, ...], newest: Protocol, kept: tuple[tuple[str, Protocol], ...] = ()) -> Protocol:
    """The newest version with all that a record names: the courses that are kept back have theirs.

    Drugs and kinds of events are those of all, so that each has its name; the newest version's come first.
    """
    return replace(
        newest,
        agents={name: agent for each in (*known, newest) for name, agent in each.agents.items()},
        kinds={name: title for each in (*known, newest) for name, title in each.kinds.items()},
        plain_names={name: title for each in (*known, newest) for name, title in each.plain_names.items()},
        known=known,
        newest=newest,
        kept=dict(kept),
    )
