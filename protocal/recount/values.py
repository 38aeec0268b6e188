"""The words of the files -> what is counted, and small tools for text: plain values, nothing is decided here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import yaml

Node = Any  # a text, a list of nodes, or a dictionary of nodes: a file as it was written

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Counted:
    """One order on one date.

    Attributes:
        id: `course/order-key/day`, and `/part` where it is a part of that day.
        dose: one dose in `unit`; None where there is no figure. Tablets are not chosen here.
        per_day: how many doses the day has.
        hours: when they are given, where that is known.
        state: `due`, `given`, `held`, `omitted` or `moved`.
    """

    id: str
    course: str
    date: date
    agent: str
    route: str
    dose: Decimal | None
    unit: str
    per_day: int
    hours: tuple[datetime, ...]
    state: str


class _Texts(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # libyaml's where PyYAML has it
    """YAML in which every scalar is a text: `no`, `0012` and `12:30` stay as they are."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML wants it so


def read_yaml(text: str) -> Node:
    """A file's text -> texts, lists and dictionaries; yaml.YAMLError where it is no YAML."""
    return yaml.load(text, Loader=_Texts)  # noqa: S506 - a safe loader


def number(text: str) -> Decimal:
    """`2,500` -> 2500; decimal.InvalidOperation where it is no figure."""
    return Decimal(text.replace(",", "").strip())


def listed(node: Node) -> list[str]:
    """A list, or a text with commas -> its texts."""
    if isinstance(node, list):
        return [str(each) for each in node]
    return [each.strip() for each in str(node or "").split(",") if each.strip()]


def day_numbers(text: str, length: int) -> list[int]:
    """`1-5, 15`, `8-78 every 7` -> days; of `first N weekdays`, all days of the course, for dates decide."""
    days: list[int] = []
    for piece in listed(text):
        found = re.fullmatch(r"(-?\d+)(?:-(\d+))?(?: every (\d+))?(?: weekdays)?", piece)
        if not found:
            return list(range(1, length + 1))
        first, last, step = int(found[1]), int(found[2] or found[1]), int(found[3] or 1)
        days += range(first, last + 1, step)
    return days


def at_key(node: Node, key: str) -> Node:
    """What stands for a key, where one entry may be for several, `a, b: 15`; itself where it is no dictionary."""
    if not isinstance(node, Mapping):
        return node
    for keys, value in node.items():
        if key in listed(keys):
            return value
    return None


def at_day(node: Node, day: int) -> Node:
    """What stands for a day, where entries are for runs of days: `3-4: 0.5 mg/kg`."""
    if not isinstance(node, Mapping):
        return node
    for days, value in node.items():
        if day in day_numbers(str(days), 0):
            return value
    return None


def years_on(born: date, on: date) -> int:
    """Completed years on a date; of 29 February the birthday is 28 February where there is none."""
    return on.year - born.year - (on < anniversary(born, on.year - born.year))


def anniversary(day: date, years: int) -> date:
    """The same day so many years later; of 29 February it is 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)
