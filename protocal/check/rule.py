"""What the checks share: where each rule comes from, and how a finding and what it concerns are put."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from protocal.model.days import ONE_DAY
from protocal.model.doses import Route
from protocal.model.entries import Entry, Started
from protocal.model.plan import Administration, Plan
from protocal.model.problems import Problem, Severity, Where
from protocal.model.settings import Settings
from protocal.text.message import joined, say

Check = Callable[[Plan, Settings], Iterator[Problem]]
_Kind = TypeVar("_Kind", bound=Entry)

SOURCES = {
    "S1": "IMSN Global Best Practice 2; Joint Commission Quick Safety 37",
    "S2": "IMSN Global Best Practice 2; Joint Commission Quick Safety 37",
    "S3": "Joint Commission Quick Safety 37; ASCO/ONS standards",
    "S4": "ISMP; ACP",
    "S5": "COG-style maps",
    "S13": "BOPA",
    "S14": "product label; PMC10891652",
    "S15": "hospital order-entry guides",
    "S18": "homecare prescriber lists; VA COMS uses 5 and 10 %",
    "S19": "published protocols differ",
    "S20": "product label",
    "S21": "COG-style maps",
    "S22": "PMC10891652",
    "S23": "standard practice",
    "S24": "VA COMS; IGHG",
    "S25": "IMSN; product labels",
    "S26": "product label",
    "S27": "registry record",
    "S28": "our own rule",
    "definition-changed": "our own rule",
    "second-count": "our own rule",
    "counted-once": "our own rule",
    "issue-differs": "our own rule",
}


def error(code: str, message: str, where: Where | None, remedy: str) -> Problem:
    """A finding that stops paper and feeds."""
    return Problem(code, message, where, remedy, Severity.ERROR, SOURCES[code])


def warning(code: str, message: str, where: Where | None, remedy: str) -> Problem:
    """A finding that is shown and stops nothing."""
    return Problem(code, message, where, remedy, Severity.WARNING, SOURCES[code])


def begins_on(plan: Plan, each: Administration) -> date:
    """The date on which an administration really begins."""
    return min(each.times).astimezone(ZoneInfo(plan.record.timezone)).date() if each.times else each.date


def named(plan: Plan, each: Administration) -> str:
    """An administration's drug and line, as in `vinCRIStine (block-1/vcr)`."""
    return f"{plan.protocol.agents[each.agent].written} ({each.course}/{each.key})"


def dates_text(days: Iterable[date]) -> str:
    """`Tue 01-Dec-2026, Tue 08-Dec-2026`; three or more days in a row are `Tue 01-Dec-2026 to Sat 05-Dec-2026`."""
    runs: list[list[date]] = []
    for day in sorted(set(days)):
        if runs and day == runs[-1][-1] + ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return joined(
        ", ",
        (say("{first} to {last}", first=run[0], last=run[-1]) if len(run) > 2 else _listed(run) for run in runs),
    )


def _listed(days: Iterable[date]) -> str:
    return joined(", ", (say("{date}", date=day) for day in days))


def intrathecal_days(plan: Plan) -> dict[date, dict[str, str]]:
    """The days with an intrathecal drug: the agents with their names, the diagnostic lumbar puncture's included."""
    days: dict[date, dict[str, str]] = defaultdict(dict)
    for day, agent in plan.facts.traits.diagnostics:
        days[day][agent] = say("{agent} (diagnostic lumbar puncture)", agent=plan.protocol.agents[agent].written)
    for each in plan.given:
        if each.route is Route.IT:
            days[each.date][each.agent] = named(plan, each)
    return days


def entry_of(plan: Plan, kind: type[_Kind], **values: object) -> _Kind | None:
    """The last entry of a kind with these values that counts at the plan's revision."""
    for _line, entry in reversed(plan.record.standing(plan.revision)):
        if isinstance(entry, kind) and all(getattr(entry, name) == value for name, value in values.items()):
            return entry
    return None


def start_of(plan: Plan, course: str) -> Started | None:
    """The entry that a course starts with, if it has started."""
    return entry_of(plan, Started, course=course)


def place(entry: Entry | None) -> Where | None:
    """Where an entry stands, if there is one."""
    return entry.where if entry else None
