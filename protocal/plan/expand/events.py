"""A course's procedures or evaluations -> each with its date."""

from __future__ import annotations

from datetime import date, timedelta

from protocal.model.course import Event
from protocal.model.plan import (
    PlannedEvent,
)
from protocal.plan.course_dates import holds
from protocal.plan.expand.scope import CourseScope


def events(scope: CourseScope, lines: tuple[Event, ...], days_after: int = 0) -> list[PlannedEvent]:
    """Procedures or evaluations; the latter may stand so many days after the course's last day."""
    last = scope.dates.last_day + timedelta(days=days_after)
    return [
        PlannedEvent(scope.course.id, day, on, line.kind, line.backing.evidence)
        for line in lines
        if holds(line.when, scope.traits, scope.course.first_with, scope.course.cycle)
        for day in line.days.numbers(scope.dates.date_of, scope.closed, scope.dates.first)
        if (on := _date_of_event(scope, day)) <= last
    ]


def _date_of_event(scope: CourseScope, day: int) -> date:
    """What is at the course's end, or after it, waits for an end that a stop of its infusion has made later."""
    length, on = scope.course.definition.length, scope.dates.date_of(day)
    end = scope.dates.first + length - 1 if length else None
    if end is None or day < end or scope.dates.cut:
        return on
    return on + (scope.dates.last_day - scope.dates.date_of(end))
