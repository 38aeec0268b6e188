"""A dated course and what changed in it in; its sheet, the therapy delivery map, out."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.plan.route import unmoved_day1
from protocal.render.in_tablets import course_tablets
from protocal.render.issue_box import IssueBox
from protocal.render.roadmap.bags import bag_table
from protocal.render.roadmap.comments import comments_of, questions_of
from protocal.render.roadmap.context import Context
from protocal.render.roadmap.fitting import on_pages
from protocal.render.roadmap.grid import day_grids, day_numbers
from protocal.render.roadmap.head import evidence_sentence, grid_legend, make_head, why_provisional
from protocal.render.roadmap.heights import PAGE_HEIGHT, PAGE_WIDTH
from protocal.render.roadmap.intrathecal import intrathecal_rows, sign_on_page
from protocal.render.roadmap.orders import order_rows
from protocal.render.roadmap.sheets import Box, CourseSheet, Head
from protocal.words.days import age_on
from protocal.words.doses import Route
from protocal.words.figures import figure
from protocal.words.log import Delayed, Remark, Started
from protocal.words.plan import CoursePlan, DatedCourse, Dates
from protocal.words.protocol import StartCriteria


def course_sheet(
    context: Context, each: CoursePlan, dates: Dates, box: IssueBox, remarks: tuple[str, ...] = ()
) -> CourseSheet:
    """The sheet of a course on its dates; `box` says which issue it is, and `remarks` stand before its own comments."""
    course, criteria = each.course, each.course.definition.may_start
    tablets = course_tablets(each.administrations, dates, context.text)
    systemic = [line for line in each.administrations if line.route is not Route.IT]
    intrathecal = [line for line in each.administrations if line.route is Route.IT]
    agents = tuple(dict.fromkeys(line.agent for line in intrathecal))
    shown = [line for line in intrathecal if context.prints(line.date)]
    punctures = tuple(intrathecal_rows(context, shown, agents, day_numbers(each, dates)))
    head = _head(context, each, dates, box)
    sheet = CourseSheet(
        course=course.id,
        head=head,
        boxes=tuple(_boxes(context, dates)),
        since=box.since,
        changes=box.changes,
        start=_start(context, criteria) if criteria else "",
        late=_late(context, each, dates),
        start_boxes=tuple(_start_boxes(context, course, criteria)) if criteria else (),
        orders=tuple(order_rows(context, systemic, each, dates, tablets)),
        intrathecal_orders=tuple(order_rows(context, intrathecal, each, dates, tablets)),
        intrathecal_agents=tuple(context.written(agent) for agent in agents),
        intrathecal=punctures,
        bags=tuple(bag_table(context, infusion) for infusion in each.infusions),
        comments=(*remarks, *comments_of(context, each)),
        questions=questions_of(context, each),
        legend=grid_legend(
            context,
            provisional=bool(head.provisional),
            infused=any(line.route is Route.CIV for line in systemic),
            bags=bool(each.infusions),
        ),
    )
    grids = list(day_grids(context, each, dates, systemic, tablets))
    paper = context.settings.paper
    return on_pages(
        sheet,
        grids,
        evidence=evidence_sentence(context.settings),
        width=PAGE_WIDTH[paper],
        height=PAGE_HEIGHT[paper],
        sign=sign_on_page(context),
    )


def _head(context: Context, each: CoursePlan, dates: Dates, box: IssueBox) -> Head:
    _, ngettext = context.text.gettext, context.text.ngettext
    days = ngettext("{count} day", "{count} days", dates.length).format(count=dates.length)
    subtitle = _("{days}, {first} to {last}").format(
        days=days, first=context.words.day(dates.day1), last=context.words.day(dates.last_day)
    )
    only = ""
    if context.since or context.until:
        first, last = max(context.since or dates.day1, dates.day1), min(context.until or dates.last_day, dates.last_day)
        only = _("ONLY {first} to {last}").format(first=context.words.day(first), last=context.words.day(last))
    measures = _("{weight} kg, {height} cm, BSA {bsa} m2 ({date})").format(
        weight=figure(dates.measurement.weight),
        height=figure(dates.measurement.height),
        bsa=figure(dates.bsa),
        date=context.words.short_date(dates.measurement.date),
    )
    provisional = why_provisional(context, each)
    return make_head(context, each.course.title, subtitle, measures, provisional=provisional, box=box, only=only)


def _boxes(context: Context, dates: Dates) -> Iterator[Box]:
    """What is looked at before anything is given: allergies, measures, the age."""
    _, ngettext = context.text.gettext, context.text.ngettext
    measured = dates.measurement
    yield Box(_("ALLERGIES"), note="; ".join(context.plan.facts.remarks_of(Remark.ALLERGY)) or _("none recorded: ask"))
    yield Box(
        _("DOSING WEIGHT, {date}").format(date=context.words.short_date(measured.date)),
        _("{weight} kg").format(weight=figure(measured.weight)),
        _("{height} cm, BSA {bsa} m2 (Mosteller)").format(height=figure(measured.height), bsa=figure(dates.bsa)),
    )
    yield Box(_("WEIGHT TODAY"))
    years = age_on(context.plan.record.born, dates.day1)
    yield Box(
        _("AGE on Day {day}").format(day=dates.first),
        ngettext("{count} year", "{count} years", years).format(count=years),
        _("Day {day}: {date}").format(day=dates.first, date=context.words.day(dates.day1)),
    )


def _start(context: Context, criteria: StartCriteria) -> str:
    _ = context.text.gettext
    return _("MAY START: {text} {mark}").format(text=criteria.text, mark=criteria.backing.evidence.mark)


def _late(context: Context, each: CoursePlan, dates: Dates) -> str:
    """By how many days a course is not on the day that the courses before it give it, and why."""
    _, ngettext = context.text.gettext, context.text.ngettext
    planned = unmoved_day1(context.protocol, context.plan.facts, context.settings, each.course.id)
    if planned is None or planned == dates.day1:
        return ""
    days = abs((dates.day1 - planned).days)
    template = (
        ngettext("DAY 1 is {count} day later than {date}", "DAY 1 is {count} days later than {date}", days)
        if planned < dates.day1
        else ngettext("DAY 1 is {count} day earlier than {date}", "DAY 1 is {count} days earlier than {date}", days)
    )
    said = template.format(count=days, date=context.words.day(planned))
    said = _("{days_late}, the first day planned").format(days_late=said)
    return ": ".join(filter(None, (said, ", ".join(dict.fromkeys(_whys(context, each.course.id))))))


def _whys(context: Context, course: str) -> Iterator[str]:
    """Why the first day of a course was moved, in the words of the record."""
    for _number, entry in context.plan.record.standing(context.plan.revision):
        if not isinstance(entry, Delayed | Started) or entry.course != course:
            continue
        if entry.why and (isinstance(entry, Started) or entry.from_day is None):
            yield entry.why


def _start_boxes(context: Context, course: DatedCourse, criteria: StartCriteria) -> Iterator[Box]:
    """The counts that a course may start at and its first day: as recorded, else to be written in."""
    _ = context.text.gettext
    counts = dict(dict(context.plan.facts.counts).get(course.id, ()))
    for count in criteria.counts:
        label = (count.name.upper() if len(count.name) <= 4 else context.words.own(count.name)) + " /mcL"
        yield Box(label, figure(counts[count.name]) if count.name in counts else "")
    yield Box(_("date of counts"))
    yield Box(_("actual Day 1"), context.words.short_date(course.dates.day1) if course.started and course.dates else "")
    yield Box(_("initials"))
