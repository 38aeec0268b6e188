"""A treatment protocol as frozen values: agents, courses and arms, each line with its evidence and its place in a file.

Values with lines compare by identity, so that a plan may be remembered by the definition it was made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from enum import Enum

from protocal.model.days import DaySet
from protocal.model.doses import Amount, Anchor, ByTable, Cap, Frequency, Rounding, Route, Span
from protocal.model.entries import Remark
from protocal.model.frozen import frozen
from protocal.model.problems import Where
from protocal.text.format import figure
from protocal.text.message import joined, say, say_of, weekdays_text


class Evidence(str, Enum):
    """How well a line is known, from best to worst."""

    REGISTRY = "registry"
    PUBLISHED = "published"
    CORROBORATED = "corroborated"
    UNVERIFIED = "unverified"

    @property
    def mark(self) -> str:
        """The sign that stands beside a line on paper and screen."""
        return {"registry": "■", "published": "▲", "corroborated": "△", "unverified": "◊"}[self.value]


_EVIDENCE_ORDER = tuple(Evidence)


def weakest(levels: tuple[Evidence, ...]) -> Evidence:
    """The worst of the levels; a line without any is unverified."""
    return max(levels, key=_EVIDENCE_ORDER.index, default=Evidence.UNVERIFIED)


@frozen
class Backing:
    """Why a line is believed: how well each part of it is known, where it was read, and what is still open.

    Attributes:
        parts: level by part of the line (`dose`, `days`, ...); the part `all` stands for the whole line.
        sources: keys into the protocol's sources.
        questions: what is not settled, in sentences for print.
    """

    parts: tuple[tuple[str, Evidence], ...] = ()
    sources: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """The weakest link, which is the mark that the line bears on paper."""
        return weakest(tuple(level for _, level in self.parts))


@frozen
class Condition:
    """When a line applies; every part that is given must hold. Empty means always.

    Attributes:
        first_with: the course must be the first of the route that has this agent.
        cycles: the numbers of a repeated course's cycle.
    """

    arm: tuple[str, ...] = ()
    cns: tuple[str, ...] = ()
    risk: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    first_with: str = ""
    cycles: DaySet | None = None

    @property
    def text(self) -> str:
        """In words: `cns1 or cns2; first course with blinatumomab`."""
        parts = []
        if self.arm:
            parts.append("arm " + " or ".join(self.arm))
        parts.extend(" or ".join(values) for values in (self.cns, self.risk, self.sex) if values)
        if self.first_with:
            parts.append(f"first course with {self.first_with}")
        if self.cycles:
            parts.append(f"cycle {self.cycles.text}")
        return "; ".join(parts)


class By(str, Enum):
    """What the rows of a table go by."""

    AGE = "age"
    WEIGHT = "weight"


@frozen
class Band:
    """A row of a table; no `high` means and more.

    By age it runs from `low` to `high` completed years, both included, by weight from `low` to under `high` kg.
    """

    text: str
    by: By
    low: Decimal
    high: Decimal | None
    values: tuple[Decimal, ...]
    where: Where = field(compare=False)

    @property
    def words(self) -> str:
        """`3 to 8 years`, `9 years and over`, `10 to under 20 kg`."""
        low, high = figure(self.low), "" if self.high is None else figure(self.high)
        if self.by is By.AGE:
            if not high:
                return say("{low} years and over", low=low)
            if low == high:
                return say_of("{count} year", "{count} years", int(self.low))
            return say("{low} to {high} years", low=low, high=high)
        if not high:
            return say("{low} kg and over", low=low)
        return say("{low} to under {high} kg", low=low, high=high) if self.low else say("under {high} kg", high=high)

    def holds(self, value: Decimal | int) -> bool:
        """Whether an age in completed years, or a weight in kg, belongs to this row."""
        if self.high is None:
            return self.low <= value
        return self.low <= value <= self.high if self.by is By.AGE else self.low <= value < self.high


@frozen(eq=False)
class Table:
    """Doses by age or by weight: one column an agent, one row a band of completed years or of kg."""

    id: str
    title: str
    by: By
    unit: str
    columns: tuple[str, ...]
    bands: tuple[Band, ...]
    backing: Backing
    where: Where

    def band(self, value: Decimal | int) -> Band | None:
        """The row that an age in completed years, or a weight in kg, belongs to, if any."""
        return next((band for band in self.bands if band.holds(value)), None)


@frozen
class Substitution:
    """What may take an agent's place, chosen and never converted: a series of doses for each dose that it replaces.

    Attributes:
        doses: by the weekdays (Monday is 0) that each is for; all weekdays where there are none.
        weekdays: on which the series is given, from the replaced dose's day on; empty for one by an interval.
        interval: days from one dose to the next; 0 for one by weekdays.
    """

    key: str
    reason: str
    agent: str
    doses: tuple[tuple[frozenset[int], Amount, str], ...]
    routes: tuple[Route, ...]
    count: int
    on: str
    weekdays: tuple[int, ...]
    interval: int
    comment: str
    backing: Backing
    where: Where = field(compare=False)

    @property
    def dose(self) -> str:
        """As the definition writes it: `25 mg/m2 (Mon, Wed), 50 mg/m2 (Fri)`."""
        return joined(
            ", ",
            (
                say("{dose} ({weekdays})", dose=amount.text, weekdays=weekdays_text(days)) if days else amount.text
                for days, amount, _text in self.doses
            ),
        )

    @property
    def series_days(self) -> str:
        """When the series is given: `on Mon, Wed, Fri`, `every 2 days`."""
        if self.interval:
            return say_of("every {count} day", "every {count} days", self.interval)
        return say("on {weekdays}", weekdays=weekdays_text(self.weekdays))


@frozen
class LabelDose:
    """What the product's label gives from a weight in kg, or from an age in completed years, on.

    It is shown beside the protocol's dose and never planned.
    """

    weight: Decimal | None
    age: int | None
    dose: Amount
    backing: Backing
    where: Where = field(compare=False)

    @property
    def text(self) -> str:
        """For print: `28 mcg/day from 45 kg`, `2,000 units/m2 from 22 years`."""
        return f"{self.dose.text} from {self.start}"

    @property
    def start(self) -> str:
        """The weight or the age: `45 kg`, `22 years`."""
        if self.weight is None:
            return say_of("{count} year", "{count} years", self.age or 0)
        return f"{figure(self.weight)} kg"

    def applies(self, weight: Decimal, age: int) -> bool:
        """Whether it is the label's dose for a patient of this weight in kg and this age in completed years."""
        heavy_enough = self.weight is None or weight >= self.weight
        return heavy_enough and (self.age is None or age >= self.age)


@frozen
class InterruptionRule:
    """What a continuous infusion's label asks when it was stopped; nothing where it has no such rule.

    Attributes:
        supervised_hours: a stop of so many hours or more restarts under supervision.
        longest_days: after a stop of more than so many days, each of 24 real hours, a prescriber decides.
    """

    supervised_hours: int | None = None
    longest_days: int | None = None

    def is_supervised(self, stop: timedelta) -> bool:
        """Whether the infusion restarts under supervision after a stop."""
        return self.supervised_hours is not None and stop >= timedelta(hours=self.supervised_hours)

    def is_too_long(self, stop: timedelta) -> bool:
        """Whether the same infusion may not just go on after a stop."""
        return self.longest_days is not None and stop > timedelta(days=self.longest_days)


ANY_INTERRUPTION = InterruptionRule()


@frozen
class Glossary:
    """What a family is told of a drug, short and general; empty where the definition does not say.

    Attributes:
        purpose: what it is for.
        taken: how it is given or taken.
        gloves: whether whoever handles it wears gloves; None where that is not said.
    """

    brand: str
    purpose: str
    taken: str
    gloves: bool | None
    backing: Backing


@frozen(eq=False)
class Agent:
    """A drug by its generic name.

    Attributes:
        written: the name with tall-man letters, as it is printed.
        unit: the one unit its doses are written in.
        routes: every way in that any order may name.
        only_route: a route outside which the drug kills; printed as a warning beside every order.
        cap_required: an order per m2 or per kg without a cap is a mistake.
        minimum_interval: the fewest days from one dose to the next, if there is such a rule.
        bags: hours that an infusion bag of it may last; empty where it does not come in such bags.
        bag_weights: the least weight in kg for bags of so many hours, where there is one.
        interruptions: what is to be done after a stop of its continuous infusion.
        rounding: how its doses are rounded, each for one way in, or for all others (None).
        tablets: strengths that are taken to be at hand, in its unit, unless the site's settings say otherwise.
        tablet_unit: the unit that they are written in.
        halves: whether a tablet may be halved.
        label_doses: where the product's label differs from the protocol.
        asks_for: the facts of a record that stand beside its orders.
        notes: sentences for print, each for one way in, or for all (None).
        glossary: what a family is told of it, if anything.
    """

    id: str
    written: str
    unit: str
    routes: tuple[Route, ...]
    only_route: Route | None
    cap_required: bool
    minimum_interval: int | None
    abbreviation: str
    bags: tuple[int, ...]
    bag_weights: tuple[tuple[int, Decimal], ...]
    interruptions: InterruptionRule
    rounding: tuple[tuple[Route | None, Rounding], ...]
    tablets: tuple[Decimal, ...]
    tablet_unit: str
    halves: bool
    label_doses: tuple[LabelDose, ...]
    asks_for: tuple[Remark, ...]
    notes: tuple[tuple[Route | None, str], ...]
    substitutions: tuple[Substitution, ...]
    glossary: Glossary | None
    backing: Backing
    where: Where

    def bags_for(self, weight: Decimal) -> tuple[int, ...]:
        """The hours that a bag may last for a patient of so many kg."""
        least = dict(self.bag_weights)
        return tuple(hours for hours in self.bags if weight >= least.get(hours, 0))

    def rounding_for(self, route: Route) -> Rounding | None:
        """How its doses by this way in are rounded; None where the definition does not say."""
        rules = dict(self.rounding)
        return rules.get(route, rules.get(None))

    def notes_for(self, route: Route) -> tuple[str, ...]:
        """The notes that belong beside an order by this way in."""
        return tuple(note for each, note in self.notes if each in (None, route))


@frozen
class DoseRule:
    """How much: the dose of each day of an order, or one for all days (`days` is None)."""

    days: DaySet | None
    dose: Amount | ByTable
    text: str


@frozen
class Window:
    """How many days an order may be given early and late."""

    text: str
    early: int
    late: int


@frozen(eq=False)
class Order:
    """A line of a course: agents, dose, route, days, condition, evidence.

    Attributes:
        agents: one agent, or several given together as parts of one order (triple intrathecal).
        caps: the most that may be given, for a dose, a day or a course; the tightest holds.
        first_dose: the clock of the first dose, counted from another order's.
        until_clear: the agent whose level must have cleared before the order ends; its days are then the fewest.
        on_restart: given again before a supervised restart of the course's continuous infusion.
        diagnostic_hours: left out if the same agent went in with the diagnostic lumbar puncture up to so many hours
            before the course's first day.
    """

    key: str
    agents: tuple[str, ...]
    doses: tuple[DoseRule, ...]
    caps: tuple[Cap, ...]
    frequency: Frequency
    routes: tuple[Route, ...]
    days: DaySet
    over: Span | None
    first_dose: Anchor | None
    until_clear: str
    on_restart: bool
    diagnostic_hours: int | None
    when: Condition
    window: Window | None
    comment: str
    backing: Backing
    where: Where

    @property
    def route(self) -> Route:
        """The route that is planned."""
        return self.routes[0]

    @property
    def has_parts(self) -> bool:
        """Whether the order is several agents given together."""
        return len(self.agents) > 1


@frozen(eq=False)
class Event:
    """A procedure or an evaluation of a course: a marrow, a radiation fraction, a transplant."""

    key: str
    kind: str
    days: DaySet
    when: Condition
    comment: str
    backing: Backing
    where: Where


class Hold(str, Enum):
    """What a hold does to the days left: they are missed, they move, or the user must say."""

    SKIP = "skip"
    SLIP = "slip"
    ASK = "ask"


@frozen
class Count:
    """A blood count that must be reached: `anc` at least 750 /mcL."""

    name: str
    text: str


@frozen
class StartCriteria:
    """When a course may start, in words and counts."""

    text: str
    counts: tuple[Count, ...]
    backing: Backing


@frozen(eq=False)
class Course:
    """A named stretch of therapy.

    Attributes:
        length: in days; None where it ends with its last day of treatment (fractions on working days).
        first_day: 1, or 0 where the field counts from Day 0.
        on_working_day: its first day is the first working day on or after the planned one.
        next_on_working_day: the course after it starts on the first working day after its last.
    """

    id: str
    title: str
    length: int | None
    first_day: int
    on_working_day: bool
    next_on_working_day: bool
    hold: Hold
    may_start: StartCriteria | None
    orders: tuple[Order, ...]
    procedures: tuple[Event, ...]
    evaluations: tuple[Event, ...]
    comments: tuple[str, ...]
    backing: Backing
    where: Where

    @property
    def agents(self) -> frozenset[str]:
        """Every agent that an order names, whatever its condition."""
        return frozenset(agent for order in self.orders for agent in order.agents)


@frozen
class Until:
    """The end of a repeat: the day before an anniversary of a course's first day."""

    years: int
    course: str


@frozen
class Leg:
    """One step of a route: a course, taken once or repeated to an end, perhaps only under a condition.

    Attributes:
        when_recorded: it has no date until the record gives one.
    """

    course: str
    when: Condition
    until: Until | None
    when_recorded: bool
    where: Where = field(compare=False)

    def names(self, course: str) -> bool:
        """Whether a course of a plan is of this step: the course itself, or a numbered cycle of a repeated one."""
        name, _, cycle = course.rpartition("-")
        is_cycle = name == self.course and cycle.isdecimal() and not cycle.startswith("0")
        return is_cycle if self.until else course == self.course


@frozen(eq=False)
class Arm:
    """A route of courses with the risk groups it is for."""

    id: str
    title: str
    risk: tuple[str, ...]
    route: tuple[Leg, ...]
    comment: str
    backing: Backing
    where: Where


@frozen(eq=False)
class Protocol:
    """A treatment protocol in one version.

    Attributes:
        ages: completed years on the day of the start, lowest and highest, both included.
        unassigned: the route before an arm is assigned.
        failure: the route after treatment failure; empty if the protocol has none.
        kinds: the printed title of each kind of procedure and evaluation.
        digest: of the definition's values, whatever their layout in the files.
    """

    id: str
    title: str
    version: str
    verified: bool
    registry: str
    ages: tuple[int, int]
    cns: tuple[str, ...]
    risk: tuple[str, ...]
    sources: Mapping[str, str]
    kinds: Mapping[str, str]
    tables: Mapping[str, Table]
    agents: Mapping[str, Agent]
    courses: Mapping[str, Course]
    arms: Mapping[str, Arm]
    unassigned: Arm
    failure: Arm | None
    backing: Backing
    digest: str
    where: Where

    @property
    def routes(self) -> tuple[Arm, ...]:
        """Every route: before assignment, each arm, after failure."""
        return (self.unassigned, *self.arms.values(), *((self.failure,) if self.failure else ()))
