"""What lists and data take from the account: what runs on, what was moved away, what is open, and on which date."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import CHILD, run

import protocal
from protocal.account import make_account
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.render.data.drug_day import day_csv, day_json, drug_day
from protocal.render.data.drugs import drug_report, drugs_json
from protocal.render.data.plan_data import plan_csv, plan_json
from protocal.render.data.workbook import drugs_xlsx
from protocal.render.selection import Choice, chosen_days, chosen_lines
from protocal.render.terminal import day_text, drugs_text, plan_text
from protocal.render.terminal.why import why_text
from protocal.workflow.planning import load_plan

HERE = Settings()
BLOCK_2 = "entry: start, course: block-2, date: 2026-12-29"
INFUSED = 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T20:00:00-05:00"'
CLEARED = 'entry: clear, course: block-2, agent: methotrexate, at: "2027-01-10T09:00:00-05:00", level: 0.08 micromol/L'
MOVED = "entry: move, id: block-2/it-mtx/8, date: 2027-01-06, why: no theatre"
PUMP = (
    "entry: start, course: blina-cycle-1, date: 2027-01-26",
    "entry: bags, agent: blinatumomab, hours: [72, 96], date: 2027-01-26",
    'entry: give, id: blina-cycle-1/blina/1, date: 2027-01-26, at: "2027-01-26T14:00:00-05:00"',
    'entry: interrupt, course: blina-cycle-1, at: "2027-02-03T03:15:00-05:00", why: fever',
    'entry: resume, course: blina-cycle-1, at: "2027-02-06T20:00:00-05:00", dose: 9.4, why: afebrile',
)
Made = Callable[..., Plan]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> str:
    record = tmp_path_factory.mktemp("lists") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record.read_text(encoding="utf-8")


@pytest.fixture
def planned(untouched: str, tmp_path: Path) -> Made:
    def made(*lines: str) -> Plan:
        record = tmp_path / "p001.yaml"
        record.write_text(untouched + "".join(f"  - {{{line}}}\n" for line in lines), encoding="utf-8")
        return load_plan(record, HERE)

    return made


def on(plan: Plan, day: str, agent: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(day_json(drug_day([plan], date.fromisoformat(day), [agent])))["lines"]
    return found


def said(plan: Plan, day: str, agent: str) -> str:
    return " ".join(day_text(drug_day([plan], date.fromisoformat(day), [agent]), 200).split())


def test_an_infusion_that_runs_on_into_a_day_is_said_with_its_end_and_nothing_to_prepare(planned: Made) -> None:
    plan = planned(BLOCK_2, INFUSED)
    for day in ("2027-01-06", "2027-01-07"):
        (line,) = on(plan, day, "methotrexate")
        assert (line["id"], line["state"], line["amount"]) == ("block-2/mtx-hd/8", "runs on", "0")
        assert line["until"] == "2027-01-07T08:00:00-05:00"
        text = said(plan, day, "methotrexate")
        assert "runs on from Tue 05-Jan-2027 until" in text
        assert "Thu 07-Jan-2027 at 08:00: nothing to prepare" in text
    assert on(plan, "2027-01-08", "methotrexate") == []
    (row,) = csv.DictReader(
        io.StringIO(day_csv(drug_day([plan], date(2027, 1, 6), ["methotrexate"])).decode("utf-8-sig"))
    )
    assert (row["state"], row["amount"], row["until"]) == ("runs on", "0", "2027-01-07T08:00:00-05:00")


def test_a_bag_hung_on_a_date_on_which_no_day_of_its_infusion_begins_is_listed(planned: Made) -> None:
    (line,) = on(planned(*PUMP), "2027-02-06", "blinatumomab")
    assert [bag["at"] for bag in line["bags"]] == ["2027-02-06T20:00:00-05:00"]
    assert line["amount"] == line["bags"][0]["amount"] != "0"
    assert "bag for 72 h, hung at 20:00" in said(planned(*PUMP), "2027-02-06", "blinatumomab")


def test_a_dose_that_was_moved_is_listed_on_its_new_date_alone(planned: Made) -> None:
    plan = planned(BLOCK_2, MOVED)
    assert [each["id"] for each in on(plan, "2027-01-05", "methotrexate")] == ["block-2/mtx-hd/8"]
    found = [(each["id"], each["state"]) for each in on(plan, "2027-01-06", "methotrexate")]
    assert sorted(found) == [("block-2/it-mtx/8", "moved"), ("block-2/mtx-hd/8", "runs on")]


def test_an_open_rescue_is_marked_open_until_a_level_has_cleared(planned: Made) -> None:
    plan = planned(BLOCK_2, INFUSED)
    (line,) = on(plan, "2027-01-20", "leucovorin")
    assert (line["state"], line["awaits"], line["at_least"]) == ("open", "methotrexate", True)
    assert "open until methotrexate has cleared" in said(plan, "2027-01-20", "leucovorin")
    assert "open until methotrexate has cleared" in plan_text(plan, 200)
    cleared = planned(BLOCK_2, INFUSED, CLEARED)
    assert on(cleared, "2027-01-20", "leucovorin") == []
    (line,) = on(cleared, "2027-01-09", "leucovorin")
    assert (line["state"], line["awaits"], line["at_least"]) == ("due", None, False)
    assert "or more" not in said(cleared, "2027-01-09", "leucovorin")
    assert "open until" not in plan_text(cleared, 200)


def test_in_a_matrix_a_moved_dose_stands_on_its_date_and_nowhere_else(planned: Made) -> None:
    plan = planned(BLOCK_2, MOVED)
    report = drug_report(plan, plan, HERE)
    book = openpyxl.load_workbook(io.BytesIO(drugs_xlsx(report, HERE)))
    rows = [[cell.value for cell in row] for row in book["block-2"].iter_rows(min_row=2)]
    column = {name: index for index, name in enumerate(rows[0])}
    for drug, day in (("methotrexate IT, mg", "2027-01-06"), ("methotrexate IV, mg", "2027-01-05")):
        given = [f"{row[1]:%Y-%m-%d}" for row in rows[1:] if row[column[drug]] is not None]
        assert [each for each in given if each in ("2027-01-05", "2027-01-06")] == [day]
    matrix = next(each for each in json.loads(drugs_json(report))["matrices"] if each["course"] == "block-2")
    (row,) = (each for each in matrix["rows"] if (each["agent"], each["route"]) == ("methotrexate", "IT"))
    assert row["doses"] == {"8": ["12"]}
    assert row["on"] == [{"day": 8, "date": "2027-01-06", "doses": ["12"]}]
    weeks = drugs_text(report, 120).partition("Block 2 by day")[2].partition("by day")[0]
    week = next(part for part in weeks.split("\n\n") if "05-Jan" in part).splitlines()
    places = {name: week[2].index(name) for name in ("05-Jan", "06-Jan")}
    intrathecal = next(line for line in week if line.startswith("methotrexate IT"))
    assert intrathecal.index("12") == places["06-Jan"]
    assert "05-Jan" in week[2]
    assert [week[0][place : place + 2].strip() for place in places.values()] == ["8", "9"]


# --- the account in JSON


def test_json_has_what_is_so_of_each_course_on_each_date(planned: Made) -> None:
    plan = planned(BLOCK_2, INFUSED, MOVED, *PUMP)
    days = {
        (day["date"], each["course"]): each
        for day in json.loads(plan_json(plan, plan))["account"]
        for each in day["courses"]
    }
    assert days["2027-01-05", "block-2"]["moved_away"] == [{"id": "block-2/it-mtx/8", "to": "2027-01-06"}]
    assert days["2027-01-05", "block-2"]["overnight"] is True
    sixth = days["2027-01-06", "block-2"]
    assert (sixth["day"], sixth["no_treatment"]) == (9, False)
    assert sixth["punctures"] == [{"day": 8, "doses": ["block-2/it-mtx/8"]}]
    assert sixth["running"] == [{"id": "block-2/mtx-hd/8", "since": "2027-01-05", "until": "2027-01-07T08:00:00-05:00"}]
    assert {
        "id": "block-2/it-mtx/8", "state": "moved", "planned": "2027-01-05", "at_home": False,
    } in sixth["doses"]  # fmt: skip
    assert days["2027-01-20", "block-2"]["doses"] == [
        {"id": "block-2/lcv/23", "state": "open", "planned": "2027-01-20", "at_home": True, "awaits": "methotrexate"}
    ]
    assert days["2027-02-03", "blina-cycle-1"]["stops"] == [
        {"at": "2027-02-03T03:15:00-05:00", "agent": "blinatumomab", "line": 13, "reason": "fever"}
    ]
    assert days["2027-02-04", "blina-cycle-1"]["still_since"] == "2027-02-03T03:15:00-05:00"
    again = days["2027-02-06", "blina-cycle-1"]
    assert again["restarts"] == [
        {"at": "2027-02-06T20:00:00-05:00", "agent": "blinatumomab", "supervised": True, "dose": "9.4", "unit": "mcg"}
    ]
    assert [(bag["why"], bag["hours"], bag["order"]) for bag in again["bags"]] == [("new", 72, "blina")]


def test_a_choice_narrows_the_account_to_its_dates_courses_and_drugs(planned: Made) -> None:
    plan = planned(BLOCK_2, INFUSED)

    def chosen(**what: Any) -> list[Any]:
        choice = Choice(**what)
        days = chosen_days(make_account(plan), choice)
        found: list[Any] = json.loads(plan_json(plan, chosen_lines(plan, choice), days))["account"]
        return found

    span = chosen(first=date(2027, 1, 6), last=date(2027, 1, 7))
    assert [day["date"] for day in span] == ["2027-01-06", "2027-01-07"]
    assert [each["id"] for each in span[0]["courses"][0]["running"]] == ["block-2/mtx-hd/8"]
    only = chosen(courses=("block-2",))
    assert {each["course"] for day in only for each in day["courses"]} == {"block-2"}
    assert (only[0]["date"], only[-1]["date"]) == ("2026-12-29", "2027-01-25")
    drug = chosen(agents=("methotrexate",), routes=("IV",), courses=("block-2",))
    assert [day["date"] for day in drug] == ["2027-01-05", "2027-01-06", "2027-01-07"]
    assert [dose["id"] for each in drug[0]["courses"] for dose in each["doses"]] == ["block-2/mtx-hd/8"]
    assert "punctures" not in drug[0]["courses"][0]


# --- the plan, and why


def test_a_choice_of_drug_keeps_its_warning_beside_an_intrathecal_dose(planned: Made) -> None:
    plan = planned()
    part = chosen_lines(plan, Choice(agents=("vincristine",), courses=("block-1",)))
    warned = [row[:15] for row in plan_text(part, 80, make_account(plan)).splitlines() if "vinCRIStine: FATAL" in row]
    assert warned == ["Tue 01-Dec-2026", "Tue 08-Dec-2026"]


ON = ("--from", "2027-01-06", "--to", "2027-01-06")
PEG_LATER = "entry: move, id: block-2/peg/9, date: 2027-01-09, why: made up"


@pytest.fixture
def running_on(untouched: str, tmp_path: Path) -> Path:
    """A record with a date on which an infusion only runs on."""
    record = tmp_path / "p001.yaml"
    lines = (BLOCK_2, INFUSED, PEG_LATER)
    record.write_text(untouched + "".join(f"  - {{{line}}}\n" for line in lines), encoding="utf-8")
    return record


def test_a_plan_of_a_date_on_which_an_infusion_only_runs_on_says_so(running_on: Path) -> None:
    for choice in ((), ("--agent", "methotrexate"), ("--course", "block-2")):
        done = run("plan", running_on, *ON, *choice)
        assert "nothing is due" not in done.stderr
        text = " ".join(done.stdout.split())
        assert "Block 2 (block-2)" in text
        assert re.search(r"Wed 06-Jan-2027 9 methotrexate IV runs on from Tue ◊ 05-Jan-2027 until Thu 07-Jan", text)
    done = run("plan", running_on, *ON, "--agent", "vincristine")
    assert "nothing is due in what was chosen" in done.stderr
    assert done.stdout == ""


def test_the_plan_s_table_for_spreadsheets_says_so_too_without_a_dose_that_could_be_counted_twice(
    running_on: Path,
) -> None:
    done = run("plan", running_on, *ON, "--format", "csv")
    assert "nothing is due" not in done.stderr
    (row,) = csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff")))
    assert (row["date"], row["agent"], row["route"], row["status"]) == ("2027-01-06", "methotrexate", "IV", "runs on")
    assert (row["dose"], row["per_day"], row["id"]) == ("", "", "block-2/mtx-hd/8")
    both = run("plan", running_on, "--from", "2027-01-05", "--to", "2027-01-06", "--format", "csv").stdout
    assert [row["status"] for row in csv.DictReader(io.StringIO(both)) if row["route"] == "IV"] == ["given"]
    data = json.loads(run("plan", running_on, *ON, "--format", "json").stdout)
    assert [each["id"] for each in data["courses"]] == ["block-2"]


def test_the_plan_s_table_has_an_open_rescue_to_the_last_day_of_its_course(planned: Made) -> None:
    rows = list(csv.DictReader(io.StringIO(plan_csv(planned(BLOCK_2, INFUSED)).decode("utf-8-sig"))))
    rescue = [row["date"] for row in rows if row["course"] == "block-2" and row["agent"] == "leucovorin"]
    assert (rescue[0], rescue[-1]) == ("2027-01-07", "2027-01-25")
    assert len(rescue) == 19


def test_why_says_what_runs_on_into_a_day(planned: Made) -> None:
    text = why_text(planned(BLOCK_2, INFUSED), date(2027, 1, 6), ["methotrexate"])
    assert "Block 2, day 8: methotrexate IV runs on from Tue 05-Jan-2027 until Thu 07-Jan-2027 at 08:00" in text
    assert "nothing is planned" not in text


def test_why_names_the_hold_that_took_a_dose_and_no_other(planned: Made) -> None:
    hold = "entry: hold, course: block-1, date: 2026-12-{}, days: 2, rule: skip, why: {}"
    text = why_text(planned(hold.format("08", "fever"), hold.format("15", "rash")), date(2026, 12, 15), ["vincristine"])
    assert "rash" in text
    assert "fever" not in text


# --- where they take it from

SAYS_ONLY = ("data/account_data", "data/plan_data", "data/drug_day", "data/drugs", "data/workbook", "selection",
             "terminal/drugs", "terminal/plan", "terminal/why")  # fmt: skip


def test_lists_and_data_ask_the_planner_for_nothing_but_cumulative_doses() -> None:
    render = Path(protocal.__file__).parent / "render"
    found = {
        name: {
            node.module
            for node in ast.walk(ast.parse((render / f"{name}.py").read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("protocal.plan")
        }
        for name in SAYS_ONLY
    }
    assert set().union(*found.values()) == {"protocal.plan.cumulative"}, found
