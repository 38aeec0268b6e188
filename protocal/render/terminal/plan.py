"""A plan -> a text with a table for every course."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rich.console import RenderableType
from rich.text import Text

from protocal.account import make_account
from protocal.model.account import RUNS_ON, Account, CourseDay, Dose, Running, State
from protocal.model.course import Course, Order
from protocal.model.plan import (
    Administration,
    CoursePlan,
    CourseStatus,
    DatedCourse,
    Dates,
    Plan,
    PlannedEvent,
    status_text,
)
from protocal.model.protocol import Protocol
from protocal.render.data.account_data import Days
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
from protocal.render.wording.products import product_text
from protocal.text.format import figure, paper_date

RunOn = Mapping[tuple[str, date], tuple[Running, ...]]  # by course and date


def plan_text(plan: Plan, width: int, account: Account | None = None, days: Days = ()) -> str:
    """A plan, or the lines of it that were chosen, course by course with a row for everything that happens.

    `account` is that of the whole plan, where `plan` is only a part of it, and `days` are its dates that were chosen:
    into these an infusion may run on that the part does not have.
    """
    account = account or make_account(plan)
    running = {(each.course.id, day): each.running for day, courses in days for each in courses if each.running}
    parts = [*plan_head(plan), *(part for each in plan.courses for part in _course(account, each, running))]
    return printed([*parts, *legend(plan.protocol)], width)


def plan_head(plan: Plan) -> list[RenderableType]:
    """Whose plan it is, and by which definition."""
    protocol, arm = plan.protocol, plan.facts.traits.arm
    lines: list[RenderableType] = [
        Text(protocol.title),
        Text(f"Definition {protocol.id}, version {protocol.version}"),
        *_kept_back(protocol),
        Text(f"Patient {plan.record.id}, {f'arm {arm}' if arm else 'no arm assigned yet'}, revision {plan.revision}"),
    ]
    return lines if plan.verified else [*lines, unverified()]


def _kept_back(protocol: Protocol) -> Iterator[Text]:
    """Which courses stay with an earlier version."""
    for each in protocol.in_force[1:]:
        courses = ", ".join(course for course, version in protocol.kept.items() if version is each)
        yield Text(f"Version {each.version} for {courses}")


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


def _course(account: Account, each: CoursePlan, running: RunOn) -> Iterator[RenderableType]:
    protocol, course, dates = account.plan.protocol, each.course, each.course.dates
    yield from heading(f"{course.title} ({course.id})")
    if dates is None:
        yield indented("no date yet")
        return
    yield indented(_stretch(course, dates))
    yield from _days(account, each, running)
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


def _days(account: Account, each: CoursePlan, running: RunOn) -> Iterator[RenderableType]:
    """Everything that happens in a course by date; on a date drugs come first, then procedures, then evaluations."""
    protocol = account.plan.protocol
    ids, events = {line.id for line in each.administrations}, {*each.procedures, *each.evaluations}
    rows: list[tuple[str, ...]] = []
    for day in account.of(each.course.id):
        runs = running.get((each.course.id, day.date), ())
        rows += (_run_row(protocol, run, day) for run in runs if run.line.id not in ids)
        rows += (_dose_row(protocol, dose, day) for dose in day.doses if dose.line.id in ids)
        rows += (_event_row(protocol, event) for event in (*day.procedures, *day.evaluations) if event in events)
    if not rows:
        return
    grid = table(("Date", 15), ("Day", 3), ("What", Share(2)), ("Route", 5), ("Dose", Share(3)), ("", 1))
    for row in rows:
        grid.add_row(*map(Text, row))
    yield ""
    yield grid


def _event_row(protocol: Protocol, event: PlannedEvent) -> tuple[str, ...]:
    return paper_date(event.date), str(event.day), protocol.kinds[event.kind], "", "", event.evidence.mark


def _dose_row(protocol: Protocol, dose: Dose, day: CourseDay) -> tuple[str, ...]:
    line, written = dose.line, protocol.agents[dose.line.agent].written
    what = f"{written}: {FATAL}" if line.agent in day.fatal else written
    return paper_date(line.date), str(line.day), what, line.route.value, _stands(protocol, dose), line.evidence.mark


def _run_row(protocol: Protocol, run: Running, day: CourseDay) -> tuple[str, ...]:
    line, number = run.line, "" if day.counted is None else str(day.counted)
    until = f" until {paper_date(run.until.date())} at {run.until:%H:%M}" if run.until else ""
    said = f"{RUNS_ON} from {paper_date(run.since)}{until}"
    written = protocol.agents[line.agent].written
    return paper_date(day.date), number, written, line.route.value, said, line.evidence.mark


def _stands(protocol: Protocol, dose: Dose) -> str:
    """The dose, or why there is none; where it was moved or given, or may end with a level, that too."""
    line = dose.line
    if not line.status.takes_place:
        return status_text(line)
    if dose.state is State.OPEN:
        return f"{dose_text(line)}\nopen until {protocol.agents[dose.awaits].written} has cleared"
    if dose.state is State.DUE:
        return dose_text(line)
    return f"{dose_text(line)}\n{status_text(line)}"


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
        time = f"{anchor.span.text} " if anchor.span.text else ""
        yield f"first dose {time}{side} the start of {names} {other.route.value}"
    if order.until_clear:
        yield f"goes on until {protocol.agents[order.until_clear].written} has cleared"
