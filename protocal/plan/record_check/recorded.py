"""When the lines of a log were written -> warnings of times that run backwards, or lie in the future.

They say when a sheet was issued and which of two issues is newer, so that a wrong clock must not go unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from protocal.model.entries import Dispensed
from protocal.model.problems import Problem, Severity
from protocal.model.record import Record
from protocal.plan.record_check.dispensed import AHEAD
from protocal.text.message import time_text

_APART = timedelta(minutes=5)  # that the clocks of two machines may be
_REMEDY = "Check the clock of the machine that wrote it. What is sealed stays as it is; sheets bear these times."


def check_recorded(record: Record, now: datetime | None = None) -> Iterator[Problem]:
    """A line that was written before the one above it, and one that was written later than `now`, if that is known."""
    zone = ZoneInfo(record.timezone)
    written = [(number, entry, entry.recorded) for number, entry in enumerate(record.log, 1) if entry.recorded]
    for (above, _entry, earlier), (number, entry, at) in pairwise(written):
        if at < earlier - _APART:
            shown, before = time_text(at.astimezone(zone), zone), time_text(earlier.astimezone(zone), zone)
            message = f"line {number} was recorded {shown}, before line {above}, which was {before}"
            yield Problem("recorded-backwards", message, entry.where, _REMEDY, Severity.WARNING)
    for number, entry, at in written:
        if now and at > now + _APART:
            message = f"line {number} was recorded {time_text(at.astimezone(zone), zone)}, which is still to come"
            yield Problem("recorded-ahead", message, entry.where, _REMEDY, Severity.WARNING)
            break
    for _number, entry in record.standing():
        if now and isinstance(entry, Dispensed) and not entry.recorded and entry.date > now.astimezone(zone).date():
            message = f"{entry.agent} is dispensed on {entry.date}, which is still to come"
            yield Problem(AHEAD, message, entry.where, "Check the date.", Severity.WARNING)
