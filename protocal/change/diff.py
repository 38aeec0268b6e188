"""Two plans of one record -> what the later one adds, omits, moves or doses otherwise, as values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum

from protocal.model.frozen import frozen
from protocal.model.plan import Administration, CoursePlan, DatedCourse, Infusion, Plan, PlannedEvent


class Kind(str, Enum):
    """What becomes of a line."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    DOSE = "dose"
    STATUS = "status"


@frozen
class CourseChange:
    """A course whose dates change; None where the one of the plans does not have it."""

    before: DatedCourse | None
    after: DatedCourse | None

    @property
    def course(self) -> DatedCourse:
        """The course as it is, or as it was if it is gone."""
        found = self.after or self.before
        assert found  # noqa: S101 - a change has at least one side
        return found

    @property
    def shift(self) -> timedelta:
        """By how much its first day moves."""
        if self.before and self.after and self.before.dates and self.after.dates:
            return self.after.dates.day1 - self.before.dates.day1
        return timedelta()


@frozen
class Change:
    """An administration that changes, with all that changes of it.

    Attributes:
        along: it moves only because its whole course does.
    """

    before: Administration | None
    after: Administration | None
    kinds: tuple[Kind, ...]
    along: bool = False

    @property
    def line(self) -> Administration:
        """The administration as it is, or as it was if it is gone."""
        found = self.after or self.before
        assert found  # noqa: S101 - a change has at least one side
        return found


@frozen
class EventChange:
    """A procedure or an evaluation that is added, removed or moved."""

    before: PlannedEvent | None
    after: PlannedEvent | None
    along: bool = False

    @property
    def event(self) -> PlannedEvent:
        """The event as it is, or as it was if it is gone."""
        found = self.after or self.before
        assert found  # noqa: S101 - a change has at least one side
        return found


@frozen
class Differences:
    """All that differs between two plans, in the order of their courses; `bags` are infusions with other bags."""

    courses: tuple[CourseChange, ...]
    lines: tuple[Change, ...]
    events: tuple[EventChange, ...]
    bags: tuple[tuple[str, Infusion], ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.courses or self.lines or self.events or self.bags)


def differences(before: Plan, after: Plan) -> Differences:
    """What differs; courses that are the same value in both plans are not looked into."""
    old = {each.course.id: each for each in before.courses}
    new = {each.course.id: each for each in after.courses}
    ids = [*old, *(id_ for id_ in new if id_ not in old)]
    courses: list[CourseChange] = []
    lines: list[Change] = []
    events: list[EventChange] = []
    bags: list[tuple[str, Infusion]] = []
    for id_ in ids:
        one, other = old.get(id_), new.get(id_)
        if one is other:
            continue
        change = CourseChange(one.course if one else None, other.course if other else None)
        if _dates(change.before) != _dates(change.after):
            courses.append(change)
        lines += _lines(one, other, change.shift)
        events += _events(one, other, change.shift)
        had = {each.key: each.bags for each in one.infusions} if one else {}
        bags += ((id_, each) for each in (other.infusions if other else ()) if had.get(each.key) != each.bags)
    return Differences(tuple(courses), tuple(lines), tuple(events), tuple(bags))


def _dates(course: DatedCourse | None) -> tuple[date, date, bool] | None:
    return (course.dates.day1, course.dates.last_day, course.provisional) if course and course.dates else None


def _lines(before: CoursePlan | None, after: CoursePlan | None, shift: timedelta) -> Iterator[Change]:
    old = {each.id: each for each in before.administrations} if before else {}
    new = {each.id: each for each in after.administrations} if after else {}
    for id_ in [*old, *(id_ for id_ in new if id_ not in old)]:
        one, other = old.get(id_), new.get(id_)
        if one is None or other is None:
            yield Change(one, other, (Kind.ADDED if other else Kind.REMOVED,))
            continue
        kinds = []
        if one.date != other.date or one.times != other.times:
            kinds.append(Kind.MOVED)
        if (one.dose, one.per_day, one.product) != (other.dose, other.per_day, other.product):
            kinds.append(Kind.DOSE)
        if one.status is not other.status and {one.status.takes_place, other.status.takes_place} == {True, False}:
            kinds.append(Kind.STATUS)
        if kinds:
            along = kinds == [Kind.MOVED] and bool(shift) and other.date - one.date == shift
            yield Change(one, other, tuple(kinds), along)


def _events(before: CoursePlan | None, after: CoursePlan | None, shift: timedelta) -> Iterator[EventChange]:
    old = {(each.day, each.kind): each for each in _all_events(before)}
    new = {(each.day, each.kind): each for each in _all_events(after)}
    for key in [*old, *(key for key in new if key not in old)]:
        one, other = old.get(key), new.get(key)
        if one and other and (one.date, one.at) == (other.date, other.at):
            continue
        yield EventChange(one, other, bool(one and other and shift and other.date - one.date == shift))


def _all_events(each: CoursePlan | None) -> Iterator[PlannedEvent]:
    if each:
        yield from each.procedures
        yield from each.evaluations
