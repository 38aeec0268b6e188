"""Day rows and grids in; blocks that stay together, and pages filled with them, out; pure, in points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from protocal.render.roadmap.points import text_width
from protocal.render.roadmap.sheets import Block, Column, DayRow, Grid, GridPage, HomeLine, Line
from protocal.words.paper import Paper

GRID_WIDTH = 236  # that the columns of drugs may share on the narrowest paper
PAGE_HEIGHT = {Paper.LETTER: 622, Paper.A4: 672}  # between head and foot
_GRID_HEAD = 48.0
_TEXT_WIDTH = 150  # that a line of text across the columns needs
_LEAST_FILL = 0.6  # of a page, where it may end early so that the next starts with a week
_HOME_STRETCH = 5  # days in a row, in a week, that are signed for together when all is given at home
_NO_DRUG = Column("", "", "", _TEXT_WIDTH)  # keeps the place of text where no drug is due


def joined_weeks(weeks: Sequence[range], fits: Callable[[range], bool]) -> list[range]:
    """Weeks joined into as few stretches as fit, the first ones as long as they can be."""
    stretches: list[range] = []
    for week in weeks:
        joined = range(stretches[-1].start, week.stop) if stretches else week
        if stretches and fits(joined):
            stretches[-1] = joined
        else:
            stretches.append(week)
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
    return HomeLine("", tuple(next((cell for cell in column if cell), None) for column in columns), at_home=True)


def laid_on_pages(grids: Iterable[Grid], height: float, above: float) -> Iterator[GridPage]:
    """Grids laid on pages: a block stays whole, and a page rather ends with a week than is quite full."""
    page: list[tuple[Grid, Block]] = []
    first = True
    for grid in grids:
        for block in grid.blocks:
            room = height - above if first else height
            if page and _height([*page, (grid, block)]) > room:
                cut = _week_end(page, room) if not block.days[0].week_starts else len(page)
                yield GridPage(first, tuple(_grids_of(page[:cut])))
                page, first = page[cut:], False
            page.append((grid, block))
    yield GridPage(first, tuple(_grids_of(page)), (height - above if first else height) - _height(page))


def _height(page: Sequence[tuple[Grid, Block]]) -> float:
    heads = sum(1 for _grid in groupby(page, key=lambda pair: id(pair[0])))
    return heads * _GRID_HEAD + sum(block.height for _grid, block in page)


def _week_end(page: Sequence[tuple[Grid, Block]], room: float) -> int:
    """Where to end a page: before the last week that starts on it, if that leaves it full enough; else at its end."""
    for cut in range(len(page) - 1, 0, -1):
        if page[cut][1].days[0].week_starts:
            return cut if _height(page[:cut]) >= _LEAST_FILL * room else len(page)
    return len(page)


def _grids_of(page: Sequence[tuple[Grid, Block]]) -> Iterator[Grid]:
    """The grids of a page, each with only the columns that are due on it."""
    for _id, group in groupby(page, key=lambda pair: id(pair[0])):
        pairs = list(group)
        grid, blocks = pairs[0][0], tuple(block for _grid, block in pairs)
        lines = [line for block in blocks for day in block.days for line in day.lines]
        kept = [place for place in range(len(grid.columns)) if any(line.cells and line.cells[place] for line in lines)]

        def trim(line: Line, kept: Sequence[int] = kept) -> Line:
            return replace(line, cells=tuple(line.cells[place] for place in kept)) if line.cells else line

        def trim_day(day: DayRow, trim: Callable[[Line], Line] = trim) -> DayRow:
            return replace(day, lines=tuple(trim(line) for line in day.lines))

        yield Grid(
            tuple(_widened([grid.columns[place] for place in kept] or [_NO_DRUG], [line.text for line in lines])),
            tuple(replace(block, days=tuple(trim_day(day) for day in block.days)) for block in blocks),
        )


def _widened(columns: Sequence[Column], texts: Iterable[str]) -> Iterator[Column]:
    """Few columns share enough width for the longest line of text across them."""
    total = sum(column.width for column in columns)
    factor = max(1, _TEXT_WIDTH / total, *((text_width(text, 7.5) + 6) / total for text in texts))
    yield from (replace(column, width=round(column.width * factor)) for column in columns)


def with_text(page: GridPage, old: str, new: str) -> GridPage:
    """A page with another sentence in place of one."""

    def changed(day: DayRow) -> DayRow:
        if not any(line.text == old for line in day.lines):
            return day
        return replace(day, lines=tuple(replace(line, text=new) if line.text == old else line for line in day.lines))

    return replace(
        page,
        grids=tuple(
            replace(grid, blocks=tuple(replace(block, days=tuple(map(changed, block.days))) for block in grid.blocks))
            for grid in page.grids
        ),
    )
