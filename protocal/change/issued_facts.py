"""A plan and what of it stands on a sheet -> a digest of its dates, doses and events.

It is made of the plan's values and of no sentence, so that the same record gives it whatever words a later protocal
has for them. What an issue had when it was given out must come out again when its revision is planned again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256

from protocal.model.doses import Route
from protocal.model.plan import Administration, CoursePlan, Plan, PlannedEvent
from protocal.model.reader import Who
from protocal.text.format import plain

_DIGITS = 32


def facts_digest(plan: Plan, sheet: str) -> str:
    """The digest of what a sheet has of a plan, by the sheet's name: a course, a month, or everything."""
    kind, _, of = sheet.partition("/")
    chosen = [each for each in plan.courses if each.course.id == of and kind != "feed"] or plan.courses
    dated = [each for each in chosen if each.course.dates]
    if of == "drugs":
        facts: Sequence[object] = sorted(
            {(line.agent, line.at_home) for each in dated for line in each.administrations}
        )
    elif "overview" in (kind, of):
        facts = [_at_a_glance(each) for each in dated]
    elif kind == "feed" and of in (Who.CLINIC.value, Who.PHARMACY.value):
        facts = [_course(_of_reader(each, Who(of)), "") for each in dated]
    else:
        month = of if re.fullmatch("[0-9]{4}-[0-9]{2}", of) else ""
        facts = [_course(each, month) for each in dated]
    return sha256(repr(facts).encode()).hexdigest()[:_DIGITS]


def _at_a_glance(each: CoursePlan) -> list[object]:
    """What the overview has of a course: when something is done by needle, and no dose."""
    by_needle = sorted(
        {(line.date.isoformat(), line.route.value) for line in each.administrations if _is_by_needle(line)}
    )
    return [*_course(replace(each, administrations=()), ""), *by_needle]


def _is_by_needle(line: Administration) -> bool:
    return line.route is not Route.PO and line.status.takes_place


def _of_reader(each: CoursePlan, who: Who) -> CoursePlan:
    """What of a course stands in the feed of a clinic, or of a pharmacy."""
    if who is Who.CLINIC:
        return replace(each, administrations=tuple(line for line in each.administrations if not line.at_home))
    return replace(each, procedures=(), evaluations=())


def _course(each: CoursePlan, month: str) -> list[object]:
    dates = each.course.dates
    span = [] if month or not dates else [dates.day1.isoformat(), dates.last_day.isoformat()]
    return [each.course.id, *span, *_doses(each.administrations, month), *_events(each, month)]


def _doses(lines: Iterable[Administration], month: str) -> Iterable[list[object]]:
    for line in lines:
        if _is_in(line.date, month):
            times = [each.isoformat() for each in line.times]
            dose = [plain(line.dose), line.unit, line.per_day]
            yield [line.id, line.date.isoformat(), line.agent, line.route.value, *dose, line.status.value, times]


def _events(each: CoursePlan, month: str) -> Iterable[list[str]]:
    events: tuple[PlannedEvent, ...] = (*each.procedures, *each.evaluations)
    for event in events:
        if _is_in(event.date, month):
            yield [event.kind, event.date.isoformat()]


def _is_in(day: date, month: str) -> bool:
    return not month or day.isoformat().startswith(month)
