"""Plan -> the iCalendar that a family or a ward subscribes to (RFC 5545, RFC 7986).

One event for each course day on which something happens, and one for what of a day was moved away from it or goes on
from it. Its identity is made of the record's random key, the course and the day, never of the date, so that an event
that moves stays the same event. SEQUENCE and the times are those of the issue in which what is seen of it last
changed; an event that was sent and is gone is sent as cancelled for a time. Nothing here asks for the time: the same
record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration, vText

from protocal.account import course_days
from protocal.change.issues import FEED, Sent, issue_of, sent, to_be_sent
from protocal.model.days import ONE_DAY
from protocal.model.frozen import frozen
from protocal.model.issue import Issue
from protocal.model.plan import Plan
from protocal.render.feed.days import FeedDay, LastChange, days_of, last_changes
from protocal.render.feed.words import DayWords, Doses
from protocal.render.said import says_digest
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import paper_words

_COLOR = "steelblue"  # a CSS name, as RFC 7986 wants it
_REFRESH = timedelta(hours=12)
_UID_DIGITS = 32


@frozen
class Reader:
    """What a feed is made for.

    Attributes:
        language: of its words, as in `en`.
        doses: which stand in it.
        title: what calendar programs call it: nothing of ours in a feed says whose it is, and a title need not.
        cancelled_days: how long after its issue a cancelled event is still sent.
    """

    language: str = "en"
    doses: Doses = Doses.NONE
    title: str = ""
    cancelled_days: int = 90

    @property
    def options(self) -> dict[str, str]:
        """As a line of the log has them; a title may name the patient, and stands in none."""
        doses, days = self.doses.name.lower(), str(self.cancelled_days)
        return {"language": self.language, "doses": doses, "cancelled days": days}


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


class FeedWriter:
    """Writes the feed of a plan for a reader.

    Its earlier issues are planned again, to tell what changed, each by the site's rules of then. `remarks` are
    sentences for its description, on top of its own. A feed that says what its last issue said is that issue, any
    other is a draft.
    """

    def __init__(self, plan: Plan, reader: Reader, remarks: Sequence[str] = ()) -> None:
        self.plan = plan
        self.reader = reader
        self.remarks = remarks
        self.words = messages(reader.language)
        self.paper = paper_words(self.words)
        self.zone = ZoneInfo(plan.facts.zone)
        self.of_states: dict[tuple[str, str], DayWords] = {}

        self.now = to_be_sent(plan, reader.options)

    def feed(self, *, draft: bool = False) -> bytes:
        """The calendar file; with `draft` it is a draft whatever stands in the log."""
        issue, past = issue_of(self.plan, FEED, self.says, draft=draft), sent(self.plan, self.reader.options)
        states = past if issue.number else [*past, self.now]
        made = self.calendar(issue)
        for change in last_changes(self.plan, states, self.seen, self.no_more):
            if not change.gone or self.is_told(change, issue):
                made.add_component(self.event(change, states[-1]))
        data: bytes = made.to_ical()
        return data

    @cached_property
    def says(self) -> str:
        """A digest of all that it says of what is so, in the order of the courses; not of what is no more."""
        days = [day for each in self.plan.courses for day in days_of(tuple(course_days(self.plan, each))).values()]
        told = [(uid(self.plan.record.key, day.course, day.number, day.part), self.seen(day, self.now)) for day in days]
        return says_digest(self.title(), list(self.about()), told)

    def is_told(self, change: LastChange, issue: Issue) -> bool:
        """Whether an event that is gone is still sent."""
        return issue.made - change.since.made <= timedelta(days=self.reader.cancelled_days)

    def title(self) -> str:
        """What calendar programs call it."""
        return self.reader.title or self.words.gettext("Treatment plan")

    def about(self) -> Iterator[str]:
        """What its description says of the whole."""
        yield from map(self.paper.said, self.remarks)
        yield from self.words_of(self.reader.options).closing(
            verified=self.plan.verified, unverified_doses=self.reader.doses is Doses.ALL
        )

    def words_of(self, options: Mapping[str, str]) -> DayWords:
        """The words that a state was made with."""
        language, doses = options.get("language", "en"), options.get("doses", "none")
        if (language, doses) not in self.of_states:
            self.of_states[language, doses] = DayWords(self.plan.protocol, messages(language), Doses[doses.upper()])
        return self.of_states[language, doses]

    def calendar(self, issue: Issue) -> Calendar:
        """The file without its events."""
        calendar = Calendar()
        calendar.add("prodid", f"-//protocal//treatment calendar//{self.reader.language.upper()}")
        calendar.add("version", "2.0")
        for prop in ("name", "x-wr-calname"):
            calendar.add(prop, vText(self.title()))
        calendar.add("description", "\n".join((*self.about(), self.as_of(issue))))
        calendar.add("last-modified", issue.made.astimezone(UTC))
        calendar.add("refresh-interval", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(_REFRESH))
        calendar.add("color", _COLOR)
        return calendar

    def event(self, change: LastChange, now: Sent) -> Event:
        """A day as an event, in the words of now."""
        _ = self.words.gettext
        day, changed = change.day, change.since.made.astimezone(UTC)
        seen = self.no_more(day, change.beside, now) if change.gone else self.seen(day, now)
        event = Event()
        event.add("uid", uid(self.plan.record.key, day.course, day.number, day.part))
        event.add("dtstamp", changed)
        event.add("last-modified", changed)
        event.add("sequence", change.since.sequence)
        event.add("dtstart", seen.date)
        event.add("dtend", seen.date + ONE_DAY)
        event.add("summary", seen.summary)
        event.add("description", "\n".join((*seen.description, self.last_changed(change.since))))
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT" if seen.at_home or change.gone else "OPAQUE")
        event.add("categories", [_("Home") if seen.at_home else _("Clinic")])
        if change.gone:
            event.add("status", "CANCELLED")
        return event

    def seen(self, day: FeedDay, state: Sent) -> _Seen:
        """A day as a reader sees it in a state."""
        says = self.words_of(state.options)
        return _Seen(day.date, says.summary(day, says.things(day)), tuple(says.description(day)), day.at_home)

    def no_more(self, day: FeedDay, beside: Sequence[FeedDay], state: Sent) -> _Seen:
        """A day that is gone; it says so in words too, for calendars that show cancelled events as any other.

        What is still done on its date, by another event, is not called cancelled.
        """
        words = self.words_of(state.options)
        _, still = words.words.gettext, {thing for each in beside for thing in words.things(each)}
        left = [thing for thing in words.things(day) if thing not in still]
        if left:
            summary = _("Cancelled: {summary}").format(summary=words.summary(day, left))
            says = [_("Cancelled: the plan no longer has this.")]
        else:
            summary, says = words.summary(day, [_("now in this day's other entry")]), []
        if len(left) < len(words.things(day)):
            says.append(_("What is done on this day stands in its other entry."))
        says += words.closing(verified=day.definition.verified, unverified_doses=False)
        return _Seen(day.date, summary, tuple(says), day.at_home)

    def as_of(self, issue: Issue) -> str:
        """Which issue the feed is."""
        _, date_ = self.words.gettext, self.paper.day(issue.made.astimezone(self.zone).date())
        if not issue.number:
            return _("DRAFT of {date}, not an issue: {mark}.").format(date=date_, mark=issue.mark)
        return _("Issue {number} of {date}: {mark}.").format(number=issue.number, date=date_, mark=issue.mark)

    def last_changed(self, since: Sent) -> str:
        """How old an event is: only what changes it may change this."""
        _, date_ = self.words.gettext, self.paper.day(since.made.astimezone(self.zone).date())
        if since.number:
            return _("Last changed {date}, issue {number}.").format(date=date_, number=since.number)
        return _("Last changed {date}, revision {revision}.").format(date=date_, revision=since.revision)
