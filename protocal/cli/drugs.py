"""The command `drugs`: the pharmacist's lists of one record, or of one day across records."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocal.cli.checks import Despite, Reason
from protocal.cli.giving_out import Draft, GivingOut, IssuedBy
from protocal.cli.options import (
    Agent,
    Course,
    Force,
    Mode,
    ProtocolInTitle,
    Revision,
    Shelves,
    Since,
    SiteFile,
    Until,
    echo,
    echo_bytes,
    say_nothing_due,
    site_settings,
    tell,
    warn,
    width,
)
from protocal.cli.root import app
from protocal.cli.writing import STANDARD_OUTPUT, Target, target_of
from protocal.model.paper_size import Paper
from protocal.model.problems import UsageError

if TYPE_CHECKING:  # see options
    from protocal.model.plan import Plan
    from protocal.model.settings import Settings


class DrugsFormat(str, Enum):
    """How the drug list is printed; the last two are files."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


_FILES = (DrugsFormat.XLSX, DrugsFormat.PDF)


@app.command()
def drugs(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", readable=False, help="The patient's record; several only with --on."),
    ],
    format_: Annotated[
        DrugsFormat, typer.Option("--format", help="For people, programs or spreadsheets; xlsx and pdf need -o.")
    ] = DrugsFormat.TABLE,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file to write for xlsx and pdf; - is standard output."
        ),
    ] = "",
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="Only what is prepared that day, across all records.")
    ] = "",
    course: Course = [],
    agent: Agent = [],
    since: Since = "",
    until: Until = "",
    revision: Revision = None,
    paper: Annotated[Paper | None, typer.Option("--paper", help="What the printer holds; for pdf.")] = None,
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
    """Print the drug list: per drug its dates, doses, count and totals, then drugs by day for every course.

    With --format pdf it is a worksheet to check and sign; with --on it is what the pharmacy prepares that day.
    Examples: `protocal drugs p001.yaml --format xlsx -o drugs.xlsx`, `protocal drugs --on 2026-12-01 ward/*.yaml`
    """
    settings = site_settings(site, paper)
    if output == STANDARD_OUTPUT and format_ not in _FILES:
        output = ""  # where these go anyway
    if mode and not output:
        raise UsageError("--mode is of a file, and none is written", "Leave it out, or add -o FILE.")
    if on:
        _check_day_options(format_, output, [*course, since, until, revision])
        _print_day(files, on, agent, format_, settings, schedules, despite, reason)
        return
    _check_list_options(files, format_, output)
    if (draft or by) and format_ is not DrugsFormat.PDF:
        raise UsageError(
            "--draft and --by are of a worksheet, which is given out", "Add --format pdf, or leave them out."
        )

    from protocal.cli.loading import load_plan
    from protocal.render.selection import asked_span, parse_span, select
    from protocal.workflow.making import workbook_bytes, worksheet_bytes
    from protocal.workflow.what_stops import list_remarks

    target = _target(output, format_, files[0], force=force, mode=mode) if output else None
    first, last = parse_span(since, until)
    plan = load_plan(files[0], settings, schedules, revision, asked=asked_span(first, last))
    chosen = select(plan, course, agent, [], since, until)
    if target is None:
        _print_list(plan, chosen, format_, settings, despite, reason)
    elif format_ is DrugsFormat.XLSX:
        target.write(workbook_bytes(plan, settings, chosen, despite=despite, reason=reason))
    else:
        make = partial(
            worksheet_bytes, chosen=chosen, course=course[0] if len(course) == 1 else "",
            with_protocol=protocol_in_title,
        )  # fmt: skip
        giving = GivingOut(files[0], target, by, draft or revision is not None, schedules, despite, reason)
        plan = giving.give(plan, settings, make, {"language": settings.language})
    _say(plan, list_remarks(plan, despite, reason))


def _print_list(
    plan: Plan, chosen: Plan, format_: DrugsFormat, settings: Settings, despite: Sequence[str], reason: str
) -> None:
    from protocal.render.selection import nothing_due
    from protocal.workflow.making import drugs_csv, drugs_json
    from protocal.workflow.what_stops import list_remarks

    list_remarks(plan, despite, reason)
    empty = nothing_due(chosen, only_drugs=True)
    if empty:
        say_nothing_due()
    if format_ is DrugsFormat.JSON:
        echo(drugs_json(plan, settings, chosen, despite=despite, reason=reason))
    elif format_ is DrugsFormat.CSV:
        echo_bytes(drugs_csv(plan, settings, chosen, despite=despite, reason=reason))
    elif not empty:
        from protocal.render.data.drugs import drug_report
        from protocal.render.terminal import drugs_text

        echo(drugs_text(drug_report(plan, chosen, plan.settings), width()))


def _say(plan: Plan, remarks: Sequence[str]) -> None:
    """What is to be said beside a list."""
    for each in remarks:
        tell(each)
    warn(plan.problems)


def _target(output: str, format_: DrugsFormat, source: Path, *, force: bool, mode: str) -> Target:
    from protocal.publish.outputs import Kind

    kind = Kind.WORKBOOK if format_ is DrugsFormat.XLSX else Kind.WORKSHEET
    return target_of(output, kind, source, force=force, mode=mode)


def _print_day(
    files: Sequence[Path],
    on: str,
    agents: Sequence[str],
    format_: DrugsFormat,
    settings: Settings,
    schedules: Sequence[Path],
    despite: Sequence[str],
    reason: str,
) -> None:
    from protocal.cli.loading import load_plans
    from protocal.render.data.drug_day import day_csv, day_json, drug_day
    from protocal.render.selection import check_known, parse_day
    from protocal.workflow.what_stops import list_remarks

    date = parse_day(on, "--on")
    if date is None:
        raise UsageError("--on: there is no date")
    plans = load_plans(files, settings, schedules, asked=(date, date))
    agents = check_known(agents, dict.fromkeys(each for plan in plans for each in plan.protocol.agents), "drug")
    remarks = [list_remarks(plan, despite, reason) for plan in plans]
    day = drug_day(plans, date, agents)
    if format_ is DrugsFormat.JSON:
        echo(day_json(day))
    elif format_ is DrugsFormat.CSV:
        echo_bytes(day_csv(day))
    else:
        from protocal.render.terminal import day_text

        echo(day_text(day, width()))
    for file, plan, said in zip(files, plans, remarks, strict=True):
        if plan.problems or said:
            tell(f"{file}:")
            _say(plan, said)


def _check_day_options(format_: DrugsFormat, output: str, others: Sequence[object]) -> None:
    if format_ in _FILES or output:
        raise UsageError("a day's list is printed as table, json or csv", "Leave out -o and choose one of these.")
    if any(other not in ("", None) for other in others):
        raise UsageError(
            "--on does not go with --course, --from, --to or --revision", "A day's list is of the records as they are."
        )


def _check_list_options(files: Sequence[Path], format_: DrugsFormat, output: str) -> None:
    if len(files) > 1:
        raise UsageError(
            f"{len(files)} records were named, and a drug list is of one",
            "Name one, or add --on DATE for a day's list.",
        )
    if format_ in _FILES and not output:
        raise UsageError(f"--format {format_.value} needs a file", f"Add -o drugs.{format_.value}.")
    if output and format_ not in _FILES:
        raise UsageError(
            f"-o is only for --format xlsx and pdf; {format_.value} goes to standard output",
            f"Add --format xlsx or pdf, or write `> {output}` in place of -o.",
        )
