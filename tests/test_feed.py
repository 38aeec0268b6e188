"""The feed, read back by other libraries and by a reader of our own, holds the plan and nothing that is private."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
import recurring_ical_events
from conftest import CASES, CHILD, CHILDS_WARNINGS, run, with_seals
from feeds import feed
from icalendar import Calendar, Event

from protocal.model.plan import Administration, Plan, PlannedEvent, Status
from protocal.model.settings import Settings
from protocal.plan.unverified import is_unverified
from protocal.render.feed.ics import uid
from protocal.render.wording.catalogues import messages
from protocal.text.format import figure
from protocal.workflow.planning import load_plan

KEY = "00112233445566778899aabbccddeeff"
RECORD = f"""\
format: 1
id: P001
key: "{KEY}"
created: 2026-11-21
born: 2019-05-12
sex: female
timezone: America/New_York
protocol: aall1331
version: "0.1"
log:
  - {{entry: measure, date: 2026-11-30, height: 112, weight: 19.4}}
  - {{entry: state, fact: cns, value: cns2}}
  - {{entry: state, fact: risk, value: low}}
  - {{entry: start, recorded: 2026-11-23T02:30:00+00:00, course: block-1, date: 2026-12-01}}
  - {{entry: assign, arm: D, date: 2026-12-01}}
"""

DOSE = re.compile(r"\d[\d,.]* (mg|mcg|g|units)\b")
OFTEN = re.compile(
    r"(, once a week, on [A-Z][a-z]+day)?(, \d times that day)?(, every \d+ hours)?(, over .*?)?(, first dose .*)?$"
)
IN_WORDS = {
    "PO": "by mouth",
    "IV": "into a vein",
    "IM": "into a muscle",
    "SC": "under the skin",
    "IT": "into the spinal fluid",
    "CIV": "into a vein, day and night",
}


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of a record whose key and times are known."""
    path = tmp_path_factory.mktemp("fixed") / "fixed.yaml"
    path.write_text(with_seals(RECORD), encoding="utf-8")
    return load_plan(path, Settings())


@pytest.fixture(scope="module")
def plain(fixed: Plan) -> bytes:
    return feed(fixed, with_doses=False)


@pytest.fixture(scope="module")
def dosed(fixed: Plan) -> bytes:
    return feed(fixed, with_doses=True)


@pytest.fixture(scope="module")
def all_dosed(fixed: Plan) -> bytes:
    return feed(fixed, with_doses=True, unverified_doses=True)


@pytest.fixture(scope="module")
def feeds(plans: dict[str, Plan]) -> dict[str, bytes]:
    return {case: feed(plan, with_doses=False) for case, plan in plans.items()}


@lru_cache
def read(data: bytes) -> Calendar:
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    return calendar


def is_cancelled(event: Event) -> bool:
    return str(event.get("STATUS", "")) == "CANCELLED"


def events_of(data: bytes) -> dict[str, Event]:
    """Events by what stands before the colon of their summary: `Block 1, day 8`."""
    found = (event for event in read(data).walk("VEVENT") if not is_cancelled(event))
    return {str(event["SUMMARY"]).partition(":")[0]: event for event in found}


def description(data: bytes, name: str) -> list[str]:
    return str(events_of(data)[name]["DESCRIPTION"]).splitlines()


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def items(plan: Plan) -> Iterator[Administration | PlannedEvent]:
    yield from (each for each in plan.administrations if each.status is not Status.OMITTED)
    yield from plan.procedures
    yield from plan.evaluations


def sentence(plan: Plan, item: Administration | PlannedEvent) -> str:
    if isinstance(item, PlannedEvent):
        return plan.protocol.kinds[item.kind]
    return f"{plan.protocol.agents[item.agent].written}, {IN_WORDS[item.route.value]}"


# --- what is in it


@pytest.mark.parametrize("case", CASES)
def test_everything_dated_stands_on_its_date(case: str, plans: dict[str, Plan], feeds: dict[str, bytes]) -> None:
    plan = plans[case]
    titles = {each.course.id: each.course.title for each in plan.courses}
    sentences: dict[tuple[date, str], list[str]] = {}
    for item in items(plan):
        sentences.setdefault((item.date, f"{titles[item.course]}, day {item.day}"), []).append(sentence(plan, item))
    calendar = recurring_ical_events.of(read(feeds[case]))
    days = [on for on, _ in sentences]
    shown = [event for event in calendar.between(min(days), max(days) + timedelta(days=1)) if not is_cancelled(event)]
    found = [(event["DTSTART"].dt, str(event["SUMMARY"]).partition(":")[0]) for event in shown]
    assert sorted(found) == sorted(sentences)
    for event, day in zip(shown, found, strict=True):
        said = sentences[day]
        lines = [OFTEN.sub("", line) for line in event["DESCRIPTION"].splitlines()]
        assert sorted(lines[: len(said)]) == sorted(said), day
        assert not set(IN_WORDS.values()) & {line.partition(", ")[2] for line in lines[len(said) :]}, day


def test_the_calendar_finds_the_day_by_its_date(plain: bytes) -> None:
    calendar = recurring_ical_events.of(read(plain))
    assert [str(event["SUMMARY"]) for event in calendar.at(date(2026, 12, 8))] == [
        "Block 1, day 8: lumbar puncture, vinCRIStine"
    ]


def test_an_omitted_dose_and_an_undated_course_are_not_in_it(feeds: dict[str, bytes]) -> None:
    omitted = feeds["unassigned-diagnostic-it"]
    assert not any("spinal fluid" in line for line in description(omitted, "Block 1, day 1"))
    assert any("spinal fluid" in line for line in description(omitted, "Block 1, day 8"))
    assert not any("HSCT" in name for name in events_of(feeds["arm-b-cns3-child"]))


def test_days_at_home_leave_the_day_free(plain: bytes) -> None:
    events = events_of(plain)
    kinds = {name: (str(event["TRANSP"]), event["CATEGORIES"].cats) for name, event in events.items()}
    assert kinds["Block 1, day 4"] == ("TRANSPARENT", ["Home"])
    for clinic in ("Block 1, day 1", "Block 1, day 2", "Block 1, day 29", "Blinatumomab Cycle 1, day 3"):
        assert kinds[clinic] == ("OPAQUE", ["Clinic"])


def test_how_often_and_when_are_no_doses_and_always_there(plain: bytes) -> None:
    assert "methotrexate, by mouth, 4 times that day, every 6 hours" in description(plain, "Continuation 1, day 22")
    assert "dexAMETHasone, by mouth, 2 times that day" in description(plain, "Block 1, day 1")
    rescue = "leucovorin, by mouth, 4 times that day, every 6 hours"
    clock = "first dose 48 h after the start of methotrexate"
    assert f"{rescue}, {clock}" in description(plain, "Block 2, day 10")
    assert rescue in description(plain, "Block 2, day 11")


def test_a_weekly_drug_names_its_weekday(plain: bytes) -> None:
    assert "methotrexate, by mouth, once a week, on Tuesday" in (description(plain, "Continuation 1, day 8"))


def test_a_drug_that_kills_by_another_route_says_so_on_days_with_an_intrathecal_one(plain: bytes) -> None:
    warning = "vinCRIStine: FATAL IF GIVEN BY ANY OTHER ROUTE."
    assert warning in description(plain, "Block 1, day 8")
    assert warning not in description(plain, "Block 1, day 15")


def test_a_rescue_that_stays_open_says_so(plain: bytes) -> None:
    assert "leucovorin goes on until methotrexate has cleared: ask the treating team." in description(
        plain, "Block 2, day 11"
    )


def test_a_draft_is_of_the_day_at_the_patients_place_of_the_last_recorded_entry(fixed: Plan, plain: bytes) -> None:
    said = re.compile("DRAFT of Sun 22-Nov-2026, not an issue: [A-Z]{4} [A-Z]{4}.")
    assert said.fullmatch(str(read(plain)["DESCRIPTION"]).splitlines()[-1])
    earlier = feed(load_plan(Path(fixed.record.where.file), Settings(), revision=4), with_doses=False)
    assert said.fullmatch(str(read(earlier)["DESCRIPTION"]).splitlines()[-1])


def test_an_event_says_when_it_last_changed_itself(fixed: Plan, plain: bytes) -> None:
    assert description(plain, "Block 1, day 2")[-1] == "Last changed Sun 22-Nov-2026, revision 4."  # the start
    assert description(plain, "Block 2, day 2")[-1] == "Last changed Sun 22-Nov-2026, revision 5."  # the arm
    assert not any("As of" in event["DESCRIPTION"] for event in events_of(plain).values())


def test_without_a_recorded_entry_the_record_dates_the_feed(fixed: Plan) -> None:
    bare = feed(replace(fixed, revision=3), with_doses=False)
    assert {line for line in unfolded(bare) if line.startswith("DTSTAMP")} == {"DTSTAMP:20261121T050000Z"}
    assert description(bare, "Block 1, day 2")[-1] == "Last changed Sat 21-Nov-2026, revision 3."


def test_only_courses_that_have_not_started_are_provisional(plain: bytes) -> None:
    assert not any("Provisional" in line for line in description(plain, "Block 1, day 8"))
    assert "Provisional: the date may change until Block 2 has started." in description(plain, "Block 2, day 8")


# --- what must not be in it


@pytest.mark.parametrize("doses", [False, True])
def test_neither_the_patients_name_nor_the_diagnosis(doses: bool, tmp_path: Path) -> None:
    record = tmp_path / "p.yaml"
    assert run("new", record, *CHILD, "--name", "Zelda Quine").returncode == 0
    plan = load_plan(record, Settings())
    text = "\n".join(unfolded(feed(plan, with_doses=doses)))
    for private in ("Zelda", "Quine", plan.record.key, "ALL", "leuk", "relapse", "2019-05-12", "20190512"):
        assert private not in text, private


def test_confirmed_doses_only_if_asked_for(dosed: bytes, plain: bytes) -> None:
    assert not DOSE.search("\n".join(unfolded(plain)))
    lines = description(dosed, "Block 1, day 1")
    assert lines[2:5] == [
        "vinCRIStine, into a vein: 1.17 mg once",
        "mitoxantrone, into a vein: 7.8 mg once, over 15-30 min",
        "methotrexate, into the spinal fluid: 12 mg once",
    ]


NOT_PRINTED = "Its dose is unverified and not printed: ask the treating team."


def test_an_unverified_dose_is_not_printed_and_the_line_says_so(dosed: bytes, plain: bytes) -> None:
    assert description(dosed, "Block 1, day 1")[1] == f"dexAMETHasone, by mouth, 2 times that day. {NOT_PRINTED}"
    rescue = "leucovorin, by mouth, 4 times that day, every 6 hours, first dose 48 h after the start of methotrexate"
    assert description(dosed, "Block 2, day 10")[0] == f"{rescue}. {NOT_PRINTED}"
    assert not DOSE.search("\n".join(description(dosed, "Block 2, day 10")))
    assert NOT_PRINTED not in "\n".join(unfolded(plain))


@pytest.mark.parametrize("case", CASES)
def test_with_doses_a_line_has_a_dose_unless_it_is_unverified(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    events = events_of(feed(plan, with_doses=True))
    titles = {each.course.id: each.course.title for each in plan.courses}
    found = set()
    for each in items(plan):
        if isinstance(each, Administration):
            text = str(events[f"{titles[each.course]}, day {each.day}"]["DESCRIPTION"])
            start, unsure = re.escape(sentence(plan, each)), is_unverified(plan.protocol, each.order_line)
            found.add(unsure)
            printed = rf": {re.escape(figure(each.dose))} {each.unit} "
            after = rf"[^:\n]*\. {re.escape(NOT_PRINTED)}$" if unsure else rf"[^:\n]*{printed}"
            assert re.search(rf"^{start}{after}", text, re.MULTILINE), each.id
    assert found == {True, False}


def test_by_their_own_name_all_doses_are_printed_and_the_feed_says_so(all_dosed: bytes, dosed: bytes) -> None:
    says = "UNVERIFIED DOSES: give only what the treating team prescribed."
    lines = description(all_dosed, "Block 1, day 1")
    assert lines[1] == "dexAMETHasone, by mouth: 8 mg (unverified) each time (2 tablets of 4 mg), 2 times that day"
    assert lines[2] == "vinCRIStine, into a vein: 1.17 mg once"
    assert says in lines
    assert says in str(read(all_dosed)["DESCRIPTION"])
    assert says not in description(all_dosed, "Block 1, day 8")  # what is given then is confirmed
    assert NOT_PRINTED not in "\n".join(unfolded(all_dosed))
    assert says not in "\n".join(unfolded(dosed))


def test_unverified_doses_need_no_other_wish(fixed: Plan, all_dosed: bytes) -> None:
    assert feed(fixed, with_doses=False, unverified_doses=True) == all_dosed


def test_every_dose_asked_for_is_there(plans: dict[str, Plan]) -> None:
    plan = plans["arm-c-cns3-adult-at-caps"]
    titles = {each.course.id: each.course.title for each in plan.courses}
    events = events_of(feed(plan, with_doses=True, unverified_doses=True))
    for each in plan.administrations:
        text = str(events[f"{titles[each.course]}, day {each.day}"]["DESCRIPTION"])
        start = re.escape(sentence(plan, each))
        assert re.search(rf"^{start}[^:\n]*: {re.escape(figure(each.dose))} {each.unit}\b", text, re.MULTILINE), each.id


def test_an_infusion_and_a_rescue_in_words(dosed: bytes, all_dosed: bytes) -> None:
    assert description(dosed, "Blinatumomab Cycle 1, day 1")[:2] == [
        "blinatumomab, into a vein, day and night: 11.7 mcg in 24 hours",
        "dexAMETHasone, by mouth: 3.9 mg once, first dose 30-60 min before the start of blinatumomab",
    ]
    rescue = "leucovorin, by mouth: 11.7 mg (unverified) each time, 4 times that day, every 6 hours"
    clock = "first dose 48 h after the start of methotrexate"
    assert description(all_dosed, "Block 2, day 10")[0] == f"{rescue}, {clock}"
    assert description(all_dosed, "Block 2, day 11")[0] == rescue


def test_an_unverified_definition_says_so_in_every_event(plain: bytes) -> None:
    for event in events_of(plain).values():
        assert "UNVERIFIED" in event["DESCRIPTION"]


# --- identity and sameness


def test_uids_never_change(plain: bytes) -> None:
    events = events_of(plain)
    frozen = {
        "Block 1, day 1": "0b9ad766e03a36af73aa7ccdbe54c1ba@protocal",
        "Blinatumomab Cycle 1, day 29": "211e803b83c8ac185d7b758871eda5b2@protocal",
        "Maintenance cycle 6, day 38": "cefebf3f210bc73ac5239e603a786b5b@protocal",
    }
    assert {name: str(events[name]["UID"]) for name in frozen} == frozen


def test_the_uid_of_what_was_moved_away_from_its_day_never_changes() -> None:
    assert uid(KEY, "block-1", 8) == "42006c74fe2a96e36d65922564cbd491@protocal"
    assert uid(KEY, "block-1", 8, "it-mtx/8") == "6211bf58af8060d6d884f5f173a0a81c@protocal"


@pytest.mark.parametrize("case", CASES)
def test_uids_are_unique(case: str, feeds: dict[str, bytes]) -> None:
    uids = [str(event["UID"]) for event in read(feeds[case]).walk("VEVENT")]
    assert len(set(uids)) == len(uids)


def test_another_start_moves_the_same_events(tmp_path: Path, plain: bytes) -> None:
    path = tmp_path / "moved.yaml"
    path.write_text(with_seals(RECORD.replace("2026-12-01", "2026-12-03")))
    moved = events_of(feed(load_plan(path, Settings()), with_doses=False))
    before = events_of(plain)
    assert moved["Block 1, day 8"]["UID"] == before["Block 1, day 8"]["UID"]
    assert moved["Block 1, day 8"]["DTSTART"].dt - before["Block 1, day 8"]["DTSTART"].dt == timedelta(days=2)


def test_the_same_record_gives_the_same_bytes(child: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    for number, zone in enumerate(("UTC", "Asia/Tokyo")):
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("PYTHONHASHSEED", str(number))
        target = tmp_path / f"{number}.ics"
        assert run("feed", child, "-o", target).returncode == 0
        written.append(target.read_bytes())
    assert written[0] == written[1]


# --- the format


@pytest.mark.parametrize("case", CASES)
def test_lines_are_folded_at_75_octets_and_end_in_crlf(case: str, feeds: dict[str, bytes]) -> None:
    data = feeds[case]
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    for line in data.split(b"\r\n"):
        line.decode()  # a fold never stands within a character


def test_wide_characters_are_folded_whole(fixed: Plan) -> None:
    data = feed(fixed, with_doses=False, title="日本語" * 20)
    assert all(len(line) <= 75 and line.decode() for line in data.removesuffix(b"\r\n").split(b"\r\n"))
    assert str(read(data)["NAME"]).endswith("日本語" * 20)


def test_text_is_escaped(fixed: Plan) -> None:
    odd = feed(fixed, with_doses=False, title="A,B;C\\D")
    lines = unfolded(odd)
    assert r"NAME:A\,B\;C\\D" in lines
    assert r"X-WR-CALNAME:A\,B\;C\\D" in lines
    assert r"SUMMARY:Block 1\, day 8: lumbar puncture\, vinCRIStine" in lines
    assert str(events_of(odd)["Block 1, day 8"]["SUMMARY"]).endswith("puncture, vinCRIStine")


def test_what_a_calendar_needs_before_its_events(plain: bytes) -> None:
    lines = unfolded(plain)
    head = lines[: lines.index("BEGIN:VEVENT")]
    for needed in (
        "VERSION:2.0",
        "PRODID:-//protocal//treatment calendar//EN",
        "NAME:Treatment plan",
        "X-WR-CALNAME:Treatment plan",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
        "COLOR:steelblue",
        "LAST-MODIFIED:20261123T023000Z",
    ):
        assert head.count(needed) == 1, needed
    assert not any(line.startswith(("METHOD", "BEGIN:VTIMEZONE", "BEGIN:VALARM")) for line in lines)


def test_what_every_event_needs(plain: bytes) -> None:
    shapes = {
        "UID": r"[0-9a-f]{32}@protocal",
        "DTSTAMP": "20261123T023000Z",
        "LAST-MODIFIED": "20261123T023000Z",
        "SEQUENCE": "[45]",
        "DTSTART;VALUE=DATE": r"\d{8}",
        "DTEND;VALUE=DATE": r"\d{8}",
        "SUMMARY": ".+",
        "DESCRIPTION": ".+",
        "CLASS": "PRIVATE",
        "TRANSP": "TRANSPARENT|OPAQUE",
        "CATEGORIES": "Home|Clinic",
    }
    lines = unfolded(plain)
    starts = [index for index, line in enumerate(lines) if line == "BEGIN:VEVENT"]
    ends = [index for index, line in enumerate(lines) if line == "END:VEVENT"]
    assert len(starts) == len(ends) > 600
    for start, end in zip(starts, ends, strict=True):
        pairs = [line.split(":", 1) for line in lines[start + 1 : end]]
        assert sorted(name for name, _ in pairs) == sorted(shapes)
        for name, value in pairs:
            assert re.fullmatch(shapes[name], value), (name, value)


def test_an_event_ends_on_the_next_day_which_is_not_in_it(plain: bytes) -> None:
    for event in read(plain).walk("VEVENT"):
        assert type(event["DTSTART"].dt) is date
        assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1)


def test_a_language_without_a_catalogue_falls_back_to_the_words_in_the_code() -> None:
    assert messages("tlh-QO").gettext("by mouth") == "by mouth"


# --- the command


def test_the_command_replaces_its_own_file_and_no_other(child: Path, tmp_path: Path) -> None:
    target = tmp_path / "plan.ics"
    done = run("feed", child, "-o", target)
    said = f"wrote {target}\nissued: issue 1 of feed\n{CHILDS_WARNINGS}"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", said)
    before = target.read_bytes()
    assert not DOSE.search("\n".join(unfolded(before)))
    assert run("feed", child, "-o", target, "--doses", "--draft").returncode == 0
    assert DOSE.search("\n".join(unfolded(target.read_bytes())))
    assert b"UNVERIFIED DOSES" not in target.read_bytes()
    assert run("feed", child, "-o", target, "--unverified-doses", "--draft").returncode == 0
    assert b"UNVERIFIED DOSES" in target.read_bytes()
    target.write_text("somebody else's")
    refused = run("feed", child, "-o", target)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert target.read_text() == "somebody else's"
    assert run("feed", child, "-o", target, "--force").returncode == 0
    assert target.read_bytes() == before


@pytest.mark.parametrize("target", ["missing/plan.ics", "."])
def test_a_target_that_cannot_be_written_is_refused(target: str, child: Path, tmp_path: Path) -> None:
    done = run("feed", child, "-o", tmp_path / target)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert [path.name for path in tmp_path.iterdir()] == [child.name]
