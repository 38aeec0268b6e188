"""An order and what is recorded of what it is timed by -> the hours and dates of its doses, and of level draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from protocal.model.course import Order
from protocal.model.doses import Anchor
from protocal.model.ids import AdministrationId
from protocal.model.plan import (
    DRUG_LEVEL,
    PlannedEvent,
)
from protocal.model.reasons import Cause, Reason
from protocal.plan.clocks import RescueClock, TimedDose, dose_times, draw_times, rescue_times
from protocal.plan.expand.infusions import infused
from protocal.plan.expand.scope import CourseScope, Timed

OPEN_DAYS = 3  # after its planned ones, for which a rescue is planned at the least while no level has ended it


def hours_of(scope: CourseScope, order: Order) -> dict[int, Timed]:
    """The order's hours by course day, as far as a recorded start sets them; real hours across a clock change, too.

    An order that is timed by another starts from that one's first dose. One that runs without a stop goes on from
    its first day's start; any other has the hours of the days that were recorded.
    """
    anchor, frequency = order.first_dose, order.frequency
    if frequency.continuous:
        found = infused(scope, order)
        own = {day: at for day in order.days.fixed if (at := scope.given_at(order.key, day))}
        return {**found, **{day: Timed((at.astimezone(scope.zone),)) for day, at in own.items()}}
    if anchor and not anchor.before:
        found = _timed_by(scope, order, anchor)
        return {**found, **dict(_given_at_their_own(scope, order, anchor, found))}
    recorded = ((day, scope.given_at(order.key, day)) for day in scope.days_of(order))
    return {day: Timed(hours_from(scope, order, day, at)) for day, at in recorded if at}


def hours_from(
    scope: CourseScope, order: Order, day: int, first: datetime, count: int | None = None
) -> tuple[datetime, ...]:
    """The hours of a day's doses from the first of them on: of all that stand hours apart, or of ``count`` of them."""
    every = order.frequency.interval
    clock = RescueClock(0, every or 24, count or (order.frequency.per_day if every else 1), (day,))
    return tuple(dose.at for dose in dose_times(clock, first, scope.zone))


def _timed_by(scope: CourseScope, order: Order, anchor: Anchor) -> dict[int, Timed]:
    """The hours of an order from the recorded start of what it is timed by, or its dates where that has no hour."""
    start = scope.start(anchor.order)
    if start is None:
        return _after_a_date(scope, order, anchor.order)
    per_day, every = order.frequency.per_day, order.frequency.interval or 24
    clock = RescueClock(anchor.span.least // 60, every, per_day, order.days.fixed)
    return _rescue(scope, order, clock, start) if order.until_clear else _by_day(dose_times(clock, start, scope.zone))


def _given_at_their_own(
    scope: CourseScope, order: Order, anchor: Anchor, planned: Mapping[int, Timed]
) -> Iterator[tuple[int, Timed]]:
    """The days whose doses were given at hours of their own, or before what they are timed by was recorded.

    What is recorded of the start later does not change them.
    """
    begun = scope.begun(anchor.order)
    for day in dict.fromkeys((*order.days.fixed, *planned)):
        done = scope.doses.get(AdministrationId.of(scope.course.id, order.key, day))
        if done and done.at:
            due = planned.get(day, Timed(()))
            count = len(due.times) or order.frequency.per_day
            yield day, replace(due, times=hours_from(scope, order, day, done.at, count), reason=None)
        elif done and (begun is None or done.number < begun.number):
            yield day, Timed(())


def _open_days(scope: CourseScope, planned: date) -> list[int]:
    """How many days after the last planned one each day is on which a rescue is due that no level has ended.

    They reach to its course's last day, were it not cut, or further where the planned days come late; and beyond
    that there are those of the dates that are asked for.
    """
    length = scope.course.definition.length
    end = scope.dates.date_of(scope.dates.first + length - 1) if length else scope.dates.last_day
    days = max((end - planned).days, OPEN_DAYS)
    first, last = ((day - planned).days for day in scope.story.asked or (planned, planned))
    return [*range(1, days + 1), *range(max(first, days + 1), last + 1)]


def _after_a_date(scope: CourseScope, order: Order, key: str) -> dict[int, Timed]:
    """The days of an order timed by one that was given on a date, at an hour that nobody recorded, or that is to come.

    They are as far from it as the definition has them, whatever waits between the two.
    """
    anchor, done = next((each for each in scope.orders if each.key == key), None), scope.begun(key)
    if anchor is None or (done is None and not scope.dates.shifts):
        return {}
    first = anchor.days.first
    begins = done.date if done else scope.dates.date_of(first)
    found = {day: Timed((), on=begins + timedelta(days=day - first)) for day in order.days.fixed}
    if done and order.until_clear:
        planned = begins + timedelta(days=order.days.last - first)
        for late in _open_days(scope, planned):
            found[order.days.last + late] = Timed((), planned=False, on=planned + timedelta(days=late))
    return found


def _rescue(scope: CourseScope, order: Order, clock: RescueClock, start: datetime) -> dict[int, Timed]:
    """A rescue that goes on until a level has cleared."""
    cleared = scope.cleared(order.until_clear, start)
    if cleared is None:
        last = clock.days[-1]
        begins = next(dose.at for dose in dose_times(clock, start, scope.zone) if dose.day == last)
        days = (*clock.days, *(last + late for late in _open_days(scope, begins.date())))
        timed = _by_day(dose_times(replace(clock, days=days), start, scope.zone))
        return {day: replace(each, planned=day <= last) for day, each in timed.items()}
    written = scope.protocol.agents[order.until_clear].written
    ended = Reason(Cause.CLEARED, named=written, at=cleared.at.astimezone(scope.zone), level=cleared.level)
    doses: dict[int, list[TimedDose]] = {}
    for dose in rescue_times(clock, start, scope.zone, cleared.at):
        doses.setdefault(dose.day, []).append(dose)
    found = {}
    for day, each in doses.items():
        due = tuple(dose.at for dose in each if not dose.after_clearing)
        found[day] = Timed(due, None if due else ended, each[0].planned, None if due else each[0].at.date())
    return found


def levels(scope: CourseScope, order: Order) -> Iterator[PlannedEvent]:
    """Level draws after the recorded start of what a rescue is from, at the site's hours, until it has cleared."""
    rescues = [each for each in scope.orders if each.until_clear and each.first_dose]
    for rescue in rescues:
        anchor = rescue.first_dose
        start = scope.start(order.key)
        if not (anchor and anchor.order == order.key and start):
            continue
        cleared = scope.cleared(rescue.until_clear, start)
        for at in draw_times(start, scope.settings.draws_of(rescue.until_clear), scope.zone):
            if cleared is None or at <= cleared.at:
                day = order.days.first + (at.date() - start.astimezone(scope.zone).date()).days
                yield PlannedEvent(scope.course.id, day, at.date(), DRUG_LEVEL, rescue.backing.evidence, at)


def _by_day(doses: tuple[TimedDose, ...]) -> dict[int, Timed]:
    found: dict[int, tuple[datetime, ...]] = {}
    for dose in doses:
        found[dose.day] = (*found.get(dose.day, ()), dose.at)
    return {day: Timed(times) for day, times in found.items()}
