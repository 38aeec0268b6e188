"""A continuous infusion with its recorded start, stops and bags -> when each day's dose begins, pump stop, bags."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import UTC, date, datetime
from itertools import pairwise

from protocal.model.agent import InterruptionRule
from protocal.model.course import Order
from protocal.model.facts import Pause
from protocal.model.plan import (
    PUMP_STOP,
    Administration,
    BagHung,
    Infusion,
    PlannedEvent,
)
from protocal.model.reasons import Cause, Reason
from protocal.model.settings import Settings
from protocal.plan.bags import CHOICE, DoseFrom, Interruption, Stage, bag_amounts, plan_bags
from protocal.plan.expand.scope import CourseScope, Timed
from protocal.plan.hours_infused import infused_at


def infused(scope: CourseScope, order: Order) -> dict[int, Timed]:
    """When each day's 24 h of a continuous infusion begin, once its start is recorded."""
    start, rule = scope.start(order.key), scope.rule(order)
    if start is None:
        return {}
    found = {}
    for index, day in enumerate(order.days.fixed):
        at = infused_at(start, 24 * index, scope.story.pauses, rule, begins=True)
        if at is None:
            found[day] = Timed((), _stands_still(scope, rule))
        else:
            found[day] = Timed((at.astimezone(scope.zone),))
    return found


def _stands_still(scope: CourseScope, rule: InterruptionRule) -> Reason:
    """Why an infusion does not go on: no resume is recorded, or it came too late."""
    last = max(scope.story.pauses, key=lambda pause: pause.stop)
    too_long = None if last.resume is None else rule.longest_days or 0
    return Reason(Cause.STANDS_STILL, at=last.stop, longest_days=too_long)


def pump_stop(scope: CourseScope, order: Order, lines: list[Administration]) -> Iterator[PlannedEvent]:
    """The pump stop, at its hour where the start is recorded; none while the infusion stands still."""
    last, start, at = lines[-1], scope.start(order.key), None
    day = last.day + 1
    if start:
        at = infused_at(start, 24 * len(lines), scope.story.pauses, scope.rule(order))
        stopped = scope.story.stopped_at
        if stopped and (at is None or stopped < at):
            at = stopped.astimezone(UTC)
        if at is None:
            return
    on = at.astimezone(scope.zone).date() if at else scope.dates.date_of(day)
    zoned = at.astimezone(scope.zone) if at else None
    yield PlannedEvent(scope.course.id, day, on, PUMP_STOP, order.backing.evidence, zoned)


def _stopped_at(scope: CourseScope, lines: list[Administration]) -> datetime | None:
    """When the end of all therapy stopped the pump, if it ran then."""
    stopped, start = scope.story.stopped_at, lines[0].times[0]
    end = infused_at(start, 24 * len(lines), scope.story.pauses, scope.protocol.agents[lines[0].agent].interruptions)
    return stopped if stopped and end and stopped < end else None


def _while_it_ran(scope: CourseScope, first: Administration, hours: int, last: datetime | None) -> list[Pause]:
    """The recorded stops before the infusion's end, which the end of therapy may have brought nearer."""
    rule, ran = scope.protocol.agents[first.agent].interruptions, list[Pause]()
    for pause in sorted(scope.story.pauses, key=lambda each: each.stop):
        end = last or infused_at(first.times[0], hours, ran, rule)
        if end is None or pause.stop < end:
            ran.append(pause)
    return ran


def infusion(scope: CourseScope, lines: list[Administration]) -> Iterator[Infusion]:
    """The bags of a continuous infusion, once its start and the hours of its bags are recorded."""
    first, story = lines[0], scope.story
    start = first.times[0] if first.times else None
    stages = [Stage(day, lasting) for agent, day, lasting in story.bags if agent == first.agent]
    if start is None or not stages or stages[0].first > start.astimezone(scope.zone).date():
        return
    last = _stopped_at(scope, lines)
    unforeseen = last or any(pause.resume is None for pause in story.pauses)  # its bags were chosen before that
    hours = 24 * (len(first.order_line.days.fixed) if unforeseen else len(lines))
    pauses = [Interruption(pause.stop, pause.resume) for pause in _while_it_ran(scope, first, hours, last)]
    plan = plan_bags(
        start,
        hours,
        stages,
        allowed=scope.protocol.agents[first.agent].bags,
        closed=_closed(scope.settings),
        zone=scope.zone,
        interruptions=[*pauses, *([Interruption(last)] if last else [])],
        rule=scope.protocol.agents[first.agent].interruptions,
    )
    named = [(line.times[0].astimezone(UTC), line.dose) for line in lines if line.times]
    named += [(pause.resume.astimezone(UTC), pause.dose) for pause in story.pauses if pause.resume and pause.dose]
    doses = [DoseFrom(at, dose) for at, dose in sorted(dict(named).items())]
    changes = [doses[0], *(later for earlier, later in pairwise(doses) if later.per_day != earlier.per_day)]
    amounts = bag_amounts(plan.bags, changes)
    yield Infusion(
        key=first.key,
        agent=first.agent,
        unit=first.unit,
        bags=tuple(
            BagHung(bag.hang, bag.hours, amount.amount, bag.on_closed_day)
            for bag, amount in zip(plan.bags, amounts, strict=True)
        ),
        stop=last.astimezone(scope.zone) if last else plan.stop,
        notes=(CHOICE, *(plan.notes[:-1] if last else plan.notes)),  # but not that no resume is recorded
    )


def _closed(settings: Settings) -> list[tuple[date, Set[date]]]:
    """The days on which the site does not treat, as they were known from each date on."""
    found: list[tuple[date, Set[date]]] = []
    each: Settings | None = settings
    while each:
        found.insert(0, (each.since or date.min, each.closed))
        each = each.before
    return found
