"""The first half of the way, in one place: a record's file in, its checked plan (or every problem on the way) out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from protocal.check import check_plan
from protocal.plan import make_plan
from protocal.plan.fit import check_fit, check_ids, last_fitting
from protocal.plan.fit_recorded import check_recorded
from protocal.plan.given import check_products, due_by_hand
from protocal.read.append import WasDue
from protocal.read.definition import read_protocol
from protocal.read.library import check_shelves, find_definition
from protocal.read.record import read_record
from protocal.read.settings import lint_settings
from protocal.words.plan import Plan, Span
from protocal.words.problems import Problem, ProtocalError, Severity, UsageError, has_errors
from protocal.words.protocol import Protocol
from protocal.words.record import Record
from protocal.words.settings import Settings


def load_plan(
    path: Path,
    settings: Settings,
    shelves: Sequence[Path] = (),
    revision: int | None = None,
    asked: Span | None = None,
    *,
    accept_shortened: bool = False,
    now: datetime | None = None,
) -> Plan:
    """Read -> find and read the definition -> hold one against the other -> plan -> check the plan.

    What the checks find travels with the plan: whoever prints it decides what an error stops. `asked` are the
    first and the last date that are asked for, on which what is open is planned even beyond its course. A log that
    lacks its end is an error, unless it is accepted. With `now`, lines that were written later than that are said.

    Raises ProtocalError with all problems found, if any of them is an error.
    """
    record, problems = read_record(path, accept_shortened=accept_shortened)
    if record is None:
        raise ProtocalError(problems)
    return plan_of(record, path, settings, shelves, revision, [*problems, *check_recorded(record, now)], asked)


def load_plans(
    paths: Sequence[Path],
    settings: Settings,
    shelves: Sequence[Path] = (),
    asked: Span | None = None,
    now: datetime | None = None,
) -> list[Plan]:
    """The plans of several patients' records, in the order of the paths.

    Raises ProtocalError with the problems of all of them if one cannot be planned, and UsageError for two that are
    of the same patient, whose doses would be counted twice.
    """
    plans: list[Plan] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            plans.append(load_plan(path, settings, shelves, asked=asked, now=now))
        except ProtocalError as error:
            problems += error.problems
    if problems:
        raise ProtocalError(problems)
    files: dict[str, Path] = {}
    for path, plan in zip(paths, plans, strict=True):
        for name in (plan.record.key, plan.record.id):
            if (other := files.setdefault(name, path)) is not path:
                raise UsageError(
                    f"{other} and {path} are records of the same patient, {plan.record.id}", "Name only one of them."
                )
    return plans


def plan_of(
    record: Record,
    path: Path,
    settings: Settings,
    shelves: Sequence[Path] = (),
    revision: int | None = None,
    problems: Sequence[Problem] = (),
    asked: Span | None = None,
) -> Plan:
    """The plan of a record that was read, or would be written, at a path; `problems` are those of the reading.

    Raises ProtocalError with all problems found, if any of them is an error.
    """
    problems = list(problems)
    protocol, found = definition_of(record, path, shelves)
    problems += found
    if protocol is None:
        raise ProtocalError(problems)
    problems += [*lint_settings(settings, protocol), *check_fit(protocol, record, settings)]
    if has_errors(problems):
        raise ProtocalError(problems)
    if revision is not None and not 0 < revision <= record.revision:
        raise UsageError(f"the record has no revision {revision}", f"It has 1 to {record.revision}.")
    plan = make_plan(protocol, record, settings, revision, tuple(problems), asked)
    unknown = [*check_ids(plan), *check_products(plan)]
    if plan.revision == record.revision:
        problems += unknown
    else:  # nothing that is looked back at can still be mended
        problems += (replace(each, severity=Severity.WARNING) for each in unknown)
    if has_errors(problems):
        raise ProtocalError(problems)
    if (planned := _planned(plan, settings)) < plan.revision:
        problems.append(_unfit(record, plan.revision, planned))
    return replace(plan, problems=(*problems, *check_plan(plan, settings)))


def due_by_hand_at(path: Path, settings: Settings, shelves: Sequence[Path]) -> WasDue:
    """What finds, for a record that stands at a path, what was due by its lines by hand that say only what was given.

    It finds nothing where the record does not fit its definition: that is told when it is planned.
    """

    def found(record: Record) -> Mapping[int, Mapping[str, Any]]:
        protocol, problems = definition_of(record, path, shelves)
        if protocol is None or has_errors([*problems, *check_fit(protocol, record, settings)]):
            return {}
        return due_by_hand(protocol, record, settings)

    return found


def _planned(plan: Plan, settings: Settings) -> int:
    """The revision that a plan really is of; the newest was held against its protocol before."""
    if plan.revision == plan.record.revision:
        return plan.revision
    return last_fitting(plan.protocol, plan.record, settings, plan.revision).revision


def _unfit(record: Record, revision: int, planned: int) -> Problem:
    return Problem(
        "unfit-revision",
        f"what the record said with its first {revision} lines cannot be planned; this is the plan of {planned}",
        record.log[planned].where,
        "A later line put it right.",
        Severity.WARNING,
    )


def definition_of(record: Record, path: Path, shelves: Sequence[Path]) -> tuple[Protocol | None, list[Problem]]:
    """The definition that a record names: the folder in its header, seen from the record's own, else from a shelf.

    Raises UsageError for a shelf that is not there.
    """
    check_shelves(shelves)
    try:
        if record.definition:
            folder = find_definition(str(path.parent / record.definition))
        else:
            folder = find_definition(record.protocol, record.version, shelves)
    except UsageError as error:
        return None, [Problem("no-protocol", error.message, record.where, error.remedy)]
    return read_protocol(folder)
