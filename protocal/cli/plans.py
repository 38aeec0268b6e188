"""Commands that print a plan or a part of it: `plan`, `drugs`."""

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
    TableFormat,
    Until,
    echo,
    echo_bytes,
    warn,
    width,
)
from protocal.cli.root import app
from protocal.words.settings import Settings


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
    revision: Revision = None,
    schedules: Shelves = [],
) -> None:
    """Print the plan: every drug, lumbar puncture and evaluation on its date, with doses.

    Example: `protocal plan p001.yaml --course block-1 --route IT`
    """
    from protocal.pipeline import load_plan
    from protocal.render.data import plan_csv, plan_json
    from protocal.render.selection import select

    whole = load_plan(file, Settings(), schedules, revision)
    chosen = select(whole, course, agent, route, since, until)
    if format_ is TableFormat.JSON:
        echo(plan_json(whole, chosen))
    elif format_ is TableFormat.CSV:
        echo_bytes(plan_csv(chosen))
    else:
        from protocal.render.terminal import plan_text

        echo(plan_text(chosen, width()))
    warn(whole.problems)


@app.command()
def drugs(
    file: RecordFile,
    format_: Format = TableFormat.TABLE,
    course: Course = [],
    agent: Agent = [],
    since: Since = "",
    until: Until = "",
    revision: Revision = None,
    schedules: Shelves = [],
) -> None:
    """Print the drug list: per drug its dates, doses, count and total, then drugs by day for every course.

    Example: `protocal drugs p001.yaml --agent vincristine --from 2026-12-01 --to 2026-12-31`
    """
    from protocal.pipeline import load_plan
    from protocal.render.drugs import drugs_csv, drugs_json
    from protocal.render.selection import select

    whole = load_plan(file, Settings(), schedules, revision)
    chosen = select(whole, course, agent, [], since, until)
    if format_ is TableFormat.JSON:
        echo(drugs_json(chosen))
    elif format_ is TableFormat.CSV:
        echo_bytes(drugs_csv(chosen))
    else:
        from protocal.render.terminal import drugs_text

        echo(drugs_text(chosen, width()))
    warn(whole.problems)
