"""When courses begin: delays and the gaps before courses, delays and holds within one, stops of a pump, repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from in_memory import (
    NOWHERE,
    assigned,
    child,
    course,
    dates,
    day,
    delayed,
    given,
    held,
    interrupted,
    measured,
    plan_of,
    resumed,
    started,
    starts,
    the_protocol,
)

from protocal.model.course import Condition, Hold
from protocal.model.days import parse_days
from protocal.model.entries import Ending, Entry, Failed, HoldRule, Stopped, Transplanted
from protocal.model.facts import Traits, facts_of
from protocal.model.plan import CourseStatus, Plan, Shift, Skip
from protocal.model.protocol import in_versions
from protocal.model.settings import Settings
from protocal.plan.course_dates import course_named, date_courses, holds, legs_of, measurement_for, unmoved_day1
from protocal.plan.delays_and_holds import rule_of_hold, shifts_of, skips_of


def begins(name: str, *later: Entry, arm: str = "D") -> str:
    return starts(plan_of(child(*later, arm=arm)))[name]


# Delays and the gap before a course


def test_a_delay_moves_the_course_and_those_after_it() -> None:
    plan = starts(plan_of(child(delayed("block-2", 7))))
    assert (plan["block-1"], plan["block-2"], plan["blina-cycle-1"]) == ("2026-12-01", "2027-01-05", "2027-02-02")


def test_of_several_delays_those_by_days_add_up_and_one_to_a_date_brings_nothing_forward() -> None:
    assert begins("block-2", delayed("block-2", 3), delayed("block-2", 4)) == "2027-01-05"
    assert begins("block-2", delayed("block-2", to="2027-01-04")) == "2027-01-04"
    assert begins("block-2", delayed("block-2", 10), delayed("block-2", to="2027-01-04")) == "2027-01-08"
    assert begins("block-2", delayed("block-2", to="2027-01-04"), delayed("block-2", 2)) == "2027-01-06"


def test_a_delay_of_one_course_alone_uses_up_the_gap_before_the_next() -> None:
    """Block 2 ends a week later, on 1 February; of the ten days that the cycle waits, the week has passed by then."""
    assert begins("blina-cycle-1", delayed("blina-cycle-1", 10)) == "2027-02-05"
    assert begins("blina-cycle-1", delayed("blina-cycle-1", 10), delayed("block-2", 7)) == "2027-02-12"
    assert begins("blina-cycle-1", delayed("blina-cycle-1", 10), delayed("block-2", 7, only=True)) == "2027-02-05"
    twice = (delayed("block-2", 3, only=True), delayed("block-2", 4, only=True))
    assert begins("blina-cycle-1", delayed("blina-cycle-1", 10), *twice) == "2027-02-05"


def test_a_course_never_begins_before_the_one_before_it_has_ended() -> None:
    assert begins("blina-cycle-1", delayed("blina-cycle-1", 2), delayed("block-2", 7, only=True)) == "2027-02-02"


def test_the_gap_of_a_delay_is_only_that_before_the_next_course() -> None:
    """Continuation 1 comes right after the cycle, however long Block 2 waited."""
    later = (delayed("block-2", 7, only=True), delayed("continuation-1", 10))
    assert begins("continuation-1", *later) == "2027-03-19"  # the cycle ends on 8 March


def test_a_course_that_has_started_leaves_no_gap_of_its_delay() -> None:
    """Once Block 2's Day 1 stands in the record, its delay is over: the cycle waits its own ten days after it."""
    waits = (delayed("blina-cycle-1", 10), delayed("block-2", 7, only=True))
    assert begins("blina-cycle-1", *waits, started("block-2", "2027-01-05")) == "2027-02-12"


def test_a_recorded_start_counts_and_no_delay_of_the_course_does() -> None:
    assert begins("block-2", delayed("block-2", 7), started("block-2", "2027-01-02")) == "2027-01-02"


def test_the_first_day_that_a_course_would_have_of_itself() -> None:
    def unmoved(name: str, *later: Entry) -> str:
        facts = facts_of(child(*later))
        return str(unmoved_day1(the_protocol(), facts, Settings(), name))

    assert unmoved("block-2") == "None"  # nothing has moved it
    assert unmoved("block-2", delayed("block-2", 7)) == "2026-12-29"
    assert unmoved("block-2", started("block-2", "2027-01-02")) == "2026-12-29"
    assert unmoved("block-2", delayed("block-2", 7), delayed("block-2", 2, from_day=15)) == "2026-12-29"
    assert unmoved("block-2", delayed("block-2", 2, from_day=15)) == "None"  # it begins when it would have
    assert unmoved("blina-cycle-1", delayed("block-2", 7), delayed("blina-cycle-1", 1)) == "2027-02-02"
    # what holds within the course itself stays
    slips = (delayed("block-2", 2, from_day=15), delayed("blina-cycle-1", 1))
    assert unmoved("blina-cycle-1", *slips) == "2027-01-28"
    assert unmoved("hsct", started("hsct", "2027-04-01")) == "None"  # it is not on this arm's route


# Delays and holds within a course


def shifts(plan: Plan, name: str) -> tuple[Shift, ...]:
    return dates(plan, name).shifts


def test_a_delay_within_a_course_moves_its_days_from_there_on_and_what_follows() -> None:
    plan = plan_of(child(delayed("block-2", 4, from_day=15)))
    assert shifts(plan, "block-2") == (Shift(15, 4, 5),)
    assert dates(plan, "block-2").date_of(14) == day("2027-01-11")
    assert dates(plan, "block-2").date_of(15) == day("2027-01-16")
    assert dates(plan, "block-2").last_day == day("2027-01-29")
    assert starts(plan)["blina-cycle-1"] == "2027-01-30"


def test_a_delay_within_a_course_to_a_date_counts_from_the_day_as_it_stands() -> None:
    plan = plan_of(child(delayed("block-2", to="2027-01-15", from_day=15)))  # day 15 is the 12th
    assert shifts(plan, "block-2") == (Shift(15, 3, 5),)
    plan = plan_of(child(delayed("block-2", 2, from_day=15), delayed("block-2", to="2027-01-15", from_day=15)))
    assert shifts(plan, "block-2") == (Shift(15, 2, 5), Shift(15, 1, 6))
    # not later than it stands anyway: nothing waits
    plan = plan_of(child(delayed("block-2", 3, from_day=15), delayed("block-2", to="2027-01-15", from_day=15)))
    assert shifts(plan, "block-2") == (Shift(15, 3, 5),)


def test_a_hold_that_slips_moves_the_days_from_its_first_date_on() -> None:
    plan = plan_of(child(held("block-1", "2026-12-08", 3, HoldRule.SLIP)))
    assert shifts(plan, "block-1") == (Shift(8, 3, 5),)
    assert starts(plan)["block-2"] == "2027-01-01"
    # the second counts the days that the first has moved: day 15 stands on the 18th
    plan = plan_of(
        child(held("block-1", "2026-12-08", 3, HoldRule.SLIP), held("block-1", "2026-12-18", 1, HoldRule.SLIP))
    )
    assert shifts(plan, "block-1") == (Shift(8, 3, 5), Shift(15, 1, 6))


def test_a_hold_within_a_wait_moves_what_comes_after_it() -> None:
    """Days 8 and later wait from the 8th to the 10th, so that the first day from the 9th on is day 8, on the 11th."""
    plan = plan_of(
        child(held("block-1", "2026-12-08", 3, HoldRule.SLIP), held("block-1", "2026-12-09", 1, HoldRule.SLIP))
    )
    assert shifts(plan, "block-1") == (Shift(8, 3, 5), Shift(8, 1, 6))


def test_delays_and_holds_count_in_the_order_of_the_log() -> None:
    plan = plan_of(child(held("block-1", "2026-12-08", 3, HoldRule.SLIP), delayed("block-1", 2, from_day=5)))
    assert shifts(plan, "block-1") == (Shift(8, 3, 5), Shift(5, 2, 6))
    plan = plan_of(child(delayed("block-1", 2, from_day=5), held("block-1", "2026-12-08", 3, HoldRule.SLIP)))
    assert shifts(plan, "block-1") == (Shift(5, 2, 5), Shift(6, 3, 6))


def test_a_hold_whose_days_are_missed_moves_nothing_nor_does_one_of_another_course() -> None:
    plan = plan_of(
        child(held("block-1", "2026-12-08", 3, HoldRule.SKIP), held("block-2", "2026-12-30", 2, HoldRule.SLIP))
    )
    assert shifts(plan, "block-1") == ()
    assert shifts(plan, "block-2") == (Shift(2, 2, 6),)
    assert dates(plan, "block-2").skipped == frozenset()


def test_radiation_goes_on_with_the_working_days_after_a_hold() -> None:
    """Ten fractions on weekdays from Tuesday 31 August; two held days are made up at the end."""
    record = child(held("cranial-radiation", "2027-09-02", 2, HoldRule.SLIP), cns="cns3")
    plan = plan_of(record)
    assert dates(plan, "cranial-radiation").skipped == {date(2027, 9, 2), date(2027, 9, 3)}
    assert dates(plan, "cranial-radiation").last_day == day("2027-09-15")
    assert dates(plan_of(child(cns="cns3")), "cranial-radiation").last_day == day("2027-09-13")
    assert starts(plan)["maintenance-1"] == "2027-09-16"


def test_a_hold_moves_the_days_from_its_first_date_on_wherever_that_is() -> None:
    def moved(on: str) -> tuple[Shift, ...]:
        facts = facts_of(child(held("block-1", on, 2, HoldRule.SLIP)))
        return shifts_of("block-1", the_protocol().courses["block-1"], day("2026-12-01"), facts)

    assert moved("2026-12-28") == (Shift(28, 2, 5),)  # its last day
    assert moved("2026-11-30") == (Shift(1, 2, 5),)  # before its first
    assert moved("2027-01-05") == ()  # after its last


def test_what_radiation_leaves_out_is_told_with_its_lines() -> None:
    def skips(*later: Entry, first: int = 1) -> list[Skip]:
        radiation = replace(the_protocol().courses["cranial-radiation"], first_day=first)
        return list(skips_of("cranial-radiation", radiation, day("2027-08-31"), facts_of(child(*later))))

    hold = held("cranial-radiation", "2027-09-02", 2, HoldRule.SLIP)
    another = held("cranial-radiation", "2027-09-07", 1, HoldRule.SLIP)
    to_a_date = delayed("cranial-radiation", to="2027-09-08", from_day=3)
    assert skips(hold, another) == [
        Skip(day("2027-09-02"), day("2027-09-03"), 5),
        Skip(day("2027-09-07"), day("2027-09-07"), 6),
    ]
    assert skips(to_a_date, another) == [
        Skip(day("2027-09-02"), day("2027-09-07"), 5),
        Skip(day("2027-09-07"), day("2027-09-07"), 6),
    ]
    assert skips(another, delayed("cranial-radiation", 2, from_day=3)) == [
        Skip(day("2027-09-07"), day("2027-09-07"), 5),
        Skip(day("2027-09-02"), day("2027-09-03"), 6),
    ]
    assert skips(to_a_date, first=0) == [Skip(day("2027-09-03"), day("2027-09-07"), 5)]
    assert skips(delayed("cranial-radiation", to="2027-09-02", from_day=3)) == []  # it is then anyway
    assert (
        skips(
            held("cranial-radiation", "2027-09-02", 2, HoldRule.SKIP), held("block-1", "2027-09-02", 2, HoldRule.SLIP)
        )
        == []
    )
    assert skips(delayed("cranial-radiation", 2), delayed("maintenance-1", 2, from_day=3)) == []


def test_a_hold_does_what_its_course_says() -> None:
    courses = [each.course for each in plan_of(child(cns="cns3")).courses]
    assert [rule_of_hold(courses, name) for name in ("block-2", "maintenance-2", "nothing")] == [
        *(None, HoldRule.SKIP, HoldRule.SKIP)
    ]
    slipping = [replace(each, definition=replace(each.definition, hold=Hold.SLIP)) for each in courses]
    assert rule_of_hold(slipping, "block-2") is HoldRule.SLIP


# A pump that stopped

PUMP = (started("blina-cycle-1", "2027-01-26"), given("blina-cycle-1/blina/1", "2027-01-26 14:00"))


def ends(*later: Entry) -> str:
    return str(dates(plan_of(child(*PUMP, *later)), "blina-cycle-1").last_day)


def test_a_course_ends_later_by_the_days_that_a_stop_moves_its_pump_stop() -> None:
    """Undisturbed the pump stops on 23 February at 14:00, and the course ends on 1 March."""
    assert ends() == "2027-03-01"
    stop = interrupted("blina-cycle-1", "2027-02-03 03:00")
    assert ends(stop, resumed("blina-cycle-1", "2027-02-03 12:00")) == "2027-03-01"  # 9 h: it stops at 23:00
    assert ends(stop, resumed("blina-cycle-1", "2027-02-03 14:00")) == "2027-03-02"  # 11 h: at 01:00 the day after
    assert ends(stop, resumed("blina-cycle-1", "2027-02-06 03:00")) == "2027-03-04"  # three days
    assert ends(stop) == "2027-03-01"  # nobody knows yet


def test_the_end_of_a_pump_is_told_on_the_ward_s_clock() -> None:
    """It started at 20:00, when it was the next day in Greenwich; a stop of 3 h ends it at 23:00 on the same day."""
    late = (PUMP[0], given("blina-cycle-1/blina/1", "2027-01-26 20:00"))
    stop = (interrupted("blina-cycle-1", "2027-02-03 03:00"), resumed("blina-cycle-1", "2027-02-03 06:00"))
    assert dates(plan_of(child(*late, *stop)), "blina-cycle-1").last_day == day("2027-03-01")
    four = (interrupted("blina-cycle-1", "2027-02-03 03:00"), resumed("blina-cycle-1", "2027-02-03 07:00"))
    assert dates(plan_of(child(*late, *four)), "blina-cycle-1").last_day == day("2027-03-02")


def test_the_stop_of_one_cycle_s_pump_moves_no_other_cycle() -> None:
    other = (started("blina-cycle-2", "2027-04-27"), given("blina-cycle-2/blina/1", "2027-04-27 14:00"))
    stop = (interrupted("blina-cycle-1", "2027-02-03 03:00"), resumed("blina-cycle-1", "2027-02-06 03:00"))
    plan = plan_of(child(*PUMP, *stop, *other))
    assert dates(plan, "blina-cycle-2").last_day == day("2027-05-31")


def test_a_stop_counts_beside_a_delay_of_the_days_that_the_pump_runs_on() -> None:
    """Three days of delay from day 20 on: the pump was to stop on 26 February, and stops two days after that."""
    stop = (interrupted("blina-cycle-1", "2027-02-01 09:00"), resumed("blina-cycle-1", "2027-02-06 09:00"))
    assert ends(delayed("blina-cycle-1", 3, from_day=20), *stop) == "2027-03-06"


def test_a_pump_makes_its_course_longer_wherever_it_stands_in_it() -> None:
    protocol, stop = the_protocol(), "2027-02-06 03:00"
    cycle = protocol.courses["blina-cycle-1"]
    pump, *others = cycle.orders
    log = (*PUMP, interrupted("blina-cycle-1", "2027-02-03 03:00"), resumed("blina-cycle-1", stop))
    for orders in ((*others, pump), (replace(pump, key="not-begun"), pump, *others)):
        courses = {**protocol.courses, cycle.id: replace(cycle, orders=orders)}
        found = date_courses(replace(protocol, courses=courses), facts_of(child(*log)), Settings())
        assert [str(each.dates.last_day) for each in found if each.id == cycle.id and each.dates] == ["2027-03-04"]


# Where the route ends


def test_the_end_of_therapy_cuts_the_last_cycle_of_a_repeat_the_day_before_the_second_anniversary() -> None:
    plan = plan_of(child())
    cycles = [each for each in plan.courses if each.course.cycle]
    assert [each.course.id for each in cycles] == [f"maintenance-{number}" for number in range(1, 7)]
    assert [each.course.title for each in cycles][:2] == ["Maintenance cycle 1", "Maintenance cycle 2"]
    assert [each.course.cycle for each in plan.courses][:2] == [0, 0]
    last = cycles[-1].course.dates
    assert last is not None
    assert (last.last_day, last.cut) == (day("2028-11-30"), True)
    assert [each.course.dates and each.course.dates.cut for each in cycles[:-1]] == [False] * 5


def test_a_stop_of_therapy_is_the_first_day_without_it() -> None:
    plan = plan_of(child(Stopped(date=day("2027-01-10"), why="by wish", where=NOWHERE)))
    assert dates(plan, "block-2").last_day == day("2027-01-09")
    assert dates(plan, "block-2").cut
    assert list(starts(plan)) == ["block-1", "block-2"]
    assert list(starts(plan_of(child(Stopped(date=day("2026-12-29"), where=NOWHERE))))) == ["block-1"]
    assert list(starts(plan_of(child(Stopped(date=day("2026-12-30"), where=NOWHERE))))) == ["block-1", "block-2"]


def test_a_failure_is_the_last_day_of_the_course_that_runs_and_a_transplant_the_day_after_it() -> None:
    failed = plan_of(child(Failed(date=day("2026-12-18"), where=NOWHERE), arm=""))
    assert (dates(failed, "block-1").last_day, dates(failed, "block-1").cut) == (day("2026-12-18"), True)
    late = plan_of(child(Failed(date=day("2026-12-28"), where=NOWHERE), arm=""))
    assert (dates(late, "block-1").last_day, dates(late, "block-1").cut) == (day("2026-12-28"), False)
    grafted = plan_of(child(Transplanted(date=day("2026-12-18"), where=NOWHERE), arm="A"))
    assert dates(grafted, "block-1").last_day == day("2026-12-17")
    assert (dates(grafted, "hsct").day1, dates(grafted, "hsct").last_day) == (day("2026-12-18"), day("2026-12-18"))
    assert (course(grafted, "hsct").course.started, dates(grafted, "hsct").cut) == (True, False)
    assert list(starts(grafted)) == ["block-1", "hsct"]


def test_a_transplant_that_was_recorded_twice_still_ends_what_had_not_begun() -> None:
    twice = child(
        Transplanted(date=day("2027-01-22"), where=NOWHERE),
        started("hsct", "2027-01-26"),
        Transplanted(date=day("2027-02-07"), where=NOWHERE),
        arm="A",
    )
    assert list(starts(plan_of(twice))) == ["block-1", "hsct"]
    assert dates(plan_of(twice), "hsct").day1 == day("2027-02-07")


def test_what_had_begun_on_the_very_day_of_a_failure_had_begun() -> None:
    later = (started("block-2", "2026-12-29"), Failed(date=day("2026-12-29"), where=NOWHERE))
    assert list(starts(plan_of(child(*later, arm="C")))) == ["block-1", "block-2", "salvage-1", "salvage-2", "hsct"]
    before = (started("block-2", "2026-12-29"), Failed(date=day("2026-12-28"), where=NOWHERE))
    assert "block-2" not in starts(plan_of_any(*before))


def plan_of_any(*later: Entry, arm: str = "C") -> Plan:
    """A plan by the route alone, whatever stands against the record."""
    plan = plan_of(child(arm=arm))
    found = date_courses(the_protocol(), facts_of(child(*later, arm=arm)), Settings())
    return replace(plan, courses=tuple(replace(plan.courses[0], course=each) for each in found))


def test_a_failure_before_any_recorded_start_leaves_only_the_route_after_it() -> None:
    record = child(Failed(date=day("2026-12-18"), where=NOWHERE), arm="C")
    facts = facts_of(
        replace(record, log=tuple(each for each in record.log if each != started("block-1", "2026-12-01")))
    )
    assert [leg.course for leg in legs_of(the_protocol(), facts)] == ["salvage-1", "salvage-2", "hsct"]


def test_a_failure_ends_what_had_begun_by_then_though_the_route_after_it_has_it_too() -> None:
    grafted = plan_of_any(started("hsct", "2027-04-01"), Failed(date=day("2027-04-01"), where=NOWHERE), arm="A")
    assert dates(grafted, "hsct").over == day("2027-04-01")


def test_a_repeat_ends_with_the_cycle_in_which_treatment_failed() -> None:
    maintenance = (started("block-2", "2026-12-29"), started("maintenance-1", "2027-09-01"))

    def cycles(on: str) -> list[str]:
        plan = plan_of(child(*maintenance, Failed(date=day(on), where=NOWHERE), arm="C"))
        return [each.course.id for each in plan.courses if each.course.cycle]

    assert cycles("2027-11-23") == ["maintenance-1"]  # its last day
    assert cycles("2027-11-24") == ["maintenance-1", "maintenance-2"]
    assert cycles("2027-09-01") == ["maintenance-1"]


def test_after_a_course_without_a_date_none_has_one() -> None:
    plan = plan_of(child(arm="A"))
    assert starts(plan)["hsct"] == ""
    failed = plan_of(child(Failed(date=day("2026-12-18"), where=NOWHERE), arm=""))
    assert (starts(failed)["salvage-1"], starts(failed)["salvage-2"]) == ("", "")


def test_a_course_that_has_started_is_there_though_one_before_it_would_begin_after_the_end() -> None:
    early = (delayed("block-2", to="2027-01-20"), started("blina-cycle-1", "2026-12-30"))
    stop = Stopped(date=day("2027-01-10"), where=NOWHERE)
    assert list(starts(plan_of_any(*early, stop, arm="D"))) == ["block-1", "blina-cycle-1"]


def test_nothing_begins_in_the_place_of_a_course_that_would_begin_after_the_end() -> None:
    last = Ending(date=day("2027-02-10"), why="by wish", where=NOWHERE)
    stop = Stopped(date=day("2027-02-10"), where=NOWHERE)
    assert list(starts(plan_of_any(delayed("blina-cycle-1", to="2027-02-11"), last, arm="D"))) == ["block-1", "block-2"]
    assert list(starts(plan_of_any(delayed("blina-cycle-1", to="2027-02-10"), stop, arm="D"))) == ["block-1", "block-2"]


def test_a_transplant_that_the_protocol_does_not_have_begins_nothing() -> None:
    protocol = the_protocol()
    courses = {name: replace(each, procedures=()) for name, each in protocol.courses.items()}
    grafted = facts_of(child(Transplanted(date=day("2026-12-18"), where=NOWHERE), arm="A"))
    found = date_courses(replace(protocol, courses=courses), grafted, Settings())
    assert [(each.id, each.dates and str(each.dates.last_day)) for each in found] == [("block-1", "2026-12-17")]


# What is known of a course


def test_courses_before_the_last_one_that_started_are_done_and_those_from_it_on_are_planned() -> None:
    def statuses(*later: Entry) -> list[CourseStatus]:
        return [each.course.status for each in plan_of(child(*later)).courses[:3]]

    done, planned = CourseStatus.DONE, CourseStatus.PLANNED
    assert statuses() == [planned, planned, planned]
    assert statuses(started("block-2", "2026-12-29")) == [done, planned, planned]
    assert statuses(started("blina-cycle-1", "2027-01-26")) == [done, done, planned]
    nothing_began = replace(child(), log=child().log[:1])
    assert [each.status for each in date_courses(the_protocol(), facts_of(nothing_began), Settings())] == [planned]


def test_a_course_is_provisional_until_its_start_and_all_the_counts_that_it_asks_for_are_recorded() -> None:
    def provisional(**counts: str) -> bool:
        return course(
            plan_of(child(started("continuation-1", "2027-03-02", **counts))), "continuation-1"
        ).course.provisional

    assert provisional(anc="800", platelets="80000") is False
    assert provisional(anc="800") is True
    assert provisional() is True
    plan = plan_of(child())
    assert [course(plan, name).course.provisional for name in ("block-1", "block-2")] == [False, True]


def test_a_course_knows_which_drugs_no_course_before_it_has() -> None:
    plan = plan_of(child())
    assert course(plan, "blina-cycle-1").course.first_with == {"blinatumomab"}
    assert course(plan, "blina-cycle-2").course.first_with == set()
    assert course(plan, "block-1").course.first_with >= {"dexamethasone", "vincristine", "methotrexate"}


def test_the_measurement_of_a_course_is_the_latest_on_or_before_its_first_day() -> None:
    facts = facts_of(child(measured("2026-12-29", "113", "20"), measured("2027-01-26", "114", "21")))
    assert str(measurement_for(facts, day("2026-12-28")).weight) == "19.4"
    assert str(measurement_for(facts, day("2026-12-29")).weight) == "20"
    assert str(measurement_for(facts, day("2027-06-01")).weight) == "21"
    assert str(measurement_for(facts, day("2026-11-01")).weight) == "19.4"  # the earliest, where there is none before


def test_a_course_that_runs_is_worked_out_again_from_its_first_to_its_last_day() -> None:
    def again(on: str) -> list[str]:
        plan = plan_of(child(measured("2026-12-01", "113", "20", again=on)))
        return [str(first) for first, _measurement, _bsa in dates(plan, "block-1").again]

    assert again("2026-12-08") == ["2026-12-08"]
    assert (again("2026-12-01"), again("2026-12-28"), again("2026-12-29")) == (["2026-12-01"], ["2026-12-28"], [])
    two = (
        measured("2026-12-02", "113", "22", again="2026-12-15"),
        measured("2026-12-03", "113", "20", again="2026-12-08"),
    )
    found = dates(plan_of(child(*two)), "block-1").again
    assert [(str(first), str(bsa)) for first, _measurement, bsa in found] == [
        ("2026-12-08", "0.79"),
        ("2026-12-15", "0.83"),
    ]


def test_a_course_is_found_by_its_id_and_a_repeated_one_by_that_of_a_cycle() -> None:
    def named(id_: str) -> str:
        found = course_named(the_protocol(), id_)
        return found.id if found else ""

    assert [named(id_) for id_ in ("block-2", "maintenance-3", "continuation-1", "cranial-radiation-1", "nothing")] == [
        "block-2", "maintenance", "continuation-1", "cranial-radiation", "",
    ]  # fmt: skip


def test_a_course_that_stays_with_an_earlier_version_is_found_in_that_one() -> None:
    """A later version has no second block any more."""
    earlier = the_protocol()
    later = replace(earlier, courses={id_: each for id_, each in earlier.courses.items() if id_ != "block-2"})
    assert course_named(in_versions((earlier, later), later), "block-2") is None
    both = in_versions((earlier, later), later, (("block-2", earlier),))
    assert course_named(both, "block-2") == earlier.courses["block-2"]


@pytest.mark.parametrize(
    ("when", "met"),
    [
        (Condition(), True),
        (Condition(arm=("D",)), True),
        (Condition(arm=("A", "C")), False),
        (Condition(cns=("cns1", "cns2")), True),
        (Condition(cns=("cns3",)), False),
        (Condition(risk=("low",)), False),  # it is not known
        (Condition(sex=("female",)), True),
        (Condition(sex=("male",)), False),
        (Condition(first_with="blinatumomab"), True),
        (Condition(first_with="vincristine"), False),
        (Condition(cycles=parse_days("2, 3")), True),
        (Condition(cycles=parse_days("1")), False),
        (Condition(arm=("D",), cns=("cns3",)), False),
    ],
)
def test_a_condition_holds_where_every_part_of_it_does(when: Condition, *, met: bool) -> None:
    record = child()
    traits: Traits = facts_of(record).traits
    assert holds(when, traits, frozenset({"blinatumomab"}), 2) is met


def test_a_condition_of_cycles_holds_in_no_course_without_cycles() -> None:
    assert not holds(Condition(cycles=parse_days("1")), facts_of(child()).traits)


def test_without_a_measurement_nothing_is_dated() -> None:
    record = child()
    facts = facts_of(replace(record, log=record.log[1:]))
    assert [each.dates for each in date_courses(the_protocol(), facts, Settings())] == [None] * 7


def test_an_arm_that_is_assigned_later_adds_its_courses() -> None:
    assert list(starts(plan_of(child(arm="")))) == ["block-1"]
    assert starts(plan_of(child(assigned("C", "2026-12-28"), arm="")))["block-3"] == "2027-01-26"


def test_a_hold_after_a_course_leaves_the_evaluations_at_its_end() -> None:
    held_ = course(plan_of(child(held("block-1", "2026-12-29", 2, HoldRule.SLIP))), "block-1")
    assert [(each.kind, str(each.date)) for each in held_.evaluations] == [
        ("bone-marrow", "2026-12-29"),
        ("mrd", "2026-12-29"),
    ]
