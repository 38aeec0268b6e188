"""The patient's record as frozen values: a header that never changes, and a log that only grows."""

from __future__ import annotations

from dataclasses import field
from datetime import date

from protocal.model.entries import Entry, Sex, Undone, is_clinical
from protocal.model.frozen import frozen
from protocal.model.problems import Where


@frozen
class Record:
    """A patient's file.

    Attributes:
        key: random; calendar identities are made from it, so it never changes.
        definition: the folder of a definition that is not a bundled one, seen from the record's own folder.
        where: the file itself.
        format: 2 where each issue of a sheet or feed stands in the log; 1 where earlier ones may not.
        text: that it was read from; empty where it is of no file.
    """

    id: str
    key: str
    created: date
    born: date
    sex: Sex
    protocol: str
    version: str
    timezone: str
    name: str
    definition: str
    log: tuple[Entry, ...]
    where: Where = field(compare=False)
    text: str = field(default="", compare=False, repr=False)
    format: int = 1

    @property
    def revision(self) -> int:
        """How many entries the log has."""
        return len(self.log)

    @property
    def last_clinical(self) -> int:
        """The number of the last line that says something of the patient or the therapy; 0 if there is none."""
        return max((number for number, each in enumerate(self.log, 1) if is_clinical(each)), default=0)

    def standing(self, revision: int | None = None) -> tuple[tuple[int, Entry], ...]:
        """Of the first `revision` entries (all if left out) those that count, each with its number from 1.

        A line that is undone does not, nor does what undid it; one whose undoing was undone counts again.
        """
        counted = list(enumerate(self.log[:revision], 1))
        undone: set[int] = set()
        for number, entry in reversed(counted):
            if isinstance(entry, Undone) and number not in undone:
                undone.add(entry.line)
        return tuple(each for each in counted if each[0] not in undone and not isinstance(each[1], Undone))
