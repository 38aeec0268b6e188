"""A course of a plan -> on which dates its infusions run, stop, go on and have their bags changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from protocal.model.account import BagChange, Rest, Restarted, Running, Stopped
from protocal.model.days import ONE_DAY, number_of
from protocal.model.doses import Route
from protocal.model.facts import Pause
from protocal.model.plan import Administration, CoursePlan, Dates, Plan

_DAY = 24 * 60  # minutes


def running(each: CoursePlan, zone: tzinfo) -> Iterator[tuple[date, Running]]:
    """The dates after that of its start on which an infusion over a day or more still runs.

    Without a recorded hour it is those on which it runs whatever its hour was.
    """
    for line in each.administrations:
        over = line.order_line.over
        if line.status.takes_place and not line.order_line.frequency.continuous and over and over.least >= _DAY:
            began = line.times[0].astimezone(zone).date() if line.times else line.date
            until = _ends(line, over.least, zone)
            last = until.date() if until else began + timedelta(days=over.least // _DAY)
            for late in range(1, (last - began).days + 1):
                yield began + ONE_DAY * late, Running(line, began, until, late)


def _ends(line: Administration, minutes: int, zone: tzinfo) -> datetime | None:
    """When an infusion has run for so many real minutes."""
    if not line.times:
        return None
    return (line.times[0].astimezone(UTC) + timedelta(minutes=minutes)).astimezone(zone)


def pauses_of(plan: Plan, each: CoursePlan) -> list[Pause]:
    """The stops of a course's continuous infusion."""
    infused = any(line.route is Route.CIV for line in each.administrations)
    return [pause for pause in plan.facts.pauses if infused and pause.course == each.course.id]


def stops_and_restarts(
    plan: Plan, each: CoursePlan, zone: tzinfo
) -> tuple[list[tuple[date, Stopped]], list[tuple[date, Restarted]]]:
    """When a continuous infusion stopped and went on again, on the ward's clocks, by date."""
    infused = next((line for line in each.administrations if line.route is Route.CIV), None)
    stops: list[tuple[date, Stopped]] = []
    restarts: list[tuple[date, Restarted]] = []
    if infused is None:
        return stops, restarts
    agent, unit, key, day = infused.agent, infused.unit, infused.key, infused.day
    rule = plan.agent_of(infused).interruptions
    for number, pause in enumerate(pauses_of(plan, each), 1):
        stop = pause.stop.astimezone(zone)
        stops.append((stop.date(), Stopped(stop, pause.number, pause.why, agent)))
        if pause.resume:
            resume, supervised = pause.resume.astimezone(zone), rule.is_supervised(pause.resume - pause.stop)
            rest = _rest(each, infused, pause, resume, zone)
            again = Restarted(resume, pause.dose, unit, supervised, agent, key, day, number, rest)
            restarts.append((resume.date(), again))
    return stops, restarts


def _rest(each: CoursePlan, infused: Administration, pause: Pause, resume: datetime, zone: tzinfo) -> Rest | None:
    """What was left of the 24 h that a stop cut: it goes on with its own dose, if the restart names no other."""
    order = (infused.key, infused.agent)
    begun = [
        line for line in each.administrations
        if (line.key, line.agent) == order and line.status.takes_place and line.times
    ]  # fmt: skip
    before = [line for line in begun if line.times[0] < pause.stop]
    until = next((line.times[0] for line in begun if line.times[0] >= resume), resume)
    if not before or until == resume:  # the last of them, or a stop at the very end of its 24 h: nothing was left
        return None
    return Rest(until.astimezone(zone), pause.dose or before[-1].dose, before[-1].date)


def standing_still(plan: Plan, each: CoursePlan, dates: Dates, zone: tzinfo) -> dict[date, datetime]:
    """The dates on the whole of which an infusion stands still, with the time of its stop."""
    found: dict[date, datetime] = {}
    for pause in pauses_of(plan, each):
        stop = pause.stop.astimezone(zone)
        resumes = pause.resume.astimezone(zone).date() if pause.resume else dates.last_day + ONE_DAY
        for late in range(1, (resumes - stop.date()).days):
            found[stop.date() + ONE_DAY * late] = stop
    return found


def bag_changes(each: CoursePlan, dates: Dates) -> Iterator[BagChange]:
    """The bags of the course's infusions, each with the day of the infusion that begins on its date, if one does."""
    for infusion in each.infusions:
        days = {line.date: line.day for line in reversed(each.administrations) if line.key == infusion.key}
        ended: datetime | None = None
        for number, bag in enumerate(infusion.bags, 1):
            on = bag.at.date()
            day = days[on] if on in days else number_of(dates.day1, on, dates.first)
            why = "first" if ended is None else "change" if ended == bag.at.astimezone(UTC) else "new"
            ended = bag.at.astimezone(UTC) + timedelta(hours=bag.hours)
            yield BagChange(day, infusion.key, infusion.agent, infusion.unit, bag, why, number, len(infusion.bags))
