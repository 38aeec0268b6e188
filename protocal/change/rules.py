"""Two sets of a site's rules -> what differs between them, a line for each rule, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from protocal.model.agent import Agent
from protocal.model.settings import Settings, rules_by_name
from protocal.text.format import figure

_PERCENT = ("rounding_flag", "growth")
_ONE_OF = {"liquids": "liquid", "ceilings": "ceiling", "clearances": "clearance"}


def rule_changes(before: Settings, after: Settings, agents: Mapping[str, Agent]) -> Iterator[str]:
    """As in `closed days: + 2026-12-25`; `agents` are the definition's, which says what holds without the site."""
    one, other = rules_by_name(before), rules_by_name(after)
    for name in one:
        old, new = one[name], other[name]
        if name == "closed_days":
            for sign, days in (
                ("+", [day for day in new if day not in old]),
                ("-", [day for day in old if day not in new]),
            ):
                if days:
                    yield f"closed days: {sign} {', '.join(map(str, days))}"
            continue
        for key in [*old, *(key for key in new if key not in old)]:
            if old.get(key) != new.get(key):
                was, now = (_words(name, key, each.get(key), agents) for each in (old, new))
                yield f"{_title(name, key)}: was {was}, now {now}"


def rules_in_words(rules: Settings) -> list[str]:
    """All that a site says, where it is not as protocal has it: `rounding of vincristine IV nearest 0.1 mg`."""
    without, found = rules_by_name(Settings()), rules_by_name(rules)
    days = ", ".join(map(str, found.pop("closed_days")))
    return [f"closed days {days}"] * bool(days) + [
        f"{_title(name, key)} {_words(name, key, rule, {})}"
        for name, rules_of_it in found.items()
        for key, rule in rules_of_it.items()
        if without[name].get(key) != rule
    ]


def _title(name: str, key: Any) -> str:
    """As in `rounding of vincristine IV`."""
    spaced = _ONE_OF.get(name, name.replace("_", " "))
    if not key:
        return spaced
    if name == "rounding":
        agent, route = key
        return f"{spaced} of {agent} {route.value}" if route else f"{spaced} of {agent}"
    return f"{spaced} of {key}"


def _words(name: str, key: Any, rule: Any, agents: Mapping[str, Agent]) -> str:
    """What a rule says, or what holds where the site has none."""
    if rule is None:
        return _without(name, key, agents)
    match name:
        case "tablets":
            strengths, unit = rule
            return ", ".join(f"{figure(each)} {unit}" for each in strengths) or "none"
        case "liquids" | "rounding":
            return str(rule.text)
        case "ceilings":
            amount, factors = rule
            counted = ", ".join(f"{agent} x {figure(factor)}" for agent, factor in sorted(factors))
            return f"{figure(amount)} mg/m2 ({counted})"
        case "clearances":
            return f"below {figure(rule.below)} {rule.unit}"
        case "level_draws":
            return ", ".join(f"{hours} h" for hours in rule)
    return f"{figure(rule)} %" if name in _PERCENT else figure(rule)


def _without(name: str, key: Any, agents: Mapping[str, Agent]) -> str:
    """What holds of an agent of which the site says nothing."""
    agent = agents.get(key[0] if name == "rounding" else str(key))
    if name == "rounding":
        routes = agent.routes if agent and key[1] is None else (key[1],)
        rules = {rule.text for route in routes if agent and (rule := agent.rounding_for(route))}
        return f"{' or '.join(sorted(rules))} (the definition's)" if rules else "as calculated"
    if name == "tablets":
        return "as the definition has them" if agent and agent.tablets else "none"
    return {"liquids": "none", "ceilings": "not watched"}.get(name, "not said")
