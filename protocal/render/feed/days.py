"""The account of a course -> its days as the entries of a feed have them, each with its identity.

A day of a course is one entry, and so is each part of it that is on a date of its own. What a day is told by never
depends on its date, so that an entry that moves stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import NamedTuple

from protocal.model.account import BagChange, CourseDay, Dose, Restarted, Running, Share, Stopped
from protocal.model.course import Course
from protocal.model.doses import Route
from protocal.model.plan import PUMP_STOP, PlannedEvent

Date = date  # a second name, for a class that has a field called date
Name = tuple[int, str]  # a day's number and the part of it, empty for the day itself


class Kind(str, Enum):
    """What an entry is of."""

    DAY = "day"  # a course's day, or what of it the reader comes to the clinic for
    HOME = "home"  # what is taken at home
    HELD = "held"  # a date on which treatment is held or waits
    INFUSION = "infusion"  # a long infusion, over all dates that it covers
    PUMP = "pump"  # what is done with a pump at home, or where it ends
    TIMED = "timed"  # one thing of a day, at its hour
    GATE = "gate"  # what must be before a course may start


class FeedDay(NamedTuple):
    """What an entry of a feed is made of: what happens on one date of a course's day, or goes on over several.

    Attributes:
        number: the day that the event is told from others by.
        part: names what is not on the date of the rest of its day; empty for the rest.
        counted: the day of the course that the date is, which is what a reader is told.
        fatal: drugs given in the course on that date that kill by another route, if an intrathecal one is, too.
        restarts: of an infusion, under supervision.
        overnight: an infusion goes on into the next date.
        last: the last date of what goes on over several.
        begins: the hour at which it begins, where all of it has one.
        ends: the hour at which it ends.
        left: doses at home that the date would have, but are held or left out.
        on_hold: what is taken at home in a course that is held on the date, whatever of it would be due.
        beside: the doses at home of the course on the date.
        instead: the doses that are in the place of a weekly one.
        stop: why the infusion ends before its time.
        may_go_on: taken at home until a level that is not recorded ends it, though the plan has no more of it.
    """

    course: str
    title: str
    definition: Course
    provisional: bool
    number: int
    part: str
    counted: int
    date: date
    given: tuple[Dose, ...]
    events: tuple[PlannedEvent, ...]
    bags: tuple[BagChange, ...]
    fatal: tuple[str, ...]
    restarts: tuple[Restarted, ...] = ()
    overnight: bool = False
    kind: Kind = Kind.DAY
    last: Date | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    left: tuple[Dose, ...] = ()
    on_hold: tuple[str, ...] = ()
    beside: tuple[Dose, ...] = ()
    instead: frozenset[str] = frozenset()
    stop: Stopped | None = None
    may_go_on: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, int, str]:
        """What it is told from all other entries of a reader by."""
        return self.course, self.number, self.part

    @property
    def at_home(self) -> bool:
        """Whether all that happens is at home; a pump goes home with who has it, but starts and ends at the clinic."""
        if self.kind in (Kind.HOME, Kind.HELD):
            return True
        if self.kind is Kind.PUMP:
            return not self.events
        if self.kind is Kind.INFUSION:
            return self.is_pump
        in_clinic = self.kind is Kind.GATE or self.events or self.bags or self.restarts
        return not in_clinic and all(dose.at_home for dose in self.given)

    @property
    def is_pump(self) -> bool:
        """Whether an infusion is by a pump that goes home."""
        return bool(self.restarts) or any(dose.line.route is Route.CIV for dose in self.given)


Chosen = Callable[[CourseDay], Iterable[Share]]


def named_days(days: Iterable[CourseDay], chosen: Chosen, kind: Kind = Kind.DAY) -> dict[Name, FeedDay]:
    """The days of a course on which something of what is chosen of them takes place.

    Of a day that is spread over several dates, what is on the date that the course gives it is the day itself, else
    what comes first; any other part is named by the first thing in it, whatever its date becomes.
    """
    shares: dict[int, list[tuple[CourseDay, Share]]] = {}
    for day in days:
        for share in chosen(day):
            if share.doses or share.events or share.bags:
                shares.setdefault(share.number, []).append((day, share))
    found = {}
    for number, parts in sorted(shares.items()):
        planned = [day.date for day, share in parts if share.doses or share.events]
        nominal = parts[0][1].planned
        itself = nominal if nominal in planned or not planned else min(planned)
        for day, share in parts:
            part = "" if day.date == itself else _part(share)
            name = (number, part if kind is Kind.DAY else f"{part}+{kind.value}")
            found[name] = feed_day(day, name, share, kind)
    return found


def _part(share: Share) -> str:
    """The first thing of a part, which no other part of the day has."""
    if share.doses:
        return share.doses[0].line.id.in_course
    return share.events[0].kind if share.events else f"{share.bags[0].key}/bag"


def feed_day(day: CourseDay, name: Name, share: Share | None = None, kind: Kind = Kind.DAY) -> FeedDay:
    """What a date has of one of a course's days, or no more than whose it is."""
    number, part = name
    course = day.course
    return FeedDay(
        course.id,
        course.title,
        course.definition,
        course.provisional,
        number,
        part,
        number if day.counted is None else day.counted,
        day.date,
        share.doses if share else (),
        share.events if share else (),
        share.bags if share else (),
        day.fatal,
        kind=kind,
    )


def add_restarts(found: dict[Name, FeedDay], days: Iterable[CourseDay]) -> None:
    """Restarts under supervision, and nights that are spent in the clinic, with what else is on their date.

    A restart that has nothing beside it is an entry of its own. It is named by its infusion's day and by a word behind
    the order's key where a part has a number, so that it is no other's whatever becomes of both.
    """
    for day in days:
        restarts = tuple(again for again in day.restarts if again.supervised)
        if not (restarts or day.overnight):
            continue
        beside = [name for name, each in found.items() if each.date == day.date]
        if beside:
            name = next((name for name in beside if name == (day.counted, "")), beside[0])
            found[name] = found[name]._replace(restarts=restarts, overnight=day.overnight)
            continue
        for again in restarts:
            name = (again.day, f"{again.key}/restart-{again.number}")
            found[name] = feed_day(day, name)._replace(restarts=(again,))


def infusions_of(days: Sequence[CourseDay]) -> dict[Name, FeedDay]:
    """The long infusions of a course, each over all the dates on which it runs; one that is stopped is two."""
    found: dict[Name, FeedDay] = {}
    for day in days:
        for run in day.running:
            name = (run.line.day, f"{run.line.id.in_course}+{Kind.INFUSION.value}")
            begun = found.get(name) or _begun(days, day, name, run)
            found[name] = begun._replace(last=day.date, ends=run.until)
    for each in _pumps(days):
        found[each.number, each.part] = each
    return found


def _begun(days: Sequence[CourseDay], day: CourseDay, name: Name, run: Running) -> FeedDay:
    """An infusion over hours on the date on which it begins."""
    first = next((each for each in days if each.date == run.since), day)
    given = tuple(dose for dose in first.due if dose.line.id == run.line.id)
    begins = run.line.times[0] if run.line.times else None
    return feed_day(first, name)._replace(kind=Kind.INFUSION, date=run.since, given=given, begins=begins)


def _pumps(days: Sequence[CourseDay]) -> Iterator[FeedDay]:
    """The stretches on which a pump runs day and night, each with its doses where they change."""
    running: FeedDay | None = None
    for day in days:
        found = sorted(_of_a_pump(day), key=_hour)
        ends = [event for share in day.shares for event in share.events if event.kind == PUMP_STOP]
        if running and not (found or ends):  # its dose of the date is left out, held, or waits
            yield running
            running = None
        for each in found:
            if isinstance(each, Dose):
                running = _with_dose(running or _begins_with(day, each), each)._replace(last=day.date)
            elif isinstance(each, Stopped):
                if running:
                    yield running._replace(last=day.date, ends=each.at, stop=each)
                running = None
            elif running is None:
                name = (each.day, f"{each.key}/goes-on-{each.number}+{Kind.INFUSION.value}")
                running = feed_day(day, name)._replace(
                    kind=Kind.INFUSION, restarts=(each,), begins=each.at, last=day.date
                )
        for event in ends:
            if running:
                yield running._replace(last=day.date, ends=event.at)
            running = None
    if running:
        yield running


def _of_a_pump(day: CourseDay) -> Iterator[Dose | Stopped | Restarted]:
    """What a date has of a pump."""
    yield from (dose for dose in day.due if dose.line.route is Route.CIV)
    yield from day.stops
    yield from day.restarts


def _hour(each: Dose | Stopped | Restarted) -> datetime:
    """When it is; what has no hour comes first."""
    if isinstance(each, Dose):
        return each.line.times[0] if each.line.times else datetime.min.replace(tzinfo=UTC)
    return each.at


def _begins_with(day: CourseDay, dose: Dose) -> FeedDay:
    """A pump on the date on which it begins."""
    name = (dose.line.day, f"{dose.line.id.in_course}+{Kind.INFUSION.value}")
    begins = dose.line.times[0] if dose.line.times else None
    return feed_day(day, name)._replace(kind=Kind.INFUSION, begins=begins)


def _with_dose(running: FeedDay, dose: Dose) -> FeedDay:
    """A pump with one more of its doses; what is as the one before it is not told again."""
    if running.given and running.given[-1].line.dose == dose.line.dose:
        return running
    return running._replace(given=(*running.given, dose))
