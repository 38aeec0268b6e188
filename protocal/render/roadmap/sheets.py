"""Parts of a plan in words in; the frozen values that templates print out: head, orders, day grids, an overview."""

from __future__ import annotations

from dataclasses import dataclass

from protocal.render.roadmap.points import HOME_LINES, QUIET_LINE, SIGNED_LINE, notes_height

_BAGS_HEAD = 40.0


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box of the head: what it says, or nothing, to be written in by hand."""

    label: str
    value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on every page of a sheet.

    Attributes:
        provisional: why doses and dates may still change; empty where they do not.
        as_of: the sheet's issue, or the record's revision where it has none.
    """

    title: str
    subtitle: str
    name: str
    identifiers: str
    therapy: str
    measures: str
    unverified: bool
    provisional: str
    definition: str
    as_of: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A line of the order table; each of `doses` has its days, or its first date, where there are several.

    Attributes:
        tablets: what the doses are made of.
        facts: what the record has of what the drug asks for, and what its label gives this patient.
    """

    agent: str
    route: str
    order: str
    days: str
    dates: tuple[str, ...]
    working: tuple[str, ...]
    doses: tuple[tuple[str, str], ...]
    each: str
    mark: str
    warning: str
    notes: tuple[str, ...]
    tablets: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A dose in the grid; it spans the lines on which it is signed for.

    Attributes:
        each: how it is repeated that day.
        beside: how many tablets it is.
        key: which tablets it is, as a letter that the orders explain.
        state: moved or given.
    """

    dose: str
    lines: int
    each: str
    administration: str
    beside: str = ""
    key: str = ""
    state: str = ""

    @property
    def home_notes(self) -> tuple[str, ...]:
        """What stands below it where its line has no label."""
        return tuple(note for note in (self.each, self.key, self.state) if note)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a day: one dose, procedure or evaluation and the boxes to sign for it.

    Attributes:
        label: which dose of the day, or what is done.
        cells: per column a dose, None where empty, or False where a dose from the line above reaches down.
        text: instead of cells, for lines that are no dose.
        signed: whether there is something to sign here.
        at_home: a drug by mouth, which a family can give.
        why: a dose is not given, in place of the boxes.
    """

    label: str
    cells: tuple[Cell | bool | None, ...] = ()
    text: str = ""
    signed: bool = True
    at_home: bool = False
    why: str = ""

    @property
    def height(self) -> float:
        """On paper, in points."""
        return SIGNED_LINE if self.signed else QUIET_LINE


@dataclass(frozen=True, slots=True)
class HomeLine(Line):
    """The one line of a day at home: all its doses beside each other, signed for with those of the other days."""

    @property
    def height(self) -> float:
        """On paper, in points: some doses have more lines of text."""
        return HOME_LINES[self.notes]

    @property
    def notes(self) -> int:
        """The most lines of text below a dose."""
        return max((len(cell.home_notes) for cell in self.cells if isinstance(cell, Cell)), default=0)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One date of the grid with its lines; no course day where the course waits."""

    date: str
    day: int | None
    weekend: bool
    week_starts: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Days that stay together on a page: a single one, or a stretch at home that is signed for once.

    Attributes:
        home: on how many of the days drugs by mouth are given at home and signed for together; 0 where each dose is
            signed for.
    """

    days: tuple[DayRow, ...]
    home: int = 0

    @property
    def lines(self) -> int:
        """How many lines the block has."""
        return sum(len(day.lines) for day in self.days)

    @property
    def height(self) -> float:
        """On paper, in points."""
        return sum(line.height for day in self.days for line in day.lines)


@dataclass(frozen=True, slots=True)
class Column:
    """A drug of the grid by one way in; `width` in points."""

    agent: str
    route: str
    mark: str
    width: int
    tablets: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive days with a column for each drug due on them."""

    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class GridPage:
    """A page of day grids; the first one has room for the intrathecal block and the warnings above them.

    Attributes:
        left: points of it that are free, below its last grid.
    """

    first: bool
    grids: tuple[Grid, ...]
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class IntrathecalRow:
    """One lumbar puncture: a dose per intrathecal drug, or why there is none."""

    date: str
    day: int
    doses: tuple[str, ...]
    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class BagTable:
    """The bags of a continuous infusion: when each is hung and what it holds; then the pump stop and the rule."""

    title: str
    bags: tuple[tuple[str, str, str], ...]
    stop: str
    note: str

    @property
    def height(self) -> float:
        """On paper, in points."""
        return _BAGS_HEAD + QUIET_LINE * (len(self.bags) + 1) + 9 * (len(self.note) // 130 + 1)


@dataclass(frozen=True, slots=True)
class CourseSheet:
    """The therapy delivery map of one course."""

    course: str
    head: Head
    boxes: tuple[Box, ...]
    since: str
    changes: tuple[str, ...]
    start: str
    start_boxes: tuple[Box, ...]
    orders: tuple[OrderRow, ...]
    intrathecal_orders: tuple[OrderRow, ...]
    intrathecal_agents: tuple[str, ...]
    intrathecal: tuple[IntrathecalRow, ...]
    warnings: tuple[str, ...]
    bags: tuple[BagTable, ...]
    pages: tuple[GridPage, ...]
    comments: tuple[str, ...]
    questions: tuple[str, ...]

    @property
    def notes_last(self) -> bool:
        """Whether comments, questions and legends have room below the last grid; else they stand with the orders."""
        return notes_height((*self.comments, *self.questions)) <= self.pages[-1].left


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """A course on the overview; `first` and `days` place it on the time line, None while it has no date."""

    number: int
    title: str
    day1: str
    last_day: str
    length: str
    punctures: str
    puncture_dates: str
    evidence: str
    state: str
    first: int | None
    days: int
    marks: tuple[tuple[str, int], ...]
    infusions: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OverviewSheet:
    """The whole therapy on one page; `months` are the first days of months on the time line."""

    head: Head
    rows: tuple[OverviewRow, ...]
    total_days: int
    months: tuple[tuple[str, int], ...]
    comments: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roadmap:
    """All sheets of a plan."""

    overview: OverviewSheet | None
    sheets: tuple[CourseSheet, ...]
