"""Plan -> the iCalendar that a family or a ward subscribes to (RFC 5545, RFC 7986).

One event for each course day on which something happens, and one for what of a day was moved away from it or goes on
from it. Its identity
is made of the record's random key, the course and the day, never of the date, so that an event that moves stays the
same event. SEQUENCE and the times are those of the revision that last changed what is seen of it; an event that is gone
is sent as cancelled. Nothing here asks for the time: the same record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from gettext import NullTranslations
from hashlib import sha256
from typing import NamedTuple

from icalendar import Calendar, Event, vDuration, vText

from protocal.model.days import ONE_DAY
from protocal.model.plan import Plan
from protocal.render.feed.days import FeedDay, LastChange, last_changes
from protocal.render.feed.words import DayWords, Doses
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import paper_words

_COLOR = "steelblue"  # a CSS name, as RFC 7986 wants it
_REFRESH = timedelta(hours=12)
_UID_DIGITS = 32


def feed(
    plan: Plan,
    *,
    with_doses: bool,
    unverified_doses: bool = False,
    language: str = "en",
    remarks: Sequence[str] = (),
    title: str = "",
) -> bytes:
    """The feed of a plan. Doses stand in it only `with_doses`, and those that nothing confirms only by their own name.

    Its earlier revisions are planned again, to tell what changed, each by the site's rules of then.
    `unverified_doses` prints all doses, and then says so. `remarks` are sentences for its description, on top of its
    own. `title` is what calendar programs call it: nothing of ours in a feed says whose it is, and a title need not.
    """
    doses = Doses.ALL if unverified_doses else Doses.CONFIRMED if with_doses else Doses.NONE
    data: bytes = _Writer(plan, messages(language), doses).calendar(language, remarks, title).to_ical()
    return data


def uid(key: str, course: str, day: int, part: str = "") -> str:
    """The identity of a course day's event, or of a part of it that was moved away; a test freezes it."""
    name = f"{key}/{course}/{day}" + (f"/{part}" if part else "")
    return f"{sha256(name.encode()).hexdigest()[:_UID_DIGITS]}@protocal"


class _Seen(NamedTuple):
    """What a reader sees of a day; the line that says when it last changed comes on top."""

    date: date
    summary: str
    description: tuple[str, ...]
    at_home: bool


class _Writer:
    """Writes the feed of one plan in one language."""

    def __init__(self, plan: Plan, words: NullTranslations, doses: Doses) -> None:
        self.plan = plan
        self.words = words
        self.paper = paper_words(words)
        self.doses = doses
        self.says = DayWords(plan.protocol, words, doses)

    def calendar(self, language: str, remarks: Sequence[str], title: str) -> Calendar:
        _ = self.words.gettext
        calendar = Calendar()
        calendar.add("prodid", f"-//protocal//treatment calendar//{language.upper()}")
        calendar.add("version", "2.0")
        for prop in ("name", "x-wr-calname"):
            calendar.add(prop, vText(title or _("Treatment plan")))
        calendar.add(
            "description",
            "\n".join(
                [
                    *map(self.paper.said, remarks),
                    *self.says.closing(verified=self.plan.verified, unverified_doses=self.doses is Doses.ALL),
                    self.as_of(),
                ]
            ),
        )
        calendar.add("last-modified", self.plan.issued.astimezone(UTC))
        calendar.add("refresh-interval", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(_REFRESH))
        calendar.add("color", _COLOR)
        for change in last_changes(self.plan, self.seen, self.no_more):
            calendar.add_component(self.event(change))
        return calendar

    def event(self, change: LastChange) -> Event:
        _ = self.words.gettext
        day, issued = change.day, change.issued.astimezone(UTC)
        seen = self.no_more(day, change.beside) if change.gone else self.seen(day)
        event = Event()
        event.add("uid", uid(self.plan.record.key, day.course, day.number, day.part))
        event.add("dtstamp", issued)
        event.add("last-modified", issued)
        event.add("sequence", change.revision)
        event.add("dtstart", seen.date)
        event.add("dtend", seen.date + ONE_DAY)
        event.add("summary", seen.summary)
        event.add("description", "\n".join((*seen.description, self.last_changed(change))))
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT" if seen.at_home or change.gone else "OPAQUE")
        event.add("categories", [_("Home") if seen.at_home else _("Clinic")])
        if change.gone:
            event.add("status", "CANCELLED")
        return event

    def seen(self, day: FeedDay) -> _Seen:
        return _Seen(
            day.date, self.says.summary(day, self.says.things(day)), tuple(self.says.description(day)), day.at_home
        )

    def no_more(self, day: FeedDay, beside: Sequence[FeedDay]) -> _Seen:
        """A day that is gone; it says so in words too, for calendars that show cancelled events as any other.

        What is still done on its date, by another event, is not called cancelled.
        """
        _, still = self.words.gettext, {thing for each in beside for thing in self.says.things(each)}
        left = [thing for thing in self.says.things(day) if thing not in still]
        if left:
            summary = _("Cancelled: {summary}").format(summary=self.says.summary(day, left))
            says = [_("Cancelled: the plan no longer has this.")]
        else:
            summary, says = self.says.summary(day, [_("now in this day's other entry")]), []
        if len(left) < len(self.says.things(day)):
            says.append(_("What is done on this day stands in its other entry."))
        says += self.says.closing(verified=day.definition.verified, unverified_doses=False)
        return _Seen(day.date, summary, tuple(says), day.at_home)

    def as_of(self) -> str:
        """How old the feed is."""
        date_, revision = self.paper.day(self.plan.issued.date()), self.plan.revision
        return self.words.gettext("As of {date}, revision {revision}.").format(date=date_, revision=revision)

    def last_changed(self, change: LastChange) -> str:
        """How old an event is: only what changes it may change this."""
        date_, revision = self.paper.day(change.issued.date()), change.revision
        return self.words.gettext("Last changed {date}, revision {revision}.").format(date=date_, revision=revision)
