"""Pages as HTML in, one PDF out: the only place that knows WeasyPrint, which is imported when used.

Each sheet is laid out by itself, so that it numbers its own pages; all pages are written as one tagged document
(PDF/UA-1). Same pages, same bytes on one machine.
"""

from __future__ import annotations

import ctypes.util
import gc
import logging
import re
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from io import StringIO
from itertools import accumulate
from typing import Any
from xml.etree.ElementTree import Element

from protocal import __version__
from protocal.render.fonts import SCHEME, font_faces, font_files
from protocal.render.quick import quick
from protocal.render.tags import complete_tags
from protocal.render.templates import style_sheet
from protocal.render.well_formed import well_formed
from protocal.words.problems import LackingError, Problem, ProtocalError, Where
from protocal.words.settings import Settings

PRODUCER = f"protocal {__version__}"
LOGO = f"{SCHEME}logo"  # the site's picture, for templates
_FOOTNOTES = re.compile(r"^::[a-z-]+ \{[^}]*\}$", re.MULTILINE)
_LACKING = re.compile(r'^\.notdef glyph .*: "(.)"', re.DOTALL)
Tick = Callable[[], object]  # called after each sheet


def no_tick() -> None:
    """What is called after each sheet where nobody waits."""


def press(sheets: Iterable[str], style: str, page: str, settings: Settings, tick: Tick = no_tick) -> bytes:
    """The PDF of sheets of one style; `page` is the CSS of their paper.

    Raises LackingError where WeasyPrint or a library of the system is missing, and ProtocalError where a template of
    the site's asks for what it may not have, or its style sheet cannot be read.
    """
    weasyprint = import_weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    css = f"{font_faces()}@page {{ {page} }}\n"
    with _no_collection(), _heard() as said, quick(weasyprint):
        fonts, fetcher = FontConfiguration(), _fetcher(settings.logo)
        means = {"base_url": SCHEME, "url_fetcher": fetcher}
        own = style_sheet(style, settings)
        texts = (css, own) if settings.templates else (css + own,)  # each is one more to hold every element against
        styles = [weasyprint.CSS(string=text, font_config=fonts, **means) for text in texts]
        _stop_at(said, [], style, settings)
        sheet_class = _sheet_class()
        documents = []
        for html in sheets:
            tree = None if settings.templates else well_formed(html)
            documents.append(sheet_class(html, tree, **means).render(font_config=fonts, stylesheets=styles))
            tick()
        joined = documents[0].copy([page for document in documents for page in document.pages])
        first_pages = set(accumulate((len(document.pages) for document in documents), initial=0))
        pdf: bytes = joined.write_pdf(
            pdf_identifier=PRODUCER.encode(),
            pdf_variant="pdf/ua-1",
            finisher=lambda _document, pdf: _finish(pdf, first_pages),
        )
        _stop_at([], fetcher.refused, style, settings)
        _stop_at_empty_boxes(said)
    return pdf


@cache
def _sheet_class() -> Any:
    """WeasyPrint's HTML without the browser's rules for footnotes and list markers, and of a tree that was read before.

    The rules would give each element of a sheet six styles that nothing here uses. Should their method have another
    name one day, sheets only take longer.
    """
    import weasyprint
    from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
    from weasyprint.html import UA, UA_COUNTER_STYLE

    of_browsers = weasyprint.CSS(string=_FOOTNOTES.sub("", UA), counter_style=UA_COUNTER_STYLE.copy())

    class Sheet(weasyprint.HTML):  # type: ignore[misc] # WeasyPrint has no types
        def __init__(self, html: str, tree: Element | None, base_url: str, url_fetcher: Any) -> None:
            if tree is None:
                super().__init__(string=html, base_url=base_url, url_fetcher=url_fetcher)
                return
            self.base_url, self.url_fetcher, self.media_type = base_url, url_fetcher, "print"
            self.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)
            self.etree_element = tree

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # noqa: ARG002, FBT001, FBT002 - its signature
            return [of_browsers]

    return Sheet


def _finish(pdf: Any, first_pages: Container[int]) -> None:
    """Complete a PDF that is about to be written, and turn its objects into bytes: they are asked for twice."""
    from pydyf import Object  # type: ignore[import-untyped]

    class Written(Object):  # type: ignore[misc] # pydyf has no types
        def __init__(self, made: Any) -> None:
            self.number, self.generation, self.free, self.offset = made.number, made.generation, made.free, made.offset
            self.bytes: bytes = b"" if made.free == "f" else made.data
            self.fits: bool = made.compressible

        @property
        def data(self) -> bytes:
            return self.bytes

        @property
        def compressible(self) -> bool:
            return self.fits

    complete_tags(pdf, first_pages)
    pdf.objects[:] = map(Written, pdf.objects)


def _stop_at(said: list[str], refused: list[str], style: str, settings: Settings) -> None:
    """Stop at what a site's own templates did wrong. Raises ProtocalError."""
    own = {template.name: template.file for template in settings.templates}
    problems = [
        Problem("template", sentence, Where(own[style]), "Mend the style sheet, or take it away: then ours is used.")
        for sentence in said
        if style in own
    ]
    problems += [
        Problem(
            "template",
            f"a template asks for '{address}', which paper may not reach",
            remedy=f"Templates have the fonts, each other and the site's picture, {LOGO}.",
        )
        for address in dict.fromkeys(refused)
    ]
    if problems:
        raise ProtocalError(problems)


def _stop_at_empty_boxes(said: list[str]) -> None:
    """Stop at letters that no font has, which would be printed as empty boxes. Raises ProtocalError."""
    lacking = dict.fromkeys(letter for each in said for letter in _LACKING.findall(each))
    if lacking:
        message = f"no font of this machine has these letters: {' '.join(lacking)}"
        remedy = "Write that name or note in Latin letters, or install a font that has them."
        raise ProtocalError([Problem("letters", message, remedy=remedy)])


def _fetcher(logo: bytes) -> Any:
    """What WeasyPrint fetches with: it reaches our fonts and the site's picture, and nothing else anywhere."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    files = font_files()

    class OnlyOurs(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
        refused: list[str]

        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ARG002 - its signature
            name = url.removeprefix(SCHEME)
            if url == LOGO and logo:
                kind = "image/png" if logo.startswith(b"\x89PNG") else "image/jpeg"
                return URLFetcherResponse(url, logo, {"Content-Type": kind})
            if name not in files:
                self.refused.append(url)
                raise ValueError(f"{url} is not one of our files")
            return URLFetcherResponse(url, files[name].read_bytes(), {"Content-Type": "font/ttf"})

    fetcher = OnlyOurs()
    fetcher.refused = []
    return fetcher


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
def _heard() -> Iterator[list[str]]:
    """What WeasyPrint warns of meanwhile, instead of printing it."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, ear = logging.getLogger("weasyprint"), Ear(logging.WARNING)
    before, logger.handlers, logger.propagate = logger.handlers, [ear], False
    try:
        yield said
    finally:
        logger.handlers, logger.propagate = before, True


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
