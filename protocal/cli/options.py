"""Options that several commands share, and how commands print: one place for each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocal.model.problems import Problem, Severity, UsageError, one_line

if TYPE_CHECKING:  # its words cost too much for a command that only prints its version
    from protocal.model.settings import Settings
from protocal.model.paper_size import Paper
from protocal.text.typed import read_whole


class TableFormat(str, Enum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ListFormat(str, Enum):
    """How a list is printed that is not for a spreadsheet."""

    TABLE = "table"
    JSON = "json"


def whole(text: str) -> int:
    """What a person typed where a whole number belongs. Raises BadParameter."""
    try:
        return read_whole(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


RecordFile = Annotated[
    Path,  # whether it can be read is for the reader to say, in the words of all its problems
    typer.Argument(metavar="FILE", readable=False, help="The patient's record, as made by `protocal new`."),
]
Shelves = Annotated[
    list[Path],
    typer.Option(
        "--schedules",
        metavar="FOLDER",
        envvar="PROTOCAL_SCHEDULES",
        help="Look for protocols here too (PROTOCOL/VERSION/).",
    ),
]
SiteFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", envvar="PROTOCAL_SETTINGS", readable=False, help="The site's choices."),
]
Output = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The file to write; - is standard output.")]
Mode = Annotated[
    str,
    typer.Option(
        "--mode",
        metavar="OCTAL",
        help="Who may read the file, as in 640; by default as it was; new, only you if it names the patient.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that protocal did not make.")]
Course = Annotated[list[str], typer.Option("--course", metavar="ID", help="Only this course; may be given again.")]
Agent = Annotated[list[str], typer.Option("--agent", metavar="ID", help="Only this drug; may be given again.")]
Since = Annotated[str, typer.Option("--from", metavar="DATE", help="From this day on, as in 2026-12-01.")]
Until = Annotated[str, typer.Option("--to", metavar="DATE", help="Up to and including this day.")]
NameInTitle = Annotated[
    bool, typer.Option("--name-in-title", help="Name the patient in the document's title, which viewers show.")
]
ProtocolInTitle = Annotated[
    bool,
    typer.Option("--protocol-in-title", help="Name the protocol, the arm and the risk in a PDF's title, too."),
]
Format = Annotated[TableFormat, typer.Option("--format", help="For people, programs or spreadsheets.")]
ListFormatOption = Annotated[ListFormat, typer.Option("--format", help="For people or programs.")]
Revision = Annotated[
    int | None,
    typer.Option("--revision", metavar="N", parser=whole, help="The record with its first N entries."),
]


def site_settings(path: Path | None, paper: Paper | None = None) -> Settings:
    """The settings of a file, or protocal's own; a paper that was typed wins. Raises ProtocalError."""
    from protocal.model.settings import Settings

    settings = Settings()
    if path is not None:
        from protocal.read.settings import load_settings

        settings = load_settings(path)
    return replace(settings, paper=paper) if paper else settings


def echo(text: str) -> None:
    """Print a result, ending in one line end."""
    typer.echo(text, nl=not text.endswith("\n"))


def echo_bytes(data: bytes) -> None:
    """Print a result that is bytes, so that no terminal setting changes them."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def tell(message: str | Problem | UsageError) -> None:
    """Print a message where it does not mix with the result, safe for any terminal whatever it quotes."""
    typer.echo(one_line(message) if isinstance(message, str) else str(message), err=True)


def warn(problems: Iterable[Problem]) -> None:
    """Print what was found, where it does not mix with the result; of the checks' warnings only how many there are."""
    found = list(problems)
    checked = [problem for problem in found if problem.source and problem.severity is Severity.WARNING]
    for problem in found:
        if problem not in checked:
            tell(problem)
    if checked:
        tell(f"{len(checked)} warning{'s'[: len(checked) > 1]} of the checks: see `protocal check`")


@contextmanager
def progress(sheets: int) -> Iterator[Callable[[], object]]:
    """What to call after each sheet; a bar shows it where somebody sits at a terminal."""
    if sheets < 3 or not sys.stderr.isatty():
        yield lambda: None
        return
    with typer.progressbar(length=sheets, label="laying out the sheets", file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def say_nothing_due() -> None:
    """Say that a choice left nothing, where it does not mix with the result."""
    tell("nothing is due in what was chosen")


def width() -> int:
    """How many columns the terminal has; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns
