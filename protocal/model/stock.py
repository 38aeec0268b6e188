"""What a family has at home of a drug and until when it is enough, as frozen values; `account/stock.py` makes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from protocal.model.frozen import frozen
from protocal.model.plan import Administration
from protocal.model.product import Product, Tablets


class Form(NamedTuple):
    """Tablets of one strength, or a liquid of so much in a mL."""

    strength: Decimal
    unit: str
    is_liquid: bool = False


def forms_of(product: Product | None) -> tuple[tuple[Form, Decimal], ...]:
    """A product by its forms, each with how many tablets, or mL, of it there are."""
    if product is None:
        return ()
    if isinstance(product, Tablets):
        return tuple((Form(piece.strength, product.unit), piece.number) for piece in product.pieces)
    return ((Form(product.strength, product.unit, is_liquid=True), product.volume),)


class Enough(str, Enum):
    """What can be said of a drug's doses at home.

    It is enough until a date, and then a dose cannot be made; or the form that this dose needs was never dispensed. It
    is enough at least until a date where that is the last dose that is planned in tablets yet; or for all, where no
    other dose is planned. None is where none is planned at all.
    """

    UNTIL = "until"
    AT_LEAST = "at least"
    ALL = "all"
    LACKS = "never dispensed"
    NONE = "none"


@frozen
class Supply:
    """One form of a drug: what was dispensed of it and what the doses take, each by date; half tablets are halves.

    Doses take of it from the day on which it was first dispensed.
    """

    form: Form
    dispensed: tuple[tuple[date, Decimal], ...]
    taken: tuple[tuple[date, Decimal], ...]

    @property
    def total(self) -> Decimal:
        """All that was dispensed of it."""
        return sum((number for _on, number in self.dispensed), Decimal(0))

    def left(self, on: date) -> Decimal:
        """What is left of it after the doses of a date; a half is the other half of a tablet that was halved."""
        had = sum((number for day, number in self.dispensed if day <= on), Decimal(0))
        return max(had - sum((number for day, number in self.taken if day <= on), Decimal(0)), Decimal(0))


@frozen
class Stock:
    """What is at home of one drug.

    Attributes:
        supplies: by form, tablets from the largest strength on, then liquids.
        until: the last date with a dose up to which every dose can be made; None where not even the first can.
        short_on: the first date with a dose that cannot be made; None where there is none, as far as is planned.
        lacking: the forms that are short on that date.
        lines: the doses that it was counted from, up to that date.
        guessed: doses that were given, and nobody wrote of what: they count in the fewest tablets that make them up.
    """

    agent: str
    supplies: tuple[Supply, ...]
    enough: Enough
    until: date | None
    short_on: date | None
    lacking: tuple[Form, ...]
    lines: tuple[Administration, ...]
    guessed: tuple[Administration, ...] = ()

    @property
    def since(self) -> date:
        """When something of it was dispensed for the first time."""
        return min(on for each in self.supplies for on, _number in each.dispensed)

    @property
    def newest(self) -> date:
        """When something of it was dispensed for the last time."""
        return max(on for each in self.supplies for on, _number in each.dispensed)

    @property
    def last(self) -> date:
        """The last date of which it says something."""
        return max(filter(None, (self.newest, self.until, self.short_on)))

    def left(self, on: date) -> tuple[tuple[Form, Decimal], ...]:
        """What is left of each form after the doses of a date, of those that were dispensed by then."""
        return tuple((each.form, each.left(on)) for each in self.supplies if each.dispensed[0][0] <= on)
