"""The arithmetic of a dose: caps, tables by weight, shares of the full dose, rounding and what stands beside an agent.

The made-up child measures 115 cm and weighs 20.5 kg, 0.81 m2, and was born on 2021-03-12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocal.model.course import DoseRule, Order
from protocal.model.days import parse_days
from protocal.model.doses import (
    Amount,
    Cap,
    Liquid,
    Per,
    Route,
    Strengths,
    parse_caps,
    parse_dose,
    parse_frequency,
    parse_label_from,
    parse_liquid,
    parse_rounding,
    parse_strengths,
)
from protocal.model.entries import Remark, Sex
from protocal.model.evidence import Backing, Evidence
from protocal.model.facts import Adjustment, Measurement, Traits
from protocal.model.plan import Dates
from protocal.model.protocol import Protocol, in_versions
from protocal.model.settings import Settings
from protocal.model.table import By, Table
from protocal.plan.dose import Dose, Limit, adjusted, by_age, by_weight, dosing, limit_of
from protocal.plan.unverified import is_unverified
from protocal.read.definition.build import read_protocol

BORN, DAY_1 = date(2021, 3, 12), date(2027, 3, 4)
SIZE = Measurement(DAY_1, Decimal(115), Decimal("20.5"))
DATES = Dates(DAY_1, date(2027, 3, 24), 1, cut=False, measurement=SIZE, bsa=Decimal("0.81"))


@pytest.fixture(scope="module")
def tiny() -> Protocol:
    """The made-up protocol."""
    protocol, problems = read_protocol(Path(__file__).parent / "tiny" / "1")
    assert protocol
    assert problems == []
    return protocol


@pytest.fixture(scope="module")
def aall1331(bundled: Path) -> Protocol:
    """The bundled protocol."""
    protocol, problems = read_protocol(bundled)
    assert protocol
    assert problems == []
    return protocol


def order_of(
    tiny: Protocol,
    dose: str,
    *,
    agent: str = "mallowine",
    max_: str = "",
    frequency: str = "once",
    days: str = "1-5",
    route: Route = Route.SC,
) -> Order:
    return replace(
        tiny.courses["opening"].orders[1],
        agents=(agent,),
        doses=(DoseRule(None, parse_dose(dose), dose),),
        caps=parse_caps(max_) if max_ else (),
        frequency=parse_frequency(frequency),
        days=parse_days(days),
        routes=(route,),
    )


Say = Callable[..., Dose]


@pytest.fixture
def dose(tiny: Protocol) -> Say:
    """What gives the dose of an order that is written as in a therapy table."""

    def work_out(
        text: str,
        *adjustments: Adjustment,
        site: Settings | None = None,
        dates: Dates = DATES,
        on: date = DAY_1,
        **words: object,
    ) -> Dose:
        order = order_of(tiny, text, **words)  # type: ignore[arg-type]
        traits = Traits(BORN, Sex.FEMALE, adjustments=adjustments)
        return dosing(tiny, order, dates, traits, site or Settings())(1, order.agents[0], on)

    return work_out


def percent(number: str, agent: str = "mallowine") -> Adjustment:
    return Adjustment(agent, Decimal(number), DAY_1, None)


# The line of arithmetic


@pytest.mark.parametrize(
    ("text", "words", "calculated", "working"),
    [
        ("1.5 units/m2", {}, "1.215", "1.5 units/m2 x 0.81 m2 = 1.215 units"),
        ("2,000 units/m2", {}, "1620", "2,000 units/m2 x 0.81 m2 = 1,620 units"),
        ("0.5 units/kg", {}, "10.25", "0.5 units/kg x 20.5 kg = 10.25 units"),
        ("20 units", {}, "20", "20 units"),
        ("30 units/m2/day", {"frequency": "BID"}, "12.15", "30 units/m2/day x 0.81 m2 / 2 doses = 12.15 units"),
        ("20 units/day", {"frequency": "TID"}, "6.6667", "20 units/day / 3 doses = 6.6667 units"),
        ("20 units/day", {}, "20", "20 units/day"),
        # caps, each for what it says; the tightest holds
        ("2 units/kg", {"max_": "40 units"}, "40", "2 units/kg x 20.5 kg = 41 units, capped at 40 units"),
        ("2 units/kg", {"max_": "41 units"}, "41", "2 units/kg x 20.5 kg = 41 units"),
        (
            "2 units/kg",
            {"max_": "60 units/day", "frequency": "BID"},
            "30",
            "2 units/kg x 20.5 kg = 41 units, capped at 30 units (60 units a day in 2 doses)",
        ),
        (
            "2 units/kg",
            {"max_": "60 units/course"},
            "12",
            "2 units/kg x 20.5 kg = 41 units, capped at 12 units (60 units a course in 5 doses)",
        ),
        (
            "2 units/kg",
            {"max_": "1,000 units/course", "frequency": "every 6 h", "days": "1-8"},
            "31.25",
            "2 units/kg x 20.5 kg = 41 units, capped at 31.25 units (1,000 units a course in 32 doses)",
        ),
        (
            "2 units/kg",
            {"max_": "60 units/course", "days": "4"},
            "41",
            "2 units/kg x 20.5 kg = 41 units",
        ),
        (
            "2 units/kg",
            {"max_": "30 units/course", "days": "4"},
            "30",
            "2 units/kg x 20.5 kg = 41 units, capped at 30 units",
        ),
        (
            "2 units/kg",
            {"max_": "35 units, 50 units/day, 200 units/course", "frequency": "BID"},
            "20",
            "2 units/kg x 20.5 kg = 41 units, capped at 20 units (200 units a course in 10 doses)",
        ),
        (
            "2 units/kg",
            {"max_": "15 units, 50 units/day, 200 units/course", "frequency": "BID"},
            "15",
            "2 units/kg x 20.5 kg = 41 units, capped at 15 units",
        ),
        ("30 units", {"max_": "25 units/course", "days": "1-3"}, "8.3333",
         "30 units, capped at 8.3333 units (25 units a course in 3 doses)"),
    ],
)  # fmt: skip
def test_doses_worked_by_hand(text: str, words: dict[str, object], calculated: str, working: str, dose: Say) -> None:
    found = dose(text, **words)
    assert (found.calculated, found.dose, found.working) == (Decimal(calculated), Decimal(calculated), working)


def test_a_cap_for_the_course_is_shared_by_its_working_days(dose: Say) -> None:
    """Thu 04-Mar-2027 is day 1, so that days 1-7 have five working days, four if the Monday is closed."""
    assert dose("30 units", max_="60 units/course", days="1-7 weekdays").dose == 12
    closed = Settings(closed_days=frozenset({date(2027, 3, 8)}))
    assert dose("30 units", max_="60 units/course", days="1-7 weekdays", site=closed).dose == 15
    assert dose("30 units", max_="60 units/course", days="first 6 weekdays", site=closed).dose == 10


def closing(*days: int) -> Settings:
    """A site that is closed on days of March 2027."""
    return Settings(closed_days=frozenset(date(2027, 3, day) for day in days))


def from_day(day: int, then: Settings, before: Settings) -> Settings:
    """Rules that hold from a day of March on, after others."""
    return then.after(before, date(2027, 3, day))


def test_days_that_later_rules_open_share_what_the_days_before_them_left(dose: Say) -> None:
    """Thu and Fri are given by the rules before Mon 8th, of 60 units; what is left is for the days from then on."""

    def share(site: Settings) -> tuple[Decimal, str]:
        found = dose("30 units", max_="60 units/course", days="1-7 weekdays", site=site)
        return found.calculated, found.working.partition("capped at ")[2]

    three_days = closing(9, 10)
    assert share(three_days) == (20, "20 units (60 units a course in 3 doses)")
    opened = from_day(8, closing(), three_days)
    assert share(opened) == (Decimal("6.6667"), "6.6667 units (20 units left of a course in 3 doses)")
    assert share(from_day(8, closing(), closing(8, 9, 10))) == (0, "0 units (0 units left of a course in 3 doses)")
    assert share(from_day(4, closing(), three_days)) == (12, "12 units (60 units a course in 5 doses)")
    assert share(from_day(8, closing(20), three_days)) == share(opened), "what lies beyond the course is nothing to it"
    assert share(from_day(8, closing(9, 10, 20), three_days)) == share(three_days)


def test_so_many_days_have_the_same_share_whichever_later_rules_make_them(dose: Say) -> None:
    """The first four weekdays are Thu, Fri, Mon and Tue; where Tue is closed, Wed takes its place and its share."""
    found = dose("30 units", max_="60 units/course", days="first 4 weekdays", site=from_day(8, closing(9), closing()))
    assert found.working == "30 units, capped at 15 units (60 units a course in 4 doses)"


def test_rules_after_rules_share_what_all_before_them_left(dose: Say) -> None:
    """By the first Thu had 30 of 60 units, by the second Fri 15 of the 30 left: 15 for Mon, Tue and Wed."""
    second = from_day(5, closing(9, 10), closing(8, 9, 10))
    third = from_day(8, closing(), second)
    found = dose("30 units", max_="60 units/course", days="1-7 weekdays", site=third)
    assert (found.calculated, found.working) == (
        5,
        "30 units, capped at 5 units (15 units left of a course in 3 doses)",
    )
    nothing_new = from_day(8, closing(8, 9, 10), closing(8, 9, 10))  # the second has no day of its own
    later = from_day(9, closing(8), nothing_new)
    assert dose("30 units", max_="60 units/course", days="1-7 weekdays", site=later).calculated == 0


def test_a_course_that_is_cut_short_leaves_the_share_of_its_cap_as_it_was(dose: Say) -> None:
    cut = replace(DATES, last_day=date(2027, 3, 5), cut=True)
    assert dose("30 units", max_="60 units/course", dates=cut).dose == 12


@given(
    st.lists(st.sampled_from(["dose", "day", "course"]), unique=True, max_size=3),
    st.lists(st.decimals("0.01", 500, places=2), min_size=3, max_size=3),
    st.sampled_from(["once", "BID", "every 6 h"]),
    st.integers(1, 30),
)
@settings(derandomize=True, deadline=None, max_examples=100, database=None)
def test_the_limit_of_a_dose_keeps_every_cap(
    kinds: list[str], amounts: list[Decimal], frequency: str, days: int
) -> None:
    some, per_day = parse_frequency(frequency), parse_frequency(frequency).per_day
    caps = tuple(Cap(value, "mg", kind == "day", kind == "course") for kind, value in zip(kinds, amounts, strict=False))
    limit = limit_of(_Line(some, caps), days)  # type: ignore[arg-type]
    assert (limit is None) == (not caps)
    tenth = Decimal("1e-20")
    exact = []
    for cap in caps:
        doses = per_day * days if cap.a_course else per_day if cap.a_day else 1
        assert limit
        assert limit.value * doses <= cap.value + tenth
        exact.append(abs(limit.value * doses - cap.value) <= tenth)
    assert any(exact) == bool(caps)


class _Line:
    """As much of an order as a limit asks for."""

    def __init__(self, frequency: object, caps: tuple[Cap, ...]) -> None:
        self.frequency, self.caps = frequency, caps


# Tables


def test_a_table_by_weight_has_the_lower_weight_of_a_row_and_not_the_higher(tiny: Protocol) -> None:
    table = tiny.tables["quandrexate-by-weight"]
    assert table.by is By.WEIGHT
    rows = {"3": ("2", "12.4", "12.49"), "4.5": ("12.5", "20.4", "20.49"), "6": ("20.5", "20.50", "80")}
    for dose, weights in rows.items():
        assert {str(by_weight(table, "quandrexate", Decimal(weight)).dose) for weight in weights} == {dose}
    said = [by_weight(table, "quandrexate", Decimal(weight)).working for weight in ("9", "15.3", "1000")]
    assert said == [
        "weighing 9 kg: table row under 12.5 kg = 3 mg",
        "weighing 15.3 kg: table row 12.5 to under 20.5 kg = 4.5 mg",
        "weighing 1,000 kg: table row 20.5 kg and over = 6 mg",
    ]


def test_a_table_by_weight_goes_by_the_measurement_that_holds_on_the_day(dose: Say) -> None:
    later = Measurement(date(2027, 3, 8), Decimal(115), Decimal("12.5"), date(2027, 3, 10))
    again = replace(DATES, again=((date(2027, 3, 10), later, Decimal("0.63")),))
    table = {"agent": "quandrexate", "route": Route.IV, "dates": again}
    assert dose("table quandrexate-by-weight", on=date(2027, 3, 9), **table).dose == 6
    assert dose("table quandrexate-by-weight", on=date(2027, 3, 10), **table).dose == Decimal("4.5")


@pytest.mark.parametrize(
    ("age", "working"),
    [
        (1, "aged 1: table row 1 year = 8 mg"),
        (2, "aged 2: table row 2 years = 10 mg"),
        (8, "aged 8: table row 3 to 8 years = 12 mg"),
        (9, "aged 9: table row 9 years and over = 15 mg"),
    ],
)
def test_a_table_by_age(age: int, working: str, aall1331: Protocol) -> None:
    assert by_age(aall1331.tables["it-methotrexate"], "methotrexate", age).working == working


def test_a_table_without_a_row_is_an_error_in_the_program(aall1331: Protocol, tiny: Protocol) -> None:
    def without_rows(table: Table) -> Table:
        return replace(table, bands=table.bands[:1])

    with pytest.raises(LookupError, match="no row for somebody aged 9"):
        by_age(without_rows(aall1331.tables["itt"]), "methotrexate", 9)
    with pytest.raises(LookupError, match=r"no row for somebody weighing 12\.5 kg"):
        by_weight(without_rows(tiny.tables["quandrexate-by-weight"]), "quandrexate", Decimal("12.5"))


# Shares of the full dose


def test_a_share_is_of_the_capped_dose_and_no_more_than_the_cap(dose: Say) -> None:
    half = dose("2 units/kg", percent("50"), max_="40 units")
    working = "2 units/kg x 20.5 kg = 41 units, capped at 40 units; 50 % of the full dose = 20 units"
    assert (half.calculated, half.working) == (20, working)
    more = dose("2 units/kg", percent("150"), max_="50 units")
    working = "2 units/kg x 20.5 kg = 41 units; 150 % of the full dose = 61.5 units, capped at 50 units"
    assert (more.calculated, more.working) == (50, working)
    assert dose("2 units/kg", percent("120")).calculated == Decimal("49.2")
    just = dose("2 units/kg", percent("150"), max_="61.5 units")
    assert just.working == "2 units/kg x 20.5 kg = 41 units; 150 % of the full dose = 61.5 units"


def test_a_share_counts_for_a_table_too_but_never_for_an_intrathecal_dose(dose: Say) -> None:
    half, table = percent("50", "quandrexate"), "table quandrexate-by-weight"
    assert dose(table, half, agent="quandrexate", route=Route.IV).calculated == 3
    assert dose(table, half, agent="quandrexate", route=Route.IT).calculated == 6
    assert dose("2 mg/kg", half, agent="quandrexate", route=Route.IT).calculated == 41


def test_the_share_of_another_agent_or_day_is_not_this_one_s() -> None:
    full = Dose(Decimal(40), Decimal(40), "mg", "40 mg", "40 mg")
    traits = Traits(BORN, Sex.FEMALE, adjustments=(percent("50"),))
    assert adjusted(full, traits, "pibrafol", DAY_1) == full
    assert adjusted(full, traits, "mallowine", date(2027, 3, 3)) == full
    assert adjusted(full, traits, "mallowine", DAY_1, Limit(Decimal(5), "")).dose == 20, "a share is capped before"


def test_the_full_dose_is_capped_once() -> None:
    third = Dose(Decimal("0.6667"), Decimal("0.6667"), "mg", "1 mg", "1 mg, capped at 0.6667 mg")  # of 2 mg a day
    traits = Traits(BORN, Sex.FEMALE, adjustments=(percent("100"),))
    assert adjusted(third, traits, "mallowine", DAY_1, Limit(Decimal(2) / 3, "")).working == (
        "1 mg, capped at 0.6667 mg; 100 % of the full dose = 0.6667 mg"
    )


def test_of_two_caps_that_are_as_tight_the_first_is_told() -> None:
    twice = parse_frequency("BID")
    for caps, share in (("60 mg/day, 30 mg", "60 mg a day in 2 doses"), ("30 mg, 60 mg/day", "")):
        limit = limit_of(_Line(twice, parse_caps(caps)), 7)  # type: ignore[arg-type]
        assert limit
        assert (limit.value, limit.share) == (30, share)


def test_an_order_that_was_signed_is_not_unverified(aall1331: Protocol) -> None:
    vcr = next(each for each in aall1331.courses["block-2"].orders if each.key == "vcr")
    assert is_unverified(aall1331, vcr)
    assert not is_unverified(aall1331, replace(vcr, backing=Backing((("all", Evidence.SIGNED),))))


def test_whether_an_order_is_unverified_is_asked_of_the_tables_of_its_own_version(aall1331: Protocol) -> None:
    """A later version confirms a table; a course that stays with the earlier one has that one's doses."""

    def version(table: Evidence, comment: str) -> Protocol:
        """Block 2 with orders that are confirmed."""
        confirmed, block_2 = Backing((("all", Evidence.CORROBORATED),)), aall1331.courses["block-2"]
        orders = tuple(replace(each, backing=confirmed, comment=comment) for each in block_2.orders)
        tables = {name: replace(each, backing=Backing((("all", table),))) for name, each in aall1331.tables.items()}
        return replace(aall1331, tables=tables, courses={"block-2": replace(block_2, orders=orders)})

    earlier, later = version(Evidence.UNVERIFIED, "as it was"), version(Evidence.CORROBORATED, "corrected")
    both = in_versions((earlier, later), later, (("block-2", earlier),))

    def unsure(each: Protocol) -> set[str]:
        return {order.key for order in each.courses["block-2"].orders if is_unverified(both, order)}

    assert unsure(earlier) == {"it-mtx", "itt"}
    assert unsure(later) == set()


# Rounding in place


def test_a_dose_is_rounded_after_cap_and_share(dose: Say) -> None:
    found = dose("0.51 mg/kg", percent("80", "zorbinol"), agent="zorbinol", max_="10.1 mg", route=Route.IV)
    assert (found.calculated, found.dose) == (Decimal("8.08"), Decimal(8))
    assert found.working == (
        "0.51 mg/kg x 20.5 kg = 10.455 mg, capped at 10.1 mg; 80 % of the full dose = 8.08 mg;"
        " rounded to 8 mg (-1 %), nearest 0.5 mg"
    )


def test_rounding_does_not_pass_the_cap(dose: Say) -> None:
    found = dose("0.51 mg/kg", agent="zorbinol", max_="10.3 mg", route=Route.IV)
    assert (found.calculated, found.dose) == (Decimal("10.3"), Decimal(10))
    shared = dose("0.51 mg/kg", agent="zorbinol", max_="51.5 mg/course", route=Route.IV)
    assert shared.dose == 10


def test_a_dose_on_the_step_says_nothing_of_rounding(dose: Say) -> None:
    assert dose("40 mg", agent="zorbinol", route=Route.IV).working == "40 mg"
    assert dose("10.3 mg", agent="quandrexate", route=Route.IV).working == "10.3 mg", "exempt"


def test_a_dose_that_is_not_rounded_says_why(dose: Say) -> None:
    found = dose("0.01 mg/kg", agent="zorbinol", route=Route.IV)
    assert found.working == "0.01 mg/kg x 20.5 kg = 0.205 mg; not rounded (nearest 0.5 mg): nothing would be left"
    found = dose("7.5 mg", agent="tressamide", route=Route.IV)
    assert (found.dose, found.working) == (
        Decimal("7.5"),
        "7.5 mg; not rounded (nearest 5 mg vial within 10 %): no whole 5 mg vials within 10 %",
    )


def test_the_site_s_own_rule_is_named_as_such(dose: Say) -> None:
    site = Settings(rounding=(("zorbinol", Route.IV, parse_rounding("down to 2 mg")),))
    found = dose("0.5 mg/kg", agent="zorbinol", route=Route.IV, site=site)
    assert found.working.endswith("= 10.25 mg; rounded to 10 mg (-2.4 %), down to 2 mg, the site's rule")
    none = dose("1.5 mg", agent="zorbinol", route=Route.IV, site=site)
    assert none.working == "1.5 mg; not rounded (down to 2 mg, the site's rule): nothing would be left"


def test_an_intrathecal_dose_from_a_table_is_never_rounded(dose: Say) -> None:
    site = Settings(rounding=(("quandrexate", None, parse_rounding("nearest 5 mg")),))
    table = {"agent": "quandrexate", "site": site}
    assert dose("table quandrexate-by-weight", route=Route.IT, **table).dose == 6
    assert dose("table quandrexate-by-weight", route=Route.IV, **table).dose == 5
    assert dose("6 mg", route=Route.IT, **table).dose == 5, "one that is calculated is"


def test_every_dose_follows_the_day_s_own_rule(tiny: Protocol) -> None:
    order = tiny.courses["opening"].orders[0]
    give = dosing(tiny, order, DATES, Traits(BORN, Sex.FEMALE), Settings())
    assert [str(give(day, "zorbinol", DAY_1).dose) for day in (1, 3, 4)] == ["40.0000", "10.5", "10.5"]


# The words


@pytest.mark.parametrize(
    ("text", "caps"),
    [
        ("2 mg", (Cap(Decimal(2), "mg"),)),
        ("2,000 mg, 4,000 mg/day", (Cap(Decimal(2000), "mg"), Cap(Decimal(4000), "mg", a_day=True))),
        ("60 mg/course", (Cap(Decimal(60), "mg", a_course=True),)),
    ],
)
def test_caps(text: str, caps: tuple[Cap, ...]) -> None:
    assert parse_caps(text) == caps
    assert ", ".join(cap.text for cap in caps) == text


@pytest.mark.parametrize(
    "text", ["2", "2 mg/week", "2 mg,4 mg/day", "2 mg, 3 mg", "2 mg/day, 3 mg/day", "0 mg", "-2 mg"]
)
def test_what_is_no_cap_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a cap|two caps of one kind|above zero"):
        parse_caps(text)


def test_tablets_and_liquids() -> None:
    assert parse_strengths("4 mg, 0.5 mg") == Strengths((Decimal("0.5"), Decimal(4)), "mg")
    assert parse_strengths("1,000 units").values == (Decimal(1000),)
    liquid = parse_liquid("20 mg/mL in steps of 0.1 mL")
    assert liquid == Liquid(Decimal(20), "mg", Decimal("0.1"))


@pytest.mark.parametrize("text", ["", "mg", "50", "50mg", "50 mg,20 mg", "0 mg", "-1 mg", "1 mg, 1 mg", "1 mg, 1 mcg"])
def test_what_is_no_tablet_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"tablet|above zero"):
        parse_strengths(text)


@pytest.mark.parametrize(
    "text", ["20 mg/mL", "20 mg in steps of 1 mL", "0 mg/mL in steps of 1 mL", "20 mg/mL in steps of 0 mL"]
)
def test_what_is_no_liquid_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a liquid|above zero"):
        parse_liquid(text)


def test_from_when_a_label_says_otherwise() -> None:
    assert parse_label_from("45 kg") == (Decimal(45), None)
    assert parse_label_from("22.5 kg") == (Decimal("22.5"), None)
    assert parse_label_from("22 years") == (None, 22)
    for text in ("45", "45 lb", "22.5 years", "0 kg", "0 years", "500 kg", "121 years"):
        with pytest.raises(ValueError, match=r"no weight or age|nobody is|above zero"):
            parse_label_from(text)


# What stands beside an agent


def test_label_doses_apply_from_their_weight_or_age_on(tiny: Protocol) -> None:
    by_kg, by_years = tiny.agents["mallowine"].label_doses
    assert (by_kg.text, by_years.text) == ("45 units from 30 kg", "30 units/m2 from 12 years")
    weights = [by_kg.applies(Decimal(weight), 3) for weight in ("29.9", "30", "31")]
    assert weights == [False, True, True]
    assert [by_years.applies(Decimal(200), age) for age in (11, 12, 13)] == [False, True, True]
    assert by_kg.where.line < by_years.where.line


def test_bags_from_a_weight_on(tiny: Protocol) -> None:
    agent = tiny.agents["quandrexate"]
    assert (agent.bags, agent.bag_weights) == ((24, 96), ((96, Decimal(15)),))
    assert [agent.bags_for(Decimal(weight)) for weight in ("14.9", "15")] == [(24,), (24, 96)]


def test_what_the_bundled_definition_says_beside_its_agents(aall1331: Protocol) -> None:
    agents = aall1331.agents
    tablets = {name: [str(each) for each in agent.tablets] for name, agent in agents.items() if agent.tablets}
    assert tablets == {
        "dexamethasone": ["0.5", "1", "2", "4"],
        "mercaptopurine": ["50"],
        "methotrexate": ["2.5"],
        "thioguanine": ["40"],
    }
    assert all(agent.halves for agent in agents.values())
    assert not any(agent.rounding for agent in agents.values()), "a site's rounding stands in its settings"
    labels = {name: [each.text for each in agent.label_doses] for name, agent in agents.items() if agent.label_doses}
    assert labels == {"blinatumomab": ["28 mcg/day from 45 kg"], "pegaspargase": ["2,000 units/m2 from 22 years"]}
    asked = {name: agent.asks_for for name, agent in agents.items() if agent.asks_for}
    assert asked == {
        "mercaptopurine": (Remark.GENE,),
        "pegaspargase": (Remark.ALLERGY,),
        "thioguanine": (Remark.GENE,),
    }
    assert agents["blinatumomab"].bags == (24, 48, 72, 96, 168)
    assert agents["blinatumomab"].bag_weights == ((72, Decimal("5.4")), (96, Decimal("5.4")), (168, Decimal(22)))


def test_an_amount_in_words() -> None:
    for text in ("1.5 mg/m2", "2,000 units/m2", "15 mcg/m2/day", "0.5 mg/kg", "20 mg", "28 mcg/day"):
        amount = parse_dose(text)
        assert isinstance(amount, Amount)
        assert amount.text == text
    assert Amount(Decimal("2.50"), "g", Per.FLAT).text == "2.5 g"


def test_a_dose_says_its_unit_and_what_it_comes_from(dose: Say, aall1331: Protocol) -> None:
    by_size = dose("1.5 units/m2")
    assert (by_size.unit, by_size.basis) == ("units", "1.5 units/m2 x 0.81 m2")
    table = aall1331.tables["itt"]
    from_table = by_age(table, table.columns[0], 9)
    assert from_table.unit == table.unit
    assert from_table.working.startswith(f"{from_table.basis} = ")


def test_a_share_just_above_the_full_dose_is_no_more_than_the_cap_either(dose: Say) -> None:
    assert dose("10 units/m2", percent("101"), max_="8.1 units").calculated == Decimal("8.1")
