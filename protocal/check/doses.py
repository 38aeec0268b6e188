"""Checks of doses: what they are worked out from, how far they are rounded, what they add up to, what rescues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from protocal.check.rule import dates_text, day_of, entry_of, error, given, is_given, named, place, warning
from protocal.plan.growth import outgrown
from protocal.words.doses import Anchor, ByTable, Route
from protocal.words.figures import figure, paper_date, round_half_up
from protocal.words.plan import Administration, CoursePlan, Dates, Plan
from protocal.words.problems import Problem
from protocal.words.protocol import Evidence, Order, Protocol, weakest
from protocal.words.record import Measured
from protocal.words.settings import Settings

_DAY = 24 * 60  # minutes
_WEEK = 7
_IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "mcg": Decimal("0.001")}
_OF_A_DOSE = ("dose", "cap", "all")


def rounded_too_far(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S18: a rounded dose is near the calculated one; by mouth what counts is a week's total, for tablets alternate."""
    ordered = sorted(given(plan), key=lambda each: (each.course, each.key, each.agent, each.date))
    for _line, group in groupby(ordered, key=lambda each: (each.course, each.key, each.agent)):
        lines = list(group)
        parts = _weeks(lines) if lines[0].route is Route.PO else [[each] for each in lines]
        far = [(part, off) for part in parts if abs(off := _error(part)) > settings.rounding_flag]
        if far:
            part, worst = max(far, key=lambda each: abs(each[1]))
            yield warning(
                "S18",
                f"{named(plan, lines[0])} is rounded from {_amounts(part, calculated=True)} to"
                f" {_amounts(part, calculated=False)}: {worst:+.1f} % is more than {figure(settings.rounding_flag)} %;"
                f" {dates_text(each.date for part, _off in far for each in part)}",
                lines[0].order_line.where,
                "Choose another strength or form, or confirm the rounded dose.",
            )


def _weeks(lines: Sequence[Administration]) -> list[list[Administration]]:
    """The doses of a line in spans of seven days from its first; what is left at the end belongs to the last span."""
    first = lines[0].date
    spans = max(((lines[-1].date - first).days + 1) // _WEEK, 1)
    weeks: dict[int, list[Administration]] = defaultdict(list)
    for each in lines:
        weeks[min((each.date - first).days // _WEEK, spans - 1)].append(each)
    return list(weeks.values())


def _error(part: Sequence[Administration]) -> Decimal:
    """By how much, in per cent, the doses differ from the calculated ones."""
    calculated = sum(each.calculated * each.per_day for each in part)
    dose = sum(each.dose * each.per_day for each in part)
    return (dose - calculated) * 100 / calculated if calculated else Decimal(0)


def _amounts(part: Sequence[Administration], *, calculated: bool) -> str:
    values = [each.calculated if calculated else each.dose for each in part]
    unit = part[0].unit
    if len(set(values)) == 1:
        return f"{figure(values[0])} {unit}"
    total = sum((value * each.per_day for value, each in zip(values, part, strict=True)), Decimal(0))
    return f"{figure(total)} {unit} in all"


def stale_measurement(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S22: a started course is dosed by height and weight that were taken shortly before its first day."""
    for each in plan.courses:
        dates = each.course.dates
        if not (each.course.started and dates and each.administrations):
            continue
        taken = dates.measurement.date
        age = (dates.day1 - taken).days
        if not 0 <= age <= settings.stale_days:
            yield warning(
                "S22",
                f"{each.course.title} started on {paper_date(dates.day1)} on height and weight of {paper_date(taken)},"
                + (f" {age} days before" if age > 0 else f" {-age} days after"),
                place(entry_of(plan, Measured, date=taken)),
                f"Measure within {settings.stale_days} days before Day 1, and record it with `protocal measure`.",
            )


def weight_has_changed(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S22: the running course is dosed by a weight that still holds."""
    found = outgrown(plan, settings) if plan.facts.measurements else None
    if found:
        course, dosing, change = found
        latest = plan.facts.measurements[-1]
        yield warning(
            "S22",
            f"{course.title} runs on doses for {figure(dosing.weight)} kg ({paper_date(dosing.date)}), but on"
            f" {paper_date(latest.date)} the weight was {figure(latest.weight)} kg: {change:+.0f} %",
            place(entry_of(plan, Measured, date=latest.date)),
            "Ask the prescriber whether the doses left are worked out again (`protocal measure --again DATE`).",
        )


def infusion_without_rescue(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S23: an infusion of a day or more, of a drug that the protocol rescues from, has its rescue in time.

    The rescue is counted from when the infusion really started, if the record says so.
    """
    rescued = {order.until_clear for course in plan.protocol.courses.values() for order in course.orders}
    for course in plan.courses:
        for each in course.administrations:
            over = each.order_line.over
            long = each.route is Route.CIV or (each.route is Route.IV and over and over.least >= _DAY)
            if is_given(each) and long and each.agent in rescued and (wrong := _rescue(plan, course, each)):
                yield error(
                    "S23",
                    f"{named(plan, each)} on {paper_date(day_of(plan, each))} {wrong}",
                    each.order_line.where,
                    "Do not start it before its rescue is ordered; if it runs, order the rescue now.",
                )


def _rescue(plan: Plan, course: CoursePlan, infusion: Administration) -> str:
    """What is wrong with the rescue from an infusion; empty if nothing is."""
    anchors = {
        order: order.first_dose
        for order in course.course.definition.orders
        if order.until_clear == infusion.agent
        and order.first_dose
        and not order.first_dose.before
        and order.first_dose.order == infusion.key
    }
    if not anchors:
        return "has no rescue in its course"
    due = min(_due(plan, infusion, anchor) for anchor in anchors.values())
    doses = [each for each in course.administrations if each.order_line in anchors and is_given(each)]
    if not doses:
        names = ", ".join(f"{course.course.id}/{order.key}" for order in anchors)
        return f"has no dose of its rescue ({names}), due on {paper_date(due)}"
    first = min(doses, key=lambda each: day_of(plan, each))
    if day_of(plan, first) > due:
        return (
            f"needs its rescue, {named(plan, first)}, on {paper_date(due)}, {anchors[first.order_line].text}, but it"
            f" begins on {paper_date(day_of(plan, first))}"
        )
    return ""


def _due(plan: Plan, infusion: Administration, anchor: Anchor) -> date:
    """When the rescue from an infusion must begin, counted from its recorded start, else from its date."""
    span, at = timedelta(minutes=anchor.span.least), dict(plan.facts.given).get(infusion.id)
    return (at + span).astimezone(ZoneInfo(plan.record.timezone)).date() if at else infusion.date + span


def cumulative_dose(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S24: what is given of a group of drugs, with what was given before, stays under the site's ceiling."""
    sizes = {each.course.id: each.course.dates for each in plan.courses}
    for ceiling in settings.ceilings:
        factors = dict(ceiling.factors)
        prior = [(agent, amount) for agent, amount in plan.facts.prior if agent in factors]
        total = before = sum((amount * factors[agent] for agent, amount in prior), Decimal(0))
        over: list[Administration] = []
        counted: dict[str, Decimal] = {agent: factors[agent] for agent, _amount in prior}
        for each in given(plan):
            dates = sizes[each.course]
            if each.agent in factors and each.unit in _IN_MG and dates:
                counted[each.agent] = factors[each.agent]
                total += _per_m2(each, dates) * factors[each.agent]
                if total > ceiling.amount:
                    over.append(each)
        if total <= ceiling.amount:
            continue
        names = ", ".join(
            f"{plan.protocol.agents[agent].written} x {figure(factor)}" for agent, factor in counted.items()
        )
        yield warning(
            "S24",
            f"{ceiling.name}: {figure(round_half_up(total, 1))} mg/m2 ({names};"
            f" {figure(round_half_up(before, 1))} mg/m2 before) is over the ceiling of {figure(ceiling.amount)} mg/m2"
            + (f" with {named(plan, over[0])} on {paper_date(over[0].date)}" if over else ", even before this therapy"),
            over[0].order_line.where if over else None,
            "Ask the prescriber. Ceiling and factors are this site's settings.",
        )


def _per_m2(each: Administration, dates: Dates) -> Decimal:
    """What is given of a drug that day, in mg/m2."""
    return each.dose * each.per_day * _IN_MG[each.unit] / dates.measures_on(each.date)[1]


def unverified_dose(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S28: doses that nothing confirms stand on a family's page only if somebody asks for them by name."""
    lines = {each.order_line: each.agent for each in given(plan)}
    names = {agent for order, agent in lines.items() if is_unverified(plan.protocol, order)}
    if names:
        written = ", ".join(sorted((plan.protocol.agents[name].written for name in names), key=str.casefold))
        yield warning(
            "S28",
            f"doses of {written} are unverified",
            None,
            "They stand in a family's feed only on request (`protocal feed --doses`), which then says so.",
        )


def is_unverified(protocol: Protocol, order: Order) -> bool:
    """Whether an order's dose, its cap or its table is known from recollection only.

    For what is made for families: such a dose stands there only if somebody asked for it by name (rule S28).
    """
    parts = dict(order.backing.parts)
    own = [parts[part] for part in _OF_A_DOSE if part in parts] or [order.backing.evidence]
    tables = [rule.dose.table for rule in order.doses if isinstance(rule.dose, ByTable)]
    return weakest((*own, *(protocol.tables[table].backing.evidence for table in tables))) is Evidence.UNVERIFIED
