"""Plan -> problems with doses: what they are worked out from, rounded to, add up to, and are confirmed by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from protocal.check.rule import dates_text, entry_of, error, named, place, warning
from protocal.model.doses import Amount, Route
from protocal.model.entries import Adjusted, Measured
from protocal.model.plan import Administration, Plan, Status
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.plan.growth import outgrown
from protocal.plan.products import tablets_out_of_reach
from protocal.plan.unverified import is_unverified
from protocal.text.format import figure, paper_date
from protocal.text.message import quantity, say

_WEEK = 7
_HALF_A_STEP = Decimal("0.00005")  # what rounding to four decimals explains


def rounded_too_far(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S18: a rounded dose is near the calculated one; by mouth what counts is a week's total, for tablets alternate."""
    ordered = sorted(plan.given, key=lambda each: (each.course, each.key, each.agent, each.date))
    for _line, group in groupby(ordered, key=lambda each: (each.course, each.key, each.agent)):
        lines = [each for each in group if each.status is not Status.GIVEN]  # what was given is no longer rounded
        if not lines:
            continue
        parts = _weeks(lines) if lines[0].route is Route.PO else [[each] for each in lines]
        far = [(part, off) for part in parts if abs(off := _error(part)) > settings.rounding_flag]
        if far:
            part, worst = max(far, key=lambda each: abs(each[1]))
            yield warning(
                "S18",
                f"{named(plan, lines[0])} is rounded from {_amounts(part)}: {worst:+.1f} % is more than"
                f" {figure(settings.rounding_flag)} %;"
                f" {dates_text(each.date for part, _off in far for each in part)}",
                lines[0].order_line.where,
                "Choose another strength or form, or confirm the rounded dose.",
            )


def rounds_to_nothing(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S18: a dose is more than nothing; one that is less than the last decimal of doses would be printed as 0."""
    lines = defaultdict(list)
    for each in plan.given:
        if not each.dose:
            lines[each.course, each.key, each.agent].append(each)
    for found in lines.values():
        yield error(
            "S18",
            say(
                "{drug} comes to {dose}; {dates}",
                drug=named(plan, found[0]),
                dose=quantity(found[0].dose, found[0].unit),
                dates=dates_text(each.date for each in found),
            ),
            found[0].order_line.where,
            say("Correct its dose or its cap in the definition, or omit it."),
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


def _amounts(part: Sequence[Administration]) -> str:
    """`1.17 mg to 1.3 mg` for equal doses, else `409.5 mg to 375 mg in all`."""
    first = part[0]
    if all((each.calculated, each.dose) == (first.calculated, first.dose) for each in part):
        return f"{figure(first.calculated)} {first.unit} to {figure(first.dose)} {first.unit}"
    calculated = sum((each.calculated * each.per_day for each in part), Decimal(0))
    dose = sum((each.dose * each.per_day for each in part), Decimal(0))
    return f"{figure(calculated)} {first.unit} to {figure(dose)} {first.unit} in all"


def tablets_cannot_make_the_dose(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S18: the tablets at hand come near the dose; that they do not is the site's mistake if it has chosen them.

    Where a liquid of the site is planned instead, and where the definition only assumes the tablets, it is shown.
    """
    for each in tablets_out_of_reach(plan, settings):
        lines = [line for line in each.lines if line.status.takes_place]
        yield (error if each.by_site and not each.liquid else warning)(
            "S18",
            say(
                "{drug}: {why}; {dates}",
                drug=named(plan, lines[0]),
                why=each.said,
                dates=dates_text(line.date for line in lines),
            ),
            each.where,
            "The doses are planned in the site's liquid: confirm it, or choose other tablets."
            if each.liquid
            else say("Choose other tablets or a liquid in the site's settings, or ask the prescriber."),
        )


def split_dose_does_not_add_up(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S15: the parts of an oral dose that is written for a day make that day's dose; tablets and reasons explain more.

    A day's tablets alternate by plan, and an adjustment of the record gives its reason.
    """
    found: dict[tuple[str, str, str], list[Administration]] = defaultdict(list)
    for each in plan.given:
        off = abs(each.dose - each.calculated) * each.per_day
        if _is_split(each) and off > each.per_day * _HALF_A_STEP and not each.product and not _explained(plan, each):
            found[each.course, each.key, each.agent].append(each)
    for lines in found.values():
        first = lines[0]
        yield warning(
            "S15",
            f"{named(plan, first)} is {figure(first.calculated * first.per_day)} {first.unit} a day, but its"
            f" {first.per_day} doses of {figure(first.dose)} {first.unit} make"
            f" {figure(first.dose * first.per_day)} {first.unit}; {dates_text(each.date for each in lines)}",
            first.order_line.where,
            "Split the day's dose so that its parts make the whole, or record the reason with an adjustment.",
        )


def _is_split(each: Administration) -> bool:
    """Whether a dose is a part of one that is written for a day."""
    order = each.order_line
    rules = (rule.dose for rule in order.doses if rule.days is None or each.day in rule.days.fixed)
    written_a_day = any(isinstance(dose, Amount) and dose.a_day for dose in rules)
    return each.route is Route.PO and each.per_day > 1 and written_a_day


def _explained(plan: Plan, each: Administration) -> bool:
    """Whether the record adjusts the agent on that date and says why."""
    return any(
        isinstance(entry, Adjusted)
        and entry.why
        and entry.agent == each.agent
        and entry.date <= each.date
        and (entry.to is None or each.date <= entry.to)
        for _line, entry in plan.record.standing(plan.revision)
    )


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


def unverified_dose(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S28: doses that nothing confirms stand on a family's page only if somebody asks for them by name."""
    lines = {each.order_line: each.agent for each in plan.given}
    names = {agent for order, agent in lines.items() if is_unverified(plan.protocol, order)}
    if names:
        written = ", ".join(sorted((plan.protocol.agents[name].written for name in names), key=str.casefold))
        yield warning(
            "S28",
            f"doses of {written} are unverified",
            None,
            "They stand in a family's feed only on request (`protocal feed --unverified-doses`), which then says so.",
        )
