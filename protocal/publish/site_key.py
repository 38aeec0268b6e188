"""The file of a site's key <-> the key, by which nobody but the site can tell the addresses of its readers."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from protocal.model.problems import Problem, ProtocalError, UsageError, Where
from protocal.publish.atomic import PRIVATE, aside, cannot_write, followed, place_new, sync_folder

KEY_BYTES = 32
_LARGEST = 4096
_COMMENT = (
    "# The key of this site's addresses: keep it secret, and a copy of it safe. With another, every address changes."
)
_AGAIN = "Restore the file from a copy: with a new key all addresses would change."


def write_site_key(target: Path, key: bytes) -> None:
    """Write a new key for its owner alone. Raises UsageError if there is such a file, or it cannot be written."""
    exists = UsageError(
        f"{target} exists already, and a site's key is never overwritten: all addresses would change",
        "Go on with that key, or choose another name.",
    )
    try:
        if target.is_symlink():
            raise exists
        real = followed(target, "Choose another name.")
        with aside(real, f"{_COMMENT}\n{key.hex()}\n".encode(), PRIVATE) as part:
            place_new(part, real)
    except FileExistsError:
        raise exists from None
    except OSError as error:
        raise cannot_write(target, error) from error
    sync_folder(target.parent)


def read_site_key(path: Path) -> bytes:
    """The key of a file. Raises ProtocalError where it cannot be used, or others than its owner may read it."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise _problem(path, "is a folder", "Name the file of the key.")
        if not stat.S_ISREG(found.st_mode):
            raise _problem(path, "is no file", "Name the file of the key.")
        with path.open("rb") as stream:
            if os.name == "posix" and os.fstat(stream.fileno()).st_mode & 0o077:
                raise _problem(path, "may be read by others than its owner", f"Run `chmod 600 {path}`.")
            data = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        remedy = f"Restore it; a site that has none yet makes one with `protocal site init {path}`."
        raise _problem(path, "is not there", remedy) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _problem(path, f"cannot be read: {reason}", "Check who may read it.") from None
    return _key_of(path, data)


def _key_of(path: Path, data: bytes) -> bytes:
    lines = [line.strip() for line in data.splitlines()]
    figures = [line for line in lines if line and not line.startswith(b"#")]
    if len(data) > _LARGEST or len(figures) != 1 or not re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", figures[0]):
        raise _problem(path, "is no key: it is one line of figures 0 to 9 and a to f", _AGAIN)
    key = bytes.fromhex(figures[0].decode())
    if len(key) < KEY_BYTES:
        raise _problem(path, f"has {len(key)} bytes, and a key has {KEY_BYTES}", _AGAIN)
    return key


def _problem(path: Path, what: str, remedy: str) -> ProtocalError:
    return ProtocalError([Problem("site-key", f"the site's key {what}", Where(str(path)), remedy)])
