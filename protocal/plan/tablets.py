"""The dose wanted and the tablets at hand -> the pattern of whole and half tablets by weekday.

The best pattern is found exactly, in this order:

1. the weekly total nearest the target's;
2. the smallest swing: largest minus smallest daily dose;
3. the fewest different daily doses;
4. the fewest tablets in the week, where a half counts as one, for it is swallowed as one;
5. the fewest strengths in the week, then the fewest halves, then the lower doses, the largest compared first.

One dose is made up by itself: of the fewest tablets, then the fewest strengths, then the fewest halves, then of the
larger strengths. The larger doses are spread over the week, from its first day on: two of seven fall on Monday and
Thursday, three on Monday, Wednesday and Friday. Doses of one day are alike.

The search is small because a swing is. Where the largest dose of a pattern exceeds the smallest by more than a piece in
it, moving that piece from the one to the other keeps the total and does not widen the swing. So a pattern of the best
total has a swing of at most one piece of the largest strength, and windows around the mean are tried from the narrowest
on. Amounts are whole numbers of steps, the greatest length that all pieces are multiples of; sets of them are bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache, reduce
from itertools import combinations, count, pairwise
from math import gcd, lcm
from operator import mul, or_
from typing import NamedTuple

from protocal.model.frozen import frozen
from protocal.model.product import Piece, Tablets, halved
from protocal.text.format import figure, plain, round_half_up
from protocal.text.message import joined, quantity, say, unit_text

EVERY_DAY = tuple(range(7))
WITHIN_PERCENT = 10

_MOST_STEPS = 100_000
# The price of a dose is one number: tablets first, then strengths, then halves.
_TABLET, _STRENGTH, _HALF = 1 << 20, 1 << 10, 1
_NEVER = 1 << 60


@frozen
class DayTablets:
    """What makes up one dose on a weekday (Monday is 0): strengths from the largest on, each with its half tablets."""

    weekday: int
    pieces: tuple[tuple[Decimal, int], ...]
    amount: Decimal

    def product(self, unit: str) -> Tablets:
        """One dose of the day as it is dispensed."""
        return Tablets(tuple(Piece(strength, halved(halves)) for strength, halves in self.pieces), unit)


@frozen
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
    limit: Decimal | None = None,
) -> TabletPlan:
    """The best week of tablets for a target of so much a dose, so many doses a day, on the weekdays that have one.

    Raises ValueError with a sentence for the reader where no week comes within 10 % of the target, and where a figure
    makes no sense. With `free_days`, a weekday may also go without a tablet; with a limit, no dose is above it.
    """
    days = tuple(sorted(set(weekdays)))
    sizes = tuple(sorted({_tidy(strength, "strength", unit) for strength in strengths}))
    if not sizes:
        raise ValueError("no tablet strength is at hand")
    if not days or not set(days) <= set(EVERY_DAY):
        raise ValueError("tablets are taken on weekdays 0 (Monday) to 6 (Sunday), on one of them at least")
    if per_day < 1:
        raise ValueError("tablets are taken once a day or more often")
    return _plan(
        _tidy(target, "dose", unit),
        unit,
        sizes,
        days,
        halves=halves,
        per_day=per_day,
        free_days=free_days,
        limit=None if limit is None else _tidy(limit, "limit", unit),
    )


def _tidy(value: Decimal, what: str, unit: str) -> Decimal:
    """The value without trailing zeros, so that the cache gives the same figures whichever way they were written."""
    if not value.is_finite() or value <= 0:
        raise ValueError(f"a {what} of {value} {unit} makes no sense; it must be above zero")
    return Decimal(plain(value))


class _Scale(NamedTuple):
    """Doses and tablets in whole numbers of steps.

    Attributes:
        units: the steps of a piece, half or whole, of each strength.
        step: how many parts of the unit a step has.
        parts: how many parts there are in the unit.
        wanted: parts, for all days of the week together, in one of the doses of each.
        most: the most steps a week is looked at for.
    """

    units: tuple[int, ...]
    step: int
    parts: int
    wanted: int
    most: int

    def amount(self, steps: int) -> Decimal:
        """So many steps in the unit."""
        return Decimal(plain(Decimal(steps * self.step) / self.parts))


@lru_cache(maxsize=1024)
def _plan(
    target: Decimal,
    unit: str,
    strengths: tuple[Decimal, ...],
    weekdays: tuple[int, ...],
    *,
    halves: bool,
    per_day: int,
    free_days: bool,
    limit: Decimal | None,
) -> TabletPlan:
    days = len(weekdays)
    scale = _scale(target, unit, strengths, days, halves=halves)
    amounts, totals, below = _reachable(scale, days, free_days=free_days, limit=limit)
    if not totals or abs(totals[0] * scale.step - scale.wanted) * 100 > scale.wanted * WITHIN_PERCENT:
        nearest = scale.amount(totals[0] * per_day) if totals else Decimal(0)
        most = quantity(round_half_up(limit, 4), unit) if limit is not None and below else ""
        raise ValueError(
            say(
                "{tablets} cannot reach {dose} within {percent} %: the nearest week has {nearest} instead of {wanted}",
                tablets=_tablets(_listed(strengths, unit), most, halves=halves),
                dose=quantity(target, unit),
                percent=WITHIN_PERCENT,
                nearest=quantity(nearest, unit),
                wanted=quantity(target * days * per_day, unit),
            )
        )
    windows = next(filter(None, (list(_windows(amounts, totals, days, swing)) for swing in count())))
    highest = max(window[-1] for _, window in windows)
    prices = _prices(scale.units, halves=halves, most=1 << highest.bit_length())
    doses = _best(windows, days, prices)

    def tablets(weekday: int, amount: int) -> DayTablets:
        taken = zip(strengths, prices.pieces(amount), strict=True)
        made_of = tuple((strength, number if halves else 2 * number) for strength, number in taken if number)
        return DayTablets(weekday, made_of[::-1], scale.amount(amount))

    return TabletPlan(
        tuple(tablets(weekday, amount) for weekday, amount in zip(weekdays, _spread(doses), strict=True)),
        total=scale.amount(sum(doses) * per_day),
        target=Decimal(plain(target * days * per_day)),
    )


def _scale(target: Decimal, unit: str, strengths: tuple[Decimal, ...], days: int, *, halves: bool) -> _Scale:
    """Raises ValueError with a sentence where there would be too many steps to look at."""
    ratios = [value.as_integer_ratio() for value in (*strengths, target)]
    parts = 2 * lcm(*(denominator for _, denominator in ratios))  # of the unit, such that halves are whole numbers, too
    *sizes, dose = (numerator * (parts // denominator) for numerator, denominator in ratios)
    pieces = [size // 2 if halves else size for size in sizes]
    step = gcd(*pieces)
    units = tuple(piece // step for piece in pieces)
    wanted = dose * days
    most = max(wanted // step + 1, units[0] * days) + units[0]  # the smallest piece always finds a total up to there
    if most > _MOST_STEPS:
        raise ValueError(
            say(
                "{sizes} tablets differ too finely, or are too small, for {dose}",
                sizes=_listed(strengths, unit),
                dose=quantity(target, unit),
            )
        )
    return _Scale(units, step, parts, wanted, most)


def _reachable(
    scale: _Scale, days: int, *, free_days: bool, limit: Decimal | None
) -> tuple[int, tuple[int, ...], bool]:
    """The amounts of a day, as a set; the totals of a week nearest to the one wanted; whether a limit changes these."""
    amounts = _sums(scale.units, 0 if free_days else 1, scale.most)
    reached = _sums(scale.units, 1 if free_days else days, scale.most)
    totals = _nearest(reached, scale.wanted, scale.step)
    if limit is None or (highest := _steps_in(limit, scale.parts, scale.step)) >= scale.most:
        return amounts, totals, False
    amounts &= (1 << (highest + 1)) - 1
    limited = _nearest(reached & _totals(amounts, days), scale.wanted, scale.step)
    return amounts, limited, limited != totals


def _tablets(sizes: str, most: str, *, halves: bool) -> str:
    """Which tablets a plan may use, and the most that a dose may be, if something limits it."""
    which = say("whole and half {sizes} tablets", sizes=sizes) if halves else say("whole {sizes} tablets", sizes=sizes)
    return say("{tablets}, at most {most} a dose,", tablets=which, most=most) if most else which


def _listed(strengths: tuple[Decimal, ...], unit: str) -> str:
    *several, last = (figure(strength) for strength in strengths)
    listed = say("{several} and {last}", several=", ".join(several), last=last) if several else last
    return joined(" ", (listed, unit_text(unit)))


def _sums(units: tuple[int, ...], pieces: int, most: int) -> int:
    """Every number up to `most` that is the sum of so many pieces or more, as a set bit."""
    mask = (1 << (most + 1)) - 1
    sums = 1
    for unit in units:
        shift = unit
        while shift <= most:
            sums |= (sums << shift) & mask
            shift *= 2
    for _ in range(pieces):
        sums = reduce(or_, (sums << unit for unit in units)) & mask
    return sums


def _steps_in(limit: Decimal, parts: int, step: int) -> int:
    """The most steps that are no more than a limit."""
    numerator, denominator = limit.as_integer_ratio()
    return numerator * parts // (denominator * step)


def _totals(amounts: int, days: int) -> int:
    """Every number that so many of the amounts add up to, each as often as need be, as a set bit."""
    sums = 1
    for _ in range(days):
        sums = reduce(or_, (sums << amount for amount in _members(amounts)), 0)
    return sums


def _nearest(sums: int, wanted: int, step: int) -> tuple[int, ...]:
    """The number of the set that is nearest to the one wanted, or two that are equally near; none of an empty set."""
    floor = wanted // step
    below = sums & ((1 << (floor + 1)) - 1)
    above = sums >> (floor + 1)
    found = [below.bit_length() - 1] if below else []
    if above:
        found.append(floor + (above & -above).bit_length())
    least = min((abs(each * step - wanted) for each in found), default=0)
    return tuple(each for each in found if abs(each * step - wanted) == least)


def _windows(amounts: int, totals: tuple[int, ...], days: int, swing: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The totals that amounts with no more than a swing add up to, each with the amounts from smallest to largest."""
    smallest = amounts & (amounts >> swing)
    for total in totals:
        lowest, mean = max(0, -(-total // days) - swing), total // days
        for low in _members(smallest >> lowest & ((1 << (mean + 1 - lowest)) - 1)):
            window = tuple(lowest + low + each for each in _members(amounts >> (lowest + low) & ((2 << swing) - 1)))
            if _adds_up(window, total, days):
                yield total, window


def _members(bits: int) -> Iterator[int]:
    """The numbers of a set, ascending."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _adds_up(window: tuple[int, ...], total: int, days: int) -> bool:
    """Whether as many amounts of the window as there are days can make up the total."""
    sums = 1
    for _ in range(days):
        sums = reduce(or_, (sums << (amount - window[0]) for amount in window))
    return bool(sums >> (total - days * window[0]) & 1)


def _best(windows: list[tuple[int, tuple[int, ...]]], days: int, prices: _Prices) -> tuple[int, ...]:
    """The doses, from the largest on, that are the fewest different ones and then the fewest tablets."""
    by_kinds = (
        [doses for total, window in windows for doses in _doses(window, total, days, kinds)]
        for kinds in range(1, days + 1)
    )
    return min(next(filter(None, by_kinds)), key=lambda doses: (*prices.of_week(doses), doses))


def _doses(window: tuple[int, ...], total: int, days: int, kinds: int) -> Iterator[tuple[int, ...]]:
    """Every way to make up the total of so many different doses, the ends of the window among them."""
    ends = {window[0], window[-1]}
    if kinds < len(ends):
        return
    for middle in combinations(window[1:-1], kinds - len(ends)):
        amounts = sorted({*ends, *middle}, reverse=True)
        for cuts in combinations(range(1, days), kinds - 1):
            numbers = [end - start for start, end in pairwise((0, *cuts, days))]
            if sum(map(mul, amounts, numbers)) == total:
                yield tuple(amount for amount, number in zip(amounts, numbers, strict=True) for _ in range(number))


class _Prices(NamedTuple):
    """What doses cost in tablets.

    A price is one number: tablets first, then strengths, then halves. `layers` has the least price of every amount with
    no strength, with the first, with the first two, and so on.
    """

    units: tuple[int, ...]
    halves: bool
    layers: tuple[tuple[int, ...], ...]

    def pieces(self, amount: int) -> tuple[int, ...]:
        """How many pieces of each strength make up an amount at the least price, the larger strengths preferred."""
        numbers = []
        for index in reversed(range(len(self.units))):
            unit, before, price = self.units[index], self.layers[index], self.layers[index + 1][amount]
            number = next(
                each
                for each in range(amount // unit, -1, -1)
                if before[amount - each * unit] + self._price(each) == price
            )
            numbers.append(number)
            amount -= number * unit
        return tuple(reversed(numbers))

    def _price(self, number: int) -> int:
        tablets, half = ((number + 1) // 2, number % 2) if self.halves else (number, 0)
        return tablets * _TABLET + bool(number) * _STRENGTH + half * _HALF

    def of_week(self, doses: tuple[int, ...]) -> tuple[int, int, int]:
        """The tablets, the different strengths and the halves of a week."""
        price = sum(self.layers[-1][amount] for amount in doses)
        strengths = {index for amount in set(doses) for index, number in enumerate(self.pieces(amount)) if number}
        return price // _TABLET, len(strengths), price % _STRENGTH


@lru_cache(maxsize=64)
def _prices(units: tuple[int, ...], *, halves: bool, most: int) -> _Prices:
    """The least prices of all amounts below `most`, strength by strength."""
    best = (0, *[_NEVER] * (most - 1))
    layers = [best]
    for unit in units:
        tablet = 2 * unit if halves else unit
        using = [_NEVER] * most  # this strength, too
        for amount in range(unit, most):
            choices = [best[amount - unit] + _TABLET + _STRENGTH + _HALF] if halves else []
            if amount >= tablet:
                choices += [best[amount - tablet] + _TABLET + _STRENGTH, using[amount - tablet] + _TABLET]
            using[amount] = min(choices)
        best = tuple(map(min, best, using))
        layers.append(best)
    return _Prices(units, halves, tuple(layers))


def _spread(doses: tuple[int, ...]) -> list[int]:
    """The doses, given from the largest on, in the order of the days: each kind as evenly as the free days allow."""
    placed = [0] * len(doses)
    free = list(range(len(doses)))
    for amount in dict.fromkeys(doses):
        number = doses.count(amount)
        taken = [free[index * len(free) // number] for index in range(number)]
        for day in taken:
            placed[day] = amount
        free = [day for day in free if day not in taken]
    return placed
