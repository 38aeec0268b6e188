"""Times of an order's doses and of level draws: a recorded start and hours -> dates with their hours.

Hours are real ones: arithmetic is in UTC and only what comes out stands in the record's zone, so a dose 6 h after
another is that across a change of clocks too. Two times of one zone must not be subtracted: Python then takes the
difference of what the wall clock shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count, pairwise, takewhile

from protocal.model.frozen import frozen

_HOURS_A_DAY = 24


@frozen
class RescueClock:
    """When an order's doses fall after a recorded start; `first_hours` of 0 is an order that starts its own clock.

    Attributes:
        first_hours: from the start to the first dose of the first day.
        interval_hours: from one dose of a day to the next.
        per_day: doses of each day.
        days: the planned course days, ascending; a day's first dose is 24 h after that of the day before it.
    """

    first_hours: int
    interval_hours: int
    per_day: int
    days: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raise ValueError with a sentence where these are not doses of a day."""
        if self.first_hours < 0:
            raise ValueError(f"the first dose cannot be {self.first_hours} h after the start; write 0 or more")
        if self.per_day < 1 or self.interval_hours < 1:
            raise ValueError(f"{self.per_day} doses every {self.interval_hours} h are none; both must be 1 or more")
        if (self.per_day - 1) * self.interval_hours >= _HOURS_A_DAY:
            raise ValueError(f"{self.per_day} doses every {self.interval_hours} h do not fit into a day")
        if not self.days or any(day >= after for day, after in pairwise(self.days)):
            raise ValueError("the planned days must be at least one, each above the one before it")


@frozen
class TimedDose:
    """One dose with its date and hour.

    Attributes:
        day: the nominal course day it belongs to; its own date may be the next one.
        number: of the day's doses, from 1.
        planned: the definition names its day; else the rescue is open and goes on.
        after_clearing: due at or after the clearing level, which only a planned dose can be.
    """

    day: int
    number: int
    at: datetime
    planned: bool = True
    after_clearing: bool = False


def dose_times(clock: RescueClock, start: datetime, zone: tzinfo) -> tuple[TimedDose, ...]:
    """A clock and the recorded start -> the doses of the planned days, in their order."""
    started = in_utc(start, "the start")
    return tuple(dose for day in clock.days for dose in _day(clock, started, zone, day))


def rescue_times(clock: RescueClock, start: datetime, zone: tzinfo, cleared_at: datetime) -> tuple[TimedDose, ...]:
    """A clock, its start and the clearing level's time -> the planned doses and, day after day, those up to the level.

    A dose at the very moment of the clearing level is no longer due. A planned dose stays on the list then, marked
    `after_clearing`: a planned day is the definition's, and what becomes of it is not decided here.
    """
    started, cleared = in_utc(start, "the start"), in_utc(cleared_at, "the clearing level")
    if cleared <= started:
        raise ValueError("the clearing level is not after the start; correct one of the two")

    def is_due(dose: TimedDose) -> bool:
        return dose.at.astimezone(UTC) < cleared

    planned = [replace(dose, after_clearing=not is_due(dose)) for dose in dose_times(clock, start, zone)]
    beyond = (dose for day in count(clock.days[-1] + 1) for dose in _day(clock, started, zone, day))
    return (*planned, *(replace(dose, planned=False) for dose in takewhile(is_due, beyond)))


def draw_times(start: datetime, hours: Sequence[int], zone: tzinfo) -> tuple[datetime, ...]:
    """A recorded start and hours after it -> when levels are drawn."""
    started = in_utc(start, "the start")
    if any(each < 0 for each in hours) or any(each >= after for each, after in pairwise(hours)):
        raise ValueError("the hours of level draws must be 0 or more, each above the one before it")
    return tuple((started + timedelta(hours=each)).astimezone(zone) for each in hours)


def in_utc(moment: datetime, what: str) -> datetime:
    """A zoned time -> the same in UTC. Raises ValueError, which says `what` it is, for a time without a zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"{what}, {moment:%Y-%m-%d %H:%M}, has no zone; write it with one")
    return moment.astimezone(UTC)


def _day(clock: RescueClock, started: datetime, zone: tzinfo, day: int) -> Iterator[TimedDose]:
    """The doses of one nominal day, by the clock alone."""
    first = clock.first_hours + (day - clock.days[0]) * _HOURS_A_DAY
    for index in range(clock.per_day):
        at = started + timedelta(hours=first + index * clock.interval_hours)
        yield TimedDose(day, index + 1, at.astimezone(zone))
