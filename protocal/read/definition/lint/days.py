"""A protocol -> where its days and hours do not fit: beyond a course, in a gap, too near, against their clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import pairwise

from protocal.model.course import Course, Event, Order
from protocal.model.days import ONE_DAY, SATURDAY, DaySet, date_of
from protocal.model.doses import Anchor, Route
from protocal.model.problems import Problem
from protocal.model.protocol import Protocol
from protocal.read.definition.lint.lines import orders_of, unknown
from protocal.text.format import WEEKDAYS

_A_MONDAY = date(2001, 1, 1)


def day_beyond_course(protocol: Protocol) -> Iterator[Problem]:
    """No order after the course's last day; evaluations may stand on the day after it."""
    for course in protocol.courses.values():
        if course.length is None:
            continue
        last = course.length + course.first_day - 1
        for line in course.lines:
            yield from _beyond(course, line, last + 1 if line in course.evaluations else last)


def _beyond(course: Course, line: Order | Event, last: int) -> Iterator[Problem]:
    low, high = (course.first_day, _latest(course, line.days)) if line.days.count else (line.days.first, line.days.last)
    if high > last or low < course.first_day:
        day = high if high > last else low
        yield Problem(
            "day-beyond-course",
            f"'{line.key}' is given on day {day}, but {course.title} runs from day {course.first_day} to {last}",
            line.where,
            "Correct the days or the course's length.",
        )


def _latest(course: Course, days: DaySet) -> int:
    """The last day that a count of weekdays can reach, whatever weekday the course starts on."""
    starts = [_A_MONDAY + number * ONE_DAY for number in range(SATURDAY if course.on_working_day else 7)]
    return max(
        days.numbers(partial(date_of, start, first=course.first_day), frozenset(), course.first_day)[-1]
        for start in starts
    )


def course_without_end(protocol: Protocol) -> Iterator[Problem]:
    """A course that ends with its last treatment needs one."""
    for course in protocol.courses.values():
        if course.length is None and not course.orders and not course.procedures:
            yield Problem(
                "course-without-end",
                f"{course.title} ends with its last treatment but has none",
                course.where,
                "Give it a length or a treatment.",
            )


def dose_by_day(protocol: Protocol) -> Iterator[Problem]:
    """Doses that differ by day cover every day of the order once."""
    for _course, order in orders_of(protocol):
        if any(rule.days is None for rule in order.doses):
            continue
        if order.days.count:
            yield Problem(
                "dose-by-day",
                f"'{order.key}' has doses by day, but its days are a count of weekdays",
                order.where,
                "Write the days out, or one dose for all of them.",
            )
        for day in order.days.fixed:
            count = sum(day in rule.days.fixed for rule in order.doses if rule.days)
            if count != 1:
                yield Problem(
                    "dose-by-day",
                    f"'{order.key}' has {count} doses for day {day}",
                    order.where,
                    "Let every day of the order have one dose.",
                )


def dose_by_weekday(protocol: Protocol) -> Iterator[Problem]:
    """A series' doses that differ by weekday cover every weekday on which it can be given, once."""
    for agent in protocol.agents.values():
        for each in agent.substitutions:
            for weekday in each.weekdays or range(len(WEEKDAYS)):
                count = sum(not days or weekday in days for days, _amount, _text in each.doses)
                if count != 1:
                    yield Problem(
                        "dose-by-day",
                        f"the series '{each.key}' has {count} doses for a {WEEKDAYS[weekday]}",
                        each.where,
                        "Let every weekday on which it can be given have one dose.",
                    )


def clock_of_first_dose(protocol: Protocol) -> Iterator[Problem]:
    """A first dose that is timed by another order names one of the same course, and falls on its day."""
    for course in protocol.courses.values():
        orders = {order.key: order for order in course.orders}
        for order in course.orders:
            if order.until_clear and not order.first_dose:
                yield Problem(
                    "clock",
                    f"'{order.key}' ends when {order.until_clear} has cleared but says not from when",
                    order.where,
                    "Add 'first dose: 48 h after ORDER'.",
                )
            if not order.first_dose:
                continue
            anchor = orders.get(order.first_dose.order)
            if anchor is None or anchor is order:
                others = (key for key in orders if key != order.key)
                yield unknown("unknown-order", "other order here", order.first_dose.order, others, order.where)
                continue
            yield from _hours_that_cannot_be(order, order.first_dose)
            yield from _on_weekdays(order, anchor)
            days = order.first_dose.span.least // (24 * 60)
            expected = anchor.days.first + (-days if order.first_dose.before else days)
            if order.days.first != expected:
                yield Problem(
                    "clock",
                    f"'{order.key}' starts on day {order.days.first}, but {order.first_dose.text} is day {expected}",
                    order.where,
                    "Correct the days or the clock.",
                )


def _on_weekdays(order: Order, anchor: Order) -> Iterator[Problem]:
    """A clock between two orders of which one has no fixed days."""
    if anchor.days.by_weekday:
        yield Problem(
            "clock",
            f"'{order.key}' is timed by '{anchor.key}', whose first day hangs on the weekday",
            order.where,
            f"Write the days of '{anchor.key}' out.",
        )
    if order.days.by_weekday:
        yield Problem(
            "clock",
            f"'{order.key}' is timed by '{anchor.key}' on any weekday, but its days hang on the weekday",
            order.where,
            f"Write the days of '{order.key}' out.",
        )


def _hours_that_cannot_be(order: Order, clock: Anchor) -> Iterator[Problem]:
    """Doses after another order: the first is whole hours after it, and the others stand hours apart."""
    if not clock.before and clock.span.least % 60:
        yield Problem(
            "clock",
            f"'{order.key}': {clock.text} is not a number of whole hours",
            order.where,
            "Write it in hours, as in '2 h after ORDER'.",
        )
    if not clock.before and order.frequency.per_day > 1 and not order.frequency.interval:
        yield Problem(
            "clock",
            f"'{order.key}' is timed by '{clock.order}' and given {order.frequency.text}, which says no hours",
            order.where,
            "Write how many hours lie between its doses, as in 'every 6 h'.",
        )


def continuous_by_vein(protocol: Protocol) -> Iterator[Problem]:
    """A drug that runs without a stop is given CIV, on days without a gap, and nothing else is."""
    for _course, order in orders_of(protocol):
        if order.frequency.continuous != (order.route is Route.CIV):
            yield Problem(
                "continuous",
                f"'{order.key}': frequency 'continuous' and route CIV go together",
                order.where,
                "Write both or neither.",
            )
        days = order.days.fixed
        if order.frequency.continuous and (order.days.by_weekday or days[-1] - days[0] + 1 != len(days)):
            yield Problem(
                "continuous",
                f"'{order.key}' is continuous but its days have a gap",
                order.where,
                "Write one run of days, or two orders.",
            )


def weekly_days(protocol: Protocol) -> Iterator[Problem]:
    """A weekly drug is never planned twice within seven days (rule S4)."""
    for _course, order in orders_of(protocol):
        days = order.days.fixed
        near = order.days.count > 1 or any(later - day < 7 for day, later in pairwise(days))
        if order.frequency.weekly and near:
            yield Problem(
                "weekly",
                f"'{order.key}' is weekly, but two of its days are less than 7 days apart",
                order.where,
                "Correct the days or the frequency.",
            )
