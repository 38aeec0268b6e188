"""The dates and hours of a record's lines -> problems with those that cannot be meant.

A date and an hour of one line are of one day on the ward's clocks. The hour may be of the day after only where the
order gives several doses a day or is timed by another: then the first dose of a day may fall past midnight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from protocal.model.course import Order
from protocal.model.days import OLDEST, ONE_DAY, age_on, anniversary
from protocal.model.entries import (
    Assigned,
    Cleared,
    Delayed,
    Ending,
    Entry,
    Given,
    Held,
    Interrupted,
    Moved,
    Resumed,
    Stopped,
)
from protocal.model.facts import Facts
from protocal.model.ids import AdministrationId
from protocal.model.plan import DatedCourse
from protocal.model.problems import Problem, Severity, Where
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.plan.course_dates import course_named
from protocal.text.format import paper_date
from protocal.text.typed import LAST_YEAR

LONGEST = 20  # years from the first day of therapy to its last that a plan may have
_EARLY = 30  # days before its course begins that a dose may be dated
_LATE = 366  # days after its course is over that a dose may be dated
_PAST = 90  # the same for the hours of an infusion


def check_dates(protocol: Protocol, record: Record, facts: Facts, entry: Entry) -> Iterator[Problem]:
    """What is wrong with a line's dates and hours by themselves, whatever courses there are."""
    zone = ZoneInfo(record.timezone)
    hour = getattr(entry, "at", None)
    if hour and (hour.second or hour.microsecond):
        yield Problem("seconds", f"the hour {hour.isoformat()} has seconds", entry.where, "Write it to the minute.")
    if not (isinstance(entry, Assigned) and entry.date in dict(facts.starts).values()):  # of those it is told
        yield from _in_a_lifetime(record, entry, zone)
    if isinstance(entry, Given | Stopped) and entry.at:
        yield from _of_one_day(protocol, entry, entry.at.astimezone(zone), record.timezone)


def _in_a_lifetime(record: Record, entry: Entry, zone: ZoneInfo) -> Iterator[Problem]:
    for name in _own_fields(type(entry)):  # type: ignore[arg-type] # a class is hashable, whatever its values are
        value = getattr(entry, name)
        if not isinstance(value, date):
            continue
        day = value.astimezone(zone).date() if isinstance(value, datetime) else value
        if record.born <= day < _too_old_from(record.born):
            continue
        if day < record.born:
            code, said = "before-birth", f"{day} is before the birth on {record.born}"
        else:
            age = age_on(record.born, day)
            code, said = "too-old", f"the patient, born on {record.born}, would be {age} on {day}"
        yield Problem(code, said, entry.where, "Correct one of the two dates.")
        return


@cache  # asked for each line at each revision
def _own_fields(kind: type[Entry]) -> tuple[str, ...]:
    """What an entry of a kind says beyond what any entry does."""
    shared = {each.name for each in fields(Entry)}
    return tuple(each.name for each in fields(kind) if each.name not in shared)


@lru_cache(maxsize=64)
def _too_old_from(born: date) -> date:
    """The first date on which somebody would be older than anybody."""
    return anniversary(born, OLDEST + 1)


def _of_one_day(protocol: Protocol, entry: Given | Stopped, at: datetime, zone: str) -> Iterator[Problem]:
    order = _order_of(protocol, entry.id) if isinstance(entry, Given) else None
    past_midnight = order is not None and (order.frequency.per_day > 1 or order.first_dose is not None)
    if at.date() == entry.date or (past_midnight and at.date() == entry.date + ONE_DAY):
        return
    what = f"{entry.id} is" if isinstance(entry, Given) else "the end of therapy is"
    yield Problem(
        "another-day",
        f"{what} dated {paper_date(entry.date)}, but its hour is {paper_date(at.date())} {at:%H:%M} in {zone}",
        entry.where,
        f"Correct the one or the other{': the hour is of that day or the next' if past_midnight else ''}. A line that"
        " is sealed is undone, and written anew.",
    )


def _order_of(protocol: Protocol, id_: AdministrationId) -> Order | None:
    """The order that an administration's id names."""
    course = course_named(protocol, id_.course)
    return next((order for order in course.orders if order.key == id_.key), None) if course else None


def check_length(record: Record, courses: tuple[DatedCourse, ...] | None) -> Iterator[Problem]:
    """A plan that goes on beyond all reason, or (None) beyond all dates."""
    days = [day for each in courses or () if each.dates for day in (each.dates.day1, each.dates.last_day)]
    first, last = min(days, default=None), max(days, default=None)
    if courses is not None and (not (first and last) or last.year <= min(first.year + LONGEST, LAST_YEAR)):
        return
    wheres = [each.where for _, each in record.standing() if isinstance(each, Delayed | Held | Ending)]
    until = f"to {paper_date(last)}" if last else f"beyond the year {LAST_YEAR}"
    yield Problem(
        "too-far",
        f"the plan would run {until}, more than {LONGEST} years after therapy began",
        [record.where, *wheres][-1],
        "Undo the lines that delay it so far, or correct the end of therapy; `protocal log` has them.",
    )


def check_near_course(record: Record, courses: Mapping[str, DatedCourse], begun: date | None) -> Iterator[Problem]:
    """What is dated far from the course that it is of: a wrong year or month."""
    zone = ZoneInfo(record.timezone)
    for _number, entry in record.standing():
        found = list(_near_course(entry, zone, courses, begun))
        if found and not list(_in_a_lifetime(record, entry, zone)):  # else it is told already
            yield from found


def _near_course(
    entry: Entry, zone: ZoneInfo, courses: Mapping[str, DatedCourse], begun: date | None
) -> Iterator[Problem]:
    if isinstance(entry, Given | Moved):
        course = courses.get(entry.id.course)
        what = f"{entry.id} is {'given' if isinstance(entry, Given) else 'moved to'}"
        yield from _far(what, entry.date, course, begun, _LATE, entry.where)
    elif isinstance(entry, Interrupted | Resumed | Cleared):
        course, on = courses.get(entry.course), entry.at.astimezone(zone).date()
        what = {Interrupted: "the stop", Resumed: "the resume", Cleared: "the level"}[type(entry)]
        found = list(_far(f"{what} is", on, course, begun, _PAST, entry.where))
        yield from found
        last = course.dates.last_day if course and course.dates else on
        if isinstance(entry, Cleared) and on > last and not found:
            yield Problem(
                "clear-late",
                f"{entry.agent} is cleared {(on - last).days} days after the last day of {entry.course}, and its"
                " rescue goes on until then",
                entry.where,
                "Check the date.",
                Severity.WARNING,
            )


def _far(
    what: str, on: date, course: DatedCourse | None, begun: date | None, late: int, where: Where
) -> Iterator[Problem]:
    """Dates that a course that has started cannot have; one that has not is only not before therapy."""
    dates = course.dates if course and course.started else None
    first = dates.day1 if dates else begun
    if first and on < first - timedelta(days=_EARLY):
        named = f"{course.title} began on" if course and dates else "therapy began on"
        yield Problem("another-year", f"{what} on {on}, long before {named} {first}", where, "Correct the date.")
    elif course and dates and on > dates.last_day + timedelta(days=late):
        yield Problem(
            "another-year",
            f"{what} on {on}, long after {course.title} was over on {dates.last_day}",
            where,
            "Correct the date.",
        )
