"""A plan and its newest measurement -> whether the running course's doses must be asked about."""

from __future__ import annotations

from decimal import Decimal

from protocal.model.facts import Measurement
from protocal.model.plan import DatedCourse, Plan
from protocal.model.settings import Settings


def outgrown(plan: Plan, settings: Settings) -> tuple[DatedCourse, Measurement, Decimal] | None:
    """The started course in which the latest measurement falls, its dosing measurement and the change in per cent.

    None where the weight has not changed by more than the settings' growth, or the course is worked out again anyway.
    """
    latest = plan.facts.measurements[-1]
    for each in plan.courses:
        dates = each.course.dates
        if not (each.course.started and dates and dates.day1 <= latest.date <= dates.last_day):
            continue
        dosing, _bsa = dates.measures_on(latest.date)
        change = (latest.weight - dosing.weight) * 100 / dosing.weight
        again = latest.again is not None and dates.day1 <= latest.again <= dates.last_day
        if abs(change) > settings.growth and not again:
            return each.course, dosing, change
    return None
