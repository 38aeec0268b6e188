"""Plan -> problems with what a product's label says of age and weight: another dose, or bags too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from protocal.check.rule import dates_text, entry_of, error, named, place, warning
from protocal.model.agent import LabelDose
from protocal.model.days import age_on
from protocal.model.doses import Per, Route
from protocal.model.entries import Bagged
from protocal.model.plan import Administration, Dates, Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.text.format import figure, round_half_up
from protocal.text.message import say

_PLACES = 4


def label_dose_by_age(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S26: where the label gives another dose from an age on, both are shown."""
    for label, lines, says in _other_doses(plan):
        if label.age is not None:
            yield warning(
                "S26",
                f"{named(plan, lines[0])} from {label.age} years on: {says}",
                lines[0].order_line.where,
                "Ask the prescriber which of the two is meant.",
            )


def label_dose_by_weight(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S20: where the label gives another dose from a weight on, both are shown."""
    for label, lines, says in _other_doses(plan):
        if label.age is None and label.weight is not None:
            yield warning(
                "S20",
                f"{named(plan, lines[0])} from {figure(label.weight)} kg on: {says}",
                lines[0].order_line.where,
                "Ask the prescriber which of the two is meant.",
            )


def _other_doses(plan: Plan) -> Iterator[tuple[LabelDose, list[Administration], str]]:
    """The days of a line on which the label gives another dose than the plan, with both in words."""
    dates = _dates(plan)
    found: dict[tuple[str, str, LabelDose, str], list[Administration]] = defaultdict(list)
    for each in plan.given:
        for label in plan.agent_of(each).label_doses:
            if says := _both(plan, each, dates[each.course], label):
                found[each.course, each.key, label, says].append(each)
    for (_course, _key, label, says), lines in found.items():
        yield label, lines, f"{says}; {dates_text(each.date for each in lines)}"


def _both(plan: Plan, each: Administration, dates: Dates, label: LabelDose) -> str:
    """The label's dose and the planned one, both for a day, where the label's applies and is another; else nothing."""
    measurement, bsa = dates.measures_on(each.date)
    if not label.applies(measurement.weight, age_on(plan.record.born, each.date)):
        return ""
    size = {Per.M2: bsa, Per.KG: measurement.weight, Per.FLAT: Decimal(1)}[label.dose.per]
    by_label = round_half_up(label.dose.value * size * (1 if label.dose.a_day else each.per_day), _PLACES)
    planned = round_half_up(each.calculated * each.per_day, _PLACES)
    if label.dose.unit == each.unit and by_label == planned:
        return ""
    rules = (rule.text for rule in each.order_line.doses if rule.days is None or each.day in rule.days.fixed)
    return (
        f"the label gives {label.dose.text} ({figure(by_label)} {label.dose.unit} that day); this line"
        f" {next(rules, each.basis)} ({figure(planned)} {each.unit} that day)"
    )


def bag_too_long_for_weight(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S20: bags last no longer than the label allows for the weight that their drug is dosed by."""
    dates = _dates(plan)
    for each in plan.given:
        chosen = [
            (first, hours) for agent, first, hours in plan.facts.bags if agent == each.agent and first <= each.date
        ]
        if each.route is not Route.CIV or not chosen:
            continue
        first, hours = chosen[-1]
        measurement, _bsa = dates[each.course].measures_on(each.date)
        for bag, least in plan.agent_of(each).bag_weights:
            if bag in hours and measurement.weight < least:
                yield error(
                    "S20",
                    say(
                        "{drug}: bags of {hours} h from {first} on are for {least} kg and more, but the dose is worked"
                        " out from {weight} kg ({date})",
                        drug=named(plan, each),
                        hours=bag,
                        first=first,
                        least=figure(least),
                        weight=figure(measurement.weight),
                        date=measurement.date,
                    ),
                    place(entry_of(plan, Bagged, agent=each.agent, date=first)),
                    say("Choose bags that last less long."),
                )


def _dates(plan: Plan) -> dict[str, Dates]:
    """The courses' dates; what is given is in a course that has them."""
    return {each.course.id: each.course.dates for each in plan.courses if each.course.dates}
