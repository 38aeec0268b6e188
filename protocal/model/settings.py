"""Everything that may differ between sites: one value, passed in and never global."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from decimal import Decimal

from protocal.model.doses import Liquid, Rounding, Route
from protocal.model.frozen import frozen
from protocal.model.paper_size import Paper
from protocal.model.problems import Where


@frozen
class Ceiling:
    """A cumulative dose not to be passed, in mg/m2 of a reference drug; `factors` turn other agents into it."""

    name: str
    amount: Decimal
    factors: tuple[tuple[str, Decimal], ...]


@frozen
class Clearance:
    """The level below which an agent has cleared, in the unit that the site's laboratory reports."""

    agent: str
    below: Decimal
    unit: str


@frozen
class ForFamilies:
    """What a site says on a family's pages, in its own words; empty where it has not said.

    Attributes:
        call_by_day: whom to call by day, and when that is.
        call_at_night: whom to call at night, on weekends and holidays.
        fever: from which temperature on to do what.
        before_sedation: from when on to eat and drink nothing before a procedure that is slept through.
        bring: what to bring to the clinic.
        sunday_first: whether weeks begin on Sunday, else on Monday.
    """

    call_by_day: str = ""
    call_at_night: str = ""
    fever: str = ""
    before_sedation: str = ""
    bring: str = ""
    sunday_first: bool = True


@frozen
class SiteTemplate:
    """A template or style sheet of the site's own, in place of ours of the same name; `file` is its path."""

    name: str
    text: str = field(repr=False)
    file: str


@frozen
class Settings:
    """A site's choices.

    Attributes:
        closed_days: days besides Saturday and Sunday on which the site does not treat.
        paper: the paper that is printed on.
        language: of the printed and published words, as in `en`.
        rounding_flag: per cent by which a rounded dose may differ from the calculated one before it is flagged.
        stale_days: age of a measurement at a started course's first day from which it is flagged.
        growth: change of weight, in per cent of the dosing weight, from which a running course is flagged.
        strengths: tablets at hand by agent, in the agent's unit; none of an agent if its tuple is empty. They take the
            place of those that the definition assumes.
        strength_units: the unit that an agent's tablets were written in.
        liquids: what an agent may be given as instead of tablets.
        rounding: the site's own rule by agent and way in (None for all ways), which takes the definition's place.
        ceilings: cumulative doses that are watched; none without the site's word, for published factors differ.
        clearances: levels at which a rescue ends; none without the site's word.
        level_draws: hours after an infusion's start at which levels of its agent are drawn; none without its word.
        signatures: how many different people must sign a line of a definition before it counts as verified.
        cancelled_days: how long after its issue a cancelled event is still sent.
        clinic: the site's name.
        logo: the site's picture, a whole PNG or JPEG file; empty where there is none.
        family: what stands on a family's pages.
        templates: the site's own.
        places: where a choice stands in the site's file: `("tablets", agent)`, `("rounding", agent)`.
        text: the text of the site's file; empty where there is none.
    """

    closed_days: frozenset[date] = frozenset()
    paper: Paper = Paper.LETTER
    language: str = "en"
    rounding_flag: Decimal = Decimal(5)
    stale_days: int = 28
    growth: Decimal = Decimal(10)
    strengths: tuple[tuple[str, tuple[Decimal, ...]], ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    level_draws: tuple[tuple[str, tuple[int, ...]], ...] = ()
    strength_units: tuple[tuple[str, str], ...] = ()
    liquids: tuple[tuple[str, Liquid], ...] = ()
    rounding: tuple[tuple[str, Route | None, Rounding], ...] = ()
    signatures: int = 2
    cancelled_days: int = 90
    clinic: str = ""
    logo: bytes = field(default=b"", repr=False)
    family: ForFamilies = ForFamilies()
    templates: tuple[SiteTemplate, ...] = ()
    places: tuple[tuple[tuple[str, str], Where], ...] = field(default=(), compare=False, repr=False)
    text: str = field(default="", compare=False, repr=False)

    def strengths_of(self, agent: str) -> tuple[Decimal, ...]:
        """The tablets at hand of an agent; empty if the site has not said."""
        return dict(self.strengths).get(agent, ())

    def names_tablets_of(self, agent: str) -> bool:
        """Whether the site has said which tablets of an agent are at hand, be it none."""
        return any(each == agent for each, _strengths in self.strengths)

    def liquid_of(self, agent: str) -> Liquid | None:
        """The liquid that an agent may be given as, if the site has one."""
        return next((liquid for each, liquid in self.liquids if each == agent), None)

    def rounding_of(self, agent: str, route: Route) -> Rounding | None:
        """The site's own rule for an agent by a way in, if it has one."""
        rules = {way: rule for each, way, rule in self.rounding if each == agent}
        return rules.get(route, rules.get(None))

    def where(self, key: str, agent: str) -> Where | None:
        """Where the site's file says something of an agent."""
        return dict(self.places).get((key, agent))

    def clearance_of(self, agent: str) -> Clearance | None:
        """The level below which an agent has cleared, if the site has said."""
        return next((each for each in self.clearances if each.agent == agent), None)

    def draws_of(self, agent: str) -> tuple[int, ...]:
        """The hours after its start at which levels of an agent are drawn; empty if the site has not said."""
        return dict(self.level_draws).get(agent, ())
