"""A new entry of the log and the plans before and after it -> what a clinician must say or settle first.

Each ask is a sentence with a remedy. Where a reason answers it, the entry's `why` does. What is not asked here counts
at once; what it leads to is for the checks of the plan to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from protocal.change.diff import differences
from protocal.model.doses import Route
from protocal.model.entries import (
    Adjusted,
    Assigned,
    Cleared,
    Defined,
    Delayed,
    Diagnostic,
    Entry,
    Failed,
    Given,
    Held,
    HoldRule,
    Left,
    Measured,
    Moved,
    Resumed,
    Started,
    Stated,
    Stopped,
    Substituted,
    Undone,
)
from protocal.model.plan import Administration, DatedCourse, Dates, Plan, Status
from protocal.model.reasons import reason_text
from protocal.model.settings import Settings
from protocal.plan.growth import outgrown
from protocal.plan.open_ends import open_ends
from protocal.text.format import figure, paper_date
from protocal.text.suggest import did_you_mean

_REASON = "Give the reason with --reason."
_CHANGES_THE_PLAN = (Adjusted, Delayed, Held, Moved, Substituted)
_FAR = 90  # days by which a start or a delay may differ from the plan before it is asked about
_SLIP = 5  # times more or less than is due is rather a slip of the point
_NEAR = 7  # the same for what was given, and past a course's end


class Ask(NamedTuple):
    """What stands against an entry, and what to do."""

    message: str
    remedy: str


class Wish(NamedTuple):
    """What the user said beside the entry: a running course keeps its doses; one part of several is meant alone."""

    keep: bool = False
    alone: bool = False


def asks(entry: Entry, before: Plan, after: Plan, settings: Settings, wish: Wish) -> list[Ask]:
    """All that must be settled before an entry is written."""
    ids = entry.ids if isinstance(entry, Left) else (entry.id,) if isinstance(entry, Given | Moved) else ()
    known = [each.id for each in before.administrations] if ids else []
    if unknown := [id_ for id_ in ids if id_ not in known]:
        return [Ask(f"the plan has no administration '{id_}'", did_you_mean(id_, known)) for id_ in unknown]
    found: Iterator[Ask] = iter(())
    match entry:
        case Measured():
            found = _measured(after, settings, wish)
        case Started():
            found = _started(entry, before, after)
        case Assigned():
            found = _assigned(entry, before, after)
        case Delayed():
            found = _delayed(entry, before, after)
        case Held():
            found = _held(entry, before)
        case Left():
            found = _left(entry, before, wish)
        case Moved():
            found = _moved(entry, before, after)
        case Given():
            found = _given(entry, before)
        case Failed():
            found = _failed(before)
        case Stopped():
            found = _stopped(entry, before)
        case Resumed():
            found = _resumed(entry, before)
        case Cleared():
            found = _cleared(entry, settings)
        case Undone():
            found = _undone(entry, before)
    settled = list(found)
    if not settled and isinstance(entry, _CHANGES_THE_PLAN) and not differences(before, after):
        return [Ask("it changes nothing in the plan", "Check the name and the date.")]
    return settled


def _course(plan: Plan, id_: str) -> DatedCourse | None:
    return next((each.course for each in plan.courses if each.course.id == id_), None)


def _known(plan: Plan, id_: str) -> Administration | None:
    return next((each for each in plan.administrations if each.id == id_), None)


def _measured(after: Plan, settings: Settings, wish: Wish) -> Iterator[Ask]:
    if not wish.keep and (found := outgrown(after, settings)):
        course, dosing, change = found
        weight = figure(after.facts.measurements[-1].weight)
        yield Ask(
            f"{course.title} runs on doses for {figure(dosing.weight)} kg; {weight} kg is {change:+.0f} % of that",
            "Ask the prescriber: --again DATE works its doses out again from that day, --keep leaves them as they are.",
        )


def _started(entry: Started, before: Plan, after: Plan) -> Iterator[Ask]:
    course = _course(before, entry.course)
    if course and course.started and course.dates and not entry.why:
        yield Ask(f"{course.title} has already started on {paper_date(course.dates.day1)}", f"To correct it: {_REASON}")
    earlier: DatedCourse | None = None
    days = abs((entry.date - course.dates.day1).days) if course and course.dates else 0
    if course and course.dates and days > _FAR and not entry.why:
        yield Ask(f"{course.title} is planned for {paper_date(course.dates.day1)}, {days} days away from that", _REASON)
    for each in after.courses:
        if each.course.id == entry.course:
            break
        earlier = each.course if each.course.dates else earlier
    last = earlier.dates.last_day if earlier and earlier.dates else None
    if earlier and last and entry.date <= last and not entry.why:
        yield Ask(
            f"{earlier.title} runs to {paper_date(last)}; {entry.course} would start on {paper_date(entry.date)}",
            _REASON,
        )
    yield from _started_while_open(entry, before)
    started = _course(after, entry.course)
    criteria = started.definition.may_start if started else None
    recorded = dict(entry.counts)
    for count in criteria.counts if criteria else ():
        least = _number_in(count.text)
        if count.name in recorded and least is not None and recorded[count.name] < least and not entry.why:
            yield Ask(f"{count.name} is {figure(recorded[count.name])}/mcL, and it starts at {count.text}", _REASON)


def _started_while_open(entry: Started, before: Plan) -> Iterator[Ask]:
    """What an earlier course was begun with and no level has ended: it goes on beside the new course."""
    agents = before.protocol.agents
    for each, end in open_ends(before):
        if end.begun and each.course.id != entry.course and end.last.date < entry.date and not entry.why:
            level = end.last.order_line.until_clear
            yield Ask(
                f"{agents[level].written} of {each.course.title} has not cleared, by the record:"
                f" {agents[end.last.agent].written} would go on beside {entry.course}",
                f"Record the level first: `protocal clear FILE {each.course.id} {level}`. If it must be so: {_REASON}",
            )


def _number_in(text: str) -> Decimal | None:
    match = re.search("[0-9][0-9,]*", text)
    return Decimal(match[0].replace(",", "")) if match else None


def _assigned(entry: Assigned, before: Plan, after: Plan) -> Iterator[Ask]:
    traits, arm = after.facts.traits, after.protocol.arms[entry.arm]
    if after.protocol.cns and not traits.cns:
        yield Ask("the record has no CNS status", f"Add --cns, one of {', '.join(after.protocol.cns)}.")
    if arm.risk and not traits.risk:
        yield Ask("the record has no risk group", f"Add --risk; arm {arm.id} is for {' or '.join(arm.risk)}.")
    elif arm.risk and traits.risk not in arm.risk:
        yield Ask(
            f"arm {arm.id} is for {' or '.join(arm.risk)} risk, but the record's risk group is {traits.risk}",
            "Correct the arm or the risk group.",
        )
    if (earlier := before.facts.traits.arm) and earlier != entry.arm and not entry.why:
        yield Ask(f"arm {earlier} is already assigned", f"To change it: {_REASON}")


def _delayed(entry: Delayed, before: Plan, after: Plan) -> Iterator[Ask]:
    course = _course(before, entry.course)
    if course is None:
        return
    if course.dates is None:
        yield Ask(f"{course.title} has no date yet that could be delayed", "Record its start when it is known.")
        return
    if entry.from_day is None and course.started:
        yield Ask(
            f"{course.title} has started on {paper_date(course.dates.day1)}, and a start never moves",
            "Name the day from which the rest waits, as in --from-day 43, or hold it.",
        )
    if entry.from_day is not None:
        yield from _from_day(entry, entry.from_day, course, course.dates, before)
    elif entry.to and entry.to <= course.dates.day1:
        yield Ask(
            f"{course.title} is planned for {paper_date(course.dates.day1)} already",
            "Name a later date, or undo a delay.",
        )
    moved = _course(after, entry.course)
    late = (moved.dates.day1 - course.dates.day1).days if moved and moved.dates else 0
    if (late > _FAR or (moved is None and entry.from_day is None)) and not entry.why:
        far = f"{late} days later" if moved else "after the end of therapy, so that it is not given at all"
        yield Ask(f"{course.title} would be {far}", _REASON)
    if entry.only:
        ids = [each.course.id for each in before.courses]
        for id_ in ids[ids.index(entry.course) + 1 :][:1]:
            one, other = _course(before, id_), _course(after, id_)
            if one and other and one.dates and other.dates and one.dates.day1 != other.dates.day1:
                yield Ask(
                    f"there is no gap before {one.title} on {paper_date(one.dates.day1)} that could take it up",
                    "Leave out --only: the courses after it then move, too.",
                )


def _from_day(entry: Delayed, day: int, course: DatedCourse, dates: Dates, before: Plan) -> Iterator[Ask]:
    if not course.started:
        yield Ask(f"{course.title} has not started", "Delay the whole course, without --from-day.")
    if not dates.has(day) or day < dates.first:
        yield Ask(f"{course.title} has no day {day}", "Name one of its days.")
    elif entry.to and entry.to <= dates.date_of(day):
        yield Ask(f"day {day} is planned for {paper_date(dates.date_of(day))} already", "Name a later date.")
    given = [
        each for each in before.administrations
        if each.course == course.id and each.day >= day and each.status is Status.GIVEN
    ]  # fmt: skip
    if given:
        yield Ask(f"{given[0].id} was given on {paper_date(given[0].date)}", "Name a day after it.")


def _held(entry: Held, before: Plan) -> Iterator[Ask]:
    course = _course(before, entry.course)
    if course is None or course.dates is None:
        return
    dates = course.dates
    if not dates.day1 <= entry.date <= dates.last_day:
        yield Ask(
            f"{course.title} is from {paper_date(dates.day1)} to {paper_date(dates.last_day)}",
            "Hold it within these days; a course that has not begun is delayed.",
        )
    last = entry.date + timedelta(days=entry.days - 1)
    if entry.rule is HoldRule.SKIP and last > dates.last_day:
        yield Ask(f"the hold would run to {paper_date(last)}, past {course.title}'s last day", "Hold fewer days.")
    for each in before.administrations:
        if each.course != course.id or each.status is not Status.GIVEN:
            continue
        if (entry.date <= each.date <= last) or (entry.rule is HoldRule.SLIP and each.date > last):
            yield Ask(f"{each.id} was given on {paper_date(each.date)}", "Hold the days after it.")
            break


def _left(entry: Left, before: Plan, wish: Wish) -> Iterator[Ask]:
    for id_ in entry.ids:
        line = _known(before, id_)
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


def _moved(entry: Moved, before: Plan, after: Plan) -> Iterator[Ask]:
    line = _known(before, entry.id)
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
    course = _course(before, line.course)
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
        yield Ask(f"{entry.id} would be given {abs(days)} days {'late' if days > 0 else 'early'}; {allowed}", _REASON)
    if not entry.why:
        met = _fatal_days(after) - _fatal_days(before)
        for day, agent in sorted(met):
            written = after.protocol.agents[agent].written
            yield Ask(
                f"{written} and an intrathecal drug would meet on {paper_date(day)}: FATAL IF GIVEN BY ANY OTHER ROUTE",
                f"Move one of them to another day. If it must be so: {_REASON}",
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


def _given(entry: Given, before: Plan) -> Iterator[Ask]:
    line = _known(before, entry.id)
    if line is None:
        return
    course = _course(before, line.course)
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
        yield Ask(f"{entry.id} is already recorded as given on {paper_date(line.date)}", f"To correct it: {_REASON}")
    elif not line.status.takes_place:
        said = f"{entry.id} is {line.status.value} ({reason_text(line.reason)})"
        yield Ask(said, f"If it was given all the same: {_REASON}")
    elif abs((entry.date - line.date).days) > _NEAR:
        yield Ask(f"{entry.id} is due on {paper_date(line.date)}, more than {_NEAR} days from that", _REASON)
    if entry.dose and entry.dose != due:
        slip = " (a slip of the point?)" if not due / _SLIP < entry.dose < due * _SLIP else ""
        if slip or not before.made_with:
            yield Ask(f"{figure(entry.dose)} {unit} was given where {figure(due)} {unit} is due{slip}", _REASON)


def _failed(before: Plan) -> Iterator[Ask]:
    """The route after failure brings its drug for the first time; where it was given before, there is none."""
    route = before.protocol.failure
    courses = [before.protocol.courses[leg.course] for leg in route.route] if route else []
    firsts = {order.when.first_with for course in courses for order in course.orders if order.when.first_with}
    begun = {each.course.id for each in before.courses if each.course.started}
    for agent in sorted(firsts):
        lines = [each for each in before.administrations if each.agent == agent and each.course in begun]
        if lines:
            yield Ask(
                f"{before.protocol.agents[agent].written} was given before, from {paper_date(lines[0].date)} on; the"
                " route after treatment failure is for those who had none",
                "Ask the study's chair; therapy is ended with `protocal stop`.",
            )


def _stopped(entry: Stopped, before: Plan) -> Iterator[Ask]:
    if entry.at is None and (running := _running(before, entry.date)):
        yield Ask(
            f"{before.protocol.agents[running].written} runs on {paper_date(entry.date)}",
            "Say when its pump was stopped, as in --at 14:00.",
        )


def _running(plan: Plan, day: date) -> str:
    """The agent of a continuous infusion that runs on a day, until its pump stops."""
    for line in plan.administrations:
        continuous = line.route is Route.CIV and line.status.takes_place
        if continuous and line.date <= day <= line.date + timedelta(days=1):
            return line.agent
    return ""


def _resumed(entry: Resumed, before: Plan) -> Iterator[Ask]:
    pauses = [each for each in before.facts.pauses if each.course == entry.course and each.resume is None]
    if not pauses:
        return
    course = _course(before, entry.course)
    orders = [order for order in course.definition.orders if order.frequency.continuous] if course else []
    planned = [each.dose for each in before.administrations if each.course == entry.course and each.route is Route.CIV]
    if entry.dose and planned and entry.dose >= planned[0] * _SLIP:
        yield Ask(
            f"{figure(entry.dose)} is {_SLIP} times the planned {figure(planned[0])} for 24 h, or more",
            "Check figure and unit.",
        )
    for rule in (before.protocol.agents[order.agents[0]].interruptions for order in orders):
        if rule.is_supervised(entry.at - pauses[-1].stop) and entry.dose is None:
            yield Ask(
                f"the infusion stood still for {rule.supervised_hours} h or more: its restart is supervised and names"
                " its dose",
                "Add --dose, for 24 h, in the drug's unit.",
            )


def _cleared(entry: Cleared, settings: Settings) -> Iterator[Ask]:
    clearance = settings.clearance_of(entry.agent)
    if clearance is None:
        yield Ask(
            f"the site's settings do not say below which level {entry.agent} has cleared",
            f"Write it into the settings file: clearances: {{{entry.agent}: below NUMBER UNIT}}; then --settings FILE.",
        )
        return
    value, unit = entry.level.split(" ", 1)
    threshold = f"below {figure(clearance.below)} {clearance.unit}"
    if unit != clearance.unit:
        yield Ask(
            f"the level is in {unit}, the site's threshold is {threshold}", f"Write the level in {clearance.unit}."
        )
    elif Decimal(value) >= clearance.below:
        yield Ask(
            f"{entry.level} is not {threshold}: {entry.agent} has not cleared, and the rescue goes on",
            "Record the level that is; a note keeps this one.",
        )


def _undone(entry: Undone, before: Plan) -> Iterator[Ask]:
    standing = dict(before.record.standing(before.revision))
    log = before.record.log
    target = log[entry.line - 1] if entry.line <= len(log) else None
    if target is None:
        return
    if isinstance(target, Defined):
        yield Ask(f"line {entry.line} names the definition that the record was made with", "It is never undone.")
    if entry.line not in standing and not isinstance(target, Undone):
        yield Ask(f"line {entry.line} does not count any more", "See `protocal log` for the lines that do.")
    if isinstance(target, Given) and not entry.why:
        yield Ask(f"line {entry.line} says that {target.id} was given on {paper_date(target.date)}", _REASON)
    if isinstance(target, Assigned | Diagnostic | Started | Stated) and not entry.why:
        yield Ask(f"much of the plan hangs on line {entry.line}", _REASON)
