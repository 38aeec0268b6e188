"""Options that several commands share, and how commands print: one place for each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from protocal.words.problems import Problem, Severity


class TableFormat(str, Enum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


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
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that protocal did not make.")]
Course = Annotated[list[str], typer.Option("--course", metavar="ID", help="Only this course; may be given again.")]
Agent = Annotated[list[str], typer.Option("--agent", metavar="ID", help="Only this drug; may be given again.")]
Since = Annotated[str, typer.Option("--from", metavar="DATE", help="From this day on, as in 2026-12-01.")]
Until = Annotated[str, typer.Option("--to", metavar="DATE", help="Up to and including this day.")]
Format = Annotated[TableFormat, typer.Option("--format", help="For people, programs or spreadsheets.")]
Revision = Annotated[int | None, typer.Option("--revision", metavar="N", help="The record with its first N entries.")]


def echo(text: str) -> None:
    """Print a result, ending in one line end."""
    typer.echo(text, nl=not text.endswith("\n"))


def echo_bytes(data: bytes) -> None:
    """Print a result that is bytes, so that no terminal setting changes them."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def warn(problems: Iterable[Problem]) -> None:
    """Print warnings where they do not mix with the result."""
    for problem in problems:
        if problem.severity is Severity.WARNING:
            typer.echo(str(problem), err=True)


def width() -> int:
    """How many columns the terminal has; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns
