"""Everything that may differ between sites: one value, passed in and never global."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date, time
from decimal import Decimal
from functools import cached_property

from protocal.model.doses import Liquid, Rounding, Route
from protocal.model.frozen import frozen
from protocal.model.paper_size import Paper
from protocal.model.problems import Where

RULES = (  # what can change a date, a dose, a product or a limit of a check: a record's log holds these, and no other
    *("closed_days", "rounding_flag", "stale_days", "growth", "strengths", "strength_units", "liquids", "rounding"),
    *("ceilings", "clearances", "level_draws"),
)
_READ_FROM = ("places", "text")


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
        visit_takes: how long a visit to the clinic takes.
        full_on_lock_screen: a calendar's summaries name drugs and procedures.
        remind_of_medicine: the hour at which a calendar reminds of what is taken at home on a date; None for never.
        remind_of_visits: the hour of the evening before a visit at which it reminds of that.
        stale_hours: after so many hours without being loaded again a page shows no doses.
        sunday_first: whether weeks begin on Sunday, else on Monday.
    """

    call_by_day: str = ""
    call_at_night: str = ""
    fever: str = ""
    before_sedation: str = ""
    bring: str = ""
    visit_takes: str = ""
    full_on_lock_screen: bool = False
    remind_of_medicine: time | None = None
    remind_of_visits: time | None = None
    stale_hours: int = 24
    sunday_first: bool = True


@frozen
class SiteTemplate:
    """A template or style sheet of the site's own, in place of ours of the same name; `file` is its path."""

    name: str
    text: str = field(repr=False)
    file: str


@frozen
class Settings:
    """A site's choices: its rules, which are those of `RULES`, and how what it prints looks and speaks.

    Rules may take the place of others on a date: those stay within the value and hold for the days before it.

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
        address: where its calendars are published, as in `https://calendars.example.org/children/`; empty if nowhere.
        site_key: the file of the key that addresses are made with; empty if the site has not said.
        places: where a choice stands in the site's file: `("tablets", agent)`, `("rounding", agent)`.
        text: the text of the site's file; empty where there is none.
        since: the date on which its rules took the place of those `before`; None where they hold for all days.
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
    address: str = ""
    site_key: str = ""
    places: tuple[tuple[tuple[str, str], Where], ...] = field(default=(), compare=False, repr=False)
    text: str = field(default="", compare=False, repr=False)
    since: date | None = None
    before: Settings | None = None

    @property
    def said(self) -> bool:
        """Whether a site said its rules: in a file, or by one that is not as protocal has it."""
        return bool(self.text) or not same_rules(self, Settings())

    @property
    def rules(self) -> Settings:
        """The rules alone, those before them included."""
        return Settings().with_rules_of(self)

    def with_rules_of(self, other: Settings) -> Settings:
        """What it prints on and how it speaks, with the rules of another."""
        names = (*RULES, *_READ_FROM, "since", "before")
        return replace(self, **{name: getattr(other, name) for name in names})

    def after(self, earlier: Settings, since: date) -> Settings:
        """These rules from a date on, and earlier ones for the days before it."""
        while earlier.before and earlier.since and earlier.since >= since:
            earlier = earlier.before
        return replace(self, since=since, before=earlier.rules)

    def on(self, day: date) -> Settings:
        """The rules that hold on a date."""
        return self.before.on(day) if self.before and self.since and day < self.since else self

    @cached_property
    def closed(self) -> frozenset[date]:
        """The days on which the site does not treat, each by the rules that hold on it."""
        if self.before is None or self.since is None:
            return self.closed_days
        earlier = (day for day in self.before.closed if day < self.since)
        return frozenset((*earlier, *(day for day in self.closed_days if day >= self.since)))

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


def same_rules(one: Settings, other: Settings) -> bool:
    """Whether two sites have the same rules, in whatever order they wrote them."""
    return rules_by_name(one) == rules_by_name(other)


def rules_by_name(settings: Settings) -> dict[str, dict[object, object]]:
    """The rules of a site, by the name of each and what it is about: an agent, an agent and a way in, a day."""
    units = dict(settings.strength_units)
    return {
        "closed_days": dict.fromkeys(sorted(settings.closed_days), True),
        **{name: {"": getattr(settings, name)} for name in ("rounding_flag", "stale_days", "growth")},
        "tablets": {agent: (each, units.get(agent, "") if each else "") for agent, each in settings.strengths},
        "liquids": dict(settings.liquids),
        "rounding": {(agent, route): rule for agent, route, rule in settings.rounding},
        "ceilings": {each.name: (each.amount, frozenset(each.factors)) for each in settings.ceilings},
        "clearances": {each.agent: each for each in settings.clearances},
        "level_draws": dict(settings.level_draws),
    }
