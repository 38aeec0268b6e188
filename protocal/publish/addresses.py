"""A site's key, a record's key, a reader and a generation -> the reader's own address, which nobody can guess; pure.

Nothing is kept: the same four values give the same address, and one says nothing of another.
"""

from __future__ import annotations

import hmac
import re

from protocal.model.reader import Who

_VERSION = "protocal address 1"  # another way to make addresses has another word here
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # without i, l and o, which are read as figures, and u
_BYTES, _LENGTH, _BITS = 16, 26, 5
_SPARE = _LENGTH * _BITS - _BYTES * 8  # bits of the last letter, which are never set
_ADDRESS = re.compile(f"[{_LETTERS}]{{{_LENGTH - 1}}}[{_LETTERS[:: 1 << _SPARE]}]")


def address_of(site_key: bytes, record_key: str, reader: Who, generation: int) -> str:
    """The part of a web address by which a reader of a record finds the calendar: 26 letters and figures."""
    said = b"".join(map(_counted, (_VERSION, record_key, reader.value, str(generation))))
    bits = int.from_bytes(hmac.digest(site_key, said, "sha256")[:_BYTES], "big") << _SPARE
    return "".join(_LETTERS[bits >> _BITS * place & 31] for place in reversed(range(_LENGTH)))


def is_address(text: str) -> bool:
    """Whether a text can be an address of any reader."""
    return bool(_ADDRESS.fullmatch(text))


def _counted(text: str) -> bytes:
    """A text after its length, so that no two lists of texts are the same bytes."""
    data = text.encode()
    return len(data).to_bytes(4, "big") + data
