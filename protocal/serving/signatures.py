"""A path -> what tells whether the file there is another than before, without reading it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

Signature = tuple[int, ...] | None  # none where there is no file


def signature_of(path: Path, *, follow: bool = True) -> Signature:
    """Of a regular file; none where there is none. Raises OSError where that cannot be told."""
    try:
        return signature(path.stat(follow_symlinks=follow))
    except (FileNotFoundError, NotADirectoryError):
        return None


def signature(found: os.stat_result) -> Signature:
    """What was changed, replaced, or given to other people to read differs in it."""
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode, found.st_uid, found.st_gid


def signatures_of(paths: Iterable[Path]) -> tuple[tuple[str, Signature], ...]:
    """Of files, and of all files in folders; what cannot be looked at is as if it were not there."""
    return tuple((str(file), _signature_or_none(file)) for path in paths for file in _files(path))


def _signature_or_none(path: Path) -> Signature:
    try:
        return signature_of(path)
    except OSError:
        return None


def _files(path: Path) -> Iterator[Path]:
    """A file, or what is in a folder and the folders in it, always in the same order."""
    try:
        within = sorted(path.iterdir()) if path.is_dir() else None
    except OSError:
        within = []
    if within is None:
        yield path
        return
    for each in within:
        if each.is_dir() and each.is_symlink():
            continue  # it may lead back
        yield from _files(each)
