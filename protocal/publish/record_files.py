"""A record's bytes and its file -> a record that is wholly the old one or wholly the new."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from protocal.model.problems import UsageError
from protocal.publish.atomic import (
    PRIVATE,
    Access,
    aside,
    cannot_write,
    check_unchanged,
    followed,
    other_names,
    place_new,
    sweep,
    sync_folder,
)
from protocal.publish.lock import locked


def write_new(target: Path, data: bytes) -> None:
    """Write a private file that must not exist yet. Raises UsageError if it does or cannot be written."""
    exists = UsageError(f"{target} exists already, and a record is never overwritten", "Choose another name.")
    try:
        if target.is_symlink():
            raise exists
        with aside(followed(target, "Choose another name."), data, PRIVATE) as part:
            place_new(part, target)
    except FileExistsError:
        raise exists from None
    except OSError as error:
        raise cannot_write(target, error) from error
    sync_folder(target.parent)


def replace_record(target: Path, before: bytes, after: bytes) -> tuple[str, ...]:
    """Put new bytes in a record's place, if it still is what was read before; the last good file is kept beside it.

    Whoever else is writing is waited for. Raises UsageError if that takes too long, if somebody wrote in between, or if
    the record cannot be written; then it has not changed. What must be told of what was written is returned.
    """
    try:
        real = followed(target, "Name the record's own file.")
        with locked(real), ExitStack() as parts:
            check_unchanged(target, before, real.read_bytes())
            sweep(real)
            found = real.stat()
            new, last = (parts.enter_context(aside(real, data, Access.like(found))) for data in (after, before))
            last.replace(last_of(real))
            new.replace(real)
            sync_folder(real.parent)
    except OSError as error:
        raise cannot_write(target, error) from error
    return other_names(found, target)


def last_of(record: Path) -> Path:
    """Where the last good copy of a record is kept."""
    return record.with_name(f"{record.name}.last")
