"""A plan in; a text with a table for every course out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rich.console import RenderableType
from rich.text import Text

from protocal.render.product_words import product_text
from protocal.render.terminal.page import (
    FATAL,
    Share,
    days_text,
    heading,
    indented,
    legend,
    pairs,
    printed,
    table,
    unverified,
)
from protocal.words.doses import Route
from protocal.words.figures import figure, paper_date
from protocal.words.plan import Administration, CoursePlan, CourseStatus, DatedCourse, Dates, Plan, PlannedEvent, Status
from protocal.words.protocol import Course, Order, Protocol


def plan_text(plan: Plan, width: int) -> str:
    """A plan, or the lines of it that were chosen, course by course with a row for everything that happens."""
    parts = [*plan_head(plan), *(part for each in plan.courses for part in _course(plan.protocol, each)), *legend()]
    return printed(parts, width)


def plan_head(plan: Plan) -> list[RenderableType]:
    """Whose plan it is, and by which definition."""
    protocol, arm = plan.protocol, plan.facts.traits.arm
    lines: list[RenderableType] = [
        Text(protocol.title),
        Text(f"Definition {protocol.id}, version {protocol.version}"),
        Text(f"Patient {plan.record.id}, {f'arm {arm}' if arm else 'no arm assigned yet'}, revision {plan.revision}"),
    ]
    return lines if protocol.verified else [*lines, unverified()]


def dose_text(line: Administration) -> str:
    """`7.8 mg, 2 times a day`; how long it runs on a line of its own, so that its figures stay together."""
    order = line.order_line
    dose = f"{figure(line.dose)} {line.unit}"
    if order.frequency.continuous:
        return f"{dose} in 24 h"
    over = f",\nover {order.over.text}" if order.over else ""
    product = f",\n{product_text(line.product)}" if line.product else ""
    return f"{dose}, {_often(order, line.per_day)}{over}{product}"


def _often(order: Order, per_day: int) -> str:
    frequency = order.frequency
    if frequency.weekly:
        return "once a week"
    if per_day == 1:
        return "once" if frequency.text == "once" else "once a day"
    return f"{per_day} times a day{f', every {frequency.interval} h' if frequency.interval else ''}"


def _course(protocol: Protocol, each: CoursePlan) -> Iterator[RenderableType]:
    course, dates = each.course, each.course.dates
    yield from heading(f"{course.title} ({course.id})")
    if dates is None:
        yield indented("no date yet")
        return
    yield indented(_stretch(course, dates))
    yield from _days(protocol, each)
    if notes := dict.fromkeys(_notes(protocol, each)):
        measured = dates.measurement
        yield ""
        yield indented(
            f"Doses worked out from BSA {figure(dates.bsa)} m2 ({figure(measured.height)} cm, {figure(measured.weight)}"
            f" kg, measured {paper_date(measured.date)}):"
        )
        yield pairs(notes)


def _stretch(course: DatedCourse, dates: Dates) -> str:
    """From when to when a course is, and how sure that is."""
    facts = [f"{paper_date(dates.day1)} to {paper_date(dates.last_day)}", days_text(dates.length)]
    facts += ["cut short"] if dates.cut else []
    facts += ["done"] if course.status is CourseStatus.DONE else []
    return ", ".join(facts if not course.provisional else [*facts, "provisional"])


def _days(protocol: Protocol, each: CoursePlan) -> Iterator[RenderableType]:
    """Everything that happens in a course by date; on a date drugs come first, then procedures, then evaluations."""
    rows: list[Administration | PlannedEvent] = [*each.administrations, *each.procedures, *each.evaluations]
    if not rows:
        return
    intrathecal = {line.date for line in each.administrations if line.route is Route.IT and line.status.takes_place}
    grid = table(("Date", 15), ("Day", 3), ("What", Share(2)), ("Route", 5), ("Dose", Share(3)), ("", 1))
    for row in sorted(rows, key=lambda row: row.date):
        grid.add_row(*map(Text, _row(protocol, row, intrathecal)))
    yield ""
    yield grid


def _row(protocol: Protocol, row: Administration | PlannedEvent, intrathecal: set[date]) -> tuple[str, ...]:
    when = (paper_date(row.date), str(row.day))
    if isinstance(row, PlannedEvent):
        return (*when, protocol.kinds[row.kind], "", "", row.evidence.mark)
    agent = protocol.agents[row.agent]
    deadly = agent.only_route and row.date in intrathecal
    what = f"{agent.written}: {FATAL}" if deadly else agent.written
    dose = _stands(row)
    return (*when, what, row.route.value, dose, row.evidence.mark)


def _stands(line: Administration) -> str:
    """The dose, or why there is none; where the dose was moved or given, that too."""
    if not line.status.takes_place:
        return line.reason if line.reason.startswith(line.status.value) else f"{line.status.value}: {line.reason}"
    if line.status is Status.DUE:
        return dose_text(line)
    said = [line.reason] if line.reason.startswith(line.status.value) else [line.status.value, line.reason]
    return f"{dose_text(line)}\n{': '.join(filter(None, said))}"


def _notes(protocol: Protocol, each: CoursePlan) -> Iterator[tuple[str, str]]:
    """For every drug of a course how its doses were worked out, when the first is due, and how it kills."""
    orders: dict[tuple[str, str], list[Administration]] = {}
    for line in each.administrations:
        if line.status.takes_place:
            orders.setdefault((line.key, line.agent), []).append(line)
    for lines in orders.values():
        order, agent = lines[0].order_line, protocol.agents[lines[0].agent]
        liquids = dict.fromkeys(
            f"instead of tablets: {product_text(line.alternative)}" for line in lines if line.alternative
        )
        facts = [
            *dict.fromkeys(line.working for line in lines),
            *liquids,
            *_clock(protocol, each.course.definition, order),
        ]
        if agent.only_route:
            facts.append(f"{agent.only_route.value} only, {FATAL}")
        yield f"{agent.written} {lines[0].route.value}", "; ".join(facts)


def _clock(protocol: Protocol, course: Course, order: Order) -> Iterator[str]:
    """When the first dose is due and what ends the order, with drugs by their names."""
    if anchor := order.first_dose:
        other = next(each for each in course.orders if each.key == anchor.order)
        names = ", ".join(protocol.agents[agent].written for agent in other.agents)
        side = "before" if anchor.before else "after"
        yield f"first dose {anchor.span.text} {side} the start of {names} {other.route.value}"
    if order.until_clear:
        yield f"goes on until {protocol.agents[order.until_clear].written} has cleared"
