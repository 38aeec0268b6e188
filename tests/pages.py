"""Laws of printed pages, measured where the renderer laid the text and in the finished PDF; a fault is a sentence.

`laid_out` runs what makes a PDF and keeps the boxes that its text was laid in; each law then looks at one document.
Everything is in points from the top left of a page.
"""

from __future__ import annotations

import ctypes
import logging
import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from xml.etree import ElementTree

import pypdfium2
from weasyprint.document import Document
from weasyprint.formatting_structure import boxes

from protocal.render.pdf.side_by_side import PROCESSES

SMALLEST, SMALLEST_DOSE = 7.0, 9.0
CONTRAST, CONTRAST_OF_DOSES = 4.5, 7.0
DOSE = re.compile(r"\d[\d.,]*[ \N{NO-BREAK SPACE}](?:mg|mcg|g|units)\b")
_PT = 0.75  # of a CSS pixel
_SLACK = 0.7  # what rounding and the space beside a letter may take
_UP, _DOWN, _FLAT = 0.70, 0.21, 0.02  # how far letters reach from the line that they stand on, by their size
_BELOW_THE_LINE = re.compile(r"[gjpqy,;()\[\]|Q]")
_UNPRINTED = 12.0  # at the edges of paper, by most printers
_NUMBER = r"-?[0-9.]+"
_WHITE = (1.0, 1.0, 1.0)

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    """A place on a page."""

    left: float
    top: float
    right: float
    bottom: float

    def beyond(self, outer: Rect) -> float:
        """By how much this reaches out of another."""
        return max(outer.left - self.left, outer.top - self.top, self.right - outer.right, self.bottom - outer.bottom)

    def overlap(self, other: Rect) -> float:
        """By how much this and another lie on each other, in the direction in which they do so less."""
        across = min(self.right, other.right) - max(self.left, other.left)
        return min(across, min(self.bottom, other.bottom) - max(self.top, other.top))


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text as it was laid, with the boxes around it from the page to the nearest."""

    text: str
    ink: Rect
    size: float
    color: Rgb
    around: tuple[Any, ...]
    is_list_mark: bool = False

    @property
    def classes(self) -> set[str]:
        """The classes of all elements around it."""
        return {name for box in self.around if box.element is not None for name in _classes(box.element)}

    def is_in(self, tag: str) -> bool:
        """Whether an element of this tag is around it."""
        return any(box.element_tag == tag for box in self.around)

    @property
    def margin(self) -> str:
        """The margin of the page that it stands in, as `@top-left`; empty for the page's own text."""
        return next((box.at_keyword for box in self.around if isinstance(box, boxes.MarginBox)), "")


@dataclass(frozen=True, slots=True)
class Word:
    """Text of the finished PDF."""

    text: str
    ink: Rect


@dataclass(slots=True)
class Laid:
    """A document: its bytes, the page boxes it was made from, and what the renderer warned of."""

    pdf: bytes
    boxes: list[Any]
    warnings: list[str] = field(default_factory=list)
    texts: list[list[Text]] = field(default_factory=list)
    words: list[list[Word]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts = [list(_texts(page)) for page in self.boxes]
        self.words = list(_words(self.pdf)) if self.pdf else []
        assert not self.pdf or len(self.texts) == len(self.words), "not all pages of the PDF were seen"


def laid_out(make: Callable[[], bytes]) -> Laid:
    """The document that `make` gives the bytes of, however it goes about it, but in this process."""
    pages: list[Any] = []
    warnings: list[str] = []
    original = Document.write_pdf

    def write_pdf(self: Any, *words: Any, **options: Any) -> Any:
        pages.extend(page._page_box for page in self.pages)
        return original(self, *words, **options)

    def heard(record: logging.LogRecord) -> bool:
        warnings.append(record.getMessage())
        return True

    logger = logging.getLogger("weasyprint")
    logger.addFilter(heard)  # handlers come and go
    Document.write_pdf = write_pdf
    try:
        with mock.patch.dict(os.environ, {PROCESSES: "1"}):
            pdf = make()
    finally:
        Document.write_pdf = original
        logger.removeFilter(heard)
    return Laid(pdf, pages, warnings)


# --- what there is on a page


def _box(placeholder: Any) -> Any:
    """The box itself, where one was taken out of the flow."""
    return getattr(placeholder, "_box", placeholder)


def _walk(box: Any, around: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    box = _box(box)
    yield box, around
    for child in getattr(box, "children", ()):
        yield from _walk(child, (*around, box))


def _texts(page: Any) -> Iterator[Text]:
    for box, around in _walk(page):
        if not isinstance(box, boxes.TextBox) or not box.text.strip() or box.style["visibility"] != "visible":
            continue
        size = box.style["font_size"] * _PT
        left, line = box.position_x * _PT, (box.position_y + box.baseline) * _PT
        low = _DOWN if _BELOW_THE_LINE.search(box.text) else _FLAT
        ink = Rect(left, line - _UP * size, left + box.width * _PT, line + low * size)
        mark = str(box.element_tag).endswith("::marker")
        yield Text(box.text.strip(), ink, size, _rgb(box.style["color"])[0], around, mark)


def _words(pdf: bytes) -> Iterator[list[Word]]:
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        height = page.get_height()
        text = page.get_textpage()
        rects = [text.get_rect(index) for index in range(text.count_rects())]
        yield [
            Word(text.get_text_bounded(*rect).strip(), Rect(rect[0], height - rect[3], rect[2], height - rect[1]))
            for rect in rects
        ]
    document.close()


def _rect(box: Any) -> Rect:
    """A box with its padding, without its border."""
    left, top = box.padding_box_x() * _PT, box.padding_box_y() * _PT
    return Rect(left, top, left + box.padding_width() * _PT, top + box.padding_height() * _PT)


def _content(page: Any) -> Rect:
    left, top = page.content_box_x() * _PT, page.content_box_y() * _PT
    return Rect(left, top, left + page.width * _PT, top + page.height * _PT)


def _classes(element: Any) -> list[str]:
    return (element.get("class") or "").split()


def _said(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


# --- the laws


def overflowing(laid: Laid) -> Iterator[str]:
    """Text that reaches out of a box that it stands in, or out of the part of the page that is its own."""
    for number, (page, texts) in enumerate(zip(laid.boxes, laid.texts, strict=True), 1):
        content = _content(page)
        for text in texts:
            frames = [] if text.margin else [("the page", content)]
            frames += [(_name(box), _frame(box)) for box in text.around if _holds(box, text)]
            for name, frame in reversed(frames):
                if (by := text.ink.beyond(frame)) > _SLACK:
                    yield f"page {number}: '{_said(text.text)}' reaches {by:.1f} pt out of {name}"
                    break
    yield from _out_of_the_margins(laid)


def _holds(box: Any, text: Text) -> bool:
    """Whether a box has an inside that text must stay in; a list's mark stands beside its item."""
    if not isinstance(box, boxes.BlockLevelBox | boxes.TableCellBox | boxes.InlineBlockBox | boxes.MarginBox):
        return False
    return box.element_tag not in ("html", "body") and not text.is_list_mark


def _frame(box: Any) -> Rect:
    """What text must stay in: a column of text may be low for its letters where no border, tint or height shows it."""
    rect = _rect(box)
    edges = any(box.style[f"border_{side}_width"] for side in ("top", "bottom"))
    tinted = box.style["background_color"] != "currentcolor" and _rgb(box.style["background_color"])[1] > 0
    seen = edges or tinted or box.style["height"] != "auto"
    if seen or isinstance(box, boxes.TableCellBox | boxes.MarginBox):
        return rect
    return Rect(rect.left, -math.inf, rect.right, math.inf)


def _name(box: Any) -> str:
    if isinstance(box, boxes.MarginBox):
        return f"the margin {box.at_keyword}"
    return f"{box.element_tag}.{'.'.join(_classes(box.element))}".rstrip(".") if box.element is not None else "a box"


def _out_of_the_margins(laid: Laid) -> Iterator[str]:
    """The same by the letters of the PDF, drawings with them, but only for the margins that nothing is printed in."""
    for number, (page, words) in enumerate(zip(laid.boxes, laid.words, strict=True), 1):
        content = _content(page)
        frame = Rect(content.left, _UNPRINTED, content.right, page.margin_height() * _PT - _UNPRINTED)
        for word in words:
            if (by := word.ink.beyond(frame)) > _SLACK:
                yield f"page {number}: '{_said(word.text)}' stands {by:.1f} pt in the margin of the paper"


def overlapping(laid: Laid) -> Iterator[str]:
    """Text that stands on other text, by the letters of the PDF."""
    for number, words in enumerate(laid.words, 1):
        ordered = sorted(words, key=lambda word: word.ink.top)
        for index, one in enumerate(ordered):
            for other in ordered[index + 1 :]:
                if other.ink.top >= one.ink.bottom - _SLACK:
                    break
                if one.ink.overlap(other.ink) > _SLACK:
                    yield f"page {number}: '{_said(one.text)}' and '{_said(other.text)}' stand on each other"


def split(laid: Laid) -> Iterator[str]:
    """Rows and cells of a table that begin on one page and go on on another; heads of tables are repeated instead."""
    seen: dict[tuple[int, bool], int] = {}
    for number, page in enumerate(laid.boxes, 1):
        for box, around in _walk(page):
            if not isinstance(box, boxes.TableRowBox | boxes.TableCellBox) or box.element is None:
                continue
            if any(isinstance(each, boxes.MarginBox) or getattr(each, "is_header", False) for each in around):
                continue
            first = seen.setdefault((id(box.element), isinstance(box, boxes.TableRowBox)), number)
            if first != number:
                yield f"page {number}: the row '{_text_of(box)}' began on page {first}"
        for group, _around in _walk(page):
            if isinstance(group, boxes.TableRowGroupBox):
                for left, row in zip(range(len(group.children), 0, -1), group.children, strict=True):
                    for cell in row.children:
                        if cell.rowspan > left:
                            yield f"page {number}: the row '{_text_of(cell)}' goes on on the next page"


def _text_of(box: Any) -> str:
    return _said(" ".join("".join(box.element.itertext()).split()))


def off_its_rules(laid: Laid) -> Iterator[str]:
    """Day grids that are not as tall as the rules drawn behind them, so that text drifts out of its boxes."""
    for number, page in enumerate(laid.boxes, 1):
        for box, _around in _walk(page):
            if box.element is None or isinstance(box, boxes.TextBox) or "grid" not in _classes(box.element):
                continue
            inside = [each for each, _ in _walk(box)]
            drawn = [each for each in inside if isinstance(each, boxes.ReplacedBox)]
            bodies = [each for each in inside if isinstance(each, boxes.TableRowGroupBox) and not each.is_header]
            if box.element_tag != "div" or not drawn or not bodies:
                continue
            rules = (drawn[0].content_box_y() + drawn[0].height) * _PT - 1  # a point more is for the last one's width
            rows = (bodies[-1].position_y + bodies[-1].height) * _PT
            if abs(rules - rows) > 1.2:
                yield f"page {number}: the rows of a grid end at {rows:.1f} pt, its rules at {rules:.1f} pt"


def small(laid: Laid) -> Iterator[str]:
    """Text below 7 points, by the sizes of the PDF; doses below 9, by the classes of the templates."""
    document = pypdfium2.PdfDocument(laid.pdf)
    for number, page in enumerate(document, 1):
        for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
            size = ctypes.c_float()
            assert pypdfium2.raw.FPDFTextObj_GetFontSize(thing.raw, size)
            if (points := size.value * abs(thing.get_matrix().d)) < SMALLEST - 0.01:
                yield f"page {number}: text of {points:.2f} pt"
    document.close()
    for number, texts in enumerate(laid.texts, 1):
        for text in texts:
            if _is_dose(text) and text.size < SMALLEST_DOSE - 0.01:
                yield f"page {number}: the dose '{_said(text.text)}' is of {text.size:.2f} pt"


def _is_dose(text: Text) -> bool:
    """Whether it is the dose to be given, not a note or a tablet's strength beside it, nor an amount of several."""
    if {"note", "each", "tablets", "working", "beside", "number"} & text.classes or text.is_in("small"):
        return False
    return bool({"dose", "much"} & text.classes) and bool(DOSE.search(text.text))


def pale(laid: Laid, drugs: set[str]) -> Iterator[str]:
    """Text with less contrast than 4.5:1, or 7:1 where it has a dose or the name of a drug in it."""
    for number, (page, texts) in enumerate(zip(laid.boxes, laid.texts, strict=True), 1):
        drawn = [area for box, _ in _walk(page) if _is_drawing(box) for area in _fills(box)]
        for text in texts:
            weighty = bool(DOSE.search(text.text)) or any(drug in text.text for drug in drugs)
            least = CONTRAST_OF_DOSES if weighty else CONTRAST
            under = [_background(text.around)]
            under += [fill for area, fill in drawn if text.ink.overlap(area) > _SLACK]
            if (found := min(contrast(text.color, fill) for fill in under)) < least:
                yield f"page {number}: '{_said(text.text)}' has a contrast of {found:.1f}:1, less than {least}:1"
        for box, _ in _walk(page):
            if _is_drawing(box):
                for text, found in _pale_in_drawing(box.element):
                    yield f"page {number}: '{_said(text)}' in a drawing has a contrast of {found:.1f}:1"


def _is_drawing(box: Any) -> bool:
    return isinstance(box, boxes.ReplacedBox) and str(box.element_tag).endswith("svg")


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast of two colours as WCAG 2 has it, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Rgb) -> float:
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(color: Any) -> tuple[Rgb, float]:
    red, green, blue, alpha = tuple(color.to("srgb"))
    return (float(red), float(green), float(blue)), float(alpha)


def _background(around: tuple[Any, ...]) -> Rgb:
    for box in reversed(around):
        color = box.style["background_color"]
        if color != "currentcolor" and _rgb(color)[1] > 0:
            return _rgb(color)[0]
    return _WHITE


def _fills(box: Any) -> Iterator[tuple[Rect, Rgb]]:
    """The areas that a drawing fills, with their colours; its shapes are as wide as the rectangles around them."""
    frame, svg = _rect(box), box.element
    scale = (frame.right - frame.left) / float((svg.get("viewBox") or "0 0 1 1").split()[2])
    for each in svg.iter():
        if not (each.get("fill") or "").startswith("#"):
            continue
        for left, top, right, bottom in _shapes(each.get("d") or ""):
            area = (frame.left + left * scale, frame.top + top * scale)
            yield Rect(*area, frame.left + right * scale, frame.top + bottom * scale), _hex(each.get("fill"))


def _shapes(path: str) -> Iterator[tuple[float, float, float, float]]:
    """The rectangle around each shape of a path of straight lines."""
    for shape in path.split("M")[1:]:
        x, y = map(float, re.findall(_NUMBER, shape)[:2])
        found = [(x, y)]
        for step, number in re.findall(rf"([HVhv]) *({_NUMBER})", shape):
            by = float(number)
            x = by if step == "H" else x + by if step == "h" else x
            y = by if step == "V" else y + by if step == "v" else y
            found.append((x, y))
        across, down = zip(*found, strict=True)
        yield min(across), min(down), max(across), max(down)


def _hex(text: str) -> Rgb:
    digits = text[1:] if len(text) == 7 else "".join(digit * 2 for digit in text[1:])
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _pale_in_drawing(svg: ElementTree.Element) -> Iterator[tuple[str, float]]:
    """Text of a drawing against the last rectangle that was drawn before it where it begins."""
    under: list[tuple[Rect, Rgb]] = []
    for each in svg.iter():
        tag, fill = str(each.tag).rpartition("}")[2], each.get("fill") or "#000"
        if tag == "rect" and fill != "none":
            left, top, wide, tall = (float(each.get(name) or 0) for name in ("x", "y", "width", "height"))
            under.append((Rect(left, top, left + wide, top + tall), _hex(fill)))
        elif tag == "text":
            at = Rect(*[float(each.get(name) or 0) for name in ("x", "y", "x", "y")])
            behind = next((color for rect, color in reversed(under) if at.beyond(rect) <= 0), _WHITE)
            if (found := contrast(_hex(fill), behind)) < CONTRAST:
                yield "".join(each.itertext()), found


def headless(laid: Laid, head: tuple[str, ...], foot: tuple[str, ...]) -> Iterator[str]:
    """Pages whose head or foot lacks any of these words."""
    for number, texts in enumerate(laid.texts, 1):
        for place, wanted in (("top", head), ("bottom", foot)):
            found = _plain(" ".join(text.text for text in texts if text.margin.startswith(f"@{place}")))
            for words in wanted:
                if _plain(words) not in found:
                    yield f"page {number}: '{words}' is not in the {'head' if place == 'top' else 'foot'}"


def _plain(text: str) -> str:
    return " ".join(text.split())


def without_a_letter(laid: Laid) -> Iterator[str]:
    """Letters for which no font was found, so that an empty box is printed."""
    for warning in laid.warnings:
        if ".notdef" in warning:
            yield warning
