"""Definition, record, settings and revision in; the plan of the whole therapy out."""

from __future__ import annotations

from protocal.plan.expand import expand
from protocal.plan.fit import fitting_revision
from protocal.plan.route import date_courses
from protocal.plan.story import story_of
from protocal.words.plan import Plan, Span
from protocal.words.problems import Problem
from protocal.words.protocol import Protocol
from protocal.words.record import Record, facts_of
from protocal.words.settings import Settings


def make_plan(
    protocol: Protocol,
    record: Record,
    settings: Settings,
    revision: int | None = None,
    problems: tuple[Problem, ...] = (),
    asked: Span | None = None,
) -> Plan:
    """Plan a record that fits its protocol (see `check_fit`) at a revision, the latest if left out.

    An earlier revision need not have fitted: lines that were written by hand may say what a later one takes back. Then
    the last state before them that did is planned. `problems` are those found on the way here, to travel with the plan.
    What is open until a level has cleared is planned to its course's last day, and beyond it on the dates that are
    `asked` for, the first and the last of them.
    """
    last = record.revision if revision is None else revision
    facts = facts_of(record, last if last == record.revision else fitting_revision(protocol, record, settings, last))
    courses = date_courses(protocol, facts, settings)
    return Plan(
        protocol=protocol,
        record=record,
        revision=last,
        facts=facts,
        courses=tuple(
            expand(protocol, course, facts.traits, settings, story_of(course, facts, asked)) for course in courses
        ),
        problems=problems,
    )
