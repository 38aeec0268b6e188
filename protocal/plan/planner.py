"""Definition, record, settings and revision -> the plan of the whole therapy."""

from __future__ import annotations

from protocal.model.facts import facts_of
from protocal.model.plan import Plan, Span
from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.model.record import Record, rules_in_force
from protocal.model.settings import Settings
from protocal.plan.course_dates import date_courses
from protocal.plan.course_log import story_of
from protocal.plan.expand import expand
from protocal.plan.in_force import in_force
from protocal.plan.record_check.courses import Fitting, fitting_at, last_fitting


def make_plan(
    protocol: Protocol,
    record: Record,
    settings: Settings,
    revision: int | None = None,
    problems: tuple[Problem, ...] = (),
    asked: Span | None = None,
) -> Plan:
    """Plan a record that fits its protocol (see `check_fit`) at a revision, the latest if left out.

    It is planned by the site's rules that its log has in force there, and by those of the settings where it has none.
    An earlier revision need not have fitted: lines that were written by hand may say what a later one takes back. Then
    the last state before them that did is planned. `problems` are those found on the way here, to travel with the plan.
    What is open until a level has cleared is planned to its course's last day, and beyond it on the dates that are
    `asked` for, the first and the last of them.
    """
    if revision is not None and revision < record.revision:
        found = last_fitting(protocol, record, settings, revision)._replace(revision=revision)
        return plan_from(found, record, rules_in_force(record, settings, revision), problems, asked)
    facts, settings, protocol = facts_of(record), rules_in_force(record, settings), in_force(protocol, record)
    courses = date_courses(protocol, facts, settings)
    return plan_from(Fitting(record.revision, facts, courses, protocol), record, settings, problems, asked)


def plan_at(protocol: Protocol, record: Record, settings: Settings, revision: int) -> Plan | None:
    """The plan of an earlier revision, if the record fitted its protocol there."""
    found = fitting_at(protocol, record, settings, revision)
    return plan_from(found, record, rules_in_force(record, settings, revision)) if found else None


def plan_from(
    found: Fitting,
    record: Record,
    settings: Settings,
    problems: tuple[Problem, ...] = (),
    asked: Span | None = None,
) -> Plan:
    """The plan of what a record was found to say at a revision, when it was held against its protocol.

    `settings` are the rules that it is planned by, whatever others the log has.
    """
    facts, protocol = found.facts, found.protocol
    return Plan(
        protocol=protocol,
        record=record,
        revision=found.revision,
        facts=facts,
        courses=tuple(
            expand(protocol.of(course.id), course, facts.traits, settings, story_of(course, facts, asked))
            for course in found.courses
        ),
        problems=problems,
        asked=asked,
        settings=settings,
    )
