"""The command by which a patient goes on with a later version of the definition: `upgrade`."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.recording import Adding, adds_to_a_record


@adds_to_a_record
def upgrade(
    to: Annotated[str, typer.Option("--to", metavar="VERSION", help="A later version of the record's protocol.")],
    from_course: Annotated[
        str,
        typer.Option("--from", metavar="COURSE", help="From this course on it counts although it has begun."),
    ] = "",
) -> Adding:
    """Go on with a later version of the definition. Courses that have begun keep theirs, and what was given its dose.

    See first what differs: `protocal compare`, and --dry-run for this patient. No day that is past changes.

    Example: `protocal upgrade p001.yaml --to 0.2 --reason "corrected definition"`
    """
    entry = {"entry": "definition", "version": to, "from_course": from_course}
    return Adding([(entry, {})], f"goes on with version {to}", needs_reason="an upgrade")
