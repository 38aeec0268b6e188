"""Plan -> problems with what a therapy adds up to: the site's ceilings, and what they are to count."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.check.rule import error, named, warning
from protocal.model.plan import Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.plan.cumulative import cumulative
from protocal.text.format import figure, paper_date, round_half_up


def cumulative_dose(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S24: what is given of a group of drugs, with what was given before, stays under the site's ceiling."""
    for each in cumulative(plan, settings):
        if not each.above:
            continue
        ceiling, passed = each.ceiling, each.passed
        counted = {prior.agent: prior.factor for prior in each.prior}
        counted |= {dose.line.agent: dose.factor for dose in each.doses}
        names = ", ".join(f"{_written(plan, agent)} x {figure(factor)}" for agent, factor in counted.items())
        yield warning(
            "S24",
            f"{ceiling.name}: {figure(round_half_up(each.total, 1))} mg/m2 ({names};"
            f" {figure(round_half_up(each.before, 1))} mg/m2 before) is over the ceiling of"
            f" {figure(ceiling.amount)} mg/m2"
            + (
                f" with {named(plan, passed.line)} on {paper_date(passed.line.date)}"
                if passed
                else ", even before this therapy"
            ),
            passed.line.order_line.where if passed else settings.where("ceilings", ceiling.name),
            "Ask the prescriber. Ceiling and factors are this site's settings.",
        )


def ceiling_does_not_count(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S24: a ceiling counts every agent that it names; a name that it cannot count is a mistake, or another's drug."""
    for each in cumulative(plan, settings):
        where = settings.where("ceilings", each.ceiling.name)
        for agent in each.not_counted:
            yield (error if agent.mistake else warning)("S24", agent.says, where, agent.remedy)


def _written(plan: Plan, agent: str) -> str:
    """An agent's written form, or its name as typed: what was given before may be no agent of the protocol."""
    known = plan.protocol.agents.get(agent)
    return known.written if known else agent
