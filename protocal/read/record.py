"""A patient's file in, a `Record` and its problems out; and a record's values in, the text of its file out.

The log is chained: each sealed entry bears a digest over its values and the seal before it, so a change to a sealed
entry shows. Entries written by hand at the end have no seal yet; they count, with a warning.
"""

from __future__ import annotations

import hashlib
import json
import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from protocal.read.mistakes import check_shape
from protocal.read.shapes import Id, Name, made_of
from protocal.read.tree import Source, read_tree
from protocal.words.figures import MONTHS, plain
from protocal.words.problems import Problem, Severity, Where, has_errors
from protocal.words.record import (
    Adjusted,
    Assigned,
    Bagged,
    Defined,
    Diagnostic,
    Ending,
    Entry,
    Failed,
    Given,
    Measured,
    Prior,
    Record,
    Remark,
    Remarked,
    Sex,
    Started,
    Stated,
)

FORMAT = 1
MAX_BYTES = 8_000_000
HEIGHT_CM = (40, 250)
WEIGHT_KG = (2, 350)
KG_PER_M2 = (8, 70)  # of a height and a weight together: what can be, not what is healthy

_HEAD = """\
# A patient's record of protocal. The header never changes and the log only grows. What has a seal is never edited;
# an entry may be written by hand at the end, without a seal, and counts with a warning.
"""


def _read(parse: Callable[[Any], Any], **schema: Any) -> Any:
    return (PlainValidator(parse), WithJsonSchema(schema))


def parse_date(value: object) -> date:
    """`2026-12-01`. Raises ValueError that says what is wrong with it."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"'{value}' is not a date; write it as in 2026-12-01, year-month-day")
    year, month, number = map(int, match.groups())
    if not 1900 <= year <= 2200:
        raise ValueError(f"the year {year} cannot be meant")
    if not 1 <= month <= 12:
        raise ValueError(f"{value} has no month {month}; write it as in 2026-12-01, year-month-day")
    last = monthrange(year, month)[1]
    if not 1 <= number <= last:
        raise ValueError(f"there is no day {value}; {MONTHS[month - 1]} {year} has {last} days")
    return date(year, month, number)


def _parse_time(value: object) -> datetime:
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ValueError(f"'{value}' is not a time with a zone; write '2026-12-01T09:30:00+00:00'")
    return time


def _parse_zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise ValueError(f"'{value}' is not a time zone; write it as in America/New_York or Europe/Berlin") from None


def _between(bounds: tuple[int, int], unit: str, what: str) -> Callable[[Any], Decimal]:
    def parse(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError(f"'{value}' is not a {what}; write a number of {unit}, with a point for decimals")  # noqa: TRY004 - pydantic's way
        low, high = bounds
        if not low <= value <= high:
            raise ValueError(f"{value} {unit} cannot be a {what}; write it in {unit}, from {low} to {high}")
        return Decimal(value)

    return parse


Day = Annotated[date, *_read(parse_date, type="string", format="date")]
Time = Annotated[datetime, *_read(_parse_time, type="string", format="date-time")]
Zone = Annotated[str, *_read(_parse_zone, type="string")]
Height = Annotated[Decimal, *_read(_between(HEIGHT_CM, "cm", "height"), type="number")]
Weight = Annotated[Decimal, *_read(_between(WEIGHT_KG, "kg", "weight"), type="number")]
Above = Annotated[Decimal, *_read(_between((0, 100_000), "mg/m2", "dose"), type="number")]
Percent = Annotated[Decimal, *_read(_between((1, 200), "%", "share of the full dose"), type="number")]
_PRINTED = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*"
_PLAIN = "plain text in one line, without tabs and other invisible characters"
Text = Annotated[str, *made_of(_PRINTED, 10_000, _PLAIN)]
Line = Annotated[str, *made_of(_PRINTED, 200, _PLAIN)]
Label = Annotated[str, *made_of(_PRINTED, 80, _PLAIN)]


class EntryShape(BaseModel):
    """What every entry of the log may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recorded: Time | None = None
    by: Line = ""
    why: Text = ""
    seal: str = ""

    def as_entry(self, where: Where) -> Entry:
        """The entry as the plan knows it, with what that has of this shape's values."""
        kind = self._kind()
        return kind(
            **{each.name: getattr(self, each.name) for each in fields(kind) if each.name != "where"}, where=where
        )

    def _kind(self) -> type[Entry]:
        raise NotImplementedError


class DefinitionShape(EntryShape):
    """The definition used from here on."""

    entry: Literal["definition"]
    version: Name
    digest: str

    def _kind(self) -> type[Entry]:
        return Defined


class MeasureShape(EntryShape):
    """Height in cm and weight in kg."""

    entry: Literal["measure"]
    date: Day
    height: Height
    weight: Weight
    again: Day | None = None

    def _kind(self) -> type[Entry]:
        return Measured


class RemarkShape(EntryShape):
    """A fact that is printed and that warnings ask for."""

    entry: Literal["remark"]
    kind: Remark
    text: Line

    def _kind(self) -> type[Entry]:
        return Remarked


class PriorShape(EntryShape):
    """What was given of an agent before this record; its unit is said, so that nobody takes mg for mg/m2."""

    entry: Literal["prior"]
    agent: Id
    amount: Above
    unit: Literal["mg/m2"]

    def _kind(self) -> type[Entry]:
        return Prior


class AdjustShape(EntryShape):
    """A percentage of an agent's full protocol dose; without `to` it holds until further notice."""

    entry: Literal["adjust"]
    agent: Id
    percent: Percent
    date: Day
    to: Day | None = None

    def _kind(self) -> type[Entry]:
        return Adjusted


def _ascending(hours: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(hours)))


class BagsShape(EntryShape):
    """How long bags may last that are hung on a date or later."""

    entry: Literal["bags"]
    agent: Id
    hours: Annotated[
        list[Annotated[int, Field(ge=1, le=168)]], Field(min_length=1, max_length=10), AfterValidator(_ascending)
    ]
    date: Day

    def _kind(self) -> type[Entry]:
        return Bagged


class GiveShape(EntryShape):
    """When an administration was really given."""

    entry: Literal["give"]
    id: Annotated[
        str,
        *made_of(r"[a-z0-9]+[a-z0-9./-]*", 160, "an id as the plan writes it: course, order and day with / between"),
    ]
    at: Time

    def _kind(self) -> type[Entry]:
        return Given


class StateShape(EntryShape):
    """A fact that conditions ask for."""

    entry: Literal["state"]
    fact: Literal["cns", "risk"]
    value: Name

    def _kind(self) -> type[Entry]:
        return Stated


class DiagnosticShape(EntryShape):
    """An intrathecal agent given with the diagnostic lumbar puncture."""

    entry: Literal["diagnostic-it"]
    date: Day
    agent: Id

    def _kind(self) -> type[Entry]:
        return Diagnostic


class AssignShape(EntryShape):
    """The arm."""

    entry: Literal["assign"]
    arm: Name
    date: Day

    def _kind(self) -> type[Entry]:
        return Assigned


class StartShape(EntryShape):
    """A course's first day."""

    entry: Literal["start"]
    course: Id
    date: Day

    def _kind(self) -> type[Entry]:
        return Started


class FailShape(EntryShape):
    """Treatment failure."""

    entry: Literal["fail"]
    date: Day

    def _kind(self) -> type[Entry]:
        return Failed


class EndShape(EntryShape):
    """Another last day of therapy than the protocol's; it needs a reason."""

    entry: Literal["end"]
    date: Day
    why: Annotated[str, *made_of(_PRINTED.replace("*", "+"), 10_000, _PLAIN)]

    def _kind(self) -> type[Entry]:
        return Ending


AnyEntry = Annotated[
    DefinitionShape
    | MeasureShape
    | StateShape
    | DiagnosticShape
    | AssignShape
    | StartShape
    | FailShape
    | EndShape
    | RemarkShape
    | PriorShape
    | AdjustShape
    | GiveShape
    | BagsShape,
    Field(discriminator="entry"),
]


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
    """A value as YAML: numbers and plain words bare, everything else in quotes."""
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    bare = re.fullmatch(r"[A-Za-z][A-Za-z0-9_/-]*|\d{4}-\d{2}-\d{2}(T[0-9:+.-]+)?", value)
    if bare and value.lower() not in ("null", "true", "false"):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
