"""Another protocol is another folder: a made-up one, outside the bundled ones, goes through everything.

The child of `tiny/expected.csv`, which was written by hand: a girl of 115 cm and 20.5 kg (0.81 m2), born 2021-03-12, so
that she turns six on day 2 of Middle; Opening starts on Thursday 2027-03-04, and therapy ends on 2028-03-03, the day
before its anniversary. 2 mg/kg would be 41 mg and is capped at 40 mg; 0.5 mg/kg is 10.25 mg, to the nearest 0.5 mg
10.5 mg. 30 mg/m2/day in two doses is 12.15 mg each; in Opening, which has started, that is 2½ tablets of 5 mg: on its
two days 50 mg in all, 1.4 mg more than 48.6 mg, where 2 tablets each would be 8.6 mg less. 60 units a course in three
doses are 20 units each, less than 30 units and the cap of 25 units for one dose. 20.5 kg begin the table's last row.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from conftest import run, with_options

TESTS = Path(__file__).parent
TINY = TESTS / "tiny" / "1"
GIRL = [
    *("--protocol", str(TINY), "--id", "T-1", "--born", "2021-03-12", "--sex", "female", "--height", "115"),
    *("--weight", "20.5", "--start", "2027-03-04", "--arm", "P", "--timezone", "Europe/Berlin"),
]


def plan_of(record: Path, *words: str | Path, cwd: Path | None = None) -> Any:
    done = run("plan", record, "--format", "json", *words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def new(record: Path, *words: str | Path) -> Path:
    done = run("new", record, *words)
    assert done.returncode == 0, done.stderr
    return record


def rows_of(plan: Any) -> list[tuple[str, ...]]:
    columns = ("course", "day", "date", "agent", "route", "calculated", "dose", "unit", "per_day")
    doses = [tuple(str(each[column]) for column in columns) for each in plan["administrations"]]
    events = plan["procedures"] + plan["evaluations"]
    return sorted(
        doses + [(each["course"], str(each["day"]), each["date"], each["kind"], *[""] * 5) for each in events]
    )


@pytest.fixture(scope="module")
def girl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Her record, made with the definition given by its path."""
    return new(tmp_path_factory.mktemp("tiny") / "t-1.yaml", *GIRL)


@pytest.fixture(scope="module")
def plan(girl: Path) -> Any:
    """Her plan, as data."""
    return plan_of(girl)


def test_the_plan_is_the_table_written_by_hand(plan: Any) -> None:
    with (TESTS / "tiny" / "expected.csv").open(encoding="utf-8", newline="") as stream:
        expected = [tuple(row.values()) for row in csv.DictReader(stream)]
    assert rows_of(plan) == sorted(expected)


def test_the_courses_and_the_cut_of_the_last_cycle(plan: Any) -> None:
    assert [(each["id"], each["day1"], each["last_day"], each["length"]) for each in plan["courses"]] == [
        ("opening", "2027-03-04", "2027-03-10", 7),
        ("middle", "2027-03-11", "2027-03-24", 14),
        ("closing-1", "2027-03-25", "2027-07-22", 120),
        ("closing-2", "2027-07-23", "2027-11-19", 120),
        ("closing-3", "2027-11-20", "2028-03-03", 105),
    ]


def test_what_else_the_plan_says(plan: Any) -> None:
    assert plan["protocol"] | {"digest": ""} == {"id": "tiny", "version": "1", "digest": "", "verified": True}
    assert [each["code"] for each in plan["problems"]] == ["S13"], "a rescue whose end is not known"
    by_id = {each["id"]: each for each in plan["administrations"]}
    assert by_id["opening/zor/1"]["working"] == "2 mg/kg x 20.5 kg = 41 mg, capped at 40 mg"
    assert by_id["opening/zor/1"]["evidence"] == "signed"
    assert by_id["opening/tre/1"]["basis"] == "30 mg/m2/day x 0.81 m2 / 2 doses"
    assert by_id["middle/qua/2"]["basis"] == "aged 6: table row 6 years and over"
    assert by_id["closing-1/qua/15"]["working"] == "weighing 20.5 kg: table row 20.5 kg and over = 6 mg"
    capped = "30 units, capped at 20 units (60 units a course in 3 doses)"
    assert by_id["closing-1/mal/22"]["working"] == capped
    assert by_id["closing-1/zor/8"]["condition"] == "cycle 1"
    assert by_id["middle/mal-girls/8"]["condition"] == "female"


def test_what_a_dose_is_given_as(plan: Any) -> None:
    """Rounded by the definition's rule, in tablets where a course has started, and else as calculated."""
    by_id = {each["id"]: each for each in plan["administrations"]}
    rounded = "0.5 mg/kg x 20.5 kg = 10.25 mg; rounded to 10.5 mg (+2.4 %), nearest 0.5 mg"
    assert by_id["opening/zor/3"]["working"] == rounded
    assert (by_id["opening/zor/3"]["product"], by_id["opening/zor/3"]["alternative"]) == ("", "")
    tablets = by_id["opening/tre/1"]
    assert tablets["product"] == "2½ tablets of 5 mg"
    assert tablets["working"] == (
        "30 mg/m2/day x 0.81 m2 / 2 doses = 12.15 mg; tablets: 50 mg in 2 days instead of 48.6 mg (+2.9 %)"
    )
    assert by_id["closing-1/tre/1"]["working"] == "30 mg/m2/day x 0.81 m2 / 2 doses = 12.15 mg"


def test_what_the_site_has_takes_the_place_of_what_the_definition_assumes(tmp_path: Path) -> None:
    """With 10 mg tablets 2 days of 12.15 mg are 5 halves, 15 mg and 10 mg; 12.15 mg of 8 mg/mL are 1.51875 mL."""
    site = tmp_path / "site.yaml"
    site.write_text(
        "format: 1\ntablets: {tressamide: [10 mg], pibrafol: []}\n"
        "liquids: {tressamide: 8 mg/mL in steps of 0.5 mL, pibrafol: 1 mg/mL in steps of 0.1 mL}\n"
        "rounding: {zorbinol: {IV: within 5 %}}\n"
    )
    started = new(tmp_path / "started.yaml", *GIRL)
    with started.open("a") as stream:
        stream.write("  - entry: start\n    course: middle\n    date: 2027-03-11\n")
    by_id = {each["id"]: each for each in plan_of(started, "--settings", site)["administrations"]}
    both = [by_id["opening/tre/1"], by_id["opening/tre/2"]]
    assert [(each["dose"], each["product"], each["alternative"]) for each in both] == [
        ("15", "1½ tablets of 10 mg", "1.5 mL of 8 mg/mL liquid"),
        ("10", "one 10 mg tablet", "1.5 mL of 8 mg/mL liquid"),
    ]
    liquid = by_id["middle/pib/3"]
    assert (liquid["dose"], liquid["product"], liquid["alternative"]) == ("8.1", "8.1 mL of 1 mg/mL liquid", "")
    assert liquid["working"].endswith("= 8.1 mg; 8.1 mL of 1 mg/mL liquid = 8.1 mg, as calculated")
    assert by_id["opening/zor/3"]["dose"] == "10"
    assert by_id["opening/zor/3"]["working"].endswith("; rounded to 10 mg (-2.4 %), within 5 %, the site's rule")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("tablets: {tressamide: [5 mcg]}", "2:11: error: 'tablets' of tressamide is written in mcg, but tiny doses it"),
        ("liquids: {pibrafol: 1 g/mL in steps of 1 mL}", "2:11: error: 'liquids' of pibrafol is written in g"),
        ("rounding: {mallowine: nearest 1 mg}", "2:12: error: 'rounding' of mallowine is written in mg"),
        ("tablets: {tressamide: [0 mg]}", "'0 mg' is not a tablet"),
        ("tablets: {tressamide: [-5 mg]}", "'-5 mg' is not a tablet"),
        ("tablets: {tressamide: [5 mg, 10 mcg]}", "these tablets mix units"),
        ("liquids: {pibrafol: 1 mg/mL}", "'1 mg/mL' is not a liquid"),
        ("rounding: {zorbinol: {IV: 0.5 mg}}", "'0.5 mg' is not a rounding"),
    ],
)
def test_a_site_s_mistake_is_told_at_its_place(line: str, says: str, girl: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"format: 1\n{line}\n")
    done = run("plan", girl, "--format", "json", "--settings", site)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert f"{site}:2:" in done.stderr


def test_the_other_arm_and_the_other_sex(tmp_path: Path) -> None:
    boy = plan_of(new(tmp_path / "boy.yaml", *with_options(GIRL, sex="male")))
    mallowine = [row[:3] for row in rows_of(boy) if row[0] == "middle" and row[3] == "mallowine"]
    assert mallowine == [("middle", "10", "2027-03-20"), ("middle", "8", "2027-03-18")]
    short = plan_of(new(tmp_path / "short.yaml", *with_options(GIRL, arm="Q")))
    assert [each["id"] for each in short["courses"]] == ["opening", "closing-1", "closing-2", "closing-3"]
    assert short["courses"][1]["day1"] == "2027-03-11"


def test_the_record_remembers_where_the_definition_is(girl: Path, tmp_path: Path) -> None:
    definition = next(line for line in girl.read_text(encoding="utf-8").splitlines() if line.startswith("definition:"))
    assert (girl.parent / json.loads(definition.partition(" ")[2])).resolve() == TINY.resolve()
    assert rows_of(plan_of(girl.relative_to(girl.parent.parent), cwd=girl.parent.parent)) == rows_of(plan_of(girl))


def test_it_is_found_on_a_shelf_by_option_and_by_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_name = with_options(GIRL, protocol="tiny")
    record = new(tmp_path / "t-2.yaml", *by_name, "--schedules", TESTS)
    assert "definition:" not in record.read_text(encoding="utf-8")
    assert len(plan_of(record, "--schedules", TESTS)["courses"]) == 5

    alone = run("plan", record, "--format", "json")
    assert alone.returncode == 1
    assert "no protocol is called 'tiny'" in alone.stderr
    assert run("new", tmp_path / "t-3.yaml", *by_name).returncode == 2

    monkeypatch.setenv("PROTOCAL_SCHEDULES", str(TESTS))
    assert len(plan_of(record)["courses"]) == 5
    new(tmp_path / "t-3.yaml", *by_name)
    listed = run("protocols").stdout
    assert "tiny  1  Tiny, made up for tests" in listed
    assert "aall1331  0.1" in listed


def test_show_and_lint() -> None:
    shown = run("show", TINY)
    assert shown.returncode == 0, shown.stderr
    for word in (
        "Opening",
        "Middle",
        "Closing cycle",
        "ZORbinol",
        "quandREXate",
        "1-7 weekdays",
        "female",
        "0.5 mg/kg",
        "12.5 to under 20.5 kg",
        "the label gives 45 units from 30 kg; ◉ signed",
        "the label gives 30 units/m2 from 12 years; ◉ signed",
        "asks the record for: allergy, interaction",
        "rounded IV: nearest 5 mg vial within 10 %",
        "rounded: nearest 0.5 mg",
        "tablets taken to be at hand: 4 mg, not to be halved",
        "bags: 24 h, 96 h from 15 kg",
    ):
        assert word in shown.stdout
    checked = run("lint", TINY)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "tiny 1, 3 courses, 11 orders: no error" in checked.stdout


def test_lint_takes_a_shelf(own: Path) -> None:
    shutil.copytree(own / "tiny" / "1", own / "little" / "1")
    change(own / "little" / "1" / "protocol.yaml", "protocol: tiny", "protocol: little")
    done = run("lint", own)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split(": ")[1].split(",")[0] for line in done.stdout.splitlines()] == ["little 1", "tiny 1"]


def test_a_fact_that_the_protocol_does_not_ask_for(tmp_path: Path) -> None:
    done = run("new", tmp_path / "t.yaml", *GIRL, "--cns", "cns1")
    assert done.returncode == 2
    assert "--cns: no CNS status is called 'cns1'" in done.stderr
    assert not (tmp_path / "t.yaml").exists()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A shelf with a copy of the protocol, to be changed."""
    shutil.copytree(TINY, tmp_path / "shelf" / "tiny" / "1")
    return tmp_path / "shelf"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_edited_definition_is_told_with_the_plan_and_another_version_stops_it(own: Path, tmp_path: Path) -> None:
    folder = own / "tiny" / "1"
    record = new(tmp_path / "t.yaml", *with_options(GIRL, protocol=str(folder)))
    change(folder / "courses" / "opening.yaml", "40 units", "45 units")
    warned = run("plan", record, "--format", "json")
    assert warned.returncode == 0
    assert "error: tiny 1 is no longer the definition that this record was made with" in warned.stderr
    assert [each["code"] for each in json.loads(warned.stdout)["problems"]] == ["definition-changed", "S13"]

    change(folder / "protocol.yaml", 'version: "1"', 'version: "2"')
    stopped = run("plan", record, "--format", "json")
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert "the record is for tiny 1, but the definition is tiny 2 [another-definition]" in stopped.stderr


def test_a_definition_under_another_name_would_not_be_found_again(own: Path, tmp_path: Path) -> None:
    (own / "tiny" / "1").rename(own / "tiny" / "2")
    done = run("new", tmp_path / "t.yaml", *with_options(GIRL, protocol="tiny"), "--schedules", own)
    assert done.returncode == 1
    assert "this is tiny 1, but stands in the folder tiny/2 [misplaced]" in done.stderr
    assert not (tmp_path / "t.yaml").exists()


def test_a_folder_that_has_the_name_of_a_protocol_by_chance(tmp_path: Path) -> None:
    (tmp_path / "aall1331").mkdir()
    options = with_options(GIRL, protocol="aall1331", born="2019-05-12")
    done = run("new", "p.yaml", *options, "--cns", "cns1", "--arm", "D", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "definition:" not in (tmp_path / "p.yaml").read_text(encoding="utf-8")


def test_the_newest_version_is_taken_unless_another_is_named(own: Path, tmp_path: Path) -> None:
    for version in ("9", "10"):
        shutil.copytree(own / "tiny" / "1", own / "tiny" / version)
        change(own / "tiny" / version / "protocol.yaml", 'version: "1"', f'version: "{version}"')
    options = [*with_options(GIRL, protocol="tiny"), "--schedules", str(own)]
    newest = plan_of(new(tmp_path / "a.yaml", *options), "--schedules", own)
    older = plan_of(new(tmp_path / "b.yaml", *options, "--protocol-version", "9"), "--schedules", own)
    assert (newest["protocol"]["version"], older["protocol"]["version"]) == ("10", "9")


def test_it_goes_on_paper_into_a_feed_and_into_a_drug_list(girl: Path, tmp_path: Path, plan: Any) -> None:
    done = run("roadmap", girl, "-o", tmp_path / "tiny.pdf")
    assert done.returncode == 0, done.stderr
    document = pypdfium2.PdfDocument(tmp_path / "tiny.pdf")
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    agents = {each["agent"] for each in plan["administrations"]}
    assert agents
    assert all(agent.partition("-")[0].casefold() in text.casefold() for agent in agents)
    assert run("feed", girl, "-o", tmp_path / "tiny.ics").returncode == 0
    events = {(day["course"], day["day"], "visit") for kind in ("procedures", "evaluations") for day in plan[kind]}
    events |= {
        (each["course"], each["day"], "home" if each["route"] == "PO" else "visit") for each in plan["administrations"]
    }
    feed = (tmp_path / "tiny.ics").read_text(encoding="utf-8").replace("\r\n ", "")
    assert feed.count("goes on unless your team said stop") == 3  # days after a rescue that no level has ended
    assert feed.count("BEGIN:VEVENT") == len(events) + 3
    drugs = json.loads(run("drugs", girl, "--format", "json").stdout)
    assert {drug["agent"] for drug in drugs["drugs"]} == agents
