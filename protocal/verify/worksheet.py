"""A worksheet's PDF and its plan -> every line that does not stand below its drug as the plan has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from protocal.model.doses import Route
from protocal.model.plan import Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.render.wording.catalogues import messages
from protocal.verify.expected import Entry, dates_of, on_worksheet, sheet_dates, span, times_a_day
from protocal.verify.expected_products import Products
from protocal.verify.pdf_words import PrintedPage, Word, differences, read_pages
from protocal.verify.tables import Doses, first_column, head_columns, is_start_of, joined

_NEAR = 4.0  # points by which words of one column may begin beside each other
_LINES_APART = 6.0  # points that may be free between two lines of a cell
_SAME_LINE = 7.0  # points within which the words of a row's first line stand, large and small ones


def worksheet_problems(pdf: bytes, whole: Plan, chosen: Plan, settings: Settings) -> list[Problem]:
    """What the pages of a choice from a plan have otherwise than the plan; nothing if all is as it must be."""
    terms = _terms(whole, settings)
    found: Counter[Entry] = Counter()
    for page in read_pages(pdf):
        found.update(_rows(page, terms))
    return differences(on_worksheet(whole, chosen, settings), found)


class _Terms(NamedTuple):
    """What may be printed: dates alone or as starts, stops, drugs, titles and frequencies without their spaces."""

    starts: Mapping[str, date]
    stops: Mapping[str, date]
    drugs: frozenset[str]
    titles: Mapping[str, str]
    often: Mapping[str, str]
    doses: Doses
    products: Products
    headings: tuple[str, ...]


def _terms(plan: Plan, settings: Settings) -> _Terms:
    text = messages(settings.language)
    _ = text.gettext
    starts: dict[str, date] = {}
    stops: dict[str, date] = {}
    for day in dates_of(plan):
        for said in sheet_dates(day, settings):
            starts[said] = starts[_("start {date}").format(date=said)] = stops[_("stop {date}").format(date=said)] = day
    often = {times_a_day(line, settings) for line in plan.administrations}
    return _Terms(
        starts,
        stops,
        frozenset(f"{agent.written} {route.value}" for agent in plan.protocol.agents.values() for route in Route),
        {each.course.title.replace(" ", ""): each.course.title for each in plan.courses},
        {said.replace(" ", ""): said for said in often},
        Doses(text),
        Products.of(plan.administrations, text),
        (_("Course"), _("Day"), _("Date due"), _("Route"), _("Dose and working"), _("Doses a day")),
    )


def _rows(page: PrintedPage, terms: _Terms) -> Iterator[Entry]:
    """The lines of a page."""
    starts, stops = terms.starts, terms.stops
    named = [word for word in page.words if word.text in terms.drugs and word.left < page.width / 5]
    tables = [head for head, _number in first_column(page, terms.headings[0])]
    for head in tables:
        end = max((word.top for word in (*named, *tables) if word.top < head.bottom), default=0.0)
        lefts = [head.left, *_lefts(page, head, terms.headings[1:])]
        inside = [word for word in page.words if end < word.top <= head.bottom]
        column = [
            word for word in inside if abs(word.left - lefts[2]) < _NEAR and (word.text in starts or word.text in stops)
        ]
        anchors = sorted((word for word in column if word.text in starts), key=lambda word: -word.top)
        above = [word for word in named if word.bottom >= head.top]
        drug = min(above, key=lambda word: word.top).text if above else "no drug"
        for number, anchor in enumerate(anchors):
            below = anchors[number + 1].top + 2 if number + 1 < len(anchors) else end
            row = [word for word in inside if below < word.top <= anchor.top + _SAME_LINE]
            first = starts[anchor.text]
            last = max([first, *(stops[word.text] for word in column if word in row and word.text in stops)])
            yield _entry(row, anchor, span(first, last), drug, lefts, terms)


def _lefts(page: PrintedPage, head: Word, headings: Sequence[str]) -> list[float]:
    """Where columns begin; -1 for one that is not there."""
    words = [word for column in head_columns(page, head) for word in column]
    return [
        next((word.left for word in words if word.left > head.left + _NEAR and is_start_of(word.text, heading)), -1.0)
        for heading in headings
    ]


def _entry(row: Sequence[Word], anchor: Word, when: str, drug: str, lefts: Sequence[float], terms: _Terms) -> Entry:
    """One line of the worksheet, each of its parts by its column."""

    def in_column(number: int) -> list[Word]:
        found: list[Word] = []
        for word in sorted(row, key=lambda word: -word.top):
            if abs(word.left - lefts[number]) < _NEAR and (not found or found[-1].bottom - word.top < _LINES_APART):
                found.append(word)
        return found

    def on_first_line(word: Word) -> bool:
        return abs(word.middle - anchor.middle) < _SAME_LINE

    squeezed = joined(in_column(0)).replace(" ", "")
    course = terms.titles.get(squeezed, squeezed or "no course")
    route = next((word.text for word in in_column(3) if on_first_line(word)), "no route")
    figures = [(word, dose) for word in row if on_first_line(word) and (dose := _dose(word, row, terms.doses))]
    figures.sort(key=lambda pair: pair[0].left)
    found = [dose for _word, dose in figures]
    if not found or abs(figures[0][0].left - lefts[4]) >= _NEAR:
        found.insert(0, "no dose")
    often = joined(in_column(5))
    made_of = sorted(map(str, terms.products.within(" ".join(word.text for word in row))))
    said = " / ".join([found[0], terms.often.get(often.replace(" ", ""), often), *found[1:], *made_of])
    return Entry(f"{course}, day {joined(in_column(1))}, {when}", f"{drug.rpartition(' ')[0]} {route}", said)


def _dose(word: Word, row: Sequence[Word], doses: Doses) -> str:
    """A dose that begins with a word, where its unit may stand in the next line; nothing if none does."""
    below = [
        each for each in row if 0 <= word.bottom - each.top < _LINES_APART and abs(each.right - word.right) < _NEAR
    ]
    return doses(word.text) or next(filter(None, (doses(f"{word.text} {each.text}") for each in below)), "")
