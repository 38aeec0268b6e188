"""A record's values -> the text of its file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from protocal.read.record.seals import PROMISE, last_line
from protocal.text.format import plain

_HEAD = f"""\
# A patient's record of protocal. The header never changes and the log only grows. What has a seal is never edited;
# an entry may be written by hand at the end, without a seal, and counts with a warning.
{PROMISE}
"""
LOG_COLUMN = 2


def record_text(tree: Mapping[str, Any]) -> str:
    """The text of a record's file, all of whose entries are sealed."""
    header = "".join(f"{key}: {value_text(value)}\n" for key, value in tree.items() if key != "log")
    return f"{_HEAD}{header}log:\n{log_text(tree['log'])}{last_line(tree)}\n"


def log_text(entries: Sequence[Mapping[str, Any]], column: int = LOG_COLUMN) -> str:
    """The text of entries, whose dashes stand in a column, counted from 0."""
    lines = [
        f"{' ' * column}{'  ' if index else '- '}{key}: {value_text(value)}\n"
        for entry in entries
        for index, (key, value) in enumerate(entry.items())
    ]
    return "".join(lines)


def value_text(value: Any) -> str:
    """A value as YAML: numbers and plain words bare, lists and mappings in one line, everything else in quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{value_text(key)}: {value_text(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    bare = re.fullmatch(r"[A-Za-z][A-Za-z0-9_/-]*|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:+.-]+)?", value)
    if bare and value.lower() not in ("null", "true", "false"):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
