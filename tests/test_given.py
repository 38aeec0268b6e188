"""What was given stays as it was written: its dose and its tablets, whatever is planned, measured or bought later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import run

from protocal.change.diff import differences
from protocal.model.doses import Liquid, Route, parse_rounding
from protocal.model.entries import Given
from protocal.model.ids import AdministrationId
from protocal.model.plan import Administration, Plan
from protocal.model.problems import ProtocalError
from protocal.model.product import Piece, Product, Tablets, Volume, parse_product
from protocal.model.settings import Settings
from protocal.read.record.append import NewEntry, append_entries
from protocal.read.record.read import read_record
from protocal.render.wording.products import product_text
from protocal.workflow.planning import Definitions, due_by_hand_at, load_plan

NOTHING = Settings()
HALF_MG = Settings(strengths=(("dexamethasone", (Decimal("0.5"),)),))
DEX = "block-1/dex/1"  # 7.8 mg, which is 2 tablets of 4 mg
Later = Callable[[Path], Settings]


def by_hand(record: Path, *entries: str) -> None:
    with record.open("a", encoding="utf-8") as log:
        log.writelines(f"  - {{{entry}}}\n" for entry in entries)


def seal(record: Path, settings: Settings = NOTHING) -> str:
    """What the record says once the next command has sealed what was written by hand."""
    plan = load_plan(record, settings)
    note = NewEntry({"entry": "note", "text": "x"})
    added = append_entries(record, [note], plan.issued, "", due_by_hand_at(record, settings, Definitions()))
    assert not added.problems
    record.write_bytes(added.after)
    return record.read_text(encoding="utf-8")


def line(plan: Plan, id_: str = DEX) -> Administration:
    return next(each for each in plan.administrations if each.id == id_)


def taken(plan: Plan, id_: str = DEX) -> tuple[str, str]:
    """One dose and what it is made of."""
    given = line(plan, id_)
    return str(given.dose), product_text(given.product)


# --- what may change it: nothing


def adjusted(record: Path) -> Settings:
    by_hand(record, "entry: adjust, agent: dexamethasone, percent: 50, date: 2026-12-01")
    return NOTHING


def heavier(record: Path) -> Settings:
    by_hand(record, "entry: measure, date: 2026-12-01, height: 112, weight: 26, again: 2026-12-01")
    return NOTHING


def rounded(record: Path) -> Settings:
    return Settings(rounding=(("dexamethasone", Route.PO, parse_rounding("down to 5 mg")),))


def smaller_tablets(record: Path) -> Settings:
    return HALF_MG


def a_liquid(record: Path) -> Settings:
    return replace(
        HALF_MG,
        strengths=(("dexamethasone", ()),),
        liquids=(("dexamethasone", Liquid(Decimal(1), "mg", Decimal("0.1"))),),
    )


LATER = [adjusted, heavier, rounded, smaller_tablets, a_liquid]


@pytest.mark.parametrize("later", LATER)
def test_a_line_by_hand_keeps_what_was_due_when_it_is_sealed(later: Later, child: Path) -> None:
    by_hand(child, f"entry: give, id: {DEX}, date: 2026-12-01")
    seal(child)
    record, _problems = read_record(child)
    assert record
    (given,) = (entry for entry in record.log if isinstance(entry, Given))
    assert (str(given.dose), str(given.product), bool(given.seal)) == ("8", "2 tablets of 4 mg", True)
    assert taken(load_plan(child, later(child))) == ("8", "2 tablets of 4 mg")
    assert taken(load_plan(child, NOTHING), "block-1/dex/2") != ("8", "2 tablets of 4 mg")


@pytest.mark.parametrize("later", LATER)
def test_a_dose_that_is_not_given_is_another_one_later(later: Later, child: Path) -> None:
    """What the test above would not see if nothing ever changed."""
    assert taken(load_plan(child, later(child))) != ("8", "2 tablets of 4 mg")


@pytest.mark.parametrize("later", LATER)
def test_the_command_give_keeps_dose_and_tablets(later: Later, child: Path) -> None:
    done = run("give", child, DEX, "2026-12-01")
    assert done.returncode == 0, done.stderr
    assert taken(load_plan(child, later(child))) == ("8", "2 tablets of 4 mg")


def test_what_is_sealed_is_what_was_due_at_that_line_and_not_after_those_below_it(child: Path) -> None:
    by_hand(
        child,
        f"entry: give, id: {DEX}, date: 2026-12-01",
        "entry: adjust, agent: dexamethasone, percent: 50, date: 2026-12-01",
        "entry: give, id: block-1/dex/2, date: 2026-12-02",
        "entry: give, id: block-1/vcr/1, date: 2026-12-01",
    )
    seal(child)
    plan = load_plan(child, NOTHING)
    assert taken(plan) == ("8", "2 tablets of 4 mg")
    assert Decimal(taken(plan, "block-1/dex/2")[0]) < 5
    assert taken(plan, "block-1/vcr/1") == ("1.17", "")
    (vincristine,) = (each for each in plan.record.log if isinstance(each, Given) and each.id == "block-1/vcr/1")
    assert (str(vincristine.dose), vincristine.product) == ("1.17", None), "what is not by mouth has no product"


def test_sealing_changes_nothing_in_the_plan(child: Path) -> None:
    by_hand(child, f"entry: give, id: {DEX}, date: 2026-12-02", "entry: give, id: block-1/vcr/1, date: 2026-12-01")
    before = load_plan(child, NOTHING)
    seal(child)
    assert not differences(before, load_plan(child, NOTHING))


def test_a_line_by_hand_that_names_a_dose_gets_no_product(child: Path) -> None:
    by_hand(child, f"entry: give, id: {DEX}, date: 2026-12-01, dose: 8")
    assert "product" not in seal(child)
    assert taken(load_plan(child, NOTHING)) == ("8", "")


def test_a_correction_of_the_date_keeps_what_was_given(child: Path) -> None:
    by_hand(
        child,
        f"entry: give, id: {DEX}, date: 2026-12-01, product: 1 tablet of 4 mg",
        "entry: adjust, agent: dexamethasone, percent: 50, date: 2026-12-01",
        f"entry: give, id: {DEX}, date: 2026-12-02",
    )
    assert taken(load_plan(child, NOTHING)) == ("4", "one 4 mg tablet")
    seal(child)
    assert taken(load_plan(child, NOTHING)) == ("4", "one 4 mg tablet")


def test_what_is_undone_is_planned_again_and_given_again_as_it_was(child: Path) -> None:
    assert run("give", child, DEX, "2026-12-01").returncode == 0
    given = load_plan(child, NOTHING).revision
    by_hand(child, f"entry: undo, line: {given}")
    assert taken(load_plan(child, HALF_MG)) == ("8", "16 tablets of 0.5 mg")
    by_hand(child, f"entry: undo, line: {given + 1}")
    assert taken(load_plan(child, HALF_MG)) == ("8", "2 tablets of 4 mg")


def test_a_line_by_hand_that_was_undone_before_its_seal_is_still_what_it_was(child: Path) -> None:
    by_hand(child, f"entry: give, id: {DEX}, date: 2026-12-01")
    given = load_plan(child, NOTHING).revision
    by_hand(child, f"entry: undo, line: {given}")
    seal(child)
    by_hand(child, f"entry: undo, line: {given + 1}")
    assert taken(load_plan(child, HALF_MG)) == ("8", "2 tablets of 4 mg")


def test_other_tablets_than_were_due_are_typed_with_their_dose_or_without(child: Path) -> None:
    done = run("give", child, DEX, "2026-12-01", "--product", "16 tablets of 0.5 mg")
    assert done.returncode == 0, done.stderr
    assert taken(load_plan(child, NOTHING)) == ("8", "16 tablets of 0.5 mg")
    done = run("give", child, "block-1/dex/2", "2026-12-02", "--dose", "8", "--reason", "no halves")
    assert done.returncode == 0, done.stderr
    assert taken(load_plan(child, NOTHING), "block-1/dex/2") == ("8", ""), "nobody said of what"
    assert "product 16 tablets of 0.5 mg" in run("log", child).stdout


def test_a_dose_that_is_typed_as_it_was_due_is_of_the_tablets_that_were_due(child: Path) -> None:
    done = run("give", child, DEX, "2026-12-01", "--dose", "8.0")
    assert done.returncode == 0, done.stderr
    assert taken(load_plan(child, HALF_MG)) == ("8", "2 tablets of 4 mg")


# --- what cannot be


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (f"id: {DEX}, product: two of 4 mg", "'two of 4 mg' is not what a dose is made of"),
        (f"id: {DEX}, product: 8", "'8' is not what a dose is made of"),
        (f"id: {DEX}, product: 2 tablets of 4 mg, dose: 4", "2 tablets of 4 mg is 8 mg, and the dose is 4"),
        ("id: block-1/vcr/1, product: 1 tablet of 4 mg", "vincristine of block-1/vcr/1 is given IV"),
        (f"id: {DEX}, product: 2 tablets of 4 mcg", "dexamethasone is dosed in mg, and '2 tablets of 4 mcg'"),
    ],
)
def test_a_product_that_cannot_be_is_told_at_its_line(entry: str, message: str, child: Path) -> None:
    by_hand(child, f"entry: give, date: 2026-12-01, {entry}")
    with pytest.raises(ProtocalError) as stopped:
        load_plan(child, NOTHING)
    (problem,) = (each for each in stopped.value.problems if each.code != "unsealed")
    assert message in problem.message
    assert problem.where
    assert problem.where.line == len(child.read_text(encoding="utf-8").splitlines())


def test_what_is_typed_wrongly_is_told_at_its_option(child: Path) -> None:
    before = child.read_bytes()
    done = run("give", child, DEX, "2026-12-01", "--product", "2½ tablet")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --product: '2½ tablet' is not what a dose is made of")
    assert child.read_bytes() == before


# --- the text of a product


@pytest.mark.parametrize(
    ("text", "product", "written"),
    [
        ("2 tablets of 4 mg", Tablets((Piece(Decimal(4), Decimal(2)),), "mg"), "2 tablets of 4 mg"),
        ("1 tablet of 2.50 mg", Tablets((Piece(Decimal("2.5"), Decimal(1)),), "mg"), "1 tablet of 2.5 mg"),
        ("½ tablet of 4 mg", Tablets((Piece(Decimal(4), Decimal("0.5")),), "mg"), "0.5 tablets of 4 mg"),
        ("1½ tablets of 50 mg", Tablets((Piece(Decimal(50), Decimal("1.5")),), "mg"), "1.5 tablets of 50 mg"),
        (
            "0.5 tablets of 0.5 mg + 1 tablet of 2 mg",
            Tablets((Piece(Decimal(2), Decimal(1)), Piece(Decimal("0.5"), Decimal("0.5"))), "mg"),
            "1 tablet of 2 mg + 0.5 tablets of 0.5 mg",
        ),
        ("2.9 mL of 20 mg/mL", Volume(Decimal("2.9"), Decimal(20), "mg"), "2.9 mL of 20 mg/mL"),
        ("2.9 mL of 20 mg/mL liquid", Volume(Decimal("2.9"), Decimal(20), "mg"), "2.9 mL of 20 mg/mL"),
    ],
)
def test_a_product_is_read_and_written_in_one_way(text: str, product: Product, written: str) -> None:
    assert parse_product(text) == product
    assert str(product) == written
    assert parse_product(written) == product


@pytest.mark.parametrize(
    "text",
    [
        "", "tablets", "2 tablets", "2 tablets of mg", "0 tablets of 4 mg", "2 tablets of 0 mg", "-1 tablets of 4 mg",
        "1.3 tablets of 4 mg", "1.5½ tablets of 4 mg", "1/2 tablet of 4 mg", "2 tablets of 4 kg", "٢ tablets of 4 mg",
        "2  tablets of 4 mg", "2 tablets of 4 mg ", "1 tablet of 4 mg + 1 tablet of 4 mg", "1 tablet of 4 mg + 1 mL",
        "1 tablet of 4 mg + 1 tablet of 4 mcg", "0 mL of 20 mg/mL", "2,9 mL of 20 mg/mL", "1e3 tablets of 4 mg",
        "1000000000 tablets of 4 mg", "1 tablet of 4 mg\n",
    ],
)  # fmt: skip
def test_what_is_no_product_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"write"):
        parse_product(text)


def test_every_product_of_a_plan_is_read_back_from_its_text(child: Path) -> None:
    products = {each.product for each in load_plan(child, NOTHING).administrations if each.product}
    assert products
    for product in products:
        assert parse_product(str(product)) == product


# --- what an administration is told by


def test_an_identity_is_made_and_split_in_one_way() -> None:
    whole = AdministrationId.of("block-1", "dex", 15)
    assert whole == "block-1/dex/15"
    assert (whole.course, whole.key, whole.day, whole.parts) == ("block-1", "dex", 15, ())
    part = AdministrationId.of("block-1", "itt", 0, "methotrexate").with_part("restart-1")
    assert part == "block-1/itt/0/methotrexate/restart-1"
    assert (part.in_course, part.day, part.parts) == ("itt/0/methotrexate/restart-1", 0, ("methotrexate", "restart-1"))


@pytest.mark.parametrize("text", ["", "block-1", "block-1/dex", "block-1/dex/", "block-1/dex/x", "block-1/dex/1.5"])
def test_what_somebody_wrote_may_have_no_day(text: str, child: Path) -> None:
    assert AdministrationId(text).day is None
    if text:
        by_hand(child, f"entry: move, id: {text}, date: 2026-12-09")
        assert "unknown-id" in {each.code for each in load_plan(child, NOTHING).problems}
