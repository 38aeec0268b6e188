"""A drug with what belongs to it: its substitutes, its label's doses, its rules, what a family is told."""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta
from decimal import Decimal

from protocal.model.doses import Amount, Rounding, Route
from protocal.model.entries import Remark
from protocal.model.evidence import Backing
from protocal.model.frozen import frozen
from protocal.model.problems import Where
from protocal.text.format import figure
from protocal.text.message import joined, say, say_of, weekdays_text


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

    @property
    def bags_text(self) -> str:
        """How long its bags may last, in words: `24 h, 168 h from 22 kg`; empty where it does not come in such bags."""
        least = {hours: f" from {figure(weight)} kg" for hours, weight in self.bag_weights}
        return ", ".join(f"{hours} h{least.get(hours, '')}" for hours in self.bags)

    def rounding_for(self, route: Route) -> Rounding | None:
        """How its doses by this way in are rounded; None where the definition does not say."""
        rules = dict(self.rounding)
        return rules.get(route, rules.get(None))

    def notes_for(self, route: Route) -> tuple[str, ...]:
        """The notes that belong beside an order by this way in."""
        return tuple(note for each, note in self.notes if each in (None, route))
