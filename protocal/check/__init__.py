"""A plan and a site's settings in, problems out: each safety rule is a plain function; `CHECKS` lists them. Pure."""

from __future__ import annotations

from protocal.check.courses import arm_that_does_not_fit, counts_not_recorded, failure_route_after_its_drug
from protocal.check.days import (
    course_before_the_last_one_is_over,
    infusion_not_whole,
    infusion_twice,
    interval_too_short,
    oral_dose_on_an_intrathecal_day,
    weekly_drug_twice_a_week,
)
from protocal.check.doses import (
    cumulative_dose,
    infusion_without_rescue,
    rounded_too_far,
    stale_measurement,
    unverified_dose,
    weight_has_changed,
)
from protocal.check.routes import bag_not_named, fatal_route, fatal_route_beside_intrathecal, not_intrathecal
from protocal.check.rule import SOURCES, Check
from protocal.words.plan import Plan
from protocal.words.problems import Problem, Severity
from protocal.words.settings import Settings

__all__ = ["CHECKS", "SOURCES", "check_plan"]

CHECKS: tuple[Check, ...] = (
    fatal_route,
    fatal_route_beside_intrathecal,
    bag_not_named,
    weekly_drug_twice_a_week,
    oral_dose_on_an_intrathecal_day,
    interval_too_short,
    course_before_the_last_one_is_over,
    rounded_too_far,
    infusion_not_whole,
    infusion_twice,
    counts_not_recorded,
    stale_measurement,
    weight_has_changed,
    infusion_without_rescue,
    cumulative_dose,
    not_intrathecal,
    arm_that_does_not_fit,
    failure_route_after_its_drug,
    unverified_dose,
)


def check_plan(plan: Plan, settings: Settings) -> list[Problem]:
    """What every check finds, errors first, and within each in the order of the rules."""
    found = dict.fromkeys(problem for check in CHECKS for problem in check(plan, settings))
    return sorted(found, key=lambda problem: problem.severity is not Severity.ERROR)
