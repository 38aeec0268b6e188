"""The account of every version of a plan's courses -> the days of a feed, each with its last change.

A day of a course is one event, and so is each part of it that is on a date of its own. What a day is told by never
depends on its date, so that an event that moves stays the same event. A day that the plan no longer has is told too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from protocal.account import Edition, editions
from protocal.change.issues import Sent
from protocal.model.account import BagChange, CourseDay, Dose, Restarted, Running, Share
from protocal.model.course import Course
from protocal.model.plan import Plan, PlannedEvent

Name = tuple[int, str]  # a day's number and the part of it, empty for the day itself


class FeedDay(NamedTuple):
    """What happens on one date of a course's day.

    Attributes:
        number: the day that the event is told from others by.
        part: names what is not on the date of the rest of its day; empty for the rest.
        counted: the day of the course that the date is, which is what a reader is told.
        fatal: drugs given in the course on that date that kill by another route, if an intrathecal one is, too.
        runs: infusions that began on an earlier date.
        restarts: of an infusion, under supervision.
        overnight: an infusion goes on into the next date.
    """

    course: str
    title: str
    definition: Course
    provisional: bool
    number: int
    part: str
    counted: int
    date: date
    given: tuple[Dose, ...]
    events: tuple[PlannedEvent, ...]
    bags: tuple[BagChange, ...]
    fatal: tuple[str, ...]
    runs: tuple[Running, ...] = ()
    restarts: tuple[Restarted, ...] = ()
    overnight: bool = False

    @property
    def at_home(self) -> bool:
        """Whether all that happens is at home."""
        in_clinic = self.events or self.bags or self.runs or self.restarts
        return not in_clinic and all(dose.at_home for dose in self.given)


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


def days_of(days: Sequence[CourseDay]) -> dict[Name, FeedDay]:
    """The days of a course on which something takes place.

    Of a day that is spread over several dates, what is on the date that the course gives it is the day itself, else
    what comes first; any other part is named by the first thing in it, whatever its date becomes.
    """
    shares: dict[int, list[tuple[CourseDay, Share]]] = {}
    for day in days:
        for share in day.shares:
            shares.setdefault(share.number, []).append((day, share))
    found = {}
    for number, parts in sorted(shares.items()):
        planned = [day.date for day, share in parts if share.doses or share.events]
        nominal = parts[0][1].planned
        itself = nominal if nominal in planned or not planned else min(planned)
        for day, share in parts:
            part = "" if day.date == itself else _part(share)
            found[number, part] = _feed_day(day, (number, part), share)
    for day in days:
        if day.running or day.overnight or any(again.supervised for again in day.restarts):
            _add_what_goes_on(found, day)
    return dict(sorted(found.items(), key=lambda named: (named[0][0], named[1].date)))


def _part(share: Share) -> str:
    """The first thing of a part, which no other part of the day has."""
    if share.doses:
        return share.doses[0].line.id.in_course
    return share.events[0].kind if share.events else f"{share.bags[0].key}/bag"


def _feed_day(day: CourseDay, name: Name, share: Share | None = None) -> FeedDay:
    number, part = name
    course = day.course
    return FeedDay(
        course.id,
        course.title,
        course.definition,
        course.provisional,
        number,
        part,
        number if day.counted is None else day.counted,
        day.date,
        share.doses if share else (),
        share.events if share else (),
        share.bags if share else (),
        day.fatal,
    )


def _add_what_goes_on(found: dict[Name, FeedDay], day: CourseDay) -> None:
    """What a date has of an earlier one stands with what else is on it, or else is an event of its own.

    Such an event is named by its infusion's day and by a word behind the order's key where a part has a number, so
    that it is no other's whatever becomes of both.
    """
    restarts = tuple(again for again in day.restarts if again.supervised)
    beside = [name for name, each in found.items() if each.date == day.date]
    if beside:
        name = next((name for name in beside if name == (day.counted, "")), beside[0])
        found[name] = found[name]._replace(runs=day.running, restarts=restarts, overnight=day.overnight)
        return
    for run in day.running:
        part = "/".join((run.line.key, f"runs-{run.late}", *run.line.id.parts))
        name = (run.line.day, part)
        found[name] = _feed_day(day, name)._replace(runs=(run,), overnight=day.overnight)
    for again in restarts:
        name = (again.day, f"{again.key}/restart-{again.number}")
        found[name] = _feed_day(day, name)._replace(restarts=(again,))


def last_changes(plan: Plan, states: Sequence[Sent], seen: Seen, seen_gone: SeenGone) -> Iterator[LastChange]:
    """Every day that the plan has, or a state of the feed had, and in which it last changed, course by course.

    `states` are those that somebody may have, the last of them the plan's own. `seen` is what a reader sees of a day
    in a state: a day has changed where that differs. `seen_gone` is what is seen of one that is gone, beside those
    that its course has on its date. Both are asked as little as can be.
    """
    for each in editions(plan, [state.revision for state in states]).values():
        yield from _last_changes(list(_editions(each, states)), seen, seen_gone)


def _editions(of_course: Sequence[Edition], states: Sequence[Sent]) -> Iterator[_Edition]:
    """The days of a course in each state in which they are not those of the one before, or are said otherwise."""
    told, shown = list(of_course), None
    for state in states:
        if told and told[0].revision == state.revision:
            shown = _Edition(state, days_of(told.pop(0).days))
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
