"""What a program gets from `import protocal`: the examples of its page, names, and no paper that was not read back."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from conftest import CHILD
from conftest import run_process as run

import protocal
from protocal import resources
from protocal.cli import main
from protocal.model.facts import facts_of
from protocal.model.plan import Plan
from protocal.plan import planner
from protocal.plan.record_check import courses as fit
from protocal.read import settings
from protocal.read.definition import build as definition
from protocal.read.record import append
from protocal.read.record import read as record
from protocal.render.family import pdf as calendar_pdf
from protocal.render.pdf import sheets_pdf as pdf

PAGE = resources.folder("schedules").parent / "docs" / "library.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
NOW = datetime(2026, 12, 28, 9, tzinfo=UTC)
PRINTS: dict[str, Callable[[Plan], bytes]] = {
    "roadmap": protocal.roadmap_bytes,
    "overview": lambda plan: protocal.roadmap_bytes(plan, only_overview=True),
    "course": lambda plan: protocal.roadmap_bytes(plan, courses=["block-1"]),
    "calendar": protocal.calendar_bytes,
    "pocket": lambda plan: protocal.pocket_bytes(plan, protocal.Settings(), date(2026, 12, 1)),
    "worksheet": protocal.worksheet_bytes,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "p001.yaml"
    assert run("new", path, *CHILD).returncode == 0
    return path


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "p001.yaml"
    path.write_bytes(made.read_bytes())
    return path


# --- the page and the names


def test_the_examples_of_the_page_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(EXAMPLES) >= 7
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for example in EXAMPLES:
        exec(compile(example, str(PAGE), "exec"), names)
    assert (tmp_path / "block-1.pdf").read_bytes() == names["pdf"]
    assert "vincristine" in names["table"].decode()


def test_each_public_name_is_there_for_people_and_for_type_checkers() -> None:
    tree = ast.parse(Path(protocal.__file__).read_text(encoding="utf-8"))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    homes = {alias.name: node.module for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    fetched = {name: f"protocal.{home}" for home, names in protocal._HOMES.items() for name in names}
    assert homes == fetched
    assert sorted([*homes, "__version__"]) == sorted(protocal.__all__) == sorted(dir(protocal))
    assert all(getattr(protocal, name) is not None for name in protocal.__all__)


def test_an_unknown_name_is_told_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'protocal' has no attribute 'nothing'"):
        protocal.nothing  # noqa: B018 - fetched


def test_the_page_names_each_function_that_makes_bytes_or_text() -> None:
    words = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in words for name in protocal._HOMES["workflow.making"])


def test_importing_the_package_loads_nothing_of_its_own_or_of_others() -> None:
    code = "import sys; before = set(sys.modules); import protocal; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded - set(sys.stdlib_module_names) == {"protocal"}
    assert not any(name.startswith("protocal.") for name in done.stdout.split())


# --- nobody gets paper that was not read back


@pytest.mark.parametrize("name", PRINTS)
def test_paper_that_does_not_say_what_the_plan_says_is_given_to_nobody(
    name: str, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty, stream = pikepdf.new(), BytesIO()
    empty.add_blank_page()
    empty.save(stream)
    for module in (pdf, calendar_pdf):
        monkeypatch.setattr(module, "press", lambda *_args, **_options: stream.getvalue())
    with pytest.raises(protocal.ProtocalError) as stopped:
        PRINTS[name](protocal.load_plan(made))
    assert stopped.value.problems[0].code == "read-back"


@pytest.mark.parametrize("name", [*(each for each in PRINTS if each != "worksheet"), "feed"])
def test_an_error_of_the_checks_stops_paper_and_feeds_of_a_program_too(name: str, made: Path) -> None:
    plan = protocal.load_plan(made)
    wrong = protocal.Problem("S5", "made up", source="made up")
    stopped = replace(plan, problems=(*plan.problems, wrong))
    with pytest.raises(protocal.ProtocalError) as raised:
        (PRINTS | {"feed": protocal.feed_bytes})[name](stopped)
    assert raised.value.problems == (wrong,)


def test_what_an_error_is_overridden_with_stands_in_the_feed(made: Path) -> None:
    plan = protocal.load_plan(made)
    wrong = protocal.Problem("S5", "made up", source="made up")
    data = protocal.feed_bytes(replace(plan, problems=(wrong,)), despite=["s5"], reason="by the study chair")
    assert "study chair" in data.decode().replace("\r\n ", "")


# --- adding to a record


def test_nothing_is_written_in_a_dry_run_and_all_is_said(file: Path) -> None:
    before = file.read_bytes()
    waits = protocal.NewEntry({"entry": "delay", "course": "block-2", "days": 6, "why": "low counts"})
    tried = protocal.record(file, [waits], NOW, dry_run=True)
    assert file.read_bytes() == before
    done = protocal.record(file, [waits], NOW)
    assert done.changes == tried.changes != ()
    read = protocal.load_plan(file)
    assert [line[:5] for line in read.administrations] == [line[:5] for line in done.after.administrations]


def test_what_must_be_settled_first_is_raised_and_nothing_is_written(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(protocal.UsageError, match="no administration 'block-1/nothing/1'"):
        protocal.record(file, [protocal.NewEntry({"entry": "omit", "ids": ["block-1/nothing/1"], "why": "x"})], NOW)
    assert file.read_bytes() == before


def test_a_mistake_in_an_entry_without_options_is_one_of_the_file(file: Path) -> None:
    with pytest.raises(protocal.ProtocalError, match="is not a date"):
        protocal.record(file, [protocal.NewEntry({"entry": "fail", "date": "soon"})], NOW)


# --- each file is read once, and the log is folded once for each plan


@pytest.mark.parametrize(
    ("words", "folds"),
    [
        (["plan", "FILE", "--format", "json"], 1),
        (["check", "FILE"], 1),
        (["why", "FILE", "2026-12-08"], 1),
        (["diff", "FILE", "--from", "2"], 2),
        (["delay", "FILE", "block-2", "--days", "6", "--reason", "low counts"], 2),
        (["omit", "FILE", "block-1/vcr/8", "--reason", "jaundice"], 2),
        (["undo", "FILE", "--reason", "wrong"], 3),  # the line to be undone is the last of the plan as it is
        (["drugs", "FILE", "OTHER", "--on", "2026-12-01"], 2),
    ],
    ids=lambda words: words[0] if isinstance(words, list) else None,
)
def test_a_command_reads_each_file_once_and_folds_the_log_once_for_each_plan(
    words: list[str], folds: int, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = file.with_name("p002.yaml")
    protocal.begin_record(
        other,
        protocal.NewPatient(
            protocol="aall1331", id="P002", born="2019-05-12", sex="male", height="112", weight="19.4", cns="cns2",
            risk="low", arm="D", start="2026-12-01", timezone="America/New_York",
        ),
        NOW,
        "0" * 32,
    )  # fmt: skip
    counted: Counter[str] = Counter()
    read_tree = record.read_tree

    def reading(path: Path, *rest: Any) -> Any:
        counted[str(path)] += 1
        return read_tree(path, *rest)

    def folding(*args: Any) -> Any:
        counted["folds"] += 1
        return facts_of(*args)

    for module in (record, append, definition, settings):
        monkeypatch.setattr(module, "read_tree", reading)
    for part in (fit, planner):
        monkeypatch.setattr(part, "facts_of", folding)
    monkeypatch.setattr(sys, "argv", ["protocal", *({"FILE": str(file), "OTHER": str(other)}.get(w, w) for w in words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert not stopped.value.code
    assert counted.pop("folds") == folds
    assert str(file) in counted
    assert set(counted.values()) == {1}
