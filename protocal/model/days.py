"""Days as a therapy table has them (`1-5, 15-19`; `8-78 every 7`) -> day numbers and dates.

A course's days are numbered from its first day: Day 1, or Day 0 where the definition says so (transplant).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from protocal.model.frozen import frozen
from protocal.text.typed import WHOLE

_TERM = re.compile(rf"({WHOLE})(?:\s*-\s*({WHOLE}))?(?:\s+every\s+({WHOLE}))?(\s+weekdays)?")
_COUNT = re.compile(rf"first\s+({WHOLE})\s+weekdays")

ONE_DAY = timedelta(days=1)
SATURDAY = 5
OLDEST = 120  # completed years that a patient may have


def is_working_day(day: date, closed: Set[date]) -> bool:
    """Monday to Friday, and not a day on which the site is closed."""
    return day.weekday() < SATURDAY and day not in closed


def next_working_day(day: date, closed: Set[date]) -> date:
    """The day itself if it is a working day, else the first one after it."""
    while not is_working_day(day, closed):
        day += ONE_DAY
    return day


def date_of(day1: date, number: int, first: int = 1) -> date:
    """The date of a course day; the inverse of `number_of`."""
    return day1 + timedelta(days=number - first)


def number_of(day1: date, day: date, first: int = 1) -> int:
    """The course day that a date is; the inverse of `date_of`."""
    return (day - day1).days + first


def anniversary(day: date, years: int) -> date:
    """The same day so many years on; 29 February becomes 28 February in a common year."""
    return day + relativedelta(years=years)


def age_on(born: date, day: date) -> int:
    """Completed years on a day. Somebody born on 29 February is a year older on 28 February of a common year."""
    return day.year - born.year - (day < anniversary(born, day.year - born.year))


@frozen
class DayTerm:
    """One piece between commas: days from `first` to `last` in steps, perhaps only those that are working days."""

    first: int
    last: int
    step: int = 1
    working: bool = False


@frozen
class DaySet:
    """Days of a course as written: terms, or a count of working days from the first day on."""

    text: str
    terms: tuple[DayTerm, ...] = ()
    count: int = 0

    @property
    def last(self) -> int:
        """The highest day that can be reached; 0 for a count of working days, which has no fixed end."""
        return max((term.last for term in self.terms), default=0)

    @property
    def first(self) -> int:
        """The lowest day that can be reached; 1 for a count of working days."""
        return min((term.first for term in self.terms), default=1)

    @property
    def fixed(self) -> tuple[int, ...]:
        """Every day named, whatever weekday it falls on."""
        return tuple(sorted({n for term in self.terms for n in range(term.first, term.last + 1, term.step)}))

    @property
    def by_weekday(self) -> bool:
        """Whether they hang on the weekday that they fall on."""
        return bool(self.count) or any(term.working for term in self.terms)

    def numbers(self, date_of: Callable[[int], date], closed: Set[date], first: int = 1) -> tuple[int, ...]:
        """The course days meant, by the dates that the course's days have; `first` is its first day's number."""
        if self.count:
            found: list[int] = []
            number = first
            while len(found) < self.count:
                if is_working_day(date_of(number), closed):
                    found.append(number)
                number += 1
            return tuple(found)
        if not self.by_weekday:
            return self.fixed
        wanted = {
            number
            for term in self.terms
            for number in range(term.first, term.last + 1, term.step)
            if not term.working or is_working_day(date_of(number), closed)
        }
        return tuple(sorted(wanted))


def days_named(numbers: Sequence[int]) -> DaySet:
    """So many days, ascending; some may lie before a course's first one, which no definition can name."""
    return DaySet(", ".join(map(str, numbers)), tuple(DayTerm(each, each) for each in numbers))


def parse_days(text: str) -> DaySet:
    """`1-5, 15-19`, `8-78 every 7`, `1-14 weekdays` or `first 10 weekdays`.

    Raises ValueError with a sentence for the reader of the file.
    """
    text = " ".join(text.split())
    if counted := _COUNT.fullmatch(text):
        count = int(counted[1])
        if not 0 < count <= 366:
            raise ValueError(f"'{text}' must count 1 to 366 weekdays")
        return DaySet(text, count=count)
    terms = []
    seen: set[int] = set()
    for piece in text.split(","):
        match = _TERM.fullmatch(piece.strip())
        if not match or len(text) > 2000:
            raise ValueError(
                f"'{piece.strip()}' is not a day; write '8', '1-5, 15-19', '8-78 every 7', '1-14 weekdays' or"
                " 'first 10 weekdays'"
            )
        first = int(match[1])
        last = int(match[2] or first)
        step = int(match[3] or 1)
        if match[3] and not match[2]:
            raise ValueError(f"'{piece.strip()}' does not say its last day; write '8-78 every 7'")
        if last < first:
            raise ValueError(f"'{piece.strip()}' runs backwards; the lower day comes first")
        if last > 3660:
            raise ValueError(f"day {last} is more than ten years away")
        if step < 1 or (match[3] and (last - first) % step):
            raise ValueError(
                f"'{piece.strip()}' does not end on its last day; {first} plus a number of steps must be it"
            )
        days = set(range(first, last + 1, step))
        if seen & days:
            raise ValueError(f"day {min(seen & days)} stands twice in '{text}'")
        seen |= days
        terms.append(DayTerm(first, last, step, bool(match[4])))
    return DaySet(text, tuple(terms))
