"""An entry about doses or measures, and the plans before and after it -> what must be settled first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from protocal.change.confirmations.ask import REASON, Ask, Wish, course_of, line_of
from protocal.model.doses import Route
from protocal.model.entries import (
    Dispensed,
    Given,
    Left,
    Moved,
)
from protocal.model.plan import Plan, Status
from protocal.model.reasons import reason_text
from protocal.model.settings import Settings
from protocal.plan.growth import outgrown
from protocal.plan.record_check.dispensed import other_strength
from protocal.text.format import figure, paper_date

_SLIP = 5  # times more or less than is due is rather a slip of the point
_NEAR = 7  # days by which what was given may differ from the plan, or lie past a course's end


def measured(after: Plan, settings: Settings, wish: Wish) -> Iterator[Ask]:
    """A measurement by which the running course's doses are no longer right."""
    if not wish.keep and (found := outgrown(after, settings)):
        course, dosing, change = found
        weight = figure(after.facts.measurements[-1].weight)
        yield Ask(
            f"{course.title} runs on doses for {figure(dosing.weight)} kg; {weight} kg is {change:+.0f} % of that",
            "Ask the prescriber: --again DATE works its doses out again from that day, --keep leaves them as they are.",
        )


def left(entry: Left, before: Plan, wish: Wish) -> Iterator[Ask]:
    """What is left out: not what was given, nor one drug of a puncture by accident."""
    for id_ in entry.ids:
        line = line_of(before, id_)
        if line is None:
            continue
        if line.status is Status.GIVEN:
            yield Ask(f"{id_} was given on {paper_date(line.date)}", "Undo that line first, with its reason.")
        others = [
            each.id for each in before.administrations
            if (each.course, each.key, each.day) == (line.course, line.key, line.day)
            and each.id not in entry.ids and each.status.takes_place
        ]  # fmt: skip
        if others and not wish.alone:
            yield Ask(
                f"{id_} is one drug of an intrathecal dose; {', '.join(others)} would still be given",
                "Name them too, or say with --alone that only this one is left out.",
            )


def moved(entry: Moved, before: Plan, after: Plan) -> Iterator[Ask]:
    """What is moved: within its window and its course, and not to where it meets what it must not."""
    line = line_of(before, entry.id)
    if line is None:
        return
    if line.status is Status.GIVEN:
        yield Ask(f"{entry.id} was given on {paper_date(line.date)}", "What was given never moves.")
        return
    if line.route is Route.CIV:
        yield Ask(f"{entry.id} is a day of a continuous infusion", "Record an interruption instead.")
        return
    if not line.status.takes_place:
        yield Ask(f"{entry.id} is {line.status.value}", "Undo that first.")
    if line.order_line.first_dose and line.times:
        yield Ask(f"the hours of {entry.id} follow from {line.order_line.first_dose.order}", "Record what was given.")
    course = course_of(before, line.course)
    if course and course.dates:
        latest = course.dates.last_day + timedelta(days=0 if course.dates.cut else _NEAR)
        if not course.dates.day1 <= entry.date <= latest:
            yield Ask(
                f"{course.title} is from {paper_date(course.dates.day1)} to {paper_date(course.dates.last_day)}",
                "Name a date within it, or shortly after it.",
            )
    nominal = course.dates.date_of(line.day) if course and course.dates else line.date
    window, days = line.order_line.window, (entry.date - nominal).days
    if not entry.why and (window is None or not -window.early <= days <= window.late):
        allowed = f"its window is {window.text}" if window else "the definition gives it no window"
        yield Ask(f"{entry.id} would be given {abs(days)} days {'late' if days > 0 else 'early'}; {allowed}", REASON)
    if not entry.why:
        met = _fatal_days(after) - _fatal_days(before)
        for day, agent in sorted(met):
            written = after.protocol.agents[agent].written
            yield Ask(
                f"{written} and an intrathecal drug would meet on {paper_date(day)}: FATAL IF GIVEN BY ANY OTHER ROUTE",
                f"Move one of them to another day. If it must be so: {REASON}",
            )


def _fatal_days(plan: Plan) -> set[tuple[date, str]]:
    """Days with an intrathecal drug and one that kills in the spinal fluid."""
    due = [each for each in plan.administrations if each.status.takes_place]
    intrathecal = {each.date for each in due if each.route is Route.IT}
    agents = plan.protocol.agents
    return {
        (each.date, each.agent)
        for each in due
        if each.date in intrathecal and agents[each.agent].only_route not in (None, Route.IT)
    }


def given(entry: Given, before: Plan) -> Iterator[Ask]:
    """What was given: near its date, and the dose that was due."""
    line = line_of(before, entry.id)
    if line is None:
        return
    course = course_of(before, line.course)
    if course and not course.started:
        yield Ask(f"{course.title} has not started", "Record its start first, with `protocal start`.")
    order = line.order_line
    follows = (order.frequency.continuous and line.day != order.days.first) or (order.first_dose and line.times)
    if entry.at and follows and entry.at not in line.times[:1]:
        yield Ask(
            f"the hours of {entry.id} follow from a start that is recorded",
            "Leave out --at.",
        )
    unit, due = line.unit, line.dose
    if entry.why:
        return
    if line.status is Status.GIVEN:
        yield Ask(f"{entry.id} is already recorded as given on {paper_date(line.date)}", f"To correct it: {REASON}")
    elif not line.status.takes_place:
        said = f"{entry.id} is {line.status.value} ({reason_text(line.reason)})"
        yield Ask(said, f"If it was given all the same: {REASON}")
    elif abs((entry.date - line.date).days) > _NEAR:
        yield Ask(f"{entry.id} is due on {paper_date(line.date)}, more than {_NEAR} days from that", REASON)
    if entry.dose and entry.dose != due:
        slip = " (a slip of the point?)" if not due / _SLIP < entry.dose < due * _SLIP else ""
        if slip or not before.made_with:
            yield Ask(f"{figure(entry.dose)} {unit} was given where {figure(due)} {unit} is due{slip}", REASON)


def dispensed(entry: Dispensed, after: Plan) -> Iterator[Ask]:
    """What was taken home: in a strength that the plan has, and not twice by a slip."""
    if entry.why:
        return
    if said := other_strength(entry, after):
        yield Ask(said, f"Check the label. If it is right: {REASON}")
    same = [each for each in after.facts.dispensed if (each.agent, each.product, each.date) == _what(entry)]
    if len(same) > 1:
        yield Ask(
            f"the same was dispensed on {paper_date(entry.date)} already, by line {same[0].number}",
            f"If it was dispensed twice: {REASON}",
        )


def _what(entry: Dispensed) -> tuple[str, object, date]:
    return entry.agent, entry.product, entry.date
