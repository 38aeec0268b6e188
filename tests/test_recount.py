"""The plan is held against a second count of the same files, which shares nothing with what makes plans."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import CASES, CHILD, make_case, run, with_options
from test_stories import RECORD, SITE, STORIES, Said, read_story, tell
from test_tiny import GIRL, TINY
from test_worked import PATIENTS, day_of, measure, rows

from protocal import resources
from protocal.read.definition.signatures import SIGNATURES_FILE
from protocal.recount import read_yaml, recount
from protocal.recount.values import _Texts

__all__ = ["tell"]

PACKAGE = Path(__file__).parents[1] / "protocal" / "recount"
Facts = tuple[object, ...]


@cache
def texts_of(folder: Path) -> Mapping[str, str]:
    files = [path for path in sorted(folder.rglob("*.yaml")) if path.name != SIGNATURES_FILE]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def bundled_texts() -> Mapping[str, str]:
    return texts_of(resources.folder("schedules") / "aall1331" / "0.2")


def planned(document: Any) -> dict[str, Facts]:
    """What `plan --format json` says; of what is made of tablets the dose before they were chosen, unless given."""
    return {
        each["id"]: (
            *(each["date"], each["agent"], each["route"]),
            Decimal(each["dose"] if each["status"] == "given" or not each["made_of"] else each["calculated"]),
            *(each["unit"], each["per_day"], tuple(each["times"]), each["status"]),
        )
        for each in document["administrations"]
    }


def counted(record: str, definition: Mapping[str, str], settings: str = "") -> dict[str, Facts]:
    found = recount(record, definition, settings)
    assert found.not_covered == ()
    assert len({each.id for each in found.doses}) == len(found.doses)
    return {
        each.id: (
            *(str(each.date), each.agent, each.route, each.dose, each.unit, each.per_day),
            *(tuple(hour.isoformat() for hour in each.hours), each.state),
        )
        for each in found.doses
    }


def plan_of(record: Path) -> Any:
    done = run("plan", record, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_golden_cases_are_counted_alike(case: str, tmp_path: Path) -> None:
    record = make_case(case, tmp_path)
    assert counted(record.read_text(encoding="utf-8"), bundled_texts()) == planned(plan_of(record))


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
def test_stories_are_counted_alike_at_their_end(path: Path, tell: Callable[..., Said]) -> None:
    at = None
    for block in read_story(path):
        if block.kind == "yaml":
            Path(SITE).write_text(block.text, encoding="utf-8")
        for command in block.commands:
            at = command.at
            tell(command.words, at)
    _status, out, _err = tell(["plan", RECORD, "--format", "json"], at)
    site = Path(SITE).read_text(encoding="utf-8") if Path(SITE).exists() else ""
    record = Path(RECORD).read_text(encoding="utf-8")
    assert counted(record, bundled_texts(), site) == planned(json.loads(out))


@pytest.mark.parametrize("patient", PATIENTS)
def test_worked_examples_are_counted_alike(patient: str, tmp_path: Path) -> None:
    (person,) = rows(patient, "Patient")
    row = next(each for each in rows(patient, "Plans") if each["plan"] in ("C", "D"))
    for cns in ("cns1", "cns3"):
        record = tmp_path / f"{cns}.yaml"
        made = run(
            *("new", record, "--protocol", "aall1331", "--id", person["id"], "--sex", person["sex"], "--cns", cns),
            *("--born", day_of(person["born"]), "--measured", day_of(person["measured"]), "--timezone", "UTC"),
            *("--height", measure(person["height"], "cm"), "--weight", measure(person["weight"], "kg")),
            *("--risk", "low", "--arm", row["plan"], "--start", day_of(row["Block 1 Day 1"])),
        )
        assert made.returncode == 0, made.stderr
        assert counted(record.read_text(encoding="utf-8"), bundled_texts()) == planned(plan_of(record))


def test_the_tiny_definition_is_counted_alike(tmp_path: Path) -> None:
    record = tmp_path / "t-1.yaml"
    assert run("new", record, *GIRL).returncode == 0
    assert counted(record.read_text(encoding="utf-8"), texts_of(TINY)) == planned(plan_of(record))


@pytest.mark.parametrize(
    "commands",
    [
        ["give block-1/itt/8/methotrexate 2026-12-08 --at 09:00"],
        [
            "substitute pegaspargase rywn-48-h --from 2026-12-03 --reason allergy",
            "hold block-1 --from 2026-12-08 --days 3 --skip --reason fever",
        ],
        ["start block-2 2026-12-29", "delay block-2 --from-day 9 --days 3 --reason fever"],
        ["start block-2 2026-12-29", "give block-2/mtx-hd/8 2027-01-05 --at 20:00"],
    ],
    ids=["an hour of one of several drugs", "a hold of a series", "a delay before a rescue", "an open rescue"],
)
def test_what_happened_is_counted_alike(commands: list[str], tmp_path: Path) -> None:
    record = tmp_path / "p001.yaml"
    assert run("new", record, *with_options(CHILD, cns="cns3")).returncode == 0
    for command in commands:
        verb, *words = command.split()
        done = run(verb, record, *words)
        assert done.returncode == 0, done.stderr
    assert counted(record.read_text(encoding="utf-8"), bundled_texts()) == planned(plan_of(record))


def test_it_shares_nothing_with_what_makes_plans_and_stays_short() -> None:
    lines = 0
    for path in PACKAGE.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        lines += len(text.splitlines())
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                assert not any(each.name.split(".")[0] == "protocal" for each in node.names), path
            if isinstance(node, ast.ImportFrom):
                module = str(node.module)
                assert module.startswith("protocal.recount") or module.split(".", maxsplit=1)[0] != "protocal", path
    assert lines < 1080


def test_every_scalar_stays_a_text_by_a_safe_loader() -> None:
    assert issubclass(_Texts, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)
    assert read_yaml("{a: no, b: 0012, c: 12:30, d: 1e3, e: 2026-12-01, f: ~}") == {
        "a": "no",
        "b": "0012",
        "c": "12:30",
        "d": "1e3",
        "e": "2026-12-01",
        "f": "~",
    }


def test_what_it_does_not_know_is_named(tmp_path: Path) -> None:
    record = make_case("arm-d-cns2-child", tmp_path).read_text(encoding="utf-8")
    files = dict(bundled_texts())
    files["courses/block-1.yaml"] = files["courses/block-1.yaml"].replace(
        "    agent: vincristine\n", "    agent: vincristine\n    spacing: 7 days\n"
    )
    said = recount(f"{record}  - {{entry: wish, text: x}}\n  - {{entry: note, text: x, loud: yes}}\n", files, "tone: a")
    assert said.not_covered == (
        *("settings: tone", "record, entry: wish", "record, note: loud", "courses/block-1.yaml, vcr: spacing"),
    )
