"""Plan -> the JSON of the contract and CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any

from protocal.account import make_account, stock_of
from protocal.model.account import RUNS_ON, CourseDay
from protocal.model.plan import Administration, DatedCourse, Plan, PlannedEvent
from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.model.reasons import reason_text
from protocal.render.data.account_data import Days, account_data
from protocal.render.wording.products import product_data, product_text
from protocal.text.format import WEEKDAYS, plain

_COLUMNS = (
    "date", "weekday", "course", "day", "agent", "route", "dose", "unit", "per_day", "basis", "condition",
    "evidence", "provisional", "status", "id", "product", "alternative",
)  # fmt: skip


def plan_json(plan: Plan, chosen: Plan, days: Days | None = None) -> str:
    """The contract's JSON of a plan, with the lists of `chosen`: the plan itself or a part of it.

    `days` are those of the plan's account that were chosen; all of them if left out.
    """
    protocol = plan.protocol
    document = {
        "protocol": {
            "id": protocol.id,
            "version": protocol.version,
            "digest": protocol.digest,
            "verified": protocol.verified,
        },
        "patient": {"id": plan.record.id},
        "arm": plan.facts.traits.arm or None,
        "revision": plan.revision,
        "courses": [_course(each.course, plan.protocol) for each in chosen.courses],
        "administrations": [_administration(each) for each in chosen.administrations],
        "procedures": [_event(each) for each in chosen.procedures],
        "evaluations": [_event(each) for each in chosen.evaluations],
        "account": account_data(make_account(plan).days.items() if days is None else days, stock_of(plan)),
        "problems": [problem_data(each) for each in plan.problems],
    }
    return json_text(document)


def json_text(document: Mapping[str, Any]) -> str:
    """A document as JSON: each value of it on a line, and each member of a list, which is quick and still readable."""
    dump = json.JSONEncoder(ensure_ascii=False).encode
    lines = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            members = ",\n  ".join(map(dump, value))
            lines.append(f"{dump(key)}: [\n  {members}\n ]")
        else:
            lines.append(f"{dump(key)}: {dump(value)}")
    body = ",\n ".join(lines)
    return f"{{\n {body}\n}}\n"


def problem_data(problem: Problem) -> dict[str, str]:
    """A problem as the contract writes it."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "where": str(problem.where or ""),
        "remedy": problem.remedy,
        **({"source": problem.source} if problem.source else {}),
    }


def _course(course: DatedCourse, protocol: Protocol) -> dict[str, Any]:
    return {
        "id": course.id,
        "version": protocol.of(course.id).version,
        "title": course.title,
        "day1": course.dates.day1.isoformat() if course.dates else None,
        "last_day": course.dates.last_day.isoformat() if course.dates else None,
        "length": course.dates.length if course.dates else None,
        "status": course.status.value,
        "provisional": course.provisional,
    }


def _administration(each: Administration) -> dict[str, Any]:
    return {
        "id": each.id,
        "course": each.course,
        "day": each.day,
        "date": each.date.isoformat(),
        "agent": each.agent,
        "route": each.route.value,
        "calculated": plain(each.calculated),
        "dose": plain(each.dose),
        "unit": each.unit,
        "per_day": each.per_day,
        "times": [time.isoformat() for time in each.times],
        "basis": each.basis,
        "working": each.working,
        "product": product_text(each.product),
        "alternative": product_text(each.alternative),
        "made_of": product_data(each.product),
        "condition": each.order_line.when.text,
        "provisional": each.provisional,
        "open": each.open,
        "evidence": each.evidence.value,
        "status": each.status.value,
        **({"reason": reason_text(each.reason)} if each.reason else {}),
    }


def _event(each: PlannedEvent) -> dict[str, Any]:
    return {
        "course": each.course,
        "day": each.day,
        "date": each.date.isoformat(),
        "kind": each.kind,
        "evidence": each.evidence.value,
    }


def plan_csv(plan: Plan, days: Days | None = None) -> bytes:
    """Doses, procedures and evaluations by date, for a spreadsheet.

    `days` are those of the account of the whole plan that were chosen, where `plan` is only a part of it.
    """
    found, ids = make_account(plan).days.items() if days is None else days, {line.id for line in plan.administrations}
    return csv_bytes(_COLUMNS, (row for day, courses in found for row in _rows_on(day, courses, ids)))


def _rows_on(day: date, courses: Sequence[CourseDay], ids: Set[str]) -> Iterator[tuple[Any, ...]]:
    """What runs on into a date from one that is not in the table, then its doses, then what else is done."""
    when = (day, WEEKDAYS[day.weekday()])
    began = ((course.counted, run.line) for course in courses for run in course.running)
    for number, line in began:
        if line.id not in ids:
            what = (line.course, number, line.agent, line.route.value, *[""] * 4, line.order_line.when.text)
            yield (*when, *what, line.evidence.value, _yes(line), RUNS_ON, line.id, "", "")
    for line in (dose.line for each in courses for dose in each.doses if dose.line.id in ids):
        yield (
            *when, line.course, line.day, line.agent, line.route.value, plain(line.dose), line.unit, line.per_day,
            line.working, line.order_line.when.text, line.evidence.value, _yes(line), line.status.value, line.id,
            product_text(line.product), product_text(line.alternative),
        )  # fmt: skip
    procedures = (event for each in courses for event in each.procedures)
    evaluations = (event for each in courses for event in each.evaluations)
    for event in (*procedures, *evaluations):
        yield (*when, event.course, event.day, event.kind, *[""] * 6, event.evidence.value, *[""] * 5)


def _yes(line: Administration) -> str:
    return "yes" if line.provisional else "no"


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as a spreadsheet opens it rightly: UTF-8 with its mark, CRLF, and no cell that runs as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
