"""Doses as a therapy table writes them: `1.5 mg/m2`, `max`, `every 6 h x 4`, `PO [IV]` in, frozen values out.

Every parser raises ValueError with a sentence for the reader of the file. Amounts are Decimal, never float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

UNITS = ("mg", "mcg", "g", "units")

_NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_DOSE = re.compile(rf"{_NUMBER} ({'|'.join(UNITS)})(?:/(m2|kg))?(/day)?")
_CAP = re.compile(rf"{_NUMBER} ({'|'.join(UNITS)})(/day)?")
_TABLE = re.compile(r"table ([a-z0-9][a-z0-9-]*)")
_EVERY = re.compile(r"every (\d+) h(?: x (\d+))?")
_ANCHOR = re.compile(r"(\d+)(?:-(\d+))? (h|min) (before|after) ([a-z0-9][a-z0-9-]*)")
_SPAN = re.compile(r"(\d+)(?:-(\d+))? (h|min)")
_TIMES_A_DAY = {"once": 1, "daily": 1, "BID": 2, "TID": 3, "QID": 4, "weekly": 1, "continuous": 1}
_HOURS_A_DAY = 24


class Route(str, Enum):
    """The way in."""

    PO = "PO"
    IV = "IV"
    IM = "IM"
    SC = "SC"
    IT = "IT"
    CIV = "CIV"


class Per(str, Enum):
    """What a dose is multiplied by; FLAT is multiplied by nothing."""

    M2 = "m2"
    KG = "kg"
    FLAT = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A dose by calculation: an amount, per m2, per kg or flat, for one dose or for a day."""

    value: Decimal
    unit: str
    per: Per
    a_day: bool = False


@dataclass(frozen=True, slots=True)
class ByTable:
    """A dose read from one of the protocol's tables."""

    table: str


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be given, for one dose or for a day."""

    value: Decimal
    unit: str
    a_day: bool = False


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often on a day of the order; `interval` in hours where doses are that far apart."""

    text: str
    per_day: int
    interval: int | None = None

    @property
    def weekly(self) -> bool:
        """Whether the days of the order are meant to be one a week."""
        return self.text == "weekly"

    @property
    def continuous(self) -> bool:
        """Whether the drug runs without a stop from day to day."""
        return self.text == "continuous"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as written, `36 h` or `15-30 min`; the minutes it may last at least and at most."""

    text: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """When the first dose is given: so long before or after the first dose of another order of the course."""

    text: str
    order: str
    span: Span
    before: bool


def number(text: str) -> Decimal:
    """A figure as written, with or without a comma between thousands."""
    return Decimal(text.replace(",", ""))


def parse_dose(text: str) -> Amount | ByTable:
    """`1.5 mg/m2`, `15 mcg/m2/day`, `0.5 mg/kg`, `20 mg`, or `table NAME`."""
    if table := _TABLE.fullmatch(text):
        return ByTable(table[1])
    match = _DOSE.fullmatch(text)
    if not match:
        raise ValueError(
            f"'{text}' is not a dose; write '1.5 mg/m2', '15 mcg/m2/day', '0.5 mg/kg', '20 mg' or 'table NAME', in"
            f" {', '.join(UNITS)}"
        )
    return Amount(_above_zero(match[1], text), match[2], Per(match[3] or ""), bool(match[4]))


def parse_cap(text: str) -> Cap:
    """`2 mg` for one dose, `28 mcg/day` for a day."""
    match = _CAP.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a cap; write '2 mg' for a dose or '28 mcg/day' for a day")
    return Cap(_above_zero(match[1], text), match[2], bool(match[3]))


def parse_frequency(text: str) -> Frequency:
    """`once`, `daily`, `BID`, `TID`, `QID`, `weekly`, `continuous`, `every 6 h` or `every 6 h x 4`."""
    if text in _TIMES_A_DAY:
        return Frequency(text, _TIMES_A_DAY[text])
    match = _EVERY.fullmatch(text)
    if not match:
        raise ValueError(
            f"'{text}' is not a frequency; write one of {', '.join(_TIMES_A_DAY)}, 'every 6 h' or 'every 6 h x 4'"
        )
    interval = int(match[1])
    if not 0 < interval <= _HOURS_A_DAY or (not match[2] and _HOURS_A_DAY % interval):
        raise ValueError(f"'{text}' does not fill a day evenly; say how many doses: 'every {interval} h x 2'")
    per_day = int(match[2] or _HOURS_A_DAY // interval)
    if per_day < 1 or per_day * interval > _HOURS_A_DAY + interval - 1:
        raise ValueError(f"'{text}' does not fit into a day")
    return Frequency(text, per_day, interval)


def parse_routes(text: str) -> tuple[Route, ...]:
    """`PO`, or `PO [IV]`: the route that is planned, and in brackets those that may be chosen instead."""
    match = re.fullmatch(r"([A-Z]+)(?: \[([A-Z]+(?:, [A-Z]+)*)\])?", text)
    names = [match[1], *(match[2] or "").split(", ")] if match else []
    names = [name for name in names if name]
    if not names or any(name not in Route.__members__ for name in names) or len(set(names)) < len(names):
        raise ValueError(f"'{text}' is not a route; write one of {', '.join(Route.__members__)}, or 'PO [IV]'")
    return tuple(Route(name) for name in names)


def parse_span(text: str) -> Span:
    """`36 h`, `15-30 min`."""
    match = _SPAN.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a length of time; write '36 h', '1-2 h' or '15-30 min'")
    minutes = 60 if match[3] == "h" else 1
    least, most = int(match[1]) * minutes, int(match[2] or match[1]) * minutes
    if not 0 < least <= most:
        raise ValueError(f"'{text}' is no length of time: the shorter one comes first, and it is above zero")
    return Span(text, least, most)


def parse_anchor(text: str) -> Anchor:
    """`48 h after mtx-hd`, `30-60 min before blina`: the last word is the key of an order of the same course."""
    match = _ANCHOR.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a clock; write '48 h after ORDER' or '30-60 min before ORDER'")
    span = parse_span(text.rsplit(" ", 2)[0])
    return Anchor(text, match[5], span, match[4] == "before")


def _above_zero(text: str, whole: str) -> Decimal:
    value = number(text)
    if value <= 0:
        raise ValueError(f"'{whole}' must be above zero")
    return value
