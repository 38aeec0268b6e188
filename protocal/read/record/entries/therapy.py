"""The way of the therapy: its definition, arm, failure, transplant and end -> entries."""

from typing import Literal

from protocal.model.entries import Assigned, Defined, Ending, Entry, Failed, Stopped, Transplanted
from protocal.read.definition.fields import Id, Name
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import Day, Reason, Time


class DefinitionShape(EntryShape):
    """The definition used from here on; courses that have begun keep theirs, or only those before `from_course`."""

    entry: Literal["definition"]
    version: Name
    digest: str
    from_course: Id | Literal[""] = ""

    def _kind(self) -> type[Entry]:
        return Defined


class AssignShape(EntryShape):
    """The arm."""

    entry: Literal["assign"]
    arm: Name
    date: Day

    def _kind(self) -> type[Entry]:
        return Assigned


class FailShape(EntryShape):
    """Treatment failure."""

    entry: Literal["fail"]
    date: Day

    def _kind(self) -> type[Entry]:
        return Failed


class EndShape(EntryShape):
    """Another last day of therapy than the protocol's; it needs a reason."""

    entry: Literal["end"]
    date: Day
    why: Reason

    def _kind(self) -> type[Entry]:
        return Ending


class TransplantShape(EntryShape):
    """Day 0 of the transplant."""

    entry: Literal["transplant"]
    date: Day

    def _kind(self) -> type[Entry]:
        return Transplanted


class StopShape(EntryShape):
    """The end of all therapy, that day included."""

    entry: Literal["stop"]
    date: Day
    at: Time | None = None
    why: Reason

    def _kind(self) -> type[Entry]:
        return Stopped


SHAPES: dict[str, type[EntryShape]] = {
    "definition": DefinitionShape,
    "assign": AssignShape,
    "fail": FailShape,
    "end": EndShape,
    "transplant": TransplantShape,
    "stop": StopShape,
}
