"""Commands that write something down, or take a line back: `note`, `prior`, `undo`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from protocal.cli.options import whole
from protocal.cli.recording import Adding, AgentArgument, adds_to_a_record
from protocal.model.problems import UsageError


@adds_to_a_record
def note(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words for those who read the record.")],
    allergy: Annotated[bool, typer.Option("--allergy", help="It is an allergy: printed on every sheet.")] = False,
    gene: Annotated[bool, typer.Option("--gene", help="It is a result such as TPMT or NUDT15: printed.")] = False,
    interaction: Annotated[bool, typer.Option("--interaction", help="It is a drug that interacts: printed.")] = False,
) -> Adding:
    """Write something down: an allergy, a result, a drug that interacts, or just a remark.

    Example: `protocal note p001.yaml "penicillin: rash" --allergy`
    """
    kinds = [name for name, chosen in (("allergy", allergy), ("gene", gene), ("interaction", interaction)) if chosen]
    if len(kinds) > 1:
        raise UsageError("a note is of one kind", "Write one note for each.")
    entry = {"entry": "remark", "kind": kinds[0], "text": text} if kinds else {"entry": "note", "text": text}
    return Adding(
        [(entry, {"": "TEXT", "text": "TEXT"})],
        "noted",
    )


@adds_to_a_record
def prior(
    agent: AgentArgument,
    amount: Annotated[str, typer.Option("--amount", metavar="AMOUNT", help="With its unit, as in '20 mg/m2'.")],
) -> Adding:
    """Record what was given of an agent before this record, for cumulative doses.

    Example: `protocal prior p001.yaml mitoxantrone --amount "20 mg/m2"`
    """
    from protocal.read.record.read import number_or_text

    figure, _, unit = amount.partition(" ")
    if not unit:
        raise UsageError(f"'{amount}' has no unit", "Write it with its unit, as in --amount '20 mg/m2'.")
    entry = {"entry": "prior", "agent": agent, "amount": number_or_text(figure), "unit": unit}
    return Adding(
        [(entry, {"": "AGENT", "agent": "AGENT", "amount": "amount", "unit": "amount"})],
        f"{amount} of {agent} before this record",
    )


@adds_to_a_record
def undo(
    line: Annotated[
        int | None,
        typer.Argument(metavar="[LINE]", parser=whole, help="Of `protocal log`; by default the last of the therapy."),
    ] = None,
) -> Adding:
    """Let a line of the log no longer count. Nothing is erased, and an undo can be undone.

    Example: `protocal undo p001.yaml 7 --reason "wrong patient"`
    """

    def of(number: int) -> list[tuple[dict[str, Any], dict[str, str]]]:
        return [({"entry": "undo", "line": number}, {"": "LINE", "line": "LINE"})]

    def the_last(plan: Any) -> list[tuple[dict[str, Any], dict[str, str]]]:
        return of(plan.record.last_clinical)

    return Adding(
        the_last if line is None else of(line),  # a line by which no plan can be made is undone, too
        f"line {line} undone" if line is not None else "the last line undone",
    )
