"""A plan -> its account: every date of the therapy with what each course has on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from protocal.account.course import course_days, fatal_on
from protocal.model.account import Account, CourseDay
from protocal.model.days import ONE_DAY
from protocal.model.doses import Route
from protocal.model.plan import Plan


def make_account(plan: Plan) -> Account:
    """Every date from the first to the last on which a course is, waits, or has something that runs on past it."""
    found: dict[date, list[CourseDay]] = {}
    for each in plan.courses:
        for day in course_days(plan, each):
            found.setdefault(day.date, []).append(day)
    if not found:
        return Account(plan, {})
    first, last = min(found), max(found)
    dates = (first + ONE_DAY * late for late in range((last - first).days + 1))
    return Account(plan, {day: _together(plan, found.get(day, ())) for day in dates})


def _together(plan: Plan, courses: Sequence[CourseDay]) -> tuple[CourseDay, ...]:
    """The courses of one date: what kills in the spinal fluid is as deadly where another of them reaches it."""
    if len(courses) < 2 or not any(dose.line.route is Route.IT for each in courses for dose in each.due):
        return tuple(courses)
    return tuple(replace(each, fatal=fatal_on(plan, each.doses, punctured=True)) for each in courses)
