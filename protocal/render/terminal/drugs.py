"""A drug report in; its list, cumulative doses and matrix of drugs by day of every course out; or one day's list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from protocal.plan.cumulative import Cumulative
from protocal.render.drug_day import DayLine, DrugDay
from protocal.render.drugs import DrugReport, DrugUse, Matrix, MatrixRow, amount, stretches
from protocal.render.terminal.page import Share, heading, legend, pairs, printed, table, unverified
from protocal.render.terminal.plan import dose_text, plan_head
from protocal.words.doses import Route
from protocal.words.figures import WEEKDAYS, figure, paper_date, round_half_up, runs, short_date
from protocal.words.plan import Administration, Plan

_DAYS_A_WEEK = 7
_NARROW = 12


def drugs_text(report: DrugReport, width: int) -> str:
    """The drug list of a plan, with runs of the same dose as one line, then cumulative doses and the matrices."""
    plan = report.plan
    titles = {each.course.id: each.course.title for each in plan.courses}
    parts = [*plan_head(plan), *_waiting(plan)]
    for use in report.uses:
        parts += _drug(use, titles)
    for each in report.cumulative:
        parts += _cumulative(each, plan)
    parts += _uncounted(report)
    for matrix in report.matrices:
        parts += _matrix(matrix)
    return printed([*parts, *legend()], width)


def day_text(day: DrugDay, width: int) -> str:
    """What is prepared on a day: a table for each drug by its way in, with a row for each patient's order."""
    patients = ", ".join(plan.record.id for plan in day.plans)
    parts: list[RenderableType] = [
        Text(f"To prepare on {paper_date(day.date)}"),
        Text(f"Records read: {len(day.plans)} ({patients})"),
    ]
    if idle := day.idle:
        parts.append(Text(f"Nothing due: {', '.join(idle)}"))
    if not all(plan.protocol.verified for plan in day.plans):
        parts.append(unverified())
    by_way_in = sorted(day.lines, key=lambda each: (each.agent.id, each.line.route.value))
    for (_agent, route), group in groupby(by_way_in, key=lambda each: (each.agent.id, each.line.route)):
        lines = list(group)
        parts += heading(f"{lines[0].agent.written} {route.value}")
        grid = table(("Patient", 12), ("Course, day", Share(2)), ("Dose", Share(2)), ("Amount", 14), ("", 1))
        grid.columns[3].justify = "right"
        for each in lines:
            notes = [*(["provisional"] if each.line.provisional else []), *(["or more"] if each.at_least else [])]
            course = f"{each.course.title}, day {each.line.day}"
            grid.add_row(
                Text(each.patient),
                Text("\n".join([course, *notes])),
                Text("\n".join(_to_prepare(each))),
                Text(f"{figure(each.amount)} {each.line.unit}"),
                Text(each.line.evidence.mark),
            )
        parts += ["", grid]
    return printed([*parts, *legend()], width)


def _to_prepare(each: DayLine) -> Iterator[str]:
    """The dose, or the bags that are hung that day."""
    if each.bags is None:
        yield dose_text(each.line)
        return
    for bag in each.bags:
        yield f"bag for {bag.hours} h, hung at {bag.at:%H:%M}: {figure(bag.amount)} {each.line.unit}"
    if not each.bags:
        yield "no bag to hang"


def _waiting(plan: Plan) -> Iterator[RenderableType]:
    """Which courses may still move, and which have no place yet."""
    waiting = [each.course for each in plan.courses if each.course.provisional]
    if dated := [course.title for course in waiting if course.dates]:
        yield Text(f"Provisional until they start: {', '.join(dated)}.")
    if undated := [course.title for course in waiting if not course.dates]:
        yield Text(f"No date yet: {', '.join(undated)}.")


def _drug(use: DrugUse, titles: Mapping[str, str]) -> Iterator[RenderableType]:
    least = "at least " if use.at_least else ""
    doses = "1 dose" if use.count == 1 else f"{figure(use.count)} doses"
    each = " of 24 h" if use.route is Route.CIV else ""
    yield from heading(f"{use.agent.written} {use.route.value}: {least}{doses}{each}, {figure(use.total)} {use.unit}")
    yield Text(f"First {paper_date(use.first)}, last {paper_date(use.last)}")
    grid = table(("Course", 12), ("Days", 5), ("Dates", 18), ("Dose", Share(1)), ("Doses", 5), ("Amount", 14), ("", 1))
    for index in (4, 5):
        grid.columns[index].justify = "right"
    running = dict(zip((line.id for line in use.lines), use.running, strict=True))
    for run in stretches(use.lines):
        first, last = run[0], run[-1]
        to = f" to\n{paper_date(last.date)}" if len(run) > 1 else ""
        grid.add_row(
            Text(titles[first.course]),
            Text(runs(line.day for line in run)),
            Text(f"{paper_date(first.date)}{to}"),
            Text(_dose(first)),
            Text(figure(sum(line.per_day for line in run))),
            Text(f"{figure(sum(map(amount, run)))} {first.unit}\nso far {figure(running[last.id])}"),
            Text(first.evidence.mark),
        )
    yield ""
    yield grid


def _cumulative(each: Cumulative, plan: Plan) -> Iterator[RenderableType]:
    """What counts for a ceiling, dose by dose, with the factors that the site has set."""
    ceiling = each.ceiling
    yield from heading(f"Cumulative {ceiling.name}: {_per_m2(each.total)} of {_per_m2(ceiling.amount)}")
    if each.above:
        with_dose = f" with the dose of {paper_date(each.passed.line.date)}" if each.passed else ""
        yield Text(f"ABOVE THE CEILING{with_dose}.")
    for agent in each.not_counted:
        yield Text(agent.sentence)
    factors = ", ".join(f"{_written(plan, agent)} x {figure(factor)}" for agent, factor in ceiling.factors)
    yield Text(f"The site's settings: ceiling {_per_m2(ceiling.amount)}; factors: {factors}. The whole plan counts.")
    grid = table(("Drug", Share(2)), ("When", 18), ("Dose per m2", Share(2)), ("Counts", 16), ("So far", 16))
    so_far = Decimal(0)
    for prior in each.prior:
        so_far += prior.counted
        cells = (_per_m2(prior.amount), f"x {figure(prior.factor)} = {figure(_short(prior.counted))}", _per_m2(so_far))
        grid.add_row(*map(Text, (_written(plan, prior.agent), "before this record", *cells)))
    for dose in each.doses:
        line = dose.line
        taken = f"{figure(amount(line))} {line.unit} / {figure(dose.bsa)} m2 = {_per_m2(dose.per_m2)}"
        cells = (taken, f"x {figure(dose.factor)} = {figure(_short(dose.counted))}", _per_m2(dose.running))
        grid.add_row(*map(Text, (_written(plan, line.agent), paper_date(line.date), *cells)))
    yield ""
    yield grid


def _uncounted(report: DrugReport) -> Iterator[RenderableType]:
    if report.uncounted:
        yield from heading("Given before this record, counted by no ceiling of the settings")
        yield pairs((_written(report.plan, agent), _per_m2(dose)) for agent, dose in report.uncounted)


def _written(plan: Plan, agent: str) -> str:
    """An agent's written form, or its name as typed where the protocol does not have it."""
    known = plan.protocol.agents.get(agent)
    return known.written if known else agent


def _short(value: Decimal) -> Decimal:
    return round_half_up(value, 2)


def _per_m2(value: Decimal) -> str:
    return f"{figure(_short(value))} mg/m2"


def _dose(line: Administration) -> str:
    """A dose in a narrow column: broken at its commas, so that figures stay with their words."""
    text = dose_text(line)
    return text if len(text) <= _NARROW else text.replace(",\n", "\n").replace(", ", "\n")


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
