"""Parts of a course's sheet -> how tall the style sheet prints them, in points and on the safe side.

Day grids have rows of a set height; all else is measured here by its text, so that pages can be filled before they are
laid out. The figures are those of `sheet.css`.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocal.model.paper_size import Paper
from protocal.render.pdf.text_metrics import BOLD, LEADING, QUIET_LINE, SEMIBOLD, Run, line_count, text_height
from protocal.render.roadmap.sheets import BagTable, Box, CourseSheet, IntrathecalRow, Note, OrderRow

PAGE_HEIGHT = {Paper.LETTER: 640.0, Paper.A4: 690.0}  # between head and foot
PAGE_WIDTH = {Paper.LETTER: 522.0, Paper.A4: 517.0}
ORDERS_HEAD, ORDERS_TITLE = 23.0, 8.0
GRID_GAP = 8.0  # above a grid and below it
_DRUG, _DOSE, _REST = 98.0, 127.0, 350.0  # what text of an order row has for its width; the order has the rest
_FRAME, _CAPTION = 4.0, 16.0  # of the intrathecal block
_SLACK = 0.5  # for each row of a table
WIDEST_LABEL = "Pendiente: "  # of an open question, in any language
_UNBROKEN = 28  # letters of a date that is kept on one line


def opening_height(sheet: CourseSheet, width: float) -> float:
    """The boxes at the top of the first page, the changes and what a course may start at."""
    height = _boxes(sheet.boxes, width)
    if sheet.changes:
        height += 13.0 + LEADING * 7.5
        height += sum(text_height(text, 7.5, width - 24) for text in sheet.changes)
    if sheet.start or sheet.late:
        left = width - 62 * len(sheet.start_boxes) - 12
        said = text_height(sheet.start, 7.5, left) + text_height(sheet.late, 7.5, left, weight=BOLD)
        height += 4 + max(30.0, 8 + said)
    return height


def _boxes(boxes: Sequence[Box], width: float) -> float:
    def lines(box: Box) -> float:
        return text_height(box.note, 8, width / len(boxes) - 15) + (15 if box.value else 0)

    return max(41.0, *(18 + lines(box) for box in boxes))


def order_height(row: OrderRow, width: float, *, tight: bool) -> float:
    """A row of the order table."""
    size, padding = (7.5, 1.5) if tight else (8.0, 3.0)
    drug = (
        text_height(row.agent, 9.5, _DRUG, weight=BOLD, leading=1.1)
        + text_height(row.route, size, _DRUG)
        + text_height(row.warning, 7.5, _DRUG, weight=BOLD, leading=1.15)
    )
    return max(drug, _order(row, width - _REST, size, tight=tight), _dose(row), 20.0) + 2 * padding + 0.5 + _SLACK


def _order(row: OrderRow, width: float, size: float, *, tight: bool) -> float:
    dates = ", ".join(date.replace(" ", "\N{NO-BREAK SPACE}") if len(date) < _UNBROKEN else date for date in row.dates)
    days = (Run(f"{row.days}\N{NO-BREAK SPACE}:", size, BOLD), Run(f" {dates}", size))
    if tight:
        height = line_count((Run(f"{row.order}. ", size), *days), width) * size * LEADING
    else:
        height = text_height(row.order, size, width) + line_count(days, width) * size * LEADING
    height += sum(1 + text_height(text, 7.5, width, weight=BOLD, leading=1.2) for text in (*row.facts, *row.tablets))
    return height + sum(1 + text_height(text, 7, width, leading=1.2) for text in row.notes)


def _dose(row: OrderRow) -> float:
    often = Run(f" {row.each}", 7)
    lines = 0
    for dose, since in row.doses:
        runs = [Run(dose.replace(" ", "\N{NO-BREAK SPACE}"), 11, BOLD), Run(f" {since}", 7)]
        lines += line_count(tuple(runs) if len(row.doses) > 1 else (*runs, often), _DOSE)
    below = (row.each, *row.working) if len(row.doses) > 1 else row.working
    return lines * 11 * 1.15 + sum(text_height(text, 7.5, _DOSE, leading=1.2) for text in below)


def intrathecal_height(sheet: CourseSheet, width: float, *, tight: bool) -> float:
    """The intrathecal block: its caption, its orders, its lumbar punctures."""
    if not sheet.intrathecal_orders:
        return 0.0
    orders = sum(order_height(row, width - _FRAME, tight=tight) for row in sheet.intrathecal_orders)
    height = 6 + _FRAME + _CAPTION + ORDERS_HEAD + orders
    if sheet.intrathecal:
        left = width - _FRAME - 242 - 62 * len(sheet.intrathecal_agents)
        height += _CAPTION + ORDERS_HEAD + sum(_puncture(row, max(left, 1)) for row in sheet.intrathecal)
    return height


def _puncture(row: IntrathecalRow, width: float) -> float:
    return max(24.0, text_height(row.note, 7, width, leading=1.2) + 3) + 0.7 + _SLACK


def bags_height(table: BagTable, width: float) -> float:
    """The bags of an infusion."""
    return 36 + QUIET_LINE * (len(table.bags) + 1) + text_height(table.note, 7, width, leading=1.2)


def warning_height(text: str, width: float) -> float:
    """A warning in its red frame."""
    return 16 + text_height(text, 10.5, width - 18, weight=BOLD)


def note_height(note: Note, width: float) -> float:
    """A sentence at the foot."""
    label = Run(WIDEST_LABEL if note.open else "", 7.5, BOLD)
    return line_count((label, Run(note.text, 7.5)), width - 14) * 7.5 * LEADING


def legend_height(legend: str, evidence: str, width: float) -> float:
    """How to read the grids, and what the marks of evidence mean; text in which no meaning is broken."""
    return 9 + 7 * 1.3 * sum(line_count((Run(text, 7, SEMIBOLD),), width) for text in (legend, evidence))
