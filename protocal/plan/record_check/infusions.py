"""What a record says of infusions and levels -> problems with hours that nothing goes before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from protocal.model.entries import Cleared, Interrupted, Resumed
from protocal.model.facts import Facts
from protocal.model.ids import AdministrationId
from protocal.model.problems import Problem, Where
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.plan.bags import Interruption, in_order
from protocal.plan.course_dates import course_named
from protocal.plan.hours_infused import check_running


def check_clocks(protocol: Protocol, record: Record, facts: Facts) -> Iterator[Problem]:
    """Stops, resumes and clearing levels that no recorded start, or no stop, goes before."""
    given = dict(facts.given)
    open_stops: dict[str, int] = {}
    for _number, entry in record.standing():
        if isinstance(entry, Interrupted):
            open_stops[entry.course] = open_stops.get(entry.course, 0) + 1
        elif isinstance(entry, Resumed):
            if not open_stops.get(entry.course):
                yield Problem(
                    "resume",
                    f"no interruption of {entry.course} is recorded that this would end",
                    entry.where,
                    "Record the interruption first.",
                )
            else:
                open_stops[entry.course] -= 1
        elif isinstance(entry, Cleared):
            yield from _clearing(protocol, entry, given)
    for course in dict.fromkeys(pause.course for pause in facts.pauses):
        where = [each.where for _, each in record.standing() if isinstance(each, Interrupted) and each.course == course]
        yield from _interruptions(protocol, course, facts, where[-1])


def _interruptions(protocol: Protocol, course: str, facts: Facts, where: Where) -> Iterator[Problem]:
    """Those of a course have an infusion to stop, which was running, and do not overlap."""
    found, given, zone = course_named(protocol, course), dict(facts.given), ZoneInfo(facts.zone)
    order = next((each for each in (found.orders if found else ()) if each.frequency.continuous), None)
    if order is None:
        yield Problem("interrupt", f"{course} has no continuous infusion", where, "Check the course.")
        return
    first = AdministrationId.of(course, order.key, order.days.first)
    start = given.get(first)
    if start is None:
        yield Problem(
            "interrupt",
            f"the record does not say at which hour the infusion of {course} started",
            where,
            f"Record it first: give {first} with its date and hour.",
        )
        return
    pauses = [each for each in facts.pauses if each.course == course]
    hours, rule = 24 * len(order.days.fixed), protocol.of(course).agents[order.agents[0]].interruptions
    try:
        in_order([Interruption(each.stop, each.resume) for each in pauses], start.astimezone(UTC), zone)
        for index, pause in enumerate(sorted(pauses, key=lambda each: each.stop)):
            check_running(start, hours, pauses[:index], rule, pause.stop, zone)
    except ValueError as error:
        yield Problem("interrupt", str(error), where, "Correct the hours.")


def _clearing(protocol: Protocol, entry: Cleared, given: Mapping[AdministrationId, datetime]) -> Iterator[Problem]:
    """A clearing level comes after the recorded start of an infusion that has a rescue."""
    course = course_named(protocol, entry.course)
    orders = course.orders if course else ()
    rescues = [each for each in orders if each.until_clear == entry.agent and each.first_dose]
    if not rescues:
        lacks = f"{entry.course} has no rescue that lasts until {entry.agent} has cleared"
        yield Problem("clear", lacks, entry.where, "Check the course and the drug.")
        return
    anchor = rescues[0].first_dose.order if rescues[0].first_dose else ""
    infusion = next((each for each in orders if each.key == anchor), None)
    id_ = AdministrationId.of(entry.course, anchor, infusion.days.first) if infusion else AdministrationId()
    start = given.get(id_)
    if start is None:
        yield Problem(
            "clear",
            f"the record does not say at which hour {entry.agent} was started in {entry.course}",
            entry.where,
            f"Record it first: give {id_} with its date and hour.",
        )
    elif entry.at <= start:
        yield Problem(
            "clear",
            f"the level of {entry.at:%Y-%m-%d %H:%M} is not after the start of {start:%Y-%m-%d %H:%M}",
            entry.where,
            "Correct one of the two.",
        )
