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
