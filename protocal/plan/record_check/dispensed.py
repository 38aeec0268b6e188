"""What the log says was taken home -> problems: of what nobody takes at home, too early, or in another strength."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from protocal.model.agent import Agent
from protocal.model.doses import Route
from protocal.model.entries import Dispensed
from protocal.model.plan import Plan
from protocal.model.problems import Problem, Severity
from protocal.model.settings import Settings
from protocal.model.stock import Form, forms_of
from protocal.plan.rounding import liquid_at_hand, tablets_at_hand
from protocal.text.message import quantity

AHEAD = "dispensed-ahead"


def check_taken_home(entry: Dispensed, agents: Sequence[Agent], zone: str) -> Iterator[Problem]:
    """What is wrong with a line by itself; `agents` is the drug as each version of the definition has it.

    A date after the day on which the line was written down is warned of: nothing was taken home yet.
    """
    if not any(Route.PO in each.routes for each in agents):
        said = f"{entry.agent} is never taken by mouth, and what is taken home is"
        yield Problem("dispense", said, entry.where, "Check which drug was dispensed.")
    elif entry.product.unit != agents[0].unit:
        said = f"{entry.agent} is dosed in {agents[0].unit}, and '{entry.product}' is in {entry.product.unit}"
        yield Problem("dispense", said, entry.where, f"Write the strength in {agents[0].unit}.")
    if entry.recorded and entry.date > (written := entry.recorded.astimezone(ZoneInfo(zone)).date()):
        said = f"{entry.agent} is dispensed on {entry.date}, and that was written down before it, on {written}"
        yield Problem(AHEAD, said, entry.where, "Check the date.", Severity.WARNING)


def check_strengths(plan: Plan) -> Iterator[Problem]:
    """Strengths that were dispensed and that no dose is planned in; a reason answers it."""
    for entry in plan.facts.dispensed:
        if not entry.why and (said := other_strength(entry, plan)):
            remedy = "Check the label. If it is right, undo the line and write it with its reason."
            yield Problem("strength", said, entry.where, remedy, Severity.WARNING)


def other_strength(entry: Dispensed, plan: Plan) -> str:
    """That what was dispensed is in no dose of the plan and not among what is at hand on its date; else nothing."""
    agent = plan.protocol.agents.get(entry.agent)
    if agent is None or agent.unit != entry.product.unit:
        return ""
    form = forms_of(entry.product)[0][0]
    known = set(_at_hand(agent, plan.settings.on(entry.date)))
    for line in plan.administrations:
        if line.agent == entry.agent:
            known.update(each for product in (line.product, line.alternative) for each, _number in forms_of(product))
    if form in known:
        return ""
    has = " or ".join(
        f"a liquid of {quantity(each.strength, each.unit)}/mL" if each.is_liquid else quantity(each.strength, each.unit)
        for each in sorted(known, key=lambda each: (each.is_liquid, each.strength))
    )
    return f"{entry.agent} is planned in {has or 'no tablets'}, and '{entry.product}' is dispensed"


def _at_hand(agent: Agent, rules: Settings) -> Iterator[Form]:
    """What doses by mouth are made up of by a site's rules."""
    yield from (Form(strength, agent.unit) for strength in tablets_at_hand(agent, rules))
    if liquid := liquid_at_hand(agent, rules):
        yield Form(liquid.strength, liquid.unit, is_liquid=True)
