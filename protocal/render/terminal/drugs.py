"""A drug report -> its list, cumulative doses and matrix of drugs by day of every course, or one day's list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from protocal.model.account import State
from protocal.model.days import ONE_DAY
from protocal.model.doses import Route
from protocal.model.plan import Administration, Plan
from protocal.plan.cumulative import Cumulative
from protocal.render.data.drug_day import DayLine, DrugDay
from protocal.render.data.drugs import DrugReport, DrugUse, Matrix, MatrixRow, amount, stretches
from protocal.render.terminal.page import Share, heading, legend, pairs, printed, table, unverified
from protocal.render.terminal.plan import dose_text, plan_head
from protocal.render.wording.stock import left_text, stock_sentence
from protocal.text.format import WEEKDAYS, figure, paper_date, round_half_up, runs, short_date

_DAYS_A_WEEK = 7
_NARROW = 12


def drugs_text(report: DrugReport, width: int) -> str:
    """The drug list of a plan, with runs of the same dose as one line, then cumulative doses and the matrices."""
    plan = report.plan
    titles = {each.course.id: each.course.title for each in plan.courses}
    parts = [*plan_head(plan), *_waiting(plan)]
    for use in report.uses:
        parts += _drug(use, titles)
        parts += (Text(stock_sentence(each, plan.protocol)) for each in report.stock_of(use))
    for each in report.cumulative:
        parts += _cumulative(each, plan)
    parts += _uncounted(report)
    for matrix in report.matrices:
        parts += _matrix(matrix)
    return printed([*parts, *legend(plan.protocol)], width)


def day_text(day: DrugDay, width: int) -> str:
    """What is prepared on a day: a table for each drug by its way in, with a row for each patient's order."""
    patients = ", ".join(plan.record.id for plan in day.plans)
    parts: list[RenderableType] = [
        Text(f"To prepare on {paper_date(day.date)}"),
        Text(f"Records read: {len(day.plans)} ({patients})"),
    ]
    if idle := day.idle:
        parts.append(Text(f"Nothing due: {', '.join(idle)}"))
    if not all(plan.verified for plan in day.plans):
        parts.append(unverified())
    by_way_in = sorted(day.lines, key=lambda each: (each.agent.id, each.line.route.value))
    for (_agent, route), group in groupby(by_way_in, key=lambda each: (each.agent.id, each.line.route)):
        lines = list(group)
        parts += heading(f"{lines[0].agent.written} {route.value}")
        grid = table(("Patient", 12), ("Course, day", Share(2)), ("Dose", Share(2)), ("Amount", 14), ("", 1))
        grid.columns[3].justify = "right"
        for each in lines:
            notes = [*(["provisional"] if each.line.provisional else []), *_open(each)]
            stock = [left_text(each.stock, day.date)] if each.stock else []
            course = f"{each.course.title}, day {each.line.day}"
            grid.add_row(
                Text(each.patient),
                Text("\n".join([course, *notes])),
                Text("\n".join([*_to_prepare(each), *stock])),
                Text("" if each.runs_on else f"{figure(each.amount)} {each.line.unit}"),
                Text(each.line.evidence.mark),
            )
        parts += ["", grid]
    return printed([*parts, *legend(*(plan.protocol for plan in day.plans))], width)


def _open(each: DayLine) -> Iterator[str]:
    """That an order has no last day yet."""
    if each.awaits:
        is_open = each.dose and each.dose.state is State.OPEN
        yield f"open until {each.plan.protocol.agents[each.awaits].written} has cleared" if is_open else "or more"


def _to_prepare(each: DayLine) -> Iterator[str]:
    """The dose, or the bags that are hung that day, or that what began earlier runs on."""
    if each.runs_on:
        until = f" until {paper_date(each.until.date())} at {each.until:%H:%M}" if each.until else ""
        yield f"runs on from {paper_date(each.line.date)}{until}: nothing to prepare"
    elif each.bags is None:
        yield dose_text(each.line)
    for bag in each.bags or ():
        yield f"bag for {bag.hours} h, hung at {bag.at:%H:%M}: {figure(bag.amount)} {each.line.unit}"
    if each.bags == ():
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
    """A course's drugs by date, one week from its Day 1 beneath the other, each date with the day that it is."""
    course = matrix.course
    yield from heading(f"{course.title} by day; each figure is one dose")
    day1 = course.dates.day1 if course.dates else min(on for _day, on in matrix.days)
    due = sorted({on for _day, on in matrix.days})
    for week, dates in groupby(due, key=lambda on: (on - day1).days // _DAYS_A_WEEK):
        days = [day1 + ONE_DAY * (week * _DAYS_A_WEEK + index) for index in range(_DAYS_A_WEEK)]
        on_them = set(dates)
        grid = table(("", Share(1)), *((_date_head(on, matrix.numbers) if on in on_them else "", 7) for on in days))
        for row in matrix.rows:
            doses: dict[date, list[Decimal]] = {}
            for (_day, on), found in row.cells:
                doses.setdefault(on, []).extend(found)
            if doses.keys() & on_them:
                grid.add_row(Text(_row_label(row)), *(Text(" + ".join(map(figure, doses.get(on, ())))) for on in days))
        yield ""
        yield grid


def _date_head(on: date, numbers: Mapping[date, int | None]) -> str:
    """The day of the course, the weekday and the date; a date that the course does not have has no number."""
    number = numbers.get(on)
    return f"{'-' if number is None else number}\n{WEEKDAYS[on.weekday()]}\n{short_date(on)[:6]}"


def _row_label(row: MatrixRow) -> str:
    times = f", {row.per_day} a day" if row.per_day > 1 else ""
    return f"{row.agent.written} {row.route.value}, {row.unit}{times}"
