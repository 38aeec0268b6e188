"""A record -> its log as numbered lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from protocal.change.rules import rules_in_words
from protocal.model.entries import Entry, IssuedSheet
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.text.format import paper_date, plain

_NAMES = {
    "Defined": "definition", "Measured": "measure", "Stated": "state", "Diagnostic": "diagnostic-it",
    "Assigned": "assign", "Started": "start", "Failed": "fail", "Ending": "end", "Remarked": "remark",
    "Prior": "prior", "Adjusted": "adjust", "Given": "give", "Dispensed": "dispense", "Bagged": "bags",
    "Delayed": "delay", "Held": "hold", "Left": "omit", "Moved": "move", "Substituted": "substitute",
    "Interrupted": "interrupt", "Resumed": "resume",
    "Cleared": "clear", "Transplanted": "transplant", "Stopped": "stop", "Undone": "undo", "Noted": "note",
    "Told": "told", "Issued": "issue", "Linked": "link", "Ruled": "settings",
}  # fmt: skip
_NOT_SHOWN = ("recorded", "by", "why", "seal", "number", "where", "digest")


def log_text(record: Record) -> str:
    """`  7  delay block-2, days 6: ANC 320 (2026-12-28 09:00, nurse 7)`; what is undone says so."""
    standing = {number for number, _entry in record.standing()}
    lines = []
    for number, entry in enumerate(record.log, 1):
        undone = "" if number in standing or entry_name(entry) == "undo" else "  [no longer counts]"
        lines.append(f"{number:>3}  {entry_words(entry)}{_who(entry)}{undone}")
    return "\n".join(lines) + "\n"


def entry_name(entry: Entry) -> str:
    """The entry's name in the file."""
    return _NAMES[type(entry).__name__]


def entry_words(entry: Entry) -> str:
    """An entry in one line, with its reason."""
    words = ", ".join([entry_name(entry), *_values(entry)])
    return f"{words}: {entry.why}" if entry.why else words


def _values(entry: Entry) -> Iterator[str]:
    for each in fields(entry):
        value = getattr(entry, each.name)
        if isinstance(value, Settings):
            yield from rules_in_words(value)
            continue
        if each.name in _NOT_SHOWN or value in (None, "", (), False):
            continue
        yield f"{each.name.replace('_', ' ')} {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{paper_date(value.date())} {value:%H:%M}"
    if isinstance(value, date):
        return paper_date(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, IssuedSheet):
        return f"{value.name} {value.number}"
    if isinstance(value, tuple):
        return " ".join(map(_shown, value))
    return "yes" if value is True else str(value)


def _who(entry: Entry) -> str:
    parts = [f"{entry.recorded:%Y-%m-%d %H:%M}"] if entry.recorded else ["by hand, not sealed"]
    return f"  ({', '.join([*parts, *([entry.by] if entry.by else [])])})"
