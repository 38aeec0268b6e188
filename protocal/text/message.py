"""A sentence's pattern and its values -> English text that can still be said in another language.

What plans and checks say of a dose or a day is English wherever it is compared, shown on a screen or written as data.
Paper in another language puts the same values into that language's pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from protocal.text.format import WEEKDAYS, figure, paper_date

Value = str | int | date


class Pattern(NamedTuple):
    """A sentence with names in braces for its values; `several` is that for any `number` but one."""

    text: str
    several: str = ""
    number: int = 1


class Said(str):
    """English text with the pattern and the values that it was made of; as a text, it is like any other."""

    __slots__ = ("pattern", "values")

    pattern: Pattern
    values: Mapping[str, Value]

    def __new__(cls, pattern: Pattern, values: Mapping[str, Value]) -> Said:
        """The sentence in English."""
        text = pattern.text if not pattern.several or pattern.number == 1 else pattern.several
        said = super().__new__(cls, text.format_map({name: _english(value) for name, value in values.items()}))
        said.pattern, said.values = pattern, values
        return said

    def __getnewargs__(self) -> tuple[Pattern, Mapping[str, Value]]:  # type: ignore[override] # it is made of more than text
        return self.pattern, self.values


def say(pattern: str, **values: Value) -> Said:
    """A sentence of the catalogues with its values: text, whole numbers, or dates, which each language writes."""
    return Said(Pattern(pattern), values)


def say_of(one: str, several: str, count: int, **values: Value) -> Said:
    """The same of a number of things, which is a value too, as `count`."""
    return Said(Pattern(one, several, count), {"count": figure(count), **values})


def own(text: str) -> Said:
    """A word of the definition, which a catalogue may happen to have; braces in it are only braces."""
    return Said(Pattern(text.replace("{", "{{").replace("}", "}}")), {})


def joined(separator: str, parts: Iterable[str]) -> str:
    """The parts that say something, put together; a single one as it is."""
    said = [part for part in parts if part]
    if len(said) < 2:
        return said[0] if said else ""
    values: dict[str, Value] = {f"part{number}": part for number, part in enumerate(said)}
    return Said(Pattern(separator.join(f"{{{name}}}" for name in values)), values)


def quantity(value: Decimal | int, unit: str) -> str:
    """`0.5 mg`, `1,950 units`: a figure with its unit, which is a word only where it is not a sign."""
    return say("{figure} units", figure=figure(value)) if unit == "units" else f"{figure(value)} {unit}"


def time_text(moment: datetime, zone: tzinfo | None) -> str:
    """`Tue 26-Jan-2027 14:00` in a zone."""
    local = moment.astimezone(zone)
    return say("{date} {clock}", date=local.date(), clock=f"{local:%H:%M}")


def unit_text(unit: str) -> str:
    """A unit by itself."""
    return say("units") if unit == "units" else unit


def weekdays_text(days: Iterable[int]) -> str:
    """`Mon, Wed`, of weekdays as numbers; Monday is 0."""
    return joined(", ", (Said(Pattern(WEEKDAYS[day]), {}) for day in sorted(days)))


def _english(value: Value) -> str:
    return paper_date(value) if isinstance(value, date) else str(value)
