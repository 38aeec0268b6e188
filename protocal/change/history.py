"""A record and its definition -> its plan at each revision.

Nothing is kept beside the record: each revision is planned again. Courses that a revision does not touch are the same
value as before, so that only what changed is looked into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocal.model.plan import Plan
from protocal.plan.planner import plan_at


def revisions(plan: Plan, wanted: Iterable[int] | None = None) -> Iterator[Plan]:
    """The plan at each of the wanted revisions up to its own (all if left out), by the site's rules of then.

    There is none at one that did not fit, which was written by hand and taken back: the state before it stood.
    """
    for revision in range(1, plan.revision + 1) if wanted is None else wanted:
        then = plan if revision == plan.revision else plan_at(plan.protocol, plan.record, plan.settings, revision)
        if then:
            yield then
