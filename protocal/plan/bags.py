"""The bags of a continuous infusion: start, hours, bag durations, closed days and interruptions -> bag changes.

Hours are real ones, as in `clocks`: a bag of 24 h hung before a change of clocks ends at another hour of the day.

What was infused before a stop is what was planned when nobody knew of it: an interruption never rearranges the bags
before it. The bags after a resume are chosen anew for the hours that are left.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from math import gcd

from protocal.model.agent import ANY_INTERRUPTION, InterruptionRule
from protocal.model.days import is_working_day
from protocal.model.frozen import frozen
from protocal.plan.clocks import in_utc
from protocal.plan.dose import DOSE_PLACES
from protocal.text.format import figure, paper_date, round_half_up
from protocal.text.message import say, time_text

CHOICE = say(
    "Of all allowed sequences of bags: the fewest changes on closed days, not counting the pump stop; then the fewest"
    " bags; then the least left over in the last bag; then the earliest, which is the shorter bag where two sequences"
    " first differ."
)

_MINUTES = 60
_HOURS_A_DAY = 24
_MINUTE = timedelta(minutes=1)


@frozen
class Stage:
    """The bag durations, in hours, that may be chosen for a bag hung on a date or later, until the next stage."""

    first: date
    hours: tuple[int, ...]


@frozen
class Interruption:
    """When the infusion was stopped and resumed; no resume yet while it stands, the same time if a bag was swapped."""

    stop: datetime
    resume: datetime | None = None


class Hang(str, Enum):
    """Why a bag is hung."""

    START = "start"
    CHANGE = "change"
    RESUME = "resume"


class Outcome(str, Enum):
    """How far a plan goes: to the last hour, to a stop without a resume, to a stop that a prescriber must judge."""

    COMPLETE = "complete"
    STOPPED = "stopped"
    PRESCRIBER = "prescriber"


@frozen
class Bag:
    """One bag.

    Attributes:
        hours: what it is made for.
        used: minutes of it that are infused, fewer than it is made for if a stop or the pump stop cuts it.
        on_closed_day: whether the site is closed on the day it is hung.
    """

    hang: datetime
    ends: datetime
    hours: int
    used: int
    why: Hang
    on_closed_day: bool

    @property
    def discarded(self) -> int:
        """Minutes of it that are thrown away."""
        return self.hours * _MINUTES - self.used


@frozen
class Restart:
    """An interruption that is over, its length in minutes, and whether the restart is supervised."""

    stop: datetime
    resume: datetime
    minutes: int
    supervised: bool


@frozen
class BagPlan:
    """Every bag to the pump stop, or to a stop after which nothing is planned.

    Attributes:
        stop: the pump stop; None where the plan is not complete.
        left: minutes of the total that are not planned.
        notes: sentences for print.
    """

    bags: tuple[Bag, ...]
    stop: datetime | None
    outcome: Outcome
    left: int
    restarts: tuple[Restart, ...]
    notes: tuple[str, ...]

    @property
    def changes_on_closed_days(self) -> tuple[datetime, ...]:
        """The changes that no allowed sequence avoids; a start or a resume is recorded, not chosen, and is none."""
        return tuple(bag.hang for bag in self.bags if bag.why is Hang.CHANGE and bag.on_closed_day)


@frozen
class DoseFrom:
    """The dose per 24 h from a time on."""

    at: datetime
    per_day: Decimal


@frozen
class BagAmount:
    """What a bag holds.

    Attributes:
        per_day: the dose per 24 h it is made for, which is that at its hang.
        amount: of the whole bag.
        infused: of the part that is used.
        changed: a change of dose while it runs, which waits for the next bag.
    """

    per_day: Decimal
    amount: Decimal
    infused: Decimal
    changed: datetime | None


@frozen
class _Site:
    """What a choice of bags depends on besides the time."""

    stages: tuple[Stage, ...]
    closed: Set[date]
    zone: tzinfo
    later: tuple[tuple[date, Set[date]], ...] = ()

    def known_on(self, at: datetime) -> _Site:
        """The same with the closed days that were known when a bag was hung."""
        day = at.astimezone(self.zone).date()
        return replace(self, closed=[closed for first, closed in self.later if first <= day][-1])

    def is_closed(self, at: datetime) -> bool:
        return not is_working_day(at.astimezone(self.zone).date(), self.closed)

    def durations(self, at: datetime) -> tuple[int, ...]:
        day = at.astimezone(self.zone).date()
        return next(stage.hours for stage in reversed(self.stages) if stage.first <= day)


def plan_bags(
    start: datetime,
    hours: int,
    stages: Sequence[Stage],
    *,
    allowed: Collection[int],
    closed: Set[date] | Sequence[tuple[date, Set[date]]],
    zone: tzinfo,
    interruptions: Sequence[Interruption] = (),
    rule: InterruptionRule = ANY_INTERRUPTION,
) -> BagPlan:
    """The recorded start and the total hours -> every bag, chosen as `CHOICE` says. Raises ValueError with a sentence.

    A stage does not end a running bag; the next bag is of the stage of its own date. The last bag may be longer than
    what is left and is cut at the pump stop. After a resume a new bag is hung and the rest of the old one discarded.
    Closed days may be those known from each of several dates on: the bags hung before a date are chosen without it.
    """
    at = _to_the_minute(start, "the start")
    known = tuple(closed) if isinstance(closed, Sequence) else ((date.min, closed),)
    site = _Site(tuple(stages), known[0][1], zone, known)
    _check_choices(hours, site, allowed, at)
    bags: list[Bag] = []
    restarts: list[Restart] = []
    notes: list[str] = []
    left = hours * _MINUTES
    why = Hang.START
    for stop, resume in in_order(interruptions, at, zone):
        if stop >= at + left * _MINUTE:
            raise ValueError(f"the infusion cannot be stopped on {time_text(stop, zone)}: it had ended by then")
        run = _run(at, left, stop, why, site)
        bags += run
        left -= sum(bag.used for bag in run)
        notes.append(_note_of_stop(run[-1]))
        if resume is None or rule.is_too_long(resume - stop):
            outcome = Outcome.PRESCRIBER if resume else Outcome.STOPPED
            notes.append(_note_of_end(stop, resume, rule))
            return BagPlan(tuple(bags), None, outcome, left, tuple(restarts), tuple(notes))
        minutes, supervised = (resume - stop) // _MINUTE, rule.is_supervised(resume - stop)
        restarts.append(Restart(stop.astimezone(zone), resume.astimezone(zone), minutes, supervised))
        notes.append(_note_of_restart(restarts[-1], rule))
        at, why = resume, Hang.RESUME
    end = at + left * _MINUTE
    bags += _run(at, left, end, why, site)
    notes += [_note_of_rest(bags[-1])] if bags[-1].discarded else []
    return BagPlan(tuple(bags), end.astimezone(zone), Outcome.COMPLETE, 0, tuple(restarts), tuple(notes))


def bag_amounts(bags: Sequence[Bag], doses: Sequence[DoseFrom]) -> tuple[BagAmount, ...]:
    """Bags and the dose per 24 h, which may change at a time -> what each bag holds: the dose x its hours / 24.

    A bag is made for one dose, the one at its hang. Raises ValueError where a bag is hung before the first dose.
    """
    changes = [in_utc(each.at, "the time of a dose") for each in doses]
    if any(one >= after for one, after in pairwise(changes)):
        raise ValueError("the doses must stand in the order of their times")
    if any(not each.per_day.is_finite() or each.per_day <= 0 for each in doses):
        raise ValueError("a dose per 24 h must be above zero")
    found = []
    for bag in bags:
        hang, ends = in_utc(bag.hang, "a bag"), in_utc(bag.ends, "a bag")
        begun = sum(change <= hang for change in changes)
        if not begun:
            raise ValueError(f"no dose is known for the bag of {time_text(bag.hang, bag.hang.tzinfo)}")
        per_day = doses[begun - 1].per_day
        changed = doses[begun].at if begun < len(doses) and changes[begun] < ends else None
        whole = round_half_up(per_day * bag.hours / _HOURS_A_DAY, DOSE_PLACES)
        infused = round_half_up(per_day * bag.used / (_HOURS_A_DAY * _MINUTES), DOSE_PLACES)
        found.append(BagAmount(per_day, whole, infused, changed))
    return tuple(found)


def _run(at: datetime, left: int, until: datetime, why: Hang, site: _Site) -> list[Bag]:
    """The bags from a hang on, chosen for the minutes left, as far as a time."""
    bags: list[Bag] = []
    while at < until:
        known = site.known_on(at)
        for hours in _choose(at, left, known):
            if at >= until or site.known_on(at) != known:
                break
            ends = min(at + timedelta(hours=hours), until)
            used = (ends - at) // _MINUTE
            closed = known.is_closed(at)
            bags.append(Bag(at.astimezone(site.zone), ends.astimezone(site.zone), hours, used, why, closed))
            at, left, why = ends, left - used, Hang.CHANGE
    return bags


def _choose(start: datetime, minutes: int, site: _Site) -> tuple[int, ...]:
    """The durations of the bags that infuse so many minutes from a hang on, best by `CHOICE`.

    Exact, by the best way to each hang: of two ways to the same hang, what follows is the same for both.
    """
    step = gcd(*(hours for stage in site.stages for hours in stage.hours)) * _MINUTES
    ways: dict[int, tuple[int, int, tuple[int, ...]]] = {0: (0, 0, ())}
    ends: list[tuple[int, int, int, tuple[int, ...]]] = []
    for elapsed in range(0, minutes, step):
        if elapsed not in ways:
            continue
        on_closed, bags, sequence = ways[elapsed]
        at = start + elapsed * _MINUTE
        on_closed += site.is_closed(at)  # the first hang counts in every way alike
        for hours in site.durations(at):
            after = elapsed + hours * _MINUTES
            way = (on_closed, bags + 1, (*sequence, hours))
            if after < minutes:
                ways[after] = min(way, ways.get(after, way))
            else:
                ends.append((on_closed, bags + 1, after - minutes, way[2]))
    return min(ends)[3]


def _check_choices(hours: int, site: _Site, allowed: Collection[int], start: datetime) -> None:
    """Raise ValueError where there is nothing to infuse, or no allowed bag to do it with."""
    if hours <= 0:
        raise ValueError(f"{hours} h cannot be infused; the total must be above zero")
    if any(each <= 0 for each in allowed):
        raise ValueError("a bag must last longer than 0 h")
    known = ", ".join(f"{each} h" for each in sorted(set(allowed)))
    for stage in site.stages:
        if not stage.hours:
            raise ValueError(f"no bag duration is chosen from {paper_date(stage.first)} on; allowed: {known}")
        if wrong := sorted(set(stage.hours) - set(allowed)):
            raise ValueError(f"a bag of {wrong[0]} h is not allowed; allowed: {known}")
    if any(one.first >= after.first for one, after in pairwise(site.stages)):
        raise ValueError("the choices of bag durations must stand in the order of their dates, one for a date")
    if not site.stages or site.stages[0].first > start.astimezone(site.zone).date():
        raise ValueError(f"no bag duration is chosen for the start, {time_text(start, site.zone)}; allowed: {known}")


def in_order(
    interruptions: Sequence[Interruption], start: datetime, zone: tzinfo
) -> list[tuple[datetime, datetime | None]]:
    """Interruptions in UTC by their stops, for a start in UTC.

    Raises ValueError unless each is after the start and the one before it.
    """
    found = [
        (_to_the_minute(each.stop, "a stop"), each.resume and _to_the_minute(each.resume, "a resume"))
        for each in interruptions
    ]
    found.sort(key=lambda each: each[0])
    running: datetime | None = start
    for stop, resume in found:
        when = f"the stop of {time_text(stop, zone)}"
        if running is None:
            raise ValueError(f"{when} follows one that was never resumed; record that resume first")
        if stop <= start:
            raise ValueError(f"{when} is not after the start of {time_text(start, zone)}")
        if stop <= running:
            raise ValueError(
                f"{when} is not after the resume of {time_text(running, zone)}; interruptions cannot overlap"
            )
        if resume is not None and resume < stop:
            raise ValueError(f"the resume of {time_text(resume, zone)} is before its stop of {time_text(stop, zone)}")
        running = resume
    return found


def _to_the_minute(moment: datetime, what: str) -> datetime:
    """A zoned time to the minute -> the same in UTC; anything else is a ValueError."""
    found = in_utc(moment, what)
    if found.second or found.microsecond:
        raise ValueError(f"{what}, {moment.isoformat()}, has seconds; write it to the minute")
    return found


def _note_of_stop(bag: Bag) -> str:
    """What a stop does to the bag that ran."""
    when = time_text(bag.ends, bag.ends.tzinfo)
    if not bag.discarded:
        return say("Stopped {when}, when the bag of {hours} h was used up.", when=when, hours=bag.hours)
    return say(
        "Stopped {when}: {time} of the bag of {hours} h were infused, the rest is discarded.",
        when=when,
        time=_length(bag.used),
        hours=bag.hours,
    )


def _note_of_end(stop: datetime, resume: datetime | None, rule: InterruptionRule) -> str:
    """Why nothing is planned after a stop."""
    if resume is None:
        return say("No resume is recorded: nothing is planned after the stop.")
    return say(
        "The stop lasted {time}, more than {days} days: a prescriber must decide, and nothing is planned"
        " after the stop.",
        time=_length((resume - stop) // _MINUTE),
        days=rule.longest_days or 0,
    )


def _note_of_restart(restart: Restart, rule: InterruptionRule) -> str:
    """When it went on, and what that asks for."""
    when, time = time_text(restart.resume, restart.resume.tzinfo), _length(restart.minutes)
    if not restart.supervised:
        return say("Resumed {when} after {time} with a new bag.", when=when, time=time)
    return say(
        "Resumed {when} after {time} with a new bag: a supervised restart, for the stop lasted {hours} h or more.",
        when=when,
        time=time,
        hours=rule.supervised_hours or 0,
    )


def _note_of_rest(bag: Bag) -> str:
    """What becomes of the last bag."""
    return say(
        "The last bag is cut at the pump stop: {time} of its {hours} h are infused, the rest is discarded.",
        time=_length(bag.used),
        hours=bag.hours,
    )


def _length(minutes: int) -> str:
    """`60 h`, `60 h 30 min`, `30 min`."""
    hours, rest = divmod(minutes, _MINUTES)
    parts = [f"{figure(hours)} h"] if hours or not rest else []
    return " ".join([*parts, f"{rest} min"] if rest else parts)
