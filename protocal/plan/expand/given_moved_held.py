"""An administration and what the log says of it -> its date, where it stands, and why."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from protocal.model.course import Order
from protocal.model.entries import Moved
from protocal.model.ids import AdministrationId
from protocal.model.plan import (
    Status,
)
from protocal.model.reasons import Cause, Reason, named
from protocal.plan.expand.scope import CourseScope, Timed


class Standing(NamedTuple):
    """The date of an administration, where it stands, and why where there is something to say."""

    on: date
    status: Status
    reason: Reason | None = None


def reaches(scope: CourseScope, order: Order, day: int, hours: Timed | None) -> bool:
    """Whether the course is long enough for an order's day; nothing cuts the rescue from what was given."""
    if order.until_clear and order.first_dose and scope.begun(order.first_dose.order):
        return True
    if hours and hours.times and order.frequency.continuous:
        begins, stopped = hours.times[0], scope.story.stopped_at
        return begins.astimezone(scope.zone).date() <= scope.dates.last_day or (
            stopped is not None and begins < stopped
        )
    moved = scope.moves.get((order.key, day))
    if moved and not _is_overtaken(scope, order, moved):
        return not scope.dates.is_over(moved.date)
    return _own_date(scope, order, day, hours) <= scope.dates.last_day


def _own_date(scope: CourseScope, order: Order, day: int, hours: Timed | None) -> date:
    """The date of an order's day, were it not moved: where it follows from another drug or a pump, by its hours."""
    if hours and hours.on:
        return hours.on
    if hours and hours.times and (order.first_dose or order.frequency.continuous):
        return hours.times[0].astimezone(scope.zone).date()
    return scope.dates.date_of(day)


def stands(
    scope: CourseScope, order: Order, agent: str, day: int, id_: AdministrationId, hours: Timed | None
) -> Standing:
    """When an administration is, where it stands, and why: what was given comes first, then what is left out."""
    on, status, reason = _own_date(scope, order, day, hours), Status.DUE, None
    if done := scope.doses.get(id_):
        return Standing(done.date, Status.GIVEN, named(done.why, on, done.date))
    moved = scope.moves.get((order.key, day))
    if moved and not _is_overtaken(scope, order, moved):
        on, status, reason = moved.date, Status.MOVED, named(moved.why, on, moved.date)
    if left := scope.left.get(id_):
        return Standing(on, Status.OMITTED, Reason(Cause.LEFT_OUT, left.why))
    if hours and hours.reason:
        return Standing(on, Status.HELD if order.frequency.continuous else Status.OMITTED, hours.reason)
    if diagnostic := _given_with_diagnostic(scope, order, agent, on):
        return Standing(on, Status.OMITTED, diagnostic)
    if instead := scope.instead(order, agent, on):
        return Standing(on, Status.OMITTED, Reason(Cause.INSTEAD, instead.why, named=instead.product))
    carried = moved or (scope.moves.get((order.key, order.days.last)) if order.until_clear else None)
    return _held(scope, on, carried) or Standing(on, status, reason)


def stands_by_itself(scope: CourseScope, id_: AdministrationId, on: date, cause: Cause = Cause.NAMED) -> Standing:
    """The same of one that is not of the definition's days, and by what cause it is there."""
    if done := scope.doses.get(id_):
        return Standing(done.date, Status.GIVEN, named(done.why, on, done.date, cause))
    moved = next((each for each in reversed(scope.story.moved) if each.id == id_), None)
    if left := scope.left.get(id_):
        cause = Cause.LEFT_OUT if cause is Cause.NAMED else cause
        return Standing(moved.date if moved else on, Status.OMITTED, Reason(cause, left.why))
    if moved:
        found = Standing(moved.date, Status.MOVED, named(moved.why, on, moved.date, cause))
    else:
        found = Standing(on, Status.DUE, named("", on, on, cause))
    return _held(scope, found.on, moved) or found


def _held(scope: CourseScope, on: date, moved: Moved | None) -> Standing | None:
    """That a course's drugs are held on a date, unless the dose, or what it is timed by, was moved after that."""
    held = [each for each in scope.story.holds if each.covers(on) and not (moved and moved.number > each.number)]
    return Standing(on, Status.HELD, Reason(Cause.HELD, held[-1].why)) if held else None


def _is_overtaken(scope: CourseScope, order: Order, moved: Moved) -> bool:
    """Whether what a dose is timed by was given after that dose was moved: it is then due from the real start."""
    anchor = order.first_dose
    begun = scope.begun(anchor.order) if anchor and not anchor.before else None
    return begun is not None and begun.number > moved.number


def _given_with_diagnostic(scope: CourseScope, order: Order, agent: str, on: date) -> Reason | None:
    """Why it is not due on a date where the diagnostic puncture, so many hours before at most, gave the agent."""
    if order.diagnostic_hours is not None:
        for punctured, given in scope.traits.diagnostics:
            if given == agent and 0 <= (on - punctured).days * 24 <= order.diagnostic_hours:
                return Reason(Cause.DIAGNOSTIC, on=punctured)
    return None
