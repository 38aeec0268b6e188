"""Commands that write a plan to a file: `roadmap`, `feed`."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.checks import Despite, Reason, overridden
from protocal.cli.options import (
    Course,
    Force,
    NameInTitle,
    Output,
    RecordFile,
    Shelves,
    SiteFile,
    progress,
    site_settings,
    warn,
)
from protocal.cli.root import app
from protocal.words.paper import Paper


@app.command()
def roadmap(
    file: RecordFile,
    output: Output,
    course: Course = [],
    paper: Annotated[Paper | None, typer.Option("--paper", help="What the printer holds; letter by default.")] = None,
    name_in_title: NameInTitle = False,
    site: SiteFile = None,
    despite: Despite = [],
    reason: Reason = "",
    force: Force = False,
    schedules: Shelves = [],
) -> None:
    """Print the roadmaps: the whole therapy on one page, then a therapy delivery map for each course.

    Example: `protocal roadmap p001.yaml -o block-1.pdf --course block-1 --paper a4`
    """
    from protocal.pipeline import load_plan
    from protocal.publish.files import check_output, write_output
    from protocal.render.pdf import roadmap_pdf
    from protocal.render.roadmap import make_roadmap
    from protocal.render.selection import check_dated

    check_output(output, force=force, source=file)
    settings = site_settings(site, paper)
    plan = load_plan(file, settings, schedules)
    chosen = check_dated(plan, course)
    sheets = make_roadmap(plan, settings, chosen, overridden(plan.problems, despite, reason))
    with progress(len(sheets.sheets)) as tick:
        data = roadmap_pdf(sheets, settings, plan.issued, named=name_in_title, tick=tick)
    write_output(output, data, force=force, source=file)
    typer.echo(f"wrote {output}", err=True)
    warn(plan.problems)


@app.command()
def feed(
    file: RecordFile,
    output: Output,
    doses: Annotated[
        bool, typer.Option("--doses", help="Print doses too that something confirms; by default a feed has none.")
    ] = False,
    unverified_doses: Annotated[
        bool, typer.Option("--unverified-doses", help="Print all doses, also those that nothing confirms.")
    ] = False,
    site: SiteFile = None,
    despite: Despite = [],
    reason: Reason = "",
    force: Force = False,
    schedules: Shelves = [],
) -> None:
    """Write the plan as a calendar that families and wards subscribe to: one event for each day of treatment.

    Example: `protocal feed p001.yaml -o plan.ics`
    """
    from protocal.pipeline import load_plan
    from protocal.publish.files import check_output, write_output
    from protocal.render import ics

    check_output(output, force=force, source=file)
    settings = site_settings(site)
    plan = load_plan(file, settings, schedules)
    remarks = overridden(plan.problems, despite, reason)
    data = ics.feed(
        plan, settings, with_doses=doses, unverified_doses=unverified_doses, language=settings.language, remarks=remarks
    )
    write_output(output, data, force=force, source=file)
    typer.echo(f"wrote {output}", err=True)
    warn(plan.problems)
