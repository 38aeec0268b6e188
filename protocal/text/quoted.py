"""A value of a file -> how a message names it."""

from __future__ import annotations

_LONGEST = 60


def quoted(value: object) -> str:
    """`'ten'` for text and figures; what has none of its own, by its kind: `nothing`, `a list`, `true`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    text = str(value)
    return f"'{text if len(text) <= _LONGEST else text[: _LONGEST - 3] + '...'}'"
