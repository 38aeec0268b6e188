"""A feed's issue and the one before it -> what changed, in a few sentences.

Many dates that move together are one sentence, and so are dates in a row on which the same is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from protocal.account import editions
from protocal.change.issues import Sent
from protocal.model.days import ONE_DAY
from protocal.model.issue import Issue
from protocal.render.feed.days import FeedDay, Kind
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.feed.history import LastChange
from protocal.render.feed.reader_feed import ReaderFeed
from protocal.render.feed.readers import entries_of
from protocal.render.page.values import Change
from protocal.render.wording.family import FamilyWords, first_up

_MOST = 8  # sentences
_TOGETHER = 3  # dates from which a move of all of them is one sentence


class _Otherwise(NamedTuple):
    """An entry that is otherwise: how, and what it is."""

    pattern: str
    what: str
    day: date


class _Told(NamedTuple):
    """A sentence, and the first date that it is of."""

    since: date
    said: Change


class WhatChanged:
    """Tells what is otherwise in an issue of a feed; nothing for the first one."""

    def __init__(self, writer: ReaderFeed, issue: Issue) -> None:
        self.writer = writer
        self.text = writer.words
        self.said = FamilyWords(writer.words)
        self.words = writer.words_of(writer.reader.options)
        self.states = writer.states(issue)[-2:] if issue.before is not None and issue.number else []
        self.found: list[LastChange] = []
        if len(self.states) == 2:
            changes = writer.changes(issue, site=False)
            self.found = [each for each in changes if each.since.number == issue.number]

    @property
    def dates(self) -> frozenset[date]:
        """Those on which something is otherwise."""
        return frozenset(each.day.date for each in self.found)

    def sentences(self, first: date, last: date) -> Iterator[Change]:
        """What is otherwise from a date on; each by itself up to a last date, and what is after that by its number."""
        if not self.states:
            return
        _, ngettext = self.text.gettext, self.text.ngettext
        before, now = self.states
        if before.options.get("site") != now.options.get("site"):
            yield Change(_("Your clinic has other words on whom to call, what to bring, or how to prepare."))
        told = list(self._told(self._before(before), first))
        shown = [each for each in told if each.since <= last][:_MOST]
        yield from (each.said for each in shown)
        if left := len(told) - len(shown):
            yield Change(ngettext("and {count} more", "and {count} more", left).format(count=left))

    def _before(self, state: Sent) -> dict[tuple[str, int, str], FeedDay]:
        """The entries of the issue before, by their identities."""
        found = {}
        for of_course in editions(self.writer.plan, [each.revision for each in self.states]).values():
            for edition in of_course:
                if edition.revision <= state.revision:
                    shown = entries_of(edition.days, self.writer.reader.who)
            if of_course[0].revision <= state.revision:
                found.update({day.identity: day for day in shown.values()})
        return found

    def _told(self, before: dict[tuple[str, int, str], FeedDay], first: date) -> Iterator[_Told]:
        moves: dict[timedelta, list[tuple[date, date, FeedDay]]] = {}
        others = []
        for each in self.found:
            was = before.get(each.day.identity) or self._part_of(each, before)
            if was and not each.gone and was.date != each.day.date:
                if max(was.date, each.day.date) >= first:
                    moves.setdefault(each.day.date - was.date, []).append((was.date, each.day.date, each.day))
            elif each.day.date >= first and (said := self._otherwise(each, is_new=was is None)):
                others.append(said)
        for by, moved in moves.items():
            if len(moved) < _TOGETHER:
                others += [self._moved(*each) for each in moved]
            else:
                yield self._moved_together(by.days, sorted(moved, key=lambda each: each[:2]))
        for run in _runs(sorted(others, key=lambda each: each.day)):
            yield self._run(run)

    def _part_of(self, change: LastChange, before: dict[tuple[str, int, str], FeedDay]) -> FeedDay | None:
        """The entry that all of an entry was in, where that is on another date."""
        day, things = change.day, set(self.words.things(change.day))
        for was in before.values() if day.part and not change.gone else ():
            alike = (was.course, was.number, was.kind) == (day.course, day.number, day.kind)
            if alike and was.date != day.date and things <= set(self.words.things(was)):
                return was
        return None

    def _otherwise(self, change: LastChange, *, is_new: bool) -> _Otherwise | None:
        _, day, things = self.text.gettext, change.day, self.words.things(change.day)
        if not change.gone:
            pattern = _("{date}, new: {what}.") if is_new else _("{date}, changed: {what}.")
            return _Otherwise(pattern, self._named(day, things), day.date)
        if day.kind is Kind.HELD:
            return _Otherwise(_("{date}, no longer: {what}."), self._named(day, things), day.date)
        still = {thing for each in change.beside for thing in self.words.things(each)}
        left = [thing for thing in things if thing not in still]
        if things and not left:
            return None  # it is still done on that date
        return _Otherwise(_("{date}, cancelled: {what}."), self._named(day, left), day.date)

    def _moved(self, old: date, new: date, day: FeedDay) -> _Otherwise:
        pattern = self.text.gettext("{date}, moved from {old}: {what}.").replace("{old}", self.said.long_date(old))
        return _Otherwise(pattern, self._named(day, self.words.things(day)), new)

    def _moved_together(self, by: int, moved: list[tuple[date, date, FeedDay]]) -> _Told:
        ngettext = self.text.ngettext
        late = ngettext("{count} dates are {days} day later.", "{count} dates are {days} days later.", abs(by))
        early = ngettext("{count} dates are {days} day earlier.", "{count} dates are {days} days earlier.", abs(by))
        old, new, _day = moved[0]
        first = self.text.gettext("The first of them moves from {old} to {date}.")
        said = f"{late if by > 0 else early} {first}".format(
            count=len(moved), days=abs(by), old=self.said.long_date(old), date=self.said.long_date(new)
        )
        return _Told(min(old, new), Change(said, max(each[1] for each in moved).isoformat()))

    def _named(self, day: FeedDay, things: list[str]) -> str:
        if isinstance(self.words, FamilyDayWords):
            return self.words.named(day, things)
        return self.words.summary(day, things)

    def _run(self, run: list[_Otherwise]) -> _Told:
        """Dates in a row on which the same is otherwise."""
        first, last = run[0], run[-1]
        said = self.said.long_date(last.day)
        if first is not last:
            start = self.said.weekday_and_day(first.day)
            said = self.text.gettext("{first} to {last}").format(first=start, last=said)
        sentence = first_up(first.pattern.format(date=said, what=first.what))
        return _Told(first.day, Change(sentence, last.day.isoformat()))


def _runs(found: Iterable[_Otherwise]) -> Iterator[list[_Otherwise]]:
    """Those that say the same on one date after another."""
    open_: dict[tuple[str, str], list[_Otherwise]] = {}
    done: list[list[_Otherwise]] = []
    for each in found:
        run = open_.get((each.pattern, each.what))
        if run and each.day - run[-1].day <= ONE_DAY:
            run.append(each)
        else:
            open_[each.pattern, each.what] = run = [each]
            done.append(run)
    return iter(done)
