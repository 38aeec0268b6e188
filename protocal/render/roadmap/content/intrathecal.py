"""A course's days -> a row for each lumbar puncture, and how grids point to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from protocal.model.account import CourseDay
from protocal.model.doses import Route
from protocal.model.plan import Administration, Status
from protocal.model.reasons import reason_text
from protocal.render.roadmap.content.context import Context
from protocal.render.roadmap.content.labels import absent_text, dose_text, state_of
from protocal.render.roadmap.sheets import IntrathecalRow


def intrathecal_rows(context: Context, days: Iterable[CourseDay], agents: Sequence[str]) -> Iterator[IntrathecalRow]:
    """A row for each date of a puncture, with a dose or nothing for each agent.

    A second dose of an agent on one date has a row of its own.
    """
    for day in days:
        if not context.prints(day.date):
            continue
        rows: list[dict[str, Administration]] = []
        for line in (dose.line for dose in day.doses if dose.line.route is Route.IT):
            row = next((row for row in rows if line.agent not in row), None)
            if row is None:
                rows.append(row := {})
            row[line.agent] = line
        for row in rows:
            yield _row(context, day, row, agents)


def _row(
    context: Context, day: CourseDay, given: Mapping[str, Administration], agents: Sequence[str]
) -> IntrathecalRow:
    _, first = context.text.gettext, next(iter(given.values()))
    doses = {
        agent: dose_text(context, line) if line.status.takes_place else absent_text(context, line)
        for agent, line in given.items()
    }
    states = {state_of(context, line) for line in given.values() if line.status is Status.GIVEN}
    why = (context.words.said(reason_text(line.reason)) for line in given.values() if line.reason)
    reasons = dict.fromkeys([*states, *why])
    number = first.day if day.counted is None else day.counted
    if number != first.day:
        reasons = dict.fromkeys([_("planned for day {day}").format(day=first.day), *reasons])
    return IntrathecalRow(
        date=context.words.day(day.date),
        day=number,
        doses=tuple(doses.get(agent, "") for agent in agents),
        basis=context.words.said(first.basis),
        note="; ".join(reasons),
    )


def sign_on_page(context: Context) -> str:
    """Where a puncture is signed for, with `{page}` in place of the sheet's page that has the block."""
    return context.text.gettext("sign in the INTRATHECAL block, page {page}")
