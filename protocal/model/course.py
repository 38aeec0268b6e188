"""A course as frozen values: its orders, procedures and evaluations, each under its condition."""

from __future__ import annotations

from enum import Enum
from functools import cached_property

from protocal.model.days import DaySet
from protocal.model.doses import Amount, Anchor, ByTable, Cap, Frequency, Route, Span
from protocal.model.evidence import Backing, is_signed
from protocal.model.frozen import frozen
from protocal.model.problems import Where


@frozen
class Condition:
    """When a line applies; every part that is given must hold. Empty means always.

    Attributes:
        first_with: the course must be the first of the route that has this agent.
        cycles: the numbers of a repeated course's cycle.
    """

    arm: tuple[str, ...] = ()
    cns: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    first_with: str = ""
    cycles: DaySet | None = None

    @property
    def text(self) -> str:
        """In words: `cns1 or cns2; first course with blinatumomab`."""
        parts = []
        if self.arm:
            parts.append("arm " + " or ".join(self.arm))
        parts.extend(" or ".join(values) for values in (self.cns, self.risk, self.sex) if values)
        if self.first_with:
            parts.append(f"first course with {self.first_with}")
        if self.cycles:
            parts.append(f"cycle {self.cycles.text}")
        return "; ".join(parts)


@frozen
class DoseRule:
    """How much: the dose of each day of an order, or one for all days (`days` is None)."""

    days: DaySet | None
    dose: Amount | ByTable
    text: str


@frozen
class Window:
    """How many days an order may be given early and late."""

    text: str
    early: int
    late: int


@frozen(eq=False)
class Order:
    """A line of a course: agents, dose, route, days, condition, evidence.

    Attributes:
        agents: one agent, or several given together as parts of one order (triple intrathecal).
        caps: the most that may be given, for a dose, a day or a course; the tightest holds.
        first_dose: the clock of the first dose, counted from another order's.
        until_clear: the agent whose level must have cleared before the order ends; its days are then the fewest.
        on_restart: given again before a supervised restart of the course's continuous infusion.
        diagnostic_hours: left out if the same agent went in with the diagnostic lumbar puncture up to so many hours
            before the course's first day.
    """

    key: str
    agents: tuple[str, ...]
    doses: tuple[DoseRule, ...]
    caps: tuple[Cap, ...]
    frequency: Frequency
    routes: tuple[Route, ...]
    days: DaySet
    over: Span | None
    first_dose: Anchor | None
    until_clear: str
    on_restart: bool
    diagnostic_hours: int | None
    when: Condition
    window: Window | None
    comment: str
    backing: Backing
    where: Where

    @property
    def route(self) -> Route:
        """The route that is planned."""
        return self.routes[0]

    @property
    def has_parts(self) -> bool:
        """Whether the order is several agents given together."""
        return len(self.agents) > 1


@frozen(eq=False)
class Event:
    """A procedure or an evaluation of a course: a marrow, a radiation fraction, a transplant."""

    key: str
    kind: str
    days: DaySet
    when: Condition
    comment: str
    backing: Backing
    where: Where


class Hold(str, Enum):
    """What a hold does to the days left: they are missed, they move, or the user must say."""

    SKIP = "skip"
    SLIP = "slip"
    ASK = "ask"


@frozen
class Count:
    """A blood count that must be reached: `anc` at least 750 /mcL."""

    name: str
    text: str


@frozen
class StartCriteria:
    """When a course may start, in words and counts."""

    text: str
    counts: tuple[Count, ...]
    backing: Backing


@frozen(eq=False)
class Course:
    """A named stretch of therapy.

    Attributes:
        length: in days; None where it ends with its last day of treatment (fractions on working days).
        first_day: 1, or 0 where the field counts from Day 0.
        on_working_day: its first day is the first working day on or after the planned one.
        next_on_working_day: the course after it starts on the first working day after its last.
    """

    id: str
    title: str
    length: int | None
    first_day: int
    on_working_day: bool
    next_on_working_day: bool
    hold: Hold
    may_start: StartCriteria | None
    orders: tuple[Order, ...]
    procedures: tuple[Event, ...]
    evaluations: tuple[Event, ...]
    comments: tuple[str, ...]
    backing: Backing
    where: Where

    @property
    def lines(self) -> tuple[Order | Event, ...]:
        """Everything that stands on its days."""
        return (*self.orders, *self.procedures, *self.evaluations)

    @property
    def backings(self) -> tuple[Backing, ...]:
        """How well it and each of its lines is known."""
        found = (self.backing, *(each.backing for each in self.lines))
        return (*found, self.may_start.backing) if self.may_start else found

    @cached_property
    def verified(self) -> bool:
        """Whether every line of it is verified."""
        return all(map(is_signed, self.backings))

    @property
    def agents(self) -> frozenset[str]:
        """Every agent that an order names, whatever its condition."""
        return frozenset(agent for order in self.orders for agent in order.agents)
