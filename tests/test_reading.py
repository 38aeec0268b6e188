"""What somebody who reads a sheet at night must not get wrong, on the frozen values that are printed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import CHILD
from conftest import run_process as run
from test_roadmap import lines_of

from protocal.model.entries import Issued, IssuedSheet
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.render.roadmap import make_roadmap
from protocal.render.roadmap.sheets import Cell, CourseSheet, Line, Turn
from protocal.workflow.planning import load_plan

LIFE = """\
  - {entry: delay, course: block-2, days: 6, why: ANC 320}
  - {entry: start, course: block-2, date: 2027-01-04}
  - {entry: move, id: block-2/it-mtx/8, date: 2027-01-13, why: no theatre}
  - {entry: start, course: blina-cycle-1, date: 2027-02-02}
  - {entry: bags, agent: blinatumomab, hours: [72, 96], date: 2027-02-02}
  - {entry: give, id: blina-cycle-1/blina/1, date: 2027-02-02, at: "2027-02-02T14:00:00-05:00"}
  - {entry: interrupt, course: blina-cycle-1, at: "2027-02-10T03:15:00-05:00", why: fever}
  - {entry: resume, course: blina-cycle-1, at: "2027-02-12T10:00:00-05:00", dose: 9.4, why: afebrile}
"""
HERE = Settings()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("reading") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record


@pytest.fixture(scope="module")
def life(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("life") / "p001.yaml"
    record.write_text(untouched.read_text(encoding="utf-8") + LIFE, encoding="utf-8")
    return record


@pytest.fixture(scope="module")
def plan(life: Path) -> Plan:
    return load_plan(life, HERE)


def after_issues(plan: Plan) -> Plan:
    """The plan as if its sheets had been given out before what was written by hand."""
    sealed = sum(bool(each.seal) for each in plan.record.log)
    sheets = tuple(IssuedSheet(f"roadmap/{each.course.id}", 1, "0" * 32, "0" * 32) for each in plan.courses)
    line = Issued(recorded=plan.issued, seal="0" * 32, sheets=sheets, where=plan.record.where)
    log = (*plan.record.log[:sealed], line, *plan.record.log[sealed:])
    return make_plan(plan.protocol, replace(plan.record, log=log), HERE)


def sheet_of(plan: Plan, course: str) -> CourseSheet:
    (sheet,) = make_roadmap(plan, HERE, [course]).sheets
    return sheet


def every_line(sheet: CourseSheet) -> Iterator[Line]:
    return (
        line for page in sheet.pages for grid in page.grids for block in grid.blocks for day in block.days
        for line in day.lines
    )  # fmt: skip


# --- the box of changes


def test_a_moved_puncture_is_called_intrathecal_and_what_stays_on_the_day_is_named(plan: Plan) -> None:
    puncture, procedure = sheet_of(after_issues(plan), "block-2").changes[-2:]
    assert puncture == (
        "methotrexate INTRATHECAL: now Wed 13-Jan-2027, moved from Mon 11-Jan-2027: no theatre;"
        " methotrexate IV stays on Mon 11-Jan-2027"
    )
    assert procedure == "Lumbar puncture: Tue 05-Jan-2027 becomes Wed 13-Jan-2027"


def test_no_box_of_changes_has_a_code_of_the_definition(plan: Plan) -> None:
    keys = {line.key for line in plan.administrations}
    for sheet in make_roadmap(after_issues(plan), HERE).sheets:
        for change in sheet.changes:
            assert not keys & set(re.findall(r"\(([^)]*)\)", change)), change


def test_changed_bags_and_the_hour_of_the_pump_stop_stand_in_the_box(plan: Plan) -> None:
    found = sheet_of(after_issues(plan), "blina-cycle-1").changes
    (infusion,) = next(each.infusions for each in plan.courses if each.infusions)
    assert f"Bags of blinatumomab changed: {len(infusion.bags)} in all" in found
    assert "Pump stop: Tue 23-Feb-2027 becomes Thu 04-Mar-2027 20:45" in found


# --- a rescue until a level has cleared


def test_until_a_level_has_cleared_each_open_dose_has_a_line_with_its_dose_and_no_day_says_no_treatment(
    plan: Plan,
) -> None:
    days = lines_of(plan, "block-2", HERE)
    for day in (12, 13, 14):
        doses = [cell for line in days[day] for cell in line.cells if isinstance(cell, Cell)]
        assert [(cell.beside, cell.dose) for cell in doses] == [("unless cleared", "11.7 mg")] * 4
        assert [line.label for line in days[day] if line.cells] == [
            f"+{96 + 24 * (day - 12) + hours} h" for hours in (0, 6, 12, 18)
        ]
        assert all(line.signed and line.clock_blank for line in days[day] if line.cells)
    for day in range(15, 29):
        assert "unless cleared: leucovorin 11.7 mg every 6 h" in [line.text for line in days[day]]
        assert not any("no treatment" in line.text for line in days[day])


def test_each_day_of_an_open_rescue_has_a_place_to_write_the_level(plan: Plan) -> None:
    days = lines_of(plan, "block-2", HERE)
    for day in range(10, 15):
        assert [line.signed for line in days[day] if line.label == "level"] == [True]
    assert not any(line.label == "level" for day in (1, 8, 9, 15) for line in days[day])


def test_hours_after_an_unknown_start_say_after_what_and_have_room_for_the_clock(plan: Plan) -> None:
    days = lines_of(plan, "block-2", HERE)
    said = [(day, line.text) for day, lines in days.items() for line in lines if "hours after" in line.text]
    assert said == [(10, "hours after the start of methotrexate: write in the clock")]
    assert all(line.clock_blank for line in days[10] if line.label.startswith("+"))
    (first,) = (line for line in lines_of(plan, "blina-cycle-2", HERE)[1] if line.turn is Turn.ON)
    assert (first.label, first.clock_blank, first.signed) == ("from", True, True)


# --- a continuous infusion


def test_the_bar_of_an_infusion_begins_with_its_first_bag_pauses_with_it_and_ends_at_the_pump_stop(plan: Plan) -> None:
    days = lines_of(plan, "blina-cycle-1", HERE)
    assert [line.runs for line in days[1]] == [False, True, True]  # premedication, the first bag, the dose
    assert [(line.text, line.runs) for line in days[9]] == [("infusion stopped: fever", True)]
    assert [line.runs for line in days[10]] == [False]
    assert [line.runs for line in days[11]] == [False, True, True, True, True]
    (stop,) = (line for line in every_line(sheet_of(plan, "blina-cycle-1")) if line.text.startswith("Pump stop"))
    assert (stop.runs, stop.turn) == (True, Turn.OFF)
    assert not any(line.runs for day in range(32, 38) for line in days[day])
    assert all(any(line.runs for line in days[day]) for day in range(11, 32))


def test_where_bags_are_signed_for_the_dose_of_a_day_is_not(plan: Plan) -> None:
    for line in every_line(sheet_of(plan, "blina-cycle-1")):
        assert line.signed or not line.bag
        if line.rate:
            assert not line.signed
            assert line.label.startswith("from ")
    assert not any(line.rate for line in every_line(sheet_of(plan, "blina-cycle-2")))  # it has no bags yet


def test_after_a_stop_the_rest_of_the_day_it_cut_has_a_line_of_its_own(plan: Plan) -> None:
    said = [(line.label, line.text) for line in lines_of(plan, "blina-cycle-1", HERE)[11]]
    assert ("to 20:45", "9.4 mcg in 24 h: the rest of Tue 09-Feb-2027") in said
    assert [label for label, _text in said][1:3] == [
        "hang 10:00",
        "10:00",
    ]  # the bag first, so that none seems to run before
    notes = next(row.notes for row in sheet_of(plan, "blina-cycle-1").orders if row.agent == "blinatumomab")
    assert any(note.startswith("Without the stop: 28 x 24 h") for note in notes)


# --- warnings, tablets, days, the start


def test_the_fatal_route_stands_on_every_page_on_which_the_drug_is_signed_for(plan: Plan) -> None:
    pages = Counter[bool]()
    for sheet in make_roadmap(plan, HERE).sheets:
        for page in sheet.pages:
            is_due = any(column.agent == "vinCRIStine" for grid in page.grids for column in grid.columns)
            warned = [warning for grid in page.grids for warning in grid.warnings]
            assert warned == ["vinCRIStine: IV ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE."] * is_due
            pages[is_due] += 1
    assert pages[True] > 10
    assert pages[False] > 10


def test_each_dose_of_a_day_names_its_tablets_and_the_head_names_the_page_that_explains_them(plan: Plan) -> None:
    sheet = sheet_of(plan, "block-2")
    (column,) = {column.below for page in sheet.pages for grid in page.grids for column in grid.columns if column.below}
    (number,) = (page.number for page in sheet.pages for row in page.orders if row.tablets)
    assert column == f"tablets: page {number}"
    for day in range(1, 6):
        labels = [line.label for line in lines_of(plan, "block-2", HERE)[day] if line.at_home]
        assert [label.split(", ")[0] for label in labels] == ["morning", "evening"]
        assert labels[0].split(", ")[1] == labels[1].split(", ")[1]


def test_a_dose_on_several_days_is_not_said_to_be_given_once(plan: Plan) -> None:
    said = {(row.agent, row.days): row.each for row in sheet_of(plan, "block-2").orders}
    assert said["etoposide", "Days 15-19"] == "once on each day"
    assert said["pegaspargase", "Day 9"] == "once"
    assert said["leucovorin", "Days 10-11"] == "each of 4 a day, every 6 h"


def test_a_moved_puncture_has_the_number_of_its_date_and_names_the_day_it_was_planned_for(plan: Plan) -> None:
    (row,) = sheet_of(plan, "block-2").intrathecal
    assert (row.date, row.day) == ("Wed 13-Jan-2027", 10)
    assert row.note == "planned for day 8; moved from Mon 11-Jan-2027: no theatre"


def test_a_late_start_says_by_how_much_since_when_and_why(plan: Plan, untouched: Path) -> None:
    assert (
        sheet_of(plan, "block-2").late == "DAY 1 is 6 days later than Tue 29-Dec-2026, the first day planned: ANC 320"
    )
    assert sheet_of(plan, "block-1").late == ""
    assert not any(sheet.late for sheet in make_roadmap(load_plan(untouched, HERE), HERE).sheets)


def test_an_early_start_says_so(untouched: Path, tmp_path: Path) -> None:
    record = tmp_path / "p001.yaml"
    early = "  - {entry: start, course: block-2, date: 2026-12-28, why: counts early}\n"
    record.write_text(untouched.read_text(encoding="utf-8") + early, encoding="utf-8")
    late = sheet_of(load_plan(record, HERE), "block-2").late
    assert late == "DAY 1 is 1 day earlier than Tue 29-Dec-2026, the first day planned: counts early"


# --- less than the full dose


TWICE = """\
  - {entry: start, course: continuation-1, date: 2027-03-02}
  - {entry: adjust, agent: mercaptopurine, percent: 50, date: 2027-03-08, to: 2027-03-17, why: ANC 400}
  - {entry: adjust, agent: mercaptopurine, percent: 75, date: 2027-03-18, to: 2027-03-27, why: ANC 700}
"""


def test_after_two_adjustments_each_dose_says_when_it_holds_and_the_order_why(untouched: Path, tmp_path: Path) -> None:
    record = tmp_path / "p001.yaml"
    record.write_text(untouched.read_text(encoding="utf-8") + TWICE, encoding="utf-8")
    (row,) = (
        order for page in sheet_of(load_plan(record, HERE), "continuation-1").pages for order in page.orders
        if order.agent == "mercaptopurine"
    )  # fmt: skip
    assert row.doses == (
        ("50 mg", "days 1-6, 27-42: Tue, Wed, Fri, Sat, Sun; days 7-16: Mon; days 17-26: Mon, Tue, Wed, Fri, Sat"),
        ("75 mg", "days 1-6, 27-42: Mon, Thu"),
        ("25 mg", "days 7-16: Tue, Wed, Thu, Fri, Sat, Sun; days 17-26: Thu, Sun"),
    )
    assert row.notes[:2] == (
        "50 % of the full dose, Mon 08-Mar-2027 to Wed 17-Mar-2027: ANC 400",
        "75 % of the full dose, Thu 18-Mar-2027 to Sat 27-Mar-2027: ANC 700",
    )
