"""An entry about courses and the whole therapy, and the plans before and after it -> what must be settled first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from protocal.change.confirmations.ask import REASON, Ask, course_of
from protocal.model.doses import Route
from protocal.model.entries import (
    Assigned,
    Defined,
    Delayed,
    Held,
    HoldRule,
    Started,
    Stopped,
)
from protocal.model.plan import DatedCourse, Dates, Plan, Status
from protocal.plan.open_rescues import open_ends
from protocal.text.format import figure, paper_date

_FAR = 90  # days by which a start or a delay may differ from the plan before it is asked about


def started(entry: Started, before: Plan, after: Plan) -> Iterator[Ask]:
    """The start of a course: not twice, not far from the plan, not while a rescue is open, not at lower counts."""
    course = course_of(before, entry.course)
    if course and course.started and course.dates and not entry.why:
        yield Ask(f"{course.title} has already started on {paper_date(course.dates.day1)}", f"To correct it: {REASON}")
    days = abs((entry.date - course.dates.day1).days) if course and course.dates else 0
    if course and course.dates and days > _FAR and not entry.why:
        yield Ask(f"{course.title} is planned for {paper_date(course.dates.day1)}, {days} days away from that", REASON)
    yield from _started_while_open(entry, before)
    started = course_of(after, entry.course)
    criteria = started.definition.may_start if started else None
    recorded = dict(entry.counts)
    for count in criteria.counts if criteria else ():
        least = _number_in(count.text)
        if count.name in recorded and least is not None and recorded[count.name] < least and not entry.why:
            yield Ask(f"{count.name} is {figure(recorded[count.name])}/mcL, and it starts at {count.text}", REASON)


def _started_while_open(entry: Started, before: Plan) -> Iterator[Ask]:
    """What an earlier course was begun with and no level has ended: it goes on beside the new course."""
    agents = before.protocol.agents
    for each, end in open_ends(before):
        if end.begun and each.course.id != entry.course and end.last.date < entry.date and not entry.why:
            level = end.last.order_line.until_clear
            yield Ask(
                f"{agents[level].written} of {each.course.title} has not cleared, by the record:"
                f" {agents[end.last.agent].written} would go on beside {entry.course}",
                f"Record the level first: `protocal clear FILE {each.course.id} {level}`. If it must be so: {REASON}",
            )


def _number_in(text: str) -> Decimal | None:
    match = re.search("[0-9][0-9,]*", text)
    return Decimal(match[0].replace(",", "")) if match else None


def assigned(entry: Assigned, before: Plan, after: Plan) -> Iterator[Ask]:
    """An arm: not twice, and with the risk group that it is for."""
    arm = after.protocol.arms[entry.arm]
    if arm.risk and not after.facts.traits.risk:
        yield Ask("the record has no risk group", f"Add --risk; arm {arm.id} is for {' or '.join(arm.risk)}.")
    if (earlier := before.facts.traits.arm) and earlier != entry.arm and not entry.why:
        yield Ask(f"arm {earlier} is already assigned", f"To change it: {REASON}")


def delayed(entry: Delayed, before: Plan, after: Plan) -> Iterator[Ask]:
    """A delay: of what has not started, to a later date, within the therapy."""
    course = course_of(before, entry.course)
    if course is None:
        return
    if course.dates is None:
        yield Ask(f"{course.title} has no date yet that could be delayed", "Record its start when it is known.")
        return
    if entry.from_day is None and course.started:
        yield Ask(
            f"{course.title} has started on {paper_date(course.dates.day1)}, and a start never moves",
            "Name the day from which the rest waits, as in --from-day 43, or hold it.",
        )
    if entry.from_day is not None:
        yield from _from_day(entry, entry.from_day, course, course.dates, before)
    elif entry.to and entry.to <= course.dates.day1:
        yield Ask(
            f"{course.title} is planned for {paper_date(course.dates.day1)} already",
            "Name a later date, or undo a delay.",
        )
    moved = course_of(after, entry.course)
    late = (moved.dates.day1 - course.dates.day1).days if moved and moved.dates else 0
    if (late > _FAR or (moved is None and entry.from_day is None)) and not entry.why:
        far = f"{late} days later" if moved else "after the end of therapy, so that it is not given at all"
        yield Ask(f"{course.title} would be {far}", REASON)
    if entry.only:
        ids = [each.course.id for each in before.courses]
        for id_ in ids[ids.index(entry.course) + 1 :][:1]:
            one, other = course_of(before, id_), course_of(after, id_)
            if one and other and one.dates and other.dates and one.dates.day1 != other.dates.day1:
                yield Ask(
                    f"there is no gap before {one.title} on {paper_date(one.dates.day1)} that could take it up",
                    "Leave out --only: the courses after it then move, too.",
                )


def _from_day(entry: Delayed, day: int, course: DatedCourse, dates: Dates, before: Plan) -> Iterator[Ask]:
    if not course.started:
        yield Ask(f"{course.title} has not started", "Delay the whole course, without --from-day.")
    if not dates.has(day) or day < dates.first:
        yield Ask(f"{course.title} has no day {day}", "Name one of its days.")
    elif entry.to and entry.to <= dates.date_of(day):
        yield Ask(f"day {day} is planned for {paper_date(dates.date_of(day))} already", "Name a later date.")
    given = [
        each for each in before.administrations
        if each.course == course.id and each.day >= day and each.status is Status.GIVEN
    ]  # fmt: skip
    if given:
        yield Ask(f"{given[0].id} was given on {paper_date(given[0].date)}", "Name a day after it.")


def held(entry: Held, before: Plan) -> Iterator[Ask]:
    """A hold: within its course, and of nothing that was given."""
    course = course_of(before, entry.course)
    if course is None or course.dates is None:
        return
    dates = course.dates
    if not dates.day1 <= entry.date <= dates.last_day:
        yield Ask(
            f"{course.title} is from {paper_date(dates.day1)} to {paper_date(dates.last_day)}",
            "Hold it within these days; a course that has not begun is delayed.",
        )
    last = entry.date + timedelta(days=entry.days - 1)
    if entry.rule is HoldRule.SKIP and last > dates.last_day:
        yield Ask(f"the hold would run to {paper_date(last)}, past {course.title}'s last day", "Hold fewer days.")
    for each in before.administrations:
        if each.course != course.id or each.status is not Status.GIVEN:
            continue
        if (entry.date <= each.date <= last) or (entry.rule is HoldRule.SLIP and each.date > last):
            yield Ask(f"{each.id} was given on {paper_date(each.date)}", "Hold the days after it.")
            break


def upgraded(entry: Defined, before: Plan, after: Plan) -> Iterator[Ask]:
    """Another version: not for a course that has begun, unless somebody says why."""
    old = {each.course.id: each for each in before.courses}
    changed = [
        each.course.title
        for each in after.courses
        if each.course.started and each.course.id not in after.protocol.kept and each != old.get(each.course.id)
    ]
    if changed and not entry.why:
        yield Ask(f"{', '.join(changed)} would go on with version {entry.version}, with a start on record", REASON)


def stopped(entry: Stopped, before: Plan) -> Iterator[Ask]:
    """The end of therapy while an infusion runs."""
    if entry.at is None and (running := _running(before, entry.date)):
        yield Ask(
            f"{before.protocol.agents[running].written} runs on {paper_date(entry.date)}",
            "Say when its pump was stopped, as in --at 14:00.",
        )


def _running(plan: Plan, day: date) -> str:
    """The agent of a continuous infusion that runs on a day, until its pump stops."""
    for line in plan.administrations:
        continuous = line.route is Route.CIV and line.status.takes_place
        if continuous and line.date <= day <= line.date + timedelta(days=1):
            return line.agent
    return ""
