"""A dated course, a patient's traits and what the log says of the course -> what all of its expansion asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from protocal.model.agent import InterruptionRule
from protocal.model.course import Order
from protocal.model.doses import Route
from protocal.model.entries import Cleared, Given, Moved, Substituted
from protocal.model.facts import Traits
from protocal.model.ids import AdministrationId
from protocal.model.plan import (
    Administration,
    DatedCourse,
    Dates,
    PlannedEvent,
)
from protocal.model.protocol import Protocol
from protocal.model.reasons import Reason
from protocal.model.settings import Settings
from protocal.plan.course_dates import holds
from protocal.plan.course_log import Story

_Dated = TypeVar("_Dated", Administration, PlannedEvent)


@dataclass(frozen=True, slots=True)
class Timed:
    """The hours of an order's day, as far as they are known; `reason` where none of them is due any more.

    Attributes:
        planned: the definition names its day.
        on: its date, where that follows from a date on which another drug was given.
    """

    times: tuple[datetime, ...]
    reason: Reason | None = None
    planned: bool = True
    on: date | None = None


class CourseScope:
    """One course with what bears on it; every part of the expansion reads it, and none changes it.

    Attributes:
        closed: the weekdays and dates on which nothing is given.
        orders: those of the course's orders whose conditions hold.
        doses, left: what the log says was given, and was left out, by the administration's id.
        moves: what was moved, by an order's key and a day, with what it carries along.
        untouched: the log says nothing of the course.
        before: the same by the rules of the site that held before the newest, if anything of it may be of that time.
    """

    def __init__(
        self, protocol: Protocol, course: DatedCourse, dates: Dates, traits: Traits, settings: Settings, story: Story
    ) -> None:
        self.protocol = protocol
        self.course = course
        self.dates = dates
        self.traits = traits
        self.settings = settings
        self.story = story
        self.zone = ZoneInfo(story.zone)
        self.closed = settings.closed | dates.skipped
        self.orders = [
            order for order in course.definition.orders if holds(order.when, traits, course.first_with, course.cycle)
        ]
        self.doses = {each.id: each for each in story.doses}
        self.left = {each.ids[0]: each for each in story.left}
        self.moves = dict(self._moves())
        self.untouched = story == Story(zone=story.zone)
        self.before: CourseScope | None = None
        earliest = min((dates.day1, *(each.date for each in story.doses), *(each.date for each in story.moved)))
        if settings.before and settings.since and earliest < settings.since:
            self.before = CourseScope(protocol, course, dates, traits, settings.before, story)

    def days_of(self, order: Order) -> tuple[int, ...]:
        """The days of an order, of which some count only weekdays."""
        return order.days.numbers(self.dates.date_of, self.closed, self.dates.first)

    def given_at(self, key: str, day: int) -> datetime | None:
        """The hour at which an order's dose of a day was given, if that is recorded."""
        done = self.doses.get(AdministrationId.of(self.course.id, key, day))
        return done.at if done else None

    def start(self, key: str) -> datetime | None:
        """When the first dose of an order really began, if that is recorded."""
        done = self.begun(key)
        return done.at if done else None

    def begun(self, key: str) -> Given | None:
        """The first dose of an order as it was given, if that is recorded."""
        order = next((each for each in self.orders if each.key == key), None)
        return self.doses.get(AdministrationId.of(self.course.id, key, order.days.first)) if order else None

    def cleared(self, agent: str, start: datetime) -> Cleared | None:
        """The first clearing level of an agent after a start."""
        found = [each for each in self.story.clearings if each.agent == agent and each.at > start]
        return min(found, key=lambda each: each.at, default=None)

    def has_cleared(self, agent: str) -> bool:
        """Whether a level has ended the rescue from an agent: what was due before it is no longer open."""
        return any(each.agent == agent for each in self.story.clearings)

    def rule(self, order: Order) -> InterruptionRule:
        """What an order's agent allows of interruptions."""
        return self.protocol.agents[order.agents[0]].interruptions

    def instead(self, order: Order, agent: str, on: date) -> Substituted | None:
        """What takes the place of a dose on a date; of several, the last that is recorded."""
        if order.has_parts:
            return None
        found = [each for each in self.story.instead if each.agent == agent and each.date <= on]
        return found[-1] if found else None

    def _moves(self) -> Iterator[tuple[tuple[str, int], Moved]]:
        """Each order and day that is moved: what was named, and what it carries with it.

        A lumbar puncture carries all its intrathecal drugs, a drug those that are timed by it.
        """
        orders = {order.key: order for order in self.orders}
        for move in self.story.moved:
            key, day = move.id.key, move.id.day
            if key not in orders or day is None:
                continue
            order = orders[key]
            if len(move.id.parts) > int(order.has_parts):  # a dose of a series, or one before a restart, moves alone
                continue
            for other in self.orders:
                if other.route is Route.IT and order.route is Route.IT:
                    yield (other.key, day), move
                elif other.first_dose and other.first_dose.order == key and day == order.days.first:
                    for later in other.days.fixed:
                        yield (other.key, later), replace(move, date=move.date + timedelta(days=later - day))
            yield (key, day), move


def by_rules_in_force(scope: CourseScope, make: Callable[[CourseScope], Iterable[_Dated]]) -> list[_Dated]:
    """What is made of a course, each by the rules of the site that hold on its date.

    Rules that came later are no rules of the days before them: those stay as they were, whatever came of the rest.
    """
    found: list[_Dated] = list(make(scope))
    if scope.before is None:
        return found
    since = scope.settings.since or date.min
    earlier: list[_Dated] = by_rules_in_force(scope.before, make)
    return [each for each in earlier if each.date < since] + [each for each in found if each.date >= since]
