"""A line of the site's rules, and the plans before and after it -> what must be settled first."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.change.confirmations.ask import REASON, Ask
from protocal.change.diff import differences
from protocal.model.entries import Ruled
from protocal.model.plan import CourseStatus, Plan


def ruled(entry: Ruled, before: Plan, after: Plan) -> Iterator[Ask]:
    """Rules that change what is still to come of a course that runs: whoever gives it must know why."""
    if entry.why:
        return
    found = differences(before, after)
    touched = {each.course.id for each in found.courses} | {each.line.course for each in found.lines}
    touched |= {each.event.course for each in found.events} | {course for course, _bags in found.bags}
    for each in before.courses:
        course = each.course
        if course.id in touched and course.started and course.status is not CourseStatus.DONE:
            yield Ask(f"the site's settings are not those of the record, and change {course.title}, which runs", REASON)
