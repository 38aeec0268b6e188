"""What may be replaced: only what bears our own mark at its own place, and never the record itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from conftest import run

from protocal.publish.marks import is_ours

OURS = {
    "sheet.pdf": ["roadmap", "--course", "block-1"],
    "worksheet.pdf": ["drugs", "--course", "block-1", "--format", "pdf"],
    "plan.ics": ["feed"],
    "drugs.xlsx": ["drugs", "--course", "block-1", "--format", "xlsx"],
}
NOT_OURS = {
    "README.md": b"# protocal\n\nPRODID:-//protocal//treatment calendar//EN\n/ID [(protocal 0.1.0) (00)]\n",
    "diary.txt": b"Today protocal said: /Creator (protocal 0.1.0)\n",
    "thesis.pdf": b"%PDF-1.7 about protocal 0.1.0\n/ID [(a) (b)]\n/Note (/ID [(protocal\nstartxref\n31\n%%EOF\n",
    "other.ics": b"BEGIN:VCALENDAR\r\nPRODID:-//other//EN\r\nBEGIN:VEVENT\r\nSUMMARY:protocal\r\n"
    b"PRODID:-//protocal//\r\nEND:VEVENT\r\n",
    "letter.ics": b"PRODID:-//protocal//\r\n",
    "zip.xlsx": b"PK\x03\x04 protocal 0.1.0",
}


@pytest.fixture
def make(child: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Has one of our files made by its command."""

    def made(name: str) -> Path:
        command, *words = OURS[name]
        done = run(command, child, *words, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        return tmp_path / name

    return made


@pytest.mark.parametrize("name", OURS)
def test_what_we_made_is_ours_and_an_empty_file_is_nobodys(make: Callable[[str], Path], name: str) -> None:
    target = make(name)
    assert is_ours(target)
    target.write_bytes(target.read_bytes()[:200])
    assert is_ours(target) == (name == "plan.ics")
    target.write_bytes(b"")
    assert is_ours(target)


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_only_names_us_is_not_ours(name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    target.write_bytes(NOT_OURS[name])
    assert not is_ours(target)


def test_a_record_is_not_ours_to_replace(child: Path) -> None:
    assert not is_ours(child)


def test_what_another_program_saved_again_is_the_users(make: Callable[[str], Path], tmp_path: Path) -> None:
    sheet, workbook = make("sheet.pdf"), make("drugs.xlsx")
    data = sheet.read_bytes()
    start = data.rindex(b"startxref")
    sheet.write_bytes(data + b"9 0 obj (a remark) endobj\n" + data[start:])  # as an annotation is added
    assert not is_ours(sheet)
    packed = tmp_path / "packed.xlsx"
    with ZipFile(workbook) as before, ZipFile(packed, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    assert not is_ours(packed)


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize(
    "words", [["roadmap"], ["feed"], ["drugs", "--format", "xlsx"], ["drugs", "--format", "pdf"]], ids=" ".join
)
def test_no_command_writes_over_its_record(words: list[str], force: list[str], child: Path, tmp_path: Path) -> None:
    before = child.read_bytes()
    (tmp_path / "link").symlink_to(child)
    os.link(child, tmp_path / "second-name")
    for name in (child.name, "link", "second-name"):
        done = run(words[0], child, *words[1:], "-o", tmp_path / name, *force)
        assert done.returncode == 2
        assert f"{tmp_path / name} is the record itself" in done.stderr
        assert child.read_bytes() == before
    assert (tmp_path / "link").is_symlink()


