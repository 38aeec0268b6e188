"""A plan in; its drug list, and the matrix of drugs by day of every course, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from protocal.render.drugs import DrugUse, Matrix, MatrixRow, amount, drug_list, matrices
from protocal.render.terminal.page import Share, heading, legend, printed, table
from protocal.render.terminal.plan import dose_text, plan_head
from protocal.words.days import ONE_DAY
from protocal.words.doses import Route
from protocal.words.figures import WEEKDAYS, figure, paper_date, runs, short_date
from protocal.words.plan import Administration, Plan

_DAYS_A_WEEK = 7
_NARROW = 13


def drugs_text(plan: Plan, width: int) -> str:
    """The drug list of a plan, with runs of the same dose as one line, and after it the matrices."""
    titles = {each.course.id: each.course.title for each in plan.courses}
    parts = [*plan_head(plan), *_waiting(plan)]
    for use in drug_list(plan):
        parts += _drug(use, titles)
    for matrix in matrices(plan):
        parts += _matrix(matrix)
    return printed([*parts, *legend()], width)


def _waiting(plan: Plan) -> Iterator[RenderableType]:
    """Which courses may still move, and which have no place yet."""
    waiting = [each.course for each in plan.courses if not each.course.started]
    if dated := [course.title for course in waiting if course.dates]:
        yield Text(f"Provisional until they start: {', '.join(dated)}.")
    if undated := [course.title for course in waiting if not course.dates]:
        yield Text(f"No date yet: {', '.join(undated)}.")


def _drug(use: DrugUse, titles: Mapping[str, str]) -> Iterator[RenderableType]:
    least = "at least " if use.at_least else ""
    doses = "1 dose" if use.count == 1 else f"{figure(use.count)} doses"
    each = " of 24 h" if use.route is Route.CIV else ""
    yield from heading(f"{use.agent.written} {use.route.value}: {least}{doses}{each}, {figure(use.total)} {use.unit}")
    grid = table(("Course", 14), ("Days", 5), ("Dates", 18), ("Dose", Share(1)), ("Doses", 5), ("Amount", 12), ("", 1))
    for index in (4, 5):
        grid.columns[index].justify = "right"
    for run in _runs(use.lines):
        first, last = run[0], run[-1]
        to = f" to\n{paper_date(last.date)}" if len(run) > 1 else ""
        grid.add_row(
            Text(titles[first.course]),
            Text(runs(line.day for line in run)),
            Text(f"{paper_date(first.date)}{to}"),
            Text(_dose(first)),
            Text(figure(sum(line.per_day for line in run))),
            Text(f"{figure(sum(map(amount, run)))} {first.unit}"),
            Text(first.evidence.mark),
        )
    yield ""
    yield grid


def _dose(line: Administration) -> str:
    """A dose in a narrow column: broken at its commas, so that figures stay with their words."""
    text = dose_text(line)
    return text if len(text) <= _NARROW else text.replace(",\n", "\n").replace(", ", "\n")


def _runs(lines: Iterable[Administration]) -> Iterator[list[Administration]]:
    """Lines by date; those of one order with one dose on consecutive dates together."""
    run: list[Administration] = []
    for line in lines:
        if run and _follows(run[-1], line):
            run.append(line)
            continue
        if run:
            yield run
        run = [line]
    if run:
        yield run


def _follows(one: Administration, other: Administration) -> bool:
    same = (one.course, one.key, one.dose, one.per_day) == (other.course, other.key, other.dose, other.per_day)
    return same and other.date == one.date + ONE_DAY


def _matrix(matrix: Matrix) -> Iterator[RenderableType]:
    """A course's drugs by its days, one week beneath the other."""
    first = matrix.course.definition.first_day
    yield from heading(f"{matrix.course.title} by day; each figure is one dose")
    for week, days in groupby(matrix.days, key=lambda day: (day[0] - first) // _DAYS_A_WEEK):
        dates = dict(days)
        start = first + week * _DAYS_A_WEEK
        numbers = range(start, start + _DAYS_A_WEEK)
        heads = (
            f"{number}\n{WEEKDAYS[on.weekday()]}\n{short_date(on)[:6]}" if (on := dates.get(number)) else ""
            for number in numbers
        )
        grid = table(("", Share(1)), *((head, 7) for head in heads))
        for row in matrix.rows:
            doses = dict(row.doses)
            if doses.keys() & dates.keys():
                cells = (" + ".join(map(figure, doses.get(number, ()))) for number in numbers)
                grid.add_row(Text(_label(row)), *map(Text, cells))
        yield ""
        yield grid


def _label(row: MatrixRow) -> str:
    times = f", {row.per_day} a day" if row.per_day > 1 else ""
    return f"{row.agent.written} {row.route.value}, {row.unit}{times}"
