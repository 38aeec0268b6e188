"""A plan and a site's ceilings -> what counts for each ceiling, dose by dose, and what cannot be counted.

The whole plan counts, and what the record says was given before it. An amount per m2 is that of the day's dose by the
BSA of that day; a factor of the site's settings turns it into the ceiling's reference drug.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from protocal.model.agent import Agent
from protocal.model.frozen import frozen
from protocal.model.plan import Administration, Plan
from protocal.model.settings import Ceiling, Settings
from protocal.text.message import joined, say, unit_text
from protocal.text.suggest import did_you_mean

_IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "mcg": Decimal("0.001")}


@frozen
class PriorDose:
    """What was given of an agent before the record, in mg/m2, and what it counts for a ceiling."""

    agent: str
    amount: Decimal
    factor: Decimal

    @property
    def counted(self) -> Decimal:
        """In mg/m2 of the reference drug."""
        return self.amount * self.factor


@frozen
class CountedDose:
    """A day's dose that counts for a ceiling: in mg/m2 by the BSA of its day, then times the agent's factor.

    Attributes:
        running: with everything before it, in mg/m2 of the reference drug.
    """

    line: Administration
    bsa: Decimal
    per_m2: Decimal
    factor: Decimal
    running: Decimal

    @property
    def counted(self) -> Decimal:
        """In mg/m2 of the reference drug."""
        return self.per_m2 * self.factor


@frozen
class NotCounted:
    """An agent of a ceiling's factors of which nothing can be counted: why, and what to do about it.

    Attributes:
        mistake: the settings must be corrected; else the agent may belong to another protocol.
    """

    agent: str
    says: str
    remedy: str
    mistake: bool

    @property
    def sentence(self) -> str:
        """Why, for print."""
        return f"{self.says[:1].upper()}{self.says[1:]}."


@frozen
class Cumulative:
    """What counts for one ceiling over the whole plan, by date."""

    ceiling: Ceiling
    prior: tuple[PriorDose, ...]
    doses: tuple[CountedDose, ...]
    not_counted: tuple[NotCounted, ...] = ()

    @property
    def before(self) -> Decimal:
        """What was given before the record, in mg/m2 of the reference drug."""
        return sum((each.counted for each in self.prior), Decimal(0))

    @property
    def total(self) -> Decimal:
        """In mg/m2 of the reference drug: before the record, and in the whole plan."""
        return sum((each.counted for each in self.doses), self.before)

    @property
    def passed(self) -> CountedDose | None:
        """The dose with which the ceiling is passed."""
        return next((each for each in self.doses if each.running > self.ceiling.amount), None)

    @property
    def above(self) -> bool:
        """Whether the ceiling is passed, be it by what was given before the record alone."""
        return self.total > self.ceiling.amount


def cumulative(plan: Plan, settings: Settings) -> tuple[Cumulative, ...]:
    """The cumulative dose for every ceiling of the settings."""
    lines = plan.given if settings.ceilings else ()
    return tuple(_cumulative(plan, ceiling, lines) for ceiling in settings.ceilings)


def _cumulative(plan: Plan, ceiling: Ceiling, lines: Iterable[Administration]) -> Cumulative:
    not_counted = tuple(_not_counted(plan, ceiling))
    left_out = {each.agent for each in not_counted}
    factors = {agent: factor for agent, factor in ceiling.factors if agent not in left_out}
    prior = tuple(PriorDose(agent, dose, factors[agent]) for agent, dose in plan.facts.prior if agent in factors)
    running = sum((each.counted for each in prior), Decimal(0))
    dates = {each.course.id: each.course.dates for each in plan.courses}
    doses = []
    for line in lines:
        if line.agent in factors and (days := dates[line.course]):
            _measurement, bsa = days.measures_on(line.date)
            per_m2 = line.dose * line.per_day * _IN_MG[line.unit] / bsa
            running += per_m2 * factors[line.agent]
            doses.append(CountedDose(line, bsa, per_m2, factors[line.agent], running))
    return Cumulative(ceiling, prior, tuple(doses), not_counted)


def _not_counted(plan: Plan, ceiling: Ceiling) -> Iterator[NotCounted]:
    """The agents of a ceiling that are no mass, or that neither the definition nor the record knows.

    A site's factors are for all its protocols, so that another protocol's drug is in order. A name that is one slip
    away from an agent of this definition is none: that agent's doses would go uncounted.
    """
    agents, before = plan.protocol.agents, {agent for agent, _dose in plan.facts.prior}
    protocol = f"{plan.protocol.id} {plan.protocol.version}"
    counted = dict(ceiling.factors)
    for name in counted:
        known = agents.get(name)
        meant = next((each for each in agents if each not in counted and _one_slip(name, each)), "")
        if known and known.unit not in _IN_MG:
            yield _no_mass(ceiling, known)
        elif not known and meant:
            yield _misspelt(ceiling, name, meant, protocol, agents)
        elif not known and name not in before:
            yield _unheard_of(ceiling, name, protocol)


def _no_mass(ceiling: Ceiling, agent: Agent) -> NotCounted:
    says = say(
        "the ceiling '{ceiling}' counts {agent}, which is measured in {unit}, not in mg: none of it is counted",
        ceiling=ceiling.name,
        agent=agent.written,
        unit=unit_text(agent.unit),
    )
    remedy = say("Take it out of the ceiling's factors in the site's settings.")
    return NotCounted(agent.id, says, remedy, mistake=True)


def _misspelt(ceiling: Ceiling, name: str, meant: str, protocol: str, agents: Iterable[str]) -> NotCounted:
    says = say(
        "the ceiling '{ceiling}' counts {agent}, which {protocol} does not know: none of it is counted, and nothing of"
        " {meant}",
        ceiling=ceiling.name,
        agent=name,
        protocol=protocol,
        meant=meant,
    )
    remedy = joined(" ", (did_you_mean(name, agents), say("Correct the ceiling's factors in the site's settings.")))
    return NotCounted(name, says, remedy, mistake=True)


def _unheard_of(ceiling: Ceiling, name: str, protocol: str) -> NotCounted:
    says = say(
        "the ceiling '{ceiling}' counts {agent}, which neither {protocol} nor the record has: none of it is counted",
        ceiling=ceiling.name,
        agent=name,
        protocol=protocol,
    )
    remedy = say(
        "If some was given before, record it as a prior dose; if the name is wrong, correct the ceiling's"
        " factors in the site's settings."
    )
    return NotCounted(name, says, remedy, mistake=False)


def _one_slip(name: str, other: str) -> bool:
    """Whether one letter too many, too few or another one, or two swapped, is all that two names differ in."""
    start = next((n for n, (a, b) in enumerate(zip(name, other, strict=False)) if a != b), min(len(name), len(other)))
    rest, others = name[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return others in (rest[1:], swapped) or rest == others[1:] or rest[1:] == others[1:]
