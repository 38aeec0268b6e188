"""The command `doctor`: what this machine has and lacks, and how to get it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from protocal.cli.root import app
from protocal.model.problems import one_line

if TYPE_CHECKING:
    from protocal.cli.environment import Finding


@app.command()
def doctor() -> None:
    """Say what this machine has and lacks, whether a page can really be printed, and how to get the rest.

    Exits with 3 if something needed is lacking. Example: `protocal doctor`
    """
    from protocal.cli.environment import examine

    findings = tuple(examine())
    width = max(len(each.what) for each in findings)
    for each in findings:
        mark = "ok" if each.found else "LACKING" if each.needed else "optional"
        typer.echo(one_line(f"{mark:<8}  {each.what:<{width}}  {each.found or each.lack or each.use}"))
    absent = [each for each in findings if not each.found]
    lacking = any(each.needed for each in absent)
    typer.echo("\nSomething needed is lacking." if lacking else "\nEverything needed is here.")
    if absent:
        typer.echo("\n".join(("To get the rest:", *remedies(absent))))
    if lacking:
        raise typer.Exit(3)


def remedies(absent: Sequence[Finding]) -> Iterator[str]:
    """What to type to get what was not found."""
    debian = " ".join(dict.fromkeys(each.debian for each in absent if each.debian))
    if debian:
        yield f"  Debian, Ubuntu:  sudo apt-get install -y --no-install-recommends {debian}"
    for brew in dict.fromkeys(each.brew for each in absent if each.brew):
        yield f"  macOS:           brew install {brew}"
    if debian and sys.platform == "darwin":
        yield "  and where brew has it already:  export DYLD_FALLBACK_LIBRARY_PATH=$(brew --prefix)/lib"
    for pip in dict.fromkeys(each.pip for each in absent if each.pip):
        yield f"  anywhere:        {sys.executable} -m pip install {pip}"
    for remedy in dict.fromkeys(each.remedy for each in absent if each.remedy):
        yield f"  anywhere:        {remedy}"
