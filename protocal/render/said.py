"""Values in words -> a digest of all that they say, whatever paper it stands on and whichever part of it is printed."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256

from protocal.model.plan import Administration

_DIGITS = 32
# What stands on a sheet because of its issue, and where things stand: neither is what it says.
_ISSUE = frozenset({"as_of", "draft", "replaces", "only", "since", "changes", "changed", "says", "issue"})
_LAYOUT = frozenset({"width", "height", "least", "scale", "tall", "tight", "pages", "sides", "type", "fits"})


def says_digest(*values: object) -> str:
    """The digest of values: dataclasses, tuples, mappings, texts and figures."""
    text = json.dumps([_plain(each) for each in values], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:_DIGITS]


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Administration):
        return value.id  # which is told in words beside it
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if is_dataclass(value):
        named = [each.name for each in fields(value) if each.name not in _ISSUE | _LAYOUT]
        return {name: _plain(getattr(value, name)) for name in named}
    return str(value)
