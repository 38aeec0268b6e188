"""A translator's catalogue (gettext's PO format) -> its translations, so that no compiled file is needed."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator
from gettext import GNUTranslations
from io import BytesIO

_KEYWORDS = ("msgctxt", "msgid", "msgid_plural", "msgstr")
_CONTEXT_ENDS = "\x04"  # as gettext writes them
_PLURAL_ENDS = "\x00"
_UTF_8 = "Content-Type: text/plain; charset=UTF-8\n"
_CHARSET = re.compile("content-type:", re.IGNORECASE).match
_MAGIC, _HEAD = 0x950412DE, 28


def translations_of(text: str) -> GNUTranslations:
    """The translations of a catalogue's text; what is not translated, or marked as fuzzy, is left out.

    Raises ValueError with the number of a line that cannot be read.
    """
    entries = dict(_entries(text))
    entries[""] = "".join(line for line in entries.get("", "").splitlines(keepends=True) if not _CHARSET(line)) + _UTF_8
    return GNUTranslations(BytesIO(_compiled(entries)))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    entry: dict[str, str] = {}
    fuzzy = False
    key = ""
    for number, line in enumerate([*text.splitlines(), ""], 1):
        piece = line.strip()
        if piece.startswith("#"):
            fuzzy = fuzzy or (piece.startswith("#,") and "fuzzy" in piece)
            continue
        word, _, rest = piece.partition(" ")
        if not piece or (word in ("msgid", "msgctxt") and any(name.startswith("msgstr") for name in entry)):
            if not fuzzy:
                yield from _translated(entry)
            entry, fuzzy = {}, False
        if not piece:
            continue
        if word.partition("[")[0] in _KEYWORDS:
            key, piece = word, rest.strip()
            entry[key] = ""
        try:
            entry[key] += _unquoted(piece)
        except (KeyError, ValueError, SyntaxError):
            raise ValueError(f"line {number} of the catalogue cannot be read: {line.strip()}") from None


def _unquoted(piece: str) -> str:
    if len(piece) < 2 or not (piece[0] == piece[-1] == '"'):
        raise ValueError(piece)
    return str(ast.literal_eval(piece))


def _translated(entry: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What gettext looks up and what it finds, unless nothing is translated."""
    if "msgid" not in entry:
        return
    key = (entry["msgctxt"] + _CONTEXT_ENDS if "msgctxt" in entry else "") + entry["msgid"]
    if "msgid_plural" in entry:
        forms = [entry[f"msgstr[{index}]"] for index in range(len(entry)) if f"msgstr[{index}]" in entry]
        if all(forms):
            yield key + _PLURAL_ENDS + entry["msgid_plural"], _PLURAL_ENDS.join(forms)
    elif entry.get("msgstr"):
        yield key, entry["msgstr"]


def _compiled(entries: dict[str, str]) -> bytes:
    """A catalogue as gettext reads it (MO): a head, two tables of lengths and places, then the texts."""
    pairs = sorted((key.encode(), text.encode()) for key, text in entries.items())
    place = _HEAD + 16 * len(pairs)
    texts, tables = b"", [b"", b""]
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<2I", len(pair[column]), place + len(texts))
            texts += pair[column] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), _HEAD, _HEAD + 8 * len(pairs), 0, 0)
    return head + b"".join(tables) + texts
