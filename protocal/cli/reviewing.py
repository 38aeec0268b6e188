"""Commands with which people check a definition against its source and other versions: `review`, `sign`, `compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protocal.cli.options import (
    Course,
    Force,
    Format,
    ListFormat,
    ListFormatOption,
    Mode,
    Shelves,
    SiteFile,
    TableFormat,
    echo,
    echo_bytes,
    site_settings,
    tell,
    width,
)
from protocal.cli.root import app
from protocal.model.problems import UsageError, has_errors

if TYPE_CHECKING:
    from protocal.model.protocol import Protocol
    from protocal.model.review import DefinitionLine

Definition = Annotated[str, typer.Argument(metavar="DEFINITION", help="An id such as aall1331, or a folder.")]
Version = Annotated[str, typer.Option("--protocol-version", metavar="V", help="The newest if left out.")]


@app.command()
def review(
    definition: Definition,
    version: Version = "",
    course: Course = [],
    open_: Annotated[bool, typer.Option("--open", help="Only the lines that are not verified yet.")] = False,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="A PDF with room for what is found.")
    ] = "",
    format_: Format = TableFormat.TABLE,
    mode: Mode = "",
    force: Force = False,
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """Show each line of a definition with all it says, its evidence and open questions, and who has signed it.

    Example: `protocal review aall1331 --open -o review.pdf`
    """
    from protocal.cli.clock import now
    from protocal.cli.writing import target_of
    from protocal.publish.outputs import Kind

    if output and format_ is not TableFormat.TABLE:
        raise UsageError("-o writes a PDF, and --format is of what is printed", "Leave out one of the two.")
    settings = site_settings(site)
    folder, protocol = _read(definition, version, schedules, settings.signatures)
    lines = _chosen(protocol, course)
    if open_:
        lines = [each for each in lines if not each.verified]
    if not lines:
        tell("every line is verified")
        return
    if output:
        from protocal.workflow.reviewing import review_bytes

        target = target_of(output, Kind.REVIEW, folder / "protocol.yaml", force=force, mode=mode)
        target.write(review_bytes(protocol, lines, settings, now()))
    elif format_ is TableFormat.JSON:
        from protocal.render.data.review import review_json

        echo(review_json(protocol, lines, settings.signatures))
    elif format_ is TableFormat.CSV:
        from protocal.render.data.review import review_csv

        echo_bytes(review_csv(protocol, lines))
    else:
        from protocal.render.terminal.review import review_text

        echo(review_text(protocol, lines, settings.signatures, width()))


@app.command()
def sign(
    definition: Definition,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who signs: each person for themselves.")],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="As in pharmacist.")],
    against: Annotated[
        str,
        typer.Option("--against", metavar="TEXT", help="What the lines were held against: document, version, page."),
    ],
    line: Annotated[
        list[str], typer.Option("--line", metavar="ID", help="Only this line, unasked; may be given again.")
    ] = [],
    version: Version = "",
    course: Course = [],
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """Sign lines of a definition that agree with the document they were held against; without --line, each is asked.

    A line is verified when two different people have signed it as it is. A bundled definition is signed on the site's
    own shelf (--schedules).

    Example: `protocal sign ours --by "A. Reader" --role pharmacist --against "version 5, page 61" --line block-1/vcr`
    """
    from protocal.cli.clock import now
    from protocal.model.problems import Where
    from protocal.model.review import Signature
    from protocal.workflow.reviewing import add_signatures

    settings = site_settings(site)
    folder, protocol = _read(definition, version, schedules, settings.signatures)
    chosen = _named(protocol, line) if line else _chosen(protocol, course)
    today = now().date()
    signature = Signature("", "", by.strip(), role.strip(), against.strip(), today, Where("sign"))
    left = [each for each in chosen if all(sign.person != signature.person for sign in each.signatures)]
    if line and len(left) < len(chosen):
        done = next(each for each in chosen if each not in left)
        raise UsageError(
            f"{by} has signed '{done.id}' already", "A line counts as verified when another person signs it."
        )
    agreed = left if line else _asked(protocol, left, settings.signatures)
    if not agreed:
        tell("nothing was signed")
        return
    file = add_signatures(protocol, folder, schedules, agreed, signature)
    tell(f"{file}: {by} signed {len(agreed)} line{'s'[: len(agreed) > 1]}")


@app.command()
def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A definition, as in aall1331@0.1 or a folder.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Another, as in aall1331@0.2 or a folder.")],
    format_: ListFormatOption = ListFormat.TABLE,
    schedules: Shelves = [],
) -> None:
    """Tell what differs in meaning between two versions of a definition: dose, days, condition, route, evidence.

    Example: `protocal compare aall1331@0.1 aall1331@0.2`
    """
    from protocal.review.compare import compare as compared

    old, new = (_definition(each, schedules) for each in (before, after))
    changes = compared(old, new)
    if format_ is ListFormat.JSON:
        from protocal.render.data.review import compare_json

        echo(compare_json(old, new, changes))
    elif changes:
        from protocal.render.terminal.review import compare_text

        echo(compare_text(old, new, changes, width()))
    else:
        echo("the two mean the same")


def _definition(typed: str, schedules: Sequence[Path]) -> Protocol:
    """What `NAME@VERSION` or a path means. Raises UsageError and ProtocalError."""
    from protocal.read.definition.build import load_protocol
    from protocal.read.library import find_definition, is_path

    name, version = typed, ""
    if "@" in typed and not is_path(typed):
        name, _, version = typed.rpartition("@")
    return load_protocol(find_definition(name, version, schedules))


def _read(definition: str, version: str, schedules: Sequence[Path], people: int) -> tuple[Path, Protocol]:
    from protocal.cli.clock import now
    from protocal.read.definition.build import load_protocol
    from protocal.read.definition.signatures import check_signatures
    from protocal.read.library import find_definition
    from protocal.review.verified import verified

    folder = find_definition(definition, version, schedules)
    protocol, today = load_protocol(folder, schedules), now().date()
    for problem in check_signatures(protocol, today):
        tell(problem)
    if has_errors(protocol.unsound):
        raise typer.Exit(1)
    return folder, verified(protocol, people, today)


def _chosen(protocol: Protocol, courses: Sequence[str]) -> list[DefinitionLine]:
    from protocal.render.selection import check_known
    from protocal.review.lines import lines_of

    wanted = check_known(courses, protocol.courses, "course")
    return [each for each in lines_of(protocol) if not wanted or set(wanted).intersection(each.courses)]


def _named(protocol: Protocol, names: Sequence[str]) -> list[DefinitionLine]:
    from protocal.render.selection import check_known
    from protocal.review.lines import lines_of

    lines = {each.id: each for each in lines_of(protocol)}
    return [lines[name] for name in check_known(names, lines, "line")]


def _asked(protocol: Protocol, lines: Sequence[DefinitionLine], people: int) -> list[DefinitionLine]:
    """Those of the lines that somebody says agree, each shown first. Raises UsageError where nobody can answer."""
    from protocal.render.terminal.review import line_text

    agreed: list[DefinitionLine] = []
    for number, each in enumerate(lines, 1):
        echo(line_text(protocol, each, people, width()))
        try:
            answer = typer.prompt(f"line {number} of {len(lines)}: does it agree? [y]es, [n]o, [q]uit", default="n")
        except typer.Abort:
            raise UsageError("nobody answered, and nothing was signed", "Name the lines with --line.") from None
        if answer.strip().casefold() in ("q", "quit"):
            break
        if answer.strip().casefold() in ("y", "yes"):
            agreed.append(each)
    return agreed
