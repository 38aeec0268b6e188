"""Sheets of a therapy that did not run to plan: tablets, moves, holds, bags, waits, labels and issues on paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from conftest import CHILD, with_options
from conftest import run_process as run
from test_roadmap import DATE, expected, font_size, lines_of, overlaps, read_grids, words

from protocal.model.plan import Plan
from protocal.model.problems import Problem, Severity
from protocal.model.product import Volume
from protocal.model.settings import Clearance, Settings
from protocal.plan.tablets import DayTablets
from protocal.render.data.drugs import drug_report
from protocal.render.roadmap import make_roadmap
from protocal.render.roadmap.sheets import Cell, CourseSheet, DayRow, HomeLine, OrderRow
from protocal.render.wording.catalogues import messages
from protocal.render.wording.products import count_text, product_text, single_piece
from protocal.render.worksheet import make_worksheet
from protocal.verify.expected_products import how_many
from protocal.workflow.planning import load_plan

SITE = Settings(
    clearances=(Clearance("methotrexate", Decimal("0.1"), "micromol/L"),),
    level_draws=(("methotrexate", (24, 48)),),
)
SITE_FILE = """\
format: 1
clearances: {methotrexate: below 0.1 micromol/L}
level draws: {methotrexate: "24 h, 48 h"}
"""
LIFE = """\
  - {entry: start, course: block-2, date: 2027-01-04, why: counts}
  - {entry: move, id: block-2/it-mtx/8, date: 2027-01-13, why: no theatre}
  - {entry: give, id: block-2/mtx-hd/8, date: 2027-01-11, at: "2027-01-11T09:00:00-05:00"}
  - {entry: omit, ids: [block-2/vcr/1], why: neuropathy}
  - {entry: clear, course: block-2, agent: methotrexate, at: "2027-01-14T09:00:00-05:00", level: 0.08 micromol/L}
  - {entry: start, course: blina-cycle-1, date: 2027-02-02}
  - {entry: bags, agent: blinatumomab, hours: [72, 96], date: 2027-02-02}
  - {entry: give, id: blina-cycle-1/blina/1, date: 2027-02-02, at: "2027-02-02T14:00:00-05:00"}
  - {entry: interrupt, course: blina-cycle-1, at: "2027-02-10T03:15:00-05:00", why: fever}
  - {entry: resume, course: blina-cycle-1, at: "2027-02-12T10:00:00-05:00", dose: 9.4, why: afebrile}
  - {entry: start, course: continuation-1, date: 2027-03-11, counts: {anc: 800, platelets: 90000}}
  - {entry: hold, course: continuation-1, date: 2027-03-18, days: 7, rule: skip, why: ANC 400}
  - {entry: delay, course: continuation-1, days: 5, from_day: 43, why: counts}
"""
COURSES = ("block-1", "block-2", "blina-cycle-1", "continuation-1")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("life") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    with record.open("a", encoding="utf-8") as log:
        log.write(LIFE)
    (record.parent / "site.yaml").write_text(SITE_FILE, encoding="utf-8")
    return record


@pytest.fixture(scope="module")
def plan(life: Path) -> Plan:
    return load_plan(life, SITE)


@pytest.fixture(scope="module")
def sheets(plan: Plan) -> dict[str, CourseSheet]:
    return {sheet.course: sheet for sheet in make_roadmap(plan, SITE).sheets}


def order(sheet: CourseSheet, agent: str) -> OrderRow:
    return next(row for row in sheet.orders if row.agent == agent)


def spaced(lines: tuple[str, ...]) -> list[str]:
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def test_a_printed_record_full_of_changes_has_each_dose_that_takes_place_once_and_no_text_on_other_text(
    life: Path, plan: Plan
) -> None:
    pdf, record = life.parent / "life.pdf", life.parent / "issued.yaml"
    record.write_bytes(life.read_bytes())
    chosen = [word for course in COURSES for word in ("--course", course)]
    for words_ in (
        ("roadmap", "-o", pdf, *chosen),
        ("note", "penicillin", "--allergy"),
        ("roadmap", "-o", pdf, *chosen),
    ):
        verb, *rest = words_
        done = run(verb, record, *rest, "--settings", life.parent / "site.yaml")
        assert done.returncode == 0, done.stderr
    written = {agent.written.split()[0] for agent in plan.protocol.agents.values()}
    found = Counter(triple for page in words(pdf) for triple in read_grids(page, written))
    part = replace(plan, courses=tuple(each for each in plan.courses if each.course.id in COURSES))
    assert found == expected(part)
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
            assert font_size(thing) >= 6.99
    document.close()
    for page_words in words(pdf):
        assert not list(overlaps(page_words))
        assert not [word for word in page_words if not (word.left >= 36 and word.right <= 588 and word.bottom >= 18)]
    texts = {word.text for page in words(pdf) for word in page}
    assert {"1½ tablets", "1 tablet", "tablets A", "tablets B", "held", "omitted", "CHANGES IN THIS ISSUE"} <= texts


def test_the_rows_of_the_grids_are_as_high_as_the_rules_drawn_around_them(
    life: Path, sheets: dict[str, CourseSheet], tmp_path: Path
) -> None:
    """Else text drifts out of its boxes, a little more with every row."""
    for course in COURSES:
        pdf = tmp_path / f"{course}.pdf"
        done = run("roadmap", life, "-o", pdf, "--settings", life.parent / "site.yaml", "--course", course, "--draft")
        assert done.returncode == 0, done.stderr
        tops = [
            (word.text, -page * 1000 + word.top)
            for page, page_words in enumerate(words(pdf))
            for word in page_words
            if DATE.fullmatch(word.text) and word.left < 70
        ]
        grids = [grid for page in sheets[course].pages for grid in page.grids]
        dates = [day.date for grid in grids for block in grid.blocks for day in block.days]
        tops = tops[-len(dates) :]
        assert [text for text, _top in tops] == dates
        places = iter(top for _text, top in tops)
        for grid in grids:
            height, first = 0.0, None
            for day in (day for block in grid.blocks for day in block.days):
                top = next(places) + above_date(day)
                first = top if first is None else first
                assert first - top == pytest.approx(height, abs=1.2), day
                height += sum(line.height for line in day.lines)


def above_date(day: DayRow) -> float:
    """Points above a date's text in its row, as the style sheet has them."""
    quiet = len(day.lines) == 1 and not day.lines[0].signed
    return 1.5 if quiet else 3.0


def test_every_tablet_plan_stands_in_the_order_with_its_weekdays_and_its_error(sheets: dict[str, CourseSheet]) -> None:
    row = order(sheets["continuation-1"], "mercaptopurine")
    assert spaced(row.tablets) == [
        "75 mg (Mon, Thu) = 1½ tablets of 50 mg",
        "50 mg (Tue, Wed, Fri, Sat, Sun) = one 50 mg tablet",
    ]
    assert row.doses == (("75 mg", "Mon, Thu"), ("50 mg", "Tue, Wed, Fri, Sat, Sun"))
    assert spaced(row.working) == [
        "75 mg/m2/day x 0.78 m2 = 58.5 mg; tablets: 400 mg a week instead of 409.5 mg (-2.3 %)"
    ]
    assert order(sheets["maintenance-1"], "mercaptopurine").tablets == ()  # it has not started


def test_where_the_amount_differs_by_day_the_day_says_how_many_tablets(plan: Plan) -> None:
    days = lines_of(plan, "continuation-1", SITE)
    cells = {
        day: [cell for line in lines for cell in line.cells if isinstance(cell, Cell)] for day, lines in days.items()
    }
    by_id = {each.id: each for each in plan.administrations}
    for day in (*range(1, 8), *range(15, 43)):
        (cell,) = (cell for cell in cells[day] if cell.administration == f"continuation-1/mp/{day}")
        assert cell.beside == {"75 mg": "1½ tablets", "50 mg": "1 tablet"}[cell.dose]
    for day in range(1, 6):
        (cell,) = (cell for cell in cells[day] if cell.administration == f"continuation-1/dex/{day}")
        line = by_id[cell.administration]
        letter = cell.key.removeprefix("tablets ")
        sheet = next(each for each in make_roadmap(plan, SITE).sheets if each.course == "continuation-1")
        (said,) = (each for each in spaced(order(sheet, "dexAMETHasone").tablets) if each.startswith(f"{letter}: "))
        assert said.endswith(f"= {product_text(line.product)}")
        assert said.startswith(f"{letter}: {cell.dose} ")


@pytest.mark.parametrize(
    ("halves", "count"), [(1, "half tablet"), (2, "1 tablet"), (3, "1½ tablets"), (4, "2 tablets"), (16, "8 tablets")]
)
@pytest.mark.parametrize("strength", ["0.5", "2.5", "8", "50", "1000"])
def test_the_count_beside_a_dose_is_that_of_its_tablets_in_words(halves: int, count: str, strength: str) -> None:
    made = DayTablets(0, ((Decimal(strength), halves),), Decimal(strength) * halves / 2).product("mg")
    piece = single_piece(made)
    assert piece
    assert count_text(piece.number) == how_many(piece.number, messages("en")) == count
    assert piece.strength == Decimal(strength)


def test_tablets_of_two_sizes_have_no_single_count() -> None:
    two = DayTablets(0, ((Decimal(2), 2), (Decimal("0.5"), 1)), Decimal("2.25"))
    assert single_piece(two.product("mg")) is None
    assert single_piece(Volume(Decimal("2.9"), Decimal(20), "mg")) is None


def test_a_held_week_says_so_on_each_day_with_its_reason_and_is_not_signed_for_at_home(plan: Plan) -> None:
    days = lines_of(plan, "continuation-1", SITE)
    for day in range(8, 15):
        assert not any(isinstance(line, HomeLine) or line.signed for line in days[day])
        assert {line.why for line in days[day]} == {"held, not made up: ANC 400"}
        assert all(cell.dose == "held" for line in days[day] for cell in line.cells if isinstance(cell, Cell))


def test_a_week_at_home_counts_only_the_doses_that_are_given(life: Path, tmp_path: Path) -> None:
    record = tmp_path / "r.yaml"
    record.write_text(life.read_text(encoding="utf-8").replace("days: 7, rule: skip", "days: 3, rule: skip"))
    sheet = next(each for each in make_roadmap(load_plan(record, SITE), SITE, ["continuation-1"]).sheets)
    blocks = [block for page in sheet.pages for grid in page.grids for block in grid.blocks]
    (week,) = (block for block in blocks if any(day.day == 8 for day in block.days))
    assert [day.day for day in week.days] == list(range(8, 15))
    assert week.home == (("mercaptopurine", 4),)
    assert week.span == ("Thu", "Wed")


def test_days_on_which_a_course_waits_say_why(plan: Plan) -> None:
    sheet = next(each for each in make_roadmap(plan, SITE).sheets if each.course == "continuation-1")
    days = [day for page in sheet.pages for grid in page.grids for block in grid.blocks for day in block.days]
    waiting = [day for day in days if day.day is None]
    assert [day.date for day in waiting][::4] == ["Thu 22-Apr-2027", "Mon 26-Apr-2027"]
    line = plan.record.revision
    assert {each.text for day in waiting for each in day.lines} == {
        f"no treatment, the course waits (line {line}): counts"
    }


def test_a_moved_puncture_is_told_on_its_old_day_and_signed_for_on_a_page_that_is_named(plan: Plan) -> None:
    days = lines_of(plan, "block-2", SITE)
    assert next(line.text for line in days[8] if line.text) == "LP moved to Wed 13-Jan-2027"
    assert [line.text for line in days[10] if line.label == "LP"] == ["sign in the INTRATHECAL block, page 2"]
    days = lines_of(plan, "continuation-1", SITE)
    assert [line.text for line in days[43] if line.label == "LP"] == ["sign in the INTRATHECAL block, page 2"]


def test_an_omitted_dose_says_so_in_the_order_and_on_its_day(plan: Plan, sheets: dict[str, CourseSheet]) -> None:
    row = order(sheets["block-2"], "vinCRIStine")
    assert row.doses == (("omitted", ""),)
    assert "day 1: omitted: neuropathy" in row.notes
    (line,) = (each for each in lines_of(plan, "block-2", SITE)[1] if each.why)
    assert (line.why, line.signed) == ("omitted: neuropathy", False)


def test_bags_the_stop_and_the_restart_stand_on_their_days(plan: Plan, sheets: dict[str, CourseSheet]) -> None:
    days = lines_of(plan, "blina-cycle-1", SITE)
    (infusion,) = [each for course in plan.courses for each in course.infusions]
    hung = [(line.label, line.text) for day in days.values() for line in day if line.text.startswith("bag ")]
    assert len(hung) == len(infusion.bags)
    assert hung[0] == ("hang 14:00", f"bag 1 of {len(infusion.bags)}, 72 h: 35.1 mcg")
    assert [(line.label, line.text) for line in days[9]] == [("03:15", "infusion stopped: fever")]
    assert [line.text for line in days[10]] == ["infusion stands still since Wed 10-Feb-2027 03:15"]
    assert ("10:00", "infusion goes on with 9.4 mcg in 24 h") in [(line.label, line.text) for line in days[11]]
    row = order(sheets["blina-cycle-1"], "blinatumomab")
    assert row.dates == ("start Tue 02-Feb-2027", "pump stop Thu 04-Mar-2027 20:45, later because the infusion stopped")
    assert row.doses == (("11.7 mcg", "from Tue 02-Feb-2027"), ("9.4 mcg", "from Fri 12-Feb-2027"))


def test_a_rescue_whose_level_has_cleared_is_open_no_more(plan: Plan) -> None:
    texts = [line.text for day in lines_of(plan, "block-2", SITE).values() for line in day]
    assert not any("cleared" in text for text in texts)


def test_what_a_drug_asks_for_stands_in_its_order(life: Path, tmp_path: Path, sheets: dict[str, CourseSheet]) -> None:
    assert "GENE RESULT: none recorded, ask" in order(sheets["continuation-1"], "mercaptopurine").facts
    assert "ALLERGY: none recorded, ask" in order(sheets["block-2"], "pegaspargase").facts
    assert order(sheets["block-2"], "etoposide").facts == ()
    record = tmp_path / "r.yaml"
    record.write_bytes(life.read_bytes())
    with record.open("a", encoding="utf-8") as log:
        log.write('  - {entry: remark, kind: gene, text: "TPMT *1/*3A"}\n')
    (sheet,) = make_roadmap(load_plan(record, SITE), SITE, ["continuation-1"]).sheets
    assert order(sheet, "mercaptopurine").facts == ("GENE RESULT: TPMT *1/*3A",)


def test_the_dose_of_the_label_stands_beside_the_protocols_for_those_it_applies_to(
    plans: dict[str, Plan], sheets: dict[str, CourseSheet]
) -> None:
    adult = {each.course: each for each in make_roadmap(plans["arm-c-cns3-adult-at-caps"], Settings()).sheets}
    found = [fact for row in adult["block-1"].orders for fact in row.facts if fact.startswith("LABEL")]
    assert found == ["LABEL from 22 years: 2,000 units/m2 △"]
    assert not any(fact.startswith("LABEL") for row in sheets["block-1"].orders for fact in row.facts)
    assert not any(fact.startswith("LABEL") for row in sheets["blina-cycle-1"].orders for fact in row.facts)


def test_from_the_weight_of_the_label_on_its_fixed_dose_is_shown(tmp_path: Path) -> None:
    for weight, said in (("44.9", []), ("45", ["LABEL from 45 kg: 28 mcg/day △"])):
        record = tmp_path / f"{weight}.yaml"
        assert run("new", record, *with_options(CHILD, weight=weight, height="150")).returncode == 0
        (sheet,) = make_roadmap(load_plan(record, Settings()), Settings(), ["blina-cycle-1"]).sheets
        assert list(order(sheet, "blinatumomab").facts) == said


# --- the worksheet


def test_the_worksheet_has_tablets_bags_allergies_and_the_errors_of_the_checks(plan: Plan) -> None:
    wrong = replace(plan, problems=(*plan.problems, Problem("S0", "made up", None, "Mend it.", Severity.ERROR)))
    sheet = make_worksheet(wrong, drug_report(wrong, wrong, SITE), SITE).sheets[0]
    assert sheet.errors == ("S0: made up. Mend it.",)
    assert sheet.facts[0] == ("ALLERGIES", "none recorded: ask")
    tables = {table.agent: table for table in sheet.drugs}
    products = {line.product.replace("\N{NO-BREAK SPACE}", " ") for line in tables["mercaptopurine PO"].lines}
    assert {"1½ tablets of 50 mg", "one 50 mg tablet"} <= products
    (bags,) = tables["blinatumomab CIV"].bags
    assert bags.title.startswith("Blinatumomab Cycle 1, BAGS of blinatumomab: ")
    assert bags.stop == "Thu 04-Mar-2027 20:45"
    assert not any(table.bags for agent, table in tables.items() if agent != "blinatumomab CIV")
