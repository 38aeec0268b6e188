"""A record's tree -> its seals; a record as it was read -> what of its log was changed or is missing.

Each sealed entry bears a digest over its values and the seal before it, so a change to one shows. The file's last line
says how many entries are sealed and with which seal the last, so that an end that is cut off shows, too; and its first
lines promise that last line, so that one that went with the end is missed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from protocal.model.problems import Problem, Severity, Where
from protocal.read.yaml_tree import Source
from protocal.text.format import plain

PROMISE = (
    "# The last line says how many entries are sealed; where it is missing or says more than there are, the end is."
)
BREAK = "\r\n|[\r\n\x85\u2028\u2029]"  # what ends a line, and with it a comment
_COMMENT_ALONE = rf"(?:\A|(?<=[\r\n\x85\u2028\u2029]))[ \t]*{{}}[ \t]*(?:{BREAK}|\Z)"
_LAST_LINE = re.compile(_COMMENT_ALONE.format("# sealed: ([0-9]{1,9}) entr(?:y|ies), ([0-9a-f]{32})"))
_PROMISED = re.compile(_COMMENT_ALONE.format(re.escape(PROMISE)))
ACCEPT = "--accept-shortened --reason TEXT"


class Cut(NamedTuple):
    """An end of the log that is missing: what shows it, and the log as one accepts it."""

    message: str
    accepted: str
    where: Where


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


def last_line(tree: Mapping[str, Any]) -> str:
    """The comment that ends the file of a record whose entries are all sealed."""
    log = tree["log"]
    seal = log[-1]["seal"] if log else header_seal(tree)
    return f"# sealed: {len(log)} {'entry' if len(log) == 1 else 'entries'}, {seal}"


def last_lines(text: str, long_scalars: list[tuple[int, int]]) -> list[re.Match[str]]:
    """Where such comments stand, with their line ends; a value of several lines may look like one, and is none."""
    return [each for each in _LAST_LINE.finditer(text) if not _is_in(each, long_scalars)]


def is_promised(text: str, long_scalars: list[tuple[int, int]]) -> bool:
    """Whether a file says that it has a last line: those of the first release do not."""
    return any(not _is_in(each, long_scalars) for each in _PROMISED.finditer(text))


def _is_in(found: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    return any(start < found.end() and found.start() < end for start, end in spans)


def check_seals(source: Source) -> Iterator[Problem]:
    """The first thing that is wrong with the seals, or where what was written by hand begins."""
    seal = header_seal(source.tree)
    unsealed: Where | None = None
    for index, entry in enumerate(source.tree["log"]):
        where = source.where(("log", index))
        if not entry.get("seal"):
            if entry.get("recorded"):
                yield _lost_seal(source, where)
                return
            unsealed = unsealed or where
            continue
        if unsealed:
            yield Problem(
                "unsealed-between",
                "an entry without a seal stands before this sealed one",
                unsealed,
                "Move what was written by hand to the end of the log.",
            )
            return
        seal = entry_seal(seal, entry)
        if entry["seal"] != seal:
            what = "the header or this entry" if index == 0 else "this entry"
            yield Problem(
                "changed-entry",
                f"{what} was changed after it was sealed, or the entry before it is gone",
                where,
                "Restore the file; correct a mistake with a new entry.",
            )
            return
    if unsealed:
        yield Problem(
            "unsealed",
            "entries from here on were written by hand and are not sealed yet",
            unsealed,
            "They count; check them.",
            Severity.WARNING,
        )


def _lost_seal(source: Source, where: Where) -> Problem:
    return Problem(
        "seal-gone",
        "this entry bears the time at which a command wrote it, and its seal is gone",
        where,
        f"Restore the file from a copy, such as {source.file}.last; an entry of your own has no 'recorded'.",
    )


def check_end(source: Source, *, accept_shortened: bool) -> Iterator[Problem]:
    """Whether the end of the log is there, as far as the last line tells."""
    if cut := cut_of(source):
        yield Problem(
            "shortened",
            cut.message,
            cut.where,
            f"Restore the file from a copy, such as {source.file}.last; if all of the log is here that there will be, "
            f"add {ACCEPT} to the next command that adds to it.",
            Severity.WARNING if accept_shortened else Severity.ERROR,
        )
        return
    text = text_of(source)
    if _sealed_entries(source) and not last_lines(text, source.long_scalars):
        yield Problem(
            "no-last-line",
            "no last line says how many entries are sealed, as in records of the first release: entries that are cut "
            "off at the end would not be missed",
            Where(source.file),
            "Look whether the log is whole; the next command that adds to it writes the line.",
            Severity.WARNING,
        )


def cut_of(source: Source) -> Cut | None:
    """What shows that sealed entries are missing at the end of a record's log; None if nothing does.

    A line holds for the entries that were sealed when it was written, so a log that has grown since is no shorter.
    """
    text, entries = text_of(source), _sealed_entries(source)
    found = last_lines(text, source.long_scalars)
    for each in found:
        count, seal = int(each[1]), each[2]
        where = Where(source.file, len(re.findall(BREAK, text[: each.start()])) + 1, 1)
        if count > len(entries):
            message = f"the end of the log is missing: {count} entries were sealed, and {len(entries)} are here"
            return Cut(message, f"a log shortened from {count} entries to {len(entries)}", where)
        if count and seal != entries[count - 1]["seal"]:
            message = (
                f"entry {count} of the log is not the one that was sealed: the log was shortened and has grown since"
            )
            return Cut(message, f"a log whose entry {count} is not the one that was sealed", where)
    if not found and is_promised(text, source.long_scalars):
        message = "the last line is missing, which says how many entries are sealed; entries may be missing with it"
        return Cut(message, f"a log of {len(entries)} entries that had lost its last line", Where(source.file))
    return None


def _sealed_entries(source: Source) -> list[dict[str, Any]]:
    return [entry for entry in source.tree["log"] if entry.get("seal")]


def text_of(source: Source) -> str:
    """The text that a source was read from, without its byte order mark; empty for a tree that was put together."""
    return source.data.decode("utf-8-sig")
