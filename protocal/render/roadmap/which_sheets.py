"""Plan + a choice of courses and days -> the sheets of a roadmap: the overview, and those of courses.

Nothing here knows HTML. Tests read these values; `pdf/sheets_pdf.py` prints them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from protocal.account import make_account
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.render.issue_box import IssueBoxes
from protocal.render.roadmap.content.bags import bag_table
from protocal.render.roadmap.content.context import SheetCourse, context_of
from protocal.render.roadmap.content.course import course_sheet
from protocal.render.roadmap.content.head import make_head
from protocal.render.roadmap.content.overview import overview_sheet
from protocal.render.roadmap.sheets import BagTable, Head, Roadmap


def make_roadmap(
    plan: Plan,
    settings: Settings,
    courses: Sequence[str] = (),
    remarks: tuple[str, ...] = (),
    *,
    since: date | None = None,
    until: date | None = None,
    only_overview: bool = False,
    draft: bool = False,
    published: bool = False,
) -> Roadmap:
    """The sheets of a plan: all, those of the courses named, those with days from `since` to `until`, or the overview.

    `remarks` are sentences that stand on every one of them, before its own comments. A sheet that says what its last
    issue said is that issue, any other is a draft; with `draft` all are. An overview that is `published` at an address
    of the web does not say whose it is.
    """
    context, account = context_of(plan, settings, since, until, published=published), make_account(plan)
    remarks = tuple(map(context.words.said, remarks))
    issues = IssueBoxes(plan, settings, draft=draft)
    overview = None if courses or since or until else overview_sheet(context, account, issues, remarks)
    if only_overview:
        return Roadmap(overview, ())
    found = (
        SheetCourse(each, each.course.dates, tuple(account.of(each.course.id)))
        for each in plan.courses
        if each.course.dates and (not courses or each.course.id in courses)
    )
    sheets = (
        course_sheet(context, each, issues, remarks)
        for each in found
        if any(context.prints(day.date) for day in each.rows)
    )
    return Roadmap(overview, tuple(sheets))


def page_head(plan: Plan, settings: Settings, *, published: bool = False) -> Head:
    """The head of a page that is of no course, without a title."""
    return make_head(context_of(plan, settings, published=published), "", "", "", verified=plan.verified)


def bag_tables(plan: Plan, settings: Settings) -> dict[tuple[str, str], list[BagTable]]:
    """The bags of each course's infusions, by course and agent."""
    context = context_of(plan, settings)
    found: dict[tuple[str, str], list[BagTable]] = {}
    for each in plan.courses:
        for infusion in each.infusions:
            table = bag_table(context, infusion)
            titled = replace(table, title=f"{each.course.title}, {table.title}")
            found.setdefault((each.course.id, infusion.agent), []).append(titled)
    return found
