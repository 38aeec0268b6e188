"""Which event of a feed is which, whatever is moved: identities, dates, and what a cancelled one says. In memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pytest
from feeds import feed
from icalendar import Calendar
from in_memory import (
    NOWHERE,
    adjusted,
    assigned,
    bagged,
    child,
    cleared,
    day,
    delayed,
    given,
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

from protocal.model.entries import Ending, Entry
from protocal.render.feed.ics import uid

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


class Shown(NamedTuple):
    """What a reader sees of an event."""

    date: str
    title: str
    sequence: int
    cancelled: bool
    busy: bool
    says: tuple[str, ...]
    stamp: str
    category: str


def shown(*later: Entry, doses: bool = False) -> Mapping[str, Shown]:
    """Each event of the girl's feed by its identity."""
    data = feed(plan_of(recorded(child(ENDS, assigned("D"), *later, arm=""))), with_doses=doses, unverified_doses=doses)
    found = {}
    for event in Calendar.from_ical(data).walk("VEVENT"):
        found[str(event["UID"])] = Shown(
            event["DTSTART"].dt.isoformat(),
            str(event["SUMMARY"]),
            int(event["SEQUENCE"]),
            str(event.get("STATUS", "")) == "CANCELLED",
            {"OPAQUE": True, "TRANSPARENT": False}[str(event["TRANSP"])],
            tuple(str(event["DESCRIPTION"]).splitlines()),
            event["DTSTAMP"].dt.isoformat(),
            str(event["CATEGORIES"].to_ical().decode()),
        )
    return found


def block_1(number: int, part: str = "") -> str:
    return uid(KEY, "block-1", number, part)


def cycle_1(number: int, part: str = "") -> str:
    return uid(KEY, "blina-cycle-1", number, part)


def on(found: Mapping[str, Shown], date: str) -> dict[str, str]:
    """The events of a date that are not cancelled: their title by their identity."""
    return {id_: each.title for id_, each in found.items() if each.date == date and not each.cancelled}


# Which is the day itself, and which a part of it


def test_what_stays_on_its_day_is_the_day_itself_and_what_is_moved_away_a_part_named_by_its_dose() -> None:
    later = shown(moved("block-1/it-mtx/8", "2026-12-10"))
    assert on(later, "2026-12-08") == {block_1(8): "Block 1, day 8: vinCRIStine"}
    assert on(later, "2026-12-10") == {block_1(8, "it-mtx/8"): "Block 1, day 10: lumbar puncture"}
    other = shown(moved("block-1/vcr/8", "2026-12-10"))
    assert on(other, "2026-12-08") == {block_1(8): "Block 1, day 8: lumbar puncture"}
    assert on(other, "2026-12-10") == {block_1(8, "vcr/8"): "Block 1, day 10: vinCRIStine"}


def test_what_is_given_early_is_a_part_and_the_day_keeps_its_identity_though_it_comes_later() -> None:
    early = shown(given("block-1/vcr/8", "2026-12-07"))
    assert on(early, "2026-12-07") == {block_1(8, "vcr/8"): "Block 1, day 7: vinCRIStine"}
    assert on(early, "2026-12-08") == {block_1(8): "Block 1, day 8: lumbar puncture"}


def test_events_stand_in_the_order_of_days_and_the_parts_of_a_day_in_that_of_their_dates() -> None:
    found = list(shown(given("block-1/vcr/8", "2026-12-07")))
    day_5, part, itself, day_15 = map(found.index, (block_1(5), block_1(8, "vcr/8"), block_1(8), block_1(15)))
    assert day_5 < part < itself < day_15


def test_an_event_is_provisional_until_its_course_has_started() -> None:
    sentence = "Provisional: the date may change until Block 2 has started."
    id_ = uid(KEY, "block-2", 8)
    assert (sentence in shown()[id_].says, sentence in shown(BLOCK_2)[id_].says) == (True, False)


def test_a_day_that_is_moved_whole_keeps_its_identity() -> None:
    assert on(shown(moved("block-1/vcr/22", "2026-12-23")), "2026-12-23") == {
        block_1(22): "Block 1, day 23: vinCRIStine"
    }


def test_where_nothing_is_left_on_its_date_what_comes_first_is_the_day_itself() -> None:
    found = shown(moved("block-1/it-mtx/8", "2026-12-10"), moved("block-1/vcr/8", "2026-12-11"))
    assert on(found, "2026-12-10") == {block_1(8): "Block 1, day 10: lumbar puncture"}
    assert on(found, "2026-12-11") == {block_1(8, "vcr/8"): "Block 1, day 11: vinCRIStine"}


def test_two_parts_of_one_day_have_each_their_own_identity_named_by_the_first_dose_in_it() -> None:
    """Dexamethasone, vincristine, mitoxantrone and a puncture are on day 1; three of them go elsewhere."""
    found = shown(
        moved("block-1/mitox/1", "2026-12-03"),
        moved("block-1/vcr/1", "2026-12-04"),
        moved("block-1/it-mtx-day1/1", "2026-12-04"),
    )
    assert on(found, "2026-12-01") == {block_1(1): "Block 1, day 1: dexAMETHasone"}
    assert on(found, "2026-12-03")[block_1(1, "mitox/1")] == "Block 1, day 3: mitoxantrone"
    assert on(found, "2026-12-04")[block_1(1, "vcr/1")] == "Block 1, day 4: lumbar puncture, vinCRIStine"
    assert len(on(found, "2026-12-03")) == len(on(found, "2026-12-04")) == 2  # and the days' own


def test_a_delay_changes_dates_and_no_identity() -> None:
    before, after = shown(), shown(delayed("block-2", 7))
    id_ = uid(KEY, "block-2", 8)
    assert (before[id_].date, after[id_].date) == ("2027-01-05", "2027-01-12")
    assert before[id_].title == after[id_].title
    assert before[block_1(8)] == after[block_1(8)]


# What goes on from an earlier date


def test_an_infusion_that_goes_on_stands_with_what_else_is_on_the_date() -> None:
    found = shown(BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"))
    assert on(found, "2027-01-06") == {uid(KEY, "block-2", 9): "Block 2, day 9: pegaspargase, methotrexate goes on"}
    assert on(found, "2027-01-07") == {uid(KEY, "block-2", 10): "Block 2, day 10: leucovorin, methotrexate goes on"}
    started_on, last = found[uid(KEY, "block-2", 8)], found[uid(KEY, "block-2", 10)]
    overnight = "Stays overnight: the infusion runs through the night."
    assert (overnight in started_on.says, overnight in last.says) == (True, False)
    assert "methotrexate: the infusion goes on, until 08:00" in last.says
    assert "methotrexate: the infusion goes on" in found[uid(KEY, "block-2", 9)].says
    assert last.busy


def test_an_infusion_that_goes_on_alone_has_an_event_of_its_own_named_by_its_day_and_how_late_it_is() -> None:
    """Pegaspargase of the second day is left out, so that nothing else is on it."""
    found = shown(BLOCK_2, left("block-2/peg/9"), given("block-2/mtx-hd/8", "2027-01-05 09:00"))
    id_ = uid(KEY, "block-2", 8, "mtx-hd/runs-1")
    assert on(found, "2027-01-06") == {id_: "Block 2, day 9: methotrexate goes on"}
    assert found[id_].busy
    assert "methotrexate: the infusion goes on, until 21:00" in found[id_].says
    overnight = "Stays overnight: the infusion runs through the night."
    assert overnight not in found[id_].says
    later = shown(BLOCK_2, left("block-2/peg/9"), given("block-2/mtx-hd/8", "2027-01-05 20:00"))
    assert overnight in later[id_].says


def test_a_supervised_restart_stands_with_what_else_is_on_its_date() -> None:
    """The pump stops on the 3rd and goes on at 10:00 on the 6th, with its premedication and a new bag."""
    found = shown(*PUMP, *STOPPED)
    said = "blinatumomab: the infusion goes on again at 10:00, in the clinic"
    (restart,) = (each for each in found.values() if said in each.says)
    assert (restart.date, restart.cancelled, restart.busy) == ("2027-02-06", False, True)
    assert on(found, "2027-02-04") == on(found, "2027-02-05") == {}


def test_a_supervised_restart_alone_has_an_event_of_its_own_named_by_its_infusion_and_its_number() -> None:
    """It goes on at 20:00, so that its next 24 h begin on the 7th; it has no bags and no premedication."""
    stop = (interrupted("blina-cycle-1", "2027-02-03 03:15"), resumed("blina-cycle-1", "2027-02-06 20:00"))
    found = shown(*PUMP[:2], PUMP[3], *stop, left("blina-cycle-1/dex-premed/1/restart-1"))
    id_ = cycle_1(1, "blina/restart-1")
    assert on(found, "2027-02-06") == {id_: "Blinatumomab Cycle 1, day 12: blinatumomab"}
    assert found[id_].says[0] == "blinatumomab: the infusion goes on again at 20:00, in the clinic"
    assert (found[id_].busy, found[id_].category) == (True, "Clinic")


def test_what_goes_on_stands_with_the_date_s_own_day_and_not_with_what_was_moved_there() -> None:
    found = shown(BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00"), moved("block-2/it-mtx/8", "2027-01-06"))
    assert on(found, "2027-01-06") == {
        uid(KEY, "block-2", 8, "it-mtx/8"): "Block 2, day 9: lumbar puncture",
        uid(KEY, "block-2", 9): "Block 2, day 9: pegaspargase, methotrexate goes on",
    }


def test_a_new_bag_that_is_all_of_a_day_there_is_on_its_date_is_named_as_a_bag() -> None:
    """It is hung at 20:00, with the rest of day 8's 24 h; day 9's begin on the 7th."""
    stop = (interrupted("blina-cycle-1", "2027-02-03 03:15"), resumed("blina-cycle-1", "2027-02-06 20:00"))
    found = shown(*PUMP, *stop, left("blina-cycle-1/dex-premed/1/restart-1"))
    ((id_, each),) = ((id_, each) for id_, each in found.items() if any("hang a new bag" in line for line in each.says))
    assert id_ == cycle_1(12, "blina/bag")
    assert (each.date, each.title) == ("2027-02-06", "Blinatumomab Cycle 1, day 12: blinatumomab")
    assert found[cycle_1(12)].date == "2027-02-10"  # the twelfth 24 h


def test_bags_and_the_pump_stop_are_events_of_the_days_on_which_they_are() -> None:
    found = shown(*PUMP)
    assert on(found, "2027-01-26") == {cycle_1(1): "Blinatumomab Cycle 1, day 1: blinatumomab, dexAMETHasone"}
    assert "blinatumomab: hang the first bag at 14:00 (96 h)" in found[cycle_1(1)].says
    assert "blinatumomab: change the bag at 14:00 (96 h), closed day" in found[cycle_1(5)].says
    assert "Pump stop at 14:00" in found[cycle_1(29)].says
    assert "blinatumomab, into a vein, day and night, the pump starts at 14:00" in found[cycle_1(1)].says


# What is gone


@pytest.mark.parametrize(
    ("id_", "date", "title"),
    [
        # in the clinic, so that it kept the day busy
        ("block-1/vcr/22", "2026-12-22", "Cancelled: Block 1, day 22: vinCRIStine"),
        # at home
        ("block-1/dex/19", "2026-12-19", "Cancelled: Block 1, day 19: dexAMETHasone"),
    ],
)
def test_a_cancelled_event_leaves_its_day_free(id_: str, date: str, title: str) -> None:
    number = int(id_.rpartition("/")[2])
    before, after = shown()[block_1(number)], shown(left(id_))[block_1(number)]
    assert (before.cancelled, before.busy, before.date) == (False, "vcr" in id_, date)
    assert (after.cancelled, after.busy, after.date, after.title) == (True, False, date, title)
    assert (before.sequence, after.sequence) == (2, FIRST + 1)  # it came with the course
    assert after.says[0] == "Cancelled: the plan no longer has this."
    assert before.category == after.category == ("Clinic" if "vcr" in id_ else "Home")


def test_a_part_that_is_moved_back_is_cancelled_at_the_line_that_did_it_and_what_comes_back_is_not() -> None:
    found = shown(moved("block-1/it-mtx/8", "2026-12-10"), noted(), undone(FIRST + 1))
    gone, itself = found[block_1(8, "it-mtx/8")], found[block_1(8)]
    assert (gone.cancelled, gone.busy, gone.date, gone.sequence) == (True, False, "2026-12-10", FIRST + 3)
    assert (itself.cancelled, itself.busy, itself.date, itself.sequence) == (False, True, "2026-12-08", FIRST + 3)
    again = shown(left("block-1/vcr/22"), undone(FIRST + 1))[block_1(22)]
    assert (again.cancelled, again.busy, again.sequence) == (False, True, FIRST + 2)


def test_what_joined_another_event_of_its_date_is_not_called_cancelled_and_leaves_the_day_free() -> None:
    found = shown(moved("block-1/it-mtx/8", "2026-12-10"), moved("block-1/vcr/8", "2026-12-10"))
    gone = found[block_1(8, "it-mtx/8")]
    assert gone.title == "Block 1, day 10: now in this day's other entry"
    assert gone.says[0] == "What is done on this day stands in its other entry."
    assert (gone.cancelled, gone.busy) == (True, False)
    assert on(found, "2026-12-10") == {block_1(8): "Block 1, day 10: lumbar puncture, vinCRIStine"}


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
    id_ = uid(KEY, "block-2", 2)
    before, after = shown()[id_], shown(left("block-2/dex/2"))[id_]
    assert (before.cancelled, before.title) == (False, "Block 2, day 2: dexAMETHasone")
    assert (after.cancelled, after.sequence) == (True, FIRST + 1)


def test_the_rest_of_a_rescue_is_cancelled_by_the_level_and_nothing_by_an_undone_start() -> None:
    found = shown(started("block-2", "2026-12-29"), undone(FIRST + 1))
    assert not any(each.cancelled for each in found.values())
    rescue = shown(BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 09:00"), cleared("2027-01-09 09:00"))
    gone = [each for each in rescue.values() if each.cancelled]
    assert sorted(each.title for each in gone)[0] == "Cancelled: Block 2, day 12: leucovorin"
    assert {each.sequence for each in gone} == {FIRST + 3}
    assert not any(each.busy for each in gone)


# When an event last changed


def test_an_event_bears_the_number_and_the_time_of_the_line_that_last_changed_what_is_seen_of_it() -> None:
    found = shown(noted(), moved("block-1/vcr/22", "2026-12-23"), noted())
    assert (found[block_1(22)].sequence, found[block_1(22)].stamp) == (FIRST + 2, "2026-11-30T21:00:00+00:00")
    assert (found[block_1(15)].sequence, found[block_1(15)].stamp) == (2, "2026-11-30T16:00:00+00:00")
    assert found[block_1(8)].sequence == 3  # the puncture came with the CNS status
    assert found[uid(KEY, "block-2", 1)].sequence == FIRST  # and the course with the arm
    assert found[block_1(22)].says[-1] == "Last changed Mon 30-Nov-2026, revision 7."


def test_a_dose_that_changes_changes_only_a_feed_that_prints_it() -> None:
    less = adjusted("vincristine", "50", "2026-12-20")
    assert shown(less)[block_1(22)].sequence == 2
    assert shown(less, doses=True)[block_1(22)].sequence == FIRST + 1
    assert shown(less, doses=True)[block_1(15)].sequence == 2


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
