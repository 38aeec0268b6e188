"""Text -> what in it nobody sees or can read, and where, or the same text with that made visible.

Such a character can put the figures of a dose into another order on paper or on a screen, or make two names that look
alike differ.
"""

from __future__ import annotations

import re

# Joiners stay between letters that need them: Persian and Indian names are written with them. Line ends stay, too.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\u02ff])[\u200c\u200d]"
)
HIDDEN_REMEDY = "Delete it and type the text again."
_STACKED = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4,}")
_BYTES = range(0xDC80, 0xDD00)  # what Python makes of a byte in a file's name that is no UTF-8


def hidden_in(text: str) -> tuple[int, str] | None:
    """The first place in a text that cannot be read as it is, with a sentence; None if there is none."""
    if text.isascii() and text.isprintable():
        return None
    if found := _HIDDEN.search(text):
        return found.start(), f"the character U+{ord(found[0]):04X} is invisible or reorders what is read"
    if found := _STACKED.search(text):
        return found.start(), f"{len(found[0])} marks stand on one letter, and nobody can read it"
    return None


def visible(text: str) -> str:
    r"""The text in one line that any terminal can print: what is hidden stands as its number, as in `\x1b` or `\u202e`.

    A byte of a file's name that is no UTF-8 stands as `\xe9`.
    """
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(char if char.isprintable() else _number(char) for char in text)
    for pattern in (_HIDDEN, _STACKED):
        shown = pattern.sub(lambda found: "".join(map(_number, found[0])), shown)
    return shown


def _number(char: str) -> str:
    if ord(char) in _BYTES:
        return f"\\x{ord(char) - 0xDC00:02x}"
    if ord(char) in range(0x80, 0x100):  # two figures are a byte's
        return f"\\u{ord(char):04x}"
    return char.encode("unicode_escape").decode()
