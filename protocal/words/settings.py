"""Everything that may differ between sites: one value, passed in and never global."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


class Paper(str, Enum):
    """A size of paper that a ward's printer holds."""

    LETTER = "letter"
    A4 = "a4"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A cumulative dose not to be passed, in mg/m2 of a reference drug; `factors` turn other agents into it."""

    name: str
    amount: Decimal
    factors: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Clearance:
    """The level below which an agent has cleared, as the site writes it."""

    agent: str
    below: str


@dataclass(frozen=True, slots=True)
class Settings:
    """A site's choices.

    Attributes:
        closed_days: days besides Saturday and Sunday on which the site does not treat.
        paper: the paper that is printed on.
        language: of the printed and published words, as in `en`.
        rounding_flag: per cent by which a rounded dose may differ from the calculated one before it is flagged.
        stale_days: age of a measurement at a started course's first day from which it is flagged.
        growth: change of weight, in per cent of the dosing weight, from which a running course is flagged.
        strengths: tablets at hand by agent, in the agent's unit; halves of them may be given.
        ceilings: cumulative doses that are watched; none without the site's word, for published factors differ.
        clearances: levels at which a rescue ends; none without the site's word.
    """

    closed_days: frozenset[date] = frozenset()
    paper: Paper = Paper.LETTER
    language: str = "en"
    rounding_flag: Decimal = Decimal(5)
    stale_days: int = 28
    growth: Decimal = Decimal(10)
    strengths: tuple[tuple[str, tuple[Decimal, ...]], ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    clearances: tuple[Clearance, ...] = ()

    def strengths_of(self, agent: str) -> tuple[Decimal, ...]:
        """The tablets at hand of an agent; empty if the site has not said."""
        return dict(self.strengths).get(agent, ())
