"""Roadmaps and worksheets -> PDFs: their values put into templates and pressed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from protocal.model.paper_size import Paper
from protocal.model.settings import Settings
from protocal.render.pdf.bounded import press
from protocal.render.pdf.templates import html
from protocal.render.pdf.weasyprint_pdf import PRODUCER, Tick, no_tick
from protocal.render.roadmap import evidence_legend
from protocal.render.roadmap.layout.grid_lines import draw_rules
from protocal.render.roadmap.layout.heights import PAGE_WIDTH
from protocal.render.roadmap.sheets import Again, Cell, CourseSheet, Grid, Line, OverviewSheet, Roadmap
from protocal.render.worksheet import DrugSheet, Worksheet

_PAPER = {
    Paper.LETTER: "size: letter; margin: 104pt 36pt 46pt 54pt",
    Paper.A4: "size: A4; margin: 104pt 28pt 46pt 50pt",
}


def roadmap_pdf(
    roadmap: Roadmap,
    settings: Settings,
    made: datetime,
    *,
    named: bool = False,
    with_protocol: bool = False,
    tick: Tick = no_tick,
) -> bytes:
    """The PDF of the roadmap's sheets.

    `made` stands in its metadata, the patient's name only if `named`, and what says the diagnosis and the risk (the
    protocol, the arm) only `with_protocol`: titles stand in windows, lists of files and logs of printers.

    Raises LackingError where WeasyPrint or a library of the system is missing.
    """
    pages = sheets_html(roadmap, settings, made, named=named, with_protocol=with_protocol)
    return press(pages, "sheet.css", _PAPER[settings.paper], settings, tick)


def worksheet_pdf(worksheet: Worksheet, settings: Settings, made: datetime, *, with_protocol: bool = False) -> bytes:
    """The PDF of the pharmacist's worksheet; the rest as with `roadmap_pdf`."""
    pages = worksheet_html(worksheet, settings, made, with_protocol=with_protocol)
    return press(pages, "sheet.css", _PAPER[settings.paper], settings)


def sheets_html(
    roadmap: Roadmap, settings: Settings, made: datetime, *, named: bool = False, with_protocol: bool = False
) -> Iterator[str]:
    """Each sheet as an HTML document of its own."""
    for sheet in roadmap.all:
        name = "overview" if isinstance(sheet, OverviewSheet) else "course"
        yield _html(f"{name}.html.j2", sheet, settings, made, named=named, with_protocol=with_protocol)


def worksheet_html(
    worksheet: Worksheet, settings: Settings, made: datetime, *, with_protocol: bool = False
) -> Iterator[str]:
    """Each sheet of the pharmacist's worksheet as an HTML document of its own."""
    for sheet in worksheet.sheets:
        yield _html("drugs.html.j2", sheet, settings, made, with_protocol=with_protocol)


def _html(
    template: str,
    sheet: OverviewSheet | CourseSheet | DrugSheet,
    settings: Settings,
    made: datetime,
    *,
    named: bool = False,
    with_protocol: bool = False,
) -> str:
    return html(
        template,
        settings,
        sheet=sheet,
        head=sheet.head,
        named=named,
        with_protocol=with_protocol,
        producer=PRODUCER,
        made=made.isoformat(),
        legend=evidence_legend(settings, signed=sheet.head.signed),
        width=PAGE_WIDTH[settings.paper],
        draw_rules=draw_rules,
        cells_of=_cells_of,
    )


def _cells_of(line: Line, grid: Grid, *, whole: bool = False) -> Iterator[tuple[Cell | Again | None, int, bool]]:
    """The cells of a line that need to be laid out, with their number of columns and whether one has a bar beside it.

    Empty ones before a dose are joined, and those after the last left out but where the row is `whole`, because
    something follows.
    """
    empty = 0
    for cell, column in zip(line.cells, grid.columns, strict=True):
        if cell is None:
            empty += 1
            continue
        if empty:
            yield None, empty, False
        empty = 0
        yield cell, 1, column.continuous
    if whole and empty:
        yield None, empty, False
