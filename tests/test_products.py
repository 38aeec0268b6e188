"""Doses by mouth in what is at hand: tablets by weekday, else a liquid, and what cannot be reached with either."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import pytest
from conftest import run_process as run
from hypothesis import given, settings
from hypothesis import strategies as st

from protocal import resources
from protocal.model.agent import Agent
from protocal.model.days import parse_days
from protocal.model.doses import Route, parse_caps, parse_frequency, parse_liquid
from protocal.model.evidence import Evidence
from protocal.model.facts import Measurement
from protocal.model.ids import AdministrationId
from protocal.model.plan import Administration, Dates, Shift, Status
from protocal.model.problems import Where
from protocal.model.protocol import Protocol
from protocal.model.settings import Settings
from protocal.plan.dose import Limit
from protocal.plan.products import OutOfReach, by_mouth, in_liquid, tablets_out_of_reach, with_products
from protocal.plan.tablets import plan_tablets
from protocal.read.definition.build import read_protocol
from protocal.render.wording.products import product_text
from protocal.text.format import WEEKDAYS, plain
from protocal.workflow.planning import load_plan

THURSDAY = date(2027, 3, 4)
DATES = Dates(
    THURSDAY,
    THURSDAY + timedelta(days=83),
    1,
    cut=False,
    measurement=Measurement(THURSDAY, Decimal(112), Decimal("19.4")),
    bsa=Decimal("0.78"),
)
NOTHING = Settings()


@cache
def protocol() -> Protocol:
    found, problems = read_protocol(resources.folder("schedules") / "aall1331" / "0.2")
    assert found
    assert problems == []
    return found


def agent(name: str) -> Agent:
    return protocol().agents[name]


def lines_of(
    name: str, dose: str, days: str = "1-84", frequency: str = "daily", max_: str = "", dates: Dates = DATES
) -> list[Administration]:
    """An order's lines as they are before they have a product."""
    some = next(order for order in protocol().courses["maintenance"].orders if order.key == "mp")
    order = replace(
        some,
        agents=(name,),
        frequency=parse_frequency(frequency),
        days=parse_days(days),
        caps=parse_caps(max_) if max_ else (),
    )
    return [
        Administration(
            AdministrationId.of("course", name, day),
            "course",
            name,
            day,
            dates.date_of(day),
            name,
            Route.PO,
            Decimal(dose),
            Decimal(dose),
            "mg",
            order.frequency.per_day,
            (),
            "so much",
            f"so much = {dose} mg",
            False,
            Evidence.UNVERIFIED,
            Status.DUE,
            "",
            order,
        )
        for day in order.days.fixed
    ]


def made(lines: list[Administration], site: Settings = NOTHING) -> list[Administration]:
    return with_products(lines, agent(lines[0].agent), site, DATES)


def week(lines: Iterable[Administration]) -> dict[str, str]:
    """What each weekday has, from the first day of the lines on; every line of a weekday must have the same."""
    found: dict[str, set[str]] = {}
    for line in lines:
        found.setdefault(WEEKDAYS[line.date.weekday()], set()).add(f"{plain(line.dose)}: {product_text(line.product)}")
    assert all(len(each) == 1 for each in found.values())
    return {weekday: each.pop() for weekday, each in found.items()}


def tablets(name: str, *strengths: str) -> Settings:
    return Settings(strengths=((name, tuple(map(Decimal, strengths))),))


def liquid(name: str, text: str) -> Settings:
    return Settings(liquids=((name, parse_liquid(text)),))


# A table for a pharmacist. The course's first day is a Thursday.


@pytest.mark.parametrize(
    ("name", "dose", "days", "frequency", "expected", "said"),
    [
        pytest.param(
            "mercaptopurine", "58.5", "1-84", "daily",
            {
                "Thu": "75: 1½ tablets of 50 mg",
                "Fri": "50: one 50 mg tablet",
                "Sat": "50: one 50 mg tablet",
                "Sun": "50: one 50 mg tablet",
                "Mon": "75: 1½ tablets of 50 mg",
                "Tue": "50: one 50 mg tablet",
                "Wed": "50: one 50 mg tablet",
            },
            "400 mg a week instead of 409.5 mg (-2.3 %)",
            id="75 mg/m2 x 0.78 m2 of mercaptopurine: 7 x 58.5 = 409.5, two of seven days have half a tablet more",
        ),
        pytest.param(
            "mercaptopurine", "75", "1-42", "daily",
            dict.fromkeys(("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"), "75: 1½ tablets of 50 mg"),
            "525 mg a week, as calculated",
            id="75 mg/m2 x 1 m2 of mercaptopurine is one and a half tablets every day",
        ),
        pytest.param(
            "methotrexate", "15.6", "8-78 every 7", "weekly",
            {"Thu": "15: 6 tablets of 2.5 mg"},
            "15 mg a week instead of 15.6 mg (-3.8 %)",
            id="20 mg/m2 x 0.78 m2 of methotrexate once a week: 6 tablets are 15 mg, 6½ would be 16.25 mg",
        ),
        pytest.param(
            "methotrexate", "19.5", "22", "every 6 h x 4",
            {"Thu": "20: 8 tablets of 2.5 mg"},
            "80 mg a day instead of 78 mg (+2.6 %)",
            id="25 mg/m2 x 0.78 m2 of methotrexate, four doses on one day",
        ),
        pytest.param(
            "dexamethasone", "2.34", "1-5", "BID",
            {
                "Thu": "2.25: one 2 mg tablet and half of a 0.5 mg tablet",
                "Fri": "2.5: one 2 mg tablet and one 0.5 mg tablet",
                "Sat": "2.25: one 2 mg tablet and half of a 0.5 mg tablet",
                "Sun": "2.25: one 2 mg tablet and half of a 0.5 mg tablet",
                "Mon": "2.5: one 2 mg tablet and one 0.5 mg tablet",
            },
            "23.5 mg in 5 days instead of 23.4 mg (+0.4 %)",
            id="3 mg/m2 x 0.78 m2 of dexamethasone twice a day: 5 x 2.34 = 11.7, of which quarters come to 11.75",
        ),
        pytest.param(
            "thioguanine", "31.2", "43-49", "daily",
            {
                "Thu": "40: one 40 mg tablet",
                "Fri": "20: half of a 40 mg tablet",
                "Sat": "40: one 40 mg tablet",
                "Sun": "20: half of a 40 mg tablet",
                "Mon": "40: one 40 mg tablet",
                "Tue": "40: one 40 mg tablet",
                "Wed": "20: half of a 40 mg tablet",
            },
            "220 mg a week instead of 218.4 mg (+0.7 %)",
            id="40 mg/m2 x 0.78 m2 of thioguanine: 7 x 31.2 = 218.4, four whole tablets and three halves",
        ),
    ],
)  # fmt: skip
def test_the_tablets_of_a_week(
    name: str, dose: str, days: str, frequency: str, expected: dict[str, str], said: str
) -> None:
    found = made(lines_of(name, dose, days, frequency))
    assert week(found) == expected
    assert {line.working for line in found} == {f"so much = {dose} mg; tablets: {said}"}
    assert {line.calculated for line in found} == {Decimal(dose)}
    assert {line.alternative for line in found} == {None}


# Doses that belong together


def test_doses_that_are_calculated_anew_have_a_plan_of_their_own() -> None:
    """From day 8 on 60 mg: 7 x 60 = 420 mg, of which 425 mg come nearest: three days of 75 mg."""
    before, after = lines_of("mercaptopurine", "58.5", "1-7"), lines_of("mercaptopurine", "60", "8-14")
    found = made([*before, *after])
    assert sum(line.dose for line in found[:7]) == 400
    assert sum(line.dose for line in found[7:]) == 425
    assert week(found[:7]) == week(made(before))
    assert found[7].working.endswith("; tablets: 425 mg a week instead of 420 mg (+1.2 %)")


def test_what_became_of_a_dose_changes_no_other_dose() -> None:
    lines = lines_of("mercaptopurine", "58.5", "1-14")
    plain_ones = made(lines)
    statuses = [Status.GIVEN, Status.HELD, Status.OMITTED, Status.MOVED]
    found = made([line._replace(status=statuses[line.day % 4]) for line in lines])
    assert [line.status for line in found] == [statuses[line.day % 4] for line in lines]
    assert [line._replace(status=Status.DUE) for line in found] == plain_ones


def test_a_dose_that_is_moved_keeps_the_tablets_of_its_day() -> None:
    lines = lines_of("mercaptopurine", "58.5", "1-14")
    moved = [line._replace(date=line.date + timedelta(days=1)) if line.day == 1 else line for line in lines]
    assert [line.dose for line in made(moved)] == [line.dose for line in made(lines)]


def test_a_weekly_dose_whose_weekday_changes_has_a_plan_for_each() -> None:
    """A delay of two days from day 15 on: Thursdays, then Saturdays; 16.8 mg is 13 half tablets on either."""
    later = replace(DATES, shifts=(Shift(15, 2, 0),))
    lines = lines_of("methotrexate", "16.8", "1-29 every 7", "weekly", dates=later)
    found = with_products(lines, agent("methotrexate"), NOTHING, later)
    assert week(found) == {"Thu": "16.25: 6½ tablets of 2.5 mg", "Sat": "16.25: 6½ tablets of 2.5 mg"}
    assert {line.working.partition("tablets: ")[2] for line in found} == {"16.25 mg a week instead of 16.8 mg (-3.3 %)"}


def test_agents_of_one_order_each_have_their_own() -> None:
    mixed = [*lines_of("mercaptopurine", "50", "1-2"), *lines_of("thioguanine", "40", "1-2")]
    found = by_mouth(mixed, protocol(), NOTHING, DATES)
    assert [product_text(line.product) for line in found] == ["one 50 mg tablet"] * 2 + ["one 40 mg tablet"] * 2
    assert [line.id for line in found] == [line.id for line in mixed]
    assert by_mouth([], protocol(), NOTHING, DATES) == []


doses = st.decimals("5", "150", places=1)


@given(doses, st.sets(st.integers(1, 28), min_size=1), st.sampled_from(["daily", "BID"]))
@settings(derandomize=True, deadline=None, max_examples=60, database=None)
def test_every_dose_is_what_the_tablet_plan_says(dose: Decimal, days: set[int], frequency: str) -> None:
    lines = [line for line in lines_of("mercaptopurine", str(dose), "1-28", frequency) if line.day in days]
    found = made(lines)
    weekdays = {line.date.weekday() for line in lines}
    try:
        plan = plan_tablets(dose, "mg", [Decimal(50)], weekdays, halves=True, per_day=lines[0].per_day)
    except ValueError as error:
        said = str(error)
        plan = None
    if plan is None:
        assert [(line.dose, product_text(line.product)) for line in found] == [(dose, "")] * len(lines)
        assert all(line.working.endswith(f"; {said}") for line in found)
        return
    for line in found:
        day = plan.on(line.date.weekday())
        assert (line.dose, line.product) == (day.amount, day.product("mg"))


# The site's own strengths, and none


def test_the_site_s_tablets_take_the_place_of_those_assumed() -> None:
    lines = lines_of("mercaptopurine", "60", "1-7")
    assert set(week(made(lines, tablets("mercaptopurine", "20"))).values()) == {"60: 3 tablets of 20 mg"}
    assert made(lines, tablets("mercaptopurine")) == lines, "a site without any"
    in_mcg = replace(tablets("mercaptopurine", "20"), strength_units=(("mercaptopurine", "mcg"),))
    assert made(lines, in_mcg) == lines, "never guessed at"


def test_a_drug_without_tablets_is_given_as_calculated() -> None:
    lines = lines_of("leucovorin", "11.7", "1-2")
    assert made(lines) == lines


def test_whole_tablets_where_they_may_not_be_halved() -> None:
    whole = replace(agent("mercaptopurine"), halves=False)
    found = with_products(lines_of("mercaptopurine", "58.5", "1-7"), whole, NOTHING, DATES)
    assert sorted(line.dose for line in found) == [50, 50, 50, 50, 50, 50, 100]


def test_no_doses_have_no_tablets() -> None:
    assert with_products([], agent("mercaptopurine"), NOTHING, DATES) == []


def test_a_dose_of_nothing_has_no_tablets() -> None:
    lines = lines_of("mercaptopurine", "0", "1-7")
    assert made(lines) == lines


# Caps


def test_no_day_s_tablets_pass_the_cap() -> None:
    """A week of 58.5 mg would have days of 75 mg. Below 60 mg there are 25 and 50 mg: 350 mg are 14.5 % too few."""
    free = made(lines_of("mercaptopurine", "58.5", "1-7", max_="80 mg"))
    assert max(line.dose for line in free) == 75
    kept = made(lines_of("mercaptopurine", "58.5", "1-7", max_="60 mg"))
    assert {(line.dose, product_text(line.product)) for line in kept} == {(Decimal("58.5"), "")}
    assert kept[0].working == (
        "so much = 58.5 mg; whole and half 50 mg tablets, at most 60 mg a dose, cannot reach 58.5 mg within 10 %: the"
        " nearest week has 350 mg instead of 409.5 mg"
    )


def test_tablets_below_the_cap_are_found_where_the_best_would_pass_it() -> None:
    """Halves of 6 mg: 141 mg are nearest to 7 x 20 = 140 mg, with days of 21 mg; 7 x 18 = 126 mg is 10 % less."""
    site = tablets("dexamethasone", "6")
    free = made(lines_of("dexamethasone", "20", "1-7", "BID"), site)
    assert (sum(line.dose for line in free), max(line.dose for line in free)) == (141, 21)
    kept = made(lines_of("dexamethasone", "20", "1-7", "BID", max_="20 mg"), site)
    assert {line.dose for line in kept} == {18}
    assert kept[0].working == "so much = 20 mg; tablets: 252 mg a week instead of 280 mg (-10 %)"


@pytest.mark.parametrize(
    ("max_", "most"), [("60 mg/day", 30), ("420 mg/course", 30), ("40 mg, 60 mg/day", 30), ("25 mg, 60 mg/day", 25)]
)
def test_caps_for_a_day_and_a_course_hold_for_each_dose(max_: str, most: int) -> None:
    found = made(lines_of("dexamethasone", str(most), "1-7", "BID", max_), tablets("dexamethasone", "25", "30", "35"))
    assert {line.dose for line in found} == {most}


def test_the_plan_below_a_limit_is_that_of_brute_force() -> None:
    rng = random.Random(7)
    bound = 0
    for _ in range(300):
        sizes = sorted({Decimal(rng.choice((1, 2, 3, 5, 8, 20))) for _ in range(rng.choice((1, 2)))})
        halves, days = rng.random() < 0.5, rng.choice((1, 2, 3, 4))
        target = Decimal(rng.randint(20, 300)) / 10
        limit = target * Decimal(rng.randint(90, 140)) / 100
        pieces = [size / 2 if halves else size for size in sizes]
        sums = {Decimal(0)}
        for piece in pieces:
            sums = {done + piece * number for done in sums for number in range(int((limit - done) // piece) + 1)}
        patterns = list(combinations_with_replacement(sorted(each for each in sums if each), days))
        if len(patterns) > 20_000:
            continue
        best = min(
            ((abs(sum(each) - target * days), max(each) - min(each), len(set(each))) for each in patterns),
            default=(target * days, 0, 0),
        )

        def planned(limit: Decimal | None, target: Decimal = target, sizes: Any = sizes, days: int = days,
                    halves: bool = halves) -> list[Decimal]:  # fmt: skip
            plan = plan_tablets(target, "mg", sizes, range(days), halves=halves, limit=limit)
            return [day.amount for day in plan.days]

        if best[0] * 10 > target * days:
            with pytest.raises(ValueError, match="cannot reach"):
                planned(limit)
            continue
        found = planned(limit)
        assert max(found) <= limit
        assert (abs(sum(found) - target * days), max(found) - min(found), len(set(found))) == best
        free = planned(None)
        assert found == free or max(free) > limit
        bound += max(free) > limit
    assert bound > 20, "the limit must have made a difference"


# Liquids


@pytest.mark.parametrize(
    ("dose", "text", "words_", "holds"),
    [
        ("58.5", "20 mg/mL in steps of 0.1 mL", "2.9 mL of 20 mg/mL liquid", "58"),  # 2.925 mL
        ("59", "20 mg/mL in steps of 0.1 mL", "3 mL of 20 mg/mL liquid", "60"),  # 2.95 mL: half up
        ("58.5", "20 mg/mL in steps of 0.25 mL", "3 mL of 20 mg/mL liquid", "60"),  # 11.7 steps
        ("7.8", "1 mg/mL in steps of 0.1 mL", "7.8 mL of 1 mg/mL liquid", "7.8"),
        ("1500", "1 mg/mL in steps of 1 mL", "1,500 mL of 1 mg/mL liquid", "1500"),
    ],
)
def test_volumes(dose: str, text: str, words_: str, holds: str) -> None:
    found = in_liquid(Decimal(dose), parse_liquid(text))
    assert found
    assert (product_text(found), found.amount) == (words_, Decimal(holds))


def test_a_volume_is_never_nothing_too_far_off_or_above_the_cap() -> None:
    coarse = parse_liquid("20 mg/mL in steps of 1 mL")
    assert in_liquid(Decimal("9.9"), coarse) is None, "0.495 mL would be nothing"
    assert in_liquid(Decimal(12), coarse) is None, "1 mL would be 20 mg"
    assert in_liquid(Decimal("18.1"), coarse) is None, "20 mg are 10.5 % more"
    near = in_liquid(Decimal("18.2"), coarse)
    assert near
    assert near.amount == 20
    fine, limit = parse_liquid("20 mg/mL in steps of 0.1 mL"), Limit(Decimal("59.5"), "")
    below = in_liquid(Decimal(59), fine, limit)
    assert below
    assert (below.amount, product_text(below)) == (58, "2.9 mL of 20 mg/mL liquid")
    assert in_liquid(Decimal("18.2"), coarse, Limit(Decimal(19), "")) is None


def test_a_liquid_stands_beside_the_tablets() -> None:
    found = made(lines_of("mercaptopurine", "58.5", "1-7"), liquid("mercaptopurine", "20 mg/mL in steps of 0.1 mL"))
    assert {product_text(line.alternative) for line in found} == {"2.9 mL of 20 mg/mL liquid"}
    assert product_text(found[0].product) == "1½ tablets of 50 mg"
    assert found[0].dose == 75


def test_a_liquid_takes_the_place_of_tablets_that_do_not_reach_the_dose() -> None:
    """12 mg daily are 84 mg a week; the least of 50 mg tablets is 7 x 25 = 175 mg."""
    lines = lines_of("mercaptopurine", "12", "1-7")
    found = made(lines, liquid("mercaptopurine", "20 mg/mL in steps of 0.5 mL"))
    assert found == [line._replace(working=found[0].working) for line in lines], "0.5 mL would be 10 mg: 17 % less"
    assert found[0].working == (
        "so much = 12 mg; whole and half 50 mg tablets cannot reach 12 mg within 10 %: the nearest week has 175 mg"
        " instead of 84 mg"
    )
    found = made(lines, liquid("mercaptopurine", "20 mg/mL in steps of 0.25 mL"))
    assert found[0].product is None, "0.5 mL again"
    found = made(lines, liquid("mercaptopurine", "20 mg/mL in steps of 0.1 mL"))
    assert {(line.dose, product_text(line.product), product_text(line.alternative)) for line in found} == {
        (Decimal(12), "0.6 mL of 20 mg/mL liquid", "")
    }
    assert found[0].working == "so much = 12 mg; 0.6 mL of 20 mg/mL liquid = 12 mg, as calculated"


def test_a_drug_that_is_only_a_liquid_at_this_site() -> None:
    found = made(lines_of("leucovorin", "11.7", "1-2"), liquid("leucovorin", "5 mg/mL in steps of 0.5 mL"))
    assert {(line.dose, product_text(line.product), product_text(line.alternative)) for line in found} == {
        (Decimal("12.5"), "2.5 mL of 5 mg/mL liquid", "")
    }
    assert found[0].working == "so much = 11.7 mg; 2.5 mL of 5 mg/mL liquid = 12.5 mg (+6.8 %)"
    wrong = made(lines_of("leucovorin", "11.7", "1-2"), liquid("leucovorin", "5 mcg/mL in steps of 0.5 mL"))
    assert {line.product for line in wrong} == {None}


# What cannot be reached


@pytest.fixture
def out_of_reach(child: Path) -> Any:
    """What the tablets of a site do not reach in the record of the child: dexamethasone of 7.8 mg in Block 1."""

    def found(site: Settings, more: str = "") -> list[OutOfReach]:
        with child.open("a", encoding="utf-8") as stream:
            stream.write(more)
        return list(tablets_out_of_reach(load_plan(child, site), site))

    return found


def test_what_the_tablets_reach_is_no_problem(out_of_reach: Any) -> None:
    assert out_of_reach(NOTHING) == []
    assert out_of_reach(tablets("dexamethasone", "0.5", "4")) == []
    assert out_of_reach(tablets("dexamethasone")) == [], "a site without tablets does not ask for any"
    assert out_of_reach(tablets("mercaptopurine", "500")) == [], "Continuation has not started"


def test_the_site_s_strengths_that_do_not_reach_a_dose(out_of_reach: Any) -> None:
    place = Where("site.yaml", 2, 11)
    site = replace(tablets("dexamethasone", "20"), places=((("tablets", "dexamethasone"), place),))
    (found,) = out_of_reach(site)
    assert (found.by_site, found.liquid, found.where) == (True, False, place)
    assert {line.key for line in found.lines} == {"dex"}
    assert len(found.lines) == 10
    assert found.said.startswith("whole and half 20 mg tablets cannot reach 7.8 mg within 10 %")
    both = replace(site, liquids=liquid("dexamethasone", "1 mg/mL in steps of 0.1 mL").liquids)
    (found,) = out_of_reach(both)
    assert (found.by_site, found.liquid) == (True, True)


def test_strengths_that_the_definition_assumes_and_that_do_not_reach_a_dose(out_of_reach: Any) -> None:
    """At 1 % of the full dose, 0.078 mg, a quarter of a milligram is too much; from 15-Dec on, days 15 to 19."""
    share = "  - entry: adjust\n    agent: dexamethasone\n    percent: 1\n    date: 2026-12-15\n"
    (found,) = out_of_reach(NOTHING, share)
    assert (found.by_site, found.liquid) == (False, False)
    assert [line.day for line in found.lines] == [15, 16, 17, 18, 19]
    assert found.where == found.lines[0].order_line.where


def test_a_cap_may_be_why_tablets_and_liquid_do_not_reach_a_dose(child: Path) -> None:
    """7.8 mg in halves of 6 mg: 6 and 9 mg, of which 8 mg leave 6 mg; 4.1 mg of a liquid are too few, 8.2 too much."""
    site = replace(tablets("dexamethasone", "6"), liquids=liquid("dexamethasone", "1 mg/mL in steps of 4.1 mL").liquids)
    plan = load_plan(child, site)
    assert list(tablets_out_of_reach(plan, site)) == []
    capped = [
        replace(
            course,
            administrations=tuple(
                line._replace(order_line=replace(line.order_line, caps=parse_caps("8 mg")))
                for line in course.administrations
            ),
        )
        for course in plan.courses
    ]
    (found,) = tablets_out_of_reach(replace(plan, courses=tuple(capped)), site)
    assert {line.key for line in found.lines} == {"dex"}
    assert not found.liquid


def test_a_single_dose_that_tablets_do_not_reach(out_of_reach: Any) -> None:
    """The dexamethasone before the first blinatumomab, 3.9 mg."""
    started = "".join(
        f"  - entry: start\n    course: {course}\n    date: {on}\n"
        for course, on in (("block-2", "2026-12-29"), ("blina-cycle-1", "2027-01-26"))
    )
    site = replace(
        tablets("dexamethasone", "20"), liquids=liquid("dexamethasone", "1 mg/mL in steps of 0.1 mL").liquids
    )
    (found,) = out_of_reach(site, started)
    assert [str(line.id) for line in found.lines] == ["blina-cycle-1/dex-premed/1"]
    assert found.liquid


def test_each_drug_of_a_course_is_held_against_its_own_tablets(out_of_reach: Any) -> None:
    """Of Continuation 1 only the weekly methotrexate, 15.6 mg, is out of reach of halves of 20 mg."""
    started = "".join(
        f"  - entry: start\n    course: {course}\n    date: {on}\n"
        for course, on in (
            ("block-2", "2026-12-29"),
            ("blina-cycle-1", "2027-01-26"),
            ("continuation-1", "2027-03-02"),
        )
    )
    (found,) = out_of_reach(tablets("methotrexate", "20"), started)
    assert {(line.course, line.key) for line in found.lines} == {("continuation-1", "mtx-weekly")}
    assert found.by_site
    assert found.said.startswith("whole and half 20 mg tablets cannot reach 15.6 mg within 10 %")


def test_a_course_that_is_over_is_no_problem_any_more(out_of_reach: Any) -> None:
    """Block 2 has started: its own dexamethasone is 2.34 mg."""
    started = "  - entry: start\n    course: block-2\n    date: 2026-12-29\n"
    found = out_of_reach(tablets("dexamethasone", "20"), started)
    assert {line.course for each in found for line in each.lines} == {"block-2"}


# All the way


def test_only_courses_that_have_started_are_given_in_tablets(child: Path) -> None:
    plan = load_plan(child, NOTHING)
    started = {each.course.id for each in plan.courses if each.course.started}
    with_product = {each.course for each in plan.administrations if each.product}
    assert with_product == started == {"block-1"}


def test_a_dose_that_the_record_names_is_not_made_up_of_tablets(child: Path) -> None:
    with child.open("a", encoding="utf-8") as stream:
        for day, dose in ((1, "    dose: 9\n"), (2, "")):
            stream.write(f"  - entry: give\n    id: block-1/dex/{day}\n    date: 2026-12-0{day}\n{dose}")
    plan = load_plan(child, NOTHING)
    lines = {each.day: each for each in plan.courses[0].administrations if each.key == "dex"}
    assert (lines[1].dose, lines[1].product) == (9, None)
    assert lines[1].working.endswith("= 7.8 mg; given: 9 mg")
    assert (str(lines[2].dose), lines[2].status) == ("7.75", Status.GIVEN)
    assert lines[2].product


def test_the_plan_s_table_has_product_and_alternative(child: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("format: 1\nliquids: {dexamethasone: 1 mg/mL in steps of 0.1 mL}\n", encoding="utf-8")
    done = run("plan", child, "--format", "csv", "--course", "block-1", "--settings", site)
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.lstrip("\ufeff").splitlines()
    assert head.endswith(",id,product,alternative")
    assert [row for row in rows if row.endswith(",block-1/dex/1,2 tablets of 4 mg,7.8 mL of 1 mg/mL liquid")]
    assert all(row.count(",") >= head.count(",") for row in rows)


def test_half_a_step_of_a_liquid_goes_up_be_it_to_an_odd_number_or_to_the_cap() -> None:
    single = parse_liquid("1 mg/mL in steps of 1 mL")
    half = in_liquid(Decimal("10.5"), single)
    assert half
    assert half.amount == 11
    at_the_cap = in_liquid(Decimal("10.6"), single, Limit(Decimal(11), ""))
    assert at_the_cap
    assert at_the_cap.amount == 11


def test_a_liquid_exactly_ten_per_cent_off_is_near_enough() -> None:
    found = in_liquid(Decimal(10), parse_liquid("11 mg/mL in steps of 1 mL"))
    assert found
    assert found.amount == 11


def test_a_liquid_in_the_place_of_tablets_keeps_the_cap_of_its_order() -> None:
    """59 mg would be 3 mL, 60 mg; the cap of 59.5 mg leaves 2.9 mL. Of 50 mg tablets it leaves one, 15 % too little."""
    found = made(
        lines_of("mercaptopurine", "59", "1-7", max_="59.5 mg"), liquid("mercaptopurine", "20 mg/mL in steps of 0.1 mL")
    )
    assert {(line.dose, product_text(line.product)) for line in found} == {(Decimal(58), "2.9 mL of 20 mg/mL liquid")}
