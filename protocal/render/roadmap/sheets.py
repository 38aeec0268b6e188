"""Parts of a plan in words -> the frozen values that templates print: head, orders, day grids, an overview."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocal.render.pdf.text_metrics import BOLD, HOME_LINES, QUIET_LINE, RATE_LINE, SIGNED_LINE, Run, line_count

_HEAD_LINE, _HEAD_REST, _LEAST_HEAD = 8.3, 4.0, 2  # of a grid, in lines and points


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
        as_of: which issue the sheet is.
        draft: it is none.
        only: which days of it are printed, where not all are.
    """

    title: str
    subtitle: str
    name: str
    identifiers: str
    therapy: str
    measures: str
    unverified: bool
    signed: bool
    provisional: str
    definition: str
    as_of: str
    draft: bool = False
    replaces: str = ""
    only: str = ""


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
    """A dose in the grid; it is signed for on so many lines of its day, and stands on the first of them.

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
class Again:
    """A later dose of the day in its own line: the same again."""

    dose: str


class Turn(StrEnum):
    """What a line does to the continuous infusion."""

    NONE = ""
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a day: one dose, procedure or evaluation and the boxes to sign for it.

    Attributes:
        label: which dose of the day, or what is done.
        clock_blank: whether its hour is to be written in beside the label.
        cells: per column a dose, that of a line above again, or None where empty.
        text: instead of cells, for lines that are no dose.
        signed: whether there is something to sign here.
        at_home: a drug by mouth, which a family can give.
        why: a dose is not given, in place of the boxes.
        bag: whether a bag of an infusion is hung.
        rate: how much of an infusion runs that day, where its bags are signed for.
        turn, runs: what it does to the infusion, and whether that runs here.
    """

    label: str
    cells: tuple[Cell | Again | None, ...] = ()
    text: str = ""
    signed: bool = True
    at_home: bool = False
    why: str = ""
    bag: bool = False
    rate: bool = False
    turn: Turn = Turn.NONE
    runs: bool = False
    clock_blank: bool = False

    @property
    def height(self) -> float:
        """On paper, in points."""
        return SIGNED_LINE if self.signed else RATE_LINE if self.rate else QUIET_LINE


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
        home: how many doses of which drugs by mouth are given at home and signed for together; none where each dose
            is signed for.
        span: the weekdays of its first and its last day, of a stretch at home.
    """

    days: tuple[DayRow, ...]
    home: tuple[tuple[str, int], ...] = ()
    span: tuple[str, str] = ("", "")

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
    """A drug of the grid by one way in; `width` in points.

    Attributes:
        below: what its doses are made of, or how long one runs.
        continuous: whether it runs day and night, which is drawn as a bar down the days.
        warning: that any other way in kills.
    """

    agent: str
    route: str
    mark: str
    width: float
    below: str = ""
    continuous: bool = False
    warning: str = ""

    @property
    def lines(self) -> int:
        """How many lines its name, its way in and what stands below them take."""
        wide = max(self.width - 5, 1)
        others = [text for text in (f"{self.route} {self.mark}".strip(), self.below) if text]
        return sum(line_count((Run(text, 7.5, BOLD),), wide) for text in (self.agent, *others))


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive days with a column for each drug due on them; the warnings of its drugs stand above it."""

    columns: tuple[Column, ...]
    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()

    @property
    def head(self) -> float:
        """How tall its head is on paper, in points."""
        return _HEAD_REST + _HEAD_LINE * max((_LEAST_HEAD, *(column.lines for column in self.columns)))


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence at the foot of a sheet; an open question or not."""

    text: str
    open: bool = False


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


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A page of a course's sheet, from top to bottom.

    Attributes:
        number: of the sheet's pages; the first has the boxes at the top.
        orders: the rows of the order table that stand on it.
        intrathecal: whether the intrathecal block does, with its orders and its boxes to sign.
        bags: what stands above its day grids.
        legend: whether the legends stand at its foot, below the notes.
    """

    number: int
    orders: tuple[OrderRow, ...] = ()
    intrathecal: bool = False
    bags: tuple[BagTable, ...] = ()
    grids: tuple[Grid, ...] = ()
    notes: tuple[Note, ...] = ()
    legend: bool = False


@dataclass(frozen=True, slots=True)
class CourseSheet:
    """The therapy delivery map of one course.

    Attributes:
        start, late: what it may start at; by how many days it did not start as planned, and why.
        legend: how to read the grids.
        says: digest of what it says, whichever days of it are printed on whatever paper.
        tight: whether its orders are set closer, which spares a page.
    """

    course: str
    head: Head
    boxes: tuple[Box, ...]
    since: str
    changes: tuple[str, ...]
    start: str
    late: str
    start_boxes: tuple[Box, ...]
    orders: tuple[OrderRow, ...]
    intrathecal_orders: tuple[OrderRow, ...]
    intrathecal_agents: tuple[str, ...]
    intrathecal: tuple[IntrathecalRow, ...]
    bags: tuple[BagTable, ...]
    comments: tuple[str, ...]
    questions: tuple[str, ...]
    legend: str
    says: str = ""
    tight: bool = False
    pages: tuple[SheetPage, ...] = ()

    @property
    def name(self) -> str:
        """What the log calls it."""
        return f"roadmap/{self.course}"


class State(StrEnum):
    """How sure a course's dates are; the overview draws each in its own way."""

    DONE = "done"
    PLANNED = "planned"
    PROVISIONAL = "provisional"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """A course on the overview.

    Attributes:
        least: how tall its row must be for the dates of its punctures.
        first, days: its place on the time line, which has none of a course without a date.
        height: of its row of the table, in points.
        marks, infusions: what happens on which days of the time line.
    """

    number: int
    title: str
    day1: str
    last_day: str
    length: str
    punctures: str
    puncture_dates: tuple[str, ...]
    least: float
    evidence: str
    state: State
    said: str
    first: int
    days: int
    marks: tuple[tuple[str, int], ...]
    infusions: tuple[tuple[int, int], ...]
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class OverviewSheet:
    """The whole therapy on one page.

    Attributes:
        scale: points of a day on the time line.
        tall: how tall the time line is.
        months: the first days of months on it.
        says: digest of what it says, all its sentences included.
        name: what the log calls it.
    """

    head: Head
    rows: tuple[OverviewRow, ...]
    scale: float
    tall: float
    months: tuple[tuple[str, int], ...]
    comments: tuple[str, ...]
    questions: tuple[str, ...]
    says: str = ""
    name: str = "overview"


@dataclass(frozen=True, slots=True)
class Roadmap:
    """All sheets of a plan."""

    overview: OverviewSheet | None
    sheets: tuple[CourseSheet, ...]

    @property
    def all(self) -> tuple[OverviewSheet | CourseSheet, ...]:
        """In the order in which they are printed."""
        return (self.overview, *self.sheets) if self.overview else self.sheets
