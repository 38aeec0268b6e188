"""A record and the settings that a command was given -> the line of the log that writes its rules down."""

from __future__ import annotations

from protocal.model.record import Record
from protocal.model.settings import Settings, same_rules
from protocal.read.record.append import NewEntry
from protocal.read.rules import rules_as_written


def settings_entry(record: Record, given: Settings, why: str = "") -> NewEntry | None:
    """The line that writes a site's rules into a record's log; None where it says none, or they are in force.

    Whatever records or issues adds it before its own lines.
    """
    kept = record.rules_at()
    if not given.said or (kept is not None and same_rules(given, kept)):
        return None
    return NewEntry({"entry": "settings", **rules_as_written(given), "why": why}, {"": "settings", "why": "reason"})
