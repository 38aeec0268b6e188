"""A dated course and what changed in it -> its sheet, the therapy delivery map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from protocal.account import late_start
from protocal.model.course import StartCriteria
from protocal.model.days import age_on
from protocal.model.doses import Route
from protocal.model.entries import Remark
from protocal.model.plan import DatedCourse, Dates
from protocal.render.issue_box import IssueBoxes
from protocal.render.roadmap.content.bags import bag_table
from protocal.render.roadmap.content.comments import comments_of, questions_of
from protocal.render.roadmap.content.context import Context, SheetCourse
from protocal.render.roadmap.content.grid import day_grids
from protocal.render.roadmap.content.head import evidence_sentence, grid_legend, make_head, why_provisional, with_issue
from protocal.render.roadmap.content.intrathecal import intrathecal_rows, sign_on_page
from protocal.render.roadmap.content.orders import order_rows
from protocal.render.roadmap.layout.heights import PAGE_HEIGHT, PAGE_WIDTH
from protocal.render.roadmap.layout.page_layout import on_pages
from protocal.render.roadmap.sheets import Box, CourseSheet, Grid, Head
from protocal.render.said import says_digest
from protocal.render.wording.in_tablets import course_tablets
from protocal.text.format import figure


def course_sheet(context: Context, each: SheetCourse, issues: IssueBoxes, remarks: tuple[str, ...] = ()) -> CourseSheet:
    """The sheet of a course; `issues` says which issue it is, and `remarks` stand before its own comments."""
    sheet, grids = _content(context, each, remarks)
    whole = replace(context, since=None, until=None)
    says = says_digest(*((sheet, grids) if whole == context else _content(whole, each, remarks)))
    box = issues.box(sheet.name, says, each.plan.course)
    paper = context.settings.paper
    return on_pages(
        replace(sheet, head=with_issue(sheet.head, box), since=box.since, changes=box.changes, says=says),
        grids,
        evidence=evidence_sentence(context.settings, signed=context.protocol.has_verified_lines),
        width=PAGE_WIDTH[paper],
        height=PAGE_HEIGHT[paper],
        sign=sign_on_page(context),
    )


def _content(context: Context, each: SheetCourse, remarks: tuple[str, ...]) -> tuple[CourseSheet, list[Grid]]:
    """All that a sheet says, its issue aside, before it is laid out; and its day grids."""
    course, criteria = each.plan.course, each.plan.course.definition.may_start
    tablets = course_tablets(each.doses, context.text)
    agents = tuple(dict.fromkeys(dose.line.agent for dose in each.intrathecal))
    head = _head(context, each)
    sheet = CourseSheet(
        course=course.id,
        head=head,
        boxes=tuple(_boxes(context, each.dates)),
        since="",
        changes=(),
        start=_start(context, criteria) if criteria else "",
        late=_late(context, course),
        start_boxes=tuple(_start_boxes(context, course, criteria)) if criteria else (),
        orders=tuple(order_rows(context, each.systemic, each, tablets)),
        intrathecal_orders=tuple(order_rows(context, each.intrathecal, each, tablets)),
        intrathecal_agents=tuple(context.written(agent) for agent in agents),
        intrathecal=tuple(intrathecal_rows(context, each.days, agents)),
        bags=tuple(bag_table(context, infusion) for infusion in each.plan.infusions),
        comments=(*remarks, *comments_of(context, each.plan)),
        questions=questions_of(context, each.plan),
        legend=grid_legend(
            context,
            provisional=bool(head.provisional),
            infused=any(dose.line.route is Route.CIV for dose in each.systemic),
            bags=bool(each.plan.infusions),
        ),
    )
    return sheet, list(day_grids(context, each, tablets))


def _head(context: Context, each: SheetCourse) -> Head:
    _, ngettext = context.text.gettext, context.text.ngettext
    course, dates = each.plan.course, each.dates
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
    provisional = why_provisional(context, course)
    verified = course.definition.verified
    return make_head(
        context,
        course.title,
        subtitle,
        measures,
        provisional=provisional,
        only=only,
        verified=verified,
        course=course.id,
    )


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


def _late(context: Context, course: DatedCourse) -> str:
    """By how many days a course is not on the day that the courses before it give it, and why."""
    _, ngettext = context.text.gettext, context.text.ngettext
    late = late_start(context.plan, course)
    if late is None:
        return ""
    days = abs(late.days)
    template = (
        ngettext("DAY 1 is {count} day later than {date}", "DAY 1 is {count} days later than {date}", days)
        if late.days > 0
        else ngettext("DAY 1 is {count} day earlier than {date}", "DAY 1 is {count} days earlier than {date}", days)
    )
    said = template.format(count=days, date=context.words.day(late.planned))
    said = _("{days_late}, the first day planned").format(days_late=said)
    return context.words.with_more(said, ", ".join(late.whys))


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
