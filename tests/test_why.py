"""What `why` says of a moved dose: the line of the log that moved it, and no other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import CHILD, run

from protocal.model.settings import Settings
from protocal.render.terminal.why import why_text
from protocal.workflow.planning import load_plan

INFUSION = "  - {entry: move, id: block-2/mtx-hd/8, date: 2027-01-07, why: no bed}\n"
PUNCTURE = "  - {entry: move, id: block-2/it-mtx/8, date: 2027-01-07, why: no theatre}\n"
TRIPLE = "  - {entry: move, id: block-2/itt/8/cytarabine, date: 2027-01-07, why: no theatre}\n"


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = {}
    for cns in ("cns2", "cns3"):
        record = tmp_path_factory.mktemp("why") / "p001.yaml"
        words = [cns if word == "cns2" else word for word in CHILD]
        assert run("new", record, *words).returncode == 0
        found[cns] = record.read_text(encoding="utf-8")
    return found


def told(folder: Path, text: str, on: str) -> dict[str, list[str]]:
    """Of each thing on a date, the lines of the log that are named."""
    record = folder / "p001.yaml"
    record.write_text(text, encoding="utf-8")
    found: dict[str, list[str]] = {}
    for line in why_text(load_plan(record, Settings()), date.fromisoformat(on)).splitlines():
        if line.startswith("Block 2, day"):
            thing = found.setdefault(line.partition(": ")[2], [])
        elif line.startswith("  line "):
            thing.append(line.rpartition(": ")[2])
    return found


def test_each_is_told_the_move_of_its_own(headers: dict[str, str], tmp_path: Path) -> None:
    found = told(tmp_path, headers["cns2"] + INFUSION + PUNCTURE, "2027-01-07")
    assert found["methotrexate IV"] == ["no bed"]
    assert found["methotrexate IT"] == ["no theatre"]


def test_what_is_moved_along_is_told_what_moved_it(headers: dict[str, str], tmp_path: Path) -> None:
    assert told(tmp_path, headers["cns2"] + INFUSION, "2027-01-09")["leucovorin PO"] == ["no bed"]
    found = told(tmp_path, headers["cns3"] + INFUSION + TRIPLE, "2027-01-07")
    assert found["methotrexate IV"] == ["no bed"]
    for drug in ("methotrexate", "hydrocortisone", "cytarabine"):
        assert found[f"{drug} IT"] == ["no theatre"]


def test_what_was_not_moved_is_told_of_no_move(headers: dict[str, str], tmp_path: Path) -> None:
    assert told(tmp_path, headers["cns2"] + INFUSION, "2027-01-05")["methotrexate IT"] == []
    assert told(tmp_path, headers["cns2"] + PUNCTURE, "2027-01-07")["leucovorin PO"] == []
