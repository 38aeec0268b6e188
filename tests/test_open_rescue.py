"""A rescue that no level has ended: due on every day to its course's last, and the same in everything that says it."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import CHILD, childs_text, run, with_options
from feeds import feed
from icalendar import Calendar
from test_reading import every_line

from protocal.change.diff import differences
from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.model.settings import Settings
from protocal.render.data.drug_day import day_csv, day_json, drug_day
from protocal.render.data.plan_data import plan_csv, plan_json
from protocal.render.family.calendar import make_calendar
from protocal.render.family.pdf import calendar_pdf
from protocal.render.feed.ics import FeedWriter
from protocal.render.feed.reader_feed import Reader
from protocal.render.feed.words import Doses
from protocal.render.page.content import make_page
from protocal.render.page.values import Subscription
from protocal.render.pdf.sheets_pdf import roadmap_pdf
from protocal.render.roadmap import make_roadmap
from protocal.render.terminal import plan_text
from protocal.render.wording.family import first_up
from protocal.verify.calendar import calendar_problems
from protocal.verify.roadmap import roadmap_problems
from protocal.workflow.planning import load_plan, load_plans

HERE = Settings()
STARTED = "  - {entry: start, course: block-2, date: 2026-12-29}\n"
LAST = date(2027, 1, 25)  # of Block 2
DAY10 = date(2027, 1, 7)
HOURS = ("00:30", "04:00", "10:00", "20:00", "23:45")


def given_at(hour: str, day: str = "2027-01-05") -> str:
    return f'  - {{entry: give, id: block-2/mtx-hd/8, date: {day}, at: "{day}T{hour}:00-05:00"}}\n'


def given_on(day: str) -> str:
    return f"  - {{entry: give, id: block-2/mtx-hd/8, date: {day}}}\n"


CLEARED = (
    '  - {entry: clear, course: block-2, agent: methotrexate, at: "2027-01-10T09:00:00-05:00", '
    "level: 0.08 micromol/L}\n"
)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("open") / "p001.yaml"
    record.write_text(childs_text(), encoding="utf-8")
    return record


def record_with(untouched: Path, folder: Path, *lines: str) -> Path:
    record = folder / "p001.yaml"
    record.write_text(untouched.read_text(encoding="utf-8") + "".join((STARTED, *lines)), encoding="utf-8")
    return record


def days(first: date, last: date = LAST) -> list[date]:
    return [first + timedelta(days=late) for late in range((last - first).days + 1)]


def medicine_days(plan: Plan, said: str, language: str = "en") -> set[date]:
    """The dates on which a family's feed has medicine at home of which it says so."""
    events = Calendar.from_ical(feed(plan, Who.FAMILY, with_doses=False, language=language)).events
    return {event.start for event in events if re.search(rf"^{said}", event["description"], re.MULTILINE)}


def rescue(plan: Plan) -> dict[date, int]:
    """How many doses each date of the plan has."""
    return {
        line.date: line.per_day
        for line in plan.administrations
        if line.course == "block-2" and line.key == "lcv" and line.status.takes_place
    }


@pytest.mark.parametrize("hour", HOURS)
def test_whatever_the_hour_it_is_due_four_times_a_day_to_the_course_s_last_day(
    untouched: Path, tmp_path: Path, hour: str
) -> None:
    plan = load_plan(record_with(untouched, tmp_path, given_at(hour)), HERE)
    assert rescue(plan) == dict.fromkeys(days(DAY10), 4)
    hours = [line.times for line in plan.administrations if line.course == "block-2" and line.key == "lcv"]
    chain = [time for times in hours for time in times]
    assert chain[0].isoformat() == f"2027-01-07T{hour}:00-05:00"
    assert {later - earlier for earlier, later in pairwise(chain)} == {timedelta(hours=6)}
    assert [line.open for line in plan.administrations if line.key == "lcv" and line.course == "block-2"] == (
        [False] * 2 + [True] * 17
    )


@pytest.mark.parametrize("line", [given_at("20:00"), given_on("2027-01-05")], ids=["with an hour", "without"])
def test_everything_that_says_it_says_the_same(untouched: Path, tmp_path: Path, line: str) -> None:
    record = record_with(untouched, tmp_path, line)
    plan = load_plan(record, HERE)
    due = dict.fromkeys(days(DAY10), 4)

    document = json.loads(plan_json(plan, plan))
    assert {
        date.fromisoformat(each["date"]): each["per_day"]
        for each in document["administrations"]
        if each["id"].startswith("block-2/lcv/")
    } == due
    assert [each["open"] for each in document["administrations"] if each["id"] == "block-2/lcv/12"] == [True]
    rows = csv.DictReader(io.StringIO(plan_csv(plan).decode("utf-8-sig")))
    mine = [row for row in rows if row["id"].startswith("block-2/lcv/")]
    assert {date.fromisoformat(row["date"]): int(row["per_day"]) for row in mine} == due

    text = plan_text(plan, 200).partition("Block 2 (block-2)")[2].partition("Blinatumomab Cycle 1 (")[0]
    said = re.findall(r"^\w{3} (\d\d)-Jan-2027 .*leucovorin .*4 times a day, every 6 h", text, re.MULTILINE)
    assert [int(day) for day in said] == [day.day for day in due]

    for on in due:
        day = drug_day(load_plans([record], HERE, asked=(on, on)), on, ["leucovorin"])
        assert [each["per_day"] for each in json.loads(day_json(day))["lines"]] == [4], on
        assert day_csv(day).decode("utf-8-sig").count("leucovorin") == 1

    assert medicine_days(plan, "leucovorin: .*4 times that day, every 6 hours,") == due.keys()

    calendar = make_calendar(plan, HERE, courses=["block-2"])
    at_home = {
        day.date: len(dose.boxes) for day in calendar.days for dose in day.doses
        if dose.administration.startswith("block-2/lcv/")
    }  # fmt: skip
    assert at_home == due

    (sheet,) = make_roadmap(plan, HERE, ["block-2"]).sheets
    blocks = [block for page in sheet.pages for grid in page.grids for block in grid.blocks]
    printed = {row.date: [line.text for line in row.lines] for block in blocks for row in block.days}
    signed = {
        row.date for block in blocks for row in block.days
        if sum("11.7 mg" in str(cell) for line in row.lines for cell in line.cells) == 4
    }  # fmt: skip
    for on in due:
        name = f"{on:%a %d-%b-%Y}"
        assert name in signed or "unless cleared: leucovorin 11.7 mg every 6 h" in printed[name], on
    assert {"Thu 07-Jan-2027", "Mon 11-Jan-2027"} <= signed
    assert not any("every 24 h" in line.text or "every 8 h" in line.text for line in every_line(sheet))


def test_after_its_planned_doses_a_familys_feed_and_page_say_as_its_paper_does_that_it_may_go_on(
    untouched: Path, tmp_path: Path
) -> None:
    plan = load_plan(record_with(untouched, tmp_path), HERE)
    on_paper = {
        day.date for day in make_calendar(plan, HERE, courses=["block-2"]).days
        if day.held == "leucovorin goes on unless your team said stop"
    }  # fmt: skip
    assert on_paper == set(days(date(2027, 1, 9), date(2027, 1, 11)))
    for language, said in (
        ("en", "goes on unless your team said stop"),
        ("es", "sigue si su equipo no dijo basta"),
        ("fr", "à continuer, sauf si votre équipe a dit d\N{RIGHT SINGLE QUOTATION MARK}arrêter"),
    ):
        assert medicine_days(plan, f"leucovorin.*: {said}$", language) == on_paper
        writer = FeedWriter(plan, Reader(Who.FAMILY, language, Doses.NONE))
        page = make_page(writer, writer.issue(), date(2027, 1, 5), Subscription())
        told = {day.date: [(each.drug[:10], each.notes[-1]) for each in day.home] for day in page.days}
        assert {day for day, drugs in told.items() if ("leucovorin", first_up(said)) in drugs} == on_paper
    cleared = load_plan(record_with(untouched, tmp_path, given_at("09:00"), CLEARED), HERE)
    assert medicine_days(cleared, "leucovorin: goes on unless") == set()


def test_the_day_on_which_it_may_go_on_stays_the_same_event_once_it_is_due(untouched: Path, tmp_path: Path) -> None:
    ninth = date(2027, 1, 9)
    uids = {
        str(event["uid"])
        for lines in ([], [given_on("2027-01-05")], [given_at("10:00")])
        for event in Calendar.from_ical(
            feed(load_plan(record_with(untouched, tmp_path, *lines), HERE), Who.FAMILY, with_doses=False)
        ).events
        if event.start == ninth and "leucovorin" in event["description"]
    }
    assert len(uids) == 1


def test_its_sheets_can_be_made_and_are_read_back_whole(untouched: Path, tmp_path: Path) -> None:
    plan = load_plan(record_with(untouched, tmp_path, given_at("20:00")), HERE)
    pdf = roadmap_pdf(make_roadmap(plan, HERE, ["block-2"]), HERE, plan.issued)
    assert roadmap_problems(pdf, plan, HERE, ["block-2"]) == []
    calendar = make_calendar(plan, HERE, unverified_doses=True, courses=["block-2"])
    pdf = calendar_pdf(calendar, HERE, plan.issued)
    assert calendar_problems(pdf, plan, HERE, courses=["block-2"], unverified_doses=True) == []


def test_a_level_ends_it(untouched: Path, tmp_path: Path) -> None:
    plan = load_plan(record_with(untouched, tmp_path, given_at("20:00"), CLEARED), HERE)
    assert rescue(plan) == {date(2027, 1, 7): 4, date(2027, 1, 8): 4, date(2027, 1, 9): 3}
    assert not any(line.open for line in plan.administrations)
    (sheet,) = make_roadmap(plan, HERE, ["block-2"]).sheets
    assert not any("unless cleared" in str(line) for line in every_line(sheet))


@pytest.mark.parametrize("line", [given_at("20:00"), given_on("2027-01-05")], ids=["with an hour", "without"])
def test_a_day_list_has_it_on_any_later_date_that_is_asked_for(untouched: Path, tmp_path: Path, line: str) -> None:
    record = record_with(untouched, tmp_path, line)
    for on in (date(2027, 1, 26), date(2027, 3, 1), date(2031, 7, 4)):
        day = drug_day(load_plans([record], HERE, asked=(on, on)), on, ["leucovorin"])
        assert [(each.line.course, each.line.per_day, each.at_least) for each in day.lines] == [("block-2", 4, True)]


def test_the_command_for_a_day_asks_for_that_day(untouched: Path, tmp_path: Path) -> None:
    record = record_with(untouched, tmp_path, given_at("20:00"))
    for words in (
        ["drugs", "--on", "2027-03-01", record],
        ["plan", record, "--from", "2027-03-01"],
        ["plan", record, "--from", "2027-02-28", "--to", "2027-03-01"],
        ["drugs", record, "--from", "2027-02-28", "--to", "2027-03-01"],
        ["why", record, "2027-03-01"],
    ):
        assert "leucovorin" in run(*words).stdout, words


@pytest.mark.parametrize("year", [2027, 2031])
def test_a_line_of_a_wrong_year_makes_nothing_longer(untouched: Path, tmp_path: Path, year: int) -> None:
    lines = [given_at("20:00"), f"  - {{entry: measure, date: {year}-11-30, height: 113, weight: 20}}\n"]
    assert rescue(load_plan(record_with(untouched, tmp_path, *lines), HERE)) == dict.fromkeys(days(DAY10), 4)


def test_given_a_day_late_at_an_unknown_hour_its_rescue_comes_a_day_later_too(untouched: Path, tmp_path: Path) -> None:
    plan = load_plan(record_with(untouched, tmp_path, given_on("2027-01-06")), HERE)
    assert rescue(plan) == dict.fromkeys(days(date(2027, 1, 8)), 4)
    assert [each for each in plan.problems if each.code == "S23" and "needs its rescue" in each.message] == []


def test_where_it_begins_at_the_course_s_end_it_goes_on_for_three_days(untouched: Path, tmp_path: Path) -> None:
    plan = load_plan(record_with(untouched, tmp_path, given_on("2027-01-22")), HERE)
    assert max(rescue(plan)) == date(2027, 1, 28)


def test_without_the_infusion_only_the_definition_s_days_are_planned(untouched: Path, tmp_path: Path) -> None:
    plan = load_plan(record_with(untouched, tmp_path), HERE)
    assert rescue(plan) == dict.fromkeys(days(DAY10, date(2027, 1, 8)), 4)


def test_starting_the_next_course_beside_it_is_asked_about(untouched: Path, tmp_path: Path) -> None:
    record = record_with(untouched, tmp_path, given_at("20:00"))
    words = ["start", record, "blina-cycle-1", "2027-01-26"]
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: methotrexate of Block 2 has not cleared, by the record: leucovorin would go on beside blina-cycle-1\n"
        "  Record the level first: `protocal clear FILE block-2 methotrexate`."
    )
    assert run(*words, "--reason", "cleared, the level is at the laboratory").returncode == 0
    cleared = record_with(untouched, tmp_path, given_at("20:00"), CLEARED)
    assert run("start", cleared, "blina-cycle-1", "2027-01-26").returncode == 0


def test_what_a_clearing_ends_is_told_as_runs_of_days(untouched: Path, tmp_path: Path) -> None:
    open_one = load_plan(record_with(untouched, tmp_path, given_at("20:00")), HERE)
    ended = load_plan(record_with(untouched, tmp_path, given_at("20:00"), CLEARED), HERE)
    gone = [change.line.day for change in differences(open_one, ended).lines if change.after is None]
    assert gone == list(range(13, 29))


def test_what_was_given_before_its_course_s_first_day_has_its_row_and_is_read_back(
    untouched: Path, tmp_path: Path
) -> None:
    early = "  - {entry: give, id: block-2/vcr/1, date: 2026-12-28, why: a day early}\n"
    plan = load_plan(record_with(untouched, tmp_path, early), HERE)
    sheets = make_roadmap(plan, HERE, ["block-2"])
    blocks = [block for page in sheets.sheets[0].pages for grid in page.grids for block in grid.blocks]
    first, second = [row for block in blocks for row in block.days][:2]
    assert (first.date, first.day) == ("Mon 28-Dec-2026", None)
    assert "1.17 mg" in str(first.lines)
    assert (second.date, second.day, second.week_starts) == ("Tue 29-Dec-2026", 1, True)
    pdf = roadmap_pdf(sheets, HERE, plan.issued)
    assert roadmap_problems(pdf, plan, HERE, ["block-2"]) == []


@pytest.mark.parametrize(
    ("arm", "course", "infusion", "on"),
    [("C", "block-2", "block-2/mtx-hd/8", "2027-01-06"), ("C", "block-3", "block-3/mtx-hd/22", "2027-02-17")],
)
def test_a_sheet_of_an_infusion_that_was_moved_can_be_made(
    tmp_path: Path, arm: str, course: str, infusion: str, on: str
) -> None:
    record = tmp_path / "p001.yaml"
    assert run("new", record, *with_options(CHILD, arm=arm)).returncode == 0
    with record.open("a", encoding="utf-8") as stream:
        stream.write(f"  - {{entry: move, id: {infusion}, date: {on}, why: no bed}}\n")
    plan = load_plan(record, HERE)
    pdf = roadmap_pdf(make_roadmap(plan, HERE, [course]), HERE, plan.issued)
    assert roadmap_problems(pdf, plan, HERE, [course]) == []


def test_a_day_of_it_that_is_left_out_says_so_however_far_ahead(untouched: Path, tmp_path: Path) -> None:
    left_out = "  - {entry: omit, ids: [block-2/lcv/20], why: asked for}\n"
    plan = load_plan(record_with(untouched, tmp_path, given_at("10:00"), left_out), HERE)
    (sheet,) = make_roadmap(plan, HERE, ["block-2"]).sheets
    blocks = [block for page in sheet.pages for grid in page.grids for block in grid.blocks]
    printed = {row.day: str(row.lines) for block in blocks for row in block.days}
    assert "unless cleared" in printed[19]
    assert "unless cleared" not in printed[20]
    assert "omitted" in printed[20]
    pdf = roadmap_pdf(make_roadmap(plan, HERE, ["block-2"]), HERE, plan.issued)
    assert roadmap_problems(pdf, plan, HERE, ["block-2"]) == []
