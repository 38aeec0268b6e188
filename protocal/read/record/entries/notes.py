"""Words for those who read the record, what is printed of them, and lines that no longer count -> entries."""

from typing import Annotated, Literal

from pydantic import Field

from protocal.model.entries import Entry, Noted, Remark, Remarked, Told, Undone
from protocal.read.record.entries.shape import EntryShape
from protocal.read.record.fields import Line, Text


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


class RemarkShape(EntryShape):
    """A fact that is printed and that warnings ask for."""

    entry: Literal["remark"]
    kind: Remark
    text: Line

    def _kind(self) -> type[Entry]:
        return Remarked


class ToldShape(EntryShape):
    """Who was told of what changed."""

    entry: Literal["told"]
    text: Text

    def _kind(self) -> type[Entry]:
        return Told


SHAPES: dict[str, type[EntryShape]] = {
    "undo": UndoShape,
    "note": NoteShape,
    "told": ToldShape,
    "remark": RemarkShape,
}
