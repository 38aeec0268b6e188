"""Patients' records -> what can be fetched of them, made anew where a record, a setting or a definition changed.

What a record gives is made by whoever looks, never by a request. One that cannot be read keeps its last good pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from protocal.publish.addresses import is_address
from protocal.serving.faults import what_failed
from protocal.serving.signatures import Signature, signature_of
from protocal.serving.store import Found, Shelf, made, media_type_of

Render = Callable[[Path], Mapping[str, Mapping[str, bytes]]]  # a record -> its addresses, and by name what is at each

_Seen = tuple[object, ...]
_UNREADABLE: Signature = (0,)


class _Record:
    """A record that is served, as it was last looked at and last made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: _Seen = ()
        self.tried: _Seen = ()
        self.pages: dict[str, dict[str, Found]] = {}
        self.trouble = ""

    def look(self) -> Signature:
        """Its file's signature; none where it was removed, which a folder that is gone does not say."""
        try:
            found = signature_of(self.path)
            return found if found or self.path.parent.is_dir() else _UNREADABLE
        except OSError:
            return _UNREADABLE


class RecordStore:
    """What records give their readers; records are told apart in messages by their place in the list."""

    def __init__(
        self,
        records: Sequence[Path],
        render: Render,
        tell: Callable[[str], None],
        around: Callable[[], object] = lambda: None,
        beside: Callable[[Path], object] = lambda _record: None,
    ) -> None:
        """What the pages hang on besides a record is a value that differs where it changed: of all, and of one."""
        self._records = [_Record(path) for path in records]
        self._render, self._tell, self._around, self._beside = render, tell, around, beside
        self._shelf = Shelf()
        self._looked = False
        self._told: dict[int, str] = {}
        self._shadowed: set[int] = set()

    @property
    def addresses(self) -> int:
        """How many addresses are served."""
        return self._shelf.addresses

    def find(self, address: str, name: str) -> Found | None:
        """What was made last for a reader, if its record is still there."""
        return self._shelf.find(address, name)

    def refresh(self) -> None:
        """Make what changed anew, once it looks the same twice; each record is served as soon as it is made."""
        around = self._around()
        known = self._shelf.by_etag()
        for each in self._records:
            file = each.look()
            seen: _Seen = (around, file, self._beside(each.path))
            still = seen == each.seen or not self._looked
            each.seen = seen
            if seen != each.tried and still:
                self._make(each, file, known)
                each.tried = seen
                if self._looked:  # before that, nobody is served
                    self._shelve()
        if not self._looked:
            self._shelve()
        self._looked = True
        self._say()

    def _make(self, record: _Record, file: Signature, known: dict[bytes, Found]) -> None:
        """Take what a record gives now; if it gives nothing, what it gave before stays."""
        if file is None:
            record.pages, record.trouble = ({}, "") if self._looked else ({}, "it is not there")
            return
        try:
            made_now = self._render(record.path)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one record, the others are served
            record.trouble = what_failed(error)
        else:
            record.pages = {address: _found(files, known) for address, files in made_now.items() if is_address(address)}
            record.trouble = ""

    def _shelve(self) -> None:
        """Serve what all records give; an address that two give, as two copies of a record do, is the first one's."""
        pages: dict[str, dict[str, Found]] = {}
        self._shadowed = set()
        for number, each in enumerate(self._records, 1):
            if each.pages.keys() & pages.keys():
                self._shadowed.add(number)
            pages = each.pages | pages
        self._shelf = Shelf((address, name, found) for address, files in pages.items() for name, found in files.items())

    def _say(self) -> None:
        """Say which records are not served as they are now, once as long as it stays so, and when it is over."""
        troubles: dict[int, str] = {}
        for number, each in enumerate(self._records, 1):
            kept = "its last good pages are served" if each.pages else "nothing of it is served"
            if each.trouble:
                troubles[number] = f"{each.trouble}; {kept}; `protocal check` may say more"
            elif number in self._shadowed:
                troubles[number] = "it has an address of one before it, as a copy has, which is served"
        new: dict[str, list[int]] = {}
        for number, trouble in troubles.items():
            if self._told.get(number) != trouble:
                new.setdefault(trouble, []).append(number)
        for trouble, numbers in new.items():
            self._tell(f"warning: {_named(numbers)}: {trouble}")
        if over := [number for number in self._told if number not in troubles]:
            self._tell(f"{_named(over)}: nothing is wrong any more")
        self._told = troubles


def _found(files: Mapping[str, bytes], known: dict[bytes, Found]) -> dict[str, Found]:
    found = {name: made(name, data, known) for name, data in files.items() if media_type_of(name)}
    known.update({each.etag: each for each in found.values()})
    return found


def _named(numbers: Sequence[int]) -> str:
    """Records by their places, for the name of a file may be a patient's."""
    listed = ", ".join(map(str, numbers))
    return f"{'records' if len(numbers) > 1 else 'record'} {listed} of those to serve"
