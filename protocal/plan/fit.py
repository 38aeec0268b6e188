"""Whether a record fits its protocol: both in, problems at the lines of the record out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from protocal.plan.bags import Interruption, in_order
from protocal.plan.infusion import check_running
from protocal.plan.route import all_legs, date_courses, holds, is_transplant, legs_of
from protocal.words.days import ONE_DAY, age_on
from protocal.words.doses import Route
from protocal.words.ids import AdministrationId
from protocal.words.log import (
    Adjusted,
    Assigned,
    Bagged,
    Cleared,
    Defined,
    Delayed,
    Diagnostic,
    Ending,
    Failed,
    Given,
    Held,
    Interrupted,
    Left,
    Measured,
    Moved,
    Resumed,
    Started,
    Stated,
    Stopped,
    Substituted,
    Transplanted,
    Undone,
)
from protocal.words.nearest import did_you_mean
from protocal.words.plan import Plan
from protocal.words.problems import Problem, Severity, Where
from protocal.words.protocol import Leg, Protocol
from protocal.words.record import Record, facts_of
from protocal.words.settings import Settings


def check_fit(protocol: Protocol, record: Record, settings: Settings | None = None) -> list[Problem]:
    """Everything in the record that the protocol does not know or allow; `settings` are those of the plan."""
    out_of_time = list(_out_of_time(protocol, record))  # they would only make other lines look wrong
    return out_of_time or list(_check(protocol, record, settings or Settings()))


def _out_of_time(protocol: Protocol, record: Record) -> Iterator[Problem]:
    """What cannot be because of its date: an end or an arm before therapy began, an end before what was given."""
    first = protocol.unassigned.route[0].course
    begun = dict(facts_of(record).starts).get(first)
    title = protocol.courses[first].title
    for _number, entry in record.standing():
        if isinstance(entry, Failed | Transplanted | Stopped | Ending | Assigned) and begun and entry.date < begun:
            yield Problem(
                "before-therapy",
                f"{entry.date} is before {title} began, on {begun}",
                entry.where,
                "Correct the date.",
            )
        if isinstance(entry, Stopped | Ending | Failed | Transplanted):
            yield from _cut_too_early(protocol, record, entry)


def _cut_too_early(
    protocol: Protocol, record: Record, entry: Stopped | Ending | Failed | Transplanted
) -> Iterator[Problem]:
    """A course that began, or a dose that was given, after what ends the therapy that they are of."""
    facts = facts_of(record)
    last = entry.date if isinstance(entry, Ending | Failed) else entry.date - ONE_DAY
    after: tuple[Leg, ...] = ()
    if isinstance(entry, Failed) and protocol.failure:
        after = protocol.failure.route
    elif isinstance(entry, Transplanted):
        after = tuple(leg for leg in all_legs(protocol) if is_transplant(protocol, leg))
    for course, day in facts.starts:
        if day > last and not any(leg.names(course) for leg in after):
            yield Problem(
                "cut-too-early",
                f"{course} started on {day}, which {entry.date} would leave out",
                entry.where,
                "Correct the date, or undo that start first, with its reason.",
            )
            return
    for dose in facts.doses:
        if dose.date > last and not any(leg.names(dose.id.course) for leg in after):
            yield Problem(
                "cut-too-early",
                f"{dose.id} was given on {dose.date}, which {entry.date} would leave out",
                entry.where,
                "Correct the date, or undo that line first, with its reason.",
            )
            return


def _check(protocol: Protocol, record: Record, settings: Settings) -> Iterator[Problem]:
    known = {"cns": protocol.cns, "risk": protocol.risk}
    names = {"cns": "CNS status", "risk": "risk group"}
    if (record.protocol, record.version) != (protocol.id, protocol.version):
        yield Problem(
            "another-definition",
            f"the record is for {record.protocol} {record.version}, but the definition is {protocol.id}"
            f" {protocol.version}",
            record.where,
            "Restore the definition that the record was made with.",
        )
    for _number, entry in record.standing():
        match entry:
            case Defined():
                if entry.digest != protocol.digest:
                    yield Problem(
                        "definition-changed",
                        f"{protocol.id} {protocol.version} is no longer the definition that this record was made with",
                        entry.where,
                        "A released version is never edited: restore it, or make a new version.",
                        Severity.WARNING,
                    )
            case Stated():
                if entry.value not in known[entry.fact]:
                    yield _unknown(entry.fact, names[entry.fact], entry.value, known[entry.fact], entry.where)
            case Assigned():
                if entry.arm not in protocol.arms:
                    yield _unknown("arm", "arm", entry.arm, protocol.arms, entry.where)
            case Diagnostic():
                if entry.agent not in protocol.agents:
                    yield _unknown("agent", "agent", entry.agent, protocol.agents, entry.where)
                elif Route.IT not in protocol.agents[entry.agent].routes:
                    yield Problem(
                        "route",
                        f"{protocol.id} never gives {entry.agent} {Route.IT.value}",
                        entry.where,
                        "Check which agent was given.",
                    )
                yield from _after_birth(record, entry)
            case Measured() | Started():
                yield from _after_birth(record, entry)
            case Adjusted() | Bagged() | Substituted() | Cleared():
                yield from _of_an_agent(protocol, entry)
            case Transplanted() if not any(
                is_transplant(protocol, leg) for arm in protocol.routes for leg in arm.route
            ):
                yield Problem("no-transplant", "this protocol has no transplant", entry.where)
            case Failed() if protocol.failure is None:
                yield Problem("no-failure-route", "this protocol has no route after treatment failure", entry.where)
            case _:
                pass
    yield from _undone(record)
    yield from _starts(protocol, record)
    yield from _around_day_1(protocol, record)
    yield from _order(protocol, record, settings)
    yield from _courses_named(protocol, record, settings)
    yield from _clocks(protocol, record)


def _after_birth(record: Record, entry: Measured | Started | Diagnostic) -> Iterator[Problem]:
    if entry.date < record.born:
        yield Problem(
            "before-birth",
            f"{entry.date} is before the birth on {record.born}",
            entry.where,
            "Correct one of the two dates.",
        )


def _starts(protocol: Protocol, record: Record) -> Iterator[Problem]:
    facts = facts_of(record)
    if facts.traits.arm and facts.traits.arm not in protocol.arms:
        return
    first = protocol.unassigned.route[0].course
    if first not in dict(facts.starts):
        yield Problem(
            "no-start",
            f"the log does not say when {protocol.courses[first].title} starts",
            record.where,
            f"Add the entry 'start' of course '{first}'.",
        )
    if not facts.measurements:
        yield Problem("no-measurement", "the log has no height and weight", record.where, "Add the entry 'measure'.")
    legs = [leg for leg in legs_of(protocol, facts) if holds(leg.when, facts.traits)]
    low, high = protocol.ages
    for _number, entry in record.standing():
        if not isinstance(entry, Started):
            continue
        if not any(leg.names(entry.course) for leg in legs):
            known = (f"{leg.course}-1" if leg.until else leg.course for leg in legs)
            yield _unknown("course", "course of this patient's route", entry.course, known, entry.where)
        age = age_on(record.born, entry.date)
        if entry.course == first and entry.date >= record.born and not low <= age <= high:
            yield Problem(
                "age",
                f"the patient is {age} at the start; {protocol.id} takes ages {low} to {high}",
                entry.where,
                "Check the birth date and the start.",
            )


def _around_day_1(protocol: Protocol, record: Record) -> Iterator[Problem]:
    """What belongs before the first course: a measurement to dose it by, and the diagnostic lumbar puncture."""
    facts = facts_of(record)
    first = protocol.unassigned.route[0].course
    title, day1 = protocol.courses[first].title, dict(facts.starts).get(first)
    if day1 is None:
        return
    if facts.measurements and facts.measurements[0].date > day1:
        earliest = facts.measurements[0].date
        yield Problem(
            "measured-later",
            f"the doses of {title}, which starts on {day1}, use a later measurement, of {earliest}",
            next(each.where for _, each in record.standing() if isinstance(each, Measured) and each.date == earliest),
            "Check the date, or add the height and weight of Day 1 or before.",
            Severity.WARNING,
        )
    for _number, entry in record.standing():
        if isinstance(entry, Diagnostic) and entry.date > day1:
            yield Problem(
                "diagnostic-late",
                f"the diagnostic lumbar puncture on {entry.date} is after Day 1 of {title}, {day1}",
                entry.where,
                "Correct one of the two dates.",
            )


def _order(protocol: Protocol, record: Record, settings: Settings) -> Iterator[Problem]:
    """A recorded start before that of the course before it on the route, be it recorded or planned."""
    facts = facts_of(record)
    if facts.traits.arm and facts.traits.arm not in protocol.arms:
        return
    dated = [(each, each.dates.day1) for each in date_courses(protocol, facts, settings) if each.dates]
    for (before, earlier), (course, day1) in pairwise(dated):
        if course.started and day1 < earlier:
            yield Problem(
                "starts-before",
                f"{course.title} ({day1}) starts before {before.title} ({'' if before.started else 'planned for '}"
                f"{earlier}), which stands before it on the route",
                _where_started(record, course.id),
                f"Correct the date, or record when {before.title} started.",
            )


def check_ids(plan: Plan) -> Iterator[Problem]:
    """Administrations that the log names and the plan does not have; what was given must be one of the plan's."""
    known = {each.id for each in plan.administrations}
    for _number, entry in plan.record.standing(plan.revision):
        ids = entry.ids if isinstance(entry, Left) else (entry.id,) if isinstance(entry, Given | Moved) else ()
        for id_ in ids:
            if id_ not in known:
                yield Problem(
                    "unknown-id",
                    f"the plan has no administration '{id_}'",
                    entry.where,
                    did_you_mean(id_, known),
                    Severity.ERROR if isinstance(entry, Given) else Severity.WARNING,
                )


def _of_an_agent(protocol: Protocol, entry: Adjusted | Bagged | Substituted | Cleared) -> Iterator[Problem]:
    """What is wrong with an entry that names a drug."""
    agent = protocol.agents.get(entry.agent)
    if agent is None:
        yield _unknown("agent", "agent", entry.agent, protocol.agents, entry.where)
        return
    match entry:
        case Adjusted():
            if agent.routes == (Route.IT,):
                yield Problem(
                    "adjust",
                    f"{entry.agent} is only given intrathecally, and such a dose is never a share of the full one",
                    entry.where,
                    "Omit the dose, or leave it as it is.",
                )
            if entry.to and entry.to < entry.date:
                yield Problem(
                    "adjust",
                    f"the adjustment ends ({entry.to}) before it begins ({entry.date})",
                    entry.where,
                    "Correct one of the two dates.",
                )
        case Bagged():
            if wrong := [each for each in entry.hours if each not in agent.bags]:
                allowed = ", ".join(map(str, agent.bags)) or "none"
                yield Problem(
                    "bag",
                    f"a bag of {entry.agent} may not last {wrong[0]} h",
                    entry.where,
                    f"Hours allowed: {allowed}.",
                )
        case Substituted():
            if entry.product not in (known := [each.key for each in agent.substitutions]):
                yield _unknown("substitution", f"substitution of {entry.agent}", entry.product, known, entry.where)


def _undone(record: Record) -> Iterator[Problem]:
    """A line can only undo one that stands before it."""
    for number, entry in enumerate(record.log, 1):
        if isinstance(entry, Undone) and entry.line >= number:
            yield Problem(
                "undo",
                f"there is no line {entry.line} before this line, {number}",
                entry.where,
                "Name an earlier line.",
            )


def _courses_named(protocol: Protocol, record: Record, settings: Settings) -> Iterator[Problem]:
    """Courses that the log delays, holds or interrupts, and counts that it records, which the route does not have."""
    facts = facts_of(record)
    if facts.traits.arm and facts.traits.arm not in protocol.arms:
        return
    courses = {each.id: each for each in date_courses(protocol, facts, settings)}
    cut = any(day is not None for day in (facts.failed, facts.transplanted, facts.stopped))
    legs = legs_of(protocol, facts)
    for _number, entry in record.standing():
        if isinstance(entry, Delayed | Held | Interrupted | Resumed | Cleared):
            on_route = entry.course in courses or any(leg.names(entry.course) for leg in legs)
            if not (on_route or cut):  # what lay ahead is cancelled, but once was there
                yield _unknown("course", "course of this patient's route", entry.course, courses, entry.where)
        lost = isinstance(entry, Started) and entry.course not in courses and not cut
        if isinstance(entry, Started) and lost and any(leg.names(entry.course) for leg in legs):
            yield Problem(
                "after-the-end",
                f"{entry.course} would start on {entry.date}, after the end of therapy",
                entry.where,
                "Correct the date, or record another end of therapy first.",
            )
        if isinstance(entry, Started) and entry.course in courses:
            criteria = courses[entry.course].definition.may_start
            names = [count.name for count in criteria.counts] if criteria else []
            for name, _value in entry.counts:
                if name not in names:
                    yield _unknown("count", f"count that {entry.course} starts at", name, names, entry.where)


def _clocks(protocol: Protocol, record: Record) -> Iterator[Problem]:
    """Stops, resumes and clearing levels that no recorded start, or no stop, goes before."""
    facts = facts_of(record)
    given, zone = dict(facts.given), ZoneInfo(record.timezone)
    open_stops: dict[str, int] = {}
    for _number, entry in record.standing():
        if isinstance(entry, Interrupted):
            open_stops[entry.course] = open_stops.get(entry.course, 0) + 1
        elif isinstance(entry, Resumed):
            if not open_stops.get(entry.course):
                yield Problem(
                    "resume",
                    f"no interruption of {entry.course} is recorded that this would end",
                    entry.where,
                    "Record the interruption first.",
                )
            else:
                open_stops[entry.course] -= 1
        elif isinstance(entry, Cleared):
            yield from _clearing(protocol, entry, given)
    for course in dict.fromkeys(pause.course for pause in facts.pauses):
        name = course if course in protocol.courses else course.rpartition("-")[0]
        orders = protocol.courses[name].orders if name in protocol.courses else ()
        order = next((each for each in orders if each.frequency.continuous), None)
        where = [each.where for _, each in record.standing() if isinstance(each, Interrupted) and each.course == course]
        first = AdministrationId.of(course, order.key, order.days.first) if order else AdministrationId()
        start = given.get(first)
        if order is None:
            yield Problem("interrupt", f"{course} has no continuous infusion", where[-1], "Check the course.")
        elif start is None:
            yield Problem(
                "interrupt",
                f"the record does not say at which hour the infusion of {course} started",
                where[-1],
                f"Record it first: give {first} with its date and hour.",
            )
        else:
            pauses = [each for each in facts.pauses if each.course == course]
            hours, rule = 24 * len(order.days.fixed), protocol.agents[order.agents[0]].interruptions
            stops = [Interruption(each.stop, each.resume) for each in pauses]
            try:
                in_order(stops, start.astimezone(UTC), zone)
                for index, pause in enumerate(sorted(pauses, key=lambda each: each.stop)):
                    check_running(start, hours, pauses[:index], rule, pause.stop, zone)
            except ValueError as error:
                yield Problem("interrupt", str(error), where[-1], "Correct the hours.")


def _clearing(protocol: Protocol, entry: Cleared, given: Mapping[AdministrationId, datetime]) -> Iterator[Problem]:
    """A clearing level comes after the recorded start of an infusion that has a rescue."""
    name = entry.course if entry.course in protocol.courses else entry.course.rpartition("-")[0]
    orders = protocol.courses[name].orders if name in protocol.courses else ()
    rescues = [each for each in orders if each.until_clear == entry.agent and each.first_dose]
    if not rescues:
        yield Problem("clear", f"{entry.course} has no rescue that lasts until {entry.agent} has cleared", entry.where)
        return
    anchor = rescues[0].first_dose.order if rescues[0].first_dose else ""
    infusion = next((each for each in orders if each.key == anchor), None)
    id_ = AdministrationId.of(entry.course, anchor, infusion.days.first) if infusion else AdministrationId()
    start = given.get(id_)
    if start is None:
        yield Problem(
            "clear",
            f"the record does not say at which hour {entry.agent} was started in {entry.course}",
            entry.where,
            f"Record it first: give {id_} with its date and hour.",
        )
    elif entry.at <= start:
        yield Problem(
            "clear",
            f"the level of {entry.at:%Y-%m-%d %H:%M} is not after the start of {start:%Y-%m-%d %H:%M}",
            entry.where,
            "Correct one of the two.",
        )


def _where_started(record: Record, course: str) -> Where:
    """The line that a course's first day comes from: its start, or the transplant."""
    starts = [each.where for _, each in record.standing() if isinstance(each, Started) and each.course == course]
    transplants = [each.where for _, each in record.standing() if isinstance(each, Transplanted)]
    return [record.where, *transplants, *starts][-1]


def _unknown(code: str, what: str, name: str, known: Iterable[str], where: Where) -> Problem:
    return Problem(f"unknown-{code}", f"no {what} is called '{name}'", where, did_you_mean(name, known))
