"""A course's days -> its day grids: a row for each date, a line for each dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from protocal.model.account import CourseDay, Dose
from protocal.model.days import ONE_DAY, SATURDAY
from protocal.model.doses import Route
from protocal.model.plan import Administration
from protocal.render.pdf.text_metrics import REGULAR, text_width
from protocal.render.roadmap.content.context import Context, SheetCourse
from protocal.render.roadmap.content.days import has_lines, quiet_day, said_of_day, shares_a_line, unless_cleared
from protocal.render.roadmap.content.labels import (
    absent_text,
    again_text,
    dose_text,
    each_label,
    hours_to_write,
    line_labels,
)
from protocal.render.roadmap.content.lines import DayLines, Due, beside, can_be_home, with_bar
from protocal.render.roadmap.content.phrases import short_route
from protocal.render.roadmap.layout.paging import BAR_ROOM, GRID_WIDTH, blocks_of, joined_weeks
from protocal.render.roadmap.sheets import Column, DayRow, Grid, Line
from protocal.render.wording.in_tablets import CourseTablets, InTablets

DrugColumn = tuple[str, Route]

_DAYS_A_WEEK = 7
_BESIDE = 4.0  # between a dose and what stands beside it


def day_grids(context: Context, each: SheetCourse, tablets: CourseTablets) -> Iterator[Grid]:
    """The course's days, cut at week ends into as few grids as let every drug have its column."""
    drugs = dict.fromkeys((dose.line.agent, dose.line.route) for dose in each.systemic)
    in_order = sorted(drugs, key=lambda key: key[1] is Route.CIV)  # so that its bar is beside all text
    columns = {key: _column(context, *key, each.systemic, tablets) for key in in_order}
    days, due = each.rows, [_due(context, day) for day in each.rows]
    early = sum(day.date < each.dates.day1 for day in days)  # which stand before the first week
    weeks = [range(first, min(first + _DAYS_A_WEEK, len(days))) for first in range(early, len(days), _DAYS_A_WEEK)]
    weeks = [range(early), *weeks] if early else weeks
    infused = _infused(each)

    def needed(span: Iterable[int]) -> tuple[DrugColumn, ...]:
        wanted = {key for index in span for key in _drugs_of(due[index])}
        wanted |= {key for index in span for key in columns if key[1] is Route.CIV and days[index].date in infused}
        return tuple(key for key in columns if key in wanted)

    def fits(span: Iterable[int]) -> bool:
        return sum(columns[key].width for key in needed(span)) <= GRID_WIDTH

    writer = DayLines(context, tablets, {infusion.key for infusion in each.plan.infusions}, _explained(each.systemic))
    runs = False
    for span in joined_weeks(weeks, fits):
        keys, rows = needed(span), []
        for index in span:
            found, runs = with_bar(writer.of(due[index], keys), runs=runs)
            if context.prints(days[index].date):
                rows.append(_row(context, days[index], found, week_starts=(index - early) % _DAYS_A_WEEK == 0))
        if rows:
            shown = tuple(columns[key] for key in keys)
            yield Grid(shown, tuple(blocks_of(rows, [column.agent for column in shown])))


def _infused(each: SheetCourse) -> set[date]:
    """The dates that a continuous infusion runs on, each with the one on which it ends."""
    lines = (dose.line for dose in each.systemic)
    return {line.date + ONE_DAY * late for line in lines if line.route is Route.CIV for late in (0, 1)}


def _drugs_of(due: Due) -> Iterator[DrugColumn]:
    """The drugs that have something to say on a day."""
    going_on = (open_.line for open_ in due.going_on if has_lines(open_))
    for line in (*(dose.line for dose in due.given), *going_on):
        yield line.agent, line.route


def _row(context: Context, day: CourseDay, lines: tuple[Line, ...], *, week_starts: bool) -> DayRow:
    return DayRow(
        date=context.words.day(day.date),
        day=day.counted,
        weekend=day.date.weekday() >= SATURDAY,
        week_starts=week_starts,
        lines=quiet_day(context, day, lines),
    )


def _due(context: Context, day: CourseDay) -> Due:
    """What is due on a day of a course."""
    shared = shares_a_line(day)
    given = [dose for dose in day.doses if dose.line.route is not Route.IT and dose.line.id not in shared]
    return Due(given, (*day.procedures, *day.evaluations), said_of_day(context, day), day.goes_on)


def _explained(doses: Iterable[Dose]) -> frozenset[str]:
    """The first dose of each order whose hours are counted from the start of another drug that is not known yet."""
    first: dict[str, Administration] = {}
    for dose in doses:
        line = dose.line
        if line.status.takes_place and line.order_line.first_dose and hours_to_write(dose):
            first.setdefault(line.key, line)
    return frozenset(line.id for line in first.values())


def _column(
    context: Context,
    agent: str,
    route: Route,
    doses: Sequence[Dose],
    tablets: CourseTablets,
) -> Column:
    written = context.written(agent)
    doses = [dose for dose in doses if (dose.line.agent, dose.line.route) == (agent, route)]
    made = [tablets[dose.line.key, agent] for dose in doses if (dose.line.key, agent) in tablets]
    heads = [each.head for each in made if each.head]
    if route is Route.CIV:
        heads.append(context.text.gettext("dose in 24 h"))
    only = context.protocol.agents[agent].only_route
    warning = context.text.gettext("{agent}: {route} ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE.")
    way, mark = short_route(context, route), " ".join(dict.fromkeys(dose.line.evidence.mark for dose in doses))
    return Column(
        agent=written,
        route=way,
        mark=mark,
        width=_width(context, f"{way} {mark}", route, doses, made),
        continuous=route is Route.CIV,
        below=", ".join(dict.fromkeys(heads)),
        warning=warning.format(agent=written, route=only.value) if only else "",
    )


def _width(context: Context, head: str, route: Route, doses: Sequence[Dose], made: Sequence[InTablets]) -> float:
    """What the longest line of a drug's column needs, in points: its head, a dose with what stands beside it, words."""
    tablets_of = {id_: each for each in made for id_ in each.beside}
    needed = [text_width(word, 7.5) for dose in doses for word in context.written(dose.line.agent).split()]
    needed.append(text_width(head, 7))
    for dose in doses:
        line = dose.line
        amount = text_width(dose_text(context, line) if line.status.takes_place else absent_text(context, line), 10)
        said = beside(context, line, tablets_of.get(line.id, InTablets()))
        needed.append(amount + (_BESIDE + text_width(said, 7) if said else 0))
        if can_be_home(dose):
            needed.append(text_width(each_label(context, line), 7, REGULAR))
        if len(line_labels(context, dose)) > 1:
            needed.append(text_width(again_text(context, line), 9))
        if line.order_line.until_clear and hours_to_write(dose):
            needed.append(text_width(dose_text(context, line), 10) + _BESIDE + text_width(unless_cleared(context), 7))
    return min(round(max(needed) + 7 + (BAR_ROOM if route is Route.CIV else 0)), GRID_WIDTH)
