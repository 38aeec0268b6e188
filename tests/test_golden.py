"""The plan equals tables that were written by hand from the clinical page, for every case in tests/golden."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

import pytest
from conftest import CASES, GOLDEN, make_case

from protocal.model.doses import Route
from protocal.model.plan import Plan, Status
from protocal.model.settings import Settings
from protocal.text.format import plain
from protocal.workflow.planning import load_plan

Row = tuple[str, ...]


@pytest.fixture(scope="module", params=["0.1", "0.2"])
def plans(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """The plan of every case by each version: none of them changed a day or a dose."""
    folder = tmp_path_factory.mktemp("golden")
    return {name: load_plan(make_case(name, folder, request.param), Settings()) for name in CASES}


def read(case: str, table: str) -> list[dict[str, str]]:
    with (GOLDEN / case / table).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def days_of(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each day of a run with its date; both ends are written by hand and must agree."""
    first, _, last = row["day"].partition("-")
    start, _, end = row["date"].partition("..")
    count = int(last or first) - int(first)
    assert date.fromisoformat(start) + timedelta(days=count) == date.fromisoformat(end or start), row
    for offset in range(count + 1):
        yield str(int(first) + offset), str(date.fromisoformat(start) + timedelta(days=offset))


@pytest.mark.parametrize("case", CASES)
def test_courses(case: str, plans: dict[str, Plan]) -> None:
    planned = [
        (each.course.id, str(dates.day1), str(dates.last_day), str(dates.length))
        if (dates := each.course.dates)
        else (each.course.id, "", "", "")
        for each in plans[case].courses
    ]
    assert planned == [tuple(row.values()) for row in read(case, "courses.csv")]


@pytest.mark.parametrize("case", CASES)
def test_administrations(case: str, plans: dict[str, Plan]) -> None:
    columns = ("agent", "route", "dose", "unit", "per_day", "condition")
    expected: list[Row] = [
        (row["course"], day, on, *(row[column] for column in columns))
        for row in read(case, "administrations.csv")
        for day, on in days_of(row)
    ]
    planned: list[Row] = [
        (
            each.course,
            str(each.day),
            str(each.date),
            each.agent,
            each.route.value,
            plain(each.calculated),
            each.unit,
            str(each.per_day),
            "omitted" if each.status is Status.OMITTED else each.order_line.when.text,
        )
        for each in plans[case].administrations
    ]
    assert sorted(planned) == sorted(expected)


@pytest.mark.parametrize("case", CASES)
def test_only_doses_by_mouth_of_started_courses_are_given_otherwise_than_calculated(
    case: str, plans: dict[str, Plan]
) -> None:
    """They are made up of tablets, which come within a tenth of each week's total; nothing else is rounded."""
    started = {each.course.id for each in plans[case].courses if each.course.started}
    by_mouth = [each for each in plans[case].administrations if each.route is Route.PO and each.course in started]
    assert any(each.product for each in by_mouth)
    for each in plans[case].administrations:
        assert each in by_mouth or (each.dose, each.product) == (each.calculated, None)
    for _order, lines in groupby(by_mouth, key=lambda each: (each.course, each.key, each.calculated)):
        given = list(lines)
        wanted = sum(each.calculated for each in given)
        assert abs(sum(each.dose for each in given) - wanted) * 10 <= wanted


@pytest.mark.parametrize("case", CASES)
def test_procedures_and_evaluations(case: str, plans: dict[str, Plan]) -> None:
    expected = [(row["course"], row["day"], row["date"], row["kind"]) for row in read(case, "events.csv")]
    plan = plans[case]
    planned = [(each.course, str(each.day), str(each.date), each.kind) for each in plan.procedures + plan.evaluations]
    assert sorted(planned) == sorted(expected)


def test_course_starts_of_arm_d_as_the_registry_counts_them(plans: dict[str, Plan]) -> None:
    days = [each.course.dates for each in plans["arm-d-cns2-child"].courses]
    first = days[0]
    assert first
    starts = [(dates.day1 - first.day1).days + 1 for dates in days if dates]
    assert starts[:8] == [1, 29, 57, 92, 148, 183, 239, 274]
