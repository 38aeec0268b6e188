"""Commands about what was given out: `issued` lists it, `told` records who was told of a change."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.options import (
    ListFormat,
    ListFormatOption,
    RecordFile,
    Shelves,
    SiteFile,
    echo,
    site_settings,
    tell,
    warn,
)
from protocal.cli.recording import Adding, adds_to_a_record
from protocal.cli.root import app


@app.command()
def issued(
    file: RecordFile,
    sheet: Annotated[
        list[str],
        typer.Option("--sheet", metavar="NAME", help="Only this one, as in roadmap/block-1; may be given again."),
    ] = [],
    mark: Annotated[
        str, typer.Option("--mark", metavar="LETTERS", help="Only the issue that bears these eight letters.")
    ] = "",
    format_: ListFormatOption = ListFormat.TABLE,
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """List what was given out, when and by whom, and whether a sheet of it still holds.

    Example: `protocal issued p001.yaml --mark "KFWX HRTM"`
    """
    from protocal.cli.loading import load_plan
    from protocal.render.data.issued import issued_json, issued_of, issued_text

    plan = load_plan(file, site_settings(site), schedules)
    found = issued_of(plan, sheet, mark)
    if format_ is ListFormat.JSON:
        echo(issued_json(found))
    elif found:
        echo(issued_text(plan, found))
    if not found:
        tell("no issue of this record bears these letters" if mark else "nothing was issued")
    warn(plan.problems)


@adds_to_a_record
def told(
    text: Annotated[str, typer.Argument(metavar="WHO", help="Who was told, and how, as in 'mother, by telephone'.")],
) -> Adding:
    """Record who was told of what changed, and with --by who told them.

    Example: `protocal told p001.yaml "mother, by telephone" --by "nurse 7"`
    """
    return Adding([({"entry": "told", "text": text}, {"": "WHO", "text": "WHO"})], f"told: {text}")
