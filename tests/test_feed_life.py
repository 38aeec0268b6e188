"""The feeds follow the record: what moved moves, what changed says so, what is gone is cancelled, for every reader.

Commands run in this process with a clock of our own, so that a life of many revisions takes seconds. What calendar
programs of other people show is held against what the plan has, worked out here from the plan alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from conftest import with_seals
from icalendar import Calendar

from protocal.cli import main
from protocal.model.doses import Route
from protocal.model.plan import LUMBAR_PUNCTURE, PUMP_STOP, Administration, Plan, PlannedEvent
from protocal.model.reader import Who
from protocal.model.settings import Settings
from protocal.read.record.read import read_record
from protocal.read.settings import read_settings
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords
from protocal.workflow.planning import load_plan

ZONE = ZoneInfo("America/New_York")
FIRST = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
SITE = """\
format: 1
clearances: {methotrexate: below 0.1 micromol/L}
level draws: {methotrexate: "24 h, 48 h, 72 h"}
"""


# A child on Arm D whose therapy ends early, with the site's rules in its log: more of it would only take time.
RECORD = f"""\
format: 1
id: P001
key: "00112233445566778899aabbccddeeff"
created: 2026-11-21
born: 2019-05-12
sex: female
timezone: America/New_York
protocol: aall1331
version: "0.1"
log:
  - entry: settings
    recorded: {FIRST.isoformat()}
    rounding flag: 5
    stale days: 28
    growth: 10
    {SITE.splitlines()[1]}
    {SITE.splitlines()[2]}
  - {{entry: measure, recorded: {FIRST.isoformat()}, date: 2026-11-30, height: 112, weight: 19.4}}
  - {{entry: state, recorded: {FIRST.isoformat()}, fact: cns, value: cns2}}
  - {{entry: state, recorded: {FIRST.isoformat()}, fact: risk, value: low}}
  - {{entry: end, recorded: {FIRST.isoformat()}, date: 2027-07-15, why: made up}}
  - {{entry: start, recorded: {FIRST.isoformat()}, course: block-1, date: 2026-12-01}}
  - {{entry: assign, recorded: {FIRST.isoformat()}, arm: D, date: 2026-12-01}}
"""


class Shown(NamedTuple):
    """An event as a reader shows it; `begins` has its hour where it has one."""

    uid: str
    begins: str
    sequence: int
    status: str
    title: str
    description: str = ""
    changed: str = ""

    @property
    def date(self) -> str:
        return self.begins[:10]

    @property
    def name(self) -> str:
        """`Block 1, day 8`."""
        return self.title.removeprefix("Cancelled: ").partition(":")[0]

    @property
    def is_live(self) -> bool:
        return self.status != "CANCELLED"

    @property
    def says(self) -> list[str]:
        """Its description without the lines that every event ends with."""
        ends = ("UNVERIFIED:", "Last changed ", "Call ", "Fever: ", "The date may still change")
        return [line for line in self.description.splitlines() if not line.startswith(ends)]


@dataclass
class Ward:
    """A record, the command in this process, and a clock that goes on by an hour a command."""

    record: Path
    monkeypatch: pytest.MonkeyPatch
    time: datetime = FIRST

    def do(self, verb: str, *words: str | Path) -> None:
        """Run a command, which must succeed. `LINE` is the last line that an undo takes, LINE-1 the one before."""
        typed = [re.sub(r"^LINE(-\d)?$", self._line, str(word)) for word in words]
        self.monkeypatch.setattr(sys, "argv", ["protocal", verb, str(self.record), *typed])
        self.monkeypatch.setattr("protocal.cli.clock.now", lambda: self.time)
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 0, (verb, typed)
        self.time += timedelta(hours=1)

    def _line(self, word: re.Match[str]) -> str:
        """The number of a line, counted from the last one that can be undone."""
        record, _problems = read_record(self.record)
        assert record
        return str([each.number for each in record.log if each.is_clinical][-1 + int(word[1] or 0)])

    def site(self, *lines: str) -> None:
        """The site's settings, with more lines than it has at first."""
        self.record.with_name("site.yaml").write_text("\n".join((SITE, *lines)), encoding="utf-8")

    def feed(self, who: Who = Who.CLINIC, *options: str) -> bytes:
        """The feed as it is; nobody is sent it."""
        return self.issue(who, "--draft", *options)

    def issue(self, who: Who, *options: str) -> bytes:
        """The feed as it is sent."""
        target = self.record.with_suffix(".ics")
        self.do("feed", "-o", target, "--for", who.value, *options)
        return target.read_bytes()

    def shown(self, who: Who = Who.CLINIC, *options: str) -> list[Shown]:
        return read(self.feed(who, *options))

    def live(self, name: str, who: Who = Who.CLINIC, *options: str) -> list[Shown]:
        """The events of a name that are not cancelled, by date."""
        return sorted((each for each in self.shown(who, *options) if each.is_live and each.name == name), key=by_date)

    def one(self, name: str, who: Who = Who.CLINIC, *options: str) -> Shown:
        (found,) = self.live(name, who, *options)
        return found

    def gone(self, who: Who = Who.CLINIC) -> list[Shown]:
        return [each for each in self.shown(who) if not each.is_live]


def by_date(shown: Shown) -> str:
    return shown.begins


def said_of(begins: date) -> str:
    """`2026-12-08`, or `2026-12-08 10:00` on the ward's clock."""
    return f"{begins.astimezone(ZONE):%Y-%m-%d %H:%M}" if isinstance(begins, datetime) else begins.isoformat()


@lru_cache(maxsize=128)
def read(data: bytes) -> list[Shown]:
    """With icalendar."""
    calendar = Calendar.from_ical(data)
    found = []
    for event in calendar.walk("VEVENT"):
        stamps = {event[name].to_ical().decode() for name in ("DTSTAMP", "LAST-MODIFIED")}
        (stamp,) = stamps
        on = event["DTSTART"].dt
        if not isinstance(on, datetime):
            assert event["DTEND"].dt > on
        status, texts = str(event.get("STATUS", "")), (str(event["SUMMARY"]), str(event["DESCRIPTION"]))
        found.append(Shown(str(event["UID"]), said_of(on), int(event["SEQUENCE"]), status, *texts, stamp))
    return found


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ward:
    """A record of seven lines; line 6 starts Block 1, and line 7 assigns the arm."""
    return begin(tmp_path, monkeypatch)


def begin(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = RECORD) -> Ward:
    site = folder / "site.yaml"
    monkeypatch.setenv("PROTOCAL_SETTINGS", str(site))
    record = folder / "p001.yaml"
    record.write_text(with_seals(text), encoding="utf-8")
    ward = Ward(record, monkeypatch)
    ward.site()
    return ward


# --- what moves, and what is gone


def test_what_is_moved_away_is_an_event_of_its_own_that_keeps_its_identity(ward: Ward) -> None:
    before = ward.one("Block 1, day 8")
    ward.do("move", "block-1/it-mtx/8", "2026-12-10", "--reason", "no theatre")
    stays, goes = ward.one("Block 1, day 8"), ward.one("Block 1, day 10")
    assert (stays.uid, stays.begins, stays.sequence) == (before.uid, "2026-12-08", 8)
    assert (goes.begins, goes.sequence) == ("2026-12-10", 8)
    assert stays.says == ["vinCRIStine, into a vein"]
    assert goes.says == ["Lumbar puncture", "methotrexate, into the spinal fluid"]
    ward.do("move", "block-1/it-mtx/8", "2026-12-11", "--reason", "no theatre")
    again = ward.one("Block 1, day 11")
    assert (again.uid, again.begins, again.sequence) == (goes.uid, "2026-12-11", 9)
    assert ward.gone() == []
    ward.do("undo", "LINE", "--reason", "a slip")
    ward.do("undo", "LINE-2", "--reason", "theatre after all")
    after = ward.one("Block 1, day 8")
    assert (after.uid, after.begins, after.says) == (before.uid, before.begins, before.says)
    assert (before.sequence, after.sequence) == (6, 11)
    (gone,) = ward.gone()
    assert (gone.uid, gone.begins, gone.sequence) == (goes.uid, "2026-12-10", 11)


def test_drugs_of_one_date_are_warned_of_together_though_they_are_of_two_days(ward: Ward) -> None:
    warning = "vinCRIStine: FATAL IF GIVEN BY ANY OTHER ROUTE."
    ward.do("move", "block-1/it-mtx/8", "2026-12-15", "--reason", "no theatre")
    assert warning not in ward.one("Block 1, day 8").says
    assert [warning in each.says for each in ward.live("Block 1, day 15")] == [True, True]


@pytest.mark.parametrize("who", Who)
def test_a_delay_moves_the_events_of_all_courses_from_there_on_and_no_other(who: Who, ward: Ward) -> None:
    before = {each.uid: each for each in ward.shown(who)}
    ward.do("delay", "block-2", "--days", "6", "--reason", "counts")
    moved, same = 0, 0
    for each in ward.shown(who):
        old = before[each.uid]
        if each.is_live and old.begins < "2026-12-29" or "marrow" in old.description and old.begins == "2026-12-29":
            assert each == old
            same += 1
        elif each.is_live:
            assert (date.fromisoformat(each.date) - date.fromisoformat(old.date)).days == 6
            assert (each.sequence, each.title) == (8, old.title)
            moved += 1
    assert min(moved, same) > 5
    gone = ward.gone(who)  # the end of therapy does not move: the last course loses its last days
    assert all(each.date > "2027-07-09" and each.date == before[each.uid].date for each in gone)
    assert {each.sequence for each in gone} == {8}


def test_it_is_called_cancelled_from_when_its_date_no_longer_has_what_it_joined(ward: Ward) -> None:
    for day in ("10", "11"):
        ward.do("move", "block-1/it-mtx/8", f"2026-12-{day}", "--reason", "no theatre")
        ward.do("move", "block-1/vcr/8", f"2026-12-{day}", "--reason", "on one day")
    (gone,) = (each for each in ward.gone() if each.date == "2026-12-11")
    assert gone.title == "Block 1, day 11: now in this day's other entry"
    joined = gone.sequence
    ward.do("move", "block-1/it-mtx/8", "2026-12-14", "--reason", "no theatre")
    ward.do("move", "block-1/vcr/8", "2026-12-14", "--reason", "on one day")
    assert not any(
        each.date == "2026-12-11" and each.is_live for each in ward.shown() if each.name != "Block 1, day 11"
    )
    assert all(each.sequence > joined for each in ward.gone())


def test_what_is_left_of_a_cancelled_day_is_named_without_what_its_date_still_has(ward: Ward) -> None:
    ward.do("move", "block-1/vcr/8", "2026-12-22", "--reason", "made up")
    ward.do("omit", "block-1/vcr/8", "--reason", "made up")
    (gone,) = ward.gone()
    assert gone.title == "Block 1, day 22: now in this day's other entry"  # its date has its own dose of the drug
    ward.do("omit", "block-1/vcr/22", "--reason", "made up")
    assert {each.title for each in ward.gone() if each.date == "2026-12-22"} == {
        "Cancelled: Block 1, day 22: vinCRIStine"
    }


def test_what_is_left_out_is_cancelled_and_what_comes_back_is_the_same_event(ward: Ward) -> None:
    name = "Prepare for Block 1, day 19"
    before = ward.one(name, Who.PHARMACY)
    ward.do("omit", "block-1/dex/19", "--reason", "mucositis")
    (gone,) = ward.gone(Who.PHARMACY)
    assert (gone.uid, gone.begins, gone.sequence) == (before.uid, "2026-12-19", 8)
    assert gone.title == "Cancelled: Prepare for Block 1, day 19: dexAMETHasone"
    assert gone.says == ["Cancelled: the plan no longer has this."]
    (left_out,) = (each for each in ward.shown(Who.FAMILY) if each.title == "Medicine left out")
    assert left_out.says == ["dexamethasone: not on this day, your team has left it out."]
    assert ward.gone(Who.FAMILY) == []
    ward.do("undo", "LINE", "--reason", "it heals")
    after = ward.one(name, Who.PHARMACY)
    assert (after.uid, after.begins, after.title, after.says) == (before.uid, before.begins, before.title, before.says)
    assert after.sequence == 9
    assert ward.gone(Who.PHARMACY) == []


def test_held_days_stay_with_a_family_and_are_cancelled_for_those_who_prepare(ward: Ward) -> None:
    ward.do("start", "block-2", "2026-12-29")
    ward.do("hold", "continuation-1", "--from", "2027-03-03", "--days", "8", "--skip", "--reason", "counts")
    gone = ward.gone(Who.PHARMACY)
    assert [each.name for each in gone] == [f"Prepare for Continuation 1, day {day}" for day in range(2, 10)]
    assert {each.sequence for each in gone} == {9}
    assert ward.gone(Who.FAMILY) == []
    assert len(ward.live("Medicine on hold", Who.FAMILY)) == 8


# --- the end of all therapy


@pytest.mark.parametrize("who", Who)
def test_the_end_of_therapy_is_one_last_event_and_its_undoing_brings_all_back(who: Who, ward: Ward) -> None:
    ward.site("family: {remind of medicine: '07:00', remind of visits: '18:00'}")
    ward.do("omit", "block-1/vcr/22", "--reason", "made up")
    before = [each for each in ward.shown(who) if each.is_live]
    assert ward.gone(who) or who is Who.PHARMACY
    ward.do("stop", "2027-06-01", "--reason", "wish of the family")
    data = ward.feed(who)
    shown = read(data)
    assert b"CANCELLED" not in data
    assert b"VALARM" not in data
    (last,) = (each for each in shown if each.date >= "2027-06-01")
    assert (last.begins, last.title, last.sequence) == ("2027-06-01", "This calendar ends here", 9)
    assert last.says[0] == "There is nothing more in it. Your team is there for you."
    assert "wish" not in data.decode()
    if who is Who.FAMILY:
        assert [line for line in last.description.splitlines() if line.startswith(("Call", "Fever"))]
    assert len(shown) < len(before)
    ward.do("undo", "LINE", "--reason", "they came back")
    after = [each for each in ward.shown(who) if each.is_live]
    assert {each[:2] for each in after} == {each[:2] for each in before}
    assert last.uid not in {each.uid for each in after}


def test_the_last_event_keeps_its_identity_when_the_end_is_another_day(ward: Ward) -> None:
    ward.do("stop", "2027-06-01", "--reason", "made up")
    (first,) = ward.live("This calendar ends here", Who.FAMILY)
    ward.do("undo", "LINE", "--reason", "another day")
    ward.do("stop", "2027-06-20", "--reason", "made up")
    (second,) = ward.live("This calendar ends here", Who.FAMILY)
    assert (first.uid, first.begins, second.begins) == (second.uid, "2027-06-01", "2027-06-20")
    assert second.sequence > first.sequence


# --- what changes, and when


@pytest.mark.parametrize("who", Who)
def test_an_entry_that_changes_nothing_that_is_seen_changes_no_event(who: Who, ward: Ward) -> None:
    doses = ("--no-doses",)
    before = ward.shown(who, *doses)
    ward.do("note", "came by tram")
    ward.do("measure", "--date", "2026-12-20", "--height", "113", "--weight", "20.4")  # doses do not stand in it
    ward.do("give", "block-1/mitox/1", "2026-12-01")
    assert ward.shown(who, *doses) == before


def test_a_dose_that_changes_changes_the_feeds_that_print_it(ward: Ward) -> None:
    asked = ((Who.PHARMACY, "--doses"), (Who.PHARMACY, "--unverified-doses"), (Who.FAMILY, "--unverified-doses"))
    before = [ward.shown(*each) for each in asked]
    ward.do("measure", "--date", "2026-12-20", "--height", "113", "--weight", "20.4")
    for old, each in zip(before, asked, strict=True):
        new = ward.shown(*each)
        changed = {now.uid for was, now in zip(old, new, strict=True) if was.says != now.says}
        assert {now.uid for now in new if now.sequence == 8} == changed
        assert changed
        assert not any(now.uid in changed for now in new if now.date < "2026-12-29")


def test_the_times_of_an_event_are_those_of_the_revision_that_last_changed_it(ward: Ward) -> None:
    ward.time = datetime(2026, 12, 7, 23, 5, tzinfo=UTC)
    ward.do("move", "block-1/it-mtx/8", "2026-12-10", "--reason", "no theatre")
    ward.time = datetime(2026, 12, 20, 4, 0, tzinfo=UTC)  # still the 19th in New York
    ward.do("delay", "block-2", "--days", "6", "--reason", "counts")
    found = {each.name: each for each in ward.shown() if each.is_live and each.date != "2026-12-10"}
    for name, stamp, line in (
        ("Block 1, day 2", "20261123T023000Z", "Last changed Sun 22-Nov-2026, revision 6."),
        ("Block 1, day 8", "20261207T230500Z", "Last changed Mon 07-Dec-2026, revision 8."),
        ("Block 2, day 8", "20261220T040000Z", "Last changed Sat 19-Dec-2026, revision 9."),
    ):
        assert found[name].changed == stamp
        assert found[name].description.splitlines()[-1] == line


@pytest.mark.parametrize("who", Who)
def test_the_feed_is_the_same_on_whatever_day_it_is_made(who: Who, ward: Ward) -> None:
    ward.do("omit", "block-1/dex/19", "--reason", "mucositis")
    before = ward.feed(who)
    ward.time += timedelta(days=900)
    assert ward.feed(who) == before


def test_a_correction_of_what_is_past_changes_only_what_it_corrects(ward: Ward) -> None:
    ward.do("give", "block-1/vcr/8", "2026-12-08", "--at", "10:00")
    ward.do("give", "block-1/vcr/8", "2026-12-09", "--at", "11:30", "--reason", "written under the wrong day")
    stays, given = ward.one("Block 1, day 8"), ward.one("Block 1, day 9")
    assert (stays.title, given.title) == ("Block 1, day 8: lumbar puncture", "Block 1, day 9: vinCRIStine")
    assert (given.begins, given.says) == ("2026-12-09 11:30", ["vinCRIStine, into a vein, at 11:30"])
    assert {each.name for each in ward.shown() if each.sequence > 7} == {"Block 1, day 8", "Block 1, day 9"}


# --- clocks, bags, rescues


def test_a_rescue_has_its_hours_once_its_start_is_recorded_and_ends_with_the_level(ward: Ward) -> None:
    ward.do("start", "block-2", "2026-12-29")
    ward.do("give", "block-2/mtx-hd/8", "2027-01-05", "--at", "21:00")
    infusion = next(each for each in ward.live("Block 2") if each.title == "Block 2: infusion of methotrexate")
    assert (infusion.begins, infusion.says[0]) == ("2027-01-05 21:00", "methotrexate, into a vein, over 36 h, at 21:00")
    drawn = [each.begins for each in ward.live("Block 2, day 10") if each.says[0].startswith("Drug level")]
    assert drawn == ["2027-01-07 21:00"]
    open_ = "leucovorin goes on until methotrexate has cleared: ask the treating team."
    hours = "at 21:00, and on Fri 08-Jan-2027 at 03:00, 09:00 and 15:00"
    line = f"leucovorin, by mouth, 4 times that day, every 6 hours, {hours}"
    doses = (Who.PHARMACY, "--no-doses")
    assert ward.one("Prepare for Block 2, day 10", *doses).says == [line, open_]
    assert open_ in ward.one("Prepare for Block 2, day 12", *doses).says  # beyond the planned days: nothing ends it yet
    ward.do("clear", "block-2", "methotrexate", "--at", "2027-01-09 09:00", "--level", "0.08 micromol/L")
    assert not any("leucovorin goes on" in each.description for each in ward.shown(*doses) if "Block 2" in each.name)
    last = "leucovorin, by mouth, 2 times that day, every 6 hours, at 21:00, and on Sat 09-Jan-2027 at 03:00"
    assert last in ward.one("Prepare for Block 2, day 11", *doses).says
    assert ward.one("Prepare for Block 2, day 10", *doses).sequence == 10
    assert {each.name for each in ward.gone(Who.PHARMACY)} >= {
        "Prepare for Block 2, day 12",
        "Prepare for Block 2, day 13",
    }
    ward.do("undo", "LINE", "--reason", "another child's level")
    assert any("goes on" in line for line in ward.one("Prepare for Block 2, day 11", *doses).says)
    assert ward.one("Prepare for Block 2, day 12", *doses).sequence == 11


def begin_infusion(ward: Ward) -> None:
    for course, day in (("block-2", "2026-12-29"), ("blina-cycle-1", "2027-01-26")):
        ward.do("start", course, day)
    ward.do("bags", "blinatumomab", "--hours", "72,96", "--from", "2027-01-26")
    ward.do("give", "blina-cycle-1/blina/1", "2027-01-26", "--at", "14:00")


def test_a_pump_has_its_hours_and_its_bags_once_its_start_is_recorded(ward: Ward) -> None:
    begin_infusion(ward)
    lines = [line for each in ward.shown() if "Cycle 1" in each.title for line in each.says if "bag " in line]
    assert lines[0] == "blinatumomab: hang the first bag at 14:00 (72 h)"
    assert "blinatumomab: change the bag at 14:00 (96 h)" in lines
    plan = load_plan(ward.record, Settings())
    (infusion,) = (each for course in plan.courses for each in course.infusions)
    assert len(lines) == len(infusion.bags)
    pump = ward.one("Blinatumomab Cycle 1")
    assert (pump.begins, pump.says[0]) == (
        "2027-01-26 14:00",
        "blinatumomab, into a vein, day and night, the pump starts at 14:00",
    )
    stops = [each for each in ward.live("Blinatumomab Cycle 1, day 29") if "Pump stop at 14:00" in each.says]
    assert [each.begins for each in stops] == ["2027-02-23 14:00"]
    assert "Pump stop" in ward.one("Blinatumomab Cycle 2, day 29").says
    new = [each.begins for each in ward.live("The pump", Who.FAMILY) if each.title == "The pump: a new bag"]
    assert len(new) == len(infusion.bags) - 1


def test_a_bag_that_is_hung_on_a_day_without_anything_else_has_its_event(ward: Ward) -> None:
    begin_infusion(ward)
    ward.do("interrupt", "blina-cycle-1", "--at", "2027-01-30 09:00", "--reason", "fever")
    ward.do("resume", "blina-cycle-1", "--at", "2027-02-03 20:00", "--dose", "11.7", "--reason", "afebrile")
    (hung,) = (each for each in ward.shown() if each.is_live and any("new bag" in line for line in each.says))
    assert hung.begins == "2027-02-03 20:00"
    assert "blinatumomab" in hung.title
    new = re.compile(r"blinatumomab: hang a new bag at 20:00, after the stop \(\d+ h\)")
    assert [line for line in hung.says if new.fullmatch(line)]
    stop = next(
        each for each in ward.shown() if each.is_live and each.date == "2027-02-28" and "pump stop" in each.title
    )
    assert (stop.begins, stop.says[0]) == ("2027-02-28 01:00", "Pump stop at 01:00")


def test_tablets_stand_only_where_the_dose_is_printed(ward: Ward) -> None:
    line = "dexAMETHasone, by mouth: 8 mg (unverified) each time (2 tablets of 4 mg), 2 times that day"
    assert line in ward.one("Prepare for Block 1, day 1", Who.PHARMACY, "--unverified-doses").says
    for options in ((), ("--no-doses",)):
        assert not any("tablet" in each.description for each in ward.shown(Who.PHARMACY, *options))
