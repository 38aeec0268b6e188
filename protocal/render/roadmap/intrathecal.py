"""A course's days in; a row for each lumbar puncture out, and how grids point to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from protocal.render.roadmap.context import Context
from protocal.render.roadmap.labels import absent_text, dose_text, state_of
from protocal.render.roadmap.sheets import IntrathecalRow
from protocal.words.account import CourseDay
from protocal.words.doses import Route
from protocal.words.plan import Status


def intrathecal_rows(context: Context, days: Iterable[CourseDay], agents: Sequence[str]) -> Iterator[IntrathecalRow]:
    """A row for each date of a puncture, with a dose or nothing for each agent."""
    _ = context.text.gettext
    for day in days:
        given = [dose.line for dose in day.doses if dose.line.route is Route.IT]
        if not given or not context.prints(day.date):
            continue
        doses = {
            line.agent: dose_text(context, line) if line.status.takes_place else absent_text(context, line)
            for line in given
        }
        states = {state_of(context, line) for line in given if line.status is Status.GIVEN}
        reasons = dict.fromkeys([*states, *(context.words.said(line.reason) for line in given if line.reason)])
        number = given[0].day if day.counted is None else day.counted
        if number != given[0].day:
            reasons = dict.fromkeys([_("planned for day {day}").format(day=given[0].day), *reasons])
        yield IntrathecalRow(
            date=context.words.day(day.date),
            day=number,
            doses=tuple(doses.get(agent, "") for agent in agents),
            basis=context.words.said(given[0].basis),
            note="; ".join(reasons),
        )


def sign_on_page(context: Context) -> str:
    """Where a puncture is signed for, with `{page}` in place of the sheet's page that has the block."""
    return context.text.gettext("sign in the INTRATHECAL block, page {page}")
