"""Plan + reader -> what the reader's feed has: each entry in words, when it last changed, which issue the whole is.

An entry's identity is made of the record's random key, the reader, the course and the day, never of the date, so that
one that moves stays the same. The calendar file and the reader's page both say what stands here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocal.account import course_days, end_of, stock_editions
from protocal.change.issues import Sent, feed_of, issue_of, sent, to_be_sent
from protocal.model.days import ONE_DAY
from protocal.model.frozen import frozen
from protocal.model.issue import Issue
from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies
from protocal.model.stock import Stock
from protocal.plan.in_force import as_named
from protocal.render.feed.days import FeedDay, Kind
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.feed.history import LastChange, last_changes
from protocal.render.feed.home_stock import Lasts, LastsSince, lasting, lasting_since
from protocal.render.feed.readers import entries_of
from protocal.render.feed.words import DayWords, Doses
from protocal.render.said import says_digest
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import paper_words

_UID_DIGITS = 32
_MARK_DIGITS = 8
Words = DayWords | FamilyDayWords


@frozen
class Reader:
    """What a feed is made for.

    Attributes:
        language: of its words, as in `en`.
        doses: which stand in it.
        title: what calendar programs call it: nothing of ours in a feed says whose it is, and a title need not.
        cancelled_days: how long after its issue a cancelled event is still sent.
        site: what the site says to families.
    """

    who: Who = Who.FAMILY
    language: str = "en"
    doses: Doses = Doses.CONFIRMED
    title: str = ""
    cancelled_days: int = 90
    site: ForFamilies = ForFamilies()

    @property
    def feed(self) -> str:
        """What the log calls it."""
        return feed_of(self.who)

    @property
    def options(self) -> dict[str, str]:
        """As a line of the log has them; a title may name the patient, and stands in none.

        Of what the site says to families there is a digest: where it changes, every event does.
        """
        doses, days = self.doses.name.lower(), str(self.cancelled_days)
        found = {"language": self.language, "doses": doses, "cancelled days": days}
        if self.who is Who.FAMILY:
            found["site"] = says_digest(repr(self.site))[:_MARK_DIGITS]
        return found


def uid(key: str, who: Who, course: str, day: int, part: str = "") -> str:
    """The identity of a course day's event, or of a part of it that was moved away; a test freezes it."""
    reader = "" if who is Who.FAMILY else f"+{who.value}/"
    name = f"{key}/{reader}{course}/{day}" + (f"/{part}" if part else "")
    return f"{sha256(name.encode()).hexdigest()[:_UID_DIGITS]}@protocal"


class Seen(NamedTuple):
    """What a reader sees of an entry; the line that says when it last changed comes on top."""

    begins: date
    ends: date
    summary: str
    description: tuple[str, ...]
    at_home: bool
    site: str


class ReaderFeed:
    """The feed of a plan for a reader.

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
        self.end = end_of(plan)
        self.protocols = {"": plan.protocol}  # by the versions that a state names
        self.of_states: dict[tuple[str, str, str], Words] = {}
        self.said: dict[tuple[str, int, str], tuple[FeedDay, Seen]] = {}
        self.now = to_be_sent(plan, reader.feed, reader.options)

    def issue(self, *, draft: bool = False) -> Issue:
        """Which issue it is."""
        return issue_of(self.plan, self.reader.feed, self.says, draft=draft)

    def states(self, issue: Issue) -> list[Sent]:
        """The states of it that somebody may have; its own is the last."""
        past = sent(self.plan, self.reader.feed, self.reader.options)
        return [self.as_named(state) for state in (past if issue.number else [*past, self.now])]

    def as_named(self, state: Sent) -> Sent:
        """A state with the versions of the definition that were named in it, from which it had its names."""
        if not self.plan.protocol.known:
            return state
        protocol = as_named(self.plan.protocol, self.plan.record, state.revision)
        versions = " ".join(each.version for each in protocol.known)
        self.protocols[versions] = protocol
        return state._replace(options={**state.options, "definition": versions})

    def changes(self, issue: Issue, *, site: bool = True) -> Iterator[LastChange]:
        """Every entry that it has, and those that are gone and still told of, each with its last change.

        Other words of the site's own change every entry; not so without `site`.
        """

        def seen(day: FeedDay, state: Sent) -> Seen:
            return self.seen(day, state) if site else self.seen(day, state)._replace(site="")

        def no_more(day: FeedDay, beside: Sequence[FeedDay], state: Sent) -> Seen:
            found = self.no_more(day, beside, state)
            return found if site else found._replace(site="")

        for change in last_changes(self.plan, self.reader.who, self.states(issue), seen, no_more):
            if not change.gone or self.is_told(change, issue):
                yield change

    def seen_now(self, change: LastChange) -> Seen:
        """What a reader sees of an entry, in the words of now."""
        day = change.day
        if change.gone:
            return self.no_more(day, change.beside, self.now)
        was, seen = self.said.get(day.identity, (None, None))  # each is put into words once
        return seen if seen and was == day else self.seen(day, self.now)

    @cached_property
    def says(self) -> str:
        """A digest of all that it says of what is so, in the order of the courses; not of what is no more."""
        told = []
        for day in self.entries():
            seen = self.seen(day, self.now)
            self.said[day.identity] = day, seen
            told.append((self.uid(day), seen))
        said: list[object] = [self.title(), list(self.about()), told, str(self.end)]
        if stock := None if self.end else self.lasts(self.now):
            said.append(stock)
        return says_digest(*said)

    def entries(self) -> Iterator[FeedDay]:
        """The entries of the plan as it is, course by course."""
        for each in self.plan.courses:
            yield from entries_of(tuple(course_days(self.plan, each)), self.reader.who).values()

    def uid(self, day: FeedDay) -> str:
        """The identity of an entry."""
        return uid(self.plan.record.key, self.reader.who, *day.identity)

    def lasting(self, states: Sequence[Sent]) -> Iterator[LastsSince]:
        """How long each drug lasts at a family's home; nothing of it after the end of therapy."""
        if self.reader.who is Who.FAMILY and self.end is None:
            yield from lasting_since([(state, self.lasts(state)) for state in states])

    def lasts(self, state: Sent) -> Mapping[str, Lasts]:
        """How long each drug lasts by what the log had in a state."""
        return lasting(self.stocks.get(state.revision, ()), self.words_of(state.options))

    @cached_property
    def stocks(self) -> dict[int, tuple[Stock, ...]]:
        """What is at home, by the revisions that somebody may have."""
        past = sent(self.plan, self.reader.feed, self.reader.options)
        return stock_editions(self.plan, [state.revision for state in (*past, self.now)])

    def is_recent(self, since: Sent, issue: Issue) -> bool:
        """Whether what is gone since a state is still told of."""
        return issue.made - since.made <= timedelta(days=self.reader.cancelled_days)

    def is_told(self, change: LastChange, issue: Issue) -> bool:
        """Whether an event that is gone is still sent; after the end of therapy there are no such messages."""
        return self.is_recent(change.since, issue) and self.end is None

    def title(self) -> str:
        """What calendar programs call it."""
        return self.reader.title or self.words.gettext("Treatment plan")

    def about(self) -> Iterator[str]:
        """What its description says of the whole."""
        yield from map(self.paper.said, self.remarks)
        yield from self.words_of(self.reader.options).closing(
            verified=self.plan.verified, unverified_doses=self.reader.doses is Doses.ALL
        )

    def words_of(self, options: Mapping[str, str]) -> Words:
        """The words that a state was made with."""
        how = (options.get("language", "en"), options.get("doses", "none"), options.get("definition", ""))
        if how not in self.of_states:
            self.of_states[how] = self._words(*how)
        return self.of_states[how]

    def _words(self, language: str, printed: str, versions: str) -> Words:
        protocol, words, site = self.protocols[versions], messages(language), self.reader.site
        doses = Doses[printed.upper()]
        if self.reader.who is Who.FAMILY:
            return FamilyDayWords(protocol, words, doses, site, full=site.full_on_lock_screen)
        return DayWords(protocol, words, doses, prepares=self.reader.who is Who.PHARMACY)

    def seen(self, day: FeedDay, state: Sent) -> Seen:
        """An entry as a reader sees it in a state."""
        says = self.words_of(state.options)
        summary, description = says.summary(day, says.things(day)), tuple(says.description(day))
        return Seen(*self.span(day), summary, description, day.at_home, state.options.get("site", ""))

    def span(self, day: FeedDay) -> tuple[date, date]:
        """From when to when: hours where all of it has one, else whole dates."""
        if day.begins and (day.ends or day.last is None):
            return self.hour(day.begins), self.hour(day.ends or day.begins)
        return day.date, (day.last or day.date) + ONE_DAY

    def hour(self, at: datetime) -> datetime:
        """An hour on the ward's clock; the second of two that a clock shows when it goes back, in universal time."""
        local = at.astimezone(self.zone)
        return at.astimezone(UTC) if local.fold else local

    def no_more(self, day: FeedDay, beside: Sequence[FeedDay], state: Sent) -> Seen:
        """An entry that is gone; it says so in words too, for calendars that show cancelled events as any other.

        What is still done on its date, by another entry, is not called cancelled.
        """
        words = self.words_of(state.options)
        _ = words.words.gettext
        still = {thing for each in beside if _is_like(each, day) for thing in words.things(each)}
        things = words.things(day)
        left = [thing for thing in things if thing not in still]
        if day.kind is Kind.HELD:
            summary = _("No longer: {summary}").format(summary=words.summary(day, things))
            says = [_("This no longer holds. What is due stands in other entries.")]
        elif left or not things:
            summary = _("Cancelled: {summary}").format(summary=words.summary(day, left))
            says = [_("Cancelled: the plan no longer has this.")]
        else:
            summary, says = words.elsewhere(day), []
        if len(left) < len(things) and day.kind is not Kind.HELD:
            says.append(_("What is done on this day stands in its other entry."))
        says += words.closing(verified=day.definition.verified, unverified_doses=False)
        return Seen(*self.span(day), summary, tuple(says), day.at_home, state.options.get("site", ""))

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


_AT_HOME = (Kind.HOME, Kind.HELD)


def _is_like(other: FeedDay, day: FeedDay) -> bool:
    """Whether what another entry has may be what an entry had: none of what is done in the clinic is taken at home."""
    if day.kind in (*_AT_HOME, Kind.PUMP) or other.kind in (*_AT_HOME, Kind.PUMP):
        return other.kind is day.kind and bool(other.given or other.bags or other.events)
    return True
