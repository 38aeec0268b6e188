"""A record and its definition -> what was so of every course, revision by revision.

Nothing is kept beside the record: each revision is planned again, and told again only where something of a course
differs: its plan, or what the log says of it beyond the plan.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocal.account.account import make_account
from protocal.account.course import course_days
from protocal.account.stock import stock_at_home
from protocal.change.history import revisions
from protocal.model.account import CourseDay
from protocal.model.entries import Cleared, Dispensed, Held
from protocal.model.facts import Facts, Pause
from protocal.model.frozen import frozen
from protocal.model.plan import CoursePlan, Plan
from protocal.model.stock import Stock

Said = Held | Pause | Cleared


@frozen
class Edition:
    """What is so of a course from one revision on; no days from where the plan no longer has it."""

    revision: int
    days: tuple[CourseDay, ...]


def editions(plan: Plan, wanted: Sequence[int] | None = None) -> dict[str, tuple[Edition, ...]]:
    """The editions of each course that the plan, or one of the wanted revisions of it (all), has a date for.

    Courses of the plan come first, in its order, then those that it no longer has.
    """
    found: dict[str, list[Edition]] = {}
    last: dict[str, tuple[CoursePlan, tuple[Said, ...]] | None] = {}
    for then in revisions(plan, wanted):
        dated = {each.course.id: each for each in then.courses if each.course.dates}
        for id_ in [*found, *(id_ for id_ in dated if id_ not in found)]:
            each = dated.get(id_)
            now = (each, _said_of(id_, then.facts)) if each else None
            if now != last.get(id_):  # at once where a revision does not touch the course: it is the same value
                days = tuple(course_days(then, each)) if each else ()
                found.setdefault(id_, []).append(Edition(then.revision, days))
                last[id_] = now
    ids = [each.course.id for each in plan.courses if each.course.id in found]
    return {id_: tuple(found[id_]) for id_ in [*ids, *(id_ for id_ in found if id_ not in ids)]}


def stock_editions(plan: Plan, wanted: Sequence[int]) -> dict[int, tuple[Stock, ...]]:
    """What is at home at each of the wanted revisions of a plan; nothing where none was dispensed."""
    if not any(isinstance(entry, Dispensed) for entry in plan.record.log):
        return {}
    return {
        then.revision: stock_at_home(make_account(then)) if then.facts.dispensed else ()
        for then in revisions(plan, sorted(set(wanted)))
    }


def _said_of(course: str, facts: Facts) -> tuple[Said, ...]:
    """What the log says of a course that its plan does not have in itself."""
    said: list[Said] = [*facts.holds, *facts.pauses, *facts.clearings]
    return tuple(each for each in said if each.course == course)
