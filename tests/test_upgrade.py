"""A patient goes on with a later version of the definition: what has begun keeps its own, what follows has the new one.

The third version is made up: of 0.2 with vincristine 1.4 for 1.5 mg/m2, pegaspargase of Block 1 on day 18 for 17,
blinatumomab 14 for 15 mcg/m2/day. The child has 0.78 m2, so that the doses are, by hand,

    vincristine 1.5 x 0.78 = 1.17 mg, 1.4 x 0.78 = 1.092 mg; blinatumomab 15 x 0.78 = 11.7 mcg, 14 x 0.78 = 10.92 mcg
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import CASES, CHILD, make_case, run
from icalendar import Calendar
from machines import Chart
from pairs import Teller, patient_of, site_of

from protocal import resources
from protocal.cli import clock
from protocal.model.problems import ProtocalError
from protocal.model.settings import Settings
from protocal.read.definition.build import read_protocol
from protocal.render.roadmap import make_roadmap
from protocal.workflow.counting import counted_again
from protocal.workflow.planning import load_plan

BUNDLED = resources.folder("schedules") / "aall1331"
WHY = ("--reason", "corrected")
VCR_OLD, VCR_NEW, BLINA_OLD, BLINA_NEW = "1.17", "1.092", "11.7", "10.92"
At = Callable[..., Any]


def change(folder: Path, file: str, *pairs: tuple[str, str]) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def next_version(shelf: Path, version: str = "0.3") -> Path:
    """A copy of 0.2 under another version, as it is."""
    folder = Path(shutil.copytree(BUNDLED / "0.2", shelf / "aall1331" / version))
    change(folder, "protocol.yaml", ('version: "0.2"', f'version: "{version}"'))
    return folder


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site's shelf with the made-up version."""
    folder = next_version(shelf := tmp_path_factory.mktemp("shelf"))
    for file in ("block-1", "block-2", "continuation", "maintenance"):
        change(folder, f"courses/{file}.yaml", ("dose: 1.5 mg/m2", "dose: 1.4 mg/m2"))
    change(folder, "courses/block-1.yaml", ("days: 3, 17", "days: 3, 18"))
    change(folder, "courses/blinatumomab.yaml", ("dose: 15 mcg/m2/day", "dose: 14 mcg/m2/day"))
    return shelf


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, shelf: Path) -> At:
    """A command at an hour of the ward's day, on that shelf; it must succeed unless another status is expected."""

    def typed(when: str, *words: str | Path, status: int = 0) -> str:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(f"{when}:00").replace(tzinfo=UTC))
        done = run(*words, "--schedules", shelf)
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    return typed


@pytest.fixture
def record(at: At, tmp_path: Path) -> Path:
    """The child on 0.1, entered the day before Block 1."""
    path = tmp_path / "p001.yaml"
    at("2026-11-30T15:00", "new", path, *CHILD, "--protocol-version", "0.1")
    return path


@pytest.fixture
def in_block_1(record: Path, at: At) -> Path:
    """The same on 10 December 2026, with vincristine of days 1 and 8 given."""
    at("2026-12-01T18:00", "give", record, "block-1/vcr/1", "2026-12-01")
    at("2026-12-08T18:00", "give", record, "block-1/vcr/8", "2026-12-08")
    return record


def planned(record: Path, shelf: Path, *words: str) -> dict[str, Any]:
    done = run("plan", record, "--format", "json", "--schedules", shelf, *words)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def table(record: Path, shelf: Path, *ids: str) -> list[tuple[str, str, str, str]]:
    """Each of these administrations with its date, one dose before rounding where it is not given, and its status."""
    lines = {each["id"]: each for each in planned(record, shelf)["administrations"]}
    found = (lines[id_] for id_ in ids)
    return [
        (each["id"], each["date"], each["dose"] if each["status"] == "given" else each["calculated"], each["status"])
        for each in found
    ]


def kept(record: Path, shelf: Path) -> dict[str, str]:
    """The courses that are not planned by the newest version in force."""
    document = planned(record, shelf)
    newest = document["protocol"]["version"]
    return {each["id"]: each["version"] for each in document["courses"] if each["version"] != newest}


def is_counted_twice(record: Path, shelf: Path) -> bool:
    """Whether the second count has the same doses, and knows all that it read."""
    plan = load_plan(record, Settings(), [shelf])
    return counted_again(plan) == ()


# --- five patients


def test_before_the_start_all_of_it_is_by_the_new_version(record: Path, at: At, shelf: Path) -> None:
    said = at("2026-11-30T16:00", "upgrade", record, "--to", "0.3", *WHY)
    assert "vinCRIStine" in said
    assert "from_course: block-1" in record.read_text(encoding="utf-8")
    assert kept(record, shelf) == {}
    assert table(record, shelf, "block-1/vcr/1", "block-1/peg/18", "block-2/vcr/1", "blina-cycle-1/blina/1") == [
        ("block-1/vcr/1", "2026-12-01", VCR_NEW, "due"),
        ("block-1/peg/18", "2026-12-18", "1950", "due"),
        ("block-2/vcr/1", "2026-12-29", VCR_NEW, "due"),
        ("blina-cycle-1/blina/1", "2027-01-26", BLINA_NEW, "due"),
    ]
    assert is_counted_twice(record, shelf)


def test_within_block_1_it_keeps_its_version_and_the_next_course_has_the_new_one(
    in_block_1: Path, at: At, shelf: Path
) -> None:
    said = at("2026-12-10T09:00", "upgrade", in_block_1, "--to", "0.3", *WHY)
    assert "stays with version 0.1: block-1" in said
    assert kept(in_block_1, shelf) == {"block-1": "0.1"}
    assert table(in_block_1, shelf, "block-1/vcr/1", "block-1/vcr/15", "block-1/peg/17", "block-2/vcr/1") == [
        ("block-1/vcr/1", "2026-12-01", VCR_OLD, "given"),
        ("block-1/vcr/15", "2026-12-15", VCR_OLD, "due"),
        ("block-1/peg/17", "2026-12-17", "1950", "due"),
        ("block-2/vcr/1", "2026-12-29", VCR_NEW, "due"),
    ]
    assert "Version 0.1 for block-1" in run("plan", in_block_1, "--schedules", shelf).stdout
    assert is_counted_twice(in_block_1, shelf)


def test_within_an_infusion_the_pump_runs_on_as_it_did(record: Path, at: At, shelf: Path) -> None:
    at("2026-12-29T09:00", "start", record, "block-2", "2026-12-29")
    at("2027-01-26T09:00", "start", record, "blina-cycle-1", "2027-01-26")
    at("2027-01-26T15:00", "give", record, "blina-cycle-1/blina/1", "2027-01-26", "--at", "10:00")
    at("2027-02-01T09:00", "upgrade", record, "--to", "0.3", *WHY)
    assert kept(record, shelf) == dict.fromkeys(("block-1", "block-2", "blina-cycle-1"), "0.1")
    assert table(
        record,
        shelf,
        "blina-cycle-1/blina/1",
        "blina-cycle-1/blina/28",
        "blina-cycle-2/blina/1",
        "continuation-1/vcr/1",
    ) == [
        ("blina-cycle-1/blina/1", "2027-01-26", BLINA_OLD, "given"),
        ("blina-cycle-1/blina/28", "2027-02-22", BLINA_OLD, "due"),
        ("blina-cycle-2/blina/1", "2027-04-27", BLINA_NEW, "due"),
        ("continuation-1/vcr/1", "2027-03-02", VCR_NEW, "due"),
    ]
    stop = next(each for each in planned(record, shelf)["procedures"] if each["kind"] == "pump-stop")
    assert stop["date"] == "2027-02-23"
    refused = at("2027-02-01T10:00", "undo", record, *WHY)  # to name the running course instead
    assert "written" not in refused
    refused = at("2027-02-01T11:00", "upgrade", record, "--to", "0.3", "--from", "blina-cycle-1", *WHY, status=2)
    assert "would change days before Mon 01-Feb-2027: Wed 27-Jan-2027 (blina-cycle-1), " in refused
    assert is_counted_twice(record, shelf)


STARTS = {
    "block-2": "2026-12-29", "blina-cycle-1": "2027-01-26", "continuation-1": "2027-03-02",
    "blina-cycle-2": "2027-04-27",
    "continuation-2": "2027-06-01", "blina-cycle-3": "2027-07-27", "maintenance-1": "2027-08-31",
}  # fmt: skip


def test_in_maintenance_the_cycle_that_runs_keeps_its_version_once_its_start_is_known(
    record: Path, at: At, shelf: Path
) -> None:
    for course, day in STARTS.items():
        at(f"{day}T09:00", "start", record, course, day, *WHY)
    before = record.read_bytes()
    refused = at("2028-01-10T09:00", "upgrade", record, "--to", "0.3", *WHY, status=2)
    assert "days before Mon 10-Jan-2028: Tue 23-Nov-2027 (maintenance-2), Tue 21-Dec-2027 (maintenance-2)" in refused
    assert "record it first" in refused
    assert record.read_bytes() == before
    at("2028-01-10T10:00", "start", record, "maintenance-2", "2027-11-23")
    at("2028-01-10T11:00", "upgrade", record, "--to", "0.3", *WHY)
    assert kept(record, shelf) == dict.fromkeys(("block-1", *STARTS, "maintenance-2"), "0.1")
    assert table(record, shelf, "maintenance-2/vcr/57", "maintenance-3/vcr/1") == [
        ("maintenance-2/vcr/57", "2028-01-18", VCR_OLD, "due"),
        ("maintenance-3/vcr/1", "2028-02-15", VCR_NEW, "due"),
    ]
    assert is_counted_twice(record, shelf)


def test_after_failure_the_salvage_cycle_that_runs_keeps_its_version(record: Path, at: At, shelf: Path) -> None:
    at("2026-12-29T09:00", "fail", record, "2026-12-29")
    at("2027-01-05T09:00", "start", record, "salvage-1", "2027-01-05")
    at("2027-01-08T09:00", "upgrade", record, "--to", "0.3", *WHY)
    assert kept(record, shelf) == {"block-1": "0.1", "salvage-1": "0.1"}
    assert table(record, shelf, "salvage-1/blina/28", "salvage-2/blina/1") == [
        ("salvage-1/blina/28", "2027-02-01", BLINA_OLD, "due"),
        ("salvage-2/blina/1", "2027-02-09", BLINA_NEW, "due"),
    ]
    assert is_counted_twice(record, shelf)


@pytest.mark.parametrize("version", ["0.2", "0.3"])
def test_each_version_leaves_the_days_of_aall1331_as_they_are(version: str, record: Path, at: At, shelf: Path) -> None:
    """From 0.1 to 0.2 no dose and no day changes; what does are the evidence and what is open."""
    dates = [each["day1"] for each in planned(record, shelf)["courses"]]
    said = at("2026-12-01T09:00", "upgrade", record, "--to", version, *WHY)
    assert [each["day1"] for each in planned(record, shelf)["courses"]] == dates
    stays = "no dose and no day changes\nstays with version 0.1: block-1\n"
    assert said.startswith(stays) == (version == "0.2")


# --- from a course that has begun


def test_from_a_running_course_on_the_days_ahead_are_new_and_what_was_given_keeps_its_dose(
    in_block_1: Path, at: At, shelf: Path
) -> None:
    at("2026-12-10T09:00", "upgrade", in_block_1, "--to", "0.3", "--from", "block-1", *WHY)
    assert kept(in_block_1, shelf) == {}
    assert table(in_block_1, shelf, "block-1/vcr/1", "block-1/vcr/8", "block-1/vcr/15", "block-1/peg/18") == [
        ("block-1/vcr/1", "2026-12-01", VCR_OLD, "given"),
        ("block-1/vcr/8", "2026-12-08", VCR_OLD, "given"),
        ("block-1/vcr/15", "2026-12-15", VCR_NEW, "due"),
        ("block-1/peg/18", "2026-12-18", "1950", "due"),
    ]
    assert is_counted_twice(in_block_1, shelf)


def test_a_day_that_is_past_is_never_changed(record: Path, at: At) -> None:
    before = record.read_bytes()
    refused = at("2026-12-10T09:00", "upgrade", record, "--to", "0.3", "--from", "block-1", *WHY, status=2)
    assert "before Thu 10-Dec-2026: Tue 01-Dec-2026 (block-1), Tue 08-Dec-2026 (block-1)" in refused
    assert record.read_bytes() == before
    at("2026-12-01T02:00", "upgrade", record, "--to", "0.3", "--from", "block-1", *WHY)  # 21:00 of the day before there


def test_from_a_later_course_on_those_before_it_stay(record: Path, at: At, shelf: Path) -> None:
    at("2026-12-29T09:00", "start", record, "block-2", "2026-12-29")
    at("2026-12-29T09:30", "give", record, "block-2/vcr/1", "2026-12-29")
    at("2026-12-29T10:00", "upgrade", record, "--to", "0.3", "--from", "block-2", *WHY)
    assert kept(record, shelf) == {"block-1": "0.1"}
    assert is_counted_twice(record, shelf)


def test_of_several_upgrades_each_course_keeps_what_it_began_with(in_block_1: Path, at: At, shelf: Path) -> None:
    at("2026-12-10T09:00", "upgrade", in_block_1, "--to", "0.2", *WHY)
    at("2026-12-29T09:00", "start", in_block_1, "block-2", "2026-12-29")
    at("2026-12-30T09:00", "upgrade", in_block_1, "--to", "0.3", *WHY)
    assert kept(in_block_1, shelf) == {"block-1": "0.1", "block-2": "0.2"}
    assert table(in_block_1, shelf, "block-2/cyclo/15", "blina-cycle-1/blina/1")[1][2] == BLINA_NEW
    assert is_counted_twice(in_block_1, shelf)
    log = run("log", in_block_1).stdout
    assert "definition, version 0.3: corrected" in log


def test_a_dry_run_shows_it_and_writes_nothing(in_block_1: Path, at: At) -> None:
    before = in_block_1.read_bytes()
    said = at("2026-12-10T09:00", "upgrade", in_block_1, "--to", "0.3", "--dry-run", *WHY)
    assert "block-2" in said.casefold().replace("block 2", "block-2")
    assert "nothing was written" in said
    assert in_block_1.read_bytes() == before


# --- undone, and looked back at


def test_undone_it_no_longer_counts_and_revision_n_has_what_was_in_force_then(
    in_block_1: Path, at: At, shelf: Path
) -> None:
    revision = planned(in_block_1, shelf)["revision"]
    at("2026-12-10T09:00", "upgrade", in_block_1, "--to", "0.3", *WHY)
    assert planned(in_block_1, shelf, "--revision", str(revision))["protocol"]["version"] == "0.1"
    refused = at("2026-12-10T10:00", "undo", in_block_1, status=2)
    assert "decides whether version 0.3 counts" in refused
    at("2026-12-29T09:00", "start", in_block_1, "block-2", "2026-12-29")
    line = str(revision + 1)
    refused = at("2026-12-30T10:00", "undo", in_block_1, line, status=2)
    assert "counts: to undo it changes days before Wed 30-Dec-2026: Tue 29-Dec-2026 (block-2)" in refused
    at("2026-12-30T10:00", "undo", in_block_1, line, *WHY)
    assert planned(in_block_1, shelf)["protocol"]["version"] == "0.1"
    assert table(in_block_1, shelf, "block-2/vcr/1")[0][2] == VCR_OLD
    refused = at("2026-12-30T11:00", "undo", in_block_1, status=2)  # which would let it count again
    assert "counts: to undo it changes days before Wed 30-Dec-2026: Tue 29-Dec-2026 (block-2)" in refused
    then = planned(in_block_1, shelf, "--revision", str(revision + 1))
    assert then["protocol"]["version"] == "0.3"
    assert is_counted_twice(in_block_1, shelf)


def events(file: Path) -> dict[str, tuple[int, str]]:
    """By UID, an event's SEQUENCE and all else that a reader sees of it."""
    found = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    return {
        str(each["uid"]): (
            int(each["sequence"]),
            f"{each['dtstart'].to_ical()}{each['summary']}{re.sub('Last changed.*', '', each['description'])}",
        )
        for each in found
    }


@pytest.mark.parametrize("who", ["family", "clinic", "pharmacy"])
def test_a_feed_keeps_its_events_and_those_that_change_say_so(
    in_block_1: Path, at: At, shelf: Path, tmp_path: Path, who: str
) -> None:
    options = ("--for", who, "--schedules", shelf, "--doses", "--unverified-doses")
    assert run("feed", in_block_1, "-o", tmp_path / "a.ics", *options).returncode == 0
    at("2026-12-10T09:00", "upgrade", in_block_1, "--to", "0.3", "--from", "block-1", *WHY)
    done = run("feed", in_block_1, "-o", tmp_path / "b.ics", *options)
    assert done.returncode == 0, done.stderr
    before, after = events(tmp_path / "a.ics"), events(tmp_path / "b.ics")
    assert before.keys() - after.keys() == set()
    changed = {uid for uid in before if before[uid][1] != after[uid][1]}
    assert changed
    assert all(after[uid][0] > before[uid][0] for uid in changed)
    assert all(after[uid] == before[uid] for uid in before.keys() - changed)


def test_a_sheet_names_the_version_that_its_course_is_planned_by(in_block_1: Path, at: At, shelf: Path) -> None:
    at("2026-12-10T09:00", "upgrade", in_block_1, "--to", "0.3", *WHY)
    plan = load_plan(in_block_1, Settings(), [shelf])
    sheets = {each.course: each.head.definition for each in make_roadmap(plan, Settings()).sheets}
    assert (sheets["block-1"], sheets["block-2"]) == ("definition aall1331 0.1", "definition aall1331 0.3")


# --- a line by hand


def by_hand(record: Path, version: str, digest: str, more: str = "") -> Path:
    head, _, last = record.read_text(encoding="utf-8").rpartition("# sealed")
    line = f'  - entry: definition\n    version: "{version}"\n    digest: "{digest}"\n{more}'
    record.write_text(f"{head}{line}# sealed{last}", encoding="utf-8")
    return record


def digest_of(version: str, shelf: Path) -> str:
    protocol, _problems = read_protocol(shelf / "aall1331" / version)
    assert protocol
    return protocol.digest


def test_a_line_by_hand_is_honoured_and_sealed(in_block_1: Path, at: At, shelf: Path) -> None:
    by_hand(in_block_1, "0.3", digest_of("0.3", shelf))
    assert kept(in_block_1, shelf) == {"block-1": "0.1"}
    at("2026-12-10T09:00", "note", in_block_1, "seen")
    assert kept(in_block_1, shelf) == {"block-1": "0.1"}
    assert is_counted_twice(in_block_1, shelf)


def test_a_line_by_hand_changes_no_day_that_is_past(record: Path, at: At, shelf: Path) -> None:
    by_hand(record, "0.3", digest_of("0.3", shelf), "    from_course: block-1\n    why: typed\n")
    before = record.read_bytes()
    assert kept(record, shelf) == {}  # as it was typed on the day before Block 1
    refused = at("2026-12-10T09:00", "note", record, "seen", status=1)
    assert "[upgrade-past]" in refused
    assert record.read_bytes() == before


@pytest.mark.parametrize(
    ("version", "digest", "more", "says"),
    [
        ("0.3", "sha256:00", "", "this line names another aall1331 0.3 than the one that is here"),
        ("0.9", "sha256:00", "", "protocol 'aall1331' has no version '0.9' [unknown-version]"),
        ("0.3", "", "    from_course: block-9\n", "aall1331 0.3 has no course 'block-9' on this patient's route"),
    ],
)
def test_a_line_by_hand_that_cannot_count_is_refused(
    version: str, digest: str, more: str, says: str, record: Path, shelf: Path
) -> None:
    by_hand(record, version, digest or digest_of(version, shelf), more)
    done = run("plan", record, "--schedules", shelf)
    assert (done.returncode, says in done.stderr) == (1, True), done.stderr


def test_a_line_by_hand_does_not_go_back(record: Path, at: At, shelf: Path) -> None:
    at("2026-11-30T16:00", "upgrade", record, "--to", "0.3", *WHY)
    by_hand(record, "0.2", digest_of("0.3", shelf))
    done = run("plan", record, "--schedules", shelf)
    assert (done.returncode, "version 0.2 is older than 0.3, by which" in done.stderr) == (1, True)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("more", ["", "    from_course: block-2\n"], ids=["", "from block-2"])
def test_the_second_count_takes_the_same_version_for_each_course(
    more: str, case: str, tmp_path: Path, shelf: Path
) -> None:
    """Of every golden case, with a line by hand at the end of its log."""
    record = make_case(case, tmp_path, "0.1")
    line = f'  - entry: definition\n    version: "0.3"\n    digest: "{digest_of("0.3", shelf)}"\n{more}'
    with record.open("a", encoding="utf-8") as stream:
        stream.write(line)
    done = run("plan", record, "--schedules", shelf)
    if "no course 'block-2'" in done.stderr:  # those of arm B, or before an arm
        assert more
        return
    assert done.returncode == 0, done.stderr
    assert is_counted_twice(record, shelf)


@pytest.mark.parametrize("number", range(4))
def test_plan_and_second_count_agree_on_histories_that_nobody_wrote(number: int, tmp_path: Path, shelf: Path) -> None:
    """Those of `pairs.py`, each with the line at some of its ends; from a course on that it has, or from none."""
    dice = Random(f"upgraded {number}")
    patient, site = replace(patient_of(dice, "aall1331"), protocol_version="0.1"), site_of(dice, tmp_path, "aall1331")
    chart = Chart(patient, site, anew=False)
    teller = Teller(chart, dice)
    counted = 0
    for _entry in range(16):
        with suppress(ProtocalError):
            chart.add(teller.next())
        course = dice.choice(["", *(each.course.id for each in chart.plan.courses)])
        record = tmp_path / "p.yaml"
        record.write_bytes(chart.path.read_bytes())
        by_hand(record, "0.3", digest_of("0.3", shelf), f"    from_course: {course}\n" if course else "")
        with suppress(ProtocalError):  # it lacks what was given, or would change a past day
            plan = load_plan(record, site, [shelf])
            assert [each.message for each in counted_again(plan)] == []
            counted += 1
    chart.close()
    assert counted > 5


# --- what is refused


REFUSED = [
    (("--to", "0.9"), "protocol 'aall1331' has no version '0.9'\n  It has 0.1, 0.2, 0.3"),
    (("--to", "0.1"), "the record is planned by version 0.1 already"),
    (("--to", "aall0434@1"), "the record is of aall1331, and aall0434 is another protocol"),
    (("--to", "0.3", "--from", "block-9"), "aall1331 0.3 has no course 'block-9' on this patient's route"),
]


@pytest.mark.parametrize(("words", "says"), REFUSED, ids=lambda each: str(each)[:20])
def test_what_cannot_be_is_refused_and_nothing_is_written(
    words: tuple[str, ...], says: str, record: Path, at: At
) -> None:
    before = record.read_bytes()
    assert says in at("2026-12-10T09:00", "upgrade", record, *words, *WHY, status=2)
    assert record.read_bytes() == before


def test_it_needs_a_reason(record: Path, at: At) -> None:
    assert "an upgrade needs its reason" in at("2026-12-10T09:00", "upgrade", record, "--to", "0.3", status=2)


def test_back_to_an_older_version_is_refused(record: Path, at: At) -> None:
    at("2026-11-30T16:00", "upgrade", record, "--to", "0.3", *WHY)
    refused = at("2026-11-30T17:00", "upgrade", record, "--to", "0.2", *WHY, status=2)
    assert "version 0.2 is older than 0.3, by which the record is planned\n  To go back, undo the line" in refused


@pytest.fixture
def own(tmp_path: Path, at: At, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Version 0.4 on a shelf of its own, to be changed by a test; it is looked for there."""
    folder = tmp_path / "own"
    monkeypatch.setenv("PROTOCAL_SCHEDULES", str(folder))
    return next_version(folder, "0.4")


def refused_by_own(record: Path, own: Path, *words: str) -> str:
    done = run("upgrade", record, "--to", "0.4", *WHY, *words, "--schedules", own.parent.parent)
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stderr


def test_past_an_arm_that_the_new_version_lacks(record: Path, own: Path) -> None:
    change(own, "protocol.yaml", ("  D:\n", "  E:\n"))
    assert "aall1331 0.4 has no arm D, which is the patient's" in refused_by_own(record, own)


def test_past_a_course_that_the_new_version_lacks(record: Path, at: At, own: Path) -> None:
    at("2026-12-29T09:00", "start", record, "block-2", "2026-12-29")
    text = (own / "protocol.yaml").read_text(encoding="utf-8")
    route = text[text.index("  D:\n") :]
    change(own, "protocol.yaml", (route, route.replace("      - block-2\n", "", 1)))
    said = refused_by_own(record, own)
    assert "aall1331 0.4 has no course 'block-2' on this patient's route, and it has begun" in said


def test_past_an_order_that_the_log_names(in_block_1: Path, at: At, own: Path) -> None:
    at("2026-12-09T09:00", "omit", in_block_1, "block-2/vcr/1", *WHY)
    change(own, "courses/block-1.yaml", ("key: vcr", "key: vincristine"))
    change(own, "courses/block-2.yaml", ("key: vcr", "key: vincristine"))
    said = refused_by_own(in_block_1, own, "--from", "block-1")
    assert "version 0.4 has no 'block-1/vcr/1', which line 7 says was given" in said
    assert "version 0.4 has no 'block-2/vcr/1', which line 9 says was left out" in refused_by_own(in_block_1, own)


OUTPUTS = [
    ("roadmap", "-o", "r.pdf"),
    ("calendar", "-o", "c.pdf"),
    ("feed", "-o", "f.ics", "--unverified-doses"),
    ("drugs", "--format", "json"),
    ("drugs", "--format", "pdf", "-o", "w.pdf", "--course", "block-1"),
    ("drugs", "--agent", "mitoxantrone"),
    ("check",),
    ("why", "2026-12-02"),
    ("recount",),
]


def test_a_course_that_is_kept_has_drugs_and_tables_that_the_new_version_lacks(
    in_block_1: Path, at: At, own: Path, tmp_path: Path
) -> None:
    change(own, "protocol.yaml", ("  it-methotrexate:\n", "  it-mtx-by-age:\n"))
    for file in sorted((own / "courses").glob("*.yaml")):
        text = file.read_text(encoding="utf-8").replace("table it-methotrexate", "table it-mtx-by-age")
        file.write_text(re.sub("(?s)  - key: mitox\n.*?\n\n", "", text), encoding="utf-8")
    agents = (own / "agents.yaml").read_text(encoding="utf-8")
    (own / "agents.yaml").write_text(re.sub("(?s)  mitoxantrone:\n.*?\n\n", "", agents), encoding="utf-8")
    shelf = own.parent.parent
    done = run("upgrade", in_block_1, "--to", "0.4", *WHY, "--schedules", shelf)
    assert done.returncode == 0, done.stderr
    for command, *words in OUTPUTS:
        done = run(command, in_block_1, *words, "--schedules", shelf, cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)
    assert is_counted_twice(in_block_1, shelf)


def test_to_what_stands_as_a_version_and_is_another_protocol(record: Path, own: Path) -> None:
    change(own, "protocol.yaml", ("protocol: aall1331", "protocol: other"))
    said = refused_by_own(record, own)
    assert "the record is of aall1331, and what stands as its version 0.4 is other 0.4" in said


def test_a_version_that_was_changed_after_the_upgrade_is_told_as_ever(record: Path, own: Path) -> None:
    shelf = own.parent.parent
    assert run("upgrade", record, "--to", "0.4", *WHY, "--schedules", shelf).returncode == 0
    change(own, "courses/block-2.yaml", ("dose: 1.5 mg/m2", "dose: 1.6 mg/m2"))
    done = run("plan", record, "--schedules", shelf)
    assert done.returncode == 0
    assert "aall1331 0.4 is no longer the definition that this record was made with" in done.stderr
    shutil.rmtree(own)
    gone = run("plan", record, "--schedules", shelf)
    assert (gone.returncode, "[unknown-version]" in gone.stderr) == (1, True)


def test_a_record_that_was_made_with_a_path_finds_the_version_beside_it(tmp_path: Path, own: Path) -> None:
    folder = own.parent
    first = Path(shutil.copytree(BUNDLED / "0.2", folder / "0.2"))
    record = tmp_path / "by-path.yaml"
    assert run("new", record, *CHILD[2:], "--protocol", first).returncode == 0
    done = run("upgrade", record, "--to", "0.4", *WHY)
    assert done.returncode == 0, done.stderr
    assert json.loads(run("plan", record, "--format", "json").stdout)["protocol"]["version"] == "0.4"
    assert run("recount", record, "--format", "csv").returncode == 0
