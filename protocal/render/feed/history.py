"""The account of every state of a feed -> its entries as they are, or last were, each with its last change.

What an entry is told by never depends on its date, so that one that moves stays the same. One that the plan no longer
has is told too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from protocal.account import Edition, editions
from protocal.change.issues import Sent
from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.render.feed.days import FeedDay, Name
from protocal.render.feed.readers import entries_of


@dataclass(frozen=True, slots=True)
class LastChange:
    """A day as it is, or as it was if it is gone; and the state of the feed in which that came to be.

    Attributes:
        beside: if it is gone, the days that its course still has on its date.
    """

    day: FeedDay
    since: Sent
    gone: bool = False
    beside: tuple[FeedDay, ...] = ()


@dataclass(frozen=True, slots=True)
class _Edition:
    """The days of a course in a state of the feed."""

    sent: Sent
    days: Mapping[Name, FeedDay]

    def on(self, day: date) -> tuple[FeedDay, ...]:
        """Those on a date."""
        return tuple(each for each in self.days.values() if each.date == day)


Seen = Callable[[FeedDay, Sent], object]
SeenGone = Callable[[FeedDay, Sequence[FeedDay], Sent], object]


def last_changes(plan: Plan, who: Who, states: Sequence[Sent], seen: Seen, seen_gone: SeenGone) -> Iterator[LastChange]:
    """Every day that the plan has, or a state of the feed had, and in which it last changed, course by course.

    `states` are those that somebody may have, the last of them the plan's own. `seen` is what a reader sees of a day
    in a state: a day has changed where that differs. `seen_gone` is what is seen of one that is gone, beside those
    that its course has on its date. Both are asked as little as can be.
    """
    for each in editions(plan, [state.revision for state in states]).values():
        yield from _last_changes(list(_editions(each, who, states)), seen, seen_gone)


def _editions(of_course: Sequence[Edition], who: Who, states: Sequence[Sent]) -> Iterator[_Edition]:
    """The days of a course in each state in which they are not those of the one before, or are said otherwise."""
    told, shown = list(of_course), None
    for state in states:
        if told and told[0].revision == state.revision:
            shown = _Edition(state, entries_of(told.pop(0).days, who))
        elif shown and state.options != shown.sent.options:
            shown = _Edition(state, shown.days)
        else:
            continue
        yield shown


def _last_changes(of_course: list[_Edition], seen: Seen, seen_gone: SeenGone) -> Iterator[LastChange]:
    """From the last edition backwards: most days differ from one edition to the next only where all of them do."""
    last = len(of_course) - 1
    for name, day in of_course[last].days.items():
        index, now, shown = last, day, None
        while index and (before := of_course[index - 1].days.get(name)):
            one, other = of_course[index - 1].sent, of_course[index].sent
            if before != now or one.options != other.options:
                shown = seen(now, other) if shown is None else shown
                if seen(before, one) != shown:
                    break
            index, now = index - 1, before
        yield LastChange(day, of_course[index].sent)
    told = set(of_course[last].days)
    for later in range(last, 0, -1):
        for name, day in of_course[later - 1].days.items():
            if name not in told:
                told.add(name)
                yield _gone(day, of_course[later:], seen_gone)


def _gone(day: FeedDay, without: Sequence[_Edition], seen_gone: SeenGone) -> LastChange:
    """A day that is gone, with the editions that do not have it: what is beside it may have changed since."""
    *earlier, at = without
    beside = now = at.on(day.date)
    for each in reversed(earlier):
        before = each.on(day.date)
        changed = before != now or each.sent.options != at.sent.options
        if changed and seen_gone(day, before, each.sent) != seen_gone(day, beside, at.sent):
            break
        at, now = each, before
    return LastChange(day, at.sent, gone=True, beside=beside)
