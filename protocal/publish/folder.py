"""The files of each address -> a folder that any web server hands out; only what differs is written.

All that is new of an address is written aside first and then moved into its place, so that a full disk or a crash
leaves what was there. A stamp beside them, which no server hands out, tells what they were made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from protocal.model.problems import UsageError
from protocal.publish.addresses import is_address
from protocal.publish.atomic import Access, aside, cannot_write, sync_folder
from protocal.publish.lock import locked

_STAMP = ".made-of"
_PUBLIC = Access(0o644, exact=True)  # a web server is another user
_ROBOTS = b"User-agent: *\nDisallow: /\n"
_EMPTY = (
    b'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex">'
    b"<title>Nothing is listed here</title><p>Nothing is listed here.</p></html>\n"
)
_OURS = re.compile(r"[a-z0-9-]+\.[a-z]+")


class PublishedFolder:
    """A folder of addresses; to be had from `published_folder`, which keeps other writers out."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def stamp(self, address: str) -> str:
        """What the files of an address were made of; empty if there are none."""
        folder = self.root / address
        data = None if folder.is_symlink() else _read(folder / _STAMP)
        return (data or b"").decode("ascii", "replace")

    def replace(self, address: str, files: Mapping[str, bytes], stamp: str) -> tuple[str, ...]:
        """Put files in the place of those of an address; the names of those that were written or taken away.

        Raises UsageError if they cannot be written; then the old ones stand.
        """
        folder = self.root / address
        try:
            if folder.is_symlink():  # which may lead out of the folder
                folder.unlink()
            with suppress(FileExistsError):
                folder.mkdir(mode=0o755)
                folder.chmod(0o755)
            differ = {name: data for name, data in files.items() if _read(folder / name) != data}
            gone = [each.name for each in folder.iterdir() if _is_left(each.name, files)]
            with ExitStack() as parts:
                new = {name: parts.enter_context(aside(folder / name, data, _PUBLIC)) for name, data in differ.items()}
                made_of = parts.enter_context(aside(folder / _STAMP, stamp.encode("ascii"), _PUBLIC))
                (folder / _STAMP).unlink(missing_ok=True)  # from here on it would not be true
                for name, part in new.items():
                    part.replace(folder / name)
                for name in gone:
                    (folder / name).unlink(missing_ok=True)
                made_of.replace(folder / _STAMP)
            sync_folder(folder)
        except OSError as error:
            with suppress(OSError):
                folder.rmdir()  # only if nothing stands in it
            raise cannot_write(folder.parent, error) from error  # the address itself is told to nobody
        return (*differ, *gone)

    def remove(self, address: str) -> bool:
        """Take an address away; whether it was there. Raises UsageError if it cannot be."""
        folder = self.root / address
        if not is_address(address) or not (folder.is_dir() or folder.is_symlink()):
            return False
        try:
            if folder.is_symlink():
                folder.unlink()
                return True
            for each in folder.iterdir():
                each.unlink()
            folder.rmdir()
        except OSError as error:
            raise cannot_write(folder.parent, error) from error
        return True

    def addresses(self) -> Iterator[str]:
        """All addresses that it has."""
        for each in list(self.root.iterdir()):
            if is_address(each.name) and (each.is_dir() or each.is_symlink()):
                yield each.name


@contextmanager
def published_folder(root: Path) -> Iterator[PublishedFolder]:
    """A folder to publish in, made if it is not there. Raises UsageError if it cannot be, or somebody else writes."""
    try:
        if not root.is_dir():
            root.mkdir()
            root.chmod(0o711)  # a web server finds what it is asked for, and nobody else of the machine a list
        with locked(root / "robots.txt"):
            for name, data in (("robots.txt", _ROBOTS), ("index.html", _EMPTY)):
                if _read(root / name) is None:
                    with aside(root / name, data, _PUBLIC) as part:
                        part.replace(root / name)
            yield PublishedFolder(root)
    except FileExistsError:
        raise UsageError(f"{root} is no folder", "Name a folder that a web server hands out.") from None
    except OSError as error:
        raise cannot_write(root, error) from error


def _read(file: Path) -> bytes | None:
    try:
        return None if file.is_symlink() or not file.is_file() else file.read_bytes()
    except OSError:
        return None


def _is_left(name: str, files: Mapping[str, bytes]) -> bool:
    """Whether a file of an address is none of those that it is to have: what a writer left that was killed, too."""
    return name not in files and name != _STAMP and (bool(_OURS.fullmatch(name)) or name.endswith(".part"))
