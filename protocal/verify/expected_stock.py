"""A plan -> what a family's pages must say of what is at home, counted again by taking it away dose by dose.

It shares nothing with what wrote the pages: what was dispensed is a heap of halves and of mL, from which each dose
takes its own until one finds too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import groupby
from typing import NamedTuple

from protocal.model.evidence import Evidence
from protocal.model.plan import Administration, Plan, Span, Status
from protocal.model.product import Product, Tablets
from protocal.model.settings import Settings
from protocal.plan.unverified import is_unverified
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords
from protocal.text.format import figure, paper_date
from protocal.verify.expected import is_at_home
from protocal.verify.pdf_words import PrintedPage

Kind = tuple[str, Decimal]  # tablets or a liquid, and its strength
_TABLETS, _LIQUID = "tablets", "liquid"


class AtHomeLine(NamedTuple):
    """A line of a family's page: the dates that it is about, how it begins, and what it must say, in that order."""

    first: date
    last: date
    begins: str
    says: tuple[str, ...]


def stock_lines(plan: Plan, settings: Settings, *, unverified_doses: bool) -> Iterator[AtHomeLine]:
    """The line of each drug that was dispensed; none where nothing of it is planned from then on."""
    text = messages(settings.language)
    _, words = text.gettext, FamilyWords(text)
    for agent in dict.fromkeys(entry.agent for entry in plan.facts.dispensed):
        drug, heap = plan.protocol.agents[agent], _Heap()
        for entry in (entry for entry in plan.facts.dispensed if entry.agent == agent):
            heap.add(entry.product, entry.date)
        taken = heap.take(_doses(plan, agent, min(heap.began.values())), halves=drug.halves)
        if not taken.planned:
            continue
        orders = {line.order_line.key: line.order_line for line in taken.lines}.values()
        unsure = any(is_unverified(plan.protocol, order) for order in orders)
        may_change = any(line.provisional for line in taken.lines)
        newest = max(heap.newest.values())
        if not taken.lines or not (unverified_doses or not (unsure or may_change)):
            begins = _("{drug} at home:").format(drug=drug.written)
            yield AtHomeLine(newest, newest, begins, (_("ask your team until when it is enough."),))
            continue
        sizes = (
            f"{figure(strength)} {words.unit(drug.unit)}{'/mL' if what == _LIQUID else ''}"
            for what, strength in sorted(heap.began, key=lambda kind: (kind[0] != _TABLETS, -kind[1]))
        )
        begins = _("{drug} {forms} at home:").format(drug=drug.written, forms=words.joined(sizes))
        told = taken.short if taken.never or not taken.until else taken.until
        says = [words.weekday_and_day(told), *([Evidence.UNVERIFIED.mark] if unsure else [])] if told else []
        last = max(filter(None, (newest, taken.until, taken.short)))
        yield AtHomeLine(newest, last, begins, tuple(says))


def take_in(texts: dict[Span, str], page: PrintedPage, dates: Span | None = None) -> None:
    """Take in all text of a page, by its first and last date; one without any goes on with those of the page before."""
    if dates := dates or next(reversed(texts), None):
        texts[dates] = texts.get(dates, "") + "".join(word.text for word in page.words)


def stock_faults(texts: Mapping[Span, str], plan: Plan, settings: Settings, *, unverified_doses: bool) -> list[str]:
    """What pages have otherwise; `texts` is all that is printed on each of them, by its first and last date."""
    lines = list(stock_lines(plan, settings, unverified_doses=unverified_doses))
    ends = _squeezed(messages(settings.language).gettext("{drug} at home:").partition("{drug}")[2])
    names = "|".join(re.escape(_squeezed(agent.written)) for agent in plan.protocol.agents.values())
    any_line = re.compile(rf"(?:{names})(?:\d[^:]{{0,60}}?)?{re.escape(ends)}")
    found = []
    for (first, last), printed in texts.items():
        text, place = _squeezed(printed), f"{paper_date(first)} to {paper_date(last)}"
        due = [line for line in lines if line.first <= last and first <= line.last]
        found += [
            f"{place}, '{each.begins}': '{' '.join(each.says)}' is missing"
            for each in due
            if not _has(text, each, ends)
        ]
        if len(any_line.findall(text)) != len(due):
            found.append(f"{place}: the lines of what is at home are not {len(due)}")
    return found


def _has(text: str, line: AtHomeLine, ends: str) -> bool:
    """Whether a text has a line, up to where the next one begins, with all that it must say in its order."""
    _before, found, rest = text.partition(_squeezed(line.begins))
    rest = rest.partition(ends)[0]
    for part in map(_squeezed, line.says):
        _before, said, rest = rest.partition(part)
        found = said and found
    return bool(found)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _doses(plan: Plan, agent: str, since: date) -> list[Administration]:
    ends = {each.course.id: each.course.dates.last_day for each in plan.courses if each.course.dates}
    found = (line for line in plan.administrations if line.agent == agent and line.date >= since)
    home = (line for line in found if line.status.takes_place and is_at_home(line))
    return sorted(
        (line for line in home if not (line.open and line.date > ends[line.course])), key=lambda line: line.date
    )


class _Taken(NamedTuple):
    """How far the doses came: those that were looked at, the last day, the day that was short, or lacked something."""

    planned: bool
    lines: tuple[Administration, ...]
    until: date | None = None
    short: date | None = None
    never: bool = False


class _Heap:
    """What was dispensed of one drug."""

    def __init__(self) -> None:
        self.left: dict[Kind, Decimal] = {}
        self.began: dict[Kind, date] = {}
        self.newest: dict[Kind, date] = {}

    def add(self, product: Product, on: date) -> None:
        """What was dispensed on a date."""
        for kind, number in _counted(product):
            self.left[kind] = self.left.get(kind, Decimal(0)) + number
            self.began[kind] = min(on, self.began.get(kind, on))
            self.newest[kind] = max(on, self.newest.get(kind, on))

    def take(self, doses: Sequence[Administration], *, halves: bool) -> _Taken:
        """The doses, day by day, until one finds too few or nobody knows what it is made of."""
        seen: list[Administration] = []
        until: date | None = None
        for day, of_day in groupby(doses, key=lambda line: line.date):
            lines = list(of_day)
            if any(line.product is None and line.status is not Status.GIVEN for line in lines):
                break
            seen += lines
            never = False
            for line in lines:
                for kind, number in self._made_of(line, halves=halves):
                    if kind not in self.left:
                        never = never or line.status is not Status.GIVEN
                    elif self.began[kind] <= day:
                        self.left[kind] -= number * line.per_day
            if never or min(self.left.values()) < 0:
                return _Taken(planned=True, lines=tuple(seen), until=until, short=day, never=never)
            until = day
        return _Taken(bool(doses), tuple(seen), until)

    def _made_of(self, line: Administration, *, halves: bool) -> Iterator[tuple[Kind, Decimal]]:
        given, other = line.status is Status.GIVEN, line.alternative
        only_liquid = {what for what, _strength in self.left} == {_LIQUID}
        if not given and other and only_liquid and next(_counted(other))[0] in self.left:
            yield from _counted(other)
            return
        if line.product or not given:
            yield from _counted(line.product)
            return
        rest = line.dose
        tablets = sorted((strength for what, strength in self.left if what == _TABLETS), reverse=True)
        for strength in tablets:
            piece = strength / 2 if halves else strength
            is_last = strength == tablets[-1] and len(tablets) == len(self.left)
            whole = (rest / piece).to_integral_value(ROUND_CEILING) if is_last else rest // piece
            yield (_TABLETS, strength), whole if halves else 2 * whole
            rest -= whole * piece
        if rest > 0:
            strength = max(strength for what, strength in self.left if what == _LIQUID)
            yield (_LIQUID, strength), rest / strength


def _counted(product: Product | None) -> Iterator[tuple[Kind, Decimal]]:
    """Tablets in halves, a liquid in mL."""
    if isinstance(product, Tablets):
        yield from (((_TABLETS, piece.strength), 2 * piece.number) for piece in product.pieces)
    elif product:
        yield (_LIQUID, product.strength), product.volume
