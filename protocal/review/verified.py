"""A protocol and how many people must sign -> the same with those of its lines as verified that so many have signed."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import date
from functools import lru_cache

from protocal.model.agent import Agent
from protocal.model.course import Course
from protocal.model.evidence import Backing, Evidence
from protocal.model.protocol import Arm, Protocol
from protocal.review.lines import file_of, signatures_of


@lru_cache(maxsize=16)  # plans are remembered by their protocol
def verified(protocol: Protocol, people: int, today: date | None = None) -> Protocol:
    """The protocol in which a line that enough different people signed counts as verified, whatever it was before.

    A signature of a day that is still to come is none.
    """
    if not protocol.signatures:
        return protocol
    protocol = replace(
        protocol, signatures=tuple(each for each in protocol.signatures if today is None or each.on <= today)
    )
    signed = {line for line, signatures in signatures_of(protocol).items() if len(signatures) >= people}
    return replace(
        protocol,
        backing=_backing("protocol", protocol.backing, signed),
        unassigned=_arm("before assignment", protocol.unassigned, signed),
        arms={name: _arm(name, arm, signed) for name, arm in protocol.arms.items()},
        failure=_arm("treatment failure", protocol.failure, signed) if protocol.failure else None,
        courses={name: _course(course, signed) for name, course in protocol.courses.items()},
        tables={
            name: replace(table, backing=_backing(f"tables/{name}", table.backing, signed))
            for name, table in protocol.tables.items()
        },
        agents={name: _agent(agent, signed) for name, agent in protocol.agents.items()},
    )


def _backing(line: str, backing: Backing, signed: Set[str]) -> Backing:
    return replace(backing, parts=(("all", Evidence.SIGNED),)) if line in signed else backing


def _arm(name: str, arm: Arm, signed: Set[str]) -> Arm:
    return replace(arm, backing=_backing(f"routes/{name}", arm.backing, signed))


def _course(course: Course, signed: Set[str]) -> Course:
    file = file_of(course)

    def of(key: str, backing: Backing) -> Backing:
        return _backing(f"{file}/{key}", backing, signed)

    start = course.may_start
    return replace(
        course,
        backing=_backing(file, course.backing, signed),
        may_start=replace(start, backing=of("may start", start.backing)) if start else None,
        orders=tuple(replace(each, backing=of(each.key, each.backing)) for each in course.orders),
        procedures=tuple(replace(each, backing=of(each.key, each.backing)) for each in course.procedures),
        evaluations=tuple(replace(each, backing=of(each.key, each.backing)) for each in course.evaluations),
    )


def _agent(agent: Agent, signed: Set[str]) -> Agent:
    id_ = f"agents/{agent.id}"

    def of(key: str, backing: Backing) -> Backing:
        return _backing(f"{id_}/{key}", backing, signed)

    return replace(
        agent,
        backing=_backing(id_, agent.backing, signed),
        substitutions=tuple(replace(each, backing=of(each.key, each.backing)) for each in agent.substitutions),
        label_doses=tuple(
            replace(each, backing=of(f"label {number}", each.backing))
            for number, each in enumerate(agent.label_doses, 1)
        ),
        glossary=replace(agent.glossary, backing=of("glossary", agent.glossary.backing)) if agent.glossary else None,
    )
