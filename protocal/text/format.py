"""Figures and dates as they stand on paper and screen: a Decimal or a date -> safe text.

Sources: ISMP and Joint Commission lists (rules P6, P7 and P10): no trailing zero, a leading zero always, a comma
between thousands, no micro sign, weekday and month in letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_LONG = re.compile(r"[0-9]{13}")
_LONG_TIME = re.compile(r"[0-9]{6} (h|min|days?)\b")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def check_figures(text: str) -> None:
    """Raise ValueError with a sentence for figures so long that they cannot be a dose, or a time, that is meant.

    Sums of those that are left stay within the figures that Decimal keeps, and within the calendar.
    """
    if _LONG.search(text):
        raise ValueError(f"'{_start_of(text)}' has a figure of more than 12 digits; write the one that is meant")
    if _LONG_TIME.search(text):
        raise ValueError(f"'{_start_of(text)}' is longer than any therapy; write the time that is meant")


def _start_of(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def round_half_up(value: Decimal, places: int) -> Decimal:
    """The value with at most so many decimals, a half rounded away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """The value as data: `1.17`, `2`, `1950`; no exponent, no trailing zero, no comma."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(4096)
def figure(value: Decimal | int) -> str:
    """The value for people: `0.5`, `2`, `1,950`."""
    text = plain(Decimal(value))
    whole, dot, rest = text.partition(".")
    return f"{int(whole):,}{dot}{rest}" if not whole.startswith("-0") else text


def paper_date(day: date) -> str:
    """`Tue 01-Dec-2026`."""
    return f"{WEEKDAYS[day.weekday()]} {short_date(day)}"


def short_date(day: date) -> str:
    """`01-Dec-2026`, where a weekday is not wanted."""
    return f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}"


def runs(days: Iterable[int]) -> str:
    """Day numbers in the words of a therapy table: `1-5, 15-19`."""
    parts: list[str] = []
    ordered = sorted(days)
    start = 0
    for index, day in enumerate(ordered):
        if index + 1 == len(ordered) or ordered[index + 1] != day + 1:
            first = ordered[start]
            parts.append(str(first) if first == day else f"{first}-{day}")
            start = index + 1
    return ", ".join(parts)
