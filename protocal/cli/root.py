"""The command `protocal` itself; the modules beside this one add its commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from protocal import __version__


class _Plain(TyperGroup):
    """Says what is wrong with an option without the word of the library that found it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")
            raise


app = typer.Typer(
    cls=_Plain,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""A treatment protocol, written once as YAML, becomes dated calendars for one patient.

Start with a record, then plan, print and publish it:

`protocal new p001.yaml --protocol aall1331 --id P001 --born 2019-05-12 --sex female --height 112 --weight 19.4
--cns cns2 --risk low --arm D --start 2026-12-01 --timezone America/New_York`

`protocal plan p001.yaml` · `protocal roadmap p001.yaml -o roadmap.pdf` · `protocal feed p001.yaml -o plan.ics`
""",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"protocal {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options that stand before a command."""
