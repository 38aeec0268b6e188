"""A record's file and one more entry in; the record with it, the bytes of the file with it, and all problems out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from protocal.read.record import MAX_BYTES, log_text, record_from, sealed
from protocal.read.tree import Source, read_tree
from protocal.words.problems import Problem, Where, has_errors
from protocal.words.record import Record


@dataclass(slots=True)
class Appended:
    """A record as it would be: `before` and `after` are the file's bytes; no record where something is wrong."""

    record: Record | None
    before: bytes = b""
    after: bytes = b""
    problems: list[Problem] = field(default_factory=list)


def append_entry(path: Path, entry: Mapping[str, Any], options: Mapping[str, str], now: datetime, by: str) -> Appended:
    """Add an entry to the end of a record's log, and seal it with those written there by hand.

    `options` say at which option each value was typed, so that a problem names it. Nothing is written.
    """
    source = read_tree(path, None, MAX_BYTES)
    if source.tree is None or record_from(source) is None or has_errors(source.problems):
        return Appended(None, problems=source.problems)
    data = path.read_bytes()
    log = source.tree["log"]
    first = next((index for index, each in enumerate(log) if not each.get("seal")), len(log))
    recorded = {"recorded": now.isoformat(), **({"by": by} if by else {})}
    by_hand = [{"entry": each["entry"], **recorded, **each} for each in log[first:]]
    added = {"entry": entry["entry"], **recorded, **{key: value for key, value in entry.items() if value != ""}}
    tree = sealed({**source.tree, "log": [*log[:first], *by_hand, added]})
    grown = Source(str(path), tree, dict(source.places))
    grown.places[("log", len(log))] = Where(f"--{options['']}" if "" in options else str(path))
    grown.places.update({("log", len(log), key): Where(f"--{option}") for key, option in options.items() if key})
    record = record_from(grown)
    if record is None or has_errors(grown.problems):
        return Appended(None, problems=grown.problems)
    return Appended(record, data, _head(data, source, first) + log_text(tree["log"][first:]).encode(), grown.problems)


def _head(data: bytes, source: Source, first: int) -> bytes:
    """The file up to where its sealed entries end."""
    if ("log", first) not in source.places:
        return data if data.endswith(b"\n") else data + b"\n"
    lines = data.splitlines(keepends=True)
    return b"".join(lines[: source.places[("log", first)].line - 1])
