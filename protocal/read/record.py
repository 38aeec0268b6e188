"""A patient's file in, a `Record` and its problems out; and a record's values in, the text of its file out.

The log is chained: each sealed entry bears a digest over its values and the seal before it, so a change to a sealed
entry shows. Entries written by hand at the end have no seal yet; they count, with a warning.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict

from protocal.read.entries import AnyEntry, Day, Label, Line, MeasureShape, Zone
from protocal.read.mistakes import check_shape
from protocal.read.shapes import Id, Name, made_of
from protocal.read.tree import Source, read_tree
from protocal.words.figures import plain
from protocal.words.log import Sex
from protocal.words.problems import Problem, Severity, Where, has_errors
from protocal.words.record import Record

FORMAT = 1
MAX_BYTES = 8_000_000
KG_PER_M2 = (8, 70)  # of a height and a weight together: what can be, not what is healthy

_HEAD = """\
# A patient's record of protocal. The header never changes and the log only grows. What has a seal is never edited;
# an entry may be written by hand at the end, without a seal, and counts with a warning.
"""


class RecordShape(BaseModel):
    """A patient's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    id: Annotated[str, *made_of("[A-Za-z0-9][A-Za-z0-9._-]*", 40, "letters, figures, dots, hyphens and underscores")]
    key: Annotated[str, *made_of("[0-9a-f]{32}", 32, "the key that `protocal new` wrote")]
    created: Day
    born: Day
    sex: Sex
    name: Label = ""
    timezone: Zone
    protocol: Id
    version: Name
    definition: Line = ""
    log: list[AnyEntry]


def read_record(path: Path, shown: str | None = None) -> tuple[Record | None, list[Problem]]:
    """Read a patient's file: the record, or None if it cannot be used, and all problems. Nothing is raised."""
    source = read_tree(path, shown, MAX_BYTES)
    record = record_from(source) if source.tree is not None or not source.problems else None
    source.problems.sort(key=lambda problem: problem.where.line if problem.where else 0)
    return (None if has_errors(source.problems) else record), source.problems


def record_from(source: Source) -> Record | None:
    """A record from a source's tree; what is wrong is added to the source's problems."""
    shape = check_shape(RecordShape, source)
    if shape is None:
        return None
    if list(source.tree)[-1] != "log":
        source.problems.append(
            Problem(
                "log-last",
                "the log must be the last key, because entries are added at the end",
                source.where_key(("log",)),
                "Move it to the end of the file.",
            )
        )
    source.problems.extend(_check_seals(source))
    source.problems.extend(_check_measures(shape, source))
    values = {name: getattr(shape, name) for name in RecordShape.model_fields if name not in ("format", "log")}
    entries = tuple(entry.as_entry(source.where(("log", index))) for index, entry in enumerate(shape.log))
    return Record(**values, log=entries, where=source.where(()))


def _check_seals(source: Source) -> list[Problem]:
    problems = []
    seal = header_seal(source.tree)
    unsealed: Where | None = None
    for index, entry in enumerate(source.tree["log"]):
        where = source.where(("log", index))
        if not entry.get("seal"):
            unsealed = unsealed or where
            continue
        if unsealed:
            problems.append(
                Problem(
                    "unsealed-between",
                    "an entry without a seal stands before this sealed one",
                    unsealed,
                    "Move what was written by hand to the end of the log.",
                )
            )
            break
        seal = entry_seal(seal, entry)
        if entry["seal"] != seal:
            what = "the header or this entry" if index == 0 else "this entry"
            problems.append(
                Problem(
                    "changed-entry",
                    f"{what} was changed after it was sealed, or the entry before it is gone",
                    where,
                    "Restore the file; correct a mistake with a new entry.",
                )
            )
            break
    if unsealed and not problems:
        problems.append(
            Problem(
                "unsealed",
                "entries from here on were written by hand and are not sealed yet",
                unsealed,
                "They count; check them.",
                Severity.WARNING,
            )
        )
    return problems


def _check_measures(shape: RecordShape, source: Source) -> Iterator[Problem]:
    """A height and a weight that each can be, but not of one person: a slip of the point, or another's weight."""
    low, high = KG_PER_M2
    for index, entry in enumerate(shape.log):
        if isinstance(entry, MeasureShape) and not low <= entry.weight * 10_000 / entry.height**2 <= high:
            yield Problem(
                "value",
                f"{plain(entry.height)} cm and {plain(entry.weight)} kg cannot be of one person",
                source.where(("log", index, "weight")),
                "Check both; a point may stand in the wrong place.",
            )


def header_seal(tree: Mapping[str, Any]) -> str:
    """What the first entry's seal builds on: a digest over the header."""
    return _digest({key: value for key, value in tree.items() if key != "log"})


def entry_seal(before: str, entry: Mapping[str, Any]) -> str:
    """The seal of an entry: a digest over its values and the seal before it."""
    return _digest([before, {key: value for key, value in entry.items() if key != "seal"}])


def _digest(value: object) -> str:
    text = json.dumps(_canonical(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _canonical(value: object) -> object:
    """Values as text, so that 112 and 112.0 are the same height."""
    if isinstance(value, Mapping):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_canonical(inner) for inner in value]
    return plain(Decimal(value)) if isinstance(value, int | Decimal) else str(value)


def sealed(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a record with every entry of its log sealed."""
    seal = header_seal(tree)
    log = []
    for entry in tree["log"]:
        seal = entry_seal(seal, entry)
        log.append({**entry, "seal": seal})
    return {**tree, "log": log}


def record_text(tree: Mapping[str, Any]) -> str:
    """The text of a record's file."""
    lines = [f"{key}: {_scalar(value)}" for key, value in tree.items() if key != "log"]
    return _HEAD + "\n".join(lines) + "\nlog:\n" + log_text(tree["log"])


def log_text(entries: Sequence[Mapping[str, Any]]) -> str:
    """The text of entries, as it is added at the end of a file."""
    text = ""
    for entry in entries:
        for index, (key, value) in enumerate(entry.items()):
            text += f"{'  - ' if index == 0 else '    '}{key}: {_scalar(value)}\n"
    return text


def number_or_text(text: str) -> Decimal | str:
    """A number that was typed, as a Decimal; anything else as it is, for the checks to refuse."""
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", text) else text


def _scalar(value: Any) -> str:
    """A value as YAML: numbers and plain words bare, lists and mappings in one line, everything else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_scalar(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    bare = re.fullmatch(r"[A-Za-z][A-Za-z0-9_/-]*|\d{4}-\d{2}-\d{2}(T[0-9:+.-]+)?", value)
    if bare and value.lower() not in ("null", "true", "false"):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
