"""An account -> what is at home of each drug that was dispensed, and until when it is enough.

What was dispensed is a sum, whenever it was; what is taken is what the plan takes, and what the record says was given:

- A dose at home counts on its own date from the day on, that day included, on which its form was first dispensed. What
  is held or left out takes nothing, what is moved takes it where it is, what was given of another product takes that.
- Half a tablet counts as half: the other half is there for the next dose.
- A drug is enough until the last date with a dose up to which all doses can be made, of all its forms together.
- A dose whose form was never dispensed cannot be made, unless the record says that it was given. It is lacking.
- Only a course that has started has tablets. From the first dose without on nothing is said but "at least until".
- Where a drug was dispensed as a liquid alone, a dose that may be taken in it takes that in the place of tablets.
- A dose that was given and that nobody wrote the product of takes the fewest tablets of those dispensed that hold it.

Sums err to the safe side. What the log does not have was not dispensed: somebody is asked too early, and not too late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import groupby
from typing import NamedTuple

from protocal.account.account import make_account
from protocal.model.account import Account, CourseDay, Dose
from protocal.model.entries import Dispensed
from protocal.model.plan import Administration, Plan, Status
from protocal.model.product import HALF
from protocal.model.stock import Enough, Form, Stock, Supply, forms_of

_Amounts = dict[Form, Decimal]


class _Need(NamedTuple):
    """What one administration takes; `known` is false where it was given and only its amount is known."""

    line: Administration
    forms: _Amounts
    known: bool = True

    @property
    def is_given(self) -> bool:
        return self.line.status is Status.GIVEN

    @property
    def unplanned(self) -> bool:
        """Whether nobody knows yet what it will be made of."""
        return not self.forms and not self.is_given


def stock_of(plan: Plan) -> tuple[Stock, ...]:
    """The same of a plan whose account nobody has made yet."""
    return stock_at_home(make_account(plan)) if plan.facts.dispensed else ()


def stock_at_home(account: Account) -> tuple[Stock, ...]:
    """The stock of each drug of which anything was dispensed, in the order in which the log has them first."""
    dispensed: dict[str, list[Dispensed]] = {}
    for entry in account.plan.facts.dispensed:
        dispensed.setdefault(entry.agent, []).append(entry)
    if not dispensed:
        return ()
    doses: dict[str, list[Dose]] = {}
    for day in (each for found in account.days.values() for each in found):
        for dose in _at_home(day):
            doses.setdefault(dose.line.agent, []).append(dose)
    halves = {agent: account.plan.protocol.agents[agent].halves for agent in dispensed}
    return tuple(
        _stock(agent, entries, doses.get(agent, ()), halves=halves[agent]) for agent, entries in dispensed.items()
    )


def _at_home(day: CourseDay) -> Iterator[Dose]:
    """A course's doses at home on a date, but those that are only there because somebody asked for a later date."""
    dates = day.course.dates
    for dose in day.due:
        if dose.at_home and not (dose.line.open and dates and day.date > dates.last_day):
            yield dose


def _stock(agent: str, entries: Sequence[Dispensed], doses: Sequence[Dose], *, halves: bool) -> Stock:
    got: dict[Form, dict[date, Decimal]] = {}
    for entry in entries:
        for form, number in forms_of(entry.product):
            of_form = got.setdefault(form, {})
            of_form[entry.date] = of_form.get(entry.date, Decimal(0)) + number
    first = {form: min(found) for form, found in got.items()}
    total = {form: sum(found.values(), Decimal(0)) for form, found in got.items()}
    since = min(first.values())
    ordered = sorted((dose for dose in doses if dose.line.date >= since), key=lambda dose: dose.line.date)
    needs = [_need(dose.line, total, halves=halves) for dose in ordered]
    days = [(day, list(found)) for day, found in groupby(needs, key=lambda need: need.line.date)]
    end = _Reckoning(total, first)
    end.over(days)
    if end.enough is Enough.ALL and ordered and ordered[-1].awaits:
        end.enough = Enough.AT_LEAST  # it goes on until a level has cleared
    return Stock(
        agent=agent,
        supplies=tuple(
            Supply(form, tuple(sorted(got[form].items())), tuple(_taken(form, first[form], days)))
            for form in sorted(got, key=_order)
        ),
        enough=end.enough,
        until=end.until,
        short_on=end.short_on,
        lacking=tuple(sorted(end.lacking, key=_order)),
        lines=tuple(end.lines),
        guessed=tuple(need.line for need in needs if not need.known),
    )


class _Reckoning:
    """Goes through the days with a dose for as long as every dose can be made."""

    def __init__(self, total: Mapping[Form, Decimal], first: Mapping[Form, date]) -> None:
        self.total, self.first = total, first
        self.used: _Amounts = dict.fromkeys(total, Decimal(0))
        self.enough = Enough.NONE
        self.until: date | None = None
        self.short_on: date | None = None
        self.lacking: list[Form] = []
        self.lines: list[Administration] = []

    def over(self, days: Iterable[tuple[date, list[_Need]]]) -> None:
        """The days, in their order."""
        for day, needs in days:
            if any(need.unplanned for need in needs):
                self.enough = Enough.AT_LEAST
                return
            self.lines += [need.line for need in needs]
            taken = _sum(need.forms for need in needs)
            never = _sum(need.forms for need in needs if not need.is_given).keys() - self.total.keys()
            mine = {form: number for form, number in taken.items() if form in self.first and self.first[form] <= day}
            short = [form for form, number in mine.items() if self.used[form] + number > self.total[form]]
            if never or short:
                self.enough = Enough.LACKS if never else Enough.UNTIL
                self.short_on, self.lacking = day, [*never, *short]
                return
            for form, number in mine.items():
                self.used[form] += number
            self.until, self.enough = day, Enough.ALL


def _need(line: Administration, total: Mapping[Form, Decimal], *, halves: bool) -> _Need:
    """What an administration takes on its day, with all its doses."""
    product = line.product
    if line.status is not Status.GIVEN and line.alternative:
        in_liquid = [form for form, _volume in forms_of(line.alternative)]
        only_liquid = not any(not form.is_liquid for form in total)
        product = line.alternative if only_liquid and any(form in total for form in in_liquid) else product
    forms = {form: number * line.per_day for form, number in forms_of(product)}
    if forms or line.status is not Status.GIVEN:
        return _Need(line, forms)
    return _Need(
        line, {form: number * line.per_day for form, number in _fewest(line.dose, total, halves=halves)}, known=False
    )


def _fewest(dose: Decimal, total: Mapping[Form, Decimal], *, halves: bool) -> Iterator[tuple[Form, Decimal]]:
    """The fewest tablets, or mL, of the forms that were dispensed that hold a dose at the least."""
    step, rest = HALF if halves else Decimal(1), dose
    forms = sorted(total, key=_order)
    for form in forms:
        size = Decimal(1) if form.is_liquid else step
        if form is forms[-1] or form.is_liquid:
            exact = rest / form.strength
            yield form, exact if form.is_liquid else (exact / size).to_integral_value(ROUND_CEILING) * size
            return
        number = (rest / form.strength / size).to_integral_value(ROUND_FLOOR) * size
        rest -= number * form.strength
        if number:
            yield form, number
        if not rest:
            return


def _taken(form: Form, first: date, days: Iterable[tuple[date, list[_Need]]]) -> Iterator[tuple[date, Decimal]]:
    for day, needs in days:
        number = sum((need.forms.get(form, Decimal(0)) for need in needs), Decimal(0))
        if number and day >= first:
            yield day, number


def _sum(found: Iterable[_Amounts]) -> _Amounts:
    total: _Amounts = {}
    for each in found:
        for form, number in each.items():
            total[form] = total.get(form, Decimal(0)) + number
    return total


def _order(form: Form) -> tuple[bool, Decimal]:
    """Tablets from the largest strength on, then liquids."""
    return form.is_liquid, -form.strength
