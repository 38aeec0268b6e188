"""A patient's facts and a course -> what the log says of that one course, so that the others stay as they are."""

from __future__ import annotations

from datetime import date, datetime

from protocal.model.entries import Cleared, Given, Held, Left, Moved, Substituted
from protocal.model.facts import Facts, Pause
from protocal.model.frozen import frozen
from protocal.model.plan import DatedCourse, Span
from protocal.plan.delays_and_holds import missed


@frozen
class Story:
    """What was recorded of a course's administrations, drugs and clocks, each as in `Facts`.

    Attributes:
        holds: those whose days are missed.
        asked: the first and the last date that are asked for; an open rescue is planned on them even beyond its course.
    """

    zone: str = "UTC"
    doses: tuple[Given, ...] = ()
    moved: tuple[Moved, ...] = ()
    left: tuple[Left, ...] = ()
    holds: tuple[Held, ...] = ()
    pauses: tuple[Pause, ...] = ()
    clearings: tuple[Cleared, ...] = ()
    instead: tuple[Substituted, ...] = ()
    bags: tuple[tuple[str, date, tuple[int, ...]], ...] = ()
    stopped_at: datetime | None = None
    asked: Span | None = None


def story_of(course: DatedCourse, facts: Facts, asked: Span | None = None) -> Story:
    """What the log says of a course; nothing but the zone where it says nothing."""
    dates = course.dates
    doses = tuple(each for each in facts.doses if each.id.course == course.id)
    started = any(each.at for each in doses)
    agents = course.definition.agents
    stopped = facts.stopped_at if dates and facts.stopped and dates.cut else None
    return Story(
        zone=facts.zone,
        doses=doses,
        moved=tuple(each for each in facts.moved if each.id.course == course.id),
        left=tuple(each for each in facts.left if each.ids[0].course == course.id),
        holds=missed(facts, course.id),
        pauses=tuple(each for each in facts.pauses if each.course == course.id),
        clearings=tuple(each for each in facts.clearings if each.course == course.id),
        instead=tuple(each for each in facts.instead if each.agent in agents and dates and each.date <= dates.last_day),
        bags=tuple(each for each in facts.bags if each[0] in agents) if started else (),
        stopped_at=stopped,
        asked=asked if doses and any(order.until_clear for order in course.definition.orders) else None,
    )
