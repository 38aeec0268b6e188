"""A plan -> what a second count of its files finds: the problems where the two differ."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from protocal.check.second_count import counted_once, not_counted, second_count
from protocal.model.plan import Plan
from protocal.model.problems import Problem
from protocal.text.message import say
from protocal.workflow.planning import UNFIT

if TYPE_CHECKING:
    from protocal.recount import Recount


def counted_again(plan: Plan) -> tuple[Problem, ...]:
    """Count a plan's doses again, from the texts of the files that it was made of, the settings' among them.

    Settings that are not in the record's log yet are counted from the date on from which the plan has them.
    """
    record, protocol, settings = plan.record, plan.protocol, plan.settings
    in_log = settings == record.rules_at(plan.revision)
    by_hand = not (in_log or settings.text) and (settings.rounding or settings.closed_days or settings.before)
    first, *later = protocol.known or (protocol,)
    if not record.text or not all(each.texts for each in (first, *later)) or by_hand:
        what = say("a record, a definition or settings that were not read from files")
        return (counted_once(plan, what),)
    if any(each.code == UNFIT for each in plan.problems):
        what = say("a state of the record that could not be planned by itself")
        return (counted_once(plan, what),)
    site, since = ("", None) if in_log else (settings.text, settings.since)
    try:
        texts = tuple(tuple(each.texts.items()) for each in (first, *later))
        found = _count(record.text, texts, site, plan.revision, since)
    except Exception as error:  # noqa: BLE001 - it is as independent as can be, and so are its mistakes
        return (not_counted(plan, f"{type(error).__name__}: {error}"),)
    return tuple(second_count(plan, found.doses, found.not_covered))


Texts = tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)  # several documents are made of one plan
def _count(record: str, definitions: tuple[Texts, ...], settings: str, revision: int, since: date | None) -> Recount:
    from protocal.recount import recount

    first, *later = map(dict, definitions)
    return recount(record, first, settings, revision, since, later)


forget = _count.cache_clear  # for what measures or tests it
