"""Commands that record what happens to doses: `give`, `omit`, `move`, `adjust`, `substitute`, `measure`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from protocal.cli.recording import Adding, AgentArgument, DayArgument, IdArgument, adds_to_a_record
from protocal.model.problems import UsageError


@adds_to_a_record
def give(
    id_: IdArgument,
    date: DayArgument,
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="The hour; clocks that hang on it follow.")] = "",
    dose: Annotated[str, typer.Option("--dose", metavar="N", help="If another dose was given than was due.")] = "",
    product: Annotated[
        str, typer.Option("--product", metavar="TEXT", help="What one dose was made of, as in '2 tablets of 4 mg'.")
    ] = "",
) -> Adding:
    """Record what was given, when, and by whom: the dose and the tablets that were due, or what the options say.

    It stays as it is written, whatever is planned later. To correct it needs a reason.

    Example: `protocal give p001.yaml block-2/mtx-hd/8 2027-01-05 --at 09:00 --by "nurse 7"`
    """
    from protocal.read.record.append import Local
    from protocal.read.record.read import number_or_text

    what = {"dose": number_or_text(dose), "product": product} if dose or product else {}
    entry = {"entry": "give", "id": id_, "date": date, **what, **({"at": Local(f"{date} {at}")} if at else {})}
    options = {name: name for name in ("at", "dose", "product")}
    made = [(entry, {"": "ID", "id": "ID", "date": "DATE", **options})]
    return Adding(made, f"{id_} given on {date}{f' at {at}' if at else ''}")


@adds_to_a_record
def dispense(
    agent: AgentArgument,
    date: DayArgument,
    tablets: Annotated[
        str, typer.Option("--tablets", metavar="TEXT", help="How many of which strength, as in '60 of 50 mg'.")
    ] = "",
    liquid: Annotated[
        str, typer.Option("--liquid", metavar="TEXT", help="How much of which, as in '100 mL of 20 mg/mL'.")
    ] = "",
) -> Adding:
    """Record what a family took home of a drug, and show until when it is enough. It changes no date and no dose.

    Example: `protocal dispense p001.yaml mercaptopurine --tablets "60 of 50 mg" 2027-03-02`
    """
    if bool(tablets) == bool(liquid):
        raise UsageError(
            "say what was dispensed", "Write either --tablets '60 of 50 mg' or --liquid '100 mL of 20 mg/mL'."
        )

    def enough(plan: Any) -> list[str]:
        from protocal.account import stock_of
        from protocal.render.wording.stock import stock_sentence

        return [stock_sentence(each, plan.protocol) for each in stock_of(plan) if each.agent == agent]

    entry = {"entry": "dispense", "agent": agent, "tablets": tablets, "liquid": liquid, "date": date}
    options = {"": "AGENT", "agent": "AGENT", "tablets": "tablets", "liquid": "liquid", "date": "DATE"}
    return Adding(
        [(entry, options)],
        f"{agent}, {tablets or liquid}, dispensed on {date}",
        shows=enough,
    )


@adds_to_a_record
def omit(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Administrations, as `protocal plan` has them.")],
    alone: Annotated[bool, typer.Option("--alone", help="Only this drug of an intrathecal dose of several.")] = False,
) -> Adding:
    """Leave administrations out; they are not made up. A lumbar puncture goes with the last intrathecal drug.

    Example: `protocal omit p001.yaml continuation-1/mtx-weekly/15 --reason "mucositis"`
    """
    return Adding(
        [({"entry": "omit", "ids": list(dict.fromkeys(ids))}, {"": "ID", "ids": "ID"})],
        f"{', '.join(ids)} left out",
        alone=alone,
    )


@adds_to_a_record
def move(
    id_: IdArgument,
    date: DayArgument,
) -> Adding:
    """Move one administration to another date. An intrathecal drug takes the others of its puncture along, an infusion
    its rescue.

    Example: `protocal move p001.yaml block-2/it-mtx/8 2027-01-07 --reason "no theatre on Tuesday"`
    """  # noqa: D205 - one paragraph of help
    return Adding(
        [({"entry": "move", "id": id_, "date": date}, {"": "ID", "id": "ID", "date": "DATE"})],
        f"{id_} moved to {date}",
    )


@adds_to_a_record
def adjust(
    agent: AgentArgument,
    percent: Annotated[str, typer.Option("--percent", metavar="N", help="Of the full protocol dose.")],
    since: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")],
    until: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")] = "",
    open_: Annotated[bool, typer.Option("--until-further-notice", help="Without a last day.")] = False,
) -> Adding:
    """Give a share of the full protocol dose from a day on; never of an intrathecal dose.

    Example: `protocal adjust p001.yaml mercaptopurine --percent 50 --from 2027-03-09 --to 2027-03-29`
    """
    from protocal.read.record.read import number_or_text

    if bool(until) == open_:
        raise UsageError("say how long the share holds", "Write either --to DATE or --until-further-notice.")
    entry = {"entry": "adjust", "agent": agent, "percent": number_or_text(percent), "date": since, "to": until}
    options = {"": "AGENT", "agent": "AGENT", "percent": "percent", "date": "from", "to": "to"}
    return Adding(
        [(entry, options)],
        f"{agent} at {percent} % from {since}",
    )


@adds_to_a_record
def substitute(
    agent: AgentArgument,
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="The definition's key for what takes its place.")],
    since: Annotated[
        str, typer.Option("--from", metavar="DATE", help="Doses from this day on; today by default.")
    ] = "",
) -> Adding:
    """Give something else for an agent's remaining doses, by the definition's rule. The product is always chosen.

    Example: `protocal substitute p001.yaml pegaspargase erwinia --from 2026-12-17 --reason "allergy on day 17"`
    """
    from protocal.cli.clock import now

    since = since or now().date().isoformat()
    entry = {"entry": "substitute", "agent": agent, "product": product, "date": since}
    return Adding(
        [(entry, {"": "PRODUCT", "agent": "AGENT", "product": "PRODUCT", "date": "from"})],
        f"{product} instead of {agent} from {since}",
    )


@adds_to_a_record
def measure(
    height: Annotated[str, typer.Option("--height", metavar="CM")],
    weight: Annotated[str, typer.Option("--weight", metavar="KG")],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Of the measurement, as in 2026-12-28.")],
    again: Annotated[
        str, typer.Option("--again", metavar="DATE", help="Work the running course out again from this day on.")
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Leave the doses of the running course as they are.")] = False,
) -> Adding:
    """Record a new height and weight. Courses that start on or after the day take their doses from it.

    A weight more than 10 % off the one that the running course was worked out for asks: `--again DATE` or `--keep`.

    Example: `protocal measure p001.yaml --date 2026-12-28 --height 112.5 --weight 19.9`
    """
    from protocal.read.record.read import number_or_text

    if again and keep:
        raise UsageError("--again and --keep contradict each other", "Keep one of them.")
    entry: dict[str, Any] = {
        "entry": "measure",
        "date": date,
        "height": number_or_text(height),
        "weight": number_or_text(weight),
        "again": again,
    }
    return Adding(
        [(entry, {"": "date", **{name: name for name in ("date", "height", "weight", "again")}})],
        f"{height} cm and {weight} kg of {date} recorded",
        keep=keep,
    )
