"""The feed of a plan for a reader -> what the reader's page says: the same, by date.

A page is of an issue of its feed, and says nothing that the feed does not say. What is today, only the reader's own
clock knows: the page has dates, and a script of the page's tells which of them is today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from protocal.account import make_account, stock_at_home
from protocal.model.days import ONE_DAY
from protocal.model.issue import Issue
from protocal.model.plan import LUMBAR_PUNCTURE
from protocal.model.reader import Who
from protocal.render.family.stock import HomeStock
from protocal.render.feed.days import FeedDay, Kind
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.feed.reader_feed import ReaderFeed
from protocal.render.feed.words import DayWords, Doses
from protocal.render.page.at_home import joined_doses, taken_at_home
from protocal.render.page.changes import WhatChanged
from protocal.render.page.telephone import numbers_in
from protocal.render.page.values import (
    Ahead,
    HomeDose,
    Line,
    OtherLanguage,
    PageDay,
    PageMonth,
    ReaderPage,
    Subscription,
    Telephone,
    by_month,
)
from protocal.render.wording.family import FamilyWords, first_up

DAYS = 70  # that are told of in full
NAMES = {"en": "English", "es": "Español", "fr": "Français"}  # as those call it who speak it
_PARTS = {Kind.HELD: "hold", Kind.PUMP: "pump"}


def make_page(
    writer: ReaderFeed,
    issue: Issue,
    first: date,
    subscription: Subscription,
    others: Sequence[str] = (),
    stale_hours: int = 24,
    *,
    pages: bool = True,
) -> ReaderPage:
    """The page of a feed's issue, with the dates from a first one on; `others` are languages that it is also in.

    `pages`: there are pages to print beside it.
    """
    return _Page(writer, issue, first).page(subscription, others, stale_hours, pages=pages)


class _Page:
    """Puts the entries of one feed on their dates."""

    def __init__(self, writer: ReaderFeed, issue: Issue, first: date) -> None:
        self.writer = writer
        self.issue = issue
        self.first = first
        self.last = first + timedelta(days=DAYS - 1)
        self.text = writer.words
        self.said = FamilyWords(writer.words)
        self.words = writer.words_of(writer.reader.options)
        self.entries = [] if writer.end else list(writer.entries())
        self.changed = WhatChanged(writer, issue)
        self.stays = {
            day for each in self.entries if each.kind is Kind.INFUSION and not each.is_pump for day in _dates(each)
        }

    def page(self, subscription: Subscription, others: Sequence[str], stale_hours: int, *, pages: bool) -> ReaderPage:
        _, reader, site = self.text.gettext, self.writer.reader, self.writer.reader.site
        family, ended, ask = reader.who is Who.FAMILY, self.writer.end is not None, self.text.gettext("ask your team.")
        days = tuple(self.days())
        visits = sorted({day for each in self.entries for day in self.visited(each)})
        punctures = sorted({each.date for each in self.entries if _is_puncture(each)})
        return ReaderPage(
            language=reader.language,
            title=self.writer.title(),
            as_of=self.as_of(),
            issue=self.writer.as_of(self.issue),
            zone=self.writer.plan.facts.zone,
            stale_hours=stale_hours,
            days=days,
            months=tuple(PageMonth(self.said.month(first), found) for first, found in by_month(days)),
            last=self.ahead(self.last),
            clinic_days=tuple(map(self.ahead, visits)),
            punctures=tuple(map(self.ahead, punctures)),
            changed=() if ended else tuple(self.changed.sentences(self.first, self.last)),
            calls=tuple(self.calls()) if family else (),
            bring=(site.bring or ask) if family else "",
            takes=(site.visit_takes or ask) if family else "",
            fasting=(site.before_sedation or ask) if family else "",
            stock=() if ended else tuple(self.stock()),
            pages=pages,
            subscription=subscription,
            others=tuple(
                OtherLanguage(code, NAMES.get(code, code), f"{code}.html") for code in others if code != reader.language
            ),
            ended=_("There is nothing more in this calendar. Your team is there for you.") if ended else "",
            notes=tuple(self.writer.about()),
            family=family,
        )

    def as_of(self) -> str:
        """`As of 1 December 2026`."""
        _, made = self.text.gettext, self.issue.made.astimezone(self.writer.zone).date()
        said = _("As of {date}") if self.issue.number else _("DRAFT, as of {date}")
        return said.format(date=self.said.date_without_weekday(made))

    # --- dates

    def days(self) -> Iterator[PageDay]:
        """The dates on which something is."""
        lines: dict[date, list[Line]] = {}
        home: dict[date, list[HomeDose]] = {}
        on: dict[date, list[FeedDay]] = {}
        for each in self.entries:
            if isinstance(self.words, FamilyDayWords):
                for day, dose in taken_at_home(self.words, each) if each.kind is Kind.HOME else ():
                    home.setdefault(day, []).append(dose)
            for day in _dates(each):
                on.setdefault(day, []).append(each)
                lines.setdefault(day, []).extend(self.lines(each, day))
        for day in sorted({*on, *home}):
            if self.first <= day <= self.last:
                found = on.get(day, ())
                yield PageDay(
                    day,
                    day.isoformat(),
                    first_up(self.said.weekday_and_day(day)),
                    tuple(dict.fromkeys(lines.get(day, ()))),
                    tuple(joined_doses(home.get(day, ()), self.said)),
                    clinic=any(day in self.visited(each) for each in found),
                    puncture=any(_is_puncture(each) for each in found if each.date == day),
                    provisional=any(each.provisional for each in found),
                    changed=day in self.changed.dates,
                )

    def lines(self, entry: FeedDay, day: date) -> Iterator[Line]:
        """What of an entry stands on a date beside what is taken at home."""
        if isinstance(self.words, DayWords):
            yield from self.told(self.words, entry)
        elif entry.kind is Kind.HOME:
            yield from (Line("hold", text) for text in self.words.left(entry))
        elif entry.kind is Kind.DAY:
            for each in self.words.visit(entry):
                notes = (each.note, each.ask)
                yield Line("clinic", _plain(each.text), notes=tuple(_plain(note) for note in notes if note))
            if entry.overnight and day not in self.stays:
                yield Line("clinic", self.text.gettext("Stays overnight."))
        else:
            part = "pump" if entry.kind is Kind.INFUSION and entry.is_pump else _PARTS.get(entry.kind, "clinic")
            yield from (Line(part, text) for text in self.words.told(entry))

    def told(self, words: DayWords, entry: FeedDay) -> Iterator[Line]:
        """What a clinic or a pharmacy reads of an entry, with its doses apart."""
        dosed = {words.line(entry, dose) for dose in entry.given if words.is_dosed(dose.line)}
        for text in words.told(entry):
            name, _colon, dose = text.partition(": ") if text in dosed else (text, "", "")
            yield Line("clinic", name, dose)

    def visited(self, entry: FeedDay) -> list[date]:
        """The dates of an entry on which somebody is at the clinic."""
        if entry.kind is Kind.INFUSION:
            return [] if entry.is_pump else list(_dates(entry))
        if entry.kind in (Kind.HOME, Kind.HELD, Kind.GATE):
            return []
        return [entry.date] if entry.kind is not Kind.PUMP or entry.events else []

    def ahead(self, day: date) -> Ahead:
        return Ahead(day.isoformat(), first_up(self.said.long_date(day)))

    # --- around them

    def calls(self) -> Iterator[Telephone]:
        """Whom to call, with a number for a telephone where the site's words have one."""
        _, site = self.text.gettext, self.writer.reader.site
        for label, said in (
            (_("By day"), site.call_by_day),
            (_("At night and on weekends"), site.call_at_night),
            (_("Fever"), site.fever),
        ):
            yield Telephone(label, tuple(numbers_in(said or _("ask your team."))))

    def stock(self) -> Iterator[str]:
        """Until when what is at home is enough, where doses may be told: it tells how much one is."""
        words = self.words
        if isinstance(words, FamilyDayWords) and words.doses is not Doses.NONE:
            stocks = stock_at_home(make_account(self.writer.plan))
            for each in HomeStock(stocks, words.home, words.said).notes(self.first, self.last):
                yield f"{first_up(each.label)} {each.said}".replace("\N{NO-BREAK SPACE}", " ")


def _plain(text: str) -> str:
    return first_up(text).replace("\N{NO-BREAK SPACE}", " ")


def _dates(entry: FeedDay) -> Iterator[date]:
    """Every date that an entry covers."""
    last = entry.last or entry.date
    return (entry.date + ONE_DAY * late for late in range((last - entry.date).days + 1))


def _is_puncture(entry: FeedDay) -> bool:
    return any(event.kind == LUMBAR_PUNCTURE for event in entry.events)
