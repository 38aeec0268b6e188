"""The printed roadmap, read back from the PDF by the places of its words, holds every administration once."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from conftest import CHILD, with_options
from conftest import run_process as run

from protocal.model.paper_size import Paper
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.render.roadmap import make_roadmap
from protocal.render.roadmap.sheets import Cell, HomeLine, Line
from protocal.text.format import figure, paper_date
from protocal.workflow.planning import load_plan

SHEETS = {
    "arm-d-cns2-child": Paper.LETTER,
    "arm-c-cns3-adult-at-caps": Paper.A4,
    "arm-b-cns3-child": Paper.LETTER,
    "unassigned-diagnostic-it": Paper.A4,
}
DRUGS = {"blinatumomab", "dexAMETHasone", "methotrexate"}
DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d-[A-Z][a-z]{2}-\d{4}")
DOSE = re.compile(r"[\d.,]+ (?:mg|mcg|g|units)")


@dataclass(frozen=True)
class Word:
    """Text with its place on a page, in points from the bottom left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> float:
        return self.top - self.bottom


@cache
def words(pdf: Path) -> tuple[tuple[Word, ...], ...]:
    pages = []
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        pages.append(tuple(Word(text.get_text_bounded(*box).strip(), *box) for box in boxes))
    document.close()
    return tuple(pages)


@pytest.fixture(scope="session")
def printed(records: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("roadmaps")
    found = {}
    for case, paper in SHEETS.items():
        found[case] = folder / f"{case}.pdf"
        done = run("roadmap", records[case], "-o", found[case], "--paper", paper.value, "--draft")
        assert done.returncode == 0, done.stderr
    return found


def read_grids(page: tuple[Word, ...], written: set[str]) -> Iterator[tuple[str, str, str]]:
    """Each dose of a page's day grids with the date beside it and the drug above it."""
    heads = [word for word in page if word.text == "Date due"]
    dates = [word for word in page if DATE.fullmatch(word.text) and word.left < 70]
    names = [word for word in page if word.text.partition(" ")[0] in written]
    for dose in page:
        if not DOSE.fullmatch(dose.text) or not heads:
            continue
        head = min((head for head in heads if head.bottom > dose.top), key=lambda word: word.bottom, default=None)
        if head is None:
            continue
        above = [name for name in names if abs(name.bottom - head.bottom) < 38 and name.left <= dose.left + 1]
        beside = [date for date in dates if date.top >= dose.bottom + 1 and date.top < head.bottom]
        if any(word.text == "unless cleared" and abs(word.bottom - dose.bottom) < 3 for word in page):
            continue  # beyond what is planned
        yield (
            min(beside, key=lambda word: word.bottom).text,
            max(above, key=lambda word: word.left).text.partition(" ")[0],
            dose.text,
        )


def expected(plan: Plan) -> Counter[tuple[str, str, str]]:
    agents = plan.protocol.agents
    return Counter(
        (paper_date(each.date), agents[each.agent].written.split()[0], f"{figure(each.dose)} {each.unit}")
        for each in plan.administrations
        if each.status.takes_place
    )


@pytest.mark.parametrize("case", SHEETS)
def test_every_administration_stands_once_on_its_date_under_its_drug(
    case: str, printed: dict[str, Path], plans: dict[str, Plan]
) -> None:
    written = {agent.written.split()[0] for agent in plans[case].protocol.agents.values()}
    found = Counter(triple for page in words(printed[case]) for triple in read_grids(page, written))
    assert found == expected(plans[case])


@pytest.mark.parametrize("case", SHEETS)
def test_no_text_is_cut_off_smaller_than_7_points_or_on_top_of_other_text(case: str, printed: dict[str, Path]) -> None:
    document = pypdfium2.PdfDocument(printed[case])
    sizes = {"letter": (612, 792), "a4": (595, 842)}[SHEETS[case].value]
    for page in document:
        assert page.get_size() == pytest.approx(sizes, abs=0.5)
        for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]):
            assert font_size(thing) >= 6.99
    document.close()
    for page_words in words(printed[case]):
        for word in page_words:
            assert word.left >= 36
            assert word.right <= sizes[0] - 24
            assert word.bottom >= 18
            assert word.top <= sizes[1] - 24
        assert not list(overlaps(page_words))


def font_size(thing: Any) -> float:
    size = ctypes.c_float()
    assert pypdfium2.raw.FPDFTextObj_GetFontSize(thing.raw, size)
    return float(size.value * abs(thing.get_matrix().a))


def overlaps(page: tuple[Word, ...]) -> Iterator[tuple[Word, Word]]:
    ordered = sorted(page, key=lambda word: word.bottom)
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.bottom >= one.top - 0.7:
                break
            if min(one.right, other.right) - max(one.left, other.left) > 0.7:
                yield one, other


@pytest.mark.parametrize("case", SHEETS)
def test_every_page_says_who_what_version_and_which_page_of_its_sheet(case: str, printed: dict[str, Path]) -> None:
    record = case
    counts: list[tuple[int, int]] = []
    for page in words(printed[record]):
        text = " ".join(word.text for word in page)
        assert "born" in text
        assert "definition aall1331 0.2" in text
        assert text.count("UNVERIFIED") >= 2
        number = re.search(r"page (\d+) of (\d+) of this sheet", text)
        assert number, text[:300]
        counts.append((int(number[1]), int(number[2])))
    expected_number = 1
    for number_, of in counts:
        assert number_ == expected_number
        expected_number = 1 if number_ == of else number_ + 1
    assert expected_number == 1


@pytest.mark.parametrize("case", SHEETS)
def test_a_sheet_has_the_pages_that_it_was_laid_on(case: str, printed: dict[str, Path], plans: dict[str, Plan]) -> None:
    """Else text was taller than was reckoned, and a puncture is not signed for on the page that grids name."""
    settings = Settings(paper=SHEETS[case])
    sheets = make_roadmap(plans[case], settings).sheets
    assert len(words(printed[case])) == 1 + sum(len(sheet.pages) for sheet in sheets)


def test_a_sheet_names_the_page_of_its_intrathecal_block(plans: dict[str, Plan]) -> None:
    for sheet in make_roadmap(plans["arm-d-cns2-child"], Settings()).sheets:
        (block,) = (page.number for page in sheet.pages if page.intrathecal)
        grids = [grid for page in sheet.pages for grid in page.grids]
        lines = [line for grid in grids for each in grid.blocks for day in each.days for line in day.lines]
        assert {line.text for line in lines if line.label == "LP"} == {f"sign in the INTRATHECAL block, page {block}"}


def test_the_boxes_to_sign_stand_at_the_same_place_on_all_pages_of_a_course(plans: dict[str, Plan]) -> None:
    for sheet in make_roadmap(plans["arm-c-cns3-adult-at-caps"], Settings()).sheets:
        grids = [grid for page in sheet.pages for grid in page.grids]
        widths = [sum(column.width for column in grid.columns) for grid in grids]
        assert max(widths) - min(widths) < 0.5


def test_doses_of_courses_that_have_not_started_are_marked_provisional(printed: dict[str, Path]) -> None:
    pages = words(printed["arm-d-cns2-child"])
    titles = [max((word for word in page if word.left > 300), key=lambda word: word.size).text for page in pages]
    marked = {
        title: any("PROVISIONAL" in word.text for word in page) for title, page in zip(titles, pages, strict=True)
    }
    assert marked["Block 1"] is False
    assert marked["Block 2"] is True
    assert marked["Maintenance cycle 6"] is True


def test_the_intrathecal_block_is_apart_from_the_grid_that_has_the_vinca(plans: dict[str, Plan]) -> None:
    for sheet in make_roadmap(plans["arm-c-cns3-adult-at-caps"], Settings()).sheets:
        columns = {
            (column.agent, column.route) for page in sheet.pages for grid in page.grids for column in grid.columns
        }
        assert not any(route == "IT" for _agent, route in columns)
        if any(agent == "vinCRIStine" for agent, _route in columns):
            warnings = {warning for page in sheet.pages for grid in page.grids for warning in grid.warnings}
            assert warnings == {"vinCRIStine: IV ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE."}


def test_the_neutral_grids_hold_every_administration_once(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        cells = [
            cell.administration
            for sheet in make_roadmap(plan, Settings()).sheets
            for page in sheet.pages
            for grid in page.grids
            for block in grid.blocks
            for day in block.days
            for line in day.lines
            for cell in line.cells
            if isinstance(cell, Cell) and cell.beside != "unless cleared"
        ]
        assert Counter(cells) == Counter(each.id for each in plan.administrations if each.route.value != "IT")


def test_a_dose_that_changes_with_a_birthday_is_printed_with_its_first_date(plans: dict[str, Plan]) -> None:
    sheets = {sheet.course: sheet for sheet in make_roadmap(plans["arm-d-cns3-child-turning-nine"], Settings()).sheets}
    row = sheets["continuation-1"].intrathecal_orders[0]
    assert row.doses == (("12 mg", "from Mon 05-Apr-2027"), ("15 mg", "from Mon 17-May-2027"))


def test_an_omitted_dose_says_why(plans: dict[str, Plan]) -> None:
    sheet = make_roadmap(plans["unassigned-diagnostic-it"], Settings()).sheets[0]
    assert sheet.intrathecal[0].doses == ("omitted",)
    assert "diagnostic lumbar puncture on Mon 30-Nov-2026" in sheet.intrathecal[0].note


def test_same_record_same_bytes(child: Path, tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        assert run("roadmap", child, "-o", tmp_path / name, "--course", "block-1").returncode == 0
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_no_name_in_the_metadata_but_on_the_sheet(tmp_path: Path) -> None:
    record, pdf = tmp_path / "r.yaml", tmp_path / "r.pdf"
    assert run("new", record, *with_options(CHILD, name="Zebra Test")).returncode == 0
    assert run("roadmap", record, "-o", pdf, "--course", "block-1").returncode == 0
    assert "Zebra" not in str(pypdfium2.PdfDocument(pdf).get_metadata_dict())
    assert all(any(word.text == "Zebra Test" for word in page) for page in words(pdf))


def test_markup_in_a_name_is_printed_as_it_is(tmp_path: Path) -> None:
    record, pdf = tmp_path / "r.yaml", tmp_path / "r.pdf"
    assert run("new", record, *with_options(CHILD, name="<b>A</b> & {{ 7*7 }}")).returncode == 0
    assert run("roadmap", record, "-o", pdf, "--course", "block-1").returncode == 0
    assert any(word.text == "<b>A</b> & {{ 7*7 }}" for word in words(pdf)[0])


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--course", "block-7"], 2, "no course of this plan is called 'block-7'"),
        (["--paper", "a5"], 2, "a5"),
    ],
)
def test_wrong_wishes_are_told_and_nothing_is_written(
    child: Path, tmp_path: Path, options: list[str], status: int, message: str
) -> None:
    done = run("roadmap", child, "-o", tmp_path / "x.pdf", *options)
    assert done.returncode == status
    assert message in done.stderr
    assert not (tmp_path / "x.pdf").exists()


def test_a_course_without_a_date_cannot_be_printed(records: dict[str, Path], tmp_path: Path) -> None:
    done = run("roadmap", records["arm-b-cns3-child"], "-o", tmp_path / "x.pdf", "--course", "hsct")
    assert done.returncode == 2
    assert "has no date yet" in done.stderr


def test_a_file_of_somebody_else_is_not_replaced_unless_forced(child: Path, tmp_path: Path) -> None:
    target = tmp_path / "thesis.pdf"
    target.write_bytes(b"%PDF-1.7 my thesis")
    done = run("roadmap", child, "-o", target, "--course", "block-1")
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert target.read_bytes() == b"%PDF-1.7 my thesis"
    for _again in range(2):
        assert run("roadmap", child, "-o", target, "--course", "block-1", "--force").returncode == 0
    assert run("roadmap", child, "-o", target, "--course", "block-1").returncode == 0


def test_a_missing_native_library_is_exit_3_with_what_to_do(child: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "block"
    blocked.mkdir()
    (blocked / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")\n")
    done = subprocess.run(
        [sys.executable, "-m", "protocal", "roadmap", str(child), "-o", str(tmp_path / "x.pdf")],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(blocked)},
    )  # fmt: skip
    assert done.returncode == 3
    assert "libpango" in done.stderr
    assert "protocal doctor" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x.pdf").exists()


def test_the_plan_is_loaded_as_the_command_loads_it(child: Path) -> None:
    plan = load_plan(child, Settings())
    assert [sheet.course for sheet in make_roadmap(plan, Settings(), ["block-2"]).sheets] == ["block-2"]


def test_no_figure_runs_into_the_next_on_the_order_pages(records: dict[str, Path], tmp_path: Path) -> None:
    """A dose that changes with a birthday stands apart from the date before it."""
    pdf = tmp_path / "x.pdf"
    done = run("roadmap", records["arm-c-cns1-toddler"], "-o", pdf, "--course", "continuation-2", "--draft")
    assert done.returncode == 0, done.stderr
    texts = {word.text for page in words(pdf) for word in page}
    assert {"8 mg", "from Tue 20-Jul-2027", "10 mg", "from Tue 31-Aug-2027"} <= texts


def lines_of(plan: Plan, course: str, settings: Settings | None = None) -> dict[int | None, list[Line]]:
    sheet = next(sheet for sheet in make_roadmap(plan, settings or Settings()).sheets if sheet.course == course)
    days = [day for page in sheet.pages for grid in page.grids for block in grid.blocks for day in block.days]
    return {day.day: list(day.lines) for day in days}


def test_a_drug_that_goes_on_until_a_level_has_cleared_has_no_stop(plans: dict[str, Plan]) -> None:
    plan = plans["arm-d-cns2-child"]
    sheet = next(sheet for sheet in make_roadmap(plan, Settings()).sheets if sheet.course == "block-2")
    row = next(row for row in sheet.orders if row.agent == "leucovorin")
    assert row.dates == ("start Thu 07-Jan-2027", "no stop until methotrexate has cleared")
    days = lines_of(plan, "block-2")
    assert [line.label for line in days[10] if line.cells] == ["+48 h", "+54 h", "+60 h", "+66 h"]
    assert "leucovorin: +48 h and so on are hours after the start of methotrexate." in sheet.comments


def test_a_pump_is_said_to_stop_on_the_day_of_its_pump_stop(plans: dict[str, Plan]) -> None:
    plan = plans["arm-d-cns2-child"]
    sheet = next(sheet for sheet in make_roadmap(plan, Settings()).sheets if sheet.course == "blina-cycle-1")
    row = next(row for row in sheet.orders if row.agent == "blinatumomab")
    assert row.dates == ("start Tue 26-Jan-2027", "pump stop Tue 23-Feb-2027 at the start hour")
    stop = next(event for event in plan.procedures if event.kind == "pump-stop")
    assert paper_date(stop.date) == "Tue 23-Feb-2027"


def test_doses_by_the_clock_are_never_signed_for_with_a_week_at_home(plans: dict[str, Plan]) -> None:
    days = lines_of(plans["arm-d-cns2-child"], "continuation-1")
    labels = [line.label.replace("\N{NO-BREAK SPACE}", " ") for line in days[22]]
    assert labels == ["", "dose 1", "dose 2, +6 h", "dose 3, +12 h", "dose 4, +18 h"]
    assert all(line.signed and not isinstance(line, HomeLine) for day in (22, 24) for line in days[day] if line.cells)
    assert all(isinstance(line, HomeLine) for line in days[16])


def test_recorded_hours_stand_beside_the_doses_that_they_time(records: dict[str, Path], tmp_path: Path) -> None:
    record = tmp_path / "r.yaml"
    record.write_bytes(records["arm-d-cns2-child"].read_bytes())
    with record.open("a") as stream:
        stream.write("  - entry: give\n    id: block-2/mtx-hd/8\n    at: 2027-01-05T09:00:00-05:00\n")
    plan = load_plan(record, Settings())
    times = {each.id: [time.isoformat() for time in each.times] for each in plan.administrations if each.times}
    assert times["block-2/lcv/10"] == [
        "2027-01-07T09:00:00-05:00",
        "2027-01-07T15:00:00-05:00",
        "2027-01-07T21:00:00-05:00",
        "2027-01-08T03:00:00-05:00",
    ]
    labels = [line.label for line in lines_of(plan, "block-2")[10] if line.cells]
    assert labels[::3] == ["+48 h 09:00", "+66 h Fri 03:00"]


def test_bags_are_planned_once_their_hours_and_the_start_are_recorded(records: dict[str, Path], tmp_path: Path) -> None:
    """72 and 96 h bags from Tuesday 14:00: eight of them, 672 h, no change on a Saturday or Sunday."""
    record, pdf = tmp_path / "r.yaml", tmp_path / "r.pdf"
    record.write_bytes(records["arm-d-cns2-child"].read_bytes())
    with record.open("a") as stream:
        stream.write("  - entry: bags\n    agent: blinatumomab\n    hours: [72, 96]\n    date: 2027-01-26\n")
        stream.write("  - entry: give\n    id: blina-cycle-1/blina/1\n    at: 2027-01-26T14:00:00-05:00\n")
    (infusion,) = [each for course in load_plan(record, Settings()).courses for each in course.infusions]
    assert [f"{bag.at:%a %d %H:%M} {bag.hours} {figure(bag.amount)}" for bag in infusion.bags] == [
        "Tue 26 14:00 72 35.1",
        "Fri 29 14:00 72 35.1",
        "Mon 01 14:00 72 35.1",
        "Thu 04 14:00 96 46.8",
        "Mon 08 14:00 72 35.1",
        "Thu 11 14:00 96 46.8",
        "Mon 15 14:00 96 46.8",
        "Fri 19 14:00 96 46.8",
    ]
    assert f"{infusion.stop:%a %d %b %H:%M}" == "Tue 23 Feb 14:00"
    assert run("roadmap", record, "-o", pdf, "--course", "blina-cycle-1").returncode == 0
    texts = {word.text for page in words(pdf) for word in page}
    assert {"8 of 8", "Fri 19-Feb-2027 14:00", "96 h: 46.8 mcg", "Tue 23-Feb-2027 14:00"} <= texts
    grids = Counter(triple for page in words(pdf) for triple in read_grids(page, DRUGS))
    assert sum(grids.values()) == 31


def test_a_bag_that_the_agent_does_not_come_in_is_refused(child: Path) -> None:
    with child.open("a") as stream:
        stream.write("  - entry: bags\n    agent: blinatumomab\n    hours: [36]\n    date: 2027-01-26\n")
    done = run("plan", child)
    assert done.returncode == 1
    assert "a bag of blinatumomab may not last 36 h" in done.stderr
    assert "24, 48, 72, 96, 168" in done.stderr


def test_recorded_allergies_results_and_interactions_stand_on_every_course_sheet(child: Path, tmp_path: Path) -> None:
    with child.open("a") as stream:
        for kind, text in (("allergy", "penicillin: rash"), ("gene", "TPMT *1/*3A"), ("interaction", "fluconazole")):
            stream.write(f'  - entry: remark\n    kind: {kind}\n    text: "{text}"\n')
    for sheet in make_roadmap(load_plan(child, Settings()), Settings()).sheets:
        assert sheet.boxes[0].note == "penicillin: rash"
        assert {"Result: TPMT *1/*3A", "Interacts: fluconazole"} <= set(sheet.comments)
    assert run("roadmap", child, "-o", tmp_path / "x.pdf", "--course", "block-1").returncode == 0
    assert any(word.text == "penicillin: rash" for word in words(tmp_path / "x.pdf")[0])
