"""The command `check`, and what an error of the checks stops: `--despite CODE --reason TEXT` goes on all the same."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.options import (
    ListFormat,
    ListFormatOption,
    RecordFile,
    Revision,
    Shelves,
    SiteFile,
    echo,
    site_settings,
)
from protocal.cli.root import app
from protocal.model.problems import has_errors

Despite = Annotated[
    list[str],
    typer.Option("--despite", metavar="CODE", help="Go on despite errors of this check, as in S5; may be given again."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for --despite; it is printed.")]


@app.command()
def check(
    file: RecordFile,
    format_: ListFormatOption = ListFormat.TABLE,
    site: SiteFile = None,
    revision: Revision = None,
    schedules: Shelves = [],
) -> None:
    """Check the plan against the safety rules: what is wrong, when, on which lines, what to do, and who says so.

    Its doses are counted a second time, by other means, and must be the same.

    Example: `protocal check p001.yaml`
    """
    from protocal.cli.loading import load_plan
    from protocal.render.data.findings import findings_json, findings_text
    from protocal.workflow.counting import counted_again

    plan = load_plan(file, site_settings(site), schedules, revision)
    problems = (*plan.problems, *counted_again(plan))
    echo(findings_json(problems) if format_ is ListFormat.JSON else findings_text(problems))
    if has_errors(problems):
        raise typer.Exit(1)
