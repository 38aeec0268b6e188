"""A protocol -> its lines one by one, each with all that it says, for whoever holds it against the source document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from protocal.model.agent import Agent, Substitution
from protocal.model.course import Course, Event, Order, StartCriteria
from protocal.model.doses import ByTable, routes_text
from protocal.model.evidence import Backing
from protocal.model.problems import Where
from protocal.model.protocol import Arm, Protocol
from protocal.model.review import DefinitionLine, Signature
from protocal.model.table import Table
from protocal.text.format import figure

BY_TABLE = "by table"  # begins the name of each dose that a line has from a table
_WHOLE = "The protocol"


class _Said(NamedTuple):
    """What a line says, before anybody looked at who signed it."""

    id: str
    group: str
    title: str
    says: Iterable[tuple[str, str]]
    backing: Backing
    where: Where
    comments: Sequence[str] = ()
    courses: tuple[str, ...] = ()


def lines_of(protocol: Protocol) -> tuple[DefinitionLine, ...]:
    """Every line of a definition: routes, courses with their orders and events, then tables and drugs.

    Courses that share a file share its lines, so each stands once.
    """
    signed = signatures_of(protocol)
    return tuple(
        DefinitionLine(
            each.id,
            each.courses,
            each.group,
            each.title,
            tuple((name, text) for name, text in each.says if text),
            tuple(filter(None, each.comments)),
            each.backing,
            each.where,
            protocol.meanings.get(each.id, ""),
            signed.get(each.id, ()),
        )
        for each in _all(protocol)
    )


def signatures_of(protocol: Protocol) -> dict[str, tuple[Signature, ...]]:
    """The signatures over each line as it is, by the line's id; the first of each person, for nobody counts twice."""
    found: dict[str, dict[str, Signature]] = {}
    for each in protocol.signatures:
        if protocol.meanings.get(each.line) == each.meaning:
            found.setdefault(each.line, {}).setdefault(each.person, each)
    return {line: tuple(by_person.values()) for line, by_person in found.items()}


def place_of(protocol: Protocol, line: DefinitionLine) -> str:
    """Where a line stands, seen from the definition's folder: `courses/block-1.yaml:16`."""
    folder, file = Path(protocol.where.file).parent, Path(line.where.file)
    return f"{file.relative_to(folder).as_posix()}:{line.where.line}"


def file_of(course: Course) -> str:
    """What the lines of a course are named by: its file, without the ending."""
    return Path(course.where.file).stem


def _all(protocol: Protocol) -> Iterator[_Said]:
    low, high = protocol.ages
    facts = [("ages", f"{low} to {high} completed years on the day of the start")]
    facts += [("first day", "Day 1"), ("body surface area", "Mosteller, rounded half up to 0.01 m2")]
    facts += [("CNS status", ", ".join(protocol.cns)), ("risk", ", ".join(protocol.risk))]
    yield _Said("protocol", _WHOLE, "patients and rules", facts, protocol.backing, protocol.where)
    for name, arm in _routes(protocol):
        yield _Said(f"routes/{name}", "Routes", arm.title, _route(arm), arm.backing, arm.where, (arm.comment,))
    for courses in _files(protocol):
        yield from _course(protocol, courses)
    for table in protocol.tables.values():
        yield _Said(f"tables/{table.id}", "Tables", table.title, _rows(protocol, table), table.backing, table.where)
    for agent in protocol.agents.values():
        yield from _drug(agent)


def _routes(protocol: Protocol) -> Iterator[tuple[str, Arm]]:
    yield "before assignment", protocol.unassigned
    yield from protocol.arms.items()
    if protocol.failure:
        yield "treatment failure", protocol.failure


def _route(arm: Arm) -> Iterator[tuple[str, str]]:
    yield "risk", ", ".join(arm.risk)
    for number, leg in enumerate(arm.route, 1):
        yield f"step {number}", leg.text


# --- courses


def _files(protocol: Protocol) -> list[list[Course]]:
    found: dict[str, list[Course]] = {}
    for course in protocol.courses.values():
        found.setdefault(course.where.file or course.id, []).append(course)
    return list(found.values())


def _course(protocol: Protocol, courses: list[Course]) -> Iterator[_Said]:
    """The lines of a file with one course, or several that share them."""
    first, ids = courses[0], tuple(course.id for course in courses)
    file, titles = file_of(first), ", ".join(course.title for course in courses)
    yield _Said(file, titles, "the course", _about(first), first.backing, first.where, first.comments, ids)
    if first.may_start:
        start = first.may_start
        yield _Said(f"{file}/may start", titles, "may start", _criteria(start), start.backing, first.where, (), ids)
    seen: set[str] = set()
    for course in courses:  # a line need not be of the first of them
        for line in course.lines:
            if line.key not in seen:
                seen.add(line.key)
                days = _days(courses, line.key)
                says = _order(protocol, line, days) if isinstance(line, Order) else _event(protocol, line, days)
                id_, comments = f"{file}/{line.key}", (line.comment,)
                yield _Said(id_, titles, line.key, says, line.backing, line.where, comments, ids)


def _about(course: Course) -> Iterator[tuple[str, str]]:
    yield "length", f"{course.length} days" if course.length else "to its last treatment"
    yield "first day", f"Day {course.first_day}"
    yield "starts on", "a working day" if course.on_working_day else "any day"
    yield "next starts on", "a working day" if course.next_on_working_day else "any day"
    yield "hold", course.hold.value


def _criteria(criteria: StartCriteria) -> Iterator[tuple[str, str]]:
    yield "text", criteria.text
    for count in criteria.counts:
        yield count.name, count.text


def _days(courses: list[Course], key: str) -> str:
    """The days of a line, in each course of the file where they differ."""
    days = {course.id: line.days.text for course in courses for line in course.lines if line.key == key}
    if len(set(days.values())) == 1 and len(days) == len(courses):
        return next(iter(days.values()))
    return "; ".join(f"{course.id}: {days.get(course.id, 'none')}" for course in courses)


def _order(protocol: Protocol, order: Order, days: str) -> Iterator[tuple[str, str]]:
    yield "drug", " + ".join(_written(protocol, agent) for agent in order.agents)
    for rule in order.doses:
        yield f"dose on days {rule.days.text}" if rule.days else "dose", rule.text
    yield "max", ", ".join(cap.text for cap in order.caps)
    yield "frequency", order.frequency.text
    yield "route", routes_text(order.routes)
    yield "days", days
    yield "over", order.over.text if order.over else ""
    yield "first dose", order.first_dose.text if order.first_dose else ""
    yield "until", f"{order.until_clear} has cleared" if order.until_clear else ""
    yield "again before", "a supervised restart" if order.on_restart else ""
    if order.diagnostic_hours is not None:
        yield "left out", f"if given with the diagnostic lumbar puncture up to {order.diagnostic_hours} h before"
    yield "condition", order.when.text
    yield "window", order.window.text if order.window else ""
    for name in dict.fromkeys(rule.dose.table for rule in order.doses if isinstance(rule.dose, ByTable)):
        if table := protocol.tables.get(name):
            yield from ((f"{BY_TABLE}, {row}", text) for row, text in _rows(protocol, table))


def _event(protocol: Protocol, event: Event, days: str) -> Iterator[tuple[str, str]]:
    yield "what", protocol.kinds.get(event.kind, event.kind)
    yield "days", days
    yield "condition", event.when.text


# --- what courses refer to


def _rows(protocol: Protocol, table: Table) -> Iterator[tuple[str, str]]:
    columns = [_written(protocol, agent) for agent in table.columns]
    for band in table.bands:
        doses = (f"{name} {figure(value)} {table.unit}" for name, value in zip(columns, band.values, strict=False))
        yield band.words, ", ".join(doses)


def _drug(agent: Agent) -> Iterator[_Said]:
    id_, name = f"agents/{agent.id}", agent.written
    comments = [f"{route.value}: {note}" if route else note for route, note in agent.notes]
    yield _Said(id_, "Drugs", name, _facts(agent), agent.backing, agent.where, comments)
    for each in agent.substitutions:
        line, says, words = f"{id_}/{each.key}", _substitution(each), (each.reason, each.comment)
        yield _Said(line, "Drugs", f"{name}: instead, {each.key}", says, each.backing, each.where, words)
    for number, label in enumerate(agent.label_doses, 1):
        line = f"{id_}/label {number}"
        yield _Said(line, "Drugs", f"{name}: the label's dose", [("dose", label.text)], label.backing, label.where)
    if agent.glossary:
        told = [("brand", agent.glossary.brand), ("for", agent.glossary.purpose), ("taken", agent.glossary.taken)]
        gloves = {None: "", True: "yes", False: "no"}[agent.glossary.gloves]
        line, title = f"{id_}/glossary", f"{name}: what a family is told"
        yield _Said(line, "Drugs", title, [*told, ("gloves", gloves)], agent.glossary.backing, agent.where)


def _facts(agent: Agent) -> Iterator[tuple[str, str]]:
    yield "written", agent.written
    yield "abbreviation", agent.abbreviation
    yield "unit", agent.unit
    yield "routes", ", ".join(route.value for route in agent.routes)
    yield "fatal unless", agent.only_route.value if agent.only_route else ""
    yield "cap", "required" if agent.cap_required else ""
    yield "minimum interval", f"{agent.minimum_interval} days" if agent.minimum_interval else ""
    yield "bags", agent.bags_text
    yield "interruptions", _interruptions(agent)
    for route, rule in agent.rounding:
        yield f"rounding{f' {route.value}' if route else ''}", rule.text
    yield "tablets", ", ".join(f"{figure(strength)} {agent.tablet_unit}" for strength in agent.tablets)
    yield "halves", "" if agent.halves else "no"
    yield "asks the record for", ", ".join(remark.value for remark in agent.asks_for)


def _interruptions(agent: Agent) -> str:
    rule = agent.interruptions
    facts = [f"up to {rule.longest_days} days"] if rule.longest_days is not None else []
    facts += [f"supervised from {rule.supervised_hours} h"] if rule.supervised_hours is not None else []
    return ", ".join(facts)


def _substitution(each: Substitution) -> Iterator[tuple[str, str]]:
    yield "drug", each.agent
    yield "dose", each.dose
    yield "route", routes_text(each.routes)
    yield "doses", str(each.count)
    yield "on", each.on


def _written(protocol: Protocol, agent: str) -> str:
    return protocol.agents[agent].written if agent in protocol.agents else agent
