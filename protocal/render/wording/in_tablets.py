"""An order's doses -> which tablets, or what else, make them up on which days: for its row and the day grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from gettext import NullTranslations
from itertools import pairwise
from string import ascii_uppercase
from typing import NamedTuple

from protocal.model.account import Dose
from protocal.model.ids import AdministrationId
from protocal.model.plan import Administration
from protocal.model.product import Product
from protocal.render.wording.paper import paper_words
from protocal.render.wording.products import count_text, product_text, single_piece
from protocal.text.format import runs
from protocal.text.message import quantity, weekdays_text


class InTablets(NamedTuple):
    """What an order's doses are made of.

    Attributes:
        lines: for the order's row.
        beside: by administration, what stands beside its dose, where the doses of the order differ by day.
        keys: the same, where it is only a letter that a line of the row explains.
        head: what the head of the drug's column says of its tablets; `{page}` is where the orders are.
    """

    lines: tuple[str, ...] = ()
    beside: Mapping[AdministrationId, str] = {}
    keys: Mapping[AdministrationId, str] = {}
    head: str = ""


CourseTablets = Mapping[tuple[str, str], InTablets]  # by order and agent
_Made = tuple[str, Product | None]  # one dose, and what it is made of


def course_tablets(doses: Iterable[Dose], text: NullTranslations) -> CourseTablets:
    """What a course's doses by mouth are made of; no letter stands for two doses of an agent."""
    orders: dict[tuple[str, str], list[Dose]] = {}
    for dose in doses:
        if dose.line.product:
            orders.setdefault((dose.line.key, dose.line.agent), []).append(dose)
    taken: dict[str, int] = {}
    found = {}
    for (key, agent), given in orders.items():
        found[key, agent] = made = in_tablets(given, text, taken.get(agent, 0))
        taken[agent] = taken.get(agent, 0) + len(set(made.keys.values()))
    return found


def in_tablets(given: Sequence[Dose], text: NullTranslations, taken: int = 0) -> InTablets:
    """What one agent's doses of one order are made of; `taken` letters already stand for others of the agent."""
    _, said = text.gettext, paper_words(text).said
    doses = [dose for dose in given if dose.line.product and dose.line.status.takes_place]
    made = [dose.line for dose in doses]
    products = list(dict.fromkeys(line.product for line in made if line.product))
    if not made:
        return InTablets()
    pieces = [single_piece(product) for product in products]
    letters: dict[Product, str] = {}
    beside: dict[AdministrationId, str] = {}
    head = ""
    if len(products) > 1 and pieces[0] and len({piece.strength if piece else None for piece in pieces}) == 1:
        beside = {line.id: said(count_text(piece.number)) for line in made if (piece := single_piece(line.product))}
        head = _("tablets of {size}").format(size=said(quantity(pieces[0].strength, made[0].unit)))
    elif len(products) > 1:
        letters = {product: _letter(taken + index) for index, product in enumerate(products)}
        head = _("tablets: page {page}")
    keys = {
        line.id: _("tablets {letter}").format(letter=letters[line.product]) for line in made if line.product in letters
    }
    return InTablets(tuple(_lines(doses, letters, text)), beside, keys, head)


def _letter(index: int) -> str:
    letters = len(ascii_uppercase)
    return ascii_uppercase[index % letters] * (index // letters + 1)


def _lines(doses: Sequence[Dose], letters: Mapping[Product, str], text: NullTranslations) -> Iterator[str]:
    _, words = text.gettext, paper_words(text)
    made = [dose.line for dose in doses]
    for (dose, product), note in dose_notes(doses, text).items():
        if product is None:
            continue
        when = f" ({note})" if note else ""
        said = f"{dose}{when} = {words.said(product_text(product))}"
        yield words.with_more(letters[product], said) if letters else said
    for alternative in dict.fromkeys(line.alternative for line in made if line.alternative):
        calculated = dict.fromkeys(
            words.dose(line.calculated, line.unit) for line in made if line.alternative == alternative
        )
        liquid = words.said(product_text(alternative))
        yield _("Instead of tablets, for {dose}: {liquid}").format(dose=", ".join(calculated), liquid=liquid)


def dose_notes(due: Sequence[Dose], text: NullTranslations) -> dict[_Made, str]:
    """Each dose of an order with what it is made of, and when it holds where there are several.

    Doses that make up one plan of tablets have their weekdays, doses that follow each other the first date of each, and
    others their days. Where there are several plans, as after an adjustment, each says first when it holds.
    """
    _, words = text.gettext, paper_words(text)
    planned = {dose.line.id: dose.planned.weekday() for dose in due}
    plans: dict[tuple[object, bool], dict[_Made, list[Administration]]] = {}
    for line in (dose.line for dose in due):
        doses = plans.setdefault((line.calculated, bool(line.product)), {})
        doses.setdefault((words.dose(line.dose, line.unit), line.product), []).append(line)
    in_order = _follow_each_other([line for lines in doses.values() for line in lines] for doses in plans.values())
    found: dict[_Made, list[str]] = {}
    for doses in plans.values():
        weekdays = [{planned[line.id] for line in lines} for lines in doses.values()]
        by_weekday = len(set().union(*weekdays)) == sum(map(len, weekdays))
        of_plan = [line for lines in doses.values() for line in lines]
        when = ""
        if len(plans) > 1:
            first = min(line.date for line in of_plan)
            when = _("from {date}").format(date=words.day(first)) if in_order else _days(of_plan, text)
        for (dose, lines), days in zip(doses.items(), weekdays, strict=True):
            notes = found.setdefault(dose, [])
            if len(doses) > 1 and dose[1] and by_weekday:
                notes.append(words.with_more(when, weekdays_text(days)))
            elif len(doses) > 1 and _follow_each_other(doses.values()):
                notes.append(_("from {date}").format(date=words.day(lines[0].date)))
            elif len(doses) > 1 or (len(plans) > 1 and not in_order):
                notes.append(_days(lines, text))
            elif when:
                notes.append(when)
    return {dose: "; ".join(dict.fromkeys(notes)) for dose, notes in found.items()}


def _follow_each_other(groups: Iterable[Sequence[Administration]]) -> bool:
    """Whether each group of doses is over when the next one begins."""
    spans = [[line.date for line in lines] for lines in groups]
    return all(max(one) < min(other) for one, other in pairwise(spans))


def _days(lines: Iterable[Administration], text: NullTranslations) -> str:
    numbers = sorted(line.day for line in lines)
    return text.ngettext("day {days}", "days {days}", len(numbers)).format(days=runs(numbers))
