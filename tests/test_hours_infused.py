"""When hours of a continuous infusion are reached: by hand, and the same as the bags say, for every start and stop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_memory import NOWHERE, child, interrupted, line, plan_of, resumed, started, the_protocol, undone
from in_memory import given as given_at

from protocal.model.agent import InterruptionRule
from protocal.model.entries import Entry, Stopped
from protocal.model.facts import Pause, facts_of
from protocal.model.reasons import reason_text
from protocal.plan.bags import Interruption, Stage, plan_bags
from protocal.plan.hours_infused import check_running, infused_at
from protocal.plan.record_check.courses import check_fit

NEW_YORK = ZoneInfo("America/New_York")
LABEL = InterruptionRule(supervised_hours=4, longest_days=7)
START = datetime(2027, 1, 26, 14, tzinfo=NEW_YORK)
HOUR = timedelta(hours=1)


def pause(stop: datetime, resume: datetime | None) -> Pause:
    return Pause(number=1, why="fever", course="cycle", stop=stop, resume=resume)


def shown(at: datetime | None) -> str:
    return f"{at.astimezone(NEW_YORK):%a %d %b %H:%M}" if at else "none"


def test_without_a_stop_hours_are_real_hours_across_a_change_of_clocks() -> None:
    assert shown(infused_at(START, 24, (), LABEL)) == "Wed 27 Jan 14:00"
    start = datetime(2027, 3, 10, 14, tzinfo=NEW_YORK)  # the clocks are put forward on 14 March
    assert shown(infused_at(start, 24 * 28, (), LABEL)) == "Wed 07 Apr 15:00"


def test_a_stop_moves_what_comes_after_it_by_its_length() -> None:
    stop = datetime(2027, 2, 5, 3, 15, tzinfo=NEW_YORK)  # after 9 days 13 h 15 min
    stops = (pause(stop, datetime(2027, 2, 10, 10, tzinfo=NEW_YORK)),)
    assert shown(infused_at(START, 24 * 9, stops, LABEL, begins=True)) == "Thu 04 Feb 14:00"
    assert shown(infused_at(START, 24 * 10, stops, LABEL, begins=True)) == "Wed 10 Feb 20:45"
    assert shown(infused_at(START, 24 * 28, stops, LABEL)) == "Sun 28 Feb 20:45"


def test_a_day_that_ends_with_the_stop_is_over_then_and_the_next_begins_with_the_resume() -> None:
    stop, resume = START + 24 * HOUR, START + 30 * HOUR
    stops = (pause(stop, resume),)
    assert infused_at(START, 24, stops, LABEL) == stop
    assert infused_at(START, 24, stops, LABEL, begins=True) == resume


@pytest.mark.parametrize("resume", [None, START + 24 * HOUR + timedelta(days=7, minutes=1)])
def test_while_it_stands_still_or_stood_too_long_nothing_is_reached(resume: datetime | None) -> None:
    stops = (pause(START + 24 * HOUR, resume),)
    assert infused_at(START, 25, stops, LABEL) is None
    assert infused_at(START, 24, stops, LABEL) is not None


def test_exactly_seven_days_may_go_on() -> None:
    stop = START + 24 * HOUR
    assert infused_at(START, 25, (pause(stop, stop + timedelta(days=7)),), LABEL) == stop + timedelta(days=7) + HOUR


def test_what_has_ended_cannot_be_stopped() -> None:
    check_running(START, 24, (), LABEL, START + 23 * HOUR, NEW_YORK)
    with pytest.raises(ValueError, match="had ended by then"):
        check_running(START, 24, (), LABEL, START + 24 * HOUR, NEW_YORK)


@settings(derandomize=True, deadline=None, max_examples=300, database=None)
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - a bound
    stops=st.lists(st.tuples(st.integers(1, 5 * 24 * 60), st.integers(0, 7 * 24 * 60)), max_size=4),
    lasting=st.sets(st.sampled_from((24, 48, 72, 96, 168)), min_size=1),
)
def test_the_pump_stop_is_where_the_last_bag_ends(
    start: datetime, stops: list[tuple[int, int]], lasting: set[int]
) -> None:
    at = start = start.replace(second=0, microsecond=0)
    pauses = []
    for run, gap in stops:
        stop = at + timedelta(minutes=run)
        at = stop + timedelta(minutes=gap)
        pauses.append(pause(stop, at))
    plan = plan_bags(
        start,
        28 * 24,
        [Stage(date(2000, 1, 1), tuple(sorted(lasting)))],
        allowed=(24, 48, 72, 96, 168),
        closed=frozenset(),
        zone=NEW_YORK,
        interruptions=[Interruption(each.stop, each.resume) for each in pauses],
        rule=LABEL,
    )
    assert plan.stop == infused_at(start, 28 * 24, pauses, LABEL)
    assert sum(bag.used for bag in plan.bags) == 28 * 24 * 60


def test_after_a_stop_that_was_too_long_nothing_has_ended() -> None:
    eight_days = (pause(START + HOUR, START + HOUR + timedelta(days=8)),)
    check_running(START, 24, eight_days, LABEL, START + timedelta(days=20), NEW_YORK)


def test_a_stop_that_comes_too_late_is_told_by_the_clock_of_its_zone() -> None:
    sentence = "the infusion cannot be stopped on Wed 27-Jan-2027 20:00: it had ended by then"
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        check_running(START, 24, (), LABEL, START + 24 * HOUR, ZoneInfo("Europe/Berlin"))


# Of a patient's pump: Blinatumomab Cycle 1 from 26 January 14:00, to 23 February 14:00 undisturbed

CYCLE = "blina-cycle-1"
PUMP = (
    started("block-2", "2026-12-29"),
    started(CYCLE, "2027-01-26"),
    given_at(f"{CYCLE}/blina/1", "2027-01-26 14:00"),
)
STOP = interrupted(CYCLE, "2027-02-03 03:15")


def pump_stop(*later: Entry) -> str:
    stops = [
        each.at
        for each in plan_of(child(*PUMP, *later)).procedures
        if each.kind == "pump-stop" and each.course == CYCLE
    ]
    return ", ".join(f"{at:%d %b %H:%M}" if at else "no hour" for at in stops)


def begins(number: int, *later: Entry) -> str:
    """When a day's 24 h begin, or why they do not."""
    found = line(plan_of(child(*PUMP, *later)), f"{CYCLE}/blina/{number}")
    return ", ".join(f"{at:%d %b %H:%M}" for at in found.times) or reason_text(found.reason)


def test_a_recorded_stop_of_the_pump_moves_the_days_after_it_and_the_pump_stop() -> None:
    assert (begins(8), begins(9), begins(28), pump_stop()) == (
        "02 Feb 14:00", "03 Feb 14:00", "22 Feb 14:00", "23 Feb 14:00",
    )  # fmt: skip
    again = (STOP, resumed(CYCLE, "2027-02-05 08:15"))  # 53 h later
    assert (begins(8, *again), begins(9, *again), begins(28, *again), pump_stop(*again)) == (
        "02 Feb 14:00", "05 Feb 19:00", "24 Feb 19:00", "25 Feb 19:00",
    )  # fmt: skip


def test_two_stops_of_the_pump_add_up() -> None:
    twice = (
        *(STOP, resumed(CYCLE, "2027-02-03 05:15")),
        *(interrupted(CYCLE, "2027-02-10 10:00"), resumed(CYCLE, "2027-02-10 13:00")),
    )
    assert (begins(28, *twice), pump_stop(*twice)) == ("22 Feb 19:00", "23 Feb 19:00")


def test_while_the_pump_stands_still_nothing_is_left_to_begin_and_it_says_why() -> None:
    assert begins(8, STOP) == "02 Feb 14:00"
    assert begins(9, STOP) == "the infusion stands still: stopped Wed 03-Feb-2027 03:15, no resume is recorded"
    assert pump_stop(STOP) == ""
    late = (STOP, resumed(CYCLE, "2027-02-10 03:16"))
    assert begins(9, *late) == (
        "the infusion stands still: stopped Wed 03-Feb-2027 03:15 for more than 7 days, a prescriber must decide"
    )
    assert begins(9, STOP, resumed(CYCLE, "2027-02-10 03:15")) == "10 Feb 14:00"


def test_the_hour_at_which_therapy_was_stopped_is_that_of_the_pump_stop() -> None:
    def stopped(at: str) -> Stopped:
        hour = datetime.fromisoformat(at).replace(tzinfo=NEW_YORK)
        return Stopped(date=hour.date(), at=hour, where=NOWHERE)

    assert pump_stop(stopped("2027-02-09 10:30")) == "09 Feb 10:30"
    assert pump_stop(STOP, stopped("2027-02-09 10:30")) == "09 Feb 10:30"  # also while it stands still
    assert pump_stop(stopped("2027-02-23 18:30")) == "23 Feb 14:00"  # it had run to its end by then


def said(*later: Entry) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in check_fit(the_protocol(), child(*PUMP, *later))]


def test_an_infusion_that_runs_again_cannot_be_resumed_again() -> None:
    first, second = resumed(CYCLE, "2027-02-05 08:15"), resumed(CYCLE, "2027-02-05 10:15")
    nothing = ("resume", f"no interruption of {CYCLE} is recorded that this would end")
    assert said(first) == [nothing]
    assert said(STOP, first) == []
    assert said(STOP, first, second) == [nothing]
    assert (
        said(STOP, first, undone(9), second) == []
    )  # four lines of the girl's own, three of the pump, the stop, the resume
    assert said(STOP, first, interrupted(CYCLE, "2027-02-06 03:15"), resumed(CYCLE, "2027-02-06 04:00")) == []
    assert (
        said(STOP, first, interrupted(CYCLE, "2027-02-06 03:15"), resumed(CYCLE, "2027-02-06 04:00"), second)[0]
        == nothing
    )


def test_the_hour_of_the_first_resume_stays_whatever_is_written_after_it() -> None:
    again = (STOP, resumed(CYCLE, "2027-02-05 08:15", "9.4"), resumed(CYCLE, "2027-02-05 10:15"))
    (found,) = facts_of(child(*PUMP, *again)).pauses
    assert (shown(found.resume), str(found.dose)) == ("Fri 05 Feb 08:15", "9.4")


def test_a_stop_of_one_cycle_is_not_ended_by_the_resume_of_another() -> None:
    assert ("resume", "no interruption of blina-cycle-2 is recorded that this would end") in said(
        STOP, resumed("blina-cycle-2", "2027-02-05 08:15")
    )
