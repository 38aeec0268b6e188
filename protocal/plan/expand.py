"""Step two of the plan: one dated course in; its administrations, procedures and evaluations out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache, partial
from operator import attrgetter

from protocal.plan.dose import Dose, adjusted, by_age, by_calculation
from protocal.plan.route import holds
from protocal.words.days import age_on
from protocal.words.doses import Amount, ByTable, Route
from protocal.words.figures import paper_date
from protocal.words.plan import Administration, CoursePlan, DatedCourse, Dates, PlannedEvent, Status
from protocal.words.protocol import DoseRule, Event, Order, Protocol, weakest
from protocal.words.record import Traits
from protocal.words.settings import Settings

LUMBAR_PUNCTURE = "lumbar-puncture"
PUMP_STOP = "pump-stop"
_BY_DAY = attrgetter("day")


@lru_cache(maxsize=4096)
def expand(protocol: Protocol, course: DatedCourse, traits: Traits, settings: Settings) -> CoursePlan:
    """Everything that happens in a course, by day and then as the definition lists it.

    Remembered by its arguments: revisions of a record share most of their courses.
    """
    dates = course.dates
    if dates is None:
        return CoursePlan(course)
    administrations: list[Administration] = []
    procedures: list[PlannedEvent] = []
    punctures: dict[int, PlannedEvent] = {}
    for order in course.definition.orders:
        if not holds(order.when, traits, course.first_with, course.cycle):
            continue
        given = _administrations(protocol, course, dates, order, traits, settings)
        administrations += given
        if order.route is Route.IT:
            for each in given:
                if each.status is Status.DUE:
                    puncture = PlannedEvent(course.id, each.day, each.date, LUMBAR_PUNCTURE, each.evidence)
                    punctures.setdefault(each.day, puncture)
        elif order.route is Route.CIV and given:
            stop = given[-1].day + 1
            procedures.append(PlannedEvent(course.id, stop, dates.date_of(stop), PUMP_STOP, order.backing.evidence))
    procedures += punctures.values()
    procedures += _events(course, dates, course.definition.procedures, traits, settings)
    evaluations = _events(course, dates, course.definition.evaluations, traits, settings, 0 if dates.cut else 1)
    administrations.sort(key=_BY_DAY)
    procedures.sort(key=_BY_DAY)
    evaluations.sort(key=_BY_DAY)
    return CoursePlan(course, tuple(administrations), tuple(procedures), tuple(evaluations))


def _administrations(
    protocol: Protocol, course: DatedCourse, dates: Dates, order: Order, traits: Traits, settings: Settings
) -> list[Administration]:
    doses = {rule: _dose_rule(protocol, rule, order, dates, traits) for rule in order.doses}
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
            dose = doses[_rule(order, day)](agent, on)
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
                    dose.calculated,
                    dose.unit,
                    per_day,
                    (),
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


def _rule(order: Order, day: int) -> DoseRule:
    """The dose rule of a day; lint has seen to it that there is one."""
    return next(rule for rule in order.doses if rule.days is None or day in rule.days.fixed)


def _dose_rule(
    protocol: Protocol, rule: DoseRule, order: Order, dates: Dates, traits: Traits
) -> Callable[[str, date], Dose]:
    """What gives the dose of an agent on a date: worked out once by size, but by the age on the day from a table."""
    if isinstance(rule.dose, Amount):
        amount = rule.dose
        work_out = cache(partial(by_calculation, order, amount))
        return lambda agent, on: adjusted(work_out(*dates.measures_on(on)), traits, agent, on)
    table = protocol.tables[rule.dose.table]
    return lambda agent, on: by_age(table, agent, age_on(traits.born, on))


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
