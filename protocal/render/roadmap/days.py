"""A course in; what stands in its day grid beside the doses out: moves, bags, pauses, days without treatment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from protocal.plan.open_ends import open_ends
from protocal.render.roadmap.context import Context
from protocal.render.roadmap.labels import absent_text, dose_text, hours_later
from protocal.render.roadmap.points import within
from protocal.render.roadmap.sheets import Cell, Line, Turn
from protocal.words.days import ONE_DAY
from protocal.words.doses import Route
from protocal.words.plan import LUMBAR_PUNCTURE, Administration, CoursePlan, Dates, Status
from protocal.words.record import Pause

_SAID_WIDTH = 208.0  # that a sentence across the columns may take, even where they are at their widest


class SaidOfDay(NamedTuple):
    """A line that is no dose; `at` is its hour, where it has one."""

    line: Line
    at: datetime | None = None


def said_of_days(context: Context, each: CoursePlan, dates: Dates) -> dict[date, list[SaidOfDay]]:
    """What else happens on days: bags that are hung, an infusion that stopped, a dose that was moved away."""
    _ = context.text.gettext
    found: dict[date, list[SaidOfDay]] = {}
    moved: dict[tuple[date, str], date] = {}
    absent: dict[date, Line] = {}
    for line in each.administrations:
        planned = dates.date_of(line.day)
        if line.date != planned and line.status in (Status.MOVED, Status.GIVEN) and _is_of_the_definition(line):
            name = _("LP") if line.route is Route.IT else context.written(line.agent)
            moved[planned, name] = line.date
        elif line.route is Route.IT and not line.status.takes_place:
            text = _("LP {state}: see the INTRATHECAL block").format(state=absent_text(context, line))
            if not any(event.kind == LUMBAR_PUNCTURE and event.date == line.date for event in each.procedures):
                absent[line.date] = Line("", text=text, signed=False)
    for (planned, name), on in moved.items():
        text = _("{drug} moved to {date}").format(drug=name, date=context.words.day(on))
        found.setdefault(planned, []).append(SaidOfDay(Line("", text=within(text, _SAID_WIDTH), signed=False)))
    for on, line_ in absent.items():
        found.setdefault(on, []).append(SaidOfDay(line_))
    for at, label, text, turn in _stops(context, each):
        line_ = Line(label, text=within(text, _SAID_WIDTH), signed=False, turn=turn)
        found.setdefault(at.date(), []).append(SaidOfDay(line_, at))
    for infusion in each.infusions:
        for number, bag in enumerate(infusion.bags, 1):
            text = _("bag {number} of {count}, {hours} h: {amount}").format(
                number=number, count=len(infusion.bags), hours=bag.hours,
                amount=context.words.dose(bag.amount, infusion.unit))  # fmt: skip
            label = _("hang {clock}").format(clock=f"{bag.at:%H:%M}")
            found.setdefault(bag.at.date(), []).append(
                SaidOfDay(Line(label, text=text, bag=True, turn=Turn.ON), bag.at)
            )
    never = datetime.min.replace(tzinfo=UTC)
    return {day: sorted(lines, key=lambda said: (said.at or never, not said.line.bag)) for day, lines in found.items()}


def _stops(context: Context, each: CoursePlan) -> Iterator[tuple[datetime, str, str, Turn]]:
    """When a continuous infusion stopped and went on again, on the ward's clocks, and what was left to go in."""
    _ = context.text.gettext
    infused = [line for line in each.administrations if line.route is Route.CIV and line.status.takes_place]
    unit = next((line.unit for line in infused), "")
    for pause in _pauses(context, each):
        stop = pause.stop.astimezone(context.zone)
        text = ": ".join(filter(None, (_("infusion stopped"), pause.why)))
        yield stop, f"{stop:%H:%M}", text, Turn.OFF
        if pause.resume:
            resume = pause.resume.astimezone(context.zone)
            text = _("infusion goes on")
            if pause.dose:
                text = _("infusion goes on with {dose} in 24 h").format(dose=context.words.dose(pause.dose, unit))
            yield resume, f"{resume:%H:%M}", text, Turn.ON
            before = [line for line in infused if line.times and line.times[0] < stop]
            after = [line for line in infused if line.times and line.times[0] > resume]
            if before and after and (following := after[0].times[0].astimezone(context.zone)).date() == resume.date():
                dose = dose_text(context, after[0])
                text = _("{dose} in 24 h: the rest of {date}").format(
                    dose=dose, date=context.words.day(before[-1].date)
                )
                yield following, _("to {clock}").format(clock=f"{following:%H:%M}"), text, Turn.ON


def _pauses(context: Context, each: CoursePlan) -> list[Pause]:
    """The stops of the course's continuous infusion."""
    infused = any(line.route is Route.CIV for line in each.administrations)
    return [pause for pause in context.plan.facts.pauses if infused and pause.course == each.course.id]


def no_treatment(context: Context, day: date, number: int | None, each: CoursePlan, dates: Dates) -> Line:
    """A day on which nothing is given, and why that is where the record says."""
    text = context.text.gettext("no treatment")
    if number is None:
        text = _waits(context, day, dates)
    else:
        for pause in _pauses(context, each):
            stop = pause.stop.astimezone(context.zone)
            if stop.date() < day and (pause.resume is None or day < pause.resume.astimezone(context.zone).date()):
                text = context.text.gettext("infusion stands still since {time}").format(time=context.words.time(stop))
    return Line("", text=within(text, _SAID_WIDTH), signed=False)


def _waits(context: Context, day: date, dates: Dates) -> str:
    """Why a date is none of the course's days."""
    _ = context.text.gettext
    for shift in dates.shifts:
        if dates.date_of(shift.from_day) - ONE_DAY * shift.days <= day < dates.date_of(shift.from_day):
            why = context.plan.record.log[shift.line - 1].why
            text = _("no treatment, the course waits (line {line})").format(line=shift.line)
            return f"{text}: {why}" if why else text
    return _("no treatment, the course waits")


class StillOpen(NamedTuple):
    """An order that goes on until a level has cleared, on a day.

    Attributes:
        last: the last of its doses on the definition's days; what follows is like it.
        days: how many days after it the day is; none where the plan itself has the day's doses, each with its line.
        has_lines: the day has lines to sign for doses that the plan does not have yet.
    """

    last: Administration
    days: int
    has_lines: bool


def still_open(context: Context, day: date, each: CoursePlan) -> list[StillOpen]:
    """Orders that go on until a level has cleared which is not recorded yet, on one of their days or after them."""
    found = []
    for _course, end in open_ends(context.plan, (each,)):
        order = (end.last.key, end.last.agent)
        mine = {line.date: line.status for line in each.administrations if (line.key, line.agent) == order}
        status = mine.get(day, Status.DUE)
        if day < min(mine) or not status.takes_place:
            continue
        lined = day <= end.lined or status is not Status.DUE
        late = 0 if end.begun and lined else max(0, (day - end.last.date).days)
        found.append(StillOpen(end.last, late, late > 0 and lined))
    return found


def unless_cleared(context: Context) -> str:
    """What stands beside a dose that is given only as long as a level has not cleared."""
    return context.text.gettext("unless cleared")


def open_lines(context: Context, each: StillOpen, place: int | None, columns: int) -> Iterator[Line]:
    """The lines of a day on which an order may go on: the level, and its doses unless that has cleared.

    `place` is that of its drug among the grid's columns.
    """
    _ = context.text.gettext
    drug, level = (context.written(name) for name in (each.last.agent, each.last.order_line.until_clear))
    if each.days and (not each.has_lines or place is None):
        hours = each.last.order_line.frequency.interval or 24 // each.last.per_day
        text = _("unless cleared: {drug} {dose} every {hours} h").format(
            drug=drug, dose=dose_text(context, each.last), hours=hours
        )
        yield Line("", text=within(text, _SAID_WIDTH), signed=False)
        return
    yield Line(_("level"), text=_("{level}: ____________  cleared:  no / yes").format(level=level))
    for label in hours_later(context, each.last, each.days) if each.days else ():
        dose = Cell(dose_text(context, each.last), 1, "", "", beside=unless_cleared(context))
        yield Line(label, tuple(dose if column == place else None for column in range(columns)), clock_blank=True)


def _is_of_the_definition(line: Administration) -> bool:
    """Whether its day is one of the definition's: not of a series that takes a dose's place, nor before a restart."""
    return len(line.id.parts) == int(line.order_line.has_parts)
