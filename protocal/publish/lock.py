"""A file -> nobody else at it, among those who ask the same way."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from protocal.model.problems import UsageError

WAIT = 10  # seconds, in which any command of ours has written
_PAUSE = 0.05  # seconds from one look at a lock to the next


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Alone with a file; waits for whoever is at it, then says who it is.

    The lock goes with its process, however that ends. Its file bears the holder's name, and is gone when it is free.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - only who writes a record needs it

    lock = lock_of(target)
    held = FileLock(
        lock,
        timeout=WAIT,
        mode=0o600,
        poll_interval=_PAUSE,
        fallback_to_soft=False,
        close_error_policy="suppress",
        on_acquired=_sign,
    )
    try:
        held.acquire()
    except Timeout:
        raise UsageError(
            f"{target} is being written by {_holder(lock)}, and nothing was written",
            "Wait for it to end, or end it; then run the command again.",
        ) from None
    except OSError as error:
        if said := _why_not(lock, error):
            raise UsageError(
                f"{target} cannot be written: {lock} is {said}", "If nobody is writing, have it removed."
            ) from None
        raise
    try:
        yield
    finally:
        try:
            with suppress(OSError):  # still ours: who waits for this file sees that it is gone, and makes another
                lock.unlink()
        finally:
            held.release()


def lock_of(target: Path) -> Path:
    """Where the lock of a file stands."""
    return target.with_name(f".{target.name}.lock")


def _sign(handle: int) -> None:
    """Write our name into a lock file that is ours."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise OSError(errno.ENOTSUP, "not a file")
    with suppress(OSError):  # who holds it is only told to those who wait in vain
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())


def _why_not(lock: Path, error: OSError) -> str:
    """What a lock's file is that cannot be ours; empty where it is not the lock that is wrong."""
    try:
        found = lock.lstat()
    except OSError:
        return ""
    if stat.S_ISLNK(found.st_mode):
        return "a link"
    if not stat.S_ISREG(found.st_mode):
        return "no file"
    if not isinstance(error, PermissionError):
        return ""
    return "another file's, too" if found.st_nlink > 1 else "another user's"


def _holder(lock: Path) -> str:
    """Who wrote their name into a lock file: `process 4711 on ward-pc`."""
    try:
        name = lock.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return name or "somebody else"
