"""Every version of a plan's courses in; the days that a feed shows out, each with the revision that last changed it.

A day of a course is one event, and so is each part of it that is on a date of its own. What a day is told by never
depends on its date, so that an event that moves stays the same event. A day that the plan no longer has is told too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from protocal.plan.history import Version, versions
from protocal.words.days import number_of
from protocal.words.doses import Route
from protocal.words.log import Cleared, Undone
from protocal.words.plan import Administration, CoursePlan, Infusion, Plan, PlannedEvent
from protocal.words.protocol import Agent, Course
from protocal.words.settings import Settings

Name = tuple[int, str]  # a day's number and the part of it, empty for the day itself


class BagChange(NamedTuple):
    """A bag of a continuous infusion on its date; `why` is `first`, `change`, or `new` after a stop."""

    day: int
    date: date
    key: str
    agent: str
    at: datetime
    hours: int
    why: str
    on_closed_day: bool


class FeedDay(NamedTuple):
    """What happens on one date of a course's day.

    Attributes:
        part: names what is not on the date of the rest of its day; empty for the rest.
        fatal: drugs given in the course on that date that kill by another route, if an intrathecal one is, too.
        cleared: agents whose clearing is recorded in the course.
    """

    course: str
    title: str
    definition: Course
    provisional: bool
    number: int
    part: str
    date: date
    given: tuple[Administration, ...]
    events: tuple[PlannedEvent, ...]
    bags: tuple[BagChange, ...]
    fatal: tuple[str, ...]
    cleared: frozenset[str]

    @property
    def at_home(self) -> bool:
        """Whether all that happens is taken by mouth."""
        return not self.events and not self.bags and all(line.route is Route.PO for line in self.given)


@dataclass(frozen=True, slots=True)
class LastChange:
    """A day as it is, or as it was if it is gone; and the revision, with its time, at which that came to be."""

    day: FeedDay
    revision: int
    issued: datetime
    gone: bool = False


@dataclass(frozen=True, slots=True)
class _Edition:
    """The days of a course from one revision on."""

    revision: int
    issued: datetime
    days: Mapping[Name, FeedDay]


def days_of(
    each: CoursePlan, agents: Mapping[str, Agent], cleared: frozenset[str] = frozenset()
) -> dict[Name, FeedDay]:
    """The days of a dated course on which something takes place.

    Of a day that is spread over several dates, what is on the date that the course gives it is the day itself, else
    what comes first; any other part is named by the first thing in it, whatever its date becomes.
    """
    dates = each.course.dates
    if dates is None:
        return {}
    found: dict[int, dict[date, tuple[list[Administration], list[PlannedEvent], list[BagChange]]]] = {}

    def on(day: int, day_date: date) -> tuple[list[Administration], list[PlannedEvent], list[BagChange]]:
        return found.setdefault(day, {}).setdefault(day_date, ([], [], []))

    given = [line for line in each.administrations if line.status.takes_place]
    for line in given:
        on(line.day, line.date)[0].append(line)
    fatal: dict[date, dict[str, None]] = {line.date: {} for line in given if line.route is Route.IT}
    if fatal:
        for line in given:
            if line.date in fatal and agents[line.agent].only_route:
                fatal[line.date][line.agent] = None
    for event in (*each.procedures, *each.evaluations):
        on(event.day, event.date)[1].append(event)
    for infusion in each.infusions:
        for bag in _bag_changes(each, infusion):
            on(bag.day, bag.date)[2].append(bag)
    course, days = each.course, {}
    for number in sorted(found):
        groups = found[number]
        planned = [day for day, (lines, events, _bags) in groups.items() if lines or events]
        nominal = dates.date_of(number)
        itself = nominal if nominal in planned or not planned else min(planned)
        for day in sorted(groups):
            lines, events, bags = groups[day]
            part = "" if day == itself else _part(lines, events, bags)
            days[number, part] = FeedDay(
                course.id,
                course.title,
                course.definition,
                course.provisional,
                number,
                part,
                day,
                tuple(lines),
                tuple(events),
                tuple(bags),
                tuple(fatal.get(day, ())),
                cleared,
            )
    return days


def _part(lines: list[Administration], events: list[PlannedEvent], bags: list[BagChange]) -> str:
    """The first thing of a part, which no other part of the day has."""
    if lines:
        return lines[0].id.in_course
    return events[0].kind if events else f"{bags[0].key}/bag"


def _bag_changes(each: CoursePlan, infusion: Infusion) -> Iterator[BagChange]:
    """The bags of an infusion, each with the day of the infusion that begins on its date, if one does."""
    dates = each.course.dates
    if dates is None:
        return
    days = {line.date: line.day for line in reversed(each.administrations) if line.key == infusion.key}
    ended: datetime | None = None
    for bag in infusion.bags:
        day = bag.at.date()
        number = days[day] if day in days else number_of(dates.day1, day, dates.first)
        why = "first" if ended is None else "change" if ended == bag.at.astimezone(UTC) else "new"
        ended = bag.at.astimezone(UTC) + timedelta(hours=bag.hours)
        yield BagChange(number, day, infusion.key, infusion.agent, bag.at, bag.hours, why, bag.on_closed_day)


def last_changes(plan: Plan, settings: Settings, seen: Callable[[FeedDay], object]) -> Iterator[LastChange]:
    """Every day that the plan has, or an earlier revision of it had, and when it last changed, course by course.

    `seen` is what a reader sees of a day: a day has changed where that differs. It is asked as little as can be.
    """
    history = versions(plan, settings)
    clearings = list(_clearings(plan))
    ids = [each.course.id for each in plan.courses if each.course.id in history]
    for id_ in [*ids, *(id_ for id_ in history if id_ not in ids)]:
        yield from _last_changes(list(_editions(plan, history[id_], clearings, id_)), seen)


def _last_changes(editions: list[_Edition], seen: Callable[[FeedDay], object]) -> Iterator[LastChange]:
    """From the last edition backwards: most days differ from one edition to the next only where all of them do."""
    last = len(editions) - 1
    for name, day in editions[last].days.items():
        index, now, shown = last, day, None
        while index and (before := editions[index - 1].days.get(name)):
            if before != now:
                shown = seen(now) if shown is None else shown
                if seen(before) != shown:
                    break
            index, now = index - 1, before
        yield LastChange(day, editions[index].revision, editions[index].issued)
    told = set(editions[last].days)
    for earlier, later in zip(reversed(editions[:-1]), reversed(editions), strict=False):
        for name, day in earlier.days.items():
            if name not in told:
                told.add(name)
                yield LastChange(day, later.revision, later.issued, gone=True)


def _editions(
    plan: Plan, history: Iterable[Version], clearings: list[tuple[int, frozenset[tuple[str, str]]]], course: str
) -> Iterator[_Edition]:
    """The versions of a course and, between them, the revisions at which only a clearing level was recorded in it."""
    agents = plan.protocol.agents
    by_revision = {version.revision: version for version in history}
    cleared_at = {revision: frozenset(agent for id_, agent in found if id_ == course) for revision, found in clearings}
    each: CoursePlan | None = None
    cleared: frozenset[str] = frozenset()
    for revision in sorted({*by_revision, *cleared_at}):
        version = by_revision.get(revision)
        now = cleared_at.get(revision, cleared)
        if version is None and (now == cleared or each is None):
            cleared = now
            continue
        each, cleared = version.plan if version else each, now
        issued = version.issued if version else replace(plan, revision=revision).issued
        yield _Edition(revision, issued, days_of(each, agents, cleared) if each else {})


def _clearings(plan: Plan) -> Iterator[tuple[int, frozenset[tuple[str, str]]]]:
    """The courses and agents whose clearing is recorded, at each revision that may have changed that."""
    log = plan.record.log[: plan.revision]
    if any(isinstance(entry, Cleared) for entry in log):
        for revision, last in enumerate(log, 1):
            if isinstance(last, Cleared | Undone):
                standing = (entry for _line, entry in plan.record.standing(revision))
                yield revision, frozenset((each.course, each.agent) for each in standing if isinstance(each, Cleared))
