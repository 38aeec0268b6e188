"""A new entry of the log and the plans before and after it -> what a clinician must say or settle first.

Each ask is a sentence with a remedy. Where a reason answers it, the entry's `why` does. What is not asked here counts
at once; what it leads to is for the checks of the plan to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from protocal.change.confirmations import courses, doses, infusions, site
from protocal.change.confirmations.ask import REASON, Ask, Wish
from protocal.change.diff import differences
from protocal.change.upgrade import past_days
from protocal.model.entries import (
    Adjusted,
    Assigned,
    Cleared,
    Defined,
    Delayed,
    Diagnostic,
    Dispensed,
    Entry,
    Given,
    Held,
    Left,
    Measured,
    Moved,
    Resumed,
    Ruled,
    Started,
    Stated,
    Stopped,
    Substituted,
    Undone,
)
from protocal.model.plan import Plan
from protocal.model.problems import Problem, Severity
from protocal.model.settings import Settings
from protocal.text.format import paper_date
from protocal.text.suggest import did_you_mean

__all__ = ["Ask", "Wish", "asks"]

_CHANGES_THE_PLAN = (Adjusted, Delayed, Held, Moved, Substituted)


def asks(entry: Entry, before: Plan, after: Plan, settings: Settings, wish: Wish) -> list[Ask]:
    """All that must be settled before an entry is written.

    What the checks find wrong with its own line comes from them: a start before the last course is over, an arm that
    does not fit, bags that are too long.
    """
    if unknown := list(_unknown_ids(entry, before)):
        return unknown
    found: Iterator[Ask] = iter(())
    match entry:
        case Measured():
            found = doses.measured(after, settings, wish)
        case Started():
            found = courses.started(entry, before, after)
        case Assigned():
            found = courses.assigned(entry, before, after)
        case Delayed():
            found = courses.delayed(entry, before, after)
        case Held():
            found = courses.held(entry, before)
        case Left():
            found = doses.left(entry, before, wish)
        case Moved():
            found = doses.moved(entry, before, after)
        case Given():
            found = doses.given(entry, before)
        case Dispensed():
            found = doses.dispensed(entry, after)
        case Stopped():
            found = courses.stopped(entry, before)
        case Resumed():
            found = infusions.resumed(entry, before)
        case Cleared():
            found = infusions.cleared(entry, settings)
        case Undone():
            found = _undone(entry, before, after)
        case Defined():
            found = courses.upgraded(entry, before, after)
        case Ruled():
            found = site.ruled(entry, before, after)
    if isinstance(entry, Ruled):  # what they lead to stops paper and feeds, but nobody from recording what happened
        return list(found)
    settled = [*found, *(Ask(each.message, each.remedy) for each in _errors_at(entry, before, after))]
    if not settled and isinstance(entry, _CHANGES_THE_PLAN) and not differences(before, after):
        return [Ask("it changes nothing in the plan", "Check the name and the date.")]
    return settled


def _unknown_ids(entry: Entry, before: Plan) -> Iterator[Ask]:
    """The administrations that an entry names and the plan does not have."""
    ids = entry.ids if isinstance(entry, Left) else (entry.id,) if isinstance(entry, Given | Moved) else ()
    known = [each.id for each in before.administrations] if ids else []
    for id_ in ids:
        if id_ not in known:
            yield Ask(f"the plan has no administration '{id_}'", did_you_mean(id_, known))


def _errors_at(entry: Entry, before: Plan, after: Plan) -> Iterator[Problem]:
    """What the checks of the plan find wrong now with the line of an entry."""
    for each in after.problems:
        at_it = each.source and each.severity is Severity.ERROR and each.where == entry.where
        if at_it and each not in before.problems:
            yield each


def _undone(entry: Undone, before: Plan, after: Plan) -> Iterator[Ask]:
    """A line that is undone: it counts, and what hangs on it is known."""
    standing = dict(before.record.standing(before.revision))
    log = before.record.log
    target = log[entry.line - 1] if entry.line <= len(log) else None
    if target is None:
        return
    if isinstance(target, Defined) and target.version == before.record.version:
        yield Ask(f"line {entry.line} names the definition that the record was made with", "It is never undone.")
    elif not entry.why and (version := _version_of(target, log)):
        past = past_days(entry, before, after)
        changes = f": to undo it changes days before {past}" if past else ""
        yield Ask(f"line {entry.line} decides whether version {version} counts{changes}", REASON)
    if entry.line not in standing and not isinstance(target, Undone):
        yield Ask(f"line {entry.line} does not count any more", "See `protocal log` for the lines that do.")
    if isinstance(target, Given) and not entry.why:
        yield Ask(f"line {entry.line} says that {target.id} was given on {paper_date(target.date)}", REASON)
    if isinstance(target, Assigned | Diagnostic | Started | Stated) and not entry.why:
        yield Ask(f"much of the plan hangs on line {entry.line}", REASON)


def _version_of(line: Entry, log: Sequence[Entry]) -> str:
    """The version that a line lets count, or that one which it takes back or gives back does; empty for any other."""
    while isinstance(line, Undone):
        line = log[line.line - 1]
    return line.version if isinstance(line, Defined) else ""
