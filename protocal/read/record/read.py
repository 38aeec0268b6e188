"""A patient's file -> a `Record` and its problems.

Entries written by hand at the end of the log have no seal yet; they count, with a warning.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from protocal.model.entries import Entry, Linked, Sex
from protocal.model.problems import Problem, has_errors
from protocal.model.reader import Who
from protocal.model.record import Record
from protocal.read.definition.fields import Id, Name, RecordFormat
from protocal.read.fields import made_of
from protocal.read.record.entries import AnyEntry
from protocal.read.record.entries.patient import MeasureShape
from protocal.read.record.fields import Day, Label, Line, Zone
from protocal.read.record.seals import check_end, check_seals
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, read_tree
from protocal.text.format import plain

FORMAT = 2  # of new records; what was issued of one of format 1 may not stand in its log
MAX_BYTES = 8_000_000
KG_PER_M2 = (8, 70)  # of a height and a weight together: what can be, not what is healthy


class RecordShape(BaseModel):
    """A patient's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: RecordFormat
    id: Annotated[str, made_of("[A-Za-z0-9][A-Za-z0-9._-]*", 40, "letters, figures, dots, hyphens and underscores")]
    key: Annotated[str, made_of("[0-9a-f]{32}", 32, "the key that `protocal new` wrote")]
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


def record_from(source: Source, *, accept_shortened: bool = False) -> Record | None:
    """A record from a source's tree; what is wrong is added to the source's problems.

    A log that lacks its end is an error, unless it is accepted.
    """
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
    wrong_seals = list(check_seals(source))
    source.problems.extend(wrong_seals)
    if source.data and not has_errors(wrong_seals):  # a tree that was put together has no end to miss yet
        source.problems.extend(check_end(source, accept_shortened=accept_shortened))
    source.problems.extend(_check_measures(shape, source))
    source.problems.extend(_check_by_hand(shape, source))
    source.problems.extend(_rules_by_hand(shape, source))
    values = {name: getattr(shape, name) for name in RecordShape.model_fields if name != "log"}
    entries = tuple(
        replace(entry.as_entry(source.where(("log", index)), shape.timezone), number=index + 1)
        for index, entry in enumerate(shape.log)
    )
    source.problems.extend(_check_generations(entries, source))
    return Record(**values, log=entries, where=source.where(()), text=source.text)


def _check_by_hand(shape: RecordShape, source: Source) -> Iterator[Problem]:
    """A line that only protocal writes, without the seal that it writes with it."""
    for index, entry in enumerate(shape.log):
        if entry.entry == "issue" and not (entry.recorded and entry.seal):
            yield Problem(
                "by-hand",
                "what was issued is written by protocal, when it prints it",
                source.where(("log", index)),
                "Take this line out.",
            )


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


def _rules_by_hand(shape: RecordShape, source: Source) -> Iterator[Problem]:
    """A line of the site's rules that no command wrote: nobody was shown what it changes."""
    for index, entry in enumerate(shape.log):
        if not entry.seal and source.tree["log"][index]["entry"] == "settings":
            yield Problem(
                "settings-by-hand",
                "a line of the site's settings is not written by hand",
                source.where(("log", index)),
                "Take it out, and name the settings file to the next command that adds to the record: --settings FILE.",
            )


def _check_generations(entries: Sequence[Entry], source: Source) -> Iterator[Problem]:
    """A link whose generation is neither that of its reader's last link nor the next: no command makes such a jump."""
    last: dict[Who, int] = {}
    for index, entry in enumerate(entries):
        if not isinstance(entry, Linked):
            continue
        before = last.get(entry.reader, 0)
        last[entry.reader] = max(before, entry.generation)
        if entry.generation != before + 1 and (not before or entry.generation != before):
            message = f"the first link for {entry.reader.value} has generation 1, not {entry.generation}"
            if before:
                message = f"the link for {entry.reader.value} goes from generation {before} to {entry.generation}"
            remedy = f"Write {before}, or {before + 1} to revoke that address." if before else "Write 1."
            yield Problem("generation", message, source.where(("log", index, "generation")), remedy)


def number_or_text(text: str) -> Decimal | str:
    """A number that was typed, as a Decimal; anything else as it is, for the checks to refuse."""
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", text) else text
