"""A record's bytes, about to be written, and the tree that was meant -> the first difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from protocal.read.record.read import MAX_BYTES, record_from
from protocal.read.yaml_tree import Source, parse_data


def difference(data: bytes, meant: Mapping[str, Any], file: str) -> str:
    """What stands against writing the bytes, in words: they must read as what was meant, without any problem.

    Empty if nothing does: the header, all entries and all seals are the same.
    """
    source = parse_data(data, Source(file), MAX_BYTES)
    if source.tree is not None and not source.problems:
        record_from(source)
    for problem in source.problems:
        return f"{problem.where}: {problem.message}"
    return _unlike(meant, source.tree, "")


def _unlike(meant: Any, read: Any, path: str) -> str:
    """The first value that differs, by its place in the tree."""
    if isinstance(meant, Mapping) and isinstance(read, Mapping):
        pairs = [(str(key), meant.get(key), read.get(key)) for key in {**meant, **read}]
    elif isinstance(meant, list) and isinstance(read, list):
        if len(meant) != len(read):
            return f"{path} would have {len(read)} lines instead of {len(meant)}"
        pairs = [(str(number), *pair) for number, pair in enumerate(zip(meant, read, strict=True), 1)]
    else:
        same = meant == read and isinstance(meant, bool) is isinstance(read, bool)
        return "" if same else f"{path} would be '{read}' instead of '{meant}'"
    found = (_unlike(old, new, f"{path} {name}".strip()) for name, old, new in pairs)
    return next(filter(None, found), "")
