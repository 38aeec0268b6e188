"""A title that was typed at an option and stands in no file; the same title out, which any calendar can show."""

from __future__ import annotations

from pydantic import BaseModel

from protocal.read.entries import Label
from protocal.read.mistakes import check_shape
from protocal.read.tree import Source
from protocal.words.problems import UsageError, Where


class _Typed(BaseModel):
    """What may be typed, in the shape that a record's file has for the like."""

    title: Label = ""


def check_title(text: str) -> str:
    """A title without spaces around it, held against the shape of all short texts. Raises UsageError."""
    source = Source("", {"title": text}, {("title",): Where("--title")})
    shape = check_shape(_Typed, source)
    if shape is None:
        raise UsageError.at_options(source.problems)
    return shape.title.strip()
