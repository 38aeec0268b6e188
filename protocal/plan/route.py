"""Step one of the plan: protocol and facts in, the patient's courses with their dates out."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import date
from itertools import count

from protocal.plan.dose import body_surface_area
from protocal.words.days import ONE_DAY, DaySet, anniversary, date_of, next_working_day
from protocal.words.plan import CourseStatus, DatedCourse, Dates
from protocal.words.protocol import Condition, Course, Leg, Protocol
from protocal.words.record import Facts, Measurement, Traits
from protocal.words.settings import Settings


def legs_of(protocol: Protocol, facts: Facts) -> tuple[Leg, ...]:
    """The steps of the patient's route.

    Those before assignment come first, then the arm's; after treatment failure, those up to the last one whose start
    on or before it is recorded, and then the salvage route, which gives no course a second time.
    """
    legs = protocol.unassigned.route + (protocol.arms[facts.traits.arm].route if facts.traits.arm else ())
    if facts.failed is None or protocol.failure is None:
        return legs
    started = [course for course, day in facts.starts if day <= facts.failed]
    last = max((index for index, leg in enumerate(legs) if any(map(leg.names, started))), default=-1)
    begun = legs[: last + 1]
    given = {leg.course for leg in begun}
    return begun + tuple(leg for leg in protocol.failure.route if leg.course not in given)


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
    courses = list(_date_courses(protocol, facts, settings.closed_days))
    started = [index for index, course in enumerate(courses) if course.started]
    over = started[-1] if started else 0
    return tuple(replace(course, status=CourseStatus.DONE) if i < over else course for i, course in enumerate(courses))


def _date_courses(protocol: Protocol, facts: Facts, closed: Set[date]) -> Iterator[DatedCourse]:
    starts = dict(facts.starts) if facts.measurements else {}  # early in a log there may be nothing to dose by
    first_days: dict[str, date] = {}
    seen: set[str] = set()
    cursor: date | None = None
    for leg in legs_of(protocol, facts):
        if not holds(leg.when, facts.traits):
            continue
        course = protocol.courses[leg.course]
        end = facts.end or _end_of_repeat(leg, first_days)
        for cycle in count(1) if leg.until else (0,):
            id_ = f"{course.id}-{cycle}" if cycle else course.id
            day1 = starts.get(id_) or (None if leg.when_recorded else cursor)
            if day1 and id_ not in starts and course.on_working_day:
                day1 = next_working_day(day1, closed)
            if (day1 and end and day1 > end) or (cycle and not (day1 and end)):
                break
            if cycle > 1 and facts.failed and day1 and first_days[f"{course.id}-1"] <= facts.failed < day1:
                break
            dates = _dates(course, day1, end, facts, closed) if day1 else None
            yield DatedCourse(
                id=id_,
                title=f"{course.title} {cycle}" if cycle else course.title,
                definition=course,
                dates=dates,
                started=id_ in starts,
                status=CourseStatus.PLANNED,
                cycle=cycle,
                first_with=course.agents - seen,
            )
            seen |= course.agents
            cursor = dates.last_day + ONE_DAY if dates else None
            if dates and cursor:
                first_days[id_] = dates.day1
                cursor = next_working_day(cursor, closed) if course.next_on_working_day else cursor


def _end_of_repeat(leg: Leg, first_days: dict[str, date]) -> date | None:
    if leg.until is None:
        return None
    start = first_days.get(leg.until.course)
    return anniversary(start, leg.until.years) - ONE_DAY if start else None


def _dates(course: Course, day1: date, end: date | None, facts: Facts, closed: Set[date]) -> Dates:
    full = date_of(day1, _last_number(course, day1, closed), course.first_day)
    last_day = min([full, *(day for day in (end, facts.failed) if day and day >= day1)])
    measurement = measurement_for(facts, day1)
    bsa = body_surface_area(measurement)
    again = [
        (each.again, each, body_surface_area(each))
        for each in facts.measurements
        if each.again and day1 <= each.again <= last_day
    ]
    again.sort(key=lambda change: change[0])
    return Dates(day1, last_day, course.first_day, last_day < full, measurement, bsa, tuple(again))


def _last_number(course: Course, day1: date, closed: Set[date]) -> int:
    """The number of the course's last day."""
    if course.length is not None:
        return course.length + course.first_day - 1
    days: list[DaySet] = [order.days for order in course.orders] + [event.days for event in course.procedures]
    return max(number for each in days for number in each.numbers(day1, closed, course.first_day))


def measurement_for(facts: Facts, day1: date) -> Measurement:
    """The latest on or before a course's first day; where there is none, the earliest after it."""
    before = [measurement for measurement in facts.measurements if measurement.date <= day1]
    return before[-1] if before else facts.measurements[0]
