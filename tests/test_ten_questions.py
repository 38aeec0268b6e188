"""What a parent asks, answered from the feed, the page and the paper, each alone and all the same.

An eventful record of a made-up child: a lumbar puncture that was moved, a hold, tablets at home. The site has said its
own words; where it has not, each of the three says to ask the team.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pypdfium2
import pytest
from in_memory import child, dispensed, held, moved
from page_of import BASE, SITE, Shown, issued, shown

from protocal.model.entries import HoldRule
from protocal.model.settings import ForFamilies
from protocal.render.family.calendar import make_calendar
from protocal.render.family.pdf import calendar_pdf

FIRST, PUNCTURE, HELD = "2026-12-01", "2026-12-10", "2026-12-16"
DOCUMENTS = ("feed", "page", "paper")


@dataclass
class Told:
    """A document as its reader has it: what stands with a date, and what stands with none."""

    by_date: dict[str, str]
    whole: str


def of_feed(each: Shown) -> Told:
    by_date: dict[str, str] = {}
    for event in each.calendar.events:
        if event.get("status") != "CANCELLED":
            on = str(event.start)[:10]
            by_date[on] = f"{by_date.get(on, '')}\n{event['summary']}\n{event['description']}"
    return Told(by_date, f"{each.calendar['name']}\n" + "\n".join(by_date.values()))


def of_page(each: Shown) -> Told:
    articles = {article.attributes["data-date"]: article.said for article in each.html.all("article")}
    return Told(articles, each.html.said)


def of_paper(each: Shown) -> Told:
    """Its cells by the day of the month, which ends the line of a date; its other words as they come."""
    calendar = make_calendar(each.plan, each.settings, unverified_doses=True, until=date(2027, 1, 31), address=BASE)
    document = pypdfium2.PdfDocument(calendar_pdf(calendar, each.settings, each.plan.issued))
    pages = [page.get_textpage().get_text_range().replace("\r", "") for page in document]
    document.close()
    cells, number = {}, r"(?:CLINIC day \d+ |[^\n]+ )?(\d+)\n"
    for found in re.finditer(rf"(?<=\n){number}(.*?)(?=\n{number}|\Z)", pages[0], re.DOTALL):
        cells.setdefault(f"2026-12-{int(found[1]):02}", f"{found[0]}")
    return Told(cells, "\n".join(pages))


@pytest.fixture(scope="module")
def eventful() -> Shown:
    boxes = [dispensed("dexamethasone", f"40 tablets of {size} mg", FIRST) for size in ("4", "1", "0.5")]
    record = child(*boxes, held("block-1", HELD, 2, HoldRule.SKIP))
    return issued(shown(record, FIRST), moved("block-1/it-mtx/8", PUNCTURE))


@pytest.fixture(scope="module")
def told(eventful: Shown) -> dict[str, Told]:
    return {"feed": of_feed(eventful), "page": of_page(eventful), "paper": of_paper(eventful)}


def says(text: str, *words: str) -> bool:
    """Whether a document has these words, however its lines are broken and its letters are large."""
    plain = " ".join(text.split()).casefold()
    return all(word.casefold() in plain for word in words)


@pytest.mark.parametrize("document", DOCUMENTS)
class TestTenQuestions:
    def test_what_tonight_and_how_many(self, document: str, told: dict[str, Told]) -> None:
        assert says(told[document].by_date[FIRST], "dexamethasone", "2 tablets of 4 mg", "morning", "evening")

    def test_when_do_we_come_next_and_what_for(self, document: str, told: dict[str, Told]) -> None:
        came = {"feed": "Clinic visit", "page": "At the clinic", "paper": "CLINIC day"}[document]
        clinic = sorted(on for on, text in told[document].by_date.items() if says(text, came) and on > FIRST)
        assert [on for on in clinic if on <= PUNCTURE] == ["2026-12-02", "2026-12-03", "2026-12-08", PUNCTURE]
        assert says(told[document].by_date[PUNCTURE], "lumbar puncture", "methotrexate")

    def test_what_do_we_bring(self, document: str, told: dict[str, Told]) -> None:
        assert says(told[document].whole, "Bring", SITE.bring)

    def test_from_when_on_is_there_nothing_to_eat(self, document: str, told: dict[str, Told]) -> None:
        assert says(told[document].by_date[PUNCTURE], SITE.before_sedation)

    def test_whom_do_we_call(self, document: str, told: dict[str, Told]) -> None:
        assert says(told[document].whole, SITE.call_by_day, SITE.call_at_night, SITE.fever)

    def test_is_it_on_hold(self, document: str, told: dict[str, Told]) -> None:
        held_days = [on for on, text in told[document].by_date.items() if says(text, "on hold")]
        assert sorted(held_days) == [HELD, "2026-12-17"]
        for on in held_days:
            assert not says(told[document].by_date[on], "tablets of"), "what is held must not look like a dose"

    def test_are_there_enough_tablets(self, document: str, told: dict[str, Told]) -> None:
        assert says(told[document].whole, "at home: enough at least until Saturday 19 December")


def test_what_changed(told: dict[str, Told]) -> None:
    """Paper marks a day CHANGED once its month was given out before: test_issues has that."""
    moved_on = "Thursday 10 December 2026, moved from Tuesday 8 December 2026: Clinic visit: spinal test"
    assert says(told["page"].whole, "What changed", moved_on)
    assert says(told["feed"].by_date[PUNCTURE], "issue 2"), "and what did not change has an earlier one"
    assert says(told["feed"].by_date[FIRST], "issue 1")


def test_where_do_we_see_it_on_the_phone(told: dict[str, Told]) -> None:
    assert told["feed"].whole.startswith("Treatment plan\n"), "what the phone's calendar calls it"
    assert says(told["page"].whole, "In your phone's calendar", "Subscribe", f"{BASE}calendar.ics")
    assert says(told["paper"].whole, "The same in your phone's calendar: scan this")
    assert BASE.removesuffix("/") in "".join(told["paper"].whole.split())


def test_what_the_site_has_not_said_each_says_to_ask() -> None:
    each = shown(child(), FIRST, site=ForFamilies())
    for told in (of_feed(each), of_page(each), of_paper(each)):
        assert says(told.whole, "ask")
        for words in (SITE.bring, SITE.call_by_day, SITE.before_sedation):
            assert not says(told.whole, words)
    assert says(of_feed(each).by_date[FIRST], "Bring: ask your team", "Call by day: ask your team")
