"""Plan -> problems with ways in: a drug that kills by another one, and what may go into the spinal fluid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby

from protocal.check.rule import dates_text, error, intrathecal_days, named, warning
from protocal.model.course import Order
from protocal.model.doses import Route
from protocal.model.plan import Administration, Plan
from protocal.model.problems import Problem, Where
from protocal.model.settings import Settings
from protocal.text.message import say


def _lines(plan: Plan) -> Iterator[tuple[Order, list[Administration]]]:
    """Each order of each course with what is given of it, agent by agent."""
    ordered = sorted(plan.given, key=lambda each: (each.course, each.key, each.agent, each.date))
    for _line, group in groupby(ordered, key=lambda each: (each.course, each.key, each.agent)):
        lines = list(group)
        yield lines[0].order_line, lines


def _routes(order: Order, lines: list[Administration]) -> tuple[Route, ...]:
    """The ways in that are planned, or stand beside the planned one as a choice."""
    return tuple(dict.fromkeys([*(each.route for each in lines), *order.routes]))


def fatal_route(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S1: a drug that kills by any other way in is given, and offered, by its own only."""
    for order, lines in _lines(plan):
        only = plan.agent_of(lines[0]).only_route
        if only and (wrong := [route for route in _routes(order, lines) if route is not only]):
            names = ", ".join(route.value for route in wrong)
            yield error(
                "S1",
                say(
                    "{drug} by {routes}: {route} ONLY, FATAL IF GIVEN BY ANY OTHER ROUTE; {dates}",
                    drug=named(plan, lines[0]),
                    routes=names,
                    route=only.value,
                    dates=dates_text(each.date for each in lines),
                ),
                order.where,
                say("Write {route}, and no other route.", route=only.value),
            )


def fatal_route_beside_intrathecal(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S2: a day with a drug that kills in the spinal fluid and a drug that goes there."""
    intrathecal = intrathecal_days(plan)
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    others: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    places: dict[tuple[str, str], Where] = {}
    for each in plan.given:
        only = plan.agent_of(each).only_route
        if only in (None, Route.IT) or each.date not in intrathecal:
            continue
        line = (named(plan, each), only.value)
        days[line].append(each.date)
        others[line].update(dict.fromkeys(intrathecal[each.date].values()))
        places[line] = each.order_line.where
    for (name, route), dates in days.items():
        yield warning(
            "S2",
            f"{name} and intrathecal {', '.join(others[name, route])} on the same day: {name.partition(' (')[0]} is"
            f" {route} ONLY, FATAL IF GIVEN BY ANY OTHER ROUTE; {dates_text(dates)}",
            places[name, route],
            "Order, prepare and give them apart; on paper they stand in separate blocks.",
        )


def bag_not_named(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S3: the line of a drug that kills by any way in but the vein names the minibag."""
    for order, lines in _lines(plan):
        agent = plan.agent_of(lines[0])
        words = (order.comment, *agent.notes_for(lines[0].route))
        if agent.only_route is Route.IV and not any("minibag" in text.casefold() for text in words):
            yield warning(
                "S3",
                f"{named(plan, lines[0])} does not name the minibag; {dates_text(each.date for each in lines)}",
                order.where,
                "Add a note to the agent: in a minibag, not in a syringe.",
            )


def not_intrathecal(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S25: only agents that the definition lists as intrathecal go into the spinal fluid."""
    for order, lines in _lines(plan):
        agent = plan.agent_of(lines[0])
        if Route.IT in _routes(order, lines) and Route.IT not in agent.routes:
            yield error(
                "S25",
                say(
                    "{drug} is given IT, but the definition does not list it as intrathecal; {dates}",
                    drug=named(plan, lines[0]),
                    dates=dates_text(each.date for each in lines),
                ),
                order.where,
                say(
                    "The definition gives it {routes}: correct the route.",
                    routes=", ".join(route.value for route in agent.routes),
                ),
            )
