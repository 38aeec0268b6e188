"""Commands that print a plan, why it is so, and what changed in it: `plan`, `why`, `diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.options import (
    Agent,
    Course,
    Format,
    ListFormat,
    ListFormatOption,
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
    whole,
    width,
)
from protocal.cli.root import app
from protocal.model.problems import UsageError


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
    from protocal.account import make_account
    from protocal.cli.loading import load_plan
    from protocal.render.selection import (
        asked_span,
        choice_of,
        chosen_days,
        chosen_lines,
        nothing_due,
        parse_span,
        run_on,
    )
    from protocal.workflow.making import plan_csv, plan_json

    first, last = parse_span(since, until)
    everything = load_plan(file, site_settings(site), schedules, revision, asked=asked_span(first, last))
    choice = choice_of(everything, course, agent, route, since, until)
    account = make_account(everything)
    days = list(chosen_days(account, choice))
    running = run_on(days)
    chosen = chosen_lines(everything, choice, running)
    empty = nothing_due(chosen) and not running
    if empty:
        say_nothing_due()
    if format_ is TableFormat.JSON:
        echo(plan_json(everything, chosen, days))
    elif format_ is TableFormat.CSV:
        echo_bytes(plan_csv(chosen, days))
    elif not empty:
        from protocal.render.terminal import plan_text

        echo(plan_text(chosen, width(), account, days))
    warn(everything.problems)


@app.command()
def diff(
    file: RecordFile,
    earlier: Annotated[
        int, typer.Option("--from", metavar="REV", parser=whole, help="The record with its first so many lines.")
    ],
    later: Annotated[
        int | None, typer.Option("--to", metavar="REV", parser=whole, help="The newest if left out.")
    ] = None,
    format_: ListFormatOption = ListFormat.TABLE,
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """Print what changed from one revision of a record to another: added, gone, moved, dosed otherwise.

    Example: `protocal diff p001.yaml --from 6`
    """
    from protocal.change.diff import differences
    from protocal.cli.loading import load_plan
    from protocal.render.data.changes import changes, changes_json
    from protocal.workflow.planning import plan_again

    settings = site_settings(site)
    after = load_plan(file, settings, schedules, later)
    if after.revision < earlier <= after.record.revision:
        raise UsageError("--from is after --to", "Name the earlier revision first.")
    before = plan_again(after, earlier)
    found = differences(before, after)
    if format_ is ListFormat.JSON:
        echo(changes_json(found, before.revision, after.revision))
    else:
        echo("\n".join([*changes(found, after), ""]) if found else "nothing changed\n")
    warn(after.problems)


@app.command()
def why(
    file: RecordFile,
    date: Annotated[str, typer.Argument(metavar="DATE", help="As in 2027-01-05.")],
    agent: Agent = [],
    site: SiteFile = None,
    revision: Revision = None,
    schedules: Shelves = [],
) -> None:
    """Say why each thing stands on a date: its rule, what it is counted from, and each line of the log that moved it.

    Example: `protocal why p001.yaml 2027-01-05`
    """
    from protocal.cli.loading import load_plan
    from protocal.render.selection import check_known, parse_day
    from protocal.render.terminal.why import why_text

    day = parse_day(date, "DATE")
    if day is None:
        raise UsageError("no date was given", "Write it as in 2027-01-05.")
    plan = load_plan(file, site_settings(site), schedules, revision, asked=(day, day))
    chosen = check_known(agent, plan.protocol.agents, "agent")
    echo(why_text(plan, day, chosen))
    warn(plan.problems)
