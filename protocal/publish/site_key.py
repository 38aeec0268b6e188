"""The file of a site's key <-> the key, by which nobody but the site can tell the addresses of its readers."""

from __future__ import annotations

import os
import re
import shlex
import stat
from pathlib import Path

from protocal.model.problems import Problem, ProtocalError, UsageError, Where
from protocal.publish.atomic import PRIVATE, aside, cannot_write, followed, place_new, sync_folder

KEY_BYTES = 32
_LARGEST = 4096
_COMMENT = (
    "# The key of this site's addresses: keep it secret, and a copy of it safe. With another, every address changes."
)
_FIGURES = re.compile(rb"(?:[0-9a-fA-F]{2})+")
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
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _problem(path, "a-folder", "is a folder", "Name the file of the key.")
        if not stat.S_ISREG(mode):
            raise _problem(path, "unreadable", "is no file", "Name the file of the key.")
        with path.open("rb") as stream:
            if os.name == "posix" and os.fstat(stream.fileno()).st_mode & 0o077:
                remedy = f"Run `chmod 600 {shlex.quote(str(path))}`."
                raise _problem(path, "not-private", "may be read by others than its owner", remedy)
            data = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        made = f"protocal site init {shlex.quote(str(path))}"
        remedy = f"Restore it from a copy; a site that has none yet makes one with `{made}`."
        raise _problem(path, "no-file", "is not there", remedy) from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise _problem(path, "unreadable", f"cannot be read: {reason}", "Check who may read it.") from None
    return _key_of(path, data)


def _key_of(path: Path, data: bytes) -> bytes:
    if len(data) > _LARGEST:
        raise _problem(path, "too-large", "is too large", _AGAIN)
    lines = [(number, line.strip()) for number, line in enumerate(data.splitlines(), 1)]
    figures = [(number, line) for number, line in lines if line and not line.startswith(b"#")]
    if not figures:
        raise _problem(path, "empty", "is empty", _AGAIN)
    if wrong := [number for number, line in figures if not _FIGURES.fullmatch(line)] or [n for n, _line in figures[1:]]:
        raise _problem(path, "site-key", "is one line of figures 0 to 9 and a to f, and nothing else", _AGAIN, wrong[0])
    ((number, text),) = figures
    key = bytes.fromhex(text.decode())
    if len(key) < KEY_BYTES:
        raise _problem(path, "site-key", f"has {len(key)} bytes, and not {KEY_BYTES}", _AGAIN, number)
    return key


def _problem(path: Path, code: str, what: str, remedy: str, line: int = 0) -> ProtocalError:
    return ProtocalError([Problem(code, f"the site's key {what}", Where(str(path), line, min(line, 1)), remedy)])
