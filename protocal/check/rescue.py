"""Plan -> problems with what a drug is rescued with: that it comes in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from protocal.check.rule import begins_on, error, named
from protocal.model.doses import Anchor, Route
from protocal.model.plan import Administration, CoursePlan, Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.text.message import say

_DAY = 24 * 60  # minutes


def infusion_without_rescue(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S23: an infusion of a day or more, of a drug that the protocol rescues from, has its rescue in time.

    The rescue is counted from when the infusion really started, if the record says so.
    """
    courses = [course for each in plan.protocol.in_force for course in each.courses.values()]
    rescued = {order.until_clear for course in courses for order in course.orders}
    for course in plan.courses:
        for each in course.administrations:
            over = each.order_line.over
            long = each.route is Route.CIV or (each.route is Route.IV and over and over.least >= _DAY)
            if each.status.takes_place and long and each.agent in rescued and (wrong := _rescue(plan, course, each)):
                yield error(
                    "S23",
                    say("{drug} on {date} {wrong}", drug=named(plan, each), date=begins_on(plan, each), wrong=wrong),
                    each.order_line.where,
                    say("Do not start it before its rescue is ordered; if it runs, order the rescue now."),
                )


def rescue_without_its_settings(plan: Plan, settings: Settings) -> Iterator[Problem]:
    """S23: once an infusion has really started, the site's clearing level and hours of level draws are known.

    Published thresholds differ, so none is built in.
    """
    started = dict(plan.facts.given)
    asked: dict[str, Administration] = {}
    for course in plan.courses:
        anchors = {
            order.first_dose.order: order.until_clear
            for order in course.course.definition.orders
            if order.until_clear and order.first_dose and not order.first_dose.before
        }
        for each in course.administrations:
            if each.id in started and each.agent == anchors.get(each.key):
                asked.setdefault(each.agent, each)
    for agent, each in asked.items():
        lacking = []
        if settings.clearance_of(agent) is None:
            lacking.append(f"clearances: {{{agent}: below NUMBER UNIT}}")
        if not settings.draws_of(agent):
            lacking.append(f'level draws: {{{agent}: "HOURS h, HOURS h"}}')
        if lacking:
            yield error(
                "S23",
                say(
                    "{drug} has started, but the site's settings do not say when its levels are drawn and below which"
                    " level it has cleared",
                    drug=named(plan, each),
                ),
                each.order_line.where,
                say("Write into the settings file: {lines}.", lines="; ".join(lacking)),
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
        return say("has no rescue in its course")
    due = min(_due(plan, infusion, anchor) for anchor in anchors.values())
    doses = [each for each in course.administrations if each.order_line in anchors and each.status.takes_place]
    if not doses:
        names = ", ".join(f"{course.course.id}/{order.key}" for order in anchors)
        return say("has no dose of its rescue ({orders}), due on {date}", orders=names, date=due)
    first = min(doses, key=lambda each: begins_on(plan, each))
    if begins_on(plan, first) > due:
        return say(
            "needs its rescue, {drug}, on {date}, {clock}, but it begins on {later}",
            drug=named(plan, first), date=due, clock=_clock(anchors[first.order_line]), later=begins_on(plan, first),
        )  # fmt: skip
    return ""


def _clock(anchor: Anchor) -> str:
    """When the rescue begins: `36 h after mtx-hd`, by the key of an order."""
    return say("{time} after {order}", time=anchor.span.text, order=anchor.order)


def _due(plan: Plan, infusion: Administration, anchor: Anchor) -> date:
    """When the rescue from an infusion must begin, counted from its recorded start, else from its date."""
    span, at = timedelta(minutes=anchor.span.least), dict(plan.facts.given).get(infusion.id)
    return (at + span).astimezone(ZoneInfo(plan.record.timezone)).date() if at else infusion.date + span
