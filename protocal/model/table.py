"""Doses by age or by weight, as frozen values."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from enum import Enum

from protocal.model.evidence import Backing
from protocal.model.frozen import frozen
from protocal.model.problems import Where
from protocal.text.format import figure
from protocal.text.message import say, say_of


class By(str, Enum):
    """What the rows of a table go by."""

    AGE = "age"
    WEIGHT = "weight"


@frozen
class Band:
    """A row of a table; no `high` means and more.

    By age it runs from `low` to `high` completed years, both included, by weight from `low` to under `high` kg.
    """

    text: str
    by: By
    low: Decimal
    high: Decimal | None
    values: tuple[Decimal, ...]
    where: Where = field(compare=False)

    @property
    def words(self) -> str:
        """`3 to 8 years`, `9 years and over`, `10 to under 20 kg`."""
        low, high = figure(self.low), "" if self.high is None else figure(self.high)
        if self.by is By.AGE:
            if not high:
                return say("{low} years and over", low=low)
            if low == high:
                return say_of("{count} year", "{count} years", int(self.low))
            return say("{low} to {high} years", low=low, high=high)
        if not high:
            return say("{low} kg and over", low=low)
        return say("{low} to under {high} kg", low=low, high=high) if self.low else say("under {high} kg", high=high)

    def holds(self, value: Decimal | int) -> bool:
        """Whether an age in completed years, or a weight in kg, belongs to this row."""
        if self.high is None:
            return self.low <= value
        return self.low <= value <= self.high if self.by is By.AGE else self.low <= value < self.high


@frozen(eq=False)
class Table:
    """Doses by age or by weight: one column an agent, one row a band of completed years or of kg."""

    id: str
    title: str
    by: By
    unit: str
    columns: tuple[str, ...]
    bands: tuple[Band, ...]
    backing: Backing
    where: Where

    def band(self, value: Decimal | int) -> Band | None:
        """The row that an age in completed years, or a weight in kg, belongs to, if any."""
        return next((band for band in self.bands if band.holds(value)), None)
