"""A course, an order's key, a day and what is part of it -> the one text that an administration is told by."""

from __future__ import annotations

import re

_BETWEEN = "/"
_DAY = 2  # its place
_DAY_NUMBER = re.compile("-?[0-9]{1,6}")  # as long as can be meant


class AdministrationId(str):
    """`course/order-key/day`, and `/part` for each thing that is part of a day; as a text, it is like any other.

    A text that somebody wrote may have fewer pieces; what it does not have is empty, or None for the day.
    """

    __slots__ = ()

    @classmethod
    def of(cls, course: str, key: str, day: int, part: str = "") -> AdministrationId:
        """The identity of an order's day in a course, or of one of the agents of an order that gives several."""
        whole = f"{course}{_BETWEEN}{key}{_BETWEEN}{day}"
        return cls(f"{whole}{_BETWEEN}{part}" if part else whole)

    def with_part(self, part: str) -> AdministrationId:
        """The identity of something that belongs to it: a dose of a series in its place, one before a restart."""
        return AdministrationId(f"{self}{_BETWEEN}{part}")

    @property
    def course(self) -> str:
        """The course's id."""
        return self.partition(_BETWEEN)[0]

    @property
    def in_course(self) -> str:
        """All of it but the course."""
        return self.partition(_BETWEEN)[2]

    @property
    def key(self) -> str:
        """The key of the order."""
        return self.in_course.partition(_BETWEEN)[0]

    @property
    def day(self) -> int | None:
        """The number of the course's day; None where none is written."""
        pieces = self.split(_BETWEEN)
        text = pieces[_DAY] if len(pieces) > _DAY else ""
        return int(text) if _DAY_NUMBER.fullmatch(text) else None

    @property
    def parts(self) -> tuple[str, ...]:
        """What it is of its day, from the outermost on."""
        return tuple(self.split(_BETWEEN)[_DAY + 1 :])
