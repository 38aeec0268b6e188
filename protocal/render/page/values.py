"""A reader's page as frozen values in words: dates with what is done on them, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from protocal.model.frozen import frozen

OPEN_DAYS = 7  # that stand open; the others stand under their month


@frozen
class Line:
    """Something on a date that is not taken at home.

    Attributes:
        part: what it is of: `clinic`, `pump`, `hold`.
        text: what it is.
        dose: how much, where it is told. It is not shown once the page is old.
        notes: what to heed with it.
    """

    part: str
    text: str
    dose: str = ""
    notes: tuple[str, ...] = ()


@frozen
class HomeDose:
    """A drug that is taken at home on a date.

    Attributes:
        named: what stands by its name, as that it is once a week.
        dose: how much it is each time; empty where that is not told. It is not shown once the page is old.
        each: what stands before and behind it where the drug is taken several times.
        at: when on the date, for programs: `morning`, `evening`, `21:00`; none where that is not told.
        when: the same for people.
        unsure: that nothing confirms the dose.
    """

    drug: str
    named: tuple[str, ...] = ()
    dose: str = ""
    each: tuple[str, str] = ("", "")
    at: tuple[str, ...] = ()
    when: str = ""
    unsure: str = ""
    given: bool = False
    notes: tuple[str, ...] = ()

    @property
    def hours(self) -> bool:
        """Whether its hours are known."""
        return any(":" in at for at in self.at)


@frozen
class PageDay:
    """A date with all that stands on it.

    Attributes:
        iso: the date for programs, as in `2026-12-01`.
        said: the date for people.
        home: what is taken at home.
        clinic: somebody is to come to the clinic, or is there.
        puncture: there is a lumbar puncture.
        provisional: it may still change.
        changed: it is otherwise than in the issue before.
    """

    date: date
    iso: str
    said: str
    lines: tuple[Line, ...] = ()
    home: tuple[HomeDose, ...] = ()
    clinic: bool = False
    puncture: bool = False
    provisional: bool = False
    changed: bool = False

    def of(self, part: str) -> tuple[Line, ...]:
        """The lines of a part of it."""
        return tuple(line for line in self.lines if line.part == part)


@frozen
class PageMonth:
    """The days of a month that do not stand open."""

    said: str
    days: tuple[PageDay, ...]

    @property
    def clinic_days(self) -> tuple[PageDay, ...]:
        """Those on which somebody is at the clinic."""
        return tuple(day for day in self.days if day.clinic)


@frozen
class Ahead:
    """A date further ahead, of which no more is said than that it is one of a kind."""

    iso: str
    said: str


@frozen
class Change:
    """Something that is otherwise than in the issue before; `until` is the last date that it is of."""

    said: str
    until: str = ""


@frozen
class Part:
    """A part of a site's words; `number` is what a telephone dials for it, empty where it is none."""

    text: str
    number: str = ""


@frozen
class Telephone:
    """Whom to call, in the site's words."""

    label: str
    parts: tuple[Part, ...]

    @property
    def said(self) -> str:
        """The whole of it."""
        return "".join(part.text for part in self.parts)


@frozen
class OtherLanguage:
    """The same page in another language."""

    code: str
    name: str
    file: str


@frozen
class Subscription:
    """How the calendar is subscribed to; its addresses are empty where the site has not said where it publishes.

    Attributes:
        google: where Google asks whether to add it.
        outlook: where Outlook does.
        qr: the page's address as a QR code: lines of an SVG path, a unit thick, in a square of `qr_size` units.
    """

    https: str = ""
    webcal: str = ""
    google: str = ""
    outlook: str = ""
    qr: str = ""
    qr_size: int = 0


@frozen
class ReaderPage:
    """All that a page says.

    Attributes:
        language: as HTML names it.
        as_of: the date of its issue.
        issue: which issue of the feed it is, and when that was made.
        stale_hours: after so many hours without being fetched again it hides doses.
        days: from a first date on, those on which something is.
        last: the last date of them that is looked ahead to.
        clinic_days: all dates on which somebody comes to the clinic.
        punctures: those with a lumbar puncture.
        changed: what is otherwise than in the issue before.
        takes: how long a visit takes.
        stock: what is at home of each drug, and until when it is enough.
        ended: that there is nothing more to come; empty while there is.
        notes: what to heed of the whole.
        pages: there are pages to print beside it.
    """

    language: str
    title: str
    as_of: str
    issue: str
    zone: str
    stale_hours: int
    days: tuple[PageDay, ...]
    months: tuple[PageMonth, ...]
    last: Ahead
    clinic_days: tuple[Ahead, ...]
    punctures: tuple[Ahead, ...]
    changed: tuple[Change, ...]
    calls: tuple[Telephone, ...]
    bring: str
    takes: str
    fasting: str
    stock: tuple[str, ...]
    subscription: Subscription
    others: tuple[OtherLanguage, ...]
    ended: str
    notes: tuple[str, ...]
    family: bool
    pages: bool

    @property
    def open_days(self) -> tuple[PageDay, ...]:
        """Those that stand open."""
        return self.days[:OPEN_DAYS]


def by_month(days: tuple[PageDay, ...]) -> Iterator[tuple[date, tuple[PageDay, ...]]]:
    """The days that do not stand open, month by month, with the first of each."""
    for _month, found in groupby(days[OPEN_DAYS:], key=lambda day: (day.date.year, day.date.month)):
        of_month = tuple(found)
        yield of_month[0].date, of_month
