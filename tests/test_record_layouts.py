"""Whatever the layout of a record: if it reads well, it grows well, and what was there is there afterwards."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import yaml
from conftest import run_process as run
from machines import BOY

from protocal.cli import main
from protocal.model.problems import has_errors
from protocal.read.record import append
from protocal.read.record.append import NewEntry, append_entries
from protocal.read.record.new import compose
from protocal.read.record.read import read_record
from protocal.read.record.read_again import difference
from protocal.read.record.seals import PROMISE, last_line, sealed
from protocal.read.record.text import record_text, value_text
from protocal.read.yaml_tree import read_tree

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


# Layouts that somebody will write

HEAD = "".join(f"{key}: {value_text(value)}\n" for key, value in HEADER.items())
START = "  - entry: start\n    course: block-2\n    date: 2027-01-04\n"
LAYOUTS = {
    "the list in the first column": f"{HEAD}log:\n- entry: start\n  course: block-2\n  date: 2027-01-04\n",
    "the list in the fifth column": f"{HEAD}log:\n    - entry: start\n      course: block-2\n      date: 2027-01-04\n",
    "everything further in": "  " + f"{HEAD}log:\n{START}".replace("\n", "\n  ").rstrip(" "),
    "an entry in braces": f"{HEAD}log:\n  - {{entry: start, course: block-2, date: 2027-01-04}}\n",
    "with a comma at its end": f"{HEAD}log:\n  - {{entry: start, course: block-2,\n     date: 2027-01-04, # c1\n"
    "    } # c2\n",
    "a log in brackets": f"{HEAD}log: [{{entry: start, course: block-2, date: 2027-01-04}}]  # c1\n",
    "an empty log": f"{HEAD}log: []\n",
    "JSON": json.dumps({**HEADER, "log": [BY_HAND[0]]}, ensure_ascii=False, indent=2),
    "the file in braces": f"{{{HEAD.replace(chr(10), ', ')}log: [{{entry: fail, date: 2027-01-04}}]}}\n",
    "document marks": f"---\n{HEAD}log:\n{START}...\n",
    "a comment behind the end": f"--- # c1\n{HEAD}log:\n{START}# c2\n...\n# c3\n",
    "no line end": f"{HEAD}log:\n{START}".rstrip("\n"),
    "a comment without a line end": f"{HEAD}log:\n{START}# c1",
    "a comment first": f"{HEAD}log:\n  # c1\n  - # c2\n    entry: start # c3\n    course: block-2\n    # c4\n"
    "    date: 2027-01-04 # c5\n  # c6\n",
    "a bare dash": f"{HEAD}log:\n  -\n    entry: start\n    course: block-2\n    date: 2027-01-04\n",
    "a next line in a comment": f"{HEAD}log:\n{START}    # c1 {NEL}\n    # c2 {NEL} # c3\n",
    "next lines for line ends": f"{HEAD}log:\n{START}".replace("\n", NEL),
    "a text that ends in a block": f"{HEAD}log:\n{START}    why: >- # c1\n      counts seen\n\n\n  # c2\n\n",
    "question marks": f"{HEAD}log:\n  - ? entry\n    : fail\n    ? date\n    : 2027-01-04\n",
    "a tab before a comment": f"{HEAD}log:\n{START}    by: me\t# c1\n",
    "nothing behind a key": f"{HEAD}log:\n  - entry: give\n    id: block-1/vcr/1\n    date: 2026-12-01\n    dose:\n",
    "a list at the end of an entry": f"{HEAD}log:\n  - entry: omit\n    ids:\n    - block-1/vcr/8 # c1\n",
}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_grows_well(layout: str, ends: str, tmp_path: Path) -> None:
    path = tmp_path / "p001.yaml"
    path.write_bytes(LAYOUTS[layout].replace("\n", ends).encode())
    assert grows_well(path), read_record(path)[1]
    if NEL not in LAYOUTS[layout]:
        now = path.read_bytes().decode()
        assert re.findall("\r\n|\r|\n", now) == [ends] * len(re.findall("\r\n|\r|\n", now))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_grows_well_where_pyyaml_comes_without_its_library_in_c(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocal.read.yaml_tree._LOADER", yaml.Loader)
    monkeypatch.setattr("protocal.read.record.layout._LOADER", yaml.BaseLoader)
    path = tmp_path / "p001.yaml"
    path.write_text(LAYOUTS[layout], encoding="utf-8")
    assert grows_well(path) is (layout != "a tab before a comment"), "which it does not read"


@pytest.mark.parametrize(
    "dose", ["1e-40", "1e3", ".5", "+0.50", "007", "0x1c", "0.000000000000000000000000000000000001"]
)
@pytest.mark.parametrize("layout", ["  - {{{}}}", "  - {}", "log: [{{{}}}]"])
def test_a_figure_in_any_spelling_is_refused_or_stays_the_same(dose: str, layout: str, tmp_path: Path) -> None:
    path = tmp_path / "p001.yaml"
    gap = ", " if "{{" in layout else "\n    "
    entry = layout.format(gap.join(("entry: give", "id: block-1/vcr/1", "date: 2026-12-01", f"dose: {dose}")))
    path.write_text(f"{HEAD}{entry if 'log' in layout else f'log:{chr(10)}{entry}'}\n", encoding="utf-8")
    before = path.read_bytes()
    added = append_entries(path, [], NOW, "")
    if added.record is None:
        assert has_errors(added.problems)
        assert path.read_bytes() == before
    else:
        assert grows_well(path)


def test_what_is_written_by_hand_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "p001.yaml"
    head = f"# c0\n{HEAD}log: # c1\n"
    path.write_text(
        f"""{head}  # c2
  - entry:   start  # c3
    course: 'block-2'

    # c4
    date: 2027-01-04  # c5
  # c6

  - {{entry: fail, # c7
     date: "2027-02-01",  # c8
    }}  # c9
# c10
""",
        encoding="utf-8",
    )
    added = append_entries(path, [NewEntry({"entry": "note", "text": "nothing new"})], NOW, "me")
    assert added.record
    seals = [each.seal for each in added.record.log]
    recorded = "recorded: 2026-12-20T09:30:00+00:00"
    assert added.after.decode() == (
        f"""{PROMISE}
{head}  # c2
  - entry:   start  # c3
    course: 'block-2'

    # c4
    date: 2027-01-04  # c5
    {recorded}
    by: me
    seal: {value_text(seals[0])}
  # c6

  - {{entry: fail, # c7
     date: "2027-02-01", {recorded}, by: me, seal: {value_text(seals[1])},  # c8
    }}  # c9
# c10
  - entry: note
    {recorded}
    by: me
    text: "nothing new"
    seal: {value_text(seals[2])}
# sealed: 3 entries, {seals[2]}
"""
    )


def test_a_log_in_brackets_is_written_anew_line_by_line_with_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "p001.yaml"
    path.write_text(
        f"""# c1
{HEAD}log: # c2
  [ # c3
    {{entry: start, course: block-2, # c4
      # c5
      date: 2027-01-04}},
    # c6
    {{entry: fail, date: 2027-02-01}}, # c7
  ]
# c8
""",
        encoding="utf-8",
    )
    added = append_entries(path, [], NOW, "")
    assert added.record
    seals = [each.seal for each in added.record.log]
    recorded = "recorded: 2026-12-20T09:30:00+00:00"
    assert added.after.decode() == (
        f"""{PROMISE}
# c1
{HEAD}log:  # c2
  # c3
  - entry: start
    course: block-2  # c4
  # c5
    date: 2027-01-04
    {recorded}
    seal: {value_text(seals[0])}
  # c6
  - entry: fail
    date: 2027-02-01  # c7
    {recorded}
    seal: {value_text(seals[1])}
  # c8
# sealed: 2 entries, {seals[1]}
"""
    )


# What is about to be written is read again


def with_first(tree: dict[str, Any], **changed: object) -> dict[str, Any]:
    """A tree with values of its first entry changed."""
    first, *others = tree["log"]
    return {**tree, "log": [{**first, **changed}, *others]}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record with one entry."""
    path = tmp_path / "p001.yaml"
    path.write_text(f"{HEAD}log:\n{START}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("course: block-2", "course: block-3", "this entry was changed after it was sealed"),
        ("sex: female", "sex: male", "the header or this entry was changed"),
        ("text: x", "text: y", "this entry was changed after it was sealed"),
        ("log:", "log", "this is not YAML"),
        ("# sealed: 2 entries", "# sealed: 3 entries", "the end of the log is missing"),
        ("# sealed: 2 entries", "# 2 entries", "the last line is missing"),
        ("  - entry: note", "  - entry: fail\n    date: 2027-01-01\n  - entry: note", "an entry without a seal stands"),
    ],
)
def test_what_would_not_read_as_it_was_meant_is_not_written(
    old: str, new: str, says: str, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = append.grown_texts
    monkeypatch.setattr(append, "grown_texts", lambda *given: (each.replace(old, new) for each in real(*given)))
    added = append_entries(record, [NewEntry({"entry": "note", "text": "x"})], NOW, "")
    assert (added.record, added.after) == (None, b"")
    (problem,) = added.problems
    assert problem.code == "not-as-meant"
    assert "the record would not read as it was meant, and nothing was written: " in problem.message
    assert says in problem.message
    assert problem.remedy


def test_one_way_that_reads_as_it_was_meant_is_enough(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = append.grown_texts
    monkeypatch.setattr(append, "grown_texts", lambda *given: ["no record", *real(*given)])
    assert append_entries(record, [], NOW, "").record


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda tree: tree | {"id": "P002"}, "id would be 'P001' instead of 'P002'"),
        (lambda tree: tree | {"log": tree["log"][:1]}, "log would have 2 lines instead of 1"),
        (lambda tree: with_first(tree, days=7), "log 1 days would be '6' instead of '7'"),
        (lambda tree: with_first(tree, only=1), "log 1 only would be 'True' instead of '1'"),
        (lambda tree: with_first(tree, by="me"), "log 1 by would be 'None' instead of 'me'"),
        (lambda tree: tree, ""),
    ],
)
def test_the_first_difference_is_told(change: Callable[[dict[str, Any]], dict[str, Any]], says: str) -> None:
    tree = sealed({**HEADER, "log": [BY_HAND[0], BY_HAND[2]]})
    found = difference(record_text(tree).encode(), change(tree), "p001.yaml")
    assert found.startswith(says)
    assert bool(found) is bool(says)


def test_a_record_that_would_be_too_large_to_be_read_is_not_written(
    record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocal.read.record.read_again.MAX_BYTES", record.stat().st_size + 100)
    added = append_entries(record, [NewEntry({"entry": "note", "text": "x" * 100})], NOW, "")
    assert added.record is None
    assert "the file is larger than" in added.problems[0].message


def test_a_new_record_is_read_again_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protocal.read.record.new.record_text", lambda tree: record_text(tree).replace("L-1", "L-2"))
    made = compose(BOY, tmp_path / "r.yaml", (), NOW, "0" * 32)
    assert [each.code for each in made.problems] == ["not-as-meant"]


def test_a_command_writes_nothing_that_does_not_read(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = child.read_bytes()
    monkeypatch.setattr(append, "grown_texts", lambda *_given: ["log: ["])
    monkeypatch.setattr("sys.argv", ["protocal", "note", str(child), "x"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert child.read_bytes() == before


def in_braces(value: Any) -> str:
    """A tree on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {in_braces(inner)}' for key, inner in value.items())}}}"
    return f"[{', '.join(map(in_braces, value))}]" if isinstance(value, list) else value_text(value)


SEALED_LAYOUTS: dict[str, Callable[[str, dict[str, Any]], str]] = {
    "the list in the first column": lambda text, _tree: text.replace("\n  ", "\n"),
    "the list in the fifth column": lambda text, _tree: text.replace("\n  ", "\n    "),
    "entries in braces": lambda text, tree: (
        f"{text.split('  - ')[0]}{''.join(f'  - {in_braces(each)}{chr(10)}' for each in tree['log'])}{last_line(tree)}"
    ),
    "a log in brackets": lambda text, tree: f"{text.split('log:')[0]}log: {in_braces(tree['log'])}\n{last_line(tree)}",
    "the file in braces": lambda _text, tree: in_braces(tree),
    "JSON": lambda _text, tree: json.dumps(tree, default=float, indent=2),
    "document marks": lambda text, _tree: f"---\n{text}...\n",
}


@pytest.mark.parametrize("layout", SEALED_LAYOUTS)
def test_a_command_grows_a_record_of_any_layout(layout: str, child: Path) -> None:
    text, before = child.read_text(encoding="utf-8"), read_record(child)[0]
    child.write_text(SEALED_LAYOUTS[layout](text, read_tree(child).tree), encoding="utf-8")
    assert read_record(child)[0] == before
    for command in (["note", child, "x"], ["undo", child]):
        done = run(*command)
        assert done.returncode == 0, done.stderr
    after, problems = read_record(child)
    assert problems == []
    assert before
    assert after
    assert after.log[:-2] == before.log
