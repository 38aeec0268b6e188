"""A protocol -> where its drugs do not fit: their names, units, caps, ways in, tablets and rounding."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.agent import Agent
from protocal.model.course import Order
from protocal.model.doses import Amount, ByTable, Per, Route
from protocal.model.problems import Problem, Where
from protocal.model.protocol import Protocol
from protocal.read.definition.lint.lines import agents_of, orders_of, unknown


def unknown_agent(protocol: Protocol) -> Iterator[Problem]:
    """Every agent named is declared among the agents."""
    for name, where in _named_agents(protocol):
        if name not in protocol.agents:
            yield unknown("unknown-agent", "agent", name, protocol.agents, where)


def _named_agents(protocol: Protocol) -> Iterator[tuple[str, Where]]:
    for _course, order in orders_of(protocol):
        for agent in order.agents:
            yield agent, order.where
        if order.until_clear:
            yield order.until_clear, order.where
        if order.when.first_with:
            yield order.when.first_with, order.where
    for table in protocol.tables.values():
        for column in table.columns:
            yield column, table.where
    for declared in protocol.agents.values():
        for substitution in declared.substitutions:
            yield substitution.agent, substitution.where


def unit_that_does_not_fit(protocol: Protocol) -> Iterator[Problem]:
    """Doses, caps, tables, tablets and steps of rounding are written in the one unit of their agent."""
    for agent in protocol.agents.values():
        for unit, what, where in _units_beside(agent):
            if unit != agent.unit:
                yield Problem(
                    "unit",
                    f"{agent.id} writes its {what} in {unit}, but is dosed in {agent.unit}",
                    where,
                    f"Write it in {agent.unit}.",
                )
    for _course, order in orders_of(protocol):
        for name in order.agents:
            own = protocol.agents.get(name)
            for unit, what in _units(protocol, order):
                if own and unit != own.unit:
                    yield Problem(
                        "unit",
                        f"'{order.key}' writes its {what} in {unit}, but {own.id} is dosed in {own.unit}",
                        order.where,
                        f"Write it in {own.unit}.",
                    )


def _units_beside(agent: Agent) -> Iterator[tuple[str, str, Where]]:
    """The units that an agent's own lines are written in."""
    for _route, rule in agent.rounding:
        if rule.unit:
            yield rule.unit, "rounding", agent.where
    if agent.tablets:
        yield agent.tablet_unit, "tablets", agent.where
    for label in agent.label_doses:
        yield label.dose.unit, "label dose", label.where


def _units(protocol: Protocol, order: Order) -> Iterator[tuple[str, str]]:
    for rule in order.doses:
        if isinstance(rule.dose, Amount):
            yield rule.dose.unit, "dose"
        elif rule.dose.table in protocol.tables:
            yield protocol.tables[rule.dose.table].unit, "table"
    for cap in order.caps:
        yield cap.unit, "cap"


def missing_cap(protocol: Protocol) -> Iterator[Problem]:
    """An agent that demands a cap has one, for a dose or a day, on every order by size of the body."""
    for _course, order in orders_of(protocol):
        by_size = any(isinstance(rule.dose, Amount) and rule.dose.per is not Per.FLAT for rule in order.doses)
        for agent in agents_of(protocol, order):
            if agent.cap_required and by_size and all(cap.a_course for cap in order.caps):
                yield Problem(
                    "missing-cap",
                    f"'{order.key}' has no cap, and {agent.id} demands one",
                    order.where,
                    "Add 'max: 2 mg' with its evidence.",
                )


def cap_without_effect(protocol: Protocol) -> Iterator[Problem]:
    """No cap promises what nobody does: a table's dose is given as it stands, and an open end has no share of a cap."""
    for _course, order in orders_of(protocol):
        if order.until_clear and any(cap.a_course for cap in order.caps):
            yield Problem(
                "cap-without-end",
                f"'{order.key}' has a cap for the course, but goes on until {order.until_clear} has cleared",
                order.where,
                "Write a cap for a dose or for a day.",
            )
        if order.caps and any(isinstance(rule.dose, ByTable) for rule in order.doses):
            yield Problem(
                "cap-by-table",
                f"'{order.key}' has a cap, but its doses come from a table",
                order.where,
                "Remove 'max', or write the highest dose into the table.",
            )


def route_not_allowed(protocol: Protocol) -> Iterator[Problem]:
    """No route, planned or alternative, that the agent's own list does not have."""
    for _course, order in orders_of(protocol):
        for agent in agents_of(protocol, order):
            for route in order.routes:
                if route not in agent.routes or (agent.only_route and route is not agent.only_route):
                    allowed = [agent.only_route] if agent.only_route else agent.routes
                    yield Problem(
                        "route",
                        f"'{order.key}': {agent.id} must not be given {route.value}",
                        order.where,
                        f"Allowed: {', '.join(each.value for each in allowed)}.",
                    )


def what_is_at_hand(protocol: Protocol) -> Iterator[Problem]:
    """Tablets are of drugs by mouth; a rule of rounding is for a way in that the agent has, and that has no tablets."""
    for agent in protocol.agents.values():
        routes = [route for route, _rule in agent.rounding if route]
        if agent.tablets and Route.PO not in agent.routes:
            yield Problem(
                "tablets",
                f"{agent.id} has tablets, but no order may give it by mouth",
                agent.where,
                "Remove 'tablets', or add PO to its routes.",
            )
        if agent.tablets and Route.PO in routes:
            yield Problem(
                "tablets",
                f"{agent.id} by mouth has tablets and a rule of rounding, and only one of them can be followed",
                agent.where,
                "Keep one of them.",
            )
        for route in routes:
            if route not in agent.routes:
                yield Problem(
                    "rounding",
                    f"{agent.id} has a rule of rounding for {route.value}, which it is never given by",
                    agent.where,
                    f"Allowed: {', '.join(each.value for each in agent.routes)}.",
                )


def several_agents_by_table(protocol: Protocol) -> Iterator[Problem]:
    """Agents given together take their doses from a table, which has a column for each."""
    for _course, order in orders_of(protocol):
        if order.has_parts and any(isinstance(rule.dose, Amount) for rule in order.doses):
            yield Problem(
                "several-agents",
                f"'{order.key}' gives one dose to several agents",
                order.where,
                "Give each its own order, or take the doses from a table.",
            )
