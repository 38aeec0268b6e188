"""The feed of a plan for a reader -> what the reader's page says: the same, by date.

A page is of an issue of its feed, and says nothing that the feed does not say. What is today, only the reader's own
clock knows: the page has dates, and a script of the page's tells which of them is today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from protocal.model.days import ONE_DAY
from protocal.model.issue import Issue
from protocal.model.plan import LUMBAR_PUNCTURE
from protocal.model.reader import Who
from protocal.render.feed.days import FeedDay, Kind
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.feed.history import LastChange
from protocal.render.feed.ics import FeedWriter
from protocal.render.page.values import Ahead, Line, OtherLanguage, PageDay, ReaderPage, Subscription, Telephone
from protocal.render.wording.family import FamilyWords, first_up

DAYS = 70  # that are told of in full
_MOST_CHANGES = 8
_NUMBER = re.compile(r"\+?[0-9][0-9 ()./\N{NO-BREAK SPACE}-]{4,}[0-9]")
_PARTS = {Kind.HOME: "home", Kind.HELD: "hold", Kind.PUMP: "pump", Kind.INFUSION: "clinic"}
NAMES = {"en": "English", "es": "Español", "fr": "Français"}  # as those call it who speak it


def make_page(
    writer: FeedWriter,
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

    def __init__(self, writer: FeedWriter, issue: Issue, first: date) -> None:
        self.writer = writer
        self.issue = issue
        self.first = first
        self.last = first + timedelta(days=DAYS - 1)
        self.text = writer.words
        self.said = FamilyWords(writer.words)
        self.words = writer.words_of(writer.reader.options)
        self.entries = list(writer.entries())

    def page(self, subscription: Subscription, others: Sequence[str], stale_hours: int, *, pages: bool) -> ReaderPage:
        _, reader = self.text.gettext, self.writer.reader
        visits = sorted({day for each in self.entries for day in self.visited(each)})
        punctures = sorted({each.date for each in self.entries if _is_puncture(each)})
        family = reader.who is Who.FAMILY
        end = self.writer.end
        return ReaderPage(
            language=reader.language,
            title=self.writer.title(),
            issue=self.writer.as_of(self.issue),
            zone=self.writer.plan.facts.zone,
            stale_hours=stale_hours,
            days=tuple(self.days()) if end is None else (),
            last=self.said.long_date(self.last),
            clinic_days=tuple(map(self.ahead, visits)) if end is None else (),
            punctures=tuple(map(self.ahead, punctures)) if end is None else (),
            changed=tuple(self.changes()) if end is None else (),
            calls=tuple(self.calls()) if family else (),
            bring=(reader.site.bring or _("ask your team.")) if family else "",
            fasting=(reader.site.before_sedation or _("ask your team.")) if family else "",
            stock=(),
            pages=pages,
            subscription=subscription,
            others=tuple(
                OtherLanguage(code, NAMES.get(code, code), f"{code}.html") for code in others if code != reader.language
            ),
            ended=_("There is nothing more in this calendar. Your team is there for you.") if end else "",
            notes=tuple(self.writer.about()),
            family=family,
        )

    # --- dates

    def days(self) -> Iterator[PageDay]:
        """The dates on which something is."""
        on: dict[date, list[FeedDay]] = {}
        for each in self.entries:
            for day in _dates(each):
                if self.first <= day <= self.last:
                    on.setdefault(day, []).append(each)
        for day, found in sorted(on.items()):
            lines = [line for each in found for line in self.lines(each, day)]
            lines.sort(key=lambda line: ("clinic", "pump", "hold", "home").index(line.part))
            yield PageDay(
                day,
                day.isoformat(),
                first_up(self.said.weekday_and_day(day)),
                tuple(lines),
                clinic=any(day in self.visited(each) for each in found),
                puncture=any(_is_puncture(each) for each in found if each.date == day),
                provisional=any(each.provisional for each in found),
            )

    def lines(self, entry: FeedDay, day: date) -> Iterator[Line]:
        """What of an entry stands on a date."""
        part = _PARTS.get(entry.kind, "clinic")
        hour = f"{entry.begins:%H:%M}" if entry.begins and entry.begins.date() == day else ""
        if isinstance(self.words, FamilyDayWords):
            for text in self.words.told(entry):
                name, colon, dose = text.partition(": ") if entry.kind is Kind.HOME else (text, "", "")
                yield Line(part, name, dose if colon else "", hour)
            return
        for text in self.words.told(entry):
            yield Line(part, text, "", hour)

    def visited(self, entry: FeedDay) -> list[date]:
        """The dates of an entry on which somebody is at the clinic."""
        if entry.kind is Kind.INFUSION:
            is_pump = isinstance(self.words, FamilyDayWords) and self.words.is_pump(entry)
            return [] if is_pump else list(_dates(entry))
        if entry.kind in (Kind.HOME, Kind.HELD, Kind.GATE):
            return []
        return [entry.date] if entry.kind is not Kind.PUMP or entry.events else []

    def ahead(self, day: date) -> Ahead:
        return Ahead(day.isoformat(), first_up(self.said.long_date(day)))

    # --- around them

    def changes(self) -> Iterator[str]:
        """What is otherwise than in the issue before this, by date; none for the first."""
        _, ngettext = self.text.gettext, self.text.ngettext
        if self.issue.before is None or not self.issue.number:
            return
        *_earlier, before, now = self.writer.states(self.issue)
        if before.options.get("site") != now.options.get("site"):
            yield _("Your clinic has other words on whom to call, what to bring, or how to prepare.")
        changes = self.writer.changes(self.issue, site=False)
        found = [each for each in changes if each.since.number == self.issue.number]
        found.sort(key=lambda each: each.day.date)
        for each in found[:_MOST_CHANGES]:
            yield self.change(each)
        if (left := len(found) - _MOST_CHANGES) > 0:
            yield ngettext("and {count} more", "and {count} more", left).format(count=left)

    def change(self, change: LastChange) -> str:
        """`Tuesday 5 January 2027: Clinic visit: vincristine`, or that it is no more."""
        summary = self.writer.seen_now(change).summary
        if isinstance(self.words, FamilyDayWords) and not change.gone:
            summary = self.words.named(change.day, self.words.things(change.day))
        return self.text.gettext("{date}: {what}").format(
            date=first_up(self.said.long_date(change.day.date)), what=summary
        )

    def calls(self) -> Iterator[Telephone]:
        """Whom to call, with a number for a telephone where the site's words have one."""
        _, site = self.text.gettext, self.writer.reader.site
        for label, said in (
            (_("By day"), site.call_by_day),
            (_("At night and on weekends"), site.call_at_night),
            (_("Fever"), site.fever),
        ):
            found = _NUMBER.search(said)
            yield Telephone(label, said or _("ask your team."), re.sub("[^0-9+]", "", found[0]) if found else "")


def _dates(entry: FeedDay) -> Iterator[date]:
    """Every date that an entry covers."""
    last = entry.last or entry.date
    return (entry.date + ONE_DAY * late for late in range((last - entry.date).days + 1))


def _is_puncture(entry: FeedDay) -> bool:
    return any(event.kind == LUMBAR_PUNCTURE for event in entry.events)
