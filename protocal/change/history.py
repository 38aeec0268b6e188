"""A record and its definition -> every version of every course, revision by revision.

Nothing is kept beside the record: each revision is planned again. Courses that a revision does not touch are the same
value as before, so that only what changed is looked into.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from protocal.model.entries import Assigned, Entry, Remarked, Stated, Undone
from protocal.model.frozen import frozen
from protocal.model.issue import Issue
from protocal.model.plan import CoursePlan, CourseStatus, Plan
from protocal.plan.planner import plan_at

_NOT_PRINTED = CourseStatus.PLANNED  # whether a course is over does not stand on its sheet


@frozen
class Version:
    """A course as it was from one revision on; None from where the plan no longer has it."""

    revision: int
    issued: datetime
    plan: CoursePlan | None


def revisions(plan: Plan) -> Iterator[Plan]:
    """The plan at each revision up to its own, by the site's rules of then; none at one that did not fit its protocol.

    That was written by hand and taken back: nothing came of it, and the state before it stood.
    """
    for revision in range(1, plan.revision):
        if then := plan_at(plan.protocol, plan.record, plan.settings, revision):
            yield then
    yield plan


def versions(plan: Plan) -> dict[str, tuple[Version, ...]]:
    """The versions of each course that the plan, or an earlier revision of it, has a date for, in their order."""
    found: dict[str, list[Version]] = {}
    for then in revisions(plan):
        dated = {each.course.id: each for each in then.courses if each.course.dates}
        for id_ in [*found, *(id_ for id_ in dated if id_ not in found)]:
            last = found.setdefault(id_, [])
            now = dated.get(id_)
            before = last[-1].plan if last else None
            if now is not before and now != before:
                last.append(Version(then.revision, then.issued, now))
    return {id_: tuple(each) for id_, each in found.items() if each}


def issues(plan: Plan) -> dict[str, Issue]:
    """The issue of each course's sheet: its number rises where the course, or what its head says, changes.

    Lines that were written together are one issue, and so are those typed by hand and not sealed yet.
    """
    heads = _heads(plan)
    found = {}
    for id_, each in versions(plan).items():
        changed = []
        printed: CoursePlan | None = None
        for version in each:
            now = version.plan and replace(version.plan, course=replace(version.plan.course, status=_NOT_PRINTED))
            if now and now != printed:
                changed.append(version.revision)
                printed = now
        changed += [revision for revision in heads if changed and revision > changed[0]]
        made = sorted({_written(plan, revision): revision for revision in sorted(changed)}.items())
        if made:
            (unsealed, issued), revision = made[-1]
            before = made[-2][1] if len(made) > 1 else None
            found[id_] = Issue(len(made), revision, issued, len(made) - 1 or None, before, not unsealed)
    return found


def _heads(plan: Plan) -> list[int]:
    """The revisions that change what stands at the head of every sheet: allergies, results, the arm, CNS and risk."""
    log = plan.record.log[: plan.revision]

    def is_of_the_head(entry: Entry) -> bool:
        if isinstance(entry, Undone):
            return is_of_the_head(log[entry.line - 1])
        return isinstance(entry, Assigned | Stated | Remarked)

    return [number for number, entry in enumerate(log, 1) if is_of_the_head(entry)]


def _written(plan: Plan, revision: int) -> tuple[bool, datetime]:
    """With what a revision was written: lines typed by hand, which bear no time yet, come after all that are sealed."""
    return not plan.record.log[revision - 1].seal, replace(plan, revision=revision).issued
