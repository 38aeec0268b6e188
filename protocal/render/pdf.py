"""Sheets in, a PDF out: the only place that knows Jinja2 and WeasyPrint, and both are imported when used.

Each sheet is laid out by itself, so that it numbers its own pages, and all pages are written as one document.
"""

from __future__ import annotations

import ctypes.util
import gc
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

from protocal import __version__, resources
from protocal.render.messages import messages
from protocal.render.roadmap import Cell, CourseSheet, Line, OverviewSheet, Roadmap, evidence_legend
from protocal.render.rules import draw_rules
from protocal.render.worksheet import DrugSheet, Worksheet
from protocal.words.paper import Paper
from protocal.words.problems import LackingError
from protocal.words.settings import Settings

PRODUCER = f"protocal {__version__}"
_PAPER = {
    Paper.LETTER: "size: letter; margin: 118pt 36pt 46pt 54pt",
    Paper.A4: "size: A4; margin: 118pt 28pt 46pt 50pt",
}
_WIDTH = {Paper.LETTER: 522, Paper.A4: 517}
_FONT_PACKAGE = "font_source_sans_pro"
_FONT_FACES = {"SourceSansPro-Regular.ttf": 400, "SourceSansPro-Semibold.ttf": 600, "SourceSansPro-Bold.ttf": 700}
_SCHEME = "protocal:"
_LINE_ENDS = re.compile(r">\s*\n\s*<")  # of the templates' layout: as text between tags they would cost time


def roadmap_pdf(roadmap: Roadmap, settings: Settings, made: datetime) -> bytes:
    """The PDF of the roadmap's sheets; `made` stands in its metadata, and no name does.

    Raises LackingError where WeasyPrint or a library of the system is missing.
    """
    return _pdf(sheets_html(roadmap, settings, made), settings)


def worksheet_pdf(worksheet: Worksheet, settings: Settings, made: datetime) -> bytes:
    """The PDF of the pharmacist's worksheet; the rest as with `roadmap_pdf`."""
    return _pdf(worksheet_html(worksheet, settings, made), settings)


def _pdf(sheets: Iterator[str], settings: Settings) -> bytes:
    """One document of all sheets, each laid out by itself. Same values, same bytes on one machine."""
    weasyprint = import_weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    with _no_collection():
        fonts = FontConfiguration()
        fetcher = _fetcher()
        styles = [weasyprint.CSS(string=_style(settings), font_config=fonts, url_fetcher=fetcher, base_url=_SCHEME)]
        documents = [
            weasyprint.HTML(string=html, base_url=_SCHEME, url_fetcher=fetcher).render(
                font_config=fonts, stylesheets=styles
            )
            for html in sheets
        ]
        joined = documents[0].copy([page for document in documents for page in document.pages])
        pdf: bytes = joined.write_pdf(pdf_identifier=PRODUCER.encode())
    return pdf


def sheets_html(roadmap: Roadmap, settings: Settings, made: datetime) -> Iterator[str]:
    """Each sheet as an HTML document of its own."""
    overview: list[OverviewSheet | CourseSheet] = [roadmap.overview] if roadmap.overview else []
    for sheet in (*overview, *roadmap.sheets):
        name = "overview" if isinstance(sheet, OverviewSheet) else "course"
        yield _html(f"{name}.html.j2", sheet, settings, made)


def worksheet_html(worksheet: Worksheet, settings: Settings, made: datetime) -> Iterator[str]:
    """Each sheet of the pharmacist's worksheet as an HTML document of its own."""
    for sheet in worksheet.sheets:
        yield _html("drugs.html.j2", sheet, settings, made)


def _html(template: str, sheet: OverviewSheet | CourseSheet | DrugSheet, settings: Settings, made: datetime) -> str:
    html: str = (
        _environment(settings.language)
        .get_template(template)
        .render(
            sheet=sheet,
            head=sheet.head,
            language=settings.language,
            producer=PRODUCER,
            made=made.isoformat(),
            legend=evidence_legend(settings),
            width=_WIDTH[settings.paper],
            draw_rules=draw_rules,
            cells_of=_cells_of,
        )
    )
    return _LINE_ENDS.sub("><", html)


def _cells_of(line: Line) -> Iterator[tuple[Cell | None, int]]:
    """The cells of a line that need to be laid out, with their number of columns.

    Empty ones before a dose are joined. Nothing may follow these cells in a row, for those after the last are left out.
    """
    empty = 0
    for cell in line.cells:
        if cell is None:
            empty += 1
            continue
        if empty:
            yield None, empty
        empty = 0
        if isinstance(cell, Cell):
            yield cell, 1


@cache
def _environment(language: str) -> Any:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(resources.folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    install: Callable[..., None] = environment.install_gettext_translations  # type: ignore[attr-defined] # from the extension
    install(messages(language), newstyle=True)
    return environment


def _style(settings: Settings) -> str:
    faces = "".join(
        f"@font-face {{ font-family: Sheet; font-weight: {weight}; src: url({_SCHEME}{name}) }}\n"
        for name, weight in _FONT_FACES.items()
    )
    sheet = (resources.folder("templates") / "sheet.css").read_text(encoding="utf-8")
    return f"{faces}@page {{ {_PAPER[settings.paper]} }}\n{sheet}"


def font_files() -> dict[str, Path]:
    """The font's files by name. Raises LackingError where its package is not installed."""
    spec = find_spec(_FONT_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise LackingError("the font Source Sans Pro is not installed\n  pip install font-source-sans-pro")
    folder = Path(spec.submodule_search_locations[0]) / "files"
    return {name: folder / name for name in _FONT_FACES}


def _fetcher() -> Any:
    """What WeasyPrint fetches with: it reaches our fonts, and nothing else on this machine or any other."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    files = font_files()

    class OnlyOurs(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002 - its signature
            name = url.removeprefix(_SCHEME)
            if name not in files:
                raise ValueError(f"{url} is not one of our files")
            return URLFetcherResponse(url, files[name].read_bytes(), {"Content-Type": "font/ttf"})

    return OnlyOurs()


def import_weasyprint() -> Any:
    """WeasyPrint, imported quickly and quietly. Raises LackingError where a library of the system is missing."""
    try:
        with _quick_find_library(), redirect_stdout(StringIO()):  # where it cannot load, it prints a banner
            import weasyprint
    except (ImportError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise LackingError(
            f"PDFs cannot be made on this machine: {reason}\n  `protocal doctor` says what to install."
        ) from error
    return weasyprint


@contextmanager
def _quick_find_library() -> Iterator[None]:
    """Spare WeasyPrint's import the search for libraries by name, which starts compilers.

    On Linux it also tries the libraries' file names, which suffice.
    """
    if sys.platform != "linux":
        yield
        return
    search = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None  # noqa: ARG005 - the signature it stands in for
    try:
        yield
    finally:
        ctypes.util.find_library = search


@contextmanager
def _no_collection() -> Iterator[None]:
    """Suspend the collector of cycles, which takes 40 % of a layout and frees nothing before its end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
