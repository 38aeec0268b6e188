"""What becomes of doses: given, left out, moved, adjusted, of another drug -> entries."""

from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from protocal.model.entries import Adjusted, Dispensed, Entry, Given, Left, Moved, Substituted
from protocal.model.problems import Where
from protocal.read.definition.fields import Id
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import Day, Dose, Identity, LiquidHome, Made, Percent, TabletsHome, Time
from protocal.text.format import plain


class AdjustShape(EntryShape):
    """A percentage of an agent's full protocol dose; without `to` it holds until further notice."""

    entry: Literal["adjust"]
    agent: Id
    percent: Percent
    date: Day
    to: Day | None = None

    def _kind(self) -> type[Entry]:
        return Adjusted


class GiveShape(EntryShape):
    """An administration that was given: on a date, or at an hour; the dose, and what one dose was made of.

    A line without a seal may leave them out where they were those that were due; its seal puts them in.
    """

    entry: Literal["give"]
    id: Identity
    date: Day | None = None
    at: Time | None = None
    dose: Dose | None = None
    product: Made | None = None

    @model_validator(mode="after")
    def _when(self) -> Self:
        if self.date is None and self.at is None:
            raise ValueError("an administration was given on a date or at an hour; write 'date' or 'at'")
        if self.product and self.dose is not None and self.product.amount != self.dose:
            made = f"{plain(self.product.amount)} {self.product.unit}"
            raise ValueError(f"{self.product} is {made}, and the dose is {plain(self.dose)}; correct one of the two")
        return self

    def as_entry(self, where: Where, timezone: str) -> Entry:
        """The entry with its date, which is that of the hour on the ward's clocks where only the hour is written."""
        day = self.date or (self.at.astimezone(ZoneInfo(timezone)).date() if self.at else date.min)
        dose = self.product.amount if self.product and self.dose is None else self.dose
        names = ("recorded", "by", "why", "accepted", "seal", "id", "at", "product")
        return Given(**{name: getattr(self, name) for name in names}, date=day, dose=dose, where=where)


class DispenseShape(EntryShape):
    """What a family was given to take home of a drug: tablets of one strength, or a liquid."""

    entry: Literal["dispense"]
    agent: Id
    tablets: TabletsHome | None = None
    liquid: LiquidHome | None = None
    date: Day

    @model_validator(mode="after")
    def _one_product(self) -> Self:
        if (self.tablets is None) == (self.liquid is None):
            raise ValueError("one line says tablets of one strength or one liquid; write either 'tablets' or 'liquid'")
        return self

    def as_entry(self, where: Where, timezone: str) -> Entry:  # noqa: ARG002 - some shapes need it
        """The entry with its one product."""
        product = self.tablets or self.liquid
        assert product  # noqa: S101 - the shape has one
        names = ("recorded", "by", "why", "accepted", "seal", "agent", "date")
        return Dispensed(**{name: getattr(self, name) for name in names}, product=product, where=where)


class OmitShape(EntryShape):
    """Administrations that are left out."""

    entry: Literal["omit"]
    ids: Annotated[list[Identity], Field(min_length=1, max_length=500), AfterValidator(tuple)]

    def _kind(self) -> type[Entry]:
        return Left


class MoveShape(EntryShape):
    """An administration on another date."""

    entry: Literal["move"]
    id: Identity
    date: Day

    def _kind(self) -> type[Entry]:
        return Moved


class SubstituteShape(EntryShape):
    """What takes an agent's place from a date on."""

    entry: Literal["substitute"]
    agent: Id
    product: Id
    date: Day

    def _kind(self) -> type[Entry]:
        return Substituted


SHAPES: dict[str, type[EntryShape]] = {
    "adjust": AdjustShape,
    "give": GiveShape,
    "dispense": DispenseShape,
    "omit": OmitShape,
    "move": MoveShape,
    "substitute": SubstituteShape,
}
