"""A size of paper, as a value."""

from __future__ import annotations

from enum import Enum


class Paper(str, Enum):
    """A size of paper that a ward's printer holds."""

    LETTER = "letter"
    A4 = "a4"
