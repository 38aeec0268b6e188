"""An order of the definition -> its dose, routes, times and dates in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from protocal.model.account import Dose
from protocal.model.course import Order
from protocal.model.days import ONE_DAY
from protocal.model.doses import Amount, Route
from protocal.model.evidence import Backing
from protocal.model.plan import PUMP_STOP
from protocal.render.roadmap.content.context import Context, SheetCourse
from protocal.render.roadmap.content.stretches import stretches


def order_text(context: Context, order: Order) -> str:
    """The dose as the definition writes it, its cap, and how long it runs."""
    _ = context.text.gettext
    parts = [
        context.words.said(rule.dose.text) if isinstance(rule.dose, Amount) else _("by age, from the table")
        for rule in order.doses
    ]
    parts += [_("max {cap}").format(cap=context.words.said(cap.text)) for cap in order.caps]
    if order.over:
        parts.append(_("over {time}").format(time=order.over.text))
    if order.first_dose:
        agent = first_dose_agent(context, order)
        clock = _("before") if order.first_dose.before else _("after")
        said = _("first dose {time} {clock} the start of {agent}")
        said = said.format(time=order.first_dose.span.text, clock=clock, agent=agent)
        parts.append(said.replace("  ", " "))  # nothing stands between where nobody knows how long before
    if order.window:
        parts.append(_("window -{early} to +{late} days").format(early=order.window.early, late=order.window.late))
    if order.until_clear:
        parts.append(_("until {agent} has cleared").format(agent=context.written(order.until_clear)))
    return ", ".join(parts)


def first_dose_agent(context: Context, order: Order) -> str:
    """The drug that the order's first dose is counted from."""
    key = order.first_dose.order if order.first_dose else ""
    for course in context.protocol.of_order(order).courses.values():
        for other in course.orders:
            if other.key == key and order in course.orders:
                return context.written(other.agents[0])
    return key


def each_text(context: Context, order: Order, days: int) -> str:
    """How often on each of so many days."""
    _ = context.text.gettext
    frequency = order.frequency
    words = {
        "once": _("once") if days == 1 else _("once on each day"),
        "daily": _("daily"),
        "BID": _("each, 2 times a day"),
        "TID": _("each, 3 times a day"),
        "QID": _("each, 4 times a day"),
        "weekly": _("once a week"),
        "continuous": _("in every 24 h"),
    }
    if frequency.text in words:
        return words[frequency.text]
    each = _("each of {count}, every {hours} h") if days == 1 else _("each of {count} a day, every {hours} h")
    return each.format(count=frequency.per_day, hours=frequency.interval)


def routes_text(context: Context, routes: Iterable[Route]) -> str:
    """The ways in that an order allows, in words."""
    _ = context.text.gettext
    first, *others = (_route_words(context, route) for route in routes)
    return _("{first} [or {others}]").format(first=first, others=", ".join(others)) if others else first


def _route_words(context: Context, route: Route) -> str:
    """A way in, in words with its abbreviation."""
    _ = context.text.gettext
    return {
        Route.PO: _("by mouth (PO)"),
        Route.IV: _("intravenous (IV)"),
        Route.IM: _("intramuscular (IM)"),
        Route.SC: _("subcutaneous (SC)"),
        Route.IT: _("intrathecal (IT)"),
        Route.CIV: _("continuous IV (CIV)"),
    }[route]


def short_route(context: Context, route: Route) -> str:
    """A way in where there is little room; the order table explains it."""
    return context.text.pgettext("narrow", "by mouth") if route is Route.PO else route.value


def dates_text(context: Context, order: Order, doses: Sequence[Dose], each: SheetCourse) -> Iterator[str]:
    """Dates in words: start and stop of a run, single dates one by one.

    What goes on until a level has cleared has no stop before that; what runs without one stops with its pump.
    """
    _, days = context.text.gettext, [dose.line.date for dose in doses]
    if awaits := next((dose.awaits for dose in doses if dose.awaits), ""):
        yield _("start {date}").format(date=context.words.day(days[0]))
        yield _("no stop until {agent} has cleared").format(agent=context.written(awaits))
        return
    if order.until_clear and (due := [dose.line for dose in doses if dose.line.status.takes_place]):
        last = max([due[-1].date, *(time.date() for time in due[-1].times)])
        yield _("start {date}").format(date=context.words.day(due[0].date))
        yield _("stop {date}").format(date=context.words.day(last))
        return
    if order.frequency.continuous:
        yield _("start {date}").format(date=context.words.day(days[0]))
        yield _pump_stop(context, days, each)
        return
    for first, count in stretches(day.toordinal() for day in days):
        start, stop = (context.words.day(date.fromordinal(ordinal)) for ordinal in (first, first + count - 1))
        yield from (
            (start,) if count == 1 else (_("start {date}").format(date=start), _("stop {date}").format(date=stop))
        )


def _pump_stop(context: Context, days: Sequence[date], each: SheetCourse) -> str:
    """When an infusion ends: to the hour once its start is recorded."""
    _ = context.text.gettext
    stops = [event for event in each.procedures if event.kind == PUMP_STOP]
    if not stops:
        return _("no pump stop: the infusion stands still")
    if len(stops) == 1 and stops[0].at:
        said = _("pump stop {date} {clock}").format(date=context.words.day(stops[0].date), clock=f"{stops[0].at:%H:%M}")
        return _("{pump_stop}, later because the infusion stopped").format(pump_stop=said) if each.restarts else said
    return _("pump stop {date} at the start hour").format(date=context.words.day(days[-1] + ONE_DAY))


def evidence_parts(context: Context, backing: Backing) -> str:
    """Which part of the line is known how well, where that differs."""
    if len({level for _part, level in backing.parts}) < 2:
        return ""
    _ = context.text.gettext
    words = {
        "agent": _("drug"),
        "route": _("route"),
        "dose": _("dose"),
        "cap": _("cap"),
        "days": _("days"),
        "clock": _("clock"),
        "event": _("event"),
        "length": _("length"),
        "order": _("order"),
        "condition": _("condition"),
    }
    return "; ".join(f"{words.get(part, part)} {level.mark}" for part, level in backing.parts)
