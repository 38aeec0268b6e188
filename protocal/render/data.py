"""Plan in; the JSON of the contract and CSV for spreadsheets out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from protocal.account import make_account
from protocal.render.account_data import Days, account_data
from protocal.render.product_words import product_data, product_text
from protocal.words.figures import WEEKDAYS, plain
from protocal.words.plan import Administration, DatedCourse, Plan, PlannedEvent
from protocal.words.problems import Problem

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
        "courses": [_course(each.course) for each in chosen.courses],
        "administrations": [_administration(each) for each in chosen.administrations],
        "procedures": [_event(each) for each in chosen.procedures],
        "evaluations": [_event(each) for each in chosen.evaluations],
        "account": account_data(make_account(plan).days.items() if days is None else days),
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


def _course(course: DatedCourse) -> dict[str, Any]:
    return {
        "id": course.id,
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
        **({"reason": each.reason} if each.reason else {}),
    }


def _event(each: PlannedEvent) -> dict[str, Any]:
    return {
        "course": each.course,
        "day": each.day,
        "date": each.date.isoformat(),
        "kind": each.kind,
        "evidence": each.evidence.value,
    }


def plan_csv(plan: Plan) -> bytes:
    """Administrations, procedures and evaluations by date, for a spreadsheet."""
    rows: list[tuple[Any, ...]] = [
        (
            each.date, WEEKDAYS[each.date.weekday()], each.course, each.day, each.agent, each.route.value,
            plain(each.dose), each.unit, each.per_day, each.working, each.order_line.when.text, each.evidence.value,
            "yes" if each.provisional else "no", each.status.value, each.id, product_text(each.product),
            product_text(each.alternative),
        )
        for each in plan.administrations
    ]  # fmt: skip
    events = (*plan.procedures, *plan.evaluations)
    for event in events:
        head = (event.date, WEEKDAYS[event.date.weekday()], event.course, event.day, event.kind)
        rows.append((*head, *[""] * 6, event.evidence.value, *[""] * 5))
    rows.sort(key=lambda row: row[0])
    return csv_bytes(_COLUMNS, rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as a spreadsheet opens it rightly: UTF-8 with its mark, CRLF, and no cell that runs as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
