"""Which event of a feed is which, whatever is moved: identities, dates, and what a cancelled one says. In memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from feeds import feed
from icalendar import Calendar
from in_memory import (
    NOWHERE,
    SITE,
    adjusted,
    assigned,
    bagged,
    child,
    cleared,
    day,
    delayed,
    given,
    held,
    interrupted,
    left,
    moved,
    noted,
    plan_of,
    recorded,
    resumed,
    started,
    undone,
)

from protocal.model.entries import Ending, Entry, HoldRule
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies
from protocal.render.feed.reader_feed import uid

KEY = "0" * 32  # the girl's
ENDS = Ending(date=day("2027-03-31"), why="more of it would only take time", where=NOWHERE)
FIRST = 5  # lines that every log of hers has here
BLOCK_2 = started("block-2", "2026-12-29")
PUMP = (
    BLOCK_2,
    started("blina-cycle-1", "2027-01-26"),
    bagged("2027-01-26", 96),
    given("blina-cycle-1/blina/1", "2027-01-26 14:00"),
)
STOPPED = (
    interrupted("blina-cycle-1", "2027-02-03 03:15"),
    resumed("blina-cycle-1", "2027-02-06 10:00", "9.4"),  # more than 4 h later: supervised
)


FULL = ForFamilies(full_on_lock_screen=True)
FAMILY, CLINIC, PHARMACY = Who.FAMILY, Who.CLINIC, Who.PHARMACY


class Shown(NamedTuple):
    """What a reader sees of an event; `date` has its hour where it has one, `ends` is its last date or hour."""

    date: str
    ends: str
    title: str
    sequence: int
    cancelled: bool
    busy: bool
    says: tuple[str, ...]
    stamp: str
    category: str


def shown(*later: Entry, who: Who = CLINIC, doses: bool = False, ends: Ending = ENDS) -> Mapping[str, Shown]:
    """Each event of the girl's feed by its identity; a family's titles say what it is."""
    plan = plan_of(recorded(child(ends, assigned("D"), *later, arm="")))
    data = feed(plan, who, with_doses=doses, unverified_doses=doses, site=FULL)
    found = {}
    for event in Calendar.from_ical(data).walk("VEVENT"):
        begins, ends_ = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else event["DTSTART"].dt
        timed = event["DTSTART"].params.get("VALUE") != "DATE"
        found[str(event["UID"])] = Shown(
            f"{begins:%Y-%m-%d %H:%M}" if timed else begins.isoformat(),
            f"{ends_:%Y-%m-%d %H:%M}" if timed else (ends_ - timedelta(days=1)).isoformat(),
            str(event["SUMMARY"]),
            int(event["SEQUENCE"]),
            str(event.get("STATUS", "")) == "CANCELLED",
            {"OPAQUE": True, "TRANSPARENT": False}[str(event["TRANSP"])],
            tuple(str(event["DESCRIPTION"]).splitlines()),
            event["DTSTAMP"].dt.isoformat(),
            str(event["CATEGORIES"].to_ical().decode()),
        )
    return found


def block_1(number: int, part: str = "", who: Who = CLINIC) -> str:
    return uid(KEY, who, "block-1", number, part)


def block_2(number: int, part: str = "", who: Who = CLINIC) -> str:
    return uid(KEY, who, "block-2", number, part)


def cycle_1(number: int, part: str = "", who: Who = CLINIC) -> str:
    return uid(KEY, who, "blina-cycle-1", number, part)


def continuation_1(number: int, part: str = "+home") -> str:
    return uid(KEY, FAMILY, "continuation-1", number, part)


def on(found: Mapping[str, Shown], date: str) -> dict[str, str]:
    """The events that begin on a date and are not cancelled: their title by their identity."""
    return {id_: each.title for id_, each in found.items() if each.date[:10] == date and not each.cancelled}


# Which is the day itself, and which a part of it

DAY_8 = {  # vincristine and a puncture with methotrexate
    FAMILY: ("Clinic visit: vincristine", "Clinic visit: spinal test (lumbar puncture)"),
    CLINIC: ("Block 1, day {day}: vinCRIStine", "Block 1, day {day}: lumbar puncture"),
    PHARMACY: ("Prepare for Block 1, day {day}: vinCRIStine", "Prepare for Block 1, day {day}: methotrexate"),
}


@pytest.mark.parametrize("who", Who)
def test_what_stays_on_its_day_is_the_day_itself_and_what_is_moved_away_a_part_named_by_its_dose(who: Who) -> None:
    vincristine, puncture = DAY_8[who]
    later = shown(moved("block-1/it-mtx/8", "2026-12-10"), who=who)
    assert on(later, "2026-12-08") == {block_1(8, "", who): vincristine.format(day=8)}
    assert on(later, "2026-12-10") == {block_1(8, "it-mtx/8", who): puncture.format(day=10)}
    other = shown(moved("block-1/vcr/8", "2026-12-10"), who=who)
    assert on(other, "2026-12-08") == {block_1(8, "", who): puncture.format(day=8)}
    assert on(other, "2026-12-10") == {block_1(8, "vcr/8", who): vincristine.format(day=10)}


@pytest.mark.parametrize("who", Who)
def test_what_is_given_early_is_a_part_and_the_day_keeps_its_identity_though_it_comes_later(who: Who) -> None:
    vincristine, puncture = DAY_8[who]
    early = shown(given("block-1/vcr/8", "2026-12-07"), who=who)
    assert on(early, "2026-12-07") == {block_1(8, "vcr/8", who): vincristine.format(day=7)}
    assert on(early, "2026-12-08") == {block_1(8, "", who): puncture.format(day=8)}


def test_events_stand_in_the_order_of_days_and_the_parts_of_a_day_in_that_of_their_dates() -> None:
    found = list(shown(given("block-1/vcr/8", "2026-12-07"), who=PHARMACY))
    days = (
        block_1(5, "", PHARMACY),
        block_1(8, "vcr/8", PHARMACY),
        block_1(8, "", PHARMACY),
        block_1(15, "", PHARMACY),
    )
    day_5, part, itself, day_15 = map(found.index, days)
    assert day_5 < part < itself < day_15


def test_an_event_is_provisional_until_its_course_has_started() -> None:
    sentence = "Provisional: the date may change until Block 2 has started."
    assert (sentence in shown()[block_2(8)].says, sentence in shown(BLOCK_2)[block_2(8)].says) == (True, False)
    sentence, id_ = "The date may still change: your team confirms it.", block_2(8, "", FAMILY)
    family = [shown(*later, who=FAMILY)[id_].says for later in ((), (BLOCK_2,))]
    assert [sentence in says for says in family] == [True, False]


@pytest.mark.parametrize("who", Who)
def test_a_day_that_is_moved_whole_keeps_its_identity(who: Who) -> None:
    title = DAY_8[who][0].format(day=23)
    assert on(shown(moved("block-1/vcr/22", "2026-12-23"), who=who), "2026-12-23") == {block_1(22, "", who): title}


@pytest.mark.parametrize("who", Who)
def test_where_nothing_is_left_on_its_date_what_comes_first_is_the_day_itself(who: Who) -> None:
    vincristine, puncture = DAY_8[who]
    found = shown(moved("block-1/it-mtx/8", "2026-12-10"), moved("block-1/vcr/8", "2026-12-11"), who=who)
    assert on(found, "2026-12-10") == {block_1(8, "", who): puncture.format(day=10)}
    assert on(found, "2026-12-11") == {block_1(8, "vcr/8", who): vincristine.format(day=11)}


def test_two_parts_of_one_day_have_each_their_own_identity_named_by_the_first_dose_in_it() -> None:
    """Dexamethasone, vincristine, mitoxantrone and a puncture are on day 1; three of them go elsewhere."""
    later = (
        moved("block-1/mitox/1", "2026-12-03"),
        moved("block-1/vcr/1", "2026-12-04"),
        moved("block-1/it-mtx-day1/1", "2026-12-04"),
    )
    found = shown(*later)
    assert on(found, "2026-12-01") == {block_1(1, "+gate"): "Block 1: counts before it may start"}
    assert on(found, "2026-12-03")[block_1(1)] == "Block 1, day 3: mitoxantrone"  # what comes first in the clinic
    assert on(found, "2026-12-04") == {block_1(1, "vcr/1"): "Block 1, day 4: lumbar puncture, vinCRIStine"}
    prepared = shown(*later, who=PHARMACY)
    assert on(prepared, "2026-12-01") == {block_1(1, "", PHARMACY): "Prepare for Block 1, day 1: dexAMETHasone"}
    assert on(prepared, "2026-12-03")[block_1(1, "mitox/1", PHARMACY)] == "Prepare for Block 1, day 3: mitoxantrone"
    part = on(prepared, "2026-12-04")[block_1(1, "vcr/1", PHARMACY)]
    assert part == "Prepare for Block 1, day 4: vinCRIStine, methotrexate"
    family = shown(*later, who=FAMILY)
    assert on(family, "2026-12-01") == {block_1(1, "+home", FAMILY): "Medicine at home: dexamethasone"}
    assert on(family, "2026-12-04")[block_1(1, "vcr/1", FAMILY)] == (
        "Clinic visit: spinal test (lumbar puncture), vincristine"
    )


@pytest.mark.parametrize("who", Who)
def test_a_delay_changes_dates_and_no_identity(who: Who) -> None:
    before, after = shown(who=who), shown(delayed("block-2", 7), who=who)
    id_ = block_2(8, "", who)
    assert (before[id_].date, after[id_].date) == ("2027-01-05", "2027-01-12")
    assert before[id_].title == after[id_].title
    assert before[block_1(8, "", who)] == after[block_1(8, "", who)]
    live = [{id_ for id_, each in found.items() if not each.cancelled} for found in (before, after)]
    assert live[1] <= live[0]  # the last course loses its last days to the end of therapy


def test_visits_and_medicine_of_a_day_move_each_by_itself() -> None:
    """Day 8 of Continuation 1 has mercaptopurine, and methotrexate once a week."""
    ends = replace(ENDS, date=day("2027-05-20"))
    whole = shown(*CYCLE_1, who=FAMILY, ends=ends)
    assert on(whole, "2027-03-09") == {continuation_1(8): "Medicine at home: mercaptopurine, methotrexate"}
    apart = shown(*CYCLE_1, moved("continuation-1/mtx-weekly/8", "2027-03-10"), who=FAMILY, ends=ends)
    assert on(apart, "2027-03-09") == {continuation_1(8): "Medicine at home: mercaptopurine"}
    assert on(apart, "2027-03-10") == {
        continuation_1(8, "mtx-weekly/8+home"): "Medicine at home: methotrexate",
        continuation_1(9): "Medicine at home: mercaptopurine",
    }
    visit = shown(moved("block-1/vcr/1", "2026-12-02"), who=FAMILY)
    assert visit[block_1(1, "+home", FAMILY)].date == "2026-12-01"


# What is held or left out at home

CYCLE_1 = (BLOCK_2, started("blina-cycle-1", "2027-01-26"))
CONTINUATION = (*CYCLE_1, started("continuation-1", "2027-03-02", anc="900", platelets="90000"))
HOLD = held("continuation-1", "2027-03-03", 4, HoldRule.SKIP)
UNTIL = replace(ENDS, date=day("2027-04-20"))
LINE = 9  # of the log, the first after the start of Continuation 1


def at_home(*later: Entry) -> Mapping[str, Shown]:
    return shown(*CONTINUATION, *later, who=FAMILY, ends=UNTIL)


def test_a_hold_changes_what_is_taken_at_home_in_the_same_event() -> None:
    before, after = at_home(), at_home(HOLD)
    for number in range(2, 6):
        old, new = before[continuation_1(number)], after[continuation_1(number)]
        assert (old.title, new.title) == (
            "Medicine at home: dexamethasone, mercaptopurine",
            "Medicine on hold: dexamethasone, mercaptopurine",
        )
        assert (new.date, new.cancelled, new.busy, new.sequence) == (old.date, False, False, LINE)
        assert new.says[:2] == (
            "On hold: give no dexamethasone until your team says so.",
            "On hold: give no mercaptopurine until your team says so.",
        )
    assert not [each for each in after.values() if each.cancelled]
    assert after[continuation_1(6)] == before[continuation_1(6)]


def test_a_hold_that_is_taken_back_gives_the_events_back_as_they_were() -> None:
    before, after = at_home(), at_home(HOLD, undone(LINE))
    assert after.keys() == before.keys()
    for number in range(2, 6):
        old, new = before[continuation_1(number)], after[continuation_1(number)]
        assert (new.title, new.date, new.says[:-1], new.sequence) == (old.title, old.date, old.says[:-1], LINE + 1)


def test_of_two_holds_each_day_is_held_once() -> None:
    found = at_home(HOLD, held("continuation-1", "2027-03-06", 3, HoldRule.SKIP))
    titles = [each.title for id_, each in found.items() if id_ in {continuation_1(number) for number in range(1, 9)}]
    assert titles == [
        "Medicine at home: dexamethasone, mercaptopurine",
        *["Medicine on hold: dexamethasone, mercaptopurine"] * 4,
        *["Medicine on hold: mercaptopurine"] * 2,
        "Medicine at home: mercaptopurine, methotrexate",
    ]
    assert len([each for each in found.values() if "on hold" in each.title]) == 6


def test_a_hold_by_which_days_slip_has_an_event_on_each_of_its_dates_and_cancels_none() -> None:
    before, after = at_home(), at_home(held("continuation-1", "2027-03-03", 3, HoldRule.SLIP))
    new = {id_: each for id_, each in after.items() if id_ not in before}
    assert {id_: each.date for id_, each in new.items()} == {
        continuation_1(0, f"{LINE}/{count}+held"): f"2027-03-0{2 + count}" for count in (1, 2, 3)
    }
    for each in new.values():
        assert each.title.startswith("Treatment on hold: dexamethasone, mercaptopurine")
        assert "On hold: give no mercaptopurine until your team says so." in each.says
        assert (each.busy, each.category, each.sequence) == (False, "Home", LINE)
    assert (before[continuation_1(2)].date, after[continuation_1(2)].date) == ("2027-03-03", "2027-03-06")
    gone = {each.date for each in after.values() if each.cancelled}
    assert min(gone) > "2027-04-15"  # the end of therapy stays where it is


def test_what_is_moved_onto_a_date_of_a_hold_is_given_there_and_nothing_says_that_it_is_not() -> None:
    found = at_home(held("continuation-1", "2027-03-03", 3, HoldRule.SLIP), moved("continuation-1/vcr/1", "2027-03-04"))
    assert on(found, "2027-03-04") == {uid(KEY, FAMILY, "continuation-1", 1, "vcr/1"): "Clinic visit: vincristine"}


def test_a_delay_within_a_course_has_an_event_on_each_date_on_which_it_waits() -> None:
    found = at_home(delayed("continuation-1", 2, from_day=4))
    assert on(found, "2027-03-05").keys() == {continuation_1(0, f"{LINE}/1+held")}
    assert on(found, "2027-03-06").keys() == {continuation_1(0, f"{LINE}/2+held")}
    assert on(found, "2027-03-07").keys() == {continuation_1(4)}


def test_what_is_no_longer_on_hold_says_so_and_is_not_called_a_cancelled_hold() -> None:
    found = at_home(held("continuation-1", "2027-03-03", 3, HoldRule.SLIP), undone(LINE))
    gone = [each for each in found.values() if each.cancelled]
    assert {each.title.partition(":")[0] for each in gone} == {"No longer"}
    assert {each.says[0] for each in gone} == {"This no longer holds. What is due stands in other entries."}
    assert {each.date for each in gone} == {"2027-03-03", "2027-03-04", "2027-03-05"}


def test_nobody_is_told_to_leave_out_a_rescue_that_no_level_has_ended() -> None:
    begun = (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 09:00"), delayed("block-2", 4, from_day=15))
    found = shown(*begun, who=FAMILY)  # it is due on the dates on which the rest waits
    assert not [each for each in found.values() if "on hold" in each.title]
    found = shown(BLOCK_2, delayed("block-2", 4, from_day=15), who=FAMILY)  # it is not, but nothing ends it either
    waits = [each for each in found.values() if "on hold" in each.title]
    assert [each.date for each in waits] == ["2027-01-12", "2027-01-13", "2027-01-14", "2027-01-15"]
    assert {each.says[0] for each in waits} == {"On hold: give no dexamethasone until your team says so."}
    assert not [each for each in waits if any("leucovorin" in line for line in each.says)]


def test_what_is_left_out_at_home_is_said_in_its_event() -> None:
    found = at_home(left("continuation-1/mp/4"), left("continuation-1/dex/5", "continuation-1/mp/5"))
    some, none = found[continuation_1(4)], found[continuation_1(5)]
    assert (some.title, none.title) == (
        "Medicine at home: dexamethasone",
        "Medicine left out: dexamethasone, mercaptopurine",
    )
    assert "mercaptopurine: not on this day, your team has left it out." in some.says
    assert (some.cancelled, none.cancelled, none.busy) == (False, False, False)


def test_what_is_moved_keeps_its_identity_when_the_rest_of_its_day_is_held() -> None:
    apart = moved("continuation-1/mtx-weekly/8", "2027-03-12")
    before, after = at_home(apart), at_home(apart, held("continuation-1", "2027-03-08", 3, HoldRule.SKIP))
    part = continuation_1(8, "mtx-weekly/8+home")
    assert (before[part].date, after[part].date, after[part].title) == (
        "2027-03-12",
        "2027-03-12",
        "Medicine at home: methotrexate",
    )
    assert after[continuation_1(8)].title == "Medicine on hold: mercaptopurine"
    assert not [each for each in after.values() if each.cancelled]


# What goes on from an earlier date


def test_an_infusion_is_one_event_over_its_dates_and_by_its_hours_once_they_are_recorded() -> None:
    for who, title in (
        (CLINIC, "Block 2: infusion of methotrexate"),
        (FAMILY, "Stay at the clinic: methotrexate"),
    ):
        id_ = block_2(8, "mtx-hd/8+infusion", who)
        bare = shown(BLOCK_2, who=who)[id_]
        timed = shown(BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), who=who)[id_]
        assert (bare.title, bare.date, bare.ends) == (title, "2027-01-05", "2027-01-06")
        assert (timed.title, timed.date, timed.ends) == (title, "2027-01-05 20:00", "2027-01-07 08:00")
        assert (timed.busy, timed.category) == (True, "Clinic")
        assert timed.sequence == FIRST + 2


def test_a_family_reads_on_which_nights_it_stays() -> None:
    found = shown(BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), who=FAMILY)
    stays = {each.date[:10]: "Stays overnight." in each.says for each in found.values() if "visit" in each.title}
    assert {date for date, overnight in stays.items() if overnight} == {"2027-01-05", "2027-01-06"}
    assert found[block_2(9, "", FAMILY)].title == "Clinic visit, stays overnight: pegaspargase"
    infusion = found[block_2(8, "mtx-hd/8+infusion", FAMILY)]
    assert infusion.says[:2] == (
        "Methotrexate runs from Tuesday 5 January 20:00 until Thursday 7 January 08:00.",
        "Stays overnight until it has ended.",
    )


def test_an_infusion_that_is_alone_on_its_date_is_no_empty_entry_beside_it() -> None:
    found = shown(BLOCK_2, moved("block-2/mtx-hd/8", "2027-01-08"))
    assert on(found, "2027-01-08") == {block_2(8, "mtx-hd/8+infusion"): "Block 2: infusion of methotrexate"}
    assert not [each for each in found.values() if each.title.endswith(": ")]


def test_a_pump_is_one_event_until_its_stop_and_another_from_where_it_goes_on() -> None:
    """It stops on the 3rd and goes on at 10:00 on the 6th."""
    for who, title in (
        (CLINIC, "Blinatumomab Cycle 1: infusion of blinatumomab"),
        (FAMILY, "The pump runs: blinatumomab"),
    ):
        runs, stopped = shown(*PUMP, who=who), shown(*PUMP, *STOPPED, who=who)
        first, again = cycle_1(1, "blina/1+infusion", who), cycle_1(1, "blina/goes-on-1+infusion", who)
        assert (runs[first].date, runs[first].ends) == ("2027-01-26 14:00", "2027-02-23 14:00")
        assert again not in runs
        assert (stopped[first].date, stopped[first].ends) == ("2027-01-26 14:00", "2027-02-03 03:15")
        assert (stopped[again].date, stopped[again].ends) == ("2027-02-06 10:00", "2027-02-26 20:45")
        assert {stopped[first].title, stopped[again].title} == {title}
        assert not stopped[first].busy  # it goes home


def test_a_family_is_told_never_to_stop_or_start_a_pump_itself() -> None:
    found = shown(*PUMP, *STOPPED, who=FAMILY)
    first, again = cycle_1(1, "blina/1+infusion", FAMILY), cycle_1(1, "blina/goes-on-1+infusion", FAMILY)
    assert found[first].says[1] == (
        "It was stopped then: your team says when it starts again. Never start or stop the pump yourself."
    )
    assert found[again].says[1] == "It runs day and night, and ends at the clinic. Never stop the pump yourself."
    ends = found[cycle_1(29, "+pump", FAMILY)]
    assert (ends.title, ends.date, ends.busy, ends.category) == (
        "The pump ends, at the clinic: the pump stops",
        "2027-02-26 20:45",
        True,
        "Clinic",
    )
    assert ends.says[0] == "The infusion ends at the clinic at 20:45: never stop the pump yourself."
    stands = [each for each in found.values() if each.title == "The pump is stopped"]
    assert [each.date for each in stands] == ["2027-02-04", "2027-02-05"]
    assert {each.says[0] for each in stands} == {"Your team says when the pump starts again. Never start it yourself."}


def test_a_supervised_restart_is_a_visit_and_in_the_clinic_a_thing_at_its_hour() -> None:
    visit = shown(*PUMP, *STOPPED, who=FAMILY)
    (id_,) = [
        id_ for id_, each in visit.items() if "Blinatumomab pump starts again at 10:00, with your team." in each.says
    ]
    assert (visit[id_].date, visit[id_].busy) == ("2027-02-06", True)
    assert visit[id_].title == "Clinic visit: dexamethasone, blinatumomab"
    clinic = shown(*PUMP, *STOPPED)
    said = "blinatumomab: the infusion goes on again at 10:00, in the clinic"
    again = cycle_1(1, "blina/restart-1+timed")
    assert [id_ for id_, each in clinic.items() if said in each.says] == [again]
    assert (clinic[again].date, clinic[again].busy) == ("2027-02-06 10:00", True)


def test_a_supervised_restart_alone_is_a_visit_of_its_own_named_by_its_infusion_and_its_number() -> None:
    """It goes on at 20:00, so that its next 24 h begin on the 7th; it has no bags and no premedication."""
    stop = (interrupted("blina-cycle-1", "2027-02-03 03:15"), resumed("blina-cycle-1", "2027-02-06 20:00"))
    found = shown(*PUMP[:2], PUMP[3], *stop, left("blina-cycle-1/dex-premed/1/restart-1"), who=FAMILY)
    id_ = cycle_1(1, "blina/restart-1", FAMILY)
    assert (found[id_].date, found[id_].title) == ("2027-02-06 20:00", "Clinic visit: blinatumomab")
    assert found[id_].says[0] == "Blinatumomab pump starts again at 20:00, with your team."
    assert (found[id_].busy, found[id_].category) == (True, "Clinic")


def test_a_short_stop_is_no_visit_and_nothing_says_that_it_goes_on_in_the_clinic() -> None:
    stop = (interrupted("blina-cycle-1", "2027-02-03 03:15"), resumed("blina-cycle-1", "2027-02-03 05:00"))
    family, clinic = shown(*PUMP[:2], PUMP[3], *stop, who=FAMILY), shown(*PUMP[:2], PUMP[3], *stop)
    assert on(family, "2027-02-03") == {
        cycle_1(1, "blina/goes-on-1+infusion", FAMILY): "The pump runs: blinatumomab",
    }
    again = clinic[cycle_1(1, "blina/goes-on-1+infusion")]
    assert again.says[2] == "blinatumomab: the infusion goes on again at 05:00"


def test_a_new_bag_that_is_all_of_a_day_there_is_on_its_date_is_named_as_a_bag() -> None:
    """It is hung at 20:00, with the rest of day 8's 24 h; day 9's begin on the 7th."""
    stop = (interrupted("blina-cycle-1", "2027-02-03 03:15"), resumed("blina-cycle-1", "2027-02-06 20:00"))
    later = (*PUMP, *stop, left("blina-cycle-1/dex-premed/1/restart-1"))
    found = shown(*later, who=PHARMACY)
    ((id_, each),) = ((id_, each) for id_, each in found.items() if any("hang a new bag" in line for line in each.says))
    assert id_ == cycle_1(12, "", PHARMACY)  # nothing else is prepared on that day
    assert (each.date, each.title) == ("2027-02-06", "Prepare for Blinatumomab Cycle 1, day 12: blinatumomab")
    family = shown(*later, who=FAMILY)
    assert on(family, "2027-02-06")[cycle_1(12, "+pump", FAMILY)] == "The pump: a new bag: blinatumomab"


def test_bags_and_the_pump_stop_are_events_at_their_hours() -> None:
    found = shown(*PUMP)
    by_hour = {each.date: each for each in found.values() if "Cycle 1, day" in each.title and ":" in each.date}
    assert by_hour["2027-01-26 14:00"].says[0] == "blinatumomab: hang the first bag at 14:00 (96 h)"
    assert by_hour["2027-01-30 14:00"].says[0] == "blinatumomab: change the bag at 14:00 (96 h), closed day"
    assert by_hour["2027-02-23 14:00"].says[0] == "Pump stop at 14:00"
    infusion = found[cycle_1(1, "blina/1+infusion")]
    assert infusion.says[:2] == (
        "blinatumomab, into a vein, day and night, the pump starts at 14:00",
        "runs from Tue 26-Jan-2027 14:00 until Tue 23-Feb-2027 14:00",
    )
    assert found[cycle_1(1, "blina/bag-1+timed")].category == "Clinic"
    family = shown(*PUMP, who=FAMILY)
    assert {each.date for each in family.values() if each.title.startswith("The pump: a new bag")} == {
        f"2027-{date} 14:00" for date in ("01-30", "02-03", "02-07", "02-11", "02-15", "02-19")
    }


# Hours


def test_what_is_given_at_a_recorded_hour_is_an_event_at_it_in_the_clinic_and_the_rest_of_its_day_is_not() -> None:
    found = shown(given("block-1/vcr/8", "2026-12-08 10:00"))
    assert on(found, "2026-12-08") == {
        block_1(8): "Block 1, day 8: lumbar puncture",
        block_1(8, "vcr/8+timed"): "Block 1, day 8: vinCRIStine",
    }
    timed, rest = found[block_1(8, "vcr/8+timed")], found[block_1(8)]
    assert (timed.date, timed.ends, rest.date) == ("2026-12-08 10:00", "2026-12-08 10:00", "2026-12-08")
    warning = "vinCRIStine: FATAL IF GIVEN BY ANY OTHER ROUTE."
    assert warning in timed.says
    assert warning in rest.says


def test_an_infusion_of_some_hours_ends_when_it_has_run() -> None:
    found = shown(given("block-1/mitox/2", "2026-12-02 09:30"))[block_1(2, "mitox/2+timed")]
    assert (found.date, found.ends) == ("2026-12-02 09:30", "2026-12-02 09:45")


def test_a_visit_has_hours_only_where_all_of_it_has_one() -> None:
    some = shown(given("block-1/vcr/8", "2026-12-08 10:00"), who=FAMILY)[block_1(8, "", FAMILY)]
    whole = shown(given("block-1/vcr/15", "2026-12-15 10:00"), who=FAMILY)[block_1(15, "", FAMILY)]
    assert (some.date, whole.date) == ("2026-12-08", "2026-12-15 10:00")


def test_levels_of_one_day_that_are_drawn_on_two_dates_are_each_an_event() -> None:
    """However the course is disturbed, each thing with an hour is an entry: the levels of an infusion given late."""
    site = replace(SITE, level_draws=(("methotrexate", (24, 42, 48, 72)),))
    later = (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-07 21:00"))
    plan = plan_of(recorded(child(ENDS, assigned("D"), *later, arm="")), site)
    levels = [each.at for each in plan.evaluations if each.kind == "drug-level" and each.at]
    events = Calendar.from_ical(feed(plan, with_doses=False)).walk("VEVENT")
    found = [each["DTSTART"].dt for each in events if "drug level" in each["SUMMARY"]]
    assert len(levels) == 4
    assert sorted(found) == sorted(levels)


# What is gone


@pytest.mark.parametrize(
    ("id_", "date", "who", "title"),
    [
        ("block-1/vcr/22", "2026-12-22", CLINIC, "Cancelled: Block 1, day 22: vinCRIStine"),
        ("block-1/vcr/22", "2026-12-22", FAMILY, "Cancelled: Clinic visit: vincristine"),
        ("block-1/dex/19", "2026-12-19", PHARMACY, "Cancelled: Prepare for Block 1, day 19: dexAMETHasone"),
    ],
)
def test_a_cancelled_event_leaves_its_day_free(id_: str, date: str, who: Who, title: str) -> None:
    name = block_1(int(id_.rpartition("/")[2]), "", who)
    before, after = shown(who=who)[name], shown(left(id_), who=who)[name]
    assert (before.cancelled, before.busy, before.date) == (False, "vcr" in id_, date)
    assert (after.cancelled, after.busy, after.date, after.title) == (True, False, date, title)
    assert (before.sequence, after.sequence) == (2, FIRST + 1)  # it came with the course
    assert after.says[0] == "Cancelled: the plan no longer has this."
    assert before.category == after.category == ("Clinic" if "vcr" in id_ else "Home")


@pytest.mark.parametrize("who", Who)
def test_a_part_that_is_moved_back_is_cancelled_at_the_line_that_did_it_and_what_comes_back_is_not(who: Who) -> None:
    found = shown(moved("block-1/it-mtx/8", "2026-12-10"), noted(), undone(FIRST + 1), who=who)
    gone, itself = found[block_1(8, "it-mtx/8", who)], found[block_1(8, "", who)]
    assert (gone.cancelled, gone.busy, gone.date, gone.sequence) == (True, False, "2026-12-10", FIRST + 3)
    assert (itself.cancelled, itself.busy, itself.date, itself.sequence) == (False, True, "2026-12-08", FIRST + 3)
    again = shown(left("block-1/vcr/22"), undone(FIRST + 1), who=who)[block_1(22, "", who)]
    assert (again.cancelled, again.busy, again.sequence) == (False, True, FIRST + 2)


@pytest.mark.parametrize(
    ("who", "title"),
    [
        (CLINIC, "Block 1, day 10: now in this day's other entry"),
        (PHARMACY, "Prepare for Block 1, day 10: now in this day's other entry"),
        (FAMILY, "Clinic visit: now in this day's other entry"),
    ],
)
def test_what_joined_another_event_of_its_date_is_not_called_cancelled_and_leaves_the_day_free(
    who: Who, title: str
) -> None:
    found = shown(moved("block-1/it-mtx/8", "2026-12-10"), moved("block-1/vcr/8", "2026-12-10"), who=who)
    gone = found[block_1(8, "it-mtx/8", who)]
    assert gone.title == title
    assert gone.says[0] == "What is done on this day stands in its other entry."
    assert (gone.cancelled, gone.busy) == (True, False)
    (joined,) = on(found, "2026-12-10").items()
    assert joined[0] == block_1(8, "", who)


def test_medicine_at_home_is_no_other_entry_of_what_was_to_be_done_in_the_clinic() -> None:
    """Methotrexate by mouth is due on the day from which methotrexate into the spinal fluid moves away."""
    later = (moved("continuation-1/it-mtx/1", "2027-03-09"), moved("continuation-1/it-mtx/1", "2027-03-10"))
    found = at_home(moved("continuation-1/vcr/1", "2027-03-02"), *later[:1], undone(LINE + 1))
    (gone,) = (each for each in found.values() if each.cancelled)
    assert (gone.date, gone.title) == ("2027-03-09", "Cancelled: Clinic visit: spinal test (lumbar puncture)")


def test_medicine_on_hold_is_no_other_entry_of_medicine_that_was_to_be_given() -> None:
    part = moved("continuation-1/mtx-weekly/8", "2027-03-12")
    found = at_home(part, undone(LINE), held("continuation-1", "2027-03-12", 1, HoldRule.SLIP))
    held_, gone = (
        found[id_] for id_ in (continuation_1(0, f"{LINE + 2}/1+held"), continuation_1(8, "mtx-weekly/8+home"))
    )
    assert (held_.date, gone.date) == ("2027-03-12", "2027-03-12")
    assert "methotrexate" in held_.title
    assert (gone.cancelled, gone.title) == (True, "Cancelled: Medicine at home: methotrexate")


def test_what_is_gone_names_only_what_its_date_no_longer_has() -> None:
    """Day 8 moves to the 10th in part; then its puncture is left out, and vincristine comes to that date."""
    found = shown(
        moved("block-1/it-mtx/8", "2026-12-10"), left("block-1/it-mtx/8"), moved("block-1/vcr/8", "2026-12-10")
    )
    gone = found[block_1(8, "it-mtx/8")]
    assert gone.title == "Cancelled: Block 1, day 10: lumbar puncture"
    assert gone.says[0] == "Cancelled: the plan no longer has this."
    partly = shown(left("block-1/vcr/8"))[block_1(8)]
    assert (partly.cancelled, partly.title) == (False, "Block 1, day 8: lumbar puncture")


def test_what_was_only_in_the_first_plan_of_a_course_is_cancelled_too() -> None:
    id_ = block_2(2, "", PHARMACY)
    before, after = shown(who=PHARMACY)[id_], shown(left("block-2/dex/2"), who=PHARMACY)[id_]
    assert (before.cancelled, before.title) == (False, "Prepare for Block 2, day 2: dexAMETHasone")
    assert (after.cancelled, after.sequence) == (True, FIRST + 1)


def test_the_rest_of_a_rescue_is_cancelled_by_the_level_and_nothing_by_an_undone_start() -> None:
    for who in Who:
        found = shown(started("block-2", "2026-12-29"), undone(FIRST + 1), who=who)
        assert not any(each.cancelled for each in found.values())
    later = (BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 09:00"), cleared("2027-01-09 09:00"))
    titles = {
        PHARMACY: "Cancelled: Prepare for Block 2, day 12: leucovorin",
        FAMILY: "Cancelled: Medicine at home: leucovorin",
    }
    for who, title in titles.items():
        gone = [each for each in shown(*later, who=who).values() if each.cancelled]
        assert sorted(each.title for each in gone)[0] == title
        assert {each.sequence for each in gone} == {FIRST + 3}
        assert not any(each.busy for each in gone)


@pytest.mark.parametrize("who", Who)
def test_a_course_that_another_arm_does_not_have_is_cancelled_whole(who: Who) -> None:
    """Arm C has neither blinatumomab nor Continuation 1."""
    before, after = shown(who=who), shown(assigned("C"), who=who)
    gone = {id_ for id_ in before if id_ in after and after[id_].cancelled}
    assert cycle_1(1, "blina/1+infusion", who) in gone
    assert not {id_ for id_ in gone if "Block 1" in before[id_].title}
    assert after.keys() >= before.keys()
    assert all(each.sequence == FIRST + 1 for id_, each in after.items() if id_ in gone)


# When an event last changed


def test_an_event_bears_the_number_and_the_time_of_the_line_that_last_changed_what_is_seen_of_it() -> None:
    for who in Who:
        found = shown(noted(), moved("block-1/vcr/22", "2026-12-23"), noted(), who=who)
        itself, other = found[block_1(22, "", who)], found[block_1(15, "", who)]
        assert (itself.sequence, itself.stamp) == (FIRST + 2, "2026-11-30T21:00:00+00:00")
        assert (other.sequence, other.stamp) == (2, "2026-11-30T16:00:00+00:00")
        assert found[block_1(8, "", who)].sequence == 3  # the puncture came with the CNS status
        assert found[block_2(1, "", who)].sequence == FIRST  # and the course with the arm
        assert itself.says[-1] == "Last changed Mon 30-Nov-2026, revision 7."


def test_a_dose_that_changes_changes_only_a_feed_that_prints_it() -> None:
    less = adjusted("vincristine", "50", "2026-12-20")
    for who in (CLINIC, PHARMACY):
        assert shown(less, who=who)[block_1(22, "", who)].sequence == 2
        dosed = shown(less, who=who, doses=True)
        assert dosed[block_1(22, "", who)].sequence == FIRST + 1
        assert dosed[block_1(15, "", who)].sequence == 2
    assert shown(less, who=FAMILY, doses=True)[block_1(22, "", FAMILY)].sequence == 2  # that dose it never reads
    less = adjusted("dexamethasone", "50", "2026-12-16")
    id_ = block_1(17, "+home", FAMILY)
    found = [shown(less, who=FAMILY, doses=doses)[id_].sequence for doses in (False, True)]
    assert found == [2, FIRST + 1]


def test_what_changes_and_changes_back_has_changed_twice() -> None:
    found = shown(moved("block-1/vcr/22", "2026-12-23"), undone(FIRST + 1))
    assert (found[block_1(22)].date, found[block_1(22)].sequence) == ("2026-12-22", FIRST + 2)


def test_what_is_gone_changes_when_what_is_left_on_its_date_does() -> None:
    """The part's event says that it stands in the other entry; when that is left out, it is called cancelled."""
    joined = (moved("block-1/it-mtx/8", "2026-12-10"), moved("block-1/vcr/8", "2026-12-10"))
    assert shown(*joined, noted())[block_1(8, "it-mtx/8")].sequence == FIRST + 2
    later = shown(*joined, left("block-1/vcr/8"), left("block-1/it-mtx/8"), noted())
    part, itself = later[block_1(8, "it-mtx/8")], later[block_1(8)]
    assert (part.title, part.sequence) == ("Cancelled: Block 1, day 10: lumbar puncture", FIRST + 4)
    assert (itself.title, itself.sequence) == ("Cancelled: Block 1, day 10: lumbar puncture", FIRST + 4)
