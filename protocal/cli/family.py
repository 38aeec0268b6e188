"""The command `calendar`: what a family hangs on its wall, or carries with it."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.checks import Despite, Reason, overridden
from protocal.cli.options import (
    Course,
    Force,
    Mode,
    NameInTitle,
    Output,
    RecordFile,
    Shelves,
    Since,
    SiteFile,
    Until,
    progress,
    site_settings,
    warn,
)
from protocal.cli.root import app
from protocal.cli.writing import target_of
from protocal.words.paper import Paper
from protocal.words.problems import UsageError


@app.command()
def calendar(
    file: RecordFile,
    output: Output,
    course: Course = [],
    since: Since = "",
    until: Until = "",
    pocket: Annotated[
        bool, typer.Option("--pocket", help="Fourteen days on half a sheet, from --from on, or from today.")
    ] = False,
    unverified_doses: Annotated[
        bool, typer.Option("--unverified-doses", help="Print all doses, also those that nothing confirms.")
    ] = False,
    paper: Annotated[Paper | None, typer.Option("--paper", help="What the printer holds; letter by default.")] = None,
    name_in_title: NameInTitle = False,
    site: SiteFile = None,
    despite: Despite = [],
    reason: Reason = "",
    force: Force = False,
    mode: Mode = "",
    schedules: Shelves = [],
) -> None:
    """Print a family's calendar: a page for each month, in plain words, with a box to tick for each dose at home.

    Example: `protocal calendar p001.yaml -o calendar.pdf --settings site.yaml`
    """
    from protocal.cli.clock import now
    from protocal.cli.loading import load_plan
    from protocal.publish.outputs import Kind
    from protocal.render.calendar import make_calendar, make_pocket_page
    from protocal.render.calendar_pdf import calendar_pdf
    from protocal.render.read_back import stop_at
    from protocal.render.read_calendar import calendar_problems, pocket_problems
    from protocal.render.selection import check_dated, parse_span

    target = target_of(output, Kind.CALENDAR, file, force=force, mode=mode)
    settings = site_settings(site, paper)
    if pocket and (course or until):
        raise UsageError("a pocket page is of fourteen days", "Leave out --course and --to; --from says its first day.")
    first, last = parse_span(since, until)
    plan = load_plan(file, settings, schedules)
    chosen = check_dated(plan, course)
    if not any(each.course.dates for each in plan.courses):
        raise UsageError("no course has a date yet", "A calendar can be printed once the record gives a Day 1.")
    remarks = overridden(plan.problems, despite, reason)
    if pocket:
        from zoneinfo import ZoneInfo

        first = first or now().astimezone(ZoneInfo(plan.facts.zone)).date()
        pages = make_pocket_page(plan, settings, first, unverified_doses=unverified_doses, remarks=remarks)
    else:
        pages = make_calendar(
            plan,
            settings,
            unverified_doses=unverified_doses,
            courses=chosen,
            since=first,
            until=last,
            remarks=remarks,
        )
    if not pages.pages:
        raise UsageError("the plan has no date in what was chosen", "`protocal plan` shows from when to when it runs.")
    with progress(len(pages.sheets)) as tick:
        data = calendar_pdf(pages, settings, plan.issued, named=name_in_title, tick=tick)
    stop_at(
        pocket_problems(data, plan, settings, first, unverified_doses=unverified_doses)
        if pocket and first
        else calendar_problems(
            data, plan, settings, unverified_doses=unverified_doses, courses=chosen, since=first, until=last
        ),
        settings,
    )
    target.write(data)
    warn(plan.problems)
