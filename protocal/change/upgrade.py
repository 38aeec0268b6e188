"""A line by which another version counts, and the plans around it -> what stands against it, and what stays behind.

What lies before its day, and what was given, stays as it was; whatever the log says of a dose stays true.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from protocal.change.diff import differences
from protocal.model.entries import Defined, Entry, Given, Left, Moved
from protocal.model.plan import Plan, Status
from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan.in_force import upgrades
from protocal.plan.planner import make_plan
from protocal.text.format import paper_date

NO_CHANGE = "no dose and no day changes"
_SHOWN = 7  # days that are named


def check_upgrades(protocol: Protocol, record: Record, settings: Settings, sealed: int) -> Iterator[Problem]:
    """What stands against the lines of a record that are not sealed yet, or were not when so many were."""
    for each in upgrades(protocol, record) if protocol.known else ():
        if each.number > sealed or not each.entry.seal:
            before, after = (make_plan(protocol, record, settings, each.number - late) for late in (1, 0))
            yield from _against(each.entry, before, after)


def _against(entry: Defined, before: Plan, after: Plan) -> Iterator[Problem]:
    lacks = list(_names_lacking(entry, before, after))
    yield from lacks
    if not lacks and (past := past_days(entry, before, after)):
        yield Problem(
            "upgrade-past",
            f"version {entry.version} would change days before {past}",
            entry.where,
            "Name a later course with --from, or none: a course that has begun then keeps its version. If one has begun"
            " and its start is not recorded, record it first.",
        )


def past_days(entry: Entry, before: Plan, after: Plan) -> str:
    """The days before an entry's own that differ: `Thu 10-Dec-2026: Tue 01-Dec-2026 (block-1)`; empty if none does.

    A line without a time was written when the last one that has one was, or later.
    """
    on = (entry.recorded or after.issued).astimezone(_zone(after)).date()
    days = sorted(set(_days_before(on, before, after)))
    named = [f"{paper_date(day)} ({course})" for day, course in days[:_SHOWN]]
    named += [f"and {len(days) - _SHOWN} more"] if len(days) > _SHOWN else []
    return f"{paper_date(on)}: {', '.join(named)}" if named else ""


def _zone(plan: Plan) -> ZoneInfo:
    return ZoneInfo(plan.record.timezone)


def _names_lacking(entry: Defined, before: Plan, after: Plan) -> Iterator[Problem]:
    """Administrations that the log names and only the plan before has."""
    lost = {each.id for each in before.administrations} - {each.id for each in after.administrations}
    verbs = {Given: "given", Moved: "moved", Left: "left out"}
    for number, line in before.record.standing(before.revision):
        ids = line.ids if isinstance(line, Left) else (line.id,) if isinstance(line, Given | Moved) else ()
        for id_ in ids:
            if id_ in lost:
                yield Problem(
                    "upgrade-lacks",
                    f"version {entry.version} has no '{id_}', which line {number} says was {verbs[type(line)]}",
                    entry.where,
                    "Name a later course with --from, or none: a course that has begun then keeps its version.",
                )


def _days_before(on: date, before: Plan, after: Plan) -> Iterator[tuple[date, str]]:
    """Each day before a date that differs, and each of a dose that was given and would be another, with its course."""
    found = differences(before, after)
    for change in found.lines:
        given = change.before is not None and change.before.status is Status.GIVEN
        for line in (change.before, change.after):
            if line and (given or line.date < on):
                yield line.date, line.course
    for moved in found.events:
        for event in (moved.before, moved.after):
            if event and event.date < on:
                yield event.date, event.course
    old = {(each.course.id, infusion.key): infusion.bags for each in before.courses for infusion in each.infusions}
    for course, infusion in found.bags:
        had = old.get((course, infusion.key), ())
        for bag in {*had} ^ {*infusion.bags}:
            if (day := bag.at.astimezone(_zone(after)).date()) < on:
                yield day, course


def left_behind(after: Plan) -> Iterator[str]:
    """Which courses stay with which earlier version, a line for each version."""
    for version in after.protocol.in_force[1:]:
        courses = [course for course, each in after.protocol.kept.items() if each is version]
        yield f"stays with version {version.version}: {', '.join(courses)}"
