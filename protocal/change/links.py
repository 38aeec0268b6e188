"""A record's log -> where each of its readers finds the calendar."""

from __future__ import annotations

from protocal.model.entries import Linked
from protocal.model.reader import Who
from protocal.model.record import Record


def links_of(record: Record) -> dict[Who, Linked]:
    """The last line of each reader that has a link; such lines are never undone."""
    return {each.reader: each for each in record.log if isinstance(each, Linked)}
