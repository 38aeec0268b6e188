"""A course's sheet and its day grids -> the sheet with all its parts laid on pages, as few as they take.

Several ways are tried: orders set wide or close, grids from the order page on or from a new page, pages that end with a
week or that are full. The fewest pages win, then those that break the fewest weeks, then the roomiest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, product

from protocal.render.roadmap.layout.heights import (
    ORDERS_HEAD,
    ORDERS_TITLE,
    bags_height,
    intrathecal_height,
    legend_height,
    note_height,
    opening_height,
    order_height,
)
from protocal.render.roadmap.layout.paging import Filled, filled, grids_of, widened, with_orders_page, with_text
from protocal.render.roadmap.sheets import CourseSheet, Grid, Note, OrderRow, SheetPage

_LEAST_FILLS = (0.6, 0.0, 1.1)  # of a page, where it may end early so that the next starts with a week
_NOTES_GAP = 6.0


@dataclass(slots=True)
class _Page:
    """A page that is being filled."""

    left: float
    orders: list[OrderRow] = field(default_factory=list)
    intrathecal: bool = False
    above: bool = False  # whether bags stand on it
    grids: Filled | None = None
    notes: list[Note] = field(default_factory=list)
    legend: bool = False


def on_pages(
    sheet: CourseSheet, grids: Sequence[Grid], *, evidence: str, width: float, height: float, sign: str
) -> CourseSheet:
    """The sheet with its pages, so wide and high in points.

    `evidence` is what its marks mean; `sign` is what grids say of a puncture, with `{page}` for where it is signed for.
    """
    ways = []
    for tight in (False, True):
        openings = _openings(sheet, width, height, tight=tight)
        for fresh, least_fill in product((False, True), _LEAST_FILLS):
            pages = _filled(sheet, openings, grids, width, height, least_fill, fresh=fresh)
            _add_notes(pages, sheet, evidence, width, height)
            broken = sum(page.grids.cut for page in pages if page.grids)
            ways.append(((len(pages), broken, tight), pages))
    (_count, _broken, tight), pages = min(ways, key=lambda way: way[0])
    return replace(sheet, tight=tight, pages=tuple(_printed(sheet, pages, sign)))


def _openings(sheet: CourseSheet, width: float, height: float, *, tight: bool) -> list[_Page]:
    """The pages of the boxes, the orders and the intrathecal block; the last one has room left, or none."""
    pages = [_Page(height - opening_height(sheet, width))]
    title = ORDERS_TITLE
    for row in sheet.orders:
        tall = order_height(row, width, tight=tight)
        page = pages[-1]
        needed = tall if page.orders else tall + ORDERS_HEAD + title
        if needed > page.left and (page.orders or len(pages) == 1):
            page = _Page(height)
            pages.append(page)
            needed = tall + ORDERS_HEAD
        title = 0.0
        page.orders.append(row)
        page.left -= needed
    tall = intrathecal_height(sheet, width, tight=tight)
    if tall:
        if tall > pages[-1].left:
            pages.append(_Page(height))
        pages[-1].intrathecal = True
        pages[-1].left -= tall
    return pages


def _filled(
    sheet: CourseSheet,
    openings: Sequence[_Page],
    grids: Sequence[Grid],
    width: float,
    height: float,
    least_fill: float,
    *,
    fresh: bool,
) -> list[_Page]:
    """The openings with the grids on their last page and after it, or after it only."""
    pages = [replace(page, orders=list(page.orders), notes=[]) for page in openings]
    above = sum(bags_height(table, width) for table in sheet.bags)
    if fresh or above > pages[-1].left:
        pages.append(_Page(height))
    first_room = pages[-1].left - above
    laid = filled(grids, first_room, height, least_fill, width)
    if not laid[0].blocks and pages[-1].left < height:  # not even a day: what stands above goes with the grids
        laid = filled(grids, height - above, height, least_fill, width)
        pages.append(_Page(height))
    pages[-1].above = True
    pages[-1].grids, pages[-1].left = laid[0], laid[0].left
    pages += (_Page(each.left, grids=each) for each in laid[1:])
    return pages


def _add_notes(pages: list[_Page], sheet: CourseSheet, evidence: str, width: float, height: float) -> None:
    """Put notes and legends below the last grid, else together where there is room, else sentence by sentence."""
    notes = [*map(Note, sheet.comments), *(Note(text, open=True) for text in sheet.questions)]
    tall = sum(note_height(note, width) for note in notes) + (_NOTES_GAP if notes else 0)
    legend = legend_height(sheet.legend, evidence, width)
    last_first = [pages[-1], *pages[:-1]]
    together = next((page for page in last_first if page.left >= tall + legend), None)
    if together:
        together.notes, together.legend = notes, True
        return
    # The largest first: what is left for the legend is then as much as can be.
    page = next((page for page in last_first if page.left >= tall), None)
    if page:
        page.notes = notes
        page.left -= tall
    else:
        for note in notes:
            _place(pages, note, note_height(note, width), height)
    page = next((page for page in last_first if page.left >= legend), None)
    if page is None:
        page = pages[-1] if pages[-1].left >= legend else _Page(height)
        if page is not pages[-1]:
            pages.append(page)
    page.legend = True


def _place(pages: list[_Page], note: Note, tall: float, height: float) -> None:
    """Put a sentence on the first page that has room for it, after the ones before it."""
    since = max((place for place, page in enumerate(pages) if page.notes), default=0)
    for page in pages[since:]:
        needed = tall + (0 if page.notes else _NOTES_GAP)
        if page.left >= needed:
            page.notes.append(note)
            page.left -= needed
            return
    pages.append(_Page(height - tall - _NOTES_GAP, notes=[note]))


def _printed(sheet: CourseSheet, pages: Sequence[_Page], sign: str) -> Iterator[SheetPage]:
    """The pages as they are printed."""
    page_of_block = next((number for number, page in enumerate(pages, 1) if page.intrathecal), 0)
    said = sign.format(page=page_of_block)
    orders = {row.agent: number for number, page in enumerate(pages, 1) for row in page.orders if row.tablets}
    shown = [list(grids_of(page.grids.blocks)) if page.grids else [] for page in pages]
    wide = iter(widened([with_orders_page(with_text(grid, sign, said), orders) for grid in chain.from_iterable(shown)]))
    for number, (page, grids) in enumerate(zip(pages, shown, strict=True), 1):
        yield SheetPage(
            number=number,
            orders=tuple(page.orders),
            intrathecal=page.intrathecal,
            bags=sheet.bags if page.above else (),
            grids=tuple(next(wide) for _grid in grids),
            notes=tuple(page.notes),
            legend=page.legend,
        )
