"""Bytes and a target -> a file that is either whole or not there: written aside, then moved into its place."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from protocal.model.frozen import frozen
from protocal.model.problems import UsageError

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)  # as on a memory stick
_MOST_LINKS = 40  # that lead on to each other; the system's own limit
_BINARY = getattr(os, "O_BINARY", 0)  # where the system would write other line ends
_KINDS = (
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def followed(target: Path, remedy: str) -> Path:
    """Where a file is to be written: the target itself, or the file that its links lead to.

    Raises UsageError where that is no file, or none that can be replaced: a device, a pipe, a link to nowhere.
    """
    try:
        try:
            found = target.stat()
        except FileNotFoundError:
            return _not_there(target, remedy)
        if stat.S_ISDIR(found.st_mode):
            raise UsageError(f"{target} is a folder", "Name a file in it.")
        if not stat.S_ISREG(found.st_mode):
            kind = next((words for test, words in _KINDS if test(found.st_mode)), "something else")
            raise UsageError(f"{target} is no file but {kind}, which nothing may take the place of", remedy)
        if _is_open_file(target):
            raise UsageError(f"{target} is no file's own name but stands for one that is open", remedy)
        return Path(os.path.realpath(target, strict=True)) if target.is_symlink() else target
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UsageError(f"{target} is a link that leads back to itself", remedy) from None
        raise cannot_write(target, error) from error


def _not_there(target: Path, remedy: str) -> Path:
    """A target that is still to be made."""
    if target.is_symlink():
        raise UsageError(f"{target} is a link to {target.readlink()}, which is not there", remedy)
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent}", "Make it first, or choose another.")
    return target


def _is_open_file(target: Path) -> bool:
    """Whether a name, or one that it links to, stands for a file that a process has open, as /dev/stdout does."""
    for _link in range(_MOST_LINKS):
        folder = Path(os.path.realpath(target.parent))
        if folder == Path("/dev/fd") or Path("/proc") in folder.parents:
            return True
        try:
            target = folder / target.readlink()
        except OSError:
            return False
    return False


@frozen
class Access:
    """Who may read and write a new file.

    Attributes:
        mode: as for `chmod`; of it, what the system's umask leaves, unless it is `exact`.
        owner: the user and the group that the file is given to, where the system lets us.
    """

    mode: int
    exact: bool = False
    owner: tuple[int, int] | None = None

    @classmethod
    def like(cls, found: os.stat_result) -> Access:
        """That of a file whose place is taken."""
        return cls(found.st_mode & 0o777, exact=True, owner=(found.st_uid, found.st_gid))


PRIVATE = Access(0o600)


def check_unchanged(target: Path, before: bytes, now: bytes) -> None:
    """Raise UsageError where a file is no longer what was read of it before."""
    if now != before:
        raise UsageError(
            f"{target} was changed by somebody else since it was read, and nothing was written",
            "Run the command again: it then builds on what stands there now.",
        )


@contextmanager
def aside(target: Path, data: bytes, access: Access) -> Iterator[Path]:
    """The data in a file beside the target, safely on the disk; gone afterwards, unless it was moved into its place."""
    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        _write(part, data, access)
        yield part
    finally:
        with suppress(OSError):
            part.unlink()


def _write(part: Path, data: bytes, access: Access) -> None:
    """A new file; nobody but its writer may open it before it has the access that it is to have."""
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600 if access.exact else access.mode)
    with os.fdopen(handle, "wb") as stream:
        if access.exact:
            _give(handle, access)
        stream.write(data)
        stream.flush()
        os.fsync(handle)


def _give(handle: int, access: Access) -> None:
    mode = access.mode
    if access.owner and hasattr(os, "fchown"):
        user, group = access.owner
        found = os.fstat(handle)
        if (found.st_uid, found.st_gid) != access.owner:
            try:
                os.fchown(handle, user, group)
            except OSError:
                with suppress(OSError):
                    os.fchown(handle, -1, group)
        if os.fstat(handle).st_gid != group:  # another group may do no more than anybody
            mode = mode & 0o707 | (mode & 0o007) << 3 & mode
    if hasattr(os, "fchmod"):
        os.fchmod(handle, mode)


def place_new(part: Path, target: Path) -> None:
    """Give a finished file its name. Unlike a rename, this fails if there is such a file, however new it is."""
    try:
        os.link(part, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        part.replace(target)


def sweep(target: Path) -> None:
    """Remove what writers of this file left that were killed; only for who has its lock."""
    for each in target.parent.iterdir():
        if re.fullmatch(rf"\.{re.escape(target.name)}\.\w{{8}}\.part", each.name):
            with suppress(OSError):
                each.unlink()


def sync_folder(folder: Path) -> None:
    """Make the new name itself outlive a crash, where the file system can do that for a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def other_names(found: os.stat_result, target: Path) -> tuple[str, ...]:
    """What to say of a file's other names, which keep what stood there when its place is taken."""
    if found.st_nlink < 2:
        return ()
    return (f"{target} had another name (a hard link), which still has what stood there before",)


def cannot_write(target: Path, error: OSError) -> UsageError:
    """An error of the system, in words."""
    return UsageError(
        f"{target} cannot be written: {error.strerror or error}", "Check the name, who may write there, and the disk."
    )
