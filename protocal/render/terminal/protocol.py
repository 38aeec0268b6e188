"""A protocol -> its arms, therapy tables, drugs and sources as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from protocal.model.agent import Agent, Substitution
from protocal.model.course import Course, Event, Hold, Order
from protocal.model.doses import ByTable, routes_text
from protocal.model.evidence import Backing
from protocal.model.protocol import Arm, Protocol
from protocal.model.table import Table
from protocal.render.terminal.page import FATAL, Share, days_text, heading, legend, pairs, printed, table, unverified
from protocal.text.format import figure

_HOLDS = {
    Hold.SKIP: "days missed are skipped",
    Hold.SLIP: "the days left move",
    Hold.ASK: "whoever holds says whether the days left move",
}


def protocol_text(protocol: Protocol, courses: tuple[str, ...], width: int) -> str:
    """All of a protocol, or only the courses named with the drugs and tables they use."""
    on_routes = dict.fromkeys(leg.course for arm in protocol.routes for leg in arm.route)
    chosen = [protocol.courses[name] for name in courses or on_routes]
    agents = {agent for course in chosen for agent in course.agents}
    parts = list(_head(protocol))
    if not courses:
        parts += _arms(protocol)
    for course in chosen:
        parts += _course(protocol, course)
    parts += _tables(protocol, chosen)
    parts += _agents([agent for agent in protocol.agents.values() if not courses or agent.id in agents])
    parts += [*heading("Sources"), pairs(protocol.sources.items())]
    return printed([*parts, *legend(protocol)], width)


def _head(protocol: Protocol) -> Iterator[RenderableType]:
    low, high = protocol.ages
    yield Text(protocol.title)
    registry = f", registry {protocol.registry}" if protocol.registry else ""
    yield Text(f"Definition {protocol.id}, version {protocol.version}{registry}")
    if not protocol.verified:
        yield unverified()
    rows = [("ages", f"{low} to {high} completed years at the start")]
    rows += [(name, ", ".join(values)) for name, values in (("cns", protocol.cns), ("risk", protocol.risk)) if values]
    yield pairs([*rows, *_questions(protocol.backing)])


# --- how well a line is known


def _questions(backing: Backing) -> list[tuple[str, str]]:
    return [("open", question) for question in backing.questions]


def _parts(backing: Backing) -> str:
    """Which part of a line is known how well, where they differ: `dose △, days ?`."""
    if len({level for _, level in backing.parts}) < 2:
        return ""
    return ", ".join(f"{part} {level.mark}" for part, level in backing.parts)


def _evidence(backing: Backing) -> list[tuple[str, str]]:
    """Mark, parts and sources of something larger than a line."""
    facts = [f"{backing.evidence.mark} {backing.evidence.value}", _parts(backing), ", ".join(backing.sources)]
    return [("evidence", "; ".join(filter(None, facts))), *_questions(backing)]


def _evidence_cell(backing: Backing) -> str:
    facts = [f"{backing.evidence.mark} {backing.evidence.value}", _parts(backing), ", ".join(backing.sources)]
    return "\n".join(filter(None, facts))


# --- arms


def _arms(protocol: Protocol) -> Iterator[RenderableType]:
    named = {id(arm): f"Arm {arm.id}: {arm.title}" for arm in protocol.arms.values()}
    yield from heading("Arms")
    for index, arm in enumerate(protocol.routes):
        yield from ("",) if index else ()
        yield Text(named.get(id(arm), arm.title))
        yield pairs(_arm(arm))


def _arm(arm: Arm) -> Iterator[tuple[str, str]]:
    if arm.risk:
        yield "risk", ", ".join(arm.risk)
    for index, leg in enumerate(arm.route):
        yield "" if index else "route", leg.text
    if arm.comment:
        yield "comment", arm.comment
    yield from _evidence(arm.backing)


# --- courses


def _course(protocol: Protocol, course: Course) -> Iterator[RenderableType]:
    length = days_text(course.length) if course.length else "to its last treatment"
    yield from heading(f"{course.title} ({course.id}), {length}")
    yield pairs(_about(course))
    if course.orders:
        yield from _orders(protocol, course)
    for title, events in (("Procedure", course.procedures), ("Evaluation", course.evaluations)):
        if events:
            yield from _events(protocol, title, events)
    notes = [(order.key, note) for order in course.orders for note in _order_notes(order)]
    notes += [(each.key, note) for each in (*course.procedures, *course.evaluations) for note in _event_notes(each)]
    if notes:
        yield from ("", pairs(notes))


def _about(course: Course) -> Iterator[tuple[str, str]]:
    """What holds for a course as a whole."""
    if course.first_day != 1:
        yield "first day", f"Day {course.first_day}"
    if course.on_working_day:
        yield "starts on", "a working day"
    if course.next_on_working_day:
        yield "next starts on", "a working day"
    if course.may_start:
        yield "may start", course.may_start.text
        if course.may_start.counts:
            yield "counts", "; ".join(f"{count.name} {count.text}" for count in course.may_start.counts)
        yield from _evidence(course.may_start.backing)
    yield "hold", f"{course.hold.value}: {_HOLDS[course.hold]}"
    for comment in course.comments:
        yield "comment", comment
    yield from _evidence(course.backing)


def _orders(protocol: Protocol, course: Course) -> Iterator[RenderableType]:
    grid = table(("Order", Share(1)), ("Dose", Share(1)), ("Route", 7), ("Days", 13), ("Evidence", 18), leading=1)
    for order in course.orders:
        written = (protocol.agents[agent].written for agent in order.agents)
        cells = (
            "\n".join((order.key, *written)),
            _dose(order),
            routes_text(order.routes),
            _days(order.days.text, order.when.text),
            _evidence_cell(order.backing),
        )
        grid.add_row(*map(Text, cells))
    yield from ("", grid)


def _dose(order: Order) -> str:
    lines = [f"days {rule.days.text}: {rule.text}" if rule.days else rule.text for rule in order.doses]
    lines += [f"max {cap.text}" for cap in order.caps]
    lines.append(order.frequency.text)
    if order.over:
        lines.append(f"over {order.over.text}")
    return "\n".join(lines)


def _days(days: str, condition: str) -> str:
    return f"{days}\nif {condition}" if condition else days


def _order_notes(order: Order) -> Iterator[str]:
    """What stands beside an order in sentences."""
    if order.first_dose:
        yield f"first dose {order.first_dose.text}"
    if order.until_clear:
        yield f"until {order.until_clear} has cleared"
    if order.diagnostic_hours is not None:
        yield f"left out if given with the diagnostic lumbar puncture up to {order.diagnostic_hours} h before"
    if order.window:
        yield f"window {order.window.text}"
    if order.comment:
        yield order.comment
    for question in order.backing.questions:
        yield f"open: {question}"


def _events(protocol: Protocol, title: str, events: tuple[Event, ...]) -> Iterator[RenderableType]:
    grid = table((title, Share(1)), ("Days", 20), ("Evidence", 30))
    for each in events:
        cells = (
            f"{each.key}: {protocol.kinds[each.kind]}",
            _days(each.days.text, each.when.text),
            _evidence_cell(each.backing),
        )
        grid.add_row(*map(Text, cells))
    yield from ("", grid)


def _event_notes(event: Event) -> Iterator[str]:
    if event.comment:
        yield event.comment
    for question in event.backing.questions:
        yield f"open: {question}"


# --- what courses refer to


def _tables(protocol: Protocol, courses: Iterable[Course]) -> Iterator[RenderableType]:
    """The dose tables that the courses' orders name."""
    rules = (rule for course in courses for order in course.orders for rule in order.doses)
    for name in dict.fromkeys(rule.dose.table for rule in rules if isinstance(rule.dose, ByTable)):
        yield from _dose_table(protocol, protocol.tables[name])


def _dose_table(protocol: Protocol, doses: Table) -> Iterator[RenderableType]:
    yield from heading(f"Table {doses.id}")
    yield Text(doses.title)
    rows = doses.by.value.capitalize()
    grid = table((rows, Share(1)), *((protocol.agents[agent].written, Share(1)) for agent in doses.columns))
    for band in doses.bands:
        grid.add_row(band.words, *(f"{figure(value)} {doses.unit}" for value in band.values))
    yield from ("", grid, "", pairs(_evidence(doses.backing)))


def _agents(agents: list[Agent]) -> Iterator[RenderableType]:
    if agents:
        yield from heading("Drugs")
        yield pairs((agent.written, "\n".join(_agent(agent))) for agent in agents)


def _agent(agent: Agent) -> Iterator[str]:
    yield f"{agent.unit}; {', '.join(route.value for route in agent.routes)}"
    if agent.only_route:
        yield f"{agent.only_route.value} only, {FATAL}"
    if agent.minimum_interval:
        yield f"at least {days_text(agent.minimum_interval)} from one dose to the next"
    for route, rule in agent.rounding:
        yield f"rounded{f' {route.value}' if route else ''}: {rule.text}"
    if agent.tablets:
        strengths = ", ".join(f"{figure(strength)} {agent.tablet_unit}" for strength in agent.tablets)
        yield f"tablets taken to be at hand: {strengths}{'' if agent.halves else ', not to be halved'}"
    if agent.bags:
        yield f"bags: {agent.bags_text}"
    for label in agent.label_doses:
        known = f"{label.backing.evidence.mark} {label.backing.evidence.value} ({', '.join(label.backing.sources)})"
        yield f"the label gives {label.text}; {known}"
    if agent.asks_for:
        yield f"asks the record for: {', '.join(remark.value for remark in agent.asks_for)}"
    for route, note in agent.notes:
        yield f"{route.value}: {note}" if route else note
    for each in agent.substitutions:
        yield _substitution(each)
    if agent.backing.sources:
        yield f"sources: {', '.join(agent.backing.sources)}"


def _substitution(each: Substitution) -> str:
    ways = routes_text(each.routes)
    facts = f"{each.agent}, {each.dose}, {ways}, {each.count} doses, {each.on}. {each.comment}".strip()
    known = f"{each.backing.evidence.mark} {each.backing.evidence.value} ({', '.join(each.backing.sources)})"
    questions = "".join(f" Open: {question}" for question in each.backing.questions)
    return f"Substitution '{each.key}': {each.reason} {facts}. {known}{questions}"
