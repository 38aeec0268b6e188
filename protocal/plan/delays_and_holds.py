"""The delays and holds of a course -> by how much it begins later, and which of its days move or are missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from protocal.model.course import Course, Hold
from protocal.model.days import ONE_DAY, date_of
from protocal.model.entries import Delayed, Held, HoldRule
from protocal.model.facts import Facts
from protocal.model.plan import DatedCourse, Shift, Skip, shifted


def rule_of_hold(courses: Iterable[DatedCourse], course: str) -> HoldRule | None:
    """What a hold of a course does by its definition, None where the prescriber must say.

    For a course that there is not it is to skip: what is wrong is then told of the entry.
    """
    hold = next((each.definition.hold for each in courses if each.id == course), Hold.SKIP)
    return None if hold is Hold.ASK else HoldRule(hold.value)


def missed(facts: Facts, course: str) -> tuple[Held, ...]:
    """The holds of a course whose days are missed; the days of the others move (`shifts_of`)."""
    return tuple(each for each in facts.holds if each.course == course and each.rule is HoldRule.SKIP)


def delayed(facts: Facts, course: str, day1: date) -> date:
    """A planned first day with the delays of the course, in the order of the log."""
    for delay in whole_delays(facts, course):
        day1 = day1 + timedelta(days=delay.days) if delay.days else max(day1, delay.to or day1)
    return day1


def for_the_gap(facts: Facts, course: str, day1: date, free: date) -> timedelta:
    """By how much a course is later for delays that those after it need not follow, as far as a gap takes them up.

    `day1` is when it would begin without delays, `free` when the one before it is over.
    """
    others = replace(facts, delays=tuple(each for each in facts.delays if not each.only))
    return max(delayed(facts, course, day1), free) - max(delayed(others, course, day1), free)


def whole_delays(facts: Facts, course: str) -> Iterator[Delayed]:
    """The delays of a course's first day, in the order of the log; not those from a day within it on."""
    return (delay for delay in facts.delays if delay.course == course and delay.from_day is None)


def shifts_of(id_: str, course: Course, day1: date, facts: Facts) -> tuple[Shift, ...]:
    """The delays within a course, in the order of the log: its days from one number on come so much later."""
    shifts: tuple[Shift, ...] = ()
    for each in _waits(id_, facts):
        if isinstance(each, Delayed):
            first = each.from_day or course.first_day
            days = each.days or ((each.to or day1) - shifted(day1, first, course.first_day, shifts)).days
        else:
            numbers = range(course.first_day, (course.length or 0) + course.first_day)
            reached = (n for n in numbers if shifted(day1, n, course.first_day, shifts) >= each.date)
            found, days = next(reached, None), each.days
            if found is None:
                continue  # it begins after the course's last day, and moves none of it
            first = found
        if days > 0:
            shifts = (*shifts, Shift(first, days, each.number))
    return shifts


def skips_of(id_: str, course: Course, day1: date, facts: Facts) -> Iterator[Skip]:
    """What a course of working days leaves out for delays within it and holds: it goes on with the next of them."""
    for each in _waits(id_, facts):
        if isinstance(each, Held):
            yield Skip(each.date, each.last, each.number)
            continue
        first = date_of(day1, each.from_day or course.first_day, course.first_day)
        end = first + timedelta(days=each.days) if each.days else each.to or first
        if end > first:
            yield Skip(first, end - ONE_DAY, each.number)


def _waits(id_: str, facts: Facts) -> list[Delayed | Held]:
    """What makes a running course wait, in the order of the log."""
    found: list[Delayed | Held] = [each for each in facts.delays if each.course == id_ and each.from_day is not None]
    found += [each for each in facts.holds if each.course == id_ and each.rule is HoldRule.SLIP]
    return sorted(found, key=lambda each: each.number)
