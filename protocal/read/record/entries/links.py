"""The addresses at which readers find a calendar -> entries."""

from typing import Annotated, Literal

from pydantic import Field

from protocal.model.entries import Entry, Linked
from protocal.model.reader import Who
from protocal.read.fields import made_of
from protocal.read.record.entries.shape import EntryShape

Language = Annotated[str, made_of("[a-z]{2}(-[A-Z]{2})?", 5, "a language as in en or es-MX")]


class LinkShape(EntryShape):
    """Where a reader finds the calendar, in which language and with which doses; a higher generation ends the last."""

    entry: Literal["link"]
    reader: Who
    generation: Annotated[int, Field(ge=1, strict=True)]
    language: Language
    doses: Literal["none", "confirmed", "all"]

    def _kind(self) -> type[Entry]:
        return Linked


SHAPES: dict[str, type[EntryShape]] = {"link": LinkShape}
