"""How every command that adds to a record does it: shown first, asked if need be, then written whole."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from protocal.cli.options import RecordFile, Shelves, SiteFile, echo, site_settings, tell, warn
from protocal.cli.root import app
from protocal.model.frozen import frozen
from protocal.model.problems import UsageError

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who writes this.")]
AcceptShortened = Annotated[
    bool, typer.Option("--accept-shortened", help="Go on with a log whose end is missing; with the reason in the log.")
]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the log and on paper.")]
DayArgument = Annotated[str, typer.Argument(metavar="DATE", help="As in 2026-12-28.")]
CourseArgument = Annotated[str, typer.Argument(metavar="COURSE", help="A course's id, as in block-2.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An administration's id, as `protocal plan` has it.")]
AgentArgument = Annotated[str, typer.Argument(metavar="AGENT", help="A drug's id, as in mercaptopurine.")]

Line = tuple[dict[str, Any], dict[str, str]]  # an entry's values, and the option that each was typed at


def _nothing_else(_plan: Any) -> Sequence[str]:
    return ()


@frozen
class Adding:
    """What a command adds to a record: its lines, or what makes them from the plan as it is; and what was said by it.

    Attributes:
        keep: a running course keeps its doses.
        alone: one part of several is meant alone.
        needs_reason: what is not done without a reason.
        shows: what else is so once it is added, of a plan that has it; a line for each.
    """

    lines: Sequence[Line] | Callable[[Any], Sequence[Line]]
    said: str
    keep: bool = False
    alone: bool = False
    needs_reason: str = ""
    shows: Callable[[Any], Sequence[str]] = _nothing_else


def adds_to_a_record(make: Callable[..., Adding]) -> Callable[..., Adding]:
    """Make a command of a function that gives what to add: with the record's file first, and the options of all."""

    def shared(
        file: RecordFile,
        reason: Why = "",
        by: By = "",
        dry_run: DryRun = False,
        accept_shortened: AcceptShortened = False,
        site: SiteFile = None,
        schedules: Shelves = [],
    ) -> None: ...

    @wraps(make)
    def command(**typed: Any) -> None:
        own = {name: typed.pop(name) for name in inspect.signature(make).parameters}
        _add(make(**own), **typed)

    hints = get_type_hints(shared, include_extras=True) | get_type_hints(make, include_extras=True)
    file, *others = inspect.signature(shared).parameters.values()
    parameters = [
        each.replace(annotation=hints[each.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for each in (file, *inspect.signature(make).parameters.values(), *others)
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # typer reads it
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    app.command()(command)
    return make


def _add(
    adding: Adding,
    file: Path,
    reason: str,
    by: str,
    dry_run: bool,
    accept_shortened: bool,
    site: Path | None,
    schedules: list[Path],
) -> None:
    """Write what was added, unless it is a dry run, then print what it changes. Raises ProtocalError and UsageError."""
    from protocal.cli.clock import now
    from protocal.read.record.append import NewEntry
    from protocal.workflow.recording import record

    if adding.needs_reason and not reason:
        raise UsageError(f"{adding.needs_reason} needs its reason", "Give it with --reason.")
    if accept_shortened and not reason:
        raise UsageError(
            "--accept-shortened needs its reason", "Give it with --reason: why is the end of the log gone?"
        )

    def entries(lines: Sequence[Line]) -> list[NewEntry]:
        return [NewEntry({**values, "why": reason}, {"by": "by", "why": "reason", **names}) for values, names in lines]

    lines = adding.lines
    done = record(
        file,
        (lambda plan: entries(lines(plan))) if callable(lines) else entries(lines),
        now(),
        by,
        site_settings(site),
        schedules,
        keep=adding.keep,
        alone=adding.alone,
        accept_shortened=accept_shortened,
        dry_run=dry_run,
    )
    told = [f"settings: {each}" for each in done.settings]
    changed = (*done.changes, *adding.shows(done.after))
    echo("\n".join([*told, *(changed or ["the plan stays as it is"]), ""]))
    warn(done.problems)
    for each in done.news:
        tell(each)
    tell("nothing was written" if dry_run else f"{file}: {adding.said}")
    for warning in done.warnings:
        tell(f"warning: {warning}")
