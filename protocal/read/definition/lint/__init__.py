"""A read definition -> problems of its meaning. Each rule is a plain function; `RULES` lists them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.read.definition.lint.days import (
    clock_of_first_dose,
    continuous_by_vein,
    course_without_end,
    day_beyond_course,
    dose_by_day,
    dose_by_weekday,
    weekly_days,
)
from protocal.read.definition.lint.drugs import (
    cap_without_effect,
    missing_cap,
    route_not_allowed,
    several_agents_by_table,
    unit_that_does_not_fit,
    unknown_agent,
    what_is_at_hand,
)
from protocal.read.definition.lint.evidence import order_without_evidence
from protocal.read.definition.lint.names import condition_values, key_twice, plain_names, unknown_kind
from protocal.read.definition.lint.routes import course_twice_on_route, route_without_start, unreachable_course
from protocal.read.definition.lint.tables import table_bands, tables_used

Rule = Callable[[Protocol], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    day_beyond_course,
    course_without_end,
    unknown_agent,
    unit_that_does_not_fit,
    missing_cap,
    cap_without_effect,
    route_not_allowed,
    unreachable_course,
    course_twice_on_route,
    route_without_start,
    order_without_evidence,
    table_bands,
    tables_used,
    dose_by_day,
    dose_by_weekday,
    what_is_at_hand,
    several_agents_by_table,
    key_twice,
    clock_of_first_dose,
    condition_values,
    plain_names,
    unknown_kind,
    continuous_by_vein,
    weekly_days,
)


def lint(protocol: Protocol) -> list[Problem]:
    """What every rule finds. Courses that share a file share their lines, so a finding is given once."""
    return list(dict.fromkeys(problem for rule in RULES for problem in rule(protocol)))
