"""Step one of the plan: protocol and facts -> the patient's courses with their dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from zoneinfo import ZoneInfo

from protocal.model.agent import InterruptionRule
from protocal.model.course import Condition, Course
from protocal.model.days import ONE_DAY, DaySet, anniversary, date_of, next_working_day
from protocal.model.facts import Facts, Measurement, Pause, Traits
from protocal.model.ids import AdministrationId
from protocal.model.plan import CourseStatus, DatedCourse, Dates, Shift, Skip, shifted, skipped
from protocal.model.protocol import Leg, Protocol
from protocal.model.settings import Settings
from protocal.plan.delays_and_holds import delayed, for_the_gap, shifts_of, skips_of, whole_delays
from protocal.plan.dose import body_surface_area
from protocal.plan.hours_infused import infused_at

TRANSPLANT = "transplant"
NO_GAP = timedelta()


def legs_of(protocol: Protocol, facts: Facts) -> tuple[Leg, ...]:
    """The steps of the patient's route.

    Those before assignment come first, then the arm's; after treatment failure, those up to the last one whose start
    on or before it is recorded, and then the salvage route, which gives no course a second time. A recorded transplant
    ends it: what had not begun by then is not given.
    """
    legs = protocol.unassigned.route + (protocol.arms[facts.traits.arm].route if facts.traits.arm else ())
    if facts.failed is not None and protocol.failure is not None:
        begun = _begun(legs, facts, facts.failed)
        given = {leg.course for leg in begun}
        legs = begun + tuple(leg for leg in protocol.failure.route if leg.course not in given)
    if facts.transplanted is not None:
        others = tuple(leg for leg in legs if not is_transplant(protocol, leg))
        transplants = tuple(leg for leg in all_legs(protocol) if is_transplant(protocol, leg))
        legs = _begun(others, facts, facts.transplanted) + transplants[:1]
    return legs


def _salvage(protocol: Protocol, facts: Facts) -> frozenset[str]:
    """The courses that only treatment failure brought onto the route: it does not cut them."""
    if facts.failed is None or protocol.failure is None:
        return frozenset()
    legs = protocol.unassigned.route + (protocol.arms[facts.traits.arm].route if facts.traits.arm else ())
    begun = {leg.course for leg in _begun(legs, facts, facts.failed)}
    return frozenset(leg.course for leg in protocol.failure.route) - begun


def _begun(legs: tuple[Leg, ...], facts: Facts, day: date) -> tuple[Leg, ...]:
    """The steps up to the last one whose start on or before a day is recorded."""
    started = [course for course, first in facts.starts if first <= day]
    last = max((index for index, leg in enumerate(legs) if any(map(leg.names, started))), default=-1)
    return legs[: last + 1]


def all_legs(protocol: Protocol) -> Iterator[Leg]:
    """Every step of every route."""
    for route in protocol.routes:
        yield from route.route


def course_named(protocol: Protocol, id_: str) -> Course | None:
    """The course that an id of the plan is of, be it a cycle of a repeated one."""
    protocol = protocol.of(id_)
    return protocol.courses.get(id_) or protocol.courses.get(id_.rpartition("-")[0])


def is_transplant(protocol: Protocol, leg: Leg) -> bool:
    """Whether a step of a route is the transplant."""
    return any(event.kind == TRANSPLANT for event in protocol.courses[leg.course].procedures)


def holds(when: Condition, traits: Traits, first_with: Set[str] = frozenset(), cycle: int = 0) -> bool:
    """Whether a condition is met. A fact that is not known meets no condition that asks for it."""
    return (
        (not when.arm or traits.arm in when.arm)
        and (not when.cns or traits.cns in when.cns)
        and (not when.risk or traits.risk in when.risk)
        and (not when.sex or traits.sex.value in when.sex)
        and (not when.first_with or when.first_with in first_with)
        and (when.cycles is None or cycle in when.cycles.fixed)
    )


def date_courses(protocol: Protocol, facts: Facts, settings: Settings) -> tuple[DatedCourse, ...]:
    """The courses of the route in their order.

    A course starts on its recorded day, else on the day after the last day of the one before it; a repeat goes on to
    the end of therapy, and its last cycle is cut there. After a course without a date, none has one.
    """
    courses = list(_date_courses(protocol, facts, settings.closed))
    started = [index for index, course in enumerate(courses) if course.started]
    over = started[-1] if started else 0
    return tuple(replace(course, status=CourseStatus.DONE) if i < over else course for i, course in enumerate(courses))


def unmoved_day1(protocol: Protocol, facts: Facts, settings: Settings, course: str) -> date | None:
    """The first day that the courses before a course give it: without its own recorded start and its own delays."""
    if course not in dict(facts.starts) and not any(whole_delays(facts, course)):
        return None
    alone = replace(
        facts,
        starts=tuple(each for each in facts.starts if each[0] != course),
        delays=tuple(each for each in facts.delays if each.course != course or each.from_day is not None),
    )
    dates = next((each.dates for each in date_courses(protocol, alone, settings) if each.id == course), None)
    return dates.day1 if dates else None


def _date_courses(protocol: Protocol, facts: Facts, closed: Set[date]) -> Iterator[DatedCourse]:
    starts = _starts(protocol, facts)
    first_days: dict[str, date] = {}
    seen: set[str] = set()
    cursor: date | None = None
    gap = NO_GAP  # that a delay before it was to use up
    over = _least(facts.end, facts.stopped and facts.stopped - ONE_DAY)
    beyond = False  # a course would begin after that, and so would all that follow it
    ended = [each for each in (facts.failed, facts.transplanted and facts.transplanted - ONE_DAY) if each]
    for leg in legs_of(protocol, facts):
        if not holds(leg.when, facts.traits):
            continue
        end = _least(facts.end or _end_of_repeat(leg, first_days), facts.stopped and facts.stopped - ONE_DAY)
        for cycle in count(1) if leg.until else (0,):
            id_ = f"{leg.course}-{cycle}" if cycle else leg.course
            course = protocol.of(id_).courses[leg.course]
            planned = None if leg.when_recorded or not cursor else max(delayed(facts, id_, cursor - gap), cursor)
            day1 = starts.get(id_) or planned
            if day1 and id_ not in starts and course.on_working_day:
                day1 = next_working_day(day1, closed)
            beyond = beyond or bool(day1 and over and day1 > over)
            if (beyond and id_ not in starts) or (day1 and end and day1 > end) or (cycle and not (day1 and end)):
                break
            if cycle > 1 and day1 and any(first_days[f"{course.id}-1"] <= last < day1 for last in ended):
                break
            dates = _dates(protocol.of(id_), id_, course, day1, end, facts, closed) if day1 else None
            yield _dated(course, cycle, dates, facts, seen, started=id_ in starts)
            seen |= course.agents
            gap = for_the_gap(facts, id_, cursor - gap, cursor) if planned and cursor and id_ not in starts else NO_GAP
            cursor = dates.last_day + ONE_DAY if dates else None
            if dates and cursor:
                first_days[id_] = dates.day1
                cursor = next_working_day(cursor, closed) if course.next_on_working_day else cursor


def _dated(
    course: Course, cycle: int, dates: Dates | None, facts: Facts, seen: Set[str], *, started: bool
) -> DatedCourse:
    id_ = f"{course.id}-{cycle}" if cycle else course.id
    return DatedCourse(
        id=id_,
        title=f"{course.title} {cycle}" if cycle else course.title,
        definition=course,
        dates=dates,
        started=started,
        provisional=not started or not _has_counts(course, dict(facts.counts).get(id_, ())),
        status=CourseStatus.PLANNED,
        cycle=cycle,
        first_with=course.agents - seen,
    )


def _has_counts(course: Course, recorded: Iterable[tuple[str, Decimal]]) -> bool:
    """Whether the record has all counts that a course may start at."""
    names = {name for name, _value in recorded}
    return course.may_start is None or all(each.name in names for each in course.may_start.counts)


def _starts(protocol: Protocol, facts: Facts) -> dict[str, date]:
    """The recorded first days; early in a log there may be nothing to dose by, and then no course has one."""
    starts = dict(facts.starts) if facts.measurements else {}
    if facts.transplanted and facts.measurements:
        leg = next((leg for leg in legs_of(protocol, facts) if is_transplant(protocol, leg)), None)
        if leg:
            starts[leg.course] = facts.transplanted
    return starts


def _least(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)


def _end_of_repeat(leg: Leg, first_days: dict[str, date]) -> date | None:
    if leg.until is None:
        return None
    start = first_days.get(leg.until.course)
    return anniversary(start, leg.until.years) - ONE_DAY if start else None


def _dates(
    protocol: Protocol, id_: str, course: Course, day1: date, end: date | None, facts: Facts, closed: Set[date]
) -> Dates:
    in_working_days = course.length is None
    shifts = () if in_working_days else shifts_of(id_, course, day1, facts)
    skips = tuple(skips_of(id_, course, day1, facts)) if in_working_days else ()
    last = _last_number(course, day1, closed, skips)
    full = shifted(day1, last, course.first_day, shifts) + _extension(protocol, id_, course, day1, shifts, facts)
    failed = facts.failed if course.id not in _salvage(protocol, facts) else None
    endings = (end, failed, facts.transplanted and facts.transplanted - ONE_DAY)
    over = _least(*(day for day in endings if day and day >= day1))
    last_day = min(full, over) if over else full
    measurement = measurement_for(facts, day1)
    bsa = body_surface_area(measurement)
    again = [
        (each.again, each, body_surface_area(each))
        for each in facts.measurements
        if each.again and day1 <= each.again <= last_day
    ]
    again.sort(key=lambda change: change[0])
    return Dates(day1, last_day, course.first_day, last_day < full, measurement, bsa, tuple(again), shifts, skips, over)


def _extension(
    protocol: Protocol, id_: str, course: Course, day1: date, shifts: tuple[Shift, ...], facts: Facts
) -> timedelta:
    """By how much a continuous infusion that began late, or was interrupted, outlasts its days: so does its course."""
    longest = timedelta()
    for order in course.orders:
        if not order.frequency.continuous:
            continue
        start = dict(facts.given).get(AdministrationId.of(id_, order.key, order.days.first))
        if start is None:
            continue
        rule = protocol.agents[order.agents[0]].interruptions
        stop = infused_at(start, 24 * len(order.days.fixed), _over(facts, id_, rule), rule)
        planned = shifted(day1, order.days.last, course.first_day, shifts) + ONE_DAY
        if stop:
            longest = max(longest, stop.astimezone(ZoneInfo(facts.zone)).date() - planned)
    return longest


def _over(facts: Facts, course: str, rule: InterruptionRule) -> list[Pause]:
    """The stops of a course's infusion after which it went on; while it stands still, nobody knows how much longer."""
    pauses = [each for each in facts.pauses if each.course == course]
    still = (n for n, each in enumerate(pauses) if each.resume is None or rule.is_too_long(each.resume - each.stop))
    return pauses[: next(still, len(pauses))]


def _last_number(course: Course, day1: date, closed: Set[date], skips: tuple[Skip, ...]) -> int:
    """The number of the course's last day."""
    if course.length is not None:
        return course.length + course.first_day - 1
    days: list[DaySet] = [order.days for order in course.orders] + [event.days for event in course.procedures]
    dated = partial(date_of, day1, first=course.first_day)
    closed = closed | skipped(skips)
    return max(number for each in days for number in each.numbers(dated, closed, course.first_day))


def measurement_for(facts: Facts, day1: date) -> Measurement:
    """The latest on or before a course's first day; where there is none, the earliest after it."""
    before = [measurement for measurement in facts.measurements if measurement.date <= day1]
    return before[-1] if before else facts.measurements[0]
