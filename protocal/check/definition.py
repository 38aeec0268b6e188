"""Plan -> problems with its definition: whether it is the one that the record was made with."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.check.rule import error
from protocal.model.plan import Plan
from protocal.model.problems import Problem
from protocal.model.settings import Settings
from protocal.text.message import say

CHANGED = "definition-changed"


def definition_changed(plan: Plan, _settings: Settings) -> Iterator[Problem]:
    """A definition that was changed in place: the doses are no longer those that were printed and given before."""
    if entry := plan.made_with:
        yield error(
            CHANGED,
            say(
                "{protocol} is no longer the definition that this record was made with: its doses and days may be"
                " others",
                protocol=f"{plan.protocol.id} {entry.version}",
            ),
            entry.where,
            say("A released version is never edited: restore it, or make a new version."),
        )
