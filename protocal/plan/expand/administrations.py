"""An order of a course -> its administrations, with dose, hours and product."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from protocal.model.course import Order
from protocal.model.doses import Route
from protocal.model.evidence import Evidence
from protocal.model.ids import AdministrationId
from protocal.model.plan import (
    Administration,
    Status,
)
from protocal.plan.dose import Dose, dosing
from protocal.plan.expand.dose_hours import hours_from, hours_of
from protocal.plan.expand.given_moved_held import Standing, reaches, stands
from protocal.plan.expand.scope import CourseScope, Timed
from protocal.plan.products import by_mouth
from protocal.plan.unverified import evidence_of
from protocal.text.message import joined, quantity, say


def administrations_of(scope: CourseScope, order: Order) -> list[Administration]:
    """An order's doses on its days, those after them included that no level has ended yet."""
    dose_on = dosing(scope.protocol, order, scope.dates, scope.traits, scope.settings)
    evidence = evidence_of(scope.protocol, order)
    timed = hours_of(scope, order)
    days = (*scope.days_of(order), *(day for day, each in timed.items() if not each.planned))
    untouched = scope.untouched and not timed and order.diagnostic_hours is None  # most are, and then it is quick
    found: list[Administration] = []
    for agent in order.agents:
        for day in days:
            id_ = AdministrationId.of(scope.course.id, order.key, day, agent if order.has_parts else "")
            hours, standing = timed.get(day) or _of_its_part(scope, order, day, id_), None
            if untouched:
                standing = Standing(scope.dates.date_of(day), Status.DUE)
                if standing.on > scope.dates.last_day:
                    break
            elif id_ in scope.doses or reaches(scope, order, day, hours):
                standing = stands(scope, order, agent, day, id_, hours)
                hours = _on_its_date(scope, hours, standing)
            if standing:
                dose = dose_on(day, agent, standing.on)
                if not untouched:
                    dose = as_recorded(scope, id_, order, hours, dose)
                found.append(_administration(scope, order, agent, id_, day, hours, standing, dose, evidence))
    return found


def _of_its_part(scope: CourseScope, order: Order, day: int, id_: AdministrationId) -> Timed | None:
    """The hours of one of several drugs that are given together, which each are recorded by themselves."""
    done = scope.doses.get(id_) if order.has_parts else None
    return Timed(hours_from(scope, order, day, done.at)) if done and done.at else None


def _on_its_date(scope: CourseScope, hours: Timed | None, standing: Standing) -> Timed | None:
    """No hours for a dose that was moved to another date than they are of, or given on it: nobody named any."""
    if hours is None or not hours.times or standing.status not in (Status.MOVED, Status.GIVEN):
        return hours
    return hours if hours.times[0].astimezone(scope.zone).date() == standing.on else replace(hours, times=())


def _administration(
    scope: CourseScope, order: Order, agent: str, id_: AdministrationId, day: int, hours: Timed | None,
    standing: Standing, dose: Dose, evidence: Evidence,
) -> Administration:  # fmt: skip
    after = bool(hours and not hours.planned)
    return Administration(
        id_,
        scope.course.id,
        order.key,
        day,
        standing.on,
        agent,
        order.route,
        dose.calculated,
        dose.dose,
        dose.unit,
        len(hours.times) if hours and order.until_clear and hours.times else order.frequency.per_day,
        hours.times if hours else (),
        dose.basis,
        dose.working,
        scope.course.provisional or after,
        evidence,
        standing.status,
        standing.reason,
        order,
        open=after and not scope.has_cleared(order.until_clear),
    )


def as_recorded(scope: CourseScope, id_: AdministrationId, order: Order, hours: Timed | None, dose: Dose) -> Dose:
    """A dose as the record has it: what was given, or what a restart names, in place of what is planned."""
    done = scope.doses.get(id_)
    if done and done.dose:
        given = say("given: {dose}", dose=quantity(done.dose, dose.unit))
        return _instead_of(dose, done.dose, "" if done.dose == dose.dose else given)
    if order.frequency.continuous and hours and hours.times:
        for pause in reversed(scope.story.pauses):
            if pause.dose and pause.resume and pause.resume <= hours.times[0]:
                return _instead_of(dose, pause.dose, say("restart at {dose}", dose=quantity(pause.dose, dose.unit)))
    return dose


def _instead_of(dose: Dose, amount: Decimal, why: str) -> Dose:
    return dose._replace(dose=amount, working=joined("; ", (dose.working, why)))


def in_products(scope: CourseScope, order: Order, lines: list[Administration]) -> list[Administration]:
    """Doses by mouth in tablets or a liquid, once the course has started; any others as they are."""
    if order.route is not Route.PO:
        return lines
    made = by_mouth(lines, scope.protocol, scope.settings, scope.dates) if scope.course.started else lines
    return [_in_what_was_given(scope, old, new) for old, new in zip(lines, made, strict=True)]


def _in_what_was_given(scope: CourseScope, line: Administration, planned: Administration) -> Administration:
    """A dose as planned; one that the record names in what the record says, whatever is at hand now."""
    done = scope.doses.get(line.id)
    if done is None or done.dose is None or (done.dose, done.product) == (planned.dose, planned.product):
        return planned
    return line._replace(product=done.product)
