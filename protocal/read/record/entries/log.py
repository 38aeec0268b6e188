"""What is said of the log itself: lines that do not count, and notes -> entries."""

from typing import Annotated, Literal

from pydantic import Field

from protocal.model.entries import Entry, Noted, Undone
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import Text


class UndoShape(EntryShape):
    """An earlier line of the log that no longer counts; the first line is 1."""

    entry: Literal["undo"]
    line: Annotated[int, Field(ge=1, strict=True)]

    def _kind(self) -> type[Entry]:
        return Undone


class NoteShape(EntryShape):
    """Words for those who read the record."""

    entry: Literal["note"]
    text: Text

    def _kind(self) -> type[Entry]:
        return Noted


SHAPES: dict[str, type[EntryShape]] = {
    "undo": UndoShape,
    "note": NoteShape,
}
