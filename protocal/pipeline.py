"""The first half of the way, in one place: a record's file in, its plan (or every problem on the way) out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from protocal.plan import make_plan
from protocal.plan.fit import check_fit
from protocal.read.definition import read_protocol
from protocal.read.library import check_shelves, find_definition
from protocal.read.record import read_record
from protocal.words.plan import Plan
from protocal.words.problems import Problem, ProtocalError, UsageError, has_errors
from protocal.words.protocol import Protocol
from protocal.words.record import Record
from protocal.words.settings import Settings


def load_plan(path: Path, settings: Settings, shelves: Sequence[Path] = (), revision: int | None = None) -> Plan:
    """Read -> find and read the definition -> hold one against the other -> plan.

    Raises ProtocalError with all problems found, if any of them is an error.
    """
    record, problems = read_record(path)
    if record is None:
        raise ProtocalError(problems)
    return plan_of(record, path, settings, shelves, revision, problems)


def plan_of(
    record: Record,
    path: Path,
    settings: Settings,
    shelves: Sequence[Path] = (),
    revision: int | None = None,
    problems: Sequence[Problem] = (),
) -> Plan:
    """The plan of a record that was read, or would be written, at a path; `problems` are those of the reading.

    Raises ProtocalError with all problems found, if any of them is an error.
    """
    problems = list(problems)
    protocol, found = definition_of(record, path, shelves)
    problems += found
    if protocol is None:
        raise ProtocalError(problems)
    problems += check_fit(protocol, record)
    if has_errors(problems):
        raise ProtocalError(problems)
    if revision is not None and not 0 < revision <= record.revision:
        raise UsageError(f"the record has no revision {revision}", f"It has 1 to {record.revision}.")
    return make_plan(protocol, record, settings, revision, tuple(problems))


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
