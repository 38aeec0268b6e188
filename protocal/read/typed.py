"""Text in that was typed at an option and stands in no file; the same text out, which any paper or screen can bear."""

from __future__ import annotations

from pydantic import BaseModel

from protocal.read.entries import Label, Why
from protocal.read.mistakes import check_shape
from protocal.read.tree import Source
from protocal.words.problems import UsageError, Where


class _Typed(BaseModel):
    """What may be typed, by its option, in the shapes that a record's file has for the like."""

    reason: Why = ""
    title: Label = ""


def check_reason(text: str) -> str:
    """A reason, held against the same shape as one in a record's log. Raises UsageError that names the option."""
    return _checked(reason=text).reason


def check_title(text: str) -> str:
    """A title without spaces around it, held against the shape of all short texts. Raises UsageError."""
    return _checked(title=text).title.strip()


def _checked(**typed: str) -> _Typed:
    source = Source("", dict(typed), {(name,): Where.at_option(name) for name in typed})
    shape = check_shape(_Typed, source)
    if shape is None:
        raise UsageError.at_options(source.problems)
    return shape
