"""Figures and dates as a person types them -> numbers and dates, or the spelling that was meant.

There is one spelling: the figures 0 to 9, with a point for decimals and figures on both sides of it. Python's own
readers know many more (`\u0661\u0660`, `1_000`, `1e3`, `0x1c`, `20270105`), of which a person may read another number.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time
from decimal import Decimal
from unicodedata import decimal as digit_of

from protocal.text.format import MONTHS

WHOLE = "[0-9]{1,9}"
DECIMAL = r"[0-9]{1,9}(?:\.[0-9]{1,12})?"
THOUSANDS = rf"[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,3}}(?:\.[0-9]{{1,12}})?|{DECIMAL}"  # as in 1,950

FIRST_YEAR, LAST_YEAR = 1900, 2200  # so few that no sum of days leaves the calendar

_DATE = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,6})?)?"
    "(?:Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
)
_ODD = re.compile(
    r"(?<![\w.])(?:(?P<base>0(?:x[0-9a-f]{1,16}|o[0-7]{1,16}|b[01]{1,16}))"
    r"|(?:^\+)?(?P<figures>[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?P<power>e[+-]?[0-9]{1,3})?)(?![\w.]|-[0-9])",
    re.IGNORECASE,
)
_SIGNS = {"\u066b": ".", "\uff0e": ".", "\u066c": "", "\uff0c": ",", "\uff0d": "-", "\uff0b": "+", "\u2212": "-"}
_LONGEST = 20  # a figure that is longer helps nobody
_MOST = 200  # characters of a text in which there is a figure to be found


def read_whole(text: str) -> int:
    """`28` -> 28. Raises ValueError with a sentence that says how it is written."""
    if not re.fullmatch(WHOLE, text):
        raise ValueError(f"'{text}' is not a whole number; {_write(text, 'the figures 0 to 9')}")
    return int(text)


def read_date(text: str) -> date:
    """`2026-12-01`. Raises ValueError with a sentence that says what is wrong with it."""
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a date; write it as in 2026-12-01, year-month-day")
    year, month, number = map(int, match.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the year {year} cannot be meant; write one from {FIRST_YEAR} to {LAST_YEAR}")
    if not 1 <= month <= 12:
        raise ValueError(f"{text} has no month {month}; write it as in 2026-12-01, year-month-day")
    last = monthrange(year, month)[1]
    if not 1 <= number <= last:
        raise ValueError(f"there is no day {text}; {MONTHS[month - 1]} {year} has {last} days")
    return date(year, month, number)


def read_time(text: str) -> datetime:
    """`2026-12-01T09:30:00+00:00`: a date, an hour and a zone. Raises ValueError."""
    if not _TIME.fullmatch(text):
        raise ValueError(f"'{text}' is not a time with a zone; write '2026-12-01T09:30:00+00:00'")
    read_date(text[: len("2026-12-01")])
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no hour as in {text}; write '2026-12-01T09:30:00+00:00'") from None


def read_hour(text: str) -> time:
    """`18:00`, from 00:00 to 23:59. Raises ValueError with a sentence that says how it is written."""
    if not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(f"'{text}' is not an hour; write it as in 18:00, from 00:00 to 23:59")
    return time.fromisoformat(text)


def meant(text: str) -> str:
    """The text with each figure in the one spelling: `0x1c mg` -> `28 mg`; the same text where all are so already."""
    if len(text) > _MOST:
        return text
    signs = "".join(_SIGNS.get(char, str(digit_of(char, char))) for char in text)
    return _ODD.sub(_plainly, signs)


def _plainly(match: re.Match[str]) -> str:
    if match["base"]:
        found = str(int(match["base"], 0))
    else:
        figures = match["figures"].strip("_").replace("_", "").removesuffix(".")
        found = figures if figures[0] != "." else f"0{figures}"
        if match["power"]:
            found = format(Decimal(found + match["power"]), "f")
    return found if len(found) <= _LONGEST else match[0]


def _write(text: str, kind: str) -> str:
    plain = meant(text)
    return f"write {plain}" if plain != text and re.fullmatch(WHOLE, plain) else f"write it with {kind}"
