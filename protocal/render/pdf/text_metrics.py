"""Text -> how wide it is in the font of the sheets, and how many lines it takes, all in points.

Pages are filled with these figures before anything is laid out, so they err on the wide side.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import ceil
from typing import NamedTuple
from unicodedata import normalize

from protocal.render.pdf.fonts import font_file

# The style sheet gives rows these heights, so that pages are filled here and no row is ever split.
SIGNED_LINE, QUIET_LINE, RATE_LINE = 18.4, 12.0, 13.5
HOME_LINES = (13.5, 20.5, 29.5, 38.5)  # with so many lines of text below a dose
LEADING = 1.22  # of a line of text, by its size
REGULAR, SEMIBOLD, BOLD = 400, 600, 700

_LETTERS = (*range(ord(" "), ord("~") + 1), 0x2019, *map(ord, "«»œŒ"))  # whose widths are read from the font
_OTHER = 1.0  # a letter of another script, a mark of evidence


class Run(NamedTuple):
    """Text of one size and weight."""

    text: str
    size: float = 8
    weight: int = REGULAR


@cache
def _widths(weight: int) -> dict[str, float]:
    """How wide each letter of the font is, in parts of its size."""
    from fontTools.ttLib import TTFont

    with TTFont(font_file(weight), lazy=True) as font:
        names, advances, unit = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        return {chr(code): advances[names[code]][0] / unit for code in _LETTERS}


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: int = BOLD) -> float:
    """How wide text is at a size; a letter with an accent is as wide as without it."""
    widths = _widths(weight)
    plain = text if text.isascii() else normalize("NFKD", text)
    return size * sum(widths.get(letter, 0 if "\u0300" <= letter < "\u0370" else _OTHER) for letter in plain)


@lru_cache(maxsize=4096)
def line_count(runs: tuple[Run, ...], width: float) -> int:
    """How many lines text of several runs takes where words stay whole, but for those wider than a line."""
    lines, used = 1, 0.0
    for run in runs:
        space = text_width(" ", run.size, run.weight)
        for word in run.text.split(" "):
            wide = text_width(word, run.size, run.weight)
            if used and used + wide > width:
                lines, used = lines + 1, 0.0
            if wide > width:
                lines, wide = lines + ceil(wide / width), 0.0
            used += wide + space
    return lines


def text_height(text: str, size: float, width: float, *, weight: int = REGULAR, leading: float = LEADING) -> float:
    """How tall a paragraph is."""
    return line_count((Run(text, size, weight),), width) * size * leading if text else 0.0


def within(text: str, width: float) -> str:
    """As much of a sentence as a line has room for; the orders and the record have it whole."""
    if text_width(text, 7.5, REGULAR) <= width:
        return text
    text = text[: int(width)]  # no letter is narrower than a point
    while text and text_width(f"{text} ...", 7.5, REGULAR) > width:
        text = text[:-1].rstrip()
    return f"{text} ..."
