"""A protocol -> where its routes of courses do not fit: what none reaches, what stands twice, what has no start."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from protocal.model.course import Condition
from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.read.definition.lint.lines import unknown


def unreachable_course(protocol: Protocol) -> Iterator[Problem]:
    """Every course stands on some route, and every route names courses that exist."""
    reached = set()
    for arm in protocol.routes:
        for leg in arm.route:
            reached.add(leg.course)
            if leg.course not in protocol.courses:
                yield unknown("unknown-course", "course", leg.course, protocol.courses, leg.where)
            if leg.until and leg.until.course not in protocol.courses:
                yield unknown("unknown-course", "course", leg.until.course, protocol.courses, leg.where)
    for course in protocol.courses.values():
        if course.id not in reached:
            yield Problem(
                "unreachable-course",
                f"no arm reaches {course.title} ('{course.id}')",
                course.where,
                "Put it on a route, or remove it.",
            )


def course_twice_on_route(protocol: Protocol) -> Iterator[Problem]:
    """No route has a course twice: identities in calendars are made of its id, and of its number if it is repeated."""
    before = protocol.unassigned.route
    routes = [before, *(before + arm.route for arm in protocol.arms.values())]
    routes += [protocol.failure.route] if protocol.failure else []
    for route in routes:
        for first, second in combinations(route, 2):
            ids = {first.course, second.course}
            numbered = {id_.rpartition("-")[0] for id_ in ids if id_.rpartition("-")[2].isdigit()}
            repeats = {leg.course for leg in (first, second) if leg.until}
            if len(ids) == 1 or numbered & repeats:
                yield Problem(
                    "course-twice-on-route",
                    f"course '{second.course}' is already on this route (line {first.where.line})",
                    second.where,
                    "Give the second one an id of its own.",
                )


def route_without_start(protocol: Protocol) -> Iterator[Problem]:
    """Therapy begins with one course for everybody, and a repeat ends by the first day of a course before it."""
    before = protocol.unassigned.route
    if not before or before[0].until or before[0].when != Condition():
        yield Problem(
            "first-course",
            "the route before assignment must begin with one course, neither repeated nor under a condition",
            before[0].where if before else protocol.unassigned.where,
            "Write the id of the course that all patients begin with.",
        )
    for arm in protocol.routes:
        seen = {leg.course for leg in before} if arm is not protocol.unassigned else set()
        for leg in arm.route:
            if leg.until and leg.until.course in protocol.courses and leg.until.course not in seen:
                yield Problem(
                    "repeat-without-end",
                    f"'{leg.course}' is repeated until an anniversary of '{leg.until.course}', which is not before it",
                    leg.where,
                    f"Courses before it: {', '.join(sorted(seen)) or 'none'}.",
                )
            seen.add(leg.course)
