"""Day rows and grids -> blocks that stay together, and pages filled with them; pure, in points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from protocal.render.pdf.text_metrics import REGULAR, text_width
from protocal.render.roadmap.layout.heights import GRID_GAP, warning_height
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


def blocks_of(days: Sequence[DayRow], drugs: Sequence[str]) -> Iterator[Block]:
    """Single days, but stretches at home together, week by week; `drugs` are the names of the columns."""
    week = -1
    numbered = []
    for day in days:
        week += day.week_starts
        at_home = all(line.at_home for line in day.lines) and _is_one_line(day.lines)
        numbered.append(((week, at_home), day))
    for (_week, at_home), group in groupby(numbered, key=lambda pair: pair[0]):
        run = tuple(day for _key, day in group)
        given = _doses_at_home(run, drugs) if at_home else ()
        if given and len(run) >= _HOME_STRETCH:
            rows = tuple(replace(day, lines=(_home_line(day.lines),)) for day in run)
            yield Block(rows, given, (_weekday(run[0]), _weekday(run[-1])))
        else:
            yield from (Block((day,)) for day in run)


def _doses_at_home(days: Sequence[DayRow], drugs: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """How many doses of each drug some days have."""
    found: Counter[str] = Counter()
    for line in (line for day in days for line in day.lines if line.signed):
        found.update(drug for drug, cell in zip(drugs, line.cells, strict=True) if cell)
    return tuple(found.items())


def _weekday(day: DayRow) -> str:
    return day.date.partition(" ")[0]


def _is_one_line(lines: Sequence[Line]) -> bool:
    """Whether no drug has two doses: one that was moved beside another keeps a line of its own."""
    columns = zip(*(line.cells for line in lines), strict=True)
    return all(sum(isinstance(cell, Cell) for cell in column) <= 1 for column in columns)


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


def filled(grids: Iterable[Grid], first_room: float, room: float, least_fill: float, width: float) -> list[Filled]:
    """Grids laid on pages so many points wide, of which the first has its own room: a block stays whole.

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
        pages.append(Filled(tuple(kept), (room if pages else first_room) - _height(kept, width), within_week))
        left = room - _height(page, width)

    for grid in grids:
        for block in grid.blocks:
            while True:
                needed = block.height + (0 if page and page[-1][0] is grid else grid.head + GRID_GAP)
                needed += _warnings_height({*_warnings(grid, block)} - warned(page), width)
                if needed <= left or (pages and not page):
                    break
                starts_week = block.days[0].week_starts
                whole = room if pages else first_room
                close(len(page) if starts_week else _week_end(page, whole, least_fill, width), block)
            page.append((grid, block))
            left -= needed
    pages.append(Filled(tuple(page), left, cut=False))
    return pages


def _height(page: Sequence[tuple[Grid, Block]], width: float) -> float:
    heads = sum(next(pairs)[0].head + GRID_GAP for _grid, pairs in groupby(page, key=lambda pair: id(pair[0])))
    return heads + _warnings_height(warned(page), width) + sum(block.height for _grid, block in page)


def _warnings_height(warnings: Iterable[str], width: float) -> float:
    return sum(warning_height(text, width) for text in warnings)


def warned(page: Sequence[tuple[Grid, Block]]) -> set[str]:
    """The warnings of the drugs that are due on a page."""
    return {warning for grid, block in page for warning in _warnings(grid, block)}


def _warnings(grid: Grid, block: Block) -> Iterator[str]:
    """The warnings of the drugs that are due in a block of a grid."""
    for place, column in enumerate(grid.columns):
        if column.warning and any(line.cells and line.cells[place] for line in _lines([block])):
            yield column.warning


def _week_end(page: Sequence[tuple[Grid, Block]], room: float, least_fill: float, width: float) -> int:
    """Where to end a page: before the last week that starts on it, if that leaves it full enough; else at its end."""
    for cut in range(len(page) - 1, 0, -1):
        if page[cut][1].days[0].week_starts:
            return cut if _height(page[:cut], width) >= least_fill * room else len(page)
    return len(page)


def grids_of(page: Sequence[tuple[Grid, Block]]) -> Iterator[Grid]:
    """The grids of a page, each with only the columns that are due on it; a warning stands above the first of them."""
    said: set[str] = set()
    for _id, group in groupby(page, key=lambda pair: id(pair[0])):
        pairs = list(group)
        grid, blocks = pairs[0][0], tuple(block for _grid, block in pairs)
        lines = list(_lines(blocks))
        runs = any(line.runs for line in lines)
        kept = [
            place
            for place, column in enumerate(grid.columns)
            if (column.continuous and runs) or any(line.cells and line.cells[place] for line in lines)
        ]

        def trim(line: Line, kept: Sequence[int] = kept) -> Line:
            return replace(line, cells=tuple(line.cells[place] for place in kept)) if line.cells else line

        columns = tuple(grid.columns[place] for place in kept)
        warnings = tuple(dict.fromkeys(each.warning for each in columns if each.warning and each.warning not in said))
        said.update(warnings)
        trimmed = blocks if len(kept) == len(grid.columns) else _each_line(blocks, trim)
        yield Grid(columns or (_NO_DRUG,), trimmed, warnings)


def widened(grids: Sequence[Grid]) -> list[Grid]:
    """Grids whose columns share the same width in all of them, so that what is beside them stays in its place."""
    total = max((_width_of(grid) for grid in grids), default=_TEXT_WIDTH)
    return [_stretched(grid, min(total, GRID_WIDTH)) for grid in grids]


def _width_of(grid: Grid) -> float:
    bar = BAR_ROOM if any(column.continuous for column in grid.columns) else 0
    texts = (
        (text_width(line.text, 9) if line.bag else text_width(line.text, 7.5, REGULAR)) + 6 + bar
        for line in _lines(grid.blocks)
        if line.text
    )
    return max(_TEXT_WIDTH, sum(column.width for column in grid.columns), *texts)


def _stretched(grid: Grid, total: float) -> Grid:
    factor = total / sum(column.width for column in grid.columns)
    return replace(
        grid, columns=tuple(replace(column, width=round(column.width * factor, 1)) for column in grid.columns)
    )


def with_orders_page(grid: Grid, pages: Mapping[str, int]) -> Grid:
    """A grid whose heads say on which page the orders have what the doses are made of; `pages` by drug."""
    columns = (
        replace(each, below=each.below.replace("{page}", str(pages.get(each.agent, 1)))) for each in grid.columns
    )
    return replace(grid, columns=tuple(columns))


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
