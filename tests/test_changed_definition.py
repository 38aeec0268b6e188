"""A definition that was changed in place: its plan may be seen, but no paper and no feed has its doses unsaid."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from conftest import CHILD, run, with_options

CODE = "definition-changed"
SAID = "aall1331 0.2 is no longer the definition that this record was made with"
REASON = "the office's own correction"
VCR = "block-1/vcr/1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, bundled: Path) -> tuple[Path, bytes]:
    """A record whose definition was changed after it was made: vincristine from 1.5 to 2.5 mg/m2; and its bytes."""
    folder = tmp_path_factory.mktemp("changed")
    own = folder / "aall1331" / "0.2"
    shutil.copytree(bundled, own)
    record = folder / "p001.yaml"
    done = run("new", record, *with_options(CHILD, protocol=str(own)))
    assert done.returncode == 0, done.stderr
    course = own / "courses" / "block-1.yaml"
    text = course.read_text(encoding="utf-8")
    assert "dose: 1.5 mg/m2" in text
    course.write_text(text.replace("dose: 1.5 mg/m2", "dose: 2.5 mg/m2", 1), encoding="utf-8")
    return record, record.read_bytes()


@pytest.fixture
def record(made: tuple[Path, bytes]) -> Iterator[Path]:
    """That record, which is as it was after each test."""
    path, data = made
    yield path
    path.write_bytes(data)


OUTPUTS = [
    ("roadmap", "--course", "block-1"),
    ("roadmap", "--overview"),
    ("calendar",),
    ("calendar", "--pocket", "--from", "2026-12-01"),
    ("feed",),
    ("feed", "--unverified-doses"),
]


@pytest.mark.parametrize("words", OUTPUTS, ids=" ".join)
def test_no_paper_and_no_feed_is_written(words: tuple[str, ...], record: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    done = run(words[0], record, "-o", output, *words[1:])
    assert done.returncode == 1
    assert f"error: {SAID}" in done.stderr
    assert f"[{CODE}]" in done.stderr
    assert not output.exists()


def shown(file: Path) -> str:
    """All that a reader of a PDF or a feed sees, in one line."""
    if file.read_bytes().startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(file)
        text = " ".join(page.get_textpage().get_text_bounded() for page in document)
        document.close()
    else:
        text = file.read_bytes().replace(b"\r\n ", b"").decode().replace("\\", "")
    return " ".join(text.split())


@pytest.mark.parametrize("words", OUTPUTS, ids=" ".join)
def test_what_is_issued_despite_it_says_so(words: tuple[str, ...], record: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    done = run(words[0], record, "-o", output, *words[1:], "--despite", CODE, "--reason", REASON)
    assert done.returncode == 0, done.stderr
    text = shown(output)
    assert f"Issued despite {CODE}: {SAID}" in text
    assert f"Reason: {REASON}" in text


def test_another_code_does_not_answer_it(record: Path, tmp_path: Path) -> None:
    done = run("feed", record, "-o", tmp_path / "x.ics", "--despite", "S27", "--reason", REASON)
    assert (done.returncode, (tmp_path / "x.ics").exists()) == (1, False)


def test_the_worksheet_has_it_among_its_errors(record: Path, tmp_path: Path) -> None:
    output = tmp_path / "w.pdf"
    assert run("drugs", record, "--format", "pdf", "-o", output, "--course", "block-1").returncode == 0
    assert f"{CODE}: {SAID}" in shown(output)


LOOKS = [("plan",), ("why", "2026-12-01"), ("diff", "--from", "6"), ("drugs",)]


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_the_plan_may_be_looked_at_and_the_change_is_said(words: tuple[str, ...], record: Path) -> None:
    done = run(words[0], record, *words[1:])
    assert done.returncode == 0
    assert f"error: {SAID}" in done.stderr


def test_the_plan_has_the_new_dose_and_data_have_the_error(record: Path) -> None:
    plan = json.loads(run("plan", record, "--format", "json").stdout)
    first = plan["problems"][0]
    assert (first["code"], first["severity"]) == (CODE, "error")
    assert first["message"] == f"{SAID}: its doses and days may be others"
    assert next(each["dose"] for each in plan["administrations"] if each["id"] == VCR) == "1.95"
    checked = run("check", record)
    assert checked.returncode == 1
    assert checked.stdout.startswith(f"error {CODE}: {SAID}")


RECORDED = [
    ("measure", "--date", "2026-12-02", "--height", "112", "--weight", "19.5"),
    ("delay", "block-2", "--days", "3", "--reason", "ANC 320"),
    ("omit", "block-1/vcr/8", "--reason", "ileus"),
    ("note", "seen"),
    ("give", VCR, "2026-12-01", "--dose", "1.17"),
]


@pytest.mark.parametrize("words", RECORDED, ids=lambda words: words[0])
def test_what_happened_is_recorded_and_the_change_is_said_each_time(words: tuple[str, ...], record: Path) -> None:
    before = record.read_bytes()
    done = run(words[0], record, *words[1:])
    assert done.returncode == 0, done.stderr
    assert f"error: {SAID}" in done.stderr
    assert record.read_bytes() != before


def test_a_dose_that_was_given_is_never_taken_from_the_changed_definition(record: Path) -> None:
    """The ward's sheet had 1.17 mg; the plan now has 1.95 mg."""
    before = record.read_bytes()
    done = run("give", record, VCR, "2026-12-01")
    assert done.returncode == 2
    assert "nobody knows which dose of block-1/vcr/1 the ward had" in done.stderr
    assert "--dose" in done.stderr
    assert record.read_bytes() == before


def test_restored_it_is_silent(record: Path, tmp_path: Path) -> None:
    course = record.parent / "aall1331" / "0.2" / "courses" / "block-1.yaml"
    changed = course.read_text(encoding="utf-8")
    course.write_text(changed.replace("dose: 2.5 mg/m2", "dose: 1.5 mg/m2", 1), encoding="utf-8")
    try:
        done = run("feed", record, "-o", tmp_path / "x.ics")
    finally:
        course.write_text(changed, encoding="utf-8")
    assert done.returncode == 0
    assert SAID not in done.stderr
