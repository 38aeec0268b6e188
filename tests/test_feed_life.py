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
from protocal.model.entries import Dispensed, HoldRule
from protocal.model.plan import LUMBAR_PUNCTURE, PUMP_STOP, Administration, Plan
from protocal.model.reader import Who
from protocal.model.settings import Settings
from protocal.plan.open_rescues import open_ends
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
        if (each.is_live and old.begins < "2026-12-29") or ("marrow" in old.description and old.begins == "2026-12-29"):
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


def test_how_long_medicine_at_home_lasts_is_an_event_that_moves_with_the_plan_and_is_no_others(ward: Ward) -> None:
    title = "How long the medicine at home lasts"
    ward.do("dispense", "dexamethasone", "--tablets", "12 of 4 mg", "2026-12-01")

    def lasts() -> list[Shown]:
        return [each for each in read(ward.issue(Who.FAMILY, "--unverified-doses")) if title in each.title]

    (first,) = lasts()
    assert (first.begins, first.title) == ("2026-12-01", title)
    assert first.says == [
        "Dexamethasone 4 mg at home: no 1 mg and 0.5 mg was given to you, and you need it on Wednesday 2 December: "
        "call your team. (unverified)"
    ]
    assert lasts() == [first]
    for tablets in ("20 of 1 mg", "20 of 0.5 mg"):
        ward.do("dispense", "dexamethasone", "--tablets", tablets, "2026-12-02")
    (more,) = lasts()
    assert (more.uid, more.begins) == (first.uid, "2026-12-03")
    assert more.sequence > first.sequence
    assert not any(title in each.title for who in Who for each in ward.shown(who) if who is not Who.FAMILY)
    assert not any(title == each.title for each in ward.shown(Who.FAMILY, "--no-doses"))  # it would tell the dose
    record, _problems = read_record(ward.record)
    assert record
    for line in (each.number for each in record.log if isinstance(each, Dispensed)):
        ward.do("undo", str(line), "--reason", "made up")
    (gone,) = lasts()
    assert (gone.uid, gone.is_live, gone.title) == (first.uid, False, f"No longer: {title}")


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
    after = ward.shown(who)
    assert {each[:2] for each in after if each.is_live} == {each[:2] for each in before}
    (gone,) = (each for each in after if each.uid == last.uid)  # nothing vanishes unsaid
    assert (gone.is_live, gone.title) == (False, "No longer: This calendar ends here")
    assert gone.sequence > last.sequence
    ward.time += timedelta(days=91)
    ward.do("note", "well")
    assert all(each.is_live for each in ward.shown(who))


def test_the_last_event_in_other_words_has_changed(ward: Ward) -> None:
    ward.do("stop", "2027-06-01", "--reason", "made up")
    (first,) = read(ward.issue(Who.FAMILY))[-1:]
    ward.site("family: {call by day: 0800 1234}")
    (second,) = read(ward.issue(Who.FAMILY))[-1:]
    assert first.uid == second.uid
    assert "0800 1234" in second.description
    assert second.sequence > first.sequence


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


# --- a life of many revisions, issued to each reader one after another

REASON = ("--reason", "made up")
FULL = "lock screen: full"
LIFE: tuple[tuple[str, ...], ...] = (
    ("move", "block-1/it-mtx/8", "2026-12-10", *REASON),
    ("move", "block-1/vcr/8", "2026-12-10", *REASON),
    ("undo", "LINE", *REASON),
    ("omit", "block-1/dex/19", *REASON),
    ("give", "block-1/vcr/1", "2026-12-01", "--at", "10:00"),
    ("undo", "ARM", *REASON),  # all courses after the first are cancelled
    ("assign", "D", "2026-12-01", *REASON),
    ("delay", "block-2", "--days", "6", *REASON),
    ("start", "block-2", "2027-01-04"),
    ("give", "block-2/mtx-hd/8", "2027-01-11", "--at", "21:00"),
    ("clear", "block-2", "methotrexate", "--at", "2027-01-15 09:00", "--level", "0.08 micromol/L"),
    ("undo", "LINE", *REASON),
    ("start", "blina-cycle-1", "2027-02-17", *REASON),  # it runs through the night on which clocks change
    ("bags", "blinatumomab", "--hours", "72,96", "--from", "2027-02-17"),
    ("give", "blina-cycle-1/blina/1", "2027-02-17", "--at", "14:00"),
    ("interrupt", "blina-cycle-1", "--at", "2027-02-21 09:00", *REASON),
    ("site", "language: fr", f"family: {{{FULL}}}"),
    ("resume", "blina-cycle-1", "--at", "2027-02-25 20:00", "--dose", "11.7", *REASON),
    ("site", "language: fr", f"family: {{{FULL}, fever: 38 C and call}}"),
    ("start", "continuation-1", "2027-03-30", *REASON),
    ("hold", "continuation-1", "--from", "2027-04-02", "--days", "5", "--skip", *REASON),
    ("site", f"family: {{{FULL}}}"),
    ("undo", "LINE", *REASON),
    ("hold", "continuation-1", "--from", "2027-04-03", "--days", "3", "--slip", *REASON),
    ("upgrade", "--to", "0.2", *REASON),
    ("stop", "2027-05-03", *REASON),
    ("undo", "LINE", *REASON),
)
FRENCH, WORDS, ENDED = 17, 19, 26  # versions: another language, other words of the site's own, the end of therapy
TURNS = (0, 6, 10, 17, 21, 26, 27)  # versions that slower programs read, some revisions apart


@dataclass(frozen=True)
class Version:
    """A reader's feed as it was issued after a revision, and what it must have."""

    data: bytes
    due: frozenset[tuple[str, str]]


Versions = dict[Who, list[Version]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    """The feeds of a short therapy, first as the record was made and then after each entry of its life."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        text = RECORD.replace("format: 1", "format: 2").replace("2027-07-15", "2027-05-20")
        ward = begin(tmp_path_factory.mktemp("life"), monkeypatch, text)
        ward.site(f"family: {{{FULL}}}")
        made: Versions = {who: [] for who in Who}
        publish(ward, made)
        for verb, *words in LIFE:
            if verb == "site":
                ward.site(*words)
            else:
                ward.do(verb, *("7" if word == "ARM" else word for word in words))
            publish(ward, made)
    assert {len(each) for each in made.values()} == {len(LIFE) + 1}
    return made


def publish(ward: Ward, made: Versions) -> None:
    settings, _problems = read_settings(ward.record.with_name("site.yaml"))
    assert settings
    plan = load_plan(ward.record, settings)
    for who in Who:
        data = ward.issue(who, "--unverified-doses")
        made[who].append(Version(data, frozenset(Due(plan, settings.language).of(who))))


Thing = tuple[str, str]  # a date or an hour, and what is there


class Due:
    """What the readers have of a plan: worked out from the plan alone, in the words of a language."""

    def __init__(self, plan: Plan, language: str) -> None:
        self.plan = plan
        self.words = messages(language)
        self.family = FamilyWords(self.words, tall_man=False)
        self.given = [line for line in plan.administrations if line.status.takes_place]
        self.events = [*plan.procedures, *plan.evaluations]
        self.bags = [bag for course in plan.courses for infusion in course.infusions for bag in infusion.bags]
        self.first_bags = [infusion.bags[0] for course in plan.courses for infusion in course.infusions]

    def of(self, who: Who) -> Iterator[Thing]:
        """All of it."""
        yield from {Who.FAMILY: self.of_family, Who.CLINIC: self.of_clinic, Who.PHARMACY: self.of_pharmacy}[who]()

    def of_clinic(self) -> Iterator[Thing]:
        for line in self.given:
            if at_home(line) or line.route is Route.CIV:
                continue
            timed = len(line.times) == 1 and line.per_day == 1
            on = said_of(line.times[0]) if timed or (is_long(line) and line.times) else line.date.isoformat()
            if is_long(line):
                yield on, self.infusion(line.agent)
            elif timed or not self.is_brought_in(line):
                yield on, self.name(line.agent)
        for event in self.events:
            title = self.words.gettext(self.plan.protocol.kinds[event.kind])
            yield said_of(event.at or event.date), title.lower()
        yield from ((said_of(bag.at), self.name("blinatumomab")) for bag in self.bags)
        yield from self.pumps()
        gate = self.words.gettext("{course}: counts before it may start").rpartition(":")[2].strip()
        for each in self.plan.courses:
            if each.course.dates and each.course.definition.may_start:
                yield each.course.dates.day1.isoformat(), gate

    def of_pharmacy(self) -> Iterator[Thing]:
        starts = {(line.course, line.date) for line in self.first_of_pumps()}
        for line in self.given:
            if line.route is not Route.CIV or (line.course, line.date) in starts:
                yield line.date.isoformat(), self.name(line.agent)
        yield from ((bag.at.date().isoformat(), self.name("blinatumomab")) for bag in self.bags)
        yield from self.pumps()

    def of_family(self) -> Iterator[Thing]:
        yield from self.at_home()
        starts = {(line.course, line.date) for line in self.first_of_pumps()}
        for line in self.given:
            begins_pump = line.route is Route.CIV and (line.course, line.date) in starts
            if not at_home(line) and (line.route is not Route.CIV or begins_pump) and not self.is_brought_in(line):
                yield line.date.isoformat(), self.plain(line.agent)
            if is_long(line):
                yield said_of(line.times[0] if line.times else line.date), self.plain(line.agent)
        for event in self.events:
            on = event.at or event.date if event.kind == PUMP_STOP else event.date
            yield said_of(on), self.family.kind(event.kind, self.plan.protocol).lower()
        yield from ((said_of(bag.at), self.plain("blinatumomab")) for bag in self.bags if bag not in self.first_bags)
        yield from ((on, self.plain("blinatumomab")) for on, _name in self.pumps())
        for pause in self.plan.facts.pauses:
            stop, resume = pause.stop.date(), pause.resume.date() if pause.resume else self.last_day(pause.course)
            yield from ((str(stop + timedelta(days=late)), "") for late in range(1, (resume - stop).days))
            if pause.resume:
                yield resume.isoformat(), self.plain("blinatumomab")  # after days: with the team
        for hold in self.plan.facts.holds:
            if hold.rule is HoldRule.SLIP:
                dates = (hold.date + timedelta(days=late) for late in range(hold.days))
                agents = {
                    line.agent for line in self.plan.administrations if line.course == hold.course and at_home(line)
                }
                yield from ((on.isoformat(), self.plain(agent)) for on in dates for agent in agents)

    def at_home(self) -> Iterator[Thing]:
        """What is taken at home or may go on there; where nothing of a day is, what of it is held or left out."""
        for _course, end in open_ends(self.plan):
            yield from ((on.isoformat(), self.plain(end.last.agent)) for on in end.ahead)
        lines = [line for line in self.plan.administrations if at_home(line)]
        days = {(line.course, line.day, line.date) for line in lines if line.status.takes_place}
        for line in lines:
            if line.status.takes_place or (line.course, line.day, line.date) not in days:
                yield line.date.isoformat(), self.plain(line.agent)

    def first_of_pumps(self) -> Iterator[Administration]:
        for each in self.plan.courses:
            pump = [line for line in each.administrations if line.route is Route.CIV and line.status.takes_place]
            yield from pump[:1]

    def pumps(self) -> Iterator[Thing]:
        """Where a pump starts, and where it goes on."""
        for line in self.first_of_pumps():
            yield said_of(line.times[0] if line.times else line.date), self.infusion(line.agent)
        for pause in self.plan.facts.pauses:
            if pause.resume:
                yield said_of(pause.resume), self.infusion("blinatumomab")

    def last_day(self, course: str) -> date:
        """The day after the last of a course."""
        (dates,) = (each.course.dates for each in self.plan.courses if each.course.id == course)
        assert dates
        return dates.last_day + timedelta(days=1)

    def is_brought_in(self, line: Administration) -> bool:
        """Whether a title names the puncture instead."""
        place = (line.course, line.day, line.date)
        return line.route is Route.IT and any(
            (event.course, event.day, event.date) == place for event in self.events if event.kind == LUMBAR_PUNCTURE
        )

    def name(self, agent: str) -> str:
        return self.plan.protocol.agents[agent].written.lower()

    def plain(self, agent: str) -> str:
        return self.family.drug(self.plan.protocol.agents[agent]).lower()

    def infusion(self, agent: str) -> str:
        said = self.words.gettext("{course}: infusion of {things}").format(course="", things=self.name(agent))
        return said.rpartition(":")[2].strip().lower()


def at_home(line: Administration) -> bool:
    anchor = line.order_line.first_dose
    return line.route is Route.PO and not (anchor and anchor.before)


def is_long(line: Administration) -> bool:
    over = line.order_line.over
    return bool(over and over.least >= 24 * 60 and not line.order_line.frequency.continuous)


STOPPED = tuple(messages(language).gettext("The pump is stopped") for language in ("en", "fr"))
VISITS = tuple(messages(language).gettext("Clinic visit") for language in ("en", "fr"))
LAST = tuple(messages(language).gettext("This calendar ends here") for language in ("en", "fr"))


def things_of(shown: Shown) -> Iterator[Thing]:
    """What an event's title names, with its date, and with its hour where it is not a family's visit."""
    on = shown.date if shown.title.startswith(VISITS) else shown.begins
    if shown.title in STOPPED:
        yield on, ""
    elif shown.title not in LAST:
        yield from ((on, thing.strip().lower()) for thing in shown.title.rpartition(":")[2].split(", "))


def check_life(seen: dict[int, list[Shown]], versions: list[Version], *, without_descriptions: bool = False) -> None:
    """In each version a reader shows the plan; no identity stands twice, and each change is told as one."""
    before: dict[str, Shown] = {}
    for number, shown in seen.items():
        found = [thing for each in shown if each.is_live for thing in things_of(each)]
        assert set(found) == versions[number].due, number
        now = {each.uid: each for each in shown}
        assert len(now) == len(shown), number
        assert before.keys() <= now.keys() or number == ENDED, number  # nothing drops out unsaid
        assert any(each.title in LAST for each in shown) == (number == ENDED)
        for uid, each in now.items():
            if old := before.get(uid):
                same = each._replace(sequence=0) == old._replace(sequence=0)
                if not same:
                    assert each.sequence > old.sequence, (number, old, each)
                elif without_descriptions:
                    assert each.sequence >= old.sequence, (number, old, each)
                else:
                    assert each.sequence == old.sequence, (number, old, each)
        before |= {uid: each for uid, each in now.items() if each.title not in LAST}
        if number == ENDED:
            assert all(each.is_live for each in shown)


@pytest.mark.parametrize("who", Who)
def test_a_life_of_many_revisions_with_icalendar(who: Who, published: Versions) -> None:
    check_life({number: read(each.data) for number, each in enumerate(published[who])}, published[who])


@pytest.mark.parametrize("who", Who)
def test_a_life_of_many_revisions_with_recurring_ical_events(who: Who, published: Versions) -> None:
    seen = {}
    for number in TURNS:
        calendar = recurring_ical_events.of(Calendar.from_ical(published[who][number].data))
        seen[number] = [
            Shown(
                str(event["UID"]),
                said_of(event["DTSTART"].dt),
                int(event["SEQUENCE"]),
                str(event.get("STATUS", "")),
                str(event["SUMMARY"]),
                str(event["DESCRIPTION"]),
            )
            for event in calendar.between(date(2026, 11, 1), date(2028, 1, 1))
        ]
    check_life(seen, published[who])


@pytest.mark.parametrize("who", Who)
def test_another_language_is_a_change_of_every_event(who: Who, published: Versions) -> None:
    before, after = ({each.uid: each for each in read(published[who][n].data)} for n in (FRENCH - 1, FRENCH))
    assert {each.sequence for each in after.values()} == {max(each.sequence for each in before.values()) + 1}
    assert all(before[uid].description != each.description for uid, each in after.items() if uid in before)


def test_other_words_of_the_site_are_a_change_of_every_event_of_a_family_and_of_no_other(published: Versions) -> None:
    for who in (Who.CLINIC, Who.PHARMACY):
        assert published[who][WORDS].data == published[who][WORDS - 1].data  # a copy of the issue before
    before, after = (read(published[Who.FAMILY][number].data) for number in (WORDS - 1, WORDS))
    assert {each.sequence for each in after} == {max(each.sequence for each in before) + 1}
    assert all("38 C and call" in each.description for each in after if each.is_live)


@pytest.mark.parametrize("who", Who)
def test_every_life_has_what_makes_it_hard(who: Who, published: Versions) -> None:
    texts = [read(each.data) for each in published[who]]
    assert any(not each.is_live for each in texts[-1])
    back = {each.uid for each in texts[-1] if each.is_live} & {
        each.uid for shown in texts for each in shown if not each.is_live
    }
    assert back  # some were cancelled and came back
    moved = [each for shown in texts for each in shown]
    assert len({(each.uid, each.begins) for each in moved}) > len({each.uid for each in moved})
    assert len({each.due for each in published[who]}) > 5
    hours = {each.begins for each in texts[-1] if ":" in each.begins}
    assert hours


# --- the same with other people's programs


def lacks(what: str, how: str) -> None:
    """In CI a reader that is not there is a failure; elsewhere its test is skipped."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing: {how}")
    pytest.skip(f"{what} is missing: {how}")


READERS = Path(__file__).parent / "feed_readers"


@pytest.fixture(scope="module")
def files(published: Versions, tmp_path_factory: pytest.TempPathFactory) -> dict[Who, list[Path]]:
    folder = tmp_path_factory.mktemp("feeds")
    for who, versions in published.items():
        for number, each in enumerate(versions):
            (folder / f"{who.value}-{number:02}.ics").write_bytes(each.data)
    return {who: sorted(folder.glob(f"{who.value}-*.ics")) for who in Who}


def said_by(*command: str | Path, folder: Path) -> Any:
    """The JSON that a program prints; its settings, if it looks for any, are in a folder of its own."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}
    words = list(map(str, command))
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def read_by_node(files: dict[Who, list[Path]]) -> dict[str, list[list[list[Any]]]]:
    node, how = shutil.which("node"), "install node 20 or newer, and run `npm ci --prefix tests/feed_readers`"
    if not node or not (READERS / "node_modules").is_dir():
        lacks("node with ical.js and node-ical", how)
    every = [path for who in Who for path in files[who]]
    return dict(said_by(str(node), READERS / "read.js", *every, folder=every[0].parent))


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("reader", ["ical.js", "node-ical"])
def test_a_life_of_many_revisions_with_node(
    reader: str, who: Who, read_by_node: dict[str, list[list[list[Any]]]], published: Versions
) -> None:
    count = len(LIFE) + 1
    at = list(Who).index(who) * count
    seen = {
        number: [Shown(uid, hour_of(begins), *more) for uid, begins, *more in shown]
        for number, shown in enumerate(read_by_node[reader][at : at + count])
    }
    ours = [[each[:5] for each in read(version.data)] for version in published[who]]
    assert [sorted(each[:5] for each in shown) for shown in seen.values()] == list(map(sorted, ours))
    check_life(seen, published[who], without_descriptions=True)


def hour_of(begins: str) -> str:
    """`2026-12-08`, or on the ward's clock what a program gives as `2026-12-08T15:00:00.000Z`."""
    return said_of(datetime.fromisoformat(begins)) if "T" in begins else begins


@pytest.mark.parametrize("who", Who)
def test_a_life_of_many_revisions_with_khal_and_vdirsyncer(
    who: Who, published: Versions, files: dict[Who, list[Path]], tmp_path: Path
) -> None:
    if not (find_spec("khal") and find_spec("vdirsyncer")):
        lacks("khal with vdirsyncer", "run `python -m pip install --group readers`")
    turns = [files[who][number] for number in TURNS]
    shown = said_by(sys.executable, READERS / "sync.py", *turns, folder=tmp_path)
    for number, events in zip(TURNS, shown, strict=True):
        ours = [[each.begins, each.status, each.title] for each in read(published[who][number].data)]
        live, due = ([each for each in found if each[1] != "CANCELLED"] for found in (events, ours))
        assert sorted(live) == sorted(due)  # each once: none stands on two dates
        assert set(map(tuple, events)) == set(map(tuple, ours))  # of two that are gone and alike vdirsyncer keeps one
