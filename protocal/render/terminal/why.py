"""A plan and a date -> for each thing on it the rule, its anchor and each shift that led there, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from protocal.account import make_account
from protocal.model.account import CourseDay, Dose, State
from protocal.model.course import Event
from protocal.model.days import number_of
from protocal.model.doses import Route
from protocal.model.entries import Adjusted, Bagged, Delayed, Left, Moved, Started, Transplanted
from protocal.model.plan import Administration, DatedCourse, Dates, Plan, PlannedEvent, Status
from protocal.model.reasons import reason_parts
from protocal.render.terminal.log import entry_words
from protocal.text.format import paper_date


def why_text(plan: Plan, day: date, agents: Sequence[str] = ()) -> str:
    """Everything on a date, or of some agents, with what it comes from."""
    return "\n".join(_Why(plan).lines(day, agents)) + "\n"


class _Why:
    """Tells where the things of one plan come from."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.account = make_account(plan)
        self.log = dict(plan.record.standing(plan.revision))
        self.agents = plan.protocol.agents

    def lines(self, day: date, agents: Sequence[str]) -> Iterator[str]:
        yield paper_date(day)
        index = {each.course.id: number for number, each in enumerate(self.plan.courses)}
        found, away = 0, list[str]()
        for each in self.account.on(day):
            told = list(self._on_day(each, agents))
            if told:
                found += 1
                yield ""
                yield from told
                yield from (f"  {line}" for line in self._course(index[each.course.id]))
            away += self._moved_away(each, agents)
        if not found:
            yield "nothing is planned on this day"
        yield from away

    def _on_day(self, day: CourseDay, agents: Sequence[str]) -> Iterator[str]:
        """The administrations and events of a course on a day, each with its rule, and what runs on."""
        course = day.course
        for dose in day.doses:
            line = dose.line
            if not agents or line.agent in agents:
                yield f"{course.title}, day {line.day}: {self.agents[line.agent].written} {line.route.value}"
                yield from (f"  {text}" for text in self._line(dose, day))
        for run in day.running:
            if not agents or run.line.agent in agents:
                name = f"{self.agents[run.line.agent].written} {run.line.route.value}"
                until = f" until {paper_date(run.until.date())} at {run.until:%H:%M}" if run.until else ""
                yield f"{course.title}, day {run.line.day}: {name} runs on from {paper_date(run.since)}{until}"
        if agents:
            return
        definition = course.definition
        for event in (*day.procedures, *day.evaluations):
            yield f"{course.title}, day {event.day}: {self.plan.protocol.kinds.get(event.kind, event.kind)}"
            yield from (f"  {text}" for text in self._event(event, (*definition.procedures, *definition.evaluations)))

    def _line(self, dose: Dose, day: CourseDay) -> Iterator[str]:
        line, course, order = dose.line, day.course, dose.line.order_line
        yield f"rule: {line.course}/{line.key}, days {order.days.text} ({line.evidence.value}), {order.where}"
        if order.when.text:
            yield f"applies to {order.when.text}"
        if order.first_dose:
            yield f"first dose {order.first_dose.text}" + (f": {line.times[0]:%H:%M}" if line.times else "")
        yield f"dose: {line.working}"
        for number, entry in self.log.items():
            names_it = (isinstance(entry, Left) and line.id in entry.ids) or (
                isinstance(entry, Moved) and self._moves(entry, line, course)
            )
            if names_it or getattr(entry, "id", "") == line.id:
                yield f"line {number}: {entry_words(entry)}"
        if dose.state is State.HELD and day.held:
            yield f"line {day.held.line}: {entry_words(self.log[day.held.line])}"
        for number, entry in self.log.items():
            chosen = isinstance(entry, Bagged) and entry.agent == line.agent
            if isinstance(entry, Adjusted) and entry.agent == line.agent:
                chosen = entry.date <= line.date <= (entry.to or line.date)
            if chosen:
                yield f"line {number}: {entry_words(entry)}"
        if order.frequency.continuous:
            for pause in self.plan.facts.pauses:
                if pause.course == line.course:
                    yield f"line {pause.number}: {entry_words(self.log[pause.number])}"
        if line.status is not Status.DUE:
            yield ": ".join([line.status.value, *reason_parts(line.reason)])
        dates = course.dates
        if dates:
            yield from self._day(dose, dates)

    def _moves(self, entry: Moved, line: Administration, course: DatedCourse) -> bool:
        """Whether a move is of an administration or took it along: by one puncture, or as what is timed by it."""
        if entry.id == line.id:
            return True
        if line.status is not Status.MOVED or entry.id.course != line.course:
            return False
        moved = next((order for order in course.definition.orders if order.key == entry.id.key), None)
        if line.route is Route.IT:
            return moved is not None and moved.route is Route.IT and entry.id.day == line.day
        anchor = line.order_line.first_dose
        return anchor is not None and anchor.order == entry.id.key

    def _event(self, event: PlannedEvent, lines: Sequence[Event]) -> Iterator[str]:
        rule = next((each for each in lines if each.kind == event.kind), None)
        if rule:
            yield f"rule: {event.course}/{rule.key}, days {rule.days.text} ({event.evidence.value}), {rule.where}"
        else:
            yield "it follows from the drugs of its day"

    def _day(self, dose: Dose, dates: Dates) -> Iterator[str]:
        """How a course day becomes a date."""
        number, on = dose.line.day, dose.line.date
        yield f"day {number} is counted from Day {dates.first}, {paper_date(dates.day1)}: {paper_date(dose.planned)}"
        for shift in dates.shifts:
            if shift.from_day <= number:
                yield f"{shift.days} days later by line {shift.line}: {entry_words(self.log[shift.line])}"
        for skip in dates.skips:
            if skip.first <= on:
                span = f"{paper_date(skip.first)} to {paper_date(skip.last)}"
                yield f"working days leave out {span} by line {skip.line}: {entry_words(self.log[skip.line])}"
        if on != dose.planned:
            yield f"on {paper_date(on)}, course day {number_of(dates.day1, on, dates.first)}"

    def _course(self, index: int) -> Iterator[str]:
        """Where a course's first day comes from, back to the last start that is recorded."""
        course = self.plan.courses[index].course
        dates = course.dates
        if dates is None:
            return
        head = f"{course.title} begins on {paper_date(dates.day1)}"
        for number, entry in reversed(self.log.items()):
            if isinstance(entry, Started) and entry.course == course.id:
                yield f"{head}: line {number}, {entry_words(entry)}"
                yield from (f"before that it waited by {delay}" for delay in self._delays(course.id))
                return
            if isinstance(entry, Transplanted) and course.started and entry.date == dates.day1:
                yield f"{head}: line {number}, {entry_words(entry)}"
                return
        earlier = [i for i in range(index) if self.plan.courses[i].course.dates]
        if not earlier:
            yield head
            return
        before = self.plan.courses[earlier[-1]].course
        last = before.dates.last_day if before.dates else dates.day1
        working = (
            " on a working day" if course.definition.on_working_day or before.definition.next_on_working_day else ""
        )
        yield f"{head}: after {before.title}, which ends on {paper_date(last)}{working}"
        yield from (f"and waits by {delay}" for delay in self._delays(course.id))
        yield from self._end(before)
        yield from self._course(earlier[-1])

    def _delays(self, course: str) -> Iterator[str]:
        for number, entry in self.log.items():
            if isinstance(entry, Delayed) and entry.course == course and entry.from_day is None:
                yield f"line {number}, {entry_words(entry)}"

    def _end(self, course: DatedCourse) -> Iterator[str]:
        """What moved or cut a course's end."""
        dates = course.dates
        if dates is None:
            return
        for shift in dates.shifts:
            later = f"{course.title} ends {shift.days} days later by"
            yield f"{later} line {shift.line}, {entry_words(self.log[shift.line])}"
        for skip in dates.skips:
            span = f"{paper_date(skip.first)} to {paper_date(skip.last)}"
            yield f"{course.title} leaves out {span} by line {skip.line}, {entry_words(self.log[skip.line])}"
        for pause in self.plan.facts.pauses:
            if pause.course == course.id:
                yield f"its infusion stood still by line {pause.number}, {entry_words(self.log[pause.number])}"
        if dates.cut:
            yield f"{course.title} is cut on {paper_date(dates.last_day)}"

    def _moved_away(self, day: CourseDay, agents: Sequence[str]) -> Iterator[str]:
        """What would be on this day if nothing had moved it."""
        for away in day.away:
            line = away.line
            if not agents or line.agent in agents:
                name = f"{self.agents[line.agent].written} {line.route.value}"
                yield f"{day.course.title}, day {line.day}: {name} is on {paper_date(away.to)}"
