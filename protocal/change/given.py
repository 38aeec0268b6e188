"""A plan and what the record says was given -> what was due where it does not say it, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from protocal.model.doses import Route
from protocal.model.entries import Given
from protocal.model.ids import AdministrationId
from protocal.model.plan import Plan
from protocal.model.problems import Problem, UsageError
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan.planner import make_plan


def was_due(plan: Plan, id_: AdministrationId, on: str) -> dict[str, Any]:
    """What an entry of a date says of an administration as a plan has it: one dose, its product, its first hour.

    The hour only where it follows from another drug's start and is of that date. Nothing where the plan has no dose.
    """
    line = next((each for each in plan.administrations if each.id == id_), None)
    if line is None or not line.dose:
        return {}
    follows = line.order_line.first_dose is not None and line.times and line.times[0].date().isoformat() == on
    return {
        "dose": line.dose,
        **({"product": str(line.product)} if line.product else {}),
        **({"at": line.times[0].isoformat()} if follows else {}),
    }


def completed(plan: Plan, values: Mapping[str, Any]) -> dict[str, Any]:
    """A new line that says what was given, with all that was due where it says nothing else.

    Nobody knows what was due by a definition that is no longer the one of the record: UsageError asks for the dose.
    """
    due = was_due(plan, AdministrationId(values["id"]), values["date"])
    dose, product = values.get("dose"), values.get("product")
    if due and not dose and (changed := plan.made_with):
        raise UsageError(
            f"{plan.protocol.id} {changed.version} is no longer the definition that this record was made"
            f" with, so nobody knows which dose of {values['id']} the ward had",
            "Say with --dose what was given.",
        )
    if product or (dose and dose != due.get("dose")):
        due |= {"dose": dose or "", "product": product or ""}
    return {**values, **due, **({"at": values["at"]} if values.get("at") else {})}


def due_by_hand(protocol: Protocol, record: Record, settings: Settings) -> dict[int, dict[str, Any]]:
    """What was due by each line without a seal that names no dose, as it was written, by its place in the log."""
    return {
        number - 1: {
            key: value
            for key, value in was_due(
                make_plan(protocol, record, settings, number), entry.id, entry.date.isoformat()
            ).items()
            if key != "at" or entry.at is None
        }
        for number, entry in enumerate(record.log, 1)
        if isinstance(entry, Given) and _leaves_out(entry)
    }


def has_by_hand(record: Record) -> bool:
    """Whether any line without a seal says that something was given and leaves out its dose."""
    return any(isinstance(entry, Given) and _leaves_out(entry) for entry in record.log)


def _leaves_out(entry: Given) -> bool:
    return not entry.seal and entry.dose is None


def check_products(plan: Plan) -> Iterator[Problem]:
    """Tablets and liquids that the record has for what is not by mouth, or not dosed in their unit."""
    lines = {each.id: each for each in plan.administrations}
    for _number, entry in plan.record.standing(plan.revision):
        line = lines.get(entry.id) if isinstance(entry, Given) and entry.product else None
        if not isinstance(entry, Given) or entry.product is None or line is None:
            continue
        if line.route is not Route.PO:
            yield Problem(
                "product",
                f"{line.agent} of {line.id} is given {line.route.value}, and '{entry.product}' is taken by mouth",
                entry.where,
                "Leave out the product, or correct the id.",
            )
        elif entry.product.unit != line.unit:
            yield Problem(
                "product",
                f"{line.agent} is dosed in {line.unit}, and '{entry.product}' is in {entry.product.unit}",
                entry.where,
                f"Write what one dose was made of in {line.unit}.",
            )
