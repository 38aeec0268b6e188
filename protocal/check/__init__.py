"""A plan and a site's settings -> problems: each safety rule is a plain function; `CHECKS` lists them. Pure."""

from __future__ import annotations

from protocal.check.ceilings import ceiling_does_not_count, cumulative_dose
from protocal.check.courses import (
    arm_that_does_not_fit,
    counts_not_recorded,
    day_one_not_declared_once,
    failure_route_after_its_drug,
    planned_before_its_arm,
)
from protocal.check.days import (
    course_before_the_last_one_is_over,
    infusion_not_whole,
    infusion_stands_still,
    infusion_twice,
    interval_shorter_than_written,
    interval_too_short,
    oral_dose_on_an_intrathecal_day,
    weekly_drug_twice_a_week,
)
from protocal.check.definition import definition_changed
from protocal.check.doses import (
    rounded_too_far,
    rounds_to_nothing,
    split_dose_does_not_add_up,
    stale_measurement,
    tablets_cannot_make_the_dose,
    unverified_dose,
    weight_has_changed,
)
from protocal.check.fatal_routes import bag_not_named, fatal_route, fatal_route_beside_intrathecal, not_intrathecal
from protocal.check.labels import bag_too_long_for_weight, label_dose_by_age, label_dose_by_weight
from protocal.check.rescue import infusion_without_rescue, rescue_without_its_settings
from protocal.check.rule import SOURCES, Check
from protocal.check.start_and_stop import (
    adjustment_without_stop,
    dose_past_its_course,
    order_without_stop,
    pulse_cut_by_the_end,
)
from protocal.model.plan import Plan
from protocal.model.problems import Problem, Severity
from protocal.model.settings import Settings

__all__ = ["CHECKS", "SOURCES", "check_plan"]

CHECKS: tuple[Check, ...] = (
    definition_changed,
    fatal_route,
    fatal_route_beside_intrathecal,
    bag_not_named,
    weekly_drug_twice_a_week,
    oral_dose_on_an_intrathecal_day,
    order_without_stop,
    adjustment_without_stop,
    pulse_cut_by_the_end,
    dose_past_its_course,
    interval_too_short,
    interval_shorter_than_written,
    course_before_the_last_one_is_over,
    split_dose_does_not_add_up,
    rounded_too_far,
    rounds_to_nothing,
    tablets_cannot_make_the_dose,
    day_one_not_declared_once,
    infusion_not_whole,
    infusion_stands_still,
    infusion_twice,
    bag_too_long_for_weight,
    label_dose_by_weight,
    counts_not_recorded,
    planned_before_its_arm,
    stale_measurement,
    weight_has_changed,
    infusion_without_rescue,
    rescue_without_its_settings,
    cumulative_dose,
    ceiling_does_not_count,
    not_intrathecal,
    label_dose_by_age,
    arm_that_does_not_fit,
    failure_route_after_its_drug,
    unverified_dose,
)


def check_plan(plan: Plan, settings: Settings) -> list[Problem]:
    """What every check finds, errors first, and within each in the order of the rules."""
    found = dict.fromkeys(problem for check in CHECKS for problem in check(plan, settings))
    return sorted(found, key=lambda problem: problem.severity is not Severity.ERROR)
