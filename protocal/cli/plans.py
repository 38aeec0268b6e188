"""The command that prints a plan or a part of it: `plan`."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.options import (
    Agent,
    Course,
    Format,
    RecordFile,
    Revision,
    Shelves,
    Since,
    SiteFile,
    TableFormat,
    Until,
    echo,
    echo_bytes,
    say_nothing_due,
    site_settings,
    warn,
    width,
)
from protocal.cli.root import app


@app.command()
def plan(
    file: RecordFile,
    format_: Format = TableFormat.TABLE,
    course: Course = [],
    agent: Agent = [],
    route: Annotated[
        list[str], typer.Option("--route", metavar="ROUTE", help="Only this way in: PO, IV, IM, SC, IT, CIV.")
    ] = [],
    since: Since = "",
    until: Until = "",
    site: SiteFile = None,
    revision: Revision = None,
    schedules: Shelves = [],
) -> None:
    """Print the plan: every drug, lumbar puncture and evaluation on its date, with doses.

    Example: `protocal plan p001.yaml --course block-1 --route IT`
    """
    from protocal.pipeline import load_plan
    from protocal.render.data import plan_csv, plan_json
    from protocal.render.selection import nothing_due, select

    whole = load_plan(file, site_settings(site), schedules, revision)
    chosen = select(whole, course, agent, route, since, until)
    empty = nothing_due(chosen)
    if empty:
        say_nothing_due()
    if format_ is TableFormat.JSON:
        echo(plan_json(whole, chosen))
    elif format_ is TableFormat.CSV:
        echo_bytes(plan_csv(chosen))
    elif not empty:
        from protocal.render.terminal import plan_text

        echo(plan_text(chosen, width()))
    warn(whole.problems)
