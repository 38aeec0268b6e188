"""Day rows and grids in; blocks that stay together, and pages filled with them, out; pure, in points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from protocal.render.roadmap.heights import GRID_GAP
from protocal.render.roadmap.points import REGULAR, text_width
from protocal.render.roadmap.sheets import Block, Cell, Column, DayRow, Grid, HomeLine, Line

GRID_WIDTH = 216.0  # that the columns of drugs may share on the narrowest paper
BAR_ROOM = 13.0  # at the right of the column of an infusion
_TEXT_WIDTH = 120.0  # that they share at least
_HOME_STRETCH = 5  # days in a row, in a week, that are signed for together when all is given at home
_NO_DRUG = Column("", "", "", _TEXT_WIDTH)  # keeps the place of text where no drug is due


def joined_weeks(weeks: Sequence[range], fits: Callable[[range], bool]) -> list[range]:
    """Weeks joined into as few stretches as fit, the first ones as long as they can be; too full a week is parted."""
    stretches: list[range] = []
    for week in weeks:
        for part in [week] if fits(week) else [range(day, day + 1) for day in week]:
            joined = range(stretches[-1].start, part.stop) if stretches else part
            if stretches and fits(joined):
                stretches[-1] = joined
            else:
                stretches.append(part)
    return stretches


def blocks_of(days: Sequence[DayRow]) -> Iterator[Block]:
    """Single days, but stretches at home together, week by week."""
    week = -1
    numbered = []
    for day in days:
        week += day.week_starts
        at_home = all(line.at_home for line in day.lines)
        numbered.append(((week, at_home), day))
    for (_week, at_home), group in groupby(numbered, key=lambda pair: pair[0]):
        run = tuple(day for _key, day in group)
        given = sum(any(line.signed for line in day.lines) for day in run)
        if at_home and given and len(run) >= _HOME_STRETCH:
            yield Block(tuple(replace(day, lines=(_home_line(day.lines),)) for day in run), given)
        else:
            yield from (Block((day,)) for day in run)


def _home_line(lines: Sequence[Line]) -> HomeLine:
    """The doses of a day's lines on one line."""
    columns = zip(*(line.cells for line in lines), strict=True)
    cells = (next((cell for cell in column if isinstance(cell, Cell)), None) for column in columns)
    return HomeLine("", tuple(cells), at_home=True)


class Filled(NamedTuple):
    """What grids lie on a page, each with some of its blocks, and how much room is left; `cut` within a week."""

    blocks: tuple[tuple[Grid, Block], ...]
    left: float
    cut: bool


def filled(grids: Iterable[Grid], first_room: float, room: float, least_fill: float) -> list[Filled]:
    """Grids laid on pages, of which the first has its own room: a block stays whole.

    A page rather ends with a week than is quite full, where that fills at least so much of its room. Where not even a
    block fits, the first page stays empty.
    """
    pages: list[Filled] = []
    page: list[tuple[Grid, Block]] = []
    left = first_room

    def close(cut: int, follows: Block) -> None:
        nonlocal page, left
        kept, page = page[:cut], page[cut:]
        within_week = bool(kept) and not (page[0][1] if page else follows).days[0].week_starts
        pages.append(Filled(tuple(kept), (room if pages else first_room) - _height(kept), within_week))
        left = room - _height(page)

    for grid in grids:
        for block in grid.blocks:
            while True:
                needed = block.height + (0 if page and page[-1][0] is grid else grid.head + GRID_GAP)
                if needed <= left or (pages and not page):
                    break
                starts_week = block.days[0].week_starts
                whole = room if pages else first_room
                close(len(page) if starts_week else _week_end(page, whole, least_fill), block)
            page.append((grid, block))
            left -= needed
    pages.append(Filled(tuple(page), left, cut=False))
    return pages


def _height(page: Sequence[tuple[Grid, Block]]) -> float:
    heads = sum(next(pairs)[0].head + GRID_GAP for _grid, pairs in groupby(page, key=lambda pair: id(pair[0])))
    return heads + sum(block.height for _grid, block in page)


def _week_end(page: Sequence[tuple[Grid, Block]], room: float, least_fill: float) -> int:
    """Where to end a page: before the last week that starts on it, if that leaves it full enough; else at its end."""
    for cut in range(len(page) - 1, 0, -1):
        if page[cut][1].days[0].week_starts:
            return cut if _height(page[:cut]) >= least_fill * room else len(page)
    return len(page)


def grids_of(page: Sequence[tuple[Grid, Block]]) -> Iterator[Grid]:
    """The grids of a page, each with only the columns that are due on it."""
    for _id, group in groupby(page, key=lambda pair: id(pair[0])):
        pairs = list(group)
        grid, blocks = pairs[0][0], tuple(block for _grid, block in pairs)
        lines = list(_lines(blocks))
        kept = [place for place in range(len(grid.columns)) if any(line.cells and line.cells[place] for line in lines)]

        def trim(line: Line, kept: Sequence[int] = kept) -> Line:
            return replace(line, cells=tuple(line.cells[place] for place in kept)) if line.cells else line

        columns = tuple(grid.columns[place] for place in kept)
        yield Grid(columns or (_NO_DRUG,), blocks if len(kept) == len(grid.columns) else _each_line(blocks, trim))


def widened(grids: Sequence[Grid]) -> list[Grid]:
    """Grids whose columns share the same width in all of them, so that what is beside them stays in its place."""
    total = max((_width_of(grid) for grid in grids), default=_TEXT_WIDTH)
    return [_stretched(grid, min(total, GRID_WIDTH)) for grid in grids]


def _width_of(grid: Grid) -> float:
    bar = BAR_ROOM if any(column.continuous for column in grid.columns) else 0
    texts = (text_width(line.text, 7.5, REGULAR) + 6 + bar for line in _lines(grid.blocks) if line.text)
    return max(_TEXT_WIDTH, sum(column.width for column in grid.columns), *texts)


def _stretched(grid: Grid, total: float) -> Grid:
    factor = total / sum(column.width for column in grid.columns)
    return replace(
        grid, columns=tuple(replace(column, width=round(column.width * factor, 1)) for column in grid.columns)
    )


def with_text(grid: Grid, old: str, new: str) -> Grid:
    """A grid with another sentence in place of one."""
    if not any(line.text == old for line in _lines(grid.blocks)):
        return grid
    return replace(
        grid, blocks=_each_line(grid.blocks, lambda line: replace(line, text=new) if line.text == old else line)
    )


def _lines(blocks: Iterable[Block]) -> Iterator[Line]:
    return (line for block in blocks for day in block.days for line in day.lines)


def _each_line(blocks: Iterable[Block], change: Callable[[Line], Line]) -> tuple[Block, ...]:
    return tuple(
        replace(block, days=tuple(replace(day, lines=tuple(map(change, day.lines))) for day in block.days))
        for block in blocks
    )
