"""Whether a record fits its protocol: both in, problems at the lines of the record out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from protocal.plan.route import legs_of
from protocal.words.days import age_on
from protocal.words.problems import Problem, Severity, Where
from protocal.words.protocol import Protocol
from protocal.words.record import (
    Assigned,
    Defined,
    Diagnostic,
    Failed,
    Measured,
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
                    yield _unknown(entry.fact, entry.value, known[entry.fact], entry.where)
            case Assigned():
                if entry.arm not in protocol.arms:
                    yield _unknown("arm", entry.arm, protocol.arms, entry.where)
            case Diagnostic():
                if entry.agent not in protocol.agents:
                    yield _unknown("agent", entry.agent, protocol.agents, entry.where)
                yield from _after_birth(record, "the diagnostic lumbar puncture", entry)
            case Measured():
                yield from _after_birth(record, "the measurement", entry)
            case Started():
                yield from _after_birth(record, "the start", entry)
            case Failed() if protocol.failure is None:
                yield Problem("no-failure-route", "this protocol has no route after treatment failure", entry.where)
            case _:
                pass
    yield from _starts(protocol, record)


def _after_birth(record: Record, what: str, entry: Measured | Started | Diagnostic) -> Iterator[Problem]:
    if entry.date < record.born:
        yield Problem(
            "before-birth",
            f"{what} ({entry.date}) is before the birth ({record.born})",
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
    legs = {leg.course: leg for leg in legs_of(protocol, facts)}
    for entry in record.log:
        if not isinstance(entry, Started):
            continue
        name, _, cycle = entry.course.rpartition("-")
        repeated = cycle.isdigit() and name in legs and legs[name].until
        if not repeated and (entry.course not in legs or legs[entry.course].until):
            yield _unknown("course of this patient's route", entry.course, legs, entry.where)
        low, high = protocol.ages
        if entry.course == first and not low <= (age := age_on(record.born, entry.date)) <= high:
            yield Problem(
                "age",
                f"the patient is {age} at the start; {protocol.id} takes ages {low} to {high}",
                entry.where,
                "Check the birth date and the start.",
            )


def _unknown(what: str, name: str, known: Iterable[str], where: Where) -> Problem:
    names = list(known)
    near = get_close_matches(name, names, 1, 0.5) or get_close_matches(name.upper(), names, 1, 0.5)
    known_text = f"Known: {', '.join(names) or 'none'}."
    remedy = f"Did you mean '{near[0]}'? {known_text}" if near else known_text
    return Problem(f"unknown-{what.partition(' ')[0]}", f"no {what} is called '{name}'", where, remedy)
