"""A page's words -> where its tables begin, which column a word stands in, and which drug a head names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from gettext import NullTranslations
from typing import NamedTuple

from protocal.verify.expected import units_in
from protocal.verify.pdf_words import PrintedPage, Word

_NEAR = 4.0  # points by which words of one column may begin beside each other
_IN_LINE = 3.0  # points by which words of one line may stand lower than each other
_LINES_APART = 5.0  # points that may be free between two lines of a head


class Table(NamedTuple):
    """A table whose head has a heading in its first column, down to where the next one begins."""

    head: Word
    is_grid: bool
    end: float

    def has(self, word: Word) -> bool:
        """Whether a word stands in it, below its head."""
        return self.end < word.top <= self.head.bottom


class Column(NamedTuple):
    """A column by where its head begins; `said` is all of its head."""

    left: float
    said: str


class Doses:
    """Reads doses, in whatever language their units are, and words that stand in the place of one."""

    def __init__(self, text: NullTranslations, others: Iterable[str] = ()) -> None:
        self._units = units_in(text)
        self._others = frozenset(others)
        units = "|".join(sorted(map(re.escape, self._units), key=len, reverse=True))
        self._dose = re.compile(rf"(\d[\d.,]*) ({units})")

    def __call__(self, said: str) -> str:
        """A dose in English; nothing for a text that is none."""
        if said in self._others:
            return said
        match = self._dose.fullmatch(said)
        return f"{match[1]} {self._units[match[2]]}" if match else ""

    def within(self, said: str) -> list[str]:
        """All doses that a text has in it."""
        return [f"{match[1]} {self._units[match[2]]}" for match in re.finditer(rf"{self._dose.pattern}\b", said)]


def is_start_of(text: str, whole: str) -> bool:
    """Whether text is a whole, or what a line has room for of it."""
    return text == whole or whole.startswith(f"{text} ")


def first_column(page: PrintedPage, *headings: str) -> list[tuple[Word, int]]:
    """The words that head a first column, from the top, with the number of their heading."""
    found = [
        (word, number)
        for word in page.words
        for number, heading in enumerate(headings)
        if word.left < page.width / 5 and is_start_of(word.text, heading)
    ]
    return sorted(found, key=lambda pair: -pair[0].top)


def tables(page: PrintedPage, grid: str, orders: str) -> Iterator[Table]:
    """The day grids and order tables of a page."""
    heads = first_column(page, grid, orders)
    for index, (head, number) in enumerate(heads):
        end = heads[index + 1][0].top if index + 1 < len(heads) else 0.0
        yield Table(head, number == 0, end)


def head_columns(page: PrintedPage, head: Word) -> list[list[Word]]:
    """The words of each column's head, lowest first: from those in line with the first heading upwards."""
    lowest = [
        word
        for word in page.words
        if abs(word.bottom - head.bottom) < _IN_LINE and word.left >= head.left and any(map(str.isalnum, word.text))
    ]
    found: list[list[Word]] = []
    for word in sorted(lowest, key=lambda word: word.left):
        if found and word.left <= found[-1][0].left + _NEAR:
            continue
        own = [word]
        above = [each for each in page.words if abs(each.left - word.left) < _NEAR and each.bottom > word.bottom]
        for each in sorted(above, key=lambda each: each.bottom):
            if each.bottom - own[-1].top < _LINES_APART:
                own.append(each)
        found.append(own)
    return found


def columns(page: PrintedPage, head: Word) -> list[Column]:
    """The columns of a table, from the left."""
    return [Column(words[0].left, joined(words)) for words in head_columns(page, head)]


def joined(words: Iterable[Word]) -> str:
    """Words as they are read: line by line."""
    return " ".join(word.text for word in sorted(words, key=lambda word: (-round(word.middle), word.left)))


def column_of(word: Word, all_columns: Sequence[Column]) -> Column | None:
    """The column that a word stands in."""
    found = [column for column in all_columns if column.left <= word.centre]
    return found[-1] if found else None


def drug_named(said: str, written: Iterable[str]) -> tuple[str, str]:
    """The drug that a head begins with, and the rest of the head; nothing if it begins with none."""
    squeezed = said.replace(" ", "")
    for name in sorted(written, key=len, reverse=True):
        if is_start_of(name, said):
            return name, said[len(name) :].strip()
        if " " in name and squeezed.startswith(name.replace(" ", "")):  # a long word that a line had no room for
            return name, squeezed[len(name.replace(" ", "")) :]
    return "", said


def row_of(word: Word, dates: Mapping[Word, object]) -> Word | None:
    """The date whose row a word stands in: the last one that begins above it."""
    above = [date for date in dates if date.top >= word.bottom + 1]
    return min(above, key=lambda date: date.top, default=None)
