"""Every dose of five made-up patients equals, to the last digit, the tables in tests/worked, made by calculator."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import run_process as run

from protocal import resources
from protocal.model.entries import Assigned, Entry, Failed, Measured, Sex, Started, Stated
from protocal.model.plan import Plan
from protocal.model.problems import Where
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.plan.record_check.courses import check_fit
from protocal.read.definition.build import read_protocol
from protocal.text.format import MONTHS, figure, paper_date

WORKED = Path(__file__).parent / "worked"
PATIENTS = ["toddler-9-kg", "child-of-5", "child-turning-nine", "child-of-45-kg", "adult-of-30"]
NOWHERE = Where("worked")

# Each table by its heading, with its columns.
TABLES = {
    "Patient": ["id", "sex", "born", "height", "weight", "measured"],
    "Plans": ["plan", "risk group", "CNS", "Block 1 Day 1", "treatment failure", "Salvage 1 Day 1", "courses"],
    "Body surface area": ["height x weight", "divided by 3,600", "square root", "body surface area"],
    "Doses by body surface area": [
        *("course", "days", "agent", "route", "rule", "arithmetic", "one dose", "unit", "per day"),
    ],
    "Intrathecal doses by age": [
        *("plan", "course", "day", "date", "age"),
        *("CNS1/2: methotrexate", "CNS3: methotrexate", "CNS3: hydrocortisone", "CNS3: cytarabine"),
    ],
}

AGENTS = {
    *("asparaginase-erwinia", "blinatumomab", "cyclophosphamide", "cytarabine", "dexamethasone", "etoposide"),
    *("hydrocortisone", "leucovorin", "mercaptopurine", "methotrexate", "mitoxantrone", "pegaspargase"),
    *("thioguanine", "vincristine"),
}

# Premedication stands on a line of all blinatumomab courses, and is due in the first of a route only.
NEVER_DUE = {
    (course, "dex-premed", "dexamethasone")
    for course in ("blina-block-2", "blina-cycle-2", "blina-cycle-3", "salvage-2")
}

SUM = re.compile(r"([\d.,]+) x ([\d.,]+) = ([\d.,]+)(?:, capped at ([\d.,]+)|; the cap would need more than 4 m2)?")
RULE = re.compile(r"([\d.,]+) (mg|mcg|units)/m2[^;]*?(?:, max ([\d.,]+) (mg|mcg)(?:/dose|/day)?)?")

Row = dict[str, str]
Line = tuple[str, int, str, str, str, str, int]  # course, day, agent, route, one dose, unit, per day


class Planned(NamedTuple):
    """A line of the table of plans, with one CNS status, and what comes out of it."""

    row: Row
    cns: str
    plan: Plan


# Tables


def table(text: str, heading: str) -> list[Row]:
    """The lines of the one table under a heading: every column, no other, no empty cell, at least one line."""
    columns = TABLES[heading]
    parts = text.split(f"\n## {heading}\n")
    assert len(parts) == 2, f"the heading {heading} stands there {len(parts) - 1} times"
    lines = [line for line in parts[1].split("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    assert len(cells) > 2, f"{heading} has no lines"
    assert cells[0] == columns, f"{heading} has the columns {cells[0]}"
    assert all(re.fullmatch("-+:?", cell) for cell in cells[1]), heading
    assert all(len(row) == len(columns) and all(row) for row in cells), f"{heading} has a line with an empty cell"
    return [dict(zip(columns, row, strict=True)) for row in cells[2:]]


@cache
def rows(patient: str, heading: str) -> list[Row]:
    return table((WORKED / f"{patient}.md").read_text(encoding="utf-8"), heading)


def number(text: str) -> Decimal:
    """A figure as it stands on paper, and in no other way."""
    value = Decimal(text.replace(",", ""))
    assert figure(value) == text, text
    return value


def measure(text: str, unit: str) -> Decimal:
    assert text.endswith(f" {unit}"), text
    return number(text.removesuffix(f" {unit}"))


def day_of(text: str) -> date:
    """A date as it stands on paper, its weekday included."""
    day, month, year = text[4:].split("-")
    value = date(int(year), MONTHS.index(month) + 1, int(day))
    assert paper_date(value) == text, text
    return value


def days_in(text: str) -> list[int]:
    """`1-5, 15` is 1, 2, 3, 4, 5, 15."""
    ends = [(int(first), int(last or first)) for first, _, last in (piece.partition("-") for piece in text.split(", "))]
    return [day for first, last in ends for day in range(first, last + 1)]


def names(text: str) -> list[str]:
    return text.split(", ")


def course_id(name: str) -> str:
    """`Blinatumomab Cycle 1` is `blina-cycle-1`."""
    return name.lower().replace(" ", "-").replace("blinatumomab", "blina")


# Plans


@cache
def protocol() -> Protocol:
    found, problems = read_protocol(resources.folder("schedules") / "aall1331" / "0.2")
    assert found, problems
    return found


@cache
def planned(patient: str) -> list[Planned]:
    """Every plan of a patient: each line of the table, with each CNS status."""
    return [
        Planned(row, cns, plan_of(patient, row, cns)) for row in rows(patient, "Plans") for cns in names(row["CNS"])
    ]


def plan_of(patient: str, row: Row, cns: str) -> Plan:
    (person,) = rows(patient, "Patient")
    start = day_of(row["Block 1 Day 1"])
    log: list[Entry] = [
        Measured(
            date=day_of(person["measured"]),
            height=measure(person["height"], "cm"),
            weight=measure(person["weight"], "kg"),
            where=NOWHERE,
        ),
        Stated(fact="cns", value=cns.lower(), where=NOWHERE),
        Stated(fact="risk", value=row["risk group"], where=NOWHERE),
        Started(course="block-1", date=start, where=NOWHERE),
    ]
    if row["plan"] == "failure":
        log.append(Failed(date=day_of(row["treatment failure"]), where=NOWHERE))
        log.append(Started(course="salvage-1", date=day_of(row["Salvage 1 Day 1"]), where=NOWHERE))
    else:
        log.append(Assigned(arm=row["plan"], date=start, where=NOWHERE))
    record = Record(
        id=person["id"],
        key="0" * 32,
        created=start,
        born=day_of(person["born"]),
        sex=Sex(person["sex"]),
        protocol=protocol().id,
        version=protocol().version,
        timezone="UTC",
        name="",
        definition="",
        log=tuple(log),
        where=NOWHERE,
    )
    problems = check_fit(protocol(), record)
    assert not problems, problems
    return make_plan(protocol(), record, Settings())


def cycle_or_course(course: str) -> str:
    """Every cycle of Maintenance is `maintenance`, since its doses stand in the tables once for all of them."""
    return "maintenance" if course.startswith("maintenance-") else course


def lines_by_surface(patient: str, each: Planned) -> list[Line]:
    """What the table says of every day of the plan's courses; a last cycle that is cut has no days after its end."""
    by_course: dict[str, list[Row]] = {}
    for row in rows(patient, "Doses by body surface area"):
        for name in names(row["course"]):
            by_course.setdefault(course_id(name), []).append(row)
    return [
        (
            *(course.course.id, day, row["agent"], row["route"]),
            *(row["one dose"], row["unit"], int(row["per day"])),
        )
        for course in each.plan.courses
        if (dates := course.course.dates)
        for row in by_course.get(cycle_or_course(course.course.id), [])
        for day in days_in(row["days"])
        if day <= dates.length or not dates.cut
    ]


def lines_planned(plan: Plan, *, intrathecal: bool) -> list[tuple[str, Line]]:
    """Every administration as a line of the tables, with its date."""
    return [
        (
            paper_date(each.date),
            (
                *(each.course, each.day, each.agent, each.route.value),
                *(figure(each.calculated), each.unit, each.per_day),
            ),
        )
        for each in plan.administrations
        if (each.route.value == "IT") is intrathecal
    ]


# The tables by themselves


def test_every_file_is_read() -> None:
    assert {path.stem for path in WORKED.iterdir()} == {*PATIENTS, "README"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n## Patient\n\nNothing.\n", "Patient has no lines"),
        ("\n## Patient\n| id | sex | born | height | weight | measured |\n|--|--|--|--|--|--|\n", "has no lines"),
        ("\n## Patient\n| id | sex | born | height | weight |\n|--|--|--|--|--|\n| 1 | 2 | 3 | 4 | 5 |\n", "columns"),
        ("\n## Patient\n| id | sex | born | height | weight | measured |\n|--|--|--|--|--|--|\n| 1 | 2 |\n", "empty"),
        ("\n## Plans\n", "the heading Patient stands there 0 times"),
    ],
)
def test_a_table_without_lines_or_a_column_is_refused(text: str, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        table(text, "Patient")


@pytest.mark.parametrize("patient", PATIENTS)
def test_body_surface_area_is_worked_out_and_rounded_half_up_before_use(patient: str) -> None:
    (person,) = rows(patient, "Patient")
    (working,) = rows(patient, "Body surface area")
    sides, _, product = working["height x weight"].partition(" = ")
    height, weight = sides.split(" x ")
    assert (f"{height} cm", f"{weight} kg") == (person["height"], person["weight"])
    assert number(height) * number(weight) == number(product)
    area = number(product) / 3600
    for exact, cell in ((area, working["divided by 3,600"]), (area.sqrt(), working["square root"])):
        written, dots = Decimal(cell.removesuffix("...")), cell.endswith("...")
        assert (exact != written) is dots, cell
        assert exact.quantize(written, rounding=ROUND_DOWN) == written
    surface = area.sqrt().quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert measure(working["body surface area"], "m2") == surface
    used = {dates.bsa for each in planned(patient) for course in each.plan.courses if (dates := course.course.dates)}
    assert used == {surface}


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_sum_in_the_tables_comes_out(patient: str) -> None:
    (working,) = rows(patient, "Body surface area")
    for row in rows(patient, "Doses by body surface area"):
        rule, sums = RULE.fullmatch(row["rule"]), SUM.fullmatch(row["arithmetic"])
        assert rule, row
        assert sums, row
        surface = measure(working["body surface area"], "m2")
        assert (number(sums[1]), number(sums[2]), row["unit"]) == (number(rule[1]), surface, rule[2]), row
        dose = number(sums[1]) * number(sums[2])
        assert number(sums[3]) == dose, row
        capped = rule[3] is not None and dose > number(rule[3])
        assert sums[4] == (rule[3] if capped else None), row
        assert row["one dose"] == (rule[3] if capped else sums[3]), row
        assert dose == round(dose, 4), row


@pytest.mark.parametrize("patient", PATIENTS)
def test_ages_in_the_tables_are_completed_years_on_the_day(patient: str) -> None:
    born = day_of(rows(patient, "Patient")[0]["born"])
    for row in rows(patient, "Intrathecal doses by age"):
        day = day_of(row["date"])
        assert int(row["age"]) == day.year - born.year - ((day.month, day.day) < (born.month, born.day)), row


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_agent_of_the_protocol_stands_in_each_patients_tables(patient: str) -> None:
    by_age = {name.partition(": ")[2] for name in TABLES["Intrathecal doses by age"] if ": " in name}
    assert {row["agent"] for row in rows(patient, "Doses by body surface area")} | by_age == AGENTS


def test_the_patients_are_those_that_the_tables_are_for() -> None:
    """One year and 9 kg; five; nine within a course; 45 kg; 30 years and every cap that can be reached."""
    people = {patient: rows(patient, "Patient")[0] for patient in PATIENTS}
    ages = {patient: rows(patient, "Intrathecal doses by age")[0]["age"] for patient in PATIENTS}
    assert list(ages.values()) == ["1", "5", "8", "12", "30"]
    assert [people[name]["weight"] for name in ("toddler-9-kg", "child-of-45-kg")] == ["9 kg", "45 kg"]
    birthday = [row for row in rows("child-turning-nine", "Intrathecal doses by age") if row["course"] == "Block 3"]
    assert [(row["age"], row["CNS1/2: methotrexate"]) for row in birthday] == [("8", "12"), ("9", "15")]
    capped = {
        (row["agent"], row["one dose"], row["unit"])
        for row in rows("adult-of-30", "Doses by body surface area")
        if "capped at" in row["arithmetic"]
    }
    assert capped == {("dexamethasone", "20", "mg"), ("vincristine", "2", "mg"), ("blinatumomab", "28", "mcg")}


# The plans against the tables


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_dose_by_surface_equals_the_table(patient: str) -> None:
    for each in planned(patient):
        expected = sorted(lines_by_surface(patient, each))
        assert expected == sorted(line for _, line in lines_planned(each.plan, intrathecal=False)), each.row["plan"]


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_intrathecal_dose_equals_the_table_by_age_on_its_date(patient: str) -> None:
    for each in planned(patient):
        status = "CNS3" if each.cns == "CNS3" else "CNS1/2"
        expected = [
            (row["date"], (course_id(row["course"]), int(row["day"]), column.partition(": ")[2], "IT", cell, "mg", 1))
            for row in rows(patient, "Intrathecal doses by age")
            if row["plan"] == "all" or each.row["plan"] in names(row["plan"])
            for column, cell in row.items()
            if column.startswith(f"{status}: ") and cell != "-"
        ]
        assert sorted(expected) == sorted(lines_planned(each.plan, intrathecal=True)), (each.row["plan"], each.cns)


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_course_of_a_plan_stands_in_the_tables_and_none_is_idle(patient: str) -> None:
    for each in planned(patient):
        courses = dict.fromkeys(
            cycle_or_course(course.course.id) for course in each.plan.courses if course.administrations
        )
        assert list(courses) == [course_id(name) for name in names(each.row["courses"])]
    listed = {name for row in rows(patient, "Plans") for name in names(row["courses"])}
    by_surface = {name for row in rows(patient, "Doses by body surface area") for name in names(row["course"])}
    assert by_surface == listed
    plans = {row["plan"] for row in rows(patient, "Plans")} | {"all"}
    assert {name for row in rows(patient, "Intrathecal doses by age") for name in names(row["plan"])} <= plans


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_line_of_the_definition_comes_up_in_each_patients_plans(patient: str) -> None:
    defined = {
        (cycle_or_course(course.id), order.key, agent)
        for course in protocol().courses.values()
        for order in course.orders
        for agent in order.agents
    }
    met = {
        (cycle_or_course(line.course), line.key, line.agent)
        for each in planned(patient)
        for line in each.plan.administrations
    }
    assert met == defined - NEVER_DUE


def test_the_command_gives_the_same_decimal_strings(tmp_path: Path) -> None:
    """The whole way from `new` to JSON, for the adult on Arm C."""
    (person,) = rows("adult-of-30", "Patient")
    each = next(each for each in planned("adult-of-30") if (each.row["plan"], each.cns) == ("C", "CNS2"))
    record = tmp_path / "adult.yaml"
    made = run(
        *("new", record, "--protocol", "aall1331", "--id", person["id"], "--sex", person["sex"], "--timezone", "UTC"),
        *("--born", day_of(person["born"]), "--measured", day_of(person["measured"])),
        *("--height", measure(person["height"], "cm"), "--weight", measure(person["weight"], "kg")),
        *("--cns", "cns2", "--risk", "low", "--arm", "C", "--start", day_of(each.row["Block 1 Day 1"])),
    )
    assert made.returncode == 0, made.stderr
    lines = json.loads(run("plan", record, "--format", "json").stdout)["administrations"]
    assert all(isinstance(line["calculated"], str) for line in lines)
    expected = sorted(lines_by_surface("adult-of-30", each))
    assert expected == sorted(
        (
            *(line["course"], line["day"], line["agent"], line["route"]),
            *(figure(Decimal(line["calculated"])), line["unit"], line["per_day"]),
        )
        for line in lines
        if line["route"] != "IT"
    )
