"""The PDF of one sheet -> the same as plain values, which a process can send, and a document of sheets back.

Objects of a PDF name each other by number. A sheet keeps them as text with a place for each number, so that many sheets
can be put behind each other, whoever pressed them. Fonts stand in no sheet: those of a document are made once, of the
letters that all its sheets have.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pydyf import Dictionary  # type: ignore[import-untyped]

_REFERENCE = re.compile(rb"(\((?:[^\\()]|\\.)*\))|\b(\d+) 0 R\b", re.DOTALL)  # strings may hold what looks like one
STRENGTH = 6  # of compression: the greatest takes five times as long for a file that is smaller by a twentieth

Bookmark = tuple[str, tuple[int, float, float], list["Bookmark"], str]  # label, page and place, those below it, state


@dataclass(frozen=True, slots=True)
class Piece:
    """One object of a PDF, or part of one.

    Attributes:
        text: with `%b` for each object that it refers to.
        references: the numbers of those, in order.
        stream: what follows it, ready to be written.
    """

    text: bytes
    references: tuple[int, ...] = ()
    stream: bytes | None = None

    def filled(self, names: Mapping[int, bytes]) -> bytes:
        """The text with what each object is called elsewhere."""
        return self.text % tuple(map(names.__getitem__, self.references))


@dataclass(frozen=True, slots=True)
class Letters:
    """What a sheet uses of a font: its glyphs with their letters and widths, and how far it reaches up and down."""

    letters: Mapping[int, str]
    widths: Mapping[int, int]
    ascent: int
    descent: int
    size: float


@dataclass(frozen=True, slots=True)
class PressedSheet:
    """One sheet, pressed.

    Attributes:
        objects: by their numbers.
        pages: numbers of its pages.
        structure: numbers of the parts of its structure.
        content: of which elements the content of each page is, and after the pages, which element each link is.
        names: places that links may lead to.
        bookmarks: as an outline.
        fonts: by the names that its pages know them by.
        shared: numbers of what a document has once: the tree of pages, the structure's root, the table of fonts.
        end: the number after the last object; those from here on stand for places of its pages and links among others.
        said: what WeasyPrint warned of.
        refused: addresses that were asked for in vain.
    """

    objects: Mapping[int, Piece]
    pages: Sequence[int]
    structure: Sequence[int]
    content: Sequence[Piece]
    names: Sequence[tuple[str, Piece]]
    bookmarks: Sequence[Bookmark]
    fonts: Mapping[str, Letters]
    shared: tuple[int, int, int]
    end: int
    said: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def piece(made: Any) -> Piece:
    """An object of pydyf as plain values."""
    if not hasattr(made, "stream"):
        return _piece(made.data)
    made.compress = False  # it has a strength of its own
    head, _, rest = made.data.partition(b"\nstream\n")
    stream = rest.removesuffix(b"\nendstream")
    if "Filter" in made.extra:
        return _piece(head, stream)
    stream = zlib.compress(stream, STRENGTH)
    said = {**made.extra, "Filter": "/FlateDecode", "Length": len(stream)}
    return _piece(Dictionary(said).data, stream)


def _piece(data: bytes, stream: bytes | None = None) -> Piece:
    references: list[int] = []

    def place(found: re.Match[bytes]) -> bytes:
        if found[2] is None:
            return found[0]
        references.append(int(found[2]))
        return b"%b"

    text = _REFERENCE.sub(place, data.replace(b"%", b"%%"))
    return Piece(text, tuple(references), stream)


def taken(pdf: Any, index: int, fonts: Iterable[Any], bookmarks: Sequence[Bookmark]) -> PressedSheet:
    """The sheet that is this PDF, about to be written; `index` is its place among the sheets of the document."""
    numbers: list[int] = pdf.pages["Kids"][::3]
    pages = [pdf.objects[number] for number in numbers]
    structure = object_at(pdf, pdf.catalog["StructTreeRoot"])
    root = object_at(pdf, structure["K"][0])
    _mark(pdf, index)
    content = [_piece(_bytes(each)) for each in object_at(pdf, structure["ParentTree"])["Nums"][1::2]]
    places = pdf.catalog.get("Names", {}).get("Dests", {}).get("Names", [])
    names = [(name.string, _piece(place.data)) for name, place in zip(places[::2], places[1::2], strict=True)]
    shared = pdf.pages.number, root.number, _number(object_at(pdf, pages[0]["Resources"])["Font"])
    elements = [_number(kid) for kid in root["K"]]
    wanted = [*numbers, *elements, *chain(*(each.references for each in content))]
    return PressedSheet(
        objects=_reached(pdf, wanted, shared),
        pages=numbers,
        structure=elements,
        content=content,
        names=names,
        bookmarks=bookmarks,
        fonts=_letters(fonts),
        shared=shared,
        end=len(pdf.objects),
    )


def _mark(pdf: Any, index: int) -> None:
    """Make what counts pages, and the names of table cells, fit for a document of many sheets.

    The place of a page or link among all others is written as if it were an object after the last one.
    """
    for made in pdf.objects:
        if not isinstance(made, dict):
            continue
        for key in ("StructParents", "StructParent"):
            if key in made:
                made[key] = f"{len(pdf.objects) + made[key]} 0 R".encode()
        if "ID" in made:
            made["ID"].string = f"{index}-{made['ID'].string}"


def _reached(pdf: Any, wanted: list[int], shared: Sequence[int]) -> dict[int, Piece]:
    """All objects that those wanted refer to, however indirectly."""
    found: dict[int, Piece] = {}
    while wanted:
        number = wanted.pop()
        if number in found or number in shared or number >= len(pdf.objects):
            continue
        found[number] = piece(pdf.objects[number])
        wanted += found[number].references
    return dict(sorted(found.items()))


def _letters(fonts: Iterable[Any]) -> dict[str, Letters]:
    """What is used of fonts; several of WeasyPrint's may be of one file, and then have one name."""
    found: dict[str, Letters] = {}
    for font in fonts:
        each = Letters(dict(font.to_unicode), dict(font.widths), font.ascent, font.descent, font.font_size)
        found[font.hash] = together([found[font.hash], each]) if font.hash in found else each
    return found


def together(uses: Sequence[Letters]) -> Letters:
    """What several use of one font; the first says what a glyph stands for."""
    first = uses[0]
    letters = {glyph: text for each in reversed(uses) for glyph, text in each.letters.items()}
    widths = {glyph: width for each in reversed(uses) for glyph, width in each.widths.items()}
    return Letters(dict(sorted(letters.items())), dict(sorted(widths.items())), first.ascent, first.descent, first.size)


def _bytes(value: Any) -> bytes:
    said: bytes = value if isinstance(value, bytes) else value.data
    return said


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def object_at(pdf: Any, reference: bytes) -> Any:
    """The object that a reference names."""
    return pdf.objects[_number(reference)]
