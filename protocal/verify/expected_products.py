"""What a dose by mouth is made of -> what must stand on paper for it, and what a page's text has of it.

From the values alone: halves are counted here, not taken from the words that are printed. Only the catalogue's words
are shared with what prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from gettext import NullTranslations

from protocal.model.plan import Administration
from protocal.model.product import Product, Tablets
from protocal.render.wording.paper import paper_words
from protocal.text.format import figure

_SPACE = re.compile(r"\s+")


def how_many(number: Decimal, text: NullTranslations) -> str:
    """`half tablet`, `1 tablet`, `1½ tablets`."""
    _ = text.gettext
    halves = int(number * 2)
    if halves == 1:
        return _("half tablet")
    return _("1 tablet") if halves == 2 else _("{count} tablets").format(count=_in_halves(halves))


def at_home_words(product: Product, text: NullTranslations) -> str:
    """`1 tablet of 2 mg and half tablet of 0.5 mg`, as a family reads it, if its lines are put together."""
    _ = text.gettext
    if not isinstance(product, Tablets):
        volume, held = f"{figure(product.volume)} mL", f"{_size(product.strength, product.unit, text)}/mL"
        return _("{volume} of the {strength} liquid").format(volume=volume, strength=held)
    parts = []
    for strength, number in product.pieces:
        halves, size = int(number * 2), _size(strength, product.unit, text)
        if halves == 1:
            parts.append(_("half tablet of {size}").format(size=size))
        elif halves == 2:
            parts.append(_("1 tablet of {size}").format(size=size))
        else:
            parts.append(_("{count} tablets of {size}").format(count=_in_halves(halves), size=size))
    *several, last = parts
    return _("{several} and {last}").format(several=", ".join(several), last=last) if several else last


class Products:
    """Finds what doses are made of, of all that a plan may have, in the text of a page without its spaces."""

    def __init__(self, products: Iterable[Product], text: NullTranslations) -> None:
        self._patterns = {product: re.compile(_on_sheets(product, text)) for product in dict.fromkeys(products)}

    def within(self, said: str) -> set[Product]:
        """All that stand in a text."""
        squeezed = _SPACE.sub("", said)
        return {product for product, pattern in self._patterns.items() if pattern.search(squeezed)}

    @classmethod
    def of(cls, lines: Iterable[Administration], text: NullTranslations) -> Products:
        """Those of administrations, and what else they could be made of."""
        return cls((each for line in lines for each in (line.product, line.alternative) if each), text)


def _on_sheets(product: Product, text: NullTranslations) -> str:
    """How roadmaps and worksheets may say it, as a pattern; more tablets of another size do not follow or go before."""
    _ = text.gettext
    if not isinstance(product, Tablets):
        liquid = _("{strength}/mL liquid").format(strength=_size(product.strength, product.unit, text))
        said = [_pattern(_("{volume} mL of {liquid}").format(volume=figure(product.volume), liquid=liquid))]
    else:
        said = [_piece(strength, number, product.unit, text) for strength, number in product.pieces]
    last = _pattern(_("{several} and {last}").format(several="", last=""))
    firsts = ("half of a {size} tablet", "half of an {size} tablet", "one {size} tablet")
    more = "|".join([r"\d", *(_pattern(_(first).partition("{size}")[0]) for first in firsts)])
    return rf"(?<![\d.,½])(?<!{last}){f'(?:,|{last})'.join(said)}(?![=/])(?!(?:,|{last})(?:{more}))"


def _piece(strength: Decimal, number: Decimal, unit: str, text: NullTranslations) -> str:
    _, size, halves = text.gettext, _size(strength, unit, text), int(number * 2)
    ways = [_("{count} tablets of {size}").format(count=_in_halves(halves), size=size)]
    if halves == 1:
        ways = [_("half of a {size} tablet").format(size=size), _("half of an {size} tablet").format(size=size)]
    elif halves == 2:
        ways = [_("one {size} tablet").format(size=size)]
    return f"(?:{'|'.join(map(_pattern, ways))})"


def _pattern(said: str) -> str:
    return re.escape(_SPACE.sub("", said))


def _size(strength: Decimal, unit: str, text: NullTranslations) -> str:
    return f"{figure(strength)} {paper_words(text).unit(unit)}"


def _in_halves(halves: int) -> str:
    """`3` halves are `1½`."""
    return f"{halves // 2}½" if halves % 2 else f"{halves // 2}"
