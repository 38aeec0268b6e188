"""A record, and how a document is made of it -> the document, and a line of the log that issues what is new of it.

A sheet that says what its last issue said is a copy of that issue, and nothing is written. The line is written once the
document is made and read back; a record that cannot be written prints only drafts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from protocal.change.confirmations import Wish
from protocal.change.issued_facts import facts_digest
from protocal.change.issues import Past, issued, next_number
from protocal.check.rule import error
from protocal.model.frozen import frozen
from protocal.model.plan import Plan
from protocal.model.problems import Problem, ProtocalError, UsageError
from protocal.model.record import rules_in_force
from protocal.model.settings import Settings
from protocal.plan.planner import make_plan
from protocal.publish.record_files import replace_record
from protocal.read.record.append import Appended, NewEntry, append_entries
from protocal.text.format import paper_date
from protocal.workflow.making import Issuing, Said, as_logged
from protocal.workflow.planning import Definitions, due_by_hand_at, plan_again, plan_of
from protocal.workflow.recording import new_rules, settle
from protocal.workflow.settings_line import settings_entry

DIFFERS = "issue-differs"


class Making(Protocol):
    """What makes a document of a plan, as those of `making` do."""

    def __call__(self, plan: Plan, settings: Settings, *, draft: bool, issuing: Issuing) -> bytes:
        """The document."""


@frozen
class GivenOut:
    """A document that was made.

    Attributes:
        plan: that it is of, with the lines that were written with it.
        new: the sheets of it that are a new issue, each with its number.
        copies: those that are a copy of their last one.
        draft: why it is a draft, if it was to be none; empty where it is none.
        rules: what the site's rules, which were written into the log with it, change in those before.
        warnings: what is to be told of the record's file.
    """

    data: bytes
    plan: Plan
    new: tuple[tuple[str, int], ...] = ()
    copies: tuple[tuple[str, int], ...] = ()
    draft: str = ""
    rules: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def give_out(
    path: Path,
    plan: Plan,
    settings: Settings,
    make: Making,
    now: datetime,
    by: str = "",
    shelves: Sequence[Path] = (),
    options: Mapping[str, str] | None = None,
    despite: Sequence[str] = (),
    reason: str = "",
) -> GivenOut:
    """Make a document of the plan of a record's file, and write into its log what is issued by that.

    `options` are the choices by which it is made; the plan is of the time `now` (see `load_plan`). Rules of settings
    that are not yet those of the record become a line of the log before it, for the `reason` that is given. Raises what
    `make` does, UsageError where the record has changed since it was planned and where such rules need a reason, and
    ProtocalError where an earlier issue is not what the record gives.
    """
    if reason and not despite and settings_entry(plan.record, settings) is None:
        raise UsageError(
            "--despite CODE and --reason TEXT go together", "A reason alone is of settings that are new to the record."
        )
    wish = _Wish(path, settings, now, by, options or {}, despite, reason)
    line = _Line(wish, Definitions(shelves, settings.signatures, now))
    data = make(plan, settings, draft=False, issuing=line.issue)
    if line.added is None:
        return GivenOut(data, plan, copies=tuple(line.copies))
    try:
        warnings = replace_record(path, line.added.before, line.added.after)
    except UsageError as why:
        data = make(plan, settings, draft=True, issuing=as_logged)
        return GivenOut(data, plan, draft=str(why))
    return GivenOut(
        data, line.plan or plan, tuple(line.new), tuple(line.copies), rules=line.rules, warnings=tuple(warnings)
    )


@frozen
class _Wish:
    """What was asked for when a document was to be given out."""

    path: Path
    settings: Settings
    now: datetime
    by: str
    options: Mapping[str, str]
    despite: Sequence[str]
    reason: str


class _Line:
    """The line of a log that issues what is new of a document; none where nothing is."""

    def __init__(self, wish: _Wish, definitions: Definitions) -> None:
        self.wish, self.definitions = wish, definitions
        self.added: Appended | None = None
        self.new: list[tuple[str, int]] = []
        self.copies: list[tuple[str, int]] = []
        self.rules: tuple[str, ...] = ()
        self.plan: Plan | None = None

    def issue(self, plan: Plan, said: Sequence[Said]) -> Plan:
        """The plan of the record with the line in its log."""
        past = issued(plan.record)
        if DIFFERS not in self.wish.despite:
            known = [past[each.sheet][-1] for each in said if each.sheet in past]
            if wrong := list(_not_what_was_issued(plan, known)):
                raise ProtocalError(wrong)
        sheets = []
        for each in said:
            last = past[each.sheet][-1].sheet if each.sheet in past else None
            if last and last.says == each.says:
                self.copies.append((each.sheet, last.number))
                continue
            number = next_number(plan.record, each.sheet)
            self.new.append((each.sheet, number))
            facts = facts_digest(plan, each.sheet)
            sheets.append({"sheet": each.sheet, "number": number, "says": each.says, "facts": facts})
        return self.appended(plan, sheets) if sheets else plan

    def appended(self, plan: Plan, sheets: Sequence[Mapping[str, object]]) -> Plan:
        """The plan of the record with a line that issues sheets, after one of the site's rules where they are new."""
        wish = self.wish
        entry = NewEntry({"entry": "issue", "sheets": list(sheets), "options": dict(wish.options)})
        rules = settings_entry(plan.record, wish.settings, wish.reason)
        was_due = due_by_hand_at(wish.path, wish.settings, self.definitions)
        added = append_entries(wish.path, [rules, entry] if rules else [entry], wish.now, wish.by, was_due)
        if added.record is None:
            raise ProtocalError(added.problems)
        if added.before.decode("utf-8-sig") != plan.record.text:
            raise UsageError("the record has changed while this was made", "Run the command again.")
        self.added = added
        self.plan = after = plan_of(
            added.record, wish.path, wish.settings, self.definitions, problems=added.problems, now=wish.now
        )
        if any(facts_digest(after, str(each["sheet"])) != each["facts"] for each in sheets):
            raise UsageError(
                "the plan is not that of this time, on which new settings begin", "Plan it again, as of now."
            )
        if rules:
            before = plan_again(after, plan.record.revision)
            settle(before, after, Wish())
            self.rules = new_rules(before, after)
        return after


def _not_what_was_issued(plan: Plan, past: Sequence[Past]) -> list[Problem]:
    """Each issue of which the record, planned as it was then, does not give the dates and doses that it was made of."""
    plans: dict[int, Plan] = {}
    found = []
    for each in past:
        if each.revision not in plans:
            then = rules_in_force(plan.record, plan.settings, each.revision)
            plans[each.revision] = make_plan(plan.protocol, plan.record, then, each.revision)
        if facts_digest(plans[each.revision], each.sheet.name) != each.sheet.facts:
            found.append(
                error(
                    DIFFERS,
                    f"issue {each.sheet.number} of {each.sheet.name} ({paper_date(each.made.date())}) had other dates"
                    " or doses than the record gives for it now",
                    plan.record.log[each.revision - 1].where,
                    "A newer protocal may have issued it, or the record, the definition or the settings were changed:"
                    f" compare the sheet with `protocal plan --revision {each.revision}`.",
                )
            )
    return found
