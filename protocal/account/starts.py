"""A plan and a course -> by how many days it is not on the day that the courses before it give it, and why."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.account import LateStart
from protocal.model.entries import Delayed, Started
from protocal.model.plan import DatedCourse, Plan
from protocal.plan.course_dates import unmoved_day1


def late_start(plan: Plan, course: DatedCourse) -> LateStart | None:
    """Where the record moved a course's first day; None where it is as planned, or has no date."""
    planned = unmoved_day1(plan.protocol, plan.facts, plan.settings, course.id)
    if course.dates is None or planned is None or planned == course.dates.day1:
        return None
    return LateStart(planned, (course.dates.day1 - planned).days, tuple(dict.fromkeys(_whys(plan, course.id))))


def _whys(plan: Plan, course: str) -> Iterator[str]:
    """Why the first day of a course was moved, in the words of the log."""
    for _number, entry in plan.record.standing(plan.revision):
        if not isinstance(entry, Delayed | Started) or entry.course != course:
            continue
        if entry.why and (isinstance(entry, Started) or entry.from_day is None):
            yield entry.why
