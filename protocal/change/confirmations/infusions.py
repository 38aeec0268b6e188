"""An entry about an infusion or a level, and the plan before it -> what must be settled first."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from protocal.change.confirmations.ask import Ask, course_of
from protocal.model.doses import Route
from protocal.model.entries import (
    Cleared,
    Resumed,
)
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.text.format import figure

_SLIP = 5  # times more or less than is due is rather a slip of the point


def resumed(entry: Resumed, before: Plan) -> Iterator[Ask]:
    """The restart of an infusion: supervised, and its dose."""
    pauses = [each for each in before.facts.pauses if each.course == entry.course and each.resume is None]
    if not pauses:
        return
    course = course_of(before, entry.course)
    orders = [order for order in course.definition.orders if order.frequency.continuous] if course else []
    planned = [each.dose for each in before.administrations if each.course == entry.course and each.route is Route.CIV]
    if entry.dose and planned and entry.dose >= planned[0] * _SLIP:
        yield Ask(
            f"{figure(entry.dose)} is {_SLIP} times the planned {figure(planned[0])} for 24 h, or more",
            "Check figure and unit.",
        )
    for rule in (before.protocol.of(entry.course).agents[order.agents[0]].interruptions for order in orders):
        if rule.is_supervised(entry.at - pauses[-1].stop) and entry.dose is None:
            yield Ask(
                f"the infusion stood still for {rule.supervised_hours} h or more: its restart is supervised and names"
                " its dose",
                "Add --dose, for 24 h, in the drug's unit.",
            )


def cleared(entry: Cleared, settings: Settings) -> Iterator[Ask]:
    """A level: below the site's threshold, in its unit."""
    clearance = settings.clearance_of(entry.agent)
    if clearance is None:
        yield Ask(
            f"the site's settings do not say below which level {entry.agent} has cleared",
            f"Write it into the settings file: clearances: {{{entry.agent}: below NUMBER UNIT}}; then --settings FILE.",
        )
        return
    value, unit = entry.level.split(" ", 1)
    threshold = f"below {figure(clearance.below)} {clearance.unit}"
    if unit != clearance.unit:
        yield Ask(
            f"the level is in {unit}, the site's threshold is {threshold}", f"Write the level in {clearance.unit}."
        )
    elif Decimal(value) >= clearance.below:
        yield Ask(
            f"{entry.level} is not {threshold}: {entry.agent} has not cleared, and the rescue goes on",
            "Record the level that is; a note keeps this one.",
        )
