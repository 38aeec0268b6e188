"""An order's dose rule and a patient's measures -> the dose and its arithmetic. Decimal throughout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import NamedTuple

from protocal.model.course import DoseRule, Order
from protocal.model.days import age_on
from protocal.model.doses import Amount, ByTable, Per, Route
from protocal.model.facts import Measurement, Traits
from protocal.model.plan import Dates
from protocal.model.protocol import Protocol
from protocal.model.settings import Settings
from protocal.model.table import By, Table
from protocal.plan.rounding import Rule, off_by, rounded, rule_for
from protocal.text.format import figure, round_half_up
from protocal.text.message import joined, quantity, say

BSA_PLACES = 2
DOSE_PLACES = 4
_MOSTELLER = 3600


class Dose(NamedTuple):
    """One dose: `calculated` is after caps and before rounding, `dose` after it.

    `basis` is what it comes from, `working` the whole line of arithmetic.
    """

    calculated: Decimal
    dose: Decimal
    unit: str
    basis: str
    working: str


def body_surface_area(measurement: Measurement) -> Decimal:
    """In m2, by Mosteller: the root of height in cm x weight in kg / 3600, rounded half up to 0.01 before any use."""
    return round_half_up((measurement.height * measurement.weight / _MOSTELLER).sqrt(), BSA_PLACES)


class Limit(NamedTuple):
    """The most that one dose may be, and what that follows from where it is a cap for a day or a course."""

    value: Decimal
    share: str


def limit_of(order: Order, days: int) -> Limit | None:
    """The tightest of an order's caps for one dose; one for a course is shared evenly by the doses of so many days."""
    per_day = order.frequency.per_day
    limits = []
    for cap in order.caps:
        doses = per_day * days if cap.a_course else per_day if cap.a_day else 1
        share = ""
        if doses > 1:
            amount = quantity(cap.value, cap.unit)
            a_course = say("{amount} a course in {doses} doses", amount=amount, doses=doses)
            share = a_course if cap.a_course else say("{amount} a day in {doses} doses", amount=amount, doses=doses)
        limits.append(Limit(cap.value / doses, share))
    return min(limits, key=lambda limit: limit.value, default=None)


def limit_in(order: Order, dates: Dates, settings: Settings) -> Limit | None:
    """The most that one dose of an order may be in a course: a cap for the course is shared by all its planned days.

    Where rules came later that give it other days, they share what the earlier ones left.
    """
    if not order.caps:
        return None
    days, since = _days_of(order, dates, settings), settings.since
    if settings.before is None or since is None:
        return limit_of(order, len(days))
    if days == _days_of(order, dates, settings.before):
        return limit_in(order, dates, settings.before)
    limit, left = limit_of(order, len(days)), [day for day in days if dates.date_of(day) >= since]
    for cap in order.caps if len(left) < len(days) else ():
        if limit and left and cap.a_course:
            rest = max(cap.value - _shared(cap.value, order, dates, settings.before, since), Decimal(0))
            doses = order.frequency.per_day * len(left)
            share = say("{amount} left of a course in {doses} doses", amount=quantity(rest, cap.unit), doses=doses)
            limit = min(limit, Limit(rest / doses, share), key=lambda each: each.value)
    return limit


def _days_of(order: Order, dates: Dates, settings: Settings) -> tuple[int, ...]:
    """The planned days of an order in a course, by a site's rules."""
    return order.days.numbers(dates.date_of, settings.closed | dates.skipped, dates.first)


def _shared(cap: Decimal, order: Order, dates: Dates, settings: Settings, until: date) -> Decimal:
    """How much of a cap for a course is meant for its days before a date."""
    days, gone = [dates.date_of(day) for day in _days_of(order, dates, settings)], Decimal(0)
    if settings.before and settings.since:
        gone = _shared(cap, order, dates, settings.before, settings.since)
        days = [day for day in days if day >= settings.since]
    return gone + (cap - gone) * sum(day < until for day in days) / len(days) if days else gone


def dosing(
    protocol: Protocol, order: Order, dates: Dates, traits: Traits, settings: Settings
) -> Callable[[int, str, date], Dose]:
    """What gives the dose of an order for a course day, an agent and the date on which it is given.

    A percentage of the full dose is taken of the capped one, and what comes out is rounded by the agent's rule.
    """
    limit = limit_in(order, dates, settings)
    full = {rule: _full_dose(protocol, rule, order, dates, traits, limit) for rule in order.doses}
    rules = {agent: rule_for(protocol.agents[agent], order.route, settings) for agent in order.agents}
    round_off = cache(partial(_rounded, limit=limit))

    def dose(day: int, agent: str, on: date) -> Dose:
        # lint has seen to it that there is a rule for every day
        rule = next(rule for rule in order.doses if rule.days is None or day in rule.days.fixed)
        exact, rounding = full[rule](agent, on), rules[agent]
        if order.route is not Route.IT:  # an intrathecal dose is never a share of the full one
            exact = adjusted(exact, traits, agent, on, limit)
        elif isinstance(rule.dose, ByTable):  # and given as its table has it
            return exact
        return round_off(exact, rounding) if rounding else exact

    return dose


def _full_dose(
    protocol: Protocol, rule: DoseRule, order: Order, dates: Dates, traits: Traits, limit: Limit | None
) -> Callable[[str, date], Dose]:
    """What gives the full dose of an agent on a date: worked out once by size, looked up for each day in a table."""
    if isinstance(rule.dose, Amount):
        work_out = cache(partial(by_calculation, rule.dose, order.frequency.per_day, limit))
        return lambda _agent, on: work_out(*dates.measures_on(on))
    table = protocol.tables[rule.dose.table]
    if table.by is By.AGE:
        return lambda agent, on: by_age(table, agent, age_on(traits.born, on))
    return lambda agent, on: by_weight(table, agent, dates.measures_on(on)[0].weight)


def by_calculation(amount: Amount, per_day: int, limit: Limit | None, measurement: Measurement, bsa: Decimal) -> Dose:
    """A dose per m2, per kg or flat, at most the limit; one written for a day is divided into the day's doses."""
    basis, value = amount.text, amount.value
    if amount.per is not Per.FLAT:
        size = bsa if amount.per is Per.M2 else measurement.weight
        value *= size
        basis = joined(" x ", (basis, f"{figure(size)} {amount.per.value}"))
    if amount.a_day and per_day > 1:
        value /= per_day
        basis = say("{dose} / {count} doses", dose=basis, count=per_day)
    calculated = round_half_up(value, DOSE_PLACES)
    working = basis if basis == amount.text else joined(" = ", (basis, quantity(calculated, amount.unit)))
    full = Dose(calculated, calculated, amount.unit, basis, working)
    return _capped(full, limit) if limit and value > limit.value else full


def _capped(dose: Dose, limit: Limit) -> Dose:
    most = round_half_up(limit.value, DOSE_PLACES)
    capped = say("{working}, capped at {most}", working=dose.working, most=quantity(most, dose.unit))
    working = say("{capped} ({share})", capped=capped, share=limit.share) if limit.share else capped
    return dose._replace(calculated=most, dose=most, working=working)


def adjusted(dose: Dose, traits: Traits, agent: str, on: date, limit: Limit | None = None) -> Dose:
    """A dose by the percentage of the full one that the record has for the agent on a day; the latest entry wins.

    More than the full dose is still no more than the limit.
    """
    share = next((each.percent for each in traits.adjustments if each.holds(agent, on)), None)
    if share is None:
        return dose
    calculated = round_half_up(dose.calculated * share / 100, DOSE_PLACES)
    of_full = say("{share} % of the full dose = {dose}", share=figure(share), dose=quantity(calculated, dose.unit))
    working = joined("; ", (dose.working, of_full))
    part = dose._replace(calculated=calculated, dose=calculated, working=working)
    return _capped(part, limit) if limit and share > 100 and calculated > limit.value else part


def by_age(table: Table, agent: str, age: int) -> Dose:
    """A dose from a table, by completed years on the day of the dose. Raises LookupError where the table has no row."""
    return _from_table(table, agent, age, say("aged {age}", age=age))


def by_weight(table: Table, agent: str, weight: Decimal) -> Dose:
    """A dose from a table, by the weight that doses are worked out from. Raises LookupError where it has no row."""
    return _from_table(table, agent, weight, say("weighing {weight} kg", weight=figure(weight)))


def _from_table(table: Table, agent: str, measure: Decimal | int, said: str) -> Dose:
    band = table.band(measure)
    if band is None:
        raise LookupError(f"table '{table.id}' has no row for somebody {said}")
    value = band.values[table.columns.index(agent)]
    basis = say("{measure}: table row {row}", measure=said, row=band.words)
    return Dose(value, value, table.unit, basis, joined(" = ", (basis, quantity(value, table.unit))))


def _rounded(dose: Dose, rule: Rule, limit: Limit | None) -> Dose:
    """A dose by the rounding rule, which is named with the error that it makes."""
    value, left = rounded(dose.calculated, rule.rounding, limit.value if limit else None)
    said = say("{rule}, the site's rule", rule=rule.rounding.text) if rule.by_site else rule.rounding.text
    if left:
        kept = say("not rounded ({rule}): {why}", rule=said, why=left)
        return dose._replace(working=joined("; ", (dose.working, kept)))
    if value == dose.calculated:
        return dose
    to = say(
        "rounded to {dose} ({error}), {rule}",
        dose=quantity(value, dose.unit), error=off_by(value, dose.calculated), rule=said,
    )  # fmt: skip
    return dose._replace(dose=value, working=joined("; ", (dose.working, to)))
