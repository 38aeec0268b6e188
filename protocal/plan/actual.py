"""A plan -> what of it really takes place, each on the date on which it begins."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from protocal.model.plan import Administration, Plan


def is_given(each: Administration) -> bool:
    """Whether an administration takes place."""
    return each.status.takes_place


def day_of(plan: Plan, each: Administration) -> date:
    """The date on which an administration really begins."""
    return min(each.times).astimezone(ZoneInfo(plan.record.timezone)).date() if each.times else each.date


def given(plan: Plan) -> list[Administration]:
    """Every administration that is not omitted, by date; one whose hours are known is on the date of its first."""
    found = (_on_its_day(plan, each) for each in plan.administrations if is_given(each))
    return sorted(found, key=lambda each: each.date)


def _on_its_day(plan: Plan, each: Administration) -> Administration:
    return each._replace(date=day_of(plan, each)) if each.times else each
