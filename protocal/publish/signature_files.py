"""The text of a file of signatures and its place -> the file, wholly the old one or wholly the new."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from protocal.model.problems import UsageError
from protocal.publish.atomic import Access, aside, cannot_write, followed, place_new, sync_folder
from protocal.publish.lock import locked

_ANYBODY = Access(0o666)


def write_signatures(target: Path, before: bytes, after: bytes) -> None:
    """Put new bytes in a file's place, if it still is what was read before; its folder is made where there is none.

    Raises UsageError if somebody else signed in between, or if it cannot be written; then nothing has changed.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        real = followed(target, "Name another shelf.")
        with locked(real), ExitStack() as parts:
            if (real.read_bytes() if real.exists() else b"") != before:
                raise UsageError(
                    f"{target} was changed by somebody else since it was read, and nothing was written",
                    "Run the command again: it then builds on what stands there now.",
                )
            access = Access.like(real.stat()) if real.exists() else _ANYBODY
            part = parts.enter_context(aside(real, after, access))
            if real.exists():
                part.replace(real)
            else:
                place_new(part, real)
            sync_folder(real.parent)
    except OSError as error:
        raise cannot_write(target, error) from error
