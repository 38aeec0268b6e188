"""The structure of a tagged PDF -> the same, with what WeasyPrint leaves for PDF/UA to be said.

Header cells get their scope and rows their empty cells, a sheet's head is read before what stands below it, and its
repetition, feet, ruled lines and empty boxes are not read at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

_PLAIN = ("/Span", "/NonStruct")  # what says nothing of what is in it
_HOLDERS = (
    "/TD",
    "/TH",
    "/Div",
    "/P",
    "/H1",
    "/H2",
    "/Span",
    "/NonStruct",
    "/LBody",
    "/Lbl",
)  # may hold words themselves
_EMPTY = ("/Span", "/NonStruct", "/Div", "/P")  # what says nothing if there is nothing in it


def complete_tags(pdf: Any) -> None:
    """Complete the structure of a sheet's PDF that is about to be written."""
    _Structure(pdf).complete()


class _Structure:
    """The elements of a PDF's structure by their references."""

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.dictionaries: list[Any] = [each for each in pdf.objects if isinstance(each, dict)]
        self.elements = {each.reference: each for each in self.dictionaries if each.get("Type") == "/StructElem"}
        self.root = next(each for each in self.elements.values() if each["S"] == "/Document")
        self.root_reference = self.root.reference

    def complete(self) -> None:
        """Say all that is missing, in one pass over the elements."""
        silent: dict[bytes, list[int]] = defaultdict(list)
        heads: dict[bytes, list[bytes]] = defaultdict(list)
        linked = set(self.root["K"])
        first = next(self.pages()).reference
        for reference, element in list(self.elements.items()):
            kind = element["S"]
            if kind == "/TH":
                group = self.elements.get(self.elements[element["P"]]["P"], {})
                element["A"]["Scope"] = "/Column" if group.get("S") == "/THead" else "/Row"
            elif kind == "/Table":
                self.fill_rows(element)
            elif kind == "/Figure" and "Alt" not in element:
                silent[element["Pg"]] += self.take_out(reference)
            elif element["P"] == self.root_reference and reference not in linked:
                if kind == "/Div" and element["Pg"] == first:
                    heads[element["Pg"]].append(reference)
                else:
                    silent[element["Pg"]] += self.take_out(reference)
        self.root["K"][:] = self.with_heads(heads)
        self.leave_out_empty(self.root)
        self.silence(silent)
        self.lift_words()

    def pages(self) -> Iterator[Any]:
        return (each for each in self.dictionaries if each.get("Type") == "/Page")

    def children(self, element: Any) -> Iterator[tuple[bytes, Any]]:
        """The elements in an element; marks of content are no elements."""
        for kid in element["K"]:
            if isinstance(kid, bytes) and kid in self.elements:
                yield kid, self.elements[kid]

    def with_heads(self, heads: dict[bytes, list[bytes]]) -> Iterator[bytes]:
        """The parts of the document; before the first of a page its head, which was in no list yet."""
        for reference in list(self.root["K"]):
            element = self.elements.get(reference)
            if element:
                yield from heads.pop(element["Pg"], [])
                yield reference

    def fill_rows(self, table: Any) -> None:
        """Give each row the empty cells after its last that were not laid out, so that all rows have all columns."""
        rows = list(self.rows(table))
        taken: list[set[int]] = [set() for _row in rows]  # columns, by cells of a row and by those that reach into it
        for index, row in enumerate(rows):
            column = 0
            for _reference, cell in self.children(row):
                said = cell.get("A", {})
                while column in taken[index]:
                    column += 1
                end = column + said.get("ColSpan", 1)
                for lower in taken[index : index + said.get("RowSpan", 1)]:
                    lower.update(range(column, end))
                column = end
        columns = range(max(map(max, filter(None, taken)), default=-1) + 1)
        for row, full in zip(rows, taken, strict=True):
            free = (column for column in columns if column not in full)
            for _start, run in groupby(enumerate(free), key=lambda place: place[1] - place[0]):
                self.add_empty(row, len(list(run)))

    def add_empty(self, row: Any, columns: int) -> None:
        """Add an empty cell to a row."""
        cell = type(row)({
            "Type": "/StructElem", "S": "/TD", "K": type(row["K"])(), "Pg": row["Pg"], "P": row.reference,
            "A": type(row)({"O": "/Table", "ColSpan": columns}),
        })  # fmt: skip
        self.pdf.add_object(cell)
        row["K"].append(cell.reference)

    def rows(self, element: Any) -> Iterator[Any]:
        for _reference, child in self.children(element):
            if child["S"] == "/TR":
                yield child
            else:
                yield from self.rows(child)

    def leave_out_empty(self, element: Any) -> None:
        """Take out what has nothing in it, from the leaves up."""
        kept = []
        for kid in element["K"]:
            child = self.elements.get(kid) if isinstance(kid, bytes) else None
            if child is not None:
                self.leave_out_empty(child)
                if not child["K"] and child["S"] in _EMPTY:
                    child.free = "f"
                    continue
            kept.append(kid)
        if len(kept) < len(element["K"]):
            element["K"][:] = kept

    def take_out(self, reference: bytes) -> Iterator[int]:
        """Take an element out of the structure; the marks of its content."""
        element = self.elements.pop(reference, None)
        if element is None:
            return
        element.free = "f"
        parent = self.elements.get(element["P"])
        if parent is not None and reference in parent["K"]:
            parent["K"].remove(reference)
        for kid in element["K"]:
            if isinstance(kid, int):
                yield kid
            else:
                yield from self.take_out(kid)

    def lift_words(self) -> None:
        """Put words into the element around a span of nothing else: most of a sheet's elements are such spans."""
        tree = next(each["Nums"] for each in self.dictionaries if "Nums" in each)
        places = {each.reference: 2 * each["StructParents"] + 1 for each in self.pages()}
        for reference, element in reversed(list(self.elements.items())):  # from the leaves up
            marks, parent = element["K"], self.elements.get(element["P"], {})
            if element["S"] in _PLAIN and parent.get("S") in _HOLDERS and all(isinstance(mark, int) for mark in marks):
                place = parent["K"].index(reference) if reference in parent["K"] else None
                if place is None or element.keys() - {"Type", "S", "K", "Pg", "P"} or parent["Pg"] != element["Pg"]:
                    continue
                parent["K"][place : place + 1] = marks
                for mark in marks:
                    tree[places[element["Pg"]]][mark] = parent.reference
                element.free = "f"

    def silence(self, marks: dict[bytes, list[int]]) -> None:
        """Make content an artifact, which is not read."""
        tree = next(each["Nums"] for each in self.dictionaries if "Nums" in each)
        streams = {each.reference: each for each in self.pdf.objects if hasattr(each, "stream")}
        for page in self.pages():
            silent = set(marks.get(page.reference, ()))
            for number in silent:
                tree[2 * page["StructParents"] + 1][number] = b"null"
            stream = streams[page["Contents"]].stream
            for place, part in enumerate(stream):
                if isinstance(part, dict) and part.get("MCID") in silent:
                    stream[place - 1 : place + 2] = ["/Artifact", b"", b"BMC"]
