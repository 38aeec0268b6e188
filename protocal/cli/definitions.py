"""Commands about definitions: `protocols`, `show`, `lint`, `schema`."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from protocal.cli.options import Course, Shelves, SiteFile, echo, site_settings, tell, width
from protocal.cli.root import app
from protocal.model.problems import has_errors, one_line


class FileKind(str, Enum):
    """The kinds of files that have a JSON Schema."""

    PROTOCOL = "protocol"
    AGENTS = "agents"
    COURSE = "course"
    RECORD = "record"
    SIGNATURES = "signatures"


@app.command()
def protocols(schedules: Shelves = []) -> None:
    """List the protocols at hand, with their versions.

    Example: `protocal protocols`
    """
    from protocal.read.library import protocols_on, shelves
    from protocal.read.yaml_tree import read_tree

    for shelf in shelves(schedules):
        for name, versions in protocols_on(shelf):
            tree = read_tree(versions[-1] / "protocol.yaml").tree
            title = tree.get("title", "") if isinstance(tree, dict) else "(cannot be read; try `protocal lint`)"
            echo(one_line(f"{name}  {', '.join(folder.name for folder in versions)}  {title}"))


@app.command()
def show(
    protocol: Annotated[str, typer.Argument(metavar="PROTOCOL", help="An id such as aall1331, or a folder.")],
    version: Annotated[str, typer.Option("--protocol-version", metavar="V", help="The newest if left out.")] = "",
    course: Course = [],
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """Show a protocol as therapy tables: arms, courses, and every order with its evidence.

    Example: `protocal show aall1331 --course block-1`
    """
    from protocal.cli.clock import now
    from protocal.read.definition.build import load_protocol
    from protocal.read.library import find_definition
    from protocal.render.selection import check_known
    from protocal.render.terminal import protocol_text
    from protocal.review.verified import verified

    definition = load_protocol(find_definition(protocol, version, schedules), schedules)
    definition = verified(definition, site_settings(site).signatures, now().date())
    echo(protocol_text(definition, check_known(course, definition.courses, "course"), width()))


@app.command()
def lint(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="Definition folders, files in them, or protocol ids.")
    ],
    schedules: Shelves = [],
) -> None:
    """Check definitions: their text, their shape and their meaning; everything wrong is reported at once.

    Example: `protocal lint schedules/aall1331`
    """
    from protocal.cli.clock import now
    from protocal.read.definition.build import read_protocol
    from protocal.read.definition.lint.evidence import verified_by_hand
    from protocal.read.definition.signatures import check_signatures
    from protocal.read.library import definitions_of

    bad = False
    for folder in dict.fromkeys(folder for file in files for folder in definitions_of(file, schedules)):
        protocol, problems = read_protocol(folder, schedules)
        if protocol:
            problems += [*verified_by_hand(protocol), *check_signatures(protocol, now().date())]
        for problem in problems:
            tell(problem)
        bad = bad or has_errors(problems)
        if protocol and not has_errors(problems):
            orders = sum(len(each.orders) for each in protocol.courses.values())
            count = f"{len(protocol.courses)} courses, {orders} orders"
            echo(one_line(f"{folder}: {protocol.id} {protocol.version}, {count}: no error"))
    if bad:
        raise typer.Exit(1)


@app.command()
def schema(
    kind: Annotated[FileKind, typer.Argument(metavar="KIND", help="protocol, agents, course, record or signatures.")],
) -> None:
    """Print the JSON Schema of a kind of file, with which an editor checks and completes it while it is written.

    Example: `protocal schema course > course.json`
    """
    import json

    from protocal.read.json_schema import schema_of

    echo(json.dumps(schema_of(kind.value), ensure_ascii=False, indent=1))
