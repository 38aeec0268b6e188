"""Hours in the feeds: events that have them, time zones, clocks that change, the end of a year, reminders."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from feeds import feed
from icalendar import Calendar, Event
from in_memory import NOWHERE, assigned, child, day, delayed, given, held, left, measured, plan_of, recorded, started

from protocal.model.entries import Ending, Entry, HoldRule
from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies
from protocal.render.feed.reader_feed import uid

KEY = "0" * 32
ENDS = Ending(date=day("2027-03-31"), why="more of it would only take time", where=NOWHERE)
BLOCK_2 = started("block-2", "2026-12-29")
NEW_YORK = ZoneInfo("America/New_York")
NEVER = ForFamilies()


def plan_after(*later: Entry, start: str = "2026-12-01", ends: Ending = ENDS, zone: str = "America/New_York") -> Plan:
    weighed = () if start > "2026-11-30" else (measured(start, "112", "19.4"),)
    return plan_of(recorded(child(ends, *weighed, assigned("D", start), *later, arm="", start=start, zone=zone)))


def events(plan: Plan, who: Who, site: ForFamilies = NEVER) -> dict[str, Event]:
    found = Calendar.from_ical(feed(plan, who, with_doses=False, site=site)).walk("VEVENT")
    return {str(event["UID"]): event for event in found}


def text(plan: Plan, who: Who, site: ForFamilies = NEVER) -> str:
    return feed(plan, who, with_doses=False, site=site).decode().replace("\r\n ", "")


def lines(plan: Plan, who: Who, name: str) -> list[str]:
    return [line for line in text(plan, who).split("\r\n") if line.startswith(name)]


def span(event: Event) -> tuple[datetime, datetime]:
    return event["DTSTART"].dt, event["DTEND"].dt


# --- time zones


@pytest.mark.parametrize("who", Who)
def test_a_feed_of_whole_days_has_no_time_zone(who: Who) -> None:
    found = text(plan_after(BLOCK_2), who)
    assert "VTIMEZONE" not in found
    assert "TZID" not in found
    assert re.findall("DTSTART;VALUE=DATE", found)


@pytest.mark.parametrize(("who", "timed"), [(Who.FAMILY, True), (Who.CLINIC, True), (Who.PHARMACY, False)])
def test_a_feed_has_the_ward_s_time_zone_once_where_it_has_an_hour(who: Who, timed: bool) -> None:
    """What a pharmacy prepares is of a date."""
    found = text(plan_after(BLOCK_2, given("block-2/mtx-hd/8", "2027-01-05 20:00")), who)
    assert found.count("BEGIN:VTIMEZONE") == timed
    assert set(re.findall(r"TZID=([^:;]+)", found)) == ({"America/New_York"} if timed else set())


def test_an_hour_is_that_of_the_ward_s_clock_wherever_the_feed_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_after(given("block-1/vcr/8", "2026-12-08 10:00"))
    before = feed(plan, with_doses=False)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert feed(plan, with_doses=False) == before
    assert "DTSTART;TZID=America/New_York:20261208T100000" in lines(plan, Who.CLINIC, "DTSTART;TZID")


@pytest.mark.parametrize(
    ("course", "begins", "hours", "ends"),
    [
        ("2027-03-06", "2027-03-13 20:00", 36, "2027-03-15 09:00"),  # into summer
        ("2027-03-06", "2027-03-13 14:30", 36, "2027-03-15 03:30"),
        ("2026-12-24", "2026-12-31 20:00", 36, "2027-01-02 08:00"),  # into a new year
    ],
)
def test_an_infusion_runs_as_many_real_hours_whatever_the_clocks_do(
    course: str, begins: str, hours: int, ends: str
) -> None:
    plan = plan_after(started("block-2", course), given("block-2/mtx-hd/8", begins))
    for who in (Who.FAMILY, Who.CLINIC):
        found = events(plan, who)[uid(KEY, who, "block-2", 8, "mtx-hd/8+infusion")]
        first, last = span(found)
        assert (f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}") == (begins, ends)
        assert last.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=hours)


def test_a_time_zone_knows_the_clocks_to_the_last_hour_and_not_only_to_the_last_beginning() -> None:
    """The infusion ends after the night on which clocks change, and nothing begins after that."""
    plan = plan_after(
        started("block-2", "2027-03-06"),
        given("block-2/mtx-hd/8", "2027-03-12 20:00"),
        ends=Ending(date=day("2027-03-14"), why="made up", where=NOWHERE),
    )
    found = text(plan, Who.FAMILY)
    zone = found[found.index("BEGIN:VTIMEZONE") : found.index("END:VTIMEZONE")]
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20270314T030000" in zone
    (event,) = (each for each in events(plan, Who.FAMILY).values() if each["SUMMARY"] == "Stay at the clinic")
    assert f"{event['DTEND'].dt:%d %H:%M %z}" == "14 09:00 -0400"


def test_the_second_of_two_hours_that_a_clock_shows_twice_is_told_from_the_first() -> None:
    """Pegaspargase runs for an hour from half past one on the night on which clocks go back."""
    plan = plan_after(given("block-1/peg/3", "2026-11-01 01:30"), start="2026-10-30")
    event = events(plan, Who.CLINIC)[uid(KEY, Who.CLINIC, "block-1", 3, "peg/3+timed")]
    first, last = span(event)
    assert last.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert first.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert b"20261101T013000" in event["DTSTART"].to_ical()
    assert event["DTEND"].to_ical() == b"20261101T063000Z"


def test_a_pump_over_both_a_year_s_end_and_a_change_of_clocks_covers_each_date_once() -> None:
    plan = plan_after(
        started("block-2", "2027-01-20"),
        delayed("blina-cycle-1", to="2027-02-20"),
        started("blina-cycle-1", "2027-02-20"),
        given("blina-cycle-1/blina/1", "2027-02-20 14:00"),
        ends=Ending(date=day("2027-04-10"), why="made up", where=NOWHERE),
    )
    event = events(plan, Who.FAMILY)[uid(KEY, Who.FAMILY, "blina-cycle-1", 1, "blina/1+infusion")]
    assert [f"{each:%m-%d %H:%M %z}" for each in span(event)] == ["02-20 14:00 -0500", "03-20 15:00 -0400"]
    calendar = recurring_ical_events.of(Calendar.from_ical(feed(plan, Who.FAMILY, with_doses=False)))
    for late in range(29):
        titles = [str(each["SUMMARY"]) for each in calendar.at(date(2027, 2, 20) + timedelta(days=late))]
        assert titles.count("The pump runs") == 1


def test_the_last_day_of_a_year_ends_with_the_first_of_the_next() -> None:
    plan = plan_after(started("block-2", "2026-12-29"))
    event = events(plan, Who.FAMILY)[uid(KEY, Who.FAMILY, "block-2", 3, "+home")]
    assert [event[name].to_ical() for name in ("DTSTART", "DTEND")] == [b"20261231", b"20270101"]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Europe/Dublin", "America/St_Johns", "UTC"])
def test_a_ward_may_be_in_any_zone(zone: str) -> None:
    hour = given("block-1/vcr/8", "2026-12-08 10:00")  # in New York
    plan = plan_after(hour, zone=zone)
    event = events(plan, Who.CLINIC)[uid(KEY, Who.CLINIC, "block-1", 8, "vcr/8+timed")]
    assert event["DTSTART"].dt.astimezone(UTC) == datetime(2026, 12, 8, 15, tzinfo=UTC)


# --- reminders

REMINDED = ForFamilies(remind_of_medicine=time(7, 30), remind_of_visits=time(18, 0))


def alarms(event: Event) -> list[timedelta]:
    return [each["TRIGGER"].dt for each in event.walk("VALARM")]


@pytest.mark.parametrize("who", Who)
def test_nobody_is_reminded_who_did_not_ask_and_none_but_a_family_ever(who: Who) -> None:
    plan = plan_after(BLOCK_2)
    assert "VALARM" not in text(plan, who)
    assert ("VALARM" in text(plan, who, REMINDED)) is (who is Who.FAMILY)


def test_medicine_is_reminded_of_in_the_morning_and_a_visit_on_the_evening_before() -> None:
    found = events(plan_after(BLOCK_2), Who.FAMILY, REMINDED)
    home, visit = (found[uid(KEY, Who.FAMILY, "block-2", 1, part)] for part in ("+home", ""))
    assert alarms(home) == [timedelta(hours=7, minutes=30)]
    assert alarms(visit) == [timedelta(hours=-6)]
    others = [each for each in found.values() if alarms(each) and each not in (home, visit)]
    assert {str(each["SUMMARY"]).partition(":")[0] for each in others} == {
        "Medicine at home",
        "Clinic visit",
        "Clinic visit, stays overnight",
    }


def test_each_reminder_is_asked_for_by_itself() -> None:
    plan = plan_after(BLOCK_2)
    for site, title in (
        (ForFamilies(remind_of_medicine=time(7)), "Medicine at home"),
        (ForFamilies(remind_of_visits=time(18)), "Clinic visit"),
    ):
        reminded = [str(each["SUMMARY"]) for each in events(plan, Who.FAMILY, site).values() if alarms(each)]
        assert reminded
        assert all(each.startswith(title) for each in reminded)


def test_a_visit_with_an_hour_is_reminded_of_on_the_evening_before_though_clocks_change_in_between() -> None:
    """Vincristine at ten on the Sunday of the change: an hour less lies between."""
    plan = plan_after(
        started("block-2", "2027-03-14"),
        given("block-2/vcr/1", "2027-03-14 10:00"),
        ends=Ending(date=day("2027-04-20"), why="made up", where=NOWHERE),
    )
    event = events(plan, Who.FAMILY, REMINDED)[uid(KEY, Who.FAMILY, "block-2", 1)]
    (before,) = alarms(event)
    begins = event["DTSTART"].dt
    assert f"{begins:%H:%M}" == "10:00"
    assert (begins.astimezone(UTC) + before).astimezone(NEW_YORK) == datetime(2027, 3, 13, 18, tzinfo=NEW_YORK)


def test_nobody_is_reminded_of_what_is_on_hold_or_left_out_or_gone() -> None:
    begun = (BLOCK_2, started("blina-cycle-1", "2027-01-26"), started("continuation-1", "2027-03-02", anc="900"))
    plan = plan_after(
        *begun,
        held("continuation-1", "2027-03-08", 2, HoldRule.SKIP),
        left("continuation-1/mp/10"),
        left("block-1/vcr/22"),
    )
    found = events(plan, Who.FAMILY, REMINDED)
    quiet = [
        *(uid(KEY, Who.FAMILY, "continuation-1", number, "+home") for number in (7, 8, 10)),
        uid(KEY, Who.FAMILY, "block-1", 22),
    ]
    assert [alarms(found[id_]) for id_ in quiet] == [[], [], [], []]
    assert alarms(found[uid(KEY, Who.FAMILY, "continuation-1", 9, "+home")])


def test_a_reminder_says_no_more_than_the_title_of_its_event() -> None:
    for event in events(plan_after(BLOCK_2), Who.FAMILY, REMINDED).values():
        for alarm in event.walk("VALARM"):
            assert (str(alarm["ACTION"]), str(alarm["DESCRIPTION"])) == ("DISPLAY", str(event["SUMMARY"]))
