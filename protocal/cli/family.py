"""The command `calendar`: what a family hangs on its wall, or carries with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer

from protocal.cli.checks import Despite, Reason
from protocal.cli.giving_out import Draft, GivingOut, IssuedBy
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
from protocal.model.paper_size import Paper
from protocal.model.problems import UsageError


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
    by: IssuedBy = "",
    draft: Draft = False,
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
    from protocal.render.selection import parse_span
    from protocal.workflow.links import family_address
    from protocal.workflow.making import calendar_bytes, pocket_bytes

    target = target_of(output, Kind.CALENDAR, file, force=force, mode=mode)
    settings = site_settings(site, paper)
    if pocket and (course or until):
        raise UsageError("a pocket page is of fourteen days", "Leave out --course and --to; --from says its first day.")
    first, last = parse_span(since, until)
    plan = load_plan(file, settings, schedules)
    shared: dict[str, Any] = {
        "unverified_doses": unverified_doses,
        "named": name_in_title,
        "progress": progress,
    }
    if pocket:
        from zoneinfo import ZoneInfo

        today = now().astimezone(ZoneInfo(plan.facts.zone)).date()
        make: Callable[..., bytes] = partial(pocket_bytes, first=first or today, **shared)
    else:
        make = partial(calendar_bytes, courses=course, since=first, until=last, **shared)
    options = {"language": settings.language, **({"doses": "all"} if unverified_doses else {})}
    giving = GivingOut(file, target, by, draft, schedules, despite, reason)
    plan = giving.give(plan, settings, make, options)
    warn((*plan.problems, *family_address(plan.record, settings)[1]))
