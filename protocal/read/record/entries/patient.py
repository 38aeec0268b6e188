"""Who the patient is: measures, facts, and what was given before -> entries."""

from typing import Literal

from protocal.model.entries import Diagnostic, Entry, Measured, Prior, Stated
from protocal.read.definition.fields import Id, Name
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import Above, Day, Height, Weight


class MeasureShape(EntryShape):
    """Height in cm and weight in kg."""

    entry: Literal["measure"]
    date: Day
    height: Height
    weight: Weight
    again: Day | None = None

    def _kind(self) -> type[Entry]:
        return Measured


class StateShape(EntryShape):
    """A fact that conditions ask for."""

    entry: Literal["state"]
    fact: Literal["cns", "risk"]
    value: Name

    def _kind(self) -> type[Entry]:
        return Stated


class DiagnosticShape(EntryShape):
    """An intrathecal agent given with the diagnostic lumbar puncture."""

    entry: Literal["diagnostic-it"]
    date: Day
    agent: Id

    def _kind(self) -> type[Entry]:
        return Diagnostic


class PriorShape(EntryShape):
    """What was given of an agent before this record; its unit is said, so that nobody takes mg for mg/m2."""

    entry: Literal["prior"]
    agent: Id
    amount: Above
    unit: Literal["mg/m2"]

    def _kind(self) -> type[Entry]:
        return Prior


SHAPES: dict[str, type[EntryShape]] = {
    "measure": MeasureShape,
    "state": StateShape,
    "diagnostic-it": DiagnosticShape,
    "prior": PriorShape,
}
