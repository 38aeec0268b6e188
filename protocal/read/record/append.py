"""A record's file and more entries -> the record with them, the bytes of the file with them, and all problems."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from protocal.model.frozen import frozen
from protocal.model.problems import Problem, Where, has_errors
from protocal.model.record import Record
from protocal.read.record.layout import grown_texts
from protocal.read.record.read import MAX_BYTES, record_from
from protocal.read.record.read_again import difference
from protocal.read.record.seals import cut_of, sealed, text_of
from protocal.read.yaml_tree import Source, read_tree
from protocal.text.format import paper_date
from protocal.text.typed import read_date


@dataclass(slots=True)
class Appended:
    """A record as it would be: `before` and `after` are the file's bytes; no record where something is wrong.

    The problems of a record that there is are warnings of the file as it was; `count` is how many entries are new, and
    `sealed` how many were sealed before.
    """

    record: Record | None
    before: bytes = b""
    after: bytes = b""
    count: int = 0
    sealed: int = 0
    problems: list[Problem] = field(default_factory=list)


@frozen
class NewEntry:
    """An entry's values as they were typed, and the option of each, so that a problem names it; "" is for the whole.

    An argument, which has no name to type, stands in capitals.
    """

    values: Mapping[str, Any]
    options: Mapping[str, str] = field(default_factory=dict)


WasDue = Callable[[Record], Mapping[int, Mapping[str, Any]]]  # by an entry's place in the log
Entries = Sequence[NewEntry] | Callable[[Record, Sequence[Problem]], Sequence[NewEntry]]


def _as_written(_record: Record) -> Mapping[int, Mapping[str, Any]]:
    return {}


class Local(str):
    """A time as the ward's clock shows it, which gets its zone from the record."""

    __slots__ = ()


def append_entries(
    path: Path,
    entries: Entries,
    now: datetime,
    by: str,
    was_due: WasDue = _as_written,
    *,
    accept_shortened: bool = False,
) -> Appended:
    """Add entries to the end of a record's log, and seal them with those written there by hand. Nothing is written.

    They may be made from the record as it is and the problems of its reading, so that nobody reads it twice.
    `was_due` gives what those by hand left out because it was what was due, which their seal makes part of them. A log
    that lacks its end is only added to if that is accepted, and the first new entry says so.
    """
    source = read_tree(path, None, MAX_BYTES)
    before = record_from(source, accept_shortened=accept_shortened) if source.tree is not None else None
    if before is None:
        return Appended(None, problems=source.problems)
    accepted = {}
    if accept_shortened:
        cut = cut_of(source)
        accepted = {"accepted": cut.accepted} if cut else {}
        source.problems += [] if cut else [_NOT_SHORTENED]
    if has_errors(source.problems):
        return Appended(None, problems=source.problems)
    new = entries(before, source.problems) if callable(entries) else entries
    log = source.tree["log"]
    first = next((index for index, each in enumerate(log) if not each.get("seal")), len(log))
    recorded = {"recorded": now.isoformat(), **({"by": by} if by else {})}
    due = was_due(before)
    by_hand = [
        {"entry": each["entry"], **recorded, **_said(each), **due.get(index, {})}
        for index, each in enumerate(log[first:], first)
    ]
    grown = Source(str(path), None, dict(source.places))
    added = [
        {"entry": entry.values["entry"], **recorded, **_typed(entry, source.tree["timezone"], index, grown)}
        for index, entry in enumerate(new, len(log))
    ]
    for entry in added[:1]:
        entry.update(accepted)
    grown.tree = sealed({**source.tree, "log": [*log[:first], *by_hand, *added]})
    record = record_from(grown)
    if record is None or has_errors(grown.problems):
        return Appended(None, problems=grown.problems)
    data, problem = _grown(source, grown.tree, first)
    told = [each for each in source.problems if each.code != "unsealed"]  # which they are no longer
    if problem:
        return Appended(None, problems=[problem])
    return Appended(replace(record, text=data.decode("utf-8-sig")), source.data, data, len(new), first, told)


_NOT_SHORTENED = Problem(
    "value",
    "the log is not shortened, so there is nothing to accept",
    Where.at_option("accept-shortened"),
    "Leave it out.",
)


def _said(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry written by hand says, without keys of ours that it leaves empty."""
    return {key: value for key, value in entry.items() if value or key not in ("recorded", "seal")}


def _typed(entry: NewEntry, zone: str, index: int, grown: Source) -> dict[str, Any]:
    """The values of a new entry, with the place of each in what was typed, and what is wrong with its hours."""
    places = {key: _place(option) for key, option in entry.options.items()}
    grown.places[("log", index)] = places.get("", Where(grown.file))
    grown.places.update({("log", index, key): place for key, place in places.items() if key})
    values = {key: value for key, value in entry.values.items() if value not in ("", None, [], {})}
    for key, value in values.items():
        if isinstance(value, Local):
            if not _is_day(values.get("date", "2000-01-01")):
                values[key] = None  # what is wrong with the day is told for the day itself
                continue
            try:
                values[key] = zoned(value, zone)
            except ValueError as error:
                grown.problems.append(Problem("value", str(error), places.get(key), "Correct the hour."))
    return {key: value for key, value in values.items() if value is not None}


def _grown(source: Source, tree: Mapping[str, Any], first: int) -> tuple[bytes, Problem | None]:
    """The bytes of a record that was read, with its new tree, once they read as that tree; else what differs."""
    mark = codecs.BOM_UTF8 if source.data.startswith(codecs.BOM_UTF8) else b""
    differs = ""
    for text in grown_texts(text_of(source), tree, first):
        data = mark + text.encode()
        differs = difference(data, tree, source.file)
        if not differs:
            return data, None
    return b"", Problem(
        "not-as-meant",
        f"the record would not read as it was meant, and nothing was written: {differs}",
        Where(source.file),
        "Write what was added by hand in the layout of the entries before it, then run the command again.",
    )


def _place(name: str) -> Where:
    return Where.at_argument(name) if name.isupper() else Where.at_option(name)


def zoned(text: str, zone: str) -> str:
    """`2027-01-26 14:00` on the clocks of a zone -> ISO with its offset; one that was typed stays as it is.

    Raises ValueError with a sentence for no time, for one that a change of clocks skips, and for one that comes twice.
    """
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{1,2}:[0-9]{2})([+-][0-9]{2}:[0-9]{2}|Z)?", text)
    try:
        typed = datetime.fromisoformat(f"{match[1]}T{match[2]:0>5}{match[3] or ''}") if match else None
    except ValueError:
        typed = None
    if typed is None:
        raise ValueError(f"'{text}' is no date and hour; write it as in 2027-01-26 14:00")
    read_date(match[1] if match else text)
    if typed.tzinfo:
        return typed.isoformat()
    local = [typed.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1)]
    shown = f"{paper_date(typed.date())} {typed:%H:%M}"
    if local[0].astimezone(UTC).astimezone(local[0].tzinfo).replace(tzinfo=None) != typed:
        raise ValueError(f"there is no {shown} in {zone}: the clocks are put forward over it")
    if local[0].utcoffset() != local[1].utcoffset():
        offsets = " or ".join(_offset(each.utcoffset() or timedelta()) for each in local)
        raise ValueError(f"{shown} comes twice in {zone}, when the clocks are put back; write its offset, {offsets}")
    return local[0].isoformat()


def _is_day(text: object) -> bool:
    try:
        read_date(str(text))
    except ValueError:
        return False
    return True


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
