"""The feeds, read back by other libraries and by a reader of our own, hold the plan and nothing that is private.

What a family, a clinic and a pharmacy have of a plan is worked out here from the plan alone, without the account.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import recurring_ical_events
from conftest import CASES, CHILD, CHILDS_WARNINGS, run, with_seals
from feeds import feed as make_feed
from icalendar import Calendar, Event

from protocal.model.doses import Route
from protocal.model.plan import LUMBAR_PUNCTURE, PUMP_STOP, Administration, Plan, PlannedEvent, Status
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies, Settings
from protocal.plan.open_rescues import open_ends
from protocal.plan.unverified import is_unverified
from protocal.render.feed.reader_feed import uid
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords
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


_MADE: dict[tuple[object, ...], tuple[Plan, bytes]] = {}


def feed(plan: Plan, who: Who = Who.CLINIC, **choices: Any) -> bytes:
    """A feed, made once for all tests that ask for it."""
    name = (id(plan), who, *sorted(choices.items()))
    if name not in _MADE:
        _MADE[name] = (plan, make_feed(plan, who, **choices))  # with its plan, so that no other gets its number
    return _MADE[name][1]


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of a record whose key and times are known."""
    path = tmp_path_factory.mktemp("fixed") / "fixed.yaml"
    path.write_text(with_seals(RECORD), encoding="utf-8")
    return load_plan(path, Settings())


@pytest.fixture(scope="module")
def plain(fixed: Plan) -> bytes:
    """The clinic's, without doses."""
    return feed(fixed, with_doses=False)


@pytest.fixture(scope="module")
def dosed(fixed: Plan) -> bytes:
    """The pharmacy's, with the doses that something confirms."""
    return feed(fixed, Who.PHARMACY, with_doses=True)


@pytest.fixture(scope="module")
def all_dosed(fixed: Plan) -> bytes:
    return feed(fixed, Who.PHARMACY, with_doses=True, unverified_doses=True)


@pytest.fixture(scope="module")
def family(fixed: Plan) -> bytes:
    return feed(fixed, Who.FAMILY, with_doses=True)


FULL = ForFamilies(full_on_lock_screen=True)
SOME = ("arm-a-cns3-adult-at-caps", "arm-c-cns1-toddler", "arm-d-cns2-child", "salvage-cns1")
EVERY = [(case, who) for case in CASES for who in Who]


@pytest.fixture(scope="module")
def feeds(plans: dict[str, Plan]) -> dict[tuple[str, Who], bytes]:
    """The feed of each reader of each golden case; a family's names what it has."""
    return {(case, who): feed(plan, who, with_doses=False, site=FULL) for case, plan in plans.items() for who in Who}


@lru_cache
def read(data: bytes) -> Calendar:
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    return calendar


def is_cancelled(event: Event) -> bool:
    return str(event.get("STATUS", "")) == "CANCELLED"


def live(data: bytes) -> list[Event]:
    return [event for event in read(data).walk("VEVENT") if not is_cancelled(event)]


def events_of(data: bytes) -> dict[str, Event]:
    """Events by what stands before the colon of their summary: `Block 1, day 8`."""
    return {str(event["SUMMARY"]).partition(":")[0].removeprefix("Prepare for "): event for event in live(data)}


def description(data: bytes, name: str) -> list[str]:
    return str(events_of(data)[name]["DESCRIPTION"]).splitlines()


def on(data: bytes, day: str) -> dict[str, list[str]]:
    """What the events that begin on a date say, by their summaries."""
    found = (event for event in live(data) if event["DTSTART"].dt == date.fromisoformat(day))
    return {str(event["SUMMARY"]): str(event["DESCRIPTION"]).splitlines() for event in found}


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


# --- what each reader has of a plan, worked out from the plan alone


def given(plan: Plan) -> list[Administration]:
    return [each for each in plan.administrations if each.status is not Status.OMITTED]


def at_home(line: Administration) -> bool:
    anchor = line.order_line.first_dose
    return line.route is Route.PO and not (anchor and anchor.before)


def pumps(plan: Plan) -> dict[tuple[str, str], list[date]]:
    """The dates of each pump."""
    found: dict[tuple[str, str], list[date]] = {}
    for line in given(plan):
        if line.route is Route.CIV:
            found.setdefault((line.course, line.agent), []).append(line.date)
    return found


def goes_on(plan: Plan, line: Administration) -> bool:
    """Whether it is a later day of a pump."""
    return line.route is Route.CIV and line.date != min(pumps(plan)[line.course, line.agent])


def is_long(line: Administration) -> bool:
    over = line.order_line.over
    return bool(over and over.least >= 24 * 60 and not line.order_line.frequency.continuous)


def sentence(plan: Plan, item: Administration | PlannedEvent) -> str:
    if isinstance(item, PlannedEvent):
        return plan.protocol.kinds[item.kind]
    return f"{plan.protocol.agents[item.agent].written}, {IN_WORDS[item.route.value]}"


Said = Counter[tuple[date, str]]


def of_clinic(plan: Plan) -> Said:
    later = {id(line) for line in given(plan) if goes_on(plan, line)}
    lines = [line for line in given(plan) if not at_home(line) and id(line) not in later]
    return Counter((each.date, sentence(plan, each)) for each in (*lines, *plan.procedures, *plan.evaluations))


def of_pharmacy(plan: Plan) -> Said:
    """A pump stands in what is prepared and is an entry by itself."""
    lines = [line for line in given(plan) if not goes_on(plan, line)]
    return Counter((line.date, sentence(plan, line)) for line in lines for _ in range(1 + (line.route is Route.CIV)))


def of_family(plan: Plan) -> Said:
    """The titles of a family that wants to see on a locked screen what is given."""
    words = FamilyWords(messages("en"), tall_man=False)
    found: Said = Counter()
    home: dict[tuple[str, date], list[str]] = {}
    visits: dict[tuple[str, date], list[str]] = {}
    overnight: set[tuple[str, date]] = set()

    def name(line: Administration) -> str:
        return words.drug(plan.protocol.agents[line.agent])

    for event in (*plan.procedures, *plan.evaluations):
        if event.kind == PUMP_STOP:
            found[event.date, "The pump ends, at the clinic: the pump stops"] += 1
        else:
            visits.setdefault((event.course, event.date), []).append(words.kind(event.kind, plan.protocol))
    punctured = {(each.course, each.date) for each in plan.procedures if each.kind == LUMBAR_PUNCTURE}
    for line in given(plan):
        place = (line.course, line.date)
        if at_home(line):
            home.setdefault(place, []).append(name(line))
        elif not (goes_on(plan, line) or (line.route is Route.IT and place in punctured)):
            visits.setdefault(place, []).append(name(line))
        if is_long(line):
            found[line.date, f"Stay at the clinic: {name(line)}"] += 1
            overnight.add(place)
            overnight |= {(line.course, line.date + timedelta(days=late)) for late in range(_nights(line))}
    for _each, end in open_ends(plan):
        for on in end.ahead:
            home.setdefault((end.last.course, on), []).append(name(end.last))
    for (_course, agent), dates in pumps(plan).items():
        found[min(dates), f"The pump runs: {words.drug(plan.protocol.agents[agent])}"] += 1
    for (_course, day), names in home.items():
        found[day, f"Medicine at home: {', '.join(dict.fromkeys(names))}"] += 1
    for place, names in visits.items():
        visit = "Clinic visit, stays overnight" if place in overnight else "Clinic visit"
        found[place[1], f"{visit}: {', '.join(dict.fromkeys(names))}"] += 1
    return found


def _nights(line: Administration) -> int:
    assert line.order_line.over
    return line.order_line.over.least // (24 * 60)


def said_lines(plan: Plan, data: bytes) -> Said:
    """The lines of a clinic's or a pharmacy's feed that say a thing of the plan, each on the date of its event."""
    titles = set(plan.protocol.kinds.values())
    found: Said = Counter()
    for event in live(data):
        for line in str(event["DESCRIPTION"]).splitlines():
            bare = OFTEN.sub("", line)
            if bare in titles or bare.partition(", ")[2] in IN_WORDS.values():
                found[event["DTSTART"].dt, bare] += 1
    return found


# --- what is in it


@pytest.mark.parametrize("case", CASES)
def test_a_clinic_has_on_each_date_all_that_is_done_there(
    case: str, plans: dict[str, Plan], feeds: dict[tuple[str, Who], bytes]
) -> None:
    assert said_lines(plans[case], feeds[case, Who.CLINIC]) == of_clinic(plans[case])


@pytest.mark.parametrize("case", CASES)
def test_a_pharmacy_has_on_each_date_all_that_is_prepared(
    case: str, plans: dict[str, Plan], feeds: dict[tuple[str, Who], bytes]
) -> None:
    assert said_lines(plans[case], feeds[case, Who.PHARMACY]) == of_pharmacy(plans[case])


@pytest.mark.parametrize("case", CASES)
def test_a_family_has_on_each_date_its_visits_its_medicine_and_its_pump(
    case: str, plans: dict[str, Plan], feeds: dict[tuple[str, Who], bytes]
) -> None:
    found = Counter((event["DTSTART"].dt, str(event["SUMMARY"])) for event in live(feeds[case, Who.FAMILY]))
    assert {(day, _sorted(title)): n for (day, title), n in found.items()} == {
        (day, _sorted(title)): n for (day, title), n in of_family(plans[case]).items()
    }


def _sorted(title: str) -> tuple[str, list[str]] | str:
    what, _colon, things = title.partition(": ")
    return f"{what}: {', '.join(sorted(things.split(', ')))}"


@pytest.mark.parametrize(("case", "who"), EVERY)
def test_a_title_names_what_its_event_says(case: str, who: Who, feeds: dict[tuple[str, Who], bytes]) -> None:
    for event in live(feeds[case, who]):
        what, _colon, things = str(event["SUMMARY"]).partition(": ")
        assert what
        assert things or who is Who.FAMILY, what
        if not things.startswith("counts before"):
            said = str(event["DESCRIPTION"]).lower()
            for thing in things.removeprefix("infusion of ").split(", "):
                assert thing.lower() in said or thing == "the pump stops", event["SUMMARY"]


@pytest.mark.parametrize("case", CASES)
def test_a_clinic_has_what_must_be_before_each_course_that_has_a_gate(
    case: str, plans: dict[str, Plan], feeds: dict[tuple[str, Who], bytes]
) -> None:
    gates = [event for event in live(feeds[case, Who.CLINIC]) if "counts before it may start" in event["SUMMARY"]]
    courses = [each.course for each in plans[case].courses if each.course.dates and each.course.definition.may_start]
    assert [event["DTSTART"].dt for event in gates] == [each.dates.day1 for each in courses if each.dates]
    for event, course in zip(gates, courses, strict=True):
        gate = course.definition.may_start
        assert gate
        assert str(event["SUMMARY"]) == f"{course.title}: counts before it may start"
        assert str(event["DESCRIPTION"]).splitlines()[0] == gate.text
        assert event["CATEGORIES"].cats == ["Clinic"]
        assert "FATAL" not in event["DESCRIPTION"]


def test_the_calendar_finds_the_day_by_its_date(plain: bytes, dosed: bytes, family: bytes) -> None:
    found = [
        [str(event["SUMMARY"]) for event in recurring_ical_events.of(read(data)).at(date(2026, 12, 8))]
        for data in (plain, dosed, family)
    ]
    assert found == [
        ["Block 1, day 8: lumbar puncture, vinCRIStine"],
        ["Prepare for Block 1, day 8: vinCRIStine, methotrexate"],
        ["Clinic visit"],
    ]


@pytest.mark.parametrize("who", Who)
def test_a_long_infusion_is_one_event_that_every_date_shows_on_which_it_runs(who: Who, fixed: Plan) -> None:
    calendar = recurring_ical_events.of(read(feed(fixed, who, with_doses=False, site=FULL)))
    pump, stay = (
        ("The pump runs: blinatumomab", "Stay at the clinic: methotrexate")
        if who is Who.FAMILY
        else ("Blinatumomab Cycle 1: infusion of blinatumomab", "Block 2: infusion of methotrexate")
    )

    def dates(title: str, *days: str) -> list[str]:
        found = {day: calendar.at(date.fromisoformat(day)) for day in days}
        return [day for day in days if title in [str(event["SUMMARY"]) for event in found[day]]]

    runs = ["2027-01-26", "2027-01-27", "2027-02-10", "2027-02-22", "2027-02-23"]  # the last is that of its stop
    assert dates(pump, "2027-01-25", *runs, "2027-02-24") == runs
    stays = [] if who is Who.PHARMACY else ["2027-01-05", "2027-01-06"]  # a pharmacy prepares it once
    assert dates(stay, "2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07") == stays


def test_an_omitted_dose_and_an_undated_course_are_not_in_it(feeds: dict[tuple[str, Who], bytes]) -> None:
    omitted = feeds["unassigned-diagnostic-it", Who.CLINIC]
    assert not any("spinal fluid" in line for line in description(omitted, "Block 1, day 1"))
    assert any("spinal fluid" in line for line in description(omitted, "Block 1, day 8"))
    for who in Who:
        assert not any("HSCT" in name for name in events_of(feeds["arm-b-cns3-child", who]))


def test_days_at_home_leave_the_day_free(plain: bytes, family: bytes) -> None:
    clinic = {(str(event["TRANSP"]), *event["CATEGORIES"].cats) for event in live(plain) if "pump" not in event}
    assert clinic == {("OPAQUE", "Clinic"), ("TRANSPARENT", "Home")}  # the latter is the pump that goes home
    assert {
        str(event["SUMMARY"]).partition(":")[2][:13] for event in live(plain) if str(event["TRANSP"]) == "TRANSPARENT"
    } == {" infusion of "}
    kinds: dict[str, set[tuple[str, ...]]] = {}
    for event in live(family):
        title = str(event["SUMMARY"]).partition(":")[0]
        kinds.setdefault(title, set()).add((str(event["TRANSP"]), *event["CATEGORIES"].cats))
    at_home, away = {("TRANSPARENT", "Home")}, {("OPAQUE", "Clinic")}
    assert kinds == {
        "Medicine at home": at_home,
        "The pump runs": at_home,
        "The pump ends, at the clinic": away,
        "Clinic visit": away,
        "Clinic visit, stays overnight": away,
        "Stay at the clinic": away,
    }


def test_how_often_and_when_are_no_doses_and_always_there(fixed: Plan) -> None:
    plain = feed(fixed, Who.PHARMACY, with_doses=False)
    assert "methotrexate, by mouth, 4 times that day, every 6 hours" in description(plain, "Continuation 1, day 22")
    assert "dexAMETHasone, by mouth, 2 times that day" in description(plain, "Block 1, day 1")
    rescue = "leucovorin, by mouth, 4 times that day, every 6 hours"
    clock = "first dose 48 h after the start of methotrexate"
    assert f"{rescue}, {clock}" in description(plain, "Block 2, day 10")
    assert rescue in description(plain, "Block 2, day 11")


def test_a_weekly_drug_names_its_weekday(dosed: bytes, family: bytes) -> None:
    line = "methotrexate, by mouth, once a week, on Tuesday"
    assert any(each.startswith(line) for each in description(dosed, "Continuation 1, day 8"))
    (said,) = (lines for title, lines in on(family, "2027-03-09").items() if title.startswith("Medicine"))
    assert any(line.startswith("methotrexate: TUESDAYS only, ") for line in said)


def test_a_drug_that_kills_by_another_route_says_so_on_days_with_an_intrathecal_one(plain: bytes, dosed: bytes) -> None:
    warning = "vinCRIStine: FATAL IF GIVEN BY ANY OTHER ROUTE."
    for data in (plain, dosed):
        assert warning in description(data, "Block 1, day 8")
        assert warning not in description(data, "Block 1, day 15")


def test_a_rescue_that_stays_open_says_so(dosed: bytes, family: bytes) -> None:
    assert "leucovorin goes on until methotrexate has cleared: ask the treating team." in description(
        dosed, "Block 2, day 11"
    )
    (said,) = on(family, "2027-01-08").values()
    assert said[0].startswith("leucovorin: how much: see the pharmacy label, or ask your team, ")
    assert said[0].endswith(", goes on until your team says stop")


@pytest.mark.parametrize("who", Who)
def test_a_draft_is_of_the_day_at_the_patients_place_of_the_last_recorded_entry(who: Who, fixed: Plan) -> None:
    said = re.compile("DRAFT of Sun 22-Nov-2026, not an issue: [A-Z]{4} [A-Z]{4}.")
    earlier = load_plan(Path(fixed.record.where.file), Settings(), revision=4)
    for plan in (fixed, earlier):
        data = feed(plan, who, with_doses=False)
        assert said.fullmatch(str(read(data)["DESCRIPTION"]).splitlines()[-1])


def test_an_event_says_when_it_last_changed_itself(plain: bytes, family: bytes) -> None:
    assert description(plain, "Block 1, day 2")[-1] == "Last changed Sun 22-Nov-2026, revision 4."  # the start
    assert description(plain, "Block 2, day 1")[-1] == "Last changed Sun 22-Nov-2026, revision 5."  # the arm
    assert [lines[-1] for lines in on(family, "2026-12-04").values()] == ["Last changed Sun 22-Nov-2026, revision 4."]
    assert not any("As of" in event["DESCRIPTION"] for event in live(plain))


@pytest.mark.parametrize("who", Who)
def test_without_a_recorded_entry_the_record_dates_the_feed(who: Who, fixed: Plan) -> None:
    bare = feed(replace(fixed, revision=3), who, with_doses=False)
    assert {line for line in unfolded(bare) if line.startswith("DTSTAMP")} == {"DTSTAMP:20261121T050000Z"}
    for event in live(bare):
        assert event["DESCRIPTION"].splitlines()[-1] == "Last changed Sat 21-Nov-2026, revision 3."


def test_only_courses_that_have_not_started_are_provisional(plain: bytes, family: bytes) -> None:
    assert not any("Provisional" in line for line in description(plain, "Block 1, day 8"))
    assert "Provisional: the date may change until Block 2 has started." in description(plain, "Block 2, day 8")
    said = "The date may still change: your team confirms it."
    for day, provisional in (("2026-12-08", False), ("2027-01-05", True)):
        assert {said in lines for lines in on(family, day).values()} == {provisional}


# --- what must not be in it


@pytest.mark.parametrize("doses", [False, True])
def test_neither_the_patients_name_nor_the_diagnosis(doses: bool, tmp_path: Path) -> None:
    record = tmp_path / "p.yaml"
    assert run("new", record, *CHILD, "--name", "Zelda Quine").returncode == 0
    plan = load_plan(record, Settings())
    for who in Who:
        text = "\n".join(unfolded(feed(plan, who, with_doses=doses)))
        for private in ("Zelda", "Quine", plan.record.key, "ALL", "leuk", "relapse", "2019-05-12", "20190512"):
            assert private not in text, (who, private)


DIAGNOSES = re.compile("leuk|lymphobl|relapse|cancer|tumou?r|malign|disease|chemo|blast|FATAL|AALL|MRD", re.IGNORECASE)


@pytest.mark.parametrize("case", SOME)
def test_a_family_reads_no_diagnosis_no_tall_letters_and_nothing_that_frightens(
    case: str, plans: dict[str, Plan], feeds: dict[tuple[str, Who], bytes]
) -> None:
    plan = plans[case]
    both = (feeds[case, Who.FAMILY], feed(plan, Who.FAMILY, with_doses=True))
    text = "\n".join(line for data in both for line in unfolded(data))
    assert not DIAGNOSES.findall(text)
    tall = {word for agent in plan.protocol.agents.values() for word in agent.written.split() if not word[1:].islower()}
    assert {"vinCRIStine", "dexAMETHasone"} <= tall
    assert not [word for word in tall if word in text]


@pytest.mark.parametrize("case", SOME)
def test_a_locked_screen_shows_no_drug_and_no_procedure(case: str, plans: dict[str, Plan]) -> None:
    protocol = plans[case].protocol
    titles = {str(event["SUMMARY"]) for event in live(feed(plans[case], Who.FAMILY, with_doses=True))}
    secret = {agent.written.lower() for agent in protocol.agents.values()} | {
        *map(str.lower, protocol.kinds.values()),
        *map(str.lower, protocol.plain_names.values()),
    }
    assert secret
    for title in titles:
        assert not [word for word in secret if word in title.lower()], title
        assert re.fullmatch(
            "Clinic visit(, stays overnight)?|Medicine at home: [1-9]|Stay at the clinic|The pump "
            "(runs|ends, at the clinic|: a new bag)",
            title,
        ), title


def test_confirmed_doses_only_if_asked_for(dosed: bytes, plain: bytes, fixed: Plan) -> None:
    assert not DOSE.search("\n".join(unfolded(plain)))
    assert not re.search(r"\d ?mg|tablets? of", "\n".join(unfolded(feed(fixed, Who.FAMILY, with_doses=False))))
    lines = description(dosed, "Block 1, day 1")
    assert lines[1:4] == [
        "vinCRIStine, into a vein: 1.17 mg once",
        "mitoxantrone, into a vein: 7.8 mg once, over 15-30 min",
        "methotrexate, into the spinal fluid: 12 mg once",
    ]


NOT_PRINTED = "Its dose is unverified and not printed: ask the treating team."


def test_an_unverified_dose_is_not_printed_and_the_line_says_so(dosed: bytes, plain: bytes, family: bytes) -> None:
    assert description(dosed, "Block 1, day 1")[0] == f"dexAMETHasone, by mouth, 2 times that day. {NOT_PRINTED}"
    rescue = "leucovorin, by mouth, 4 times that day, every 6 hours, first dose 48 h after the start of methotrexate"
    assert description(dosed, "Block 2, day 10")[0] == f"{rescue}. {NOT_PRINTED}"
    assert not DOSE.search("\n".join(description(dosed, "Block 2, day 10")))
    assert NOT_PRINTED not in "\n".join(unfolded(plain))
    asks = "dexamethasone: how much: see the pharmacy label, or ask your team, morning and evening"
    assert asks in on(family, "2026-12-01")["Medicine at home: 1"]


@pytest.mark.parametrize("case", SOME)
def test_with_doses_a_line_has_a_dose_unless_it_is_unverified(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    events = events_of(feed(plan, Who.PHARMACY, with_doses=True))
    titles = {each.course.id: each.course.title for each in plan.courses}
    found = set()
    for each in given(plan):
        if not goes_on(plan, each):
            text = str(events[f"{titles[each.course]}, day {each.day}"]["DESCRIPTION"])
            start, unsure = re.escape(sentence(plan, each)), is_unverified(plan.protocol, each.order_line)
            found.add(unsure)
            printed = rf": {re.escape(figure(each.dose))} {each.unit} "
            after = rf"[^:\n]*\. {re.escape(NOT_PRINTED)}$" if unsure else rf"[^:\n]*{printed}"
            assert re.search(rf"^{start}{after}", text, re.MULTILINE), each.id
    assert found == {True, False}


def test_by_their_own_name_all_doses_are_printed_and_the_feed_says_so(
    all_dosed: bytes, dosed: bytes, fixed: Plan
) -> None:
    says = "UNVERIFIED DOSES: give only what the treating team prescribed."
    lines = description(all_dosed, "Block 1, day 1")
    assert lines[0] == "dexAMETHasone, by mouth: 8 mg (unverified) each time (2 tablets of 4 mg), 2 times that day"
    assert lines[1] == "vinCRIStine, into a vein: 1.17 mg once"
    assert says in lines
    assert says in str(read(all_dosed)["DESCRIPTION"])
    assert says not in description(all_dosed, "Block 1, day 8")  # what is given then is confirmed
    assert NOT_PRINTED not in "\n".join(unfolded(all_dosed))
    assert says not in "\n".join(unfolded(dosed))
    family = feed(fixed, Who.FAMILY, with_doses=True, unverified_doses=True)
    says = says.replace("the treating team", "your team")
    found = on(family, "2026-12-01")
    assert (
        "dexamethasone: each time 2 tablets of 4 mg (unverified), morning and evening" in found["Medicine at home: 1"]
    )
    assert (says in found["Medicine at home: 1"], says in found["Clinic visit"]) == (True, False)
    assert says in str(read(family)["DESCRIPTION"])


@pytest.mark.parametrize("who", Who)
def test_unverified_doses_need_no_other_wish(who: Who, fixed: Plan) -> None:
    plan = replace(fixed, courses=fixed.courses[:3])
    wished = [feed(plan, who, with_doses=doses, unverified_doses=True) for doses in (False, True)]
    assert wished[0] == wished[1]


def test_every_dose_asked_for_is_there(plans: dict[str, Plan]) -> None:
    plan = plans["arm-c-cns3-adult-at-caps"]
    titles = {each.course.id: each.course.title for each in plan.courses}
    events = events_of(feed(plan, Who.PHARMACY, with_doses=True, unverified_doses=True))
    for each in given(plan):
        if not goes_on(plan, each):
            text = str(events[f"{titles[each.course]}, day {each.day}"]["DESCRIPTION"])
            start = re.escape(sentence(plan, each))
            dose = rf"^{start}[^:\n]*: {re.escape(figure(each.dose))} {each.unit}\b"
            assert re.search(dose, text, re.MULTILINE), each.id


def test_an_infusion_and_a_rescue_in_words(dosed: bytes, all_dosed: bytes) -> None:
    pump = "blinatumomab, into a vein, day and night: 11.7 mcg in 24 hours"
    assert description(dosed, "Blinatumomab Cycle 1, day 1")[:2] == [
        pump,
        "dexAMETHasone, by mouth: 3.9 mg once, first dose 30-60 min before the start of blinatumomab",
    ]
    runs = "runs from Tue 26-Jan-2027 until Tue 23-Feb-2027"
    assert description(dosed, "Blinatumomab Cycle 1")[:2] == [pump, runs]
    rescue = "leucovorin, by mouth: 11.7 mg (unverified) each time, 4 times that day, every 6 hours"
    clock = "first dose 48 h after the start of methotrexate"
    assert description(all_dosed, "Block 2, day 10")[0] == f"{rescue}, {clock}"
    assert description(all_dosed, "Block 2, day 11")[0] == rescue


@pytest.mark.parametrize("who", Who)
def test_an_unverified_definition_says_so_in_every_event(who: Who, fixed: Plan) -> None:
    for event in live(feed(fixed, who, with_doses=False)):
        assert "UNVERIFIED" in event["DESCRIPTION"]


# --- identity and sameness


FROZEN = {
    Who.CLINIC: {
        "Block 1, day 8: lumbar puncture, vinCRIStine": "624d470e977142e09495759f17c84276@protocal",
        "Block 1: counts before it may start": "ee2d4e913725c4c849de87c00c2181b7@protocal",
        "Blinatumomab Cycle 1: infusion of blinatumomab": "c5d4e4b279fcda73338f4687e01d7d9f@protocal",
        "Maintenance cycle 6, day 29: vinCRIStine": "691e19d8ef5d6d141b118424167d02bd@protocal",
    },
    Who.PHARMACY: {
        "Prepare for Block 1, day 8: vinCRIStine, methotrexate": "bcebc360e497adeb7500c2cf3836f1f5@protocal",
        "Blinatumomab Cycle 1: infusion of blinatumomab": "16bda99e00834a893af40b7a6406a400@protocal",
        "Prepare for Maintenance cycle 6, day 38: mercaptopurine": "e0516feb7d41e1d1fe165c6db2f6c4e7@protocal",
    },
}


@pytest.mark.parametrize("who", FROZEN)
def test_uids_of_those_who_give_and_prepare_never_change(who: Who, fixed: Plan) -> None:
    found = {str(event["SUMMARY"]): str(event["UID"]) for event in live(feed(fixed, who, with_doses=False))}
    assert {title: found[title] for title in FROZEN[who]} == FROZEN[who]


FROZEN_FOR_FAMILIES = {
    ("2026-12-01", "Clinic visit"): "0b9ad766e03a36af73aa7ccdbe54c1ba@protocal",  # as the feed of 0.1 had the day
    ("2026-12-01", "Medicine at home: 1"): "ca5e27ca35e3ef7f53c42b7a65a37fe3@protocal",
    ("2026-12-08", "Clinic visit"): "42006c74fe2a96e36d65922564cbd491@protocal",  # this too
    ("2027-01-05", "Stay at the clinic"): "f389c13c6f394fdf2f33e7793cce182b@protocal",
    ("2027-01-26", "The pump runs"): "6c05e80961f665176a1676c342a3f7a4@protocal",
    ("2027-02-23", "The pump ends, at the clinic"): "e0355fd5c6ac4e19ab3955b256d6f4b7@protocal",
}


def test_uids_of_families_never_change(family: bytes) -> None:
    found = {(str(event["DTSTART"].dt), str(event["SUMMARY"])): str(event["UID"]) for event in live(family)}
    assert {name: found[name] for name in FROZEN_FOR_FAMILIES} == FROZEN_FOR_FAMILIES


UIDS = {
    ("family", ""): "42006c74fe2a96e36d65922564cbd491@protocal",
    ("family", "it-mtx/8"): "6211bf58af8060d6d884f5f173a0a81c@protocal",
    ("family", "+home"): "7e23ec556d0832fab0a7e61bfbb03084@protocal",
    ("family", "mp/8+home"): "63513d2d9edba3a8027a823d12939abd@protocal",
    ("family", "9/1+held"): "5572df4bb2e9fe0349dddb775f8d0515@protocal",
    ("family", "vcr/8+timed"): "61ac659cb4ec744dc684ce143b6d23d8@protocal",
    ("family", "+gate"): "d030a568fef46020215153f92095f7f6@protocal",
    ("clinic", ""): "624d470e977142e09495759f17c84276@protocal",
    ("clinic", "it-mtx/8"): "5268077228892972323873240f99d570@protocal",
    ("clinic", "+home"): "18432df894665903ed6c6022459fb9a2@protocal",
    ("clinic", "mp/8+home"): "adae4e2d061406b6a15220855454747e@protocal",
    ("clinic", "9/1+held"): "7f330594f95b612bb1840b50e1580ce8@protocal",
    ("clinic", "vcr/8+timed"): "0d87ac32f872e4b3a0581693c776e111@protocal",
    ("clinic", "+gate"): "87715054b226a980e11275b82208f599@protocal",
    ("pharmacy", ""): "bcebc360e497adeb7500c2cf3836f1f5@protocal",
    ("pharmacy", "it-mtx/8"): "031099e992fb390ef68e4c2ec6c4e2f6@protocal",
    ("pharmacy", "+home"): "e1ade98cc6c876d70d5b484ceef95a83@protocal",
    ("pharmacy", "mp/8+home"): "612bbe708bcd6fb90da6742b31e11c57@protocal",
    ("pharmacy", "9/1+held"): "5c98b133e3605249047adfd076be10e7@protocal",
    ("pharmacy", "vcr/8+timed"): "8bcf9a32625c99343abff7eb50a0aa0c@protocal",
    ("pharmacy", "+gate"): "eb198376c313586991f26e2da9aba6fb@protocal",
}


def test_uids_of_any_entry_never_change() -> None:
    assert uid(KEY, Who.FAMILY, "block-1", 8) == "42006c74fe2a96e36d65922564cbd491@protocal"
    assert uid(KEY, Who.FAMILY, "block-1", 8, "it-mtx/8") == "6211bf58af8060d6d884f5f173a0a81c@protocal"
    found = {
        (who.value, part): uid(KEY, who, "block-1", 8, part)
        for who in Who
        for part in ("", "it-mtx/8", "+home", "mp/8+home", "9/1+held", "vcr/8+timed", "+gate")
    }
    assert len(set(found.values())) == len(found)
    assert found == UIDS


@pytest.mark.parametrize(("case", "who"), EVERY)
def test_uids_are_unique(case: str, who: Who, feeds: dict[tuple[str, Who], bytes]) -> None:
    uids = [str(event["UID"]) for event in read(feeds[case, who]).walk("VEVENT")]
    assert len(set(uids)) == len(uids)


def test_no_identity_leads_from_one_reader_to_another(fixed: Plan) -> None:
    uids = [{str(event["UID"]) for event in live(feed(fixed, who, with_doses=False))} for who in Who]
    assert sum(map(len, uids)) == len(set.union(*uids))


@pytest.mark.parametrize("who", Who)
def test_another_start_moves_the_same_events(who: Who, tmp_path: Path, fixed: Plan) -> None:
    path = tmp_path / "moved.yaml"
    path.write_text(with_seals(RECORD.replace("2026-12-01", "2026-12-03")))
    moved, before = (
        {str(event["UID"]): event["DTSTART"].dt for event in live(feed(plan, who, with_doses=False))}
        for plan in (load_plan(path, Settings()), fixed)
    )
    block_1 = uid(KEY, who, "block-1", 8)
    assert (moved[block_1] - before[block_1]).days == 2
    assert sum(moved[id_] != on for id_, on in before.items() if id_ in moved) > len(before) * 0.9


def test_the_same_record_gives_the_same_bytes(child: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in Who:
        written = []
        for number, zone in enumerate(("UTC", "Asia/Tokyo")):
            monkeypatch.setenv("TZ", zone)
            monkeypatch.setenv("PYTHONHASHSEED", str(number))
            target = tmp_path / f"{who.value}-{number}.ics"
            assert run("feed", child, "-o", target, "--for", who.value).returncode == 0
            written.append(target.read_bytes())
        assert written[0] == written[1]


# --- the format


@pytest.mark.parametrize(("case", "who"), EVERY)
def test_lines_are_folded_at_75_octets_and_end_in_crlf(
    case: str, who: Who, feeds: dict[tuple[str, Who], bytes]
) -> None:
    data = feeds[case, who]
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


@pytest.mark.parametrize(("who", "least"), [(Who.FAMILY, 600), (Who.CLINIC, 80), (Who.PHARMACY, 600)])
def test_what_every_event_needs(who: Who, least: int, fixed: Plan) -> None:
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
    lines = unfolded(feed(fixed, who, with_doses=False))
    starts = [index for index, line in enumerate(lines) if line == "BEGIN:VEVENT"]
    ends = [index for index, line in enumerate(lines) if line == "END:VEVENT"]
    assert len(starts) == len(ends) > least
    for start, end in zip(starts, ends, strict=True):
        pairs = [line.split(":", 1) for line in lines[start + 1 : end]]
        assert sorted(name for name, _ in pairs) == sorted(shapes)
        for name, value in pairs:
            assert re.fullmatch(shapes[name], value), (name, value)


@pytest.mark.parametrize("who", Who)
def test_an_event_ends_on_the_next_day_which_is_not_in_it(who: Who, fixed: Plan) -> None:
    long = 0
    for event in live(feed(fixed, who, with_doses=False, site=FULL)):
        assert type(event["DTSTART"].dt) is date
        days = (event["DTEND"].dt - event["DTSTART"].dt).days
        is_long = any(word in event["SUMMARY"] for word in ("infusion of", "The pump runs", "Stay at the clinic"))
        assert days in ((2, 29) if is_long else (1,)), event["SUMMARY"]
        long += is_long
    assert long


def test_a_language_without_a_catalogue_falls_back_to_the_words_in_the_code() -> None:
    assert messages("tlh-QO").gettext("by mouth") == "by mouth"


# --- the command


def test_the_command_replaces_its_own_file_and_no_other(child: Path, tmp_path: Path) -> None:
    target = tmp_path / "plan.ics"
    done = run("feed", child, "-o", target)
    said = f"wrote {target}\nissued: issue 1 of feed/family\n{CHILDS_WARNINGS}"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", said)
    before = target.read_bytes()
    said = "how much: see the pharmacy label"
    assert said in "\n".join(unfolded(before))
    assert run("feed", child, "-o", target, "--for", "clinic", "--draft").returncode == 0
    assert not DOSE.search("\n".join(unfolded(target.read_bytes())))
    assert run("feed", child, "-o", target, "--for", "clinic", "--doses", "--draft").returncode == 0
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
