"""An administration -> its dose, what its lines are called, and what became of it, in few words."""

from __future__ import annotations

from datetime import date, datetime

from protocal.model.account import Dose
from protocal.model.doses import Route
from protocal.model.plan import Administration, Status, says_status
from protocal.model.reasons import reason_parts
from protocal.render.pdf.text_metrics import text_width
from protocal.render.roadmap.content.context import Context

_WHY_WIDTH = 145  # that the reason for a dose that is not given may take of the boxes beside it
_MOST_LINES = 6  # doses a day that still get a line each


def dose_text(context: Context, line: Administration) -> str:
    """One dose with its unit."""
    return context.words.dose(line.dose, line.unit)


def again_text(context: Context, line: Administration) -> str:
    """A later dose of a day, in words that cannot be counted as one more day's dose."""
    return context.text.gettext("again {dose}").format(dose=dose_text(context, line))


def state_of(context: Context, line: Administration) -> str:
    """Whether a dose is moved or given."""
    _ = context.text.gettext
    return {Status.MOVED: _("moved"), Status.GIVEN: _("given")}.get(line.status, "")


def absent_text(context: Context, line: Administration) -> str:
    """What became of a dose that is not given."""
    _ = context.text.gettext
    return _("held") if line.status is Status.HELD else _("omitted")


def why_absent(context: Context, line: Administration) -> str:
    """What became of a dose that is not given, and why."""
    return context.words.with_more(*_absent_parts(context, line))


def short_why_absent(context: Context, line: Administration) -> str:
    """The same where there is little room: as many of its parts as it takes, else where to read it."""
    parts = _absent_parts(context, line)
    while len(parts) > 1 and text_width(context.words.with_more(*parts), 7) > _WHY_WIDTH:
        parts.pop()
    said = context.words.with_more(*parts)
    bare = text_width(said, 7) > _WHY_WIDTH or (line.reason is not None and said == absent_text(context, line))
    return context.text.gettext("{state}: see orders").format(state=absent_text(context, line)) if bare else said


def _absent_parts(context: Context, line: Administration) -> list[str]:
    said = [context.words.said(part) for part in reason_parts(line.reason)]
    return said if says_status(line) else [absent_text(context, line), *said]


def line_labels(context: Context, dose: Dose, tablets: str = "") -> list[str]:
    """What each dose of the day is called, whether it is moved or given, and which tablets it is."""
    first, *others = _dose_labels(context, dose)
    labels = (f"{state_of(context, dose.line)} {first}".strip(), *others)
    return [", ".join(filter(None, (label, tablets))) for label in labels]


def hours_to_write(dose: Dose) -> bool:
    """Whether its hour is not known yet: that of a drug it follows, or of an infusion's start."""
    anchor = dose.line.order_line.first_dose
    return not dose.line.times and (bool(anchor and not anchor.before) or dose.starts_pump)


def hours_later(context: Context, line: Administration, days: int = 0) -> list[str]:
    """The hours of its doses after the start of another drug, as `+48 h`; of so many days later."""
    anchor = line.order_line.first_dose
    start = (anchor.span.least // 60 if anchor else 0) + 24 * (line.day + days - line.order_line.days.first)
    every = line.order_line.frequency.interval or 24 // line.per_day
    return [context.text.gettext("+{hours} h").format(hours=start + every * number) for number in range(line.per_day)]


def rate_label(context: Context, line: Administration) -> str:
    """From when an infusion runs with a day's dose, where its bags are signed for."""
    _ = context.text.gettext
    return _("from {clock}").format(clock=_clock(context, line.times[0], line.date)) if line.times else ""


def _dose_labels(context: Context, dose: Dose) -> list[str]:
    """What each dose of the day is called: its time of day, its clock, or its number."""
    _, line = context.text.gettext, dose.line
    order, per_day = line.order_line, line.per_day
    anchor = order.first_dose
    if anchor and anchor.before:
        return [_("{time} before").format(time=anchor.span.text).strip()]
    if anchor:
        clocks = [_clock(context, time, line.date) for time in line.times] or [""] * per_day
        return [f"{label} {clock}".strip() for label, clock in zip(hours_later(context, line), clocks, strict=True)]
    if per_day > _MOST_LINES:
        return [_("{count} doses").format(count=per_day)]
    if order.frequency.text == "BID":
        return [_("morning"), _("evening")]
    if per_day > 1:
        every = order.frequency.interval
        later = range(1, per_day)
        if every is None:
            return [_("dose {number}").format(number=n + 1) for n in range(per_day)]
        numbered = [
            _("dose {number}, +{hours}\N{NO-BREAK SPACE}h").format(number=n + 1, hours=n * every) for n in later
        ]
        return [_("dose {number}").format(number=1), *numbered]
    if order.frequency.weekly:
        return [_("weekly")]
    if dose.starts_pump and not line.times:
        return [_("from")]
    if order.frequency.continuous:
        return [
            _("24 h from {clock}").format(clock=_clock(context, line.times[0], line.date)) if line.times else _("24 h")
        ]
    over = f" {order.over.text}" if order.over else ""
    return ["" if line.route is Route.PO else f"{line.route.value}{over}"]


def each_label(context: Context, line: Administration) -> str:
    """How a dose is repeated on its day, in few words; empty for a single one."""
    _ = context.text.gettext
    if line.per_day == 1:
        return context.text.pgettext("narrow", "once a week") if line.order_line.frequency.weekly else ""
    if line.per_day == 2:
        return _("twice a day")
    return _("{count} times").format(count=line.per_day)


def _clock(context: Context, time: datetime, due: date) -> str:
    """An hour, and the weekday before it where it is not that of the day the dose belongs to."""
    clock = f"{time:%H:%M}"
    return clock if time.date() == due else f"{context.words.weekdays[time.weekday()]} {clock}"
