"""The command `protocal` itself; the modules beside this one add its commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from protocal import __version__
from protocal.cli.streams import InterruptedByUserError
from protocal.model.problems import UsageError
from protocal.text.invisible import visible

_WrongUse: Any = typer.BadParameter.__base__  # of the library under typer: an unknown option, one argument too many


@contextmanager
def _our_own_interrupt() -> Iterator[None]:
    """Ctrl-C is for `main` to tell: releases of the library differ in what they make of it."""
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedByUserError from None


@contextmanager
def _plainly() -> Iterator[None]:
    """What is wrong with an option, without the library's own words before it, and safe for any terminal."""
    try:
        yield
    except _WrongUse as error:
        error.message = visible((error.message or "").removeprefix("Value error, "))
        raise


class _Plain(TyperGroup):
    """Says what is wrong with an option without the word of the library that found it, and safe for any terminal."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        with _our_own_interrupt(), _plainly():
            return super().make_context(*args, **options)

    def invoke(self, ctx: Any) -> Any:
        with _our_own_interrupt(), _plainly():
            return super().invoke(ctx)


class _App(typer.Typer):
    """Gives commands only text: a terminal that is set to another encoding than UTF-8 sends bytes that are none."""

    def command(self, *args: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
        registered = super().command(*args, **options)

        def of_text(function: Callable[..., Any]) -> Any:
            @wraps(function)
            def checked(**typed: Any) -> Any:
                for name, value in typed.items():
                    for each in () if name in _OF_FILES else value if isinstance(value, list) else [value]:
                        _check_text(each)
                return function(**typed)

            registered(checked)
            return function

        return of_text


_OF_FILES = ("output", "files")  # text, for it may be a hyphen or an id, yet it names files, which may be of any bytes


def _check_text(value: object) -> None:
    """Raises UsageError for bytes that are not UTF-8; names of files may be of any."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            shown = value.encode(errors="backslashreplace").decode()
            raise UsageError(f"'{shown}' is not UTF-8 text", "Set the terminal to UTF-8 and type it again.") from None


app = _App(
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
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole trace of a fault of protocal itself.")] = False,
) -> None:
    """Options that stand before a command."""
