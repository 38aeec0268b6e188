"""A site's settings and a protocol -> what is written in another unit than the protocol's."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.model.settings import Settings


def check_units(settings: Settings, protocol: Protocol) -> Iterator[Problem]:
    """What is in another unit than a protocol's agent; agents and routes of other protocols are left alone."""
    for agent in protocol.agents.values():
        liquid = settings.liquid_of(agent.id)
        written = [("tablets", unit) for each, unit in settings.strength_units if each == agent.id]
        written += [("liquids", liquid.unit)] if liquid else []
        written += [("rounding", rule.unit) for each, _route, rule in settings.rounding if each == agent.id]
        for key, unit in written:
            if unit not in ("", agent.unit):
                yield Problem(
                    "unit",
                    f"'{key}' of {agent.id} is written in {unit}, but {protocol.id} doses it in {agent.unit}",
                    settings.where(key, agent.id),
                    f"Write it in {agent.unit}.",
                )
