"""What is at home of each drug -> a line of a family's page: until when it is enough, or that they ask.

How many tablets last until when tells the dose. So the date stands only where every dose that it was counted from may
be printed (rule S28). Else the line says to ask, and only on the page of the day of the dispensing: on which other
pages it stood would tell the date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from protocal.model.evidence import Evidence
from protocal.model.stock import Enough, Form, Stock
from protocal.render.family.home_doses import HomeDoses
from protocal.render.family.values import Contact
from protocal.render.wording.family import FamilyWords, first_up


class HomeStock:
    """The stock at home of one plan in one language."""

    def __init__(self, stocks: Iterable[Stock], home: HomeDoses, words: FamilyWords) -> None:
        self.stocks = tuple(stocks)
        self.home = home
        self.words = words
        self.text = words.text

    def notes(self, first: date, last: date) -> tuple[Contact, ...]:
        """The lines of a page with the dates from a first to a last.

        A drug is on it from when it was dispensed last to the date until which it is enough.
        """
        found = [stock for stock in self.stocks if self._is_on(stock, first, last)]
        counted = [stock.newest if self.is_told(stock) else None for stock in found]
        return tuple(
            self._note(stock, first.year, newest if newest != after else None)
            for stock, newest, after in zip(found, counted, (*counted[1:], None), strict=False)
        )

    def dated(self) -> Iterator[tuple[Stock, date]]:
        """The drugs of which a family may read it, each with the last date for which it is enough."""
        for stock in self.stocks:
            if stock.enough is not Enough.NONE and self.is_told(stock):
                yield stock, stock.until or stock.short_on or stock.newest

    def line(self, stock: Stock, year: int) -> str:
        """`Dexamethasone 4 mg at home: enough until Sunday 14 March`."""
        said = self.said(stock, year)
        if self._is_unsure(stock):
            said = self.text.gettext("{dose} (unverified)").format(dose=said)
        return first_up(f"{self._label(stock)} {said}").replace("\N{NO-BREAK SPACE}", " ")

    def is_told(self, stock: Stock) -> bool:
        """Whether a family may read until when a drug is enough: each dose that it was counted from is printed."""
        return bool(stock.lines) and all(map(self.home.is_dosed, stock.lines))

    def said(self, stock: Stock, year: int) -> str:
        """`enough until Sunday 14 March`, and what else there is to say, on a page of a year."""
        _ = self.text.gettext
        if not self.is_told(stock):
            return _("ask your team until when it is enough.")
        until, short = (day and self._date(day, year) for day in (stock.until, stock.short_on))
        forms = self.words.joined(map(self.form, stock.lacking)) if stock.lacking else ""
        if stock.enough is Enough.LACKS:
            return _("no {forms} was given to you, and you need it on {date}: call your team.").format(
                forms=forms, date=short
            )
        if until is None:
            return _("not enough for {date}: call your team.").format(date=short)
        if stock.enough is Enough.UNTIL and len(stock.supplies) > 1:
            return _("enough until {date}; then you run out of {forms}.").format(date=until, forms=forms)
        if stock.enough is Enough.UNTIL:
            return _("enough until {date}.").format(date=until)
        if stock.enough is Enough.AT_LEAST:
            return _("enough at least until {date}.").format(date=until)
        return _("enough until {date}, the last dose that is planned.").format(date=until)

    def form(self, form: Form) -> str:
        """`50 mg`, `20 mg/mL`."""
        return self.words.form(form.strength, form.unit, is_liquid=form.is_liquid)

    def _is_on(self, stock: Stock, first: date, last: date) -> bool:
        """Whether a page with these dates has its line."""
        end = stock.last if self.is_told(stock) else stock.newest
        return stock.enough is not Enough.NONE and stock.newest <= last and first <= end

    def _note(self, stock: Stock, year: int, newest: date | None) -> Contact:
        """A drug's line; `newest` is until when what was dispensed counts, said once for drugs that share it."""
        _, told = self.text.gettext, self.is_told(stock)
        said = [self.said(stock, year)]
        if told and self._is_unsure(stock):
            said.append(Evidence.UNVERIFIED.mark)
        if newest:
            said.append(_("What you took home up to {date} counts.").format(date=self.words.day_and_month(newest)))
        return Contact(self._label(stock), " ".join(said))

    def _label(self, stock: Stock) -> str:
        _ = self.text.gettext
        name = self.words.drug(self.home.protocol.agents[stock.agent])
        forms = self.words.joined(self.form(each.form) for each in stock.supplies)
        label = _("{drug} {forms} at home:") if self.is_told(stock) else _("{drug} at home:")
        return label.format(drug=name, forms=forms)

    def _is_unsure(self, stock: Stock) -> bool:
        return any(self.home.unsure(line.order_line) for line in stock.lines)

    def _date(self, day: date, year: int) -> str:
        return self.words.weekday_and_day(day) if day.year == year else self.words.long_date(day)
