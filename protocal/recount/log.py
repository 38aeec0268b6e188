"""A record's text -> what stands in it: its header, and the lines of its log that were not undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from protocal.recount.values import Node


@dataclass(frozen=True)
class Record:
    """A patient's header, and the lines of the log that stand, in their order."""

    born: date
    sex: str
    zone: ZoneInfo
    lines: tuple[Mapping[str, Node], ...]

    def of(self, *kinds: str) -> list[Mapping[str, Node]]:
        """The lines of some kinds, in the order of the log."""
        return [line for line in self.lines if line["entry"] in kinds]

    def fact(self, name: str) -> str:
        """The last that was said of `cns` or `risk`; empty where nothing was."""
        said = [str(line["value"]) for line in self.of("state") if line["fact"] == name]
        return said[-1] if said else ""

    def last_date(self, kind: str) -> date | None:
        """The date of the last line of a kind."""
        dates = [day(line["date"]) for line in self.of(kind)]
        return dates[-1] if dates else None


def day(text: str) -> date:
    """`2026-12-01` -> a date; ValueError where it is none."""
    return date.fromisoformat(text)


def instant(text: str, zone: ZoneInfo) -> datetime:
    """An hour with its offset -> the hour on the ward's clocks."""
    return datetime.fromisoformat(text).astimezone(zone)


def read_record(tree: Node) -> Record:
    """The tree of a record; from its end on, an undo that stands takes away the line that it names."""
    lines: list[Mapping[str, Node]] = list(tree["log"] or [])
    gone: set[int] = set()
    for place in range(len(lines), 0, -1):
        line = lines[place - 1]
        if line["entry"] == "undo" and place not in gone:
            gone.add(int(line["line"]))
    standing = tuple(line for place, line in enumerate(lines, 1) if place not in gone and line["entry"] != "undo")
    return Record(day(tree["born"]), tree["sex"], ZoneInfo(tree["timezone"]), standing)
