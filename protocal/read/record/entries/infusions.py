"""What becomes of an infusion: its bags, stops and restarts, and when its drug has cleared -> entries."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from protocal.model.entries import Bagged, Cleared, Entry, Interrupted, Resumed
from protocal.read.definition.fields import Id
from protocal.read.fields import made_of
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import Day, Dose, Reason, Time


def _ascending(hours: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(hours)))


class BagsShape(EntryShape):
    """How long bags may last that are hung on a date or later."""

    entry: Literal["bags"]
    agent: Id
    hours: Annotated[
        list[Annotated[int, Field(ge=1, le=168, strict=True)]],
        Field(min_length=1, max_length=10),
        AfterValidator(_ascending),
    ]
    date: Day

    def _kind(self) -> type[Entry]:
        return Bagged


class InterruptShape(EntryShape):
    """A continuous infusion that stopped, and why."""

    entry: Literal["interrupt"]
    course: Id
    at: Time
    why: Reason

    def _kind(self) -> type[Entry]:
        return Interrupted


class ResumeShape(EntryShape):
    """The infusion running again, and why; `dose` for 24 h."""

    entry: Literal["resume"]
    course: Id
    at: Time
    dose: Dose | None = None
    why: Reason

    def _kind(self) -> type[Entry]:
        return Resumed


class ClearShape(EntryShape):
    """A level by which an agent has cleared."""

    entry: Literal["clear"]
    course: Id
    agent: Id
    at: Time
    level: Annotated[str, made_of(r"[0-9]+(\.[0-9]+)? [A-Za-z]+/[A-Za-z]+", 60, "a level as in '0.08 micromol/L'")]

    def _kind(self) -> type[Entry]:
        return Cleared


SHAPES: dict[str, type[EntryShape]] = {
    "bags": BagsShape,
    "interrupt": InterruptShape,
    "resume": ResumeShape,
    "clear": ClearShape,
}
