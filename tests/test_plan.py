"""The plan where golden tables do not reach: closed days, what a record changes later, identities, the contract."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import run
from in_memory import NOWHERE, child, course, dates, day, measured, started, starts

from protocal.model.entries import Delayed, Diagnostic, Ending, Entry, Failed, Measured, Moved, Started
from protocal.model.ids import AdministrationId
from protocal.model.plan import CourseStatus, Plan, Status
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.plan.record_check.courses import check_fit
from protocal.read.definition.build import read_protocol


def failed(on: str) -> Failed:
    return Failed(date=day(on), where=NOWHERE)


def ending(on: str) -> Ending:
    return Ending(date=day(on), why="as agreed", where=NOWHERE)


def diagnostic(on: str, agent: str) -> Diagnostic:
    return Diagnostic(date=day(on), agent=agent, where=NOWHERE)


@pytest.fixture(scope="module")
def protocol(bundled: Path) -> Protocol:
    """The bundled protocol."""
    found, problems = read_protocol(bundled)
    assert found is not None
    assert problems == []
    return found


def planned(protocol: Protocol, record: Record, *closed: str) -> Plan:
    assert check_fit(protocol, record) == []
    return make_plan(protocol, record, Settings(closed_days=frozenset(map(day, closed))))


# Working days


@pytest.mark.parametrize(
    ("start", "closed", "first", "last", "maintenance"),
    [
        # Blinatumomab Cycle 3 ends on a Tuesday, so that the planned day is the Wednesday after it
        ("2026-12-02", [], "2027-09-01", "2027-09-14", "2027-09-15"),
        # the planned day is a Saturday or a Sunday
        ("2026-12-05", [], "2027-09-06", "2027-09-17", "2027-09-20"),
        ("2026-12-06", [], "2027-09-06", "2027-09-17", "2027-09-20"),
        # and the Monday after it is a holiday
        ("2026-12-05", ["2027-09-06"], "2027-09-07", "2027-09-20", "2027-09-21"),
        # a holiday within
        ("2026-12-07", ["2027-09-15"], "2027-09-06", "2027-09-20", "2027-09-21"),
        # a holiday, then a weekend after the last fraction
        ("2026-12-07", ["2027-09-20", "2027-09-21"], "2027-09-06", "2027-09-17", "2027-09-22"),
        # closed days at a weekend change nothing
        ("2026-12-07", ["2027-09-11", "2027-09-12"], "2027-09-06", "2027-09-17", "2027-09-20"),
    ],
)
def test_radiation_is_given_on_ten_working_days(
    start: str, closed: list[str], first: str, last: str, maintenance: str, protocol: Protocol
) -> None:
    plan = planned(protocol, child(start=start, cns="cns3"), *closed)
    radiation = dates(plan, "cranial-radiation")
    assert (radiation.day1, radiation.last_day) == (day(first), day(last))
    fractions = [each.date for each in plan.procedures if each.kind == "radiation-fraction"]
    assert (len(fractions), fractions[0], fractions[-1]) == (10, day(first), day(last))
    assert all(each.weekday() < 5 and str(each) not in closed for each in fractions)
    assert starts(plan)["maintenance-1"] == maintenance


def test_radiation_that_is_recorded_to_start_on_a_saturday_keeps_its_day_1(protocol: Protocol) -> None:
    plan = planned(protocol, child(started("cranial-radiation", "2027-09-04"), cns="cns3"))
    assert starts(plan)["cranial-radiation"] == "2027-09-04"
    assert [each.day for each in course(plan, "cranial-radiation").procedures][:2] == [3, 4]
    assert dates(plan, "cranial-radiation").last_day == day("2027-09-17")


def test_other_courses_start_on_any_day_and_closed_days_do_not_move_them(protocol: Protocol) -> None:
    plan = planned(protocol, child(start="2026-12-06"), "2027-01-03")
    assert starts(plan)["block-2"] == "2027-01-03"


# What the record changes later


def test_a_start_moves_all_that_follows_but_not_the_end(protocol: Protocol) -> None:
    before, after = planned(protocol, child()), planned(protocol, child(started("continuation-1", "2027-03-07")))
    moved = {name: (day(on) - day(starts(before)[name])).days for name, on in starts(after).items()}
    assert moved.pop("block-1") == moved.pop("block-2") == moved.pop("blina-cycle-1") == 0
    assert set(moved.values()) == {5}
    for plan in (before, after):
        last = plan.courses[-1].course.dates
        assert last is not None
        assert last.last_day == day("2028-11-30"), "the day before the second anniversary"
    ids = [each.id for each in before.administrations if each.course != "maintenance-6"]
    assert [each.id for each in after.administrations if each.course != "maintenance-6"] == ids


def test_a_started_course_is_no_longer_provisional_and_those_before_it_are_done(protocol: Protocol) -> None:
    plan = planned(protocol, child(started("blina-cycle-1", "2027-01-26")))
    states = [(each.course.id, each.course.started, each.course.status) for each in plan.courses[:4]]
    assert states == [
        ("block-1", True, CourseStatus.DONE),
        ("block-2", False, CourseStatus.DONE),
        ("blina-cycle-1", True, CourseStatus.PLANNED),
        ("continuation-1", False, CourseStatus.PLANNED),
    ]
    assert {each.provisional for each in course(plan, "blina-cycle-1").administrations} == {False}
    assert {each.provisional for each in course(plan, "continuation-1").administrations} == {True}


def test_a_start_that_is_corrected_counts_as_it_was_written_last(protocol: Protocol) -> None:
    plan = planned(protocol, child(started("block-2", "2026-12-30"), started("block-2", "2027-01-02")))
    assert starts(plan)["block-2"] == "2027-01-02"


def test_a_cycle_of_a_repeat_has_a_start_of_its_own(protocol: Protocol) -> None:
    plan = planned(protocol, child(started("maintenance-2", "2027-12-01")))
    assert (starts(plan)["maintenance-1"], starts(plan)["maintenance-2"]) == ("2027-08-31", "2027-12-01")
    assert starts(plan)["maintenance-3"] == "2028-02-23"


def test_a_transplant_has_no_date_until_one_is_recorded(protocol: Protocol) -> None:
    plan = planned(protocol, child(arm="A"))
    assert starts(plan)["hsct"] == ""
    assert course(plan, "hsct").procedures == ()
    plan = planned(protocol, child(started("hsct", "2027-04-01"), arm="A"))
    assert [(each.day, str(each.date), each.kind) for each in course(plan, "hsct").procedures] == [
        (0, "2027-04-01", "transplant")
    ]


@pytest.mark.parametrize(
    ("end", "cycles", "length"),
    [
        ("2027-08-31", 1, 1),  # the very first day of Maintenance
        ("2027-11-22", 1, 84),
        ("2027-11-23", 2, 1),
        ("2028-11-29", 6, 37),  # a day earlier than by the protocol
        ("2028-12-24", 6, 62),  # and later
        ("2029-01-15", 6, 84),
        ("2029-01-16", 7, 1),
    ],
)
def test_another_end_of_therapy_cuts_or_adds_cycles(end: str, cycles: int, length: int, protocol: Protocol) -> None:
    plan = planned(protocol, child(ending(end)))
    last = plan.courses[-1].course
    assert (last.id, str(dates(plan, last.id).last_day)) == (f"maintenance-{cycles}", end)
    assert dates(plan, last.id).length == length
    assert dates(plan, last.id).cut == (length < 84)
    assert max(each.date for each in plan.administrations) == day(end)


def test_an_end_before_the_repeat_leaves_it_out(protocol: Protocol) -> None:
    plan = planned(protocol, child(ending("2027-08-30")))
    assert plan.courses[-1].course.id == "blina-cycle-3"


def test_an_end_within_a_course_cuts_it_and_leaves_out_what_follows(protocol: Protocol) -> None:
    last = planned(protocol, child(ending("2027-01-10"))).courses[-1]
    assert last.course.id == "block-2"
    assert last.course.dates
    assert str(last.course.dates.last_day) == "2027-01-10"
    assert max(each.date for each in last.administrations) == last.course.dates.last_day.replace(day=8)


def test_a_new_weight_counts_from_the_next_course_on(protocol: Protocol) -> None:
    """The second one is taken on Day 1 of Block 2, the third within Blinatumomab Cycle 1."""
    plan = planned(protocol, child(measured("2026-12-29", "114", "21"), measured("2027-01-27", "115", "22.5")))
    sizes = {each.course.id: str(each.course.dates.bsa) for each in plan.courses if each.course.dates}
    assert [sizes[name] for name in ("block-1", "block-2", "blina-cycle-1", "continuation-1", "maintenance-6")] == [
        "0.78",
        "0.82",  # root of 114 x 21 / 3600 = 0.8155
        "0.82",
        "0.85",  # root of 115 x 22.5 / 3600 = 0.8478
        "0.85",
    ]
    dose = {each.id: each for each in plan.administrations}
    assert dose["block-2/vcr/1"].basis == "1.5 mg/m2 x 0.82 m2"
    assert str(dose["block-2/vcr/1"].dose) == "1.2300"


def test_of_two_weights_of_one_day_the_later_written_counts(protocol: Protocol) -> None:
    plan = planned(protocol, child(measured("2026-11-30", "112", "20")))
    assert str(dates(plan, "block-1").bsa) == "0.79"


def test_where_no_weight_is_old_enough_the_earliest_counts(protocol: Protocol) -> None:
    record = child(measured("2027-06-01", "116", "23"))
    late = replace(record, log=(measured("2026-12-20", "112", "19.4"), *record.log[1:]))
    assert [each.code for each in check_fit(protocol, late)] == ["measured-later"]
    plan = make_plan(protocol, late, Settings())
    assert str(dates(plan, "block-1").bsa) == "0.78"
    assert str(dates(plan, "block-2").bsa) == "0.78"
    assert str(dates(plan, "maintenance-1").bsa) == "0.86"


def test_early_revisions_are_plans_too(protocol: Protocol) -> None:
    """A feed plans every revision of a record: also those in which nothing can be dated or dosed yet."""
    record = child(started("block-2", "2027-01-05"))
    backwards = replace(record, log=tuple(reversed(record.log)))
    for log in (record, backwards):
        for revision in range(1, log.revision + 1):
            plan = make_plan(protocol, log, Settings(), revision)
            known = {type(entry) for entry in log.log[:revision]}
            assert bool(plan.administrations) == ({Measured, Started} <= known)
            assert plan.revision == revision


# Treatment failure


def test_failure_ends_the_course_that_runs_and_leaves_out_what_was_ahead(protocol: Protocol) -> None:
    plan = planned(protocol, child(failed("2026-12-18"), arm=""))
    assert starts(plan) == {"block-1": "2026-12-01", "salvage-1": "", "salvage-2": "", "hsct": ""}
    assert dates(plan, "block-1").last_day == day("2026-12-18")
    assert dates(plan, "block-1").cut
    assert [str(each.date) for each in plan.evaluations] == []


def test_failure_in_a_repeated_course_ends_the_repeat(protocol: Protocol) -> None:
    """Each cycle that has begun stays in the plan, those ahead do not; the salvage route starts when recorded."""
    log = (started("block-2", "2026-12-29"), started("maintenance-1", "2027-09-01"))
    plan = planned(protocol, child(*log, failed("2027-12-01"), started("salvage-1", "2027-12-10"), arm="C"))
    assert starts(plan) == {
        "block-1": "2026-12-01",
        "block-2": "2026-12-29",
        "block-3": "2027-01-26",
        "continuation-1": "2027-02-23",
        "continuation-2": "2027-04-20",
        "maintenance-1": "2027-09-01",
        "maintenance-2": "2027-11-24",
        "salvage-1": "2027-12-10",
        "salvage-2": "2028-01-14",
        "hsct": "",
    }
    assert dates(plan, "maintenance-2").last_day == day("2027-12-01")


def test_a_transplant_before_the_failure_is_not_planned_a_second_time(protocol: Protocol) -> None:
    plan = planned(protocol, child(started("hsct", "2027-04-01"), failed("2027-10-01"), arm="A"))
    names = ["block-1", "block-2", "block-3", "hsct", "salvage-1", "salvage-2"]
    assert [each.course.id for each in plan.courses] == names
    assert starts(plan)["hsct"] == "2027-04-01"


def test_courses_before_one_that_was_recorded_were_begun_too(protocol: Protocol) -> None:
    """Only Block 3's start is recorded, so that Block 2 came before it; what was ahead is left out."""
    plan = planned(protocol, child(started("block-3", "2027-01-28"), failed("2027-02-10"), arm="C"))
    assert [each.course.id for each in plan.courses] == [
        "block-1", "block-2", "block-3", "salvage-1", "salvage-2", "hsct",
    ]  # fmt: skip
    assert starts(plan)["block-2"] == "2026-12-29"
    assert any(each.course == "block-2" for each in plan.administrations)
    unrecorded = planned(protocol, child(failed("2027-02-10"), arm="C"))
    assert [each.course.id for each in unrecorded.courses][:2] == ["block-1", "salvage-1"]


# What cannot be


def said(protocol: Protocol, *later: Entry) -> list[tuple[str, str, str]]:
    return [(each.code, each.severity.value, each.message) for each in check_fit(protocol, child(*later))]


def test_a_course_does_not_start_before_the_one_before_it(protocol: Protocol) -> None:
    route = "which stands before it on the route"
    assert said(protocol, started("block-2", "2026-11-30")) == [
        ("starts-before", "error", f"Block 2 (2026-11-30) starts before Block 1 (2026-12-01), {route}")
    ]
    cycle = "Blinatumomab Cycle 1 (2026-12-20) starts before Block 2 (planned for 2026-12-29)"
    assert said(protocol, started("blina-cycle-1", "2026-12-20")) == [("starts-before", "error", f"{cycle}, {route}")]
    assert said(protocol, started("block-2", "2026-12-18"), started("blina-cycle-1", "2026-12-20")) == []
    assert said(protocol, started("block-2", "2026-11-30"), started("block-2", "2026-12-30")) == []


def test_a_diagnostic_puncture_is_not_after_day_1(protocol: Protocol) -> None:
    assert [each[:2] for each in said(protocol, diagnostic("2026-12-02", "methotrexate"))] == [
        ("diagnostic-late", "error")
    ]
    assert said(protocol, diagnostic("2026-12-01", "methotrexate")) == []


def test_doses_by_a_later_measurement_are_warned_of(protocol: Protocol) -> None:
    record = child(start="2026-11-29")
    assert [(each.code, each.severity.value) for each in check_fit(protocol, record)] == [("measured-later", "warning")]
    assert said(protocol, measured("2026-12-05", "113", "20")) == []


# Conditions


def test_a_fact_that_is_not_known_meets_no_condition(protocol: Protocol) -> None:
    plan = planned(protocol, child(cns=""))
    assert [each.id for each in plan.administrations if each.route.value == "IT"] == ["block-1/it-mtx-day1/1"]
    assert "cranial-radiation" not in starts(plan)
    assert {each.course for each in planned(protocol, child(arm="")).administrations} == {"block-1"}


@pytest.mark.parametrize(
    ("on", "agent", "omitted"),
    [
        ("2026-12-01", "methotrexate", True),
        ("2026-11-28", "methotrexate", True),  # 72 h
        ("2026-11-27", "methotrexate", False),
        ("2026-12-01", "cytarabine", False),
    ],
)
def test_the_diagnostic_puncture_counts_for_72_hours(on: str, agent: str, omitted: bool, protocol: Protocol) -> None:
    plan = planned(protocol, child(diagnostic(on, agent)))
    found = next(each for each in plan.administrations if each.id == "block-1/it-mtx-day1/1")
    assert (found.status is Status.OMITTED, bool(found.reason)) == (omitted, omitted)
    punctures = [each.day for each in course(plan, "block-1").procedures]
    assert punctures == ([8] if omitted else [1, 8])


def test_a_first_intrathecal_dose_that_waits_for_more_than_72_hours_is_due_after_all(protocol: Protocol) -> None:
    with_diagnostic = diagnostic("2026-11-30", "methotrexate")
    for waits in (
        Delayed(course="block-1", from_day=1, days=3, where=NOWHERE),
        Moved(id=AdministrationId.of("block-1", "it-mtx-day1", 1), date=day("2026-12-04"), where=NOWHERE),
    ):
        plan = planned(protocol, child(with_diagnostic, waits))
        found = next(each for each in plan.administrations if each.id == "block-1/it-mtx-day1/1")
        assert (found.date, found.status is Status.OMITTED) == (day("2026-12-04"), False)


# Identities and the contract


def test_identities_are_frozen(protocol: Protocol) -> None:
    """Family calendars are keyed by them: an id that changes puts every event in twice."""
    plan = planned(protocol, child())
    ids = [each.id for each in course(plan, "block-1").administrations]
    assert [each for each in ids if not each.startswith("block-1/dex/")] == [
        "block-1/vcr/1",
        "block-1/mitox/1",
        "block-1/it-mtx-day1/1",
        "block-1/mitox/2",
        "block-1/peg/3",
        "block-1/vcr/8",
        "block-1/it-mtx/8",
        "block-1/vcr/15",
        "block-1/peg/17",
        "block-1/vcr/22",
    ]
    everything = {each.id for each in plan.administrations}
    assert everything >= {
        "block-1/dex/19",
        "block-2/mtx-hd/8",
        "block-2/lcv/10",
        "blina-cycle-1/blina/28",
        "blina-cycle-1/dex-premed/1",
        "continuation-2/mtx-6h/22",
        "continuation-1/tg/43",
        "maintenance-1/mp/84",
        "maintenance-6/mtx-weekly/8",
    }
    triple = {each.id for each in planned(protocol, child(cns="cns3")).administrations if each.key == "itt"}
    assert triple >= {
        "block-1/itt/8/methotrexate",
        "block-1/itt/8/hydrocortisone",
        "block-1/itt/8/cytarabine",
    }


def test_a_course_is_expanded_once_for_many_revisions(protocol: Protocol) -> None:
    before, after = planned(protocol, child()), planned(protocol, child(started("blina-cycle-1", "2027-01-26")))
    assert course(before, "block-2").administrations is not course(after, "block-2").administrations, "it is done now"
    assert course(before, "continuation-1") is course(after, "continuation-1")


CONTRACT = {
    "protocol": {"id": "aall1331", "version": "…", "digest": "sha256:…", "verified": False},
    "patient": {"id": "P001"},
    "arm": "D",
    "revision": 3,
    "courses": [
        {
            "id": "block-1",
            "title": "Block 1",
            "day1": "2026-12-01",
            "last_day": "2026-12-28",
            "length": 28,
            "status": "planned",
        }
    ],
    "administrations": [
        {
            "id": "block-1/vcr/1",
            "course": "block-1",
            "day": 1,
            "date": "2026-12-01",
            "agent": "vincristine",
            "route": "IV",
            "calculated": "1.17",
            "dose": "1.17",
            "unit": "mg",
            "per_day": 1,
            "times": [],
            "basis": "1.5 mg/m2 x 0.78 m2",
            "provisional": False,
            "evidence": "corroborated",
            "status": "due",
        }
    ],
    "procedures": [{"course": "block-1", "day": 1, "date": "2026-12-01", "kind": "lumbar-puncture"}],
    "evaluations": [{"course": "block-1", "day": 29, "date": "2026-12-29", "kind": "bone-marrow"}],
    "account": [{"date": "2026-12-01", "courses": [{"course": "block-1", "day": 1, "doses": []}]}],
    "problems": [{"code": "S22", "severity": "warning", "message": "…", "where": "…"}],
}


@pytest.fixture(scope="module")
def document(records: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The JSON of the contract's own example, with an entry by hand so that there is a problem to tell."""
    record = tmp_path_factory.mktemp("contract") / "p001.yaml"
    text = records["arm-d-cns2-child"].read_text(encoding="utf-8")
    by_hand = "  - entry: start\n    course: block-2\n    date: 2026-12-29\n"
    record.write_text(text + by_hand, encoding="utf-8")
    done = run("plan", record, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_field_of_the_contract_is_there_with_its_type(document: Any) -> None:
    assert list(document) == list(CONTRACT)
    for name, example in CONTRACT.items():
        found = document[name]
        if isinstance(example, list):
            assert found, name
            for each in found:
                assert each.keys() >= example[0].keys()
                types = {field: type(each[field]) for field in example[0]}
                assert types == {field: type(value) for field, value in example[0].items()}
        elif isinstance(example, dict):
            assert {field: type(value) for field, value in found.items()} == {
                field: type(value) for field, value in example.items()
            }
        else:
            assert type(found) is type(example)


@pytest.mark.parametrize("name", ["courses", "administrations", "procedures", "evaluations"])
def test_the_first_line_of_the_contract_is_this_child_s(name: str, document: Any) -> None:
    example = CONTRACT[name][0] | ({"status": "done"} if name == "courses" else {})  # type: ignore[index]
    assert [each for each in document[name] if each | example == each]


def test_the_rest_of_the_contract(document: Any) -> None:
    assert document["arm"] == "D"
    assert document["revision"] == 7
    assert document["patient"] == {"id": "P001"}
    assert document["protocol"]["digest"].startswith("sha256:")
    assert (document["problems"][0]["code"], document["problems"][0]["severity"]) == ("unsealed", "warning")
    assert all(each["severity"] == "warning" and each["source"] for each in document["problems"][1:])
    assert document["problems"][0]["where"].endswith("p001.yaml:46:5")
    units = {each["unit"] for each in document["administrations"]}
    assert units <= {"mg", "mcg", "g", "units"}
    kinds = {each["kind"] for each in document["procedures"]}
    assert kinds <= {"lumbar-puncture", "radiation-fraction", "transplant", "pump-stop"}
    assert {each["kind"] for each in document["evaluations"]} <= {"bone-marrow", "mrd", "pk-sample"}
    assert {each["status"] for each in document["courses"]} == {"done", "planned"}
    assert {each["status"] for each in document["administrations"]} == {"due"}


def test_a_course_without_a_date_is_null_in_the_contract(records: dict[str, Path]) -> None:
    done = run("plan", records["arm-a-cns3-adult-at-caps"], "--format", "json", "--course", "hsct")
    assert [(each["day1"], each["last_day"], each["length"]) for each in json.loads(done.stdout)["courses"]] == [
        (None, None, None)
    ]


def test_how_many_doses_a_day(protocol: Protocol) -> None:
    plan = planned(protocol, child())
    per_day = {(each.key, each.order_line.frequency.text): each.per_day for each in plan.administrations}
    assert per_day[("dex", "BID")] == 2
    assert per_day[("mtx-6h", "every 6 h x 4")] == 4
    assert per_day[("lcv", "every 6 h")] == 4
    assert per_day[("lcv", "every 6 h x 2")] == 2
    assert per_day[("blina", "continuous")] == 1
    arm_c = planned(protocol, child(arm="C"))
    assert {each.per_day for each in course(arm_c, "block-3").administrations if each.key == "arac"} == {2}


def test_dates_of_a_plan_follow_from_its_days(protocol: Protocol) -> None:
    plan = planned(protocol, child())
    for each in plan.administrations:
        assert each.date - dates(plan, each.course).day1 == timedelta(days=each.day - 1)
