"""Text -> how wide it is in the font of the sheets, and how many lines it takes, all in points.

Pages are filled with these figures before anything is laid out, so they err on the wide side.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from typing import NamedTuple
from unicodedata import normalize

# The style sheet gives rows these heights, so that pages are filled here and no row is ever split.
SIGNED_LINE, QUIET_LINE, RATE_LINE = 18.4, 12.0, 13.5
HOME_LINES = (13.5, 20.5, 29.5, 38.5)  # with so many lines of text below a dose
LEADING = 1.22  # of a line of text, by its size
REGULAR, SEMIBOLD, BOLD = 400, 600, 700

_ADVANCES = {  # of the letters from the space to the tilde in IBM Plex Sans Condensed, by weight, in thousandths
    400: (
        "212 258 382 637 538 837 626 220 302 302 414 540 248 360 248 349 540 540 540 540 540 540 540 540 540 540 "
        "258 258 540 540 540 431 803 579 589 561 607 526 505 627 637 362 462 574 453 730 637 638 548 638 578 525 "
        "516 611 549 808 555 534 524 286 349 286 540 508 540 483 524 454 524 495 294 477 513 228 228 477 247 787 "
        "513 504 524 524 332 439 318 513 445 698 459 451 421 310 288 310 540 "
    ),
    600: (
        "212 284 429 582 533 870 644 235 303 303 514 540 274 362 274 401 540 540 540 540 540 540 540 540 540 540 "
        "282 282 540 540 540 447 811 606 600 581 625 544 523 641 651 387 494 614 473 737 651 642 583 642 601 546 "
        "524 624 583 861 595 566 540 299 401 299 540 502 540 507 544 464 544 505 328 492 532 252 255 511 268 802 "
        "532 506 544 544 357 449 334 533 476 739 488 483 452 329 346 329 540 "
    ),
    700: (
        "212 292 452 561 535 884 652 244 304 304 556 540 284 360 284 422 540 540 540 540 540 540 540 540 540 540 "
        "304 304 540 540 540 452 814 618 602 589 630 549 528 646 654 397 506 630 480 738 654 642 595 642 610 556 "
        "527 630 598 884 612 579 546 302 422 302 540 500 540 516 550 468 550 508 341 499 540 262 266 524 277 808 "
        "540 508 550 550 367 455 342 540 490 756 501 496 466 338 370 338 540 "
    ),
}
_FIRST = " "
_LETTERS = {
    weight: {chr(ord(_FIRST) + place): int(width) / 1000 for place, width in enumerate(widths.split())}
    for weight, widths in _ADVANCES.items()
}
_OTHER = 1.0  # a letter of another script, a mark of evidence


class Run(NamedTuple):
    """Text of one size and weight."""

    text: str
    size: float = 8
    weight: int = REGULAR


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: int = BOLD) -> float:
    """How wide text is at a size; a letter with an accent is as wide as without it."""
    widths = _LETTERS[weight]
    plain = text if text.isascii() else normalize("NFKD", text)
    return size * sum(widths.get(letter, 0 if "\u0300" <= letter < "\u0370" else _OTHER) for letter in plain)


@lru_cache(maxsize=4096)
def line_count(runs: tuple[Run, ...], width: float) -> int:
    """How many lines text of several runs takes where words stay whole, but for those wider than a line."""
    lines, used = 1, 0.0
    for run in runs:
        space = text_width(" ", run.size, run.weight)
        for word in run.text.split(" "):
            wide = text_width(word, run.size, run.weight)
            if used and used + wide > width:
                lines, used = lines + 1, 0.0
            if wide > width:
                lines, wide = lines + ceil(wide / width), 0.0
            used += wide + space
    return lines


def text_height(text: str, size: float, width: float, *, weight: int = REGULAR, leading: float = LEADING) -> float:
    """How tall a paragraph is."""
    return line_count((Run(text, size, weight),), width) * size * leading if text else 0.0


def within(text: str, width: float) -> str:
    """As much of a sentence as a line has room for; the orders and the record have it whole."""
    if text_width(text, 7.5, REGULAR) <= width:
        return text
    text = text[: int(width)]  # no letter is narrower than a point
    while text and text_width(f"{text} ...", 7.5, REGULAR) > width:
        text = text[:-1].rstrip()
    return f"{text} ..."
