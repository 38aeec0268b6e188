"""A day grid -> the lines and tints drawn around its text, as SVG path data in points.

One drawing a grid takes the place of a border on each of its cells, which is what makes sheets quick to print.
Rows have the heights that `paging.py` filled the page with, so both agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from protocal.render.roadmap.sheets import Block, DayRow, Grid, Turn

DATE, DAY, WHICH = 69.0, 19.0, 50.0
SIGN_COLUMNS = (38.0, 31.0, 28.0, 28.0)  # date given, time, two initials; why it was not given has the rest
_DOSES = DATE + DAY + WHICH
_BAR, _BAR_INDENT, _NOTCH = 6.0, 4.0, 1.2  # of an infusion at the right of its column; cut where a bag is hung

_Line = tuple[float, float, float]  # where it is, and from where to where it goes


@dataclass(slots=True)
class _Pen:
    """Lines of one kind: across at a height, down at a distance from the left."""

    across: list[_Line] = field(default_factory=list)
    down: list[_Line] = field(default_factory=list)

    def path(self) -> str:
        """The path data; lines that meet end to end are drawn as one."""
        across = "".join(f"M{start:.1f} {y:.1f}H{end:.1f}" for y, start, end in _joined(self.across))
        return across + "".join(f"M{x:.1f} {top:.1f}V{bottom:.1f}" for x, top, bottom in _joined(self.down))


@dataclass(slots=True)
class Rules:
    """What is drawn: lines by kind, the tinted areas, the bars of infusions, and the height of it all."""

    guide: _Pen = field(default_factory=_Pen)
    box: _Pen = field(default_factory=_Pen)
    day: _Pen = field(default_factory=_Pen)
    week: _Pen = field(default_factory=_Pen)
    tint: list[str] = field(default_factory=list)
    bars: list[str] = field(default_factory=list)
    height: float = 0.0


def draw_rules(grid: Grid, width: float) -> Rules:
    """The rules of a grid on paper so many points wide."""
    rules = Rules()
    signs = [_DOSES + sum(column.width for column in grid.columns)]
    for column in SIGN_COLUMNS:
        signs.append(signs[-1] + column)
    for block in grid.blocks:
        _draw_block(rules, block, grid, signs, width)
    return rules


def _draw_block(rules: Rules, block: Block, grid: Grid, signs: Sequence[float], width: float) -> None:
    first = rules.height
    for day in block.days:
        start = rules.height
        if day.week_starts:
            rules.week.across.append((start, 0, width))
        for index, line in enumerate(day.lines):
            bottom = rules.height + line.height
            if line.cells:
                rules.guide.down += ((x, rules.height, bottom) for x in _edges(grid))
            if not block.home:
                edges = signs if line.signed else signs[:1]
                rules.box.down += ((x, rules.height, bottom) for x in (*edges, width))
            rules.height = bottom
            if index + 1 < len(day.lines):
                rules.guide.across.append((bottom, DATE + DAY, signs[0]))
                rules.box.across.append((bottom, signs[0], width))
        rules.day.across.append((rules.height, 0, signs[0] if block.home else width))
        for x in _infusions(grid):
            for top, bottom in _running(day, start):
                rules.bars.append(f"M{x:.1f} {top:.1f}H{x + _BAR:.1f}V{bottom:.1f}H{x:.1f}z")
        if day.weekend:
            rules.tint.append(f"M0 {start:.1f}H{signs[0]:.1f}V{rules.height:.1f}H0z")
    if block.home:
        rules.day.across.append((rules.height, signs[0], width))
        rules.box.down += ((x, first, rules.height) for x in (signs[0], *signs[2:], width))


def _edges(grid: Grid) -> Iterator[float]:
    """The left edges of the columns of drugs."""
    x = _DOSES
    for column in grid.columns:
        yield x
        x += column.width


def _infusions(grid: Grid) -> Iterator[float]:
    """Where the bars of infusions begin."""
    for left, column in zip(_edges(grid), grid.columns, strict=True):
        if column.continuous:
            yield left + column.width - _BAR - _BAR_INDENT


def _running(day: DayRow, top: float) -> Iterator[tuple[float, float]]:
    """From where to where a bar goes on a day: down the lines on which the infusion runs, cut where a bag is hung."""
    start: float | None = None
    for line in day.lines:
        if start is not None and (line.bag or not line.runs):
            yield start, top - (_NOTCH if line.bag else 0)
            start = None
        if line.runs and start is None:
            start = top + (_NOTCH if line.bag else 0)
        if start is not None and line.turn is Turn.OFF:
            yield start, top + line.height / 2
            start = None
        top += line.height
    if start is not None:
        yield start, top


def _joined(lines: Iterable[_Line]) -> Iterator[_Line]:
    for place, group in groupby(sorted(lines), key=lambda line: line[0]):
        start = end = -1.0
        for _place, first, last in group:
            if first > end:
                if end >= 0:
                    yield place, start, end
                start = first
            end = max(end, last)
        yield place, start, end
