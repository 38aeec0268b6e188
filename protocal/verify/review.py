"""A review's PDF and the lines of the definition -> what of them does not stand on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from protocal.model.problems import Problem
from protocal.model.review import DefinitionLine
from protocal.verify.pdf_words import CODE, read_pages


def review_problems(pdf: bytes, lines: Iterable[DefinitionLine]) -> list[Problem]:
    """Each line of which a word can nowhere be seen, however the words are broken into rows; nothing if all are there.

    Each word that is printed counts once, so that what two lines say must be there twice.
    """
    left = Counter(piece for page in read_pages(pdf) for word in page.words for piece in _pieces(word.text))
    found = []
    for line in lines:
        wanted = Counter(piece for text in _texts(line) for piece in _pieces(text))
        if missing := wanted - left:
            found.append(Problem(CODE, f"{line.id}: '{' '.join(missing.elements())}' is missing", line.where))
        left -= wanted
    return found


def _pieces(text: str) -> list[str]:
    """Its words, parted where a row may end within one, too."""
    return [piece for piece in re.split(r"[\s/-]+", text) if piece]


def _texts(line: DefinitionLine) -> Iterator[str]:
    yield line.id
    for name, text in line.says:
        yield name
        yield text
    yield from line.comments
    yield from line.backing.questions
