"""What holds for every day, dose, patient and order of lines, tried on many that nobody thought of."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from protocal import resources
from protocal.model.course import Order
from protocal.model.days import age_on, anniversary, date_of, is_working_day, number_of, parse_days
from protocal.model.doses import Amount, Cap, Per, parse_frequency
from protocal.model.entries import Assigned, Diagnostic, Entry, Measured, Sex, Started, Stated
from protocal.model.facts import Measurement
from protocal.model.plan import Plan
from protocal.model.problems import Where
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.model.settings import Settings
from protocal.plan import make_plan
from protocal.plan.dose import body_surface_area, by_calculation, limit_of
from protocal.read.definition.build import read_protocol
from protocal.read.yaml_tree import read_tree
from protocal.text.format import figure, plain, round_half_up, runs

settings.register_profile("steady", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("steady")

BUNDLED = resources.folder("schedules") / "aall1331" / "0.2"
TINY = Path(__file__).parent / "tiny" / "1"
NOWHERE = Where("record")

dates = st.dates(date(2020, 1, 1), date(2040, 12, 31))
heights = st.decimals(40, 250, places=1)
weights = st.decimals(2, 350, places=2)


@cache
def protocol_in(folder: Path) -> Protocol:
    protocol, problems = read_protocol(folder)
    assert protocol is not None
    assert problems == []
    return protocol


# Days


@given(dates, st.integers(0, 4000), st.sampled_from([0, 1]))
def test_the_date_of_a_day_and_the_day_of_a_date_are_inverse(day1: date, number: int, first: int) -> None:
    assert number_of(day1, date_of(day1, number, first), first) == number
    assert date_of(day1, first, first) == day1


@given(dates, dates)
def test_the_day_of_a_date_and_the_date_of_a_day_are_inverse(day1: date, day: date) -> None:
    assert date_of(day1, number_of(day1, day)) == day


@given(st.sets(st.integers(0, 400), min_size=1, max_size=40))
def test_days_written_as_runs_are_read_back(days: set[int]) -> None:
    text = runs(days)
    assert parse_days(text).fixed == tuple(sorted(days))
    assert runs(parse_days(text).fixed) == text


@given(st.integers(0, 300), st.integers(1, 40), st.integers(1, 30))
def test_every_so_many_days_are_read_as_a_range_of_them(first: int, step: int, count: int) -> None:
    last = first + step * count
    assert parse_days(f"{first}-{last} every {step}").fixed == tuple(range(first, last + 1, step))


@given(st.text("0123456789-, evrywkdasfit", max_size=30))
def test_any_text_is_days_or_a_sentence_for_its_author(text: str) -> None:
    with contextlib.suppress(ValueError):  # no other exception
        days = parse_days(text)
        assert days.count or days.fixed == tuple(sorted(set(days.fixed)))
        assert days == parse_days(f"  {text.replace(' ', '  ')} ")


@given(dates, st.integers(1, 60), st.sets(st.integers(1, 120), max_size=10))
def test_a_count_of_weekdays_is_that_many_open_days_in_a_row(day1: date, count: int, shut: set[int]) -> None:
    closed = frozenset(date_of(day1, number) for number in shut)
    numbers = parse_days(f"first {count} weekdays").numbers(partial(date_of, day1), closed)
    assert len(numbers) == count
    taken = [number for number in range(1, numbers[-1] + 1) if is_working_day(date_of(day1, number), closed)]
    assert list(numbers) == taken


@given(dates, st.integers(0, 30))
def test_anniversaries_keep_day_and_month_but_for_29_february(day: date, years: int) -> None:
    later = anniversary(day, years)
    assert later.year == day.year + years
    leap_day_lost = (day.month, day.day) == (2, 29) and (later.month, later.day) == (2, 28)
    assert (later.month, later.day) == (day.month, day.day) or leap_day_lost


@given(st.one_of(dates, st.sampled_from([date(2020, 2, 29), date(2024, 2, 29)])), st.integers(0, 8000))
def test_age_grows_by_one_on_every_birthday_and_never_else(born: date, days: int) -> None:
    day = born + timedelta(days=days)
    age = age_on(born, day)
    assert anniversary(born, age) <= day < anniversary(born, age + 1)
    assert age_on(born, day + timedelta(days=1)) - age in (0, 1)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2020-02-29", "2021-02-27", 0),
        ("2020-02-29", "2021-02-28", 1),
        ("2020-02-29", "2024-02-28", 3),
        ("2020-02-29", "2024-02-29", 4),
        ("2019-05-12", "2026-05-11", 6),
        ("2019-05-12", "2026-05-12", 7),
        ("2019-05-12", "2019-05-12", 0),
    ],
)
def test_ages(born: str, day: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


# Doses


def order(frequency: str, cap: Cap | None) -> Order:
    some = next(iter(protocol_in(TINY).courses["opening"].orders))
    return replace(some, frequency=parse_frequency(frequency), caps=(cap,) if cap else ())


amounts = st.decimals("0.01", 5000, places=2)
caps = st.one_of(st.none(), st.builds(Cap, st.decimals("0.01", 5000, places=2), st.just("mg"), st.booleans()))
pers = st.sampled_from(list(Per))
frequencies = st.sampled_from(["once", "BID", "TID", "QID", "every 6 h", "every 12 h x 2", "continuous"])


def dose_of(frequency: str, cap: Cap | None, amount: Amount, height: Decimal, weight: Decimal) -> Decimal:
    measurement = Measurement(date(2026, 12, 1), height, weight)
    some, bsa = order(frequency, cap), body_surface_area(measurement)
    return by_calculation(amount, some.frequency.per_day, limit_of(some, 1), measurement, bsa).calculated


@given(frequencies, caps, amounts, pers, st.booleans(), heights, weights)
def test_a_dose_is_the_arithmetic_of_its_line(
    frequency: str, cap: Cap | None, value: Decimal, per: Per, a_day: bool, height: Decimal, weight: Decimal
) -> None:
    measurement = Measurement(date(2026, 12, 1), height, weight)
    bsa, per_day = body_surface_area(measurement), parse_frequency(frequency).per_day
    assert abs(bsa * bsa * 3600 - height * weight) <= Decimal("36.1") * bsa + 1, "Mosteller, to 0.01 m2"
    size = {Per.M2: bsa, Per.KG: weight, Per.FLAT: Decimal(1)}[per]
    exact = value * size / (per_day if a_day else 1)
    limit = (cap.value / (per_day if cap.a_day else 1)) if cap else exact
    given_ = dose_of(frequency, cap, Amount(value, "mg", per, a_day), height, weight)
    assert abs(given_ - min(exact, limit)) <= Decimal("0.00005")
    assert given_ == round_half_up(given_, 4)
    if cap:
        per_day_given = given_ * (per_day if cap.a_day else 1)
        assert per_day_given <= cap.value + Decimal("0.00005") * per_day, "a cap is never exceeded but by its rounding"


@given(frequencies, caps, amounts, pers, st.booleans(), heights, weights, weights)
def test_who_weighs_more_never_gets_less(
    frequency: str, cap: Cap | None, value: Decimal, per: Per, a_day: bool, height: Decimal, one: Decimal, two: Decimal
) -> None:
    amount = Amount(value, "mg", per, a_day)
    low, high = sorted((one, two))
    assert dose_of(frequency, cap, amount, height, low) <= dose_of(frequency, cap, amount, height, high)


@given(st.decimals(0, 10_000, places=7), st.integers(0, 4))
def test_a_half_is_rounded_up(value: Decimal, places: int) -> None:
    rounded, step = round_half_up(value, places), Decimal(1).scaleb(-places)
    assert -step / 2 < value - rounded < step / 2 or rounded - value == step / 2


@given(st.decimals("0.0001", 100_000, places=4))
def test_figures_lose_nothing_and_have_no_trailing_zero(value: Decimal) -> None:
    for text in (plain(value), figure(value).replace(",", "")):
        assert Decimal(text) == value
        assert not ("." in text and text[-1] in "0.")
        assert text[0] != "."


# Plans


@st.composite
def records(draw: st.DrawFn, protocol: Protocol) -> Record:
    """A patient of the protocol, of any age, size, arm and start."""
    start = draw(dates)
    low, high = protocol.ages
    born = draw(st.dates(anniversary(start, -high - 1) + timedelta(days=1), anniversary(start, -low)))
    assume(low <= age_on(born, start) <= high)
    arm = draw(st.sampled_from(["", *protocol.arms]))
    measured = st.dates(start - timedelta(days=9), start + timedelta(days=9))
    log: list[Entry] = [
        Measured(date=draw(measured), height=draw(heights), weight=draw(weights), where=NOWHERE),
        Started(course=protocol.unassigned.route[0].course, date=start, where=NOWHERE),
    ]
    if protocol.cns:
        log.append(Stated(fact="cns", value=draw(st.sampled_from(protocol.cns)), where=NOWHERE))
    if draw(st.booleans()):
        agent = draw(st.sampled_from(sorted(protocol.agents)))
        log.append(Diagnostic(date=start - timedelta(days=draw(st.integers(0, 5))), agent=agent, where=NOWHERE))
    if arm:
        log.append(Assigned(arm=arm, date=start, where=NOWHERE))
    return Record(
        id="P",
        key="0" * 32,
        created=start,
        born=born,
        sex=draw(st.sampled_from(Sex)),
        protocol=protocol.id,
        version=protocol.version,
        timezone="UTC",
        name="",
        definition="",
        log=tuple(log),
        where=NOWHERE,
    )


def plan(protocol: Protocol, record: Record) -> Plan:
    return make_plan(protocol, record, Settings())


PROTOCOLS = pytest.mark.parametrize("folder", [BUNDLED, TINY], ids=["bundled", "tiny"])


@PROTOCOLS
@given(data=st.data())
def test_nothing_happens_outside_its_course_or_twice(folder: Path, data: st.DataObject) -> None:
    made = plan(protocol_in(folder), data.draw(records(protocol_in(folder))))
    ids = [each.id for each in made.administrations]
    assert len(set(ids)) == len(ids)
    names = [each.course.id for each in made.courses]
    assert len(set(names)) == len(names)
    ends = [each.course.dates for each in made.courses if each.course.dates]
    assert all(later.day1 > earlier.last_day for earlier, later in pairwise(ends))
    for each in made.courses:
        dates_ = each.course.dates
        if dates_ is None:
            assert (*each.administrations, *each.procedures, *each.evaluations) == ()
            continue
        for given_ in each.administrations:
            assert dates_.day1 <= given_.date <= dates_.last_day
            assert given_.date == dates_.date_of(given_.day)
            assert given_.dose > 0
            assert given_.id.startswith(f"{each.course.id}/{given_.key}/{given_.day}")
        for event in (*each.procedures, *each.evaluations):
            assert dates_.day1 <= event.date <= dates_.last_day + timedelta(days=1)
            assert event.date == dates_.date_of(event.day)


@PROTOCOLS
@given(data=st.data())
def test_identities_do_not_depend_on_the_date_of_the_start(folder: Path, data: st.DataObject) -> None:
    protocol = protocol_in(folder)
    record = data.draw(records(protocol))
    days = timedelta(days=7 * data.draw(st.integers(-200, 200)))

    def moved(entry: Entry) -> Entry:
        return replace(entry, date=entry.date + days) if hasattr(entry, "date") else entry

    later = replace(record, born=record.born + days, log=tuple(map(moved, record.log)))
    open_ended = {leg.course for arm in protocol.routes for leg in arm.route if leg.until}
    for before, after in zip(plan(protocol, record).courses, plan(protocol, later).courses, strict=False):
        assert before.course.id == after.course.id
        if before.course.definition.id not in open_ended:  # a leap year may cut the last cycle a day earlier
            assert [each.id for each in before.administrations] == [each.id for each in after.administrations]


@PROTOCOLS
@given(data=st.data())
def test_facts_may_be_written_down_in_any_order(folder: Path, data: st.DataObject) -> None:
    protocol = protocol_in(folder)
    record = data.draw(records(protocol))
    other = replace(record, log=tuple(data.draw(st.permutations(record.log))))
    assert plan(protocol, other).courses == plan(protocol, record).courses


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same value with the keys of all its mappings in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(each, chance) for each in value] if isinstance(value, list) else value


def contents(made: Plan) -> tuple[set[Any], ...]:
    """A plan without the order of what happens on one day, and without the definition's own values."""
    return (
        {(each.course.id, each.course.title, each.course.dates) for each in made.courses},
        {each._replace(order_line=None) for each in made.administrations},
        set(made.procedures),
        set(made.evaluations),
    )


@PROTOCOLS
@given(data=st.data())
@settings(max_examples=6)
def test_the_order_of_lines_in_a_definition_does_not_matter(folder: Path, data: st.DataObject) -> None:
    chance = data.draw(st.randoms(use_true_random=False))
    with tempfile.TemporaryDirectory() as name:
        copy = Path(shutil.copytree(folder, Path(name) / "copy"))
        for file in copy.rglob("*.yaml"):
            tree = shuffled(read_tree(file).tree, chance)
            file.write_text(json.dumps(tree, default=str), encoding="utf-8")  # JSON is YAML
        other, problems = read_protocol(copy)
    assert problems == []
    assert other is not None
    protocol = protocol_in(folder)
    assert other.digest == protocol.digest
    for _patient in range(8):
        record = data.draw(records(protocol))
        assert contents(plan(other, record)) == contents(plan(protocol, record))


@given(data=st.data())
@settings(max_examples=6)
def test_the_order_of_orders_only_orders_a_day(data: st.DataObject) -> None:
    protocol = protocol_in(BUNDLED)
    chance = data.draw(st.randoms(use_true_random=False))

    def mixed(lines: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(lines, len(lines)))

    courses = {
        name: replace(course, orders=mixed(course.orders), evaluations=mixed(course.evaluations))
        for name, course in protocol.courses.items()
    }
    other = replace(protocol, courses=courses)
    for _patient in range(8):
        record = data.draw(records(protocol))
        assert contents(plan(other, record)) == contents(plan(protocol, record))
