"""What the pages of records hang on besides the records -> values that differ where it changed.

Pages go by weeks: they are others from the Monday on that the ward has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from protocal import resources
from protocal.read.record.read import read_record
from protocal.serving.signatures import signatures_of


class Surroundings:
    """Files of the site, shelves of definitions, and the week; what a record's header says of it is read once."""

    def __init__(self, files: Sequence[Path], now: Callable[[], datetime]) -> None:
        self._files, self._now = [resources.folder("schedules"), *files], now
        self._headers: dict[Path, tuple[list[Path], ZoneInfo]] = {}

    def around(self) -> object:
        """What the pages of all records hang on."""
        return signatures_of(self._files)

    def beside(self, record: Path) -> object:
        """What those of one record hang on: the definition that stands in a folder of its own, and the ward's week."""
        if record not in self._headers:
            found, _problems = read_record(record)
            if found is None:
                return None
            own = [(record.parent / found.definition).parent] if found.definition else []
            self._headers[record] = own, ZoneInfo(found.timezone)
        folders, zone = self._headers[record]
        return signatures_of(folders), self._now().astimezone(zone).date().isocalendar()[:2]
