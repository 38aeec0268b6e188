"""What happens to a patient ends in the plan that was written by hand for it: see tests/stories/README.md."""

from __future__ import annotations

import gc
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from protocal.cli import clock, main
from protocal.read.definition.build import read_protocol
from protocal.text.format import paper_date
from protocal.workflow import planning

STORIES = sorted((Path(__file__).parent / "stories").glob("[0-9][0-9]-*.md"))
ZONE = ZoneInfo("America/New_York")
RECORD, SITE = "p.yaml", "site.yaml"
FACTS = ("id", "date", "agent", "calculated", "dose", "unit", "per_day", "status", "times")

Document = dict[str, Any]
Row = dict[str, str]
Said = tuple[int, str, str]  # the exit status, what was printed as result, and what else


# --- reading a story


@dataclass(frozen=True)
class Command:
    """What is typed at a time, its exit status, and what it must say."""

    at: datetime
    words: list[str]
    status: int = 0
    says: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """A piece of a story that is read strictly: commands, a site's settings, a table or a sentence on the plan."""

    kind: str
    commands: list[Command] = field(default_factory=list)
    text: str = ""
    rows: list[Row] = field(default_factory=list)


def read_story(path: Path) -> list[Block]:
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    blocks: list[Block] = []
    at: datetime | None = None
    for line in lines:
        if line.startswith("```"):
            inside = list(iter(lambda: next(lines), "```"))
            kind = line.removeprefix("```")
            assert kind in ("console", "yaml"), line
            if kind == "yaml":
                blocks.append(Block("yaml", text="\n".join(inside) + "\n"))
            else:
                blocks.append(Block("console", commands_in(inside, at)))
                at = blocks[-1].commands[-1].at
        elif line.startswith("|"):
            table = [line, *iter(lambda: next(lines, ""), "")]
            blocks.append(table_in(table))
        elif line.startswith("- "):
            blocks.append(Block("sentence", text=line.removeprefix("- ")))
        else:
            assert not line.startswith((" ", "*", "+", "> ")), f"this line is read by nobody: {line}"
    assert any(block.kind == "console" for block in blocks)
    return blocks


def commands_in(lines: list[str], at: datetime | None) -> list[Command]:
    """Each command with the time above it, which is that of the block before if none is."""
    found: list[Command] = []
    for line in "\n".join(lines).replace(" \\\n", " ").splitlines():
        if line.startswith("$ protocal "):
            assert at, f"no time before {line}"
            found.append(Command(at, shlex.split(line)[2:]))
        elif line.startswith("> ") and found:
            found[-1].says.append(line.removeprefix("> "))
        elif (match := re.fullmatch(r"exit ([123])", line)) and found:
            found[-1] = replace(found[-1], status=int(match[1]))
        else:
            day, _, hour = line.rpartition(" ")
            before, at = at, datetime.combine(day_in(day), time.fromisoformat(hour), ZONE)
            assert not before or before < at, f"time runs back: {line}"
    assert found, lines
    return found


def table_in(lines: list[str]) -> Block:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, rule, *body = cells
    assert all(set(cell) == {"-"} for cell in rule), lines[1]
    assert body, lines[0]
    assert all(len(row) == len(head) for row in body), [row for row in body if len(row) != len(head)]
    kinds = {
        "courses": [["course", "Day 1", "last day"], ["course", "Day 1", "last day", "days"]],
        "drugs": [
            ["date", "day", "id", "drug", "dose", "status"],
            ["date", "day", "id", "drug", "dose", "status", "hours"],
        ],
        "events": [["date", "day", "course", "event"]],
        "findings": [["rule", "severity", "says"]],
    }
    kind = next((kind for kind, heads in kinds.items() if head in heads), None)
    assert kind, f"no such table: {head}"
    return Block(kind, rows=[dict(zip(head, row, strict=True)) for row in body])


def day_in(text: str) -> date:
    """`Tue 01-Dec-2026`; the weekday must be that of the date."""
    day = datetime.strptime(text.split(" ")[1], "%d-%b-%Y").date()  # noqa: DTZ007 - a date has no zone
    assert paper_date(day) == text, f"{text} is not as it is on the calendar: {paper_date(day)}"
    return day


# --- telling it

read_once = lru_cache(read_protocol)  # it is the same in all stories, and much of a command's time


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in this process, in a folder of its own and at a time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(planning, "read_protocol", read_once)

    def run(words: list[str], at: datetime) -> Said:
        monkeypatch.setattr(clock, "now", lambda: at)
        site = ["--settings", SITE] if Path(SITE).exists() and words[0] not in ("new", "log") else []
        monkeypatch.setattr(sys, "argv", ["protocal", *words, *site])
        capsys.readouterr()
        with pytest.raises(SystemExit) as done:
            main()
        gc.unfreeze()
        gc.enable()
        out, err = capsys.readouterr()
        return int(done.value.code or 0), out, err

    return run


class Teller:
    """Goes through a story, with the plan as it stands, as it stood before the last commands, and at the beginning."""

    def __init__(self, run: Callable[..., Said]) -> None:
        self.run = run
        self.at = datetime(2026, 12, 1, tzinfo=ZONE)
        self.plans: list[Document] = []  # the first is after the first command, then one after each block of commands
        self.drugs: set[str] = set()
        self.findings: list[Row] = []

    @property
    def plan(self) -> Document:
        return self.plans[-1]

    def tell(self, block: Block) -> None:
        getattr(self, f"_{block.kind}")(block)

    def _yaml(self, block: Block) -> None:
        Path(SITE).write_text(block.text, encoding="utf-8")

    def _console(self, block: Block) -> None:
        for command in block.commands:
            self.at = command.at
            status, out, err = self.run(command.words, command.at)
            said = " ".join(f"{out} {err}".split())
            typed = shlex.join(["protocal", *command.words])
            assert status == command.status, f"{typed}\nexit {status}, not {command.status}: {said}"
            for words in command.says:
                assert words in said, f"{typed}\ndoes not say '{words}': {said}"
            if not self.plans:
                self.plans.append(self._planned())
        self.plans.append(self._planned())
        self.drugs, self.findings = set(), []

    def _planned(self) -> Document:
        status, out, err = self.run(["plan", RECORD, "--format", "json"], self.at)
        assert status == 0, err
        document: Document = json.loads(out)
        return document

    # --- tables

    def _courses(self, block: Block) -> None:
        planned = {each["id"]: each for each in self.plan["courses"]}
        expected = []
        for row in block.rows:
            dates = [None if row[name] == "-" else day_in(row[name]).isoformat() for name in ("Day 1", "last day")]
            expected.append((row["course"], *dates, *([int(row["days"])] if "days" in row else [])))
        length = ("length",) if "days" in block.rows[0] else ()
        found = [
            (id_, *(planned[id_][name] for name in ("day1", "last_day", *length)))
            if id_ in planned
            else (id_, "is not planned")
            for id_, *_dates in expected
        ]
        assert found == expected
        self.courses = [row["course"] for row in block.rows]

    def _drugs(self, block: Block) -> None:
        planned = {each["id"]: each for each in self.plan["administrations"]}
        expected: list[tuple[object, ...]] = []
        found: list[tuple[object, ...]] = []
        for row in block.rows:
            status, _, firm = row["status"].partition(" ")
            assert firm in ("", "provisional", "firm"), row
            dose, unit, calculated = (*row["dose"].split(" "), "")[:3]
            assert calculated in ("", "calculated"), row
            for id_, day, on in runs_of(row):
                each = planned.get(id_)
                expected.append((id_, on, day, row["drug"], dose, unit, status, firm, row.get("hours", "")))
                found.append(
                    (
                        id_,
                        each["date"],
                        each["day"],
                        each["agent"],
                        each["calculated" if calculated else "dose"],
                        each["unit"],
                        each["status"],
                        firm and ("provisional" if each["provisional"] else "firm"),
                        hours_of(each) if row.get("hours") else "",
                    )
                    if each
                    else (id_, "is not planned")
                )
                self.drugs.add(id_)
        assert found == expected

    def _events(self, block: Block) -> None:
        expected = [
            (row["course"], row["event"], day_in(row["date"]).isoformat(), int(row["day"])) for row in block.rows
        ]
        kinds = {(course, event) for course, event, _on, _day in expected}
        found = [
            (each["course"], each["kind"], each["date"], each["day"])
            for each in [*self.plan["procedures"], *self.plan["evaluations"]]
            if (each["course"], each["kind"]) in kinds
        ]
        assert sorted(found) == sorted(expected)

    def _findings(self, block: Block) -> None:
        self.findings += block.rows
        found = self._checked()
        for row in block.rows:
            pattern = ".*".join(re.escape(part.strip()) for part in row["says"].split("…"))
            assert any(
                row["rule"] in ("", each["code"])
                and row["severity"] in ("", each["severity"])
                and re.search(pattern, f"{each['message']} {each['remedy']}")
                and each["remedy"]
                for each in found
            ), f"{row} is not among {[(each['code'], each['message'], each['remedy']) for each in found]}"

    def _checked(self) -> list[Row]:
        status, out, _err = self.run(["check", RECORD, "--format", "json"], self.at)
        found: list[Row] = json.loads(out)["problems"]
        assert status == any(each["severity"] == "error" for each in found)
        return found

    # --- sentences

    def _sentence(self, block: Block) -> None:
        for pattern, rule in (
            (r"Only these courses\.", self._only_these_courses),
            (r"Nothing else of (.+)\.", self._nothing_else),
            (r"No other errors\.", self._no_other_errors),
            (r"No (.+)\.", self._none_of),
            (r"As at the beginning: (.+)\.", lambda *names: self._as_in(self.plans[0], *names)),
            (r"As before: (.+)\.", lambda *names: self._as_in(self.plans[-2], *names)),
            (r"Quiet about (.+)\.", self._quiet),
        ):
            if match := re.fullmatch(pattern, block.text):
                rule(*(match[1].split(", ") if match.groups() else ()))
                return
        raise AssertionError(f"no such sentence: {block.text}")

    def _only_these_courses(self) -> None:
        assert [each["id"] for each in self.plan["courses"]] == self.courses

    def _nothing_else(self, *names: str) -> None:
        for name in names:
            found = {each["id"] for each in part_of(self.plan, name)}
            told = {id_ for id_ in self.drugs if within(id_, name)}
            assert told, f"the story tells nothing of {name}"
            assert found == told

    def _none_of(self, *names: str) -> None:
        for name in names:
            assert not part_of(self.plan, name), name
            assert name not in [each["id"] for each in self.plan["courses"]]

    def _as_in(self, other: Document, *names: str) -> None:
        for name in names:
            was, now = picture(other, name), picture(self.plan, name)
            assert any(was), f"there was nothing of {name}"
            assert now == was, name

    def _quiet(self, *codes: str) -> None:
        assert [each for each in self._checked() if each["code"] in codes] == []

    def _no_other_errors(self) -> None:
        told = sum(row["severity"] == "error" for row in self.findings)
        errors = [each for each in self._checked() if each["severity"] == "error"]
        assert len(errors) == told, errors


def runs_of(row: Row) -> Iterator[tuple[str, int, str]]:
    """Each day of a row with its id and date: `1-14` and `… to …` are days in a row, and all three must agree."""
    first, _, last = row["day"].partition("-")
    start, _, end = row["date"].partition(" to ")
    days = range(int(first), int(last or first) + 1)
    assert day_in(start) + timedelta(days=len(days) - 1) == day_in(end or start), row
    assert not last or row["id"].endswith(f"/{row['day']}"), row
    for index, day in enumerate(days):
        id_ = f"{row['id'].removesuffix(row['day'])}{day}" if last else row["id"]
        yield id_, day, (day_in(start) + timedelta(days=index)).isoformat()


def hours_of(each: Document) -> str:
    """`09:00, 03:00+1`."""
    times = [datetime.fromisoformat(text) for text in each["times"]]
    days = [(at.date() - date.fromisoformat(each["date"])).days for at in times]
    return ", ".join(f"{at:%H:%M}{f'+{day}' if day else ''}" for at, day in zip(times, days, strict=True))


def within(id_: str, name: str) -> bool:
    return name in ("everything", id_) or id_.startswith(f"{name}/")


def part_of(plan: Document, name: str) -> list[Document]:
    return [each for each in plan["administrations"] if within(each["id"], name)]


def picture(plan: Document, name: str) -> tuple[list[object], ...]:
    """All that a reader sees of a part of a plan, without whether it is provisional."""
    return (
        [[each["id"], each["day1"], each["last_day"]] for each in plan["courses"] if within(each["id"], name)],
        [[each[fact] for fact in FACTS] for each in part_of(plan, name)],
        [
            [each["course"], each["day"], each["date"], each["kind"]]
            for each in [*plan["procedures"], *plan["evaluations"]]
            if within(each["course"], name)
        ],
    )


def test_there_are_twenty_stories() -> None:
    assert [path.name[:2] for path in STORIES] == [f"{number:02d}" for number in range(1, 21)]


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
def test_a_story_ends_as_it_was_written_by_hand(path: Path, tell: Callable[..., Said]) -> None:
    teller = Teller(tell)
    for block in read_story(path):
        teller.tell(block)
