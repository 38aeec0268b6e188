"""Whatever the layout of a record: if it reads well, it grows well, and what was there is there afterwards."""

from __future__ import annotations

import json
import os
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

from protocal.read.append import NewEntry, append_entries
from protocal.read.record import read_record
from protocal.read.record_text import value_text
from protocal.read.seals import PROMISE, last_line, sealed
from protocal.words.log import Entry

HOURS = float(os.environ.get("PROTOCAL_SOAK", "0"))
ROUNDS = 1000
NOW = datetime(2026, 12, 20, 9, 30, tzinfo=UTC)
NEL = "\N{NEXT LINE}"
HEADER = {
    "format": 1,
    "id": "P001",
    "key": "0123456789abcdef0123456789abcdef",
    "created": "2026-11-30",
    "born": "2019-05-12",
    "sex": "female",
    "name": 'Zoé "O\'Neil" # 😀',
    "timezone": "America/New_York",
    "protocol": "aall1331",
    "version": "0.1",
}
RECORDED = {"recorded": "2026-11-30T09:30:00+00:00", "by": "nurse 7"}
SEALED: list[dict[str, Any]] = [
    {"entry": "measure", **RECORDED, "date": "2026-11-30", "height": 112, "weight": Decimal("19.40")},
    {"entry": "state", **RECORDED, "fact": "cns", "value": "cns2"},
    {
        "entry": "start",
        **RECORDED,
        "course": "block-1",
        "date": "2026-12-01",
        "counts": {"anc": 800, "platelets": 90000},
    },
    {"entry": "note", **RECORDED, "text": "no # comment: - {not} [yaml], \"quoted\" 'twice' \\ 😀"},
]
BY_HAND: list[dict[str, Any]] = [
    {"entry": "delay", "course": "block-2", "days": 6, "only": True, "why": "ANC 320"},
    {"entry": "omit", "ids": ["block-1/vcr/8", "block-1/dex/9"], "by": "me"},
    {"entry": "note", "text": "# sealed: 3 entries, 0123456789abcdef0123456789abcdef"},
    {"entry": "give", "id": "block-1/vcr/1", "date": "2026-12-01", "dose": Decimal("0.8"), "at": None},
    {"entry": "adjust", "agent": "mercaptopurine", "percent": 50, "date": "2027-01-20", "to": None},
    {"why": "relapse", "date": "2027-02-01", "entry": "fail"},
    {"entry": "assign", "arm": "D", "date": "2026-12-01", "recorded": None, "seal": ""},
    {"entry": "remark", "kind": "allergy", "text": "penicillin: a rash all over; it went in a day"},
]


class Writer:
    """Writes a record by hand, as nobody would twice."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.comments = 0
        self.wild = chance.choice((0.02, 0.1, 0.3))

    def record(self) -> str:
        """The text of a record with entries that are sealed, and perhaps some that are not."""
        chance = self.chance
        tree = sealed({**HEADER, "log": SEALED[: chance.randint(1, len(SEALED))]})
        count = len(tree["log"])
        tree["log"] += chance.sample(BY_HAND, chance.choice((0, 0, 1, 2, 3)))
        end = f"{last_line({**tree, 'log': tree['log'][:count]})}\n"
        promised = chance.random() < 0.8
        text = f"{PROMISE}\n" * promised + self.between(0) + self.opening()
        flow = chance.random()
        if flow < 0.15:
            text += self.flow(tree, 0) + self.comment() + "\n"
        else:
            column = chance.choice((0, 0, 0, 2))
            text += "".join(self.pair(key, tree[key], column) for key in tree if key != "log")
            text += f"{' ' * column}log:"
            if flow < 0.3:
                text += f" {self.flow(tree['log'], column + 1)}{self.comment()}\n"
            else:
                text += self.comment() + "\n" + self.log(tree["log"], column + chance.choice((0, 2, 2, 4)), count, end)
                end = ""
        return self.ending(text + end * promised)

    def opening(self) -> str:
        if self.chance.random() > self.wild:
            return ""
        return self.chance.choice(
            ("---\n", "--- # document\n", "%YAML 1.1\n---\n", "%YAML 1.1 # version\n--- # here\n")
        )

    def ending(self, text: str) -> str:
        chance = self.chance
        if chance.random() < self.wild:
            text += chance.choice(("...\n", "...", f"... \n{self.own_comment(0)}"))
        if chance.random() < self.wild:
            text += chance.choice(("\n\n", "  \n", "# the end", self.own_comment(3), "   "))
        if chance.random() < self.wild:
            text = text.rstrip("\n")
        if chance.random() < self.wild:
            text = text.replace("\n", chance.choice(("\r\n", "\r")))
        return "\N{ZERO WIDTH NO-BREAK SPACE}" * (chance.random() < self.wild) + text

    def log(self, log: list[dict[str, Any]], column: int, count: int, end: str) -> str:
        """A list of entries, with the last line where the entries by hand begin, or at the end."""
        early = self.chance.random() < 0.7
        text = ""
        for index, entry in enumerate(log):
            text += self.between(column)
            if index == count and early:
                text += end
            text += self.entry(entry, column)
        return text + self.between(column) + end * (not early or count == len(log))

    def entry(self, entry: dict[str, Any], column: int) -> str:
        if self.chance.random() < self.wild:
            return f"{' ' * column}- {self.flow(entry, column + 2)}{self.comment()}\n"
        dash, inner = "- ", column + 2
        if self.chance.random() < self.wild:
            dash = self.chance.choice(("-\n", "-   ", f"-{self.comment()}\n", *["-\t"] * (self.chance.random() < 0.1)))
            inner = column + (self.chance.choice((1, 2, 5)) if dash.endswith("\n") else len(dash))
        lines = "".join(self.pair(key, value, inner) for key, value in entry.items())
        if dash.endswith("\n"):
            return f"{' ' * column}{dash}{self.between(inner)}{lines}"
        return f"{' ' * column}{dash}{lines.removeprefix(' ' * inner)}"

    def pair(self, key: str, value: Any, column: int) -> str:
        space = " " * column
        if self.chance.random() < self.wild / 3:
            return f"{space}? {key}\n{space}: {self.flow(value, column + 2)}{self.comment()}\n"
        name = self.chance.choice((f'"{key}"', f"'{key}'", f"{key} ")) if self.chance.random() < self.wild else key
        gap = " " * (1 if self.chance.random() > self.wild else self.chance.randint(1, 4))
        if isinstance(value, dict | list) and self.chance.random() < 0.4:
            inner = column + 2
            if isinstance(value, dict):
                lines = "".join(f"{' ' * inner}{each}: {inside}\n" for each, inside in value.items())
            else:
                lines = "".join(f"{' ' * inner}- {each}\n" for each in value)
            return f"{space}{name}:{self.comment()}\n{lines}"
        if isinstance(value, str) and self.chance.random() < self.wild / 2:
            sign = self.chance.choice(("|-", ">-", ">-2"))
            indent = column + 2
            return (
                f"{space}{name}:{gap}{sign}{self.comment()}\n{' ' * indent}{value}\n{self.chance.choice(('', chr(10)))}"
            )
        return f"{space}{name}:{gap}{self.scalar(value, column)}{self.comment()}\n{self.between(column)}"

    def scalar(self, value: Any, column: int) -> str:
        if isinstance(value, str) and self.chance.random() < self.wild:
            quoted = json.dumps(value, ensure_ascii=False)
            folded = quoted.replace(" ", f"\n{' ' * (column + 3)}", 1)
            return self.chance.choice((quoted, f"'{value.replace(chr(39), chr(39) * 2)}'", folded))
        if isinstance(value, int) and not isinstance(value, bool) and self.chance.random() < self.wild:
            return self.chance.choice((*[f"{value}.0"] * (value > 99), f"0{value}", f"+{value}"))
        if value is None:
            return self.chance.choice(("", "~", "null"))
        return value_text(value)

    def flow(self, value: Any, column: int) -> str:
        """In braces and brackets, on one line or on several."""
        if not isinstance(value, dict | list):
            return self.scalar(value, column)
        if isinstance(value, dict):
            parts = [f"{each if self.chance.random() < 0.5 else json.dumps(each)}: {self.flow(inside, column + 1)}"
                     for each, inside in value.items()]  # fmt: skip
        else:
            parts = [self.flow(each, column + 1) for each in value]
        gap = f"{self.comment()}\n{' ' * (column + 1)}" if self.chance.random() < self.wild else ""
        text = f",{gap or ' '}".join(parts) + "," * (self.chance.random() < self.wild)
        opened, closed = "{}" if isinstance(value, dict) else "[]"
        return f"{opened}{gap}{text}{gap}{closed}"

    def between(self, column: int) -> str:
        """What may stand between two lines."""
        if self.chance.random() > self.wild:
            return ""
        return self.chance.choice(("\n", "   \n", self.own_comment(column), self.own_comment(0), self.own_comment(9)))

    def own_comment(self, column: int) -> str:
        self.comments += 1
        more = f"{NEL} " if self.chance.random() < self.wild / 3 else ""
        return f"{' ' * column}# c{self.comments}: a, {{b}} [d] 'e'{more}\n"

    def comment(self) -> str:
        if self.chance.random() > self.wild:
            return ""
        self.comments += 1
        return f'{self.chance.choice((" ", "   "))}# c{self.comments} "f'


def comments_of(text: str) -> list[str]:
    return re.findall("# c[0-9]+", text)


def said(entry: Entry) -> Entry:
    """An entry without what the next command adds to it."""
    return replace(entry, recorded=None, by=entry.by, seal="", where=None)  # type: ignore[arg-type]


def grows_well(path: Path) -> bool:
    """Whether a record that reads without an error reads the same after a note, but for the note; it must.

    False if it does not read.
    """
    before, _problems = read_record(path)
    if before is None:
        return False
    old = path.read_bytes().decode("utf-8-sig")
    by_hand = {index for index, each in enumerate(before.log) if not each.seal}
    for number in (1, 2) if by_hand else (1,):
        added = append_entries(path, [NewEntry({"entry": "note", "text": f"note {number}"})], NOW, "")
        assert added.record, added.problems
        assert added.after.startswith(b"\xef\xbb\xbf") is path.read_bytes().startswith(b"\xef\xbb\xbf")
        path.write_bytes(added.after)
        after, problems = read_record(path)
        assert problems == []
        assert after
        assert replace(after, log=()) == replace(before, log=())
        assert len(after.log) == len(before.log) + number
        assert all(each.seal for each in after.log)
        assert [each.text for each in after.log[-number:]] == [f"note {one + 1}" for one in range(number)]  # type: ignore[attr-defined]
        for index, (was, now) in enumerate(zip(before.log, after.log, strict=False)):
            assert now == (was if index not in by_hand else replace(was, recorded=NOW, seal=now.seal))
        new = added.after.decode("utf-8-sig")
        assert comments_of(new) == comments_of(old)
        assert new.count("# sealed: ") - new.count("text: ") <= old.count("# sealed: ") + 1
    return True


def test_a_record_that_reads_well_grows_well_in_whatever_layout(tmp_path: Path) -> None:
    path = tmp_path / "p001.yaml"
    end, seed, read = monotonic() + HOURS * 3600, 0 if not HOURS else random.SystemRandom().getrandbits(48), 0
    first = seed
    while seed < first + ROUNDS or monotonic() < end:
        writer = Writer(random.Random(seed))
        text = writer.record()
        path.write_bytes(text.encode())
        try:
            read += grows_well(path)
        except AssertionError as error:
            raise AssertionError(
                f"seed {seed}: {error}\nof\n{text}\nis now\n{path.read_text(encoding='utf-8')}"
            ) from error
        seed += 1
    assert read > 0.7 * (seed - first), "most layouts are read"
