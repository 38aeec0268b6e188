"""What a family took home, and until when it is enough: counted from the plan, said on pages and lists, undone.

The girl's Continuation 1 begins on Tuesday 2 March 2027. Of mercaptopurine she takes 1½ tablets of 50 mg on Mondays and
Thursdays and one on all other days, of methotrexate 6 tablets of 2.5 mg on Tuesdays, and for five days dexamethasone
twice: on the first day each time 2 mg and 0.5 mg, then 2 mg and half of a 0.5 mg tablet.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import CHILD, run
from hypothesis import given as always
from hypothesis import settings as trying
from hypothesis import strategies as st
from in_memory import (
    NOWHERE,
    adjusted,
    child,
    day,
    delayed,
    dispensed,
    given,
    held,
    left,
    measured,
    moved,
    plan_of,
    started,
    the_protocol,
    undone,
)

from protocal.account import make_account, stock_at_home, stock_of
from protocal.change.diff import differences
from protocal.change.issued_facts import facts_digest
from protocal.model.doses import parse_liquid
from protocal.model.entries import Entry, HoldRule, Stopped
from protocal.model.plan import Plan
from protocal.model.problems import ProtocalError
from protocal.model.product import Piece, Tablets, parse_product, parse_tablets, parse_volume
from protocal.model.settings import Settings
from protocal.model.stock import Enough, Form, Stock
from protocal.plan import make_plan
from protocal.plan.unverified import is_unverified
from protocal.recount import recount_files
from protocal.render.data.drug_day import day_csv, day_json, drug_day
from protocal.render.data.drugs import drug_report, drugs_json
from protocal.render.data.plan_data import plan_json
from protocal.render.family.calendar import make_calendar, make_pocket_page
from protocal.render.family.stock import HomeStock
from protocal.render.family.values import FamilyCalendar
from protocal.render.terminal import drugs_text
from protocal.render.terminal.drugs import day_text
from protocal.render.wording.stock import enough_text
from protocal.workflow.making import calendar_bytes, pocket_bytes
from protocal.workflow.planning import load_plan

SITE = Settings()
SPANISH = Settings(language="es")
MP, DEX, MTX = "mercaptopurine", "dexamethasone", "methotrexate"
CONTINUES = started("continuation-1", "2027-03-02", anc="800", platelets="80000")
TWENTY = dispensed(MP, "20 tablets of 50 mg", "2027-03-02")
FIFTY = Form(Decimal(50), "mg")


def planned(*entries: Entry, site: Settings = SITE) -> Plan:
    return plan_of(child(CONTINUES, *entries), site)


def stock(plan: Plan, agent: str = MP) -> Stock:
    (found,) = (each for each in stock_of(plan) if each.agent == agent)
    return found


def said(*entries: Entry, agent: str = MP, site: Settings = SITE) -> str:
    return enough_text(stock(planned(*entries, site=site), agent))


# --- cases that a clinician can read

SHORT_ON_19 = "enough until Thu 18-Mar-2027; 50 mg short on Fri 19-Mar-2027"
DEX_2 = dispensed(DEX, "20 tablets of 2 mg", "2027-03-02")


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        pytest.param([], SHORT_ON_19, id="20 tablets, of which 19½ are taken by the 18th"),
        pytest.param(
            [dispensed(MP, "10 tablets of 50 mg", "2027-03-15")],
            "enough until Sat 27-Mar-2027; 50 mg short on Sun 28-Mar-2027",
            id="10 more",
        ),
        pytest.param(
            [held("continuation-1", "2027-03-08", 7, HoldRule.SKIP)],
            "enough until Thu 25-Mar-2027; 50 mg short on Fri 26-Mar-2027",
            id="a week is held and takes nothing",
        ),
        pytest.param(
            [left("continuation-1/mp/2", "continuation-1/mp/3")],
            "enough until Sun 21-Mar-2027; 50 mg short on Mon 22-Mar-2027",
            id="two doses are left out",
        ),
        pytest.param(
            [adjusted(MP, "50", "2027-03-08")],
            "enough until Mon 29-Mar-2027; 50 mg short on Tue 30-Mar-2027",
            id="half the dose from the 8th",
        ),
        pytest.param(
            [
                replace(given("continuation-1/mp/1", "2027-03-02"), dose=Decimal(50), product=parse_product(product))
                for product in ["2 tablets of 25 mg"]
            ],
            "enough until Fri 19-Mar-2027; 50 mg short on Sat 20-Mar-2027",
            id="one day it was given as two tablets of 25 mg, which were no part of it",
        ),
        pytest.param(
            [replace(given("continuation-1/mp/1", "2027-03-02"), dose=Decimal(100), product=None)],
            "enough until Wed 17-Mar-2027; 50 mg short on Thu 18-Mar-2027",
            id="100 mg were given, and nobody wrote of what: two tablets",
        ),
        pytest.param(
            [replace(given("continuation-1/mp/1", "2027-03-02"), dose=Decimal(60), product=None)],
            SHORT_ON_19,
            id="60 mg were given, and nobody wrote of what: rounded up to 1½",
        ),
        pytest.param(
            [measured("2027-03-09", "125", "27", again="2027-03-09")],
            "enough until Tue 16-Mar-2027; 50 mg short on Wed 17-Mar-2027",
            id="measured, and worked out again",
        ),
        pytest.param(
            [delayed("continuation-1", 7, from_day=8)],
            "enough until Thu 25-Mar-2027; 50 mg short on Fri 26-Mar-2027",
            id="the rest of the course waits for a week",
        ),
        pytest.param(
            [Stopped(date=day("2027-03-13"), why="asked for", where=NOWHERE)],
            "enough for all that is planned, until Fri 12-Mar-2027",
            id="therapy is stopped before they are used up",
        ),
        pytest.param(
            [dispensed(MP, "300 tablets of 50 mg", "2027-03-02")],
            "enough at least until Mon 12-Apr-2027; no tablets are planned yet after that",
            id="more than the course takes, and the next has not begun",
        ),
        pytest.param(
            [dispensed(MP, "40 tablets of 20 mg", "2027-03-02")], SHORT_ON_19, id="a strength that no dose is made of"
        ),
        pytest.param(
            [dispensed(MP, "60 tablets of 50 mg", "2027-03-02"), undone(7)], SHORT_ON_19, id="60 more were undone"
        ),
    ],
)
def test_until_when_20_tablets_are_enough(entries: list[Entry], says: str) -> None:
    assert said(TWENTY, *entries) == says


@pytest.mark.parametrize(
    ("agent", "entries", "says"),
    [
        (MTX, [dispensed(MTX, "12 tablets of 2.5 mg", "2027-03-02")],
         "enough until Tue 16-Mar-2027; 2.5 mg short on Tue 23-Mar-2027"),
        (MTX,
         [dispensed(MTX, "12 tablets of 2.5 mg", "2027-03-02"), moved("continuation-1/mtx-weekly/15", "2027-03-18")],
         "enough until Thu 18-Mar-2027; 2.5 mg short on Tue 23-Mar-2027"),
        (DEX, [DEX_2], "0.5 mg never dispensed, and needed on Tue 02-Mar-2027"),
        (DEX, [DEX_2, dispensed(DEX, "3 tablets of 0.5 mg", "2027-03-02")],
         "enough until Wed 03-Mar-2027; 0.5 mg short on Thu 04-Mar-2027"),
        (DEX, [DEX_2, dispensed(DEX, "7 tablets of 0.5 mg", "2027-03-02")],
         "enough at least until Sat 06-Mar-2027; no tablets are planned yet after that"),
        (MP, [dispensed(MP, "1 tablet of 50 mg", "2027-03-04")], "50 mg short on Thu 04-Mar-2027"),
        (MP, [dispensed(MP, "10 tablets of 50 mg", "2027-03-15")],
         "enough until Mon 22-Mar-2027; 50 mg short on Tue 23-Mar-2027"),
    ],
)  # fmt: skip
def test_other_drugs_strengths_and_days(agent: str, entries: list[Entry], says: str) -> None:
    assert said(*entries, agent=agent) == says


def test_a_course_that_has_not_begun_has_no_tablets_yet_and_without_a_dose_nothing_is_planned() -> None:
    (ahead,) = stock_of(plan_of(child(TWENTY)))
    assert enough_text(ahead) == "no tablets are planned yet"
    assert (ahead.enough, ahead.until, ahead.lines) == (Enough.AT_LEAST, None, ())
    over = planned(
        Stopped(date=day("2027-03-13"), why="asked for", where=NOWHERE), replace(TWENTY, date=day("2027-03-20"))
    )
    assert enough_text(stock(over)) == "no dose at home is planned"


def test_nothing_is_said_of_a_drug_that_was_not_dispensed_nor_of_what_is_undone() -> None:
    assert stock_of(planned()) == ()
    assert stock_of(planned(TWENTY, undone(6))) == ()
    plan = planned(TWENTY)
    assert differences(planned(), plan).lines == ()
    assert plan.courses == planned().courses


def test_a_liquid_alone_takes_the_place_of_tablets_where_the_site_has_it() -> None:
    site = Settings(liquids=((MP, parse_liquid("20 mg/mL in steps of 0.1 mL")),))
    liquid = dispensed(MP, "100 mL of 20 mg/mL", "2027-03-02")
    found = stock(planned(liquid, site=site))
    assert [each.form for each in found.supplies] == [Form(Decimal(20), "mg", is_liquid=True)]
    a_day = found.supplies[0].taken[0][1]
    assert Decimal(2) < a_day < Decimal(4)
    assert found.until == day("2027-03-02") + timedelta(days=int(100 // a_day) - 1)
    both = stock(planned(liquid, TWENTY, site=site))
    assert enough_text(both) == SHORT_ON_19
    assert both.left(day("2027-03-18")) == (
        (FIFTY, Decimal("0.5")),
        (Form(Decimal(20), "mg", is_liquid=True), Decimal(100)),
    )
    without = stock(planned(liquid))
    assert without.enough is Enough.LACKS
    assert without.lacking == (FIFTY,)


def test_half_a_tablet_leaves_the_other_half() -> None:
    found = stock(planned(TWENTY))
    assert found.left(day("2027-03-01")) == ()
    assert [found.left(day(f"2027-03-{on:02}")) for on in (2, 3, 4, 18)] == [
        ((FIFTY, Decimal(left_)),) for left_ in ("19", "18", "16.5", "0.5")
    ]
    assert stock(planned(TWENTY)).left(day("2027-04-10")) == ((FIFTY, Decimal(0)),)


# --- for whatever is dispensed and happens

DOSES = st.sampled_from([f"continuation-1/mp/{number}" for number in range(1, 43) if number])
HAPPENS = st.lists(
    st.one_of(
        st.builds(left, DOSES),
        st.builds(
            lambda id_, late: moved(id_, str(day("2027-03-02") + timedelta(days=late))), DOSES, st.integers(0, 41)
        ),
        st.builds(
            lambda on, days: held("continuation-1", f"2027-03-{on:02}", days, HoldRule.SKIP),
            st.integers(2, 30),
            st.integers(1, 9),
        ),
        st.builds(
            lambda on, share: adjusted(MP, share, f"2027-03-{on:02}"), st.integers(2, 30), st.sampled_from(["50", "75"])
        ),
    ),
    max_size=3,
    unique_by=lambda entry: getattr(entry, "id", getattr(entry, "ids", type(entry))),
)
PACKS = st.lists(
    st.tuples(st.sampled_from(["50", "50", "25"]), st.integers(1, 120), st.integers(0, 41)), min_size=1, max_size=4
)


@trying(max_examples=120, deadline=None)
@always(packs=PACKS, happens=HAPPENS)
def test_enough_until_a_date_means_that_the_sums_are_within_what_was_dispensed_and_not_with_the_next_dose(
    packs: list[tuple[str, int, int]], happens: list[Entry]
) -> None:
    """Counted here from the plan's own lines, in halves; `packs` are a strength, halves of a tablet, and a day."""
    log = [
        dispensed(MP, f"{Decimal(halves) / 2} tablets of {mg} mg", str(day("2027-03-02") + timedelta(days=late)))
        for mg, halves, late in packs
    ]
    plan = planned(*happens, *log)
    found = stock(plan)
    first, had = dict[Decimal, date](), Counter[Decimal]()
    for entry in log:
        (piece,) = entry.product.pieces  # type: ignore[union-attr]
        first[piece.strength] = min(entry.date, first.get(piece.strength, entry.date))
        had[piece.strength] += int(piece.number * 2)

    def used(until: date) -> Counter[Decimal]:
        total = Counter[Decimal]()
        for on, pieces in taken:
            total.update(
                {size: int(2 * number) for size, number in pieces if on <= until and on >= first.get(size, on)}
            )
        return total

    taken = [
        (line.date, line.product.pieces)
        for line in plan.administrations
        if line.agent == MP and line.status.takes_place and isinstance(line.product, Tablets)
        and line.date >= min(first.values())
    ]  # fmt: skip
    days = sorted({on for on, _pieces in taken})
    fits = [on for on in days if used(on) <= had]
    assert found.until == (max(fits) if fits else None)
    assert days[: len(fits)] == fits  # once it is short it stays so
    later = [on for on in days if on not in fits]
    assert found.short_on == (min(later) if later else None)
    if found.until:
        for supply in found.supplies:
            size = supply.form.strength
            whole = sum(number for on, number in supply.dispensed if on <= found.until)
            assert supply.left(found.until) == max(Decimal(whole) - Decimal(used(found.until)[size]) / 2, Decimal(0))


def test_what_is_dispensed_changes_no_date_no_dose_and_no_fact_of_an_issue() -> None:
    before, after = planned(), planned(TWENTY, DEX_2)
    assert not differences(before, after)
    for sheet in ("calendar/2027-03", "overview", "roadmap/continuation-1", "feed"):
        assert facts_digest(before, sheet) == facts_digest(after, sheet)


# --- what is read, and what is refused


@pytest.mark.parametrize("text", ["60 of 50 mg", "0.5 of 2.5 mg", "59.5 of 50 mg"])
def test_tablets_are_read(text: str) -> None:
    count, _, rest = text.partition(" of ")
    assert parse_tablets(text) == Tablets((Piece(Decimal(rest.split()[0]), Decimal(count)),), "mg")


@pytest.mark.parametrize(
    "text",
    ["", "60", "60 of 50", "0 of 50 mg", "60 of 0 mg", "60.3 of 50 mg", "-1 of 50 mg", "3001 of 50 mg", "1e3 of 50 mg",
     "60 of 50 mg/mL", "\u0666\u0660 of 50 mg", "60 tablets of 50 mg", "60 of 50 mg + 5 of 20 mg",
     "9" * 400 + " of 50 mg"],
)  # fmt: skip
def test_what_is_no_number_of_tablets_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"write"):
        parse_tablets(text)


@pytest.mark.parametrize(
    "text", ["100 mL", "0 mL of 20 mg/mL", "100 mL of 0 mg/mL", "6000 mL of 20 mg/mL", "60 of 50 mg"]
)
def test_what_is_no_volume_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"write"):
        parse_volume(text)


By = Callable[..., Path]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> str:
    record = tmp_path_factory.mktemp("stock") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record.read_text(encoding="utf-8")


@pytest.fixture
def by_hand(untouched: str, tmp_path: Path) -> By:
    def written(*lines: str) -> Path:
        record = tmp_path / "p001.yaml"
        record.write_text(untouched + "".join(f"  - {{entry: {line}}}\n" for line in lines), encoding="utf-8")
        return record

    return written


STARTS = "start, course: continuation-1, date: 2027-03-02, counts: {anc: 800, platelets: 80000}"
BY_HAND = "dispense, agent: mercaptopurine, tablets: 20 of 50 mg, date: 2027-03-02"


def test_a_line_by_hand_is_read_and_sealed_with_the_next_command(by_hand: By) -> None:
    record = by_hand(STARTS, BY_HAND)
    assert enough_text(stock(load_plan(record, SITE))) == SHORT_ON_19
    assert run("note", record, "seen").returncode == 0
    assert (
        "dispense, agent mercaptopurine, product 20 tablets of 50 mg, date Tue 02-Mar-2027" in run("log", record).stdout
    )
    assert enough_text(stock(load_plan(record, SITE))) == SHORT_ON_19


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("agent: mercaptopurin, tablets: 20 of 50 mg, date: 2027-03-02", "no agent is called 'mercaptopurin'"),
        ("agent: vincristine, tablets: 20 of 50 mg, date: 2027-03-02", "vincristine is never taken by mouth"),
        ("agent: mercaptopurine, tablets: 20 of 50 g, date: 2027-03-02", "is dosed in mg"),
        ("agent: mercaptopurine, tablets: 20.2 of 50 mg, date: 2027-03-02", "no number of whole and half tablets"),
        ("agent: mercaptopurine, tablets: 20, date: 2027-03-02", "no number of tablets of a strength"),
        ("agent: mercaptopurine, liquid: 20 of 50 mg, date: 2027-03-02", "no volume of a liquid"),
        ("agent: mercaptopurine, date: 2027-03-02", "one line says tablets of one strength or one liquid"),
        (
            "agent: mercaptopurine, tablets: 20 of 50 mg, liquid: 9 mL of 20 mg/mL, date: 2027-03-02",
            "one line says tablets of one strength or one liquid",
        ),
        ("agent: mercaptopurine, tablets: 20 of 50 mg, date: 2019-05-11", "before the birth"),
        ("agent: mercaptopurine, tablets: 20 of 50 mg", "date"),
    ],
)
def test_a_line_by_hand_that_cannot_be_is_an_error_with_its_place(by_hand: By, line: str, says: str) -> None:
    record = by_hand(f"dispense, {line}")
    with pytest.raises(ProtocalError) as raised:
        load_plan(record, SITE)
    number = record.read_text(encoding="utf-8").splitlines().index(f"  - {{entry: dispense, {line}}}") + 1
    (problem,) = (each for each in raised.value.problems if says in f"{each.message} {each.remedy}")
    assert problem.where is not None
    assert (problem.where.line, bool(problem.remedy)) == (number, True)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("agent: mercaptopurine, tablets: 20 of 25 mg, date: 2026-12-02", "strength"),
        ("agent: mercaptopurine, liquid: 20 mL of 5 mg/mL, date: 2026-12-02", "strength"),
        ("agent: mercaptopurine, tablets: 20 of 50 mg, date: 2027-03-02", "dispensed-ahead"),
    ],
)
def test_another_strength_and_a_date_to_come_are_warned_of_at_their_line(by_hand: By, line: str, code: str) -> None:
    plan = load_plan(by_hand(f"dispense, {line}"), SITE, now=datetime(2026, 12, 3, tzinfo=UTC))
    (problem,) = (each for each in plan.problems if each.code == code)
    assert problem.severity.value == "warning"
    assert problem.where is not None
    assert problem.where.line > 1


def test_a_reason_answers_another_strength(by_hand: By) -> None:
    plan = load_plan(
        by_hand("dispense, agent: mercaptopurine, tablets: 20 of 25 mg, date: 2026-12-02, why: none of 50"), SITE
    )
    assert not [each for each in plan.problems if each.code == "strength"]


def test_the_second_count_knows_the_line_and_counts_nothing_otherwise(by_hand: By, bundled: Path) -> None:
    with_it, without = (recount_files(by_hand(*lines), bundled) for lines in ((STARTS, BY_HAND), (STARTS,)))
    assert with_it.not_covered == without.not_covered == ()
    assert with_it.doses == without.doses


# --- the command


def test_the_command_prints_until_when_it_is_enough_and_a_dry_run_writes_nothing(by_hand: By) -> None:
    record = by_hand(STARTS)
    words = ("dispense", record, MP, "--tablets", "20 of 50 mg", "2027-03-02", "--by", "pharmacist 2")
    before = record.read_bytes()
    dry = run(*words, "--dry-run")
    assert dry.stdout == f"mercaptopurine: 20 tablets of 50 mg dispensed; {SHORT_ON_19}\n"
    assert record.read_bytes() == before
    done = run(*words)
    assert (done.returncode, done.stdout) == (0, dry.stdout)
    assert load_plan(record, SITE).record.log[-1].by == "pharmacist 2"
    undone_ = run("undo", record, "--reason", "another patient")
    assert undone_.returncode == 0
    assert stock_of(load_plan(record, SITE)) == ()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((MP, "2027-03-02"), "say what was dispensed"),
        ((MP, "--tablets", "20 of 50 mg", "--liquid", "9 mL of 20 mg/mL", "2027-03-02"), "say what was dispensed"),
        ((MP, "--tablets", "20 of 25 mg", "2027-03-02"), "is planned in 50 mg, and '20 tablets of 25 mg' is dispensed"),
        ((MP, "--tablets", "20 of 50 mg", "yesterday"), "DATE: 'yesterday' is not a date"),
        ((MP, "--tablets", "20.3 of 50 mg", "2027-03-02"), "--tablets: '20.3 of 50 mg' is no number"),
        (("mercaptopurin", "--tablets", "20 of 50 mg", "2027-03-02"), "no agent is called 'mercaptopurin'"),
    ],
)
def test_the_command_refuses_what_cannot_be_and_writes_nothing(by_hand: By, words: Sequence[str], says: str) -> None:
    record = by_hand()
    before = record.read_bytes()
    done = run("dispense", record, *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert record.read_bytes() == before


def test_the_same_dispensed_twice_is_asked_about_and_another_strength_goes_with_its_reason(by_hand: By) -> None:
    record = by_hand()
    words = ("dispense", record, MP, "--tablets", "20 of 50 mg", "2026-12-02")
    assert run(*words).returncode == 0
    twice = run(*words)
    assert twice.returncode == 2
    assert "the same was dispensed on Wed 02-Dec-2026 already, by line 7" in twice.stderr
    assert run(*words, "--reason", "the bottle fell").returncode == 0
    assert run("dispense", record, MP, "--tablets", "9 of 25 mg", "2026-12-02", "--reason", "no 50 mg").returncode == 0


# --- a family's pages


def notes(calendar: FamilyCalendar) -> dict[str, list[str]]:
    return {
        page.title: [f"{each.label} {each.said}".replace("\N{NO-BREAK SPACE}", " ") for each in page.notes
                     if "home:" in each.label or "casa:" in each.label]
        for page in calendar.pages
    }  # fmt: skip


def test_the_months_from_the_dispensing_to_the_last_date_say_until_when() -> None:
    plan = planned(dispensed(MP, "40 tablets of 50 mg", "2027-03-02"))
    found = notes(make_calendar(plan, SITE))
    line = "mercaptopurine 50 mg at home: enough until Monday 5 April. What you took home up to 2 March counts."
    assert {month: lines for month, lines in found.items() if lines} == {"March 2027": [line], "April 2027": [line]}


def test_a_pocket_page_says_it_where_its_days_reach_it() -> None:
    plan = planned(TWENTY)
    (page,) = make_pocket_page(plan, SITE, day("2027-03-10")).pages
    assert [each.said for each in page.notes if "home" in each.label] == [
        "enough until Thursday 18 March. What you took home up to 2 March counts."
    ]
    (later,) = make_pocket_page(plan, SITE, day("2027-03-20")).pages
    assert not [each for each in later.notes if "home:" in each.label]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([DEX_2],
         "dexAMETHasone 2 mg at home: no 0.5 mg was given to you, and you need it on Tuesday 2 March: call your team."),
        ([DEX_2, dispensed(DEX, "3 tablets of 0.5 mg", "2027-03-02")],
         "dexAMETHasone 2 mg and 0.5 mg at home: enough until Wednesday 3 March; then you run out of 0.5 mg."),
        ([DEX_2, dispensed(DEX, "7 tablets of 0.5 mg", "2027-03-02")],
         "dexAMETHasone 2 mg and 0.5 mg at home: enough at least until Saturday 6 March."),
        ([dispensed(MP, "1 tablet of 50 mg", "2027-03-04")],
         "mercaptopurine 50 mg at home: not enough for Thursday 4 March: call your team."),
        ([TWENTY, Stopped(date=day("2027-03-13"), why="asked for", where=NOWHERE)],
         "mercaptopurine 50 mg at home: enough until Friday 12 March, the last dose that is planned."),
    ],
)  # fmt: skip
def test_a_family_reads_what_is_so_in_plain_words_and_every_page_reads_back(entries: list[Entry], says: str) -> None:
    plan = planned(*entries)
    (line,) = notes(make_calendar(plan, SITE, unverified_doses=True, since=day("2027-03-01"), until=day("2027-03-31")))[
        "March 2027"
    ]
    assert line.partition(" What you took")[0] == says.replace("dexAMETHasone", plan.protocol.agents[DEX].written)
    march = (plan, SITE, (), day("2027-03-01"), day("2027-03-31"))
    assert calendar_bytes(*march, unverified_doses=True).startswith(b"%PDF")
    assert calendar_bytes(*march).startswith(b"%PDF")


def test_where_a_dose_may_not_be_printed_no_date_tells_it() -> None:
    """Neither the date, nor on which pages the line stands; until a course has its counts its doses are not final."""
    may_change = plan_of(
        child(started("continuation-1", "2027-03-02"), dispensed(MP, "40 tablets of 50 mg", "2027-03-02"))
    )
    found = notes(make_calendar(may_change, SITE))
    assert {month: lines for month, lines in found.items() if lines} == {
        "March 2027": ["mercaptopurine at home: ask your team until when it is enough."]
    }
    (page,) = make_pocket_page(may_change, SITE, day("2027-03-30")).pages
    assert not [each for each in page.notes if "home:" in each.label]
    shown = notes(make_calendar(may_change, SITE, unverified_doses=True))
    assert "enough until Monday 5 April" in shown["March 2027"][0]


def test_a_drug_whose_doses_nothing_confirms_is_marked_where_they_are_asked_for_and_hidden_else() -> None:
    plan = planned(dispensed("leucovorin", "40 tablets of 5 mg", "2027-03-20"), TWENTY)
    unsure = {line.agent for line in plan.administrations if is_unverified(plan.protocol, line.order_line)}
    for stock_ in stock_of(plan):
        if stock_.lines and stock_.agent in unsure:
            lines = notes(make_calendar(plan, SITE))["March 2027"]
            assert "ask your team" in next(line for line in lines if line.startswith(stock_.agent))


def test_what_is_said_at_home_changes_the_issue_of_its_month_and_of_no_other() -> None:
    def issues(plan: Plan) -> dict[str, str]:
        return {page.issue.sheet: page.issue.says for page in make_calendar(plan, SITE).sheets}

    before, after, more = (issues(planned(*entries)) for entries in ((), (TWENTY,), (TWENTY, TWENTY)))
    assert {sheet for sheet in before if before[sheet] != after[sheet]} == {"calendar/2027-03"}
    assert {sheet for sheet in before if after[sheet] != more[sheet]} == {"calendar/2027-03", "calendar/2027-04"}


def test_a_page_that_says_another_date_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(TWENTY)
    right = HomeStock.said
    march = (plan, SITE, (), day("2027-03-01"), day("2027-03-31"))
    assert calendar_bytes(*march).startswith(b"%PDF")
    monkeypatch.setattr(HomeStock, "said", lambda self, stock, year: right(self, stock, year).replace("18", "28"))
    with pytest.raises(ProtocalError, match="does not say what the plan says"):
        calendar_bytes(*march)
    with pytest.raises(ProtocalError, match="does not say what the plan says"):
        pocket_bytes(plan, SITE, day("2027-03-10"))


@pytest.mark.parametrize("by", ["leaves it out", "says it once more"])
def test_a_page_that_lacks_a_line_or_has_one_too_many_is_not_given_out(
    monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    plan = planned(TWENTY)
    right = HomeStock.notes
    monkeypatch.setattr(
        HomeStock, "notes", lambda *of: () if by == "leaves it out" else (*right(*of), *right(*of))
    )  # fmt: skip
    with pytest.raises(ProtocalError, match="does not say what the plan says"):
        calendar_bytes(plan, SITE, (), day("2027-03-01"), day("2027-03-31"))


def test_in_spanish_the_line_has_no_english_word_and_reads_back() -> None:
    march = (planned(TWENTY), SPANISH, (), day("2027-03-01"), day("2027-03-31"))
    found = notes(make_calendar(march[0], SPANISH, since=march[3], until=march[4]))
    assert found == {
        "Marzo de 2027": [
            "mercaptopurine 50 mg en casa: alcanza hasta el jueves 18 de marzo."
            " Cuenta lo que se llevó a casa hasta el 2 de marzo."
        ]
    }
    assert calendar_bytes(*march).startswith(b"%PDF")


def test_one_and_a_half_tablets_are_not_broken_within_their_unit_in_spanish() -> None:
    plan = planned(Stopped(date=day("2027-03-13"), why="asked for", where=NOWHERE))
    assert calendar_bytes(plan, SPANISH, (), day("2027-03-01"), day("2027-03-31")).startswith(b"%PDF")


# --- the pharmacy's lists, and data


def test_a_day_s_list_says_what_is_left_beside_the_dose_and_until_when() -> None:
    day_ = drug_day([planned(TWENTY)], day("2027-03-09"), [MP])
    (line,) = json.loads(day_json(day_))["lines"]
    assert line["stock"] == {
        "agent": MP, "enough": "until", "until": "2027-03-18", "short_on": "2027-03-19",
        "lacking": [{"strength": "50", "unit": "mg"}],
        "left": [{"tablets": "11", "strength": "50", "unit": "mg"}],
    }  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(day_csv(day_).decode("utf-8-sig")))
    assert row["stock"] == f"left after it: 11 tablets of 50 mg; {SHORT_ON_19}"
    assert row["enough_until"] == "2027-03-18"
    assert f"left after it: 11 tablets of 50 mg; {SHORT_ON_19}" in " ".join(day_text(day_, 400).split())


def test_what_is_given_in_the_clinic_has_no_stock_beside_it_nor_has_a_day_before_the_dispensing() -> None:
    plan = planned(replace(TWENTY, date=day("2027-03-09")), dispensed(MTX, "12 tablets of 2.5 mg", "2027-03-02"))
    lines = json.loads(day_json(drug_day([plan], day("2027-03-02"))))["lines"]
    assert {line["agent"]: line["stock"] for line in lines if line["stock"]} == {}


def test_the_drug_list_has_it_below_its_drug() -> None:
    plan = planned(TWENTY)
    report = drug_report(plan, plan, SITE)
    said_ = f"mercaptopurine: 20 tablets of 50 mg dispensed; {SHORT_ON_19}"
    text = " ".join(drugs_text(report, 200).split())
    assert text.count(said_) == 1
    found = {each["agent"]: each["stock"] for each in json.loads(drugs_json(report))["drugs"] if each["stock"]}
    assert list(found) == [MP]
    assert found[MP][0]["dispensed"] == [{"tablets": "20", "strength": "50", "unit": "mg"}]


def test_the_account_of_the_plan_s_json_has_it_on_each_date_that_it_says_something_of() -> None:
    plan = planned(TWENTY)
    days = {each["date"]: each.get("stock") for each in json.loads(plan_json(plan, plan))["account"]}
    having = [on for on, found in days.items() if found]
    assert having == [str(day("2027-03-02") + timedelta(days=late)) for late in range(18)]
    assert days["2027-03-04"][0]["left"] == [{"tablets": "16.5", "strength": "50", "unit": "mg"}]
    assert "stock" not in plan_json(planned(), planned())


def test_a_dose_of_which_nobody_wrote_what_it_was_made_of_is_named_in_data() -> None:
    plan = planned(TWENTY, replace(given("continuation-1/mp/1", "2027-03-02"), dose=Decimal(60), product=None))
    (found,) = json.loads(day_json(drug_day([plan], day("2027-03-09"), [MP])))["lines"]
    assert found["stock"]["guessed"] == ["continuation-1/mp/1"]
    assert found["stock"]["left"][0]["tablets"] == "10.5"


def test_what_a_list_of_a_later_day_asks_for_takes_nothing() -> None:
    """A rescue that no level has ended goes on, on the days that somebody asks for, beyond its course."""
    entries = (
        started("block-2", "2026-12-29"),
        given("block-2/mtx-hd/8", "2027-01-05 20:00"),
        dispensed("leucovorin", "40 tablets of 5 mg", "2027-01-05"),
    )
    record = child(*entries)
    plain_, asked = (
        make_plan(the_protocol(), record, SITE, asked=span) for span in (None, (day("2027-03-20"), day("2027-03-22")))
    )
    assert len(asked.administrations) > len(plain_.administrations)
    assert stock_of(asked) == stock_of(plain_) == stock_at_home(make_account(plain_))
