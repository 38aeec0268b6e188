"""The laws themselves: each is broken here once by a made-up ending of a command, and must say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest
from fuzz import running
from fuzz.bases import BUNDLED, lay_bases
from fuzz.cases import Broken, Case, Scratch, smallest
from fuzz.changes import CHANGES
from fuzz.laws import broken
from fuzz.running import Ran, run

HEAD = "format: 1\nid: A\nkey: 00000000000000000000000000000000\ncreated: 2027-01-01\nborn: 2019-01-01\nsex: male\n"
HEAD += "timezone: UTC\nprotocol: loom\nversion: x1\nlog:\n"
ONE, TWO = "  - {entry: note, text: a}\n", "  - {entry: note, text: b}\n"
RECORD = (HEAD + ONE).encode()
LONGER = (HEAD + ONE + TWO).encode()
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{}END:VCALENDAR\r\n"
EVENT = "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\nDTSTART;VALUE=DATE:20270101\r\nEND:VEVENT\r\n"
NOTE, PLAN = ("note", "p.yaml", "b"), ("plan", "p.yaml")
JSON, CSV = (*PLAN, "--format", "json"), (*PLAN, "--format", "csv")
FEED, MAP = ("feed", "p.yaml", "-o", "o.ics"), ("roadmap", "p.yaml", "-o", "o.pdf")

BREAKS: dict[str, tuple[tuple[str, ...], Ran, dict[str, bytes]]] = {
    "raises ValueError": (PLAN, Ran(raised="ValueError at x"), {}),
    "hangs": (PLAN, Ran(hung=True), {}),
    "ends with status 70": (PLAN, Ran(70, err="error: a fault of ours"), {}),
    "ends with status None": (PLAN, Ran(None), {}),
    "writes outside": (PLAN, Ran(0, wrote=["/etc/x"]), {}),
    "fails and leaves behind ['o.ics']": (FEED, Ran(2, err="error: x"), {"o.ics": b""}),
    "fails and leaves behind ['p.yaml']": (NOTE, Ran(2, err="error: x"), {"p.yaml": LONGER}),
    "changes ['other']": (FEED, Ran(0), {"other": b"", "o.ics": CALENDAR.format(EVENT).encode()}),
    "changes ['p.yaml'], which was not asked for": (PLAN, Ran(0), {"p.yaml": LONGER}),
    "writes, and says that it does not": ((*NOTE, "--dry-run"), Ran(0, err="nothing was written"), {"p.yaml": LONGER}),
    "says it is done, and adds nothing": (NOTE, Ran(0), {}),
    "leaves a record that cannot be read": (NOTE, Ran(0), {"p.yaml": RECORD + b"   - x: ["}),
    "changes the header": (NOTE, Ran(0), {"p.yaml": LONGER.replace(b"id: A", b"id: B")}),
    "adds nothing to the log": (NOTE, Ran(0), {"p.yaml": RECORD + b"# x\n"}),
    "changes an entry of the log": (NOTE, Ran(0), {"p.yaml": (HEAD + TWO + ONE).encode()}),
    "prints U+202E": (PLAN, Ran(0, out="a\u202eb".encode()), {}),
    "says U+001B": (PLAN, Ran(2, err="error: \x1b[31m"), {}),
    "prints what is not UTF-8": (PLAN, Ran(0, out=b"\xff"), {}),
    "prints what is no JSON": (JSON, Ran(0, out=b'{"a": NaN}'), {}),
    "rows of [1, 2] cells": (CSV, Ran(0, out=b"a,b\r\nc\r\n"), {}),
    "for programmers": (PLAN, Ran(2, err="error: 'None' is no date"), {}),
    "does not say what is wrong: ''": (PLAN, Ran(2), {}),
    "does not say what is wrong: 'x'": (PLAN, Ran(1, err="x"), {}),
    "says an error without its place": (PLAN, Ran(1, err="error: bad [value]\n  Mend it."), {}),
    "says an error without its line [value]": (PLAN, Ran(1, err="p.yaml: error: bad [value]\n  Mend it."), {}),
    "says an error without what to do [value]": (PLAN, Ran(1, err="p.yaml:1:2: error: bad [value]"), {}),
    "o.ics is not there": (FEED, Ran(0), {}),
    "no calendar": (FEED, Ran(0), {"o.ics": b"no calendar"}),
    "two events of one identity": (FEED, Ran(0), {"o.ics": CALENDAR.format(EVENT * 2).encode()}),
    "lines that a calendar may not have": (
        FEED,
        Ran(0),
        {"o.ics": CALENDAR.format(EVENT.replace("UID:1", "UID:" + "1" * 80)).encode()},
    ),
    "no PDF": (MAP, Ran(0), {"o.pdf": b"x"}),
    "no workbook": (("drugs", "p.yaml", "--format", "xlsx", "-o", "o.xlsx"), Ran(0), {"o.xlsx": b"x"}),
}
KEEPS: list[tuple[tuple[str, ...], Ran, dict[str, bytes]]] = [
    (PLAN, Ran(0, out="Łukasz\n".encode(), err="p.yaml:1:1: warning: x [unsealed]\n  Check it."), {}),
    (PLAN, Ran(1, err="p.yaml:1:2: error: bad [value]\n  Mend it."), {}),
    (PLAN, Ran(1, err="p.yaml: error: there is no such file [no-file]\n  Check the name."), {}),
    (PLAN, Ran(2, err="error: --from: no date\n  Write it otherwise."), {}),
    (NOTE, Ran(0), {"p.yaml": LONGER, "p.yaml.last": RECORD}),
    ((*NOTE, "--help"), Ran(0, out=b" Usage: protocal note"), {}),
    (FEED, Ran(0), {"o.ics": CALENDAR.format(EVENT).encode()}),
    (MAP, Ran(0), {"o.pdf": b"%PDF-1.7"}),
]


def laws_broken(ending: tuple[tuple[str, ...], Ran, dict[str, bytes]], folder: Path) -> list[str]:
    words, ran, made = ending
    before = {"p.yaml": RECORD}
    after = {**before, **made}
    (folder / "p.yaml").write_bytes(after["p.yaml"])
    return list(broken(words, ran, before, after, folder))


@pytest.mark.parametrize("law", BREAKS)
def test_what_breaks_a_law_is_said(law: str, tmp_path: Path) -> None:
    assert any(law in said for said in laws_broken(BREAKS[law], tmp_path))


@pytest.mark.parametrize("ending", KEEPS)
def test_what_keeps_all_laws_is_not(ending: tuple[tuple[str, ...], Ran, dict[str, bytes]], tmp_path: Path) -> None:
    assert laws_broken(ending, tmp_path) == []


# --- the runner


def test_a_command_runs_as_it_would_in_a_process_of_its_own(tmp_path: Path) -> None:
    with chdir(tmp_path):
        made, again = run(["new", "p.yaml", *BUNDLED]), run(["new", "p.yaml", *BUNDLED])
    assert (made.status, again.status) == (0, 2)
    assert "exists already" in again.err
    assert {Path(each).parent for each in made.wrote} == {tmp_path.resolve()}


def test_what_nobody_foresaw_is_told_by_its_place() -> None:
    with patch("protocal.read.library.protocols_on", side_effect=KeyError("x")):
        ran = run(["protocols"])
    assert ran.raised.startswith("KeyError at cli/definitions.py:")


def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def for_ever(_shelf: Path) -> Iterator[None]:
        while True:
            pass
        yield

    monkeypatch.setattr(running, "BUSY", 0.2)
    with patch("protocal.read.library.protocols_on", for_ever):
        assert run(["protocols"]).hung


# --- what is told


def test_a_broken_law_is_told_in_the_fewest_lines(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    text = b"".join(b"line %d\n" % number for number in range(40))
    case = Case({"p.yaml": text}, (("log", "p.yaml"), ("plan", "p.yaml")), "p.yaml")

    def tried(case: Case) -> Iterator[Broken]:
        if b"line 17\n" in case.files["p.yaml"] and ("plan", "p.yaml") in case.commands:
            yield Broken(case, ("plan", "p.yaml"), "hangs")

    with patch.object(scratch, "tried", tried):
        found = smallest(next(tried(case)), scratch, float("inf"))
    assert found.case == Case({"p.yaml": b"line 17\n"}, (("plan", "p.yaml"),), "p.yaml")


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_seed_makes_the_same_change(change: str, tmp_path: Path) -> None:
    data = lay_bases(tmp_path)[0].data
    made = [[CHANGES[change](data, Random(f"{seed}")) for seed in range(20)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) > 15
