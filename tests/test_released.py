"""A released version of a definition is never edited: its digest stands in `released.txt` and must stay what it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from protocal import resources
from protocal.read.definition.build import read_protocol

TESTS = Path(__file__).parent
LIST = TESTS / "released.txt"


def broken_promises(text: str, shelf: Path) -> list[str]:
    """Which lines of a list of released versions no longer hold on a shelf of definitions, and why."""
    found = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        protocol_id, version, digest = line.split()
        folder = shelf / protocol_id / version
        protocol, _problems = read_protocol(folder)
        if protocol is None:
            found.append(f"{protocol_id} {version} can no longer be read")
        elif (protocol.id, protocol.version) != (protocol_id, version):
            found.append(f"{folder} is now {protocol.id} {protocol.version}")
        elif protocol.digest != digest:
            found.append(f"{protocol_id} {version} was released and has been edited: make a new version of it")
    return found


def test_released_definitions_are_as_they_were() -> None:
    assert broken_promises(LIST.read_text(encoding="utf-8"), resources.folder("schedules")) == []


def test_no_version_is_listed_twice() -> None:
    lines = [line.split()[:2] for line in LIST.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert len(lines) == len({tuple(line) for line in lines})


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A shelf with a copy of the tiny protocol."""
    shutil.copytree(TESTS / "tiny", tmp_path / "tiny")
    return tmp_path


@pytest.fixture
def released(shelf: Path) -> str:
    """A list in which the copy is released as it is."""
    protocol, _problems = read_protocol(shelf / "tiny" / "1")
    assert protocol is not None
    return f"# a comment\n\ntiny 1 {protocol.digest}\n"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_release_holds_while_nothing_is_edited(shelf: Path, released: str) -> None:
    assert broken_promises(released, shelf) == []
    assert broken_promises("", shelf) == []


def test_layout_is_no_edit(shelf: Path, released: str) -> None:
    opening = shelf / "tiny" / "1" / "courses" / "opening.yaml"
    change(opening, "length: 7\nhold: ask\n", "hold: ask   # a comment\nlength: 7\n")
    change(opening, "days: 1, 3-4", 'days: "1, 3-4"')
    opening.write_bytes(opening.read_bytes().replace(b"\n", b"\r\n"))
    assert broken_promises(released, shelf) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("courses/opening.yaml", "2 mg/kg", "2.5 mg/kg"),
        ("courses/opening.yaml", "days: 1, 3-4", "days: 1,  3-4"),
        ("courses/opening.yaml", "corroborated", "published"),
        ("agents.yaml", "quandREXate", "quandrexate"),
        ("protocol.yaml", "title: Long", "title: Longer"),
        ("protocol.yaml", "format: 1", "format: 1\nverified: false"),
    ],
)
def test_any_other_value_is_an_edit(file: str, old: str, new: str, shelf: Path, released: str) -> None:
    change(shelf / "tiny" / "1" / file, old, new)
    assert broken_promises(released, shelf) == ["tiny 1 was released and has been edited: make a new version of it"]


def test_a_file_that_comes_or_changes_its_name_is_an_edit(shelf: Path, released: str) -> None:
    courses = shelf / "tiny" / "1" / "courses"
    (courses / "middle.yaml").rename(courses / "protocol.yaml")
    assert len(broken_promises(released, shelf)) == 1


def test_a_file_does_not_hide_another_of_the_same_name(shelf: Path) -> None:
    folder = shelf / "tiny" / "1"
    (folder / "courses" / "middle.yaml").rename(folder / "courses" / "protocol.yaml")
    protocol, _problems = read_protocol(folder)
    assert protocol is not None
    change(folder / "protocol.yaml", "title: Long", "title: Longer")
    assert len(broken_promises(f"tiny 1 {protocol.digest}\n", shelf)) == 1


def test_a_new_version_beside_it_is_no_edit_and_the_old_one_stays(shelf: Path, released: str) -> None:
    shutil.copytree(shelf / "tiny" / "1", shelf / "tiny" / "2")
    change(shelf / "tiny" / "2" / "protocol.yaml", 'version: "1"', 'version: "2"')
    assert broken_promises(released, shelf) == []
    shutil.rmtree(shelf / "tiny" / "1")
    assert broken_promises(released, shelf) == ["tiny 1 can no longer be read"]


def test_a_version_that_calls_itself_another_is_an_edit(shelf: Path, released: str) -> None:
    change(shelf / "tiny" / "1" / "protocol.yaml", 'version: "1"', 'version: "3"')
    assert broken_promises(released, shelf) == [f"{shelf / 'tiny' / '1'} is now tiny 3"]
