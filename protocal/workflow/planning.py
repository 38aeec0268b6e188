"""A record's file -> its checked plan, or every problem on the way: the first half of the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocal.change.given import check_products, due_by_hand, has_by_hand
from protocal.change.upgrade import check_upgrades
from protocal.check import check_plan
from protocal.model.entries import Defined
from protocal.model.plan import Plan, Span
from protocal.model.problems import Problem, ProtocalError, Severity, UsageError, has_errors
from protocal.model.protocol import Protocol, in_versions
from protocal.model.record import Record, rules_in_force
from protocal.model.settings import Settings
from protocal.plan.planner import plan_from
from protocal.plan.record_check.courses import Fitting, check_fit, examine, last_fitting
from protocal.plan.record_check.dispensed import check_strengths
from protocal.plan.record_check.ids import check_ids
from protocal.plan.record_check.recorded import check_recorded
from protocal.read.definition.build import read_protocol
from protocal.read.library import check_shelves, find_definition, is_path
from protocal.read.record.read import read_record
from protocal.read.units import check_units
from protocal.review.verified import verified
from protocal.workflow.rules import rules_now, rules_then

UNFIT = "unfit-revision"
_NOT_FOUND = ("unknown-version", "another-protocol")  # of a version that a line of the log names

if TYPE_CHECKING:  # what adds to a record is not needed where one is only read
    from protocal.read.record.append import WasDue


def load_plan(
    path: Path,
    settings: Settings = Settings(),
    shelves: Sequence[Path] = (),
    revision: int | None = None,
    asked: Span | None = None,
    *,
    now: datetime | None = None,
) -> Plan:
    """Read -> find and read the definition -> hold one against the other -> plan -> check the plan.

    What the checks find travels with the plan: whoever prints it decides what an error stops. `asked` are the
    first and the last date that are asked for, on which what is open is planned even beyond its course. A log that
    lacks its end is an error. With `now`, lines that were written later than that are said. It is planned by the rules
    of the settings that its log has; others that it is given count from `now` on, and are said.

    Raises ProtocalError with all problems found, if any of them is an error.
    """
    return _load(path, settings, Definitions(shelves, settings.signatures, now), revision, asked, now)


def load_plans(
    paths: Sequence[Path],
    settings: Settings = Settings(),
    shelves: Sequence[Path] = (),
    asked: Span | None = None,
    now: datetime | None = None,
) -> list[Plan]:
    """The plans of several patients' records, in the order of the paths.

    Raises ProtocalError with the problems of all of them if one cannot be planned, and UsageError for two that are
    of the same patient, whose doses would be counted twice.
    """
    definitions = Definitions(shelves, settings.signatures, now)
    plans: list[Plan] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            plans.append(_load(path, settings, definitions, None, asked, now))
        except ProtocalError as error:
            problems += error.problems
    if problems:
        raise ProtocalError(problems)
    known: dict[str, tuple[Path, Record]] = {}
    for path, plan in zip(paths, plans, strict=True):
        for name in (plan.record.key, plan.record.id):
            other, record = known.setdefault(name, (path, plan.record))
            if other is not path:
                message = f"{other} and {path} are records of the same patient, {plan.record.id}"
                raise UsageError(message + _apart(record, plan.record), "Name only one of them.")
    return plans


def _apart(one: Record, other: Record) -> str:
    """How two copies of one record differ, in words; nothing for two records that are no copies."""
    if one.key != other.key:
        return ""
    same = [a.seal == b.seal and bool(a.seal) for a, b in zip(one.log, other.log, strict=False)]
    common = same.index(False) if False in same else len(same)
    if common < len(same):
        return f": two copies that went apart after line {common}, and nothing puts them together again by itself"
    more = abs(one.revision - other.revision)
    return f": the {'second' if other.revision > one.revision else 'first'} has {more} more lines" if more else ""


class Definitions:
    """The definitions that records name: the folder in a record's header, seen from its own, else from a shelf.

    One that was moved is found again on a shelf by its id, its version and its digest.

    Each is read once, however many records, or states of one, are planned with it. Those of its lines are verified
    that so many `people` have signed by `now`.
    """

    def __init__(
        self, shelves: Sequence[Path] = (), people: int = Settings().signatures, now: datetime | None = None
    ) -> None:
        self._shelves, self._people, self._today = tuple(shelves), people, now.date() if now else None
        self._read: dict[Path, tuple[Protocol | None, list[Problem]]] = {}

    def of(self, record: Record, path: Path) -> tuple[Protocol | None, list[Problem]]:
        """The definition of a record that stands at a path, and its problems. Raises UsageError for a missing shelf.

        Where its log names several versions, it is the first of them with all others.
        """
        check_shelves(self._shelves)
        first, problems = self._first(record, path)
        lines = [each for each in record.log if isinstance(each, Defined) and each.version != record.version]
        if first is None or not lines:
            return first, problems
        found, problems = {first.version: first}, list(problems)
        standing = {number for number, _entry in record.standing()}
        for entry in sorted(lines, key=lambda each: each.number not in standing):
            if entry.version in found:
                continue
            protocol, told = self.version(record, path, entry)
            found |= {entry.version: protocol} if protocol else {}
            counts = entry.number in standing  # else the plan of now needs it no more
            problems += told if counts else [replace(each, severity=Severity.WARNING) for each in told]
        known = tuple(found.values())
        return (in_versions(known, first) if len(known) > 1 else first), problems

    def version(self, record: Record, path: Path, entry: Defined) -> tuple[Protocol | None, list[Problem]]:
        """The version that a line of a record names, and its problems: the very same, if it stands on any shelf."""
        folders: list[Path] = []
        lacking: list[Problem] = []
        if record.definition and is_path(beside := str(path.parent / record.definition / ".." / entry.version)):
            folders.append(Path(beside))
        for shelves in (self._shelves, ()):
            try:
                folders.append(find_definition(record.protocol, entry.version, shelves))
            except UsageError as error:
                message, remedy = error.message, error.remedy
                if record.definition:
                    message = f"there is no version '{entry.version}' of {record.protocol}"
                    remedy = f"Put it beside {record.definition}, or on a shelf that --schedules names."
                lacking.append(Problem("unknown-version", message, entry.where, remedy))
        found = [self._at(folder) for folder in dict.fromkeys(folders)]
        found.sort(key=lambda each: each[0] is None or each[0].digest != entry.digest)
        for protocol, problems in found[:1]:
            if protocol and (protocol.id, protocol.version) != (record.protocol, entry.version):
                name = f"{protocol.id} {protocol.version}"
                said = f"the record is of {record.protocol}, and what stands as its version {entry.version} is {name}"
                return None, [Problem("another-protocol", said, entry.where, "Correct the folder's name.")]
            return protocol, problems
        return None, lacking[:1]

    def _first(self, record: Record, path: Path) -> tuple[Protocol | None, list[Problem]]:
        """The definition that a record was made with."""
        try:
            if not record.definition:
                return self._at(find_definition(record.protocol, record.version, self._shelves))
            return self._at(find_definition(str(path.parent / record.definition)))
        except UsageError as error:
            moved = self._moved(record) if record.definition else None
            return moved or (None, [Problem("no-protocol", error.message, record.where, error.remedy)])

    def _moved(self, record: Record) -> tuple[Protocol | None, list[Problem]] | None:
        """The definition of a record that is no longer where it was, if the very same is found by its name."""
        made_with = next((each.digest for _line, each in record.standing() if isinstance(each, Defined)), "")
        try:
            protocol, problems = self._at(find_definition(record.protocol, record.version, self._shelves))
        except UsageError:
            return None
        return (protocol, problems) if protocol and protocol.digest == made_with else None

    def _at(self, folder: Path) -> tuple[Protocol | None, list[Problem]]:
        if folder not in self._read:
            protocol, problems = read_protocol(folder, self._shelves)
            if protocol:
                problems += [replace(each, severity=Severity.WARNING) for each in protocol.unsound]
                protocol = verified(protocol, self._people, self._today)
            self._read[folder] = protocol, problems
        return self._read[folder]


def plan_of(
    record: Record,
    path: Path,
    settings: Settings,
    definitions: Definitions,
    revision: int | None = None,
    problems: Sequence[Problem] = (),
    asked: Span | None = None,
    now: datetime | None = None,
    sealed: int | None = None,
) -> Plan:
    """The plan of a record that was read, or would be written, at a path; `problems` are those of the reading.

    The rules of the settings that are not those of the record count as if they were written down `now`.
    `sealed` is how many of its entries were sealed before, where more were added to it: what they ask is new.

    Raises ProtocalError with all problems found, if any of them is an error.
    """
    problems = list(problems)
    protocol, of_definition = definitions.of(record, path)
    problems += of_definition
    if protocol is None or any(each.code in _NOT_FOUND and each.severity is Severity.ERROR for each in of_definition):
        raise ProtocalError(problems)
    rules, differ = rules_now(record, protocol, settings, now)
    unfit, found = examine(protocol, record, rules)
    problems += [*check_units(rules, protocol), *unfit]
    if not has_errors(problems):
        problems += check_upgrades(protocol, record, rules, record.revision if sealed is None else sealed)
    if has_errors(problems):
        raise ProtocalError(problems)
    if revision is not None and revision != record.revision:
        rules, differ = rules_then(record, protocol, settings, revision)
        return _plan_at(revision, protocol, record, rules, [*problems, *differ], asked)
    problems += differ
    plan = plan_from(found, record, rules, tuple(problems), asked)
    problems += [*check_ids(plan), *check_products(plan), *check_strengths(plan)]
    if has_errors(problems):
        raise ProtocalError(problems)
    return replace(plan, problems=(*problems, *check_plan(plan, plan.settings)))


def plan_again(plan: Plan, revision: int) -> Plan:
    """The plan of the same record at another revision, by the rules of then, without reading anything again.

    Raises UsageError for a revision that the record does not have.
    """
    if revision == plan.revision:
        return plan
    return _plan_at(revision, plan.protocol, plan.record, rules_in_force(plan.record, plan.settings, revision))


def due_by_hand_at(path: Path, settings: Settings, definitions: Definitions) -> WasDue:
    """What finds, for a record that stands at a path, what was due by its lines by hand that say only what was given.

    It finds nothing where the record does not fit its definition: that is told when it is planned.
    """

    def found(record: Record) -> Mapping[int, Mapping[str, Any]]:
        if not has_by_hand(record):
            return {}
        protocol, problems = definitions.of(record, path)
        if protocol is None or has_errors([*problems, *check_fit(protocol, record, settings)]):
            return {}
        return due_by_hand(protocol, record, settings)

    return found


def _load(
    path: Path,
    settings: Settings,
    definitions: Definitions,
    revision: int | None,
    asked: Span | None,
    now: datetime | None,
) -> Plan:
    record, problems = read_record(path)
    if record is None:
        raise ProtocalError(problems)
    problems += check_recorded(record, now)
    return plan_of(record, path, settings, definitions, revision, problems, asked, now)


def _plan_at(
    revision: int,
    protocol: Protocol,
    record: Record,
    rules: Settings,
    problems: Sequence[Problem] = (),
    asked: Span | None = None,
) -> Plan:
    """The plan of a revision that is looked back at, in which nothing can still be mended: what is unknown is said."""
    if not 0 < revision <= record.revision:
        raise UsageError(f"the record has no revision {revision}", f"It has 1 to {record.revision}.")
    found = last_fitting(protocol, record, rules, revision)
    plan = plan_from(found._replace(revision=revision), record, rules, tuple(problems), asked)
    unknown = [replace(each, severity=Severity.WARNING) for each in (*check_ids(plan), *check_products(plan))]
    unfit = [_unfit(record, revision, found)] if found.revision < revision else []
    return replace(plan, problems=(*problems, *unknown, *unfit, *check_plan(plan, plan.settings)))


def _unfit(record: Record, revision: int, found: Fitting) -> Problem:
    return Problem(
        UNFIT,
        f"what the record said with its first {revision} lines cannot be planned; this is the plan of {found.revision}",
        record.log[found.revision].where,
        "A later line put it right.",
        Severity.WARNING,
    )
