"""The days of a month -> how tall its weeks are on paper, and how large its type may be, all in points.

Heights are worked out from the font's own widths before anything is laid out, so that a month is one page wherever it
can be: the largest type is taken in which it fits, and what the page has left is shared out among its weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from protocal.model.paper_size import Paper
from protocal.render.family.values import Day, Dose, Happening, Shown, Sides, Type
from protocal.render.pdf.text_metrics import BOLD, REGULAR, SEMIBOLD, Run, line_count

# Between the head and the foot of a page, without the heads of the weekdays.
_ROOM = {Paper.LETTER: 471.4, Paper.A4: 454.6}
_CELL = {Paper.LETTER: 98.4, Paper.A4: 105.6}  # how wide the text of a day may be
_PAGE = {Paper.LETTER: 742.0, Paper.A4: 792.0}
_RULE = 1.0  # above a week
_BESIDE_DATE = 16.0  # that the date takes of the first line
_BOX = 14.0  # of a box to tick, with the space behind it
_ICON = 12.0
_TICK_GAP = 4.0
_DASHES = 1.6  # below a dose that is underlined
_TALLEST = 170.0  # that a week is made
_ELSEWHERE = 25.0  # of days that are not on the page, with a line for notes
_NOTE_LEADING = 9.0
_MOST_STRETCH = 10  # points by which blanks become taller
_WIDEST = 9.0  # between two drugs
_POCKET_ROOM = {Paper.LETTER: 584.0, Paper.A4: 567.0}  # with the head
_POCKET_CELL = {Paper.LETTER: 252.0, Paper.A4: 276.0}
_POCKET_PAGE = {Paper.LETTER: 352.0, Paper.A4: 376.0}
_POCKET_TOP = 24.0  # above its head and below it
_LABEL = 92.0  # that says whom to call
_LONG, _LONGER, _LONG_NAME = 84, 36, 34  # letters from which text is smaller
_HOURS = 4  # to be written in beside each other on it
_SPACE = 0.212  # of a space, by the size of its font


# The widest lines to write on have the height of ruled paper.
TYPES = (
    Type(9.5, 10, 9.5, 8.2, 12.6, 9.8, 15.5, 9.0, 25.0, 1, 55, 52),
    Type(9.5, 10, 9.2, 7.8, 11.8, 9.2, 15, 8.0, 23.5, 1, 55, 46),
    Type(9.5, 10, 9, 7.5, 11.3, 8.8, 14.5, 7.0, 22.5, 2, 22, 40),
    Type(9, 9.5, 8.8, 7.2, 10.6, 8.3, 14, 6.5, 21.5, 2, 22, 34),
    Type(9, 9.5, 8.8, 7.2, 10.6, 8.3, 14, 6.0, 17.0, 2, 22, 30),
    Type(9, 9, 8.3, 7, 10, 7.9, 13.5, 5.5, 15.5, 2, 22, 26),
    Type(9, 9, 8, 7, 9.7, 7.7, 13, 5.0, 14.5, 2, 22, 22),
    Type(9, 9, 8, 7, 9.5, 7.5, 13, 4.5, 14.0, 2, 22),
    Type(9, 9, 7.8, 7, 9.3, 7.2, 12.5, 4.0, 13.0, 2, 22, frame=(2, 3.4), above=1.6),
    Type(9, 9, 7.8, 7, 9.3, 7.2, 12.5, 3.2, 12.0, 2, 22, frame=(1.6, 2.8), above=1.2),
    Type(9, 9, 7.8, 7, 9.3, 7.2, 12.5, 2.4, 11.0, 2, 22, frame=(1.4, 2.4), above=0.8),
    Type(9, 9, 7.8, 7, 9.3, 7.2, 12.5, 2.4, 11.0, 2, 22, indent=0, frame=(1.4, 2.4), above=0.8),
    Type(9, 9, 7.8, 7, 9.3, 7.1, 12.2, 1.2, 11.0, 2, 22, indent=0, frame=(1, 2), above=0.4),
    Type(9, 9, 7.8, 7, 9.0, 7.0, 11.8, 0.4, 11.0, 2, 22, indent=0, frame=(0.8, 1.2), above=0.0),
    Type(9, 8.8, 7.7, 6.8, 8.8, 6.8, 11.4, 0.2, 11.0, 2, 22, indent=0, frame=(0.6, 1.0), above=0.0),
)


class Row(NamedTuple):
    """The heights of lines in a row of the pocket page; `frame` is above and below what it says."""

    line: float
    date: float
    thing: float
    dose: float
    gap: float
    frame: float


_TIGHT, _ROOMY = Row(10.0, 13.0, 12.6, 14.0, 4.0, 6.8), Row(10.0, 13.4, 12.6, 16.5, 5.0, 9.2)


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
            type_, needed = _stretched(weeks, each, needed, room, _CELL[paper])
            return Heights(tuple(_shared(needed, room - sum(needed))), type_, fits=True)
    return Heights((TYPES[-1].empty,) * len(weeks), TYPES[-1], fits=False)


def _stretched(
    weeks: Sequence[Sequence[Day]], type_: Type, needed: list[float], room: float, width: float
) -> tuple[Type, list[float]]:
    """What is left goes first to the blanks, as far as somebody writes in them, and between the drugs."""
    found, low, high = (type_, needed), 0, _MOST_STRETCH
    while low < high:
        more = (low + high + 1) // 2
        taller = type_._replace(write=min(type_.write + more, TYPES[0].write), gap=min(type_.gap + more / 3, _WIDEST))
        tall = [max(_cell_height(day, taller, width) for day in week) for week in weeks]
        if sum(tall) <= room:
            found, low = (taller, tall), more
        else:
            high = more - 1
    return found


def _shared(needed: Sequence[float], left: float) -> Iterator[float]:
    """What is left is shared out so that weeks become as tall as each other, where they can."""
    level = _level(needed, left)
    return (round(max(height, level), 1) for height in needed)


def _level(heights_: Sequence[float], left: float) -> float:
    """How tall the lower ones become if they are raised together by so much in all."""
    lowest = sorted(heights_)
    for count in range(1, len(lowest) + 1):
        level = (sum(lowest[:count]) + left) / count
        if count == len(lowest) or level <= lowest[count]:
            return min(level, _TALLEST) - 0.1
    return 0.0


class Above(NamedTuple):
    """What stands above the days of a pocket page: whom to call, when it is, whose, which issue, and what is unsure."""

    contacts: Sequence[tuple[str, str]]
    title: str
    who: tuple[str, str]
    issue: tuple[str, str]
    unsure: str
    means: str
    has_logo: bool


def sides(days: Sequence[Day], above: Above, below: str, paper: Paper) -> Sides:
    """One side for the days of a pocket page if they have room on it, else the first half of them on its front."""
    head = _head_height(above, _POCKET_PAGE[paper])
    foot = 6 + _NOTE_LEADING * line_count((Run(below, 7.5, SEMIBOLD),), _POCKET_PAGE[paper])
    room = _POCKET_ROOM[paper] - head
    tight, roomy = ([_row_height(day, _POCKET_CELL[paper], row) for day in days] for row in (_TIGHT, _ROOMY))
    if sum(tight) + foot <= room:
        return Sides(len(days), roomy=False, head=head)
    half = len(days) // 2
    nearest = sorted(range(1, len(days)), key=lambda front: abs(front - half))
    front = next((each for each in nearest if _are_sides(tight, each, foot, room)), half)
    return Sides(front, _are_sides(roomy, front, foot, room), head)


def _are_sides(rows: Sequence[float], front: int, foot: float, room: float) -> bool:
    """Whether so many rows have room on the front of a page, and the others on its back."""
    return sum(rows[:front]) <= room and sum(rows[front:]) + foot <= room


def _head_height(above: Above, width: float) -> float:
    """The height of what stands above the days of a pocket page."""
    total = _POCKET_TOP
    for label, said in above.contacts:
        size = 7.5 if len(said) > _LONG else 9 if len(said) > _LONGER else 10
        lines = line_count((Run(said or "x" * _LONG, size if said else 8, BOLD),), width - _LABEL - 19)
        beside = line_count((Run(label, 7, SEMIBOLD),), _LABEL)
        total += max(lines * size * 1.15, beside * 7 * 1.1) + 4
    total += 6 + 14.3 * line_count((Run(above.title, 13, BOLD),), width)
    name, rest = above.who
    total += 12 * line_count((Run(name, 7 if len(name) > _LONG_NAME else 10, BOLD), Run(rest, 7.5)), width)
    strong, rest = above.issue
    issue = 10.4 * line_count((Run(strong, 8.5, BOLD), Run(rest, 7.5)), width - 75 * above.has_logo)
    total += max(issue, 30 * above.has_logo)
    if above.unsure:
        total += 7.4 + 9 * line_count((Run(above.unsure, 7.5, SEMIBOLD),), width - 8)
    return round(total + (5 + 9 * line_count((Run(above.means, 7.5),), width - 8) if above.means else 0), 1)


def _row_height(day: Day, width: float, row: Row) -> float:
    """The height of a day of the pocket page."""
    lines = len(day.starts) + bool(day.held) + bool(day.eve) + (day.empty and not (day.held or day.eve))
    total = row.line * lines
    for each in (*day.clinic, *day.pump):
        total += row.thing * line_count((Run(f"{each.text} (xxxxx)", 9, SEMIBOLD),), width - 4 * _ICON)
        total += row.line * sum(line_count((Run(said, 7.5, BOLD),), width) for said in (each.note, each.ask) if said)
    for dose in day.doses:
        named, much = " ".join((dose.drug, *dose.named)), dose.much or "x" * 28
        said = (named, much) if dose.is_long else (f"{named} {much}",)
        rows = sum(line_count((Run(each, 9.5, BOLD),), width - _BOX) for each in said)
        if dose.boxes != ("",):
            rows += ceil(len(dose.boxes) / _HOURS) if dose.hours_blank else line_count(_ticks(dose), width)
        notes = line_count((Run("; ".join(dose.notes), 7.5),), width - 2 * _BOX) if dose.notes else 0
        total += row.dose * rows + row.line * notes
    total += row.gap * max(0, len(day.doses) - (not (day.clinic or day.pump)))
    return max(total, row.date + row.line * bool(day.label or day.changed)) + row.frame


def _cell_height(day: Day, type_: Type, width: float) -> float:
    """What a day has to say."""
    if day.shown is not Shown.HERE:
        return _ELSEWHERE
    total, first = _RULE + sum(type_.frame), True
    for height, runs, indent in _blocks(day, type_):
        room = width - indent - (_BESIDE_DATE if first else 0)
        total += height * (line_count(runs, room) if runs else 1)
        first = False
    gaps = bool(day.clinic) + bool(day.pump) + len(day.doses) + bool(day.held) + bool(day.eve)
    gaps -= bool(gaps) and not (day.has_top or day.changed)  # what stands beside the date has none
    return max(type_.empty, total + type_.gap * gaps)


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
    if day.held:
        yield type_.line, (Run(day.held, type_.thing, SEMIBOLD),), 0
    if day.eve:
        yield type_.small, (Run(day.eve, type_.note, SEMIBOLD),), 0


def _happening(each: Happening, type_: Type, weight: int, size: float) -> Iterator[Block]:
    runs = (_space(_ICON),) * bool(each.icon) + (Run(each.text, size, weight),)
    yield type_.line, runs + (Run("(xxxxx)", size, BOLD),) * each.given, 0
    said = (Run(each.note, type_.note), *[Run(each.ask, type_.note, BOLD)] * bool(each.ask)) if each.note else ()
    for line in ((run,) for run in said) if type_.indent else (said,) * bool(said):
        yield type_.small, line, 0


def _dose(dose: Dose, type_: Type) -> Iterator[Block]:
    alone = dose.boxes == ("",)
    yield type_.line, (Run(dose.drug, type_.drug, BOLD),), max(type_.indent, _BOX * alone)
    for said in dose.named:
        yield type_.small, (Run(said, 8, BOLD),), type_.indent
    if dose.much:
        said = f"{dose.much}\N{NO-BREAK SPACE}0" if dose.unsure else dose.much
        said = said.replace("½", "00")  # no wider than that
        yield type_.line, (Run(said, type_.dose, SEMIBOLD),), type_.indent
        if dose.provisional:
            yield _DASHES, (), 0
    else:
        yield type_.write, (), 0
    for note in dose.notes:
        yield type_.small, (Run(note, type_.note),), type_.indent
    if alone:
        return
    yield type_.above, (), 0
    if dose.hours_blank:
        for _row in range(ceil(len(dose.boxes) / type_.hours)):
            yield type_.boxes, (), 0
    else:
        yield type_.boxes, _ticks(dose), 0


def _ticks(dose: Dose) -> tuple[Run, ...]:
    return tuple(_tick(label) for label in dose.boxes)


def _tick(label: str) -> Run:
    """A box with what stands beside it, which are not parted."""
    return Run("\N{NO-BREAK SPACE}" * ceil((_BOX + _TICK_GAP) / (8.5 * _SPACE)) + label.replace(" ", "\xa0"), 8.5)


def _space(points: float) -> Run:
    """As much space as something that is no text takes, with the space behind it."""
    return Run("\N{NO-BREAK SPACE}" * ceil(points / (9 * _SPACE) - 1), 9)
