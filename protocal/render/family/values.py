"""A family's pages as frozen values, which templates print: dates with what is done on them, heads, the legend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from protocal.model.days import SATURDAY
from protocal.render.pdf.text_metrics import BOLD, text_width

_BESIDE_DATE = 69.0  # points that the name of a drug has beside its date
_SHORT = 36  # letters of a drug and its dose in one line
_BOXES = 2.2  # that a line with boxes is taller than others
_WORDS_ABOVE = 21.0  # a blank so tall has room to write below its words


class Shown(Enum):
    """What a cell of a month is for."""

    HERE = "here"
    ELSEWHERE = "elsewhere"  # in another month
    OFF = "off"  # not among the dates that were asked for


@dataclass(frozen=True, slots=True)
class Dose:
    """A drug by mouth on a date, with a box to tick for each time it is given.

    Attributes:
        much: one dose in tablets or in a unit; empty where it is to be written in by hand.
        boxes: what stands beside each box: when in the day, or an hour.
        hours_blank: the hour of each is to be written in by hand.
        weekly: that it is given once a week, with the weekday.
        instead: that it stands in the place of the dose of that weekday.
        unsure: nothing confirms what `much` says.
        provisional: `much` is worked out again when its course starts.
    """

    administration: str
    drug: str
    much: str
    boxes: tuple[str, ...]
    hours_blank: bool
    weekly: str
    notes: tuple[str, ...]
    unsure: bool
    given: bool
    provisional: bool = False
    instead: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """What stands by the name of its drug, before how much it is."""
        return tuple(filter(None, (self.weekly, self.instead)))

    @property
    def is_long(self) -> bool:
        """Whether how much it is stands in a line of its own even where there is little room."""
        return bool(self.instead) or len(self.drug) + len(self.much) > _SHORT


@dataclass(frozen=True, slots=True)
class Happening:
    """What is done in clinic or by a pump on a date; `icon` is the picture beside it.

    Attributes:
        note: more of it, in small.
        ask: what to ask the clinic before it.
    """

    text: str
    note: str = ""
    given: bool = False
    icon: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A date with all that is done on it.

    Attributes:
        label: the day of its course.
        starts: the courses that begin on it.
        held: that nothing is given, because the record holds treatment or a pump stands still; or that a drug
            may go on.
        eve: what is to be known on it of the day after.
        changed: it was otherwise in the issue that this one replaces.
    """

    date: date
    shown: Shown
    label: str = ""
    starts: tuple[str, ...] = ()
    clinic: tuple[Happening, ...] = ()
    pump: tuple[Happening, ...] = ()
    doses: tuple[Dose, ...] = ()
    held: str = ""
    eve: str = ""
    provisional: bool = False
    changed: bool = False

    @property
    def weekend(self) -> bool:
        """Whether it is a Saturday or a Sunday."""
        return self.date.weekday() >= SATURDAY

    @property
    def empty(self) -> bool:
        """Whether nothing is done on it."""
        return not (self.clinic or self.pump or self.doses)

    @property
    def has_top(self) -> bool:
        """Whether it has a line for the day of its course: where the team does something, or a course begins.

        At home the date alone says which day it is, unless the first drug's name has no room beside it.
        """
        wide = bool(self.doses) and text_width(self.doses[0].drug, 9.5, BOLD) > _BESIDE_DATE
        return bool(self.clinic or self.pump or self.starts) or wide


class Type(NamedTuple):
    """Sizes of type in a month and how far apart its lines are; the style sheet has them from here.

    Attributes:
        hours: how many hours to be written in stand beside each other.
        gap: between two drugs, far more than between the lines of one.
        write: how tall a line is on which somebody writes.
        top: of the line with the day of the course.
        empty: how tall a week is at least.
        indent: how far a drug and all that is said of it stand to the right of its boxes.
        frame: above and below what a day has to say, the upper part of it first.
        above: boxes that are in a line of their own.
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
    empty: float = 20.0
    indent: float = 13.0
    frame: tuple[float, float] = (2.4, 4.0)
    above: float = 2.0

    @property
    def boxes(self) -> float:
        """How tall a line with boxes is."""
        return self.line + _BOXES

    @property
    def has_words_above(self) -> bool:
        """Whether a blank has its words above the place to write, and not beside it."""
        return self.write >= _WORDS_ABOVE


class Sides(NamedTuple):
    """How many days stand on the front of a pocket page, all where it has no back; and whether it has room to spare.

    `head` is how much of each side what stands above them takes.
    """

    front: int
    roomy: bool
    head: float


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call, or what a fever asks for; the site's words, or none."""

    label: str
    said: str


@dataclass(frozen=True, slots=True)
class Week:
    """Seven dates and the height of their row, in points; days of other months beside each other are one cell."""

    days: tuple[Day, ...]
    height: float

    @property
    def cells(self) -> tuple[tuple[Day, ...], ...]:
        """The dates of each cell."""
        runs = groupby(self.days, key=lambda day: day.shown is Shown.ELSEWHERE or day.date)
        return tuple(tuple(days) for _key, days in runs)


@dataclass(frozen=True, slots=True)
class Entry:
    """A drug of the legend: what it is for, how it is taken, and what to mind."""

    name: str
    brand: str
    purpose: str
    taken: str
    minded: tuple[str, ...]
    strong: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on every page.

    Attributes:
        fever: empty where the site has not said.
        unverified: what the page says of plan and doses that nothing confirms; empty where all is confirmed.
        marked: doses that nothing confirms stand on the pages, each with a mark.
        kind: which of the sheets of an issue it is: with doses or to write them in; empty where none is at home.
        one_box: what the boxes are for.
        remarks: sentences that stand at the foot.
    """

    name: str
    identifiers: str
    clinic: str
    contacts: tuple[Contact, ...]
    fever: str
    unverified: tuple[str, str]
    marked: bool
    kind: str
    one_box: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageIssue:
    """Which issue a page is, in words.

    Attributes:
        made: when it was given out, and which one it replaces.
        sheet: what the log calls it.
        says: digest of what it says, whatever is printed of it.
        draft: it is none.
    """

    said: str = ""
    made: str = ""
    sheet: str = ""
    says: str = ""
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A month, the days of the pocket page in one week, or at the end the legend of all drugs.

    Attributes:
        courses: the courses of its dates.
        provisional: the courses of it whose dates may still change.
        dashed_doses: whether a dose stands on it that may still change.
        changed: whether a date of it was otherwise in the issue before.
        number: as in `sheet 2 of 22`.
        type: the sizes of a month's type, so that it fits; none for other pages.
        fits: whether it is one page.
        sides: of the pocket page.
        legend: the drugs of all pages, on a page of their own; empty on all others.
        reviewed: whether all words of the legend are confirmed.
    """

    title: str
    courses: str
    provisional: str
    changed: bool
    weekdays: tuple[str, ...]
    weeks: tuple[Week, ...]
    notes: tuple[Contact, ...]
    number: str
    type: Type | None = None
    fits: bool = True
    legend: tuple[Entry, ...] = ()
    reviewed: bool = False
    dashed_doses: bool = False
    sides: Sides | None = None
    issue: PageIssue = PageIssue()


@dataclass(frozen=True, slots=True)
class FamilyCalendar:
    """All pages of a calendar; `pocket` for one page of days under each other on half a sheet.

    Attributes:
        drugs: the legend, on the last page; None where no drug is given, and for a pocket page.
        address: where a telephone finds the same calendar, on the page of the legend; empty where it does not.
    """

    head: Head
    pages: tuple[Page, ...]
    pocket: bool = False
    drugs: Page | None = None
    address: str = ""

    @property
    def sheets(self) -> tuple[Page, ...]:
        """What is printed: the days, then the legend."""
        return (*self.pages, self.drugs) if self.drugs else self.pages

    @property
    def days(self) -> tuple[Day, ...]:
        """The dates that are printed."""
        return tuple(day for page in self.pages for week in page.weeks for day in week.days if day.shown is Shown.HERE)
