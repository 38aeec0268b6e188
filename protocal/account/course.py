"""A course of a plan -> each of its dates, with all that is so of the course on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from protocal.account.infusions import bag_changes, running, standing_still, stops_and_restarts
from protocal.model.account import Away, BagChange, CourseDay, Dose, GoesOn, Puncture, Share, State, Wait
from protocal.model.days import ONE_DAY, date_of
from protocal.model.doses import Route
from protocal.model.entries import Delayed, HoldRule
from protocal.model.facts import Adjustment
from protocal.model.plan import LUMBAR_PUNCTURE, Administration, CoursePlan, Dates, Plan, PlannedEvent, Status
from protocal.plan.open_rescues import OpenEnd, open_ends

_STATES = {
    Status.DUE: State.DUE,
    Status.MOVED: State.MOVED,
    Status.GIVEN: State.GIVEN,
    Status.HELD: State.HELD,
    Status.OMITTED: State.OMITTED,
}
_Item = TypeVar("_Item")
ByDate = dict[date, list[_Item]]


def course_days(plan: Plan, each: CoursePlan) -> Iterator[CourseDay]:
    """The dates of a course from its first day to the last on which it, or anything of it, is; none without a date."""
    dates = each.course.dates
    if dates is None:
        return
    zone = ZoneInfo(plan.facts.zone)
    all_doses = list(_doses(plan, each, dates))
    doses, away = _by_date((dose.line.date, dose) for dose in all_doses), _by_date(_moved_away(all_doses))
    procedures = _by_date((event.date, event) for event in each.procedures)
    evaluations = _by_date((event.date, event) for event in each.evaluations)
    runs = _by_date(running(each, zone))
    bags = _by_date((change.bag.at.date(), change) for change in bag_changes(each, dates))
    stops, restarts = stops_and_restarts(plan, each, zone)
    stopped, restarted = _by_date(stops), _by_date(restarts)
    still = standing_still(plan, each, dates, zone)
    held, waits = _held(plan, each, dates), _waits(plan, dates)
    ends = [(end, _lines_of(each, end)) for _course, end in open_ends(plan, (each,))]
    treated = {line.date for line in each.administrations if line.status.takes_place}
    treated.update(procedures, evaluations, runs, bags, restarted)
    shown = tuple(_dates(dates, (doses, away, procedures, evaluations, runs, bags, stopped, restarted)))
    numbers = _numbers(dates, shown[-1])
    for day in shown:
        found = tuple(doses.get(day, ()))
        yield CourseDay(
            date=day,
            course=each.course,
            number=numbers.get(day) if day <= dates.last_day else None,
            counted=numbers.get(day),
            doses=found,
            away=tuple(away.get(day, ())),
            punctures=tuple(_punctures(procedures.get(day, ()), found)),
            procedures=tuple(procedures.get(day, ())),
            evaluations=tuple(evaluations.get(day, ())),
            running=tuple(runs.get(day, ())),
            bags=tuple(bags.get(day, ())),
            stops=tuple(stopped.get(day, ())),
            restarts=tuple(restarted.get(day, ())),
            wait=waits.get(day),
            held=held.get(day),
            still=still.get(day),
            fatal=fatal_on(plan, found),
            overnight=day + ONE_DAY in runs,
            no_treatment=day not in treated,
            shares=tuple(
                _shares(dates, found, (*procedures.get(day, ()), *evaluations.get(day, ())), bags.get(day, ()))
            ),
            goes_on=tuple(_goes_on(ends, dates, day)),
        )


def _by_date(items: Iterable[tuple[date, _Item]]) -> ByDate[_Item]:
    found: ByDate[_Item] = {}
    for day, item in items:
        found.setdefault(day, []).append(item)
    return found


def _dates(dates: Dates, found: Iterable[Iterable[date]]) -> Iterator[date]:
    """From the course's first date, or an earlier one on which something of it is, to its last or a later one."""
    days = [day for each in found for day in each]
    first, last = min([dates.day1, *days]), max([dates.last_day, *days])
    return (first + ONE_DAY * late for late in range((last - first).days + 1))


def _numbers(dates: Dates, last_day: date) -> dict[date, int]:
    """The day of the course that each date from its first to a last one is; none of those on which it waits."""
    last = dates.first + (last_day - dates.day1).days
    return {dates.date_of(number): number for number in range(dates.first, last + 1)}


def _shares(
    dates: Dates, doses: Iterable[Dose], events: Iterable[PlannedEvent], bags: Iterable[BagChange]
) -> Iterator[Share]:
    """What is done on a date, by the days of the course that it belongs to."""
    found: dict[int, tuple[list[Dose], list[PlannedEvent], list[BagChange]]] = {}
    for dose in doses:
        if dose.line.status.takes_place:
            found.setdefault(dose.line.day, ([], [], []))[0].append(dose)
    for event in events:
        found.setdefault(event.day, ([], [], []))[1].append(event)
    for bag in bags:
        found.setdefault(bag.day, ([], [], []))[2].append(bag)
    for number, (given, done, hung) in sorted(found.items()):
        yield Share(number, dates.date_of(number), tuple(given), tuple(done), tuple(hung))


# --- doses


def _doses(plan: Plan, each: CoursePlan, dates: Dates) -> Iterator[Dose]:
    cleared = {clearing.agent for clearing in plan.facts.clearings if clearing.course == each.course.id}
    starts: dict[tuple[str, str], str] = {}
    for line in each.administrations:
        if line.order_line.frequency.continuous and line.status.takes_place:
            starts.setdefault((line.key, line.agent), line.id)
    started = frozenset(starts.values())
    adjustments = plan.facts.traits.adjustments
    for line in each.administrations:
        anchor, level = line.order_line.first_dose, line.order_line.until_clear
        awaits = "" if level in cleared else level
        yield Dose(
            line=line,
            state=State.OPEN if awaits and line.open and line.status is Status.DUE else _STATES[line.status],
            planned=_planned(line, dates),
            at_home=line.at_home,
            awaits=awaits,
            starts_pump=line.id in started,
            from_anchor=bool(anchor) and (line.day == line.order_line.days.first or line.order_line.on_restart),
            adjusted=_adjustment(adjustments, line) if adjustments else None,
        )


def _adjustment(adjustments: Iterable[Adjustment], line: Administration) -> Adjustment | None:
    return next((each for each in adjustments if each.holds(line.agent, line.date)), None)


def _planned(line: Administration, dates: Dates) -> date:
    """The date that its day has; no delay within the course moves a series or what is given before a restart."""
    if dates.shifts and len(line.id.parts) > int(line.order_line.has_parts):
        return date_of(dates.day1, line.day, dates.first)
    return dates.date_of(line.day)


def _moved_away(doses: Iterable[Dose]) -> Iterator[tuple[date, Away]]:
    """What is on another date than the one that its course day has, on the latter."""
    for dose in doses:
        if dose.line.date != dose.planned and dose.line.status in (Status.MOVED, Status.GIVEN):
            yield dose.planned, Away(dose.line, dose.line.date)


def _punctures(procedures: Iterable[PlannedEvent], doses: Iterable[Dose]) -> Iterator[Puncture]:
    intrathecal = tuple(dose for dose in doses if dose.line.route is Route.IT and dose.line.status.takes_place)
    for event in procedures:
        if event.kind == LUMBAR_PUNCTURE:
            yield Puncture(event, intrathecal)


def fatal_on(plan: Plan, doses: Iterable[Dose], *, punctured: bool = False) -> tuple[str, ...]:
    """The drugs that have only one way in, on a date on which another goes into the spinal fluid.

    `punctured`: another course has one that does.
    """
    due = [dose.line for dose in doses if dose.line.status.takes_place]
    if not punctured and not any(line.route is Route.IT for line in due):
        return ()
    return tuple(dict.fromkeys(line.agent for line in due if plan.agent_of(line).only_route))


# --- days without a number, and days on which nothing is given


def _waits(plan: Plan, dates: Dates) -> dict[date, Wait]:
    """The dates on which the days left of a course wait."""
    found = {}
    for from_day in dict.fromkeys(shift.from_day for shift in dates.shifts):
        together = [shift for shift in dates.shifts if shift.from_day == from_day]
        first = dates.date_of(from_day) - timedelta(days=sum(shift.days for shift in together))
        for shift in together:
            end = first + timedelta(days=shift.days)
            found.update(dict.fromkeys(_span(first, end), _wait(plan, shift.line)))
            first = end
    for skip in dates.skips:
        if isinstance(plan.record.log[skip.line - 1], Delayed):
            found.update(dict.fromkeys(_span(skip.first, skip.last + ONE_DAY), _wait(plan, skip.line)))
    return found


def _wait(plan: Plan, line: int) -> Wait:
    return Wait(line, plan.record.log[line - 1].why)


def _held(plan: Plan, each: CoursePlan, dates: Dates) -> dict[date, Wait]:
    """The dates of a course on which its drugs are held: not made up, or left out of its working days."""
    found = {}
    for hold in plan.facts.holds:
        if hold.course == each.course.id and (hold.rule is HoldRule.SKIP or hold.date in dates.skipped):
            first, last = max(hold.date, dates.day1), min(hold.last, dates.last_day)
            found.update({day: Wait(hold.number, hold.why) for day in _span(first, last + ONE_DAY)})
    return found


def _lines_of(each: CoursePlan, end: OpenEnd) -> ByDate[Administration]:
    """The doses of an order that goes on, by date."""
    order = (end.last.key, end.last.agent)
    return _by_date((line.date, line) for line in each.administrations if (line.key, line.agent) == order)


def _goes_on(ends: Iterable[tuple[OpenEnd, ByDate[Administration]]], dates: Dates, day: date) -> Iterator[GoesOn]:
    """The orders that go on until a level has cleared, on a date: from their first dose on, unless one is left out."""
    for end, mine in ends:
        lines = mine.get(day, [])
        if day < min(mine) or (lines and not any(line.status.takes_place for line in lines)):
            continue
        if not lines and (end.begun or day > dates.last_day):
            continue  # what was due on it is on another date, or the course is over
        due = next((line for line in lines if line.status is Status.DUE), None)
        near = day <= end.lined or bool(lines and due is None)
        late = max(0, (day - end.last.date).days)
        like = due if due and end.begun else end.last
        yield GoesOn(like, like.order_line.until_clear, late, bool(lines) or not late, near)


def _span(first: date, end: date) -> Iterator[date]:
    """The dates from one to the day before another."""
    return (first + ONE_DAY * late for late in range((end - first).days))
