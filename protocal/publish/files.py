"""Bytes and a target in; a file that is either whole or not there out."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from protocal.words.problems import UsageError

PRODUCER_MARK = b"protocal"
_MARK_WITHIN = 4_000_000


def write_new(target: Path, data: bytes) -> None:
    """Write a private file that must not exist yet. Raises UsageError if it does or cannot be written."""
    _check_place(target)
    if target.exists():
        raise UsageError(f"{target} exists already, and a record is never overwritten", "Choose another name.")
    aside = _write_aside(target, data, 0o600)
    try:
        os.link(aside, target)  # unlike a rename, this fails if somebody else was quicker
    except FileExistsError:
        raise UsageError(
            f"{target} exists already, and a record is never overwritten", "Choose another name."
        ) from None
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        aside.unlink()
    _sync_folder(target.parent)


def write_output(target: Path, data: bytes, *, force: bool = False) -> None:
    """Write a sheet, feed or table; one of ours is replaced, any other existing file only with `force`.

    Raises UsageError if it cannot be written; then nothing has changed.
    """
    _check_place(target)
    if target.exists() and not force and not is_ours(target):
        raise UsageError(f"{target} exists and was not made by protocal", "Choose another name, or add --force.")
    aside = _write_aside(target, data, 0o644)
    try:
        aside.replace(target)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise _cannot_write(target, error) from error
    _sync_folder(target.parent)


def is_ours(target: Path) -> bool:
    """Whether a file bears our producer mark. An empty file is nobody's, and may be replaced."""
    try:
        with target.open("rb") as stream:
            data = stream.read(_MARK_WITHIN)
    except OSError as error:
        raise _cannot_write(target, error) from error
    return not data or PRODUCER_MARK in data


def _check_place(target: Path) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder", "Name a file in it.")
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", "Make it first, or choose another.")


def _write_aside(target: Path, data: bytes, mode: int) -> Path:
    """The data in a temporary file beside the target, safely on the disk."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _cannot_write(target, error) from error
    return Path(name)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself outlive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(target: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{target} cannot be written: {error.strerror or error}", "Check who may write there, and the disk."
    )
