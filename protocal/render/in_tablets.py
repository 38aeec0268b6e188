"""An order's doses in; which tablets, or what else, make them up on which days out: for its row and the day grid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from gettext import NullTranslations
from itertools import pairwise
from string import ascii_uppercase
from typing import NamedTuple

from protocal.render.paper_words import paper_words
from protocal.words.figures import runs
from protocal.words.plan import Administration, Dates
from protocal.words.said import say, weekdays_text

_HALF = re.compile(r"half of an? (\S+ \S+) tablet")
_ONE = re.compile(r"one (\S+ \S+) tablet")
_SEVERAL = re.compile(r"(\S+) tablets of (\S+ \S+)")


class InTablets(NamedTuple):
    """What an order's doses are made of.

    Attributes:
        lines: for the order's row.
        beside: by administration, what stands beside its dose, where the doses of the order differ by day.
        keys: the same, where it is only a letter that a line of the row explains.
        head: what the head of the drug's column says of its tablets; `{page}` is where the orders are.
    """

    lines: tuple[str, ...] = ()
    beside: Mapping[str, str] = {}
    keys: Mapping[str, str] = {}
    head: str = ""


CourseTablets = Mapping[tuple[str, str], InTablets]  # by order and agent


def course_tablets(lines: Iterable[Administration], dates: Dates, text: NullTranslations) -> CourseTablets:
    """What a course's doses by mouth are made of; no letter stands for two doses of an agent."""
    orders: dict[tuple[str, str], list[Administration]] = {}
    for line in lines:
        if line.product:
            orders.setdefault((line.key, line.agent), []).append(line)
    taken: dict[str, int] = {}
    found = {}
    for (key, agent), given in orders.items():
        found[key, agent] = made = in_tablets(given, dates, text, taken.get(agent, 0))
        taken[agent] = taken.get(agent, 0) + len(set(made.keys.values()))
    return found


def in_tablets(given: Sequence[Administration], dates: Dates, text: NullTranslations, taken: int = 0) -> InTablets:
    """What one agent's doses of one order are made of; `taken` letters already stand for others of the agent."""
    _, said = text.gettext, paper_words(text).said
    made = [line for line in given if line.product and line.status.takes_place]
    products = list(dict.fromkeys(line.product for line in made))
    if not made:
        return InTablets()
    counts = {product: tablet_count(product) for product in products}
    sizes = {count[1] if count else "" for count in counts.values()}
    letters: dict[str, str] = {}
    beside: dict[str, str] = {}
    head = ""
    if len(products) > 1 and len(sizes) == 1 and "" not in sizes:
        beside = {line.id: said(count[0]) for line in made if (count := counts[line.product])}
        head = _("tablets of {size}").format(size=sizes.pop())
    elif len(products) > 1:
        letters = {product: _letter(taken + index) for index, product in enumerate(products)}
        head = _("tablets: page {page}")
    keys = {line.id: _("tablets {letter}").format(letter=letters[line.product]) for line in made if letters}
    return InTablets(tuple(_lines(made, letters, dates, text)), beside, keys, head)


def tablet_count(product: str) -> tuple[str, str] | None:
    """`1½ tablets of 50 mg` -> how many tablets, and of what size; None for more than one size, and for a liquid."""
    if match := _HALF.fullmatch(product):
        return say("half tablet"), match[1]
    if match := _ONE.fullmatch(product):
        return say("1 tablet"), match[1]
    if match := _SEVERAL.fullmatch(product):
        return say("{count} tablets", count=match[1]), match[2]
    return None


def _letter(index: int) -> str:
    letters = len(ascii_uppercase)
    return ascii_uppercase[index % letters] * (index // letters + 1)


def _lines(
    made: Sequence[Administration], letters: Mapping[str, str], dates: Dates, text: NullTranslations
) -> Iterator[str]:
    _, words = text.gettext, paper_words(text)
    shown = dose_notes(made, dates, text)
    for (dose, product), note in shown.items():
        head = f"{letters[product]}: " if letters else ""
        when = f" ({note})" if note else ""
        yield f"{head}{dose}{when} = {words.said(product)}"
    for alternative in dict.fromkeys(line.alternative for line in made if line.alternative):
        calculated = dict.fromkeys(
            words.dose(line.calculated, line.unit) for line in made if line.alternative == alternative
        )
        liquid = words.said(alternative)
        yield _("Instead of tablets, for {dose}: {liquid}").format(dose=", ".join(calculated), liquid=liquid)


def dose_notes(due: Iterable[Administration], dates: Dates, text: NullTranslations) -> dict[tuple[str, str], str]:
    """Each dose of an order with what it is made of, and when it holds where there are several.

    Doses that make up one plan of tablets have their weekdays, doses that follow each other the first date of each, and
    others their days.
    """
    _, words = text.gettext, paper_words(text)
    plans: dict[tuple[object, bool], dict[tuple[str, str], list[Administration]]] = {}
    for line in due:
        doses = plans.setdefault((line.calculated, bool(line.product)), {})
        doses.setdefault((words.dose(line.dose, line.unit), line.product), []).append(line)
    in_order = _follow_each_other([line for lines in doses.values() for line in lines] for doses in plans.values())
    found: dict[tuple[str, str], list[str]] = {}
    for doses in plans.values():
        weekdays = [{dates.date_of(line.day).weekday() for line in lines} for lines in doses.values()]
        by_weekday = len(set().union(*weekdays)) == sum(map(len, weekdays))
        first = min(line.date for lines in doses.values() for line in lines)
        for (dose, lines), days in zip(doses.items(), weekdays, strict=True):
            notes = found.setdefault(dose, [])
            if len(doses) > 1 and dose[1] and by_weekday:
                notes.append(words.said(weekdays_text(days)))
            elif len(doses) > 1 and _follow_each_other(doses.values()):
                notes.append(_("from {date}").format(date=words.day(lines[0].date)))
                continue
            elif len(doses) > 1 or (len(plans) > 1 and not in_order):
                notes.append(_days(lines, text))
                continue
            if len(plans) > 1:
                notes.append(_("from {date}").format(date=words.day(first)) if in_order else _days(lines, text))
    return {dose: ", ".join(dict.fromkeys(notes)) for dose, notes in found.items()}


def _follow_each_other(groups: Iterable[Sequence[Administration]]) -> bool:
    """Whether each group of doses is over when the next one begins."""
    spans = [[line.date for line in lines] for lines in groups]
    return all(max(one) < min(other) for one, other in pairwise(spans))


def _days(lines: Iterable[Administration], text: NullTranslations) -> str:
    numbers = [line.day for line in lines]
    return text.ngettext("day {days}", "days {days}", len(numbers)).format(days=runs(numbers))
