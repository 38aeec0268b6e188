"""Dates, hours, tablets and what is done -> words of a family's language: for its calendar and pocket page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from gettext import NullTranslations

from protocal.model.agent import Agent
from protocal.model.doses import Route
from protocal.model.plan import LUMBAR_PUNCTURE, PUMP_STOP, DatedCourse
from protocal.model.product import HALF, Piece, Product, Tablets
from protocal.model.protocol import Protocol
from protocal.render.wording.paper import paper_words
from protocal.render.wording.products import count_figure
from protocal.text.format import figure

_NARROW = "\N{NO-BREAK SPACE}"
_UNBROKEN = 20  # characters that a cell has room for in one line


class FamilyWords:
    """What a family reads, in one language."""

    def __init__(self, text: NullTranslations, *, tall_man: bool = True) -> None:
        _ = text.gettext
        self.text = text
        self.tall_man = tall_man  # as on paper beside what the ward prints; else names are as people write them
        self.weekdays = (
            _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
        )  # fmt: skip
        self.on_weekdays = (
            _("Mondays"), _("Tuesdays"), _("Wednesdays"), _("Thursdays"), _("Fridays"), _("Saturdays"), _("Sundays"),
        )  # fmt: skip
        self.months = (
            _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"),
            _("September"), _("October"), _("November"), _("December"),
        )  # fmt: skip
        self.routes = {
            Route.PO: _("by mouth"),
            Route.IV: _("into a vein"),
            Route.IM: _("into a muscle"),
            Route.SC: _("under the skin"),
            Route.IT: _("into the spinal fluid"),
            Route.CIV: _("into a vein, day and night"),
        }
        self.kinds = {
            LUMBAR_PUNCTURE: _("lumbar puncture"),
            PUMP_STOP: _("the pump stops"),
            "bone-marrow": _("bone marrow test"),
            "mrd": _("MRD test (disease left)"),
            "pk-sample": _("blood samples for drug levels"),
            "drug-level": _("blood sample for a drug level"),
            "radiation-fraction": _("radiation"),
            "transplant": _("transplant"),
        }

    def weekday(self, day: date) -> str:
        """`Tuesday`, as it stands in a sentence."""
        return self.weekdays[day.weekday()]

    def weekly(self, day: date, planned: date) -> str:
        """`TUESDAYS only`; on another weekday than its own only that it is this week's."""
        if day.weekday() == planned.weekday():
            said = self.text.gettext("{weekdays} only")
            return said.format(weekdays=self.on_weekdays[day.weekday()].upper())
        return self.text.gettext("this week on {weekday}").format(weekday=self.weekday(day).upper())

    def day_and_month(self, day: date) -> str:
        """`2 March`."""
        return self.text.gettext("{day} {month}").format(day=self._number(day), month=self.months[day.month - 1])

    def weekday_and_day(self, day: date) -> str:
        """`Tuesday 2 March`."""
        return self.text.gettext("{weekday} {date}").format(weekday=self.weekday(day), date=self.day_and_month(day))

    def long_date(self, day: date) -> str:
        """`Tuesday 2 March 2027`."""
        return self.text.gettext("{weekday} {day} {month} {year}").format(
            weekday=self.weekday(day), day=self._number(day), month=self.months[day.month - 1], year=day.year
        )

    def date_without_weekday(self, day: date) -> str:
        """`2 March 2027`."""
        return self.text.gettext("{day} {month} {year}").format(
            day=self._number(day), month=self.months[day.month - 1], year=day.year
        )

    def _number(self, day: date) -> str:
        """`2`; the first of a month has a form of its own in some languages, such as `1er`."""
        return self.text.pgettext("day of a month", "1") if day.day == 1 else str(day.day)

    def month(self, day: date) -> str:
        """`March 2027`, as a heading."""
        return first_up(self.text.gettext("{month} {year}").format(month=self.months[day.month - 1], year=day.year))

    def at(self, times: Iterable[datetime], on: date) -> str:
        """`at 09:00 and 21:00`; another day than the one it stands on is named."""
        return self.text.gettext("at {hours}").format(hours=self.joined([self.hour(time, on) for time in times]))

    def hour(self, time: datetime, on: date) -> str:
        """`21:00`, or `Wednesday 03:00` on another day than the one it stands on."""
        clock = f"{time:%H:%M}"
        if time.date() == on:
            return clock
        return self.text.gettext("{weekday} {hour}").format(weekday=self.weekday(time.date()), hour=clock)

    def joined(self, parts: Iterable[str]) -> str:
        """`a, b and c`."""
        *several, last = parts
        if not several:
            return last
        return self.text.gettext("{several} and {last}").format(several=", ".join(several), last=last)

    def course(self, course: DatedCourse) -> str:
        """A course's title, with the number of its cycle."""
        title = self.text.gettext(course.definition.title)
        return f"{title} {course.cycle}" if course.cycle else title

    def kind(self, kind: str, protocol: Protocol) -> str:
        """A procedure or an evaluation in plain words: the definition's, ours, or else by its title."""
        plain = "" if self.tall_man else protocol.plain_names.get(kind)  # a month on paper has no room for both names
        if plain:
            return self.text.gettext(plain)
        return self.kinds.get(kind) or self.text.gettext(protocol.kinds[kind])

    def drug(self, agent: Agent) -> str:
        """`vinCRIStine`, or `vincristine` without tall-man letters."""
        return agent.written if self.tall_man else " ".join(map(_plain, agent.written.split(" ")))

    def product(self, product: Product) -> str:
        """`1 tablet of 2 mg and half tablet of 0.5 mg`, `2.9 mL of the 20 mg/mL liquid`."""
        _ = self.text.gettext
        if isinstance(product, Tablets):
            return self.joined(_in_lines(self._piece(piece, product.unit)) for piece in product.pieces)
        volume, strength = _tied(product.volume, "mL"), f"{_tied(product.strength, self.unit(product.unit))}/mL"
        return _in_lines(_("{volume} of the {strength} liquid").format(volume=volume, strength=strength))

    def form(self, strength: Decimal, unit: str, *, is_liquid: bool) -> str:
        """The size of a tablet, `50 mg`, or what is in a mL of a liquid."""
        return f"{_tied(strength, self.unit(unit))}/mL" if is_liquid else _tied(strength, self.unit(unit))

    def _piece(self, piece: Piece, unit: str) -> str:
        _, size = self.text.gettext, _tied(piece.strength, self.unit(unit))
        if piece.number == HALF:
            return _("half tablet of {size}").format(size=size)
        if piece.number == 1:
            return _("1 tablet of {size}").format(size=size)
        return _("{count} tablets of {size}").format(count=count_figure(piece.number), size=size)

    def unit(self, unit: str) -> str:
        """A unit by itself."""
        return paper_words(self.text).unit(unit)


def _plain(word: str) -> str:
    """A word without tall-man letters; a name's own capital stays."""
    return word.lower() if word[1:] != word[1:].lower() else word


def _tied(value: Decimal, unit: str) -> str:
    """A figure with its unit, which no line breaks."""
    return f"{figure(value)}\N{NO-BREAK SPACE}{unit}"


def _in_lines(said: str) -> str:
    """What a line does not break: at most before `of` where it is too long for that."""
    if len(said) + said.count("½") <= _UNBROKEN:  # which is as wide as two
        return said.replace(" ", _NARROW)
    head, _sep, rest = said.replace(" ", _NARROW, 1).partition(" ")
    return f"{head} {rest.replace(' ', _NARROW)}"


def first_up(text: str) -> str:
    """A text with its first letter as at the head of a column."""
    return text[:1].upper() + text[1:]
