"""A plan and a later version of its definition -> the line by which that counts."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from protocal.model.entries import Defined
from protocal.model.plan import Plan
from protocal.model.problems import ProtocalError, UsageError, has_errors
from protocal.model.protocol import by_version
from protocal.read.record.append import NewEntry
from protocal.workflow.planning import Definitions


def going_on(plan: Plan, path: Path, entry: NewEntry, definitions: Definitions, now: datetime) -> NewEntry:
    """A new line that names another version, with its digest; any other line as it is.

    Where it names no course, it counts from the first one whose recorded Day 1 is still to come: nothing of it was
    given. Raises UsageError for a version that nobody has, that is not later, or that is of another protocol.
    """
    if entry.values["entry"] != "definition":
        return entry
    of, _at, version = entry.values["version"].rpartition("@")
    now_by = plan.protocol.version
    if of and of.casefold() != plan.record.protocol.casefold():
        raise UsageError(
            f"the record is of {plan.record.protocol}, and {of} is another protocol", "Name a version of it."
        )
    if version == now_by:
        raise UsageError(f"the record is planned by version {version} already", "Name a later one with --to.")
    line = Defined(version=version, digest="", where=plan.record.where)
    protocol, problems = definitions.version(plan.record, path, line)
    if protocol is None and problems[0].where == line.where:  # that of the line, which is none yet
        raise UsageError(problems[0].message, problems[0].remedy)
    if protocol is None or has_errors(problems):
        raise ProtocalError(problems)
    if by_version(version) < by_version(now_by):
        raise UsageError(
            f"version {version} is older than {now_by}, by which the record is planned",
            "To go back, undo the line that went on with the later one.",
        )
    today = now.astimezone(ZoneInfo(plan.record.timezone)).date()
    course = entry.values.get("from_course") or _still_to_come(plan, today)
    values = {**entry.values, "version": version, "digest": protocol.digest, "from_course": course}
    return NewEntry(values, {"": "to", "version": "to", "from_course": "from", **entry.options})


def _still_to_come(plan: Plan, today: date) -> str:
    """The first course whose start is recorded for a later day, unless something of it was given."""
    given = {each.id.course for each in plan.facts.doses}
    for each in plan.courses:
        course = each.course
        if course.started and course.dates and course.dates.day1 > today and course.id not in given:
            return course.id
    return ""
