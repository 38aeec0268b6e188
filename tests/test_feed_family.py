"""What a family reads in its feed: plain words, what to give, bring and ask, whom to call in the site's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from feeds import feed
from icalendar import Calendar
from in_memory import (
    NOWHERE,
    adjusted,
    assigned,
    child,
    day,
    given,
    held,
    left,
    plan_of,
    recorded,
    started,
)

from protocal.model.entries import Ending, Entry, HoldRule
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies
from protocal.render.feed.reader_feed import uid

KEY = "0" * 32
ENDS = Ending(date=day("2027-04-20"), why="more of it would only take time", where=NOWHERE)
BEGUN = (
    started("block-2", "2026-12-29"),
    started("blina-cycle-1", "2027-01-26"),
    started("continuation-1", "2027-03-02", anc="900", platelets="90000"),
)
NOTHING = ForFamilies()
ALL_SAID = ForFamilies(
    call_by_day="555 0100, weekdays 8 to 5",
    call_at_night="555 0199",
    fever="38.0 C: call at once",
    before_sedation="nothing to eat from midnight",
    bring="this calendar, all medicine",
    visit_takes="about four hours",
)
ASK = "ask your team."


def said(*later: Entry, site: ForFamilies = NOTHING, doses: bool = True, all_doses: bool = False) -> Mapping[str, str]:
    """What each event says, by its identity, with its title above."""
    plan = plan_of(recorded(child(ENDS, assigned("D"), *later, arm="")))
    data = feed(plan, Who.FAMILY, with_doses=doses, unverified_doses=all_doses, site=site)
    events = Calendar.from_ical(data).walk("VEVENT")
    return {str(event["UID"]): f"{event['SUMMARY']}\n{event['DESCRIPTION']}" for event in events}


def lines(found: Mapping[str, str], course: str, number: int, part: str = "") -> list[str]:
    return found[uid(KEY, Who.FAMILY, course, number, part)].splitlines()


# --- whom to call, what to bring, how long it takes


@pytest.mark.parametrize("site", [NOTHING, ALL_SAID])
def test_every_event_says_whom_to_call_in_the_site_s_words_or_to_ask(site: ForFamilies) -> None:
    for text in said(*BEGUN, site=site).values():
        for line in (
            f"Call by day: {site.call_by_day or ASK}",
            f"Call at night and on weekends: {site.call_at_night or ASK}",
            f"Fever: {site.fever or ASK}",
        ):
            assert text.splitlines().count(line) == 1, text


@pytest.mark.parametrize("site", [NOTHING, ALL_SAID])
def test_a_visit_says_how_long_it_takes_and_what_to_bring_and_nothing_else_does(site: ForFamilies) -> None:
    told = (f"How long it takes: {site.visit_takes or ASK}", f"Bring: {site.bring or ASK}")
    for text in said(*BEGUN, site=site).values():
        is_visit = text.startswith("Clinic visit")
        assert [line in text.splitlines() for line in told] == [is_visit, is_visit]


def test_a_puncture_says_from_when_to_eat_and_drink_nothing() -> None:
    for site, words in ((NOTHING, ASK.removesuffix(".")), (ALL_SAID, "nothing to eat from midnight")):
        found = lines(said(*BEGUN, site=site), "block-1", 8)
        assert found[1].startswith(f"Spinal test (lumbar puncture): methotrexate. Food and drink before it: {words}.")
        assert not [line for line in lines(said(*BEGUN, site=site), "block-1", 15) if "Food and drink" in line]


def test_medicine_in_the_morning_before_a_puncture_that_one_fasts_for_is_asked_about() -> None:
    asks = "Morning medicine before it: ask your team."
    found = said(*BEGUN, site=ALL_SAID)
    assert asks in "\n".join(lines(found, "continuation-1", 1))  # there is medicine at home on that day
    assert asks not in "\n".join(lines(found, "block-1", 8))


# --- titles


def test_a_locked_screen_counts_drugs_or_names_them_as_the_site_wishes() -> None:
    plain, full = (said(*BEGUN, site=replace(NOTHING, full_on_lock_screen=wish)) for wish in (False, True))
    place = ("continuation-1", 8, "+home")
    assert [lines(found, *place)[0] for found in (plain, full)] == [
        "Medicine at home: 2",
        "Medicine at home: mercaptopurine, methotrexate",
    ]
    assert lines(plain, *place)[1:] == lines(full, *place)[1:]
    assert [lines(found, "block-1", 8)[0] for found in (plain, full)] == [
        "Clinic visit",
        "Clinic visit: spinal test (lumbar puncture), vincristine",
    ]


def test_what_is_on_hold_is_neither_counted_nor_named_beside_what_is_to_be_given() -> None:
    hold = held("continuation-1", "2027-03-03", 4, HoldRule.SKIP)
    some = (left("continuation-1/mp/8"),)
    for wish, titles in (
        (False, ["Medicine on hold", "Medicine at home: 1"]),
        (True, ["Medicine on hold: dexamethasone, mercaptopurine", "Medicine at home: methotrexate"]),
    ):
        found = said(*BEGUN, hold, *some, site=replace(NOTHING, full_on_lock_screen=wish))
        assert [lines(found, "continuation-1", number, "+home")[0] for number in (2, 8)] == titles


# --- what to give at home


def test_medicine_at_home_says_how_many_tablets_and_when() -> None:
    found = said(*BEGUN)
    assert lines(found, "continuation-1", 1, "+home")[1:3] == [
        "dexamethasone: each time 1 tablet of 2 mg and 1 tablet of 0.5 mg, morning and evening",
        "mercaptopurine: 1 tablet of 50 mg",
    ]
    assert lines(found, "continuation-1", 8, "+home")[2] == "methotrexate: TUESDAYS only, 6 tablets of 2.5 mg"


def test_how_much_is_left_to_the_label_where_nothing_confirms_it_or_nobody_asked_for_it() -> None:
    much = "how much: see the pharmacy label, or ask your team"
    unsure = said(*BEGUN)
    assert lines(unsure, "block-1", 1, "+home")[1] == f"dexamethasone: {much}, morning and evening"
    bare = said(*BEGUN, doses=False)
    assert lines(bare, "continuation-1", 1, "+home")[2] == f"mercaptopurine: {much}"
    every = said(*BEGUN, all_doses=True)
    found = lines(every, "block-1", 1, "+home")
    assert found[1] == "dexamethasone: each time 2 tablets of 4 mg (unverified), morning and evening"
    assert "UNVERIFIED DOSES: give only what your team prescribed." in found


def test_a_dose_that_is_worked_out_again_when_its_course_starts_is_not_printed_before() -> None:
    before, after = said(*BEGUN[:2]), said(*BEGUN)
    much = "how much: see the pharmacy label, or ask your team"
    assert lines(before, "continuation-1", 2, "+home")[2] == f"mercaptopurine: {much}"
    assert "The date may still change: your team confirms it." in lines(before, "continuation-1", 2, "+home")
    assert lines(after, "continuation-1", 2, "+home")[2] == "mercaptopurine: 1 tablet of 50 mg"
    assert "The date may still change: your team confirms it." not in lines(after, "continuation-1", 2, "+home")


def test_less_of_a_drug_is_what_the_family_reads_from_then_on() -> None:
    before, after = (said(*BEGUN, *less) for less in ((), (adjusted("mercaptopurine", "50", "2027-03-06"),)))
    drug = [lines(found, "continuation-1", 7, "+home")[1] for found in (before, after)]
    assert drug == ["mercaptopurine: 1½ tablets of 50 mg", "mercaptopurine: 1 tablet of 50 mg"]
    assert lines(before, "continuation-1", 2, "+home")[:3] == lines(after, "continuation-1", 2, "+home")[:3]


def test_what_was_given_at_home_is_told() -> None:
    found = lines(said(*BEGUN, given("continuation-1/mp/2", "2027-03-03")), "continuation-1", 2, "+home")
    assert [line.endswith(", given") for line in found[1:3]] == [False, True]


# --- words


def test_no_drug_is_written_in_tall_letters_and_no_part_of_the_body_is_in_a_title() -> None:
    for text in said(*BEGUN, all_doses=True).values():
        assert "METHasone" not in text
        assert "CRIStine" not in text
        assert "FATAL" not in text


def test_an_unverified_definition_is_said_so_in_plain_words() -> None:
    line = "UNVERIFIED: the plan that this was made from has not been verified. Ask your team."
    assert all(line in text.splitlines() for text in said(*BEGUN).values())
