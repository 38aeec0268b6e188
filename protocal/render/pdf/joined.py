"""Pressed sheets -> one PDF of them, as the bytes of a file. Same sheets, same bytes, whoever pressed them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from hashlib import md5
from itertools import accumulate, chain, count
from typing import Any

from pydyf import Array, Dictionary, String  # type: ignore[import-untyped]

from protocal.render.pdf.pressed import STRENGTH, Bookmark, Piece, PressedSheet, object_at, piece

_HEAD = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_TOGETHER = 1000  # objects that are compressed as one
_GONE = 65535  # the generation of what no object has

Written = tuple[bytes, bytes | None]  # an object as it stands in a file, and the stream that follows it
_Marked = tuple[Bookmark, Sequence[bytes]]  # a bookmark and the pages that it counts


def joined(pdf: Any, sheets: Sequence[PressedSheet], identifier: bytes) -> bytes:
    """The file of a document of these sheets; `pdf` has its fonts and what is said of it, and no page yet."""
    structure = object_at(pdf, pdf.catalog["StructTreeRoot"])
    root, content = object_at(pdf, structure["K"][0]), object_at(pdf, structure["ParentTree"])["Nums"]
    fonts = next(each["Font"] for each in pdf.objects if isinstance(each, dict) and "ExtGState" in each)
    shared = pdf.pages.reference, root.reference, fonts
    objects = _Objects(len(pdf.objects))
    pages, links = count(), count(sum(len(sheet.pages) for sheet in sheets))
    of_links: list[object] = []
    places: dict[str, bytes] = {}
    bookmarks: list[_Marked] = []
    for sheet in sheets:
        names = dict(zip(sheet.shared, shared, strict=True))
        numbers = [next(pages if place < len(sheet.pages) else links) for place in range(len(sheet.content))]
        names |= {sheet.end + place: b"%d" % number for place, number in enumerate(numbers)}
        objects.add(sheet.objects, names)
        its_pages = [names[number] for number in sheet.pages]
        pdf.pages["Kids"] += its_pages
        root["K"] += (names[number] for number in sheet.structure)
        filled = [(number, each.filled(names)) for number, each in zip(numbers, sheet.content, strict=True)]
        content += chain(*filled[: len(its_pages)])
        of_links += chain(*filled[len(its_pages) :])
        bookmarks += ((bookmark, its_pages) for bookmark in sheet.bookmarks)
        places = {name: place.filled(names) for name, place in sheet.names} | places
    content += of_links
    pdf.pages["Count"] = len(pdf.pages["Kids"])
    if bookmarks:
        pdf.catalog["Outlines"] = objects.outline(bookmarks)
    if places:
        kids = chain(*((String(name), place) for name, place in sorted(places.items())))
        pdf.catalog["Names"] = Dictionary({"Dests": Dictionary({"Names": Array(kids)})})
    info = objects.append((pdf.info.data, None))
    ours = [None if made.free == "f" else _written(made) for made in pdf.objects]
    return _file([*ours, *objects.written], pdf.catalog.reference, info, identifier)


def _written(made: Any) -> Written:
    each = piece(made)
    return each.filled({number: b"%d 0 R" % number for number in each.references}), each.stream


class _Objects:
    """The objects of sheets, numbered after those that a document has without any."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.written: list[Written] = []
        self.same: dict[Written, bytes] = {}  # pictures are in each sheet anew, but written once

    def append(self, written: Written) -> bytes:
        """Add one; its reference."""
        self.written.append(written)
        return b"%d 0 R" % (self.first + len(self.written) - 1)

    def add(self, objects: Mapping[int, Piece], names: dict[int, bytes]) -> None:
        """Add the objects of a sheet, and to `names` what they are called now."""
        streams = [(number, each) for number, each in objects.items() if each.stream is not None]
        for number, each in sorted(streams, key=lambda stream: len(stream[1].references)):
            if names.keys() >= set(each.references):
                written = each.filled(names), each.stream
                if written not in self.same:
                    self.same[written] = self.append(written)
                names[number] = self.same[written]
        others = [(number, each) for number, each in objects.items() if number not in names]
        start = self.first + len(self.written)
        names |= {number: b"%d 0 R" % (start + place) for place, (number, _each) in enumerate(others)}
        self.written += ((each.filled(names), each.stream) for _number, each in others)

    def outline(self, bookmarks: Sequence[_Marked]) -> bytes:
        """Add an outline; its reference."""
        mine = self.append((b"", None))
        kids, shown = self._outline(bookmarks, mine)
        whole = Dictionary({"Count": shown, "First": kids[0], "Last": kids[-1]})
        self.written[self._place(mine)] = whole.data, None
        return mine

    def _outline(self, bookmarks: Sequence[_Marked], parent: bytes) -> tuple[list[bytes], int]:
        """Add the bookmarks of one level and those below; their references, and how many are shown."""
        references = [self.append((b"", None)) for _bookmark in bookmarks]
        shown = len(references)
        for place, ((label, (page, x, y), below, state), pages) in enumerate(bookmarks):
            kids, within = self._outline([(each, pages) for each in below], references[place])
            closed = state == "closed"
            shown += 0 if closed else within
            said = {
                "Title": String(label),
                "Dest": Array((pages[page], "/XYZ", x, y, 0)),
                "Parent": parent,
                "Count": -within if closed else within,
            }
            said |= {"Prev": references[place - 1]} if place else {}
            said |= {"Next": references[place + 1]} if place + 1 < len(references) else {}
            said |= {"First": kids[0], "Last": kids[-1]} if kids else {}
            self.written[self._place(references[place])] = Dictionary(said).data, None
        return references, shown

    def _place(self, reference: bytes) -> int:
        return int(reference.split()[0]) - self.first


def _file(objects: Sequence[Written | None], catalog: bytes, info: bytes, identifier: bytes) -> bytes:
    """The bytes of a PDF of objects by their numbers; those without a stream are compressed together."""
    file, numbers = bytearray(_HEAD), count(len(objects))
    table: dict[int, tuple[int, int, int]] = {}

    def write(number: int, text: bytes, stream: bytes) -> None:
        table[number] = 1, len(file), 0
        file.extend(b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, text, stream))

    small: list[tuple[int, bytes]] = []
    for number, each in enumerate(objects):
        if each is None:
            table[number] = 0, 0, _GONE
        elif each[1] is None:
            small.append((number, each[0]))
        else:
            write(number, each[0], each[1])
    for start in range(0, len(small), _TOGETHER):
        group, holder = small[start : start + _TOGETHER], next(numbers)
        table |= {number: (2, holder, place) for place, (number, _text) in enumerate(group)}
        write(holder, *_packed(group))
    last = next(numbers)
    table[last] = 1, len(file), 0
    entries = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + rest.to_bytes(2, "big")
        for _number, (kind, place, rest) in sorted(table.items())
    )
    said = {"Type": "/XRef", "W": Array((1, 4, 2)), "Size": last + 1, "Root": catalog, "Info": info}
    whole = md5(file, usedforsecurity=False).hexdigest()
    said["ID"] = Array((String(identifier.decode()), String(whole)))
    start_of_table = len(file)
    write(last, *_compressed(said, entries))
    return bytes(file) + b"startxref\n%d\n%%%%EOF\n" % start_of_table


def _packed(group: Sequence[tuple[int, bytes]]) -> tuple[bytes, bytes]:
    """Objects without streams as one with a stream."""
    ends = accumulate((len(text) + 1 for _number, text in group), initial=0)
    heads = b" ".join(b"%d %d" % (number, start) for (number, _text), start in zip(group, ends, strict=False))
    texts = b"\n".join(text for _number, text in group)
    return _compressed({"Type": "/ObjStm", "N": len(group), "First": len(heads) + 1}, heads + b"\n" + texts)


def _compressed(said: dict[str, Any], data: bytes) -> tuple[bytes, bytes]:
    stream = zlib.compress(data, STRENGTH)
    return Dictionary({**said, "Filter": "/FlateDecode", "Length": len(stream)}).data, stream
