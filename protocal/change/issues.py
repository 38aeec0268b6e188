"""A record's log -> what was issued of each sheet; a sheet and what it says -> which issue it is.

A sheet that says what its last issue said is a copy of that, and one that says anything else is a draft until a line
of the log issues it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from protocal.change.issued_facts import facts_digest
from protocal.model.entries import Issued, IssuedSheet
from protocal.model.issue import Issue
from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.model.record import Record

UNDER_ISSUES = 2  # the format of a record that has all issues in its log
_LETTERS = "ACEFHJKLMNPRTWXY"  # of which none is read as another, or as a figure
_FEED = "feed"


def feed_of(who: Who) -> str:
    """What the log calls a reader's feed."""
    return f"{_FEED}/{who.value}"


class Past(NamedTuple):
    """An issue that stands in a log.

    Attributes:
        revision: its line, and the plan that it was made of: the line itself changes nothing.
    """

    revision: int
    made: datetime
    by: str
    sheet: IssuedSheet
    options: Mapping[str, str]


def issued(record: Record, revision: int | None = None) -> dict[str, list[Past]]:
    """The issues of each sheet in the first lines of the log, or in all, oldest first; sheets by their first issue."""
    found: dict[str, list[Past]] = {}
    for number, entry in enumerate(record.log[:revision], 1):
        if isinstance(entry, Issued) and entry.recorded:
            for sheet in entry.sheets:
                past = Past(number, entry.recorded, entry.by, sheet, dict(entry.options))
                found.setdefault(sheet.name, []).append(past)
    return found


class IssueState(NamedTuple):
    """An issue, and whether a sheet of it may still be used.

    Attributes:
        is_last: no later issue takes its place.
        current: it is the last, and the plan has the dates, doses and events that it was made of.
    """

    past: Past
    mark: str
    is_last: bool
    current: bool


def states_of_issues(plan: Plan) -> Iterator[IssueState]:
    """Every issue of a record, sheet by sheet, the newest of each first."""
    for each in issued(plan.record, plan.revision).values():
        now = facts_digest(plan, each[-1].sheet.name)
        for past in reversed(each):
            is_last = past is each[-1]
            yield IssueState(past, mark_of(past.sheet.says), is_last, is_last and past.sheet.facts == now)


def issue_of(plan: Plan, sheet: str, says: str, *, draft: bool = False) -> Issue:
    """Which issue a sheet is that says what the digest is of; a draft where it was asked for, or is not issued."""
    past = issued(plan.record, plan.revision).get(sheet, [])
    unknown = plan.record.format < UNDER_ISSUES
    if draft or not past or past[-1].sheet.says != says:
        return _after(past, 0, plan.issued, says, unknown=unknown)
    *before, last = past
    return _after(before, last.sheet.number, last.made, says, unknown=unknown)


def _after(past: list[Past], number: int, made: datetime, says: str, *, unknown: bool) -> Issue:
    if not past:
        return Issue(number, made, mark_of(says), unknown=unknown)
    last = past[-1]
    return Issue(number, made, mark_of(says), last.sheet.number, last.made, last.revision)


def next_number(record: Record, sheet: str) -> int:
    """The number of a sheet's next issue.

    Where sheets were printed before issues stood in the log, it begins with the number of the line, which is higher
    than any that such a sheet bears.
    """
    past = issued(record).get(sheet)
    if past:
        return past[-1].sheet.number + 1
    return 1 if record.format >= UNDER_ISSUES else record.revision + 1


def mark_of(says: str) -> str:
    """The letters that stand for a digest on paper: `KFWX HRTM`."""
    letters = "".join(_LETTERS[int(figure, 16)] for figure in says[:8])
    return f"{letters[:4]} {letters[4:]}"


class Sent(NamedTuple):
    """A state of a feed that somebody may have.

    Attributes:
        revision: of the plan that it shows.
        sequence: what its events bear that changed in it.
        number: of its issue; 0 for one that is none, or was made before issues stood in the log.
        options: by which it was made, as far as anybody knows.
    """

    revision: int
    sequence: int
    made: datetime
    number: int
    options: Mapping[str, str]


def sent(plan: Plan, feed: str, options: Mapping[str, str]) -> list[Sent]:
    """The states of a feed that its readers may have, oldest first: each issue, and before those each revision.

    A record that has all issues in its log was read by nobody before the first. Of the others nobody knows by which
    `options` they were made: by those that are given.
    """
    past = issued(plan.record, plan.revision).get(feed, [])
    of_all = plan.record.format >= UNDER_ISSUES
    before = range(1, past[0].revision if past else plan.revision) if not of_all else ()
    revisions = (Sent(each, each, replace(plan, revision=each).issued, 0, options) for each in before)
    issues = (
        Sent(each.revision, _sequence(each, of_all=of_all), each.made, each.sheet.number, each.options) for each in past
    )
    return [*revisions, *issues]


def _sequence(each: Past, *, of_all: bool) -> int:
    return each.sheet.number - 1 if of_all else each.revision


def to_be_sent(plan: Plan, feed: str, options: Mapping[str, str]) -> Sent:
    """The state of the plan as it is, which nobody has yet."""
    past = issued(plan.record, plan.revision).get(feed)
    if plan.record.format >= UNDER_ISSUES:
        return Sent(plan.revision, past[-1].sheet.number if past else 0, plan.issued, 0, options)
    return Sent(plan.revision, plan.revision + bool(past), plan.issued, 0, options)
