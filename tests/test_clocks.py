"""Times of doses and level draws from a recorded start: by hand, and what holds for every start and clearing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_memory import child, cleared, line, plan_of, started
from in_memory import given as given_at

from protocal.model.entries import Entry
from protocal.model.reasons import reason_text
from protocal.model.settings import Settings
from protocal.plan.clocks import RescueClock, TimedDose, dose_times, draw_times, rescue_times

THOUSAND = settings(derandomize=True, deadline=None, max_examples=1000, database=None)

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 1, 5, 9, tzinfo=NEW_YORK)
RESCUE = RescueClock(first_hours=48, interval_hours=6, per_day=4, days=(10, 11))
NAIVE = datetime(2027, 1, 5, 9)  # noqa: DTZ001 - the mistake itself


def shown(doses: tuple[TimedDose, ...]) -> list[str]:
    return [f"{dose.day}.{dose.number} {dose.at:%a %d %b %H:%M}" for dose in doses]


def after(hours: int, start: datetime = START) -> datetime:
    return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(start.tzinfo)


def hours_of(doses: tuple[TimedDose, ...], start: datetime = START) -> list[int]:
    return [(dose.at.astimezone(UTC) - start.astimezone(UTC)) // timedelta(hours=1) for dose in doses]


# By hand

PLANNED = [
    "10.1 Thu 07 Jan 09:00",
    "10.2 Thu 07 Jan 15:00",
    "10.3 Thu 07 Jan 21:00",
    "10.4 Fri 08 Jan 03:00",
    "11.1 Fri 08 Jan 09:00",
    "11.2 Fri 08 Jan 15:00",
    "11.3 Fri 08 Jan 21:00",
    "11.4 Sat 09 Jan 03:00",
]


def test_doses_of_the_planned_days_may_pass_midnight_and_stay_with_their_day() -> None:
    found = dose_times(RESCUE, START, NEW_YORK)
    assert shown(found) == PLANNED
    assert {dose.at.isoformat() for dose in found} >= {"2027-01-07T09:00:00-05:00", "2027-01-09T03:00:00-05:00"}
    assert all(dose.planned and not dose.after_clearing for dose in found)


def test_a_rescue_cleared_after_78_h_ends_there_but_planned_doses_stay_marked() -> None:
    one_day = RescueClock(48, 6, 4, (10,))
    found = rescue_times(one_day, START, NEW_YORK, after(78))
    assert shown(found) == PLANNED[:5]  # 48, 54, 60, 66 and 72 h; the one at 78 h is no longer due
    assert [dose.planned for dose in found] == [True] * 4 + [False]
    found = rescue_times(RESCUE, START, NEW_YORK, after(78))
    assert shown(found) == PLANNED
    assert [dose.after_clearing for dose in found] == [False] * 5 + [True] * 3
    assert all(dose.planned for dose in found)


def test_a_minute_later_the_dose_at_78_h_was_still_due() -> None:
    cleared = after(78) + timedelta(minutes=1)
    assert hours_of(rescue_times(RescueClock(48, 6, 4, (10,)), START, NEW_YORK, cleared))[-1] == 78


def test_6_h_are_real_hours_across_the_change_to_summer_time() -> None:
    start = datetime(2027, 3, 26, 9, tzinfo=BERLIN)  # clocks go forward at 02:00 on Sunday 28 March
    assert shown(dose_times(RescueClock(36, 6, 4, (3,)), start, BERLIN)) == [
        "3.1 Sat 27 Mar 21:00",
        "3.2 Sun 28 Mar 04:00",
        "3.3 Sun 28 Mar 10:00",
        "3.4 Sun 28 Mar 16:00",
    ]


def test_an_hour_that_comes_twice_is_told_by_its_offset() -> None:
    start = datetime(2027, 11, 6, 13, 30, tzinfo=NEW_YORK)  # clocks go back at 02:00 on Sunday 7 November
    found = dose_times(RescueClock(12, 1, 2, (2,)), start, NEW_YORK)
    assert [dose.at.isoformat() for dose in found] == ["2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00"]


def test_an_order_with_a_clock_of_its_own_starts_at_once_and_days_may_have_gaps() -> None:
    assert shown(dose_times(RescueClock(0, 12, 2, (1, 2, 8)), START, NEW_YORK)) == [
        "1.1 Tue 05 Jan 09:00",
        "1.2 Tue 05 Jan 21:00",
        "2.1 Wed 06 Jan 09:00",
        "2.2 Wed 06 Jan 21:00",
        "8.1 Tue 12 Jan 09:00",
        "8.2 Tue 12 Jan 21:00",
    ]


def test_two_doses_of_one_day_do_not_go_on() -> None:
    assert hours_of(dose_times(RescueClock(48, 6, 2, (24,)), START, NEW_YORK)) == [48, 54]


def test_the_start_may_stand_in_another_zone() -> None:
    found = dose_times(RESCUE, START.astimezone(UTC), NEW_YORK)
    assert found == dose_times(RESCUE, START, NEW_YORK)
    assert all(dose.at.tzinfo is NEW_YORK for dose in found)


def test_levels_are_drawn_so_many_real_hours_after_the_start() -> None:
    start = datetime(2027, 3, 26, 9, tzinfo=BERLIN)
    assert [f"{at:%a %d %b %H:%M}" for at in draw_times(start, (24, 42, 48, 72), BERLIN)] == [
        "Sat 27 Mar 09:00",
        "Sun 28 Mar 04:00",
        "Sun 28 Mar 10:00",
        "Mon 29 Mar 10:00",
    ]
    assert draw_times(start, (), BERLIN) == ()


# Bad input


@pytest.mark.parametrize(
    ("first", "interval", "per_day", "days", "sentence"),
    [
        (-1, 6, 4, (10,), "cannot be -1 h after the start"),
        (48, 0, 4, (10,), "4 doses every 0 h are none"),
        (48, 6, 0, (10,), "0 doses every 6 h are none"),
        (48, 6, 5, (10,), "5 doses every 6 h do not fit into a day"),
        (48, 6, 4, (), "must be at least one"),
        (48, 6, 4, (11, 10), "each above the one before it"),
        (48, 6, 4, (10, 10), "each above the one before it"),
    ],
)
def test_a_clock_that_cannot_be_is_refused(
    first: int, interval: int, per_day: int, days: tuple[int, ...], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        RescueClock(first, interval, per_day, days)


def test_an_interval_that_does_not_divide_a_day_fits_if_the_last_dose_does() -> None:
    assert hours_of(dose_times(RescueClock(0, 5, 5, (1, 2)), START, NEW_YORK)) == [0, 5, 10, 15, 20, 24, 29, 34, 39, 44]


def test_times_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="the start, 2027-01-05 09:00, has no zone"):
        dose_times(RESCUE, NAIVE, NEW_YORK)
    with pytest.raises(ValueError, match="the start, 2027-01-05 09:00, has no zone"):
        draw_times(NAIVE, (24,), NEW_YORK)
    with pytest.raises(ValueError, match="the clearing level, 2027-01-05 09:00, has no zone"):
        rescue_times(RESCUE, START, NEW_YORK, NAIVE)


def test_a_clearing_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match="not after the start"):
        rescue_times(RESCUE, START, NEW_YORK, START)


@pytest.mark.parametrize("hours", [(-1,), (48, 24), (24, 24)])
def test_level_draws_that_cannot_be_are_refused(hours: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="level draws"):
        draw_times(START, hours, NEW_YORK)


# For every start and clearing

starts = st.builds(
    lambda zone, minutes: (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(zone),
    st.sampled_from([NEW_YORK, BERLIN, ZoneInfo("UTC")]),
    st.one_of(st.integers(0, 3 * 365 * 1440), st.integers(60 * 1440, 90 * 1440), st.integers(270 * 1440, 310 * 1440)),
)


@THOUSAND
@given(
    starts,
    st.integers(0, 72),
    st.sampled_from([(6, 4), (12, 2), (24, 1), (8, 3), (4, 6)]),
    st.integers(1, 5),
    st.integers(1, 400),
)
def test_a_rescue_is_one_chain_from_first_to_last_whatever_the_clocks_do(
    start: datetime, first: int, every: tuple[int, int], days: int, cleared: int
) -> None:
    interval, per_day = every
    clock = RescueClock(first, interval, per_day, tuple(range(10, 10 + days)))
    found = rescue_times(clock, start, start.tzinfo or UTC, after(cleared, start))
    times = hours_of(found, start)
    planned = list(range(first, first + days * per_day * interval, interval))
    more = list(range(planned[-1] + interval, cleared, interval))
    assert times == planned + more
    assert all(two - one == interval for one, two in pairwise(times))
    for dose, hour in zip(found, times, strict=True):
        assert (dose.day - 10) * 24 + (dose.number - 1) * interval == hour - first
        assert dose.after_clearing == (hour >= cleared)
        assert dose.planned == (dose.day < 10 + days)


def test_a_level_can_be_drawn_at_the_start_itself() -> None:
    assert draw_times(START, (0, 24), NEW_YORK) == (START, after(24))


def test_level_draws_are_refused_in_a_whole_sentence() -> None:
    with pytest.raises(ValueError, match=r"^the hours of level draws must be 0 or more, each above the one before it$"):
        draw_times(START, (-1,), NEW_YORK)


def test_a_rescue_is_refused_in_a_whole_sentence() -> None:
    with pytest.raises(ValueError, match=r"^the start, 2027-01-05 09:00, has no zone; write it with one$"):
        rescue_times(RESCUE, NAIVE, NEW_YORK, START)
    with pytest.raises(ValueError, match=r"^the clearing level is not after the start; correct one of the two$"):
        rescue_times(RESCUE, START, NEW_YORK, START)
    with pytest.raises(ValueError, match=r"^the planned days must be at least one, each above the one before it$"):
        RescueClock(first_hours=48, interval_hours=6, per_day=4, days=())


# Of a patient's rescue, with the levels that her record has. Methotrexate is started on 5 January at 09:00; her rescue
# is leucovorin every 6 h from 7 January at 09:00 on.

INFUSED = (started("block-2", "2026-12-29"), given_at("block-2/mtx-hd/8", "2027-01-05 09:00"))
DRAWN = Settings(level_draws=(("methotrexate", (24, 48, 72, 96, 120)),))


def rescued(*levels: Entry) -> list[str]:
    """Each dose's date and hour, to the last before a level."""
    plan = plan_of(child(*INFUSED, *levels), DRAWN)
    found = (each for each in plan.administrations if each.course == "block-2" and each.key == "lcv")
    return [f"{at:%d-%m %H:%M}" for each in found if each.status.takes_place for at in each.times]


def drawn(*levels: Entry) -> list[str]:
    plan = plan_of(child(*INFUSED, *levels), DRAWN)
    return [
        f"{each.at:%d-%m %H:%M}" for each in plan.evaluations if each.kind == "drug-level" and each.course == "block-2"
    ]


EARLY, LATE = cleared("2027-01-09 10:00"), cleared("2027-01-11 10:00")


@pytest.mark.parametrize("levels", [(EARLY,), (EARLY, LATE), (LATE, EARLY)], ids=["one", "in order", "the other way"])
def test_the_first_level_that_has_cleared_ends_the_rescue_however_many_are_recorded(levels: tuple[Entry, ...]) -> None:
    doses = rescued(*levels)
    assert (doses[0], doses[-1], len(doses)) == ("07-01 09:00", "09-01 09:00", 9)
    assert drawn(*levels) == ["06-01 09:00", "07-01 09:00", "08-01 09:00", "09-01 09:00"]


def test_a_level_at_the_hour_of_a_dose_or_of_a_draw_is_that_draw_and_the_dose_is_no_longer_due() -> None:
    assert rescued(cleared("2027-01-09 09:00"))[-1] == "09-01 03:00"
    assert drawn(cleared("2027-01-09 09:00"))[-1] == "09-01 09:00"
    assert rescued(cleared("2027-01-09 09:01"))[-1] == "09-01 09:00"


def test_a_planned_dose_after_the_level_is_left_out_and_says_why() -> None:
    plan = plan_of(child(*INFUSED, cleared("2027-01-08 09:00")), DRAWN)
    last = line(plan, "block-2/lcv/11")
    assert (last.status.value, last.times) == ("omitted", ())
    assert reason_text(last.reason) == "methotrexate cleared Fri 08-Jan-2027 09:00: 0.08 micromol/L"
    assert line(plan, "block-2/lcv/10").status.value == "due"


def test_without_a_level_the_rescue_goes_on_to_its_course_s_last_day() -> None:
    assert rescued()[-1] == "26-01 03:00"  # the fourth dose of day 28
    assert len(drawn()) == 5
