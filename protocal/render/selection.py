"""A plan or its account, and a person's choice of courses, drugs, routes and dates -> only what was chosen."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from protocal.model.account import Account, Away, CourseDay, Dose, GoesOn, Running
from protocal.model.doses import Route
from protocal.model.plan import CoursePlan, Plan, PlannedEvent, Span
from protocal.model.problems import UsageError
from protocal.text.suggest import did_you_mean, known_as
from protocal.text.typed import read_date


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


def is_chosen(day: date, first: date | None, last: date | None) -> bool:
    """Whether a date is among those from one to another; without one of them, all before or after."""
    return (first is None or day >= first) and (last is None or day <= last)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person asked for, in names that the plan has; nothing named means all."""

    courses: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None

    @property
    def of_drugs(self) -> bool:
        """Whether it is one of drugs or of ways in, which leaves out what is neither."""
        return bool(self.agents or self.routes)

    def has_course(self, course: str) -> bool:
        """Whether a course is among those that were asked for."""
        return not self.courses or course in self.courses

    def has_date(self, day: date) -> bool:
        """Whether a date is."""
        return is_chosen(day, self.first, self.last)

    def has_drug(self, agent: str, route: Route) -> bool:
        """Whether a drug by a way in is."""
        return (not self.agents or agent in self.agents) and (not self.routes or route.value in self.routes)


def choice_of(
    plan: Plan, courses: Sequence[str], agents: Sequence[str], routes: Sequence[str], since: str, until: str
) -> Choice:
    """What was typed, held against a plan. Raises UsageError for a name that the plan does not have."""
    return Choice(
        check_courses(plan, courses),
        check_known(agents, plan.protocol.agents, "drug"),
        check_known(routes, Route.__members__, "route"),
        *parse_span(since, until),
    )


def select(
    plan: Plan, courses: Sequence[str], agents: Sequence[str], routes: Sequence[str], since: str, until: str
) -> Plan:
    """The lines of a plan that were asked for; nothing typed means all. A choice of drug or route leaves out events.

    Raises UsageError for a name that the plan does not have.
    """
    return chosen_lines(plan, choice_of(plan, courses, agents, routes, since, until))


def chosen_lines(plan: Plan, choice: Choice, also: Container[str] = ()) -> Plan:
    """A plan with only the lines of a choice; the courses of `also` are kept without any."""

    def wanted(each: CoursePlan) -> CoursePlan:
        return replace(
            each,
            administrations=tuple(
                line for line in each.administrations
                if choice.has_date(line.date) and choice.has_drug(line.agent, line.route)
            ),
            procedures=events(each.procedures),
            evaluations=events(each.evaluations),
        )  # fmt: skip

    def events(found: Iterable[PlannedEvent]) -> tuple[PlannedEvent, ...]:
        return () if choice.of_drugs else tuple(event for event in found if choice.has_date(event.date))

    kept = (wanted(each) for each in plan.courses if choice.has_course(each.course.id))
    narrowed = choice.of_drugs or choice.first or choice.last
    return replace(
        plan,
        courses=tuple(
            each
            for each in kept
            if not narrowed or each.course.id in also or each.administrations or each.procedures or each.evaluations
        ),
    )


def chosen_days(account: Account, choice: Choice) -> Iterator[tuple[date, tuple[CourseDay, ...]]]:
    """The dates of an account that were asked for, each with what was; a choice of course or drug has only its own."""
    for day, courses in account.days.items():
        if choice.has_date(day):
            found = tuple(_of_drugs(each, choice) for each in courses if choice.has_course(each.course.id))
            if choice.of_drugs:
                found = tuple(each for each in found if _says_something(each))
            if found or not (choice.courses or choice.of_drugs):
                yield day, found


def run_on(days: Iterable[tuple[date, tuple[CourseDay, ...]]]) -> frozenset[str]:
    """The courses of which an infusion runs on into one of some dates."""
    return frozenset(each.course.id for _day, courses in days for each in courses if each.running)


def _of_drugs(day: CourseDay, choice: Choice) -> CourseDay:
    """A course's day with only the drugs of a choice."""
    if not choice.of_drugs:
        return day
    return replace(
        day,
        doses=_chosen(day.doses, choice),
        away=_chosen(day.away, choice),
        running=_chosen(day.running, choice),
        goes_on=_chosen(day.goes_on, choice),
        punctures=tuple(each for each in day.punctures if _chosen(each.doses, choice)),
        procedures=(),
        evaluations=(),
        bags=tuple(each for each in day.bags if choice.has_drug(each.agent, Route.CIV)),
        stops=tuple(each for each in day.stops if choice.has_drug(each.agent, Route.CIV)),
        restarts=tuple(each for each in day.restarts if choice.has_drug(each.agent, Route.CIV)),
    )


_OfALine = TypeVar("_OfALine", Dose, Away, GoesOn, Running)


def _chosen(found: Iterable[_OfALine], choice: Choice) -> tuple[_OfALine, ...]:
    return tuple(each for each in found if choice.has_drug(each.line.agent, each.line.route))


def _says_something(day: CourseDay) -> bool:
    """Whether a date has something of the drugs that were chosen."""
    return bool(day.doses or day.away or day.running or day.bags or day.stops or day.restarts)


def nothing_due(plan: Plan, *, only_drugs: bool = False) -> bool:
    """Whether a choice left nothing; a course that waits for its date is something."""
    return not any(
        each.course.dates is None or each.administrations or (not only_drugs and (each.procedures or each.evaluations))
        for each in plan.courses
    )
