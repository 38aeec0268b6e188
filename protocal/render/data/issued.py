"""A plan -> what was issued of its record, as lines of text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from protocal.change.issues import IssueState, states_of_issues
from protocal.model.plan import Plan
from protocal.text.format import paper_date

HOLDS, CHANGED, REPLACED = "holds", "changed since: print it again", "replaced"


def issued_of(plan: Plan, sheets: Sequence[str] = (), mark: str = "") -> list[IssueState]:
    """The issues of a record: all, or those of some sheets, or with the letters that a sheet bears."""
    letters = "".join(mark.split()).upper()
    return [
        each
        for each in states_of_issues(plan)
        if (not sheets or each.past.sheet.name in sheets) and (not mark or each.mark.replace(" ", "") == letters)
    ]


def state_of(each: IssueState) -> str:
    """Whether a sheet of an issue may still be used, in words."""
    return HOLDS if each.current else CHANGED if each.is_last else REPLACED


def issued_text(plan: Plan, found: Sequence[IssueState]) -> str:
    """A line for each issue: `roadmap/block-1  issue 2  KFWX HRTM  Fri 27-Nov-2026 08:12  nurse 7  holds`."""
    rows = [list(_row(plan, each)) for each in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _row(plan: Plan, each: IssueState) -> Iterator[str]:
    made = each.past.made.astimezone(ZoneInfo(plan.facts.zone))
    yield each.past.sheet.name
    yield f"issue {each.past.sheet.number}"
    yield each.mark
    yield f"{paper_date(made.date())} {made:%H:%M}"
    yield each.past.by
    yield ", ".join(f"{key} {value}" for key, value in each.past.options.items())
    yield state_of(each)


def issued_json(found: Sequence[IssueState]) -> str:
    """The same for programs."""
    rows = [
        {
            "sheet": each.past.sheet.name,
            "issue": each.past.sheet.number,
            "mark": each.mark,
            "issued": each.past.made.isoformat(),
            "by": each.past.by,
            "options": dict(each.past.options),
            "line": each.past.revision,
            "last": each.is_last,
            "holds": each.current,
        }
        for each in found
    ]
    return json.dumps({"issued": rows}, indent=2, ensure_ascii=False) + "\n"
