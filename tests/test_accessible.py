"""Every printed document is PDF/UA-1: by a checker that nobody here wrote, and by a walk over its structure."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from conftest import CHILD, with_options
from conftest import run_process as run

from protocal.cli import main
from protocal.render.pdf import weasyprint_pdf as press
from protocal.render.pdf.tags import complete_tags

# Feet of pages are artifacts, as PDF/UA asks; the checker takes one with many words for prose. Heads are real text on
# the first page of a sheet, because each sheet is filed by itself.
NOT_ASKED = "TAG-002"
DOCUMENTS = {
    "roadmap": ("roadmap", "--course", "block-1", "--course", "blina-cycle-1", "--course", "continuation-1"),
    "overview": ("roadmap",),
    "calendar": ("calendar", "--to", "2027-03-31"),
    "pocket": ("calendar", "--pocket", "--from", "2026-12-01"),
    "worksheet": ("drugs", "--format", "pdf", "--course", "block-1"),
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("accessible")
    record = folder / "p001.yaml"
    assert run("new", record, *with_options(CHILD, name="Made-up Child")).returncode == 0
    found = {}
    for name, (command, *options) in DOCUMENTS.items():
        found[name] = folder / f"{name}.pdf"
        done = run(command, record, *options, "-o", found[name])
        assert done.returncode == 0, done.stderr
    return found


def checked(pdf: Path) -> subprocess.CompletedProcess[str]:
    command = [
        Path(sys.executable).with_name("outloud"),
        "--layer",
        "conformance",
        "--fail-on",
        "error",
        "--skip",
        NOT_ASKED,
    ]
    return subprocess.run([*command, str(pdf)], capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.fixture
def checker() -> None:
    if find_spec("outloud") is None:
        if os.environ.get("CI"):
            pytest.fail("the PDF/UA checker is not installed: make .venv/readers")
        pytest.skip("the PDF/UA checker is not installed: make .venv/readers")


@pytest.mark.usefixtures("checker")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_checker_finds_no_error(name: str, documents: dict[str, Path]) -> None:
    done = checked(documents[name])
    assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("checker")
def test_the_checker_finds_what_is_left_out(
    documents: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press, "complete_tags", lambda *_args: None)
    bare = tmp_path / "bare.pdf"
    record = documents["roadmap"].parent / "p001.yaml"
    monkeypatch.setattr(sys, "argv", ["protocal", "roadmap", str(record), "--course", "block-1", "-o", str(bare)])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    assert checked(bare).returncode == 1


def elements(node: Any) -> Iterator[Any]:
    """All elements of a structure, parents first."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def rows_of(table: Any) -> list[Any]:
    return [each for each in elements(table) if each.S == "/TR"]


def spans(cell: Any, name: str) -> int:
    return int(cell.get("/A", {}).get(name, 1))


def text_of(pdf: pikepdf.Pdf, name: str) -> str:
    return str(pdf.docinfo.get(name, ""))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_headers_have_a_scope_and_every_row_has_all_columns(name: str, documents: dict[str, Path]) -> None:
    with pikepdf.open(documents[name]) as pdf:
        every = list(elements(pdf.Root.StructTreeRoot))
        tables = [each for each in every if each.S == "/Table"]
        assert tables
        for table in tables:
            scopes = Counter(str(each.A.Scope) for each in elements(table) if each.S == "/TH")
            assert scopes
            assert set(scopes) <= {"/Column", "/Row"}
            rows = rows_of(table)
            taken: list[set[int]] = [set() for _row in rows]
            for index, row in enumerate(rows):
                column = 0
                for cell in row.K:
                    while column in taken[index]:
                        column += 1
                    end = column + spans(cell, "/ColSpan")
                    for lower in taken[index : index + spans(cell, "/RowSpan")]:
                        assert not lower & set(range(column, end)), "two cells in one place"
                        lower.update(range(column, end))
                    column = end
            assert {len(columns) for columns in taken} == {max(map(len, taken))}
            assert {max(columns) for columns in taken} == {max(map(len, taken)) - 1}, "a hole"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_a_language_a_title_bookmarks_and_its_fonts(name: str, documents: dict[str, Path]) -> None:
    with pikepdf.open(documents[name]) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
        assert text_of(pdf, "/Title")
        with pdf.open_outline() as outline:
            assert [each.title for each in outline.root]
        fonts = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}
        assert fonts
        assert all(re.fullmatch(r"/[A-Z]{6}\+(Sheet|Marks)[-A-Za-z]*", font) for font in fonts), fonts


def test_courses_and_their_pages_are_bookmarked(documents: dict[str, Path]) -> None:
    with pikepdf.open(documents["roadmap"]) as pdf, pdf.open_outline() as outline:
        assert [each.title for each in outline.root] == ["Block 1", "Blinatumomab Cycle 1", "Continuation 1"]
        assert outline.root[0].children[0].title.startswith("Tue 01-Dec-2026")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_sheet_has_one_heading_of_the_first_level_and_none_is_skipped(
    name: str, documents: dict[str, Path]
) -> None:
    with pikepdf.open(documents[name]) as pdf:
        found = [each for each in elements(pdf.Root.StructTreeRoot) if str(each.S) in ("/H1", "/H2", "/H3")]
        assert found[0].S == "/H1"
        with pdf.open_outline() as outline:
            assert sum(each.S == "/H1" for each in found) == len(outline.root)
        assert not [each for each in found if each.S == "/H3"]


def test_metadata_name_the_patient_only_if_asked(documents: dict[str, Path], tmp_path: Path) -> None:
    record = documents["roadmap"].parent / "p001.yaml"
    for command in ("roadmap", "calendar"):
        plain, named = tmp_path / f"{command}.pdf", tmp_path / f"{command}-named.pdf"
        assert run(command, record, "--course", "block-1", "-o", plain).returncode == 0
        assert run(command, record, "--course", "block-1", "-o", named, "--name-in-title").returncode == 0
        with pikepdf.open(plain) as pdf:
            assert "Made-up" not in "".join(map(str, pdf.docinfo.values()))
            assert b"Made-up" not in pdf.Root.Metadata.read_bytes()
        with pikepdf.open(named) as pdf:
            assert text_of(pdf, "/Title").endswith(", Made-up Child")


def test_what_has_no_structure_is_not_completed() -> None:
    """A change in WeasyPrint that brings no structure must not pass in silence."""

    class Untagged:
        objects = ()

    with pytest.raises(StopIteration):
        complete_tags(Untagged())
