"""The HTML of our own templates -> its tree, as an HTML parser would make it, read as XML, which is quicker.

A browser mends what a page leaves out. Ours leave out three things, which are put in here: the ends of empty elements,
the bodies and column groups of tables, and that a drawing is SVG. What is no XML even so has no tree.
"""

from __future__ import annotations

import re
from html.entities import html5
from xml.etree.ElementTree import Element, ParseError, fromstring

_SVG = "{http://www.w3.org/2000/svg}"
_EMPTY = re.compile(r"<((?:br|col|hr|img|link|meta|wbr)\b[^<>]*?)/?>")
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+;)")


def well_formed(html: str) -> Element | None:
    """The tree of a page; None where it is no XML."""
    text = _NAMED.sub(lambda name: html5.get(name[1], name[0]), _EMPTY.sub(r"<\1/>", html))
    try:
        root = fromstring(text[text.index("<html") :])  # noqa: S314 - our own, without a document type
    except (ParseError, ValueError):  # the latter where there is no such tag, or half a letter
        return None
    for table in list(root.iter("table")):
        _complete(table)
    for drawing in list(root.iter("svg")):
        for part in drawing.iter():
            part.tag = f"{_SVG}{part.tag}"
    return root


def _complete(table: Element) -> None:
    """Put columns and rows that stand in a table itself into groups."""
    group: Element | None = None
    for child in list(table):
        name = {"col": "colgroup", "tr": "tbody"}.get(child.tag)
        if name is None:
            group = None
            continue
        if group is None or group.tag != name:
            group = Element(name)
            table.insert(list(table).index(child), group)
        table.remove(child)
        group.append(child)
