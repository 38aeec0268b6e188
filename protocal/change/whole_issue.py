"""A plan -> the issue of what is printed of all its courses together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from protocal.change.history import versions
from protocal.model.issue import Issue
from protocal.model.plan import CoursePlan, CourseStatus, Plan

_NOT_PRINTED = CourseStatus.PLANNED  # whether a course is over does not stand on a family's page


def issue_of_all(plan: Plan) -> Issue:
    """Its number counts the times of writing at which any dated course came, went or changed.

    Lines that were written together are one issue, and so are those typed by hand and not sealed yet.
    """
    changed: set[int] = set()
    for each in versions(plan).values():
        before: CoursePlan | None = None
        for version in each:
            now = version.plan and replace(version.plan, course=replace(version.plan.course, status=_NOT_PRINTED))
            if now != before:
                changed.add(version.revision)
            before = now
    made: dict[tuple[bool, datetime], int] = {}
    for revision in sorted(changed):
        made[not plan.record.log[revision - 1].seal, replace(plan, revision=revision).issued] = revision
    in_order = sorted(made.items())
    if not in_order:
        return Issue(1, plan.revision, plan.issued)
    (unsealed, issued), revision = in_order[-1]
    before_it = in_order[-2][1] if len(in_order) > 1 else None
    return Issue(len(in_order), revision, issued, len(in_order) - 1 or None, before_it, not unsealed)
