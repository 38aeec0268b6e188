"""How a command ended, and what stood in its folder before and after, in; each law that it broke, out."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from icalendar import Calendar

from fuzz.running import Ran
from protocal.read.record.read import read_record
from protocal.read.yaml_tree import Source, parse_tree

Files = Mapping[str, bytes]

GIVING_OUT = ("roadmap", "calendar", "feed", "drugs")  # which is a line of the log where it is new
ADDING = (
    *("start", "assign", "delay", "hold", "fail", "transplant", "stop", "end", "note", "prior", "undo", "give", "omit"),
    "dispense",
    *("move", "adjust", "substitute", "measure", "bags", "interrupt", "resume", "clear", "told", "upgrade", "link"),
)
STATUSES = (0, 1, 2, 3)
# Of these, what is wrong is the file as a whole.
WHOLE = {"no-file", "a-folder", "unreadable", "too-large", "not-utf-8", "empty", "shortened", "not-private"}
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_OTHERS = re.compile(rf"/dev/null$|{re.escape(tempfile.gettempdir())}/weasyprint-")  # where it puts its fonts
_PROBLEM = re.compile(r"(?P<place>.+?): (?:error|warning): (?P<said>.+) \[(?P<code>[A-Za-z0-9-]+)\]")
_LINE = re.compile(r":[1-9][0-9]*:[1-9][0-9]*$")
_OF_PYTHON = re.compile(r"\bTraceback\b|'None'|^None:|Decimal\(|<class |object at 0x", re.MULTILINE)
_FROM_THE_FILE = re.compile(r" Near: .*")


def broken(words: Sequence[str], ran: Ran, before: Files, after: Files, scratch: Path) -> Iterator[str]:
    """Each law that a command broke."""
    if ran.raised:
        yield f"raises {ran.raised}"
        return
    if ran.hung:
        yield "hangs"
        return
    if ran.status not in STATUSES:
        yield f"ends with status {ran.status}, which nothing promises: {ran.err[:200]}"
        return
    yield from _written(words, ran, before, after, scratch)
    yield from _printed(words, ran)
    yield from _told(ran)
    if ran.status == 0:
        yield from _made(words, after)


def _written(words: Sequence[str], ran: Ran, before: Files, after: Files, scratch: Path) -> Iterator[str]:
    if outside := [each for each in ran.wrote if not Path(each).is_relative_to(scratch) and not _OTHERS.match(each)]:
        yield f"writes outside its folder: {outside[0]}"
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if ran.status:
        if changed:
            yield f"fails and leaves behind {sorted(changed)}"
        return
    if changed - _may_change(words):
        yield f"changes {sorted(changed - _may_change(words))}, which was not asked for"
    if not words or words[0] not in ADDING or b"Usage: " in ran.out:
        return
    if "nothing was written" in ran.err:
        if changed:
            yield "writes, and says that it does not"
    elif not changed:
        yield "says it is done, and adds nothing"
    for name in sorted(changed & {*before}):
        if not name.endswith(".last"):
            yield from _record_kept(before[name], after.get(name, b""), scratch / name)


def _may_change(words: Sequence[str]) -> set[str]:
    """What a command that succeeds may make or change: its output, its record and the copy of what that was before."""
    outputs = {words[index + 1] for index, word in enumerate(words[:-1]) if word in ("-o", "--output", "--qr")}
    outputs |= {word.partition("=")[2] for word in words if word.startswith("--output=")}
    gives_out = words[0] in GIVING_OUT and "--draft" not in words
    writes = words[0] in (*ADDING, "new", "site") or gives_out
    records = {name for word in words for name in (word, f"{word}.last") if writes}
    return outputs | records


def _record_kept(before: bytes, after: bytes, path: Path) -> Iterator[str]:
    """What was written can be read, and has all that was there, in its order."""
    record, problems = read_record(path)
    if record is None:
        yield f"says it is done and leaves a record that cannot be read: {problems[0].code}"
        return
    old, new = _tree(before), _tree(after)
    if {**old, "log": 0} != {**new, "log": 0}:
        yield "changes the header of a record"
    if len(new["log"]) <= len(old["log"]):
        yield "adds nothing to the log"
    for one, other in zip(old["log"], new["log"], strict=False):
        if any(key not in other or other[key] != value for key, value in one.items()):
            yield f"changes an entry of the log: {one} to {other}"
            return


def _tree(data: bytes) -> Any:
    return parse_tree(data.decode("utf-8-sig"), Source("record")).tree


def _printed(words: Sequence[str], ran: Ran) -> Iterator[str]:
    try:
        out = ran.out.decode()
    except UnicodeDecodeError:
        yield "prints what is not UTF-8"
        return
    is_table = not words or "csv" not in words
    if odd := _ODD.search(out if is_table else out.replace("\r\n", "\n").removeprefix("\ufeff")):
        yield f"prints U+{ord(odd[0]):04X}: {out[max(0, odd.start() - 40) : odd.end() + 20]!r}"
    if odd := _ODD.search(ran.err):
        yield f"says U+{ord(odd[0]):04X}: {ran.err[max(0, odd.start() - 40) : odd.end() + 20]!r}"
    if "json" in words and out and ran.status in (0, 1):
        try:
            json.loads(out, parse_constant=_no_number)
        except ValueError as error:
            yield f"prints what is no JSON: {error}"
    if "csv" in words and ran.status == 0:
        widths = {len(row) for row in csv.reader(io.StringIO(out.removeprefix("\ufeff"), newline=""), strict=True)}
        if len(widths) > 1:
            yield f"prints CSV with rows of {sorted(widths)} cells"


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _told(ran: Ran) -> Iterator[str]:
    """What is said when something is wrong: where, what, and what to do."""
    said = _FROM_THE_FILE.sub("", ran.err)
    if odd := _OF_PYTHON.search(said):
        yield f"says what is for programmers: {said[max(0, odd.start() - 60) : odd.end() + 60]!r}"
    lines = ran.err.splitlines()
    if ran.status in (2, 3):
        if not any("error" in line.lower() for line in lines):
            yield f"fails and does not say what is wrong: {ran.err[:200]!r}"
        return
    errors = 0
    for index, line in enumerate(lines):
        if not (": error: " in line or line.startswith("error: ")):
            continue
        errors += 1
        found = _PROBLEM.match(line)
        if found is None:
            yield f"says an error without its place: {line[:200]!r}"
            continue
        if found["code"].islower() and found["code"] not in WHOLE and not _LINE.search(found["place"]):
            yield f"says an error without its line [{found['code']}]: {line[:200]!r}"
        if not (lines[index + 1 : index + 2] and lines[index + 1].startswith("  ")):
            yield f"says an error without what to do [{found['code']}]: {line[:200]!r}"
    if ran.status == 1 and not errors and not ran.out:
        yield f"fails and does not say what is wrong: {ran.err[:200]!r}"


def _made(words: Sequence[str], after: Files) -> Iterator[str]:
    """What a command says that it made, is that."""
    for index, word in enumerate(words[:-1]):
        if word not in ("-o", "--output"):
            continue
        name, data = words[index + 1], after.get(words[index + 1])
        if data is None:
            yield f"says it is done, and {name} is not there"
        elif words[0] == "feed":
            yield from _feed(data)
        elif words[0] == "drugs" and "xlsx" in words:
            if not data.startswith(b"PK\x03\x04"):
                yield "writes what is no workbook"
        elif not data.startswith(b"%PDF-"):
            yield "writes what is no PDF"


def _feed(data: bytes) -> Iterator[str]:
    try:
        events = Calendar.from_ical(data).walk("VEVENT")
    except ValueError as error:
        yield f"writes what is no calendar: {error}"
        return
    uids = [str(each["UID"]) for each in events]
    if len(set(uids)) != len(uids):
        yield "writes two events of one identity"
    if any(len(line) > 75 for line in data.split(b"\r\n")) or b"\n" in data.replace(b"\r\n", b""):
        yield "writes lines that a calendar may not have"
