"""Whether a record fits its protocol: both in, problems at the lines of the record out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from protocal.plan.route import date_courses, holds, legs_of
from protocal.words.days import age_on
from protocal.words.doses import Route
from protocal.words.nearest import did_you_mean
from protocal.words.problems import Problem, Severity, Where
from protocal.words.protocol import Protocol
from protocal.words.record import (
    Adjusted,
    Assigned,
    Bagged,
    Defined,
    Diagnostic,
    Failed,
    Measured,
    Record,
    Started,
    Stated,
    facts_of,
)
from protocal.words.settings import Settings


def check_fit(protocol: Protocol, record: Record, settings: Settings | None = None) -> list[Problem]:
    """Everything in the record that the protocol does not know or allow; `settings` are those of the plan."""
    return list(_check(protocol, record, settings or Settings()))


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
    for entry in record.log:
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
            case Adjusted():
                if entry.agent not in protocol.agents:
                    yield _unknown("agent", "agent", entry.agent, protocol.agents, entry.where)
                if entry.to and entry.to < entry.date:
                    yield Problem(
                        "adjust",
                        f"the adjustment ends ({entry.to}) before it begins ({entry.date})",
                        entry.where,
                        "Correct one of the two dates.",
                    )
            case Bagged():
                if entry.agent not in protocol.agents:
                    yield _unknown("agent", "agent", entry.agent, protocol.agents, entry.where)
                elif wrong := [each for each in entry.hours if each not in protocol.agents[entry.agent].bags]:
                    allowed = ", ".join(map(str, protocol.agents[entry.agent].bags)) or "none"
                    yield Problem(
                        "bag",
                        f"a bag of {entry.agent} may not last {wrong[0]} h",
                        entry.where,
                        f"Hours allowed: {allowed}.",
                    )
            case Failed() if protocol.failure is None:
                yield Problem("no-failure-route", "this protocol has no route after treatment failure", entry.where)
            case _:
                pass
    yield from _starts(protocol, record)
    yield from _around_day_1(protocol, record)
    yield from _order(protocol, record, settings)


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
    for entry in record.log:
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
            next(each.where for each in record.log if isinstance(each, Measured) and each.date == earliest),
            "Check the date, or add the height and weight of Day 1 or before.",
            Severity.WARNING,
        )
    for entry in record.log:
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
                [each.where for each in record.log if isinstance(each, Started) and each.course == course.id][-1],
                f"Correct the date, or record when {before.title} started.",
            )


def _unknown(code: str, what: str, name: str, known: Iterable[str], where: Where) -> Problem:
    return Problem(f"unknown-{code}", f"no {what} is called '{name}'", where, did_you_mean(name, known))
