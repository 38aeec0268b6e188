"""A family's calendar: each dose at home once on its date, whom to call on every page, no unconfirmed dose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from conftest import CASES
from conftest import run_process as run
from pages import laid_out
from test_figures import text_of, wrong_forms

from protocal.model.doses import Route
from protocal.model.paper_size import Paper
from protocal.model.plan import Administration, Plan, Status
from protocal.model.product import parse_product
from protocal.model.settings import ForFamilies, Settings
from protocal.plan.unverified import is_unverified
from protocal.read.settings import read_settings
from protocal.render.family.calendar import make_calendar, make_pocket_page
from protocal.render.family.pdf import calendar_html, calendar_pdf
from protocal.render.family.values import Day, Dose, FamilyCalendar, Shown
from protocal.render.wording.catalogues import languages, messages
from protocal.render.wording.family import FamilyWords
from protocal.render.wording.paper import words_in
from protocal.render.wording.products import product_text
from protocal.workflow.planning import load_plan

SAYS = ForFamilies(
    call_by_day="Clinic, weekdays 8:00 to 17:00: 555-0140",
    call_at_night="Cancer ward: 555-0142",
    fever="38 C or more: call at once.",
    before_sedation="Nothing to eat from midnight.",
    bring="the tablets that are left",
)
SITE = Settings(family=SAYS, clinic="Sample Centre")
CHILD = "arm-d-cns2-child"


def by_mouth(plan: Plan) -> list[Administration]:
    """What is given at home: not what the team gives before it starts a pump."""
    return [
        line
        for line in plan.administrations
        if line.route is Route.PO
        and line.status.takes_place
        and not (line.order_line.first_dose and line.order_line.first_dose.before)
    ]


def doses(calendar: FamilyCalendar) -> list[tuple[date, Dose]]:
    return [(day.date, dose) for day in calendar.days for dose in day.doses]


def on(calendar: FamilyCalendar, day: str) -> Day:
    (found,) = [each for each in calendar.days if each.date == date.fromisoformat(day)]
    return found


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


# --- what stands on which date


@pytest.mark.parametrize("case", CASES)
def test_each_dose_at_home_stands_once_on_its_date_with_a_box_for_each_time(case: str, plans: dict[str, Plan]) -> None:
    found = doses(make_calendar(plans[case], SITE))
    assert Counter((day, dose.administration, len(dose.boxes)) for day, dose in found) == Counter(
        (line.date, line.id, line.per_day) for line in by_mouth(plans[case])
    )


@pytest.mark.parametrize("case", CASES)
def test_what_is_done_in_clinic_stands_on_its_date_by_name(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    days = {day.date: day for day in make_calendar(plan, SITE).days}
    for line in plan.administrations:
        if line.route is not Route.PO and line.status.takes_place:
            day = days[line.date]
            said = " ".join(each.text for each in (*day.clinic, *day.pump))
            assert plan.protocol.agents[line.agent].written in said, line.id
    for event in (*plan.procedures, *plan.evaluations):
        day = days[event.date]
        assert FamilyWords(messages("en")).kind(event.kind, plan.protocol) in " ".join(
            each.text for each in (*day.clinic, *day.pump)
        )


def test_every_date_of_the_therapy_has_one_cell_and_the_months_follow_each_other(plans: dict[str, Plan]) -> None:
    calendar = make_calendar(plans[CHILD], SITE)
    dates = [day.date for day in calendar.days]
    assert dates[0] == date(2026, 12, 1)
    assert dates == [dates[0] + timedelta(days=index) for index in range(len(dates))]
    assert [page.title for page in calendar.pages[:2]] == ["December 2026", "January 2027"]
    assert calendar.pages[0].number == f"sheet 1 of {len(calendar.sheets)}"
    assert all(len(week.days) == 7 for page in calendar.pages for week in page.weeks)


@pytest.mark.parametrize(("sunday_first", "first"), [(True, "Sunday"), (False, "Monday")])
def test_weeks_begin_on_the_day_that_the_site_says(sunday_first: bool, first: str, plans: dict[str, Plan]) -> None:
    settings = replace(SITE, family=replace(SAYS, sunday_first=sunday_first))
    for page in make_calendar(plans[CHILD], settings).pages:
        assert page.weekdays[0] == first
        assert {f"{week.days[0].date:%A}" for week in page.weeks} == {first}


def test_a_course_is_its_dates_and_all_that_any_course_brings_on_them(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    calendar = make_calendar(plan, SITE, courses=["block-1"])
    assert (calendar.days[0].date, calendar.days[-1].date) == (date(2026, 12, 1), date(2026, 12, 29))
    last = on(calendar, "2026-12-29")
    assert {each.text for each in last.clinic} >= {"bone marrow test", "vinCRIStine into a vein"}
    assert [dose.administration for dose in last.doses] == ["block-2/dex/1"]
    off = [day for page in calendar.pages for week in page.weeks for day in week.days if day.shown is Shown.OFF]
    assert [day.date.day for day in off] == [30, 31]
    assert all(day.empty for day in off)


def test_from_and_to_choose_dates(plans: dict[str, Plan]) -> None:
    calendar = make_calendar(plans[CHILD], SITE, since=date(2026, 12, 5), until=date(2027, 1, 2))
    assert [page.title for page in calendar.pages] == ["December 2026", "January 2027"]
    assert len(calendar.days) == 29


def test_weekly_doses_name_their_weekday_and_never_others(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    lines = {line.id: line for line in by_mouth(plan)}
    calendar = make_calendar(plan, SITE)
    weekly = [(day, dose) for day, dose in doses(calendar) if dose.weekly]
    assert {dose.administration for _day, dose in weekly} == {
        id_ for id_, line in lines.items() if line.order_line.frequency.weekly
    }
    assert all(dose.weekly == f"{day:%A}S only".upper().replace("ONLY", "only") for day, dose in weekly)
    assert calendar.drugs
    entry = next(entry for entry in calendar.drugs.legend if entry.name == "methotrexate")
    assert entry.strong == "Never every day: only on the days that say so."


def test_doses_hours_apart_have_a_blank_hour_each_until_the_first_is_recorded(child: Path) -> None:
    def four() -> Dose:
        calendar = make_calendar(load_plan(child, SITE), SITE)
        (found,) = [dose for _day, dose in doses(calendar) if dose.administration == "continuation-1/mtx-6h/22"]
        return found

    before = four()
    assert before.boxes == ("1.", "2.", "3.", "4.")
    assert before.hours_blank
    assert before.instead == "today 4 doses, in place of the Tuesday dose"
    assert "every 6 hours, at night too" in before.notes
    assert run("start", child, "continuation-1", "2027-03-02", "--anc", "900", "--platelets", "90000").returncode == 0
    done = run("give", child, "continuation-1/mtx-6h/22", "2027-03-23", "--at", "09:00")
    assert done.returncode == 0, done.stderr
    after = four()
    assert after.boxes == ("09:00", "15:00", "21:00", "Wednesday 03:00")
    assert not after.hours_blank
    assert after.given


def test_held_and_omitted_doses_are_left_out_and_moved_ones_stand_on_their_new_date(child: Path) -> None:
    for words in (
        ("start", child, "continuation-1", "2027-03-02", "--anc", "900", "--platelets", "90000"),
        ("omit", child, "continuation-1/dex/3", "--reason", "made up"),
        ("hold", child, "continuation-1", "--from", "2027-03-20", "--days", "3", "--reason", "made up"),
        ("move", child, "continuation-1/mtx-weekly/8", "2027-03-10", "--reason", "made up"),
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
    plan = load_plan(child, SITE)
    assert {line.status for line in plan.administrations} >= {Status.HELD, Status.OMITTED, Status.MOVED}
    calendar = make_calendar(plan, SITE)
    found = doses(calendar)
    assert sorted(dose.administration for _day, dose in found) == sorted(line.id for line in by_mouth(plan))
    (moved,) = [(day, dose) for day, dose in found if dose.administration == "continuation-1/mtx-weekly/8"]
    assert (moved[0], moved[1].weekly) == (date(2027, 3, 10), "this week on WEDNESDAY")
    assert on(calendar, "2027-03-20").empty


def test_a_lumbar_puncture_says_what_the_site_says_of_food_and_the_day_before_it_says_so(
    plans: dict[str, Plan],
) -> None:
    plan = plans[CHILD]
    punctures = {event.date for event in plan.procedures if event.kind == "lumbar-puncture"}
    for settings, said in ((SITE, "Nothing to eat from midnight."), (Settings(), "ask your team.")):
        calendar = make_calendar(plan, settings)
        noted = {day.date for day in calendar.days for each in day.clinic if each.note.endswith(f"before it: {said}")}
        assert noted == punctures
        eves = {day.date for day in calendar.days if day.eve}
        assert eves == {day - timedelta(days=1) for day in punctures} & {day.date for day in calendar.days}


def test_dates_of_courses_that_have_not_started_are_marked(plans: dict[str, Plan]) -> None:
    calendar = make_calendar(plans[CHILD], SITE)
    assert not on(calendar, "2026-12-28").provisional
    assert on(calendar, "2027-01-01").provisional
    assert on(calendar, "2026-12-29").starts == ("Block 2 may start",)
    assert on(calendar, "2026-12-01").starts == ("Block 1 starts",)
    html = next(calendar_html(calendar, SITE, plans[CHILD].issued))
    assert "may still change" in " ".join(text_of(html).split())


def test_doses_on_the_weekday_of_a_weekly_drug_say_that_they_stand_in_its_place(
    child: Path, plans: dict[str, Plan]
) -> None:
    found = [(day, dose) for day, dose in doses(make_calendar(plans[CHILD], SITE)) if dose.instead]
    assert {(dose.drug, dose.weekly) for _day, dose in found} == {("methotrexate", "")}
    assert date(2027, 3, 23) in {day for day, _dose in found}
    for day, dose in found:
        assert dose.instead == f"today {len(dose.boxes)} doses, in place of the {day:%A} dose"
    spanish = replace(SITE, language="es")
    (other,) = [dose for dose in on(make_calendar(plans[CHILD], spanish), "2027-03-23").doses if dose.instead]
    assert other.instead == "hoy 4 dosis, en lugar de la dosis del martes"
    for words in (
        ("start", child, "continuation-1", "2027-03-02", "--anc", "900", "--platelets", "90000"),
        ("move", child, "continuation-1/mtx-6h/22", "2027-03-24", "--reason", "made up"),
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
    moved = [
        dose for dose in on(make_calendar(load_plan(child, SITE), SITE), "2027-03-24").doses if len(dose.boxes) > 1
    ]
    assert [dose.instead for dose in moved] == [""], "a Wednesday is no weekday of the weekly dose"


def test_the_weekday_of_a_weekly_drug_stands_by_its_name_above_the_blank(plans: dict[str, Plan]) -> None:
    plan, tuesday = plans[CHILD], date(2027, 3, 9)
    for calendar in (make_calendar(plan, SITE, since=tuesday, until=tuesday), make_pocket_page(plan, SITE, tuesday)):
        text = " ".join(text_of(next(calendar_html(calendar, SITE, plan.issued))).split())
        assert re.search(r"methotrexate TUESDAYS only how much:", text)


def test_a_morning_dose_on_the_day_of_a_fasting_puncture_is_a_question_for_the_clinic(
    child: Path, plans: dict[str, Plan]
) -> None:
    plan, said = plans[CHILD], "Morning medicine before it: ask your team."
    calendar = make_calendar(plan, SITE)
    at_home = {line.date for line in by_mouth(plan)}
    punctures = {event.date for event in plan.procedures if event.kind == "lumbar-puncture"}
    asked = {day.date for day in calendar.days for each in day.clinic if each.ask}
    assert asked == punctures & at_home
    assert asked < punctures, "some have no dose at home"
    assert {each.ask for day in calendar.days for each in day.clinic} == {said, ""}
    silent = replace(SITE, family=replace(SAYS, before_sedation=""))
    assert not any(each.ask for day in make_calendar(plan, silent).days for each in day.clinic)
    march = make_calendar(plan, SITE, since=date(2027, 3, 2), until=date(2027, 3, 2))
    assert said in " ".join(text_of(next(calendar_html(march, SITE, plan.issued))).split())
    done = run("start", child, "continuation-1", "2027-03-02", "--anc", "900", "--platelets", "90000")
    assert done.returncode == 0, done.stderr
    due = [line.id for line in by_mouth(load_plan(child, SITE)) if line.date == date(2027, 3, 2)]
    assert run("omit", child, *due, "--reason", "made up").returncode == 0
    (puncture, *_rest) = on(make_calendar(load_plan(child, SITE), SITE), "2027-03-02").clinic
    assert (puncture.note, puncture.ask) == ("Food and drink before it: Nothing to eat from midnight.", "")


def test_dates_on_hold_and_of_a_pump_that_stands_still_say_so_and_no_others(child: Path) -> None:
    for words in (
        ("start", child, "continuation-1", "2027-03-02", "--anc", "900", "--platelets", "90000"),
        ("hold", child, "continuation-1", "--from", "2027-03-20", "--days", "3", "--reason", "made up"),
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
    plan = load_plan(child, SITE)
    held = {day.date: day.held for day in make_calendar(plan, SITE).days if day.held and day.date.month > 1}
    assert held == {date(2027, 3, day): "no treatment: on hold, ask your team" for day in (20, 21, 22)}
    pocket = make_pocket_page(plan, SITE, date(2027, 3, 15))
    text = " ".join(text_of(next(calendar_html(pocket, SITE, plan.issued))).split())
    assert text.count("no treatment: on hold, ask your team") == 3
    assert "nothing planned" not in text


def test_the_days_after_a_rescue_say_that_it_may_go_on_until_its_level_has_cleared(child: Path) -> None:
    calendar = make_calendar(load_plan(child, SITE), SITE)
    said = {day.date: day.held for day in calendar.days if day.held}
    assert said == {date(2027, 1, day): "leucovorin goes on unless your team said stop" for day in (9, 10, 11)}
    site = child.parent / "site.yaml"
    site.write_text("format: 1\nclearances: {methotrexate: below 0.1 micromol/L}\n", encoding="utf-8")
    level = ("--level", "0.08 micromol/L", "--settings", site)
    for words in (
        ("start", child, "block-2", "2026-12-29"),
        ("give", child, "block-2/mtx-hd/8", "2027-01-05", "--at", "09:00"),
        ("clear", child, "block-2", "methotrexate", "--at", "2027-01-08 12:00", *level),
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
    assert not any(day.held for day in make_calendar(load_plan(child, SITE), SITE).days)


def test_dates_on_which_a_pump_stands_still_say_so(child: Path) -> None:
    for words in (
        ("start", child, "blina-cycle-1", "2027-01-26"),
        ("give", child, "blina-cycle-1/blina/1", "2027-01-26", "--at", "14:00"),
        ("interrupt", child, "blina-cycle-1", "--at", "2027-02-03 03:15", "--reason", "made up"),
        ("resume", child, "blina-cycle-1", "--at", "2027-02-05 10:00", "--dose", "9.4", "--reason", "made up"),
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
    calendar = make_calendar(load_plan(child, SITE), SITE)
    held = {day.date: day.held for day in calendar.days if day.held and day.date.month > 1}
    assert held == {date(2027, 2, day): "the pump is stopped: ask your team" for day in (3, 4)}
    assert [on(calendar, f"2027-02-{day:02}").label for day in (5, 6)] == ["day 11", "day 12"], "as the course counts"


# --- rule S28


@pytest.mark.parametrize("case", CASES)
def test_a_dose_that_nothing_confirms_is_left_blank_unless_somebody_asked(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    unsure = {line.id for line in by_mouth(plan) if is_unverified(plan.protocol, line.order_line)}
    later = {line.id for line in by_mouth(plan) if line.provisional}
    assert {dose.administration for _day, dose in doses(make_calendar(plan, SITE)) if not dose.much} == unsure | later
    asked = make_calendar(plan, SITE, unverified_doses=True)
    assert all(dose.much for _day, dose in doses(asked))
    assert {dose.administration for _day, dose in doses(asked) if dose.unsure} == unsure
    assert "UNVERIFIED DOSES" in asked.head.unverified[0]


def test_no_page_has_an_unverified_figure_and_with_them_every_page_says_so(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    block_1 = {"courses": ["block-1"]}
    bare = [text_of(html) for html in calendar_html(make_calendar(plan, SITE, **block_1), SITE, plan.issued)]  # type: ignore[arg-type]
    assert all("doses that nothing confirms are not printed" in page for page in bare)
    assert not any(re.search(r"tablets?\sof", page) for page in bare)
    asked = make_calendar(plan, SITE, unverified_doses=True)
    pages = [text_of(html) for html in calendar_html(asked, SITE, plan.issued)]
    assert re.search(r"tablets?\sof", pages[0])
    assert all("UNVERIFIED DOSES are printed" in page for page in pages)


def test_what_is_confirmed_stands_in_tablets(child: Path) -> None:
    for words in (
        ("measure", child, "--date", "2027-11-01", "--height", "118", "--weight", "21.5"),
        ("start", child, "maintenance-1", "2027-11-16", "--anc", "900", "--platelets", "90000"),
    ):
        done = run(*words)
        assert done.returncode == 0, done.stderr
    day = on(make_calendar(load_plan(child, SITE), SITE), "2027-11-23")
    assert {dose.drug: bool(re.fullmatch(r"\S+\stablets?\sof\s\S+\smg", dose.much)) for dose in day.doses} == {
        "mercaptopurine": True,
        "methotrexate": True,
    }


def test_a_confirmed_dose_is_blank_until_its_course_has_started_and_never_in_tablets_before(child: Path) -> None:
    plan = load_plan(child, SITE)
    later = {
        line.id: line
        for line in by_mouth(plan)
        if line.provisional and not is_unverified(plan.protocol, line.order_line)
    }
    assert later
    bare, asked = make_calendar(plan, SITE), make_calendar(plan, SITE, unverified_doses=True)
    assert {dose.much for _day, dose in doses(bare) if dose.administration in later} == {""}
    said = [dose for _day, dose in doses(asked) if dose.administration in later]
    assert all(dose.provisional and re.fullmatch(r"(each time )?[\d.,]+\xa0mg", dose.much) for dose in said)
    html = [text for text in calendar_html(asked, SITE, plan.issued) if "Maintenance" in text]
    assert html
    assert all(text.count('<span class="may">') >= text.count("mercaptopurine</b>") for text in html)


def test_blanks_say_whether_they_are_for_a_day_or_for_each_time(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    march = make_calendar(plan, SITE, since=date(2027, 3, 3), until=date(2027, 3, 3))
    text = " ".join(text_of(next(calendar_html(march, SITE, plan.issued))).split())
    assert re.search(r"dexAMETHasone\s*each time how much:\s*morning\s*evening\s*mercaptopurine\s*how much:", text)


# --- room on the page


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("paper", Paper)
def test_a_month_is_one_page(case: str, language: str, paper: Paper, plans: dict[str, Plan]) -> None:
    settings = replace(SITE, language=language, paper=paper)
    for unverified_doses in (False, True):
        calendar = make_calendar(plans[case], settings, unverified_doses=unverified_doses)
        over = [page.title for page in calendar.pages if not page.fits]
        assert over == []


@pytest.mark.parametrize("unverified_doses", [False, True])
def test_months_that_are_worked_out_to_be_one_page_are_and_their_weeks_are_as_tall_as_worked_out(
    unverified_doses: bool, plans: dict[str, Plan]
) -> None:
    plan = plans["arm-c-cns1-toddler"]
    calendar = make_calendar(plan, SITE, unverified_doses=unverified_doses, until=date(2027, 12, 31))
    laid = laid_out(lambda: calendar_pdf(calendar, SITE, plan.issued))
    assert len(laid.boxes) == len(calendar.sheets)
    for page, box in zip(calendar.pages, laid.boxes, strict=False):
        _head, *rows = [each.height * 0.75 for each in elements(box) if each.element_tag == "tr"]
        assert rows == pytest.approx([week.height for week in page.weeks], abs=0.3), page.title


def elements(box: Any) -> Iterator[Any]:
    """A box of the renderer's with all that is in it."""
    yield box
    for child in getattr(box, "children", ()):
        yield from elements(child)


@pytest.mark.parametrize("pocket", [False, True])
def test_boxes_to_tick_are_at_least_3_mm(pocket: bool, plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    first, last = date(2027, 3, 1), date(2027, 3, 31)
    calendar = make_pocket_page(plan, SITE, first) if pocket else make_calendar(plan, SITE, since=first, until=last)
    laid = laid_out(lambda: calendar_pdf(calendar, SITE, plan.issued))
    boxes = [
        each
        for page in laid.boxes
        for each in elements(page)
        if each.element is not None and each.element.get("class") == "box"
    ]
    assert len(boxes) == sum(len(dose.boxes) for _day, dose in doses(calendar))
    least = 3 / 25.4 * 96
    assert all(each.border_width() >= least and each.border_height() >= least for each in boxes)


def test_more_room_is_between_two_drugs_than_within_one_and_doses_stand_below_each_other(
    plans: dict[str, Plan],
) -> None:
    plan = plans[CHILD]
    for unverified_doses in (False, True):
        calendar = make_calendar(
            plan, SITE, unverified_doses=unverified_doses, since=date(2027, 3, 1), until=date(2027, 3, 31)
        )
        (page, *_rest) = laid_out(lambda made=calendar: calendar_pdf(made, SITE, plan.issued)).boxes  # type: ignore[misc]
        lefts = set()
        for cell in (each for each in elements(page) if each.element_tag == "td"):
            lines = [each for each in cell.children if each.element is not None]
            top = lines[0].position_y if lines else 0.0
            kinds = [(each.element.get("class") or "", each) for each in lines]
            assert all(each.position_y >= top for _kind, each in kinds)
            for (_kind, above), (kind, line) in pairwise(kinds):
                if kind == "dose" and "day-number" not in _kind:
                    assert line.margin_top * 0.75 >= 3, "between drugs"
                elif kind in ("much", "write", "weekly", "boxes"):
                    assert line.margin_top == above.margin_bottom == 0, "within a drug"
            lefts |= {
                round(each.position_x + each.margin_left - cell.position_x)
                for kind, each in kinds
                if kind in ("much", "write", "dose", "weekly")
            }
        assert len(lefts) == 1


def test_blanks_are_as_tall_as_writing_where_the_month_has_room(plans: dict[str, Plan]) -> None:
    pages = [page for page in make_calendar(plans[CHILD], SITE).pages if page.type]
    types = [page.type for page in pages if page.type and any(day.doses for week in page.weeks for day in week.days)]
    assert sum(each.write >= 14 for each in types) > len(types) * 0.8
    assert all(each.write >= 11 for each in types)


def test_weeks_in_which_little_is_done_are_as_tall_as_each_other(plans: dict[str, Plan]) -> None:
    (june,) = [page for page in make_calendar(plans[CHILD], SITE).pages if page.title == "February 2027"]
    heights = sorted(week.height for week in june.weeks)
    assert heights[0] >= 40
    assert heights[0] == heights[1]


def test_weeks_that_were_not_asked_for_take_no_room_and_days_of_other_months_are_one_cell(
    plans: dict[str, Plan],
) -> None:
    calendar = make_calendar(plans[CHILD], SITE, since=date(2027, 3, 17), until=date(2027, 4, 3))
    march, april = calendar.pages
    assert [week.days[0].date for week in march.weeks] == [date(2027, 3, 14 + 7 * count) for count in range(3)]
    assert [len(cell) for cell in march.weeks[-1].cells] == [1, 1, 1, 1, 3]
    assert [len(cell) for cell in april.weeks[0].cells] == [4, 1, 1, 1]
    html = next(calendar_html(calendar, SITE, plans[CHILD].issued))
    assert "1 April to 3 April" in " ".join(text_of(html).split())


# --- the head of every page


def test_a_sheet_says_at_its_foot_whether_doses_stand_on_it(plans: dict[str, Plan]) -> None:
    plan, first = plans[CHILD], date(2027, 3, 1)
    for asked, said in ((False, "doses to be written in"), (True, "with unverified doses")):
        for calendar in (
            make_calendar(plan, SITE, unverified_doses=asked, since=first, until=first),
            make_pocket_page(plan, SITE, first, unverified_doses=asked),
        ):
            for page in pages_of(calendar_pdf(calendar, SITE, plan.issued)):
                assert said in " ".join(page.split())


def test_a_dashed_dose_is_explained_on_its_own_page_and_only_there(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    calendar = make_calendar(plan, SITE, unverified_doses=True)
    for page, html in zip(calendar.pages, calendar_html(calendar, SITE, plan.issued), strict=False):
        has_one = '<span class="may">' in html
        assert page.dashed_doses == has_one
        assert ('<b class="may">dashed dose</b>' in html) == has_one
    assert {page.dashed_doses for page in calendar.pages} == {True, False}


def test_whom_to_call_and_what_a_fever_asks_for_stand_first_on_every_page(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    calendar = make_calendar(plan, SITE, until=date(2027, 3, 31))
    pages = pages_of(calendar_pdf(calendar, SITE, plan.issued))
    assert len(pages) >= len(calendar.pages) == 4
    for page in pages:
        text = " ".join(page.split())
        assert "555-0140" in text
        assert "555-0142" in text
        assert "38 C or more: call at once." in text
        assert "Throw older sheets away." in text
        assert "DRAFT, not an issue: " in text


def test_what_the_site_has_not_said_stands_in_red(plans: dict[str, Plan]) -> None:
    html = next(calendar_html(make_calendar(plans[CHILD], Settings()), Settings(), plans[CHILD].issued))
    red = re.findall(r'<b class="missing">(.*?)</b>', html)
    assert [said.partition(":")[0] for said in red] == ["Not known"] * 3
    assert "ask your team for the number" in red[0]
    said = next(calendar_html(make_calendar(plans[CHILD], SITE), SITE, plans[CHILD].issued))
    assert 'class="missing"' not in said
    assert "Food and drink before it: Nothing to eat from midnight." in " ".join(text_of(said).split())


def test_the_name_stands_on_the_page_and_not_in_the_metadata(child: Path, tmp_path: Path) -> None:
    text = child.read_text(encoding="utf-8")
    assert "name" not in text
    record = tmp_path / "named.yaml"
    words = ["--protocol", "aall1331", "--id", "P002", "--name", "Made-up Child", "--born", "2019-05-12"]
    words += ["--sex", "female", "--height", "112", "--weight", "19.4", "--cns", "cns2", "--start", "2026-12-01"]
    assert run("new", record, *words).returncode == 0
    output = tmp_path / "calendar.pdf"
    assert run("calendar", record, "-o", output).returncode == 0
    document = pypdfium2.PdfDocument(output)
    assert "Made-up Child" in document[0].get_textpage().get_text_range()
    assert not any("Made-up" in value for value in document.get_metadata_dict().values())


# --- read back from paper


@pytest.mark.parametrize("paper", Paper)
def test_a_month_read_back_from_the_page_has_each_dose_in_the_cell_of_its_date(
    paper: Paper, plans: dict[str, Plan]
) -> None:
    plan, settings = plans[CHILD], replace(SITE, paper=paper)
    calendar = make_calendar(plan, settings, unverified_doses=True, since=date(2027, 3, 1), until=date(2027, 3, 31))
    found: Counter[tuple[int, str]] = Counter()
    document = pypdfium2.PdfDocument(calendar_pdf(calendar, settings, plan.issued))
    drugs = {dose.drug for _day, dose in doses(calendar)}
    for page in list(document)[: len(calendar.pages)]:
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        words = [(text.get_text_bounded(*box).strip(), *box) for box in boxes]
        heads = sorted(left for said, left, *_rest in words if said in calendar.pages[0].weekdays)
        assert len(heads) == 7

        def column(left: float, heads: list[float] = heads) -> int:
            return sum(left >= head - 3 for head in heads) - 1

        numbers = [
            (column(left), top, int(said))
            for said, left, bottom, _right, top in words
            if said.isdecimal() and top - bottom > 7.5
        ]
        floor = max((top for said, *_rest, top in words if said.startswith("One box is one dose")), default=0.0)
        for said, left, bottom, _right, _top in words:
            if said in drugs and bottom > floor:
                above = [(high, day) for at, high, day in numbers if at == column(left) and high > bottom]
                found[min(above)[1], said] += 1
    expected = Counter((day.day, dose.drug) for day, dose in doses(calendar))
    assert expected
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("paper", Paper)
def test_no_text_leaves_the_page_or_is_smaller_than_7_points(paper: Paper, plans: dict[str, Plan]) -> None:
    plan, settings = plans["arm-c-cns3-adult-at-caps"], replace(SITE, paper=paper)
    calendar = make_calendar(plan, settings, unverified_doses=True, until=date(2027, 4, 30))
    pocket = make_pocket_page(plan, settings, date(2027, 1, 1), unverified_doses=True)
    for each, size in (
        (calendar, {"letter": (792, 612), "a4": (842, 595)}),
        (pocket, {"letter": (396, 612), "a4": (420, 595)}),
    ):
        for page in pypdfium2.PdfDocument(calendar_pdf(each, settings, plan.issued)):
            width, height = page.get_size()
            assert (width, height) == pytest.approx(size[paper.value], abs=1)
            text = page.get_textpage()
            for index in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(index)
                assert left >= 18
                assert right <= width - 18
                assert bottom >= 6
                assert top <= height - 12
            for index in range(0, text.count_chars(), 7):
                assert pypdfium2.raw.FPDFText_GetFontSize(text.raw, index) in (0, 1) or (
                    pypdfium2.raw.FPDFText_GetFontSize(text.raw, index) >= 6.99
                )


def test_the_same_record_gives_the_same_bytes(child: Path, tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        done = run("calendar", child, "-o", tmp_path / name, "--course", "block-1")
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


@pytest.mark.parametrize("case", CASES)
def test_no_page_has_a_forbidden_form(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    for settings in (replace(SITE, language=language) for language in languages()):
        calendar = make_calendar(plan, settings, unverified_doses=True)
        for html in calendar_html(calendar, settings, plan.issued):
            assert wrong_forms(text_of(html)) == []


# --- the pocket page


def test_the_pocket_page_has_fourteen_days_with_all_that_is_done(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    pocket = make_pocket_page(plan, SITE, date(2027, 3, 1))
    (page,) = pocket.pages
    assert [day.date for day in pocket.days] == [date(2027, 3, 1 + index) for index in range(14)]
    assert page.title == "Monday 1 March to Sunday 14 March 2027"
    wanted = [line.id for line in by_mouth(plan) if date(2027, 3, 1) <= line.date <= date(2027, 3, 14)]
    assert sorted(dose.administration for _day, dose in doses(pocket)) == sorted(wanted)
    pages = pages_of(calendar_pdf(pocket, SITE, plan.issued))
    assert len(pages) <= 2, "half a sheet has two sides"
    assert "555-0142" in pages[0]
    later = make_pocket_page(plan, SITE, date(2026, 12, 25)).pages[0]
    assert later.title == "Friday 25 December 2026 to Thursday 7 January 2027"


def test_the_back_of_a_pocket_page_begins_with_its_eighth_day(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    pocket = make_pocket_page(plan, SITE, date(2027, 3, 1))
    front, back = pages_of(calendar_pdf(pocket, SITE, plan.issued))
    assert "Sunday 7 March" in front
    assert "Monday 8 March" not in front
    assert "Monday 8 March" in back
    assert "page 2 of 2" in back


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("paper", Paper)
def test_a_pocket_page_has_two_sides_at_most(case: str, paper: Paper, plans: dict[str, Plan]) -> None:
    plan, settings = plans[case], replace(SITE, paper=paper)
    first = min(line.date for line in plan.administrations)
    pocket = make_pocket_page(plan, settings, first, unverified_doses=True)
    laid = laid_out(lambda: calendar_pdf(pocket, settings, plan.issued))
    sides = pocket.pages[0].sides
    assert sides
    assert len(laid.boxes) == (1 if sides.front == 14 else 2)


def test_the_bar_of_a_pocket_page_is_a_block_and_no_frame_touches_a_rule(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    laid = laid_out(lambda: calendar_pdf(make_pocket_page(plan, SITE, date(2027, 3, 1)), SITE, plan.issued))
    of = [each for each in elements(laid.boxes[0]) if each.element is not None]
    bar = next(each for each in of if each.element.get("class") == "unverified")
    assert type(bar).__name__ == "BlockBox"
    for row in (each for each in of if each.element_tag == "tr"):
        for frame in (each for each in elements(row) if each.element is not None):
            if frame.element.get("class") == "date dashed":
                assert frame.border_box_y() >= row.position_y + 1


# --- other languages


def test_spanish_pages_have_spanish_words_and_english_drugs(plans: dict[str, Plan]) -> None:
    plan, settings = plans[CHILD], replace(SITE, language="es", family=replace(SAYS, sunday_first=False))
    calendar = make_calendar(plan, settings, until=date(2027, 3, 31))
    assert [page.title for page in calendar.pages] == [
        "Diciembre de 2026",
        "Enero de 2027",
        "Febrero de 2027",
        "Marzo de 2027",
    ]
    assert calendar.pages[0].weekdays[:3] == ("Lunes", "Martes", "Miércoles")
    first = on(calendar, "2026-12-01")
    assert "punción lumbar: methotrexate" in {each.text for each in first.clinic}
    assert first.doses[0].boxes == ("mañana", "noche")
    assert on(calendar, "2027-03-09").doses[1].weekly == "solo LOS MARTES"
    text = text_of(next(calendar_html(calendar, settings, plan.issued)))
    assert "Tire las hojas anteriores." in text
    words = FamilyWords(messages("es"))
    assert words.long_date(date(2027, 3, 2)) == "martes 2 de marzo de 2027"
    english = FamilyWords(messages("en")).product(
        parse_product("1½ tablets of 4 mg + 1 tablet of 1 mg + ½ tablet of 0.5 mg")
    )
    assert english.split(" ") == [
        "1½\xa0tablets\xa0of\xa04\xa0mg,",
        "1\xa0tablet\xa0of\xa01\xa0mg",
        "and",
        "half\xa0tablet",
        "of\xa00.5\xa0mg",
    ]
    assert words.product(parse_product("1 tablet of 2 mg + 0.5 tablets of 0.5 mg")).replace("\xa0", " ") == (
        "1 tableta de 2 mg y media tableta de 0.5 mg"
    )
    assert messages("es-MX").gettext("Monday") == "lunes"


def test_french_pages_have_french_words_and_english_drugs(plans: dict[str, Plan]) -> None:
    plan, settings = plans[CHILD], replace(SITE, language="fr", family=replace(SAYS, sunday_first=False))
    calendar = make_calendar(plan, settings, until=date(2027, 3, 31))
    titles = [page.title for page in calendar.pages]
    assert titles == ["Décembre 2026", "Janvier 2027", "Février 2027", "Mars 2027"]
    assert calendar.pages[0].weekdays[:3] == ("Lundi", "Mardi", "Mercredi")
    first = on(calendar, "2026-12-01")
    assert "ponction lombaire\N{NO-BREAK SPACE}: methotrexate" in {each.text for each in first.clinic}
    assert first.doses[0].boxes == ("matin", "soir")
    assert on(calendar, "2027-03-09").doses[1].weekly == "seulement LES MARDIS"
    (other,) = [dose for dose in on(calendar, "2027-03-23").doses if dose.instead]
    assert other.instead == "aujourd\N{RIGHT SINGLE QUOTATION MARK}hui 4 doses, à la place de la dose du mardi"
    text = text_of(next(calendar_html(calendar, settings, plan.issued)))
    assert "Jetez les anciennes feuilles." in text
    page = make_pocket_page(plan, settings, date(2026, 12, 1)).pages[0]
    assert page.title == "Mardi 1er décembre au lundi 14 décembre 2026"


def test_half_a_tablet_is_never_said_in_french_as_half_of_what_stands_before_it() -> None:
    """After a whole tablet, `et demi` is half of that one: the line says `la moitié d'un`, and breaks before `de`."""
    words = FamilyWords(messages("fr"))
    said = words.product(parse_product("1 tablet of 2 mg + 0.5 tablets of 0.5 mg"))
    assert said.split(" ") == [
        "1\xa0comprimé\xa0de\xa02\xa0mg",
        "et",
        "la\xa0moitié\xa0d\N{RIGHT SINGLE QUOTATION MARK}un\xa0comprimé",
        "de\xa00.5\xa0mg",
    ]
    assert "demi" not in words_in("fr").said(product_text(parse_product("1 tablet of 2 mg + 0.5 tablets of 0.5 mg")))


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_every_word_of_the_calendar_is_translated_and_keeps_its_places(language: str) -> None:
    catalogue = messages(language)._catalog  # type: ignore[attr-defined]
    ours = {key if isinstance(key, str) else key[0]: text for key, text in catalogue.items() if key}
    for key, text in ours.items():
        assert set(re.findall(r"\{\w+\}", key)) == set(re.findall(r"\{\w+\}", text)), key
    for month in range(1, 13):
        first = date(2027, month, 1)
        assert FamilyWords(messages(language)).month(first) != FamilyWords(messages("en")).month(first)


# --- settings


def test_a_sites_words_and_logo_are_read_from_its_file(tmp_path: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"made up"
    (tmp_path / "logo.png").write_bytes(picture)
    site = tmp_path / "site.yaml"
    site.write_text(
        'format: 1\nclinic: Sample Centre\nlogo: logo.png\nfamily:\n  call by day: "555-0140"\n'
        '  call at night: "555-0142"\n  fever: 38 C or more\n  before sedation: nothing\n  bring: all\n'
        "  week starts: Monday\n"
    )
    settings, problems = read_settings(site)
    assert problems == []
    assert settings
    assert settings.family == ForFamilies("555-0140", "555-0142", "38 C or more", "nothing", "all", sunday_first=False)
    assert (settings.clinic, settings.logo) == ("Sample Centre", picture)
    assert hash(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("logo: none.png", "cannot be read"),
        ("logo: site.yaml", "no picture that can be printed"),
        ("family: {call at nigth: 555}", "Did you mean 'call at night'?"),
        ("family: {week starts: Tuesday}", "Sunday"),
        (f"family: {{fever: {'x' * 81}}}", "80"),
    ],
)
def test_what_is_wrong_in_a_sites_words_is_told_at_its_place(text: str, message: str, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"format: 1\n{text}\n")
    settings, problems = read_settings(site)
    assert settings is None
    assert message in str(problems[0])
    assert problems[0].where
    assert problems[0].where.line == 2


def test_a_logo_is_printed(plans: dict[str, Plan]) -> None:
    header = "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    data = "0000000c49444154789c636060600000000400012734270a0000000049454e44ae426082"
    settings = replace(SITE, logo=bytes.fromhex(header + data))
    plan = plans[CHILD]
    pdf = calendar_pdf(make_calendar(plan, settings, courses=["block-1"]), settings, plan.issued)
    page = pypdfium2.PdfDocument(pdf)[0]
    assert [each for each in page.get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]


# --- wrong use


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "2027-02-01", "--to", "2027-01-01"], "is after --to"),
        (["--from", "2040-01-01"], "no date in what was chosen"),
        (["--course", "block-9"], "block-9"),
        (["--pocket", "--course", "block-1"], "fourteen days"),
        (["--pocket", "--from", "2040-01-01"], "no date in what was chosen"),
        (["--from", "soon"], "is not a date"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_written(words: list[str], message: str, child: Path, tmp_path: Path) -> None:
    output = tmp_path / "calendar.pdf"
    done = run("calendar", child, "-o", output, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert not output.exists()


def test_a_plan_without_a_date_has_no_pages(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD]
    undated = replace(
        plan, courses=tuple(replace(each, course=replace(each.course, dates=None)) for each in plan.courses)
    )
    assert make_calendar(undated, SITE).pages == ()
    assert make_pocket_page(undated, SITE, date(2026, 12, 1)).pages == ()
