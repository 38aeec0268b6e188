"""A definition's lines -> JSON and CSV for whoever reviews them with tools of their own."""

from __future__ import annotations

import json
from collections.abc import Sequence

from protocal.model.protocol import Protocol
from protocal.model.review import DefinitionLine
from protocal.render.data.plan_data import csv_bytes
from protocal.review.compare import LEFT_OUT, LineChange
from protocal.review.lines import place_of

COLUMNS = (
    "line", "group", "title", "place", "says", "comments", "evidence", "sources", "open", "verified", "signed by",
    "agrees", "differs", "page", "reviewer", "date",
)  # fmt: skip


def review_json(protocol: Protocol, lines: Sequence[DefinitionLine], people: int) -> str:
    """The lines that were chosen; `people` is how many must sign one before it is verified."""
    data = {
        "protocol": {
            "id": protocol.id,
            "version": protocol.version,
            "digest": protocol.digest,
            "verified": protocol.verified,
        },
        "people": people,
        "lines": [_line(protocol, each) for each in lines],
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def _line(protocol: Protocol, each: DefinitionLine) -> dict[str, object]:
    return {
        "line": each.id,
        "group": each.group,
        "title": each.title,
        "courses": each.courses,
        "place": place_of(protocol, each),
        "says": [{"name": name, "text": text} for name, text in each.says],
        "comments": each.comments,
        "evidence": {part: level.value for part, level in each.backing.parts},
        "sources": each.backing.sources,
        "open": each.backing.questions,
        "meaning": each.meaning,
        "verified": each.verified,
        "signatures": [
            {"by": sign.by, "role": sign.role, "against": sign.against, "date": sign.on.isoformat()}
            for sign in each.signatures
        ],
    }


def compare_json(before: Protocol, after: Protocol, changes: Sequence[LineChange]) -> str:
    """What differs between two versions of a definition."""
    data = {
        "before": {"id": before.id, "version": before.version, "digest": before.digest},
        "after": {"id": after.id, "version": after.version, "digest": after.digest},
        "lines": [
            {
                "line": each.line.id,
                "change": each.kind,
                "place": place_of(before if each.kind == LEFT_OUT else after, each.line),
                "changes": [{"name": name, "before": was, "after": now} for name, was, now in each.changes],
            }
            for each in changes
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def review_csv(protocol: Protocol, lines: Sequence[DefinitionLine]) -> bytes:
    """The same for a spreadsheet, with empty columns for what a reviewer finds."""
    return csv_bytes(COLUMNS, (_row(protocol, each) for each in lines))


def _row(protocol: Protocol, each: DefinitionLine) -> tuple[str, ...]:
    found = (
        each.id, each.group, each.title, place_of(protocol, each),
        "; ".join(f"{name}: {text}" for name, text in each.says), " ".join(each.comments),
        each.backing.evidence.value, ", ".join(each.backing.sources), " ".join(each.backing.questions),
        "yes" if each.verified else "no",
        "; ".join(f"{sign.by} ({sign.role}), {sign.against}" for sign in each.signatures),
    )  # fmt: skip
    return (*found, *("" for _column in COLUMNS[len(found) :]))
