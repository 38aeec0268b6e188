"""A plan and the log that it is of -> problems with administrations that the log names and the plan does not have."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.entries import Given, Left, Moved
from protocal.model.plan import Plan
from protocal.model.problems import Problem, Severity
from protocal.text.suggest import did_you_mean


def check_ids(plan: Plan) -> Iterator[Problem]:
    """Administrations that the log names and the plan does not have; what was given must be one of the plan's."""
    known = {each.id for each in plan.administrations}
    for _number, entry in plan.record.standing(plan.revision):
        ids = entry.ids if isinstance(entry, Left) else (entry.id,) if isinstance(entry, Given | Moved) else ()
        for id_ in ids:
            if id_ not in known:
                yield Problem(
                    "unknown-id",
                    f"the plan has no administration '{id_}'",
                    entry.where,
                    did_you_mean(id_, known),
                    Severity.ERROR if isinstance(entry, Given) else Severity.WARNING,
                )
