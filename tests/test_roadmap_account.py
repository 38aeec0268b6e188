"""The roadmap says what the account says: what runs on, waits, was moved away, was left to go in, and the overview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import CHILD, run
from projection import MONTHS

from protocal.account import late_start, make_account
from protocal.model.account import CourseDay
from protocal.model.plan import Plan, Status
from protocal.model.settings import Settings
from protocal.render.pdf.sheets_pdf import roadmap_pdf
from protocal.render.roadmap import make_roadmap
from protocal.render.roadmap.sheets import Line, OverviewRow
from protocal.verify.roadmap import roadmap_problems
from protocal.workflow.planning import load_plan

HERE = Settings()
BLOCK_2 = "entry: start, course: block-2, date: 2026-12-29"
INFUSED = 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T20:00:00-05:00"'
CLEARED = 'entry: clear, course: block-2, agent: methotrexate, at: "2027-01-10T09:00:00-05:00", level: 0.08 micromol/L'
PEG_LATER = "entry: move, id: block-2/peg/9, date: 2027-01-09, why: made up"
TWO_DELAYS = (
    "entry: start, course: blina-cycle-1, date: 2027-01-26",
    "entry: start, course: continuation-1, date: 2027-03-02",
    "entry: delay, course: continuation-1, days: 3, from_day: 15, why: ANC 300",
    "entry: delay, course: continuation-1, days: 2, from_day: 15, why: ANC 350",
)
ERWINIA = "entry: substitute, agent: pegaspargase, product: erwinia, date: 2026-12-17, why: allergy"
PUMP = (
    "entry: start, course: blina-cycle-1, date: 2027-01-26",
    'entry: give, id: blina-cycle-1/blina/1, date: 2027-01-26, at: "2027-01-26T14:00:00-05:00"',
    'entry: interrupt, course: blina-cycle-1, at: "2027-02-03T03:15:00-05:00", why: fever',
    'entry: resume, course: blina-cycle-1, at: "2027-02-03T06:15:00-05:00", why: afebrile',
)
Made = Callable[..., Plan]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("roadmap") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record


@pytest.fixture
def plan_of(untouched: Path, tmp_path: Path) -> Made:
    def made(*lines: str) -> Plan:
        record = tmp_path / "p001.yaml"
        text = untouched.read_text(encoding="utf-8") + "".join(f"  - {{{line}}}\n" for line in lines)
        record.write_text(text, encoding="utf-8")
        return load_plan(record, HERE)

    return made


def on_sheet(plan: Plan, course: str, on: str, settings: Settings = HERE) -> list[Line]:
    """The lines of a date in the course's day grids."""
    (sheet,) = make_roadmap(plan, settings, [course]).sheets
    day = date.fromisoformat(on)
    text = f"{day.day:02}-{MONTHS[settings.language][day.month - 1]}-{day.year}"
    rows = (row for page in sheet.pages for grid in page.grids for block in grid.blocks for row in block.days)
    return [line for row in rows if row.date.endswith(text) for line in row.lines]


def texts(plan: Plan, course: str, on: str, settings: Settings = HERE) -> list[str]:
    return [line.text for line in on_sheet(plan, course, on, settings)]


def in_account(plan: Plan, course: str, on: str) -> CourseDay:
    (found,) = (each for each in make_account(plan).on(date.fromisoformat(on)) if each.course.id == course)
    return found


# --- what runs on


def test_a_date_on_which_an_infusion_only_runs_on_is_not_one_without_treatment(plan_of: Made) -> None:
    plan = plan_of(BLOCK_2, "entry: give, id: block-2/mtx-hd/8, date: 2027-01-06")
    assert texts(plan, "block-2", "2027-01-07") == ["methotrexate: the infusion goes on"]
    for language, said in {
        "es": "methotrexate: la infusión continúa",
        "fr": "methotrexate\N{NO-BREAK SPACE}: la perfusion se poursuit",
    }.items():
        assert texts(plan, "block-2", "2027-01-07", Settings(language=language)) == [said]
    assert not in_account(plan, "block-2", "2027-01-07").no_treatment


def test_it_says_so_below_what_was_moved_away_and_is_read_back(plan_of: Made) -> None:
    plan = plan_of(BLOCK_2, INFUSED, PEG_LATER)
    away = "pegaspargase moved to Sat 09-Jan-2027"
    assert texts(plan, "block-2", "2027-01-06") == [away, "methotrexate: the infusion goes on"]
    pdf = roadmap_pdf(make_roadmap(plan, HERE, ["block-2"]), HERE, plan.issued)
    assert roadmap_problems(pdf, plan, HERE, ["block-2"]) == []


def test_it_says_until_when_where_that_is_known(plan_of: Made) -> None:
    plan = plan_of(BLOCK_2, INFUSED.replace("T20", "T08"), PEG_LATER)
    assert texts(plan, "block-2", "2027-01-06")[-1] == "methotrexate: the infusion goes on, until 20:00"


def test_an_order_has_its_stop_once_a_level_has_cleared(plan_of: Made) -> None:
    def dates(*lines: str) -> tuple[str, ...]:
        (sheet,) = make_roadmap(plan_of(BLOCK_2, INFUSED, *lines), HERE, ["block-2"]).sheets
        (row,) = (row for row in sheet.orders if row.agent == "leucovorin")
        return row.dates

    assert dates() == ("start Thu 07-Jan-2027", "no stop until methotrexate has cleared")
    assert dates(CLEARED) == ("start Thu 07-Jan-2027", "stop Sun 10-Jan-2027")  # its last dose is at 08:00


# --- what waits


def test_two_delays_from_one_day_both_say_which_dates_wait_for_them(plan_of: Made) -> None:
    plan = plan_of(*TWO_DELAYS)
    waits = {**dict.fromkeys((16, 17, 18), (9, "ANC 300")), **dict.fromkeys((19, 20), (10, "ANC 350"))}
    for on, (line, why) in waits.items():
        day = f"2027-03-{on}"
        wait = in_account(plan, "continuation-1", day).wait
        assert wait
        assert (wait.line, wait.why) == (line, why)
        assert texts(plan, "continuation-1", day) == [f"no treatment, the course waits (line {line}): {why}"]
    assert in_account(plan, "continuation-1", "2027-03-21").number == 15


def test_a_first_day_that_was_moved_is_told_by_the_account(plan_of: Made) -> None:
    plan = plan_of("entry: delay, course: block-2, days: 6, why: ANC 320")
    course = next(each.course for each in plan.courses if each.course.id == "block-2")
    assert late_start(plan, course) == (date(2026, 12, 29), 6, ("ANC 320",))
    (sheet,) = make_roadmap(plan, HERE, ["block-2"]).sheets
    assert sheet.late == "DAY 1 is 6 days later than Tue 29-Dec-2026, the first day planned: ANC 320"
    untouched = next(each.course for each in plan.courses if each.course.id == "block-1")
    assert late_start(plan, untouched) is None


# --- what was moved away


def test_a_dose_of_a_series_that_was_given_late_is_away_from_its_own_date(plan_of: Made) -> None:
    plan = plan_of(ERWINIA, "entry: give, id: block-1/peg/17/erwinia-2, date: 2026-12-22")
    assert [str(each.to) for each in in_account(plan, "block-1", "2026-12-21").away] == ["2026-12-22"]
    assert texts(plan, "block-1", "2026-12-21") == ["asparaginase Erwinia chrysanthemi moved to Tue 22-Dec-2026"]


def test_a_dose_of_a_series_moves_alone(plan_of: Made) -> None:
    plan = plan_of(ERWINIA, "entry: move, id: block-1/peg/17/erwinia-2, date: 2026-12-22, why: no bed")
    dates = {line.id.in_course: line.date.day for line in plan.administrations if line.id.startswith("block-1/peg/17")}
    series = dict(zip(range(1, 7), (18, 22, 23, 25, 28, 30), strict=True))
    assert dates == {"peg/17": 17, **{f"peg/17/erwinia-{number}": on for number, on in series.items()}}
    assert texts(plan, "block-1", "2026-12-21") == ["asparaginase Erwinia chrysanthemi moved to Tue 22-Dec-2026"]


def test_what_is_given_before_a_restart_moves_alone(plan_of: Made) -> None:
    long = PUMP[3].replace("02-03T06:15", "02-05T06:15")
    moved = "entry: move, id: blina-cycle-1/dex-premed/1/restart-1, date: 2027-02-04, why: made up"
    plan = plan_of(*PUMP[:3], long, moved)
    dates = [(str(line.id), str(line.date)) for line in plan.administrations if line.id.startswith("blina-cycle-1/dex")]
    assert dates == [
        ("blina-cycle-1/dex-premed/1", "2027-01-26"), ("blina-cycle-1/dex-premed/1/restart-1", "2027-02-04"),
    ]  # fmt: skip


def test_a_delay_within_the_course_moves_no_dose_of_a_series_away(plan_of: Made) -> None:
    given = "entry: give, id: block-1/peg/17/erwinia-3, date: 2026-12-23"
    plan = plan_of(ERWINIA, "entry: delay, course: block-1, days: 2, from_day: 20, why: made up", given)
    assert not any(day.away for day in make_account(plan).of("block-1"))
    (dose,) = (each for each in in_account(plan, "block-1", "2026-12-23").doses if "erwinia" in each.line.id)
    assert dose.planned == date(2026, 12, 23)


# --- what was left to go in


def test_the_rest_of_the_24_h_that_a_stop_cut_keeps_its_own_dose(plan_of: Made) -> None:
    plan = with_more_from(plan_of(*PUMP), date(2027, 2, 3))
    said = [(line.label, line.text) for line in on_sheet(plan, "blina-cycle-1", "2027-02-03")]
    assert said[2] == ("to 17:00", "11.7 mcg in 24 h: the rest of Tue 02-Feb-2027")
    (again,) = in_account(plan, "blina-cycle-1", "2027-02-03").restarts
    assert again.rest
    assert (again.rest.dose, again.rest.of) == (Decimal("11.7"), date(2027, 2, 2))


def with_more_from(plan: Plan, first: date) -> Plan:
    """A plan whose infusion runs with more from a date on."""
    return replace(
        plan,
        courses=tuple(
            replace(
                each,
                administrations=tuple(
                    line._replace(dose=Decimal(28)) if line.key == "blina" and line.date >= first else line
                    for line in each.administrations
                ),
            )
            for each in plan.courses
        ),
    )


# --- the overview


def overview(plan: Plan, number: int) -> OverviewRow:
    sheet = make_roadmap(plan, HERE).overview
    assert sheet
    return sheet.rows[number]


def test_the_overview_has_an_infusion_on_every_date_on_which_it_runs(plan_of: Made) -> None:
    assert overview(plan_of(BLOCK_2, INFUSED), 1).infusions == ((35, 3),)  # day 8 from 20:00 to day 10 at 08:00


def test_the_overview_has_no_mark_of_a_dose_that_is_not_given(plan_of: Made) -> None:
    plan = plan_of("entry: hold, course: block-1, date: 2026-12-15, days: 1, rule: skip, why: fever")
    held = [line for line in plan.administrations if line.status is Status.HELD]
    assert ("vincristine", date(2026, 12, 15)) in {(line.agent, line.date) for line in held}
    assert ("iv", 14) not in overview(plan, 0).marks
    assert ("iv", 14) in overview(plan_of(), 0).marks
