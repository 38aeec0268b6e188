"""The trees of all files -> the keys that this count does not know: nothing is passed over silently."""

from __future__ import annotations

from collections.abc import Mapping

from protocal.recount.values import Node, listed, read_yaml

KNOWN = read_yaml("""
words: evidence, source, open, title, comment, comments, format, reason
record: format, id, key, created, born, sex, name, timezone, protocol, version, definition, log
settings: >-
  paper, closed days, tablets, liquids, rounding, ceilings, clearances, level draws, family, logo, clinic, language,
  templates, rounding flag, stale days, growth, signatures, cancelled days, address, site key, format
protocol: >-
  protocol, version, verified, registry, ages, first day, body surface area, cns, risk, sources, kinds,
  plain names, tables/table, before assignment/route, arms/route, treatment failure/route
route: risk, route/leg
leg: course, repeat, until/until, when/when, date
when: arm, cns, risk, sex, first course with, cycle
until: the day before anniversary, of
table: by, unit, columns, rows
agents: tall man list, agents/agent
agent: >-
  written, abbreviation, unit, routes, fatal unless, cap, bags, interruptions, rounding, tablets, halves, label doses,
  asks for, minimum interval, notes, substitutions/substitution, glossary
substitution: key, agent, dose, route, doses, on
course: >-
  course, courses, length, first day, starts on, next starts on, hold, may start, orders/order, procedures/event,
  evaluations/event
order: >-
  key, agent, agents, dose, max, frequency, route, days, over, first dose, until, again before,
  omit after diagnostic within, when/when, window
event: key, kind, days, when/when
entry: entry, recorded, by, why, accepted, seal
entries:
  {definition: "version, digest, from_course", measure: "date, height, weight, again", state: "fact, value", fail: date,
  end: date, undo: line, diagnostic-it: "agent, date", assign: "arm, date", start: "course, date, counts", omit: ids,
  move: "id, date",
  delay: "course, days, to, only, from_day", hold: "course, date, days, rule", substitute: "agent, product, date",
  interrupt: "course, at", resume: "course, at, dose", clear: "course, agent, at, level", transplant: date,
  stop: "date, at", note: text, told: text, remark: "kind, text", prior: "agent, amount, unit",
  dispense: "agent, tablets, liquid, date",
  bags: "agent, hours, date", issue: "sheets, options", adjust: "agent, percent, date, to",
  link: "reader, generation, language, doses", give: "id, date, at, dose, product", settings:
  "closed days, rounding flag, stale days, growth, tablets, liquids, rounding, ceilings, clearances, level draws"}
""")


def unknown_keys(record: Node, files: Mapping[str, Node], site: Node) -> list[str]:
    """What is not known, as in `record, note: loud` or `courses/block-1.yaml, vcr: spacing`."""
    found, entries = _beyond("record", record, "record") + _beyond("settings", site, "settings"), KNOWN["entries"]
    for line in record["log"]:
        kind = line["entry"]
        keys = listed(KNOWN["entry"]) + listed(entries.get(kind))
        unknown = [f"record, {kind}: {key}" for key in line if key not in keys]
        found += unknown if kind in entries else [f"record, entry: {kind}"]
    for name, node in files.items():
        found += _beyond(name, node, "course" if "/" in name else name.removesuffix(".yaml"))
    return found


def _beyond(where: str, node: Node, kind: str) -> list[str]:
    """The unknown keys of a node, and of those within it, each with where it stands."""
    words = [] if kind in ("record", "settings") else listed(KNOWN["words"])
    known = dict(key.partition("/")[::2] for key in [*listed(KNOWN[kind]), *words])
    found: list[str] = []
    for key, value in node.items() if isinstance(node, Mapping) else ():
        found += [] if key in known else [f"{where}: {key}"]
        inner, within = known.get(key), value if isinstance(value, list) else [value]
        by_name = inner and key in ("arms", "tables", "agents")
        for name, each in (value.items() if by_name else ((key, each) for each in within)) if inner else ():
            title = each.get("key", name) if isinstance(each, Mapping) else name
            found += _beyond(f"{where}, {title}", each, inner or kind)
    return found
