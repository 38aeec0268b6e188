"""Where a record's definition is found: beside those of protocal on a site's shelves, and again after it was moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import run
from test_review import OPTIONS

from protocal import resources
from protocal.model.problems import UsageError
from protocal.read.library import find_definition

LOOM = Path(__file__).parent / "machines" / "1"
BUNDLED = resources.folder("schedules") / "aall1331"


def on_shelf(shelf: Path, protocol: str, version: str, source: Path = LOOM) -> Path:
    return Path(shutil.copytree(source, shelf / protocol / version))


def test_naming_a_shelf_hides_nothing(tmp_path: Path) -> None:
    later = on_shelf(tmp_path, "aall1331", "0.10", BUNDLED / "0.1")
    assert find_definition("aall1331", "0.1", [tmp_path]) == BUNDLED / "0.1"
    assert find_definition("aall1331", "", [tmp_path]) == later
    assert find_definition("AALL1331", "0.10", [tmp_path]) == later
    with pytest.raises(UsageError, match="has no version") as told:
        find_definition("aall1331", "0.3", [tmp_path])
    assert told.value.remedy == "It has 0.1, 0.2, 0.10."


def test_of_the_same_version_the_site_s_own_comes_first(tmp_path: Path) -> None:
    own = on_shelf(tmp_path / "a", "aall1331", "0.2", BUNDLED / "0.2")
    on_shelf(tmp_path / "b", "aall1331", "0.2", BUNDLED / "0.2")
    assert find_definition("aall1331", "", [tmp_path / "a", tmp_path / "b"]) == own


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record that was made with a path to a definition."""
    loom, record = tmp_path / "here", tmp_path / "l1.yaml"
    shutil.copytree(LOOM, loom)
    made = run("new", record, "--protocol", loom, *OPTIONS)
    assert made.returncode == 0, made.stderr
    return record


def test_a_definition_that_was_moved_is_found_again_on_a_shelf(record: Path, tmp_path: Path) -> None:
    before = run("plan", record).stdout
    shelf = tmp_path / "shelf" / "loom"
    shelf.mkdir(parents=True)
    (tmp_path / "here").rename(shelf / "1")
    refused = run("plan", record)
    assert (refused.returncode, "[no-protocol]" in refused.stderr) == (1, True)
    assert run("plan", record, "--schedules", shelf.parent).stdout == before
    assert run("note", record, "moved", "--schedules", shelf.parent).returncode == 0


def test_another_one_of_its_name_is_not_taken_for_it(record: Path, tmp_path: Path) -> None:
    moved = on_shelf(tmp_path / "shelf", "loom", "1", tmp_path / "here")
    shutil.rmtree(tmp_path / "here")
    file = moved / "courses" / "weft.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("500 mg/m2", "501 mg/m2"), encoding="utf-8")
    refused = run("plan", record, "--schedules", tmp_path / "shelf")
    assert (refused.returncode, "[no-protocol]" in refused.stderr) == (1, True)


def test_a_line_that_names_another_version_is_refused(record: Path) -> None:
    before = record.read_bytes()
    digest = before.split(b"digest: ")[1].split(b"\n")[0].decode()
    head, _, last = before.decode().rpartition("# sealed")
    by_hand = f'  - entry: definition\n    version: "2"\n    digest: {digest}\n'
    record.write_text(f"{head}{by_hand}# sealed{last}", encoding="utf-8")
    refused = run("plan", record)
    assert refused.returncode == 1
    assert "there is no version '2' of loom [unknown-version]" in refused.stderr
