"""Commands about the addresses at which readers find a calendar: `link`, and `site`, which makes what they need."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from protocal.cli.recording import By
from protocal.cli.root import app
from protocal.model.problems import UsageError
from protocal.model.reader import Who

if TYPE_CHECKING:
    from protocal.workflow.links import Link

_WHITE_ON_BLACK, _AS_BEFORE = "\033[97;40m", "\033[0m"  # a camera reads no code that is light on light


class SiteWork(str, Enum):
    """What is done for a site."""

    INIT = "init"


@app.command()
def site(
    work: Annotated[SiteWork, typer.Argument(metavar="init", help="Make the site's key.")],
    file: Annotated[Path, typer.Argument(metavar="[FILE]", readable=False, help="Where it goes.")] = Path("site.key"),
) -> None:
    """Make the key that all addresses of a site are made with. Keep it secret, and a copy of it safe.

    Example: `protocal site init site.key`
    """
    from protocal.cli.clock import random_site_key
    from protocal.publish.site_key import write_site_key

    if work is SiteWork.INIT:
        write_site_key(file, random_site_key())
    tell(f"wrote {file}: only you can read it. Keep a copy where it is safe; with another key every address changes.")
    tell(f"name it in the site's settings: site key: {file.name}")


@app.command()
def link(
    file: RecordFile,
    who: Annotated[Who, typer.Option("--for", help="Whose address it is.")],
    language: Annotated[
        str, typer.Option("--language", metavar="LANG", help="As in es; at first that of the settings.")
    ] = "",
    doses: Annotated[
        bool | None,
        typer.Option("--doses/--no-doses", help="Doses that something confirms; a clinic has none at first."),
    ] = None,
    unverified_doses: Annotated[
        bool, typer.Option("--unverified-doses", help="All doses, also those that nothing confirms.")
    ] = False,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Another address; the one before is gone with the next publish.")
    ] = False,
    by: By = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the log.")] = "",
    site_key: Annotated[
        Path | None,
        typer.Option("--site-key", metavar="FILE", readable=False, help="In place of that of the settings."),
    ] = None,
    qr: Annotated[str, typer.Option("--qr", metavar="FILE", help="Write the code as a picture, too (SVG).")] = "",
    format_: ListFormatOption = ListFormat.TABLE,
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """Show the address at which a family, a clinic or a pharmacy finds the calendar, as often as it is needed.

    Example: `protocal link p001.yaml --for family --settings site.yaml`
    """
    from protocal.cli.clock import now
    from protocal.cli.writing import STANDARD_OUTPUT, target_of
    from protocal.publish.outputs import Kind
    from protocal.render.qr import qr_svg
    from protocal.workflow import links

    if unverified_doses and doses is False:
        raise UsageError("--no-doses and --unverified-doses contradict each other", "Leave one of them out.")
    settings = site_settings(site)
    settings = replace(settings, site_key=str(site_key)) if site_key else settings
    if qr and not settings.address:
        raise UsageError("--qr: a code needs the whole address, and the settings have none", _NO_ADDRESS)
    if qr == STANDARD_OUTPUT:
        raise UsageError("--qr is a file of its own", "Name one, as in --qr code.svg.")
    target = target_of(qr, Kind.QR, file, force=False, mode="") if qr else None
    kind = "all" if unverified_doses else "" if doses is None else "confirmed" if doses else "none"
    wanted = links.Wanted(who, language, kind, revoke)
    found = links.link_of(file, wanted, now(), settings, by, reason, schedules)
    if target:
        target.write(qr_svg(found.address))
    if format_ is ListFormat.JSON:
        echo(_as_json(found))
    else:
        _show(found)
    _tell(found, file, revoked=revoke)


_NO_ADDRESS = (
    "Write where calendars are published into the site's settings: address: https://calendars.example.org/children"
)


def _as_json(found: Link) -> str:
    line = found.line
    values = {
        "reader": line.reader.value,
        "generation": line.generation,
        "language": line.language,
        "doses": line.doses,
    }
    shown = {"address": found.address or None, "path": f"{found.path}/", **values, "written": bool(found.recorded)}
    return json.dumps(shown, indent=2) + "\n"


def _show(found: Link) -> None:
    """The address, and the code that a telephone reads from the screen."""
    from protocal.render.qr import qr_lines

    echo(found.address or f"{found.path}/")
    if not found.address:
        return
    lines = qr_lines(found.address)
    try:
        "".join(lines).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        tell("this output cannot show the code: --qr FILE writes it as a picture")
        return
    if sys.stdout.isatty():
        lines = [f"{_WHITE_ON_BLACK}{line}{_AS_BEFORE}" for line in lines]
    echo("\n".join(["", *lines, ""]))


def _tell(found: Link, file: Path, *, revoked: bool) -> None:
    """What was written, who can read what, and how to end it."""
    line, written = found.line, found.recorded
    for rule in written.settings if written else ():
        tell(f"settings: {rule}")
    warn(written.problems if written else found.problems)
    for each in written.news if written else ():
        tell(each)
    said = f"link for {line.reader.value}, generation {line.generation}, in {line.language}, doses: {line.doses}"
    tell(f"{file}: {said}" + ("" if written else "; as before, nothing was written"))
    for warning in written.warnings if written else ():
        tell(f"warning: {warning}")
    if not found.address:
        tell(f"this is the end of an address only, for the settings do not say where it begins. {_NO_ADDRESS}")
    if revoked:
        tell("the address before this one is gone at the next publish; until then it still works")
    tell(f"whoever has the address can read {_SEES[line.reader]}, {_DOSES[line.doses]}, without a password")
    again = f"protocal link {shlex.quote(str(file))} --for {line.reader.value} --revoke"
    tell(f"is a telephone lost, or was it given to the wrong person: {again}")


_SEES = {
    Who.FAMILY: "when to come to the clinic and what is taken at home",
    Who.CLINIC: "what is done in the clinic, and when",
    Who.PHARMACY: "what is to be prepared, and when",
}
_DOSES = {
    "none": "without doses",
    "confirmed": "with the doses that something confirms",
    "all": "with all doses, also those that nothing confirms",
}
