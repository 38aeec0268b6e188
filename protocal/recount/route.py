"""A definition and a record -> the courses with their dates, and how their infusions ran."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from protocal.recount.values import Line, Node, Record, anniversary, at_key, day, day_numbers, listed, number
from protocal.recount.versions import counted_by

ONE = timedelta(days=1)


@dataclass(frozen=True)
class Files:
    """The record; the definition's protocol, agents, and course file by course id; the site's settings.

    Of these there may be several, in the order in which they were written, each with the date from which it holds.
    `versions` are those of all versions of the definition, by name, and `first` is the name of that of the header.
    """

    record: Record
    protocol: Line
    agents: Line
    courses: Line
    sites: tuple[tuple[date, Line], ...]
    versions: Mapping[str, Files] = field(default_factory=dict)
    first: str = ""

    def of(self, course: str) -> Files:
        """Those by which a course is counted."""
        if not self.versions:
            return self
        protocols = {name: each.protocol for name, each in self.versions.items()}
        courses = [item for each in self.versions.values() for item in each.courses.items()]
        grafts = {name for name, node in courses if is_transplant(node)}
        return self.versions[counted_by(self.record, self.first, protocols, grafts, course)]

    def site_on(self, on: date) -> Line:
        """The settings that hold on a date: the last that were written of those that had begun."""
        return [site for since, site in self.sites if since <= on][-1]

    def is_working(self, on: date, seen: date = date.max) -> bool:
        """Whether the site treats on a date, as far as it was known on another."""
        return on.weekday() < 5 and on.isoformat() not in listed(self.site_on(min(on, seen)).get("closed days"))

    def working_day(self, on: date) -> date:
        """The first working day on or after a date."""
        return on if self.is_working(on) else self.working_day(on + ONE)


@dataclass(frozen=True)
class Course:
    """A course on its dates, by the numbers of its days; `last` is when it ends, and `whole` were nothing cancelled."""

    id: str
    name: str
    cycle: int
    day1: date | None
    dates: Mapping[int, date]
    last: date
    whole: date
    number: int = 0
    salvage: bool = False  # only treatment failure brought it: it does not end it


def holds_when(when: Node, files: Files, course: Course | None, before: list[Course]) -> bool:
    """Whether a condition holds; every part of it must."""
    record = files.record
    facts = {"arm": record.said("assign", "arm"), "sex": record.sex}
    facts |= {name: record.said("state", "value", fact=name) for name in ("cns", "risk")}
    for key, value in (when or {}).items():
        if key in facts and facts[key] not in listed(value):
            return False
        if key == "cycle" and (not course or course.cycle not in day_numbers(str(value), 0)):
            return False
        if key == "first course with":
            having = [any(value in agents_of(each) for each in orders_in(files, one)) for one in [*before, course]]
            if having != [False] * len(before) + [True]:
                return False
    return True


def orders_in(files: Files, course: Course | None) -> list[Line]:
    """All orders of a course, whatever their conditions."""
    return list(files.of(course.id).courses[course.name].get("orders", [])) if course else []


def agents_of(order: Line) -> list[str]:
    """The agents of an order."""
    return listed(order["agents"]) if "agents" in order else [str(order["agent"])]


def dated_courses(files: Files) -> list[Course]:
    """The courses of the route in their order, those without a date included."""
    protocol, record = files.protocol, files.record
    arm = record.said("assign", "arm")
    legs = list(protocol["before assignment"]["route"]) + (protocol["arms"][arm]["route"] if arm else [])
    courses = walk(files, legs, [])
    failed, grafted = record.last_date("fail"), record.last_date("transplant")
    if failed:
        kept = cancelled(files, courses, failed)
        salvage = walk(files, protocol["treatment failure"]["route"], kept)[len(kept) :]
        courses = kept + [replace(each, salvage=True) for each in salvage]
    if grafted:
        grafts = [each for each in courses if is_transplant(files.of(each.id).courses[each.name])]
        courses = cancelled(files, [each for each in courses if each not in grafts], grafted - ONE) + grafts
    stop, end = record.last_date("stop"), record.last_date("end")
    last = min([each for each in (stop and stop - ONE, end) if each], default=date.max)
    return [replace(each, last=min(each.last, last)) for each in courses if not each.day1 or each.day1 <= last]


def over(record: Record, course: Course) -> date:
    """The last date on which anything of a course is given: what ends therapy after its first day ends it, too."""
    failed, before = None if course.salvage else record.last_date("fail"), map(record.last_date, ("stop", "transplant"))
    days = [record.last_date("end"), failed, *(each - ONE for each in before if each)]
    return min((each for each in days if each and course.day1 and each >= course.day1), default=date.max)


def cancelled(files: Files, courses: list[Course], on: date) -> list[Course]:
    """The courses up to the last one whose start is recorded, and its next cycles until then; nothing after a date."""
    started = [line["course"] for line in files.record.of("start")]
    begun = [each for each in courses if each.day1 and each.day1 <= on]
    last = max((each.number for each in begun if each.id in started), default=-1)
    cycles = [each for each in begun if each.name in [one.name for one in courses if one.number == last]]
    kept = [each for each in courses if each.number <= last or each in cycles]
    return [replace(each, last=min(each.last, on)) for each in kept]


def is_transplant(node: Line) -> bool:
    """Whether a course's file is that of the transplant."""
    return any(each["kind"] == "transplant" for each in node.get("procedures", []))


def walk(files: Files, legs: list[Node], before: list[Course]) -> list[Course]:
    """The legs of a route one after another, each from the day after the one before it."""
    courses = list(before)
    free: date | None = courses[-1].last + ONE if courses else None  # when the course before is over
    kept = free  # the same, were it not for delays of one course only
    for leg in legs:
        step = {"course": leg} if isinstance(leg, str) else leg
        if not holds_when(step.get("when"), files, None, courses):
            continue
        repeats, name = "repeat" in step, step.get("course") or step["repeat"]
        end = files.record.last_date("end")  # of therapy: the record's own, or before the route's anniversary
        until: Node = step.get("until") if repeats else None
        first = next((each.day1 for each in courses if until and each.name == until["of"]), None)
        if first and not end:
            end = anniversary(first, int(until["the day before anniversary"])) - ONE
        if step.get("date") == "when recorded":
            free = kept = None
        for cycle in range(1, 200 if repeats else 2):
            course, next_kept = place(files, f"{name}-{cycle}" if repeats else name, name, cycle, kept, free, end)
            if repeats and (end is None or course.day1 is None or course.day1 > end):
                break
            courses.append(replace(course, number=len(courses)))
            free, kept = (course.last + ONE if course.day1 else None), next_kept
            if free and kept and files.of(course.id).courses[name].get("next starts on") == "a working day":
                free, kept = files.working_day(free), files.working_day(kept)
    return courses


def place(
    files: Files, ident: str, name: str, cycle: int, kept: date | None, free: date | None, end: date | None
) -> tuple[Course, date | None]:
    """One course on its dates, and the day that the next one would keep if only this one waited."""
    node = files.of(ident).courses[name]
    start, planned = first_day(files, ident, node, kept, free)
    if start is None or planned is None:
        return Course(ident, name, cycle, None, {}, date.max - ONE, date.max - ONE), None
    dates, only = days_of_course(files, ident, node, start)
    whole = max(dates.values()) + longer_by_pump(files, ident, name, dates)
    course = Course(ident, name, cycle, start, dates, min(whole, end or whole), whole)
    return course, whole + ONE - only * ONE - (start - planned)


def first_day(
    files: Files, ident: str, node: Line, kept: date | None, free: date | None
) -> tuple[date | None, date | None]:
    """A course's first day, and what it would be were it not for delays of it alone."""
    started = [day(line["date"]) for line in files.record.of("start") if line["course"] == ident]
    grafted = files.record.last_date("transplant")
    started += [grafted] if grafted and is_transplant(node) else []
    if started:
        return started[-1], started[-1]
    if kept is None or free is None:
        return None, None
    wait = alone = kept
    for line in files.record.of("delay"):
        if line["course"] == ident and not line.get("from_day"):
            to, by = day(line.get("to") or "0001-01-01"), int(line.get("days") or 0) * ONE
            wait, alone = max(wait + by, to), alone if line.get("only") == "true" else max(alone + by, to)
    wait, alone = max(wait, free), max(alone, free)
    on_working_day = node.get("starts on") == "a working day"
    return (files.working_day(wait), files.working_day(alone)) if on_working_day else (wait, alone)


def days_of_course(files: Files, ident: str, node: Line, start: date) -> tuple[dict[int, date], int]:
    """The date of each day by its number, with what waits or slips; and how many days wait for this course only."""
    first = int(node.get("first day", 1))
    waits = [line for line in files.record.of("delay", "hold") if line["course"] == ident]
    waits = [line for line in waits if line.get("from_day") or line.get("rule") == "slip"]
    if node["length"] == "to the last treatment":
        return treatment_days(files, node, start, waits), 0
    dates = {first + count: start + count * ONE for count in range(int(node["length"]))}
    only = 0
    for line in waits:
        left = [each for each, on in dates.items() if on >= day(line.get("date", "0001-01-01"))]
        since = int(line.get("from_day") or min(left, default=max(dates) + 1))  # the first day that a hold takes
        by = max((day(line["to"]) - dates[since]).days if line.get("to") else int(line["days"]), 0)
        dates = {each: on + by * ONE if each >= since else on for each, on in dates.items()}
        only += by if line.get("only") == "true" else 0
    return dates, only


def treatment_days(files: Files, node: Line, start: date, waits: list[Line]) -> dict[int, date]:
    """The days of a course that lasts to its last treatment: working days on which nothing is held back."""
    wanted = 0
    for each in [*node.get("procedures", []), *node.get("orders", [])]:
        found = re.search(r"first (\d+) weekdays", str(each["days"]))
        wanted = max(wanted, int(found[1]) if found else max(day_numbers(str(each["days"]), 1)))
    blocked: set[date] = set()
    for line in waits:
        first = start + (int(line["from_day"]) - 1) * ONE if line["entry"] == "delay" else day(line["date"])
        count = (day(line["to"]) - first).days if line.get("to") else int(line["days"])
        blocked |= {first + each * ONE for each in range(count)}
    dates: dict[int, date] = {}
    on = start
    while len(dates) < wanted:
        if files.is_working(on) and on not in blocked:
            dates[(on - start).days + 1] = on
        on += ONE
    return dates


def longer_by_pump(files: Files, ident: str, name: str, dates: Mapping[int, date]) -> timedelta:
    """How much longer a course is because its infusion began late or stood still."""
    longer, files = 0, files.of(ident)
    for order in files.courses[name].get("orders", []):
        if order["frequency"] == "continuous":
            days = day_numbers(str(at_key(order["days"], name)), len(dates))
            on = {each: dates[each] for each in days if each in dates}
            longer = max(longer, run_pump(files.record, ident, order["key"], on, files.agents[order["agent"]]).longer)
    return longer * ONE


class Infused(NamedTuple):
    """One day of an infusion: its date, its hour where that is known, whether it is held, the dose of a restart."""

    on: date
    hour: datetime | None = None
    held: bool = False
    dose: Decimal | None = None


class Pump(NamedTuple):
    """An infusion's days by number, its supervised restarts with the numbers of their stops, the days it gains."""

    days: Mapping[int, Infused]
    restarts: tuple[tuple[int, datetime], ...] = ()
    longer: int = 0


def later(hour: datetime, by: timedelta) -> datetime:
    """So much time later, counted as it passes, on the same ward's clocks."""
    return (hour.astimezone(UTC) + by).astimezone(hour.tzinfo)


def run_pump(record: Record, course: str, key: str, dates: Mapping[int, date], agent: Line) -> Pump:
    """The days of an order with their dates, by what the log says of its pump: hours given, stops, restarts."""
    if not dates:
        return Pump({})
    rule, first, last = str(agent.get("interruptions", "")), min(dates), max(dates)
    longest, supervised = re.search(r"up to (\d+) days", rule), re.search(r"supervised from (\d+) h", rule)
    given = record.said("give", "id", id=f"{course}/{key}/{first}")
    at = next((line.get("at") for line in reversed(record.of("give")) if line["id"] == given), None)
    hours = {each: datetime.combine(on, time(), record.zone) for each, on in dates.items()}
    if at:
        hours = {each: later(record.instant(at), (each - first) * ONE) for each in dates}
    end = later(hours[last], ONE)  # the pump stop
    stopped: datetime | None = None
    still: datetime | None = None  # since when a prescriber must decide
    doses, restarts, stops = list[tuple[datetime, Decimal]](), list[tuple[int, datetime]](), 0
    for line in [each for each in record.of("interrupt", "resume") if each["course"] == course]:
        now = record.instant(line["at"])
        if line["entry"] == "interrupt" or stopped is None:
            stopped, stops = (now, stops + 1) if line["entry"] == "interrupt" else (stopped, stops)
            continue
        gap = now.astimezone(UTC) - stopped.astimezone(UTC)
        if longest and gap > int(longest[1]) * ONE:
            still = still or stopped
        elif supervised and gap >= timedelta(hours=int(supervised[1])):
            restarts.append((stops, now))
        doses += [(now, number(line["dose"]))] if line.get("dose") else []
        hours = {each: later(hour, gap) if hour >= stopped and not still else hour for each, hour in hours.items()}
        end = later(end, gap) if end > stopped and not still else end
        stopped = None
    stopped = still or stopped
    days: dict[int, Infused] = {}
    for each, hour in hours.items():
        said = [dose for since, dose in doses if since <= hour]
        days[each] = Infused(hour.date(), hour if at else None, dose=said[-1] if said else None)
        if stopped is not None and hour >= stopped:
            days[each] = Infused(dates[each], held=True)
    return Pump(days, tuple(restarts), max((end.date() - dates[last]).days - 1, 0))
