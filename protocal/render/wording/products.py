"""What a dose by mouth is made of -> its words for paper, screens and feeds, and its values for programs.

Sentences are made with `say`: English where they are shown as data, and in the language of the paper where that says
them again.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from protocal.model.product import HALF, Piece, Product, Tablets
from protocal.text.format import figure, plain
from protocal.text.message import joined, quantity, say

_ONE = 1


def product_text(product: Product | None) -> str:
    """`1½ tablets of 50 mg`, `one 2 mg tablet and half of a 0.5 mg tablet`, `2.9 mL of 20 mg/mL liquid`; or nothing."""
    if product is None:
        return ""
    if not isinstance(product, Tablets):
        liquid = say("{strength}/mL liquid", strength=quantity(product.strength, product.unit))
        return say("{volume} mL of {liquid}", volume=figure(product.volume), liquid=liquid)
    parts = [_piece(piece, product.unit) for piece in product.pieces]
    if len(parts) > _ONE:
        return say("{several} and {last}", several=joined(", ", parts[:-1]), last=parts[-1])
    return parts[0] if parts else say("no tablet")


def _piece(piece: Piece, unit: str) -> str:
    size = quantity(piece.strength, unit)
    if piece.number == HALF:
        return (
            say("half of an {size} tablet", size=size) if _has_an(size) else say("half of a {size} tablet", size=size)
        )
    if piece.number == _ONE:
        return say("one {size} tablet", size=size)
    return say("{count} tablets of {size}", count=count_figure(piece.number), size=size)


def _has_an(size: str) -> bool:
    """Whether it is spoken after `an`: eight, eleven, eighteen and their thousands."""
    spoken_first = size.partition(" ")[0].partition(".")[0].partition(",")[0]
    return spoken_first.startswith("8") or spoken_first in ("11", "18")


def count_figure(count: Decimal) -> str:
    """`2`, `1½`, `½`: a number of tablets as people read it."""
    whole, rest = divmod(count, _ONE)
    return f"{figure(whole) if whole or not rest else ''}{'½' if rest else ''}"


def count_text(count: Decimal) -> str:
    """`half tablet`, `1 tablet`, `1½ tablets`: how many, where the size is said elsewhere."""
    if count == HALF:
        return say("half tablet")
    return say("1 tablet") if count == _ONE else say("{count} tablets", count=count_figure(count))


def single_piece(product: Product | None) -> Piece | None:
    """The tablets of a dose that is made of one strength; None for more than one, and for a liquid."""
    return product.pieces[0] if isinstance(product, Tablets) and len(product.pieces) == _ONE else None


def product_data(product: Product | None) -> dict[str, Any] | None:
    """The same for programs: tablets with count, strength and unit, or a liquid with mL and what one mL holds."""
    if product is None:
        return None
    if not isinstance(product, Tablets):
        return {"mL": plain(product.volume), "strength": plain(product.strength), "unit": f"{product.unit}/mL"}
    return {
        "tablets": [
            {"count": plain(piece.number), "strength": plain(piece.strength), "unit": product.unit}
            for piece in product.pieces
        ]
    }
