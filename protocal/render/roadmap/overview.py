"""A plan in; the overview of the whole therapy out, a row for each course with its place on the time line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from protocal.plan.expand import LUMBAR_PUNCTURE
from protocal.render.roadmap.context import Context
from protocal.render.roadmap.head import make_head
from protocal.render.roadmap.sheets import OverviewRow, OverviewSheet
from protocal.render.roadmap.stretches import stretches
from protocal.words.doses import Route
from protocal.words.figures import paper_date, short_date
from protocal.words.plan import CoursePlan, CourseStatus
from protocal.words.protocol import Evidence

_BY_NEEDLE = (Route.IV, Route.IM, Route.SC)


def overview_sheet(context: Context) -> OverviewSheet:
    """The whole therapy, from the first day of the first course that has a date."""
    _ = context.text.gettext
    dated = [each.course.dates for each in context.plan.courses if each.course.dates]
    first = dated[0].day1
    last = max(dates.last_day for dates in dated)
    total = (last - first).days + 1
    subtitle = _("{first} to {last}").format(first=paper_date(first), last=paper_date(last))
    head = make_head(context, _("Whole therapy"), subtitle, "")
    arm = context.protocol.arms.get(context.plan.facts.traits.arm)
    routes = [context.protocol.unassigned, *([arm] if arm else [])]
    return OverviewSheet(
        head=head,
        rows=tuple(_row(context, number, each, first) for number, each in enumerate(context.plan.courses, 1)),
        total_days=total,
        months=tuple(_months(first, last)),
        comments=tuple(f"{route.title}. {route.comment}".strip() for route in routes),
        questions=tuple(
            question for backing in (*(route.backing for route in routes), context.protocol.backing)
            for question in backing.questions
        ),
    )  # fmt: skip


def _row(context: Context, number: int, each: CoursePlan, first: date) -> OverviewRow:
    _ = context.text.gettext
    course, dates = each.course, each.course.dates
    punctures = [event for event in each.procedures if event.kind == LUMBAR_PUNCTURE]
    orders = {(line.key, line.agent): line.evidence for line in each.administrations}
    counts = {level: sum(evidence is level for evidence in orders.values()) for level in Evidence}
    marks = [(event.kind, event.date) for event in (*each.procedures, *each.evaluations)]
    marks += dict.fromkeys(("iv", line.date) for line in each.administrations if line.route in _BY_NEEDLE)
    runs_ = [line.date for line in each.administrations if line.route is Route.CIV]
    runs_ += [
        line.date for line in each.administrations if line.order_line.over and line.order_line.over.most > 24 * 60
    ]
    state = (
        _("done") if course.status is CourseStatus.DONE else _("provisional") if course.provisional else _("planned")
    )
    return OverviewRow(
        number=number,
        title=course.title,
        day1=paper_date(dates.day1) if dates else _("no date yet"),
        last_day=paper_date(dates.last_day) if dates else "",
        length=str(dates.length) if dates else "",
        punctures=str(len(punctures)) if punctures else "",
        puncture_dates=_("LP {dates}").format(dates=", ".join(short_date(event.date)[:6] for event in punctures))
        if punctures
        else "",
        evidence="  ".join(f"{level.mark}{count}" for level, count in counts.items() if count),
        state=state if dates else "",
        first=(dates.day1 - first).days if dates else None,
        days=dates.length if dates else 0,
        marks=tuple((kind, (on - first).days) for kind, on in marks),
        infusions=tuple(stretches((on - first).days for on in runs_)),
    )


def _months(first: date, last: date) -> Iterator[tuple[str, int]]:
    """The first day of each month within, with its days from the start."""
    year, month = first.year, first.month
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            yield short_date(day)[3:], (day - first).days
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
