"""Everything that may differ between sites: one value, passed in and never global."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum


class Paper(str, Enum):
    """A size of paper that a ward's printer holds."""

    LETTER = "letter"
    A4 = "a4"


@dataclass(frozen=True, slots=True)
class Settings:
    """A site's choices.

    Attributes:
        closed_days: days besides Saturday and Sunday on which the site does not treat.
        paper: the paper that is printed on.
        language: of the printed and published words, as in `en`.
    """

    closed_days: frozenset[date] = frozenset()
    paper: Paper = Paper.LETTER
    language: str = "en"
