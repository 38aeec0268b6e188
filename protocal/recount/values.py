"""The texts of files -> what stands in them, and what is counted: plain values, nothing is decided here."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import yaml

Node = Any  # a text, a list of nodes, or a dictionary of nodes: a file as it was written
Line = Mapping[str, Any]  # a dictionary of a file: an order, a line of the log

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Counted:
    """One order on one date; `id` is `course/order-key/day`, and `/part` where it is a part of that day.

    `dose` is one of `per_day`, before tablets are chosen; `state` is due, given, held, omitted or moved.
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


@dataclass(frozen=True)
class Record:
    """A patient's header, and the lines of the log that stand, in their order."""

    born: date
    sex: str
    zone: ZoneInfo
    lines: tuple[Line, ...]

    def of(self, *kinds: str) -> list[Line]:
        """The lines of some kinds, in the order of the log."""
        return [line for line in self.lines if line["entry"] in kinds]

    def said(self, kind: str, key: str, **facts: str) -> str:
        """What the last line of a kind has at a key; empty where there is none."""
        lines = [line for line in self.of(kind) if all(line[name] == value for name, value in facts.items())]
        return str(lines[-1][key]) if lines else ""

    def last_date(self, kind: str) -> date | None:
        """The date of the last line of a kind."""
        return day(text) if (text := self.said(kind, "date")) else None

    def instant(self, text: str) -> datetime:
        """An hour with its offset -> the hour on the ward's clocks."""
        return datetime.fromisoformat(text).astimezone(self.zone)


def read_record(tree: Node) -> Record:
    """The tree of a record; from its end on, an undo that stands takes away the line that it names."""
    gone, zone = set[int](), ZoneInfo(tree["timezone"])
    for place, line in reversed(list(enumerate(tree["log"], 1))):
        if line["entry"] == "undo" and place not in gone:
            gone.add(int(line["line"]))
        if line["entry"] == "give" and line.get("at"):  # which says the date, too
            line.setdefault("date", datetime.fromisoformat(line["at"]).astimezone(zone).date().isoformat())
    lines = [line for place, line in enumerate(tree["log"], 1) if place not in gone and line["entry"] != "undo"]
    return Record(day(tree["born"]), tree["sex"], zone, tuple(lines))


def day(text: str) -> date:
    """`2026-12-01` -> a date; ValueError where it is none."""
    return date.fromisoformat(text)


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
        days += range(int(found[1]), int(found[2] or found[1]) + 1, int(found[3] or 1))
    return days


def at_key(node: Node, key: str) -> Node:
    """What stands for a key or a day, of which one entry may have several, `a, b: 15`, `3-4: 0.5 mg/kg`; or itself."""
    if not isinstance(node, Mapping):
        return node
    several = ((keys, listed(keys) + [str(each) for each in day_numbers(str(keys), 0)]) for keys in node)
    return next((node[keys] for keys, each in several if key in each), None)


def anniversary(day: date, years: int) -> date:
    """The same day so many years later; of 29 February it is 28 February where there is none."""
    return day.replace(year=day.year + years, day=min(day.day, monthrange(day.year + years, day.month)[1]))
