"""An order's dose rule and a patient's measures in; the dose and its arithmetic out. Decimal throughout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import NamedTuple

from protocal.words.days import age_on
from protocal.words.doses import Amount, Per, Route
from protocal.words.figures import figure, round_half_up
from protocal.words.plan import Dates
from protocal.words.protocol import DoseRule, Order, Protocol, Table
from protocal.words.record import Measurement, Traits
from protocal.words.settings import Settings

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


def dosing(
    protocol: Protocol, order: Order, dates: Dates, traits: Traits, _settings: Settings
) -> Callable[[int, str, date], Dose]:
    """What gives the dose of an order for a course day, an agent and the date on which it is given."""
    doses = {rule: _by_rule(protocol, rule, order, dates, traits) for rule in order.doses}

    def dose(day: int, agent: str, on: date) -> Dose:
        # lint has seen to it that there is a rule for every day
        rule = next(rule for rule in order.doses if rule.days is None or day in rule.days.fixed)
        return doses[rule](agent, on)

    return dose


def _by_rule(
    protocol: Protocol, rule: DoseRule, order: Order, dates: Dates, traits: Traits
) -> Callable[[str, date], Dose]:
    """What gives the dose of an agent on a date: worked out once by size, but by the age on the day from a table."""
    if isinstance(rule.dose, Amount):
        amount = rule.dose
        work_out = cache(partial(by_calculation, order, amount))
        if order.route is Route.IT:  # an intrathecal dose is never a share of the full one
            return lambda _agent, on: work_out(*dates.measures_on(on))
        return lambda agent, on: adjusted(work_out(*dates.measures_on(on)), traits, agent, on)
    table = protocol.tables[rule.dose.table]
    return lambda agent, on: by_age(table, agent, age_on(traits.born, on))


def by_calculation(order: Order, amount: Amount, measurement: Measurement, bsa: Decimal) -> Dose:
    """A dose per m2, per kg or flat; one written for a day is divided into the day's doses, and so is its cap."""
    per_day = order.frequency.per_day
    basis = f"{figure(amount.value)} {amount.unit}"
    value = amount.value
    if amount.per is not Per.FLAT:
        size = bsa if amount.per is Per.M2 else measurement.weight
        value *= size
        basis += f"/{amount.per.value}{'/day' if amount.a_day else ''} x {figure(size)} {amount.per.value}"
    if amount.a_day and per_day > 1:
        value /= per_day
        basis += f" / {per_day} doses"
    calculated = round_half_up(value, DOSE_PLACES)
    working = f"{basis} = {figure(calculated)} {amount.unit}" if amount.per is not Per.FLAT else basis
    if order.cap:
        cap = order.cap.value / per_day if order.cap.a_day else order.cap.value
        if value > cap:
            calculated = round_half_up(cap, DOSE_PLACES)
            working += f", capped at {figure(calculated)} {amount.unit}"
    return Dose(calculated, calculated, amount.unit, basis, working)


def adjusted(dose: Dose, traits: Traits, agent: str, on: date) -> Dose:
    """A dose by the percentage of the full one that the record has for the agent on a day; the latest entry wins."""
    share = next((each.percent for each in traits.adjustments if each.holds(agent, on)), None)
    if share is None:
        return dose
    calculated = round_half_up(dose.calculated * share / 100, DOSE_PLACES)
    working = f"{dose.working}; {figure(share)} % of the full dose = {figure(calculated)} {dose.unit}"
    return Dose(calculated, calculated, dose.unit, dose.basis, working)


def by_age(table: Table, agent: str, age: int) -> Dose:
    """A dose from a table, by completed years on the day of the dose. Raises LookupError where the table has no row."""
    band = table.band(age)
    if band is None:
        raise LookupError(f"table '{table.id}' has no row for age {age}")
    value = band.values[table.columns.index(agent)]
    row = f"{band.low} years" if band.high == band.low else f"{band.low} to {band.high} years"
    row = row if band.high is not None else f"{band.low} years and over"
    basis = f"aged {age}: table row {row}"
    return Dose(value, value, table.unit, basis, f"{basis} = {figure(value)} {table.unit}")
