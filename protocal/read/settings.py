"""A site's settings file in, a `Settings` value and problems out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from protocal.read.mistakes import check_shape
from protocal.read.record import Day
from protocal.read.shapes import Id, Sentence, Shape
from protocal.read.tree import read_tree
from protocal.words.doses import UNITS, number
from protocal.words.problems import Problem, has_errors
from protocal.words.settings import Ceiling, Clearance, Paper, Settings


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        raise ValueError(f"'{value}' is not a number above zero")
    return Decimal(value)


def _strength(value: object) -> Decimal:
    figure, _, unit = str(value).partition(" ")
    try:
        amount = number(figure) if unit in UNITS else Decimal(0)
    except ArithmeticError:
        amount = Decimal(0)
    if amount <= 0:
        raise ValueError(f"'{value}' is not a tablet; write it as in '50 mg'")
    return amount


Number = Annotated[Decimal, PlainValidator(_decimal), WithJsonSchema({"type": "number", "exclusiveMinimum": 0})]
Strength = Annotated[Decimal, PlainValidator(_strength), WithJsonSchema({"type": "string", "examples": ["50 mg"]})]


class CeilingShape(Shape):
    """A cumulative dose that is watched."""

    amount: Number = Field(description="In mg/m2 of the reference drug.")
    factors: dict[Id, Number] = Field(description="What 1 mg of an agent counts, in mg of the reference drug.")


class SettingsShape(Shape):
    """A site's choices; what is left out is as protocal has it."""

    format: Literal[1]
    closed_days: list[Day] = Field([], description="Besides Saturday and Sunday.")
    paper: Paper = Paper.LETTER
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    rounding_flag: Number = Field(Decimal(5), description="Per cent.")
    stale_days: Annotated[int, Field(ge=1, le=366)] = 28
    growth: Number = Field(Decimal(10), description="Per cent.")
    tablets: dict[Id, list[Strength]] = Field({}, description="Strengths at hand by agent, in the agent's unit.")
    ceilings: dict[Sentence, CeilingShape] = Field({}, description="Cumulative doses that are watched.")
    clearances: dict[Id, Sentence] = Field({}, description="The level below which an agent has cleared.")


def read_settings(path: Path) -> tuple[Settings | None, list[Problem]]:
    """Read a settings file: the settings, or None if they cannot be used, and all problems. Nothing is raised."""
    source = read_tree(path)
    shape = check_shape(SettingsShape, source) if source.tree is not None or not source.problems else None
    if shape is None or has_errors(source.problems):
        return None, source.problems
    settings = Settings(
        closed_days=frozenset(shape.closed_days),
        paper=shape.paper,
        language=shape.language,
        rounding_flag=shape.rounding_flag,
        stale_days=shape.stale_days,
        growth=shape.growth,
        strengths=tuple((agent, tuple(sorted(sizes))) for agent, sizes in shape.tablets.items()),
        ceilings=tuple(
            Ceiling(name, each.amount, tuple(each.factors.items())) for name, each in shape.ceilings.items()
        ),
        clearances=tuple(Clearance(agent, below) for agent, below in shape.clearances.items()),
    )
    return settings, source.problems
