"""Text in that was typed at an option and stands in no file; the same text out, which any paper or screen can bear."""

from __future__ import annotations

from pydantic import BaseModel

from protocal.read.entries import Why
from protocal.read.mistakes import check_shape
from protocal.read.tree import Source
from protocal.words.problems import UsageError, Where


class _Typed(BaseModel):
    """What may be typed, by its option, in the shapes that a record's file has for the like."""

    reason: Why = ""


def check_reason(text: str) -> str:
    """A reason, held against the same shape as one in a record's log. Raises UsageError that names the option."""
    source = Source("", {"reason": text}, {("reason",): Where("--reason")})
    shape = check_shape(_Typed, source)
    if shape is None:
        raise UsageError.at_options(source.problems)
    return shape.reason
