"""Whether a record fits its protocol: both -> problems at the lines of the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from protocal.model.days import ONE_DAY, age_on
from protocal.model.doses import Route
from protocal.model.entries import (
    Adjusted,
    Assigned,
    Bagged,
    Cleared,
    Delayed,
    Diagnostic,
    Dispensed,
    Ending,
    Entry,
    Failed,
    Held,
    Interrupted,
    Issued,
    Measured,
    Resumed,
    Started,
    Stated,
    Stopped,
    Substituted,
    Transplanted,
    Undone,
)
from protocal.model.facts import Facts, facts_of
from protocal.model.plan import DatedCourse
from protocal.model.problems import Problem, Severity, Where
from protocal.model.protocol import Leg, Protocol
from protocal.model.record import Record, rules_in_force
from protocal.model.settings import Settings
from protocal.plan.course_dates import all_legs, date_courses, holds, is_transplant, legs_of
from protocal.plan.in_force import in_force
from protocal.plan.record_check.dates import check_dates, check_length, check_near_course
from protocal.plan.record_check.dispensed import check_taken_home
from protocal.plan.record_check.infusions import check_clocks
from protocal.plan.record_check.upgrades import check_upgrades
from protocal.text.suggest import did_you_mean

_STILL_TO_COME = ("no-start", "no-measurement")  # what a log has not said yet, early on


class Fitting(NamedTuple):
    """A revision at which a record fits its protocol, with what it says there and the courses that follow from it.

    The protocol is the version in force there, with those that courses which have begun stay with.
    """

    revision: int
    facts: Facts
    courses: tuple[DatedCourse, ...]
    protocol: Protocol


def check_fit(protocol: Protocol, record: Record, settings: Settings | None = None) -> list[Problem]:
    """Everything in the record that the protocol does not know or allow; by `settings` where its log has none."""
    return examine(protocol, record, rules_in_force(record, settings or Settings()))[0]


def fitting_at(protocol: Protocol, record: Record, settings: Settings, revision: int) -> Fitting | None:
    """A revision, if the record fits the protocol there.

    Lines written by hand count at once, and a later line may undo or correct one that could not be planned.
    """
    settings, then = rules_in_force(record, settings, revision), replace(record, log=record.log[:revision])
    if isinstance(then.log[-1], Issued) and (issued := _issued(protocol, then, settings)):
        return issued
    problems, found = examine(protocol, then, settings)
    if any(each.severity is Severity.ERROR and each.code not in _STILL_TO_COME for each in problems):
        return None
    return found


def _issued(protocol: Protocol, record: Record, settings: Settings) -> Fitting | None:
    """A record up to a line of an issue, which was made of a plan of just these lines: nothing is checked again.

    None where its definition cannot be that which it was made with.
    """
    facts, protocol = facts_of(record), in_force(protocol, record)
    if facts.traits.arm and facts.traits.arm not in protocol.arms:
        return None
    return Fitting(record.revision, facts, date_courses(protocol, facts, settings), protocol)


def last_fitting(protocol: Protocol, record: Record, settings: Settings, revision: int) -> Fitting:
    """The last revision up to one at which the record fits the protocol; 0 where none does."""
    for last in range(revision, 0, -1):
        if found := fitting_at(protocol, record, settings, last):
            return found
    facts, protocol = facts_of(record, 0), in_force(protocol, record, 0)
    return Fitting(0, facts, date_courses(protocol, facts, rules_in_force(record, settings, 0)), protocol)


def examine(protocol: Protocol, record: Record, settings: Settings) -> tuple[list[Problem], Fitting]:
    """What is wrong, and what the record says with the courses that follow from it, as far as they can be dated.

    The log is folded here, once; whoever goes on to plan takes the second value. `settings` are the rules to date by.
    """
    facts, first = facts_of(record), protocol
    protocol = in_force(protocol, record)
    found = Fitting(record.revision, facts, (), protocol)
    if of_upgrades := list(check_upgrades(first, record)):
        return of_upgrades, found
    out_of_time = list(_out_of_time(protocol, record, facts))
    if out_of_time:
        return out_of_time, found  # they would only make other lines look wrong
    dated: tuple[DatedCourse, ...] | None = ()
    if not facts.traits.arm or facts.traits.arm in protocol.arms:
        try:
            dated = date_courses(protocol, facts, settings)
        except OverflowError:  # delays upon delays
            dated = None
    problems = list(check_length(record, dated)) or list(_check(protocol, record, facts, dated or ()))
    return problems, found._replace(courses=dated or ())


def _out_of_time(protocol: Protocol, record: Record, facts: Facts) -> Iterator[Problem]:
    """What cannot be because of its date: an end or an arm before therapy began, an end before what was given."""
    first = protocol.unassigned.route[0].course
    begun = dict(facts.starts).get(first)
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
            yield from _cut_too_early(protocol, facts, entry)


def _cut_too_early(
    protocol: Protocol, facts: Facts, entry: Stopped | Ending | Failed | Transplanted
) -> Iterator[Problem]:
    """A course that began, or a dose that was given, after what ends the therapy that they are of."""
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


def _check(protocol: Protocol, record: Record, facts: Facts, dated: tuple[DatedCourse, ...]) -> Iterator[Problem]:
    first = protocol.known[0] if protocol.known else protocol
    if (record.protocol, record.version) != (first.id, first.version):
        yield Problem(
            "another-definition",
            f"the record is for {record.protocol} {record.version}, but the definition is {first.id} {first.version}",
            record.where,
            "Restore the definition that the record was made with.",
        )
    for _number, entry in record.standing():
        yield from check_dates(protocol, record, facts, entry)
        yield from _of_the_definition(protocol, entry, record.timezone)
    yield from _undone(record)
    yield from _starts(protocol, record, facts)
    yield from _around_day_1(protocol, record, facts)
    yield from _order(record, dated)
    yield from _courses_named(protocol, record, facts, dated)
    begun = dict(facts.starts).get(protocol.unassigned.route[0].course)
    yield from check_near_course(record, {each.id: each for each in dated}, begun)
    yield from check_clocks(protocol, record, facts)


def _of_the_definition(protocol: Protocol, entry: Entry, zone: str) -> Iterator[Problem]:
    """What an entry names and the definition does not have."""
    match entry:
        case Stated():
            known = {"cns": protocol.cns, "risk": protocol.risk}[entry.fact]
            if entry.value not in known:
                names = {"cns": "CNS status", "risk": "risk group"}
                yield _unknown(entry.fact, names[entry.fact], entry.value, known, entry.where)
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
        case Adjusted() | Bagged() | Substituted() | Cleared() | Dispensed():
            yield from _of_an_agent(protocol, entry, zone)
        case Transplanted():
            if not any(is_transplant(protocol, leg) for leg in all_legs(protocol)):
                yield Problem("no-transplant", "this protocol has no transplant", entry.where, "Undo this line.")
        case Failed():
            if protocol.failure is None:
                lacks = "this protocol has no route after treatment failure"
                yield Problem("no-failure-route", lacks, entry.where, "Undo this line.")
        case _:
            pass


def _starts(protocol: Protocol, record: Record, facts: Facts) -> Iterator[Problem]:
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


def _around_day_1(protocol: Protocol, record: Record, facts: Facts) -> Iterator[Problem]:
    """What belongs before the first course: a measurement to dose it by, and the diagnostic lumbar puncture."""
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


def _order(record: Record, courses: tuple[DatedCourse, ...]) -> Iterator[Problem]:
    """A recorded start before that of the course before it on the route, be it recorded or planned."""
    dated = [(each, each.dates.day1) for each in courses if each.dates]
    for (before, earlier), (course, day1) in pairwise(dated):
        if course.started and day1 < earlier:
            yield Problem(
                "starts-before",
                f"{course.title} ({day1}) starts before {before.title} ({'' if before.started else 'planned for '}"
                f"{earlier}), which stands before it on the route",
                _where_started(record, course.id),
                f"Correct the date, or record when {before.title} started.",
            )


def _of_an_agent(
    protocol: Protocol, entry: Adjusted | Bagged | Substituted | Cleared | Dispensed, zone: str
) -> Iterator[Problem]:
    """What is wrong with an entry that names a drug."""
    agent = protocol.agents.get(entry.agent)
    if agent is None:
        yield _unknown("agent", "agent", entry.agent, protocol.agents, entry.where)
        return
    agents = [each.agents[entry.agent] for each in protocol.in_force if entry.agent in each.agents]
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
            bags = sorted({hours for each in agents for hours in each.bags})
            if wrong := [each for each in entry.hours if each not in bags]:
                allowed = ", ".join(map(str, bags)) or "none"
                yield Problem(
                    "bag",
                    f"a bag of {entry.agent} may not last {wrong[0]} h",
                    entry.where,
                    f"Hours allowed: {allowed}.",
                )
        case Dispensed():
            yield from check_taken_home(entry, agents, zone)
        case Substituted():
            if entry.product not in (known := [rule.key for each in agents for rule in each.substitutions]):
                yield _unknown("substitution", f"substitution of {entry.agent}", entry.product, known, entry.where)


def _undone(record: Record) -> Iterator[Problem]:
    """A line can only undo one that stands before it, and that says something of the patient."""
    for number, entry in enumerate(record.log, 1):
        if not isinstance(entry, Undone):
            continue
        if entry.line >= number:
            message = f"there is no line {entry.line} before this line, {number}"
            yield Problem("undo", message, entry.where, "Name an earlier line.")
        elif not (target := record.log[entry.line - 1]).is_clinical:
            says = "what was given out" if isinstance(target, Issued) else "nothing of the patient"
            message = f"line {entry.line} says {says}, and is never undone"
            yield Problem("undo", message, entry.where, "Undo the line of the patient that was wrong.")


def _courses_named(
    protocol: Protocol, record: Record, facts: Facts, dated: tuple[DatedCourse, ...]
) -> Iterator[Problem]:
    """Courses that the log delays, holds or interrupts, and counts that it records, which the route does not have."""
    if facts.traits.arm and facts.traits.arm not in protocol.arms:
        return
    courses = {each.id: each for each in dated}
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


def _where_started(record: Record, course: str) -> Where:
    """The line that a course's first day comes from: its start, or the transplant."""
    starts = [each.where for _, each in record.standing() if isinstance(each, Started) and each.course == course]
    transplants = [each.where for _, each in record.standing() if isinstance(each, Transplanted)]
    return [record.where, *transplants, *starts][-1]


def _unknown(code: str, what: str, name: str, known: Iterable[str], where: Where) -> Problem:
    return Problem(f"unknown-{code}", f"no {what} is called '{name}'", where, did_you_mean(name, known))
