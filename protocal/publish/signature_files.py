"""The text of a file of signatures and its place -> the file, wholly the old one or wholly the new."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from protocal.publish.atomic import Access, aside, cannot_write, check_unchanged, followed, place_new, sync_folder
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
            is_there = real.exists()
            check_unchanged(target, before, real.read_bytes() if is_there else b"")
            part = parts.enter_context(aside(real, after, Access.like(real.stat()) if is_there else _ANYBODY))
            if is_there:
                part.replace(real)
            else:
                place_new(part, real)
            sync_folder(real.parent)
    except OSError as error:
        raise cannot_write(target, error) from error
