"""Rounding by the rule of an agent and its way in: worked by hand, and what holds for every dose and rule."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocal.model.agent import Agent
from protocal.model.doses import Mode, Rounding, Route, parse_liquid, parse_rounding
from protocal.model.settings import Settings
from protocal.plan.rounding import off_by, rounded, rule_for, tablets_at_hand
from protocal.read.definition.build import read_protocol

steady = settings(derandomize=True, deadline=None, max_examples=200, database=None)

NOTHING_LEFT = "nothing would be left"


@pytest.mark.parametrize(
    ("value", "rule", "cap", "dose"),
    [
        # to a step: 1.17 lies between 1.1 and 1.2
        ("1.17", "nearest 0.1 mg", "", "1.2"),
        ("1.14", "nearest 0.1 mg", "", "1.1"),
        ("1.17", "down to 0.1 mg", "", "1.1"),
        ("1.11", "up to 0.1 mg", "", "1.2"),
        ("1.2", "up to 0.1 mg", "", "1.2"),
        ("1.2", "down to 0.1 mg", "", "1.2"),
        ("1950", "nearest 750 units", "", "2250"),  # 2.6 steps
        # half up
        ("0.25", "nearest 0.1 mg", "", "0.3"),
        ("0.35", "nearest 0.1 mg", "", "0.4"),
        ("10.25", "nearest 0.5 mg", "", "10.5"),
        # never above the cap, then down
        ("1.98", "nearest 0.1 mg", "2", "2"),
        ("1.98", "up to 0.5 mg", "2", "2"),
        ("1.9", "up to 0.5 mg", "1.95", "1.5"),
        ("1.96", "nearest 0.1 mg", "1.97", "1.9"),
        ("6.6667", "nearest 0.0001 mg", "6.66666", "6.6666"),
        # to whole vials, where they are near enough: 100 is 8.4 % under 109.2, 50 is 9.9 % over 45.5
        ("109.2", "nearest 50 mg vial within 10 %", "", "100"),
        ("45.5", "nearest 50 mg vial within 10 %", "", "50"),
        ("125", "nearest 50 mg vial within 20 %", "", "150"),
        # to the figure with the fewest digits: 1,000 is 14.5 % away, 1,200 is 2.6 %
        ("1170", "within 5 %", "", "1200"),
        ("1060", "within 10 %", "", "1000"),
        ("78", "within 5 %", "", "80"),
        ("9.75", "within 5 %", "", "10"),
        ("85", "within 10 %", "", "90"),  # half up; 80 is as near
        ("2.34", "within 1 %", "", "2.34"),  # 2.3 is 1.7 % away
        ("2.34", "within 2 %", "", "2.3"),
        ("0.0047", "within 10 %", "", "0.005"),
        ("9.75", "within 5 %", "9.8", "9.8"),  # 10 is above the cap, 9 is 7.7 % away
        ("19.6", "within 10 %", "19.8", "19"),  # 20 is above it, and of two digits 19 is near enough
        ("1.17", "exempt", "", "1.17"),
    ],
)
def test_doses_rounded_by_hand(value: str, rule: str, cap: str, dose: str) -> None:
    found = rounded(Decimal(value), parse_rounding(rule), Decimal(cap) if cap else None)
    assert (found.dose, found.left) == (Decimal(dose), "")


@pytest.mark.parametrize(
    ("value", "rule", "cap", "left"),
    [
        ("0.04", "nearest 0.1 mg", "", NOTHING_LEFT),
        ("0.09", "down to 0.1 mg", "", NOTHING_LEFT),
        ("0.04", "up to 0.1 mg", "0.05", NOTHING_LEFT),
        ("20", "nearest 50 mg vial within 10 %", "", "no whole 50 mg vials within 10 %"),
        ("45.4", "nearest 50 mg vial within 10 %", "", "no whole 50 mg vials within 10 %"),  # 10.1 %
        ("148", "nearest 50 mg vial within 10 %", "149", "no whole 50 mg vials within 10 %"),
    ],
)
def test_a_dose_for_which_the_rule_has_no_answer_is_left_as_calculated(
    value: str, rule: str, cap: str, left: str
) -> None:
    found = rounded(Decimal(value), parse_rounding(rule), Decimal(cap) if cap else None)
    assert (found.dose, found.left) == (Decimal(value), left)


@pytest.mark.parametrize(
    ("dose", "target", "said"),
    [
        ("1.2", "1.17", "+2.6 %"),  # 2.564
        ("400", "409.5", "-2.3 %"),
        ("2", "1", "+100 %"),
        ("0.95", "1", "-5 %"),
        ("1000.4", "1000", "under 0.1 %"),
        ("999.6", "1000", "under 0.1 %"),
        ("1001", "1000", "+0.1 %"),
    ],
)
def test_an_error_in_words(dose: str, target: str, said: str) -> None:
    assert off_by(Decimal(dose), Decimal(target)) == said


# What holds for every dose

values = st.decimals("0.0001", 20_000, places=4)
steps = st.decimals("0.0001", 500, places=4)


def by_step(mode: Mode, step: Decimal) -> Rounding:
    return Rounding(mode.value, mode, step, "mg")


@steady
@given(values, steps, st.sampled_from([Mode.NEAREST, Mode.DOWN, Mode.UP, Mode.VIAL]), st.decimals(0, 100, places=4))
def test_a_dose_never_passes_its_cap_and_never_comes_to_nothing(
    value: Decimal, step: Decimal, mode: Mode, room: Decimal
) -> None:
    cap = value + room
    found = rounded(value, replace(by_step(mode, step), percent=Decimal(10)), cap)
    assert 0 < found.dose <= cap
    assert found.dose % step == 0 or (found.dose == value and found.left)


@steady
@given(values, steps)
def test_the_error_of_the_nearest_step_is_half_a_step_at_most(value: Decimal, step: Decimal) -> None:
    dose, left = rounded(value, by_step(Mode.NEAREST, step))
    assert left or -step / 2 < value - dose < step / 2 or dose - value == step / 2
    assert not left or value < step / 2


@steady
@given(values, steps)
def test_down_is_down_and_up_is_up_by_less_than_a_step(value: Decimal, step: Decimal) -> None:
    down, up = rounded(value, by_step(Mode.DOWN, step)), rounded(value, by_step(Mode.UP, step))
    assert 0 <= value - down.dose < step
    assert 0 <= up.dose - value < step
    assert (down.left == "") == (value >= step)
    assert up.left == ""


@steady
@given(values, steps, st.decimals("0.1", 50, places=1))
def test_vials_are_whole_and_near_enough_or_not_opened(value: Decimal, step: Decimal, percent: Decimal) -> None:
    dose, left = rounded(value, replace(by_step(Mode.VIAL, step), percent=percent))
    assert abs(dose - value) * 100 <= value * percent
    nearest = min((value // step * step, (value // step + 1) * step), key=lambda vials: abs(vials - value))
    assert bool(left) == (nearest == 0 or abs(nearest - value) * 100 > value * percent)


def figures_of(value: Decimal, digits: int) -> list[Decimal]:
    """The two figures of so many digits at most that a value lies between."""
    last = Decimal(1).scaleb(value.adjusted() + 1 - digits)
    return [(value / last).to_integral_value(rounding) * last for rounding in (ROUND_DOWN, ROUND_CEILING)]


@steady
@given(values, st.decimals("0.1", 50, places=1), st.decimals(0, 10, places=4))
def test_no_figure_with_fewer_digits_is_near_enough(value: Decimal, percent: Decimal, room: Decimal) -> None:
    cap = value + room
    dose, _left = rounded(value, Rounding("within", Mode.FIGURES, percent=percent), cap)
    digits = len(dose.normalize().as_tuple().digits)

    def near(number: int) -> list[Decimal]:
        found = (each for each in figures_of(value, number) if 0 < each <= cap)
        return [each for each in found if abs(each - value) * 100 <= value * percent]

    assert dose in near(digits)
    assert abs(dose - value) == min(abs(each - value) for each in near(digits))
    assert not [each for number in range(1, digits) for each in near(number)]


@given(st.sampled_from(["nearest", "down to", "up to"]), st.decimals("0.001", 5000, places=3))
@steady
def test_the_words_of_a_rule_are_read_back(mode: str, step: Decimal) -> None:
    rule = parse_rounding(f"{mode} {step:f} mg")
    assert parse_rounding(rule.text) == rule
    assert (rule.step, rule.unit) == (step, "mg")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("nearest 0.10 mg", "nearest 0.1 mg"),
        ("nearest 1000 units vial within 5.0 %", "nearest 1,000 units vial within 5 %"),
        ("nearest 1,000 units vial within 5 %", "nearest 1,000 units vial within 5 %"),
        ("within 2.50 %", "within 2.5 %"),
        ("exempt", "exempt"),
    ],
)
def test_a_rule_is_printed_as_figures_are(written: str, text: str) -> None:
    assert parse_rounding(written).text == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "0.1 mg", "nearest", "nearest 0.1", "nearest mg", "nearest 0.1mg", "nearest .1 mg", "round 0.1 mg"),
        *("nearest 50 mg vial", "down to 50 mg vial within 5 %", "within 5", "within %", "within 0 %", "within 51 %"),
        *("nearest 0 mg", "up 1 mg", "nearest -1 mg", "nearest 1 IU", "none", "Exempt"),
    ],
)
def test_what_is_no_rule_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"'.*' (is not a rounding|must be above zero|would change a dose)"):
        parse_rounding(text)


# Which rule


TINY = Path(__file__).parent / "tiny" / "1"


@pytest.fixture(scope="module")
def agents() -> dict[str, Agent]:
    """The agents of the made-up protocol."""
    protocol, _problems = read_protocol(TINY)
    assert protocol
    return dict(protocol.agents)


def site(agent: str, route: Route | None, rule: str) -> Settings:
    return Settings(rounding=((agent, route, parse_rounding(rule)),))


def test_the_site_s_rule_comes_before_the_definition_s(agents: dict[str, Agent]) -> None:
    zor = agents["zorbinol"]
    by_definition = rule_for(zor, Route.IV, Settings())
    assert by_definition
    assert (by_definition.rounding.text, by_definition.by_site) == ("nearest 0.5 mg", False)
    for route in (Route.IV, None):
        own = rule_for(zor, Route.IV, site("zorbinol", route, "down to 1 mg"))
        assert own
        assert (own.rounding.text, own.by_site) == ("down to 1 mg", True)
    other = rule_for(zor, Route.IV, site("zorbinol", Route.IM, "down to 1 mg"))
    assert other == by_definition
    assert rule_for(zor, Route.IV, site("pibrafol", None, "exempt")) == by_definition
    assert rule_for(agents["mallowine"], Route.SC, Settings()) is None


def test_the_site_s_rule_for_a_way_in_comes_before_its_rule_for_all(agents: dict[str, Agent]) -> None:
    rules = ((None, "exempt"), (Route.IV, "up to 2 mg"))
    both = Settings(rounding=tuple(("zorbinol", route, parse_rounding(rule)) for route, rule in rules))
    found = rule_for(agents["zorbinol"], Route.IV, both)
    assert found
    assert found.rounding.text == "up to 2 mg"
    other = rule_for(agents["zorbinol"], Route.IM, both)
    assert other
    assert other.rounding.text == "exempt"


def test_a_rule_in_another_unit_is_not_followed(agents: dict[str, Agent]) -> None:
    assert rule_for(agents["zorbinol"], Route.IV, site("zorbinol", None, "nearest 1 g")) is None


def test_tablets_take_the_place_of_a_rule_by_mouth_only(agents: dict[str, Agent]) -> None:
    tre = agents["tressamide"]
    assert rule_for(tre, Route.PO, Settings()) is None
    by_vein = rule_for(tre, Route.IV, Settings())
    assert by_vein
    assert by_vein.rounding.mode is Mode.VIAL
    every = replace(tre, rounding=((None, parse_rounding("exempt")),))
    assert rule_for(every, Route.PO, Settings()) is None
    without = rule_for(every, Route.PO, Settings(strengths=(("tressamide", ()),)))
    assert without
    assert without.rounding.text == "exempt"
    liquid = Settings(
        strengths=(("tressamide", ()),), liquids=(("tressamide", parse_liquid("1 mg/mL in steps of 1 mL")),)
    )
    assert rule_for(every, Route.PO, liquid) is None, "a liquid is measured in its own steps"


def test_which_tablets_are_at_hand(agents: dict[str, Agent]) -> None:
    tre, five, ten = agents["tressamide"], (Decimal(5),), (Decimal(10),)
    assert tablets_at_hand(tre, Settings()) == five
    assert tablets_at_hand(tre, Settings(strengths=(("tressamide", ten),))) == ten
    assert tablets_at_hand(tre, Settings(strengths=(("tressamide", ()),))) == ()
    assert tablets_at_hand(tre, Settings(strengths=(("pibrafol", ten),))) == five
    in_mcg = Settings(strengths=(("tressamide", ten),), strength_units=(("tressamide", "mcg"),))
    assert tablets_at_hand(tre, in_mcg) == ()
    # a site that rounds by mouth by a rule of its own has no use for the tablets that the definition assumes
    assert tablets_at_hand(tre, site("tressamide", Route.PO, "nearest 1 mg")) == ()
    assert tablets_at_hand(tre, site("tressamide", Route.IV, "nearest 1 mg")) == five
    assert tablets_at_hand(tre, site("tressamide", None, "nearest 1 mg")) == five
    both = replace(site("tressamide", Route.PO, "nearest 1 mg"), strengths=(("tressamide", ten),))
    assert tablets_at_hand(tre, both) == ten
    assert tablets_at_hand(agents["mallowine"], Settings()) == ()


def test_exactly_the_percentage_that_a_rule_allows_is_near_enough() -> None:
    assert rounded(Decimal(25), parse_rounding("within 20 %")).dose == 30  # half up to one digit, and 20 % more
