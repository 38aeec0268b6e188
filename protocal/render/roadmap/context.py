"""A plan and settings in; what every part of its sheets is written with, in one language and at one place, out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from protocal.render.messages import messages
from protocal.render.paper_words import PaperWords, paper_words
from protocal.words.plan import Plan
from protocal.words.protocol import Protocol
from protocal.words.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """What the parts of a sheet share; `text` has the words of its language, and `zone` is the ward's.

    Attributes:
        since, until: the days that are printed, where not all are.
    """

    plan: Plan
    settings: Settings
    text: NullTranslations
    zone: ZoneInfo
    since: date | None = None
    until: date | None = None

    @property
    def words(self) -> PaperWords:
        """How dates, doses and sentences are printed in its language."""
        return paper_words(self.text)

    @property
    def protocol(self) -> Protocol:
        """The definition that the plan was made from."""
        return self.plan.protocol

    def prints(self, day: date) -> bool:
        """Whether a day is among those that are printed."""
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def written(self, agent: str) -> str:
        """The name of an agent as paper has it."""
        return self.protocol.agents[agent].written


def context_of(plan: Plan, settings: Settings, since: date | None = None, until: date | None = None) -> Context:
    """The context of all sheets of a plan, or of those that have some days of it."""
    return Context(plan, settings, messages(settings.language), ZoneInfo(plan.facts.zone), since, until)
