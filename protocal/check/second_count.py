"""A plan and the second count of its files -> problems where they differ, and what was counted only once.

The second count (`protocal.recount`) shares no code with what makes plans: which of the two is wrong nobody knows here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from protocal.check.rule import error, warning
from protocal.model.plan import Administration, Plan, Status
from protocal.model.problems import Problem, Where
from protocal.text.message import joined, quantity, say, say_of, time_text

if TYPE_CHECKING:  # a plan is shown without it
    from protocal.recount.values import Counted

DIFFERS = "second-count"
ONCE = "counted-once"
_SHOWN = 5  # orders that are told one by one: a mistake in a date is one in all that follows


class Line(NamedTuple):
    """What a count says of an administration; `dose` is that before tablets were chosen, unless it was given."""

    date: date
    agent: str
    route: str
    dose: Decimal | None
    unit: str
    per_day: int
    hours: tuple[datetime, ...]
    state: str


def second_count(plan: Plan, counted: Iterable[Counted], not_covered: Sequence[str] = ()) -> Iterator[Problem]:
    """What differs, an error for each order, and a warning for what only the plan has counted.

    Days of an open rescue beyond its course, where a list asks for them, repeat its last day and are not compared.
    """
    theirs = {each.id: _counted(each) for each in counted}
    ours = {
        str(each.id): _planned(each)
        for each in plan.administrations
        if not (plan.asked and each.open and each.id not in theirs and plan.asked[0] <= each.date <= plan.asked[1])
    }
    orders: dict[str, list[str]] = {}
    for ident in (*ours, *(each for each in theirs if each not in ours)):
        if ours.get(ident) != theirs.get(ident):
            orders.setdefault(_order(ident), []).append(ident)
    for order, idents in list(orders.items())[:_SHOWN]:
        yield _difference(plan, order, idents, ours, theirs)
    if len(orders) > _SHOWN:
        left = len(orders) - _SHOWN
        yield _error(plan, say_of("{count} other order differs, too", "{count} other orders differ, too", left))
    if not_covered:
        yield counted_once(plan, "; ".join(not_covered))


def not_counted(plan: Plan, why: str) -> Problem:
    """The second count broke down: that is as bad as another result."""
    return _error(plan, say("the second count of this record could not be made: {why}", why=why))


def counted_once(plan: Plan, what: str) -> Problem:
    """Some of it was counted only by the plan."""
    message = say("counted once: the second count does not know {what}", what=what)
    return warning(ONCE, message, plan.record.where, say("Check the doses and days by hand."))


def _planned(each: Administration) -> Line:
    dose = each.dose if each.status is Status.GIVEN or each.product is None else each.calculated
    return Line(
        *(each.date, each.agent, each.route.value, dose, each.unit, each.per_day, each.times, each.status.value)
    )


def _counted(each: Counted) -> Line:
    return Line(*(each.date, each.agent, each.route, each.dose, each.unit, each.per_day, each.hours, each.state))


def _order(ident: str) -> str:
    return "/".join(ident.split("/")[:2])


def _difference(
    plan: Plan, order: str, idents: Sequence[str], ours: Mapping[str, Line], theirs: Mapping[str, Line]
) -> Problem:
    first, more = idents[0], len(idents) - 1
    lines = list(_lines_of(plan, order, {each.agent for ident in idents for each in _both(ident, ours, theirs)}))
    numbers = ", ".join(str(number) for number, _where in lines)
    parts = (
        say(
            "{id}: the plan has {ours}, the second count has {theirs}",
            id=first,
            ours=_words(plan, ours.get(first)),
            theirs=_words(plan, theirs.get(first)),
        ),
        say_of("likewise {count} other day", "likewise {count} other days", more) if more else "",
        say_of("see line {numbers} of the log", "see lines {numbers} of the log", len(lines), numbers=numbers)
        if lines
        else "",
    )
    return _error(plan, joined("; ", parts), lines[-1][1] if lines else None)


def _both(ident: str, *counts: Mapping[str, Line]) -> list[Line]:
    return [count[ident] for count in counts if ident in count]


def _lines_of(plan: Plan, order: str, agents: set[str]) -> Iterator[tuple[int, Where]]:
    """The lines of the log that name the course, a drug of these or a dose of the order, with their numbers."""
    course = order.split("/", maxsplit=1)[0]
    for number, entry in plan.record.standing(plan.revision):
        named = [str(getattr(entry, "id", "")), *map(str, getattr(entry, "ids", ()))]
        about = getattr(entry, "course", None) == course or getattr(entry, "agent", None) in agents
        if about or any(_order(each) == order for each in named):
            yield number, entry.where


def _words(plan: Plan, line: Line | None) -> str:
    """As in `2 times 1.17 mg vinCRIStine IV on Tue 08-Dec-2026, due`."""
    if line is None:
        return say("nothing")
    zone = ZoneInfo(plan.record.timezone)
    agent = plan.protocol.agents.get(line.agent)
    dose: str = say("no figure") if line.dose is None else quantity(line.dose, line.unit)
    if line.per_day != 1:
        dose = say("{count} times {dose}", count=line.per_day, dose=dose)
    what = say(
        "{dose} {agent} {route} on {date}",
        dose=dose,
        agent=agent.written if agent else line.agent,
        route=line.route,
        date=line.date,
    )
    return joined(", ", [what, *(time_text(hour, zone) for hour in line.hours), line.state])


def _error(plan: Plan, message: str, where: Where | None = None) -> Problem:
    remedy = say(
        "Give nothing by it: tell the pharmacist and the protocol office, and ask those who maintain protocal."
    )
    return error(DIFFERS, message, where or plan.record.where, remedy)
