"""Step two of the plan: one dated course -> its administrations, procedures and evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache, partial
from operator import attrgetter

from protocal.model.course import Order
from protocal.model.doses import Route
from protocal.model.facts import Traits
from protocal.model.plan import (
    LUMBAR_PUNCTURE,
    Administration,
    CoursePlan,
    DatedCourse,
    Infusion,
    PlannedEvent,
)
from protocal.model.protocol import Protocol
from protocal.model.settings import Settings
from protocal.plan.course_log import Story
from protocal.plan.expand.additions import before_restarts, series
from protocal.plan.expand.administrations import administrations_of, in_products
from protocal.plan.expand.dose_hours import levels
from protocal.plan.expand.events import events
from protocal.plan.expand.infusions import infusion, pump_stop
from protocal.plan.expand.scope import CourseScope, by_rules_in_force

NOTHING = Story()
_BY_DATE = attrgetter("date", "day")


@lru_cache(maxsize=4096)
def expand(
    protocol: Protocol, course: DatedCourse, traits: Traits, settings: Settings, story: Story = NOTHING
) -> CoursePlan:
    """Everything that happens in a course, by day and then as the definition lists it.

    Remembered by its arguments: revisions of a record share most of their courses.
    """
    if course.dates is None:
        return CoursePlan(course)
    return _plan(CourseScope(protocol, course, course.dates, traits, settings, story))


def _plan(scope: CourseScope) -> CoursePlan:
    """The course with all that happens in it."""
    administrations: list[Administration] = []
    infusions: list[Infusion] = []
    procedures: list[PlannedEvent] = []
    evaluations: list[PlannedEvent] = []
    punctures: dict[date, PlannedEvent] = {}
    for order in scope.orders:
        lines = by_rules_in_force(scope, partial(_doses, order=order))
        administrations += lines
        if scope.story.instead:
            administrations += by_rules_in_force(scope, partial(_series, order=order))
        if order.route is Route.IT:
            for each in lines:
                if each.status.takes_place:
                    puncture = PlannedEvent(scope.course.id, each.day, each.date, LUMBAR_PUNCTURE, each.evidence)
                    punctures.setdefault(each.date, puncture)
        elif order.route is Route.CIV and lines:
            procedures += pump_stop(scope, order, lines)
            infusions += infusion(scope, lines)
        evaluations += by_rules_in_force(scope, partial(levels, order=order))
    procedures += punctures.values()
    definition = scope.course.definition
    procedures += by_rules_in_force(scope, partial(events, lines=definition.procedures))
    days_after = 0 if scope.dates.cut else 1
    evaluations += by_rules_in_force(scope, partial(events, lines=definition.evaluations, days_after=days_after))
    administrations.sort(key=_BY_DATE)
    procedures.sort(key=_BY_DATE)
    evaluations.sort(key=_BY_DATE)
    return CoursePlan(scope.course, tuple(administrations), tuple(procedures), tuple(evaluations), tuple(infusions))


def _doses(scope: CourseScope, order: Order) -> list[Administration]:
    """An order's doses, with those before restarts."""
    lines = in_products(scope, order, administrations_of(scope, order))
    if order.on_restart:
        for again in before_restarts(scope, order, lines):
            lines += in_products(scope, order, [again])
    return lines


def _series(scope: CourseScope, order: Order) -> Iterator[Administration]:
    """What takes the place of an order's doses."""
    return series(scope, order, _doses(scope, order))
