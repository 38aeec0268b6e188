"""A protocol -> its lines that do not say how well they are known, or where that was read."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.evidence import Backing
from protocal.model.problems import Problem, Where
from protocal.model.protocol import Protocol
from protocal.read.definition.lint.lines import unknown


def order_without_evidence(protocol: Protocol) -> Iterator[Problem]:
    """Every line says how well it is known and where it was read, and its sources are declared."""
    for name, backing, where in _backed(protocol):
        if not backing.parts:
            yield Problem(
                "no-evidence",
                f"{name} does not say how well it is known",
                where,
                "Add 'evidence: registry', 'published', 'corroborated' or 'unverified'.",
            )
        if not backing.sources:
            yield Problem("no-source", f"{name} names no source", where, "Add 'source:' with a key of the sources.")
        for source in backing.sources:
            if source not in protocol.sources:
                yield unknown("unknown-source", "source", source, protocol.sources, where)


def verified_by_hand(protocol: Protocol) -> Iterator[Problem]:
    """A definition that says by itself that it is verified. It can be planned with, and nothing is verified by it."""
    if protocol.claims:
        yield Problem(
            "verified-by-hand",
            "'verified: true' was typed, and only signatures verify a definition",
            protocol.claims,
            "Leave it out, and sign each line that was held against its source: `protocal sign`.",
        )


def _backed(protocol: Protocol) -> Iterator[tuple[str, Backing, Where]]:
    for arm in protocol.routes:
        yield f"the route '{arm.title}'", arm.backing, arm.where
    for table in protocol.tables.values():
        yield f"table '{table.id}'", table.backing, table.where
    for agent in protocol.agents.values():
        for substitution in agent.substitutions:
            yield f"substitution '{substitution.key}'", substitution.backing, substitution.where
        for label in agent.label_doses:
            yield f"the label's dose of {agent.id}", label.backing, label.where
        if agent.glossary:
            yield f"the glossary of {agent.id}", agent.glossary.backing, agent.where
    for course in protocol.courses.values():
        yield f"the length of {course.title}", course.backing, course.where
        if course.may_start:
            yield f"the start criterion of {course.title}", course.may_start.backing, course.where
        for line in course.lines:
            yield f"'{line.key}'", line.backing, line.where
