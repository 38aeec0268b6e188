"""How every command that adds to a record does it: shown first, asked if need be, then written whole."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from protocal.cli.options import RecordFile, Shelves, SiteFile, echo, site_settings, tell, warn
from protocal.cli.root import app
from protocal.words.problems import Problem, ProtocalError, Severity, UsageError

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


@dataclass(frozen=True, slots=True)
class Adding:
    """What a command adds to a record: its lines, or what makes them from the plan as it is; and what was said by it.

    Attributes:
        keep: a running course keeps its doses.
        alone: one part of several is meant alone.
        needs_reason: what is not done without a reason.
    """

    lines: Sequence[Line] | Callable[[Any], Sequence[Line]]
    said: str
    keep: bool = False
    alone: bool = False
    needs_reason: str = ""


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
    """Print what changes, then write. Nothing is written in a dry run, or where something must be settled first.

    Raises ProtocalError and UsageError.
    """
    from protocal.cli.clock import now
    from protocal.cli.loading import load_plan
    from protocal.pipeline import due_by_hand_at, plan_of
    from protocal.plan.asks import Wish, asks
    from protocal.plan.diff import differences
    from protocal.plan.fit_recorded import check_recorded
    from protocal.publish.files import replace_record
    from protocal.read.append import NewEntry, append_entries
    from protocal.render.changes import changes

    if adding.needs_reason and not reason:
        raise UsageError(f"{adding.needs_reason} needs its reason", "Give it with --reason.")
    if accept_shortened and not reason:
        raise UsageError(
            "--accept-shortened needs its reason", "Give it with --reason: why is the end of the log gone?"
        )
    settings = site_settings(site)
    lines = adding.lines
    if callable(lines):
        lines = lines(load_plan(file, settings, schedules, accept_shortened=accept_shortened))
    new = [NewEntry({**values, "why": reason}, {"by": "by", "why": "reason", **options}) for values, options in lines]
    added = append_entries(
        file, new, now(), by, due_by_hand_at(file, settings, schedules), accept_shortened=accept_shortened
    )
    try:
        if added.record is None:
            raise ProtocalError(added.problems)  # noqa: TRY301 - told like what the plan finds
        after = plan_of(added.record, file, settings, schedules, problems=added.problems)
    except ProtocalError as error:
        if typed := [each for each in error.problems if _was_typed(each)]:
            raise UsageError.at_options(typed) from None
        raise
    first = added.record.revision - len(new)
    before = plan_of(added.record, file, settings, schedules, first)
    for entry in added.record.log[first:]:
        if found := asks(entry, before, after, settings, Wish(keep=adding.keep, alone=adding.alone)):
            raise UsageError(
                found[0].message, found[0].remedy, [UsageError(each.message, each.remedy) for each in found[1:]]
            )
    # before anything is printed: nobody who stops reading may stop the writing
    warnings = () if dry_run else replace_record(file, added.before, added.after)
    found_changes = list(changes(differences(before, after), after))
    echo("\n".join([*(found_changes or ["the plan stays as it is"]), ""]))
    warn([*added.problems, *check_recorded(added.record)])
    _tell_new(before.problems, after.problems)
    tell("nothing was written" if dry_run else f"{file}: {adding.said}")
    for each in warnings:
        tell(f"warning: {each}")


def _was_typed(problem: Problem) -> bool:
    """Whether a mistake stands in what was typed and not in a file."""
    return problem.severity is Severity.ERROR and problem.where is not None and problem.where.is_typed


def _tell_new(before: Sequence[Problem], after: Sequence[Problem]) -> None:
    """What the checks find now and did not find before; a warning that only has another date is no news."""
    from protocal.check.definition import CHANGED

    errors = {(each.code, each.message) for each in before}
    warnings = {(each.code, each.where) for each in before}
    for each in after:
        is_error = each.severity is Severity.ERROR
        news = (each.code, each.message) not in errors if is_error else (each.code, each.where) not in warnings
        if each.source and (news or each.code == CHANGED):  # of which whoever adds to the record must know each time
            tell(each)
