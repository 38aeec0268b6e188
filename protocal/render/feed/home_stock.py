"""The states of a family's feed -> until when what is at home of each drug is enough, and since when the feed says so.

Where rule S28 keeps a dose from the family nothing is told, for how long tablets last tells the dose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from protocal.change.issues import Sent
from protocal.model.stock import Stock
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


def lasting(stocks: Iterable[Stock], words: DayWords | FamilyDayWords) -> Mapping[str, Lasts]:
    """How long each drug lasts at a family's home, by agent; on the last date for which it is enough."""
    if not isinstance(words, FamilyDayWords) or words.doses is Doses.NONE:
        return {}
    home = HomeStock(stocks, words.home, words.said)
    return {stock.agent: Lasts(on, home.line(stock, on.year)) for stock, on in home.dated()}


def lasting_since(told: Sequence[tuple[Sent, Mapping[str, Lasts]]]) -> Iterator[LastsSince]:
    """What each drug's event says, or last said, of what each state of the feed told."""
    states, each_told = [state for state, _told in told], [each for _state, each in told]
    for agent in dict.fromkeys(agent for each in reversed(each_told) for agent in each):
        first = len(told) - 1
        while first and each_told[first - 1].get(agent) == each_told[-1].get(agent):
            first -= 1
        last = next(each[agent] for each in reversed(each_told) if agent in each)
        yield LastsSince(agent, last, states[first], agent not in each_told[-1])
