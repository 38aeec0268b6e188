"""The states of a family's feed -> until when what is at home of each drug is enough, and since when the feed says so.

Where rule S28 keeps a dose from the family nothing is told, for how long tablets last tells the dose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from protocal.account import make_account, stock_at_home
from protocal.change.history import revisions
from protocal.change.issues import Sent
from protocal.model.entries import Dispensed
from protocal.model.plan import Plan
from protocal.render.family.stock import HomeStock
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.feed.words import DayWords, Doses


class Lasts(NamedTuple):
    """On which date it stands how long a drug lasts at home, and what is said of it."""

    date: date
    says: str


class LastsSince(NamedTuple):
    """The same of an agent, with the state of the feed in which it came to be; or that it is told no more."""

    agent: str
    lasts: Lasts
    since: Sent
    gone: bool


def lasting(plan: Plan, words: DayWords | FamilyDayWords) -> Mapping[str, Lasts]:
    """How long each drug lasts at a family's home, by agent; on the last date for which it is enough."""
    if not isinstance(words, FamilyDayWords) or words.doses is Doses.NONE or not plan.facts.dispensed:
        return {}
    home = HomeStock(stock_at_home(make_account(plan)), words.home, words.said)
    return {stock.agent: Lasts(on, home.line(stock, on.year)) for stock, on in home.dated()}


def lasting_since(
    plan: Plan, states: Sequence[Sent], words: Callable[[Sent], DayWords | FamilyDayWords]
) -> Iterator[LastsSince]:
    """What each drug's event says, or last said, as far as a state of the feed had it."""
    if not any(isinstance(entry, Dispensed) for entry in plan.record.log):
        return
    plans = {then.revision: then for then in revisions(plan, sorted({state.revision for state in states}))}
    told = [lasting(plans[state.revision], words(state)) if state.revision in plans else {} for state in states]
    for agent in dict.fromkeys(agent for each in reversed(told) for agent in each):
        first = len(told) - 1
        while first and told[first - 1].get(agent) == told[-1].get(agent):
            first -= 1
        last = next(each[agent] for each in reversed(told) if agent in each)
        yield LastsSince(agent, last, states[first], agent not in told[-1])
