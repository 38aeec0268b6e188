"""A course file as it was read -> its `Course`s with their orders, procedures and evaluations, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from protocal.model.course import Count, Course, DoseRule, Event, Order, StartCriteria
from protocal.model.days import DaySet, parse_days
from protocal.model.doses import Amount, ByTable
from protocal.model.problems import Problem, Where
from protocal.read.definition.parts import TreePath, backing_of, condition_of
from protocal.read.definition.shapes import CourseShape, CriteriaShape, EventShape, OrderShape
from protocal.read.yaml_tree import Source


class CourseReader:
    """Reads the courses of one file, and remembers what went wrong."""

    def __init__(self, shape: CourseShape, source: Source) -> None:
        self._shape, self._source = shape, source
        self.problems: list[Problem] = []

    def read(self) -> list[Course]:
        """The courses of the file; none where it does not name them."""
        shape, source = self._shape, self._source
        if bool(shape.courses) == bool(shape.course) or bool(shape.course) != bool(shape.title):
            self._problem(
                "course-name",
                "a course file names either 'course' and 'title', or 'courses'",
                source.where(()),
                "Write 'course: ID' and 'title: TITLE'.",
            )
            return []
        titles = shape.courses or {shape.course or "": shape.title or ""}
        return [self._course(course, title, tuple(titles)) for course, title in titles.items()]

    def _course(self, course: str, title: str, ids: tuple[str, ...]) -> Course:
        shape, source = self._shape, self._source
        return Course(
            id=course,
            title=title,
            length=shape.length if isinstance(shape.length, int) else None,
            first_day=shape.first_day,
            on_working_day=shape.starts_on == "a working day",
            next_on_working_day=shape.next_starts_on == "a working day",
            hold=shape.hold,
            may_start=_criteria(shape.may_start) if shape.may_start else None,
            orders=tuple(self._orders(course, ids)),
            procedures=tuple(self._events(course, ids, "procedures", shape.procedures)),
            evaluations=tuple(self._events(course, ids, "evaluations", shape.evaluations)),
            comments=tuple(shape.comments),
            backing=backing_of(shape),
            where=source.where_key(("courses", course) if shape.courses else ("course",)),
        )

    def _orders(self, course: str, ids: tuple[str, ...]) -> Iterator[Order]:
        for index, order in enumerate(self._shape.orders):
            path: TreePath = ("orders", index)
            days = self._days_of(course, ids, order.days, (*path, "days"))
            if days:
                yield self._order(order, days, path)

    def _events(self, course: str, ids: tuple[str, ...], name: str, lines: list[EventShape]) -> Iterator[Event]:
        for index, line in enumerate(lines):
            path: TreePath = (name, index)
            days = self._days_of(course, ids, line.days, (*path, "days"))
            if days:
                when, where = condition_of(line.when), self._source.where(path)
                yield Event(line.key, line.kind, days, when, line.comment, backing_of(line), where)

    def _days_of(
        self, course: str, ids: tuple[str, ...], days: DaySet | Mapping[str, Any], path: TreePath
    ) -> DaySet | None:
        """The days in one course of the file; None where the line is not given in it."""
        source = self._source
        if isinstance(days, DaySet):
            return days
        found: list[Any] = []
        for key, value in days.items():
            names = [name.strip() for name in key.split(",")]
            unknown = [name for name in names if name not in ids]
            if unknown and course == ids[0]:
                self._problem(
                    "unknown-course",
                    f"'{unknown[0]}' is no course of this file",
                    source.where_key((*path, key)),
                    f"Courses of this file: {', '.join(ids)}.",
                )
            if course in names:
                found.append(value)
        if len(found) != 1:
            self._problem(
                "days-by-course",
                f"course '{course}' stands in {len(found)} of these lines",
                source.where(path),
                "Name every course of the file once; write 'none' where the line is not given.",
            )
            return None
        return found[0] if isinstance(found[0], DaySet) else None

    def _order(self, shape: OrderShape, days: DaySet, path: TreePath) -> Order:
        source = self._source
        if bool(shape.agent) == bool(shape.agents):
            self._problem(
                "agent",
                f"order '{shape.key}' names either 'agent' or 'agents'",
                source.where(path),
                "Keep one of them.",
            )
        return Order(
            key=shape.key,
            agents=(shape.agent,) if shape.agent else tuple(shape.agents),
            doses=tuple(self._doses(shape, path)),
            caps=shape.max,
            frequency=shape.frequency,
            routes=shape.route,
            days=days,
            over=shape.over,
            first_dose=shape.first_dose,
            until_clear=shape.until or "",
            on_restart=bool(shape.again_before),
            diagnostic_hours=shape.omit_after_diagnostic_within,
            when=condition_of(shape.when),
            window=shape.window,
            comment=shape.comment,
            backing=backing_of(shape),
            where=source.where(path),
        )

    def _doses(self, shape: OrderShape, path: TreePath) -> Iterator[DoseRule]:
        tree: Any = self._source.tree
        for part in path:
            tree = tree[part]
        if isinstance(shape.dose, Amount | ByTable):
            yield DoseRule(None, shape.dose, str(tree["dose"]))
            return
        for key, dose in shape.dose.items():
            try:
                yield DoseRule(parse_days(key), dose, str(tree["dose"][key]))
            except ValueError as error:
                where = self._source.where_key((*path, "dose", key))
                self._problem("value", str(error), where, "Correct the days.")

    def _problem(self, code: str, message: str, where: Where, remedy: str) -> None:
        self.problems.append(Problem(code, message, where, remedy))


def _criteria(shape: CriteriaShape) -> StartCriteria:
    counts = tuple(Count(name, text) for name, text in shape.counts.items())
    return StartCriteria(shape.text, counts, backing_of(shape))
