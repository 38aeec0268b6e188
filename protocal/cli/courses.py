"""Commands that record what happens to courses and the whole therapy: `start`, `assign`, `delay`, `hold`, `stop`..."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from protocal.cli.options import whole
from protocal.cli.recording import Adding, CourseArgument, DayArgument, adds_to_a_record
from protocal.model.problems import UsageError


@adds_to_a_record
def start(
    course: CourseArgument,
    date: DayArgument,
    anc: Annotated[str, typer.Option("--anc", metavar="N", help="Neutrophils per mcL that it was started at.")] = "",
    platelets: Annotated[str, typer.Option("--platelets", metavar="N", help="Platelets per mcL.")] = "",
) -> Adding:
    """Record a course's actual Day 1. Without the counts that it may start at, its dates stay provisional.

    Example: `protocal start p001.yaml block-2 2027-01-04`
    """
    from protocal.read.record.read import number_or_text

    counts = {name: number_or_text(text) for name, text in (("anc", anc), ("platelets", platelets)) if text}
    entry = {"entry": "start", "course": course, "date": date, "counts": counts}
    options = {"": "COURSE", "course": "COURSE", "date": "DATE", "counts": "anc"}
    return Adding(
        [(entry, options)],
        f"{course} started on {date}",
    )


@adds_to_a_record
def assign(
    arm: Annotated[str, typer.Argument(metavar="ARM", help="As in D.")],
    date: DayArgument,
    risk: Annotated[str, typer.Option("--risk", metavar="GROUP", help="The risk group, if it is not recorded.")] = "",
    cns: Annotated[str, typer.Option("--cns", metavar="STATUS", help="The CNS status, if it is not recorded.")] = "",
) -> Adding:
    """Record the arm that the patient was assigned to. It needs the risk group and the CNS status.

    Example: `protocal assign p001.yaml D 2026-12-29 --risk low`
    """
    facts = [
        ({"entry": "state", "fact": fact, "value": value}, {"": fact, "value": fact})
        for fact, value in (("risk", risk), ("cns", cns))
        if value
    ]
    return Adding(
        [*facts, ({"entry": "assign", "arm": arm, "date": date}, {"": "ARM", "arm": "ARM", "date": "DATE"})],
        f"arm {arm} from {date}",
    )


@adds_to_a_record
def delay(
    course: CourseArgument,
    days: Annotated[int | None, typer.Option("--days", metavar="N", parser=whole, help="So many days later.")] = None,
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="Until this date.")] = "",
    only: Annotated[
        bool, typer.Option("--only", help="The courses after it keep their days, if a gap takes it up.")
    ] = False,
    from_day: Annotated[
        int | None,
        typer.Option(
            "--from-day", metavar="DAY", parser=whole, help="Only the rest of a running course, from this day."
        ),
    ] = None,
) -> Adding:
    """Let a course wait, and all that follow; or, with --from-day, the rest of a running course.

    Example: `protocal delay p001.yaml block-2 --days 6 --reason "ANC 320"`
    """
    if (days is None) == (not to):
        raise UsageError("say how long it waits", "Write either --days N or --to DATE.")
    entry: dict[str, Any] = {"entry": "delay", "course": course, "days": days, "to": to, "from_day": from_day}
    if only:
        entry["only"] = True
    options = {"": "COURSE", "course": "COURSE", "days": "days", "to": "to", "from_day": "from-day", "only": "only"}
    return Adding(
        [(entry, options)],
        f"{course} waits {f'{days} days' if days else f'until {to}'}",
    )


@adds_to_a_record
def hold(
    course: CourseArgument,
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day held.")],
    days: Annotated[int, typer.Option("--days", metavar="N", parser=whole, help="How many days.")],
    skip: Annotated[bool, typer.Option("--skip", help="The calendar runs on; what is missed is not made up.")] = False,
    slip: Annotated[bool, typer.Option("--slip", help="The days held and all after them move.")] = False,
) -> Adding:
    """Hold a course's drugs for some days, by the course's own rule; where that is to ask, --skip or --slip says.

    Example: `protocal hold p001.yaml continuation-1 --from 2027-03-09 --days 7 --reason "ANC 400"`
    """
    from protocal.model.entries import HoldRule
    from protocal.plan.delays_and_holds import rule_of_hold

    if skip and slip:
        raise UsageError("--skip and --slip contradict each other", "Keep one of them.")

    def made(plan: Any) -> list[tuple[dict[str, Any], dict[str, str]]]:
        own = rule_of_hold((each.course for each in plan.courses), course)
        rule = HoldRule.SKIP if skip else HoldRule.SLIP if slip else own
        if rule is None:
            raise UsageError(
                f"{course} has no rule of its own for what a hold does", "Ask the prescriber: --skip or --slip."
            )
        entry = {"entry": "hold", "course": course, "date": since, "days": days, "rule": rule.value}
        return [(entry, {"": "COURSE", "course": "COURSE", "date": "from", "days": "days"})]

    return Adding(
        made,
        f"{course} held for {days} days from {since}",
    )


@adds_to_a_record
def fail(
    date: DayArgument,
) -> Adding:
    """Record treatment failure: what lay ahead is cancelled, and the route after failure stands without dates.

    Example: `protocal fail p001.yaml 2026-12-29`
    """
    return Adding(
        [({"entry": "fail", "date": date}, {"": "DATE", "date": "DATE"})],
        f"treatment failure on {date}",
    )


@adds_to_a_record
def transplant(
    date: DayArgument,
) -> Adding:
    """Record Day 0 of the transplant: what lay ahead of it is cancelled.

    Example: `protocal transplant p001.yaml 2027-04-20`
    """
    return Adding(
        [({"entry": "transplant", "date": date}, {"": "DATE", "date": "DATE"})],
        f"transplant on {date}",
    )


@adds_to_a_record
def stop(
    date: DayArgument,
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="When a running pump was stopped.")] = "",
) -> Adding:
    """End all therapy, from that date on, the date included.

    Example: `protocal stop p001.yaml 2027-05-03 --reason "withdrawn by the family"`
    """
    from protocal.read.record.append import Local

    entry = {"entry": "stop", "date": date, "at": Local(f"{date} {at}") if at else ""}
    return Adding(
        [(entry, {"": "DATE", "date": "DATE", "at": "at"})],
        f"therapy stopped from {date}",
        needs_reason="the end of all therapy",
    )


@adds_to_a_record
def end(date: DayArgument) -> Adding:
    """Set another last day of therapy than the protocol's.

    Example: `protocal end p001.yaml 2028-12-31 --reason "study chair, 2026-11-20"`
    """
    return Adding(
        [({"entry": "end", "date": date}, {"": "DATE", "date": "DATE"})],
        f"therapy ends on {date}",
        needs_reason="another end of therapy",
    )
