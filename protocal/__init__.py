"""Treatment protocols in YAML become dated calendars of drugs and lumbar punctures for one patient.

What a program needs has its name here; docs/library.md shows how. Importing this package loads nothing heavy: each name
is fetched when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from protocal.account import make_account, stock_of
    from protocal.check import check_plan
    from protocal.model.account import Account
    from protocal.model.plan import Administration, Plan
    from protocal.model.problems import LackingError, Problem, ProtocalError, Severity, UsageError
    from protocal.model.protocol import Protocol
    from protocal.model.reader import Who
    from protocal.model.record import Record
    from protocal.model.settings import Settings
    from protocal.plan import make_plan
    from protocal.publish.outputs import Kind, write_output
    from protocal.read.definition.build import read_protocol
    from protocal.read.record.append import Local, NewEntry
    from protocal.read.record.new import NewPatient
    from protocal.read.record.read import read_record
    from protocal.read.settings import load_settings, read_settings
    from protocal.render.selection import select
    from protocal.workflow.issuing import GivenOut, give_out
    from protocal.workflow.making import (
        calendar_bytes,
        drugs_csv,
        drugs_json,
        feed_bytes,
        plan_csv,
        plan_json,
        pocket_bytes,
        roadmap_bytes,
        workbook_bytes,
        worksheet_bytes,
    )
    from protocal.workflow.planning import load_plan, load_plans, plan_again
    from protocal.workflow.recording import Recorded, begin_record, record

__all__ = [
    "Account",
    "Administration",
    "GivenOut",
    "Kind",
    "LackingError",
    "Local",
    "NewEntry",
    "NewPatient",
    "Plan",
    "Problem",
    "ProtocalError",
    "Protocol",
    "Record",
    "Recorded",
    "Settings",
    "Severity",
    "UsageError",
    "Who",
    "__version__",
    "begin_record",
    "calendar_bytes",
    "check_plan",
    "drugs_csv",
    "drugs_json",
    "feed_bytes",
    "give_out",
    "load_plan",
    "load_plans",
    "load_settings",
    "make_account",
    "make_plan",
    "plan_again",
    "plan_csv",
    "plan_json",
    "pocket_bytes",
    "read_protocol",
    "read_record",
    "read_settings",
    "record",
    "roadmap_bytes",
    "select",
    "stock_of",
    "workbook_bytes",
    "worksheet_bytes",
    "write_output",
]

_HOMES = {
    "account": ("make_account", "stock_of"),
    "check": ("check_plan",),
    "plan": ("make_plan",),
    "publish.outputs": ("Kind", "write_output"),
    "read.record.append": ("Local", "NewEntry"),
    "read.definition.build": ("read_protocol",),
    "read.record.new": ("NewPatient",),
    "read.record.read": ("read_record",),
    "read.settings": ("load_settings", "read_settings"),
    "render.selection": ("select",),
    "model.account": ("Account",),
    "model.plan": ("Administration", "Plan"),
    "model.problems": ("LackingError", "Problem", "ProtocalError", "Severity", "UsageError"),
    "model.protocol": ("Protocol",),
    "model.reader": ("Who",),
    "model.record": ("Record",),
    "model.settings": ("Settings",),
    "workflow.issuing": ("GivenOut", "give_out"),
    "workflow.making": (
        *("calendar_bytes", "drugs_csv", "drugs_json", "feed_bytes", "plan_csv", "plan_json", "pocket_bytes"),
        *("roadmap_bytes", "workbook_bytes", "worksheet_bytes"),
    ),
    "workflow.planning": ("load_plan", "load_plans", "plan_again"),
    "workflow.recording": ("Recorded", "begin_record", "record"),
}


def __getattr__(name: str) -> Any:  # Any: a module attribute may be of any type
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(f"protocal.{home}"), name)
    raise AttributeError(f"module 'protocal' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
