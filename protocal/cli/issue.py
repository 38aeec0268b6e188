"""Commands that write a plan to a file: `roadmap`, `feed`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from protocal.cli.checks import Despite, Reason
from protocal.cli.giving_out import Draft, GivingOut, IssuedBy
from protocal.cli.options import (
    Course,
    Force,
    Mode,
    NameInTitle,
    Output,
    ProtocolInTitle,
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
from protocal.model.reader import Who


@app.command()
def roadmap(
    file: RecordFile,
    output: Output,
    course: Course = [],
    since: Since = "",
    until: Until = "",
    overview: Annotated[bool, typer.Option("--overview", help="Only the page with the whole therapy.")] = False,
    paper: Annotated[Paper | None, typer.Option("--paper", help="What the printer holds; letter by default.")] = None,
    name_in_title: NameInTitle = False,
    protocol_in_title: ProtocolInTitle = False,
    by: IssuedBy = "",
    draft: Draft = False,
    site: SiteFile = None,
    despite: Despite = [],
    reason: Reason = "",
    force: Force = False,
    mode: Mode = "",
    schedules: Shelves = [],
) -> None:
    """Print the roadmaps: the whole therapy on one page, then a therapy delivery map for each course.

    Example: `protocal roadmap p001.yaml -o block-1.pdf --course block-1 --paper a4`
    """
    from protocal.cli.loading import load_plan
    from protocal.publish.outputs import Kind
    from protocal.render.selection import parse_span
    from protocal.workflow.making import roadmap_bytes

    target = target_of(output, Kind.ROADMAP, file, force=force, mode=mode)
    settings = site_settings(site, paper)
    first, last = parse_span(since, until)
    if overview and (course or first or last):
        raise UsageError("--overview prints one page, of the whole therapy", "Leave out --course, --from and --to.")
    plan = load_plan(file, settings, schedules)
    make = partial(
        roadmap_bytes,
        courses=course,
        since=first,
        until=last,
        only_overview=overview,
        named=name_in_title,
        with_protocol=protocol_in_title,
        progress=progress,
    )
    options = {"language": settings.language}
    giving = GivingOut(file, target, by, draft, schedules, despite, reason)
    plan = giving.give(plan, settings, make, options)
    warn(plan.problems)


@app.command()
def feed(
    file: RecordFile,
    output: Output,
    who: Annotated[Who, typer.Option("--for", help="Who reads it: what it has, and in which words.")] = Who.FAMILY,
    doses: Annotated[
        bool | None,
        typer.Option("--doses/--no-doses", help="Doses that something confirms; a clinic's feed has none by default."),
    ] = None,
    unverified_doses: Annotated[
        bool, typer.Option("--unverified-doses", help="Print all doses, also those that nothing confirms.")
    ] = False,
    title: Annotated[
        str,
        typer.Option(
            "--title", metavar="TEXT", help="What calendar programs call it; 'Treatment plan' by default, for anybody."
        ),
    ] = "",
    by: IssuedBy = "",
    draft: Draft = False,
    site: SiteFile = None,
    despite: Despite = [],
    reason: Reason = "",
    force: Force = False,
    mode: Mode = "",
    schedules: Shelves = [],
) -> None:
    """Write the plan as a calendar that a family, a clinic or a pharmacy subscribes to, each in its own words.

    Example: `protocal feed p001.yaml -o plan.ics --for family`
    """
    from protocal.cli.loading import load_plan
    from protocal.publish.outputs import Kind
    from protocal.workflow.making import feed_bytes, reader_of

    target = target_of(output, Kind.FEED, file, force=force, mode=mode)
    settings = site_settings(site)
    plan = load_plan(file, settings, schedules)
    make = partial(
        feed_bytes,
        who=who,
        doses=doses,
        unverified_doses=unverified_doses,
        title=title,
    )
    options = reader_of(settings, who, doses=doses, unverified_doses=unverified_doses, title=title).options
    giving = GivingOut(file, target, by, draft, schedules, despite, reason)
    plan = giving.give(plan, settings, make, options)
    warn(plan.problems)
