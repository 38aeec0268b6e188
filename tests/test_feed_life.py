"""The feed follows the record: what moved moves, what changed says so, what is gone is cancelled, for every reader.

Commands run in this process with a clock of our own, so that a life of 30 revisions takes seconds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import recurring_ical_events
from conftest import with_seals
from icalendar import Calendar

from protocal.cli import main
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.read.record.read import read_record
from protocal.read.settings import read_settings
from protocal.workflow.planning import load_plan

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
    """An event as a reader shows it."""

    uid: str
    date: str
    sequence: int
    status: str
    title: str
    description: str = ""
    changed: str = ""

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
        return [line for line in self.description.splitlines() if not line.startswith(("UNVERIFIED:", "Last changed "))]


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

    def feed(self, *options: str) -> bytes:
        """The feed as it is; nobody is sent it."""
        return self.issue("--draft", *options)

    def issue(self, *options: str) -> bytes:
        """The feed as it is sent."""
        target = self.record.with_suffix(".ics")
        self.do("feed", "-o", target, *options)
        return target.read_bytes()

    def shown(self, *options: str) -> list[Shown]:
        return read(self.feed(*options))

    def live(self, name: str, *options: str) -> list[Shown]:
        """The events of a name that are not cancelled, by date."""
        return sorted((each for each in self.shown(*options) if each.is_live and each.name == name), key=by_date)

    def one(self, name: str, *options: str) -> Shown:
        (found,) = self.live(name, *options)
        return found

    def gone(self) -> list[Shown]:
        return [each for each in self.shown() if not each.is_live]


def by_date(shown: Shown) -> str:
    return shown.date


@lru_cache(maxsize=64)
def read(data: bytes) -> list[Shown]:
    """With icalendar."""
    calendar = Calendar.from_ical(data)
    found = []
    for event in calendar.walk("VEVENT"):
        stamps = {event[name].to_ical().decode() for name in ("DTSTAMP", "LAST-MODIFIED")}
        (stamp,) = stamps
        on, end = event["DTSTART"].dt, event["DTEND"].dt
        assert end - on == timedelta(days=1)
        status, texts = str(event.get("STATUS", "")), (str(event["SUMMARY"]), str(event["DESCRIPTION"]))
        found.append(Shown(str(event["UID"]), on.isoformat(), int(event["SEQUENCE"]), status, *texts, stamp))
    return found


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ward:
    """A record of seven lines; line 6 starts Block 1, and line 7 assigns the arm."""
    return begin(tmp_path, monkeypatch)


def begin(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = RECORD) -> Ward:
    site = folder / "site.yaml"
    site.write_text(SITE, encoding="utf-8")
    monkeypatch.setenv("PROTOCAL_SETTINGS", str(site))
    record = folder / "p001.yaml"
    record.write_text(with_seals(text), encoding="utf-8")
    return Ward(record, monkeypatch)


# --- what moves


def test_what_is_moved_away_from_its_day_is_an_event_of_its_own(ward: Ward) -> None:
    before = ward.one("Block 1, day 8")
    ward.do("move", "block-1/it-mtx/8", "2026-12-10", "--reason", "no theatre")
    stays, goes = ward.one("Block 1, day 8"), ward.one("Block 1, day 10")
    assert (stays.uid, stays.date, stays.sequence) == (before.uid, "2026-12-08", 8)
    assert (goes.date, goes.sequence) == ("2026-12-10", 8)
    assert stays.title == "Block 1, day 8: vinCRIStine"
    assert goes.title == "Block 1, day 10: lumbar puncture"
    assert stays.says == ["vinCRIStine, into a vein"]
    assert goes.says == ["Lumbar puncture", "methotrexate, into the spinal fluid"]


def test_a_part_that_was_moved_keeps_its_identity_whatever_its_date_becomes(ward: Ward) -> None:
    ward.do("move", "block-1/it-mtx/8", "2026-12-10", "--reason", "no theatre")
    first = ward.one("Block 1, day 10")
    ward.do("move", "block-1/it-mtx/8", "2026-12-11", "--reason", "no theatre")
    second = ward.one("Block 1, day 11")
    assert (second.uid, second.date, second.sequence) == (first.uid, "2026-12-11", 9)
    assert ward.gone() == []


def test_a_day_that_is_moved_whole_stays_the_same_event(ward: Ward) -> None:
    before = ward.one("Block 1, day 22")
    ward.do("move", "block-1/vcr/22", "2026-12-23", "--reason", "holiday")
    after = ward.one("Block 1, day 23")
    assert (after.uid, after.date, after.sequence) == (before.uid, "2026-12-23", 8)
    assert ward.gone() == []


def test_a_part_that_is_moved_back_is_cancelled_where_it_last_was(ward: Ward) -> None:
    before = ward.one("Block 1, day 8")
    ward.do("move", "block-1/it-mtx/8", "2026-12-10", "--reason", "no theatre")
    moved = ward.one("Block 1, day 10")
    ward.do("undo", "LINE", "--reason", "theatre after all")
    after = ward.one("Block 1, day 8")
    assert (after.uid, after.date, after.says) == (before.uid, before.date, before.says)
    assert (before.sequence, after.sequence) == (6, 9)
    (gone,) = ward.gone()
    assert (gone.uid, gone.date, gone.sequence) == (moved.uid, "2026-12-10", 9)


def test_drugs_of_one_date_are_warned_of_together_though_they_are_of_two_days(ward: Ward) -> None:
    warning = "vinCRIStine: FATAL IF GIVEN BY ANY OTHER ROUTE."
    ward.do("move", "block-1/it-mtx/8", "2026-12-15", "--reason", "no theatre")
    assert warning not in ward.one("Block 1, day 8").says
    assert [warning in each.says for each in ward.live("Block 1, day 15")] == [True, True]


def test_a_delay_moves_the_events_of_all_courses_from_there_on_and_no_other(ward: Ward) -> None:
    before = {each.uid: each for each in ward.shown()}
    ward.do("delay", "block-2", "--days", "6", "--reason", "counts")
    for each in ward.shown():
        old = before[each.uid]
        if each.is_live and not each.name.startswith("Block 1"):
            assert (date.fromisoformat(each.date) - date.fromisoformat(old.date)).days == 6
            assert (each.sequence, each.title) == (8, old.title)
        elif each.is_live:
            assert each == old
    gone = ward.gone()  # the end of therapy does not move: the last course loses its last days
    assert {each.name.partition(",")[0] for each in gone} == {"Continuation 2"}
    assert len(gone) == 6
    assert all(each.date == before[each.uid].date and each.sequence == 8 for each in gone)


# --- what is gone


def test_what_is_left_out_is_cancelled_and_says_so_in_words_too(ward: Ward) -> None:
    before = ward.one("Block 1, day 19")
    ward.do("omit", "block-1/dex/19", "--reason", "mucositis")
    (gone,) = ward.gone()
    assert (gone.uid, gone.date, gone.sequence) == (before.uid, "2026-12-19", 8)
    assert gone.title == "Cancelled: Block 1, day 19: dexAMETHasone"
    assert gone.says == ["Cancelled: the plan no longer has this."]


def test_a_part_that_joined_the_rest_of_its_day_is_not_called_cancelled(ward: Ward) -> None:
    ward.do("move", "block-1/it-mtx/8", "2026-12-10", "--reason", "no theatre")
    part = ward.one("Block 1, day 10")
    ward.do("move", "block-1/vcr/8", "2026-12-10", "--reason", "on one day")
    assert ward.one("Block 1, day 10").title == "Block 1, day 10: lumbar puncture, vinCRIStine"
    (gone,) = ward.gone()
    assert (gone.uid, gone.date, gone.sequence, gone.status) == (part.uid, "2026-12-10", 9, "CANCELLED")
    assert gone.title == "Block 1, day 10: now in this day's other entry"
    assert gone.says == ["What is done on this day stands in its other entry."]


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


def test_what_comes_back_is_the_same_event_and_no_longer_cancelled(ward: Ward) -> None:
    before = ward.one("Block 1, day 19")
    ward.do("omit", "block-1/dex/19", "--reason", "mucositis")
    ward.do("undo", "LINE", "--reason", "it heals")
    after = ward.one("Block 1, day 19")
    assert (after.uid, after.date, after.title, after.says) == (before.uid, before.date, before.title, before.says)
    assert after.sequence == 9
    assert ward.gone() == []


def test_a_day_loses_what_is_left_out_of_it_and_is_not_cancelled(ward: Ward) -> None:
    ward.do("omit", "block-1/it-mtx/8", "--reason", "platelets")
    assert ward.one("Block 1, day 8").title == "Block 1, day 8: vinCRIStine"
    assert ward.one("Block 1, day 8").sequence == 8
    assert ward.gone() == []


def test_held_days_are_cancelled_where_nothing_is_left_of_them(ward: Ward) -> None:
    ward.do("start", "block-2", "2026-12-29")
    ward.do("hold", "continuation-1", "--from", "2027-03-03", "--days", "8", "--skip", "--reason", "counts")
    gone = ward.gone()
    assert [each.name for each in gone] == [f"Continuation 1, day {day}" for day in range(2, 10)]
    assert {each.sequence for each in gone} == {9}


def test_the_end_of_therapy_cancels_all_that_lay_ahead_and_its_undoing_brings_it_back(ward: Ward) -> None:
    before = {(each.uid, each.date, each.title) for each in ward.shown()}
    ward.do("stop", "2027-06-01", "--reason", "wish of the family")
    shown = ward.shown()
    assert {each.is_live for each in shown if each.date < "2027-06-01"} == {True}
    assert {each.is_live for each in shown if each.date >= "2027-06-01"} == {False}
    assert len(shown) == len(before)
    ward.do("undo", "LINE", "--reason", "they came back")
    assert {(each.uid, each.date, each.title) for each in ward.shown() if each.is_live} == before
    assert ward.gone() == []


# --- what changes, and when


def test_an_entry_that_changes_nothing_that_is_seen_changes_no_event(ward: Ward) -> None:
    before = ward.shown()
    ward.do("note", "came by tram")
    ward.do("measure", "--date", "2026-12-20", "--height", "113", "--weight", "20.4")  # doses do not stand in it
    ward.do("give", "block-1/mitox/1", "2026-12-01")
    assert ward.shown() == before


def test_a_dose_that_changes_changes_the_feeds_that_print_it(ward: Ward) -> None:
    before, all_before = ward.shown("--doses"), ward.shown("--unverified-doses")
    ward.do("measure", "--date", "2026-12-20", "--height", "113", "--weight", "20.4")
    after, all_after = ward.shown("--doses"), ward.shown("--unverified-doses")
    for old, new in ((before, after), (all_before, all_after)):
        changed = {now.name for was, now in zip(old, new, strict=True) if was.says != now.says}
        assert {each.name for each in new if each.sequence == 8} == changed
        assert "Continuation 1, day 1" in changed or old is before
        assert "Blinatumomab Cycle 1, day 3" in changed
        assert not any(name.startswith("Block 1") for name in changed)


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


def test_the_feed_is_the_same_on_whatever_day_it_is_made(ward: Ward) -> None:
    ward.do("omit", "block-1/dex/19", "--reason", "mucositis")
    before = ward.feed()
    ward.time += timedelta(days=900)
    assert ward.feed() == before


def test_a_correction_of_what_is_past_changes_only_what_it_corrects(ward: Ward) -> None:
    ward.do("give", "block-1/vcr/8", "2026-12-08", "--at", "10:00")
    ward.do("give", "block-1/vcr/8", "2026-12-09", "--at", "11:30", "--reason", "written under the wrong day")
    stays, given = ward.one("Block 1, day 8"), ward.one("Block 1, day 9")
    assert (stays.title, given.title) == ("Block 1, day 8: lumbar puncture", "Block 1, day 9: vinCRIStine")
    assert given.says == ["vinCRIStine, into a vein, at 11:30"]
    assert {each.name for each in ward.shown() if each.sequence > 7} == {"Block 1, day 8", "Block 1, day 9"}


# --- clocks, bags, rescues


def test_a_rescue_has_its_hours_once_its_start_is_recorded(ward: Ward) -> None:
    ward.do("start", "block-2", "2026-12-29")
    ward.do("give", "block-2/mtx-hd/8", "2027-01-05", "--at", "21:00")
    open_ = "leucovorin goes on until methotrexate has cleared: ask the treating team."
    hours = "at 21:00, and on Fri 08-Jan-2027 at 03:00, 09:00 and 15:00"
    assert ward.one("Block 2, day 8").says[1] == "methotrexate, into a vein, over 36 h, at 21:00"
    assert ward.one("Block 2, day 10").says == [
        "Drug level at 21:00",
        f"leucovorin, by mouth, 4 times that day, every 6 hours, {hours}",
        "methotrexate: the infusion goes on, until 09:00",
        open_,
    ]
    assert open_ in ward.one("Block 2, day 12").says  # beyond the planned days: nothing ends it yet


def test_a_clearing_level_ends_the_rescue_and_what_said_that_it_goes_on(ward: Ward) -> None:
    ward.do("start", "block-2", "2026-12-29")
    ward.do("give", "block-2/mtx-hd/8", "2027-01-05", "--at", "21:00")
    ward.do("clear", "block-2", "methotrexate", "--at", "2027-01-09 09:00", "--level", "0.08 micromol/L")
    assert not any("leucovorin goes on" in each.description for each in ward.shown() if each.name.startswith("Block 2"))
    last = "leucovorin, by mouth, 2 times that day, every 6 hours, at 21:00, and on Sat 09-Jan-2027 at 03:00"
    assert last in ward.one("Block 2, day 11").says
    assert ward.one("Block 2, day 10").sequence == 10
    assert {each.name for each in ward.gone()} >= {"Block 2, day 12", "Block 2, day 13"}
    ward.do("undo", "LINE", "--reason", "another child's level")
    assert any("goes on" in line for line in ward.one("Block 2, day 11").says)
    assert ward.one("Block 2, day 12").sequence == 11


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
    first = ward.one("Blinatumomab Cycle 1, day 1")
    assert "blinatumomab, into a vein, day and night, the pump starts at 14:00" in first.says
    assert "Pump stop at 14:00" in ward.one("Blinatumomab Cycle 1, day 29").says
    assert "Pump stop" in ward.one("Blinatumomab Cycle 2, day 29").says


def test_a_bag_that_is_hung_on_a_day_without_anything_else_has_its_event(ward: Ward) -> None:
    begin_infusion(ward)
    ward.do("interrupt", "blina-cycle-1", "--at", "2027-01-30 09:00", "--reason", "fever")
    ward.do("resume", "blina-cycle-1", "--at", "2027-02-03 20:00", "--dose", "11.7", "--reason", "afebrile")
    (hung,) = (each for each in ward.shown() if each.is_live and any("new bag" in line for line in each.says))
    assert hung.date == "2027-02-03"
    assert "blinatumomab" in hung.title
    new = re.compile(r"blinatumomab: hang a new bag at 20:00, after the stop \(\d+ h\)")
    assert [line for line in hung.says if new.fullmatch(line)]
    stop = next(
        each for each in ward.shown() if each.is_live and each.date == "2027-02-28" and "pump stop" in each.title
    )
    assert stop.says[0] == "Pump stop at 01:00"


def test_tablets_stand_only_where_the_dose_is_printed(ward: Ward) -> None:
    line = "dexAMETHasone, by mouth: 8 mg (unverified) each time (2 tablets of 4 mg), 2 times that day"
    assert line in ward.one("Block 1, day 1", "--unverified-doses").says
    for options in ((), ("--doses",)):
        assert not any("tablet" in each.description for each in ward.shown(*options))


# --- a life of 30 revisions, published one after another

REASON = ("--reason", "made up")
LIFE: tuple[tuple[str, ...], ...] = (
    ("note", "first visit"),
    ("move", "block-1/it-mtx/8", "2026-12-10", *REASON),
    ("move", "block-1/vcr/8", "2026-12-09", *REASON),
    ("undo", "LINE-1", *REASON),
    ("undo", "LINE", *REASON),
    ("omit", "block-1/dex/19", *REASON),
    ("give", "block-1/vcr/1", "2026-12-01", "--at", "10:00"),
    ("delay", "block-2", "--days", "6", *REASON),
    ("measure", "--date", "2027-01-03", "--height", "113", "--weight", "20.4"),
    ("start", "block-2", "2027-01-04"),
    ("delay", "block-2", "--from-day", "15", "--days", "2", *REASON),
    ("give", "block-2/mtx-hd/8", "2027-01-11", "--at", "21:00"),
    ("clear", "block-2", "methotrexate", "--at", "2027-01-15 09:00", "--level", "0.08 micromol/L"),
    ("undo", "LINE", *REASON),
    ("clear", "block-2", "methotrexate", "--at", "2027-01-16 09:00", "--level", "0.07 micromol/L"),
    ("substitute", "pegaspargase", "erwinia", "--from", "2027-01-12", *REASON),
    ("omit", "block-2/peg/9/erwinia-6", *REASON),
    ("start", "blina-cycle-1", "2027-02-03"),
    ("bags", "blinatumomab", "--hours", "72,96", "--from", "2027-02-03"),
    ("give", "blina-cycle-1/blina/1", "2027-02-03", "--at", "14:00"),
    ("interrupt", "blina-cycle-1", "--at", "2027-02-07 09:00", *REASON),
    ("resume", "blina-cycle-1", "--at", "2027-02-11 20:00", "--dose", "11.7", *REASON),
    ("hold", "continuation-1", "--from", "2027-03-20", "--days", "5", "--skip", *REASON),
    ("undo", "LINE", *REASON),
    ("adjust", "mercaptopurine", "--percent", "50", "--from", "2027-03-20", "--to", "2027-04-10", *REASON),
    ("delay", "continuation-1", "--to", "2027-03-22", *REASON),
    ("delay", "blina-cycle-2", "--days", "3", *REASON),
    ("stop", "2027-06-20", *REASON),
    ("undo", "LINE", *REASON),
    ("start", "continuation-1", "2027-03-25", *REASON),
    ("site", "closed days: [2027-04-05, 2027-04-06]"),
    ("upgrade", "--to", "0.2", *REASON),
    ("site", "closed days: [2027-04-05]"),
    ("undo", "LINE", *REASON),
)


@dataclass(frozen=True)
class Issue:
    """A feed as it was published after a revision, and the days that the plan then had: name and date of each."""

    data: bytes
    days: list[tuple[str, str]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[Issue]:
    """The feeds of a short therapy, first as the record was made and then after each entry of its life."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        ward = begin(tmp_path_factory.mktemp("life"), monkeypatch, RECORD.replace("format: 1", "format: 2"))
        made = [publish(ward)]
        for verb, *words in LIFE:
            if verb == "site":  # what its settings say becomes a line of the log with the next feed
                ward.record.with_name("site.yaml").write_text("\n".join((SITE, *words)), encoding="utf-8")
            else:
                ward.do(verb, *words)
            made.append(publish(ward, *(REASON if verb == "site" else ())))
    assert len(made) == 35
    return made


def publish(ward: Ward, *options: str) -> Issue:
    settings, _problems = read_settings(ward.record.with_name("site.yaml"))
    assert settings
    return Issue(ward.issue("--unverified-doses", *options), sorted(days_of(load_plan(ward.record, settings))))


def days_of(plan: Plan) -> list[tuple[str, str]]:
    """Each course day of a plan, on each date on which something of it takes place, by the day that the date is."""
    found: set[tuple[str, int, date]] = set()
    titles, numbers = {}, {}
    for each in plan.courses:
        titles[each.course.id] = each.course.title
        if dates := each.course.dates:
            for number in range(dates.first, dates.first + 400):
                numbers[each.course.id, dates.date_of(number)] = number
        rows = [line for line in each.administrations if line.status.takes_place]
        found |= {(row.course, row.day, row.date) for row in (*rows, *each.procedures, *each.evaluations)}
        for infusion in each.infusions:
            hangs = {bag.at.date() for bag in infusion.bags} - {row.date for row in rows if row.key == infusion.key}
            day1 = each.course.dates and each.course.dates.day1
            found |= {(each.course.id, (on - day1).days + 1, on) for on in hangs if day1}
        for row in rows:
            over = row.order_line.over
            if over and over.least >= 24 * 60 and not row.order_line.frequency.continuous:
                ends = row.times[0] + timedelta(minutes=over.least) if row.times else None
                last = ends.date() if ends else row.date + timedelta(days=over.least // (24 * 60))
                for late in range(1, (last - row.date).days + 1):
                    on = row.date + timedelta(days=late)
                    if not any(course == row.course and day == on for course, _number, day in found):
                        found.add((row.course, row.day, on))
    return [
        (f"{titles[course]}, day {numbers.get((course, on), number)}", on.isoformat()) for course, number, on in found
    ]


def check_life(seen: list[list[Shown]], published: list[Issue], *, without_descriptions: bool = False) -> None:
    """After each revision a reader shows the plan; no identity stands twice, and each change is told as one."""
    last: dict[str, Shown] = {}
    for number, (shown, issue) in enumerate(zip(seen, published, strict=True)):
        assert sorted((each.name, each.date) for each in shown if each.is_live) == issue.days, number
        assert len({each.uid for each in shown}) == len(shown), number
        now = {each.uid: each for each in shown}
        assert last.keys() <= now.keys(), number  # nothing drops out unsaid
        for uid, each in now.items():
            if old := last.get(uid):
                same = each._replace(sequence=0) == old._replace(sequence=0)
                if not same:
                    assert each.sequence > old.sequence, (number, old, each)
                elif without_descriptions:
                    assert each.sequence >= old.sequence, (number, old, each)
                else:
                    assert each.sequence == old.sequence, (number, old, each)
        last = now
        for gone in (each for each in shown if each.title.startswith("Cancelled: ")):
            course, things = gone.name.partition(",")[0], gone.title.split(": ", 2)[2].split(", ")
            live = [each for each in shown if each.is_live and each.date == gone.date]
            still = [each.title.split(": ", 1)[1].split(", ") for each in live if each.name.partition(",")[0] == course]
            assert not any(set(things) & set(each) for each in still), (number, gone)


def test_a_life_of_30_revisions_with_icalendar(published: list[Issue]) -> None:
    check_life([read(each.data) for each in published], published)


def test_a_life_of_30_revisions_with_recurring_ical_events(published: list[Issue]) -> None:
    seen = []
    for each in published:
        calendar = recurring_ical_events.of(Calendar.from_ical(each.data))
        found = calendar.between(date(2026, 11, 1), date(2028, 1, 1))
        seen.append(
            [
                Shown(
                    str(event["UID"]),
                    event["DTSTART"].dt.isoformat(),
                    int(event["SEQUENCE"]),
                    str(event.get("STATUS", "")),
                    str(event["SUMMARY"]),
                    str(event["DESCRIPTION"]),
                )
                for event in found
            ]
        )
    check_life(seen, published)


def test_every_life_has_what_makes_it_hard(published: list[Issue]) -> None:
    texts = [read(each.data) for each in published]
    assert any(not each.is_live for each in texts[-1])
    back = {each.uid for each in texts[-1] if each.is_live} & {
        each.uid for shown in texts for each in shown if not each.is_live
    }
    assert back  # some were cancelled and came back
    moved = [each for shown in texts for each in shown]
    assert len({(each.uid, each.date) for each in moved}) > len({each.uid for each in moved})
    assert len({len([name for name, _on in issue.days]) for issue in published}) > 5


# --- the same with other people's programs


def lacks(what: str, how: str) -> None:
    """In CI a reader that is not there is a failure; elsewhere its test is skipped."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing: {how}")
    pytest.skip(f"{what} is missing: {how}")


READERS = Path(__file__).parent / "feed_readers"


@pytest.fixture(scope="module")
def files(published: list[Issue], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("feeds")
    for number, each in enumerate(published):
        (folder / f"{number:02}.ics").write_bytes(each.data)
    return sorted(folder.iterdir())


def said_by(*command: str | Path, folder: Path) -> Any:
    """The JSON that a program prints; its settings, if it looks for any, are in a folder of its own."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder), "LC_ALL": "C.UTF-8"}
    words = list(map(str, command))
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def read_by_node(files: list[Path]) -> dict[str, list[list[list[Any]]]]:
    node, how = shutil.which("node"), "install node 20 or newer, and run `npm ci --prefix tests/feed_readers`"
    if not node or not (READERS / "node_modules").is_dir():
        lacks("node with ical.js and node-ical", how)
    return dict(said_by(str(node), READERS / "read.js", *files, folder=files[0].parent))


@pytest.mark.parametrize("reader", ["ical.js", "node-ical"])
def test_a_life_of_30_revisions_with_node(
    reader: str, read_by_node: dict[str, list[list[list[Any]]]], published: list[Issue]
) -> None:
    seen = [[Shown(*each) for each in shown] for shown in read_by_node[reader]]
    ours = [[each[:5] for each in read(issue.data)] for issue in published]
    assert [sorted(each[:5] for each in shown) for shown in seen] == list(map(sorted, ours))
    check_life(seen, published, without_descriptions=True)


def test_a_life_of_30_revisions_with_khal_and_vdirsyncer(
    published: list[Issue], files: list[Path], tmp_path: Path
) -> None:
    if not (find_spec("khal") and find_spec("vdirsyncer")):
        lacks("khal with vdirsyncer", "run `python -m pip install --group readers`")
    shown = said_by(sys.executable, READERS / "sync.py", *files, folder=tmp_path)
    for issue, events in zip(published, shown, strict=True):
        ours = [[each.uid, each.date, each.status, each.title] for each in read(issue.data)]
        assert sorted(events) == sorted(ours)  # each once: none stands on two dates
