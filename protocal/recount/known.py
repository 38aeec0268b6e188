"""The trees of all files -> the keys that this count does not know, each with its file: nothing is passed over silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .values import Node, listed

# What says how well a line is known, or is only for print.
WORDS = "evidence, source, open, title, comment, comments, format, reason"
RECORD = "format, id, key, created, born, sex, name, timezone, protocol, version, definition, log"
ENTRY = "entry, recorded, by, why, accepted, seal"
ENTRIES = {
    **{"definition": "version, digest", "measure": "date, height, weight, again", "state": "fact, value"},
    **{"diagnostic-it": "date, agent", "assign": "arm, date", "start": "course, date, counts", "fail": "date"},
    **{"delay": "course, days, to, only, from_day", "hold": "course, date, days, rule", "omit": "ids"},
    **{"move": "id, date", "substitute": "agent, product, date", "interrupt": "course, at", "end": "date"},
    **{"resume": "course, at, dose", "clear": "course, agent, at, level", "transplant": "date", "undo": "line"},
    **{"stop": "date, at", "note": "text", "remark": "kind, text", "prior": "agent, amount, unit"},
    **{"adjust": "agent, percent, date, to", "give": "id, date, at, dose, product", "bags": "agent, hours, date"},
}
PROTOCOL = (
    "protocol, version, verified, registry, ages, first day, body surface area, cns, risk, sources, kinds, tables, "
    "before assignment, arms, treatment failure"
)
LEG = "course, repeat, until, when, date"
WHEN = "arm, cns, risk, sex, first course with, cycle"
AGENT = (
    "written, abbreviation, unit, routes, fatal unless, cap, bags, interruptions, rounding, tablets, halves, "
    "label doses, asks for, minimum interval, notes, substitutions, glossary"
)
COURSE = (
    "course, courses, length, first day, starts on, next starts on, hold, may start, orders, procedures, evaluations"
)
ORDER = (
    "key, agent, agents, dose, max, frequency, route, days, over, first dose, until, again before, "
    "omit after diagnostic within, when, window"
)
SETTINGS = (  # those that change no dose are known, too
    "format, paper, closed days, tablets, liquids, rounding, ceilings, clearances, level draws, family, logo, clinic, "
    "language, templates"
)


def _beyond(where: str, node: Node, known: str, more: str = "") -> list[str]:
    keys = listed(known) + listed(more)
    return [f"{where}: {key}" for key in node if key not in keys] if isinstance(node, Mapping) else []


def unknown_keys(record: Node, files: Mapping[str, Node], site: Node) -> list[str]:
    """What is not known, as in `record, note: loud` or `courses/block-1.yaml, vcr: spacing`."""
    found = _beyond("record", record, RECORD) + _beyond("settings", site, SETTINGS)
    for line in record["log"] or []:
        kind = line["entry"]
        known = kind in ENTRIES
        found += _beyond(f"record, {kind}", line, ENTRY, ENTRIES[kind]) if known else [f"record, entry: {kind}"]
    for name, node in files.items():
        if name.startswith("courses/"):
            found += _in_course(name, node)
    return [*found, *_in_protocol(files["protocol.yaml"]), *_in_agents(files["agents.yaml"])]


def _in_course(name: str, node: Node) -> Iterator[str]:
    yield from _beyond(name, node, WORDS, COURSE)
    for order in node.get("orders", []):
        yield from _beyond(f"{name}, {order['key']}", order, WORDS, ORDER)
        yield from _beyond(f"{name}, {order['key']}, when", order.get("when"), WHEN)
    for event in [*node.get("procedures", []), *node.get("evaluations", [])]:
        yield from _beyond(f"{name}, {event['key']}", event, WORDS, "key, kind, days, when")


def _in_protocol(node: Node) -> Iterator[str]:
    name = "protocol.yaml"
    yield from _beyond(name, node, WORDS, PROTOCOL)
    routes = {"before assignment": node["before assignment"], **node["arms"]}
    routes["treatment failure"] = node.get("treatment failure") or {"route": []}
    for title, route in routes.items():
        yield from _beyond(f"{name}, {title}", route, WORDS, "risk, route")
        for leg in [each for each in route["route"] if isinstance(each, Mapping)]:
            yield from _beyond(f"{name}, {title}, route", leg, LEG)
            yield from _beyond(f"{name}, {title}, when", leg.get("when"), WHEN)
            yield from _beyond(f"{name}, {title}, until", leg.get("until"), "the day before anniversary, of")
    for title, table in (node.get("tables") or {}).items():
        yield from _beyond(f"{name}, {title}", table, WORDS, "by, unit, columns, rows")


def _in_agents(node: Node) -> Iterator[str]:
    name = "agents.yaml"
    yield from _beyond(name, node, "format, tall man list, agents")
    for title, agent in node["agents"].items():
        yield from _beyond(f"{name}, {title}", agent, WORDS, AGENT)
        for each in agent.get("substitutions", []):
            yield from _beyond(f"{name}, {title}, {each['key']}", each, WORDS, "key, agent, dose, route, doses, on")
