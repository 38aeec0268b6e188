"""Text typed at an option -> the same text, which any paper or screen can bear, or what is wrong with it."""

from __future__ import annotations

from pydantic import BaseModel

from protocal.model.problems import UsageError, Where
from protocal.read.record.fields import Label, Why
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source


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
