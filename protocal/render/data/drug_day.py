"""Plans and a date -> what the pharmacy prepares that day, across patients: as values, as JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from protocal.account import make_account, stock_at_home
from protocal.model.account import RUNS_ON, Account, CourseDay, Dose
from protocal.model.agent import Agent
from protocal.model.plan import Administration, BagHung, DatedCourse, Plan
from protocal.model.stock import Stock
from protocal.render.data.drugs import amount
from protocal.render.data.plan_data import csv_bytes
from protocal.render.wording.products import product_data, product_text
from protocal.render.wording.stock import left_text, stock_data
from protocal.text.format import WEEKDAYS, plain

_COLUMNS = (
    "date", "weekday", "agent", "route", "patient", "course", "day", "dose", "unit", "per_day", "amount", "at_least",
    "evidence", "verified", "provisional", "id", "calculated", "product", "alternative", "status",
    "state", "awaits", "until", "stock", "enough_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayLine:
    """What is prepared of a drug for a patient, or runs on from an earlier date.

    Attributes:
        dose: as it is on the date; None for what began earlier and runs on.
        bags: those hung that day; None for what is no infusion, or one whose bags are not planned yet.
        until: when what runs on ends, where that is known.
        stock: what is at home of the drug, where it is taken there and was dispensed by the date.
    """

    plan: Plan
    agent: Agent
    course: DatedCourse
    line: Administration
    dose: Dose | None
    bags: tuple[BagHung, ...] | None = None
    until: datetime | None = None
    stock: Stock | None = None

    @property
    def patient(self) -> str:
        """The patient's id."""
        return self.plan.record.id

    @property
    def state(self) -> str:
        """Where the dose stands."""
        return self.dose.state.value if self.dose else RUNS_ON

    @property
    def runs_on(self) -> bool:
        """Whether it began on an earlier date and has nothing to prepare on this one."""
        return self.dose is None and self.bags is None

    @property
    def amount(self) -> Decimal:
        """What it takes of the drug that day: all doses, or all bags hung; nothing of what only runs on."""
        if self.bags is None:
            return Decimal(0) if self.runs_on else amount(self.line)
        return sum((bag.amount for bag in self.bags), Decimal(0))

    @property
    def awaits(self) -> str:
        """The agent whose level has to clear before its order ends."""
        return self.dose.awaits if self.dose else ""

    @property
    def at_least(self) -> bool:
        """Whether there may be more than is planned."""
        return bool(self.awaits)


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
    return day_of([make_account(plan) for plan in plans], on, agents)


def day_of(accounts: Iterable[Account], on: date, agents: Sequence[str] = ()) -> DrugDay:
    """The same, from the accounts of the plans."""
    ordered = sorted(accounts, key=lambda account: account.plan.record.id)
    lines = [
        line
        for account, stocks in ((account, stock_at_home(account)) for account in ordered)
        for day in account.on(on)
        for line in _with_stock(_lines(account, day), stocks, on)
        if not agents or line.agent.id in agents
    ]
    lines.sort(key=lambda each: (each.agent.id, each.patient, each.line.route.value))
    return DrugDay(on, tuple(account.plan for account in ordered), tuple(lines))


def _lines(account: Account, day: CourseDay) -> Iterator[DayLine]:
    """A course's drugs on a date: its doses with their bags, bags of a dose that began before, what runs on."""
    plan, agents, course = account.plan, account.plan.protocol.agents, day.course
    bagged = {(bag.key, bag.agent) for each in account.of(course.id) for bag in each.bags} if _infuses(day) else set()
    hung: dict[tuple[str, str], list[BagHung]] = {}
    for change in day.bags:
        hung.setdefault((change.key, change.agent), []).append(change.bag)
    for dose in day.due:
        line = dose.line
        key = (line.key, line.agent)
        bags = tuple(hung.pop(key, ())) if key in bagged else None
        yield DayLine(plan, agents[line.agent], course, line, dose, bags)
    for (order, agent), bags_left in hung.items():
        begun = [
            dose.line for each in account.of(course.id) if each.date < day.date
            for dose in each.due if (dose.line.key, dose.line.agent) == (order, agent)
        ]  # fmt: skip
        yield DayLine(plan, agents[agent], course, begun[-1], None, tuple(bags_left))
    for run in day.running:
        yield DayLine(plan, agents[run.line.agent], course, run.line, None, until=run.until)


def _with_stock(lines: Iterable[DayLine], stocks: Sequence[Stock], on: date) -> Iterator[DayLine]:
    """Doses at home with the stock that they are taken from."""
    by_agent = {each.agent: each for each in stocks if each.since <= on}
    for line in lines:
        stock = by_agent.get(line.line.agent)
        yield replace(line, stock=stock) if stock and line.dose and line.dose.at_home else line


def _infuses(day: CourseDay) -> bool:
    """Whether a course has something on a date that may come in bags."""
    return bool(day.bags) or any(dose.line.order_line.frequency.continuous for dose in day.due)


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
        "lines": [_line_data(each, day.date) for each in day.lines],
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
                _yes(each.course.definition.verified), _yes(each.line.provisional), each.line.id,
                plain(each.line.calculated), product_text(each.line.product), product_text(each.line.alternative),
                each.line.status.value, each.state, each.awaits, each.until.isoformat() if each.until else "",
                left_text(each.stock, day.date) if each.stock else "",
                each.stock.until if each.stock and each.stock.until else "",
            )
            for each in day.lines
        ),
    )  # fmt: skip


def _line_data(each: DayLine, on: date) -> dict[str, Any]:
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
        "state": each.state,
        "awaits": each.awaits or None,
        "until": each.until.isoformat() if each.until else None,
        "stock": stock_data(each.stock, on) if each.stock else None,
    }


def _yes(value: bool) -> str:  # noqa: FBT001 - it is what is written
    return "yes" if value else "no"
