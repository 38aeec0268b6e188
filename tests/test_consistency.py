"""Documents held against the account, and so against each other: they say the same doses, whatever happened to a plan.

What each of them says stands in `projection.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import feed_projection as of_feeds
import pytest
from conftest import CHILD, run
from feeds import feed
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machines import Chart, Values
from projection import (
    account_rows,
    bags_hung,
    bags_of_day,
    csv_projection,
    csv_rows,
    date_rows,
    day_csv_rows,
    day_json_rows,
    day_projection,
    day_text_projection,
    day_text_rows,
    family_projection,
    family_rows,
    json_rows,
    roadmap_projection,
    roadmap_rows,
    roadmap_said,
    said_projection,
    stock_day_projection,
    stock_day_rows,
    stock_family_projection,
    stock_family_rows,
    stock_json_rows,
    stock_projection,
    terminal_projection,
    terminal_rows,
)
from test_state_machine import Sequences

from protocal.account import make_account, stock_at_home
from protocal.model.account import Account
from protocal.model.plan import Administration, Plan
from protocal.model.reader import Who
from protocal.model.settings import Settings
from protocal.plan.unverified import is_unverified
from protocal.render.data.drug_day import day_csv, day_json, day_of
from protocal.render.data.plan_data import plan_csv, plan_json
from protocal.render.family.calendar import make_calendar
from protocal.render.pdf.sheets_pdf import roadmap_pdf
from protocal.render.roadmap import make_roadmap
from protocal.render.selection import Choice, chosen_days, chosen_lines, run_on
from protocal.render.terminal import plan_text
from protocal.render.terminal.drugs import day_text
from protocal.render.wording.catalogues import languages, messages
from protocal.verify.expected_stock import stock_lines
from protocal.verify.roadmap import roadmap_problems
from protocal.workflow.planning import load_plan

# Without a wish the same few, in parts that run beside each other. PROTOCAL_HISTORIES=5000 tries so many others, each
# laid out as pages too, in each language; PROTOCAL_SOAK=2 goes on with ever new ones for two hours.
ASKED = int(os.environ.get("PROTOCAL_HISTORIES", "0"))
HOURS = float(os.environ.get("PROTOCAL_SOAK", "0"))
PARTS = 4
HISTORIES = (ASKED or 200) // PARTS
PAPER = 1 if ASKED or HOURS else 10  # of so many histories one is laid out as pages, too
LANGUAGES = languages()
LISTS = 7  # of so many dates of one that is, one is listed as text
WIDE = 200  # letters of a line, at which no cell of a row is broken where a reader would not expect it


def disagreements(
    plan: Plan, site: Settings, *, paper: bool = True, languages: Sequence[str] = LANGUAGES
) -> dict[str, str]:
    """Of each document that does not say what the account has, what differs."""
    account = make_account(plan)
    found: dict[str, str] = {}
    pages = (*sheets(plan, site, account), *day_texts(plan, account)) if paper else ()
    listed = (*lists(plan, account), *day_lists(account), *lists_of_dates(plan, account), *stocks(plan, account))
    for name, said, due in (*listed, *feeds(plan, account, languages), *pages):
        if said != due:
            found.setdefault(name, difference(said, due))
    return found


def lists(plan: Plan, account: Account) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    rows = list(account_rows(account))
    yield "JSON", json_rows(plan_json(plan, plan)), Counter(rows)
    yield "CSV", csv_rows(plan_csv(plan)), csv_projection(rows)
    yield "terminal", terminal_rows(plan_text(plan, WIDE)), terminal_projection(rows, written(plan))


def stocks(plan: Plan, account: Account) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    """What is at home, where anything was dispensed."""
    if found := stock_at_home(account):
        yield "stock, JSON", stock_json_rows(plan_json(plan, plan)), stock_projection(account, found)
        for on in account.days:
            due = stock_day_projection(account, found, on)
            yield f"stock, day list, {on}", stock_day_rows(day_json(day_of([account], on))), due


def day_lists(account: Account) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    bags: Counter[Any] = Counter()
    projection = day_projection(account)
    for on in account.days:
        day, due = day_of([account], on), projection[on.isoformat()]
        text = day_json(day)
        yield f"day list, JSON, {on}", day_json_rows(text), due
        yield f"day list, CSV, {on}", day_csv_rows(day_csv(day)), due
        bags += bags_of_day(text)
    yield "bags of all day lists", bags, bags_hung(account)


def lists_of_dates(plan: Plan, account: Account) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    """The plan of each date on which an infusion runs on."""
    for on in (day for day, courses in account.days.items() if any(each.running for each in courses)):
        choice = Choice(first=on, last=on)
        days = list(chosen_days(account, choice))
        part = chosen_lines(plan, choice, run_on(days))
        rows = list(date_rows(account, on))
        yield f"CSV of {on}", csv_rows(plan_csv(part, days)), csv_projection(rows)
        text = plan_text(part, WIDE, account, days)
        yield f"terminal of {on}", terminal_rows(text), terminal_projection(rows, written(plan))


def day_texts(plan: Plan, account: Account) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    names = written(plan)
    for on in list(account.days)[plan.revision % LISTS :: LISTS]:
        text = day_text(day_of([account], on), WIDE)
        yield f"day list, text, {on}", day_text_rows(text), day_text_projection(account, on, names)


def feeds(plan: Plan, account: Account, languages: Sequence[str]) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    """The three, each by its projection; and that a clinic and a family together have all that is due."""
    names = written(plan)
    for language in languages:
        data = {
            who: feed(plan, who, with_doses=True, unverified_doses=True, language=language)
            for who in (Who.CLINIC, Who.PHARMACY, Who.FAMILY)
        }
        clinic, pharmacy = (of_feeds.ward_rows(data[who], language, names.values()) for who in list(data)[:2])
        family = of_feeds.family_rows(data[Who.FAMILY], language, names.values())
        yield f"clinic's feed, {language}", clinic, of_feeds.clinic_projection(account, names)
        yield f"pharmacy's feed, {language}", pharmacy, of_feeds.pharmacy_projection(account, names)
        yield f"family's feed, {language}", family, of_feeds.family_projection(account, names)
        yield f"feeds together, {language}", of_feeds.together(clinic, family), of_feeds.all_due(account, names)
        titles = {kind: messages(language).gettext(title) for kind, title in plan.protocol.kinds.items()}
        done = of_feeds.clinic_rows(data[Who.CLINIC], language, titles.values())
        yield f"clinic's feed, what else it says, {language}", done, of_feeds.clinic_done(account, titles, names)


def roadmaps(plan: Plan, site: Settings, account: Account) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    for language in LANGUAGES:
        roadmap = make_roadmap(plan, replace(site, language=language))
        yield f"roadmap, {language}", roadmap_rows(roadmap, language), roadmap_projection(account)
        if language == "en":
            yield "roadmap, what else it says", roadmap_said(roadmap), said_projection(account)


def sheets(plan: Plan, site: Settings, account: Account) -> Iterator[tuple[str, Counter[Any], Counter[Any]]]:
    yield from roadmaps(plan, site, account)
    at_home = {dose.line.id for found in account.days.values() for each in found for dose in each.due if dose.at_home}
    for language in LANGUAGES:
        here = replace(site, language=language)
        for unverified in (False, True):
            calendar = make_calendar(plan, here, unverified_doses=unverified)

            def hidden(line: Administration, *, shown: bool = unverified) -> bool:
                return not shown and (line.provisional or is_unverified(plan.protocol, line.order_line))

            yield f"family, {language}", family_rows(calendar, at_home), family_projection(account, hidden)
            lines = list(stock_lines(plan, here, unverified_doses=unverified))
            said, due = stock_family_rows(calendar, lines), stock_family_projection(calendar, lines)
            yield f"family, {language}, what is at home", said, due


def written(plan: Plan) -> dict[str, str]:
    return {agent.id: agent.written for agent in plan.protocol.agents.values()}


def difference(said: Counter[Any], due: Counter[Any]) -> str:
    return "\n".join(
        [*(f"  it says    {row}" for row in (said - due)), *(f"  the account {row}" for row in (due - said))]
    )


class Histories(Sequences):
    """Any history; what it comes to is said in all ways at its end."""

    anew = False
    seen = 0

    def _add(self, **values: Any) -> None:
        shown = {key: value for key, value in values.items() if value not in ("", False)}
        if self.chart.add(shown).after:
            self.written.append(shown)

    def teardown(self) -> None:
        type(self).seen += 1
        try:
            paper = self.seen % PAPER == 0
            languages = LANGUAGES if paper else LANGUAGES[self.seen % len(LANGUAGES) :][:1]
            if disagreements(self.chart.plan, self.chart.settings, paper=paper, languages=languages):
                kept, found = smallest(self.written)
                told = "\n".join(f"{name}\n{text}" for name, text in found.items())
                raise AssertionError(f"{told}\nafter\n" + "\n".join(map(str, kept)))
        finally:
            self.chart.close()


def smallest(history: Iterable[Values]) -> tuple[list[Values], dict[str, str]]:
    """The fewest entries after which documents still disagree, and how."""
    kept = list(history)
    found = after(kept)
    assert found, "it cannot be repeated"
    for index in reversed(range(len(kept))):
        fewer = kept[:index] + kept[index + 1 :]
        if again := after(fewer):
            kept, found = fewer, again
    return kept, found


def after(history: Iterable[Values]) -> dict[str, str]:
    chart = Chart()
    try:
        for values in history:
            chart.add(values)
        return disagreements(chart.plan, chart.settings)
    finally:
        chart.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happened_every_document_says_the_doses_of_the_account(part: int) -> None:
    steady = settings(
        max_examples=HISTORIES,
        stateful_step_count=20,
        derandomize=not (ASKED or HOURS),
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # a failure is made small here, and faster
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    machine = type(f"Histories{part}", (Histories,), {"seen": 0})  # by its name hypothesis tells the parts apart
    end = monotonic() + HOURS * 3600 / PARTS
    run_state_machine_as_test(machine, settings=steady)
    while monotonic() < end:
        run_state_machine_as_test(machine, settings=steady)


# --- histories after which documents once did not agree

ONCE: dict[str, list[Values]] = {
    "a dose moved to a day at home that has its own": [
        {"entry": "move", "id": "heddle/mer/15", "date": "2027-02-01", "why": "asked for"}
    ],
    "a dose given on a day at home that has its own": [
        {"entry": "start", "course": "heddle", "date": "2027-01-10", "counts": {"anc": 400}, "why": "asked for"},
        {
            "entry": "give",
            "id": "heddle/mer/15",
            "date": "2027-01-25",
            "at": "2027-01-25T12:00:00-05:00",
            "why": "late",
        },
    ],
    "a dose of an open rescue given on the date of a later one": [
        {"entry": "start", "course": "weft", "date": "2026-12-15"},
        {"entry": "give", "id": "weft/umb/1", "date": "2026-12-15", "at": "2026-12-15T10:00:00-05:00"},
        {"entry": "give", "id": "weft/fol/8", "date": "2026-12-24"},
    ],
    "a dose of an open rescue given on the date of an earlier one": [
        {"entry": "start", "course": "weft", "date": "2026-12-15"},
        {"entry": "give", "id": "weft/umb/1", "date": "2026-12-15", "at": "2026-12-15T10:00:00-05:00"},
        {"entry": "give", "id": "weft/fol/10", "date": "2026-12-22"},
    ],
    "something beyond the end of a course with a rescue": [
        {"entry": "substitute", "agent": "aspanol", "product": "rusta", "date": "2026-12-17"},
        {"entry": "move", "id": "weft/asp/5/rusta-3", "date": "2026-12-24", "why": "asked for"},
    ],
    "an open rescue that is worked out again by a new weight": [
        {"entry": "start", "course": "weft", "date": "2026-12-15"},
        {"entry": "give", "id": "weft/umb/1", "date": "2026-12-15", "at": "2026-12-15T10:00:00-05:00"},
        {"entry": "measure", "date": "2026-12-22", "height": 113, "weight": 21, "again": "2026-12-22"},
    ],
    "an intrathecal dose given on the date of another": [
        {"entry": "give", "id": "warp/it/2", "date": "2026-12-08", "at": "2026-12-08T05:00:00-05:00", "why": "late"},
    ],
    "the last planned day of a rescue left out": [{"entry": "omit", "ids": ["weft/fol/4"]}],
    "the last planned day of a rescue moved before another": [
        {"entry": "move", "id": "weft/fol/4", "date": "2026-12-15", "why": "asked for"},
        {"entry": "omit", "ids": ["weft/fol/3"]},
    ],
}


@pytest.mark.parametrize("history", ONCE)
def test_documents_agree_where_they_once_did_not(history: str) -> None:
    chart = Chart()
    try:
        refused = [tried.refused for tried in map(chart.add, ONCE[history])]
        assert refused == [""] * len(ONCE[history])
        found = disagreements(chart.plan, chart.settings)
        assert not found, "\n".join(f"{name}\n{text}" for name, text in found.items())
        course = (str(ONCE[history][-1].get("id", "weft")).partition("/")[0],)
        pdf = roadmap_pdf(make_roadmap(chart.plan, chart.settings, course), chart.settings, chart.now)
        assert list(map(str, roadmap_problems(pdf, chart.plan, chart.settings, course))) == []
    finally:
        chart.close()


# --- histories by hand, on the bundled protocol

BLOCK_2 = "entry: start, course: block-2, date: 2026-12-29"
INFUSED = 'entry: give, id: block-2/mtx-hd/8, date: 2027-01-05, at: "2027-01-05T20:00:00-05:00"'
CLEARED = 'entry: clear, course: block-2, agent: methotrexate, at: "2027-01-10T09:00:00-05:00", level: 0.08 micromol/L'
PUMP = (
    "entry: start, course: blina-cycle-1, date: 2027-01-26",
    "entry: bags, agent: blinatumomab, hours: [72, 96], date: 2027-01-26",
    'entry: give, id: blina-cycle-1/blina/1, date: 2027-01-26, at: "2027-01-26T14:00:00-05:00"',
    'entry: interrupt, course: blina-cycle-1, at: "2027-02-03T03:15:00-05:00", why: fever',
    'entry: resume, course: blina-cycle-1, at: "2027-02-06T20:00:00-05:00", dose: 9.4, why: afebrile',
)
PEG_LATER = "entry: move, id: block-2/peg/9, date: 2027-01-09, why: no bed"
CONTINUED = (
    "entry: start, course: blina-cycle-1, date: 2027-01-26",
    "entry: start, course: continuation-1, date: 2027-03-02",
)
BY_HAND = {
    "untouched": (),
    "an open rescue": (BLOCK_2, INFUSED),
    "a rescue that a level ended": (BLOCK_2, INFUSED, CLEARED),
    "an infusion a day late": (BLOCK_2, "entry: give, id: block-2/mtx-hd/8, date: 2027-01-06"),
    "moved": (
        BLOCK_2,
        "entry: move, id: block-2/it-mtx/8, date: 2027-01-06, why: no theatre",
        "entry: move, id: block-2/mtx-hd/8, date: 2027-01-07, why: no bed",
    ),
    "held, left out and waited": (
        "entry: hold, course: block-1, date: 2026-12-08, days: 3, rule: skip, why: fever",
        BLOCK_2,
        "entry: omit, ids: [block-2/peg/9], why: allergy",
        "entry: delay, course: block-2, days: 4, from_day: 15, why: ANC 300",
    ),
    "a pump that stopped": PUMP,
    "a pump that stands still": PUMP[:4],
    "a pump that stopped for three hours": (
        *PUMP[:4],
        'entry: resume, course: blina-cycle-1, at: "2027-02-03T06:15:00-05:00", why: afebrile',
    ),
    "an infusion that only runs on": (
        BLOCK_2,
        INFUSED,
        "entry: move, id: block-2/peg/9, date: 2027-01-09, why: no bed",
    ),
    "a level that comes late": (BLOCK_2, INFUSED, CLEARED.replace("10T09", "15T09")),
    "two delays from one day": (
        *CONTINUED,
        "entry: delay, course: continuation-1, days: 3, from_day: 15, why: ANC 300",
        "entry: delay, course: continuation-1, days: 2, from_day: 15, why: ANC 350",
    ),
    "a hold that moves the days left": (
        *CONTINUED,
        "entry: hold, course: continuation-1, date: 2027-03-10, days: 5, rule: slip, why: fever",
    ),
    "a series, of which one dose was late": (
        "entry: substitute, agent: pegaspargase, product: erwinia, date: 2026-12-17, why: allergy",
        "entry: give, id: block-1/peg/17/erwinia-2, date: 2026-12-22",
    ),
}
COURSES = ("block-1", "block-2", "blina-cycle-1", "continuation-1")  # those to which something happened


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> str:
    record = tmp_path_factory.mktemp("consistency") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record.read_text(encoding="utf-8")


@pytest.mark.parametrize("history", BY_HAND)
def test_the_bundled_protocol_s_documents_say_the_doses_of_the_account(
    untouched: str, tmp_path: Path, history: str
) -> None:
    record = tmp_path / "p001.yaml"
    record.write_text(untouched + "".join(f"  - {{{line}}}\n" for line in BY_HAND[history]), encoding="utf-8")
    plan = load_plan(record, Settings())
    found = disagreements(plan, Settings())
    assert not found, "\n".join(f"{name}\n{text}" for name, text in found.items())
    pdf = roadmap_pdf(make_roadmap(plan, Settings(), COURSES), Settings(), plan.issued)
    assert not [each.message for each in roadmap_problems(pdf, plan, Settings(), COURSES)]


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("said_of_day", lambda _context, _day: []),
        ("quiet_day", lambda _context, _day, found: found),
        ("shares_a_line", lambda _day: frozenset()),
    ],
)
def test_a_roadmap_that_leaves_something_out_is_found(
    untouched: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, instead: Any
) -> None:
    record = tmp_path / "p001.yaml"
    lines = (*BY_HAND["an infusion that only runs on"], *PUMP)
    record.write_text(untouched + "".join(f"  - {{{line}}}\n" for line in lines), encoding="utf-8")
    plan = load_plan(record, Settings())
    account = make_account(plan)
    assert not [name for name, said, due in roadmaps(plan, Settings(), account) if said != due]
    monkeypatch.setattr(f"protocal.render.roadmap.content.grid.{part}", instead)
    assert [name for name, said, due in roadmaps(plan, Settings(), account) if said != due]


@pytest.mark.parametrize(
    ("part", "instead", "who"),
    [
        ("_in_clinic", lambda _day: iter(()), {"clinic", "family", "feeds together"}),
        ("_by_mouth", lambda _day: iter(()), {"family", "feeds together"}),
        ("_prepared", lambda _day: iter(()), {"pharmacy"}),
        ("infusions_of", lambda _days: {}, {"clinic", "pharmacy", "family", "feeds together"}),
        ("_on_hold", lambda _days, _home: iter(()), {"family"}),
    ],
)
def test_a_feed_that_leaves_something_out_is_found(
    untouched: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, instead: Any, who: set[str]
) -> None:
    record = tmp_path / "p001.yaml"
    lines = (*PUMP, *BY_HAND["a hold that moves the days left"][1:])
    record.write_text(untouched + "".join(f"  - {{{line}}}\n" for line in lines), encoding="utf-8")
    plan = load_plan(record, Settings())
    account = make_account(plan)

    def wrong() -> set[str]:
        return {
            name.partition("'")[0].partition(",")[0] for name, said, due in feeds(plan, account, ("en",)) if said != due
        }

    assert wrong() == set()
    monkeypatch.setattr(f"protocal.render.feed.readers.{part}", instead)
    assert wrong() == who
