"""A plan -> the last day of a therapy that has ended before its time, and since which revision the record says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from protocal.model.facts import Facts, facts_of
from protocal.model.plan import Plan


def end_of(plan: Plan) -> date | None:
    """The day on which all therapy was stopped, or that of the transplant; None while it goes on."""
    return _end(plan.facts)


def ended_since(plan: Plan, revisions: Sequence[int]) -> int:
    """The first of some revisions from which on all of them have the plan's end; the last of them where none has."""
    since, end = revisions[-1], end_of(plan)
    for revision in reversed(revisions):
        if _end(facts_of(plan.record, revision)) != end:
            break
        since = revision
    return since


def _end(facts: Facts) -> date | None:
    return facts.stopped or facts.transplanted
