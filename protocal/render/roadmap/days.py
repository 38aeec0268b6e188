"""A course in; what stands in its day grid beside the doses out: moves, bags, pauses, days without treatment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from protocal.plan.expand import LUMBAR_PUNCTURE
from protocal.render.roadmap.context import Context
from protocal.render.roadmap.labels import absent_text
from protocal.render.roadmap.points import within
from protocal.render.roadmap.sheets import Line
from protocal.words.days import ONE_DAY
from protocal.words.doses import Route
from protocal.words.plan import Administration, CoursePlan, Dates, Status
from protocal.words.protocol import Order
from protocal.words.record import Pause

OPEN_DAYS = 3  # after the planned ones, on which a drug that goes on until a level has cleared has a line to sign
_SAID_WIDTH = 208.0  # that a sentence across the columns may take, even where they are at their widest


def said_of_days(context: Context, each: CoursePlan, dates: Dates) -> dict[date, list[Line]]:
    """What else happens on days: bags that are hung, an infusion that stopped, a dose that was moved away."""
    _ = context.text.gettext
    found: dict[date, list[Line]] = {}
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
        found.setdefault(planned, []).append(Line("", text=within(text, _SAID_WIDTH), signed=False))
    for on, line_ in absent.items():
        found.setdefault(on, []).append(line_)
    for at, text in _stops(context, each):
        found.setdefault(at.date(), []).append(Line(f"{at:%H:%M}", text=within(text, _SAID_WIDTH), signed=False))
    for infusion in each.infusions:
        for number, bag in enumerate(infusion.bags, 1):
            text = _("bag {number} of {count}, {hours} h: {amount}").format(
                number=number, count=len(infusion.bags), hours=bag.hours,
                amount=context.words.dose(bag.amount, infusion.unit))  # fmt: skip
            found.setdefault(bag.at.date(), []).append(
                Line(_("hang {clock}").format(clock=f"{bag.at:%H:%M}"), text=text, bag=True)
            )
    return found


def _stops(context: Context, each: CoursePlan) -> Iterator[tuple[datetime, str]]:
    """When a continuous infusion stopped and went on again, on the ward's clocks."""
    _ = context.text.gettext
    unit = next(
        (context.protocol.agents[line.agent].unit for line in each.administrations if line.route is Route.CIV), ""
    )
    for pause in _pauses(context, each):
        yield pause.stop.astimezone(context.zone), ": ".join(filter(None, (_("infusion stopped"), pause.why)))
        if pause.resume:
            text = _("infusion goes on")
            if pause.dose:
                text = _("infusion goes on with {dose} in 24 h").format(dose=context.words.dose(pause.dose, unit))
            yield pause.resume.astimezone(context.zone), text


def _pauses(context: Context, each: CoursePlan) -> list[Pause]:
    """The stops of the course's continuous infusion."""
    infused = any(line.route is Route.CIV for line in each.administrations)
    return [pause for pause in context.plan.facts.pauses if infused and pause.course == each.course.id]


def no_treatment(
    context: Context,
    day: date,
    number: int | None,
    each: CoursePlan,
    dates: Dates,
    going_on: Sequence[tuple[Order, int]],
) -> Line:
    """A day on which nothing is given, and why that is where the record says."""
    _ = context.text.gettext
    rest = [context.written(order.until_clear) for order, _days in going_on]
    text = _("no treatment")
    if rest:
        text = _("no treatment, once {level} has cleared").format(level=", ".join(rest))
    elif number is None:
        text = _waits(context, day, dates)
    else:
        for pause in _pauses(context, each):
            stop = pause.stop.astimezone(context.zone)
            if stop.date() < day and (pause.resume is None or day < pause.resume.astimezone(context.zone).date()):
                text = _("infusion stands still since {time}").format(time=context.words.time(stop))
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


def still_open(context: Context, day: int, lines: Sequence[Administration]) -> list[tuple[Order, int]]:
    """Orders that go on after their planned days until a level has cleared, with how long ago those ended."""
    cleared = {(clearing.course, clearing.agent) for clearing in context.plan.facts.clearings}
    last: dict[Order, int] = {}
    timed: set[Order] = set()  # once the hours are known, the plan itself has the days that are open
    for line in lines:
        order = line.order_line
        if order.until_clear and (line.course, order.until_clear) not in cleared:
            last[order] = max(line.day, last.get(order, line.day))
            timed.update([order] if line.times else [])
    return [(order, OPEN_DAYS + 1 if order in timed else day - days) for order, days in last.items() if day > days]


def _is_of_the_definition(line: Administration) -> bool:
    """Whether its day is one of the definition's: not of a series that takes a dose's place, nor before a restart."""
    parts = line.id.split("/")
    return len(parts) == (4 if line.order_line.has_parts else 3)
