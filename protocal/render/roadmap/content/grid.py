"""A course's days -> its day grids: a row for each date, a line for each dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

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
from protocal.render.roadmap.sheets import Column, DayRow, Grid
from protocal.render.wording.in_tablets import CourseTablets, InTablets

_DAYS_A_WEEK = 7
_BESIDE = 4.0  # between a dose and what stands beside it


def day_grids(context: Context, each: SheetCourse, tablets: CourseTablets) -> Iterator[Grid]:
    """The course's days, cut at week ends into as few grids as let every drug have its column."""
    drugs = dict.fromkeys((dose.line.agent, dose.line.route) for dose in each.systemic)
    in_order = sorted(drugs, key=lambda key: key[1] is Route.CIV)  # so that its bar is beside all text
    columns = {key: _column(context, *key, each.systemic, tablets) for key in in_order}
    days = each.rows
    due = [_due(context, day) for day in days]
    early = sum(day.date < each.dates.day1 for day in days)  # which stand before the first week
    weeks = [range(first, min(first + _DAYS_A_WEEK, len(days))) for first in range(early, len(days), _DAYS_A_WEEK)]
    weeks = [range(early), *weeks] if early else weeks
    lines = (dose.line for dose in each.systemic)
    infused = {line.date + ONE_DAY * late for line in lines if line.route is Route.CIV for late in (0, 1)}

    def needed(span: Iterable[int]) -> tuple[tuple[str, Route], ...]:
        wanted: set[tuple[str, Route]] = set()
        for index in span:
            given = (dose.line for dose in due[index].given)
            going_on = (open_.line for open_ in due[index].going_on if has_lines(open_))
            wanted |= {(line.agent, line.route) for line in (*given, *going_on)}
            wanted |= {key for key in columns if key[1] is Route.CIV and days[index].date in infused}
        return tuple(key for key in columns if key in wanted)

    def fits(span: Iterable[int]) -> bool:
        return sum(columns[key].width for key in needed(span)) <= GRID_WIDTH

    bagged = {infusion.key for infusion in each.plan.infusions}
    writer = DayLines(context, tablets, bagged, _explained(each.systemic))
    runs = False
    for span in joined_weeks(weeks, fits):
        keys = needed(span)
        rows = []
        for index in span:
            day = days[index]
            found, runs = with_bar(writer.of(due[index], keys), runs=runs)
            if context.prints(day.date):
                rows.append(
                    DayRow(
                        date=context.words.day(day.date),
                        day=day.counted,
                        weekend=day.date.weekday() >= SATURDAY,
                        week_starts=(index - early) % _DAYS_A_WEEK == 0,
                        lines=quiet_day(context, day, found),
                    )
                )
        if rows:
            shown = tuple(columns[key] for key in keys)
            yield Grid(shown, tuple(blocks_of(rows, [column.agent for column in shown])))


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
    mine = [dose.line for dose in doses]
    made = [tablets[line.key, agent] for line in mine if (line.key, agent) in tablets]
    tablets_of = {id_: each for each in made for id_ in each.beside}
    marks = dict.fromkeys(line.evidence.mark for line in mine)
    longest = max((text_width(word, 7.5) for word in written.split()), default=0)
    widths = (
        text_width(dose_text(context, line) if line.status.takes_place else absent_text(context, line), 10)
        + (
            _BESIDE + text_width(said, 7)
            if (said := beside(context, line, tablets_of.get(line.id, InTablets())))
            else 0
        )
        for line in mine
    )
    often = (text_width(each_label(context, dose.line), 7, REGULAR) for dose in doses if can_be_home(dose))
    again = (text_width(again_text(context, dose.line), 9) for dose in doses if len(line_labels(context, dose)) > 1)
    unless = (
        text_width(dose_text(context, dose.line), 10) + _BESIDE + text_width(unless_cleared(context), 7)
        for dose in doses
        if dose.line.order_line.until_clear and hours_to_write(dose)
    )
    heads = [each.head for each in made if each.head]
    if route is Route.CIV:
        heads.append(context.text.gettext("dose in 24 h"))
    only = context.protocol.agents[agent].only_route
    return Column(
        agent=written,
        route=short_route(context, route),
        mark=" ".join(marks),
        width=min(
            round(max(longest, *widths, *often, *again, *unless) + 7 + (BAR_ROOM if route is Route.CIV else 0)),
            GRID_WIDTH,
        ),
        continuous=route is Route.CIV,
        below=", ".join(dict.fromkeys(heads)),
        warning=context.text.gettext("{agent}: {route} ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE.").format(
            agent=written, route=only.value
        )
        if only
        else "",
    )
