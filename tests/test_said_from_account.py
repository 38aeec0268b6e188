"""Feeds and the family's pages say what the account says: days, infusions that go on, restarts, hours in boxes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from conftest import CHILD, run
from feeds import feed
from icalendar import Calendar, Event

from protocal.account import make_account
from protocal.model.days import ONE_DAY
from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.model.settings import Settings
from protocal.render.family.calendar import make_calendar
from protocal.render.family.pdf import calendar_pdf
from protocal.render.family.values import Day
from protocal.render.feed.days import Kind
from protocal.render.feed.reader_feed import uid
from protocal.render.feed.readers import entries_of
from protocal.render.roadmap import make_roadmap
from protocal.render.wording.catalogues import languages
from protocal.verify.calendar import calendar_problems
from protocal.verify.pdf_words import read_pages
from protocal.workflow.planning import load_plan

HERE = Settings()
SPANISH = Settings(language="es")
START = "entry: start, course: block-2, date: 2026-12-29"
PUMP = (
    "entry: start, course: blina-cycle-1, date: 2027-01-26",
    'entry: give, id: blina-cycle-1/blina/1, date: 2027-01-26, at: "2027-01-26T14:00:00-05:00"',
    'entry: interrupt, course: blina-cycle-1, at: "2027-02-03T03:15:00-05:00", why: fever',
    'entry: resume, course: blina-cycle-1, at: "2027-02-06T10:00:00-05:00", dose: 9.4, why: afebrile',
)
PEG_LATER = "entry: move, id: block-2/peg/9, date: 2027-01-09, why: made up"
Made = Callable[..., Plan]


def given(on: str, at: str = "") -> str:
    hour = f', at: "{on}T{at}:00-05:00"' if at else ""
    return f"entry: give, id: block-2/mtx-hd/8, date: {on}{hour}"


def cleared(at: str) -> str:
    return f'entry: clear, course: block-2, agent: methotrexate, at: "{at}:00-05:00", level: 0.08 micromol/L'


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("said") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record


@pytest.fixture
def plan_of(untouched: Path, tmp_path: Path) -> Made:
    def made(*lines: str) -> Plan:
        record = tmp_path / "p001.yaml"
        text = untouched.read_text(encoding="utf-8") + "".join(f"  - {{{line}}}\n" for line in lines)
        record.write_text(text, encoding="utf-8")
        return load_plan(record, HERE)

    return made


def events(plan: Plan, who: Who = Who.CLINIC, language: str = "en") -> list[Event]:
    """Those that are not cancelled."""
    found = Calendar.from_ical(feed(plan, who, with_doses=False, language=language)).events
    return [each for each in found if "STATUS" not in each]


def dates_of(event: Event) -> list[date]:
    """Every date that an event covers."""
    first, last = (each.date() if isinstance(each, datetime) else each for each in (event.start, event.end))
    last = last if isinstance(event.end, datetime) else last - ONE_DAY
    return [first + ONE_DAY * late for late in range((last - first).days + 1)]


def on_date(plan: Plan, on: str, who: Who = Who.CLINIC, language: str = "en") -> dict[str, list[str]]:
    """The events that cover a date by their title, with what they say."""
    found = (each for each in events(plan, who, language) if date.fromisoformat(on) in dates_of(each))
    return {str(each["SUMMARY"]): str(each["DESCRIPTION"]).splitlines() for each in found}


def at_home(plan: Plan, on: str, settings: Settings = HERE) -> Day:
    (found,) = (day for day in make_calendar(plan, settings).days if day.date == date.fromisoformat(on))
    return found


def in_clinic(day: Day) -> list[str]:
    return [each.text for each in day.clinic]


# --- which day of its course a date is


def test_a_dose_given_a_day_late_is_on_the_day_that_its_date_is(plan_of: Made) -> None:
    plan = plan_of(START, given("2027-01-06"))
    assert "Prepare for Block 2, day 9: methotrexate" in on_date(plan, "2027-01-06", Who.PHARMACY)
    assert at_home(plan, "2027-01-06").label == "day 9"
    parts = {Who.CLINIC: "mtx-hd/8+infusion", Who.PHARMACY: "mtx-hd/8", Who.FAMILY: "mtx-hd/8"}
    for who, part in parts.items():
        uids = {str(each["UID"]): each.start for each in events(plan, who)}
        assert uids[uid(plan.record.key, who, "block-2", 8, part)] == date(2027, 1, 6)


@pytest.mark.parametrize(
    "lines",
    [
        (START, given("2027-01-07", "21:00"), PEG_LATER),
        (START, "entry: delay, course: block-2, days: 4, from_day: 15, why: made up", given("2027-01-06")),
        (START, *PUMP),
        ("entry: move, id: block-1/it-mtx/8, date: 2026-12-15, why: made up",),
    ],
    ids=["late", "delayed", "pump", "puncture"],
)
def test_feed_and_calendar_count_the_days_as_the_account_does(plan_of: Made, lines: tuple[str, ...]) -> None:
    plan = plan_of(*lines)
    account = make_account(plan)
    labels = {day.date: day.label for day in make_calendar(plan, HERE).days}
    titles = {each.course.id: each.course.title for each in plan.courses}
    counted = 0
    for each in (*events(plan), *events(plan, Who.PHARMACY)):
        title = str(each["SUMMARY"]).removeprefix("Prepare for ")
        if ", day " not in title:
            continue  # infusions over days, and what must be before a course
        course, number = title.partition(":")[0].split(", day ")
        on = dates_of(each)[0]
        (day,) = (day for day in account.on(on) if titles[day.course.id] == course)
        if day.number is not None:
            counted += 1
            assert int(number) == day.number, title
            assert labels[on] == f"day {day.number}", title
    assert counted > 200


# --- infusions over more than a day


def test_a_date_on_which_only_an_infusion_goes_on_says_so(plan_of: Made) -> None:
    plan = plan_of(START, given("2027-01-05", "20:00"), PEG_LATER)
    clinic = {on: on_date(plan, on) for on in ("2027-01-05", "2027-01-06", "2027-01-07")}
    assert list(clinic["2027-01-06"]) == ["Block 2: infusion of methotrexate"]
    for found in clinic.values():
        said = found["Block 2: infusion of methotrexate"]
        assert said[1] == "runs from Tue 05-Jan-2027 20:00 until Thu 07-Jan-2027 08:00"
    family = {on: on_date(plan, on, Who.FAMILY) for on in clinic}
    assert list(family["2027-01-06"]) == ["Stay at the clinic"]
    for found in family.values():
        assert found["Stay at the clinic"][:2] == [
            "Methotrexate runs from Tuesday 5 January 20:00 until Thursday 7 January 08:00.",
            "Stays overnight until it has ended.",
        ]
    assert "Clinic visit, stays overnight" in family["2027-01-05"]
    assert not [title for title in family["2027-01-07"] if title.endswith("stays overnight")]
    assert in_clinic(at_home(plan, "2027-01-06")) == ["methotrexate infusion goes on", "stays overnight"]
    assert in_clinic(at_home(plan, "2027-01-07"))[0] == "methotrexate infusion goes on, until 08:00"
    assert in_clinic(at_home(plan, "2027-01-05"))[-1] == "stays overnight"
    for who in (Who.CLINIC, Who.FAMILY):
        (event,) = (each for each in events(plan, who) if date(2027, 1, 6) in dates_of(each))
        assert (event["TRANSP"], event["CATEGORIES"].cats) == ("OPAQUE", ["Clinic"])


def test_it_says_so_in_spanish(plan_of: Made) -> None:
    plan = plan_of(START, given("2027-01-05", "20:00"), PEG_LATER)
    clinic = on_date(plan, "2027-01-06", language="es")
    assert clinic["Bloque 2: infusión de methotrexate"][1] == "pasa del mar 05-ene-2027 20:00 al jue 07-ene-2027 08:00"
    family = on_date(plan, "2027-01-06", Who.FAMILY, "es")
    assert family["Estancia en la clínica"][:2] == [
        "Methotrexate en marcha. Empieza: martes 5 de enero 20:00. Termina: jueves 7 de enero 08:00.",
        "Pasa la noche allí hasta que termine.",
    ]
    assert in_clinic(at_home(plan, "2027-01-07", SPANISH))[0] == "la infusión de methotrexate continúa, hasta las 08:00"


def test_it_says_so_in_french(plan_of: Made) -> None:
    plan = plan_of(START, given("2027-01-05", "20:00"), PEG_LATER)
    clinic = on_date(plan, "2027-01-06", language="fr")
    assert clinic["Bloc 2\N{NO-BREAK SPACE}: perfusion de methotrexate"][1] == (
        "coule du mar 05-janv-2027 20:00 au jeu 07-janv-2027 08:00"
    )
    family = on_date(plan, "2027-01-06", Who.FAMILY, "fr")
    quote = "\N{RIGHT SINGLE QUOTATION MARK}"
    assert family[f"Séjour à l{quote}hôpital"][:2] == [
        "Methotrexate, en cours du mardi 5 janvier 20:00 au jeudi 7 janvier 08:00.",
        f"Nuits à l{quote}hôpital jusqu{quote}à la fin de la perfusion.",
    ]
    said = in_clinic(at_home(plan, "2027-01-07", Settings(language="fr")))
    assert said[0] == "la perfusion de methotrexate se poursuit, jusqu\N{RIGHT SINGLE QUOTATION MARK}à 08:00"


def test_its_event_has_an_identity_that_nothing_else_can_have(plan_of: Made) -> None:
    plan = plan_of(START, given("2027-01-05", "20:00"), PEG_LATER)
    (event,) = (each for each in events(plan) if date(2027, 1, 6) in dates_of(each))
    assert str(event["UID"]) == uid(plan.record.key, Who.CLINIC, "block-2", 8, "mtx-hd/8+infusion")
    for who in Who:
        days = [list(make_account(plan).of(each.course.id)) for each in plan.courses]
        names = [name for each in days for name in entries_of(each, who).items()]
        assert all(entry.kind is Kind.INFUSION for (_number, part), entry in names if part.endswith("+infusion"))
        # A part of a day is a kind, `KEY/bag`, or begins with `KEY/NUMBER`: none has a plus sign.
        assert all(part.count("+") == (entry.kind is not Kind.DAY) for (_number, part), entry in names)


def test_without_such_an_infusion_no_event_is_new(plans: dict[str, Plan]) -> None:
    plan = plans["arm-b-cns3-child"]
    assert not [run for found in make_account(plan).days.values() for each in found for run in each.running]
    for each in plan.courses:
        for who in Who:
            days = list(make_account(plan).of(each.course.id))
            found = entries_of(days, who)
            assert not any("goes-on" in part or "/restart-" in part for _number, part in found)
            pumps = {f"{dose.line.id.in_course}+infusion" for day in days for dose in day.due if dose.starts_pump}
            assert {part for (_number, part), day in found.items() if day.kind is Kind.INFUSION} == pumps
            assert not any(day.restarts or day.overnight for day in found.values())


# --- restarts


def test_a_supervised_restart_is_a_visit_with_its_hour_and_its_premedication_is_given_there(plan_of: Made) -> None:
    plan = plan_of(START, given("2027-01-05", "09:00"), cleared("2027-01-08T12:00"), *PUMP)
    day = at_home(plan, "2027-02-06")
    assert in_clinic(day) == ["blinatumomab pump starts again at 10:00, with your team", "dexAMETHasone by mouth"]
    assert day.clinic[1].note == "before the start of blinatumomab"
    assert day.doses == ()
    said = [line for lines in on_date(plan, "2027-02-06").values() for line in lines]
    assert "blinatumomab: the infusion goes on again at 10:00, in the clinic" in said
    (visit,) = (lines for title, lines in on_date(plan, "2027-02-06", Who.FAMILY).items() if title == "Clinic visit")
    assert visit[:2] == [
        "Blinatumomab pump starts again at 10:00, with your team.",
        "Dexamethasone by mouth, before the start of blinatumomab.",
    ]
    for who in (Who.CLINIC, Who.FAMILY):
        for each in events(plan, who):
            if each["SUMMARY"] != "The pump runs" and dates_of(each) == [date(2027, 2, 6)]:
                assert (each["TRANSP"], each["CATEGORIES"].cats) == ("OPAQUE", ["Clinic"]), each["SUMMARY"]


def test_what_leads_up_to_a_pump_is_never_a_box_at_home(plans: dict[str, Plan]) -> None:
    plan = plans["arm-d-cns2-child"]
    led = {line.id for line in plan.administrations if line.order_line.first_dose and line.order_line.first_dose.before}
    assert led
    assert not led & {dose.administration for day in make_calendar(plan, HERE).days for dose in day.doses}


def test_a_restart_on_a_date_without_anything_else_is_an_event_of_its_own(plan_of: Made) -> None:
    late = PUMP[3].replace("T10:00", "T23:30")
    omitted = "entry: omit, ids: [blina-cycle-1/dex-premed/1/restart-1], why: made up"
    plan = plan_of(START, *PUMP[:3], late, omitted)
    parts = {Who.CLINIC: "blina/restart-1+timed", Who.FAMILY: "blina/restart-1"}
    says = {
        Who.CLINIC: "the infusion goes on again at 23:30, in the clinic",
        Who.FAMILY: "pump starts again at 23:30, with your team",
    }
    for who, part in parts.items():
        identity = uid(plan.record.key, who, "blina-cycle-1", 1, part)
        (event,) = (each for each in events(plan, who) if str(each["UID"]) == identity)
        assert f"{event.start:%Y-%m-%d %H:%M}" == "2027-02-06 23:30"
        assert says[who] in event["DESCRIPTION"]
        assert event["CATEGORIES"].cats == ["Clinic"]


def test_a_short_stop_is_no_visit(plan_of: Made) -> None:
    soon = PUMP[3].replace("2027-02-06T10:00", "2027-02-03T05:00")
    plan = plan_of(START, *PUMP[:3], soon)
    assert in_clinic(at_home(plan, "2027-02-03")) == []
    assert "Clinic visit" not in on_date(plan, "2027-02-03", Who.FAMILY)
    clinic = [line for lines in on_date(plan, "2027-02-03").values() for line in lines]
    assert "blinatumomab: the infusion goes on again at 05:00" in clinic
    assert not any("in the clinic" in line for line in clinic)


# --- where a pump starts, and what is at home


def test_a_pump_starts_with_the_first_dose_that_is_given(plan_of: Made) -> None:
    plan = plan_of(START, PUMP[0], "entry: omit, ids: [blina-cycle-1/blina/1], why: no pump at hand")
    starts = [
        dose.line.id for dose in make_account(plan).due if dose.starts_pump and dose.line.course == "blina-cycle-1"
    ]
    assert starts == ["blina-cycle-1/blina/2"]
    assert "blinatumomab pump starts" in in_clinic(at_home(plan, "2027-01-27"))
    assert at_home(plan, "2027-01-27").pump == ()
    (sheet,) = make_roadmap(plan, HERE, ["blina-cycle-1"]).sheets
    rows = (row for page in sheet.pages for grid in page.grids for block in grid.blocks for row in block.days)
    (row,) = (row for row in rows if row.day == 2)
    assert [(line.label, line.clock_blank) for line in row.lines if line.cells] == [("from", True)]


def test_the_feed_says_when_a_pump_starts_once(plan_of: Made) -> None:
    plan = plan_of(START, *PUMP)
    for who, starts in ((Who.CLINIC, "the pump starts at 14:00"), (Who.FAMILY, "pump starts, at 14:00")):
        said = [each for each in events(plan, who) if re.search(r"pump starts,? at", each["DESCRIPTION"])]
        assert [dates_of(each)[0] for each in said] == [date(2027, 1, 26)]
        assert starts in said[0]["DESCRIPTION"]


def test_pages_with_nothing_to_take_at_home_speak_of_no_doses(plan_of: Made) -> None:
    plan = plan_of(START, PUMP[0])
    only = replace(plan, courses=tuple(each for each in plan.courses if each.course.id == "blina-cycle-1"))
    assert {line.route.value for line in only.administrations} >= {"PO", "CIV"}  # what is given before the pump starts
    for unverified in (False, True):
        head = make_calendar(only, HERE, unverified_doses=unverified).head
        assert head.kind == ""
        assert head.unverified[0] == "UNVERIFIED: the plan that this was made from has not been verified."


# --- on paper


@pytest.mark.parametrize("settings", [Settings(language=language) for language in languages()], ids=languages())
@pytest.mark.parametrize(("at", "level"), [("06:00", "2027-01-08T23:00"), ("20:00", "2027-01-10T09:00"), ("02:00", "")])
def test_hours_beside_boxes_stay_in_the_cell_of_their_day(
    plan_of: Made, at: str, level: str, settings: Settings
) -> None:
    plan = plan_of(START, given("2027-01-05", at), *([cleared(level)] if level else []))
    calendar = make_calendar(plan, settings, since=date(2027, 1, 3), until=date(2027, 1, 16))
    heads = set(calendar.pages[0].weekdays)
    pdf = calendar_pdf(calendar, settings, plan.issued)
    (page,) = [page for page in read_pages(pdf) if heads <= {word.text for word in page.words}]
    lefts = sorted(word.left for word in page.words if word.text in heads)
    hours = [word for word in page.words if re.search(r"\d\d:\d\d$", word.text)]
    assert len(hours) > 5
    for word in hours:
        assert word.right < min((left for left in lefts if left > word.left + 2), default=page.width - 20), word
    assert calendar_problems(pdf, plan, settings, since=date(2027, 1, 3), until=date(2027, 1, 16)) == []


def test_read_back_finds_an_infusion_that_is_not_said_to_go_on(plan_of: Made) -> None:
    plan = plan_of(START, given("2027-01-05", "20:00"), PEG_LATER)
    calendar, on = make_calendar(plan, HERE, since=date(2027, 1, 3), until=date(2027, 1, 9)), date(2027, 1, 6)
    (page,) = calendar.pages
    weeks = [
        replace(week, days=tuple(replace(day, clinic=()) if day.date == on else day for day in week.days))
        for week in page.weeks
    ]
    pdf = calendar_pdf(replace(calendar, pages=(replace(page, weeks=tuple(weeks)),)), HERE, plan.issued)
    found = calendar_problems(pdf, plan, HERE, since=date(2027, 1, 3), until=date(2027, 1, 9))
    assert [each.message for each in found if "Wed 06-Jan-2027, methotrexate" in each.message]
