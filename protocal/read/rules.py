"""The rules of a site, as its settings file and the log of a record spell them <-> a `Settings` value."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from protocal.model.doses import Liquid, Rounding, Route, Strengths, parse_liquid, parse_rounding, parse_strengths
from protocal.model.problems import Where
from protocal.model.settings import Ceiling, Clearance, Settings
from protocal.read.definition.fields import Id, Sentence
from protocal.read.definition.shapes import Shape
from protocal.read.fields import in_words, read_by
from protocal.read.record.fields import Day
from protocal.text.format import check_figures, plain
from protocal.text.message import quantity
from protocal.text.quoted import quoted


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        raise ValueError(f"{quoted(value)} is not a number above zero")
    check_figures(plain(Decimal(value)))
    return Decimal(value)


def _tablet(value: object) -> Strengths:
    check_figures(str(value))
    try:
        tablet = parse_strengths(str(value))
    except ValueError:
        raise ValueError(f"{quoted(value)} is not a tablet; write it as in '50 mg'") from None
    if len(tablet.values) > 1:
        raise ValueError(f"{quoted(value)} is more than one tablet; write them as a list, or all in one text")
    return tablet


def _alike(tablets: list[Strengths]) -> list[Strengths]:
    if len({tablet.unit for tablet in tablets}) > 1:
        raise ValueError("these tablets mix units; write all of a drug in the unit that it is dosed in")
    if len({tablet.values for tablet in tablets}) < len(tablets):
        raise ValueError("a tablet stands here twice; write each strength once")
    return sorted(tablets, key=lambda tablet: tablet.values)


def _one_text(value: object) -> object:
    return value.split(", ") if isinstance(value, str) else value


def _below(value: object) -> tuple[Decimal, str]:
    check_figures(str(value))
    match = re.fullmatch(r"below ([0-9]+(?:\.[0-9]+)?) ([A-Za-z]+/[A-Za-z]+)", str(value))
    if not match or not Decimal(match[1]):
        raise ValueError(f"{quoted(value)} is not a clearing level; write it as in 'below 0.1 micromol/L'")
    return Decimal(match[1]), match[2]


def _hours(value: object) -> tuple[int, ...]:
    pieces = [re.fullmatch(r"([0-9]{1,3}) h", piece.strip()) for piece in str(value).split(",")]
    hours = [int(match[1]) for match in pieces if match]
    if len(hours) < len(pieces) or sorted(set(hours)) != hours:
        raise ValueError(
            f"{quoted(value)} are not hours of level draws; write them in their order, as in '24 h, 36 h, 48 h'"
        )
    return tuple(hours)


Number = Annotated[Decimal, read_by(_decimal, type="number", exclusiveMinimum=0)]
Below = Annotated[
    tuple[Decimal, str],
    read_by(_below, type="string", examples=["below 0.1 micromol/L"]),
]
DrawHours = Annotated[tuple[int, ...], read_by(_hours, type="string", examples=["24 h, 36 h, 48 h"])]
Tablet = Annotated[Strengths, read_by(_tablet, type="string", examples=["50 mg"])]
Tablets = Annotated[list[Tablet], BeforeValidator(_one_text), AfterValidator(_alike)]
Liquids = Annotated[Liquid, in_words(parse_liquid, "20 mg/mL in steps of 0.1 mL")]
Roundings = Annotated[Rounding, in_words(parse_rounding, "nearest 0.1 mg", "within 5 %", "exempt")]


class CeilingShape(Shape):
    """A cumulative dose that is watched."""

    amount: Number = Field(description="In mg/m2 of the reference drug.")
    factors: dict[Id, Number] = Field(description="What 1 mg of an agent counts, in mg of the reference drug.")


class RulesShape(Shape):
    """A site's rules: what can change a date, a dose, a product or a limit of a check."""

    closed_days: list[Day] = Field([], description="Besides Saturday and Sunday.")
    rounding_flag: Number = Field(Decimal(5), description="Per cent.")
    stale_days: Annotated[int, Field(ge=1, le=366, strict=True)] = 28
    growth: Number = Field(Decimal(10), description="Per cent.")
    tablets: dict[Id, Tablets] = Field({}, description="Strengths at hand by agent, in the agent's unit.")
    liquids: dict[Id, Liquids] = Field({}, description="What an agent may be given as instead of tablets.")
    rounding: dict[Id, Roundings | dict[Route, Roundings]] = Field(
        {}, description="The site's own rules, which take the place of the definition's: one, or one for each route."
    )
    ceilings: dict[Sentence, CeilingShape] = Field({}, description="Cumulative doses that are watched.")
    clearances: dict[Id, Below] = Field({}, description="The level below which an agent has cleared.")
    level_draws: dict[Id, DrawHours] = Field(
        {}, description="Hours after an infusion's start at which levels are drawn."
    )


def rules_of(shape: RulesShape, place: Callable[[str, str], Where]) -> Settings:
    """The rules of what is written; `place` says where a key has an agent, for what another file can contradict."""
    return Settings(
        closed_days=frozenset(shape.closed_days),
        rounding_flag=shape.rounding_flag,
        stale_days=shape.stale_days,
        growth=shape.growth,
        strengths=tuple(
            (agent, tuple(tablet.values[0] for tablet in tablets)) for agent, tablets in shape.tablets.items()
        ),
        strength_units=tuple((agent, tablets[0].unit) for agent, tablets in shape.tablets.items() if tablets),
        liquids=tuple(shape.liquids.items()),
        rounding=tuple(
            (agent, route, rule)
            for agent, rules in shape.rounding.items()
            for route, rule in (rules.items() if isinstance(rules, dict) else [(None, rules)])
        ),
        ceilings=tuple(
            Ceiling(name, each.amount, tuple(each.factors.items())) for name, each in shape.ceilings.items()
        ),
        clearances=tuple(Clearance(agent, *below) for agent, below in shape.clearances.items()),
        level_draws=tuple(shape.level_draws.items()),
        places=tuple(
            ((key, agent), place(key, agent))
            for key, agents in (("tablets", shape.tablets), ("liquids", shape.liquids), ("rounding", shape.rounding))
            for agent in agents
        ),
    )


def rules_as_written(settings: Settings) -> dict[str, Any]:
    """The rules as a file spells them, by its keys; what a site says nothing of is left out.

    Figures that protocal has for all sites are written, too: what it has may be another one day.
    """
    units = dict(settings.strength_units)
    written: dict[str, Any] = {
        "closed days": [day.isoformat() for day in sorted(settings.closed_days)],
        "rounding flag": settings.rounding_flag,
        "stale days": settings.stale_days,
        "growth": settings.growth,
        "tablets": {
            agent: [str(quantity(each, units[agent])) for each in strengths] for agent, strengths in settings.strengths
        },
        "liquids": {agent: liquid.text for agent, liquid in settings.liquids},
        "rounding": {agent: _rounding(settings, agent) for agent, _route, _rule in settings.rounding},
        "ceilings": {each.name: {"amount": each.amount, "factors": dict(each.factors)} for each in settings.ceilings},
        "clearances": {each.agent: f"below {plain(each.below)} {each.unit}" for each in settings.clearances},
        "level draws": {agent: ", ".join(f"{each} h" for each in hours) for agent, hours in settings.level_draws},
    }
    return {key: value for key, value in written.items() if value not in ([], {})}


def _rounding(settings: Settings, agent: str) -> str | dict[str, str]:
    """An agent's rule, or one for each way in."""
    rules = {way: rule for each, way, rule in settings.rounding if each == agent}
    if set(rules) == {None}:
        return str(rules[None].text)
    found = ((route, settings.rounding_of(agent, route)) for route in Route)
    return {route.value: str(rule.text) for route, rule in found if rule}
