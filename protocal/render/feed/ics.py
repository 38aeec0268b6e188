"""A reader's feed -> the iCalendar that a family, a clinic or a pharmacy subscribes to (RFC 5545, RFC 7986).

SEQUENCE and the times are those of the issue in which what is seen of an entry last changed; an event that was sent
and is gone is sent as cancelled for a time. After the end of all therapy there is one last event, and nothing is
cancelled any more. Nothing here asks for the time: the same record gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vDuration, vText

from protocal.account import ends_of
from protocal.change.issues import Sent
from protocal.model.days import ONE_DAY
from protocal.model.issue import Issue
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies
from protocal.render.feed.days import FeedDay, Kind
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.feed.history import LastChange
from protocal.render.feed.home_stock import LastsSince
from protocal.render.feed.reader_feed import ReaderFeed, uid

_COLOR = "steelblue"  # a CSS name, as RFC 7986 wants it
_REFRESH = timedelta(hours=12)
_MIDNIGHT = datetime.min.time()


class FeedWriter(ReaderFeed):
    """Writes a reader's feed as a calendar file."""

    def feed(self, *, draft: bool = False) -> bytes:
        """The calendar file; with `draft` it is a draft whatever stands in the log."""
        issue = self.issue(draft=draft)
        states = self.states(issue)
        made = self.calendar(issue)
        for change in self.changes(issue):
            made.add_component(self.event(change))
        for lasts in self.lasting(states):
            if not lasts.gone or self.is_recent(lasts.since, issue):
                made.add_component(self.stock_event(lasts))
        if last := self.last_event(issue, states):
            made.add_component(last)
        hours = [hour for event in made.events for hour in (event.start, event.end) if isinstance(hour, datetime)]
        if hours:
            made.add_missing_timezones(min(hours).date() - ONE_DAY, max(hours).date() + ONE_DAY)
        data: bytes = made.to_ical()
        return data

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

    def event(self, change: LastChange) -> Event:
        """An entry as an event, in the words of now."""
        _, day, seen = self.words.gettext, change.day, self.seen_now(change)
        event = _event(self.uid(day), change.since)
        event.add("dtstart", seen.begins)
        if not isinstance(seen.begins, datetime) or seen.ends > seen.begins:
            event.add("dtend", seen.ends)
        event.add("summary", seen.summary)
        event.add("description", "\n".join((*seen.description, self.last_changed(change.since))))
        event.add("transp", "TRANSPARENT" if seen.at_home or change.gone else "OPAQUE")
        event.add("categories", [_("Home") if seen.at_home else _("Clinic")])
        if change.gone:
            event.add("status", "CANCELLED")
        elif self.reader.who is Who.FAMILY and self.end is None:
            for trigger in _reminders(day, seen.begins, self.reader.site, self.zone):
                event.add_component(_alarm(trigger, seen.summary))
        return event

    def stock_event(self, each: LastsSince) -> Event:
        """Until when a drug at home is enough, on that date; nothing of it stands on a locked screen."""
        _ = self.words.gettext
        event = _event(uid(self.plan.record.key, self.reader.who, "", 0, f"+stock/{each.agent}"), each.since)
        event.add("dtstart", each.lasts.date)
        event.add("dtend", each.lasts.date + ONE_DAY)
        summary, says = _("How long the medicine at home lasts"), each.lasts.says
        if each.gone:
            summary, says = _("No longer: {summary}").format(summary=summary), _("This no longer holds.")
            event.add("status", "CANCELLED")
        event.add("summary", summary)
        event.add("description", "\n".join((says, self.last_changed(each.since))))
        event.add("transp", "TRANSPARENT")
        event.add("categories", [_("Home")])
        return event

    def last_event(self, issue: Issue, states: Sequence[Sent]) -> Event | None:
        """The one event that says that the plan has ended; nothing of why. One that no longer holds is cancelled."""
        _ = self.words.gettext
        ends = ends_of(self.plan, [state.revision for state in states])
        end = next((end for end in reversed(ends) if end), None)
        since = _since(ends, states)
        gone = self.end is None
        if end is None or (gone and not self.is_recent(since, issue)):
            return None
        event = _event(uid(self.plan.record.key, self.reader.who, "", 0, "+end"), since)
        event.add("dtstart", end)
        event.add("dtend", end + ONE_DAY)
        words = self.words_of(self.reader.options)
        call = list(words.whom_to_call()) if isinstance(words, FamilyDayWords) else []
        summary, said = _("This calendar ends here"), _("There is nothing more in it. Your team is there for you.")
        if gone:
            summary = _("No longer: {summary}").format(summary=summary)
            said = _("This no longer holds. What is due stands in other entries.")
            event.add("status", "CANCELLED")
        event.add("summary", summary)
        event.add("description", "\n".join((said, *call, self.last_changed(since))))
        event.add("transp", "TRANSPARENT")
        return event


def _since(ends: Sequence[date | None], states: Sequence[Sent]) -> Sent:
    """The first of the states from which on the end is the last one's, and said in the same words."""
    told = [
        (end, state.options.get("language"), state.options.get("site")) for end, state in zip(ends, states, strict=True)
    ]
    first = len(told) - 1
    while first and told[first - 1] == told[-1]:
        first -= 1
    return states[first]


def _event(identity: str, since: Sent) -> Event:
    changed = since.made.astimezone(UTC)
    event = Event()
    event.add("uid", identity)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", since.sequence)
    event.add("class", "PRIVATE")
    return event


def _reminders(day: FeedDay, begins: date, site: ForFamilies, zone: ZoneInfo) -> Iterator[timedelta]:
    """How long after its begin, or before it, a family is reminded of an entry."""
    if day.kind is Kind.HOME and day.given and site.remind_of_medicine:
        yield timedelta(hours=site.remind_of_medicine.hour, minutes=site.remind_of_medicine.minute)
    if day.kind is Kind.DAY and site.remind_of_visits:
        timed = isinstance(begins, datetime)
        evening = datetime.combine(day.date - ONE_DAY, site.remind_of_visits, zone if timed else None)
        start = begins if isinstance(begins, datetime) else datetime.combine(begins, _MIDNIGHT)
        yield evening.astimezone(UTC) - start.astimezone(UTC) if timed else evening - start


def _alarm(trigger: timedelta, summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", trigger)
    return alarm
