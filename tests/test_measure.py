"""`protocal measure`: a new weight is one sealed line more, and the courses ahead take their doses from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import CHILDS_WARNINGS, run

NEXT = ["--date", "2026-12-28", "--height", "112.5", "--weight", "19.9"]


def doses(record: Path) -> dict[str, str]:
    return {
        each["id"]: each["dose"]
        for each in json.loads(run("plan", record, "--format", "json").stdout)["administrations"]
    }


def test_courses_that_start_on_or_after_the_day_take_the_new_weight(child: Path) -> None:
    """Root of 112.5 x 19.9 / 3600 = 0.7886, so 0.79 m2: vincristine 1.185 mg."""
    before = child.read_bytes()
    done = run("measure", child, *NEXT, "--by", "nurse 7")
    assert done.returncode == 0, done.stderr
    assert "Block 2, day 1, vinCRIStine IV: 1.17 mg becomes 1.185 mg\n" in done.stdout
    assert child.read_bytes().startswith(before.partition(b"# sealed")[0])
    after = doses(child)
    assert after["block-1/vcr/22"] == "1.17"
    assert after["block-2/vcr/1"] == "1.185"
    assert after["block-2/it-mtx/8"] == "12"
    assert run("plan", child).stderr == CHILDS_WARNINGS


def test_dry_run_shows_the_same_and_writes_nothing(child: Path) -> None:
    before = child.read_bytes()
    dry = run("measure", child, *NEXT, "--dry-run")
    assert child.read_bytes() == before
    assert dry.stdout == run("measure", child, *NEXT).stdout


def test_a_weight_far_off_that_of_the_running_course_asks(child: Path) -> None:
    before = child.read_bytes()
    grown = ["--date", "2026-12-10", "--height", "112.5", "--weight", "23"]
    done = run("measure", child, *grown)
    assert done.returncode == 2
    assert "Block 1 runs on doses for 19.4 kg; 23 kg is +19 % of that" in done.stderr
    assert child.read_bytes() == before
    kept = child.with_name("kept.yaml")
    kept.write_bytes(before)
    assert run("measure", kept, *grown, "--keep").returncode == 0
    assert doses(kept)["block-1/vcr/22"] == "1.17"
    assert run("measure", child, *grown, "--again", "2026-12-15").returncode == 0
    after = doses(child)
    assert [after[f"block-1/vcr/{day}"] for day in (1, 8, 15, 22)] == ["1.17", "1.17", "1.275", "1.275"]


def test_a_weight_that_cannot_be_of_that_height_is_refused(child: Path) -> None:
    before = child.read_bytes()
    done = run("measure", child, "--date", "2026-12-28", "--height", "112.5", "--weight", "199", "--keep")
    assert done.returncode != 0
    assert "--weight: 112.5 cm and 199 kg cannot be of one person" in done.stderr
    assert child.read_bytes() == before


@pytest.mark.parametrize(("weight", "asks"), [("21.34", False), ("21.35", True), ("17.46", False), ("17.45", True)])
def test_ten_per_cent_is_the_line(child: Path, weight: str, asks: bool) -> None:
    done = run("measure", child, "--date", "2026-12-10", "--height", "112", "--weight", weight, "--dry-run")
    assert (done.returncode == 2) is asks


def test_lines_written_by_hand_are_sealed_with_it(child: Path) -> None:
    with child.open("a") as stream:
        stream.write("  - entry: start\n    course: block-2\n    date: 2027-01-02\n")
    assert "not sealed yet" in run("plan", child).stderr
    assert run("measure", child, *NEXT).returncode == 0
    assert "unsealed" not in run("plan", child).stderr
    assert json.loads(run("plan", child, "--format", "json").stdout)["courses"][1]["day1"] == "2027-01-02"


def test_a_percentage_of_the_full_dose_holds_between_its_dates_and_never_for_intrathecal_doses(child: Path) -> None:
    with child.open("a") as stream:
        stream.write(
            "  - entry: adjust\n    agent: mercaptopurine\n    percent: 50\n    date: 2027-03-09\n    to: 2027-03-29\n"
            "  - entry: adjust\n    agent: methotrexate\n    percent: 50\n    date: 2027-01-01\n"
        )
    plan = json.loads(run("plan", child, "--format", "json").stdout)
    by_date = {each["date"]: each for each in plan["administrations"] if each["agent"] == "mercaptopurine"}
    assert [by_date[day]["dose"] for day in ("2027-03-08", "2027-03-09", "2027-03-29", "2027-03-30")] == [
        "58.5",
        "29.25",
        "29.25",
        "58.5",
    ]
    assert by_date["2027-03-09"]["working"].endswith("58.5 mg; 50 % of the full dose = 29.25 mg")
    by_id = {each["id"]: each["dose"] for each in plan["administrations"]}
    assert by_id["block-2/it-mtx/8"] == "12"
    assert by_id["block-2/mtx-hd/8"] == "390"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--date", "2026-12-32", "--height", "112", "--weight", "20"], "--date: there is no day 2026-12-32"),
        (["--date", "2026-12-28", "--height", "1.12", "--weight", "20"], "--height: 1.12 cm cannot be"),
        (["--date", "2026-12-28", "--height", "112", "--weight", "19400"], "--weight: 19400 kg cannot be"),
        (["--date", "2018-12-28", "--height", "112", "--weight", "20"], "before the birth"),
    ],
)
def test_what_cannot_be_is_told_at_its_option_and_nothing_is_written(child: Path, words: list[str], says: str) -> None:
    before = child.read_bytes()
    done = run("measure", child, *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert child.read_bytes() == before


def test_the_file_before_is_kept_and_only_its_owner_may_read_it(child: Path) -> None:
    before = child.read_bytes()
    assert run("measure", child, *NEXT).returncode == 0
    kept = child.with_name(f"{child.name}.last")
    assert kept.read_bytes() == before
    assert [path.stat().st_mode & 0o777 for path in (child, kept)] == [0o600, 0o600]
