"""The patient's record as frozen values: a header that never changes, and a log that only grows."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from protocal.model.entries import Entry, Issued, Ruled, Sex, Undone
from protocal.model.frozen import frozen
from protocal.model.problems import Where
from protocal.model.settings import Settings


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

    @property
    def last_clinical(self) -> int:
        """The number of the last line that says something of the patient; 0 where none does."""
        return next((number for number, each in reversed(list(enumerate(self.log, 1))) if each.is_clinical), 0)

    @cached_property
    def ruled(self) -> tuple[tuple[int, Ruled], ...]:
        """The lines of the site's rules that were recorded, each with its number from 1; nothing undoes them."""
        return tuple((n, each) for n, each in enumerate(self.log, 1) if isinstance(each, Ruled) and each.recorded)

    @cached_property
    def issued_without_rules(self) -> int:
        """The last line of an issue before any rules of a site stood in the log; 0 where there is none.

        What was given out by then was made by protocal's own rules.
        """
        first = self.ruled[0][0] if self.ruled else self.revision + 1
        return max((n for n, each in enumerate(self.log[: first - 1], 1) if isinstance(each, Issued)), default=0)

    def rules_at(self, revision: int | None = None) -> Settings | None:
        """The site's rules that were in force with the first `revision` entries (all if left out).

        The first that the log has hold for all days, and for the revisions before it, for nothing said what they were;
        but where something was issued before them, only from their own day on. None for a log that says none.
        """
        if not self.ruled:
            return None
        found: Settings | None = _OWN if self.issued_without_rules else None
        for number, each in self.ruled:
            if found is None:
                found = each.rules
            elif each.recorded and (revision is None or number <= revision):
                found = each.rules.after(found, each.recorded.astimezone(ZoneInfo(self.timezone)).date())
        return found


_OWN = Settings().rules


def rules_in_force(record: Record, otherwise: Settings, revision: int | None = None) -> Settings:
    """The site's rules at a revision, as the log has them; where it has none, others for what was not issued yet."""
    if not record.ruled and revision is not None and revision <= record.issued_without_rules:
        return _OWN
    return record.rules_at(revision) or otherwise.rules
