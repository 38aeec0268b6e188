"""A record's log and the versions that it names -> which of them each course is planned by.

A line `definition` lets a later version count. Courses that have begun keep theirs; with `from_course` only those that
stand before it on the route do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from protocal.model.entries import Assigned, Defined, Given, Started, Transplanted
from protocal.model.frozen import frozen
from protocal.model.protocol import Leg, Protocol, in_versions
from protocal.model.record import Record
from protocal.plan.course_dates import all_legs, is_transplant


@frozen
class Upgrade:
    """A line by which another version counts.

    Attributes:
        before, after: the versions; no `after` where nobody found the one that the line names.
        arm: the patient's, as the line was written.
        begun: the courses that had begun by then.
        kept: which version each of them stays with.
    """

    number: int
    entry: Defined
    before: Protocol
    after: Protocol | None
    arm: str
    begun: tuple[str, ...]
    kept: tuple[tuple[str, Protocol], ...]


def in_force(protocol: Protocol, record: Record, revision: int | None = None) -> Protocol:
    """The version by which a record is planned at a revision, with those that courses which have begun stay with."""
    if not protocol.known:
        return protocol
    newest = protocol.known[0]
    kept: tuple[tuple[str, Protocol], ...] = ()
    for each in upgrades(protocol, record, revision):
        if each.after:
            newest, kept = each.after, each.kept
    return in_versions(protocol.known, newest, kept)


def as_named(protocol: Protocol, record: Record, revision: int) -> Protocol:
    """The same as anybody knew it at a revision, whose names of drugs and kinds are not those of later versions."""
    later = (each.version for _number, each in record.standing(revision) if isinstance(each, Defined))
    named = {record.version, *later}
    known = tuple(each for each in protocol.known if each.version in named)
    return in_force(replace(protocol, known=known), record, revision) if known else protocol


def upgrades(protocol: Protocol, record: Record, revision: int | None = None) -> Iterator[Upgrade]:
    """The lines by which another version counts, in their order.

    A course has begun where its start, or a dose of it, stands in the log.
    """
    known = {each.version: each for each in protocol.known or (protocol,)}
    now, version, arm = known.get(record.version, protocol), record.version, ""
    begun: dict[str, None] = {}
    kept: dict[str, Protocol] = {}
    for number, entry in record.standing(revision):
        match entry:
            case Assigned():
                arm = entry.arm
            case Started():
                begun[entry.course] = None
            case Given():
                begun[entry.id.course] = None
            case Transplanted():
                begun |= {leg.course: None for leg in all_legs(now) if is_transplant(now, leg)}
            case Defined() if entry.version != version:
                after = known.get(entry.version)
                kept = {course: kept.get(course, now) for course in begun}
                if after and entry.from_course:
                    kept = {id_: each for id_, each in kept.items() if _is_before(id_, entry.from_course, after, arm)}
                yield Upgrade(number, entry, now, after, arm, tuple(begun), tuple(kept.items()))
                now, version = (after, after.version) if after else (now, version)
            case _:
                pass


def _is_before(course: str, other: str, protocol: Protocol, arm: str) -> bool:
    """Whether a course stands before another on the route."""
    one, two = (_place(protocol, arm, each) for each in (course, other))
    return one < two


def leg_of(protocol: Protocol, arm: str, course: str) -> Leg | None:
    """The step that a course is of, of an arm's route or of that after treatment failure; None where it has no such."""
    return next((leg for leg in reversed(_legs(protocol, arm)) if leg.names(course)), None)


def _place(protocol: Protocol, arm: str, course: str) -> tuple[int, int]:
    """Where a course stands on the route, and its cycle; before all others where it does not."""
    places = [(place, leg) for place, leg in enumerate(_legs(protocol, arm)) if leg.names(course)]
    if not places:
        return -1, 0
    place, leg = places[-1]
    return place, int(course.rpartition("-")[2]) if leg.until else 0


def _legs(protocol: Protocol, arm: str) -> list[Leg]:
    routes = (protocol.unassigned, protocol.arms.get(arm), protocol.failure)
    return [leg for route in routes if route for leg in route.route]
