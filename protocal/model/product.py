"""`2 tablets of 4 mg`, `2.9 mL of 20 mg/mL` <-> what one dose by mouth is made of, as a value.

`60 of 50 mg`, `100 mL of 20 mg/mL` are what is dispensed at once.

The text is that of a record, which people read and may write by hand. What is printed or shown is not made here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from protocal.model.doses import UNITS
from protocal.model.frozen import frozen
from protocal.text.format import plain

HALF = Decimal("0.5")

_NUMBER = r"([0-9]{1,6}(?:\.[0-9]{1,6})?)"
_UNIT = f"({'|'.join(UNITS)})"
_PIECE = re.compile(rf"{_NUMBER}(½?) tablets? of {_NUMBER} {_UNIT}|(½) tablet of {_NUMBER} {_UNIT}")
_VOLUME = re.compile(rf"{_NUMBER} mL of {_NUMBER} {_UNIT}/mL(?: liquid)?")
_DISPENSED = re.compile(rf"{_NUMBER} of {_NUMBER} {_UNIT}")
_MOST_TABLETS, _MOST_ML = 3000, 5000  # that anybody takes home at once
_SHOWN = "write it as in '1.5 tablets of 50 mg', '1 tablet of 2 mg + 0.5 tablets of 0.5 mg' or '2.9 mL of 20 mg/mL'"


class Piece(NamedTuple):
    """So many tablets of one strength, halves included."""

    strength: Decimal
    number: Decimal


@frozen
class Tablets:
    """Tablets of one strength or of several, from the largest on, in one unit."""

    pieces: tuple[Piece, ...]
    unit: str

    @property
    def amount(self) -> Decimal:
        """What they hold of the drug."""
        return _tidy(sum((piece.strength * piece.number for piece in self.pieces), Decimal(0)))

    def __str__(self) -> str:
        return " + ".join(
            f"{plain(number)} {'tablet' if number == 1 else 'tablets'} of {plain(strength)} {self.unit}"
            for strength, number in self.pieces
        )


@frozen
class Volume:
    """So many mL of a liquid, and how much of the drug one of them holds."""

    volume: Decimal
    strength: Decimal
    unit: str

    @property
    def amount(self) -> Decimal:
        """What it holds of the drug."""
        return _tidy(self.volume * self.strength)

    def __str__(self) -> str:
        return f"{plain(self.volume)} mL of {plain(self.strength)} {self.unit}/mL"


Product = Tablets | Volume


def halved(halves: int) -> Decimal:
    """So many half tablets as a number of tablets."""
    return _tidy(halves * HALF)


def parse_product(text: str) -> Product:
    """The text of a product. Raises ValueError with a sentence for one that is none."""
    if match := _VOLUME.fullmatch(text):
        volume, strength = (_above_zero(match[place], text) for place in (1, 2))
        return Volume(volume, strength, match[3])
    found = [_PIECE.fullmatch(piece) for piece in text.split(" + ")]
    matches = [match for match in found if match]
    if len(matches) < len(found):
        raise ValueError(f"'{text}' is not what a dose is made of; {_SHOWN}")
    units = {match[4] or match[7] for match in matches}
    if len(units) > 1:
        raise ValueError(f"'{text}' mixes units; write all tablets in the unit that the drug is dosed in")
    pieces = sorted((_piece(match, text) for match in matches), reverse=True)
    if len({piece.strength for piece in pieces}) < len(pieces):
        raise ValueError(f"'{text}' has a strength twice; write each once, with the number of its tablets")
    return Tablets(tuple(pieces), units.pop())


def parse_tablets(text: str) -> Tablets:
    """Tablets as they are dispensed, `60 of 50 mg`. Raises ValueError with a sentence for what is none."""
    match = _DISPENSED.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no number of tablets of a strength; write it as in '60 of 50 mg'")
    count, strength = _tidy(Decimal(match[1])), _tidy(Decimal(match[2]))
    if not strength:
        raise ValueError(f"'{text}' has tablets of nothing; write their strength as in '60 of 50 mg'")
    if count <= 0 or count % HALF:
        raise ValueError(f"'{text}' is no number of whole and half tablets; write it as in '60 of 50 mg'")
    if count > _MOST_TABLETS:
        raise ValueError(f"'{text}' is more than {_MOST_TABLETS} tablets at once; write what was taken home that day")
    return Tablets((Piece(strength, count),), match[3])


def parse_volume(text: str) -> Volume:
    """A liquid as it is dispensed, `100 mL of 20 mg/mL`. Raises ValueError with a sentence for what is none."""
    match = _VOLUME.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no volume of a liquid; write it as in '100 mL of 20 mg/mL'")
    volume, strength = _tidy(Decimal(match[1])), _tidy(Decimal(match[2]))
    if not (volume and strength):
        raise ValueError(f"'{text}' has a nought that makes no sense; write it as in '100 mL of 20 mg/mL'")
    if volume > _MOST_ML:
        raise ValueError(f"'{text}' is more than {_MOST_ML} mL at once; write what was taken home that day")
    return Volume(volume, strength, match[3])


def _piece(match: re.Match[str], text: str) -> Piece:
    if match[5]:
        return Piece(_above_zero(match[6], text), HALF)
    if match[2] and "." in match[1]:
        raise ValueError(f"'{text}' is not what a dose is made of; {_SHOWN}")
    count = _tidy(Decimal(match[1]) + (HALF if match[2] else 0))
    if count <= 0 or count % HALF:
        raise ValueError(f"'{text}' is no number of whole and half tablets; {_SHOWN}")
    return Piece(_above_zero(match[3], text), count)


def _tidy(value: Decimal) -> Decimal:
    """The value without trailing zeros, so that it is written in one way."""
    return Decimal(plain(value))


def _above_zero(number: str, text: str) -> Decimal:
    value = _tidy(Decimal(number))
    if not value:
        raise ValueError(f"'{text}' has a nought that makes no sense; {_SHOWN}")
    return value
