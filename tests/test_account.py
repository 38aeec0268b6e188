"""What is so on each date: worked out once, by hand here for what happens to a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from conftest import childs_text
from in_memory import (
    bagged,
    child,
    delayed,
    given,
    held,
    interrupted,
    moved,
    plan_of,
    resumed,
    started,
)
from machines import BOY, LOOM, SITE, Chart

from protocal.account import editions, late_start, make_account
from protocal.model.account import Account, CourseDay, LateStart, State
from protocal.model.entries import Entry, HoldRule
from protocal.model.plan import Plan, PlannedEvent
from protocal.read.record.read import read_record

Made = Callable[..., Account]


@pytest.fixture
def account_of(tmp_path: Path) -> Made:
    def made(*lines: str) -> Account:
        record = tmp_path / "p001.yaml"
        text = childs_text() + "".join(f"  - {{{line}}}\n" for line in lines)
        record.write_text(text, encoding="utf-8")
        found, _said_by_hand = read_record(record)
        assert found
        return make_account(plan_of(found))

    return made


def day(account: Account, course: str, on: str) -> CourseDay:
    (found,) = (each for each in account.on(date.fromisoformat(on)) if each.course.id == course)
    return found


def named(event: PlannedEvent) -> tuple[date, str, str]:
    return event.date, event.kind, event.course


def said(found: CourseDay) -> list[str]:
    return [f"{each.line.key} {each.line.agent} {each.state.value}" for each in found.doses]


BLOCK_2 = "entry: start, course: block-2, date: 2026-12-29"


def test_every_administration_and_event_of_a_plan_stands_on_its_date_once(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        account = make_account(plan)
        days = [each for found in account.days.values() for each in found]
        lines = [(each.date, dose.line.id) for each in days for dose in each.doses]
        assert sorted(lines) == sorted((line.date, line.id) for line in plan.administrations)
        events = [event for each in days for event in (*each.procedures, *each.evaluations)]
        assert sorted(map(named, events)) == sorted(map(named, (*plan.procedures, *plan.evaluations)))


def test_every_date_from_the_first_to_the_last_is_there_and_each_course_day_has_its_number(account_of: Made) -> None:
    account = account_of()
    dates = list(account.days)
    assert (dates[0], dates[-1]) == (date(2026, 12, 1), date(2028, 11, 30))
    assert len(dates) == (dates[-1] - dates[0]).days + 1
    numbers = [each.number for each in account.of("block-1")]
    assert numbers == [*range(1, 29), None]  # the marrow is on the day after the last


def test_a_puncture_has_its_drugs_and_names_what_kills_by_that_way(account_of: Made) -> None:
    found = day(account_of(), "block-1", "2026-12-08")
    assert [(each.event.kind, [dose.line.agent for dose in each.doses]) for each in found.punctures] == [
        ("lumbar-puncture", ["methotrexate"])
    ]
    assert found.fatal == ("vincristine",)
    assert day(account_of(), "block-1", "2026-12-15").fatal == ()


def test_a_dose_given_a_day_late_is_on_its_date_and_away_from_its_day(account_of: Made) -> None:
    account = account_of(BLOCK_2, "entry: give, id: block-2/mtx-hd/8, date: 2027-01-06")
    was, now = day(account, "block-2", "2027-01-05"), day(account, "block-2", "2027-01-06")
    assert [(each.line.id, each.to.isoformat()) for each in was.away] == [("block-2/mtx-hd/8", "2027-01-06")]
    assert (was.number, now.number) == (8, 9)
    assert said(now) == ["mtx-hd methotrexate given", "peg pegaspargase due"]
    assert [each.planned.isoformat() for each in now.doses] == ["2027-01-05", "2027-01-06"]


@pytest.mark.parametrize(
    ("hour", "dates"),
    [
        ("", {"2027-01-06": None}),
        (', at: "2027-01-05T09:00:00-05:00"', {"2027-01-06": "2027-01-06T21:00:00-05:00"}),
        (
            ', at: "2027-01-05T20:00:00-05:00"',
            {"2027-01-06": "2027-01-07T08:00:00-05:00", "2027-01-07": "2027-01-07T08:00:00-05:00"},
        ),
    ],
)
def test_an_infusion_of_36_h_runs_on_into_the_dates_after_its_start(
    account_of: Made, hour: str, dates: dict[str, str | None]
) -> None:
    account = account_of(BLOCK_2, f"entry: give, id: block-2/mtx-hd/8, date: 2027-01-05{hour}")
    found = {
        each.date.isoformat(): run.until and run.until.isoformat()
        for each in account.of("block-2")
        for run in each.running
    }
    assert found == dates
    assert [each.date.day for each in account.of("block-2") if each.overnight] == [5, 6][: len(dates)]


def test_a_hold_is_on_its_dates_and_a_wait_has_no_number(account_of: Made) -> None:
    account = account_of(
        "entry: hold, course: block-1, date: 2026-12-08, days: 3, rule: skip, why: fever",
        "entry: start, course: block-2, date: 2026-12-29",
        "entry: delay, course: block-2, days: 4, from_day: 15, why: ANC 300",
    )
    held = {each.date.day: each.held for each in account.of("block-1") if each.held}
    assert {day_: wait.why for day_, wait in held.items()} == {8: "fever", 9: "fever", 10: "fever"}
    assert said(day(account, "block-1", "2026-12-08")) == ["vcr vincristine held", "it-mtx methotrexate held"]
    waits = {each.date.day: (each.number, each.wait.why) for each in account.of("block-2") if each.wait}
    assert waits == dict.fromkeys((12, 13, 14, 15), (None, "ANC 300"))
    assert day(account, "block-2", "2027-01-16").number == 15
    assert day(account, "block-2", "2027-01-13").no_treatment


PUMP = (
    "entry: start, course: blina-cycle-1, date: 2027-01-26",
    "entry: bags, agent: blinatumomab, hours: [72, 96], date: 2027-01-26",
    'entry: give, id: blina-cycle-1/blina/1, date: 2027-01-26, at: "2027-01-26T14:00:00-05:00"',
    'entry: interrupt, course: blina-cycle-1, at: "2027-02-03T03:15:00-05:00", why: fever',
    'entry: resume, course: blina-cycle-1, at: "2027-02-06T10:00:00-05:00", dose: 9.4, why: afebrile',
)


def test_an_infusion_that_stopped_stands_still_and_restarts_under_supervision(account_of: Made) -> None:
    account = account_of(*PUMP)
    (stop,) = day(account, "blina-cycle-1", "2027-02-03").stops
    assert (f"{stop.at:%H:%M}", stop.why) == ("03:15", "fever")
    assert [each.date.day for each in account.of("blina-cycle-1") if each.still] == [4, 5]
    (again,) = day(account, "blina-cycle-1", "2027-02-06").restarts
    assert (f"{again.at:%H:%M}", str(again.dose), again.unit, again.supervised) == ("10:00", "9.4", "mcg", True)
    hung = [each.why for found in account.of("blina-cycle-1") for each in found.bags]
    assert hung[:4] == ["first", "change", "change", "new"]


def test_what_leads_up_to_a_pump_is_given_in_clinic_and_a_rescue_may_be_at_home(account_of: Made) -> None:
    account = account_of(BLOCK_2, "entry: give, id: block-2/mtx-hd/8, date: 2027-01-05", *PUMP)
    at_home = {each.line.key: each.at_home for found in account.days.values() for each in found[0].doses}
    found = [each for course in account.on(date(2027, 1, 26)) for each in course.doses]
    assert {each.line.key: each.at_home for each in found}["dex-premed"] is False
    assert at_home["lcv"] is True
    on = date(2027, 2, 6)
    restart = [each for course in account.on(on) for each in course.doses if each.line.key == "dex-premed"]
    assert [each.at_home for each in restart] == [False]


def test_an_open_rescue_is_open_on_each_day_after_the_planned_ones(account_of: Made) -> None:
    account = account_of(BLOCK_2, "entry: give, id: block-2/mtx-hd/8, date: 2027-01-05")
    states = [dose.state for found in account.of("block-2") for dose in found.doses if dose.line.key == "lcv"]
    assert states == [State.DUE] * 2 + [State.OPEN] * 17


def test_what_is_at_the_course_s_end_waits_for_an_end_that_a_stop_has_made_later(account_of: Made) -> None:
    for lines, end in ((PUMP[:3], "2027-03-01"), (PUMP, "2027-03-04")):
        account = account_of(BLOCK_2, *lines)
        found = {each.kind: each.date.isoformat() for day in account.of("blina-cycle-1") for each in day.evaluations}
        assert (found["bone-marrow"], found["mrd"]) == (end, end)
        assert day(account, "blina-cycle-1", end).course.dates.last_day.isoformat() == end
        assert found["pk-sample"] == "2027-02-08"


def test_what_kills_in_the_spinal_fluid_is_named_beside_another_course_s_puncture(account_of: Made) -> None:
    account = account_of("entry: start, course: block-2, date: 2026-12-08, why: asked for")
    first, second = (day(account, course, "2026-12-08") for course in ("block-1", "block-2"))
    assert "IT" in {dose.line.route.value for dose in first.due}
    assert "IT" not in {dose.line.route.value for dose in second.due}
    assert (first.fatal, second.fatal) == (("vincristine",), ("vincristine",))


def test_a_rescue_awaits_its_level_until_that_is_recorded(account_of: Made) -> None:
    given = (BLOCK_2, 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T09:00:00-05:00"')
    level = (
        'entry: clear, course: block-2, agent: methotrexate, at: "2027-01-10T09:00:00-05:00", level: 0.08 micromol/L'
    )
    for lines, awaited in ((given, {"methotrexate"}), ((*given, level), {""})):
        found = [dose for each in account_of(*lines).of("block-2") for dose in each.doses if dose.line.key == "lcv"]
        assert {dose.awaits for dose in found} == awaited
        assert (State.OPEN in {dose.state for dose in found}) == bool(awaited - {""})


def test_what_a_date_has_is_shared_out_by_the_days_that_it_belongs_to(account_of: Made) -> None:
    account = account_of(BLOCK_2, "entry: give, id: block-2/mtx-hd/8, date: 2027-01-06")
    found = day(account, "block-2", "2027-01-06").shares
    assert [(each.number, each.planned.day, [dose.line.key for dose in each.doses]) for each in found] == [
        (8, 5, ["mtx-hd"]),
        (9, 6, ["peg"]),
    ]
    account = account_of("entry: omit, ids: [block-1/vcr/15], why: made up")
    assert day(account, "block-1", "2026-12-15").doses
    assert "vcr" not in [
        dose.line.key for share in day(account, "block-1", "2026-12-15").shares for dose in share.doses
    ]


def test_dates_beyond_a_course_are_counted_on_and_those_of_a_wait_are_not(account_of: Made) -> None:
    account = account_of(BLOCK_2, "entry: delay, course: block-2, days: 4, from_day: 15, why: ANC 300")
    assert [each.counted for each in account.of("block-1")] == [*range(1, 30)]
    counted = {each.date.isoformat(): each.counted for each in account.of("block-2")}
    assert (counted["2027-01-11"], counted["2027-01-12"], counted["2027-01-16"]) == (14, None, 15)


def test_a_rescue_may_go_on_for_some_days_until_its_infusion_is_given_and_until_its_level_then(
    account_of: Made,
) -> None:
    account = account_of(BLOCK_2)
    assert {
        each.date.day: tuple(order.line.agent for order in each.may_go_on)
        for each in account.of("block-2")
        if each.may_go_on
    } == dict.fromkeys((9, 10, 11), ("leucovorin",))
    given = 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T09:00:00-05:00"'
    level = (
        'entry: clear, course: block-2, agent: methotrexate, at: "2027-01-09T09:00:00-05:00", level: 0.08 micromol/L'
    )
    for lines, until in (((given,), "methotrexate"), ((given, level), "")):
        account = account_of(BLOCK_2, *lines)
        assert not any(each.may_go_on for each in account.of("block-2"))
        doses = [dose for each in account.of("block-2") for dose in each.doses if dose.line.key == "lcv"]
        assert {dose.awaits for dose in doses} == {until}


def test_an_infusion_s_restart_names_it_and_how_many_stops_it_had(account_of: Made) -> None:
    (again,) = day(account_of(BLOCK_2, *PUMP), "blina-cycle-1", "2027-02-06").restarts
    assert (again.agent, again.key, again.day, again.number) == ("blinatumomab", "blina", 1, 1)


def test_editions_are_made_anew_where_the_log_says_something_of_a_course(account_of: Made) -> None:
    given = 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T09:00:00-05:00"'
    level = (
        'entry: clear, course: block-2, agent: methotrexate, at: "2027-01-09T09:00:00-05:00", level: 0.08 micromol/L'
    )
    plan = account_of(BLOCK_2, given, "entry: note, text: made up", level).plan
    found = editions(plan)
    assert [each.revision for each in found["block-2"]][-3:] == [plan.revision - 3, plan.revision - 2, plan.revision]
    assert [each.revision for each in found["block-1"]][-1] == plan.revision - 3
    assert list(found) == [each.course.id for each in plan.courses if each.course.dates]


def test_the_account_of_a_plan_in_which_nothing_has_a_date_is_of_that_plan_and_empty(account_of: Made) -> None:
    plan = account_of().plan
    undated = replace(plan, courses=())
    assert make_account(undated) == Account(undated, {})


def late(account: Account, course: str) -> LateStart | None:
    (found,) = (each.course for each in account.plan.courses if each.course.id == course)
    return late_start(account.plan, found)


def test_a_course_that_the_record_moves_says_from_when_by_how_many_days_and_why(account_of: Made) -> None:
    """Undisturbed Block 2 begins on 29 December, the day after the last of Block 1."""
    delay = "entry: delay, course: block-2, days: 4, why: ANC 300"
    assert late(account_of(delay), "block-2") == LateStart(date(2026, 12, 29), 4, ("ANC 300",))
    assert late(account_of(), "block-2") is None
    assert late(account_of(BLOCK_2), "block-2") is None  # on the day that was planned
    assert late(account_of(delay), "blina-cycle-1") is None  # it comes right after Block 2, as always
    early = "entry: start, course: block-2, date: 2026-12-08, why: asked for"
    assert late(account_of(early), "block-2") == LateStart(date(2026, 12, 29), -21, ("asked for",))


def test_why_a_course_begins_late_is_said_once_and_only_of_its_own_first_day(account_of: Made) -> None:
    account = account_of(
        "entry: delay, course: block-1, days: 2, from_day: 22, why: fever",
        "entry: delay, course: blina-cycle-1, days: 1, why: no pump",
        "entry: delay, course: block-2, days: 2, why: ANC 300",
        "entry: delay, course: block-2, days: 2, why: ANC 300",
        "entry: delay, course: block-2, days: 1, from_day: 15, why: mucositis",
        "entry: start, course: block-2, date: 2027-01-05, why: no bed",
    )
    assert late(account, "block-2") == LateStart(date(2026, 12, 31), 5, ("ANC 300", "no bed"))
    assert late(account_of("entry: start, course: block-2, date: 2026-12-30"), "block-2") == LateStart(
        date(2026, 12, 29), 1, ()
    )


def test_a_course_that_the_route_does_not_date_is_not_late(account_of: Made) -> None:
    plan = account_of("entry: delay, course: block-2, days: 4, why: ANC 300").plan
    (block_2,) = (each.course for each in plan.courses if each.course.id == "block-2")
    assert late_start(plan, replace(block_2, dates=None)) is None


# What was left of an infusion's 24 h when it stopped

HOUR = 'entry: give, id: blina-cycle-1/blina/1, date: 2027-01-26, at: "2027-01-26T14:00:00-05:00"'


MTX = 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T09:00:00-05:00"'


def rest(account: Account, on: str) -> tuple[str, str, str] | None:
    (again,) = day(account, "blina-cycle-1", on).restarts
    return again.rest and (f"{again.rest.until:%d %H:%M}", f"{again.rest.dose:.2f}", again.rest.of.isoformat())


def stop(at: str, resumed: str, dose: str = "") -> tuple[str, str]:
    named = f", dose: {dose}" if dose else ""
    return (
        f'entry: interrupt, course: blina-cycle-1, at: "{at}:00-05:00", why: fever',
        f'entry: resume, course: blina-cycle-1, at: "{resumed}:00-05:00", why: afebrile{named}',
    )


def test_what_was_left_of_24_h_goes_on_with_its_own_dose_unless_the_restart_names_another(account_of: Made) -> None:
    """Those of 2 February, 14:00, stopped after 13 h 15 min; the other 10 h 45 min go in from 10:00 on the 6th."""
    pump = (BLOCK_2, PUMP[0], HOUR, "entry: adjust, agent: blinatumomab, percent: 50, date: 2027-02-02")
    at = ("2027-02-03T03:15", "2027-02-06T10:00")
    assert rest(account_of(*pump, *stop(*at)), "2027-02-06") == ("06 20:45", "5.85", "2027-02-02")
    assert rest(account_of(*pump, *stop(*at, "9.4")), "2027-02-06") == ("06 20:45", "9.40", "2027-02-02")


def test_a_stop_at_the_end_of_24_h_or_within_the_last_leaves_no_other_24_h_to_wait_for(account_of: Made) -> None:
    pump = (BLOCK_2, PUMP[0], HOUR)
    assert rest(account_of(*pump, *stop("2027-02-03T14:00", "2027-02-06T10:00")), "2027-02-06") is None
    assert rest(account_of(*pump, *stop("2027-02-23T03:15", "2027-02-23T05:00")), "2027-02-23") is None


def test_what_was_left_is_of_the_infusion_and_of_nothing_that_was_given_beside_it(account_of: Made) -> None:
    """The pump stops at noon on 9 February, an hour after a lumbar puncture."""
    account = account_of(
        BLOCK_2,
        PUMP[0],
        HOUR,
        'entry: give, id: blina-cycle-1/it-mtx/15, date: 2027-02-09, at: "2027-02-09T11:00:00-05:00"',
        *stop("2027-02-09T12:00", "2027-02-09T13:00"),
    )
    assert rest(account, "2027-02-09") == ("09 15:00", "11.70", "2027-02-08")


def test_a_date_between_two_courses_is_there_and_has_nothing(account_of: Made) -> None:
    account = account_of("entry: delay, course: block-2, days: 7, why: ANC 300")
    assert account.days[date(2027, 1, 2)] == ()


def test_where_two_courses_meet_without_a_puncture_nothing_is_called_fatal(account_of: Made) -> None:
    account = account_of("entry: start, course: block-2, date: 2026-12-15, why: asked for")
    found = [day(account, course, "2026-12-15") for course in ("block-1", "block-2")]
    assert ["vincristine" in {dose.line.agent for dose in each.due} for each in found] == [True, True]
    assert [each.fatal for each in found] == [(), ()]


def test_a_dose_names_the_adjustment_by_which_it_is_smaller_and_no_other_dose_does(account_of: Made) -> None:
    account = account_of("entry: adjust, agent: vincristine, percent: 50, date: 2026-12-20, why: neuropathy")
    found = {
        dose.line.id: f"{dose.adjusted.percent} % {dose.adjusted.why}"
        for each in account.of("block-1")
        for dose in each.doses
        if dose.adjusted
    }
    assert found == {"block-1/vcr/22": "50 % neuropathy"}


def test_at_an_earlier_revision_a_course_is_late_only_by_what_had_been_recorded_then() -> None:
    record = child(delayed("block-2", 4), replace(delayed("block-2", 1), why="no bed"))
    for revision, found in ((5, (4, ("counts",))), (6, (5, ("counts", "no bed")))):
        assert late(make_account(plan_of(record, revision=revision)), "block-2") == LateStart(
            date(2026, 12, 29), *found
        )


@pytest.mark.parametrize(
    ("lines", "course", "on"),
    [
        ((), "block-1", "2026-12-29"),  # bone marrow
        ((), "blina-cycle-3", "2027-08-24"),  # the pump stop
        ((BLOCK_2, MTX, "entry: omit, ids: [block-2/peg/9], why: allergy"), "block-2", "2027-01-06"),  # 36 h go on
        (  # the pump goes on at 20:00, and its next 24 h begin on the day after
            (
                BLOCK_2,
                PUMP[0],
                HOUR,
                *stop("2027-02-03T03:15", "2027-02-06T20:00"),
                "entry: omit, ids: [blina-cycle-1/dex-premed/1/restart-1], why: allergy",
            ),
            "blina-cycle-1",
            "2027-02-06",
        ),
        (  # a bag is changed, whatever is said of the dose in it
            (*PUMP[:3], "entry: omit, ids: [blina-cycle-1/blina/4], why: made up"),
            "blina-cycle-1",
            "2027-01-29",
        ),
    ],
)
def test_a_date_without_a_dose_on_which_something_is_done_is_not_without_treatment(
    account_of: Made, lines: tuple[str, ...], course: str, on: str
) -> None:
    found = day(account_of(*lines), course, on)
    assert not any(dose.line.status.takes_place for dose in found.doses)
    assert not found.no_treatment


def test_an_infusion_stands_still_on_the_dates_after_its_stop_by_the_ward_s_clock(account_of: Made) -> None:
    """At 20:00 in New York it is the next day in Greenwich."""
    account = account_of(BLOCK_2, PUMP[0], HOUR, *stop("2027-02-02T20:00", "2027-02-06T10:00"))
    still = {each.date.day: f"{each.still:%d %H:%M}" for each in account.of("blina-cycle-1") if each.still}
    assert still == dict.fromkeys((3, 4, 5), "02 20:00")


def test_a_date_has_its_procedures_and_its_evaluations(account_of: Made) -> None:
    account = account_of()
    puncture, marrow = day(account, "block-1", "2026-12-08"), day(account, "block-1", "2026-12-29")
    assert [[each.kind for each in found.procedures] for found in (puncture, marrow)] == [["lumbar-puncture"], []]
    assert [each.kind for each in puncture.evaluations] == []
    assert [each.kind for each in marrow.evaluations] == ["bone-marrow", "mrd"]


GIVEN = 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T20:00:00-05:00"'
LEFT_12 = "entry: omit, ids: [block-2/lcv/12], why: vomits"
MOVED_12 = "entry: move, id: block-2/lcv/12, date: 2027-01-11, why: no bed"
GIVEN_12 = 'entry: give, id: block-2/lcv/12, date: 2027-01-09, at: "2027-01-09T21:00:00-05:00"'
LEFT_11 = "entry: omit, ids: [block-2/lcv/11], why: vomits"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), ["", "lcv/11 planned", "lcv/11 planned", "lcv/11 +1", "lcv/11 +2", "lcv/11 +3", "lcv/11 +4 far"]),
        (
            (GIVEN,),
            [
                *("", "lcv/10 planned", "lcv/11 planned", "lcv/12 +1 planned", "lcv/13 +2 planned"),
                *("lcv/14 +3 planned", "lcv/15 +4 planned far"),
            ],
        ),
        (
            (GIVEN, LEFT_12),
            [
                *("", "lcv/10 planned", "lcv/11 planned", "", "lcv/13 +2 planned"),
                *("lcv/14 +3 planned", "lcv/15 +4 planned far"),
            ],
        ),
        (
            (GIVEN, MOVED_12),
            [
                *("", "lcv/10 planned", "lcv/11 planned", "", "lcv/13 +2 planned"),
                *("lcv/14 +3 planned", "lcv/15 +4 planned far"),
            ],
        ),
        (
            (GIVEN, GIVEN_12),
            [
                *("", "lcv/10 planned", "lcv/11 planned", "lcv/11 +1 planned", "lcv/13 +2 planned"),
                *("lcv/14 +3 planned", "lcv/15 +4 planned far"),
            ],
        ),
        ((LEFT_11,), ["", "lcv/10 planned", "", "lcv/10 +2", "lcv/10 +3", "lcv/10 +4 far", "lcv/10 +5 far"]),
    ],
    ids=["not given yet", "given", "a day left out", "a day moved", "a day given", "the last planned day left out"],
)
def test_what_goes_on_until_a_level_has_cleared(lines: tuple[str, ...], expected: list[str], account_of: Made) -> None:
    """From 6 January on: like which dose, how late after the last planned one, and whether the plan has it."""
    account = account_of(BLOCK_2, *lines)
    found = []
    for each in account.of("block-2"):
        for open_ in each.goes_on or (None,):
            text = ""
            if open_:
                assert (open_.awaits, open_.line.agent) == ("methotrexate", "leucovorin")
                text = " ".join(
                    [
                        open_.line.id.removeprefix("block-2/"),
                        *([f"+{open_.late}"] if open_.late else []),
                        *(["planned"] if open_.planned else []),
                        *([] if open_.near else ["far"]),
                    ]
                )
            found.append((each.date, text))
    assert [text for on, text in found if on >= date(2027, 1, 6)][:7] == expected
    assert found[-1][0] == date(2027, 1, 25)
    assert found[-1][1].endswith("far")


def test_an_hour_counted_from_another_drug_is_said_of_the_first_day_only(account_of: Made) -> None:
    account = account_of(BLOCK_2)
    doses = [dose for each in account.of("block-2") for dose in each.doses]
    assert [dose.line.id for dose in doses if dose.from_anchor] == ["block-2/lcv/10"]
    blina = [dose for each in account_of().of("blina-cycle-1") for dose in each.doses]
    assert [dose.line.id for dose in blina if dose.from_anchor] == ["blina-cycle-1/dex-premed/1"]
    assert [dose.line.id for dose in blina if dose.starts_pump] == ["blina-cycle-1/blina/1"]


def test_before_a_restart_the_hour_is_counted_from_it(account_of: Made) -> None:
    account = account_of(BLOCK_2, *PUMP)
    doses = [dose for each in account.of("blina-cycle-1") for dose in each.doses if dose.line.key == "dex-premed"]
    assert [(dose.line.id.rpartition("/")[2], dose.from_anchor) for dose in doses] == [("1", True), ("restart-1", True)]


# Waits, holds and numbers, beside each other


def in_memory(*later: Entry, cns: str = "cns2") -> Account:
    return make_account(plan_of(child(*later, cns=cns)))


def by_date(account: Account, course: str, what: Callable[[CourseDay], object]) -> dict[str, object]:
    """What is so of a course, on those dates on which anything is."""
    found = ((f"{each.date:%d-%b}", what(each)) for each in account.of(course))
    return {on: value for on, value in found if value}


def line_of_the_wait(found: CourseDay) -> object:
    return (found.wait.line, found.wait.why) if found.wait else None


def line_of_the_hold(found: CourseDay) -> object:
    return (found.held.line, found.held.why) if found.held else None


def test_each_delay_from_the_same_day_has_its_own_dates() -> None:
    account = in_memory(delayed("block-2", 2, from_day=9), delayed("block-2", 3, from_day=9))
    assert by_date(account, "block-2", line_of_the_wait) == {
        "06-Jan": (5, "counts"), "07-Jan": (5, "counts"),
        "08-Jan": (6, "counts"), "09-Jan": (6, "counts"), "10-Jan": (6, "counts"),
    }  # fmt: skip


def test_a_delay_within_radiation_is_a_wait_on_each_of_its_dates() -> None:
    account = in_memory(delayed("cranial-radiation", 3, from_day=3), cns="cns3")
    waits = by_date(account, "cranial-radiation", line_of_the_wait)
    assert waits == {"02-Sep": (5, "counts"), "03-Sep": (5, "counts"), "04-Sep": (5, "counts")}
    assert by_date(account, "cranial-radiation", line_of_the_hold) == {}


@pytest.mark.parametrize("rule", [HoldRule.SKIP, HoldRule.SLIP])
def test_a_hold_of_radiation_is_on_its_dates_whatever_becomes_of_the_fractions(rule: HoldRule) -> None:
    account = in_memory(held("cranial-radiation", "2027-09-01", 2, rule), cns="cns3")
    holds = by_date(account, "cranial-radiation", line_of_the_hold)
    assert holds == {"01-Sep": (5, "fever"), "02-Sep": (5, "fever")}
    assert by_date(account, "cranial-radiation", line_of_the_wait) == {}


def test_a_hold_is_of_its_own_course_and_days_that_move_are_no_hold() -> None:
    other = in_memory(held("block-2", "2026-12-30", 2, HoldRule.SKIP))
    assert by_date(other, "block-1", line_of_the_hold) == {}
    slipping = in_memory(held("block-2", "2027-01-06", 2, HoldRule.SLIP))
    assert by_date(slipping, "block-2", line_of_the_hold) == {}
    assert by_date(slipping, "block-2", line_of_the_wait) == {"06-Jan": (5, "fever"), "07-Jan": (5, "fever")}


def test_what_was_moved_there_and_back_is_away_from_nowhere() -> None:
    there = moved("block-2/mtx-hd/8", "2027-01-06")
    assert by_date(in_memory(there), "block-2", lambda each: [away.line.key for away in each.away]) == {
        "05-Jan": ["mtx-hd"], "07-Jan": ["lcv"], "08-Jan": ["lcv"],
    }  # fmt: skip
    back = moved("block-2/mtx-hd/8", "2027-01-05")
    assert by_date(in_memory(there, back), "block-2", lambda each: each.away) == {}


def test_a_dose_that_is_held_is_away_from_nowhere() -> None:
    account = in_memory(delayed("block-2", 2, from_day=9), held("block-2", "2027-01-07", 2, HoldRule.SKIP))
    assert by_date(account, "block-2", lambda each: each.away) == {}


def test_a_date_before_a_course_has_no_number() -> None:
    days = list(in_memory(given("block-2/vcr/1", "2026-12-28 10:00")).of("block-2"))
    assert [(f"{each.date:%d-%b}", each.number, each.counted) for each in days[:2]] == [
        ("28-Dec", None, None),
        ("29-Dec", 1, 1),
    ]


def test_no_delay_moves_the_day_of_what_is_given_before_a_restart() -> None:
    account = in_memory(
        started("blina-cycle-1", "2027-01-26"),
        given("blina-cycle-1/blina/1", "2027-01-26 10:00"),
        interrupted("blina-cycle-1", "2027-01-28 10:00"),
        resumed("blina-cycle-1", "2027-01-28 16:00", "15"),
        delayed("blina-cycle-1", 4, from_day=2),
    )
    doses = (dose for each in account.of("blina-cycle-1") for dose in each.doses if dose.line.key == "dex-premed")
    assert [(dose.line.date.isoformat(), dose.planned.isoformat()) for dose in doses] == [
        ("2027-01-26", "2027-01-26"),
        ("2027-01-28", "2027-01-28"),
    ]
    assert by_date(account, "blina-cycle-1", lambda each: [away.line.key for away in each.away]) == {}


# Bags, stops and restarts

STOPPED_TWICE = (
    started("blina-cycle-1", "2027-01-26"),
    bagged("2027-01-26", 96),
    given("blina-cycle-1/blina/1", "2027-01-26 22:00"),
    interrupted("blina-cycle-1", "2027-01-28 10:00"),
    resumed("blina-cycle-1", "2027-01-28 22:30", "15"),
    interrupted("blina-cycle-1", "2027-02-20 20:00"),
)


def test_each_bag_has_its_day_its_unit_and_its_number_among_all() -> None:
    def bags(found: CourseDay) -> list[str]:
        return [f"day {each.day}: {each.why}, {each.number} of {each.total} in {each.unit}" for each in found.bags]

    assert by_date(in_memory(*STOPPED_TWICE), "blina-cycle-1", bags) == {
        "26-Jan": ["day 1: first, 1 of 7 in mcg"],
        "28-Jan": ["day 3: new, 2 of 7 in mcg"],
        "01-Feb": ["day 6: change, 3 of 7 in mcg"],
        "05-Feb": ["day 10: change, 4 of 7 in mcg"],
        "09-Feb": ["day 14: change, 5 of 7 in mcg"],
        "13-Feb": ["day 18: change, 6 of 7 in mcg"],
        "17-Feb": ["day 22: change, 7 of 7 in mcg"],
    }


def test_a_stop_names_its_line_and_its_drug_and_lasts_to_the_end_of_the_course() -> None:
    account = in_memory(*STOPPED_TWICE)
    stops = by_date(account, "blina-cycle-1", lambda each: [(stop.line, stop.agent) for stop in each.stops])
    assert stops == {"28-Jan": [(8, "blinatumomab")], "20-Feb": [(10, "blinatumomab")]}
    assert by_date(account, "block-2", lambda each: each.stops or each.still) == {}
    still = by_date(account, "blina-cycle-1", lambda each: f"{each.still:%d-%b %H:%M}" if each.still else "")
    assert still == {
        **{f"{number}-Feb": "20-Feb 20:00" for number in range(21, 29)},
        **dict.fromkeys(("01-Mar", "02-Mar"), "20-Feb 20:00"),  # half a day longer, by the first stop
    }


def test_an_infusion_over_24_h_runs_on_into_the_next_date_at_any_hour() -> None:
    chart = Chart(replace(BOY, protocol=str(LOOM)), SITE, anew=False)
    try:
        running = by_date(make_account(chart.plan), "weft", lambda each: [str(run.line.id) for run in each.running])
        assert running == {"16-Dec": ["weft/umb/1"]}
        first = {"entry": "give", "id": "weft/umb/1", "date": "2026-12-15", "at": "2026-12-16T00:30:00+00:00"}
        for values in ({"entry": "start", "course": "weft", "date": "2026-12-15"}, first):
            assert chart.add(values).after
        days = make_account(chart.plan).of("weft")
        assert [(f"{run.since:%d-%b}", run.until) for each in days for run in each.running] == [
            ("15-Dec", datetime(2026, 12, 17, 0, 30, tzinfo=UTC))
        ]
    finally:
        chart.close()


def test_what_is_given_after_a_wait_is_on_the_date_that_its_day_has_now() -> None:
    account = in_memory(delayed("block-2", 2, from_day=9), given("block-2/etop/15", "2027-01-14"))
    (dose,) = (dose for each in account.of("block-2") for dose in each.doses if str(dose.line.id) == "block-2/etop/15")
    assert dose.planned.isoformat() == "2027-01-14"
    assert by_date(account, "block-2", lambda each: each.away) == {}


def test_a_stop_is_of_its_own_course_alone() -> None:
    assert by_date(in_memory(*STOPPED_TWICE), "blina-cycle-2", lambda each: each.stops or each.still) == {}


def test_an_infusion_stands_still_up_to_the_ward_s_date_of_its_restart() -> None:
    account = in_memory(
        *STOPPED_TWICE[:3],
        interrupted("blina-cycle-1", "2027-01-28 10:00"),
        resumed("blina-cycle-1", "2027-01-31 22:30", "15"),  # which is 1 February in London
    )
    assert list(by_date(account, "blina-cycle-1", lambda each: each.still)) == ["29-Jan", "30-Jan"]


def test_a_date_s_share_has_its_evaluations() -> None:
    shares = by_date(
        in_memory(), "block-1", lambda each: [event.kind for share in each.shares for event in share.events]
    )
    assert shares["29-Dec"] == ["bone-marrow", "mrd"]
