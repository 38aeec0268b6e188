"""A reader's page as frozen values in words: dates with what is done on them, and what stands around them."""

from __future__ import annotations

from datetime import date

from protocal.model.frozen import frozen


@frozen
class Line:
    """Something on a date.

    Attributes:
        part: what it is of: `clinic`, `home`, `pump`, `hold`.
        text: what it is.
        dose: how much, and how; empty where nothing is given. It is not shown once the page is old.
        hour: from when, as in `10:00`; empty where that is not recorded.
    """

    part: str
    text: str
    dose: str = ""
    hour: str = ""


@frozen
class PageDay:
    """A date with all that stands on it, the clinic first.

    Attributes:
        iso: the date for programs, as in `2026-12-01`.
        said: the date for people.
        clinic: somebody is to come to the clinic.
        puncture: there is a lumbar puncture.
        provisional: it may still change.
    """

    date: date
    iso: str
    said: str
    lines: tuple[Line, ...]
    clinic: bool = False
    puncture: bool = False
    provisional: bool = False

    def of(self, *parts: str) -> tuple[Line, ...]:
        """The lines of some parts of it."""
        return tuple(line for line in self.lines if line.part in parts)


@frozen
class Ahead:
    """A date further ahead, of which no more is said than that it is one of a kind."""

    iso: str
    said: str


@frozen
class Telephone:
    """Whom to call, in the site's words; `number` is for a telephone, empty where the words have none."""

    label: str
    said: str
    number: str = ""


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
        qr: the page's address as a QR code, as an SVG path in a square of `qr_size` units.
    """

    https: str = ""
    webcal: str = ""
    qr: str = ""
    qr_size: int = 0


@frozen
class ReaderPage:
    """All that a page says.

    Attributes:
        language: as HTML names it.
        issue: which issue of the feed it is, and when that was made.
        stale_hours: after so many hours without being fetched again it hides doses.
        days: from a first date on, those on which something is.
        last: the last date of them that is looked ahead to.
        clinic_days: all dates on which somebody comes to the clinic.
        punctures: those with a lumbar puncture.
        changed: what is otherwise than in the issue before.
        ended: that there is nothing more to come; empty while there is.
        notes: what to heed of the whole.
        pages: there are pages to print beside it.
    """

    language: str
    title: str
    issue: str
    zone: str
    stale_hours: int
    days: tuple[PageDay, ...]
    last: str
    clinic_days: tuple[Ahead, ...]
    punctures: tuple[Ahead, ...]
    changed: tuple[str, ...]
    calls: tuple[Telephone, ...]
    bring: str
    fasting: str
    stock: tuple[str, ...]
    subscription: Subscription
    others: tuple[OtherLanguage, ...]
    ended: str
    notes: tuple[str, ...]
    family: bool
    pages: bool
