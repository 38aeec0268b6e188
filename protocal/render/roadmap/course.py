"""A dated course and what changed in it in; its sheet, the therapy delivery map, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from protocal.render.in_tablets import course_tablets
from protocal.render.issue_box import IssueBox
from protocal.render.roadmap.bags import bag_table
from protocal.render.roadmap.comments import comments_of, questions_of, route_warnings
from protocal.render.roadmap.context import Context
from protocal.render.roadmap.grid import day_grids
from protocal.render.roadmap.head import make_head, why_provisional
from protocal.render.roadmap.intrathecal import intrathecal_rows, sign_above
from protocal.render.roadmap.orders import order_rows
from protocal.render.roadmap.paging import PAGE_HEIGHT, laid_on_pages, with_text
from protocal.render.roadmap.sheets import BagTable, Box, CourseSheet, Grid, GridPage, Head, IntrathecalRow
from protocal.words.days import age_on
from protocal.words.doses import Route
from protocal.words.figures import figure, paper_date, short_date
from protocal.words.log import Remark
from protocal.words.plan import CoursePlan, DatedCourse, Dates
from protocal.words.protocol import StartCriteria

_INTRATHECAL_HEAD, _INTRATHECAL_LINE, _WARNING = 52.0, 25.0, 30.0
_HEAD_BOXES, _CHANGES_HEAD, _CHANGES_LINE = 76.0, 22.0, 9.8  # that share their page with the grids if none is ordered


def course_sheet(context: Context, each: CoursePlan, dates: Dates, box: IssueBox) -> CourseSheet:
    """The sheet of a course on its dates; `box` says which issue it is."""
    course, criteria = each.course, each.course.definition.may_start
    tablets = course_tablets(each.administrations, dates, context.text)
    systemic = [line for line in each.administrations if line.route is not Route.IT]
    intrathecal = [line for line in each.administrations if line.route is Route.IT]
    agents = tuple(dict.fromkeys(line.agent for line in intrathecal))
    shown = [line for line in intrathecal if context.prints(line.date)]
    punctures = tuple(intrathecal_rows(context, shown, agents))
    warnings = tuple(route_warnings(context, each))
    bags = tuple(bag_table(context, infusion) for infusion in each.infusions)
    above = _height_above(warnings, punctures, bags)
    if not systemic:
        above += _HEAD_BOXES + (_CHANGES_HEAD + _CHANGES_LINE * len(box.changes) if box.changes else 0)
    return CourseSheet(
        course=course.id,
        head=_head(context, each, dates, box),
        boxes=tuple(_boxes(context, dates)),
        since=box.since,
        changes=box.changes,
        start=_start(context, criteria) if criteria else "",
        start_boxes=tuple(_start_boxes(context, course, criteria)) if criteria else (),
        orders=tuple(order_rows(context, systemic, each, dates, tablets)),
        intrathecal_orders=tuple(order_rows(context, intrathecal, each, dates, tablets)),
        intrathecal_agents=tuple(context.written(agent) for agent in agents),
        intrathecal=punctures,
        warnings=warnings,
        bags=bags,
        pages=tuple(_pages(context, day_grids(context, each, dates, systemic, tablets), above)),
        comments=comments_of(context, each),
        questions=questions_of(context, each),
    )


def _height_above(warnings: Sequence[str], punctures: Sequence[IntrathecalRow], bags: Iterable[BagTable]) -> float:
    """What stands above the first grid on its page."""
    above = len(warnings) * _WARNING + (_INTRATHECAL_HEAD + len(punctures) * _INTRATHECAL_LINE if punctures else 0)
    return above + sum(table.height for table in bags)


def _head(context: Context, each: CoursePlan, dates: Dates, box: IssueBox) -> Head:
    _, ngettext = context.text.gettext, context.text.ngettext
    days = ngettext("{count} day", "{count} days", dates.length).format(count=dates.length)
    subtitle = _("{days}, {first} to {last}").format(
        days=days, first=paper_date(dates.day1), last=paper_date(dates.last_day)
    )
    if context.since or context.until:
        first, last = max(context.since or dates.day1, dates.day1), min(context.until or dates.last_day, dates.last_day)
        only = _("ONLY {first} to {last}").format(first=paper_date(first), last=paper_date(last))
        subtitle = f"{only} ({subtitle})"
    measures = _("{weight} kg, {height} cm, BSA {bsa} m2 ({date})").format(
        weight=figure(dates.measurement.weight),
        height=figure(dates.measurement.height),
        bsa=figure(dates.bsa),
        date=short_date(dates.measurement.date),
    )
    provisional = why_provisional(context, each)
    return make_head(context, each.course.title, subtitle, measures, provisional=provisional, box=box)


def _boxes(context: Context, dates: Dates) -> Iterator[Box]:
    """What is looked at before anything is given: allergies, measures, the age."""
    _, ngettext = context.text.gettext, context.text.ngettext
    measured = dates.measurement
    yield Box(_("ALLERGIES"), note="; ".join(context.plan.facts.remarks_of(Remark.ALLERGY)) or _("none recorded: ask"))
    yield Box(
        _("DOSING WEIGHT, {date}").format(date=short_date(measured.date)),
        _("{weight} kg").format(weight=figure(measured.weight)),
        _("{height} cm, BSA {bsa} m2 (Mosteller)").format(height=figure(measured.height), bsa=figure(dates.bsa)),
    )
    yield Box(_("WEIGHT TODAY"))
    years = age_on(context.plan.record.born, dates.day1)
    yield Box(
        _("AGE on Day {day}").format(day=dates.first),
        ngettext("{count} year", "{count} years", years).format(count=years),
        _("Day {day}: {date}").format(day=dates.first, date=paper_date(dates.day1)),
    )


def _start(context: Context, criteria: StartCriteria) -> str:
    _ = context.text.gettext
    return _("MAY START: {text} {mark}").format(text=criteria.text, mark=criteria.backing.evidence.mark)


def _start_boxes(context: Context, course: DatedCourse, criteria: StartCriteria) -> Iterator[Box]:
    """The counts that a course may start at and its first day: as recorded, else to be written in."""
    _ = context.text.gettext
    counts = dict(dict(context.plan.facts.counts).get(course.id, ()))
    for count in criteria.counts:
        label = (count.name.upper() if len(count.name) <= 4 else count.name) + " /mcL"
        yield Box(label, figure(counts[count.name]) if count.name in counts else "")
    yield Box(_("date of counts"))
    yield Box(_("actual Day 1"), short_date(course.dates.day1) if course.started and course.dates else "")
    yield Box(_("initials"))


def _pages(context: Context, grids: Iterable[Grid], above: float) -> Iterator[GridPage]:
    """The day grids on their pages; a puncture says on which page it is signed for."""
    ngettext = context.text.ngettext
    for index, page in enumerate(laid_on_pages(grids, PAGE_HEIGHT[context.settings.paper], above)):
        back = ngettext("sign in the INTRATHECAL block, {count} page back",
                        "sign in the INTRATHECAL block, {count} pages back", index).format(count=index)  # fmt: skip
        yield with_text(page, sign_above(context), back) if index else page
