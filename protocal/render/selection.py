"""A plan and a person's choice of courses, drugs, routes and dates in; the plan with only those lines out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from protocal.words.doses import Route
from protocal.words.nearest import did_you_mean, known_as
from protocal.words.plan import CoursePlan, Plan, Span
from protocal.words.problems import UsageError
from protocal.words.typed import read_date


def check_known(names: Sequence[str], known: Iterable[str], what: str) -> tuple[str, ...]:
    """The names as they are known, for case does not matter. Raises UsageError with the nearest one."""
    choices = list(known)
    found = tuple(known_as(name, choices) for name in names)
    for name in found:
        if name not in choices:
            raise UsageError(f"no {what} is called '{name}'", did_you_mean(name, choices))
    return found


def check_courses(plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    """The names, if all are courses of the plan. Raises UsageError, which lists the route if it lacks a course."""
    route = [each.course.id for each in plan.courses]
    on_route = {each.course.definition.id for each in plan.courses}
    arm = plan.facts.traits.arm
    for name in names:
        course = plan.protocol.courses.get(known_as(name, plan.protocol.courses))
        if course and course.id not in on_route:
            raise UsageError(
                f"this patient's route ({f'arm {arm}' if arm else 'no arm assigned yet'}) does not have {course.title}",
                f"The route: {', '.join(route)}.",
            )
    return check_known(names, route, "course of this plan")


def check_dated(plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    """The names, if all are courses of the plan that have a date. Raises UsageError."""
    chosen = check_courses(plan, names)
    for each in plan.courses:
        if each.course.id in chosen and each.course.dates is None:
            raise UsageError(
                f"{each.course.title} has no date yet", "It can be printed once the record gives its Day 1."
            )
    return chosen


def parse_day(text: str, option: str) -> date | None:
    """A date typed at an option, or None if nothing was. Raises UsageError."""
    if not text:
        return None
    try:
        return read_date(text)
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        remedy = f"{hint[0].upper()}{hint[1:]}." if hint else "Write it as in 2026-12-01."
        raise UsageError(f"{option}: {message}", remedy) from None


def parse_span(since: str, until: str) -> tuple[date | None, date | None]:
    """The days typed at --from and --to. Raises UsageError if they are no dates, or the wrong way round."""
    first, last = parse_day(since, "--from"), parse_day(until, "--to")
    if first and last and first > last:
        raise UsageError(f"--from {first} is after --to {last}", "Swap them.")
    return first, last


def asked_span(first: date | None, last: date | None) -> Span | None:
    """The dates that are asked for by name: of those from a day on without an end, only that day."""
    end = last or first
    return (first or end, end) if end else None


def select(
    plan: Plan, courses: Sequence[str], agents: Sequence[str], routes: Sequence[str], since: str, until: str
) -> Plan:
    """The lines of a plan that were asked for; nothing typed means all. A choice of drug or route leaves out events.

    Raises UsageError for a name that the plan does not have.
    """
    courses = check_courses(plan, courses)
    agents = check_known(agents, plan.protocol.agents, "drug")
    routes = check_known(routes, Route.__members__, "route")
    first, last = parse_span(since, until)

    def within(day: date) -> bool:
        return (first is None or day >= first) and (last is None or day <= last)

    def wanted(each: CoursePlan) -> CoursePlan:
        lines = tuple(
            line
            for line in each.administrations
            if within(line.date) and (not agents or line.agent in agents) and (not routes or line.route.value in routes)
        )
        keep: Callable[[date], bool] = (lambda _: False) if agents or routes else within
        return replace(
            each,
            administrations=lines,
            procedures=tuple(event for event in each.procedures if keep(event.date)),
            evaluations=tuple(event for event in each.evaluations if keep(event.date)),
        )

    kept = (wanted(each) for each in plan.courses if not courses or each.course.id in courses)
    narrowed = bool(agents or routes or first or last)
    return replace(
        plan,
        courses=tuple(
            each for each in kept if not narrowed or each.administrations or each.procedures or each.evaluations
        ),
    )


def nothing_due(plan: Plan, *, only_drugs: bool = False) -> bool:
    """Whether a choice left nothing; a course that waits for its date is something."""
    return not any(
        each.course.dates is None or each.administrations or (not only_drugs and (each.procedures or each.evaluations))
        for each in plan.courses
    )
