"""Step two of the plan: one dated course -> its administrations, procedures and evaluations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from operator import attrgetter
from zoneinfo import ZoneInfo

from protocal.model.days import ONE_DAY, date_of, number_of, parse_days
from protocal.model.doses import Anchor, ByTable, Route, parse_frequency
from protocal.model.ids import AdministrationId
from protocal.model.plan import (
    DRUG_LEVEL,
    LUMBAR_PUNCTURE,
    PUMP_STOP,
    Administration,
    BagHung,
    CoursePlan,
    DatedCourse,
    Dates,
    Infusion,
    PlannedEvent,
    Status,
)
from protocal.model.protocol import DoseRule, Event, InterruptionRule, Order, Protocol, Substitution, weakest
from protocal.model.record import Clearing, GivenDose, Instead, MovedDose, Traits
from protocal.model.settings import Settings
from protocal.plan.bags import CHOICE, DoseFrom, Interruption, Stage, bag_amounts, plan_bags, show_time
from protocal.plan.clocks import RescueClock, TimedDose, dose_times, draw_times, rescue_times
from protocal.plan.course_dates import holds
from protocal.plan.course_log import Story
from protocal.plan.dose import dosing
from protocal.plan.infusion import infused_at
from protocal.plan.products import by_mouth
from protocal.text.message import joined, quantity, say

OPEN_DAYS = 3  # after its planned ones, for which a rescue is planned at the least while no level has ended it
NOTHING = Story()
_BY_DATE = attrgetter("date", "day")


@lru_cache(maxsize=4096)
def expand(
    protocol: Protocol, course: DatedCourse, traits: Traits, settings: Settings, story: Story = NOTHING
) -> CoursePlan:
    """Everything that happens in a course, by day and then as the definition lists it.

    Remembered by its arguments: revisions of a record share most of their courses.
    """
    if course.dates is None:
        return CoursePlan(course)
    return _Expander(protocol, course, course.dates, traits, settings, story).plan()


@dataclass(frozen=True, slots=True)
class _Timed:
    """The hours of an order's day, as far as they are known; `reason` where none of them is due any more.

    Attributes:
        planned: the definition names its day.
        on: its date, where that follows from a date on which another drug was given.
    """

    times: tuple[datetime, ...]
    reason: str = ""
    planned: bool = True
    on: date | None = None


class _Expander:
    """Expands one course."""

    def __init__(
        self, protocol: Protocol, course: DatedCourse, dates: Dates, traits: Traits, settings: Settings, story: Story
    ) -> None:
        self.protocol = protocol
        self.course = course
        self.dates = dates
        self.traits = traits
        self.settings = settings
        self.story = story
        self.zone = ZoneInfo(story.zone)
        self.closed = settings.closed_days | dates.skipped
        self.orders = [
            order for order in course.definition.orders if holds(order.when, traits, course.first_with, course.cycle)
        ]
        self.doses = {each.id: each for each in story.doses}
        self.left = {each.id: each for each in story.left}
        self.moves = dict(self._moves())
        self.untouched = story == Story(zone=story.zone)

    def plan(self) -> CoursePlan:
        """The course with all that happens in it."""
        administrations: list[Administration] = []
        infusions: list[Infusion] = []
        procedures: list[PlannedEvent] = []
        evaluations: list[PlannedEvent] = []
        punctures: dict[date, PlannedEvent] = {}
        for order in self.orders:
            lines = self._in_products(order, self._administrations(order))
            if order.on_restart:
                for again in self._before_restarts(order, lines):
                    lines += self._in_products(order, [again])
            administrations += lines
            if self.story.instead:
                administrations += self._series(order, lines)
            if order.route is Route.IT:
                for each in lines:
                    if each.status.takes_place:
                        puncture = PlannedEvent(self.course.id, each.day, each.date, LUMBAR_PUNCTURE, each.evidence)
                        punctures.setdefault(each.date, puncture)
            elif order.route is Route.CIV and lines:
                procedures += self._pump_stop(order, lines)
                infusions += self._infusion(lines)
            evaluations += self._levels(order)
        procedures += punctures.values()
        procedures += self._events(self.course.definition.procedures)
        evaluations += self._events(self.course.definition.evaluations, 0 if self.dates.cut else 1)
        administrations.sort(key=_BY_DATE)
        procedures.sort(key=_BY_DATE)
        evaluations.sort(key=_BY_DATE)
        return CoursePlan(self.course, tuple(administrations), tuple(procedures), tuple(evaluations), tuple(infusions))

    # --- administrations

    def _in_products(self, order: Order, lines: list[Administration]) -> list[Administration]:
        """Doses by mouth in tablets or a liquid, once the course has started; any others as they are."""
        if order.route is not Route.PO:
            return lines
        made = by_mouth(lines, self.protocol, self.settings, self.dates) if self.course.started else lines
        return [self._in_what_was_given(old, new) for old, new in zip(lines, made, strict=True)]

    def _in_what_was_given(self, line: Administration, planned: Administration) -> Administration:
        """A dose as planned; one that the record names in what the record says, whatever is at hand now."""
        done = self.doses.get(line.id)
        if done is None or done.dose is None or (done.dose, done.product) == (planned.dose, planned.product):
            return planned
        return line._replace(product=done.product)

    def _administrations(self, order: Order) -> list[Administration]:
        dose_on = dosing(self.protocol, order, self.dates, self.traits, self.settings)
        tables = [self.protocol.tables[rule.dose.table] for rule in order.doses if isinstance(rule.dose, ByTable)]
        evidence = weakest((order.backing.evidence, *(table.backing.evidence for table in tables)))
        timed = self._timed(order)
        planned = order.days.numbers(self.dates.day1, self.closed, self.dates.first)
        days = (*planned, *(day for day, each in timed.items() if not each.planned))
        untouched = self.untouched and not timed and order.diagnostic_hours is None  # most are, and then it is quick
        found: list[Administration] = []
        for agent in order.agents:
            for day in days:
                id_ = AdministrationId.of(self.course.id, order.key, day, agent if order.has_parts else "")
                hours = timed.get(day)
                if untouched:
                    on, status, reason = self.dates.date_of(day), Status.DUE, ""
                    if on > self.dates.last_day:
                        break
                elif id_ not in self.doses and not self._reaches(order, day, hours):
                    continue
                else:
                    on, status, reason = self._stands(order, agent, day, id_, hours)
                dose = dose_on(day, agent, on)
                amount, working = dose.dose, dose.working
                if not untouched:
                    amount, working = self._as_recorded(id_, order, hours, amount, working, dose.unit)
                found.append(
                    Administration(
                        id_,
                        self.course.id,
                        order.key,
                        day,
                        on,
                        agent,
                        order.route,
                        dose.calculated,
                        amount,
                        dose.unit,
                        len(hours.times) if hours and order.until_clear and hours.times else order.frequency.per_day,
                        hours.times if hours else (),
                        dose.basis,
                        working,
                        self.course.provisional or bool(hours and not hours.planned),
                        evidence,
                        status,
                        reason,
                        order,
                        open=bool(hours and not hours.planned) and not self._has_cleared(order.until_clear),
                    )
                )
        return found

    def _reaches(self, order: Order, day: int, hours: _Timed | None) -> bool:
        """Whether the course is long enough for an order's day; nothing cuts the rescue from what was given."""
        if order.until_clear and order.first_dose and self._begun(order.first_dose.order):
            return True
        if hours and hours.times and order.frequency.continuous:
            return hours.times[0].astimezone(self.zone).date() <= self.dates.last_day
        if self.dates.cut and (moved := self.moves.get((order.key, day))) and moved.date > self.dates.last_day:
            return False
        return self.dates.has(day)

    def _stands(
        self, order: Order, agent: str, day: int, id_: AdministrationId, hours: _Timed | None
    ) -> tuple[date, Status, str]:
        """When an administration is, where it stands, and why: what was given comes first, then what is left out."""
        on, status, reason = self.dates.date_of(day), Status.DUE, ""
        if hours and hours.on:
            on = hours.on
        elif hours and hours.times and (order.first_dose or order.frequency.continuous):
            on = hours.times[0].astimezone(self.zone).date()
        if done := self.doses.get(id_):
            return done.date, Status.GIVEN, _because(_from(on, done.date), done.why)
        if moved := self.moves.get((order.key, day)):
            on, status, reason = moved.date, Status.MOVED, _because(_from(on, moved.date), moved.why)
        if hours and hours.reason:
            return on, Status.HELD if order.frequency.continuous else Status.OMITTED, hours.reason
        if left := self.left.get(id_):
            return on, Status.OMITTED, left.why or say("left out")
        if diagnostic := self._given_with_diagnostic(order, agent):
            return on, Status.OMITTED, diagnostic
        if instead := self._instead(order, agent, on):
            return on, Status.OMITTED, _because(say("{product} instead", product=instead.product), instead.why)
        held = [each for each in self.story.holds if each.covers(on) and not (moved and moved.line > each.line)]
        if held:
            return on, Status.HELD, _because(say("held, not made up"), held[-1].why)
        return on, status, reason

    def _as_recorded(
        self, id_: AdministrationId, order: Order, hours: _Timed | None, dose: Decimal, working: str, unit: str
    ) -> tuple[Decimal, str]:
        """A dose as the record has it: what was given, or what a restart names, in place of what is planned."""
        done = self.doses.get(id_)
        if done and done.dose:
            given = say("given: {dose}", dose=quantity(done.dose, unit))
            return done.dose, working if done.dose == dose else joined("; ", (working, given))
        if order.frequency.continuous and hours and hours.times:
            for pause in reversed(self.story.pauses):
                if pause.dose and pause.resume and pause.resume <= hours.times[0]:
                    restart = say("restart at {dose}", dose=quantity(pause.dose, unit))
                    return pause.dose, joined("; ", (working, restart))
        return dose, working

    def _before_restarts(self, order: Order, lines: list[Administration]) -> Iterator[Administration]:
        """What is given again before each supervised restart of the course's infusion."""
        infusions = [each for each in self.orders if each.frequency.continuous]
        rules = [self._rule(each) for each in infusions]
        dose_on = dosing(self.protocol, order, self.dates, self.traits, self.settings)
        for line in lines[:1]:  # the working of a tablet plan is that of the first dose only
            for number, pause in enumerate(self.story.pauses, 1):
                stop = pause.resume - pause.stop if pause.resume else None
                if not (pause.resume and stop) or not any(
                    rule.is_supervised(stop) and not rule.is_too_long(stop) for rule in rules
                ):
                    continue
                id_ = line.id.with_part(f"restart-{number}")
                on, status, reason = self._named(id_, pause.resume.astimezone(self.zone).date())
                done = self.doses.get(id_)
                dose = dose_on(line.day, line.agent, on)
                amount, working = self._as_recorded(id_, order, None, dose.dose, dose.working, dose.unit)
                yield line._replace(
                    id=id_,
                    day=number_of(self.dates.day1, on, self.dates.first),
                    date=on,
                    calculated=dose.calculated,
                    dose=amount,
                    times=(done.at,) if done and done.at else (),
                    basis=dose.basis,
                    working=working,
                    status=status,
                    reason=_because(say("before the restart"), reason),
                    product=None,
                    alternative=None,
                )

    def _named(self, id_: AdministrationId, on: date) -> tuple[date, Status, str]:
        """What the log says of an administration that is not one of the definition's days."""
        if done := self.doses.get(id_):
            return done.date, Status.GIVEN, _because(_from(on, done.date), done.why)
        if left := self.left.get(id_):
            return on, Status.OMITTED, left.why or say("left out")
        if moved := next((each for each in self.story.moved if each.id == id_), None):
            return moved.date, Status.MOVED, _because(_from(on, moved.date), moved.why)
        return on, Status.DUE, ""

    # --- substitutions

    def _instead(self, order: Order, agent: str, on: date) -> Instead | None:
        """What takes the place of a dose on a date; of several, the last that is recorded."""
        if order.has_parts:
            return None
        found = [each for each in self.story.instead if each.agent == agent and each.date <= on]
        return found[-1] if found else None

    def _series(self, order: Order, replaced: list[Administration]) -> Iterator[Administration]:
        """The doses that take the place of an order's, each series from its replaced dose's day on.

        The course's end does not cut it, only that of the therapy does.
        """
        for line in replaced:
            chosen = self._instead(order, line.agent, line.date)
            if chosen is None or line.status is not Status.OMITTED or line.id in self.left:
                continue
            agent = self.protocol.agents[line.agent]
            rule = next(each for each in agent.substitutions if each.key == chosen.product)
            days = [number_of(self.dates.day1, day, self.dates.first) for day in _series_dates(rule, line.date)]
            series = _series_order(rule, order, tuple(days), self.dates)
            dose_on = dosing(self.protocol, series, self.dates, self.traits, self.settings)
            for number, day in enumerate(days, 1):
                id_ = line.id.with_part(f"{rule.key}-{number}")
                on, status, reason = self._named(id_, date_of(self.dates.day1, day, self.dates.first))
                done = self.doses.get(id_)
                if self.dates.cut and on > self.dates.last_day and not done:
                    continue  # the end of all therapy, not that of the course
                dose = dose_on(day, rule.agent, on)
                amount, working = self._as_recorded(id_, series, None, dose.dose, dose.working, dose.unit)
                yield line._replace(
                    id=id_,
                    day=day,
                    date=on,
                    agent=rule.agent,
                    route=series.route,
                    calculated=dose.calculated,
                    dose=amount,
                    unit=dose.unit,
                    per_day=1,
                    times=(done.at,) if done and done.at else (),
                    basis=dose.basis,
                    working=working,
                    evidence=rule.backing.evidence,
                    status=status,
                    reason=reason,
                    order_line=series,
                    product=done.product if done else None,
                    alternative=None,
                )

    def _given_with_diagnostic(self, order: Order, agent: str) -> str:
        """Says so if the diagnostic lumbar puncture, so many hours before the first day at most, gave this agent."""
        if order.diagnostic_hours is not None:
            for on, given in self.traits.diagnostics:
                if given == agent and 0 <= (self.dates.day1 - on).days * 24 <= order.diagnostic_hours:
                    return say("given with the diagnostic lumbar puncture on {date}", date=on)
        return ""

    def _moves(self) -> Iterator[tuple[tuple[str, int], MovedDose]]:
        """Each order and day that is moved: what was named, and what it carries with it.

        A lumbar puncture carries all its intrathecal drugs, a drug those that are timed by it.
        """
        orders = {order.key: order for order in self.orders}
        for move in self.story.moved:
            key, day = move.id.key, move.id.day
            if key not in orders or day is None:
                continue
            order = orders[key]
            if len(move.id.parts) > int(order.has_parts):  # a dose of a series, or one before a restart, moves alone
                continue
            by = move.date - self.dates.date_of(day)
            for other in self.orders:
                if other.route is Route.IT and order.route is Route.IT:
                    yield (other.key, day), move
                elif other.first_dose and other.first_dose.order == key and day == order.days.first:
                    for later in other.days.fixed:
                        yield (other.key, later), _on(move, self.dates.date_of(later) + by)
            yield (key, day), move

    # --- clocks

    def _timed(self, order: Order) -> dict[int, _Timed]:
        """The order's hours by course day, as far as a recorded start sets them; real hours across a clock change, too.

        An order that is timed by another starts from that one's first dose. One that runs without a stop goes on from
        its first day's start; any other has the hours of the days that were recorded.
        """
        anchor, frequency = order.first_dose, order.frequency
        if frequency.continuous:
            return self._infused(order)
        every = frequency.interval or 24
        if anchor and not anchor.before:
            found = self._timed_by(order, anchor)
            return {**found, **dict(self._given_at_their_own(order, anchor, found))}
        per_day = frequency.per_day if frequency.interval else 1
        return {
            day: _Timed(tuple(dose.at for dose in dose_times(RescueClock(0, every, per_day, (day,)), at, self.zone)))
            for day in order.days.fixed
            if (at := self._given_at(order.key, day))
        }

    def _timed_by(self, order: Order, anchor: Anchor) -> dict[int, _Timed]:
        """The hours of an order from the recorded start of what it is timed by, or its dates where that has no hour."""
        start = self._start(anchor.order)
        if start is None:
            return self._after_a_date(order, anchor.order)
        per_day, every = order.frequency.per_day, order.frequency.interval or 24
        clock = RescueClock(anchor.span.least // 60, every, per_day, order.days.fixed)
        return self._rescue(order, clock, start) if order.until_clear else _by_day(dose_times(clock, start, self.zone))

    def _given_at_their_own(
        self, order: Order, anchor: Anchor, planned: Mapping[int, _Timed]
    ) -> Iterator[tuple[int, _Timed]]:
        """The days whose doses were given at hours of their own, or before what they are timed by was recorded.

        What is recorded of the start later does not change them.
        """
        begun, every = self._begun(anchor.order), order.frequency.interval or 24
        for day in dict.fromkeys((*order.days.fixed, *planned)):
            done = self.doses.get(AdministrationId.of(self.course.id, order.key, day))
            if done and done.at:
                due = planned.get(day, _Timed(()))
                clock = RescueClock(0, every, len(due.times) or order.frequency.per_day, (day,))
                yield (
                    day,
                    replace(due, times=tuple(dose.at for dose in dose_times(clock, done.at, self.zone)), reason=""),
                )
            elif done and (begun is None or done.line < begun.line):
                yield day, _Timed(())

    def _given_at(self, key: str, day: int) -> datetime | None:
        done = self.doses.get(AdministrationId.of(self.course.id, key, day))
        return done.at if done else None

    def _start(self, key: str) -> datetime | None:
        """When the first dose of an order really began, if that is recorded."""
        done = self._begun(key)
        return done.at if done else None

    def _begun(self, key: str) -> GivenDose | None:
        """The first dose of an order as it was given, if that is recorded."""
        order = next((each for each in self.orders if each.key == key), None)
        return self.doses.get(AdministrationId.of(self.course.id, key, order.days.first)) if order else None

    def _open_days(self, planned: date) -> list[int]:
        """How many days after the last planned one each day is on which a rescue is due that no level has ended.

        They reach to its course's last day, were it not cut, or further where the planned days come late; and beyond
        that there are those of the dates that are asked for.
        """
        length = self.course.definition.length
        end = self.dates.date_of(self.dates.first + length - 1) if length else self.dates.last_day
        days = max((end - planned).days, OPEN_DAYS)
        first, last = ((day - planned).days for day in self.story.asked or (planned, planned))
        return [*range(1, days + 1), *range(max(first, days + 1), last + 1)]

    def _after_a_date(self, order: Order, key: str) -> dict[int, _Timed]:
        """The days of an order timed by one that was given on a date, at an hour that nobody recorded."""
        done = self._begun(key)
        if done is None:
            return {}
        by = done.date - self.dates.date_of(next(each.days.first for each in self.orders if each.key == key))
        found = {day: _Timed((), on=self.dates.date_of(day) + by) for day in order.days.fixed}
        if order.until_clear:
            planned = self.dates.date_of(order.days.last) + by
            for late in self._open_days(planned):
                found[order.days.last + late] = _Timed((), planned=False, on=planned + timedelta(days=late))
        return found

    def _rescue(self, order: Order, clock: RescueClock, start: datetime) -> dict[int, _Timed]:
        """A rescue that goes on until a level has cleared."""
        cleared = self._cleared(order.until_clear, start)
        if cleared is None:
            last = clock.days[-1]
            begins = next(dose.at for dose in dose_times(clock, start, self.zone) if dose.day == last)
            days = (*clock.days, *(last + late for late in self._open_days(begins.date())))
            timed = _by_day(dose_times(replace(clock, days=days), start, self.zone))
            return {day: replace(each, planned=day <= last) for day, each in timed.items()}
        written = self.protocol.agents[order.until_clear].written
        when = show_time(cleared.at.astimezone(self.zone), self.zone)
        ended = say("{agent} cleared {when}: {level}", agent=written, when=when, level=cleared.level)
        doses: dict[int, list[TimedDose]] = {}
        for dose in rescue_times(clock, start, self.zone, cleared.at):
            doses.setdefault(dose.day, []).append(dose)
        found = {}
        for day, each in doses.items():
            due = tuple(dose.at for dose in each if not dose.after_clearing)
            found[day] = _Timed(due, "" if due else ended, each[0].planned)
        return found

    def _cleared(self, agent: str, start: datetime) -> Clearing | None:
        """The first clearing level of an agent after a start."""
        found = [each for each in self.story.clearings if each.agent == agent and each.at > start]
        return min(found, key=lambda each: each.at, default=None)

    def _has_cleared(self, agent: str) -> bool:
        """Whether a level has ended the rescue from an agent: what was due before it is no longer open."""
        return any(each.agent == agent for each in self.story.clearings)

    def _levels(self, order: Order) -> Iterator[PlannedEvent]:
        """Level draws after the recorded start of what a rescue is from, at the site's hours, until it has cleared."""
        rescues = [each for each in self.orders if each.until_clear and each.first_dose]
        for rescue in rescues:
            anchor = rescue.first_dose
            start = self._start(order.key)
            if not (anchor and anchor.order == order.key and start):
                continue
            cleared = self._cleared(rescue.until_clear, start)
            for at in draw_times(start, self.settings.draws_of(rescue.until_clear), self.zone):
                if cleared is None or at <= cleared.at:
                    day = order.days.first + (at.date() - start.astimezone(self.zone).date()).days
                    yield PlannedEvent(self.course.id, day, at.date(), DRUG_LEVEL, rescue.backing.evidence, at)

    # --- continuous infusions

    def _infused(self, order: Order) -> dict[int, _Timed]:
        """When each day's 24 h of a continuous infusion begin, once its start is recorded."""
        start, rule = self._start(order.key), self._rule(order)
        if start is None:
            return {}
        found = {}
        for index, day in enumerate(order.days.fixed):
            at = infused_at(start, 24 * index, self.story.pauses, rule, begins=True)
            if at is None:
                found[day] = _Timed((), say("the infusion stands still: {why}", why=self._stand_still(rule)))
            else:
                found[day] = _Timed((at.astimezone(self.zone),))
        return found

    def _rule(self, order: Order) -> InterruptionRule:
        return self.protocol.agents[order.agents[0]].interruptions

    def _stand_still(self, rule: InterruptionRule) -> str:
        """Why an infusion does not go on."""
        last = max(self.story.pauses, key=lambda pause: pause.stop)
        when = show_time(last.stop, self.zone)
        if last.resume is None:
            return say("stopped {when}, no resume is recorded", when=when)
        days = rule.longest_days or 0
        return say("stopped {when} for more than {days} days, a prescriber must decide", when=when, days=days)

    def _pump_stop(self, order: Order, lines: list[Administration]) -> Iterator[PlannedEvent]:
        """The pump stop, at its hour where the start is recorded; none while the infusion stands still."""
        last, start, at = lines[-1], self._start(order.key), None
        day = last.day + 1
        if start:
            at = infused_at(start, 24 * len(lines), self.story.pauses, self._rule(order))
            stopped = self.story.stopped_at
            if stopped and (at is None or stopped < at):
                at = stopped.astimezone(UTC)
            if at is None:
                return
        on = at.astimezone(self.zone).date() if at else self.dates.date_of(day)
        zoned = at.astimezone(self.zone) if at else None
        yield PlannedEvent(self.course.id, day, on, PUMP_STOP, order.backing.evidence, zoned)

    def _infusion(self, lines: list[Administration]) -> Iterator[Infusion]:
        """The bags of a continuous infusion, once its start and the hours of its bags are recorded."""
        first, story = lines[0], self.story
        start = first.times[0] if first.times else None
        stages = [Stage(day, lasting) for agent, day, lasting in story.bags if agent == first.agent]
        if start is None or not stages or stages[0].first > start.astimezone(self.zone).date():
            return
        plan = plan_bags(
            start,
            24 * len(lines),
            stages,
            allowed=self.protocol.agents[first.agent].bags,
            closed=self.settings.closed_days,
            zone=self.zone,
            interruptions=[Interruption(pause.stop, pause.resume) for pause in story.pauses],
            rule=self.protocol.agents[first.agent].interruptions,
        )
        named = [(line.times[0].astimezone(UTC), line.dose) for line in lines if line.times]
        named += [(pause.resume.astimezone(UTC), pause.dose) for pause in story.pauses if pause.resume and pause.dose]
        doses = [DoseFrom(at, dose) for at, dose in sorted(dict(named).items())]
        changes = [doses[0], *(later for earlier, later in pairwise(doses) if later.per_day != earlier.per_day)]
        amounts = bag_amounts(plan.bags, changes)
        yield Infusion(
            key=first.key,
            agent=first.agent,
            unit=first.unit,
            bags=tuple(
                BagHung(bag.hang, bag.hours, amount.amount, bag.on_closed_day)
                for bag, amount in zip(plan.bags, amounts, strict=True)
            ),
            stop=plan.stop,
            notes=(CHOICE, *plan.notes),
        )

    # --- procedures and evaluations

    def _events(self, lines: tuple[Event, ...], days_after: int = 0) -> list[PlannedEvent]:
        """Procedures or evaluations; the latter may stand so many days after the course's last day."""
        last = self.dates.last_day + timedelta(days=days_after)
        return [
            PlannedEvent(self.course.id, day, on, line.kind, line.backing.evidence)
            for line in lines
            if holds(line.when, self.traits, self.course.first_with, self.course.cycle)
            for day in line.days.numbers(self.dates.day1, self.closed, self.dates.first)
            if (on := self._date_of_event(day)) <= last
        ]

    def _date_of_event(self, day: int) -> date:
        """What is at the course's end, or after it, waits for an end that a stop of its infusion has made later."""
        length, on = self.course.definition.length, self.dates.date_of(day)
        end = self.dates.first + length - 1 if length else None
        if end is None or day < end or self.dates.cut:
            return on
        return on + (self.dates.last_day - self.dates.date_of(end))


def _series_dates(rule: Substitution, first: date) -> list[date]:
    """The dates of a series: on its weekdays from a day on, or so many days apart."""
    if rule.interval:
        return [first + timedelta(days=rule.interval * number) for number in range(rule.count)]
    days: list[date] = []
    while len(days) < rule.count:
        if first.weekday() in rule.weekdays:
            days.append(first)
        first += ONE_DAY
    return days


@cache  # orders are told apart by being the same value
def _series_order(rule: Substitution, order: Order, days: tuple[int, ...], dates: Dates) -> Order:
    """The order that a series is of: that of the doses it replaces, with its own agent, doses and days."""
    by_dose = []
    for weekdays, amount, text in rule.doses:
        mine = [day for day in days if not weekdays or date_of(dates.day1, day, dates.first).weekday() in weekdays]
        if mine:
            by_dose.append(DoseRule(parse_days(", ".join(map(str, mine))), amount, text))
    return replace(
        order,
        agents=(rule.agent,),
        doses=tuple(by_dose),
        caps=(),
        frequency=parse_frequency("once"),
        routes=rule.routes,
        days=parse_days(", ".join(map(str, days))),
        over=None,
        comment=f"{rule.reason} {rule.comment}".strip(),
        backing=rule.backing,
        where=rule.where,
    )


def _by_day(doses: tuple[TimedDose, ...]) -> dict[int, _Timed]:
    found: dict[int, tuple[datetime, ...]] = {}
    for dose in doses:
        found[dose.day] = (*found.get(dose.day, ()), dose.at)
    return {day: _Timed(times) for day, times in found.items()}


def _on(move: MovedDose, day: date) -> MovedDose:
    return MovedDose(move.line, move.why, move.id, day)


def _from(planned: date, actual: date) -> str:
    """`moved from Tue 01-Dec-2026`, if it is."""
    return say("moved from {date}", date=planned) if actual != planned else ""


def _because(what: str, why: str) -> str:
    return joined(": ", (what, why))
