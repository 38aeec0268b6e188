"""A record's file and what is to be added to it -> what that changes, and the file with it on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from protocal.change.confirmations import Wish, asks
from protocal.change.diff import differences
from protocal.change.given import completed
from protocal.change.rules import rule_changes
from protocal.change.upgrade import NO_CHANGE, left_behind
from protocal.check.definition import CHANGED
from protocal.model.entries import Defined, Ruled
from protocal.model.frozen import frozen
from protocal.model.plan import Plan
from protocal.model.problems import Problem, ProtocalError, Severity, UsageError, has_errors
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan.record_check.courses import check_fit
from protocal.plan.record_check.recorded import check_recorded
from protocal.publish.record_files import replace_record, write_new
from protocal.read.record.append import Appended, NewEntry, append_entries
from protocal.read.record.new import NewPatient, compose
from protocal.render.data.changes import changes
from protocal.text.format import paper_date
from protocal.workflow.planning import Definitions, due_by_hand_at, plan_again, plan_of
from protocal.workflow.settings_line import settings_entry
from protocal.workflow.upgrading import going_on


@frozen
class Recorded:
    """What was added to a record, or in a dry run would be.

    Attributes:
        before: the plan without the new entries.
        after: the plan with them.
        settings: what the site's rules, that are written with them, change in those of the record, a line for each.
        changes: what they change in the plan, a line for each; none where it stays as it is.
        problems: what is to be said of the file and its log.
        news: what the checks find now, and did not find before.
        warnings: what is to be told of the file that was written.
    """

    before: Plan
    after: Plan
    settings: tuple[str, ...]
    changes: tuple[str, ...]
    problems: tuple[Problem, ...]
    news: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()


def record(
    path: Path,
    entries: Sequence[NewEntry] | Callable[[Plan], Sequence[NewEntry]],
    now: datetime,
    by: str = "",
    settings: Settings = Settings(),
    shelves: Sequence[Path] = (),
    *,
    keep: bool = False,
    alone: bool = False,
    accept_shortened: bool = False,
    dry_run: bool = False,
) -> Recorded:
    """Add entries to a record: append -> plan without and with them -> ask what must be settled first -> write.

    Rules of the settings that are not yet those of the record become a line of the log before them.
    `entries` may be made from the plan as it is. `keep` says that a running course keeps its doses, `alone` that one
    part of several is meant alone. A log that lacks its end is only added to if that is accepted. Nothing is written
    in a `dry_run`, nor where anything is raised: ProtocalError for mistakes in files, UsageError for those at options
    that the entries name, for what must be settled first, and for a file that cannot be written.
    """
    definitions = Definitions(shelves, settings.signatures, now)

    def added_to(before: Record, problems: Sequence[Problem]) -> Sequence[NewEntry]:
        new: Sequence[NewEntry]
        if not callable(entries) and not any(each.values["entry"] in ("give", "definition") for each in entries):
            new = entries
        else:
            plan = plan_of(before, path, settings, definitions, problems=problems, now=now)
            said = entries(plan) if callable(entries) else entries
            new = [_whole(going_on(plan, path, each, definitions, now), plan) for each in said]
        rules = settings_entry(before, settings, next((why for each in new if (why := each.values.get("why"))), ""))
        return [rules, *new] if rules else new

    was_due = due_by_hand_at(path, settings, definitions)
    added = append_entries(path, added_to, now, by, was_due, accept_shortened=accept_shortened)
    grown, after = _planned(added, path, settings, definitions, now)
    before = plan_again(after, grown.revision - added.count)
    upgraded = any(isinstance(each, Defined) for each in grown.log[before.revision :])
    settle(before, after, Wish(keep=keep, alone=alone))
    # all that is said is worked out first: nothing may stop between the writing and the telling of it
    told = tuple(changes(differences(before, after), after))
    if upgraded:
        told = (*(told or (NO_CHANGE,)), *left_behind(after))
    problems = (*added.problems, *check_recorded(grown))
    news = tuple(_news(before.problems, after.problems))
    warnings = () if dry_run else replace_record(path, added.before, added.after)
    return Recorded(before, after, new_rules(before, after), told, problems, news, warnings)


def begin_record(
    path: Path, patient: NewPatient, now: datetime, key: str, shelves: Sequence[Path] = ()
) -> tuple[Problem, ...]:
    """Write a new patient's record, and return what is to be said of it; `key` are 32 random figures 0-9 and a-f.

    Raises UsageError for what was typed and for a file that is there already, ProtocalError for a definition.
    """
    composed = compose(patient, path, shelves, now, key)
    problems = list(composed.problems)
    if composed.record and composed.protocol:
        problems += check_fit(composed.protocol, composed.record)
    if has_errors(problems):
        raise UsageError.at_options(each for each in problems if each.severity is Severity.ERROR)
    write_new(path, composed.text.encode())
    return tuple(problems)


def _whole(entry: NewEntry, plan: Plan) -> NewEntry:
    """A line that says what was given, with what was due: nothing later changes that."""
    if entry.values["entry"] != "give" or not {"id", "date"} <= entry.values.keys():
        return entry
    return NewEntry(completed(plan, entry.values), entry.options)


def settle(before: Plan, after: Plan, wish: Wish) -> None:
    """Raise UsageError for what must be settled first: of the site's rules by themselves, of each line upon them."""
    for entry in after.record.log[before.revision :]:
        ruled = plan_again(after, entry.number) if isinstance(entry, Ruled) else None
        if found := asks(entry, before, ruled or after, after.settings, wish):
            others = [UsageError(each.message, each.remedy) for each in found[1:]]
            raise UsageError(found[0].message, found[0].remedy, others)
        before = ruled or before


def new_rules(before: Plan, after: Plan) -> tuple[str, ...]:
    """What a new line of the site's rules changes in those of the record, or says for the first time."""
    old, found = Settings(), list[str]()
    for place, (number, each) in enumerate(after.record.ruled):
        if number > before.revision:
            found += [] if place else [_first_rules(after.record, each)]
            found += rule_changes(old, each.rules, after.protocol.agents)
        old = each.rules
    return tuple(found)


def _first_rules(record: Record, first: Ruled) -> str:
    """From when on the first rules of a record hold."""
    if not record.issued_without_rules or not first.recorded:
        return "the record had no settings yet: they hold for all its days"
    since = paper_date(first.recorded.astimezone(ZoneInfo(record.timezone)).date())
    return f"the record had no settings yet, and things were issued: they hold from {since} on"


def _planned(
    added: Appended, path: Path, settings: Settings, definitions: Definitions, now: datetime
) -> tuple[Record, Plan]:
    """The record with its new entries, and its plan. Mistakes in what was typed are told for themselves."""
    try:
        if added.record is None:
            raise ProtocalError(added.problems)  # noqa: TRY301 - told like what the plan finds
        return added.record, plan_of(
            added.record, path, settings, definitions, problems=added.problems, now=now, sealed=added.sealed
        )
    except ProtocalError as error:
        if typed := [each for each in error.problems if _was_typed(each)]:
            raise UsageError.at_options(typed) from None
        raise


def _was_typed(problem: Problem) -> bool:
    """Whether a mistake stands in what was typed and not in a file."""
    return problem.severity is Severity.ERROR and problem.where is not None and problem.where.is_typed


def _news(before: Sequence[Problem], after: Sequence[Problem]) -> Iterator[Problem]:
    """What the checks find now and did not find before; a warning that only has another date or place is no news."""
    errors = {(each.code, each.message) for each in before}
    warnings = {(each.code, each.where) for each in before}
    for each in after:
        is_error = each.severity is Severity.ERROR
        new = (each.code, each.message) not in errors and (is_error or (each.code, each.where) not in warnings)
        if each.source and (new or each.code == CHANGED):  # of which whoever adds to the record must know each time
            yield each
