"""The dose wanted and the tablets at hand in; the pattern of whole and half tablets by weekday out.

The best pattern is found exactly, in this order:

1. the weekly total nearest the target's;
2. the smallest swing: largest minus smallest daily dose;
3. the fewest different daily doses;
4. the fewest tablets in the week, where a half counts as one, for it is swallowed as one;
5. the fewest strengths in the week, then the fewest halves, then the lower total, then the lowest largest doses.

One dose is made up by itself: of the fewest tablets, then the fewest strengths, then the fewest halves, then of the
larger strengths. The larger doses are spread over the week, from its first day on: two of seven fall on Monday and
Thursday, three on Monday, Wednesday and Friday. Doses of one day are alike.

The search is small because a swing is. Where the largest dose of a pattern exceeds the smallest by more than a piece in
it, moving that piece from the one to the other keeps the total and does not widen the swing. So a pattern of the best
total has a swing of at most one piece of the largest strength, and windows around the mean are tried from the narrowest
on. Amounts are whole numbers of steps, the greatest length that all pieces are multiples of; sets of them are bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import gcd

from protocal.words.figures import figure, plain

EVERY_DAY = tuple(range(7))
WITHIN_PERCENT = 10

_MOST_STEPS = 100_000
# The price of a dose is one number: tablets first, then strengths, then halves.
_TABLET, _STRENGTH, _HALF = 1 << 20, 1 << 10, 1
_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class DayTablets:
    """What makes up one dose on a weekday (Monday is 0): strengths from the largest on, each with its half tablets."""

    weekday: int
    pieces: tuple[tuple[Decimal, int], ...]
    amount: Decimal


@dataclass(frozen=True, slots=True)
class TabletPlan:
    """A week of tablets, in the order of its days; `total` and `target` are for the week, with all doses of a day."""

    days: tuple[DayTablets, ...]
    total: Decimal
    target: Decimal

    @property
    def error_percent(self) -> Decimal:
        """How far the total lies above the target, or below it where negative; not rounded."""
        return (self.total - self.target) * 100 / self.target

    def on(self, weekday: int) -> DayTablets:
        """The tablets of a weekday; raises LookupError on one without a dose."""
        for day in self.days:
            if day.weekday == weekday:
                return day
        raise LookupError(f"no dose is taken on weekday {weekday}")


def plan_tablets(
    target: Decimal,
    unit: str,
    strengths: Iterable[Decimal],
    weekdays: Iterable[int] = EVERY_DAY,
    *,
    halves: bool,
    per_day: int = 1,
    free_days: bool = False,
) -> TabletPlan:
    """The best week of tablets for a target of so much a dose, so many doses a day, on the weekdays that have one.

    Raises ValueError with a sentence for the reader where no week comes within 10 % of the target, and where a figure
    makes no sense. With `free_days`, a weekday may also go without a tablet.
    """
    days = tuple(sorted(set(weekdays)))
    sizes = tuple(sorted({_tidy(strength, "strength", unit) for strength in strengths}))
    if not sizes:
        raise ValueError("no tablet strength is at hand")
    if not days or not set(days) <= set(EVERY_DAY):
        raise ValueError("tablets are taken on weekdays 0 (Monday) to 6 (Sunday), on one of them at least")
    if per_day < 1:
        raise ValueError("tablets are taken once a day or more often")
    return _plan(_tidy(target, "dose", unit), unit, sizes, days, halves, per_day, free_days)


def words(day: DayTablets, unit: str) -> str:
    """One dose in words: `1½ tablets of 50 mg`, `one 2 mg tablet and half of a 0.5 mg tablet`."""
    parts = [_piece_words(strength, halves, unit) for strength, halves in day.pieces]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts or ["no tablet"])


def _piece_words(strength: Decimal, halves: int, unit: str) -> str:
    size = f"{figure(strength)} {unit}"
    if halves == 1:
        return f"half of {_article(size)} {size} tablet"
    if halves == 2:
        return f"one {size} tablet"
    return f"{figure(halves // 2)}{'½' if halves % 2 else ''} tablets of {size}"


def _article(size: str) -> str:
    """`an` before eight, eleven, eighteen and their thousands, else `a`."""
    spoken_first = size.partition(" ")[0].partition(".")[0].partition(",")[0]
    return "an" if spoken_first.startswith("8") or spoken_first in ("11", "18") else "a"


def _tidy(value: Decimal, what: str, unit: str) -> Decimal:
    """The value without trailing zeros, so that the cache gives the same figures whichever way they were written."""
    if not value.is_finite() or value <= 0:
        raise ValueError(f"a {what} of {value} {unit} makes no sense; it must be above zero")
    return Decimal(plain(value))


@lru_cache(maxsize=1024)
def _plan(
    target: Decimal,
    unit: str,
    strengths: tuple[Decimal, ...],
    weekdays: tuple[int, ...],
    halves: bool,  # noqa: FBT001
    per_day: int,
    free_days: bool,  # noqa: FBT001
) -> TabletPlan:
    ratios = [value.as_integer_ratio() for value in (*strengths, target)]
    whole = 2 * lcm(*(denominator for _, denominator in ratios))  # so that halves are whole numbers, too
    *sizes, dose = (numerator * (whole // denominator) for numerator, denominator in ratios)
    pieces = [size // 2 if halves else size for size in sizes]
    step = gcd(*pieces)
    units = tuple(piece // step for piece in pieces)
    wanted = dose * len(weekdays)
    most = max(wanted // step + 1, units[0] * len(weekdays)) + units[0]
    if most > _MOST_STEPS:
        raise ValueError(f"tablets of {_listed(strengths, unit)} are too unlike to make up {figure(target)} {unit}")

    totals = _nearest(_sums(units, 0 if free_days else len(weekdays), most), wanted, step)
    if 100 * abs(totals[0] * step - wanted) > WITHIN_PERCENT * wanted:
        raise ValueError(
            f"{'whole and half' if halves else 'whole'} tablets of {_listed(strengths, unit)} cannot reach"
            f" {figure(target)} {unit} within {WITHIN_PERCENT} %: the nearest to {_a_week(target, weekdays, unit)} is"
            f" {figure(_decimal(totals[0] * step, whole))} {unit}"
        )
    amounts = _sums(units, 0 if free_days else 1, most)
    windows = _narrowest(amounts, totals, len(weekdays))
    fewest = _fewest(units, halves, 1 << max(window[-1] for _, window in windows).bit_length())
    chosen = _best(windows, len(weekdays), fewest)

    def day(weekday: int, amount: int) -> DayTablets:
        made_of = zip(reversed(strengths), reversed(fewest.pieces(amount)), strict=True)
        return DayTablets(
            weekday,
            tuple((strength, number if halves else 2 * number) for strength, number in made_of if number),
            _decimal(amount * step, whole),
        )

    return TabletPlan(
        days=tuple(day(weekday, amount) for weekday, amount in zip(weekdays, _spread(chosen), strict=True)),
        total=_decimal(sum(chosen) * step * per_day, whole),
        target=Decimal(plain(target * len(weekdays) * per_day)),
    )


def _decimal(numerator: int, denominator: int) -> Decimal:
    return Decimal(plain(Decimal(numerator) / denominator))


def _sums(units: tuple[int, ...], pieces: int, most: int) -> int:
    """The numbers up to `most` that are a sum of so many pieces or more; a number is in the set where its bit is."""
    mask = (1 << (most + 1)) - 1
    sums = 1
    for unit in units:
        step = unit
        while step <= most:
            sums |= (sums << step) & mask
            step *= 2
    for _ in range(pieces):
        sums = reduce(or_, (sums << unit for unit in units)) & mask
    return sums
