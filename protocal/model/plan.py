"""A plan as frozen values: dated courses, and in them administrations, procedures and evaluations.

A plan is always derived and never stored. Administrations are named tuples, because a plan has a thousand of them and
is made for every revision of a record.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocal.model.agent import Agent
from protocal.model.course import Course, Order
from protocal.model.days import date_of
from protocal.model.doses import Route
from protocal.model.entries import Defined, Issued, Linked
from protocal.model.evidence import Evidence, is_signed
from protocal.model.facts import Facts, Measurement
from protocal.model.frozen import frozen
from protocal.model.ids import AdministrationId
from protocal.model.problems import Problem
from protocal.model.product import Product
from protocal.model.protocol import Protocol
from protocal.model.reasons import Cause, Reason, reason_parts
from protocal.model.record import Record
from protocal.model.settings import Settings

LUMBAR_PUNCTURE = "lumbar-puncture"  # kinds of events that follow from the drugs of a plan
PUMP_STOP = "pump-stop"
DRUG_LEVEL = "drug-level"
Span = tuple[date, date]  # the first date and the last


class CourseStatus(str, Enum):
    """Where a course stands: ahead or running, or over."""

    PLANNED = "planned"
    DONE = "done"


class Status(str, Enum):
    """Where an administration stands; one that is moved is due on another date than its day's."""

    DUE = "due"
    MOVED = "moved"
    GIVEN = "given"
    HELD = "held"
    OMITTED = "omitted"

    @property
    def takes_place(self) -> bool:
        """Whether the drug is given, or is to be."""
        return self not in (Status.HELD, Status.OMITTED)


@frozen
class Shift:
    """So many days by which a course's days from one number on come later; `line` of the log says why."""

    from_day: int
    days: int
    line: int


@frozen
class Skip:
    """Dates that a course of working days leaves out, from the first to the last; `line` of the log says why."""

    first: date
    last: date
    line: int


@frozen
class Dates:
    """When a course is, and the measures that its doses are worked out from.

    Attributes:
        first: the number of its first day: 1, or 0 where the definition counts so.
        cut: something shortens it: the end of therapy, treatment failure, a transplant.
        over: the last date on which anything of it may be given, if one of these is after its first day.
        bsa: in m2, from the measurement.
        again: measures from which the course is worked out again: from a date on, with their bsa, in order.
        shifts: delays within it, by which its days come later than Day 1 alone would have them.
        skips: dates that its working days leave out because of a hold or a delay within it.
    """

    day1: date
    last_day: date
    first: int
    cut: bool
    measurement: Measurement
    bsa: Decimal
    again: tuple[tuple[date, Measurement, Decimal], ...] = ()
    shifts: tuple[Shift, ...] = ()
    skips: tuple[Skip, ...] = ()
    over: date | None = None

    def measures_on(self, day: date) -> tuple[Measurement, Decimal]:
        """The measurement that a dose of a day is worked out from, and its bsa."""
        later = [(measurement, bsa) for first, measurement, bsa in self.again if first <= day]
        return later[-1] if later else (self.measurement, self.bsa)

    @property
    def skipped(self) -> frozenset[date]:
        """All dates that its working days leave out."""
        return skipped(self.skips)

    @property
    def length(self) -> int:
        """In days, as it came out."""
        return (self.last_day - self.day1).days + 1

    def date_of(self, number: int) -> date:
        """The date of one of its days."""
        return shifted(self.day1, number, self.first, self.shifts)

    def is_over(self, on: date) -> bool:
        """Whether nothing of it may be given on a date any more; its own end is no such end."""
        return self.over is not None and on > self.over

    def has(self, number: int) -> bool:
        """Whether one of its days lies within it, and not beyond where it was cut."""
        return self.date_of(number) <= self.last_day


def shifted(day1: date, number: int, first: int, shifts: tuple[Shift, ...]) -> date:
    """The date of a course day, with the delays within the course that reach it."""
    late = sum(each.days for each in shifts if each.from_day <= number) if shifts else 0
    return date_of(day1, number + late, first)


def skipped(skips: tuple[Skip, ...]) -> frozenset[date]:
    """All dates that are left out."""
    return frozenset(
        each.first + timedelta(days=late) for each in skips for late in range((each.last - each.first).days + 1)
    )


@frozen
class DatedCourse:
    """A course of one patient's route.

    Attributes:
        id: the course's id, with the cycle's number for a repeated one.
        dates: None until the record gives it, or a course before it, a first day.
        started: its first day stands in the record.
        provisional: its dates and doses may still change: it has not started, or not with the counts it is to start at.
        cycle: the number of the cycle of a repeated course, else 0.
        first_with: agents that no course before it on the route has.
    """

    id: str
    title: str
    definition: Course
    dates: Dates | None
    started: bool
    provisional: bool
    status: CourseStatus
    cycle: int
    first_with: frozenset[str]


class Administration(NamedTuple):
    """One order on one date for one patient; `calculated` and `dose` are for one dose, `per_day` of them that day.

    `calculated` is after caps and before rounding; `basis` says what it was calculated from and `working` how.
    `order_line` is the order it comes from. `product` is what one dose is made of, such as tablets, where that is
    planned or recorded, and `alternative` what else it could be. `open` is one after the definition's days, due as
    long as no level has cleared.
    """

    id: AdministrationId
    course: str
    key: str
    day: int
    date: date
    agent: str
    route: Route
    calculated: Decimal
    dose: Decimal
    unit: str
    per_day: int
    times: tuple[datetime, ...]
    basis: str
    working: str
    provisional: bool
    evidence: Evidence
    status: Status
    reason: Reason | None
    order_line: Order
    product: Product | None = None
    alternative: Product | None = None
    open: bool = False

    @property
    def at_home(self) -> bool:
        """Whether it is taken at home: by mouth, and not at an hour that leads up to what the clinic starts."""
        anchor = self.order_line.first_dose
        return self.route is Route.PO and not (anchor is not None and anchor.before)


def says_status(line: Administration) -> bool:
    """Whether the reason of an administration already says where it stands: `held, not made up`, `moved from ...`."""
    reason = line.reason
    if reason is None:
        return False
    moved = line.status is Status.MOVED and reason.cause is Cause.NAMED and reason.moved_from is not None
    return moved or (line.status is Status.HELD and reason.cause is Cause.HELD)


def status_text(line: Administration) -> str:
    """Where an administration stands, and why: `omitted: platelets 40`."""
    said = reason_parts(line.reason)
    return ": ".join(said if says_status(line) else [line.status.value, *said])


class PlannedEvent(NamedTuple):
    """A procedure or an evaluation on its date; `at` is its hour, where a recorded start sets it."""

    course: str
    day: int
    date: date
    kind: str
    evidence: Evidence
    at: datetime | None = None


class BagHung(NamedTuple):
    """A bag of a continuous infusion: when it is hung, the hours it is made for, and what it holds."""

    at: datetime
    hours: int
    amount: Decimal
    on_closed_day: bool


@frozen
class Infusion:
    """The bags of a continuous infusion from its recorded start to its pump stop; `notes` are sentences for print.

    There is no pump stop while it stands still, or where a prescriber must decide.
    """

    key: str
    agent: str
    unit: str
    bags: tuple[BagHung, ...]
    stop: datetime | None
    notes: tuple[str, ...]


@frozen
class CoursePlan:
    """A dated course with all that happens in it, each list by date and then as the definition has it."""

    course: DatedCourse
    administrations: tuple[Administration, ...] = ()
    procedures: tuple[PlannedEvent, ...] = ()
    evaluations: tuple[PlannedEvent, ...] = ()
    infusions: tuple[Infusion, ...] = ()


@frozen
class Plan:
    """The whole therapy of one patient at one revision of the record.

    Attributes:
        asked: the dates that were asked for, on which it has what is open even beyond its course.
        settings: the site's rules that it was made by, and that whatever is said of it must use.
    """

    protocol: Protocol
    record: Record
    revision: int
    facts: Facts
    courses: tuple[CoursePlan, ...]
    problems: tuple[Problem, ...] = ()
    asked: Span | None = None
    settings: Settings = Settings()

    @property
    def verified(self) -> bool:
        """Whether every line that it follows from is verified: its courses' lines, and the routes that lead to them."""
        failed = self.protocol.failure if self.facts.failed else None
        routes = (self.protocol.unassigned, self.protocol.arms.get(self.facts.traits.arm), failed)
        return all(is_signed(each.backing) for each in routes if each) and all(
            each.course.definition.verified for each in self.courses
        )

    @property
    def issued(self) -> datetime:
        """When the plan came to be: the time of its last entry that may change it, or the day the record was made."""
        zone = ZoneInfo(self.record.timezone)
        log = self.record.log[: self.revision]
        times = [entry.recorded for entry in log if entry.recorded and not isinstance(entry, Issued | Linked)]
        return (times[-1] if times else datetime.combine(self.record.created, time(), zone)).astimezone(zone)

    @property
    def made_with(self) -> Defined | None:
        """The entry that names a definition which was changed since; None where all are the same.

        What is due by such a plan need not be what the ward was told.
        """
        digests = {each.version: each.digest for each in self.protocol.known or (self.protocol,)}
        for _line, entry in self.record.standing(self.revision):
            if isinstance(entry, Defined) and entry.digest != digests.get(entry.version):
                return entry
        return None

    def agent_of(self, line: Administration) -> Agent:
        """The drug of an administration, as the version has it that its course is planned by."""
        return self.protocol.of(line.course).agents[line.agent]

    @cached_property
    def administrations(self) -> tuple[Administration, ...]:
        """Those of all courses, in the order of the courses."""
        return tuple(each for course in self.courses for each in course.administrations)

    @cached_property
    def given(self) -> tuple[Administration, ...]:
        """Every administration that takes place, by date; one whose hours are known is on the date of its first."""
        zone = ZoneInfo(self.record.timezone)
        found = (
            each._replace(date=min(each.times).astimezone(zone).date()) if each.times else each
            for each in self.administrations
            if each.status.takes_place
        )
        return tuple(sorted(found, key=lambda each: each.date))

    @property
    def procedures(self) -> tuple[PlannedEvent, ...]:
        """Those of all courses, in the order of the courses."""
        return tuple(each for course in self.courses for each in course.procedures)

    @property
    def evaluations(self) -> tuple[PlannedEvent, ...]:
        """Those of all courses, in the order of the courses."""
        return tuple(each for course in self.courses for each in course.evaluations)
