"""A plan -> the last day of a therapy that has ended before its time, as it is and as its record had it before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from protocal.model.facts import Facts, facts_of
from protocal.model.plan import Plan


def end_of(plan: Plan) -> date | None:
    """The day on which all therapy was stopped, or that of the transplant; None while it goes on."""
    return _end(plan.facts)


def ends_of(plan: Plan, revisions: Sequence[int]) -> list[date | None]:
    """The same at each of some revisions."""
    return [_end(facts_of(plan.record, revision)) for revision in revisions]


def _end(facts: Facts) -> date | None:
    return facts.stopped or facts.transplanted
