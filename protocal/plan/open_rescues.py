"""A plan -> each order that goes on until a level has cleared, and to when paper has lines for its doses.

Once what it is a rescue from was given, the plan has its doses to the course's last day. Before that it has only the
definition's days, and a sheet that is printed ahead says what may follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from protocal.model.plan import Administration, CoursePlan, Plan, Status
from protocal.plan.expand import OPEN_DAYS


class OpenEnd(NamedTuple):
    """An order that no level has ended yet.

    Attributes:
        last: the last of its doses on the definition's days; what follows is like it.
        begun: the plan itself has what follows.
        lined: the last date on which each dose has a line of its own on paper; later ones share one a day.
        ahead: the dates with such lines that follow in the course while it is not begun; none that has a dose of its
            own, or one that is held or left out.
    """

    last: Administration
    begun: bool
    lined: date
    ahead: tuple[date, ...]


def open_ends(plan: Plan, courses: Iterable[CoursePlan] | None = None) -> Iterator[tuple[CoursePlan, OpenEnd]]:
    """Those of some courses of the plan, or of all."""
    cleared = {(each.course, each.agent) for each in plan.facts.clearings}
    for each in plan.courses if courses is None else courses:
        orders: dict[tuple[str, str], list[Administration]] = {}
        taken: set[tuple[str, str, date]] = set()
        for line in each.administrations:
            level = line.order_line.until_clear
            if level and (line.course, level) not in cleared:
                taken.add((line.key, line.agent, line.date))
            if level and line.status.takes_place and (line.course, level) not in cleared:
                orders.setdefault((line.key, line.agent), []).append(line)
        for lines in orders.values():
            fixed = [line for line in lines if not line.open] or lines[:1]
            last, begun = max(fixed, key=lambda line: line.day), len(fixed) < len(lines)
            known = max(last.date, plan.issued.date()) if begun else last.date
            follows = (last.date + timedelta(days=late) for late in range(1, OPEN_DAYS + 1) if not begun)
            end = each.course.dates.last_day if each.course.dates else last.date
            ahead = tuple(on for on in follows if on <= end and (last.key, last.agent, on) not in taken)
            yield each, OpenEnd(last, begun, known + timedelta(days=OPEN_DAYS), ahead)


def shares_a_line(plan: Plan, courses: Iterable[CoursePlan]) -> frozenset[str]:
    """The administrations, by id, that have no lines of their own on paper: one line a day says all their doses."""
    return frozenset(
        line.id
        for each, end in open_ends(plan, courses)
        for line in each.administrations
        if line.open
        and line.status is Status.DUE
        and line.date > end.lined
        and (line.key, line.agent) == (end.last.key, end.last.agent)
    )
