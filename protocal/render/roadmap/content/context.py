"""A plan and settings -> what every part of its sheets is written with, in one language and at one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from gettext import NullTranslations
from zoneinfo import ZoneInfo

from protocal.model.account import CourseDay, Dose, Restarted, Stopped
from protocal.model.doses import Route
from protocal.model.plan import CoursePlan, Dates, Plan, PlannedEvent
from protocal.model.protocol import Protocol
from protocal.model.settings import Settings
from protocal.render.selection import is_chosen
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import PaperWords, paper_words


@dataclass(frozen=True, slots=True)
class Context:
    """What the parts of a sheet share; `text` has the words of its language, and `zone` is the ward's.

    Attributes:
        since, until: the days that are printed, where not all are.
        published: at an address of the web: a sheet does not say whose it is, and has issues of its own.
    """

    plan: Plan
    settings: Settings
    text: NullTranslations
    zone: ZoneInfo
    since: date | None = None
    until: date | None = None
    published: bool = False

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
        return is_chosen(day, self.since, self.until)

    def written(self, agent: str) -> str:
        """The name of an agent as paper has it."""
        return self.protocol.agents[agent].written


@dataclass(frozen=True)
class SheetCourse:
    """A course that has a sheet: its lines as planned, its dates, and what the account has of each of its days."""

    plan: CoursePlan
    dates: Dates
    days: tuple[CourseDay, ...]

    @property
    def rows(self) -> list[CourseDay]:
        """The days that have a row: of those before its first day only the ones that have a dose."""
        return [day for day in self.days if day.date >= self.dates.day1 or day.doses]

    @cached_property
    def doses(self) -> tuple[Dose, ...]:
        """All of them, whatever became of them, by date."""
        return tuple(dose for day in self.days for dose in day.doses)

    @property
    def systemic(self) -> list[Dose]:
        """Those that are not intrathecal, which have their own block."""
        return [dose for dose in self.doses if dose.line.route is not Route.IT]

    @property
    def intrathecal(self) -> list[Dose]:
        """Those that are."""
        return [dose for dose in self.doses if dose.line.route is Route.IT]

    @property
    def procedures(self) -> list[PlannedEvent]:
        """What is done in it, by date."""
        return [event for day in self.days for event in day.procedures]

    @property
    def stops(self) -> list[Stopped]:
        """Those of its infusion."""
        return [stop for day in self.days for stop in day.stops]

    @property
    def restarts(self) -> list[Restarted]:
        """Those of its infusion."""
        return [again for day in self.days for again in day.restarts]


def context_of(
    plan: Plan,
    settings: Settings,
    since: date | None = None,
    until: date | None = None,
    *,
    published: bool = False,
) -> Context:
    """The context of all sheets of a plan, or of those that have some days of it."""
    return Context(plan, settings, messages(settings.language), ZoneInfo(plan.facts.zone), since, until, published)
