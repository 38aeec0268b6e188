"""Bytes and a target in; a file that is either whole or not there out."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event

from protocal.words.problems import UsageError

_MARK_WITHIN = 64_000_000
_PDF_END = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF\s*\Z")
_PDF_MARK = re.compile(rb"/ID \[\(protocal [^()]*\) \([0-9a-f]+\)\]")
_FEED_MARK = re.compile(rb"BEGIN:VCALENDAR\r\n(?:(?!BEGIN:).*\r\n)*?PRODID:-//protocal//")
_WORKBOOK_MARK = re.compile(rb"PK\x03\x04.{26}docProps/core\.xml<\?xml [^\0]*?<dc:creator>protocal ", re.DOTALL)
_WORKBOOK_MARK_WITHIN = 64_000
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # as on a memory stick
_PAUSE = 0.05  # seconds from one look at a lock to the next
_TRIES = 200  # 10 s, in which any command of ours has written
_pause = Event()  # never set: waiting for it is a pause


def write_new(target: Path, data: bytes) -> None:
    """Write a private file that must not exist yet. Raises UsageError if it does or cannot be written."""
    _check_place(target)
    aside = _write_aside(target, data, 0o600)
    try:
        _place_new(aside, target)
    except FileExistsError:
        raise UsageError(
            f"{target} exists already, and a record is never overwritten", "Choose another name."
        ) from None
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        aside.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _place_new(aside: Path, target: Path) -> None:
    """Give the finished file its name. Unlike a rename, this fails if there is such a file, however new it is."""
    try:
        os.link(aside, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        aside.replace(target)


def write_output(target: Path, data: bytes, *, force: bool = False, source: Path | None = None) -> None:
    """Write a sheet, feed or table; one of ours is replaced, any other existing file only with `force`.

    Raises UsageError if it cannot be written; then nothing has changed.
    """
    check_output(target, force=force, source=source)
    aside = _write_aside(target, data, 0o644)
    try:
        aside.replace(target)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise _cannot_write(target, error) from error
    _sync_folder(target.parent)


def replace_record(target: Path, before: bytes, after: bytes) -> None:
    """Put new bytes in a record's place, if it still is what was read before; the last good file is kept beside it.

    Whoever else is writing is waited for. Raises UsageError if that takes too long, if somebody wrote in between, or if
    the record cannot be written; then it has not changed.
    """
    try:
        target = Path(os.path.realpath(target)) if target.is_symlink() else target
        _check_place(target)
        with _locked(target), ExitStack() as parts:
            if target.read_bytes() != before:
                raise UsageError(
                    f"{target} was changed by somebody else since it was read, and nothing was written",
                    "Run the command again: it then builds on what stands there now.",
                )
            _sweep(target)
            mode = target.stat().st_mode & 0o777
            new, last = (parts.enter_context(_aside(target, data, mode)) for data in (after, before))
            last.replace(target.with_name(f"{target.name}.last"))
            new.replace(target)
            _sync_folder(target.parent)
    except OSError as error:
        raise _cannot_write(target, error) from error


@contextmanager
def _aside(target: Path, data: bytes, mode: int) -> Iterator[Path]:
    """The data in a temporary file that is gone afterwards, unless it was moved into its place."""
    part = _write_aside(target, data, mode)
    try:
        yield part
    finally:
        with suppress(OSError):
            part.unlink()


def _sweep(target: Path) -> None:
    """Remove what writers of this file left that were killed; only for who has its lock."""
    for each in target.parent.iterdir():
        if re.fullmatch(rf"\.{re.escape(target.name)}\.\w{{8}}\.part", each.name):
            with suppress(OSError):
                each.unlink()


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """Alone with a file among those who ask the same way; waits for whoever is at it, then says who it is.

    The lock goes with its process, however that ends. Its file bears the holder's name, and is gone when it is free.
    """
    lock = target.with_name(f".{target.name}.lock")
    handle = _take(target, lock)
    try:
        with suppress(OSError):  # who holds it is only told to those who wait in vain
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        try:
            with suppress(OSError):
                lock.unlink()
        finally:
            with suppress(OSError):
                os.close(handle)


def _take(target: Path, lock: Path) -> int:
    """An open lock file that is ours alone."""
    for _try in range(_TRIES):
        try:
            handle = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except PermissionError:
            if not lock.exists():
                raise
            raise UsageError(
                f"{target} cannot be written: {lock} is another user's", "If nobody is writing, have it removed."
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(handle, lock):  # else the one before us took it away between our two steps
                return handle
        except BlockingIOError:
            _pause.wait(_PAUSE)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
    raise UsageError(
        f"{target} is being written by {_holder(lock)}, and nothing was written",
        "Wait for it to end, or end it; then run the command again.",
    )


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open file still has a name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _holder(lock: Path) -> str:
    """Who wrote their name into a lock file: `process 4711 on ward-pc`."""
    try:
        name = lock.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return name or "somebody else"


def check_output(target: Path, *, force: bool = False, source: Path | None = None) -> None:
    """Raise UsageError if a sheet, feed or table must not be written there; to be asked before long work.

    `source` is the record that it is made from, which nothing replaces, not even with `force`.
    """
    _check_place(target)
    if source is not None and _is_same(target, source):
        raise UsageError(f"{target} is the record itself, and a record is never overwritten", "Choose another name.")
    if target.exists() and not force and not is_ours(target):
        raise UsageError(f"{target} exists and was not made by protocal", "Choose another name, or add --force.")


def is_ours(target: Path) -> bool:
    """Whether a file is a sheet, feed or workbook as we wrote it: it bears our mark at the mark's own place.

    What another program saved again is the user's own. An empty file is nobody's, and may be replaced.
    """
    try:
        with target.open("rb") as stream:
            data = stream.read(_MARK_WITHIN)
    except OSError as error:
        raise _cannot_write(target, error) from error
    if data.startswith(b"%PDF-"):
        end = _PDF_END.search(data, max(0, len(data) - 64))
        return bool(end and data.count(b"%%EOF") == 1 and _PDF_MARK.search(data, int(end[1])))
    if data.startswith(b"PK"):
        return bool(_WORKBOOK_MARK.search(data, 0, _WORKBOOK_MARK_WITHIN))
    return not data or bool(_FEED_MARK.match(data))


def _is_same(target: Path, source: Path) -> bool:
    """Whether two names are of one file, by links too."""
    try:
        return target.samefile(source)
    except OSError:  # one of them is not there
        return False


def _check_place(target: Path) -> None:
    try:
        is_folder, has_folder = target.is_dir(), target.parent.is_dir()
    except OSError as error:  # a name that no file can have
        raise _cannot_write(target, error) from error
    if is_folder:
        raise UsageError(f"{target} is a folder", "Name a file in it.")
    if not has_folder:
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
    """Make the new name itself outlive a crash, where the file system can do that for a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _cannot_write(target: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{target} cannot be written: {error.strerror or error}", "Check the name, who may write there, and the disk."
    )
