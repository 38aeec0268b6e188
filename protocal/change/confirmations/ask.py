"""What stands against an entry, as a value; and how the plan is asked for a course or a dose by its name."""

from __future__ import annotations

from typing import NamedTuple

from protocal.model.plan import Administration, DatedCourse, Plan

REASON = "Give the reason with --reason."


class Ask(NamedTuple):
    """What stands against an entry, and what to do."""

    message: str
    remedy: str


class Wish(NamedTuple):
    """What the user said beside the entry: a running course keeps its doses; one part of several is meant alone."""

    keep: bool = False
    alone: bool = False


def course_of(plan: Plan, id_: str) -> DatedCourse | None:
    """A course of the plan by its id."""
    return next((each.course for each in plan.courses if each.course.id == id_), None)


def line_of(plan: Plan, id_: str) -> Administration | None:
    """An administration of the plan by its id."""
    return next((each for each in plan.administrations if each.id == id_), None)
