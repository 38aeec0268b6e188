"""A folder as `protocal publish` leaves it -> what can be fetched, read once and again where it changed.

A file that changed is taken once it looks the same twice, for whoever replaces it may not be done.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from protocal.model.frozen import frozen
from protocal.model.problems import UsageError
from protocal.publish.addresses import is_address
from protocal.serving.faults import why_unreadable
from protocal.serving.signatures import Signature, signature, signature_of
from protocal.serving.store import Found, Shelf, made, media_type_of

ROBOTS = "robots.txt"
# Neither a link nor what waits for somebody at its other end; the flags are not on every system.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


@frozen
class _File:
    """A file of a reader's.

    Attributes:
        found: what is served of it; none as long as nothing was read.
        taken: the signature of what was read.
        seen: the one that it had when it was looked at last.
    """

    found: Found | None
    taken: Signature
    seen: Signature


class FolderStore:
    """What was published into a folder."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self._folder, self._tell = folder, tell
        self._files: dict[tuple[str, str], _File] = {}
        self._shelf = Shelf()
        self._looked = False
        self._told = ""
        self._unread: Counter[str] = Counter()

    @property
    def addresses(self) -> int:
        """How many addresses are served."""
        return self._shelf.addresses

    def find(self, address: str, name: str) -> Found | None:
        """What was read last of a file, if it is still there."""
        return self._shelf.find(address, name)

    def refresh(self) -> None:
        """Look at every file, and read those that are new or other ones than before.

        When it is first looked at, raises UsageError for a folder that cannot be read or that nothing was published in.
        """
        self._unread = Counter()
        try:
            addresses = sorted(_addresses(self._folder))
        except OSError as error:
            why = f"the published folder cannot be read ({why_unreadable(error)})"
            if not self._looked:
                raise UsageError(why, "Name the one of `publish --to`.") from None
            self._say(why)
            return
        if not (self._looked or addresses or (self._folder / ROBOTS).is_file()):
            raise UsageError(f"{self._folder} is no folder that was published in", "Name the one of `publish --to`.")
        known = self._shelf.by_etag()
        files: dict[tuple[str, str], _File] = {}
        held: dict[str, set[str]] = {}
        for address, name in self._files:
            held.setdefault(address, set()).add(name)
        for address in addresses:
            for name in sorted(self._names(address) | held.get(address, set())):
                key = (address, name)
                if file := self._look(key, self._files.get(key), known):
                    files[key] = file
        if {key: file.found for key, file in files.items()} != {key: file.found for key, file in self._files.items()}:
            self._shelf = Shelf((*key, file.found) for key, file in files.items() if file.found)
        self._files, self._looked = files, True
        self._say("; ".join(f"{_count(number)} cannot be read ({why})" for why, number in self._unread.items()))

    def _names(self, address: str) -> set[str]:
        """What stands at an address that may be served; where that cannot be read, what is known still may."""
        try:
            return {each.name for each in (self._folder / address).iterdir() if media_type_of(each.name)}
        except FileNotFoundError:
            return set()
        except OSError as error:
            self._unread[why_unreadable(error)] += 1
            return set()

    def _look(self, key: tuple[str, str], before: _File | None, known: dict[bytes, Found]) -> _File | None:
        """A file as it is now, read if it may be; none where there is none."""
        path = self._folder.joinpath(*key)
        found, taken, last = (before.found, before.taken, before.seen) if before else (None, None, None)
        try:
            seen = signature_of(path, follow=False)
            if seen is None and found is None:
                return None
            if seen == taken:
                return before if seen == last else _File(found, taken, seen)
            if self._looked and seen != last:  # it may still be changing
                return _File(found, taken, seen)
            if seen is None:
                return None
            data = _read(path, seen)
        except OSError as error:
            self._unread[why_unreadable(error)] += 1
            return _File(found, taken, last)
        if data is None:
            return _File(found, taken, None)
        new = made(key[1], data, known)
        known[new.etag] = new
        return _File(new, seen, seen)

    def _say(self, trouble: str) -> None:
        """Say what cannot be read, once as long as it stays so, and when it is over."""
        if trouble != self._told:
            kept = "what was read last is served"
            self._tell(f"warning: {trouble}; {kept}" if trouble else "what was published can be read again")
        self._told = trouble


def _addresses(folder: Path) -> Iterator[str]:
    """The folders of readers, of which none is a link."""
    with os.scandir(folder) as entries:
        for each in entries:
            with suppress(FileNotFoundError):
                if is_address(each.name) and each.is_dir(follow_symlinks=False):
                    yield each.name


def _read(path: Path, seen: Signature) -> bytes | None:
    """The bytes of a file that was looked at; none if it is another by now, or changes while it is read."""
    handle = os.open(path, _FLAGS)
    with os.fdopen(handle, "rb") as stream:
        if signature(os.fstat(handle)) != seen:
            return None
        data = stream.read()
        return data if signature(os.fstat(handle)) == seen else None


def _count(number: int) -> str:
    return f"{number} published file{'s'[: number > 1]}"
