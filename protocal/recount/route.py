"""A definition and a record -> the courses with their dates: what is given in them is counted elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from protocal.recount.infusion import run_pump
from protocal.recount.log import Record, day
from protocal.recount.values import Node, anniversary, at_key, day_numbers, listed

ONE = timedelta(days=1)


@dataclass(frozen=True)
class Files:
    """The record; the definition's protocol, agents, and course file by course id; the site's file, and closed days."""

    record: Record
    protocol: Mapping[str, Node]
    agents: Mapping[str, Node]
    courses: Mapping[str, Node]
    site: Mapping[str, Node]
    closed: frozenset[date]


@dataclass(frozen=True)
class Course:
    """A course on its dates.

    Attributes:
        id: as in `maintenance-2`; `name` is that of the files, `cycle` the number of the repeat, or 1.
        day1: None where nobody knows it yet.
        dates: the date of each of its days, by the day's number.
        last: the last date on which something is given; what would be later is cancelled.
        whole: the last date, were nothing cancelled.
        number: its place on the route, from 0.
    """

    id: str
    name: str
    cycle: int
    day1: date | None
    dates: Mapping[int, date]
    last: date
    whole: date
    number: int = 0


def holds_when(when: Node, files: Files, arm: str, course: Course | None, before: list[Course]) -> bool:
    """Whether a condition holds; every part of it must."""
    facts = {"arm": arm, "cns": files.record.fact("cns"), "risk": files.record.fact("risk"), "sex": files.record.sex}
    for key, value in (when or {}).items():
        if key in facts and facts[key] not in listed(value):
            return False
        if key == "cycle" and (not course or course.cycle not in day_numbers(str(value), 0)):
            return False
        if key == "first course with":
            with_it = [
                _has(files, each, value) for each in (*(each.name for each in before), course.name if course else "")
            ]
            if with_it != [False] * len(before) + [True]:
                return False
    return True


def _has(files: Files, course: str, agent: str) -> bool:
    return bool(course) and any(agent in agents_of(order) for order in files.courses[course].get("orders", []))


def agents_of(order: Mapping[str, Node]) -> list[str]:
    """The agents of an order."""
    return listed(order["agents"]) if "agents" in order else [str(order["agent"])]


def arm_of(record: Record) -> str:
    """The arm that was assigned last; empty where none was."""
    lines = record.of("assign")
    return str(lines[-1]["arm"]) if lines else ""


def dated_courses(files: Files) -> list[Course]:
    """The courses of the route in their order, those without a date included."""
    protocol, arm = files.protocol, arm_of(files.record)
    legs = list(protocol["before assignment"]["route"])
    legs += protocol["arms"][arm]["route"] if arm else []
    courses = walk(files, legs, [])
    failed, grafted, stopped = (files.record.last_date(kind) for kind in ("fail", "transplant", "stop"))
    if failed:
        kept = cancelled(files, courses, failed)
        courses = kept + walk(files, protocol["treatment failure"]["route"], kept)[len(kept) :]
    if grafted:
        grafts = [each for each in courses if _is_transplant(files, each)]
        courses = cancelled(files, [each for each in courses if each not in grafts], grafted - ONE) + grafts
    ended = files.record.last_date("end")
    if ended and (not stopped or ended + ONE < stopped):
        stopped = ended + ONE
    if stopped:
        courses = [each for each in courses if not each.day1 or each.day1 < stopped]
        courses = [replace(each, last=min(each.last, stopped - ONE)) for each in courses]
    return courses


def over(record: Record, day1: date) -> date:
    """The last date on which anything of a course is given: what ends therapy after its first day ends it, too."""
    before = [record.last_date(kind) for kind in ("stop", "transplant")]
    days = [record.last_date("end"), record.last_date("fail"), *(each - ONE for each in before if each)]
    return min((each for each in days if each and each >= day1), default=date.max)


def cancelled(files: Files, courses: list[Course], on: date) -> list[Course]:
    """The courses up to the last one whose start is recorded, and its next cycles until then; nothing after a date."""
    recorded = [line["course"] for line in files.record.of("start")]
    begun = [each for each in courses if each.id in recorded and each.day1 and each.day1 <= on]
    kept = [
        each
        for each in courses
        if begun
        and (each.number <= begun[-1].number or (each.name == begun[-1].name and each.day1 and each.day1 <= on))
    ]
    return [replace(each, last=min(each.last, on)) for each in kept]


def _is_transplant(files: Files, course: Course) -> bool:
    return any(each["kind"] == "transplant" for each in files.courses[course.name].get("procedures", []))


def walk(files: Files, legs: list[Node], before: list[Course]) -> list[Course]:
    """The legs of a route one after another, each from the day after the one before it."""
    courses = list(before)
    free: date | None = courses[-1].last + ONE if courses else None  # when the course before is over
    kept = free  # the same, were it not for delays of one course only
    for leg in legs:
        step = {"course": leg} if isinstance(leg, str) else leg
        if not holds_when(step.get("when"), files, arm_of(files.record), None, courses):
            continue
        end = last_of_repeat(files, step, courses) if "repeat" in step else None
        cycle = 0
        while True:
            cycle += 1
            name = step.get("course") or step["repeat"]
            name_of_cycle = f"{name}-{cycle}" if "repeat" in step else name
            unknown = step.get("date") == "when recorded"
            course, next_kept = place(files, (name_of_cycle, name, cycle), (kept, free), end, unknown=unknown)
            if "repeat" in step and (end is None or course.day1 is None or course.day1 > end or cycle > 200):
                break
            courses.append(replace(course, number=len(courses)))
            free, kept = (course.last + ONE if course.day1 else None), next_kept
            if free and kept and files.courses[name].get("next starts on") == "a working day":
                free, kept = working_day(files, free), working_day(files, kept)
            if "repeat" not in step:
                break
    return courses


def last_of_repeat(files: Files, step: Mapping[str, Node], courses: list[Course]) -> date | None:
    """The last day of therapy: the record's own, or the day before the anniversary that the route names."""
    said = files.record.last_date("end")
    if said:
        return said
    until = step["until"]
    first = next((each.day1 for each in courses if each.name == until["of"] and each.day1), None)
    return anniversary(first, int(until["the day before anniversary"])) - ONE if first else None


def place(
    files: Files,
    ident: tuple[str, str, int],
    free: tuple[date | None, date | None],
    end: date | None,
    *,
    unknown: bool,
) -> tuple[Course, date | None]:
    """One course on its dates, and the day that the next one would keep if only this one waited."""
    course_id, name, cycle = ident
    node = files.courses[name]
    start, planned = first_day(files, course_id, node, free, unknown=unknown)
    if start is None:
        return Course(course_id, name, cycle, None, {}, date.max - ONE, date.max - ONE), None
    dates, only = days_of_course(files, course_id, node, start)
    last = max(dates.values()) + timedelta(days=longer_by_pump(files, course_id, name, dates))
    whole = last
    if end:
        last = min(last, end)
    keeps = whole + ONE - timedelta(days=only) - (start - planned if planned else timedelta())
    return Course(course_id, name, cycle, start, dates, last, whole), keeps


def first_day(
    files: Files,
    course_id: str,
    node: Node,
    free: tuple[date | None, date | None],
    *,
    unknown: bool,
) -> tuple[date | None, date | None]:
    """A course's first day, and what it would be were it not for delays of it alone."""
    started = [day(line["date"]) for line in files.record.of("start") if line["course"] == course_id]
    grafted = files.record.last_date("transplant")
    if grafted and any(each["kind"] == "transplant" for each in node.get("procedures", [])):
        started.append(grafted)
    if started:
        return started[-1], started[-1]
    kept, over = free
    if unknown or kept is None or over is None:
        return None, None
    wait, alone = kept, kept
    for line in files.record.of("delay"):
        if line["course"] == course_id and not line.get("from_day"):
            wait = max(wait, day(line["to"])) if line.get("to") else wait + timedelta(days=int(line["days"]))
            if line.get("only") != "true":
                alone = wait
    wait, alone = max(wait, over), max(alone, over)
    if node.get("starts on") == "a working day":
        wait, alone = working_day(files, wait), working_day(files, alone)
    return wait, alone


def working_day(files: Files, on: date) -> date:
    """The first weekday on or after a date on which the site is not closed."""
    while on.weekday() > 4 or on in files.closed:
        on += ONE
    return on


def days_of_course(files: Files, course_id: str, node: Node, start: date) -> tuple[dict[int, date], int]:
    """The date of each day by its number, with what waits or slips; and how many days wait for this course only."""
    first = int(node.get("first day", 1))
    if node["length"] == "to the last treatment":
        return treatment_days(files, course_id, node, start), 0
    dates = {first + count: start + timedelta(days=count) for count in range(int(node["length"]))}
    only = 0
    for line in files.record.of("delay", "hold"):
        if line["course"] != course_id or not (line.get("from_day") or line.get("rule") == "slip"):
            continue
        if line["entry"] == "delay":
            number = int(line["from_day"])
        else:  # the first day that the hold takes
            number = min((each for each, on in dates.items() if on >= day(line["date"])), default=max(dates) + 1)
        by = (day(line["to"]) - dates[number]).days if line.get("to") else int(line["days"])
        by = max(by, 0)
        dates = {each: on + timedelta(days=by) if each >= number else on for each, on in dates.items()}
        only += by if line.get("only") == "true" else 0
    return dates, only


def treatment_days(files: Files, course_id: str, node: Node, start: date) -> dict[int, date]:
    """The days of a course that lasts to its last treatment: working days on which nothing is held back."""
    wanted = 0
    for each in [*node.get("procedures", []), *node.get("orders", [])]:
        found = re.search(r"first (\d+) weekdays", str(each["days"]))
        wanted = max(wanted, int(found[1]) if found else max(day_numbers(str(each["days"]), 1)))
    blocked: set[date] = set()
    for line in files.record.of("delay", "hold"):
        if line["course"] == course_id and line["entry"] == "hold" and line["rule"] == "slip":
            blocked |= {day(line["date"]) + timedelta(days=count) for count in range(int(line["days"]))}
        if line["course"] == course_id and line["entry"] == "delay" and line.get("from_day"):
            first = start + timedelta(days=int(line["from_day"]) - 1)
            count = (day(line["to"]) - first).days if line.get("to") else int(line["days"])
            blocked |= {first + timedelta(days=each) for each in range(count)}
    dates: dict[int, date] = {}
    on = start
    while len(dates) < wanted:
        if on.weekday() < 5 and on not in files.closed and on not in blocked:
            dates[(on - start).days + 1] = on
        on += ONE
    return dates


def longer_by_pump(files: Files, course_id: str, name: str, dates: Mapping[int, date]) -> int:
    """How many days a course gains because its infusion stood still."""
    longer = 0
    for order in files.courses[name].get("orders", []):
        if order["frequency"] == "continuous":
            days = day_numbers(str(at_key(order["days"], name)), len(dates))
            agent = files.agents[order["agent"]]
            on = {each: dates[each] for each in days if each in dates}
            longer = max(longer, run_pump(files.record, course_id, order["key"], on, agent).longer)
    return longer
