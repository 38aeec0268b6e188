"""Plan -> the drug list, the matrices of drugs by day and the cumulative doses: as values, as JSON and as CSV.

What the record omits is in none of them, because nobody has to prepare it. A report may show a choice of lines; its
running and cumulative totals are always those of the whole plan, for a total that starts in the middle misleads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from protocal.account import make_account, stock_at_home
from protocal.model.account import Account, CourseDay, Dose
from protocal.model.agent import Agent
from protocal.model.days import ONE_DAY
from protocal.model.doses import Route
from protocal.model.ids import AdministrationId
from protocal.model.plan import Administration, CoursePlan, DatedCourse, Plan
from protocal.model.settings import Settings
from protocal.model.stock import Stock
from protocal.plan.cumulative import Cumulative, cumulative
from protocal.render.data.plan_data import csv_bytes
from protocal.render.wording.products import product_data, product_text
from protocal.render.wording.stock import stock_data
from protocal.text.format import WEEKDAYS, plain, round_half_up

_COLUMNS = (
    "agent", "route", "course", "day", "date", "weekday", "dose", "unit", "per_day", "amount", "evidence",
    "provisional", "id", "running_total", "first_date", "last_date", "calculated", "product", "alternative", "status",
)  # fmt: skip
_PLACES = 4  # of what is worked out per m2, as data


@dataclass(frozen=True, slots=True)
class DrugUse:
    """All that is due of one drug by one way in; `lines` are by date, and there is at least one.

    Attributes:
        running: for each line the amount of the whole plan up to and with it, whatever lines were chosen.
        at_least: an order goes on until a level has cleared, so that there may be more than is planned.
    """

    agent: Agent
    route: Route
    unit: str
    lines: tuple[Administration, ...]
    running: tuple[Decimal, ...]
    at_least: bool

    @property
    def first(self) -> date:
        """The date of the first line."""
        return self.lines[0].date

    @property
    def last(self) -> date:
        """The date of the last line."""
        return self.lines[-1].date

    @property
    def count(self) -> int:
        """How many doses."""
        return sum(line.per_day for line in self.lines)

    @property
    def total(self) -> Decimal:
        """The amount of all doses."""
        return sum(map(amount, self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A drug of a course by one way in and so many times a day.

    Attributes:
        cells: its doses, each for one time, by course day and date: something of a day may be moved to another date.
    """

    agent: Agent
    route: Route
    unit: str
    per_day: int
    cells: tuple[tuple[tuple[int, date], tuple[Decimal, ...]], ...]

    @property
    def doses(self) -> tuple[tuple[int, tuple[Decimal, ...]], ...]:
        """Its doses by course day alone."""
        found: dict[int, tuple[Decimal, ...]] = {}
        for (day, _on), doses in self.cells:
            found[day] = (*found.get(day, ()), *doses)
        return tuple(found.items())


@dataclass(frozen=True, slots=True)
class Matrix:
    """The drugs of a course by its days; only days on which something is due, each with its dates.

    Attributes:
        numbers: the day of the course that each of the dates is; none of one that the course does not have.
    """

    course: DatedCourse
    days: tuple[tuple[int, date], ...]
    rows: tuple[MatrixRow, ...]
    numbers: Mapping[date, int | None]


@dataclass(frozen=True, slots=True)
class DrugReport:
    """All that the pharmacist's pages say of one plan; each rendering takes this value.

    Attributes:
        plan: with the lines that were chosen.
        uncounted: mg/m2 of agents given before the record that no ceiling counts.
        stocks: what is at home of the drugs that were dispensed, by the whole plan.
    """

    plan: Plan
    uses: tuple[DrugUse, ...]
    matrices: tuple[Matrix, ...]
    cumulative: tuple[Cumulative, ...]
    uncounted: tuple[tuple[str, Decimal], ...]
    stocks: tuple[Stock, ...] = ()

    def stock_of(self, use: DrugUse) -> tuple[Stock, ...]:
        """What is at home of a drug, if it is by mouth and was dispensed."""
        return tuple(each for each in self.stocks if use.route is Route.PO and each.agent == use.agent.id)


def drug_report(whole: Plan, chosen: Plan, settings: Settings) -> DrugReport:
    """The lists of `chosen`, the plan itself or a part of it, with totals over the whole plan."""
    counted, account = cumulative(whole, settings), make_account(whole)
    uses, by_day = _drug_list(account, chosen), _matrices(account, chosen)
    return DrugReport(chosen, uses, by_day, counted, uncounted(whole, counted), stock_at_home(account))


def amount(line: Administration) -> Decimal:
    """What an administration takes of the drug on its day."""
    return line.dose * line.per_day


def drug_list(whole: Plan, chosen: Plan | None = None) -> tuple[DrugUse, ...]:
    """Every drug by every way in that is due in `chosen`, the whole plan if left out, by name."""
    return _drug_list(make_account(whole), chosen or whole)


def matrices(plan: Plan) -> tuple[Matrix, ...]:
    """The matrix of every course in which a drug is due."""
    return _matrices(make_account(plan), plan)


def _drug_list(account: Account, chosen: Plan) -> tuple[DrugUse, ...]:
    ids = {line.id for line in chosen.administrations}
    running = {
        dose.line.id: total
        for doses in _grouped(account)
        for dose, total in zip(doses, accumulate(amount(each.line) for each in doses), strict=True)
    }
    groups = ([dose for dose in doses if dose.line.id in ids] for doses in _grouped(account))
    uses = (_use(chosen, doses, running) for doses in groups if doses)
    return tuple(sorted(uses, key=lambda use: (use.agent.id, use.route.value)))


def _matrices(account: Account, chosen: Plan) -> tuple[Matrix, ...]:
    return tuple(matrix for each in chosen.courses if (matrix := _matrix(account, chosen, each)).rows)


def uncounted(plan: Plan, counted: Iterable[Cumulative]) -> tuple[tuple[str, Decimal], ...]:
    """What was given before the record of agents that no ceiling counts, so that nobody thinks it was counted."""
    agents = {prior.agent for each in counted for prior in each.prior}
    return tuple((agent, dose) for agent, dose in plan.facts.prior if agent not in agents)


def stretches(lines: Iterable[Administration]) -> Iterator[tuple[Administration, ...]]:
    """Lines by date; those of one order with one dose on consecutive dates together."""
    run: list[Administration] = []
    for line in lines:
        if run and not _follows(run[-1], line):
            yield tuple(run)
            run = []
        run.append(line)
    if run:
        yield tuple(run)


def drugs_json(report: DrugReport, remarks: Sequence[str] = ()) -> str:
    """The drug list, matrices and cumulative doses as JSON, with the names that the plan's JSON has."""
    plan = report.plan
    document = {
        "protocol": {"id": plan.protocol.id, "version": plan.protocol.version, "verified": plan.protocol.verified},
        "patient": {"id": plan.record.id},
        "arm": plan.facts.traits.arm or None,
        "revision": plan.revision,
        "remarks": list(remarks),
        "drugs": [{**_use_data(use), "stock": [*map(stock_data, report.stock_of(use))]} for use in report.uses],
        "matrices": [_matrix_data(matrix) for matrix in report.matrices],
        "cumulative": [_cumulative_data(each) for each in report.cumulative],
        "prior_uncounted": [{"agent": agent, "amount": plain(dose)} for agent, dose in report.uncounted],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def drugs_csv(report: DrugReport) -> bytes:
    """The drug list for a spreadsheet: a row for every drug and date."""
    return csv_bytes(
        _COLUMNS,
        (
            (
                line.agent, line.route.value, line.course, line.day, line.date, WEEKDAYS[line.date.weekday()],
                plain(line.dose), line.unit, line.per_day, plain(amount(line)), line.evidence.value,
                "yes" if line.provisional else "no", line.id, plain(running), use.first, use.last,
                plain(line.calculated), product_text(line.product), product_text(line.alternative),
                line.status.value,
            )
            for use in report.uses
            for line, running in zip(use.lines, use.running, strict=True)
        ),
    )  # fmt: skip


def _grouped(account: Account) -> list[list[Dose]]:
    """The doses that take place, or are to, by drug and way in, each group by date."""
    found: dict[tuple[str, Route], list[Dose]] = {}
    for each in _by_course(account):
        for dose in each.due:
            found.setdefault((dose.line.agent, dose.line.route), []).append(dose)
    for doses in found.values():
        doses.sort(key=lambda dose: dose.line.date)
    return list(found.values())


def _by_course(account: Account) -> Iterator[CourseDay]:
    """The days of an account, one course after the other."""
    for course in account.plan.courses:
        yield from account.of(course.course.id)


def _use(plan: Plan, doses: Sequence[Dose], running: Mapping[AdministrationId, Decimal]) -> DrugUse:
    lines = tuple(dose.line for dose in doses)
    first, totals = lines[0], tuple(running[line.id] for line in lines)
    at_least = any(dose.awaits for dose in doses)
    return DrugUse(plan.protocol.agents[first.agent], first.route, first.unit, lines, totals, at_least)


def _follows(one: Administration, other: Administration) -> bool:
    same = _alike(one) == _alike(other)
    return same and other.date == one.date + ONE_DAY


def _alike(line: Administration) -> tuple[object, ...]:
    """What doses share that are dispensed together."""
    return line.course, line.key, line.dose, line.calculated, line.product, line.per_day


def _matrix(account: Account, chosen: Plan, each: CoursePlan) -> Matrix:
    ids = {line.id for line in each.administrations}
    days = list(account.of(each.course.id))
    due = [dose.line for day in days for dose in day.due if dose.line.id in ids]
    found: dict[tuple[str, Route, int], dict[tuple[int, date], tuple[Decimal, ...]]] = {}
    for line in due:
        cells = found.setdefault((line.agent, line.route, line.per_day), {})
        cells[line.day, line.date] = (*cells.get((line.day, line.date), ()), line.dose)
    units = {line.agent: line.unit for line in due}
    rows = tuple(
        MatrixRow(chosen.protocol.agents[agent], route, units[agent], per_day, tuple(cells.items()))
        for (agent, route, per_day), cells in found.items()
    )
    numbers = {day.date: day.number for day in days}
    return Matrix(each.course, tuple(sorted({(line.day, line.date) for line in due})), rows, numbers)


def _use_data(use: DrugUse) -> dict[str, Any]:
    return {
        "agent": use.agent.id,
        "route": use.route.value,
        "count": use.count,
        "total": plain(use.total),
        "unit": use.unit,
        "at_least": use.at_least,
        "first_date": use.first.isoformat(),
        "last_date": use.last.isoformat(),
        "days": [
            {
                "id": line.id,
                "course": line.course,
                "day": line.day,
                "date": line.date.isoformat(),
                "calculated": plain(line.calculated),
                "dose": plain(line.dose),
                "product": product_text(line.product),
                "alternative": product_text(line.alternative),
                "made_of": product_data(line.product),
                "per_day": line.per_day,
                "amount": plain(amount(line)),
                "provisional": line.provisional,
                "evidence": line.evidence.value,
                "running_total": plain(running),
                "status": line.status.value,
            }
            for line, running in zip(use.lines, use.running, strict=True)
        ],
    }


def _cumulative_data(each: Cumulative) -> dict[str, Any]:
    return {
        "ceiling": each.ceiling.name,
        "amount": plain(each.ceiling.amount),
        "unit": "mg/m2",
        "factors": {agent: plain(factor) for agent, factor in each.ceiling.factors},
        "prior": [
            {
                "agent": prior.agent,
                "amount": plain(prior.amount),
                "factor": plain(prior.factor),
                "counted": _worked_out(prior.counted),
            }
            for prior in each.prior
        ],
        "doses": [
            {
                "id": dose.line.id,
                "date": dose.line.date.isoformat(),
                "agent": dose.line.agent,
                "bsa": plain(dose.bsa),
                "per_m2": _worked_out(dose.per_m2),
                "factor": plain(dose.factor),
                "counted": _worked_out(dose.counted),
                "running_total": _worked_out(dose.running),
            }
            for dose in each.doses
        ],
        "not_counted": [{"agent": agent.agent, "message": agent.says} for agent in each.not_counted],
        "total": _worked_out(each.total),
        "above": each.above,
    }


def _worked_out(value: Decimal) -> str:
    return plain(round_half_up(value, _PLACES))


def _matrix_data(matrix: Matrix) -> dict[str, Any]:
    return {
        "course": matrix.course.id,
        "days": [{"day": day, "date": on.isoformat()} for day, on in matrix.days],
        "rows": [
            {
                "agent": row.agent.id,
                "route": row.route.value,
                "unit": row.unit,
                "per_day": row.per_day,
                "doses": {str(day): [plain(dose) for dose in doses] for day, doses in row.doses},
                "on": [
                    {"day": day, "date": on.isoformat(), "doses": [plain(dose) for dose in doses]}
                    for (day, on), doses in row.cells
                ],
            }
            for row in matrix.rows
        ],
    }
