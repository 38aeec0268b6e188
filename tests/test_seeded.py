"""The page of seeded faults is written from what was run, and its faults are of the planner as it is."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parent.parent / "docs" / "seeded"
seed = SimpleNamespace(**runpy.run_path(str(FOLDER / "seed.py"), run_name="seed"))


def test_ten_of_each_kind_are_caught_by_the_second_count() -> None:
    faults, results = seed.faults(), seed.read_results()
    assert Counter(each.kind for each in faults) == dict.fromkeys(
        ["expansion", "replanning", "doses and rounding", "clocks and infusions", "conditions and routes"], 10
    )
    assert [each.fault for each in faults if each.fault not in results] == []
    assert all(": the plan has " in each.said and ", the second count has " in each.said for each in results.values())


def test_the_page_is_written_from_what_was_run() -> None:
    assert seed.PAGE.read_text(encoding="utf-8") == seed.page(seed.read_results())


@pytest.mark.parametrize("fault", seed.faults(), ids=lambda each: each.fault.strip()[:60])
def test_each_is_a_line_of_the_planner_with_a_mistake(fault: SimpleNamespace) -> None:
    text = (seed.ROOT / "protocal" / fault.file).read_text(encoding="utf-8")
    assert text.count(fault.line) == 1
    assert fault.fault != fault.line


def test_a_mistake_is_seeded_in_a_copy_of_its_own_and_is_caught(tmp_path: Path) -> None:
    fault = seed.faults()[0]
    result = seed.caught(fault, tmp_path / "work")
    assert result == seed.read_results()[fault.fault]
    assert not (tmp_path / "work").exists()


def test_a_line_that_is_not_there_is_refused(tmp_path: Path) -> None:
    fault = seed.Fault("expansion", "plan/dose.py", "no such line", "nor this one")
    with pytest.raises(ValueError, match="stands 0 times"):
        seed.seed(fault, tmp_path / "work")


def test_what_no_count_catches_is_not_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = seed.Fault("expansion", "plan/dose.py", "_MOSTELLER = ", "_MOSTELLER = ")
    monkeypatch.setitem(seed.caught.__globals__, "NUMBERS", 1)
    assert seed.caught(fault, tmp_path / "work") is None
