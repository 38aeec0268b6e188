"""A course's administrations -> those that no order's day names: before a restart, and in another drug's place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from protocal.model.agent import Substitution
from protocal.model.course import DoseRule, Order
from protocal.model.days import ONE_DAY, date_of, days_named, number_of
from protocal.model.doses import parse_frequency
from protocal.model.plan import (
    Administration,
    Dates,
    Status,
)
from protocal.model.reasons import Cause
from protocal.plan.dose import dosing
from protocal.plan.expand.administrations import as_recorded
from protocal.plan.expand.dose_hours import hours_from
from protocal.plan.expand.given_moved_held import stands_by_itself
from protocal.plan.expand.scope import CourseScope


def before_restarts(scope: CourseScope, order: Order, lines: list[Administration]) -> Iterator[Administration]:
    """What is given again before each supervised restart of the course's infusion."""
    infusions = [each for each in scope.orders if each.frequency.continuous]
    rules = [scope.rule(each) for each in infusions]
    dose_on = dosing(scope.protocol, order, scope.dates, scope.traits, scope.settings)
    for line in lines[:1]:  # the working of a tablet plan is that of the first dose only
        for number, pause in enumerate(scope.story.pauses, 1):
            stop = pause.resume - pause.stop if pause.resume else None
            if not (pause.resume and stop) or not any(
                rule.is_supervised(stop) and not rule.is_too_long(stop) for rule in rules
            ):
                continue
            id_ = line.id.with_part(f"restart-{number}")
            stands = stands_by_itself(scope, id_, pause.resume.astimezone(scope.zone).date(), Cause.BEFORE_RESTART)
            done = scope.doses.get(id_)
            if scope.dates.is_over(stands.on) and not done:
                continue
            dose = as_recorded(scope, id_, order, None, dose_on(line.day, line.agent, stands.on))
            day = number_of(scope.dates.day1, stands.on, scope.dates.first)
            yield line._replace(
                id=id_,
                day=day,
                date=stands.on,
                calculated=dose.calculated,
                dose=dose.dose,
                times=hours_from(scope, order, day, done.at) if done and done.at else (),
                basis=dose.basis,
                working=dose.working,
                status=stands.status,
                reason=stands.reason,
                product=None,
                alternative=None,
            )


def series(scope: CourseScope, order: Order, replaced: list[Administration]) -> Iterator[Administration]:
    """The doses that take the place of an order's, each series from its replaced dose's day on.

    The course's end does not cut it, only that of the therapy does.
    """
    for line in replaced:
        chosen = scope.instead(order, line.agent, line.date)
        if chosen is None or line.status is not Status.OMITTED or line.id in scope.left:
            continue
        agent = scope.protocol.agents[line.agent]
        rule = next(each for each in agent.substitutions if each.key == chosen.product)
        days = [number_of(scope.dates.day1, day, scope.dates.first) for day in _series_dates(rule, line.date)]
        series = _series_order(rule, order, tuple(days), scope.dates)
        dose_on = dosing(scope.protocol, series, scope.dates, scope.traits, scope.settings)
        for number, day in enumerate(days, 1):
            id_ = line.id.with_part(f"{rule.key}-{number}")
            stands = stands_by_itself(scope, id_, date_of(scope.dates.day1, day, scope.dates.first))
            done = scope.doses.get(id_)
            if scope.dates.is_over(stands.on) and not done:
                continue
            dose = as_recorded(scope, id_, series, None, dose_on(day, rule.agent, stands.on))
            yield line._replace(
                id=id_,
                day=day,
                date=stands.on,
                agent=rule.agent,
                route=series.route,
                calculated=dose.calculated,
                dose=dose.dose,
                unit=dose.unit,
                per_day=1,
                times=(done.at,) if done and done.at else (),
                basis=dose.basis,
                working=dose.working,
                evidence=rule.backing.evidence,
                status=stands.status,
                reason=stands.reason,
                order_line=series,
                product=done.product if done else None,
                alternative=None,
            )


def _series_dates(rule: Substitution, first: date) -> list[date]:
    """The dates of a series: on its weekdays from a day on, or so many days apart."""
    if rule.interval:
        return [first + timedelta(days=rule.interval * number) for number in range(rule.count)]
    days: list[date] = []
    while len(days) < rule.count:
        if first.weekday() in rule.weekdays:
            days.append(first)
        first += ONE_DAY
    return days


@cache  # orders are told apart by being the same value
def _series_order(rule: Substitution, order: Order, days: tuple[int, ...], dates: Dates) -> Order:
    """The order that a series is of: that of the doses it replaces, with its own agent, doses and days."""
    by_dose = []
    for weekdays, amount, text in rule.doses:
        mine = [day for day in days if not weekdays or date_of(dates.day1, day, dates.first).weekday() in weekdays]
        if mine:
            by_dose.append(DoseRule(days_named(mine), amount, text))
    return replace(
        order,
        agents=(rule.agent,),
        doses=tuple(by_dose),
        caps=(),
        frequency=parse_frequency("once"),
        routes=rule.routes,
        days=days_named(days),
        over=None,
        comment=f"{rule.reason} {rule.comment}".strip(),
        backing=rule.backing,
        where=rule.where,
    )
