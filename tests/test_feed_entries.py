"""Whatever happened to a plan: each thing of its account is in one entry of each reader who has it, and in no other.

Histories are made up in memory, of one or two disturbances each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from itertools import combinations

import pytest
from in_memory import (
    NOWHERE,
    assigned,
    bagged,
    child,
    cleared,
    course,
    day,
    delayed,
    given,
    held,
    hour,
    interrupted,
    left,
    moved,
    plan_of,
    recorded,
    resumed,
    started,
    the_protocol,
)

from protocal.account import course_days
from protocal.model.account import CourseDay, Dose, State
from protocal.model.doses import Route
from protocal.model.entries import Ending, Entry, Failed, HoldRule, Stopped
from protocal.model.plan import PUMP_STOP, Plan
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies
from protocal.render.feed.days import FeedDay, Kind, Name
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.feed.readers import entries_of
from protocal.render.feed.words import Doses
from protocal.render.wording.catalogues import messages

ENDS = Ending(date=day("2027-04-20"), why="more of it would only take time", where=NOWHERE)
BEGUN = (
    started("block-2", "2026-12-29"),
    started("blina-cycle-1", "2027-01-26"),
    started("continuation-1", "2027-03-02", anc="900", platelets="90000"),
)
PUMP = given("blina-cycle-1/blina/1", "2027-01-26 14:00")
STOP = interrupted("blina-cycle-1", "2027-02-03 03:15")
DISTURBED: dict[str, tuple[Entry, ...]] = {
    "a puncture moved": (moved("block-1/it-mtx/8", "2026-12-10"),),
    "a dose moved onto the next": (moved("block-1/vcr/15", "2026-12-22"),),
    "a day moved whole": (moved("block-1/vcr/22", "2026-12-23"),),
    "a dose given at an hour": (given("block-1/vcr/8", "2026-12-08 10:00"),),
    "an infusion given late": (given("block-2/mtx-hd/8", "2027-01-06 21:00"),),
    "an infusion moved by itself": (moved("block-2/mtx-hd/8", "2027-01-08"),),
    "a level that clears": (given("block-2/mtx-hd/8", "2027-01-05 09:00"), cleared("2027-01-08 09:00")),
    "an open rescue and a wait": (
        given("block-2/mtx-hd/8", "2027-01-05 09:00"),
        delayed("block-2", 3, from_day=15),
    ),
    "a pump with bags": (bagged("2027-01-26", 72, 96), PUMP),
    "a pump that stands still": (PUMP, STOP),
    "a pump that goes on soon": (PUMP, STOP, resumed("blina-cycle-1", "2027-02-03 05:00")),
    "a pump that goes on under supervision": (PUMP, STOP, resumed("blina-cycle-1", "2027-02-06 20:00", "9.4")),
    "a pump that stops twice": (
        bagged("2027-01-26", 96),
        PUMP,
        STOP,
        resumed("blina-cycle-1", "2027-02-06 10:00"),
        interrupted("blina-cycle-1", "2027-02-10 09:00"),
        resumed("blina-cycle-1", "2027-02-10 20:00"),
    ),
    "medicine moved": (moved("continuation-1/mtx-weekly/8", "2027-03-10"),),
    "medicine left out": (left("continuation-1/mp/4", "continuation-1/dex/4"),),
    "a hold": (held("continuation-1", "2027-03-08", 5, HoldRule.SKIP),),
    "a second hold": (held("continuation-1", "2027-03-11", 4, HoldRule.SKIP),),
    "a hold by which days slip": (held("continuation-1", "2027-03-08", 3, HoldRule.SLIP),),
    "a course that waits": (delayed("continuation-1", 5),),
    "the end of therapy": (Stopped(date=day("2027-03-10"), why="a wish", where=NOWHERE),),
    "treatment failure": (Failed(date=day("2027-01-20"), where=NOWHERE),),
}
ALONE = "treatment failure"
STOPS = {name for name in DISTURBED if name.startswith("a pump that") and "still" not in name}  # each has the first one
HISTORIES = [
    *((one,) for one in DISTURBED),
    *(pair for pair in combinations(DISTURBED, 2) if ALONE not in pair and not set(pair) <= STOPS),
]


@cache
def plan_after(names: tuple[str, ...]) -> Plan:
    """The plan after some disturbances."""
    begun = {ALONE: BEGUN[:1], "a course that waits": BEGUN[:-1]}
    lines = dict.fromkeys(line for name in names for line in DISTURBED[name])
    started_ = min((begun.get(name, BEGUN) for name in names), key=len)
    return plan_of(recorded(child(ENDS, assigned("D"), *started_, *lines, arm="")))


def accounts(names: tuple[str, ...]) -> Iterator[tuple[tuple[CourseDay, ...], dict[Who, dict[Name, FeedDay]]]]:
    """Each course of a history, and the entries that the readers have of it."""
    plan = plan_after(names)
    for each in plan.courses:
        days = tuple(course_days(plan, each))
        yield days, {who: entries_of(days, who) for who in Who}


def later_of_a_pump(dose: Dose) -> bool:
    return dose.line.route is Route.CIV and not dose.starts_pump


Things = Counter[tuple[object, ...]]


def doses(entries: dict[Name, FeedDay], *kinds: Kind) -> Things:
    """Those of entries, but of a pump only the first; that its other ones are told `feed_projection.py` holds."""
    return Counter(
        (each.date, dose.line.id)
        for each in entries.values()
        if each.kind in kinds
        for dose in each.given
        if not later_of_a_pump(dose)
    )


def events(entries: dict[Name, FeedDay]) -> Things:
    return Counter((each.date, event) for each in entries.values() for event in each.events)


def bags(entries: dict[Name, FeedDay]) -> Things:
    return Counter((each.date, bag) for each in entries.values() for bag in each.bags)


@pytest.mark.parametrize("names", HISTORIES, ids=" and ".join)
def test_each_thing_is_in_one_entry_of_each_reader_who_has_it(names: tuple[str, ...]) -> None:
    for days, entries in accounts(names):
        family, clinic, pharmacy = (entries[who] for who in (Who.FAMILY, Who.CLINIC, Who.PHARMACY))
        due = [(each.date, dose) for each in days for dose in each.due if not later_of_a_pump(dose)]
        at_home = Counter((on, dose.line.id) for on, dose in due if dose.at_home)
        away = Counter((on, dose.line.id) for on, dose in due if not dose.at_home)
        assert doses(family, Kind.HOME) == at_home
        assert doses(family, Kind.DAY) == away
        assert doses(clinic, Kind.DAY, Kind.TIMED, Kind.INFUSION) == away
        assert doses(pharmacy, Kind.DAY) == at_home + away
        done: Things = Counter((each.date, event) for each in days for event in (*each.procedures, *each.evaluations))
        assert events(family) == events(clinic) == done
        assert not events(pharmacy)
        hung: Things = Counter((each.date, bag) for each in days for bag in each.bags)
        assert bags(clinic) == bags(pharmacy) == hung
        assert bags(family) == Counter({name: count for name, count in hung.items() if name[1].why != "first"})
        _check_left(days, family)
        _check_infusions(days, entries)


def _check_left(days: tuple[CourseDay, ...], family: dict[Name, FeedDay]) -> None:
    """What is held or left out at home, and dates on which a course is held or waits, or its pump stands still."""
    found = Counter((each.date, dose.line.id) for each in family.values() for dose in each.left)
    due = Counter(
        (each.date, dose.line.id)
        for each in days
        for dose in each.doses
        if dose.at_home and dose.state in (State.HELD, State.OMITTED)
    )
    assert found == due
    assert all(each.kind is Kind.HOME for each in family.values() if each.left)
    for each in days:
        said = [entry for entry in family.values() if entry.date == each.date]
        if each.held or each.wait:
            assert said or each.goes_on, each.date
        if each.still:
            assert [entry.kind for entry in said if entry.stop and entry.kind is Kind.HELD] == [Kind.HELD]


def _check_infusions(days: tuple[CourseDay, ...], entries: dict[Who, dict[Name, FeedDay]]) -> None:
    """Each date on which an infusion runs is covered once; each restart begins one."""
    runs: Things = Counter((each.date, run.line.id) for each in days for run in each.running)
    pumps = Counter(each.date for each in days for dose in each.due if dose.line.route is Route.CIV)
    again = Counter((each.date, restart.number) for each in days for restart in each.restarts)
    supervised = Counter((each.date, r.number) for each in days for r in each.restarts if r.supervised)
    for who in (Who.FAMILY, Who.CLINIC):
        infusions = [each for each in entries[who].values() if each.kind is Kind.INFUSION]
        long = [each for each in infusions if not each.is_pump]
        covered = Counter((date, dose.line.id) for each in long for dose in each.given for date in dates_of(each)[1:])
        assert covered == runs
        mine = [each for each in infusions if each.is_pump]
        assert set(pumps) <= {date for each in mine for date in dates_of(each)}
        begun = again if who is Who.FAMILY else again - supervised  # those with the team are entries of a clinic's own
        assert Counter((each.date, restart.number) for each in mine for restart in each.restarts) == begun
        for one, other in combinations(
            sorted(mine, key=lambda each: (each.date, each.begins or hour("2020-01-01 00:00"))), 2
        ):
            assert (one.last or one.date) <= other.date
            assert not (one.ends and other.begins) or one.ends <= other.begins
    in_clinic = Counter((each.date, again_.number) for each in entries[Who.CLINIC].values() for again_ in each.restarts)
    assert in_clinic == again
    visits = [each for each in entries[Who.FAMILY].values() if each.kind is Kind.DAY]
    assert Counter((each.date, restart.number) for each in visits for restart in each.restarts) == supervised


def dates_of(each: FeedDay) -> list[object]:
    last = each.last or each.date
    return [each.date + timedelta(days=late) for late in range((last - each.date).days + 1)]


@pytest.mark.parametrize("names", HISTORIES, ids=" and ".join)
def test_no_entry_is_empty_and_what_has_an_hour_is_on_its_date(names: tuple[str, ...]) -> None:
    for _days, entries in accounts(names):
        for who, found in entries.items():
            for name, each in found.items():
                assert name == (each.number, each.part)
                anything = (
                    *each.given,
                    *each.left,
                    *each.events,
                    *each.bags,
                    *each.restarts,
                    *each.on_hold,
                    *each.may_go_on,
                )
                assert anything or each.stop or each.kind in (Kind.GATE, Kind.HELD), (who, each)
                if each.begins:
                    assert each.begins.date() == each.date
                    assert each.ends is None or each.begins <= each.ends


PLAIN = FamilyDayWords(the_protocol(), messages("en"), Doses.ALL, ForFamilies(), full=False)
SECRET = re.compile(
    "|".join(
        re.escape(word)
        for agent in the_protocol().agents.values()
        for word in agent.written.lower().split()
        if len(word) > 3
    )
    + "|puncture|spinal|marrow|MRD|radiat|sample|level",
    re.IGNORECASE,
)


@pytest.mark.parametrize("names", HISTORIES, ids=" and ".join)
def test_a_locked_screen_names_no_drug_and_no_procedure(names: tuple[str, ...]) -> None:
    titles = {
        text
        for _days, entries in accounts(names)
        for each in entries[Who.FAMILY].values()
        for text in (PLAIN.summary(each, PLAIN.things(each)), PLAIN.elsewhere(each))
    }
    assert titles
    for title in titles:
        assert not SECRET.search(title), title
        assert title == title[0] + title[1:].lower(), title


@pytest.mark.parametrize("names", HISTORIES, ids=" and ".join)
def test_a_family_is_never_told_to_give_and_not_to_give_a_drug_on_one_date(names: tuple[str, ...]) -> None:
    for _days, entries in accounts(names):
        found = list(entries[Who.FAMILY].values())
        for each in found:
            if each.kind is Kind.HELD:
                due = {dose.line.agent for other in found if other.date == each.date for dose in other.given}
                assert not due & set(each.on_hold), each.date


def test_a_pump_ends_at_the_clinic_and_once() -> None:
    plan = plan_after(("a pump that stops twice",))
    family = entries_of(tuple(course_days(plan, course(plan, "blina-cycle-1"))), Who.FAMILY)
    (ends,) = (each for each in family.values() if any(event.kind == PUMP_STOP for event in each.events))
    assert (ends.kind, ends.at_home) == (Kind.PUMP, False)
