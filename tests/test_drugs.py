"""The drug list and the matrices: counts and totals worked out by hand from the golden tables."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import CASES, CHILDS_WARNINGS, run

from protocal.model.plan import Plan, Status
from protocal.model.settings import Ceiling, Settings
from protocal.plan.cumulative import Cumulative, cumulative
from protocal.render.data.drugs import DrugReport, DrugUse, drug_list, drug_report, drugs_csv, drugs_json, matrices
from protocal.render.selection import select
from protocal.render.terminal import drugs_text

CHILD_ON_D = "arm-d-cns2-child"
ADULT_ON_C = "arm-c-cns3-adult-at-caps"


def report(whole: Plan, chosen: Plan | None = None, settings: Settings | None = None) -> DrugReport:
    return drug_report(whole, chosen or whole, settings or Settings())


def use(plan: Plan, agent: str, route: str) -> DrugUse:
    return next(each for each in drug_list(plan) if (each.agent.id, each.route.value) == (agent, route))


@pytest.mark.parametrize(
    ("agent", "route", "count", "total"),
    [
        # Block 1: 4, Block 2: 1, Continuation: 2 x 1, Maintenance: 5 x 3 and 2 in the last; 24 x 1.17
        ("vincristine", "IV", 24, "28.08"),
        # Block 1: 20 x 7.8, first blinatumomab: 1 x 3.9, Block 2: 10, Continuation: 2 x 10, Maintenance: 5 x 30 and
        # 20 in the last, which is 200 x 2.34; 156 + 3.9 + 468
        ("dexamethasone", "PO", 221, "627.9"),
        # 2 x 42 in Continuation, 5 x 84 and 38 in Maintenance; 542 x 58.5
        ("mercaptopurine", "PO", 542, "31707"),
        # weekly: 2 x 4 in Continuation, 5 x 11 and 5 in Maintenance, 68 x 15.6; day 22 twice, 8 x 19.5
        ("methotrexate", "PO", 76, "1216.8"),
        # 3 cycles of 28 x 24 h; 84 x 11.7
        ("blinatumomab", "CIV", 84, "982.8"),
        # Block 2: 2 days x 4 x 11.7; Continuation: 2 x 2 x 7.8
        ("leucovorin", "PO", 12, "124.8"),
        # 2 in Block 1, 1 in Block 2, 2 + 2 + 1 in the cycles, 2 + 2 in Continuation, 4 in Maintenance at 12; 2 at 15
        ("methotrexate", "IT", 18, "222"),
    ],
)
def test_counts_and_totals_of_a_child_on_arm_d(
    agent: str, route: str, count: int, total: str, plans: dict[str, Plan]
) -> None:
    found = use(plans[CHILD_ON_D], agent, route)
    assert (found.count, found.total) == (count, Decimal(total))


@pytest.mark.parametrize(
    ("agent", "route", "count", "total"),
    [
        ("cytarabine", "IV", 8, "57840"),  # 4 days x 2 x 7,230
        ("cytarabine", "IT", 2, "60"),  # 2 x 30
        ("asparaginase-erwinia", "IM", 5, "301250"),  # 5 x 60,250
        ("leucovorin", "PO", 8, "289.2"),  # 2 days x 4 x 36.15
    ],
)
def test_counts_and_totals_of_an_adult_in_block_3(
    agent: str, route: str, count: int, total: str, plans: dict[str, Plan]
) -> None:
    found = use(select(plans[ADULT_ON_C], ["block-3"], [], [], "", ""), agent, route)
    assert (found.count, found.total) == (count, Decimal(total))


def test_a_drug_that_goes_on_until_a_level_has_cleared_is_counted_as_the_least(plans: dict[str, Plan]) -> None:
    least = {(each.agent.id, each.at_least) for each in drug_list(plans[CHILD_ON_D])}
    assert ("leucovorin", True) in least
    assert {agent for agent, open_ended in least if open_ended} == {"leucovorin"}
    assert "leucovorin PO: at least 12 doses, 124.8 mg" in drugs_text(report(plans[CHILD_ON_D]), 80)


def test_what_is_omitted_is_not_counted(plans: dict[str, Plan]) -> None:
    plan = plans["unassigned-diagnostic-it"]
    assert [line.day for line in use(plan, "methotrexate", "IT").lines] == [8]
    assert all(row.agent.id != "methotrexate" or dict(row.doses).keys() == {8} for row in matrices(plan)[0].rows)


@pytest.mark.parametrize("case", CASES)
def test_every_due_administration_is_in_list_and_matrix_once(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    due = [each for each in plan.administrations if each.status is Status.DUE]
    assert sorted(line.id for each in drug_list(plan) for line in each.lines) == sorted(each.id for each in due)
    in_matrices = [
        (matrix.course.id, row.agent.id, row.route, row.per_day, day, dose)
        for matrix in matrices(plan)
        for row in matrix.rows
        for day, doses in row.doses
        for dose in doses
    ]
    assert sorted(in_matrices) == sorted(
        (each.course, each.agent, each.route, each.per_day, each.day, each.dose) for each in due
    )


def test_a_course_without_a_date_has_no_matrix_but_is_named(plans: dict[str, Plan]) -> None:
    plan = plans["arm-b-cns3-child"]
    assert "hsct" not in {matrix.course.id for matrix in matrices(plan)}
    assert "No date yet: Allogeneic HSCT." in drugs_text(report(plan), 80)


# --- how it is written


def test_json_says_the_same(plans: dict[str, Plan]) -> None:
    document = json.loads(drugs_json(report(plans[CHILD_ON_D])))
    found = {(each["agent"], each["route"]): each for each in document["drugs"]}
    vincristine = found["vincristine", "IV"]
    assert (vincristine["count"], vincristine["total"], vincristine["unit"]) == (24, "28.08", "mg")
    assert vincristine["days"][0] == {
        "id": "block-1/vcr/1",
        "course": "block-1",
        "day": 1,
        "date": "2026-12-01",
        "calculated": "1.17",
        "dose": "1.17",
        "product": "",
        "alternative": "",
        "made_of": None,
        "per_day": 1,
        "amount": "1.17",
        "provisional": False,
        "evidence": "corroborated",
        "running_total": "1.17",
        "status": "due",
    }
    first = found["dexamethasone", "PO"]["days"][0]
    assert (first["calculated"], first["dose"], first["product"]) == ("7.8", "8", "2 tablets of 4 mg")
    assert first["made_of"] == {"tablets": [{"count": "2", "strength": "4", "unit": "mg"}]}
    matrix = next(each for each in document["matrices"] if each["course"] == "block-1")
    row = next(each for each in matrix["rows"] if each["agent"] == "dexamethasone")
    assert row["per_day"] == 2
    # 5 x 7.8 mg are 39 mg, which tablets make as 8 mg once and 7.75 mg four times
    assert row["doses"] == {
        str(day): ["8" if day in (1, 15) else "7.75"] for day in (1, 2, 3, 4, 5, 15, 16, 17, 18, 19)
    }


def test_csv_has_a_row_for_every_drug_and_date(plans: dict[str, Plan]) -> None:
    data = drugs_csv(report(plans[CHILD_ON_D]))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(plans[CHILD_ON_D].administrations)
    steroid = [row for row in rows if row["agent"] == "dexamethasone"]
    assert sum(Decimal(row["amount"]) for row in steroid) == Decimal("627.9")
    assert (steroid[0]["date"], steroid[0]["weekday"], steroid[0]["amount"]) == ("2026-12-01", "Tue", "16")


@pytest.mark.parametrize("case", CASES)
def test_text_fits_80_columns_and_has_every_total(case: str, plans: dict[str, Plan]) -> None:
    text = drugs_text(report(plans[case]), 80)
    assert max(map(len, text.splitlines())) <= 80
    headings = [line for line in text.splitlines() if " doses" in line or " dose," in line]
    assert len(headings) == len(drug_list(plans[case]))
    assert "\x1b" not in text


def test_text_of_a_run_says_start_and_stop(plans: dict[str, Plan]) -> None:
    lines = drugs_text(report(select(plans[CHILD_ON_D], ["block-2"], ["dexamethasone"], [], "", "")), 80).splitlines()
    assert "dexAMETHasone PO: 10 doses, 23.4 mg" in lines
    first = next(index for index, line in enumerate(lines) if line.startswith("Block 2 "))
    assert " ".join(lines[first].split()[:-1]) == "Block 2 1-5 Tue 29-Dec-2026 to 2.34 mg 10 23.4 mg"
    assert lines[first + 1].split() == ["Sat", "02-Jan-2027", "2", "times", "a", "day", "so", "far", "23.4"]


def test_text_of_a_matrix_has_a_week_with_dates_over_its_doses(plans: dict[str, Plan]) -> None:
    lines = drugs_text(report(select(plans[CHILD_ON_D], ["block-2"], [], [], "", "")), 80).splitlines()
    start = lines.index("Block 2 by day; each figure is one dose")
    week = lines[start + 3 : start + 6]
    assert [line.split() for line in week] == [
        ["1", "2", "3", "4", "5"],
        ["Tue", "Wed", "Thu", "Fri", "Sat"],
        ["29-Dec", "30-Dec", "31-Dec", "01-Jan", "02-Jan"],
    ]
    assert lines[start + 7].split() == ["dexAMETHasone", "PO,", *["2.34"] * 5]


# --- first and last dates, running totals


@pytest.mark.parametrize("case", CASES)
def test_running_totals_end_with_the_total_and_dates_with_first_and_last(case: str, plans: dict[str, Plan]) -> None:
    for each in drug_list(plans[case]):
        sums = [
            sum((line.dose * line.per_day for line in each.lines[: n + 1]), Decimal(0)) for n in range(len(each.lines))
        ]
        assert list(each.running) == sums
        assert each.running[-1] == each.total
        dates = sorted(line.date for line in each.lines)
        assert (each.first, each.last) == (dates[0], dates[-1])


def test_the_running_total_of_a_choice_is_that_of_the_whole_plan(plans: dict[str, Plan]) -> None:
    whole = plans[CHILD_ON_D]
    chosen = select(whole, [], ["vincristine"], [], "2026-12-10", "2026-12-31")
    found = report(whole, chosen).uses[0]
    assert [str(line.date) for line in found.lines] == ["2026-12-15", "2026-12-22", "2026-12-29"]
    # two doses of 1.17 before it
    assert found.running == (Decimal("3.51"), Decimal("4.68"), Decimal("5.85"))
    assert found.total == Decimal("3.51")


def test_text_json_and_csv_say_first_last_and_running_total(plans: dict[str, Plan]) -> None:
    found = report(plans[CHILD_ON_D])
    assert "First Tue 01-Dec-2026, last Sat 25-Nov-2028" in drugs_text(found, 80)
    data = next(each for each in json.loads(drugs_json(found))["drugs"] if each["agent"] == "dexamethasone")
    assert (data["first_date"], data["last_date"]) == ("2026-12-01", "2028-11-25")
    assert [day["running_total"] for day in data["days"]][:2] == ["16", "31.5"]
    assert data["days"][-1]["running_total"] == "627.9"
    rows = list(csv.DictReader(io.StringIO(drugs_csv(found).decode("utf-8-sig"), newline="")))
    last = [row for row in rows if row["agent"] == "dexamethasone"][-1]
    assert (last["running_total"], last["first_date"], last["last_date"]) == ("627.9", "2026-12-01", "2028-11-25")


# --- ceilings

# Mitoxantrone in Block 1: 2 x 7.8 mg at 0.78 m2, which is 2 x 10 mg/m2, times 4 is 80; with 100 x 1 before it.
ANTHRACYCLINES = Ceiling("anthracycline", Decimal(150), (("mitoxantrone", Decimal(4)), ("doxorubicin", Decimal(1))))


def with_prior(plan: Plan, *prior: tuple[str, Decimal]) -> Plan:
    return replace(plan, facts=replace(plan.facts, prior=prior))


def test_a_ceiling_counts_what_was_given_before_and_what_is_planned(plans: dict[str, Plan]) -> None:
    plan = with_prior(plans[CHILD_ON_D], ("doxorubicin", Decimal(100)), ("idarubicin", Decimal(36)))
    found = report(plan, settings=Settings(ceilings=(ANTHRACYCLINES,)))
    (each,) = found.cumulative
    assert [(prior.agent, prior.counted) for prior in each.prior] == [("doxorubicin", Decimal(100))]
    assert [dose.counted for dose in each.doses] == [Decimal(40), Decimal(40)]
    assert [dose.running for dose in each.doses] == [Decimal(140), Decimal(180)]
    assert (each.total, each.above) == (Decimal(180), True)
    assert each.passed
    assert str(each.passed.line.date) == "2026-12-02"
    assert found.uncounted == (("idarubicin", Decimal(36)),)
    text = drugs_text(found, 80)
    assert "Cumulative anthracycline: 180 mg/m2 of 150 mg/m2" in text
    assert "ABOVE THE CEILING with the dose of Wed 02-Dec-2026." in text
    assert "factors: mitoxantrone x 4, doxorubicin x 1" in " ".join(text.split())
    assert "idarubicin  36 mg/m2" in text
    assert max(map(len, text.splitlines())) <= 80
    data = json.loads(drugs_json(found))
    assert data["cumulative"][0]["factors"] == {"mitoxantrone": "4", "doxorubicin": "1"}
    assert (data["cumulative"][0]["total"], data["cumulative"][0]["above"]) == ("180", True)
    assert data["cumulative"][0]["doses"][0]["per_m2"] == "10"
    assert data["prior_uncounted"] == [{"agent": "idarubicin", "amount": "36"}]


def test_a_ceiling_that_is_just_reached_is_not_passed(plans: dict[str, Plan]) -> None:
    ceiling = replace(ANTHRACYCLINES, amount=Decimal(80))
    (each,) = report(plans[CHILD_ON_D], settings=Settings(ceilings=(ceiling,))).cumulative
    assert (each.total, each.above, each.passed) == (Decimal(80), False, None)


def test_what_was_given_before_can_pass_a_ceiling_alone(plans: dict[str, Plan]) -> None:
    plan = with_prior(plans["salvage-cns1"], ("doxorubicin", Decimal(151)))
    nothing = select(plan, ["block-1"], ["vincristine"], [], "", "")
    ceiling = replace(ANTHRACYCLINES, factors=(("doxorubicin", Decimal(1)),))
    (each,) = report(plan, nothing, Settings(ceilings=(ceiling,))).cumulative
    assert (each.above, each.passed, each.doses) == (True, None, ())


def test_a_choice_of_lines_leaves_the_cumulative_dose_whole(plans: dict[str, Plan]) -> None:
    chosen = select(plans[CHILD_ON_D], [], ["vincristine"], [], "", "")
    (each,) = report(plans[CHILD_ON_D], chosen, Settings(ceilings=(ANTHRACYCLINES,))).cumulative
    assert each.total == Decimal(80)


def test_without_a_ceiling_there_is_no_cumulative_dose(plans: dict[str, Plan]) -> None:
    assert report(plans[CHILD_ON_D]).cumulative == ()
    assert "Cumulative" not in drugs_text(report(plans[CHILD_ON_D]), 80)


def of_ceiling(plan: Plan, **factors: int) -> Cumulative:
    ceiling = Ceiling("some", Decimal(150), tuple((agent, Decimal(n)) for agent, n in factors.items()))
    (each,) = cumulative(plan, Settings(ceilings=(ceiling,)))
    return each


def test_what_a_ceiling_cannot_count_is_said_and_the_rest_is_counted(plans: dict[str, Plan]) -> None:
    ceiling = Ceiling("some", Decimal(150), (("pegaspargase", Decimal(1)), ("mitoxantrone", Decimal(4))))
    plan = with_prior(plans[CHILD_ON_D], ("pegaspargase", Decimal(7)))
    found = report(plan, settings=Settings(ceilings=(ceiling,)))
    (each,) = found.cumulative
    assert (each.total, each.prior) == (Decimal(80), ())
    assert [(agent.agent, agent.mistake) for agent in each.not_counted] == [("pegaspargase", True)]
    says = "the ceiling 'some' counts pegaspargase, which is measured in units, not in mg: none of it is counted"
    assert f"T{says[1:]}." in " ".join(drugs_text(found, 80).split())
    data = json.loads(drugs_json(found))
    assert data["cumulative"][0]["not_counted"] == [{"agent": "pegaspargase", "message": says}]
    assert found.uncounted == (("pegaspargase", Decimal(7)),)


def test_all_doses_of_a_day_count_and_micrograms_and_grams_as_milligrams(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD_ON_D]
    # 84 x 15 mcg/m2
    assert of_ceiling(plan, blinatumomab=1).total == Decimal("1.26")
    # 2 days x 4 x 15 mg/m2 and 2 x 2 x 10 mg/m2
    assert of_ceiling(plan, leucovorin=1).total == Decimal(160)
    course = plan.courses[0]
    in_grams = tuple(
        line._replace(unit="g") if line.agent == "mitoxantrone" else line for line in course.administrations
    )
    plan = replace(plan, courses=(replace(course, administrations=in_grams), *plan.courses[1:]))
    assert of_ceiling(plan, mitoxantrone=1).total == Decimal(20_000)


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("mitoxantron", True),
        ("mitoxanthrone", True),
        ("mitoxantrome", True),
        ("mitoxnatrone", True),
        ("itoxantrone", True),
        ("mitoxantronee", True),
        ("mitoxantr", False),
        ("doxorubicin", False),
        ("mitoxantroone-x", False),
    ],
)
def test_a_name_one_slip_away_from_a_drug_of_the_protocol_is_a_mistake(
    name: str, mistake: bool, plans: dict[str, Plan]
) -> None:
    (found,) = of_ceiling(plans[CHILD_ON_D], **{name: 1}).not_counted
    assert (found.agent, found.mistake) == (name, mistake)
    assert ("Did you mean 'mitoxantrone'?" in found.remedy) == mistake


def test_a_dose_counts_on_the_day_it_really_began_by_that_days_measurement(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD_ON_D]
    course = plan.courses[0]
    dates = course.course.dates
    assert dates
    again = ((date(2026, 12, 2), replace(dates.measurement, weight=Decimal(30)), Decimal("1.56")),)
    late = datetime(2026, 12, 3, 1, tzinfo=ZoneInfo(plan.record.timezone))
    lines = tuple(
        line._replace(times=(late,)) if line.id == "block-1/mitox/1" else line for line in course.administrations
    )
    dated = replace(course.course, dates=replace(dates, again=again))
    plan = replace(plan, courses=(replace(course, course=dated, administrations=lines), *plan.courses[1:]))
    found = of_ceiling(plan, mitoxantrone=1)
    assert [(dose.line.id, str(dose.line.date), dose.per_m2) for dose in found.doses] == [
        ("block-1/mitox/2", "2026-12-02", Decimal(5)),
        ("block-1/mitox/1", "2026-12-03", Decimal(5)),
    ]


# --- the command


def test_the_command_prints_all_three_formats_and_takes_choices(child: Path) -> None:
    choice = ["--agent", "vincristine", "--course", "block-1", "--from", "2026-12-02", "--to", "2026-12-15"]
    table = run("drugs", child, *choice)
    assert (table.returncode, table.stderr) == (0, CHILDS_WARNINGS)
    assert "vinCRIStine IV: 2 doses, 2.34 mg" in table.stdout
    document = json.loads(run("drugs", child, "--format", "json", *choice).stdout)
    assert [day["date"] for each in document["drugs"] for day in each["days"]] == ["2026-12-08", "2026-12-15"]
    assert run("drugs", child, "--format", "csv", *choice).stdout.count("vincristine") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--agent", "vincristin"], "Did you mean 'vincristine'?"),
        (["--course", "block-9"], "no course of this plan is called 'block-9'"),
        (["--from", "2027-01-02", "--to", "2027-01-01"], "is after --to"),
    ],
)
def test_a_wrong_choice_is_refused(words: list[str], said: str, child: Path) -> None:
    done = run("drugs", child, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
