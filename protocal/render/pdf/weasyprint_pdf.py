"""Pages as HTML -> one PDF: the only place that knows WeasyPrint, which is imported when used.

Each sheet is laid out by itself, so that it numbers its own pages; all pages are written as one tagged document
(PDF/UA-1). Same pages, same bytes on one machine.
"""

from __future__ import annotations

import ctypes.util
import gc
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from io import StringIO
from typing import Any
from xml.etree.ElementTree import Element

from protocal import __version__
from protocal.model.problems import LackingError, Problem, ProtocalError, Where
from protocal.model.settings import Settings
from protocal.render.pdf.fonts import SCHEME, font_faces, font_files
from protocal.render.pdf.html_tree import well_formed
from protocal.render.pdf.joined import joined
from protocal.render.pdf.pressed import Letters, PressedSheet, taken, together
from protocal.render.pdf.side_by_side import side_by_side
from protocal.render.pdf.tags import complete_tags
from protocal.render.pdf.templates import style_sheet

PRODUCER = f"protocal {__version__}"
LOGO = f"{SCHEME}logo"  # the site's picture, for templates
_SCALE = 0.75  # points of a CSS pixel
_VARIANT = "pdf/ua-1"
_FOOTNOTES = re.compile(r"^::[a-z-]+ \{[^}]*\}$", re.MULTILINE)
_LACKING = re.compile(r'^\.notdef glyph .*: "(.)"', re.DOTALL)
Tick = Callable[[], object]  # called after each sheet


def no_tick() -> None:
    """What is called after each sheet where nobody waits."""


@dataclass(frozen=True, slots=True)
class Means:
    """What sheets are pressed with: style sheets, the site's picture, and whether templates are the site's own."""

    styles: tuple[str, ...]
    logo: bytes
    own: bool


def press(sheets: Iterable[str], style: str, page: str, settings: Settings, tick: Tick = no_tick) -> bytes:
    """The PDF of sheets of one style; `page` is the CSS of their paper.

    Raises LackingError where WeasyPrint or a library of the system is missing, and ProtocalError where a template of
    the site's asks for what it may not have, or its style sheet cannot be read.
    """
    import_weasyprint()
    css, own = f"{font_faces()}@page {{ {page} }}\n", style_sheet(style, settings)
    # each style sheet is one more to hold every element against
    means = Means((css, own) if settings.templates else (css + own,), settings.logo, bool(settings.templates))
    with _no_collection():
        ours = Press(means)
        _stop_at(ours.said, [], style, settings)
        pages = list(sheets)
        pressed = side_by_side(pages, means, ours.sheet, tick)
        _stop_at([], [address for sheet in pressed for address in sheet.refused], style, settings)
        _stop_at_empty_boxes([sentence for sheet in pressed for sentence in sheet.said])
        return ours.document(pressed, pages)


class Press:
    """WeasyPrint with style sheets and fonts, ready for any number of sheets.

    Attributes:
        said: what it warned of while it was made ready.
    """

    def __init__(self, means: Means) -> None:
        weasyprint = import_weasyprint()
        from weasyprint.text.fonts import FontConfiguration

        self.own = means.own
        self.fetcher = _fetcher(means.logo)
        self.configuration = FontConfiguration()
        self.means = {"base_url": SCHEME, "url_fetcher": self.fetcher}
        self.fonts: dict[str, Any] = {}
        self.metadata: Any = None  # of the first sheet, which is that of the document
        with _heard() as self.said:
            self.styles = [
                weasyprint.CSS(string=text, font_config=self.configuration, **self.means) for text in means.styles
            ]

    def sheet(self, index: int, html: str) -> PressedSheet:
        """One sheet, pressed; `index` is its place in the document."""
        self.fetcher.refused.clear()
        with _heard() as said:
            tree = None if self.own else well_formed(html)
            document = _sheet_class()(html, tree, **self.means).render(
                font_config=self.configuration, stylesheets=self.styles
            )
            bookmarks = document.make_bookmark_tree(_SCALE, transform_pages=True)
            document.fonts = _Later()
            found: list[PressedSheet] = []

            def finish(document: Any, pdf: Any) -> None:
                complete_tags(pdf)
                found.append(taken(pdf, index, dict.values(document.fonts), bookmarks))
                pdf.objects[:] = pdf.objects[:1]  # nobody reads the file that this would be

            document.write_pdf(pdf_variant=_VARIANT, finisher=finish, uncompressed_pdf=True)
            for font in dict.values(document.fonts):
                self.fonts.setdefault(font.hash, font)
            if index == 0:
                self.metadata = document.metadata
        return replace(found[0], said=tuple(said), refused=tuple(self.fetcher.refused))

    def document(self, sheets: Sequence[PressedSheet], pages: Sequence[str]) -> bytes:
        """The PDF of pressed sheets, the first of which was pressed here; those that others pressed bring no fonts."""
        from weasyprint.document import Document

        uses: dict[str, list[Letters]] = {}
        for index, sheet in enumerate(sheets):
            for name, letters in sheet.fonts.items():
                uses.setdefault(name, []).append(letters)
                if name not in self.fonts:
                    self.sheet(index, pages[index])
        for name, each in uses.items():
            whole, font = together(each), self.fonts[name]
            font.to_unicode, font.widths = whole.letters, whole.widths
            font.ascent, font.descent, font.font_size = whole.ascent, whole.descent, whole.size
        document = Document([], self.metadata, self.fetcher, self.configuration, {}, None)
        document.fonts = {name: self.fonts[name] for name in uses}
        found: list[bytes] = []

        def finish(_document: Any, pdf: Any) -> None:
            found.append(joined(pdf, sheets, PRODUCER.encode()))
            pdf.objects[:] = pdf.objects[:1]

        document.write_pdf(pdf_variant=_VARIANT, finisher=finish, uncompressed_pdf=True)
        return found[0]


class _Later(dict[Any, Any]):
    """The fonts of a sheet, which are not written with it: they are for the document."""

    def values(self) -> Any:
        """None that would be written."""
        return ()


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
