"""The trees of all files -> the keys that this count does not know: nothing is passed over silently."""

from __future__ import annotations

from collections.abc import Mapping

from protocal.recount.values import Node, listed, read_yaml

KNOWN = read_yaml("""
words: evidence, source, open, title, comment, comments, format, reason
record: format, id, key, created, born, sex, name, timezone, protocol, version, definition, log
settings: >-
  format, paper, closed days, tablets, liquids, rounding, ceilings, clearances, level draws, family, logo, clinic,
  language, templates
protocol: >-
  protocol, version, verified, registry, ages, first day, body surface area, cns, risk, sources, kinds, tables,
  before assignment, arms, treatment failure
route: risk, route
leg: course, repeat, until, when, date
when: arm, cns, risk, sex, first course with, cycle
until: the day before anniversary, of
table: by, unit, columns, rows
agents: format, tall man list, agents
agent: >-
  written, abbreviation, unit, routes, fatal unless, cap, bags, interruptions, rounding, tablets, halves, label doses,
  asks for, minimum interval, notes, substitutions, glossary
substitution: key, agent, dose, route, doses, on
course: >-
  course, courses, length, first day, starts on, next starts on, hold, may start, orders, procedures, evaluations
order: >-
  key, agent, agents, dose, max, frequency, route, days, over, first dose, until, again before,
  omit after diagnostic within, when, window
event: key, kind, days, when
entry: entry, recorded, by, why, accepted, seal
entries:
  {definition: "version, digest", measure: "date, height, weight, again", state: "fact, value", fail: date, end: date,
  diagnostic-it: "agent, date", assign: "arm, date", start: "course, date, counts", omit: ids, move: "id, date",
  delay: "course, days, to, only, from_day", hold: "course, date, days, rule", substitute: "agent, product, date",
  interrupt: "course, at", resume: "course, at, dose", clear: "course, agent, at, level", transplant: date, undo: line,
  stop: "date, at", note: text, remark: "kind, text", prior: "agent, amount, unit", bags: "agent, hours, date",
  adjust: "agent, percent, date, to", give: "id, date, at, dose, product"}
""")
ENTRIES = KNOWN["entries"]


def _beyond(where: str, node: Node, *known: str) -> list[str]:
    keys = [key for each in known for key in listed(KNOWN.get(each) or ENTRIES[each])]
    return [f"{where}: {key}" for key in node if key not in keys] if isinstance(node, Mapping) else []


def unknown_keys(record: Node, files: Mapping[str, Node], site: Node) -> list[str]:
    """What is not known, as in `record, note: loud` or `courses/block-1.yaml, vcr: spacing`."""
    found = _beyond("record", record, "record") + _beyond("settings", site, "settings")
    for line in record["log"] or []:
        kind = line["entry"]
        found += _beyond(f"record, {kind}", line, "entry", kind) if kind in ENTRIES else [f"record, entry: {kind}"]
    for name, node in files.items():
        if name.startswith("courses/"):
            found += _beyond(name, node, "words", "course")
            for kind, known in (("orders", "order"), ("procedures", "event"), ("evaluations", "event")):
                for each in node.get(kind, []):
                    found += _beyond(f"{name}, {each['key']}", each, "words", known)
                    found += _beyond(f"{name}, {each['key']}, when", each.get("when"), "when")
    return found + _in_protocol(files["protocol.yaml"]) + _in_agents(files["agents.yaml"])


def _in_protocol(node: Node) -> list[str]:
    found, name = _beyond("protocol.yaml", node, "words", "protocol"), "protocol.yaml, "
    failure = node.get("treatment failure") or {"route": []}
    for title, route in {"before assignment": node["before assignment"], **node["arms"], "failure": failure}.items():
        found += _beyond(name + title, route, "words", "route")
        for leg in [each for each in route["route"] if isinstance(each, Mapping)]:
            found += _beyond(name + title, leg, "leg") + _beyond(name + title, leg.get("when"), "when")
            found += _beyond(name + title, leg.get("until"), "until")
    for title, table in (node.get("tables") or {}).items():
        found += _beyond(name + title, table, "words", "table")
    return found


def _in_agents(node: Node) -> list[str]:
    found, name = _beyond("agents.yaml", node, "agents"), "agents.yaml, "
    for title, agent in node["agents"].items():
        found += _beyond(name + title, agent, "words", "agent")
        for each in agent.get("substitutions", []):
            found += _beyond(f"{name}{title}, {each['key']}", each, "words", "substitution")
    return found
