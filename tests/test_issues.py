"""What is given out stands in the log: which issue a sheet is, what it replaces, what readers were sent."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import CHILD, run, with_options, with_seals
from hypothesis import HealthCheck, given
from hypothesis import settings as of_hypothesis
from hypothesis import strategies as st
from icalendar import Calendar

from protocal.account import end_of
from protocal.change.issues import issued, mark_of
from protocal.model.doses import Route, parse_rounding
from protocal.model.paper_size import Paper
from protocal.model.plan import Plan
from protocal.model.problems import ProtocalError, UsageError
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies, Settings
from protocal.read.record.append import NewEntry
from protocal.read.record.read import read_record
from protocal.render.family.calendar import make_calendar, make_pocket_page
from protocal.render.roadmap import make_roadmap
from protocal.render.roadmap.sheets import CourseSheet
from protocal.workflow.issuing import GivenOut, give_out
from protocal.workflow.making import (
    Issuing,
    Said,
    calendar_bytes,
    feed_bytes,
    reader_of,
    roadmap_bytes,
    worksheet_bytes,
)
from protocal.workflow.planning import load_plan
from protocal.workflow.recording import record
from protocal.workflow.settings_line import settings_entry

MADE = datetime(2026, 11, 30, 15, tzinfo=UTC)
SITE = Settings(clinic="Made-up Clinic")


class Event(NamedTuple):
    """An event as a reader has it."""

    sequence: int
    stamp: datetime
    date: str
    summary: str
    live: bool


class Ward:
    """A record, and a clock that goes on by an hour each time that something is done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.time = MADE

    def plan(self, site: Settings = SITE) -> Plan:
        return load_plan(self.path, site, now=self.time)

    def note(self, entry: str = "note", **values: Any) -> None:
        """Add a line, and one that nobody asks about."""
        values = {"text": "made up"} if entry == "note" else values
        record(self.path, [NewEntry({"entry": entry, "why": "made up", **values})], self.tick(), settings=SITE)

    def tick(self, late: timedelta = timedelta(hours=1)) -> datetime:
        self.time += late
        return self.time

    @property
    def log(self) -> Any:
        found, problems = read_record(self.path)
        assert found, problems
        return found.log

    def out(self, make: Callable[..., bytes], site: Settings = SITE, **more: Any) -> GivenOut:
        now = self.tick()
        return give_out(self.path, self.plan(site), site, make, now, **more)

    def feed(self, site: Settings = SITE, who: Who = Who.CLINIC, **choices: Any) -> dict[str, Event]:
        """The events of the feed that is given out to a reader, by their identity."""
        options = reader_of(site, who, **choices).options
        new = settings_entry(self.plan(site).record, site) is not None
        make = partial(feed_bytes, who=who, **choices)
        return events(self.out(make, site, options=options, reason="made up" if new else "").data)

    def sheet(self, course: str, site: Settings = SITE, **more: Any) -> CourseSheet:
        """A course's sheet as it is given out; nobody presses it."""
        self.out(partial(sheets_only, courses=[course]), site, **more)
        (found,) = make_roadmap(self.plan(site), site, [course]).sheets
        return found


def sheets_only(plan: Plan, site: Settings, *, courses: Iterable[str], draft: bool = False, issuing: Issuing) -> bytes:
    """What `roadmap_bytes` does, without the paper."""
    sheets = make_roadmap(plan, site, list(courses), draft=draft).sheets
    issuing(plan, [Said(each.name, each.says) for each in sheets])
    return b""


def events(data: bytes) -> dict[str, Event]:
    """A feed as a reader has it."""
    found = {}
    for each in Calendar.from_ical(data).walk("VEVENT"):
        live = str(each.get("STATUS", "")) != "CANCELLED"
        day, summary = each["DTSTART"].dt.isoformat(), str(each["SUMMARY"])
        found[str(each["UID"])] = Event(int(each["SEQUENCE"]), each["DTSTAMP"].dt, day, summary, live)
    return found


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    path = tmp_path / "p001.yaml"
    assert run("new", path, *CHILD).returncode == 0
    return Ward(path)


# --- sheets


def test_the_first_print_is_issue_1_whatever_happened_before_it(ward: Ward) -> None:
    ward.note("delay", course="block-2", days=3)
    ward.note("move", id="block-2/vcr/1", date="2027-01-02")
    sheet = ward.sheet("block-2")
    assert re.fullmatch(r"issue 1 of 30-Nov-2026, [A-Z]{4} [A-Z]{4}", sheet.head.as_of)
    assert (sheet.head.replaces, sheet.changes) == ("", ())


def test_a_sheet_that_says_the_same_is_a_copy_and_writes_nothing(ward: Ward) -> None:
    first = ward.sheet("block-1")
    ward.note()
    before = ward.path.read_bytes()
    assert ward.sheet("block-1").head == first.head
    assert ward.path.read_bytes() == before


def test_a_sheet_that_changed_is_the_next_issue_and_says_what_it_replaces_and_what_changed(ward: Ward) -> None:
    first = ward.sheet("block-1")
    ward.note("move", id="block-1/vcr/8", date="2026-12-09")
    second = ward.sheet("block-1")
    assert second.head.as_of.startswith("issue 2 of 30-Nov-2026, ")
    assert second.head.as_of[-9:] != first.head.as_of[-9:]
    assert second.head.replaces == "replaces issue 1 of 30-Nov-2026"
    assert second.since == "since issue 1"
    assert list(second.changes) == ["vinCRIStine IV: now Wed 09-Dec-2026, moved from Tue 08-Dec-2026: made up"]
    assert ward.sheet("block-2").head.as_of.startswith("issue 1 "), "each course has its own"


def test_another_rounding_is_another_issue(ward: Ward) -> None:
    first = ward.sheet("block-1")
    rounded = Settings(clinic=SITE.clinic, rounding=(("vincristine", Route.IV, parse_rounding("nearest 0.1 mg")),))
    with pytest.raises(UsageError, match="which runs"):
        ward.sheet("block-1", rounded)
    second = ward.sheet("block-1", rounded, reason="a new scale")
    assert {row.doses for row in first.orders} != {row.doses for row in second.orders}
    assert second.head.as_of.startswith("issue 2 ")


def test_paper_and_ranges_share_an_issue_and_words_do_not(ward: Ward) -> None:
    whole = ward.out(partial(roadmap_bytes, courses=["block-1"]))
    assert whole.new == (("roadmap/block-1", 1),)
    a4 = ward.out(partial(roadmap_bytes, courses=["block-1"]), Settings(clinic=SITE.clinic, paper=Paper.A4))
    day = datetime(2026, 12, 8, tzinfo=UTC).date()
    some = ward.out(partial(roadmap_bytes, courses=["block-1"], since=day, until=day))
    assert (a4.copies, a4.new) == (some.copies, some.new) == (whole.new, ())
    spanish = ward.out(partial(roadmap_bytes, courses=["block-1"]), Settings(clinic=SITE.clinic, language="es"))
    assert spanish.new == (("roadmap/block-1", 2),)


def test_the_day_on_which_a_sheet_is_made_is_no_part_of_it(ward: Ward) -> None:
    assert ward.out(partial(roadmap_bytes, only_overview=True)).new == (("overview", 1),)
    ward.tick(timedelta(days=40))
    assert ward.out(partial(roadmap_bytes, only_overview=True)).copies == (("overview", 1),)


def test_a_month_the_legend_and_the_pocket_page_have_issues_of_their_own(ward: Ward) -> None:
    month = datetime(2026, 12, 31, tzinfo=UTC).date()
    first = ward.out(partial(calendar_bytes, until=month))
    assert first.new == (("calendar/2026-12", 1), ("calendar/drugs", 1))
    ward.note("move", id="block-2/vcr/1", date="2027-01-02")
    again = ward.out(partial(calendar_bytes, until=month))
    assert (dict(again.new), dict(again.copies)) == ({"calendar/2026-12": 2}, {"calendar/drugs": 1})
    pages = make_calendar(ward.plan(), SITE, until=month)
    assert pages.pages[0].issue.said.startswith("This is issue 2: ")
    assert pages.pages[0].issue.made.endswith("replaces issue 1 of Monday 30 November 2026")
    assert [day.date.day for day in pages.days if day.changed] == [29]
    ward.note("move", id="block-2/vcr/1", date="2027-01-03")
    assert ward.out(partial(calendar_bytes, until=month)).new == (), "nothing of December changed"


def test_another_number_to_call_is_another_issue_of_a_family_s_page(ward: Ward) -> None:
    month = datetime(2026, 12, 31, tzinfo=UTC).date()
    ward.out(partial(calendar_bytes, until=month))
    called = Settings(clinic=SITE.clinic, family=ForFamilies(call_by_day="Made-up desk, 555 0100"))
    assert dict(ward.out(partial(calendar_bytes, until=month), called).new)["calendar/2026-12"] == 2


def test_a_worksheet_of_a_course_and_that_of_all_are_two(ward: Ward) -> None:
    assert ward.out(worksheet_bytes).new == (("worksheet", 1),)
    assert ward.out(partial(worksheet_bytes, course="block-1")).new == (("worksheet/block-1", 1),)
    assert ward.out(worksheet_bytes).copies == (("worksheet", 1),)


def test_a_new_allergy_is_a_new_issue_of_every_sheet_and_says_so(ward: Ward) -> None:
    for course in ("block-1", "block-2"):
        ward.sheet(course)
    ward.note("remark", kind="allergy", text="penicillin")
    for course in ("block-1", "block-2"):
        assert ward.sheet(course).changes == ("Recorded: allergy, penicillin",)


def test_more_changes_than_there_is_room_for_are_counted_with_where_to_see_them(ward: Ward) -> None:
    ward.sheet("continuation-1")
    for id_ in ("dex/1", "vcr/1", "mp/1", "mtx-weekly/8", "tg/43", "cyclo/43", "etop/43", "arac/44", "it-mtx/1"):
        ward.note("omit", ids=[f"continuation-1/{id_}"])
    lines, changes = len(ward.log), ward.sheet("continuation-1").changes
    assert len(changes) == 8
    assert re.fullmatch(rf"and \d+ more: protocal diff --from 7 --to {lines + 1}", changes[-1])


def test_only_a_worksheet_of_the_drug_lists_is_given_out(ward: Ward) -> None:
    before = ward.path.read_bytes()
    assert run("drugs", ward.path).returncode == 0
    assert run("drugs", ward.path, "--format", "csv").returncode == 0
    assert ward.path.read_bytes() == before
    refused = run("drugs", ward.path, "--draft")
    assert (refused.returncode, "of a worksheet" in refused.stderr) == (2, True)


# --- drafts


def test_what_nobody_issued_is_a_draft_on_paper_pages_and_in_feeds(ward: Ward) -> None:
    plan, first = ward.plan(), ward.plan().courses[0].course.dates
    assert first
    sheets = make_roadmap(plan, SITE)
    assert sheets.overview
    assert all(each.head.draft and each.head.as_of.startswith("DRAFT, not an issue, ") for each in sheets.all)
    pages = (*make_calendar(plan, SITE).sheets, *make_pocket_page(plan, SITE, first.day1).sheets)
    assert all(each.issue.said.startswith("DRAFT, not an issue: ") for each in pages)
    assert b"DRAFT of" in feed_bytes(plan, SITE)


def test_a_draft_that_was_asked_for_is_one_though_the_sheet_was_issued(ward: Ward) -> None:
    ward.sheet("block-1")
    (sheet,) = make_roadmap(ward.plan(), SITE, ["block-1"], draft=True).sheets
    assert sheet.head.draft
    assert b"DRAFT" in feed_bytes(ward.plan(), SITE, draft=True)


def test_the_command_says_which_issue_it_was_and_writes_nothing_for_a_draft(ward: Ward, tmp_path: Path) -> None:
    before = ward.path.read_bytes()
    drafted = run("feed", ward.path, "-o", tmp_path / "draft.ics", "--draft")
    assert "a draft: it is no issue" in drafted.stderr
    assert ward.path.read_bytes() == before
    done = run("feed", ward.path, "-o", tmp_path / "plan.ics", "--by", "nurse 7")
    assert "issued: issue 1 of feed/family\n" in done.stderr
    assert ward.log[-1].by == "nurse 7"
    again = run("feed", ward.path, "-o", tmp_path / "again.ics")
    assert "copies, nothing changed since: issue 1 of feed/family\n" in again.stderr
    assert (tmp_path / "plan.ics").read_bytes() == (tmp_path / "again.ics").read_bytes()


def test_a_record_that_cannot_be_written_gives_drafts_and_says_why(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object) -> list[str]:
        raise UsageError("p001.yaml cannot be written: No space left on device", "Make room.")

    monkeypatch.setattr("protocal.workflow.issuing.replace_record", full)
    made = ward.out(feed_bytes)
    assert "No space left" in made.draft
    assert b"DRAFT of" in made.data
    assert issued(ward.plan().record) == {}


def test_a_record_that_grew_while_a_sheet_was_made_is_not_written(ward: Ward) -> None:
    plan = ward.plan()
    ward.note()
    before = ward.path.read_bytes()
    with pytest.raises(UsageError, match="has changed while"):
        give_out(ward.path, plan, SITE, feed_bytes, ward.tick())
    assert ward.path.read_bytes() == before


def test_lines_by_hand_are_sealed_with_the_issue_that_they_are_in(ward: Ward) -> None:
    with ward.path.open("a", encoding="utf-8") as stream:
        stream.write("  - {entry: give, id: block-1/vcr/1, date: 2026-12-01}\n")
    ward.time += timedelta(days=2)
    assert not ward.sheet("block-1").head.draft
    assert all(each.seal for each in ward.log)


def test_a_plan_of_another_day_than_that_on_which_new_settings_begin_is_not_given_out(ward: Ward) -> None:
    ward.feed()
    plan, before = ward.plan(ROUNDED), ward.path.read_bytes()
    with pytest.raises(UsageError, match="not that of this time"):
        give_out(ward.path, plan, ROUNDED, feed_bytes, ward.tick(timedelta(days=30)), reason="made up")
    assert ward.path.read_bytes() == before


# --- the log


def test_a_line_of_an_issue_is_not_undone_and_undo_takes_the_last_clinical_line(ward: Ward, tmp_path: Path) -> None:
    ward.note("move", id="block-1/vcr/8", date="2026-12-09")
    moved = len(ward.log)
    ward.feed()
    refused = run("undo", ward.path, moved + 1, "--reason", "made up")
    assert refused.returncode == 2
    assert f"line {moved + 1} says what was given out" in refused.stderr
    assert run("undo", ward.path, "--reason", "made up").returncode == 0
    assert ward.log[-1].line == moved


@pytest.mark.parametrize(
    "line",
    ["{entry: issue, SHEETS}", "{entry: issue, recorded: 2026-11-30T09:00:00+00:00, SHEETS}"],
)
def test_a_line_of_an_issue_by_hand_is_an_error(ward: Ward, line: str) -> None:
    with ward.path.open("a", encoding="utf-8") as stream:
        digest = "0" * 32
        sheets = f"sheets: [{{sheet: feed/clinic, number: 1, says: '{digest}', facts: '{digest}'}}]"
        stream.write(f"  - {line.replace('SHEETS', sheets)}\n")
    with pytest.raises(ProtocalError, match=r"what was issued is written by protocal"):
        ward.plan()


def test_an_issue_that_the_record_does_not_give_stops_its_sheet_until_it_is_named(ward: Ward) -> None:
    ward.feed()
    text = ward.path.read_text(encoding="utf-8")
    facts = re.findall(r'facts: "?([0-9a-f]{32})', text)[-1]
    text = text.replace(facts, "0" * 32)
    ward.path.write_text(with_seals(re.sub(r"\n *seal: .*|\n# sealed: .*", "", text)), encoding="utf-8")
    with pytest.raises(ProtocalError, match="had other dates or doses than the record gives") as stopped:
        ward.feed()
    assert [each.code for each in stopped.value.problems] == ["issue-differs"]
    assert ward.out(partial(feed_bytes, who=Who.CLINIC), despite=["issue-differs"]).data


def test_diff_and_why_skip_the_lines_of_issues(ward: Ward) -> None:
    before = len(ward.log)
    ward.feed()
    assert run("diff", ward.path, "--from", before).stdout == "nothing changed\n"
    assert "issue" not in run("why", ward.path, "2026-12-01").stdout


def test_what_was_issued_is_listed_and_says_whether_it_holds(ward: Ward, tmp_path: Path) -> None:
    ward.feed()
    ward.out(worksheet_bytes, by="Dr. A")
    ward.note("move", id="block-1/vcr/8", date="2026-12-09")
    ward.feed()
    rows = [re.split(r" {2,}", line) for line in run("issued", ward.path).stdout.splitlines()]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("feed/clinic", "issue 2", "holds"),
        ("feed/clinic", "issue 1", "replaced"),
        ("worksheet", "issue 1", "changed since: print it again"),
    ]
    mark = rows[1][2]
    assert run("issued", ward.path, "--mark", mark.lower()).stdout.splitlines()[0].endswith("replaced")
    none = run("issued", ward.path, "--mark", "AAAA AAAA")
    assert (none.stdout, "no issue of this record bears these letters" in none.stderr) == ("", True)
    json = run("issued", ward.path, "--format", "json", "--sheet", "worksheet").stdout
    assert '"by": "Dr. A"' in json
    assert '"holds": false' in json


def test_told_records_who_was_told(ward: Ward) -> None:
    done = run("told", ward.path, "mother, by telephone", "--by", "nurse 7")
    assert (done.returncode, done.stdout) == (0, "the plan stays as it is\n")
    assert run("log", ward.path).stdout.splitlines()[-1].startswith("  7  told, text mother, by telephone")


@pytest.mark.parametrize(
    ("to", "after", "said"),
    [
        ("2026-12-09", timedelta(days=6, hours=20), True),  # within two days of it
        ("2026-12-09", timedelta(days=4), False),  # three days ahead
        ("2026-12-12", timedelta(days=6, hours=20), True),  # what was due in two days is not
    ],
)
def test_a_change_of_the_next_48_hours_says_to_telephone(ward: Ward, to: str, after: timedelta, said: bool) -> None:
    ward.sheet("block-1")
    ward.tick(after)
    ward.note("move", id="block-1/vcr/8", date=to)
    changes = ward.sheet("block-1").changes
    assert (changes[0] == "Telephone the family: this changes the next 48 hours.") is said


def test_letters_differ_where_digests_do_and_none_is_like_another() -> None:
    assert mark_of("0123456789abcdef" * 2) == "ACEF HJKL"
    letters = {letter for each in "0123456789abcdef" for letter in mark_of(each * 32) if letter != " "}
    assert len(letters) == 16
    assert not letters & set("BDGIOQSUVZ0123456789"), "which are read as each other, or as a figure"


# --- feeds


@pytest.mark.parametrize("who", Who)
def test_the_first_feed_has_sequence_0_and_nothing_cancelled(ward: Ward, who: Who) -> None:
    ward.note("move", id="block-2/mtx-hd/8", date="2027-01-06")
    ward.note("stop", date="2027-06-01")
    found = ward.feed(who=who)
    assert {each.sequence for each in found.values()} == {0}
    assert all(each.live for each in found.values())


@pytest.mark.parametrize("who", Who)
def test_what_was_sent_moves_with_the_next_issue_and_not_with_lines_nobody_was_sent(ward: Ward, who: Who) -> None:
    first = ward.feed(who=who)
    for day in ("2026-12-10", "2026-12-09"):
        ward.note("move", id="block-1/vcr/8", date=day)
    second = ward.feed(who=who)
    changed = {uid for uid, each in second.items() if first.get(uid) != each}
    assert {second[uid].sequence for uid in changed} == {1}
    assert {second[uid].sequence for uid in second if uid not in changed} == {0}
    assert len(changed) == 2, "the day without the dose, and the dose on another date"
    ward.note("undo", line=len(ward.log) - 1)
    ward.note("undo", line=len(ward.log) - 3)
    third = ward.feed(who=who)
    assert [each.live for uid, each in third.items() if uid not in first] == [False], "it was sent, and is gone"


@pytest.mark.parametrize(("who", "least"), [(Who.FAMILY, 300), (Who.CLINIC, 25), (Who.PHARMACY, 300)])
def test_closed_days_move_events_and_cancel_those_that_vanish(ward: Ward, who: Who, least: int) -> None:
    path = ward.path.with_name("c.yaml")
    assert run("new", path, *with_options(CHILD, arm="C", cns="cns3")).returncode == 0
    other = Ward(path)
    first = other.feed(who=who)
    radiated = sorted(each.date for each in other.plan().procedures if each.kind == "radiation-fraction")
    second = other.feed(Settings(clinic=SITE.clinic, closed_days=frozenset(radiated[2:4])), who)
    moved = [uid for uid, each in second.items() if uid in first and each.date != first[uid].date]
    assert len(moved) > least
    assert all(second[uid].sequence == 1 and second[uid].stamp > first[uid].stamp for uid in moved)
    assert all(uid in second for uid in first)


@pytest.mark.parametrize("who", Who)
def test_cancelled_events_are_sent_for_a_time_that_is_a_setting(ward: Ward, who: Who) -> None:
    site = Settings(clinic=SITE.clinic, cancelled_days=30)
    first = ward.feed(site, who)
    ward.note("end", date="2027-06-01")
    second = ward.feed(site, who)
    gone = {uid for uid, each in second.items() if not each.live}
    assert gone == {uid for uid, each in first.items() if each.date > "2027-06-01"}
    ward.tick(timedelta(days=20))
    ward.note("move", id="block-1/vcr/8", date="2026-12-09")
    assert gone <= set(ward.feed(site, who))
    ward.tick(timedelta(days=20))
    ward.note("move", id="block-1/vcr/8", date="2026-12-10")
    assert not gone & set(ward.feed(site, who))


def test_a_feed_with_doses_and_one_without_are_issues_of_one_feed(ward: Ward) -> None:
    bare = ward.feed()
    dosed = ward.feed(unverified_doses=True)
    changed = {uid for uid in dosed if dosed[uid].sequence == 1}
    assert changed
    assert all(dosed[uid].sequence == 0 for uid in dosed if uid not in changed)
    again = ward.feed()
    assert {uid: each.sequence for uid, each in again.items()} == {uid: 2 if uid in changed else 0 for uid in bare}


OLD = """\
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
  - {entry: measure, recorded: 2026-11-23T02:30:00+00:00, date: 2026-11-30, height: 112, weight: 19.4}
  - {entry: state, recorded: 2026-11-23T02:30:00+00:00, fact: cns, value: cns2}
  - {entry: state, recorded: 2026-11-23T02:30:00+00:00, fact: risk, value: low}
  - {entry: start, recorded: 2026-11-23T02:30:00+00:00, course: block-1, date: 2026-12-01}
  - {entry: assign, recorded: 2026-11-23T02:30:00+00:00, arm: D, date: 2026-12-01}
  - {entry: end, recorded: 2026-11-24T02:30:00+00:00, date: 2027-06-01, why: made up}
"""


def test_a_record_of_0_1_goes_on_from_what_its_families_may_have(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(with_seals(OLD), encoding="utf-8")
    ward = Ward(path)
    before = events(feed_bytes(ward.plan(), SITE, Who.CLINIC))
    assert {each.sequence for each in before.values() if each.live} <= {4, 5, 6}
    assert any(not each.live for each in before.values()), "0.1 may have sent what the end of therapy took away"
    first = ward.feed()
    assert first == before
    sheet = ward.sheet("block-1")
    assert sheet.head.as_of.startswith("issue 8 of "), "higher than any number that 0.1 printed"
    assert sheet.head.replaces == "replaces all sheets that bear no such letters"
    ward.note("move", id="block-1/vcr/8", date="2026-12-09")
    second = ward.feed()
    assert {each.sequence for uid, each in second.items() if each != first.get(uid)} == {10}


def test_two_copies_of_a_record_that_went_apart_are_named_so(ward: Ward, tmp_path: Path) -> None:
    other = tmp_path / "copy.yaml"
    shutil.copy(ward.path, other)
    said = run("drugs", "--on", "2026-12-01", ward.path, other)
    assert (said.returncode, "went apart" in said.stderr) == (2, False)
    common = len(ward.log)
    ward.note()
    assert "the first has 1 more lines" in run("drugs", "--on", "2026-12-01", ward.path, other).stderr
    Ward(other).note("move", id="block-1/vcr/8", date="2026-12-09")
    said = run("drugs", "--on", "2026-12-01", ward.path, other)
    assert f"two copies that went apart after line {common}" in said.stderr


HAPPENS = ["move", "move back", "omit", "delay", "hold", "end", "stop", "undo", "note", "upgrade", "wait"]
ROUNDED = Settings(rounding=(("vincristine", Route.IV, parse_rounding("nearest 0.1 mg")),))
GIVEN_OUT: dict[str, tuple[Settings, Who, dict[str, bool]]] = {  # by which settings and choices a reader's feed is made
    "clinic": (SITE, Who.CLINIC, {}),
    "clinic, dosed": (SITE, Who.CLINIC, {"unverified_doses": True}),
    "clinic, Spanish": (Settings(clinic=SITE.clinic, language="es"), Who.CLINIC, {}),
    "clinic, rounded": (ROUNDED, Who.CLINIC, {"unverified_doses": True}),
    "clinic, as calculated": (
        Settings(rounding=(("vincristine", Route.IV, parse_rounding("exempt")),)),
        Who.CLINIC,
        {"unverified_doses": True},
    ),
    "family": (SITE, Who.FAMILY, {}),
    "family, bare": (SITE, Who.FAMILY, {"doses": False}),
    "family, French": (Settings(clinic=SITE.clinic, language="fr"), Who.FAMILY, {"unverified_doses": True}),
    "family, called": (Settings(clinic=SITE.clinic, family=ForFamilies(call_by_day="555 0100")), Who.FAMILY, {}),
    "family, in full": (Settings(clinic=SITE.clinic, family=ForFamilies(full_on_lock_screen=True)), Who.FAMILY, {}),
}
STEPS = st.lists(st.sampled_from([*HAPPENS, *GIVEN_OUT]), min_size=4, max_size=12)
ANEW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
CHANGES: dict[str, dict[str, Any]] = {
    "move": {"entry": "move", "id": "block-1/vcr/8", "date": "2026-12-10"},
    "move back": {"entry": "move", "id": "block-1/vcr/8", "date": "2026-12-08"},
    "omit": {"entry": "omit", "ids": ["block-1/vcr/15"]},
    "delay": {"entry": "delay", "course": "block-2", "days": 2},
    "hold": {"entry": "hold", "course": "block-1", "date": "2026-12-02", "days": 2, "rule": "skip"},
    "end": {"entry": "end", "date": "2027-05-01"},
    "stop": {"entry": "stop", "date": "2027-02-01"},
    "note": {"entry": "note"},
    "upgrade": {"entry": "definition", "version": "0.2"},
}


class Follower:
    """A reader who keeps every event that a feed ever had, and holds each new issue against it."""

    def __init__(self, who: Who) -> None:
        self.who = who
        self.kept: dict[str, Event] = {}  # as last sent
        self.last: dict[str, Event] = {}  # of the last issue

    def follow(self, found: dict[str, Event], at: datetime, *, ended: bool) -> None:
        for uid, each in found.items():
            assert uid in self.kept or each.live, "nothing is cancelled that was not sent"
            if uid in self.kept and self.kept[uid] != each:
                assert each.sequence > self.kept[uid].sequence, (self.who, self.kept[uid], each)
        for uid, each in self.last.items():
            if uid not in found and not ended:  # after the end of therapy nothing is told but that
                assert not each.live, ("what was sent is there, or cancelled", self.who, each)
                assert at - each.stamp > timedelta(days=90)
        self.kept |= found
        self.last = found


@of_hypothesis(max_examples=25, deadline=None, suppress_health_check=ANEW)
@given(steps=STEPS)
def test_whatever_happens_a_reader_can_follow(steps: list[str], tmp_path: Path) -> None:
    """Two of them, each by the feed that is made for such a reader."""
    path = tmp_path / "any.yaml"
    path.unlink(missing_ok=True)
    path.write_text(with_seals(OLD.replace("format: 1", "format: 2")), encoding="utf-8")
    ward, readers = Ward(path), {who: Follower(who) for who in (Who.CLINIC, Who.FAMILY)}
    for step in ["clinic", "family", *steps, "clinic", "family"]:
        if step == "wait":
            ward.tick(timedelta(days=60))
        elif step in CHANGES:
            try:
                ward.note(**CHANGES[step])
            except (UsageError, ProtocalError):  # which no other test is about: nothing was written
                continue
        elif step == "undo":
            last = ward.plan().record.last_clinical
            if last > 6:
                ward.note("undo", line=last)
        else:
            site, who, choices = GIVEN_OUT[step]
            found = ward.feed(site, who, **choices)
            assert ward.feed(site, who, **choices) == found, "a copy says the same"
            readers[who].follow(found, ward.time, ended=end_of(ward.plan()) is not None)
    uids = [set(reader.kept) for reader in readers.values()]
    assert not uids[0] & uids[1], "nothing of one feed leads to another"
