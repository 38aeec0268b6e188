"""A PDF's bytes -> the words that can be seen on its pages, with their places, and how they differ from a plan.

The only place that knows PDFium, which is imported when used. What must stand on paper is worked out from the plan
alone (`printed.py`), so that a mistake of what prints it, or of a template, is found here and stops the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ctypes import POINTER, byref, c_double, c_ushort, cast, create_string_buffer, string_at
from dataclasses import field
from math import ceil
from typing import Any, NamedTuple

from protocal.model.frozen import frozen
from protocal.model.problems import LackingError, Problem, ProtocalError
from protocal.model.settings import Settings
from protocal.verify.expected import Entry

CODE = "read-back"
_LEAST_INK = 48  # of 255: how far the lightest and the darkest dot of a word that can be read lie apart, at the least
_MIDDLE = 160  # of 255: what is darker is dark
_LEAST_SHARE = 0.08  # of a word's dots that are not as its lightest ones, and not as its darkest ones
_DOTS = bytes(range(256))
_DARK = _DOTS[:_MIDDLE]
_LONGEST = 512  # letters of a word that are read at once
_SMALLEST = 2.5  # points that the letters of a word that can be read are high
_RULE_INK = 200  # of 255: what is darker is part of a rule
_MOST_TOLD = 20


class Word(NamedTuple):
    """Text in one line and font with its place on a page, in points from the bottom left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def centre(self) -> float:
        """Half way from left to right."""
        return (self.left + self.right) / 2

    @property
    def middle(self) -> float:
        """Half way from bottom to top."""
        return (self.bottom + self.top) / 2

    @property
    def height(self) -> float:
        """Of its letters."""
        return self.top - self.bottom


@frozen
class PrintedPage:
    """The words of a page that can be seen, in the order in which they were written; `ink` is how dark its dots are."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    ink: bytes = field(repr=False)
    ink_width: int

    def rule_below(self, line: float, left: float, right: float) -> float:
        """Where the next rule is that is drawn from left to right below a line; the foot of the page if none is."""
        first = max(0, int(self.height - line))
        for row in range(first, len(self.ink) // self.ink_width):
            start = row * self.ink_width
            if max(self.ink[start + int(left) : start + int(right) : 8], default=255) < _RULE_INK:
                return self.height - row
        return 0.0


def read_pages(pdf: bytes) -> Iterator[PrintedPage]:
    """Each page of a PDF. Raises LackingError where PDFium is missing."""
    library = _pdfium()
    document = library.PdfDocument(pdf)
    try:
        for number, page in enumerate(document, 1):
            width, height = page.get_size()
            bitmap = page.render(scale=1, grayscale=True)
            ink, stride = bytes(bitmap.buffer), bitmap.stride
            text = page.get_textpage()
            words = _words(library.raw, text)
            seen = tuple(word for word in words if word.text and _is_seen(word, ink, stride, width, height))
            yield PrintedPage(number, width, height, seen, ink, stride)
            for each in (text, bitmap, page):
                each.close()
    finally:
        document.close()


def _words(raw: Any, text: Any) -> Iterator[Word]:
    """The words of a page, each asked for once: PDFium looks through the whole page for it."""
    room = create_string_buffer(2 * _LONGEST)  # two bytes a letter
    letters = cast(room, POINTER(c_ushort))
    edges = c_double(), c_double(), c_double(), c_double()
    places = tuple(map(byref, edges))
    for index in range(text.count_rects()):
        raw.FPDFText_GetRect(text, index, *places)
        left, top, right, bottom = (edge.value for edge in edges)
        count = raw.FPDFText_GetBoundedText(text, left, top, right, bottom, letters, _LONGEST)
        if count < _LONGEST:
            said = string_at(room, 2 * count).decode("utf-16-le", errors="replace").partition("\0")[0]
        else:
            said = text.get_text_bounded(left, bottom, right, top)
        yield Word(" ".join(said.split()), left, bottom, right, top)


def _is_seen(word: Word, ink: bytes, stride: int, width: float, height: float) -> bool:
    """Whether a word is on the page and of another darkness than what it stands on."""
    if word.left < 0 or word.bottom < 0 or word.right > width or word.top > height or word.height < _SMALLEST:
        return False
    first, last = ceil(word.left), max(int(word.right), ceil(word.left) + 1)
    top, bottom = ceil(height - word.top), max(int(height - word.bottom), ceil(height - word.top) + 1)
    dots = b"".join([ink[row * stride + first : row * stride + last] for row in range(top, bottom)])
    least = _LEAST_SHARE * len(dots)
    if least < len(dots.translate(None, _DARK)) < len(dots) - least:  # plainly black on white, or white on black
        return True
    if not dots or max(dots) - min(dots) < _LEAST_INK:
        return False
    light = len(dots.translate(None, _DOTS[: max(dots) - _LEAST_INK]))  # dots about as light as the lightest
    dark = len(dots.translate(None, _DOTS[min(dots) + _LEAST_INK :]))
    return min(len(dots) - light, len(dots) - dark) >= least


def _pdfium() -> Any:
    try:
        import pypdfium2
    except (ImportError, OSError) as error:
        raise LackingError(
            f"PDFs cannot be read back on this machine: {error}\n  `protocal doctor` says what to install."
        ) from error
    return pypdfium2


# --- what differs


def differences(expected: Counter[Entry], found: Counter[Entry], more: Iterable[str] = ()) -> list[Problem]:
    """What is missing, what is there too often or wrongly, and `more` sentences; nothing if all is as it must be."""
    missing, extra = expected - found, found - expected
    said = []
    instead: dict[tuple[str, str], list[Entry]] = {}
    for entry in extra.elements():
        instead.setdefault((entry.place, entry.drug), []).append(entry)
    for entry in missing.elements():
        others = instead.get((entry.place, entry.drug))
        if others:
            said.append(f"{entry.about}: '{entry.said}' should be printed, and '{others.pop(0).said}' is")
        else:
            said.append(f"{entry.about}: '{entry.said}' is missing")
    for entry in (entry for others in instead.values() for entry in others):
        too_often = f"is printed more than {_times(expected[entry])}"
        said.append(f"{entry.about}: '{entry.said}' {too_often if expected[entry] else 'is printed, and is not due'}")
    return [Problem(CODE, sentence) for sentence in sorted((*said, *more))]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def stop_at(problems: Sequence[Problem], settings: Settings) -> None:
    """Stop where a PDF does not say what the plan says. Raises ProtocalError."""
    if not problems:
        return
    remedy = "Do not use a print of these pages. Report this, with the record's id, to those who keep protocal."
    if settings.templates:
        names = ", ".join(template.name for template in settings.templates)
        remedy = (
            f"Take the site's own templates ({names}) out of the settings and try again. If it is said again, {remedy}"
        )
    head = Problem(CODE, "the finished PDF does not say what the plan says, so no file was written", remedy=remedy)
    told = list(problems[:_MOST_TOLD])
    if len(problems) > _MOST_TOLD:
        told.append(Problem(CODE, f"and {len(problems) - _MOST_TOLD} more differences"))
    raise ProtocalError([head, *told])
