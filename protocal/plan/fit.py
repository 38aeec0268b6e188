"""Whether a record fits its protocol: both in, problems at the lines of the record out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocal.plan.route import holds, legs_of
from protocal.words.days import age_on
from protocal.words.doses import Route
from protocal.words.nearest import did_you_mean
from protocal.words.problems import Problem, Severity, Where
from protocal.words.protocol import Protocol
from protocal.words.record import (
    Adjusted,
    Assigned,
    Defined,
    Diagnostic,
    Failed,
    Measured,
    Prior,
    Record,
    Started,
    Stated,
    facts_of,
)


def check_fit(protocol: Protocol, record: Record) -> list[Problem]:
    """Everything in the record that the protocol does not know or allow."""
    return list(_check(protocol, record))


def _check(protocol: Protocol, record: Record) -> Iterator[Problem]:
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
            case Adjusted() | Prior():
                if entry.agent not in protocol.agents:
                    yield _unknown("agent", "agent", entry.agent, protocol.agents, entry.where)
                if isinstance(entry, Adjusted) and entry.to and entry.to < entry.date:
                    yield Problem(
                        "adjust",
                        f"the adjustment ends ({entry.to}) before it begins ({entry.date})",
                        entry.where,
                        "Correct one of the two dates.",
                    )
            case Failed() if protocol.failure is None:
                yield Problem("no-failure-route", "this protocol has no route after treatment failure", entry.where)
            case _:
                pass
    yield from _starts(protocol, record)


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


def _unknown(code: str, what: str, name: str, known: Iterable[str], where: Where) -> Problem:
    return Problem(f"unknown-{code}", f"no {what} is called '{name}'", where, did_you_mean(name, known))
