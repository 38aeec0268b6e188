"""A continuous infusion's start, its stops and hours infused -> the time at which they are reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from protocal.model.agent import InterruptionRule
from protocal.model.facts import Pause
from protocal.text.message import time_text


def infused_at(
    start: datetime, hours: int, pauses: Sequence[Pause], rule: InterruptionRule, *, begins: bool = False
) -> datetime | None:
    """When so many hours have been infused since the recorded start, in UTC: real hours, stops left out.

    With `begins`, when the hour after them begins, which after a stop is at the resume. None where the infusion has not
    come so far: it stands still, or stood longer than its label allows, and a prescriber must decide.
    """
    at, left = start.astimezone(UTC), timedelta(hours=hours)
    for pause in sorted(pauses, key=lambda each: each.stop):
        run = pause.stop.astimezone(UTC) - at
        if left < run or (left == run and not begins):
            break
        if pause.resume is None or rule.is_too_long(pause.resume - pause.stop):
            return None
        left -= run
        at = pause.resume.astimezone(UTC)
    return at + left


def check_running(
    start: datetime, hours: int, pauses: Sequence[Pause], rule: InterruptionRule, stop: datetime, zone: tzinfo
) -> None:
    """Raise ValueError with a sentence unless an infusion of so many hours still runs at a stop, after earlier ones."""
    end = infused_at(start, hours, pauses, rule)
    if end is not None and stop >= end:
        raise ValueError(f"the infusion cannot be stopped on {time_text(stop, zone)}: it had ended by then")
