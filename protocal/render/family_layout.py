"""The days of a month in; how tall its weeks are on paper, and how large its type may be, out; all in points.

Heights are worked out from the font's own widths before anything is laid out, so that a month is one page wherever it
can be: the largest type is taken in which it fits, and what the page has left is shared out among its weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from protocal.render.family_days import Day, Dose, Happening, Shown
from protocal.render.roadmap.points import BOLD, REGULAR, SEMIBOLD, Run, line_count
from protocal.words.paper import Paper

# Between the head and the foot of a page, without the heads of the weekdays.
_ROOM = {Paper.LETTER: 471.4, Paper.A4: 454.6}
_CELL = {Paper.LETTER: 98.4, Paper.A4: 105.6}  # how wide the text of a day may be
_PAGE = {Paper.LETTER: 742.0, Paper.A4: 792.0}
_FRAME = 3.8  # above and below what a day has to say
_BESIDE_DATE = 21.0  # that the date takes of the first line
_BOX = 14.0  # of a box to tick, with the space behind it
_ICON = 12.0
_INDENT = 5.0  # of how much, below the name of its drug
_TICK_GAP = 4.0
_TALLEST = 170.0  # that a week is made
_EMPTY = 20.0  # the least of a week in which nothing is done
_ELSEWHERE = 25.0  # of days that are not on the page, with a line for notes
_NOTE_LEADING = 9.0
_SPACE = 0.212  # of a space, by the size of its font


class Type(NamedTuple):
    """Sizes of type in a month and how far apart its lines are; the style sheet has them from here.

    Attributes:
        hours: how many hours to be written in stand beside each other.
        write: how tall a line is on which somebody writes.
        top: of the line with the day of the course.
    """

    drug: float
    dose: float
    thing: float
    note: float
    line: float
    small: float
    top: float
    gap: float
    write: float
    hours: int
    hour: float


# The widest lines to write on have the height of ruled paper.
TYPES = (
    Type(9.5, 10, 9.5, 8.2, 12.6, 9.8, 15.5, 4.0, 19.0, 1, 55),
    Type(9.5, 10, 9.2, 7.8, 11.8, 9.2, 15, 3.0, 17.0, 1, 55),
    Type(9.5, 10, 9, 7.5, 11.3, 8.8, 14.5, 2.0, 15.0, 2, 22),
    Type(9, 9.5, 8.8, 7.2, 10.6, 8.3, 14, 1.0, 13.5, 2, 22),
    Type(9, 9, 8.3, 7, 10, 7.9, 13.5, 0.5, 12.0, 2, 22),
    Type(9, 9, 8, 7, 9.5, 7.5, 13, 0.3, 11.3, 2, 22),
    Type(9, 9, 7.8, 7, 9.3, 7.2, 12.5, 0.2, 11, 2, 22),
)


class Heights(NamedTuple):
    """The heights of a month's weeks in the type in which they fit; without any, the text says how tall they are."""

    weeks: tuple[float, ...]
    type: Type
    fits: bool


def heights(weeks: Sequence[Sequence[Day]], below: str, paper: Paper) -> Heights:
    """The heights of a month's weeks; `below` is what stands below them."""
    room = _ROOM[paper] - _NOTE_LEADING * line_count((Run(below, 7.5, SEMIBOLD),), _PAGE[paper])
    for each in TYPES:
        needed = [max(_cell_height(day, each, _CELL[paper]) for day in week) for week in weeks]
        if sum(needed) <= room:
            return Heights(tuple(_shared(weeks, needed, room - sum(needed))), each, fits=True)
    return Heights((_EMPTY,) * len(weeks), TYPES[-1], fits=False)


def _shared(weeks: Sequence[Sequence[Day]], needed: Sequence[float], left: float) -> Iterator[float]:
    """What is left is shared out so that weeks with something to do become as tall as each other, where they can."""
    busy = [any(not day.empty for day in week) for week in weeks]
    among = [height for height, is_busy in zip(needed, busy, strict=True) if is_busy] or list(needed)
    level = _level(among, left)
    for height, is_busy in zip(needed, busy, strict=True):
        yield round(max(height, level) if is_busy or not any(busy) else height, 1)


def _level(heights_: Sequence[float], left: float) -> float:
    """How tall the lower ones become if they are raised together by so much in all."""
    lowest = sorted(heights_)
    for count in range(1, len(lowest) + 1):
        level = (sum(lowest[:count]) + left) / count
        if count == len(lowest) or level <= lowest[count]:
            return min(level, _TALLEST) - 0.1
    return 0.0


def _cell_height(day: Day, type_: Type, width: float) -> float:
    """What a day has to say."""
    if day.shown is not Shown.HERE:
        return _ELSEWHERE
    total, first = _FRAME, True
    for height, runs, indent in _blocks(day, type_):
        room = width - indent - (_BESIDE_DATE if first else 0)
        total += height * (line_count(runs, room) if runs else 1)
        first = False
    gaps = bool(day.clinic) + bool(day.pump) + len(day.doses) + bool(day.eve)
    return max(_EMPTY, total + type_.gap * gaps)


Block = tuple[float, tuple[Run, ...], float]  # the height of a line, its text, and how far it is indented


def _blocks(day: Day, type_: Type) -> Iterator[Block]:
    if day.has_top:
        yield type_.top, (), 0
    if day.changed:
        yield type_.small, (), 0
    for start in day.starts:
        yield type_.small + 1, (Run(start, 8, BOLD),), 0
    for each in day.clinic:
        yield from _happening(each, type_, SEMIBOLD, type_.thing)
    for each in day.pump:
        yield from _happening(each, type_, REGULAR, type_.thing)
    if day.pump:
        yield 3.0, (), 0
    for dose in day.doses:
        yield from _dose(dose, type_)
    if day.eve:
        yield type_.small, (Run(day.eve, type_.note, SEMIBOLD),), 0


def _happening(each: Happening, type_: Type, weight: int, size: float) -> Iterator[Block]:
    runs = (_space(_ICON),) * bool(each.icon) + (Run(each.text, size, weight),)
    yield type_.line, runs + (Run("(xxxxx)", size, BOLD),) * each.given, 0
    if each.note:
        yield type_.small, (Run(each.note, type_.note),), 0


def _dose(dose: Dose, type_: Type) -> Iterator[Block]:
    alone = dose.boxes == ("",)
    yield type_.line, ((_space(_BOX),) if alone else ()) + (Run(dose.drug, type_.drug, BOLD),), 0
    if dose.much:
        said = f"{dose.much}\N{NO-BREAK SPACE}0" if dose.unsure else dose.much
        said = said.replace("½", "00")  # no wider than that
        yield type_.line, (Run(said, type_.dose, SEMIBOLD),), _INDENT * alone
    else:
        yield type_.write, (), 0
    if dose.weekly:
        yield type_.small, (Run(dose.weekly, 8.5, BOLD),), _INDENT * alone
    for note in dose.notes:
        yield type_.small, (Run(note, type_.note),), 0
    if not alone and dose.hours_blank:
        for _row in range(ceil(len(dose.boxes) / type_.hours)):
            yield type_.line + 2.2, (), 0
    elif not alone:
        ticks = tuple(_tick(label) for label in dose.boxes)
        yield type_.line + 2.2, ticks, 0


def _tick(label: str) -> Run:
    """A box with what stands beside it, which are not parted."""
    return Run("\N{NO-BREAK SPACE}" * ceil((_BOX + _TICK_GAP) / (8.5 * _SPACE)) + label.replace(" ", "\xa0"), 8.5)


def _space(points: float) -> Run:
    """As much space as something that is no text takes, with the space behind it."""
    return Run("\N{NO-BREAK SPACE}" * ceil(points / (9 * _SPACE) - 1), 9)
