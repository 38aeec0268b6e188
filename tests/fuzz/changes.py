"""A file's text and a source of chance in; the text as accident or malice would leave it out."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from fuzz.hostile import value_for

_PAIR = re.compile(r"(?P<key>\"[^\"\n]*\"|[A-Za-z][\w -]*): (?P<value>[^\n,{}\[\]]+|\[[^\n\]]*\]|\{[^\n}]*\})")
# fmt: off
_BYTES = [
    b"\x00", b"\xff", b"\xfe\xff", b"\xc3", b"\xe2\x80\xae", b"\xc2\x85", b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n",
    b"\t", b" ",
    b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xa8", b"\x1b", b"\x7f", b"'", b'"', b":", b"-", b"#", b"{", b"}",
    b"[",
    b"]", b"&", b"*", b"!", b"|", b">", b"%", b"@", b"`", b",", b"?", b"0", b"9", b"e", b"\\", b"\xd9\xa3",
    b"\xf0\x9f\xaa\xa8",
]
_LINES = [
    "...", "---", "%YAML 1.1", "%TAG ! x", "# a remark", "", "\t", "    \t", "- x", "  - x", "x: y", "<<: *a",
        "&a x: *a", "? x",
    "  - entry: note", "    text: x", "    seal: " + "0" * 32, "log:", "log: []", "format: 1", "format: 2", "{", "}",
        "]",
    "  - {entry: note, text: x}", "  - entry: undo\n    line: 1", "  - entry: undo\n    line: 6", "  - [[[[[[[[",
        "  - null",
    "  -", "  - - - - x", "  - entry: note\n    entry: note\n    text: x", "\u202e", "\x85", "\u2028", "  # a\x85- x",
    "!!map {a: b}", "x" * 5000, "  - &a [*a]",
        "[" * 60 + "]" * 60, "a: " + "{a: " * 1200 + "1" + "}" * 1200, "- " * 3000 + "x",
    "\n".join("  - entry: delay\n    course: weft\n    days: 3660" for _ in range(40)),
]
# fmt: on


def by_bytes(data: bytes, rng: Random) -> bytes:
    """A few bytes other than they were."""
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        at, length = rng.randrange(len(data) + 1), rng.choice((1, 1, 2, 4, 30, 400))
        match rng.randrange(7):
            case 0:
                data = data[:at] + rng.choice(_BYTES) + data[at:]
            case 1:
                data = data[:at] + rng.choice(_BYTES) + data[at + 1 :]
            case 2:
                data = data[:at] + data[at + length :]
            case 3:
                data = data[:at] + data[at : at + length] + data[at:]
            case 4 if at < len(data):
                data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
            case 5 if rng.random() < 0.3:
                data = data[:at]
            case _:
                data = data[:at] + bytes(rng.randrange(256) for _ in range(rng.choice((1, 3)))) + data[at:]
    return data


def by_lines(data: bytes, rng: Random) -> bytes:
    """Lines gone, double, elsewhere, pushed in, or others among them."""
    lines = data.decode().split("\n")
    for _ in range(rng.choice((1, 1, 2, 3))):
        at, length = rng.randrange(len(lines)), rng.choice((1, 1, 1, 2, 5, 12))
        block = lines[at : at + length]
        match rng.randrange(8):
            case 0:
                del lines[at : at + length]
            case 1:
                lines[at:at] = block
            case 2:
                del lines[at : at + length]
                to = rng.randrange(len(lines) + 1)
                lines[to:to] = block
            case 3:
                push = rng.choice(("  ", " ", "\t", "    ", "- "))
                lines[at : at + length] = [push + each for each in block]
            case 4:
                lines[at : at + length] = [each.removeprefix(" " * rng.choice((1, 2, 4))) for each in block]
            case 5:
                lines[at] = (
                    f"{lines[at]}{rng.choice((' # a remark', ' x', ':', ' |', chr(13), chr(0x85), ' &a', ' ]', ','))}"
                )
            case _:
                lines.insert(at, rng.choice(_LINES))
        lines = lines or [""]
    return "\n".join(lines).encode()


def by_values(data: bytes, rng: Random) -> bytes:
    """Values, or keys, other than they were."""
    text = data.decode()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        pairs = [each for each in _PAIR.finditer(text) if "yaml-language-server" not in each[0]]
        if not pairs:
            return text.encode()
        pair = rng.choice(pairs)
        key, value = pair["key"], pair["value"]
        match rng.randrange(12):
            case 0:
                new = f"{key}: [{value}]"
            case 1:
                new = f"{key}: {{{key}: {value}}}"
            case 2:
                new = f"{rng.choice((key.upper(), key[:-1] or 'x', f'{key} ', 'x', 'seal', 'why', 'by'))}: {value}"
            case 3:
                other = rng.choice(pairs)
                new = f"{key}: {other['value']}"
            case 4:
                new = f"{key}: '{value.strip(chr(39))}'"
            case _:
                new = f"{key}: {value_for(key, rng, value)}"
        text = text[: pair.start()] + new + text[pair.end() :]
    return text.encode(errors="surrogatepass")


CHANGES: dict[str, Callable[[bytes, Random], bytes]] = {"bytes": by_bytes, "lines": by_lines, "values": by_values}
