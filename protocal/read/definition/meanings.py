"""The trees of a definition's files -> a digest of each line's meaning, by the line's id.

What explains a line (comments, evidence, source, open questions) is no part of it; the tables and the drugs of an order
are. It is made of what is written, so that a later protocal reads the same meaning in the same file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from protocal.text.format import plain

_EXPLAINS = frozenset({"comment", "comments", "evidence", "source", "open"})
_HEAD = ("ages", "first day", "body surface area", "cns", "risk")
_COURSE = ("course", "title", "courses", "length", "first day", "starts on", "next starts on", "hold")
_OTHER_LINES = frozenset({"notes", "substitutions", "label doses", "glossary"})  # of a drug
_TABLE = "table "
Tree = Mapping[str, Any]


def meanings_of(head: Tree, agents: Tree, courses: Mapping[str, Tree]) -> dict[str, str]:
    """The digest of each line of a definition that was read; course files by their names without the ending."""
    drugs: Tree = agents["agents"]
    tables: Tree = head.get("tables") or {}
    lines = [*_of_head(head), *_of_drugs(drugs)]
    for file, tree in courses.items():
        lines.append((file, {key: tree[key] for key in _COURSE if key in tree}))
        if tree.get("may start"):
            lines.append((f"{file}/may start", tree["may start"]))
        lines += (
            (f"{file}/{each['key']}", _with_what_it_names(each, drugs, tables)) for each in tree.get("orders") or ()
        )
        events = (each for kind in ("procedures", "evaluations") for each in tree.get(kind) or ())
        lines += ((f"{file}/{each['key']}", each) for each in events)
    return {line: _digest(value) for line, value in lines}


def _of_head(head: Tree) -> Iterator[tuple[str, object]]:
    yield "protocol", {key: head[key] for key in _HEAD if key in head}
    yield "routes/before assignment", head["before assignment"]
    yield from ((f"routes/{name}", route) for name, route in head["arms"].items())
    if head.get("treatment failure"):
        yield "routes/treatment failure", head["treatment failure"]
    yield from ((f"tables/{name}", table) for name, table in (head.get("tables") or {}).items())


def _of_drugs(drugs: Tree) -> Iterator[tuple[str, object]]:
    for name, drug in drugs.items():
        yield f"agents/{name}", _drug(drug)
        yield from ((f"agents/{name}/{each['key']}", each) for each in drug.get("substitutions") or ())
        labels = enumerate(drug.get("label doses") or (), 1)
        yield from ((f"agents/{name}/label {number}", each) for number, each in labels)
        if drug.get("glossary"):
            yield f"agents/{name}/glossary", drug["glossary"]


def _drug(drug: Tree) -> dict[str, Any]:
    """What of a drug bears on every order of it."""
    return {key: value for key, value in drug.items() if key not in _OTHER_LINES}


def _with_what_it_names(order: Tree, drugs: Tree, tables: Tree) -> list[object]:
    names = [order["agent"]] if order.get("agent") else order.get("agents") or []
    doses = order["dose"].values() if isinstance(order["dose"], Mapping) else [order["dose"]]
    named = [str(dose).removeprefix(_TABLE) for dose in doses if str(dose).startswith(_TABLE)]
    return [order, _found(drugs, names, _drug), _found(tables, named, dict)]


def _found(values: Tree, names: Iterable[str], part: Any) -> dict[str, Any]:
    """Those of the names that there are; lint tells of the others."""
    return {name: part(values[name]) for name in names if name in values}


def _digest(value: object) -> str:
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: object) -> object:
    """Values as text, without what explains them; the order of a list counts, that of keys does not."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items() if key not in _EXPLAINS}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return plain(Decimal(value))
    return str(value)
