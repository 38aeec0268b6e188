"""Dates, doses and sentences -> how roadmaps and worksheets print them, in one language.

Rule P10: weekday and month in letters, so that no figure can be taken for another. Figures keep the decimal point and
the comma between thousands in every language: a decimal comma turns 1,950 into another dose.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from gettext import NullTranslations

from protocal.render.wording.catalogues import messages
from protocal.text.message import Said, Value, joined, quantity, unit_text


class PaperWords:
    """What sheets for a ward and a pharmacy are written with, in one language."""

    def __init__(self, text: NullTranslations) -> None:
        _, pgettext = text.gettext, text.pgettext
        self.text = text
        self.weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
        self.months = (
            pgettext("month", "Jan"), pgettext("month", "Feb"), pgettext("month", "Mar"), pgettext("month", "Apr"),
            pgettext("month", "May"), pgettext("month", "Jun"), pgettext("month", "Jul"), pgettext("month", "Aug"),
            pgettext("month", "Sep"), pgettext("month", "Oct"), pgettext("month", "Nov"), pgettext("month", "Dec"),
        )  # fmt: skip

    def day(self, day: date) -> str:
        """`Tue 01-Dec-2026`, `mar 01-dic-2026`."""
        return f"{self.weekdays[day.weekday()]} {self.short_date(day)}"

    def short_date(self, day: date) -> str:
        """`01-Dec-2026`, where a weekday is not wanted."""
        return f"{self.day_and_month(day)}-{day.year}"

    def day_and_month(self, day: date) -> str:
        """`01-Dec`, where the year is said elsewhere."""
        return f"{day.day:02d}-{self.months[day.month - 1]}"

    def month(self, day: date) -> str:
        """`Dec-2026`."""
        return f"{self.months[day.month - 1]}-{day.year}"

    def time(self, at: datetime) -> str:
        """`Tue 01-Dec-2026 14:00`."""
        return f"{self.day(at.date())} {at:%H:%M}"

    def dose(self, value: Decimal | int, unit: str) -> str:
        """`1.17 mg`, `1,950 units`."""
        return self.said(quantity(value, unit))

    def unit(self, unit: str) -> str:
        """A unit by itself."""
        return self.said(unit_text(unit))

    def said(self, text: str) -> str:
        """A sentence of the plan or the checks in this language; what a person wrote as it is."""
        if not isinstance(text, Said):
            return text
        pattern = text.pattern
        translated = (
            self.text.ngettext(pattern.text, pattern.several, pattern.number)
            if pattern.several
            else self.text.gettext(pattern.text)
        )
        return translated.format_map({name: self._value(value) for name, value in text.values.items()})

    def _value(self, value: Value) -> str:
        return (
            self.day(value) if isinstance(value, date) else self.said(value) if isinstance(value, str) else str(value)
        )

    def with_more(self, *parts: str) -> str:
        """`held: no bed`: what is so, and then more of it, with the language's own space before a colon."""
        return self.said(joined(": ", parts))

    def sentence(self, text: str) -> str:
        """The same as a sentence with its capital letter and its full stop."""
        return f"{first_up(self.said(text))}."

    def own(self, text: str) -> str:
        """A word of the definition, such as the title of an evaluation, where the catalogue happens to have it."""
        return self.text.gettext(text) if text else ""


@lru_cache(maxsize=8)
def paper_words(text: NullTranslations) -> PaperWords:
    """The words of a catalogue."""
    return PaperWords(text)


def words_in(language: str) -> PaperWords:
    """The words of a language such as `en` or `es-MX`."""
    return paper_words(messages(language))


def first_up(text: str) -> str:
    """A text with its first letter as at the head of a sentence."""
    return text[:1].upper() + text[1:]
