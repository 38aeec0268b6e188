"""What was typed at -o, --force and --mode -> an output in its file or on standard output, and said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from protocal.cli.options import echo_bytes, tell
from protocal.model.frozen import frozen
from protocal.model.problems import UsageError

if TYPE_CHECKING:
    from protocal.publish.outputs import Kind, Wish

STANDARD_OUTPUT = "-"


@frozen
class Target:
    """Where an output goes.

    Attributes:
        name: as it was typed, `-` for standard output.
        source: the record that it is made from.
    """

    name: str
    kind: Kind
    source: Path
    wish: Wish

    def write(self, data: bytes) -> None:
        """Write it, and say so. Raises UsageError if it cannot be written."""
        from protocal.publish.outputs import write_output

        if self.name == STANDARD_OUTPUT:
            echo_bytes(data)
            return
        warnings = write_output(Path(self.name), data, self.kind, self.source, self.wish)
        tell(f"wrote {self.name}")
        for each in warnings:
            tell(f"warning: {each}")


def target_of(name: str, kind: Kind, source: Path, *, force: bool, mode: str) -> Target:
    """Where an output goes; to be asked before long work. Raises UsageError if it must not be written there."""
    from protocal.publish.outputs import Wish, check_output

    wish = Wish(force, _parse_mode(mode) if mode else None)
    if name != STANDARD_OUTPUT:
        check_output(Path(name), source, wish)
    elif mode:
        raise UsageError("--mode is of a file, and - is standard output", "Leave out --mode, or name a file.")
    return Target(name, kind, source, wish)


def _parse_mode(text: str) -> int:
    match = re.fullmatch(r"(?:0o?)?([0-7]{3})", text)
    if not match:
        raise UsageError(f"--mode: '{text}' is no mode of a file", "Write three digits from 0 to 7, as in 640.")
    mode = int(match[1], 8)
    if not mode & 0o400:
        raise UsageError(f"--mode: with {match[1]} its owner could not read the file", "Let it begin with 4, 6 or 7.")
    return mode
