"""A course's administrations and events in; its day grids out: a row for each date, a line for each dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from protocal.plan.expand import LUMBAR_PUNCTURE
from protocal.render.in_tablets import CourseTablets, InTablets
from protocal.render.roadmap.context import Context
from protocal.render.roadmap.days import OPEN_DAYS, no_treatment, said_of_days, still_open
from protocal.render.roadmap.intrathecal import sign_on_page
from protocal.render.roadmap.labels import absent_text, dose_text, each_label, line_labels, short_why_absent, state_of
from protocal.render.roadmap.paging import BAR_ROOM, GRID_WIDTH, blocks_of, joined_weeks
from protocal.render.roadmap.phrases import short_route
from protocal.render.roadmap.points import REGULAR, text_width, within
from protocal.render.roadmap.sheets import Again, Cell, Column, DayRow, Grid, Line
from protocal.words.days import ONE_DAY, SATURDAY
from protocal.words.doses import Route
from protocal.words.plan import Administration, CoursePlan, Dates, PlannedEvent
from protocal.words.protocol import Order

_DAYS_A_WEEK = 7
_TITLE_WIDTH = 196.0  # that what is done on a day may take across the columns, beside its mark
_BESIDE = 4.0  # between a dose and what stands beside it


def day_grids(
    context: Context,
    each: CoursePlan,
    dates: Dates,
    lines: Sequence[Administration],
    tablets: CourseTablets,
) -> Iterator[Grid]:
    """The course's days, cut at week ends into as few grids as let every drug have its column."""
    columns = {
        (line.agent, line.route): _column(context, line.agent, line.route, lines, tablets)
        for line in sorted(lines, key=lambda line: line.route is Route.CIV)  # so that its bar is beside all text
    }
    due: dict[date, list[Administration]] = {}
    for line in lines:
        due.setdefault(line.date, []).append(line)
    events: dict[date, list[PlannedEvent]] = {}
    for event in (*each.procedures, *each.evaluations):
        events.setdefault(event.date, []).append(event)
    said = said_of_days(context, each, dates)
    days = course_days(each, dates)
    numbers = {dates.date_of(number): number for number in range(dates.first, dates.first + len(days))}
    weeks = [range(first, min(first + _DAYS_A_WEEK, len(days))) for first in range(0, len(days), _DAYS_A_WEEK)]

    def needed(span: Iterable[int]) -> tuple[tuple[str, Route], ...]:
        wanted = {(line.agent, line.route) for index in span for line in due.get(days[index], ())}
        return tuple(key for key in columns if key in wanted)

    def fits(span: Iterable[int]) -> bool:
        return sum(columns[key].width for key in needed(span)) <= GRID_WIDTH

    for span in joined_weeks(weeks, fits):
        keys = needed(span)
        rows = []
        for index in span:
            day = days[index]
            if not context.prints(day):
                continue
            number = numbers.get(day)
            going_on = still_open(context, number, lines) if number is not None else []
            found = _lines(context, due.get(day, []), events.get(day, []), keys, going_on, tablets, said.get(day, []))
            rows.append(
                DayRow(
                    date=context.words.day(day),
                    day=number,
                    weekend=day.weekday() >= SATURDAY,
                    week_starts=index % _DAYS_A_WEEK == 0,
                    lines=tuple(found) or (no_treatment(context, day, number, each, dates, going_on),),
                )
            )
        if rows:
            yield Grid(tuple(columns[key] for key in keys), tuple(blocks_of(rows)))


def course_days(each: CoursePlan, dates: Dates) -> list[date]:
    """All days that a course has a row for, to the last on which something of it happens."""
    given = (line.date for line in each.administrations)
    last = max([dates.last_day, *given, *(event.date for event in (*each.procedures, *each.evaluations))])
    return [dates.day1 + ONE_DAY * count for count in range((last - dates.day1).days + 1)]


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
    beside = {id_: text for each in {id(each): each for each in made}.values() for id_, text in each.beside.items()}
    marks = dict.fromkeys(line.evidence.mark for line in mine)
    longest = max((text_width(word, 7.5) for word in written.split()), default=0)
    doses = (
        text_width(dose_text(context, line) if line.status.takes_place else absent_text(context, line), 10)
        + (_BESIDE + text_width(beside[line.id], 7) if line.id in beside else 0)
        for line in mine
    )
    often = (text_width(each_label(context, line), 7, REGULAR) for line in mine if _can_be_home(line))
    again = (text_width(_again(context, line), 9) for line in mine if len(line_labels(context, line)) > 1)
    return Column(
        agent=written,
        route=short_route(context, route),
        mark=" ".join(marks),
        width=min(
            round(max(longest, *doses, *often, *again) + 7 + (BAR_ROOM if route is Route.CIV else 0)), GRID_WIDTH
        ),
        continuous=route is Route.CIV,
        tablets=", ".join(dict.fromkeys(each.head for each in made if each.head)),
    )


def _lines(
    context: Context,
    given: list[Administration],
    events: list[PlannedEvent],
    keys: Sequence[tuple[str, Route]],
    going_on: Sequence[tuple[Order, int]],
    tablets: CourseTablets,
    said: Sequence[Line],
) -> Iterator[Line]:
    """The lines of a day: what must be given before another drug, what is said of the day, then all the rest."""
    _ = context.text.gettext
    for event in events:
        if event.kind == LUMBAR_PUNCTURE:
            yield Line(_("LP"), text=sign_on_page(context), signed=False)
    yield from _dose_lines(context, [line for line in given if not _is_led_up_to(line)], keys, tablets)
    yield from said
    yield from _dose_lines(context, [line for line in given if _is_led_up_to(line)], keys, tablets)
    for event in events:
        if event.kind != LUMBAR_PUNCTURE:
            title = context.words.own(context.protocol.kinds[event.kind])
            clock = f" {event.at:%H:%M}" if event.at else ""
            yield Line("", text=f"{within(f'{title}{clock}', _TITLE_WIDTH)} {event.evidence.mark}")
    for order, days_over in going_on:
        drug, level = (context.written(name) for name in (order.agents[0], order.until_clear))
        if days_over <= OPEN_DAYS:
            yield Line("", text=_("{drug}, unless {level} has cleared").format(drug=drug, level=level))


def _dose_lines(
    context: Context,
    given: Sequence[Administration],
    keys: Sequence[tuple[str, Route]],
    tablets: CourseTablets,
) -> Iterator[Line]:
    """A line for each dose, or for why it is not given."""
    for line in given:
        place = keys.index((line.agent, line.route))
        if not line.status.takes_place:
            reason = Cell(absent_text(context, line), 1, "", line.id)
            absent = tuple(reason if column == place else None for column in range(len(keys)))
            yield Line("", absent, signed=False, at_home=_can_be_home(line), why=short_why_absent(context, line))
            continue
        made = tablets.get((line.key, line.agent), InTablets())
        labels = line_labels(context, line)
        for index, label in enumerate(labels):
            dose: Cell | Again = Again(_again(context, line))
            if index == 0:
                dose = Cell(
                    dose_text(context, line), len(labels), each_label(context, line), line.id,
                    made.beside.get(line.id, ""), made.keys.get(line.id, ""), state_of(context, line),
                )  # fmt: skip
            cells = tuple(dose if column == place else None for column in range(len(keys)))
            yield Line(label, cells, at_home=_can_be_home(line))


def _again(context: Context, line: Administration) -> str:
    """A later dose of a day, in words that cannot be counted as one more day's dose."""
    return context.text.gettext("again {dose}").format(dose=dose_text(context, line))


def _can_be_home(line: Administration) -> bool:
    """Whether a dose may be signed for with its week at home: by mouth, and by no clock."""
    return line.route is Route.PO and not line.order_line.first_dose and not line.order_line.frequency.interval


def _is_led_up_to(line: Administration) -> bool:
    """Whether a drug comes after one that must be given before it."""
    return not (line.order_line.first_dose and line.order_line.first_dose.before)
