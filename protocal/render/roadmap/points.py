"""Text in; about how wide and tall it is on paper out, and how tall its rows are; all in points."""

from __future__ import annotations

from collections.abc import Iterable

# The style sheet gives rows these heights, so that pages are filled here and no row is ever split.
SIGNED_LINE, QUIET_LINE = 18.4, 12.0
HOME_LINES = (13.5, 20.5, 29.5, 38.5)  # with so many lines of text below a dose
_NOTE_LINE, _NOTE_WIDTH, _LEGENDS = 9.4, 490.0, 62.0


def text_width(text: str, size: float) -> float:
    """About how wide bold text is, in points, at a size in points."""
    return size * sum(0.64 if letter.isupper() else 0.3 if letter in " .,il" else 0.56 for letter in text)


def within(text: str, width: float) -> str:
    """As much of a sentence as a line has room for; the orders and the record have it whole."""
    if text_width(text, 7.5) <= width:
        return text
    while text_width(f"{text} ...", 7.5) > width:
        text = text[:-1].rstrip()
    return f"{text} ..."


def notes_height(sentences: Iterable[str]) -> float:
    """About how tall notes are printed with the legends below them, on the safe side."""
    return _LEGENDS + sum(_NOTE_LINE * (1 + int(text_width(text, 7.5) // _NOTE_WIDTH)) for text in sentences)
