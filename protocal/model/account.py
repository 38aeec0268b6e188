"""What is so on each date of a therapy, as frozen values: the one place that paper, feeds, pages and lists speak from.

An account is derived from a plan and decides no dose; it says where each thing of the plan stands on a date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from protocal.model.facts import Adjustment
from protocal.model.frozen import frozen
from protocal.model.plan import Administration, BagHung, DatedCourse, Plan, PlannedEvent

RUNS_ON = "runs on"  # what tables call that which began on an earlier date


class State(str, Enum):
    """Where a dose stands on its date; one that is open is due as long as no level has cleared."""

    DUE = "due"
    MOVED = "moved"
    OPEN = "open"
    GIVEN = "given"
    HELD = "held"
    OMITTED = "omitted"


class Dose(NamedTuple):
    """An administration on its date.

    Attributes:
        planned: the date that its course day has; another one where it was moved, or given then.
        at_home: it is taken by mouth, and not just before something that the clinic starts.
        awaits: the agent whose level ends its order and is not recorded yet; empty for all other doses.
        starts_pump: a continuous infusion begins with it.
        from_anchor: it is the first of its order, or one before a restart, and counted from the start of another drug.
        adjusted: what makes it less than the full dose, or more.
    """

    line: Administration
    state: State
    planned: date
    at_home: bool
    awaits: str = ""
    starts_pump: bool = False
    from_anchor: bool = False
    adjusted: Adjustment | None = None


class Away(NamedTuple):
    """An administration that the day would have had, and the date on which it is instead."""

    line: Administration
    to: date


class GoesOn(NamedTuple):
    """An order on a date that has no end until a level has cleared: one of its own dates, or one after them.

    Attributes:
        line: the date's dose where the plan has what follows, else the last of the definition's days, which it is like.
        awaits: the agent whose level ends it and is not recorded yet.
        late: how many dates after that last dose; 0 up to it.
        planned: the plan itself has the doses of the date.
        near: so near that each dose of the date is to be signed for by itself.
    """

    line: Administration
    awaits: str
    late: int
    planned: bool
    near: bool


class Puncture(NamedTuple):
    """A lumbar puncture with the drugs that it brings in."""

    event: PlannedEvent
    doses: tuple[Dose, ...]


class Running(NamedTuple):
    """An infusion of many hours that began on an earlier date and runs into this one.

    Attributes:
        until: when it ends, where its start is recorded; else it is only known that it runs on.
        late: how many dates after that of its start.
    """

    line: Administration
    since: date
    until: datetime | None
    late: int


class BagChange(NamedTuple):
    """A bag of a continuous infusion on its date: the `first`, a `change`, or a `new` one after a stop.

    Attributes:
        day: of the infusion, where one begins on the date; else that of the course.
        number: of the infusion's bags, from 1, of `total`.
    """

    day: int
    key: str
    agent: str
    unit: str
    bag: BagHung
    why: str
    number: int
    total: int


class Stopped(NamedTuple):
    """A continuous infusion of an agent that stopped on the date; `line` of the log says so."""

    at: datetime
    line: int
    why: str
    agent: str


class Rest(NamedTuple):
    """What was left of an infusion's 24 h when it stopped: it runs `until` an hour, with its `dose` per 24 h.

    Attributes:
        of: the date on which those 24 h began.
    """

    until: datetime
    dose: Decimal
    of: date


class Restarted(NamedTuple):
    """A continuous infusion of an agent that goes on again on the date.

    Attributes:
        supervised: its stop was so long that its label asks for supervision.
        dose: per 24 h, where the record names it.
        day: on which the infusion began, with the `key` of its order.
        number: of the course's stops, from 1.
        rest: what goes in before the next 24 h begin; None where none had begun, or none follow.
    """

    at: datetime
    dose: Decimal | None
    unit: str
    supervised: bool
    agent: str
    key: str
    day: int
    number: int
    rest: Rest | None = None


class Wait(NamedTuple):
    """A date on which a course waits; `line` of the log says why."""

    line: int
    why: str


class LateStart(NamedTuple):
    """A course that is not on the first day that the courses before it give it.

    Attributes:
        planned: that day.
        days: by how many it is later; fewer than none where it is earlier.
        whys: in the words of the log.
    """

    planned: date
    days: int
    whys: tuple[str, ...]


class Share(NamedTuple):
    """What one day of a course brings on a date: another day's, too, where something was moved, or given then.

    Attributes:
        number: of the day, which has the date `planned`.
        doses: that take place, or are to.
        events: procedures, then evaluations.
    """

    number: int
    planned: date
    doses: tuple[Dose, ...]
    events: tuple[PlannedEvent, ...]
    bags: tuple[BagChange, ...]


@frozen
class CourseDay:
    """What is so of one course on one date.

    Attributes:
        number: the date's day of the course; None where the course waits, or the date lies beyond it.
        counted: the same, counted on where the date lies beyond it.
        wait: it waits on the date.
        held: its drugs are held on the date: the line of the log, and why.
        still: since when its infusion stands still, the whole date long.
        fatal: its drugs that kill in the spinal fluid, if any course has an intrathecal one on the date.
        overnight: an infusion over hours runs on into the next date.
        no_treatment: nothing is given, done or changed, and no infusion runs.
        shares: what is done on the date, by the days of the course that it belongs to, in their order.
        goes_on: orders that no level has ended yet.
    """

    date: date
    course: DatedCourse
    number: int | None
    doses: tuple[Dose, ...] = ()
    away: tuple[Away, ...] = ()
    punctures: tuple[Puncture, ...] = ()
    procedures: tuple[PlannedEvent, ...] = ()
    evaluations: tuple[PlannedEvent, ...] = ()
    running: tuple[Running, ...] = ()
    bags: tuple[BagChange, ...] = ()
    stops: tuple[Stopped, ...] = ()
    restarts: tuple[Restarted, ...] = ()
    wait: Wait | None = None
    held: Wait | None = None
    still: datetime | None = None
    fatal: tuple[str, ...] = ()
    overnight: bool = False
    no_treatment: bool = False
    counted: int | None = None
    shares: tuple[Share, ...] = ()
    goes_on: tuple[GoesOn, ...] = ()

    @property
    def may_go_on(self) -> tuple[GoesOn, ...]:
        """Orders that the plan no longer has, soon after their last dose; they go on unless a level has ended them."""
        return tuple(each for each in self.goes_on if each.near and not each.planned)

    @property
    def due(self) -> tuple[Dose, ...]:
        """The doses that take place, or are to."""
        return tuple(each for each in self.doses if each.line.status.takes_place)


@frozen
class Account:
    """Every date from the first to the last of a therapy, with all that is so on it, by course in their order."""

    plan: Plan
    days: Mapping[date, tuple[CourseDay, ...]]

    @property
    def due(self) -> Iterator[Dose]:
        """All doses that take place, or are to, by date."""
        return (dose for found in self.days.values() for each in found for dose in each.due)

    def on(self, day: date) -> tuple[CourseDay, ...]:
        """A date's courses; none where therapy has nothing to say of it."""
        return self.days.get(day, ())

    def of(self, course: str) -> Iterator[CourseDay]:
        """The dates of a course, in their order."""
        return (each for found in self.days.values() for each in found if each.course.id == course)
