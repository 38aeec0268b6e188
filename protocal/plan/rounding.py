"""A calculated dose and the rule for its agent and way -> the dose that is given. Decimal throughout."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from protocal.model.agent import Agent
from protocal.model.doses import Liquid, Mode, Rounding, Route
from protocal.model.settings import Settings
from protocal.text.format import figure, plain, round_half_up
from protocal.text.message import quantity, say

_ROUNDING = {Mode.NEAREST: ROUND_HALF_UP, Mode.VIAL: ROUND_HALF_UP, Mode.DOWN: ROUND_DOWN, Mode.UP: ROUND_CEILING}
_LEAST_SHOWN = Decimal("0.1")


class Rounded(NamedTuple):
    """A dose as it is given; `left` says why it was left as calculated, where the rule has no answer."""

    dose: Decimal
    left: str = ""


class Rule(NamedTuple):
    """How an agent's doses are rounded by a way in, and whether that is the site's own rule."""

    rounding: Rounding
    by_site: bool


def rule_for(agent: Agent, route: Route, settings: Settings) -> Rule | None:
    """The site's rule for an agent by a way in, else the definition's; None where a dose is given as calculated.

    Tablets and liquids at hand take the place of a rule for doses by mouth, for they round by themselves. A rule in
    another unit than the agent's is left alone: it is told as a problem, and never guessed at.
    """
    if route is Route.PO and (tablets_at_hand(agent, settings) or liquid_at_hand(agent, settings)):
        return None
    own = settings.rounding_of(agent.id, route)
    rounding = own or agent.rounding_for(route)
    if rounding is None or rounding.unit not in ("", agent.unit):
        return None
    return Rule(rounding, own is not None)


def tablets_at_hand(agent: Agent, settings: Settings) -> tuple[Decimal, ...]:
    """The strengths that doses by mouth are made up of: the site's, else those that the definition assumes.

    A site that has a rounding rule of its own for the agent by mouth, but names no tablets, rounds by its rule.
    """
    if settings.names_tablets_of(agent.id):
        unit = dict(settings.strength_units).get(agent.id, agent.unit)
        return settings.strengths_of(agent.id) if unit == agent.unit else ()
    by_rule = any(each == agent.id and route is Route.PO for each, route, _rule in settings.rounding)
    return agent.tablets if not by_rule and agent.tablet_unit == agent.unit else ()


def liquid_at_hand(agent: Agent, settings: Settings) -> Liquid | None:
    """The site's liquid of an agent, if it is in the agent's unit."""
    liquid = settings.liquid_of(agent.id)
    return liquid if liquid and liquid.unit == agent.unit else None


def rounded(value: Decimal, rule: Rounding, cap: Decimal | None = None) -> Rounded:
    """A dose by a rule: never above the cap (then down), and never to nothing (then as calculated)."""
    if rule.mode is Mode.EXEMPT:
        return Rounded(value)
    most = value if cap is None else min(value, cap)
    if rule.mode is Mode.FIGURES:
        return Rounded(_few_figures(value, most, cap, rule.percent))
    dose = _steps(value, rule.step, _ROUNDING[rule.mode])
    if cap is not None and dose > cap:
        dose = _steps(most, rule.step, ROUND_DOWN)
    if rule.mode is Mode.VIAL and abs(dose - value) * 100 > value * rule.percent:
        size = quantity(rule.step, rule.unit)
        return Rounded(value, say("no whole {size} vials within {percent} %", size=size, percent=figure(rule.percent)))
    return Rounded(dose) if dose else Rounded(value, say("nothing would be left"))


def _steps(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step


def _few_figures(value: Decimal, most: Decimal, cap: Decimal | None, percent: Decimal) -> Decimal:
    """The figure with the fewest significant digits that is near enough, the nearest of those; a half goes up."""
    last = value.normalize().as_tuple().exponent
    for exponent in range(value.adjusted(), int(last) - 1, -1):
        digit = Decimal(1).scaleb(exponent)
        dose = _steps(value, digit, ROUND_HALF_UP)
        if cap is not None and dose > cap:
            dose = _steps(most, digit, ROUND_DOWN)
        if dose and abs(dose - value) * 100 <= value * percent:
            return dose
    return value


def off_by(dose: Decimal, target: Decimal) -> str:
    """By how much a dose differs from what it should be, in words: `+2.6 %`, `under 0.1 %`."""
    percent = (dose - target) * 100 / target
    if abs(percent) < _LEAST_SHOWN:
        return say("under {percent} %", percent=str(_LEAST_SHOWN))
    shown = round_half_up(percent, 1)
    return f"{'+' if shown > 0 else ''}{plain(shown)} %"
