"""Step two of the plan: one dated course in; its administrations, procedures and evaluations out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from protocal.plan.bags import CHOICE, DoseFrom, Stage, bag_amounts, plan_bags
from protocal.plan.clocks import RescueClock, dose_times
from protocal.plan.dose import dosing
from protocal.plan.route import holds
from protocal.words.doses import ByTable, Route
from protocal.words.figures import paper_date
from protocal.words.plan import (
    Administration,
    BagHung,
    CoursePlan,
    DatedCourse,
    Dates,
    Infusion,
    PlannedEvent,
    Status,
)
from protocal.words.protocol import Event, Order, Protocol, weakest
from protocal.words.record import Traits
from protocal.words.settings import Settings

LUMBAR_PUNCTURE = "lumbar-puncture"
PUMP_STOP = "pump-stop"
_BY_DAY = attrgetter("day")


class Hours(NamedTuple):
    """What a course's clocks are set by: when its administrations were really given, by their ids, and the zone.

    `bags` are the hours that bags may last, by agent and from a date on.
    """

    given: tuple[tuple[str, datetime], ...] = ()
    zone: str = "UTC"
    bags: tuple[tuple[str, date, tuple[int, ...]], ...] = ()


NO_HOURS = Hours()


@lru_cache(maxsize=4096)
def expand(
    protocol: Protocol, course: DatedCourse, traits: Traits, settings: Settings, hours: Hours = NO_HOURS
) -> CoursePlan:
    """Everything that happens in a course, by day and then as the definition lists it.

    Remembered by its arguments: revisions of a record share most of their courses.
    """
    dates = course.dates
    if dates is None:
        return CoursePlan(course)
    administrations: list[Administration] = []
    infusions: list[Infusion] = []
    procedures: list[PlannedEvent] = []
    punctures: dict[int, PlannedEvent] = {}
    for order in course.definition.orders:
        if not holds(order.when, traits, course.first_with, course.cycle):
            continue
        given = _administrations(protocol, course, dates, order, traits, settings, hours)
        administrations += given
        if order.route is Route.IT:
            for each in given:
                if each.status.takes_place:
                    puncture = PlannedEvent(course.id, each.day, each.date, LUMBAR_PUNCTURE, each.evidence)
                    punctures.setdefault(each.day, puncture)
        elif order.route is Route.CIV and given:
            stop = given[-1].day + 1
            procedures.append(PlannedEvent(course.id, stop, dates.date_of(stop), PUMP_STOP, order.backing.evidence))
            infusions += _infusion(protocol, given, settings, hours)
    procedures += punctures.values()
    procedures += _events(course, dates, course.definition.procedures, traits, settings)
    evaluations = _events(course, dates, course.definition.evaluations, traits, settings, 0 if dates.cut else 1)
    administrations.sort(key=_BY_DAY)
    procedures.sort(key=_BY_DAY)
    evaluations.sort(key=_BY_DAY)
    return CoursePlan(course, tuple(administrations), tuple(procedures), tuple(evaluations), tuple(infusions))


def _infusion(protocol: Protocol, given: list[Administration], settings: Settings, hours: Hours) -> Iterator[Infusion]:
    """The bags of a continuous infusion, once its start and the hours of its bags are recorded."""
    first = given[0]
    start = dict(hours.given).get(first.id)
    stages = [Stage(day, lasting) for agent, day, lasting in hours.bags if agent == first.agent]
    if start is None or not stages or stages[0].first > first.date:
        return
    plan = plan_bags(
        start,
        24 * len(given),
        stages,
        allowed=protocol.agents[first.agent].bags,
        closed=settings.closed_days,
        zone=ZoneInfo(hours.zone),
    )
    if plan.stop is None:
        return
    doses = [DoseFrom(start + timedelta(days=line.day - first.day), line.dose) for line in given]
    changes = [doses[0], *(later for earlier, later in pairwise(doses) if later.per_day != earlier.per_day)]
    amounts = bag_amounts(plan.bags, changes)
    yield Infusion(
        key=first.key,
        agent=first.agent,
        unit=first.unit,
        bags=tuple(
            BagHung(bag.hang, bag.hours, amount.amount, bag.on_closed_day)
            for bag, amount in zip(plan.bags, amounts, strict=True)
        ),
        stop=plan.stop,
        notes=(CHOICE, *plan.notes),
    )


def _administrations(
    protocol: Protocol,
    course: DatedCourse,
    dates: Dates,
    order: Order,
    traits: Traits,
    settings: Settings,
    hours: Hours,
) -> list[Administration]:
    times = _times(course, order, hours) if hours.given else {}
    dose_on = dosing(protocol, order, dates, traits, settings)
    tables = [protocol.tables[rule.dose.table] for rule in order.doses if isinstance(rule.dose, ByTable)]
    evidence = weakest((order.backing.evidence, *(table.backing.evidence for table in tables)))
    provisional, route, per_day = not course.started, order.route, order.frequency.per_day
    found: list[Administration] = []
    for agent in order.agents:
        status, reason = _omission(order, agent, traits, dates.day1)
        for day in order.days.numbers(dates.day1, settings.closed_days, dates.first):
            if day > dates.last_number:
                break
            on = dates.date_of(day)
            dose = dose_on(day, agent, on)
            found.append(
                Administration(
                    f"{course.id}/{order.key}/{day}/{agent}" if order.has_parts else f"{course.id}/{order.key}/{day}",
                    course.id,
                    order.key,
                    day,
                    on,
                    agent,
                    route,
                    dose.calculated,
                    dose.dose,
                    dose.unit,
                    per_day,
                    times.get(day, ()),
                    dose.basis,
                    dose.working,
                    provisional,
                    evidence,
                    status,
                    reason,
                    order,
                )
            )
    return found


def _times(course: DatedCourse, order: Order, hours: Hours) -> dict[int, tuple[datetime, ...]]:
    """The order's hours by course day, as far as a recorded start sets them; real hours, also across a clock change.

    An order that is timed by another starts from that one's first dose. One that runs without a stop goes on from its
    first day's start; any other has the hours of the days that were recorded.
    """
    given, zone = dict(hours.given), ZoneInfo(hours.zone)
    days, frequency, anchor = order.days.fixed, order.frequency, order.first_dose
    every = frequency.interval or 24
    if anchor and not anchor.before:
        other = next(each for each in course.definition.orders if each.key == anchor.order)
        start = given.get(f"{course.id}/{other.key}/{other.days.first}")
        clock = RescueClock(anchor.span.least // 60, every, frequency.per_day, days)
    elif frequency.continuous:
        start = given.get(f"{course.id}/{order.key}/{order.days.first}")
        clock = RescueClock(0, every, 1, days)
    else:
        per_day = frequency.per_day if frequency.interval else 1
        own = {day: given[id_] for day in days if (id_ := f"{course.id}/{order.key}/{day}") in given}
        return {
            day: tuple(dose.at for dose in dose_times(RescueClock(0, every, per_day, (day,)), at, zone))
            for day, at in own.items()
        }
    if start is None:
        return {}
    found: dict[int, tuple[datetime, ...]] = {}
    for dose in dose_times(clock, start, zone):
        found[dose.day] = (*found.get(dose.day, ()), dose.at)
    return found


def _omission(order: Order, agent: str, traits: Traits, day1: date) -> tuple[Status, str]:
    """Whether the diagnostic lumbar puncture, up to so many hours before the first day, already gave this agent."""
    if order.diagnostic_hours is not None:
        for on, given in traits.diagnostics:
            if given == agent and 0 <= (day1 - on).days * 24 <= order.diagnostic_hours:
                return Status.OMITTED, f"given with the diagnostic lumbar puncture on {paper_date(on)}"
    return Status.DUE, ""


def _events(
    course: DatedCourse,
    dates: Dates,
    lines: tuple[Event, ...],
    traits: Traits,
    settings: Settings,
    days_after: int = 0,
) -> list[PlannedEvent]:
    """Procedures or evaluations; the latter may stand so many days after the course's last day."""
    return [
        PlannedEvent(course.id, day, dates.date_of(day), line.kind, line.backing.evidence)
        for line in lines
        if holds(line.when, traits, course.first_with, course.cycle)
        for day in line.days.numbers(dates.day1, settings.closed_days, dates.first)
        if day <= dates.last_number + days_after
    ]
