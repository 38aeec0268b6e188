"""The bags of a continuous infusion: by hand, against brute force, and what holds for every start and interruption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocal.model.agent import InterruptionRule
from protocal.plan.bags import (
    Bag,
    BagAmount,
    BagPlan,
    DoseFrom,
    Hang,
    Interruption,
    Outcome,
    Stage,
    bag_amounts,
    plan_bags,
)

LABEL = InterruptionRule(supervised_hours=4, longest_days=7)
THOUSAND = settings(derandomize=True, deadline=None, max_examples=1000, database=None)

ALLOWED = (24, 48, 72, 96, 168)
NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (NEW_YORK, BERLIN, ZoneInfo("UTC"))
LONG_AGO = date(2000, 1, 1)
MINUTE = timedelta(minutes=1)
TUESDAY = datetime(2027, 1, 26, 14, tzinfo=NEW_YORK)


def plan(
    start: datetime,
    *durations: int,
    hours: int = 672,
    stages: Sequence[Stage] = (),
    closed: Sequence[date] = (),
    interruptions: Sequence[Interruption] = (),
    rule: InterruptionRule = LABEL,
) -> BagPlan:
    zone = start.tzinfo
    assert zone
    return plan_bags(
        start,
        hours,
        stages or [Stage(LONG_AGO, durations)],
        allowed=ALLOWED,
        closed=frozenset(closed),
        zone=zone,
        interruptions=interruptions,
        rule=rule,
    )


def durations(found: BagPlan) -> list[int]:
    return [bag.hours for bag in found.bags]


def hangs(found: BagPlan) -> list[str]:
    return [f"{bag.hang:%a %d %b %H:%M}" for bag in found.bags]


def shown(moment: datetime | None) -> str:
    assert moment
    return f"{moment:%a %d %b %H:%M %z}"


# By hand


def test_bags_of_72_and_96_h_from_a_tuesday_never_meet_a_weekend() -> None:
    found = plan(TUESDAY, 72, 96)
    assert hangs(found) == [
        "Tue 26 Jan 14:00",
        "Fri 29 Jan 14:00",
        "Mon 01 Feb 14:00",
        "Thu 04 Feb 14:00",
        "Mon 08 Feb 14:00",
        "Thu 11 Feb 14:00",
        "Mon 15 Feb 14:00",
        "Fri 19 Feb 14:00",
    ]
    assert durations(found) == [72, 72, 72, 96, 72, 96, 96, 96]
    assert found.changes_on_closed_days == ()
    assert shown(found.stop) == "Tue 23 Feb 14:00 -0500"
    assert [bag.why for bag in found.bags] == [Hang.START] + 7 * [Hang.CHANGE]
    assert all(bag.used == bag.hours * 60 and not bag.discarded for bag in found.bags)
    assert (found.outcome, found.left, found.notes) == (Outcome.COMPLETE, 0, ())


def test_a_day_that_the_site_is_closed_counts_as_a_weekend() -> None:
    found = plan(TUESDAY, 72, 96, closed=[date(2027, 2, 15)])
    assert durations(found) == [72, 72, 72, 96, 96, 96, 72, 96]
    assert hangs(found)[5:] == ["Fri 12 Feb 14:00", "Tue 16 Feb 14:00", "Fri 19 Feb 14:00"]
    assert found.changes_on_closed_days == ()


def test_bags_of_7_days_change_on_the_weekday_of_the_start() -> None:
    found = plan(TUESDAY, 168)
    assert hangs(found) == ["Tue 26 Jan 14:00", "Tue 02 Feb 14:00", "Tue 09 Feb 14:00", "Tue 16 Feb 14:00"]
    assert shown(found.stop) == "Tue 23 Feb 14:00 -0500"


def test_changes_that_nothing_avoids_are_named_and_a_start_on_a_closed_day_is_no_change() -> None:
    found = plan(datetime(2027, 1, 30, 9, tzinfo=NEW_YORK), 168)
    assert hangs(found)[0] == "Sat 30 Jan 09:00"
    assert [f"{each:%a %d %b}" for each in found.changes_on_closed_days] == ["Sat 06 Feb", "Sat 13 Feb", "Sat 20 Feb"]
    assert [bag.on_closed_day for bag in found.bags] == [True] * 4


def test_one_short_bag_leads_away_from_saturdays() -> None:
    found = plan(datetime(2027, 1, 30, 9, tzinfo=NEW_YORK), 48, 168)
    assert durations(found) == [48, 168, 168, 168, 168]
    assert found.changes_on_closed_days == ()
    assert (found.bags[-1].used, found.bags[-1].discarded) == (120 * 60, 48 * 60)
    assert found.notes == (
        "The last bag is cut at the pump stop: 120 h of its 168 h are infused, the rest is discarded.",
    )


def test_the_last_bag_is_cut_and_of_the_sequences_as_short_the_one_with_least_left_over_is_taken() -> None:
    found = plan(TUESDAY, 72, 96, hours=100)
    assert durations(found) == [72, 72]
    assert (found.bags[-1].used, found.bags[-1].discarded) == (28 * 60, 44 * 60)
    assert shown(found.stop) == "Sat 30 Jan 18:00 -0500"


def test_an_exact_fit_goes_before_an_earlier_change() -> None:
    monday = datetime(2027, 1, 25, 8, tzinfo=NEW_YORK)
    assert durations(plan(monday, 48, 96, 168, hours=192)) == [96, 96]  # not 48 and 168, of which 24 h are left over
    assert durations(plan(monday, 48, 72, 96, hours=144)) == [48, 96]


def test_fewer_bags_go_before_an_exact_fit() -> None:
    assert durations(plan(TUESDAY, 72, 168, hours=144)) == [168]


def test_fewer_changes_on_closed_days_go_before_fewer_bags() -> None:
    thursday = datetime(2027, 1, 28, 8, tzinfo=NEW_YORK)
    found = plan(thursday, 24, 48, 72, hours=144)
    assert durations(found) == [24, 72, 48]  # not 72 and 72, which change on a Sunday
    assert found.changes_on_closed_days == ()


def test_a_bag_over_the_change_to_summer_time_ends_an_hour_later_by_the_clock() -> None:
    found = plan(datetime(2027, 3, 26, 10, tzinfo=BERLIN), 24, hours=96)
    assert hangs(found) == ["Fri 26 Mar 10:00", "Sat 27 Mar 10:00", "Sun 28 Mar 11:00", "Mon 29 Mar 11:00"]
    assert shown(found.stop) == "Tue 30 Mar 11:00 +0200"
    assert [bag.used for bag in found.bags] == [1440] * 4


def test_a_bag_over_the_change_to_winter_time_ends_an_hour_earlier_and_perhaps_the_day_before() -> None:
    found = plan(datetime(2027, 11, 1, 0, 30, tzinfo=NEW_YORK), 168, hours=336)
    assert hangs(found) == ["Mon 01 Nov 00:30", "Sun 07 Nov 23:30"]
    assert [f"{each:%a %H:%M}" for each in found.changes_on_closed_days] == ["Sun 23:30"]
    assert shown(found.stop) == "Sun 14 Nov 23:30 -0500"


def test_a_change_that_winter_time_moves_to_a_sunday_is_avoided() -> None:
    found = plan(datetime(2027, 11, 1, 0, 30, tzinfo=NEW_YORK), 96, 168, hours=336)
    assert hangs(found) == ["Mon 01 Nov 00:30", "Fri 05 Nov 00:30", "Mon 08 Nov 23:30"]
    assert durations(found) == [96, 96, 168]  # not 168 and 168, which change on Sunday at 23:30


def test_durations_change_at_a_date() -> None:
    stages = [Stage(date(2027, 1, 26), (24,)), Stage(date(2027, 1, 29), (72, 96, 168))]
    found = plan(TUESDAY, stages=stages)
    assert durations(found) == [24, 24, 24, 96, 168, 168, 168]
    assert hangs(found)[3:] == ["Fri 29 Jan 14:00", "Tue 02 Feb 14:00", "Tue 09 Feb 14:00", "Tue 16 Feb 14:00"]
    assert found.changes_on_closed_days == ()


def test_bags_before_the_date_are_chosen_with_a_view_to_those_after_it() -> None:
    stages = [Stage(LONG_AGO, (24, 48)), Stage(date(2027, 1, 27), (96,))]
    found = plan(datetime(2027, 1, 25, 9, tzinfo=NEW_YORK), stages=stages, hours=240)
    assert hangs(found) == ["Mon 25 Jan 09:00", "Tue 26 Jan 09:00", "Thu 28 Jan 09:00", "Mon 01 Feb 09:00"]
    assert durations(found) == [24, 48, 96, 96]  # not 48, 96 and 96, which fit but change on a Sunday


def test_a_bag_is_of_the_stage_of_the_local_date_of_its_hang() -> None:
    stages = [Stage(LONG_AGO, (24,)), Stage(date(2027, 1, 28), (96,))]
    assert durations(plan(datetime(2027, 1, 26, 23, tzinfo=NEW_YORK), stages=stages, hours=144)) == [24, 24, 96]


# Interruptions


def interrupted(stop: datetime, hours: int | None, *chosen: int) -> BagPlan:
    resume = None if hours is None else stop + timedelta(hours=hours)
    return plan(TUESDAY, *(chosen or (72, 96)), interruptions=[Interruption(stop, resume)])


STOP = datetime(2027, 2, 2, 6, tzinfo=NEW_YORK)  # 40 h into the third bag, with 136 + 24 = 160 h infused


def test_after_3_h_a_new_bag_is_hung_and_nobody_need_supervise() -> None:
    found = interrupted(STOP, 3)
    assert hangs(found)[:4] == ["Tue 26 Jan 14:00", "Fri 29 Jan 14:00", "Mon 01 Feb 14:00", "Tue 02 Feb 09:00"]
    assert [bag.why for bag in found.bags[:5]] == [Hang.START, Hang.CHANGE, Hang.CHANGE, Hang.RESUME, Hang.CHANGE]
    assert (found.bags[2].used, found.bags[2].discarded) == (16 * 60, 56 * 60)
    assert [(each.minutes, each.supervised) for each in found.restarts] == [(180, False)]
    assert shown(found.stop) == "Tue 23 Feb 17:00 -0500"
    assert found.notes[:2] == (
        "Stopped Tue 02-Feb-2027 06:00: 16 h of the bag of 72 h were infused, the rest is discarded.",
        "Resumed Tue 02-Feb-2027 09:00 after 3 h with a new bag.",
    )


def test_after_5_days_the_restart_is_supervised_and_the_same_hours_go_on() -> None:
    found = interrupted(STOP, 120)
    assert [(each.minutes, each.supervised) for each in found.restarts] == [(7200, True)]
    assert found.bags[3].why is Hang.RESUME
    assert found.bags[3].on_closed_day
    assert hangs(found)[3] == "Sun 07 Feb 06:00"
    assert found.changes_on_closed_days == ()
    assert shown(found.stop) == "Sun 28 Feb 14:00 -0500"
    assert found.notes[1] == (
        "Resumed Sun 07-Feb-2027 06:00 after 120 h with a new bag: a supervised restart, for the stop lasted 4 h or"
        " more."
    )


def test_after_9_days_a_prescriber_must_decide_and_nothing_is_planned() -> None:
    found = interrupted(STOP, 216)
    assert (found.outcome, found.stop, len(found.bags)) == (Outcome.PRESCRIBER, None, 3)
    assert found.left == (672 - 160) * 60
    assert found.notes[-1] == (
        "The stop lasted 216 h, more than 7 days: a prescriber must decide, and nothing is planned after the stop."
    )
    found = plan(TUESDAY, 72, 96, interruptions=[Interruption(STOP, STOP + (216 * 60 + 30) * MINUTE)])
    assert found.notes[-1].startswith("The stop lasted 216 h 30 min, more than 7 days")


def test_without_a_resume_nothing_is_planned() -> None:
    found = interrupted(STOP, None)
    assert (found.outcome, found.stop, len(found.bags)) == (Outcome.STOPPED, None, 3)
    assert shown(found.bags[-1].ends) == "Tue 02 Feb 06:00 -0500"
    assert found.notes[-1] == "No resume is recorded: nothing is planned after the stop."


@pytest.mark.parametrize(
    ("minutes", "supervised", "outcome"),
    [
        (0, False, Outcome.COMPLETE),
        (239, False, Outcome.COMPLETE),
        (240, True, Outcome.COMPLETE),
        (7 * 1440, True, Outcome.COMPLETE),
        (7 * 1440 + 1, None, Outcome.PRESCRIBER),
    ],
)
def test_4_h_are_supervised_and_7_days_are_the_same_cycle(minutes: int, supervised: bool, outcome: Outcome) -> None:
    found = plan(TUESDAY, 72, 96, interruptions=[Interruption(STOP, STOP + minutes * MINUTE)])
    assert found.outcome is outcome
    assert [each.supervised for each in found.restarts] == ([] if supervised is None else [supervised])


def test_the_limits_are_the_labels_and_can_be_others() -> None:
    rule = InterruptionRule(supervised_hours=2, longest_days=1)
    stops = [Interruption(STOP, STOP + timedelta(hours=3))]
    assert plan(TUESDAY, 72, 96, interruptions=stops, rule=rule).restarts[0].supervised
    stops = [Interruption(STOP, STOP + timedelta(hours=25))]
    assert plan(TUESDAY, 72, 96, interruptions=stops, rule=rule).outcome is Outcome.PRESCRIBER
    none = InterruptionRule(supervised_hours=0, longest_days=0)
    assert "more than 0 days" in plan(TUESDAY, 72, 96, interruptions=stops, rule=none).notes[-1]
    always = plan(TUESDAY, 72, 96, interruptions=stops, rule=InterruptionRule(supervised_hours=0))
    assert always.notes[1].endswith("a supervised restart, for the stop lasted 0 h or more.")


def test_a_stop_is_counted_in_real_hours_across_a_change_of_clocks() -> None:
    start = datetime(2027, 10, 25, 14, tzinfo=NEW_YORK)
    stop, week_later = datetime(2027, 11, 1, 14, tzinfo=NEW_YORK), datetime(2027, 11, 8, 14, tzinfo=NEW_YORK)
    found = plan(start, 24, interruptions=[Interruption(stop, week_later)])
    assert found.outcome is Outcome.PRESCRIBER  # 169 h
    found = plan(start, 24, interruptions=[Interruption(stop, week_later - timedelta(hours=1))])
    assert found.restarts[0].minutes == 168 * 60


def test_a_stop_at_the_very_change_of_a_bag_discards_nothing() -> None:
    found = interrupted(datetime(2027, 1, 29, 14, tzinfo=NEW_YORK), 5)
    assert [bag.discarded for bag in found.bags[:1]] == [0]
    assert hangs(found)[1] == "Fri 29 Jan 19:00"
    assert found.notes[0] == "Stopped Fri 29-Jan-2027 14:00, when the bag of 72 h was used up."


def test_interruptions_may_be_recorded_in_any_order() -> None:
    stops = [Interruption(STOP + timedelta(days=day), STOP + timedelta(days=day, hours=6)) for day in (0, 3, 9)]
    assert plan(TUESDAY, 72, 96, interruptions=stops) == plan(TUESDAY, 72, 96, interruptions=stops[::-1])


# Amounts


def test_a_bag_holds_the_dose_of_its_hours_in_full_even_if_it_is_cut() -> None:
    found = plan(TUESDAY, 72, 96, hours=100)
    amounts = bag_amounts(found.bags, [DoseFrom(TUESDAY, Decimal("11.7"))])
    assert [(str(each.amount), str(each.infused)) for each in amounts] == [
        ("35.1000", "35.1000"),
        ("35.1000", "13.6500"),
    ]
    assert [each.changed for each in amounts] == [None, None]


def test_a_change_of_dose_waits_for_the_next_bag_and_says_so() -> None:
    found = plan(TUESDAY, 72, 96, hours=240)
    at_change, within = found.bags[1].hang, found.bags[1].hang + MINUTE
    doses = [DoseFrom(TUESDAY, Decimal(9)), DoseFrom(at_change, Decimal(28))]
    amounts = bag_amounts(found.bags, doses)
    assert [(int(each.per_day), each.changed) for each in amounts] == [(9, None), (28, None), (28, None)]
    doses[1] = DoseFrom(within, Decimal(28))
    amounts = bag_amounts(found.bags, doses)
    assert [(int(each.per_day), each.changed) for each in amounts] == [(9, None), (9, within), (28, None)]


def test_an_amount_is_rounded_half_up_to_four_decimals() -> None:
    bag = Bag(TUESDAY, TUESDAY + timedelta(minutes=1), 24, 1, Hang.START, on_closed_day=False)
    assert bag_amounts([bag], [DoseFrom(TUESDAY, Decimal("0.072"))]) == (
        BagAmount(Decimal("0.072"), Decimal("0.0720"), Decimal("0.0001"), None),
    )


@pytest.mark.parametrize(
    ("doses", "sentence"),
    [
        ([], "no dose is known for the bag of Tue 26-Jan-2027 14:00"),
        ([DoseFrom(TUESDAY + MINUTE, Decimal(1))], "no dose is known for the bag of Tue 26-Jan-2027 14:00"),
        ([DoseFrom(TUESDAY, Decimal(0))], "above zero"),
        ([DoseFrom(TUESDAY, Decimal("NaN"))], "above zero"),
        ([DoseFrom(TUESDAY, Decimal(1)), DoseFrom(TUESDAY, Decimal(2))], "in the order of their times"),
        ([DoseFrom(datetime(2027, 1, 26, 14), Decimal(1))], "has no zone"),  # noqa: DTZ001 - the mistake itself
    ],
)
def test_doses_that_cannot_be_are_refused(doses: list[DoseFrom], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        bag_amounts(plan(TUESDAY, 72, 96).bags, doses)


# Bad input

NAIVE = datetime(2027, 1, 26, 14)  # noqa: DTZ001 - the mistake itself


def stopped(*hours: int | None, zone: ZoneInfo = NEW_YORK) -> list[Interruption]:
    """Stops and resumes in hours after the start, in turn."""
    times = [None if each is None else (TUESDAY + timedelta(hours=each)).astimezone(zone) for each in hours]
    return [Interruption(stop, resume) for stop, resume in zip(times[::2], times[1::2], strict=True) if stop]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"stages": [Stage(LONG_AGO, (36, 72))]},
            "a bag of 36 h is not allowed; allowed: 24 h, 48 h, 72 h, 96 h, 168 h",
        ),
        ({"stages": [Stage(LONG_AGO, ())]}, "no bag duration is chosen from Sat 01-Jan-2000 on"),
        ({"stages": []}, "no bag duration is chosen for the start"),
        ({"stages": [Stage(date(2027, 1, 27), (24,))]}, "chosen for the start, Tue 26-Jan-2027 14:00"),
        ({"stages": [Stage(LONG_AGO, (24,)), Stage(LONG_AGO, (48,))]}, "in the order of their dates"),
        ({"allowed": (0, 24)}, "longer than 0 h"),
        ({"hours": 0}, "0 h cannot be infused"),
        ({"start": NAIVE}, "the start, 2027-01-26 14:00, has no zone"),
        ({"start": TUESDAY.replace(second=1)}, "the start, 2027-01-26T14:00:01-05:00, has seconds"),
        ({"interruptions": [Interruption(NAIVE)]}, "a stop, 2027-01-26 14:00, has no zone"),
        ({"interruptions": [Interruption(STOP, NAIVE)]}, "a resume, 2027-01-26 14:00, has no zone"),
        ({"interruptions": stopped(-1, 5)}, "the stop of Tue 26-Jan-2027 13:00 is not after the start"),
        ({"interruptions": stopped(0, 5)}, "the stop of Tue 26-Jan-2027 14:00 is not after the start"),
        ({"interruptions": stopped(5, 4)}, "the resume of Tue 26-Jan-2027 18:00 is before its stop"),
        ({"interruptions": stopped(5, 9, 8, 12)}, "interruptions cannot overlap"),
        ({"interruptions": stopped(5, 9, 9, 12)}, "interruptions cannot overlap"),
        ({"interruptions": stopped(5, None, 8, 12)}, "follows one that was never resumed"),
        ({"interruptions": stopped(5, None, 5, 12)}, "follows one that was never resumed"),
        ({"interruptions": stopped(672, None)}, "it had ended by then"),
        ({"interruptions": stopped(5, 6, 673, 674)}, "it had ended by then"),
        ({"interruptions": stopped(-1, 5, zone=BERLIN)}, "the stop of Tue 26-Jan-2027 13:00 is not after the start"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(changed: dict[str, object], sentence: str) -> None:
    given = {
        "start": TUESDAY,
        "hours": 672,
        "stages": [Stage(LONG_AGO, (72, 96))],
        "allowed": ALLOWED,
        "closed": frozenset(),
        "zone": NEW_YORK,
        "interruptions": [],
        **changed,
    }
    with pytest.raises(ValueError, match=sentence):
        plan_bags(**given)  # type: ignore[arg-type]


def test_the_last_moment_of_an_infusion_can_still_be_a_stop() -> None:
    assert plan(TUESDAY, 72, 96, interruptions=[Interruption(TUESDAY + timedelta(hours=672) - MINUTE)]).left == 1


# For every start, choice of bags and interruption

starts = (
    st.builds(
        lambda zone, minutes: (datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE).astimezone(zone),
        st.sampled_from(ZONES),
        st.one_of(
            st.integers(0, 3 * 365 * 1440),
            st.integers(60 * 1440, 90 * 1440),  # March 2026
            st.integers(270 * 1440, 310 * 1440),  # October 2026
        ),
    )
    | st.builds(  # about midnight, where an hour more or less is another day
        lambda zone, day, minutes: datetime(2026, 1, 1, tzinfo=zone) + timedelta(days=day, minutes=minutes),
        st.sampled_from(ZONES[:2]),
        st.integers(60, 90) | st.integers(280, 310),
        st.integers(-59, 59),
    )
)
choices = st.sets(st.sampled_from(ALLOWED), min_size=1).map(lambda chosen: tuple(sorted(chosen)))


@st.composite
def choices_over_time(draw: st.DrawFn, start: datetime, days: int) -> list[Stage]:
    later = draw(st.lists(st.integers(1, days), max_size=2, unique=True))
    return [
        Stage(start.date() + timedelta(days=day), draw(choices)) for day in (draw(st.integers(-9, 0)), *sorted(later))
    ]


@st.composite
def interruptions_of(draw: st.DrawFn, start: datetime, total: int) -> list[Interruption]:
    """Up to three interruptions of at most 7 days, each while the infusion runs."""
    found = []
    at, left = start.astimezone(UTC), total * 60
    for _ in range(draw(st.integers(0, 3))):
        if left < 2:
            break
        ran = draw(st.integers(1, left - 1))
        stop = at + ran * MINUTE
        at = stop + draw(st.one_of(st.integers(0, 7 * 1440), st.sampled_from([239, 240, 7 * 1440]))) * MINUTE
        left -= ran
        found.append(Interruption(stop.astimezone(start.tzinfo), at.astimezone(start.tzinfo)))
    return found


def real_minutes(one: datetime, other: datetime) -> int:
    return (other.astimezone(UTC) - one.astimezone(UTC)) // MINUTE


@THOUSAND
@given(st.data(), starts)
def test_the_infused_time_is_exactly_the_total(data: st.DataObject, start: datetime) -> None:
    stages = data.draw(choices_over_time(start, 40))
    stops = data.draw(interruptions_of(start, 672))
    found = plan(start, stages=stages, interruptions=stops)
    assert found.outcome is Outcome.COMPLETE
    assert sum(real_minutes(bag.hang, bag.ends) for bag in found.bags) == 28 * 24 * 60
    assert [real_minutes(bag.hang, bag.ends) for bag in found.bags] == [bag.used for bag in found.bags]
    assert all(0 < bag.used <= bag.hours * 60 for bag in found.bags)
    stood = sum(real_minutes(each.stop, each.resume) for each in stops if each.resume)
    assert found.stop
    assert real_minutes(start, found.stop) == 28 * 24 * 60 + stood
    assert found.bags[0].hang == start
    assert found.bags[-1].ends == found.stop
    resumed = {each.resume: each.stop for each in stops}
    for bag, after in pairwise(found.bags):
        if after.why is Hang.RESUME:
            assert resumed[after.hang] == bag.ends
        else:
            assert after.why is Hang.CHANGE
            assert after.hang == bag.ends
            assert not bag.discarded
    assert sum(bag.why is Hang.RESUME for bag in found.bags) == len(stops) == len(found.restarts)
    for bag in found.bags:
        stage = max((each for each in stages if each.first <= bag.hang.date()), key=lambda each: each.first)
        assert bag.hours in stage.hours
        assert bag.hang.tzinfo is start.tzinfo
        assert bag.on_closed_day == (bag.hang.weekday() >= 5)


def every_way(
    start: datetime, total: int, stages: Sequence[Stage], closed: Sequence[date] = ()
) -> Iterator[tuple[int, int, int, tuple[int, ...]]]:
    """Every sequence with what it is judged by, one by one and without any thought."""

    def on(hours: int) -> date:
        return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(start.tzinfo).date()

    def longer(sequence: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if sum(sequence) >= total:
            yield sequence
            return
        today = on(sum(sequence))
        chosen = [stage.hours for stage in stages if stage.first <= today][-1]
        for hours in chosen:
            yield from longer((*sequence, hours))

    for sequence in longer(()):
        changes = [on(sum(sequence[:index])) for index in range(1, len(sequence))]
        bad = sum(day.weekday() in (5, 6) or day in closed for day in changes)
        yield bad, len(sequence), sum(sequence) - total, sequence


@THOUSAND
@given(st.data(), starts, st.integers(1, 200))
def test_the_choice_equals_brute_force(data: st.DataObject, start: datetime, total: int) -> None:
    stages = data.draw(choices_over_time(start, 8))
    closed = [start.date() + timedelta(days=day) for day in data.draw(st.sets(st.integers(0, 9), max_size=3))]
    found = plan(start, stages=stages, closed=closed, hours=total)
    left_over = found.bags[-1].discarded // 60
    ours = (len(found.changes_on_closed_days), len(found.bags), left_over, tuple(durations(found)))
    ways = list(every_way(start, total, stages, closed))
    assert ours == min(ways)
    assert ours[0] == min(bad for bad, *_ in ways)
    assert ours[1] == min(count for bad, count, *_ in ways if bad == ours[0])


@THOUSAND
@given(st.data(), starts, st.integers(1, 200))
def test_a_stop_never_rearranges_the_bags_before_it_and_what_is_left_is_chosen_best(
    data: st.DataObject, start: datetime, total: int
) -> None:
    chosen = data.draw(choices)
    ran, stood = data.draw(st.integers(1, total)) * 60 - 30, data.draw(st.integers(0, 168)) * 60
    stop = (start.astimezone(UTC) + ran * MINUTE).astimezone(start.tzinfo)
    resume = (stop.astimezone(UTC) + stood * MINUTE).astimezone(start.tzinfo)
    whole = plan(start, *chosen, hours=total)
    found = plan(start, *chosen, hours=total, interruptions=[Interruption(stop, resume)])
    before = [bag for bag in found.bags if real_minutes(bag.hang, stop) > 0]
    assert [(bag.hang, bag.hours) for bag in before] == [
        (bag.hang, bag.hours) for bag in whole.bags if real_minutes(bag.hang, stop) > 0
    ]
    left = total * 60 - ran
    best = min(every_way(resume, -(-left // 60), [Stage(LONG_AGO, chosen)]))
    assert [bag.hours for bag in found.bags[len(before) :]] == list(best[3])


@pytest.mark.parametrize(
    ("hang", "ends", "doses", "sentence"),
    [
        (TUESDAY, TUESDAY, [DoseFrom(NAIVE, Decimal(1))], "the time of a dose, 2027-01-26 14:00, has no zone"),
        (NAIVE, TUESDAY, [], "a bag, 2027-01-26 14:00, has no zone"),
        (TUESDAY, NAIVE, [], "a bag, 2027-01-26 14:00, has no zone"),
        (TUESDAY, TUESDAY, [DoseFrom(TUESDAY, Decimal(0))], "a dose per 24 h must be above zero$"),
        (TUESDAY, TUESDAY, [DoseFrom(TUESDAY, Decimal(1))] * 2, "the doses must stand in the order of their times$"),
    ],
)
def test_what_is_wrong_with_bags_and_doses_is_said_in_a_whole_sentence(
    hang: datetime, ends: datetime, doses: list[DoseFrom], sentence: str
) -> None:
    bag = Bag(hang, ends, 24, 24 * 60, Hang.START, on_closed_day=False)
    with pytest.raises(ValueError, match=f"^{sentence}"):
        bag_amounts([bag], doses)


def test_a_restart_has_its_times_in_the_zone_and_its_length_in_words() -> None:
    stop, resume = (TUESDAY + timedelta(hours=30)).astimezone(UTC), (TUESDAY + timedelta(hours=30.5)).astimezone(UTC)
    found = plan(TUESDAY, 24, hours=48, interruptions=[Interruption(stop, resume)])
    (restart,) = found.restarts
    assert (shown(restart.stop), shown(restart.resume)) == ("Wed 27 Jan 20:00 -0500", "Wed 27 Jan 20:30 -0500")
    assert found.notes[:2] == (
        "Stopped Wed 27-Jan-2027 20:00: 6 h of the bag of 24 h were infused, the rest is discarded.",
        "Resumed Wed 27-Jan-2027 20:30 after 30 min with a new bag.",
    )
    at_once = plan(TUESDAY, 24, hours=48, interruptions=[Interruption(stop, stop)])
    assert at_once.notes[1] == "Resumed Wed 27-Jan-2027 20:00 after 0 h with a new bag."
    later = plan(TUESDAY, 24, hours=48, interruptions=[Interruption(stop, stop + timedelta(hours=2, minutes=5))])
    assert later.notes[1] == "Resumed Wed 27-Jan-2027 22:05 after 2 h 5 min with a new bag."


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (stopped(672, None), "the infusion cannot be stopped on Tue 23-Feb-2027 14:00: it had ended by then"),
        (
            stopped(0, 5),
            "the stop of Tue 26-Jan-2027 14:00 is not after the start of Tue 26-Jan-2027 14:00",
        ),
        (
            stopped(5, 9, 8, 12),
            "the stop of Tue 26-Jan-2027 22:00 is not after the resume of Tue 26-Jan-2027 23:00; interruptions cannot"
            " overlap",
        ),
        (stopped(5, 4), "the resume of Tue 26-Jan-2027 18:00 is before its stop of Tue 26-Jan-2027 19:00"),
    ],
)
def test_what_is_wrong_with_interruptions_is_told_by_the_clock_of_the_zone(
    changed: list[Interruption], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        plan(TUESDAY, 72, 96, interruptions=changed)


@pytest.mark.parametrize(
    ("stages", "allowed", "sentence"),
    [
        ([Stage(LONG_AGO, (24,))], (0, 24), "a bag must last longer than 0 h"),
        (
            [Stage(LONG_AGO, (24,)), Stage(LONG_AGO, (48,))],
            ALLOWED,
            "the choices of bag durations must stand in the order of their dates, one for a date",
        ),
    ],
)
def test_what_is_wrong_with_the_choice_of_bags_is_said_in_a_whole_sentence(
    stages: list[Stage], allowed: tuple[int, ...], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        plan_bags(TUESDAY, 672, stages, allowed=allowed, closed=frozenset(), zone=NEW_YORK)


def test_a_bag_of_a_single_hour_may_be_allowed() -> None:
    found = plan_bags(TUESDAY, 2, [Stage(LONG_AGO, (1,))], allowed=(1,), closed=frozenset(), zone=NEW_YORK)
    assert durations(found) == [1, 1]


def test_a_bag_is_chosen_with_the_closed_days_that_were_known_when_it_is_hung() -> None:
    """On Saturday night nobody knows that Monday is closed; who knew would hang a bag to Tuesday."""
    saturday = datetime(2027, 1, 30, 23, tzinfo=NEW_YORK)  # when it is Sunday elsewhere
    monday = date(2027, 2, 1)

    def hung(closed: Sequence[tuple[date, frozenset[date]]] | frozenset[date]) -> list[tuple[date, int, bool]]:
        stages = [Stage(LONG_AGO, (24, 48, 72))]
        found = plan_bags(saturday, 120, stages, allowed=ALLOWED, closed=closed, zone=NEW_YORK)
        assert sum(bag.used for bag in found.bags) == 120 * 60
        return [(bag.hang.date(), bag.hours, bag.on_closed_day) for bag in found.bags]

    nobody = [(saturday.date(), 48, True), (monday, 72, False)]
    assert hung(frozenset()) == nobody
    assert hung(frozenset({monday})) == [(saturday.date(), 72, True), (date(2027, 2, 2), 48, False)]
    for since in (date(2027, 1, 31), monday):
        known_later = hung([(date.min, frozenset()), (since, frozenset({monday}))])
        assert known_later == [(saturday.date(), 48, True), (monday, 72, True)]
