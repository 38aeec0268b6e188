"""Plan in; the drug list and the matrices of drugs by day out: as values, as JSON, and as CSV for spreadsheets.

What the record omits is in neither, because nobody has to prepare it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from protocal.render.data import csv_bytes
from protocal.words.doses import Route
from protocal.words.figures import WEEKDAYS, plain
from protocal.words.plan import Administration, CoursePlan, DatedCourse, Plan, Status
from protocal.words.protocol import Agent

_COLUMNS = (
    "agent", "route", "course", "day", "date", "weekday", "dose", "unit", "per_day", "amount", "evidence",
    "provisional", "id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DrugUse:
    """All that is due of one drug by one way in; `lines` are by date.

    Attributes:
        at_least: an order goes on until a level has cleared, so that there may be more than is planned.
    """

    agent: Agent
    route: Route
    unit: str
    lines: tuple[Administration, ...]
    at_least: bool

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
    """A drug of a course by one way in and so many times a day; its doses by course day, each for one time."""

    agent: Agent
    route: Route
    unit: str
    per_day: int
    doses: tuple[tuple[int, tuple[Decimal, ...]], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The drugs of a course by its days; only days on which something is due."""

    course: DatedCourse
    days: tuple[tuple[int, date], ...]
    rows: tuple[MatrixRow, ...]


def amount(line: Administration) -> Decimal:
    """What an administration takes of the drug on its day."""
    return line.dose * line.per_day


def drug_list(plan: Plan) -> tuple[DrugUse, ...]:
    """Every drug by every way in that is due in the plan, by name."""
    uses = (_use(plan, lines) for lines in _grouped(plan.administrations))
    return tuple(sorted(uses, key=lambda use: (use.agent.id, use.route.value)))


def matrices(plan: Plan) -> tuple[Matrix, ...]:
    """The matrix of every course in which a drug is due."""
    return tuple(matrix for each in plan.courses if (matrix := _matrix(plan, each)).rows)


def drugs_json(plan: Plan) -> str:
    """The drug list and the matrices as JSON, with the names that the plan's JSON has."""
    document = {
        "protocol": {"id": plan.protocol.id, "version": plan.protocol.version, "verified": plan.protocol.verified},
        "patient": {"id": plan.record.id},
        "arm": plan.facts.traits.arm or None,
        "revision": plan.revision,
        "drugs": [_use_data(use) for use in drug_list(plan)],
        "matrices": [_matrix_data(matrix) for matrix in matrices(plan)],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def drugs_csv(plan: Plan) -> bytes:
    """The drug list for a spreadsheet: a row for every drug and date."""
    return csv_bytes(
        _COLUMNS,
        (
            (
                line.agent, line.route.value, line.course, line.day, line.date, WEEKDAYS[line.date.weekday()],
                plain(line.dose), line.unit, line.per_day, plain(amount(line)), line.evidence.value,
                "yes" if line.provisional else "no", line.id,
            )
            for use in drug_list(plan)
            for line in use.lines
        ),
    )  # fmt: skip


def _due(lines: Iterable[Administration]) -> list[Administration]:
    return [line for line in lines if line.status is Status.DUE]


def _grouped(lines: Iterable[Administration]) -> Iterator[tuple[Administration, ...]]:
    """Those that are due, by drug and way in."""
    ordered = sorted(_due(lines), key=lambda line: (line.agent, line.route.value, line.date))
    for _, group in groupby(ordered, key=lambda line: (line.agent, line.route)):
        yield tuple(group)


def _use(plan: Plan, lines: tuple[Administration, ...]) -> DrugUse:
    first = lines[0]
    at_least = any(line.order_line.until_clear for line in lines)
    return DrugUse(plan.protocol.agents[first.agent], first.route, first.unit, lines, at_least)


def _matrix(plan: Plan, each: CoursePlan) -> Matrix:
    due = _due(each.administrations)
    found: dict[tuple[str, Route, int], dict[int, tuple[Decimal, ...]]] = {}
    for line in due:
        doses = found.setdefault((line.agent, line.route, line.per_day), {})
        doses[line.day] = (*doses.get(line.day, ()), line.dose)
    units = {line.agent: line.unit for line in due}
    rows = tuple(
        MatrixRow(plan.protocol.agents[agent], route, units[agent], per_day, tuple(doses.items()))
        for (agent, route, per_day), doses in found.items()
    )
    return Matrix(each.course, tuple(sorted({(line.day, line.date) for line in due})), rows)


def _use_data(use: DrugUse) -> dict[str, Any]:
    return {
        "agent": use.agent.id,
        "route": use.route.value,
        "count": use.count,
        "total": plain(use.total),
        "unit": use.unit,
        "at_least": use.at_least,
        "days": [
            {
                "id": line.id,
                "course": line.course,
                "day": line.day,
                "date": line.date.isoformat(),
                "dose": plain(line.dose),
                "per_day": line.per_day,
                "amount": plain(amount(line)),
                "provisional": line.provisional,
                "evidence": line.evidence.value,
            }
            for line in use.lines
        ],
    }


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
            }
            for row in matrix.rows
        ],
    }
