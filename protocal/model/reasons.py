"""What became of an administration -> why, as a value: of what sort, moved from when, in whose words.

The English sentence of each sort stands here once; paper says it in its own language.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from protocal.text.message import joined, say, time_text


class Cause(Enum):
    """What sort of thing changed an administration."""

    NAMED = "a line of the log names it"
    BEFORE_RESTART = "an infusion is started again"
    LEFT_OUT = "a line of the log leaves it out"
    DIAGNOSTIC = "it was given with the diagnostic puncture"
    INSTEAD = "another product takes its place"
    HELD = "treatment is on hold"
    CLEARED = "a level has ended the rescue"
    STANDS_STILL = "the infusion stands still"


class Reason(NamedTuple):
    """Why an administration is where it is, or is not given.

    Attributes:
        why: what the record says of it, in its own words.
        moved_from: the date it was planned for, if it is on another one.
        named: the product in its place, or the agent whose level has cleared.
        at: when that level was drawn, or the infusion stopped, on the ward's clocks.
        level: that level, with its unit.
        on: the date of the diagnostic puncture.
        longest_days: of an infusion that may not go on by itself, after how many days; none where it may still.
    """

    cause: Cause
    why: str = ""
    moved_from: date | None = None
    named: str = ""
    at: datetime | None = None
    level: str = ""
    on: date | None = None
    longest_days: int | None = None


def named(why: str, planned: date, actual: date, cause: Cause = Cause.NAMED) -> Reason | None:
    """Why a named administration is on a date: nothing to say where it is the planned one and nobody said a word."""
    moved_from = planned if actual != planned else None
    return Reason(cause, why, moved_from) if why or moved_from or cause is not Cause.NAMED else None


def reason_parts(reason: Reason | None) -> list[str]:
    """What is so, and then more of it, each in words."""
    if reason is None:
        return []
    parts = [*_sentences(reason), say("moved from {date}", date=reason.moved_from) if reason.moved_from else ""]
    return [part for part in (*parts, reason.why) if part]


def reason_text(reason: Reason | None) -> str:
    """`moved from Tue 01-Dec-2026: bed free`; nothing where there is nothing to say."""
    return joined(": ", reason_parts(reason))


def _sentences(reason: Reason) -> list[str]:
    said: dict[Cause, list[str]]
    when = time_text(reason.at, reason.at.tzinfo) if reason.at else ""
    if reason.cause is Cause.STANDS_STILL and reason.longest_days is not None:
        stopped = say("stopped {when} for more than {days} days, a prescriber must decide", when=when,
                      days=reason.longest_days)  # fmt: skip
    else:
        stopped = say("stopped {when}, no resume is recorded", when=when)
    said = {
        Cause.NAMED: [],
        Cause.BEFORE_RESTART: [say("before the restart")],
        Cause.LEFT_OUT: [] if reason.why else [say("left out")],
        Cause.DIAGNOSTIC: [say("given with the diagnostic lumbar puncture on {date}", date=reason.on or date.min)],
        Cause.INSTEAD: [say("{product} instead", product=reason.named)],
        Cause.HELD: [say("held, not made up")],
        Cause.CLEARED: [say("{agent} cleared {when}", agent=reason.named, when=when), reason.level],
        Cause.STANDS_STILL: [say("the infusion stands still"), stopped],
    }
    return said[reason.cause]
