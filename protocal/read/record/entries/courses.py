"""When a course starts, waits and pauses -> entries."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, model_validator

from protocal.model.entries import Delayed, Entry, Held, HoldRule, Started
from protocal.read.definition.fields import Id
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import CountValue, Day, DayCount


def _pairs(values: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(values.items())


class StartShape(EntryShape):
    """A course's first day."""

    entry: Literal["start"]
    course: Id
    date: Day
    counts: Annotated[dict[Id, CountValue], Field(max_length=20, validate_default=True), AfterValidator(_pairs)] = {}  # noqa: RUF012 - pydantic copies it

    def _kind(self) -> type[Entry]:
        return Started


class DelayShape(EntryShape):
    """A course that waits: so many days, or until a date."""

    entry: Literal["delay"]
    course: Id
    days: DayCount | None = None
    to: Day | None = None
    only: StrictBool = False
    from_day: Annotated[int, Field(ge=0, le=3660, strict=True)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.days is None) == (self.to is None):
            raise ValueError("a delay is so many days or to a date; write either 'days' or 'to'")
        if self.only and self.from_day is not None:
            raise ValueError("a delay within a course moves its end; leave out 'only' or 'from_day'")
        return self

    def _kind(self) -> type[Entry]:
        return Delayed


class HoldShape(EntryShape):
    """Days on which a course's drugs are not given."""

    entry: Literal["hold"]
    course: Id
    date: Day
    days: DayCount
    rule: HoldRule

    def _kind(self) -> type[Entry]:
        return Held


SHAPES: dict[str, type[EntryShape]] = {
    "start": StartShape,
    "delay": DelayShape,
    "hold": HoldShape,
}
