"""A record and the settings that a command was given -> the rules to plan by, and what to say where they differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from protocal.change.rules import rule_changes
from protocal.model.problems import Problem, Severity, Where
from protocal.model.protocol import Protocol
from protocal.model.record import Record, rules_in_force
from protocal.model.settings import Settings, same_rules
from protocal.text.format import paper_date

DIFFER = "settings-differ"


def rules_now(
    record: Record, protocol: Protocol, given: Settings, now: datetime | None
) -> tuple[Settings, list[Problem]]:
    """The rules that a record is planned by: its own, and others that a site says now from today on, with a warning.

    Today is the ward's; where nobody says what time it is, the day on which the last line was recorded.
    """
    kept = record.rules_at() or (Settings().rules if record.issued_without_rules else None)
    if kept is None or not given.said:
        return rules_in_force(record, given), []
    if same_rules(given, kept):
        return replace(kept, places=given.places), []  # a mistake in them is told where it was written
    written = [each.recorded for each in record.log if each.recorded]
    since = (now or written[-1]).astimezone(ZoneInfo(record.timezone)).date()
    message = f"the settings are not those of the record, and are used from {paper_date(since)} on: " + "; ".join(
        rule_changes(kept, given, protocol.agents)
    )
    return given.rules.after(kept, since), [_warning(message)]


def rules_then(record: Record, protocol: Protocol, given: Settings, revision: int) -> tuple[Settings, list[Problem]]:
    """The rules that were in force at an earlier revision, with a warning where a site says others now."""
    kept = record.rules_at(revision)
    if kept is None or not given.said or same_rules(given, kept):
        return rules_in_force(record, given, revision), []
    message = f"revision {revision} is planned by the settings of its time, and not by those given: " + "; ".join(
        rule_changes(kept, given, protocol.agents)
    )
    return kept, [_warning(message)]


def _warning(message: str) -> Problem:
    remedy = "The next command that records with these settings writes them into the log."
    return Problem(DIFFER, message, Where.at_option("settings"), remedy, Severity.WARNING)
