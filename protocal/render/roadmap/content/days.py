"""A day of a course -> what stands in its day grid beside the doses: moves, bags, stops, that nothing is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from protocal.model.account import BagChange, CourseDay, GoesOn, Restarted, Running, State
from protocal.model.doses import Route
from protocal.render.pdf.text_metrics import within
from protocal.render.roadmap.content.context import Context
from protocal.render.roadmap.content.labels import absent_text, dose_text, hours_later
from protocal.render.roadmap.sheets import Cell, Line, Turn

_SAID_WIDTH = 208.0  # that a sentence across the columns may take, even where they are at their widest
_NEVER = datetime.min.replace(tzinfo=UTC)


class SaidOfDay(NamedTuple):
    """A line that is no dose; `at` is its hour, where it has one."""

    line: Line
    at: datetime | None = None


def said_of_day(context: Context, day: CourseDay) -> list[SaidOfDay]:
    """What else happens on a day: bags that are hung, an infusion that stopped, a dose that was moved away."""
    said = [*_away(context, day), *_stops(context, day), *(_bag(context, change) for change in day.bags)]
    return sorted(said, key=lambda each: (each.at or _NEVER, not each.line.bag))


def _away(context: Context, day: CourseDay) -> Iterator[SaidOfDay]:
    """What was moved to another date, and a lumbar puncture of which nothing is given."""
    _ = context.text.gettext
    moved = {_("LP") if each.line.route is Route.IT else context.written(each.line.agent): each.to for each in day.away}
    for name, on in moved.items():
        yield _sentence(_("{drug} moved to {date}").format(drug=name, date=context.words.day(on)))
    lines = (dose.line for dose in day.doses)
    absent = [line for line in lines if line.route is Route.IT and not line.status.takes_place]
    if absent and not day.punctures:
        text = _("LP {state}: see the INTRATHECAL block").format(state=absent_text(context, absent[-1]))
        yield SaidOfDay(Line("", text=text, signed=False))


def _stops(context: Context, day: CourseDay) -> Iterator[SaidOfDay]:
    """When a continuous infusion stopped and went on again, and what was left to go in."""
    _ = context.text.gettext
    for stop in day.stops:
        text = context.words.with_more(_("infusion stopped"), stop.why)
        yield _sentence(text, f"{stop.at:%H:%M}", stop.at, Turn.OFF)
    for again in day.restarts:
        yield from _restart(context, again)


def _restart(context: Context, again: Restarted) -> Iterator[SaidOfDay]:
    _ = context.text.gettext
    text = _("infusion goes on")
    if again.dose:
        text = _("infusion goes on with {dose} in 24 h").format(dose=context.words.dose(again.dose, again.unit))
    yield _sentence(text, f"{again.at:%H:%M}", again.at, Turn.ON)
    rest = again.rest
    if rest and rest.until.date() == again.at.date():
        text = _("{dose} in 24 h: the rest of {date}").format(
            dose=context.words.dose(rest.dose, again.unit), date=context.words.day(rest.of)
        )
        yield _sentence(text, _("to {clock}").format(clock=f"{rest.until:%H:%M}"), rest.until, Turn.ON)


def _bag(context: Context, change: BagChange) -> SaidOfDay:
    _, bag = context.text.gettext, change.bag
    text = _("bag {number} of {count}, {hours} h: {amount}").format(
        number=change.number, count=change.total, hours=bag.hours, amount=context.words.dose(bag.amount, change.unit)
    )
    label = _("hang {clock}").format(clock=f"{bag.at:%H:%M}")
    return SaidOfDay(Line(label, text=text, bag=True, turn=Turn.ON), bag.at)


def _sentence(text: str, label: str = "", at: datetime | None = None, turn: Turn = Turn.NONE) -> SaidOfDay:
    return SaidOfDay(Line(label, text=within(text, _SAID_WIDTH), signed=False, turn=turn), at)


def quiet_day(context: Context, day: CourseDay, found: tuple[Line, ...]) -> tuple[Line, ...]:
    """A day on which nothing is signed for: what runs on into it, or that nothing is given, and why."""
    if any(line.signed or line.cells for line in found):
        return found
    lines = (*found, *(_sentence(_runs_on(context, run, day)).line for run in day.running))
    return lines or (_sentence(_no_treatment(context, day)).line,)


def _runs_on(context: Context, run: Running, day: CourseDay) -> str:
    """`methotrexate: the infusion goes on, until 21:00`; where it ends on a later date only that it goes on."""
    _, agent = context.text.gettext, context.written(run.line.agent)
    if run.until and run.until.date() == day.date:
        return _("{agent}: the infusion goes on, until {hour}").format(agent=agent, hour=f"{run.until:%H:%M}")
    return _("{agent}: the infusion goes on").format(agent=agent)


def _no_treatment(context: Context, day: CourseDay) -> str:
    _ = context.text.gettext
    if day.counted is None:
        if day.wait is None:
            return _("no treatment, the course waits")
        text = _("no treatment, the course waits (line {line})").format(line=day.wait.line)
        return context.words.with_more(text, day.wait.why)
    if day.still:
        return _("infusion stands still since {time}").format(time=context.words.time(day.still))
    return _("no treatment")


def shares_a_line(day: CourseDay) -> frozenset[str]:
    """The day's administrations, by id, that have no lines of their own: one line says all doses of their order."""
    far = {(each.line.key, each.line.agent) for each in day.goes_on if not each.near}
    lines = (dose.line for dose in day.doses if dose.state is State.OPEN)
    return frozenset(line.id for line in lines if (line.key, line.agent) in far)


def unless_cleared(context: Context) -> str:
    """What stands beside a dose that is given only as long as a level has not cleared."""
    return context.text.gettext("unless cleared")


def has_lines(each: GoesOn) -> bool:
    """Whether there are lines to sign for doses that the plan does not have yet."""
    return each.near and not each.planned


def open_lines(context: Context, each: GoesOn, place: int | None, columns: int) -> Iterator[Line]:
    """The lines of a day on which an order may go on: the level, and its doses unless that has cleared.

    `place` is that of its drug among the grid's columns.
    """
    _ = context.text.gettext
    drug, level = context.written(each.line.agent), context.written(each.awaits)
    if not each.near or (place is None and not each.planned):
        hours = each.line.order_line.frequency.interval or 24 // each.line.per_day
        text = _("unless cleared: {drug} {dose} every {hours} h").format(
            drug=drug, dose=dose_text(context, each.line), hours=hours
        )
        yield _sentence(text).line
        return
    yield Line(_("level"), text=_("{level}: ____________  cleared:  no / yes").format(level=level))
    for label in () if each.planned else hours_later(context, each.line, each.late):
        dose = Cell(dose_text(context, each.line), 1, "", "", beside=unless_cleared(context))
        yield Line(label, tuple(dose if column == place else None for column in range(columns)), clock_blank=True)
