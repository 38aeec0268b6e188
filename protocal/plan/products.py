"""An order's doses by mouth -> the same in tablets by weekday, or in a liquid. Decimal throughout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from protocal.model.agent import Agent
from protocal.model.doses import Liquid, Route
from protocal.model.plan import Administration, CourseStatus, Dates, Plan
from protocal.model.problems import Where
from protocal.model.product import Product, Volume
from protocal.model.protocol import Protocol
from protocal.model.settings import Settings
from protocal.plan.dose import Limit, limit_in
from protocal.plan.rounding import liquid_at_hand, off_by, tablets_at_hand
from protocal.plan.tablets import WITHIN_PERCENT, TabletPlan, plan_tablets
from protocal.text.format import figure
from protocal.text.message import joined, quantity, say

_EVERY_DAY = 7


class TabletDoses(NamedTuple):
    """Doses of one order that are made up of the same tablets: the plan of their week, or why there is none."""

    lines: tuple[Administration, ...]
    plan: TabletPlan | None
    said: str


class OutOfReach(NamedTuple):
    """Doses that the tablets at hand do not reach within 10 %.

    Attributes:
        said: the reason, in a sentence without its full stop.
        by_site: the strengths are the site's own and not those that the definition assumes.
        liquid: the doses are planned in the site's liquid instead.
        where: the site's strengths in its file, or the order.
    """

    lines: tuple[Administration, ...]
    said: str
    by_site: bool
    liquid: bool
    where: Where | None


def by_mouth(
    lines: Sequence[Administration],
    protocol: Protocol,
    settings: Settings,
    dates: Dates,
) -> list[Administration]:
    """The doses of one order by mouth, each of its agents in what is at hand: see `with_products`."""
    return [
        line
        for agent in dict.fromkeys(line.agent for line in lines)
        for line in with_products(
            [line for line in lines if line.agent == agent], protocol.agents[agent], settings, dates
        )
    ]


def with_products(
    lines: Sequence[Administration],
    agent: Agent,
    settings: Settings,
    dates: Dates,
) -> list[Administration]:
    """The doses of one order by mouth, all of one agent, in what is at hand: tablets, else a liquid, else neither.

    Doses that are calculated alike share a plan of their weekdays, whatever became of them; a dose that is moved keeps
    the tablets of its own day.
    """
    strengths, liquid = tablets_at_hand(agent, settings), liquid_at_hand(agent, settings)
    if not lines or not (strengths or liquid):
        return list(lines)
    limit = limit_in(lines[0].order_line, dates, settings)
    found: dict[str, Administration] = {}
    for doses in tablet_doses(lines, strengths, agent, dates, limit):
        calculated, unit = doses.lines[0].calculated, agent.unit
        measured = in_liquid(calculated, liquid, limit) if liquid else None
        made: dict[int, tuple[Decimal, Product]] = {}
        if doses.plan:
            summary = _summary(doses.plan, unit, weekly=doses.lines[0].order_line.frequency.weekly)
            made = {day.weekday: (day.amount, day.product(unit)) for day in doses.plan.days}
        elif measured:
            summary = _measured(measured, calculated)
            made = dict.fromkeys(range(_EVERY_DAY), (measured.amount, measured))
        else:
            summary = doses.said
        for line in doses.lines:
            dose, product = made.get(_weekday(line, dates), (line.dose, None))
            found[line.id] = line._replace(
                dose=dose,
                working=joined("; ", (line.working, summary)),
                product=product,
                alternative=measured if doses.plan else None,
            )
    return [found.get(line.id, line) for line in lines]


def tablet_doses(
    lines: Iterable[Administration], strengths: tuple[Decimal, ...], agent: Agent, dates: Dates, limit: Limit | None
) -> Iterator[TabletDoses]:
    """An order's doses of one agent, put together where one week of tablets serves them all.

    A weekly dose that changes its weekday within the course has a plan for each: the days are not of one week.
    """
    groups: dict[tuple[Decimal, int], list[Administration]] = {}
    for line in lines:
        if line.calculated > 0:
            weekday = _weekday(line, dates) if line.order_line.frequency.weekly else _EVERY_DAY
            groups.setdefault((line.calculated, weekday), []).append(line)
    for (calculated, _weekday_of), group in groups.items():
        plan, said = None, ""
        if strengths:
            try:
                plan = plan_tablets(
                    calculated,
                    agent.unit,
                    strengths,
                    {_weekday(line, dates) for line in group},
                    halves=agent.halves,
                    per_day=group[0].order_line.frequency.per_day,
                    limit=limit.value if limit else None,
                )
            except ValueError as error:
                said = error.args[0]  # as it was said, for other languages
        yield TabletDoses(tuple(group), plan, said)


def in_liquid(calculated: Decimal, liquid: Liquid, limit: Limit | None = None) -> Volume | None:
    """A dose in a liquid's steps, half up but never above the limit; None where no volume comes within 10 % of it."""
    steps = calculated / liquid.strength / liquid.step
    found = _volume(steps.to_integral_value(ROUND_HALF_UP), liquid)
    if limit and found.amount > limit.value:
        found = _volume(steps.to_integral_value(ROUND_DOWN), liquid)
    if not found.volume or abs(found.amount - calculated) * 100 > calculated * WITHIN_PERCENT:
        return None
    return found


def _volume(steps: Decimal, liquid: Liquid) -> Volume:
    return Volume(steps * liquid.step, liquid.strength, liquid.unit)


def tablets_out_of_reach(plan: Plan, settings: Settings) -> Iterator[OutOfReach]:
    """The doses of courses that have started and are not over, that the tablets at hand do not reach within 10 %.

    At hand is, for each date, what the site had by the rules that hold on it.
    """
    for course in plan.courses:
        dates = course.course.dates
        if dates is None or not course.course.started or course.course.status is CourseStatus.DONE:
            continue
        orders: dict[tuple[str, str], list[Administration]] = {}
        for line in course.administrations:
            if line.route is Route.PO:
                orders.setdefault((line.key, line.agent), []).append(line)
        for lines in orders.values():
            for rules in dict.fromkeys(settings.on(line.date) for line in lines):
                yield from _out_of_reach(lines, plan.agent_of(lines[0]), settings, rules, dates)


def _out_of_reach(
    lines: list[Administration], agent: Agent, settings: Settings, rules: Settings, dates: Dates
) -> Iterator[OutOfReach]:
    """Those of one order and agent on the dates on which one set of the site's rules holds."""
    strengths, limit = tablets_at_hand(agent, rules), limit_in(lines[0].order_line, dates, rules)
    liquid, by_site = liquid_at_hand(agent, rules), rules.names_tablets_of(agent.id)
    for doses in tablet_doses(lines, strengths, agent, dates, limit) if strengths else ():
        found = tuple(line for line in doses.lines if settings.on(line.date) == rules)
        if doses.said and any(line.status.takes_place for line in found):
            measured = bool(liquid and in_liquid(doses.lines[0].calculated, liquid, limit))
            where = rules.where("tablets", agent.id) if by_site else None
            yield OutOfReach(found, doses.said, by_site, measured, where or lines[0].order_line.where)


def _weekday(line: Administration, dates: Dates) -> int:
    """The weekday that a dose is planned for, wherever it was moved to."""
    return dates.date_of(line.day).weekday()


def _measured(volume: Volume, calculated: Decimal) -> str:
    """How near a liquid comes: `2.9 mL of 20 mg/mL liquid = 58 mg (-0.9 %)`."""
    total = say(
        "{volume} mL of {strength}/mL liquid = {dose}",
        volume=figure(volume.volume),
        strength=quantity(volume.strength, volume.unit),
        dose=quantity(volume.amount, volume.unit),
    )
    if volume.amount == calculated:
        return say("{total}, as calculated", total=total)
    return say("{total} ({error})", total=total, error=off_by(volume.amount, calculated))


def _summary(plan: TabletPlan, unit: str, *, weekly: bool) -> str:
    """How near the tablets come, for all doses of a week: `tablets: 400 mg a week instead of 409.5 mg (-2.3 %)`."""
    days = len(plan.days)
    amount = quantity(plan.total, unit)
    if weekly or days == _EVERY_DAY:
        total = say("tablets: {amount} a week", amount=amount)
    elif days == 1:
        total = say("tablets: {amount} a day", amount=amount)
    else:
        total = say("tablets: {amount} in {days} days", amount=amount, days=days)
    if plan.total == plan.target:
        return say("{total}, as calculated", total=total)
    return say(
        "{total} instead of {wanted} ({error})",
        total=total, wanted=quantity(plan.target, unit), error=off_by(plan.total, plan.target),
    )  # fmt: skip
