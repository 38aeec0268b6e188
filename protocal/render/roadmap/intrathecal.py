"""A course's intrathecal administrations in; a row for each lumbar puncture out, and how grids point to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from protocal.render.roadmap.context import Context
from protocal.render.roadmap.labels import absent_text, dose_text, state_of
from protocal.render.roadmap.sheets import IntrathecalRow
from protocal.words.plan import Administration, Status


def intrathecal_rows(
    context: Context, lines: list[Administration], agents: Sequence[str], numbers: Mapping[date, int]
) -> Iterator[IntrathecalRow]:
    """A row for each date of a puncture, with a dose or nothing for each agent; `numbers` are those of the dates."""
    _ = context.text.gettext
    by_date = sorted(lines, key=lambda line: line.date)
    for on, group in groupby(by_date, key=lambda line: line.date):
        given = list(group)
        doses = {
            line.agent: dose_text(context, line) if line.status.takes_place else absent_text(context, line)
            for line in given
        }
        states = {state_of(context, line) for line in given if line.status is Status.GIVEN}
        reasons = dict.fromkeys([*states, *(context.words.said(line.reason) for line in given if line.reason)])
        number = numbers.get(on, given[0].day)
        if number != given[0].day:
            reasons = dict.fromkeys([_("planned for day {day}").format(day=given[0].day), *reasons])
        yield IntrathecalRow(
            date=context.words.day(on),
            day=number,
            doses=tuple(doses.get(agent, "") for agent in agents),
            basis=context.words.said(given[0].basis),
            note="; ".join(reasons),
        )


def sign_on_page(context: Context) -> str:
    """Where a puncture is signed for, with `{page}` in place of the sheet's page that has the block."""
    return context.text.gettext("sign in the INTRATHECAL block, page {page}")
