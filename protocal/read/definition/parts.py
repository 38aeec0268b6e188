"""Parts that many lines of a definition have -> how well the line is known, and when it applies."""

from __future__ import annotations

from typing import Any

from protocal.model.course import Condition
from protocal.model.evidence import Backing
from protocal.read.definition.shapes import Backed, ConditionShape

TreePath = tuple[str | int, ...]


def condition_of(shape: ConditionShape) -> Condition:
    """When a line applies."""
    return Condition(
        arm=tuple(shape.arm),
        cns=tuple(shape.cns),
        risk=tuple(shape.risk),
        sex=tuple(shape.sex),
        first_with=shape.first_course_with or "",
        cycles=shape.cycle,
    )


def backing_of(shape: Backed) -> Backing:
    """How well a line is known, and where it was read."""
    evidence = shape.evidence
    if evidence is None:
        parts: tuple[Any, ...] = ()
    elif isinstance(evidence, dict):
        parts = tuple(evidence.items())
    else:
        parts = (("all", evidence),)
    return Backing(parts, tuple(shape.source), tuple(shape.open))
