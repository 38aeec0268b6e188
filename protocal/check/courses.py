"""Plan -> problems with courses and routes of therapy: whether this patient may be on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocal.check.rule import entry_of, error, place, start_of, warning
from protocal.model.days import ONE_DAY
from protocal.model.entries import Assigned, Failed
from protocal.model.plan import Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.plan.course_dates import TRANSPLANT
from protocal.text.format import paper_date
from protocal.text.message import joined, say


def day_one_not_declared_once(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S19: a protocol counts from Day 1; only a transplant has its own field's Day 0."""
    for course in dict.fromkeys(each.course.definition for each in plan.courses if each.course.dates):
        transplant = any(event.kind == TRANSPLANT for event in course.procedures)
        if course.first_day != 1 and not transplant:
            yield error(
                "S19",
                say(
                    "{course} counts its days from Day {day}, but the protocol counts from Day 1 and the course has no"
                    " transplant",
                    course=course.title,
                    day=course.first_day,
                ),
                course.where,
                say("Count its days from Day 1, in the definition."),
            )


def counts_not_recorded(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S21: a course that may start at certain counts starts with them on record."""
    recorded = dict(plan.facts.counts)
    for each in plan.courses:
        course, criteria = each.course, each.course.definition.may_start
        if not (course.started and course.dates and criteria):
            continue
        have = dict(recorded.get(course.id, ()))
        if missing := [count for count in criteria.counts if count.name not in have]:
            counts = ", ".join(f"{count.name} {count.text}" for count in missing)
            yield warning(
                "S21",
                f"{course.title} started on {paper_date(course.dates.day1)}, but its counts ({counts}) are not in the"
                " record: its dates are provisional",
                place(start_of(plan, course.id)),
                "Check the counts and record them with the start.",
            )


def planned_before_its_arm(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S21: a course of an arm is not planned for days on which nobody knew the arm."""
    assigned = entry_of(plan, Assigned)
    before = {leg.course for leg in plan.protocol.unassigned.route}
    for each in plan.courses:
        course = each.course
        if assigned and course.dates and course.id not in before:
            if not course.started and course.dates.day1 < assigned.date:
                yield warning(
                    "S21",
                    f"{course.title} is planned for {paper_date(course.dates.day1)}, before arm {assigned.arm} was"
                    f" assigned on {paper_date(assigned.date)}",
                    place(assigned),
                    "Record when it starts, or delay it.",
                )
            return


def arm_that_does_not_fit(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S27: an arm takes patients of its risk groups, with a CNS status where the protocol asks for one."""
    traits, protocol = plan.facts.traits, plan.protocol
    arm = protocol.arms.get(traits.arm)
    if arm is None:
        return
    assigned = entry_of(plan, Assigned)
    since = say("since {date}", date=assigned.date) if assigned else ""
    if traits.risk and arm.risk and traits.risk not in arm.risk:
        yield error(
            "S27",
            say(
                "arm {arm} is for {risks} risk, but the record's risk group is {risk}",
                arm=arm.id,
                risks=_either(arm.risk),
                risk=joined(" ", (traits.risk, since)),
            ),
            place(assigned),
            say("Correct the arm or the risk group."),
        )
    if protocol.cns and not traits.cns:
        known = say("arm {arm} is assigned", arm=arm.id)
        yield error(
            "S27",
            say("{arm}, but the record has no CNS status", arm=joined(" ", (known, since))),
            place(assigned),
            say(
                "Record it (--cns): {choices}. What depends on it is missing from this plan.",
                choices=", ".join(protocol.cns),
            ),
        )


def _either(names: Iterable[str]) -> str:
    *several, last = names
    return say("{several} or {last}", several=", ".join(several), last=last) if several else last


def failure_route_after_its_drug(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """S27: the route after treatment failure brings its drug for the first time."""
    failed, route = plan.facts.failed, plan.protocol.failure
    if failed is None or route is None:
        return
    courses = [plan.protocol.courses[leg.course] for leg in route.route]
    whens = [order.when for course in courses for order in course.orders]
    whens += [event.when for course in courses for event in (*course.procedures, *course.evaluations)]
    first = {when.first_with for when in whens if when.first_with}
    begun = {each.course.id for each in plan.courses if each.course.started}
    salvage = {course for course in begun if any(leg.names(course) for leg in route.route)}
    seen: set[str] = set()
    for each in plan.given:
        last = failed - ONE_DAY if each.course in salvage else failed  # it may begin on the day of the failure itself
        if each.course in begun and each.agent in first - seen and each.date <= last:
            seen.add(each.agent)
            yield error(
                "S27",
                say(
                    "the route after treatment failure ({failed}) is for those who had no {agent} before, but it was"
                    " given from {date} on ({order})",
                    failed=failed,
                    agent=plan.protocol.agents[each.agent].written,
                    date=each.date,
                    order=f"{each.course}/{each.key}",
                ),
                place(entry_of(plan, Failed)),
                say("Ask the prescriber and the study's chair."),
            )
