"""The command `publish`: what readers find at their addresses, as files for any web server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocal.cli.checks import Despite, Reason
from protocal.cli.giving_out import IssuedBy
from protocal.cli.options import Shelves, SiteFile, site_settings, tell, warn
from protocal.cli.root import app
from protocal.model.problems import UsageError

if TYPE_CHECKING:
    from protocal.workflow.publishing import Publishing


@app.command()
def publish(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Patients' records.", readable=False)],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder that a web server hands out.")],
    only_these: Annotated[
        bool, typer.Option("--only-these", help="Take away what is published of any other record.")
    ] = False,
    site_key: Annotated[
        Path | None, typer.Option("--site-key", metavar="FILE", help="The site's key, if the settings do not name it.")
    ] = None,
    by: IssuedBy = "",
    site: SiteFile = None,
    despite: Despite = [],
    reason: Reason = "",
    schedules: Shelves = [],
) -> None:
    """Publish the calendars of all readers that a record has a link for (`protocal link`), as files of a folder.

    Example: `protocal publish ward/*.yaml --to /var/www/calendars --settings site.yaml`
    """
    from protocal.cli.clock import now
    from protocal.workflow.publishing import publish as publish_records
    from protocal.workflow.publishing import site_of

    settings = site_settings(site)
    if site_key:
        settings = replace(settings, site_key=str(site_key))
    found = replace(site_of(settings, now(), schedules, by), despite=tuple(despite), reason=reason)
    done = publish_records(files, to, found, only_these=only_these)
    _tell(files, done)
    if done.failed:
        raise typer.Exit(1)


def _tell(files: list[Path], done: Publishing) -> None:
    """What became of each record, without any address: what is told here may stand in a log."""
    for each in done.published:
        issues = ", ".join(f"issue {number} of {sheet}" for sheet, number in each.new)
        said = "published" if each.written else "unchanged"
        tell(f"{files[each.record - 1]}: {each.who.value}: {said}{f', {issues}' if issues else ''}")
    for number in done.unlinked:
        tell(f"{files[number - 1]}: no reader has a link: `protocal link {files[number - 1]} --for family` makes one")
    if done.removed:
        tell(f"{done.removed} addresses were closed")
    if done.left:
        tell(f"{done.left} addresses in the folder are of no record that was named; --only-these takes them away")
    for number, why in done.failed:
        some = " for its other readers" if any(each.record == number for each in done.published) else ""
        tell(f"{files[number - 1]}: not published{some}; what stood there before still stands")
        if isinstance(why, UsageError):
            tell(f"  {why.message}" + (f"\n  {why.remedy}" if why.remedy else ""))
        else:
            warn(why)
