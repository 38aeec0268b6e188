"""Plans and a date in; what the pharmacy prepares that day, across patients, out: as values, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from protocal.render.data import csv_bytes
from protocal.render.drugs import amount
from protocal.render.product_words import product_data, product_text
from protocal.words.figures import WEEKDAYS, plain
from protocal.words.plan import Administration, BagHung, CoursePlan, DatedCourse, Plan
from protocal.words.protocol import Agent

_COLUMNS = (
    "date", "weekday", "agent", "route", "patient", "course", "day", "dose", "unit", "per_day", "amount", "at_least",
    "evidence", "verified", "provisional", "id", "calculated", "product", "alternative", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayLine:
    """What is prepared of a drug for a patient.

    Attributes:
        bags: those hung that day; None for what is no infusion, or one whose bags are not planned yet.
    """

    plan: Plan
    agent: Agent
    course: DatedCourse
    line: Administration
    bags: tuple[BagHung, ...] | None

    @property
    def patient(self) -> str:
        """The patient's id."""
        return self.plan.record.id

    @property
    def amount(self) -> Decimal:
        """What it takes of the drug: all doses of the day, or all bags hung on it."""
        return amount(self.line) if self.bags is None else sum((bag.amount for bag in self.bags), Decimal(0))

    @property
    def at_least(self) -> bool:
        """The order goes on until a level has cleared, so that there may be more than is planned."""
        return bool(self.line.order_line.until_clear)


@dataclass(frozen=True, slots=True)
class DrugDay:
    """What is prepared on a date for the patients of the plans, by drug, then patient."""

    date: date
    plans: tuple[Plan, ...]
    lines: tuple[DayLine, ...]

    @property
    def idle(self) -> tuple[str, ...]:
        """The patients for whom nothing is prepared."""
        busy = {line.patient for line in self.lines}
        return tuple(plan.record.id for plan in self.plans if plan.record.id not in busy)


def drug_day(plans: Iterable[Plan], on: date, agents: Sequence[str] = ()) -> DrugDay:
    """What is due on a date in each plan, perhaps only of some agents, whose names have been checked."""
    ordered = tuple(sorted(plans, key=lambda plan: plan.record.id))
    lines = [
        DayLine(plan, plan.protocol.agents[line.agent], each.course, line, _bags(each, line))
        for plan in ordered
        for each in plan.courses
        for line in each.administrations
        if line.date == on and line.status.takes_place and (not agents or line.agent in agents)
    ]
    lines.sort(key=lambda each: (each.agent.id, each.patient, each.line.route.value))
    return DrugDay(on, ordered, tuple(lines))


def day_json(day: DrugDay) -> str:
    """The day's list as JSON, with the names that the plan's JSON has."""
    document = {
        "date": day.date.isoformat(),
        "patients": [
            {
                "id": plan.record.id,
                "revision": plan.revision,
                "protocol": {
                    "id": plan.protocol.id,
                    "version": plan.protocol.version,
                    "verified": plan.protocol.verified,
                },
            }
            for plan in day.plans
        ],
        "lines": [_line_data(each) for each in day.lines],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def day_csv(day: DrugDay) -> bytes:
    """The day's list for a spreadsheet: a row for every drug and patient."""
    return csv_bytes(
        _COLUMNS,
        (
            (
                day.date, WEEKDAYS[day.date.weekday()], each.agent.id, each.line.route.value, each.patient,
                each.line.course, each.line.day, plain(each.line.dose), each.line.unit, each.line.per_day,
                plain(each.amount), _yes(each.at_least), each.line.evidence.value,
                _yes(each.plan.protocol.verified), _yes(each.line.provisional), each.line.id,
                plain(each.line.calculated), product_text(each.line.product), product_text(each.line.alternative),
                each.line.status.value,
            )
            for each in day.lines
        ),
    )  # fmt: skip


def _line_data(each: DayLine) -> dict[str, Any]:
    line = each.line
    return {
        "agent": line.agent,
        "route": line.route.value,
        "patient": each.patient,
        "id": line.id,
        "course": line.course,
        "day": line.day,
        "calculated": plain(line.calculated),
        "dose": plain(line.dose),
        "product": product_text(line.product),
        "alternative": product_text(line.alternative),
        "made_of": product_data(line.product),
        "unit": line.unit,
        "per_day": line.per_day,
        "amount": plain(each.amount),
        "bags": None
        if each.bags is None
        else [{"at": bag.at.isoformat(), "hours": bag.hours, "amount": plain(bag.amount)} for bag in each.bags],
        "at_least": each.at_least,
        "provisional": line.provisional,
        "evidence": line.evidence.value,
        "status": line.status.value,
    }


def _bags(each: CoursePlan, line: Administration) -> tuple[BagHung, ...] | None:
    """The bags of a line's infusion that are hung on its date, if they are planned."""
    for infusion in each.infusions:
        if (infusion.key, infusion.agent) == (line.key, line.agent):
            return tuple(bag for bag in infusion.bags if bag.at.date() == line.date)
    return None


def _yes(value: bool) -> str:  # noqa: FBT001 - it is what is written
    return "yes" if value else "no"
