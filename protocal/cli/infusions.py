"""Commands that record what happens to infusions and rescues: `bags`, `interrupt`, `resume`, `clear`."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.recording import Adding, CourseArgument, adds_to_a_record
from protocal.model.problems import UsageError
from protocal.text.typed import read_whole

At = Annotated[str, typer.Option("--at", metavar="TIME", help="Date and hour, as in '2027-01-26 14:00'.")]


@adds_to_a_record
def bags(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="As in blinatumomab.")],
    hours: Annotated[str, typer.Option("--hours", metavar="H,H", help="How long bags may last, as in 72,96.")],
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="For bags hung on this day or later.")],
) -> Adding:
    """Choose how long the bags of a continuous infusion may last, from a day on.

    Example: `protocal bags p001.yaml blinatumomab --hours 72,96 --from 2027-01-26`
    """
    pieces = [piece.strip() for piece in hours.split(",")]
    try:
        entry = {"entry": "bags", "agent": agent, "hours": [read_whole(piece) for piece in pieces], "date": since}
    except ValueError as error:
        raise UsageError(f"--hours: {error}", "Write them as in --hours 72,96.") from None
    return Adding(
        [(entry, {"": "AGENT", "agent": "AGENT", "hours": "hours", "date": "from"})],
        f"bags of {agent} of {', '.join(pieces)} h from {since}",
    )


@adds_to_a_record
def interrupt(
    course: CourseArgument,
    at: At,
) -> Adding:
    """Record that a course's continuous infusion stopped. Nothing more of it is planned until it is resumed.

    Example: `protocal interrupt p001.yaml blina-cycle-1 --at "2027-01-30 03:15" --reason "fever"`
    """
    from protocal.read.record.append import Local

    return Adding(
        [({"entry": "interrupt", "course": course, "at": Local(at)}, {"": "COURSE", "course": "COURSE", "at": "at"})],
        f"infusion of {course} stopped {at}",
        needs_reason="an interruption",
    )


@adds_to_a_record
def resume(
    course: CourseArgument,
    at: At,
    dose: Annotated[str, typer.Option("--dose", metavar="N", help="For 24 h, in the drug's unit.")] = "",
) -> Adding:
    """Record that the infusion runs again. After a long stop the restart is supervised and names its dose.

    Example: `protocal resume p001.yaml blina-cycle-1 --at "2027-02-04 10:00" --dose 11.7 --reason "afebrile"`
    """
    from protocal.read.record.append import Local
    from protocal.read.record.read import number_or_text

    entry = {"entry": "resume", "course": course, "at": Local(at), "dose": number_or_text(dose) if dose else ""}
    return Adding(
        [(entry, {"": "COURSE", "course": "COURSE", "at": "at", "dose": "dose"})],
        f"infusion of {course} resumed {at}",
        needs_reason="a restart",
    )


@adds_to_a_record
def clear(
    course: CourseArgument,
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="As in methotrexate.")],
    at: At,
    level: Annotated[str, typer.Option("--level", metavar="LEVEL", help="As in '0.08 micromol/L'.")],
) -> Adding:
    """Record the level by which an agent has cleared: its rescue ends there. The threshold is the site's setting.

    Example: `protocal clear p001.yaml block-2 methotrexate --at "2027-01-08 09:00" --level "0.08 micromol/L"`
    """
    from protocal.read.record.append import Local

    entry = {"entry": "clear", "course": course, "agent": agent, "at": Local(at), "level": level}
    return Adding(
        [(entry, {"": "COURSE", "course": "COURSE", "agent": "AGENT", "at": "at", "level": "level"})],
        f"{agent} cleared {at}: {level}",
    )
