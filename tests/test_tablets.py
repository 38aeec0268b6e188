"""The tablet plan: worked by hand, and against brute force over all patterns of a week."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations_with_replacement, product
from math import comb
from operator import mul
from typing import NamedTuple

import pytest

from protocal.plan.tablets import EVERY_DAY, DayTablets, TabletPlan, plan_tablets
from protocal.render.wording.products import product_text
from protocal.text.format import WEEKDAYS


@pytest.fixture(autouse=True)
def no_search_without_an_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """A search that does not end is told after seconds of computing that no test here needs, and hangs nobody."""

    def told(_signal: int, _frame: object) -> None:
        raise TimeoutError("the search does not end")

    before = signal.signal(signal.SIGVTALRM, told)
    signal.setitimer(signal.ITIMER_VIRTUAL, 60 if "brute_force" in request.node.name else 4)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def decimals(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(word) for word in text.split())


def week(plan: TabletPlan, unit: str = "mg") -> dict[str, str]:
    return {WEEKDAYS[day.weekday]: product_text(day.product(unit)) for day in plan.days}


def amounts(plan: TabletPlan) -> list[str]:
    return [str(day.amount) for day in plan.days]


# Worked by hand


def test_mercaptopurine_of_58_5_mg_daily() -> None:
    # 7 x 58.5 = 409.5; a week holds multiples of 25: 400 is 9.5 away, 425 is 15.5. 7 x 50 = 350, and two halves more.
    plan = plan_tablets(Decimal("58.5"), "mg", decimals("50"), halves=True)
    whole, more = "one 50 mg tablet", "1½ tablets of 50 mg"
    assert list(week(plan).items()) == list(zip(WEEKDAYS, [more, whole, whole, more, whole, whole, whole], strict=True))
    assert amounts(plan) == ["75", "50", "50", "75", "50", "50", "50"]
    assert plan.days[0].pieces == ((Decimal(50), 3),)
    assert (str(plan.total), str(plan.target)) == ("400", "409.5")
    assert round(plan.error_percent, 4) == Decimal("-2.3199")  # -9.5 / 409.5


def test_mercaptopurine_where_tablets_may_not_be_halved() -> None:
    # A week holds multiples of 50: 400 is 9.5 away, 450 is 40.5. Seven tablets are 350, and one more.
    plan = plan_tablets(Decimal("58.5"), "mg", decimals("50"), halves=False)
    assert amounts(plan) == ["100", "50", "50", "50", "50", "50", "50"]
    assert plan.days[0].pieces == ((Decimal(50), 4),)
    assert week(plan)["Mon"] == "2 tablets of 50 mg"


def test_methotrexate_of_15_6_mg_weekly() -> None:
    # Multiples of 1.25: 12 of them are 15, 0.6 away; 13 are 16.25, 0.65 away.
    plan = plan_tablets(Decimal("15.6"), "mg", decimals("2.5"), [2], halves=True)
    assert week(plan) == {"Wed": "6 tablets of 2.5 mg"}
    assert (str(plan.total), str(plan.target)) == ("15", "15.6")
    assert round(plan.error_percent, 4) == Decimal("-3.8462")  # -0.6 / 15.6


def test_dexamethasone_of_2_34_mg_twice_a_day() -> None:
    # Of each of the day's doses: 7 x 2.34 = 16.38; multiples of 0.25: 16.5 is 0.12 away, 16.25 is 0.13.
    # 7 x 2.25 = 15.75, and three quarters more. 2.25 is 2 and a half 0.5; 2.5 is 2 and 0.5.
    plan = plan_tablets(Decimal("2.34"), "mg", decimals("0.5 1 2 4"), halves=True, per_day=2)
    less, more = "one 2 mg tablet and half of a 0.5 mg tablet", "one 2 mg tablet and one 0.5 mg tablet"
    assert week(plan) == dict(zip(WEEKDAYS, [more, less, more, less, more, less, less], strict=True))
    assert plan.days[1].pieces == ((Decimal(2), 2), (Decimal("0.5"), 1))
    assert (str(plan.total), str(plan.target)) == ("33", "32.76")  # 14 doses


def test_dexamethasone_on_the_five_days_of_a_pulse() -> None:
    # 5 x 2.34 = 11.7; 11.75 is 0.05 away: 5 x 2.25 = 11.25, and two quarters more, on the first day and the third.
    plan = plan_tablets(Decimal("2.34"), "mg", decimals("4 2 1 0.5"), [5, 6, 1, 2, 3], halves=True, per_day=2)
    assert [day.weekday for day in plan.days] == [1, 2, 3, 5, 6]
    assert amounts(plan) == ["2.5", "2.25", "2.5", "2.25", "2.25"]


def test_thioguanine_of_31_2_mg_daily() -> None:
    # 7 x 31.2 = 218.4; multiples of 20: 220. Seven halves are 140, and four halves more.
    plan = plan_tablets(Decimal("31.2"), "mg", decimals("40"), halves=True)
    assert amounts(plan) == ["40", "40", "20", "40", "20", "40", "20"]
    assert week(plan)["Wed"] == "half of a 40 mg tablet"
    assert (str(plan.total), str(plan.target)) == ("220", "218.4")


@pytest.mark.parametrize(
    ("target", "strengths", "said"),
    [
        ("75", "50", "1½ tablets of 50 mg"),
        ("12.5", "2.5", "5 tablets of 2.5 mg"),
        ("7", "0.5 1 2 4", "1½ tablets of 4 mg and one 1 mg tablet"),  # three, as 4 and 2 and 1, but of two strengths
        ("0.75", "0.5", "1½ tablets of 0.5 mg"),
        ("2", "4 2", "one 2 mg tablet"),  # rather than half of a larger one
        ("5", "1 2 3 4", "one 4 mg tablet and one 1 mg tablet"),  # rather than 3 and 2
        ("6", "2 3 4", "2 tablets of 3 mg"),  # rather than 4 and 2
    ],
)
def test_a_dose_that_can_be_reached_is_reached_with_the_fewest_tablets(target: str, strengths: str, said: str) -> None:
    plan = plan_tablets(Decimal(target), "mg", decimals(strengths), halves=True)
    assert amounts(plan) == [target] * 7
    assert set(week(plan).values()) == {said}
    assert plan.total == plan.target
    assert plan.error_percent == 0


def test_the_nearest_week_comes_before_the_smallest_swing() -> None:
    # 7 x 20 = 140 has no swing, but is 3.5 away; 150 is 6.5, and 145 with one of 25 is 1.5.
    plan = plan_tablets(Decimal("20.5"), "mg", decimals("20 25"), halves=False)
    assert amounts(plan) == ["25", "20", "20", "20", "20", "20", "20"]


@pytest.mark.parametrize(
    ("target", "days", "strengths", "halves", "pattern"),
    [
        # 13 as 7, 4, 2 swings by 5; as 9, 2, 2 it has one amount less, but swings by 7.
        ("4.333", 3, "2 7", False, "7 4 2"),
        # 5 as 3, 2 takes five tablets and swings by 1; as 4, 1 it takes two, but swings by 3.
        ("2.5", 2, "1 4", False, "3 2"),
        # 19.5 lies between 20 as 8, 8, 4 (five tablets of 4) and 19 as 8, 7, 4 (four tablets, three amounts).
        ("6.5", 3, "4 7", False, "8 8 4"),
        # 7.5 lies between 8 as 3, 3, 2 (four tablets) and 7 as 3, 2, 2 (five).
        ("2.5", 3, "1 3", False, "3 3 2"),
        # 10.5 lies between 10 as 4, 3, 3 (four tablets, for half of 6 is 3) and 11 as 4, 4, 3 (five).
        ("3.5", 3, "2 6", True, "4 3 3"),
        # 33 as 13, 10, 10 is 8 + 5, 5 + 5, 5 + 5; as 12, 12, 9 it is 8 + 4, 8 + 4, 5 + 4: six, too, of three strengths.
        ("11", 3, "4 5 8", False, "13 10 10"),
        # 10.5 lies between 11 as 4, 4, 3 (six tablets, one of them a half) and 10 as 4, 3, 3 (six, two of them halves).
        ("3.5", 3, "2", True, "4 4 3"),
        # 47 as 14, 12, 12, 9 or as 14, 14, 10, 9: seven tablets of three strengths each.
        ("11.75", 4, "5 7 9", False, "14 12 12 9"),
    ],
)
def test_each_criterion_comes_before_the_next(
    target: str, days: int, strengths: str, halves: bool, pattern: str
) -> None:
    plan = plan_tablets(Decimal(target), "mg", decimals(strengths), range(days), halves=halves)
    assert sorted(map(int, amounts(plan)), reverse=True) == [int(each) for each in pattern.split()]


@pytest.mark.parametrize(
    ("halves_more", "pattern"),
    [
        (0, "1 1 1 1 1 1 1"),
        (1, "2 1 1 1 1 1 1"),
        (2, "2 1 1 2 1 1 1"),
        (3, "2 1 2 1 2 1 1"),
        (4, "2 2 1 2 1 2 1"),
        (5, "2 2 2 1 2 2 1"),
        (6, "2 2 2 2 2 2 1"),
    ],
)
def test_the_larger_doses_are_spread_over_the_week(halves_more: int, pattern: str) -> None:
    plan = plan_tablets(Decimal(7 + halves_more) / 7, "mg", decimals("2"), halves=True)
    assert " ".join(amounts(plan)) == pattern


def test_three_amounts_are_spread_from_the_largest_on() -> None:
    # Of 7, 4, 4 and 2 the 7 comes first, the two 4 on the first and the second of the three days that are left.
    plan = plan_tablets(Decimal("4.25"), "mg", decimals("2 7"), [1, 3, 5, 6], halves=False)
    assert amounts(plan) == ["7", "4", "4", "2"]


def test_a_pattern_is_the_same_whichever_way_it_is_asked_for() -> None:
    plan = plan_tablets(Decimal("58.5"), "mg", decimals("50"), halves=True)
    again = plan_tablets(Decimal("58.50"), "mg", iter(decimals("50.0 50 5E+1")), reversed(EVERY_DAY), halves=True)
    assert again == plan
    assert str(again) == str(plan)


def test_the_tablets_of_a_weekday() -> None:
    plan = plan_tablets(Decimal("15.6"), "mg", decimals("2.5"), [2], halves=True)
    assert plan.on(2) is plan.days[0]
    with pytest.raises(LookupError, match="weekday 3"):
        plan.on(3)


# What cannot be done


def test_a_dose_that_tablets_cannot_reach_is_told() -> None:
    with pytest.raises(ValueError, match="cannot reach") as told:
        plan_tablets(Decimal(1), "mg", decimals("50"), halves=True)
    assert str(told.value) == (
        "whole and half 50 mg tablets cannot reach 1 mg within 10 %: the nearest week has 175 mg instead of 7 mg"
    )
    with pytest.raises(ValueError, match="cannot reach") as told:
        plan_tablets(Decimal("1.5"), "mg", decimals("20 5 1,000".replace(",", "")), [0], halves=False, per_day=2)
    assert str(told.value) == (
        "whole 5, 20 and 1,000 mg tablets cannot reach 1.5 mg within 10 %: the nearest week has 10 mg instead of 3 mg"
    )


@pytest.mark.parametrize(
    ("target", "near"), [("18.18", False), ("18.19", True), ("20", True), ("22.22", True), ("22.23", False)]
)
def test_ten_percent_is_the_limit(target: str, near: bool) -> None:
    # 20 is 1.1 x 18.1818... and 0.9 x 22.2222...
    if near:
        assert plan_tablets(Decimal(target), "mg", decimals("20"), [4], halves=False).total == 20
    else:
        with pytest.raises(ValueError, match="within 10 %"):
            plan_tablets(Decimal(target), "mg", decimals("20"), [4], halves=False)


def test_exactly_ten_percent_is_within() -> None:
    assert plan_tablets(Decimal(20), "mg", decimals("22"), [4], halves=False).error_percent == 10
    assert plan_tablets(Decimal(20), "mg", decimals("18"), [4], halves=False).error_percent == -10


def test_a_day_goes_without_a_tablet_only_where_that_is_allowed() -> None:
    # 7 x 17 = 119: six halves of 40 are 120, but seven days have seven of them, 140.
    with pytest.raises(ValueError, match="has 140 mg instead of 119 mg"):
        plan_tablets(Decimal(17), "mg", decimals("40"), halves=True)
    plan = plan_tablets(Decimal(17), "mg", decimals("40"), halves=True, free_days=True)
    assert amounts(plan) == ["20", "20", "20", "20", "20", "20", "0"]
    assert plan.on(6).pieces == ()
    # Three whole ones are 120, too.
    assert amounts(plan_tablets(Decimal(17), "mg", decimals("40"), halves=False, free_days=True)) == [
        *("40", "0", "40", "0", "40", "0", "0")
    ]
    # 27 over four days as 9, 9, 9, 0 swings by 9; with a tablet on each, only as 15, 4, 4, 4, by 11.
    for free, pattern in ((True, ["9", "9", "9", "0"]), (False, ["15", "4", "4", "4"])):
        asked = (Decimal("6.75"), "mg", decimals("4 9 15"), range(4))
        assert amounts(plan_tablets(*asked, halves=False, free_days=free)) == pattern
    with pytest.raises(ValueError, match="has 20 mg instead of 7 mg"):  # a week without any tablet is no plan
        plan_tablets(Decimal(1), "mg", decimals("40"), halves=True, free_days=True)
    assert week(plan)["Sun"] == "no tablet"


def test_no_dose_is_above_a_limit() -> None:
    # With free days: six halves of 40 mg are 120 of 119, as without a limit.
    plan = plan_tablets(Decimal(17), "mg", decimals("40"), halves=True, free_days=True, limit=Decimal(20))
    assert amounts(plan) == ["20", "20", "20", "20", "20", "20", "0"]
    # 28 is 8 + 5 x 4, or 7 on four days of five; of 5 and 7 on each day there are 27 and 29, of which 27 is less.
    plan = plan_tablets(Decimal("5.6"), "mg", decimals("5 7 8"), range(5), halves=False, limit=Decimal(7))
    assert amounts(plan) == ["7", "5", "5", "5", "5"]


@pytest.mark.parametrize(
    ("target", "strengths", "limit", "said"),
    [
        (
            *("20", "20", Decimal(100) / 7),
            "whole and half 20 mg tablets, at most 14.2857 mg a dose, cannot reach 20 mg within 10 %: the nearest week"
            " has 10 mg instead of 20 mg",
        ),
        (
            *("1", "50", Decimal(10)),
            "whole and half 50 mg tablets, at most 10 mg a dose, cannot reach 1 mg within 10 %: the nearest week has"
            " 0 mg instead of 1 mg",
        ),
        (
            *("1", "50", Decimal(1000)),  # which is no reason
            "whole and half 50 mg tablets cannot reach 1 mg within 10 %: the nearest week has 25 mg instead of 1 mg",
        ),
    ],
)
def test_a_limit_is_told_where_it_is_why(target: str, strengths: str, limit: Decimal, said: str) -> None:
    with pytest.raises(ValueError, match="cannot reach") as told:
        plan_tablets(Decimal(target), "mg", decimals(strengths), [0], halves=True, limit=limit)
    assert str(told.value) == said


def test_so_many_steps_are_looked_at_and_no_more() -> None:
    # One of 99,998, one more, and a piece: 100,000 in all.
    assert plan_tablets(Decimal(99_998), "mg", decimals("1"), [0], halves=False).total == 99_998
    with pytest.raises(ValueError, match="differ too finely") as told:
        plan_tablets(Decimal(99_999), "mg", decimals("1"), [0], halves=False)
    assert str(told.value) == "1 mg tablets differ too finely, or are too small, for 99,999 mg"


@pytest.mark.parametrize(
    ("target", "strengths", "weekdays", "per_day", "said"),
    [
        ("0", "50", EVERY_DAY, 1, "a dose of 0 mg"),
        ("-1", "50", EVERY_DAY, 1, "a dose of -1 mg"),
        ("NaN", "50", EVERY_DAY, 1, "a dose of NaN mg"),
        ("Infinity", "50", EVERY_DAY, 1, "a dose of Infinity mg"),
        ("50", "50 0", EVERY_DAY, 1, "a strength of 0 mg"),
        ("50", "-50", EVERY_DAY, 1, "a strength of -50 mg"),
        ("50", "", EVERY_DAY, 1, "no tablet strength"),
        ("50", "50", (), 1, "weekdays 0"),
        ("50", "50", (7,), 1, "weekdays 0"),
        ("50", "50", (-1, 0), 1, "weekdays 0"),
        ("50", "50", EVERY_DAY, 0, "once a day or more"),
        ("1000", "0.0001", EVERY_DAY, 1, "0.0001 mg tablets .* are too small, for 1,000 mg"),
    ],
)
def test_what_makes_no_sense_is_told(
    target: str, strengths: str, weekdays: tuple[int, ...], per_day: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        plan_tablets(Decimal(target), "mg", decimals(strengths), weekdays, halves=True, per_day=per_day)


# Words


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ("50:1", "half of a 50 mg tablet"),
        ("2.5:1", "half of a 2.5 mg tablet"),
        ("50:2", "one 50 mg tablet"),
        ("50:3", "1½ tablets of 50 mg"),
        ("2.5:12", "6 tablets of 2.5 mg"),
        ("2.50:13", "6½ tablets of 2.5 mg"),
        ("2:2 0.5:1", "one 2 mg tablet and half of a 0.5 mg tablet"),
        ("4:6 2:2 0.5:1", "3 tablets of 4 mg, one 2 mg tablet and half of a 0.5 mg tablet"),
        ("1000:1", "half of a 1,000 mg tablet"),
        ("8:1", "half of an 8 mg tablet"),
        ("80:1", "half of an 80 mg tablet"),
        ("11:1", "half of an 11 mg tablet"),
        ("18.5:1", "half of an 18.5 mg tablet"),
        ("11000:1", "half of an 11,000 mg tablet"),
        ("1100:1", "half of a 1,100 mg tablet"),
        ("110:1", "half of a 110 mg tablet"),
        ("0.8:1", "half of a 0.8 mg tablet"),
        ("", "no tablet"),
    ],
)
def test_words(pieces: str, said: str) -> None:
    parts = tuple((Decimal(size), int(halves)) for size, _, halves in (each.partition(":") for each in pieces.split()))
    assert product_text(DayTablets(0, parts, Decimal(0)).product("mg")) == said


# Against brute force over all patterns. Amounts are in hundredths here.


class Case(NamedTuple):
    target: Decimal
    strengths: tuple[Decimal, ...]
    days: int
    halves: bool
    free_days: bool


class Dose(NamedTuple):
    """What an amount costs; the best way to make it up is the least. `numbers` are half tablets, below zero."""

    tablets: int
    strengths: int
    halves: int
    numbers: tuple[int, ...]


def hundredths(value: Decimal) -> int:
    assert value * 100 % 1 == 0
    return int(value * 100)


def doses_between(low: int, high: int, case: Case) -> dict[int, Dose]:
    """Every amount that tablets can make, each in its best way: all numbers of halves of all strengths."""
    best: dict[int, Dose] = {}
    sizes = [hundredths(strength / 2) for strength in sorted(case.strengths, reverse=True)]
    for numbers in product(*(range(0, high // size + 1, 1 if case.halves else 2) for size in sizes)):
        amount = sum(map(mul, sizes, numbers))
        if low <= amount <= high:
            tablets = sum(number // 2 + number % 2 for number in numbers)
            halves = sum(number % 2 for number in numbers)
            dose = Dose(tablets, sum(map(bool, numbers)), halves, tuple(-number for number in numbers))
            best[amount] = min(dose, best.get(amount, dose))
    return best


def candidates(case: Case) -> dict[int, Dose]:
    """Daily amounts that are sure to hold those of the best pattern.

    Let u be the smallest piece and U the largest. The best total is n x u where the target is less. Else some total is
    at most u away, for pieces u can be added one by one to a pattern below the target. A pattern whose largest dose
    exceeds its smallest by more than U keeps its total, and narrows, when a piece of the one moves to the other; so
    the best pattern swings by at most U, and all of it lies within U of its mean.
    """
    pieces = [hundredths(strength / 2 if case.halves else strength) for strength in case.strengths]
    mean, small, large = hundredths(case.target), min(pieces), max(pieces)
    low = mean - small - large
    return doses_between(max(low, 0 if case.free_days else 1), max(mean, small) + small + large, case)


def brute_force(case: Case, best: dict[int, Dose]) -> tuple[int, tuple[int, ...]]:
    """How far the best total is away, and the doses of the best pattern: every multiset of doses is looked at."""
    wanted = hundredths(case.target) * case.days
    choice = sorted(best, reverse=True)
    least = abs(choice[0] * case.days - wanted)
    found: list[tuple[int, ...]] = []
    for pattern in combinations_with_replacement(choice, case.days):
        away = abs(sum(pattern) - wanted)
        if away <= least:
            found = [*(found if away == least else ()), pattern]
            least = away

    def key(pattern: tuple[int, ...]) -> tuple[int | tuple[int, ...], ...]:
        made = [best[amount] for amount in pattern]
        return (
            pattern[0] - pattern[-1],
            len(set(pattern)),
            sum(dose.tablets for dose in made),
            sum(map(any, zip(*(dose.numbers for dose in made), strict=True))),
            sum(dose.halves for dose in made),
            pattern,
        )

    return least, min(found, key=key)


def random_cases(seed: int, number: int, patterns: int) -> Iterator[tuple[Case, dict[int, Dose]]]:
    """Cases with at most so many patterns, so that all can be looked at: strengths that are sold, and any."""
    rng = random.Random(seed)
    sold = decimals("0.5 1 2 2.5 4 5 7.5 10 15 20 25 30 40 50 75 100 250")
    while number:
        several = rng.choice((1, 2, 2, 3, 3, 4))
        strengths = {rng.choice(sold) if rng.random() < 0.5 else Decimal(rng.randint(1, 99)) for _ in range(several)}
        target = Decimal(rng.randint(1, int(max(strengths) * 300))).scaleb(-2)
        case = Case(
            target, tuple(strengths), rng.choice((1, 2, 3, 4, 5, 6, 7, 7)), rng.random() < 0.6, rng.random() < 0.25
        )
        if target > 12 * min(strengths):
            continue
        best = candidates(case)
        if comb(len(best) + case.days - 1, case.days) <= patterns:
            yield case, best
            number -= 1


def test_the_plan_is_that_of_brute_force_over_all_patterns() -> None:
    planned = 0
    for case, best in random_cases(seed=20210, number=1000, patterns=30_000):
        away, pattern = brute_force(case, best)
        asked = (case.target, "mg", case.strengths, range(case.days))
        target = hundredths(case.target) * case.days
        if away * 10 > target:
            with pytest.raises(ValueError, match="cannot reach"):
                plan_tablets(*asked, halves=case.halves, free_days=case.free_days)
            continue
        planned += 1
        plan = plan_tablets(*asked, halves=case.halves, free_days=case.free_days)
        doses = [hundredths(day.amount) for day in plan.days]
        assert (hundredths(plan.total), hundredths(plan.target)) == (sum(doses), target)
        assert abs(sum(doses) - target) == away, case
        assert max(doses) - min(doses) == pattern[0] - pattern[-1], case
        assert len(set(doses)) == len(set(pattern)), case
        assert tuple(sorted(doses, reverse=True)) == pattern, case
        for day, amount in zip(plan.days, doses, strict=True):
            larger_first = sorted(case.strengths, reverse=True)
            numbers = zip(larger_first, best[amount].numbers, strict=True)
            assert day.pieces == tuple((strength, -number) for strength, number in numbers if number), case
    assert 500 < planned < 950


def test_what_makes_no_sense_is_refused_in_a_whole_sentence() -> None:
    with pytest.raises(ValueError, match=r"^no tablet strength is at hand$"):
        plan_tablets(Decimal(10), "mg", [], halves=True)
    sentence = r"^tablets are taken on weekdays 0 \(Monday\) to 6 \(Sunday\), on one of them at least$"
    with pytest.raises(ValueError, match=sentence):
        plan_tablets(Decimal(10), "mg", [Decimal(5)], [7], halves=True)
    with pytest.raises(ValueError, match=r"^tablets are taken once a day or more often$"):
        plan_tablets(Decimal(10), "mg", [Decimal(5)], halves=True, per_day=0)
    with pytest.raises(ValueError, match=r"^a limit of 0 mg makes no sense; it must be above zero$"):
        plan_tablets(Decimal(10), "mg", [Decimal(5)], halves=True, limit=Decimal(0))
