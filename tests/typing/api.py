"""What the library's names are to a type checker: never run, checked by mypy with all else (`make check`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import assert_type

import protocal
from protocal.model.account import CourseDay
from protocal.model.stock import Stock

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FILE = Path("p001.yaml")

settings = protocal.Settings(clinic="Made-up Clinic")
assert_type(protocal.load_settings(Path("site.yaml")), protocal.Settings)
assert_type(protocal.read_settings(Path("site.yaml")), tuple[protocal.Settings | None, list[protocal.Problem]])

plan = protocal.load_plan(FILE, settings, [Path("schedules")], revision=3, now=NOW)
assert_type(plan, protocal.Plan)
assert_type(plan.record, protocal.Record)
assert_type(plan.protocol, protocal.Protocol)
assert_type(plan.administrations[0], protocal.Administration)
assert_type(plan.administrations[0].dose, Decimal)
assert_type(plan.problems, tuple[protocal.Problem, ...])
assert_type(protocal.load_plans([FILE]), list[protocal.Plan])
assert_type(protocal.plan_again(plan, 1), protocal.Plan)
assert_type(protocal.check_plan(plan, settings), list[protocal.Problem])
assert_type(protocal.make_account(plan).days, Mapping[date, tuple[CourseDay, ...]])
assert_type(protocal.stock_of(plan), tuple[Stock, ...])

entry = protocal.NewEntry({"entry": "note", "text": "made up"})
assert_type(protocal.record(FILE, [entry], NOW), protocal.Recorded)
assert_type(protocal.record(FILE, lambda plan: [entry] * plan.revision, NOW, dry_run=True).after, protocal.Plan)

chosen = protocal.select(plan, ["block-1"], [], [], "2026-12-01", "")
assert_type(protocal.roadmap_bytes(plan, settings, ["block-1"], date(2026, 12, 1)), bytes)
assert_type(protocal.calendar_bytes(plan, settings, unverified_doses=True), bytes)
assert_type(protocal.pocket_bytes(plan, settings, date(2026, 12, 1)), bytes)
assert_type(protocal.worksheet_bytes(plan, settings, chosen), bytes)
assert_type(protocal.workbook_bytes(plan, settings, chosen), bytes)
assert_type(protocal.feed_bytes(plan, settings, despite=["S5"], reason="made up"), bytes)
assert_type(protocal.feed_bytes(plan, settings, protocal.Who.CLINIC, doses=True), bytes)
assert_type(protocal.plan_json(plan, chosen), str)
assert_type(protocal.plan_csv(chosen), bytes)
assert_type(protocal.drugs_json(plan, settings, chosen), str)
assert_type(protocal.drugs_csv(plan, settings, chosen), bytes)
assert_type(protocal.write_output(Path("r.pdf"), b"", protocal.Kind.ROADMAP, FILE), tuple[str, ...])

# What must not pass: each of these lines is an error, and mypy tells if one is none.
protocal.load_plan("p001.yaml")  # type: ignore[arg-type]
protocal.roadmap_bytes(plan, settings, only_overview="yes")  # type: ignore[arg-type]
protocal.record(FILE, [{"entry": "note"}], NOW)  # type: ignore[list-item]
