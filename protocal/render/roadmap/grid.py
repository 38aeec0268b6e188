"""A course's administrations and events in; its day grids out: a row for each date, a line for each dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from protocal.plan.open_ends import shares_a_line
from protocal.render.in_tablets import CourseTablets, InTablets
from protocal.render.roadmap.context import Context
from protocal.render.roadmap.days import no_treatment, said_of_days, still_open, unless_cleared
from protocal.render.roadmap.labels import absent_text, again_text, dose_text, each_label, hours_to_write, line_labels
from protocal.render.roadmap.lines import DayLines, Due, beside, can_be_home, with_bar
from protocal.render.roadmap.paging import BAR_ROOM, GRID_WIDTH, blocks_of, joined_weeks
from protocal.render.roadmap.phrases import short_route
from protocal.render.roadmap.points import REGULAR, text_width
from protocal.render.roadmap.sheets import Column, DayRow, Grid
from protocal.words.days import ONE_DAY, SATURDAY
from protocal.words.doses import Route
from protocal.words.plan import Administration, CoursePlan, Dates, PlannedEvent

_DAYS_A_WEEK = 7
_BESIDE = 4.0  # between a dose and what stands beside it


def day_grids(
    context: Context,
    each: CoursePlan,
    dates: Dates,
    lines: Sequence[Administration],
    tablets: CourseTablets,
) -> Iterator[Grid]:
    """The course's days, cut at week ends into as few grids as let every drug have its column."""
    drugs = dict.fromkeys((line.agent, line.route) for line in lines)
    in_order = sorted(drugs, key=lambda key: key[1] is Route.CIV)  # so that its bar is beside all text
    columns = {key: _column(context, *key, lines, tablets) for key in in_order}
    days = course_days(each, dates)
    numbers = day_numbers(each, dates)
    due = _due(context, each, dates, lines)
    early = sum(day < dates.day1 for day in days)  # which stand before the first week
    weeks = [range(first, min(first + _DAYS_A_WEEK, len(days))) for first in range(early, len(days), _DAYS_A_WEEK)]
    weeks = [range(early), *weeks] if early else weeks
    infused = {line.date + ONE_DAY * late for line in lines if line.route is Route.CIV for late in (0, 1)}

    def needed(span: Iterable[int]) -> tuple[tuple[str, Route], ...]:
        wanted: set[tuple[str, Route]] = set()
        for index in span:
            today = due.get(days[index], Due())
            going_on = (open_.last for open_ in today.going_on if open_.has_lines)
            wanted |= {(line.agent, line.route) for line in (*today.given, *going_on)}
            wanted |= {key for key in columns if key[1] is Route.CIV and days[index] in infused}
        return tuple(key for key in columns if key in wanted)

    def fits(span: Iterable[int]) -> bool:
        return sum(columns[key].width for key in needed(span)) <= GRID_WIDTH

    writer = DayLines(context, tablets, {each.key for each in each.infusions}, _explained(lines))
    runs = False
    for span in joined_weeks(weeks, fits):
        keys = needed(span)
        rows = []
        for index in span:
            day = days[index]
            found, runs = with_bar(writer.of(due.get(day, Due()), keys), runs=runs)
            number = numbers.get(day)
            if context.prints(day):
                rows.append(
                    DayRow(
                        date=context.words.day(day),
                        day=number,
                        weekend=day.weekday() >= SATURDAY,
                        week_starts=(index - early) % _DAYS_A_WEEK == 0,
                        lines=found or (no_treatment(context, day, number, each, dates),),
                    )
                )
        if rows:
            shown = tuple(columns[key] for key in keys)
            yield Grid(shown, tuple(blocks_of(rows, [column.agent for column in shown])))


def _due(context: Context, each: CoursePlan, dates: Dates, lines: Sequence[Administration]) -> dict[date, Due]:
    """What is due on each date of a course."""
    given: dict[date, list[Administration]] = {}
    shared = shares_a_line(context.plan, (each,))
    for line in lines:
        if line.id not in shared:
            given.setdefault(line.date, []).append(line)
    events: dict[date, list[PlannedEvent]] = {}
    for event in (*each.procedures, *each.evaluations):
        events.setdefault(event.date, []).append(event)
    said = said_of_days(context, each, dates)
    open_ = {day: still_open(context, day, each) for day in course_days(each, dates)}
    return {
        day: Due(given.get(day, ()), events.get(day, ()), said.get(day, ()), open_.get(day, ()))
        for day in {*given, *events, *said, *open_}
    }


def _explained(lines: Sequence[Administration]) -> frozenset[str]:
    """The first dose of each order whose hours are counted from the start of another drug that is not known yet."""
    first: dict[str, Administration] = {}
    for line in lines:
        if line.status.takes_place and line.order_line.first_dose and hours_to_write(line):
            first.setdefault(line.key, line)
    return frozenset(line.id for line in first.values())


def course_days(each: CoursePlan, dates: Dates) -> list[date]:
    """All days that a course has a row for, to the last on which something of it happens.

    Those before its first day are the ones on which something was given so early.
    """
    given = [line.date for line in each.administrations]
    last = max([dates.last_day, *given, *(event.date for event in (*each.procedures, *each.evaluations))])
    early = sorted({day for day in given if day < dates.day1})
    return [*early, *(dates.day1 + ONE_DAY * count for count in range((last - dates.day1).days + 1))]


def day_numbers(each: CoursePlan, dates: Dates) -> dict[date, int]:
    """The number of each date of a course; none of those on which it waits."""
    return {dates.date_of(number): number for number in range(dates.first, dates.first + len(course_days(each, dates)))}


def _column(
    context: Context,
    agent: str,
    route: Route,
    lines: Sequence[Administration],
    tablets: CourseTablets,
) -> Column:
    written = context.written(agent)
    mine = [line for line in lines if (line.agent, line.route) == (agent, route)]
    made = [tablets[line.key, agent] for line in mine if (line.key, agent) in tablets]
    tablets_of = {id_: each for each in made for id_ in each.beside}
    marks = dict.fromkeys(line.evidence.mark for line in mine)
    longest = max((text_width(word, 7.5) for word in written.split()), default=0)
    doses = (
        text_width(dose_text(context, line) if line.status.takes_place else absent_text(context, line), 10)
        + (
            _BESIDE + text_width(said, 7)
            if (said := beside(context, line, tablets_of.get(line.id, InTablets())))
            else 0
        )
        for line in mine
    )
    often = (text_width(each_label(context, line), 7, REGULAR) for line in mine if can_be_home(line))
    again = (text_width(again_text(context, line), 9) for line in mine if len(line_labels(context, line)) > 1)
    unless = (
        text_width(dose_text(context, line), 10) + _BESIDE + text_width(unless_cleared(context), 7)
        for line in mine
        if line.order_line.until_clear and hours_to_write(line)
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
            round(max(longest, *doses, *often, *again, *unless) + 7 + (BAR_ROOM if route is Route.CIV else 0)),
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
