"""Pieces of a page for the terminal -> its text. Rich folds what is too long, so nothing is cut."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from protocal.model.evidence import Evidence
from protocal.model.protocol import Protocol

FATAL = "FATAL IF GIVEN BY ANY OTHER ROUTE"
_LEAST_WIDTH = 80  # narrower ones would lose columns; the terminal itself wraps then
_MOST_WIDTH = 110  # in wider tables the eye loses the row


def printed(parts: Iterable[RenderableType], width: int) -> str:
    """What rich makes of the parts, without colour and without spaces at line ends."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=min(max(width, _LEAST_WIDTH), _MOST_WIDTH),
        color_system=None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


class Share(int):
    """So many parts of the width that the columns of a fixed width leave."""


def table(*columns: tuple[str, int], leading: int = 0) -> Table:
    """An empty table with a line under its head, each column with a width or a `Share`; `leading` parts its rows."""
    empty = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), leading=leading, expand=True)
    for title, size in columns:
        shared = isinstance(size, Share)
        empty.add_column(title, width=None if shared else size, ratio=size if shared else None, overflow="fold")
    return empty


def pairs(rows: Iterable[tuple[str, str]]) -> RenderableType:
    """Names with a text beside each."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", max_width=26)
    grid.add_column(overflow="fold")
    for name, text in rows:
        grid.add_row(Text(name), Text(text))
    return Padding(grid, (0, 0, 0, 2))


def heading(text: str) -> list[RenderableType]:
    """A title with a line under it and space above."""
    return ["", Text(text), Text("=" * min(len(text), _LEAST_WIDTH))]


def indented(text: str) -> RenderableType:
    """A paragraph that belongs to what stands above it."""
    return Padding(Text(text), (0, 0, 0, 2))


def legend(*protocols: Protocol) -> list[RenderableType]:
    """What the marks of evidence mean; that of signed lines only where there are any."""
    signed = any(each.has_verified_lines for each in protocols)
    levels = [each for each in Evidence if signed or each is not Evidence.SIGNED]
    return ["", Text("Evidence: " + "   ".join(f"{level.mark} {level.value}" for level in levels))]


def unverified() -> RenderableType:
    """The sentence that stands on everything made from an unverified definition."""
    return Text("UNVERIFIED: check each dose and day against the trial's own protocol document.")


def days_text(count: int) -> str:
    """`28 days`."""
    return f"{count} day" if count == 1 else f"{count} days"
