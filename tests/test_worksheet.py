"""The pharmacist's files and the day's list: workbook and worksheet are read back and held against the plan."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import openpyxl
import pypdfium2
import pytest
from conftest import CASES, CHILD, run, with_options

from protocal.model.doses import Route
from protocal.model.plan import Administration, Plan
from protocal.model.settings import Ceiling, Settings
from protocal.publish.marks import is_ours
from protocal.render.data.drug_day import day_csv, day_json, drug_day
from protocal.render.data.drugs import drug_list, drug_report, matrices
from protocal.render.data.workbook import drugs_xlsx
from protocal.render.pdf.sheets_pdf import worksheet_html
from protocal.render.terminal import day_text
from protocal.render.wording.products import product_text
from protocal.render.worksheet import make_worksheet
from protocal.text.format import figure, paper_date, runs
from protocal.workflow.planning import load_plan

CHILD_ON_D = "arm-d-cns2-child"
CEILINGS = Settings(ceilings=(Ceiling("anthracycline: all", Decimal(150), (("mitoxantrone", Decimal(4)),)),))


def due(plan: Plan) -> list[Administration]:
    return [each for each in plan.administrations if each.status.takes_place]


def midnight(day: date) -> datetime:
    """How a workbook's reader gives a day."""
    return datetime.combine(day, time())


# --- the workbook


def workbook(plan: Plan, settings: Settings | None = None) -> Any:
    settings = settings or Settings()
    return openpyxl.load_workbook(io.BytesIO(drugs_xlsx(drug_report(plan, plan, settings), settings)))


@pytest.mark.parametrize("case", CASES)
def test_every_line_of_the_plan_is_in_the_workbook_with_real_dates_and_numbers(
    case: str, plans: dict[str, Plan]
) -> None:
    plan = plans[case]
    sheet = workbook(plan)["Drug list"]
    head = [cell.value for cell in sheet[2]]
    rows = [dict(zip(head, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=3)]
    expected = {
        line.id: (line, running)
        for use in drug_list(plan)
        for line, running in zip(use.lines, use.running, strict=True)
    }
    assert sorted(row["id"] for row in rows) == sorted(each.id for each in due(plan))
    for row in rows:
        line, running = expected[row["id"]]
        assert row["Date due"] == midnight(line.date)
        assert isinstance(row["Dose"], int | float)
        assert Decimal(str(row["Dose"])) == line.dose
        assert Decimal(str(row["Calculated"])) == line.calculated
        assert (row["Product"] or "") == product_text(line.product)
        assert Decimal(str(row["Amount"])) == line.dose * line.per_day
        assert Decimal(str(row["Running total"])) == running
        assert (row["Unit"], row["Doses a day"], row["Route"]) == (line.unit, line.per_day, line.route.value)
        assert row["Drug"] == plan.protocol.agents[line.agent].written


def test_a_matrix_sheet_has_each_dose_on_its_day(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD_ON_D]
    book = workbook(plan)
    assert book.sheetnames == ["Drug list", *(matrix.course.id for matrix in matrices(plan))]
    sheet = book["block-1"]
    head = [cell.value for cell in sheet[2]]
    assert head[:2] == ["Day", "Date due"]
    steroid = head.index("dexAMETHasone PO, mg, 2 a day")
    doses = {row[0].value: row[steroid].value for row in sheet.iter_rows(min_row=3)}
    assert {day for day, dose in doses.items() if dose} == {1, 2, 3, 4, 5, 15, 16, 17, 18, 19}
    assert set(doses.values()) == {8, 7.75, None}  # tablets
    first = next(sheet.iter_rows(min_row=3))
    assert (first[0].value, first[1].value) == (1, midnight(date(2026, 12, 1)))


def test_each_sheet_has_a_frozen_head_and_says_whose_it_is_and_that_it_is_unverified(plans: dict[str, Plan]) -> None:
    for sheet in workbook(plans[CHILD_ON_D], CEILINGS):
        assert sheet.freeze_panes in ("B3", "C3")
        title = sheet["A1"].value
        assert title.startswith(f"Patient {plans[CHILD_ON_D].record.id}, AALL1331 0.2, record revision")
        assert "UNVERIFIED" in title


def test_a_number_shows_its_own_decimals_and_a_comma(plans: dict[str, Plan]) -> None:
    sheet = workbook(plans[CHILD_ON_D])["Drug list"]
    shown = {(row[6].value, row[6].number_format) for row in sheet.iter_rows(min_row=3)}
    assert (12, "#,##0") in shown
    assert (1.17, "#,##0.00") in shown
    assert (7.8, "#,##0.0") in shown
    assert next(sheet.iter_rows(min_row=3))[4].number_format == "ddd dd-mmm-yyyy"


def test_the_cumulative_dose_has_a_sheet(plans: dict[str, Plan]) -> None:
    sheet = workbook(plans[CHILD_ON_D], CEILINGS)["Ceiling anthracycline  all"]
    assert "ceiling 150 mg/m2; factors: mitoxantrone x 4" in sheet["A1"].value
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [row[1:] for row in rows] == [
        [midnight(date(2026, 12, 1)), 0.78, 10, 4, 40, 40],
        [midnight(date(2026, 12, 2)), 0.78, 10, 4, 40, 80],
    ]


ENZYME = Settings(
    ceilings=(Ceiling("both", Decimal(70), (("mitoxantrone", Decimal(4)), ("pegaspargase", Decimal(1)))),)
)
NOT_COUNTED = "The ceiling 'both' counts pegaspargase, which is measured in units, not in mg: none of it is counted"


def test_a_sheet_says_what_its_ceiling_does_not_count(plans: dict[str, Plan]) -> None:
    title = workbook(plans[CHILD_ON_D], ENZYME)["Ceiling both"]["A1"].value
    assert title.endswith(f". ABOVE THE CEILING. {NOT_COUNTED}")


def test_a_worksheet_says_what_its_ceiling_does_not_count(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD_ON_D]
    table = make_worksheet(plan, drug_report(plan, plan, ENZYME), ENZYME).sheets[0].cumulative[0]
    assert table.above == f"ABOVE THE CEILING with the dose of Wed 02-Dec-2026. {NOT_COUNTED}."
    table = make_worksheet(plan, drug_report(plan, plan, CEILINGS), CEILINGS).sheets[0].cumulative[0]
    assert table.above == ""


def test_a_workbook_is_the_same_bytes_again_and_bears_its_mark_unpacked(plans: dict[str, Plan], tmp_path: Path) -> None:
    report = drug_report(plans[CHILD_ON_D], plans[CHILD_ON_D], Settings())
    data = drugs_xlsx(report, Settings())
    assert data == drugs_xlsx(report, Settings())
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.getinfo("docProps/core.xml").compress_type == ZIP_STORED
        assert b"protocal" in archive.read("docProps/core.xml")
    target = tmp_path / "drugs.xlsx"
    target.write_bytes(data)
    assert is_ours(target)
    openpyxl.load_workbook(target).save(target)  # somebody worked on it and saved it
    assert not is_ours(target)


def test_text_that_looks_like_a_formula_stays_text(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD_ON_D]
    odd = replace(plan, record=replace(plan.record, id="=1+1"))
    for sheet in workbook(odd):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_command_writes_and_replaces_a_workbook_but_not_one_of_somebody_else(child: Path, tmp_path: Path) -> None:
    target = tmp_path / "drugs.xlsx"
    for _again in range(2):
        done = run("drugs", child, "--format", "xlsx", "-o", target)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    theirs = openpyxl.Workbook()
    theirs.save(target)
    before = target.read_bytes()
    assert run("drugs", child, "--format", "xlsx", "-o", target).returncode == 2
    assert target.read_bytes() == before


def test_without_the_library_it_is_exit_3_with_what_to_install(child: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "block"
    blocked.mkdir()
    (blocked / "xlsxwriter.py").write_text("raise ImportError('no xlsxwriter')\n")
    done = subprocess.run(
        [sys.executable, "-m", "protocal", "drugs", str(child), "--format", "xlsx", "-o", str(tmp_path / "x.xlsx")],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(blocked)},
    )  # fmt: skip
    assert done.returncode == 3
    assert "pip install protocal[xlsx]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x.xlsx").exists()


# --- the worksheet


@pytest.mark.parametrize("case", CASES)
def test_the_neutral_worksheet_has_every_administration_once(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    sheets = make_worksheet(plan, drug_report(plan, plan, Settings()), Settings()).sheets
    found = Counter(
        each for sheet in sheets for drug in sheet.drugs for line in drug.lines for each in line.administrations
    )
    assert found == Counter(each.id for each in due(plan))
    by_id = {each.id: each for each in plan.administrations}
    for sheet in sheets:
        for drug in sheet.drugs:
            for line in drug.lines:
                given = [by_id[each] for each in line.administrations]
                assert {each.route is Route.IT for each in given} == {sheet.intrathecal}
                assert len({(each.dose, each.per_day, each.key) for each in given}) == 1
                assert len(given) == 1 or given[0].route is Route.PO
                assert all((two.date - one.date).days == 1 for one, two in pairwise(given))


SHEETS = {CHILD_ON_D: "letter", "arm-c-cns3-adult-at-caps": "a4"}
DATE = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d-[A-Z][a-z]{2}-\d{4}"
FIGURE = r"[\d,]+(?:\.\d+)? (?:mg|mcg|g|units)"
HEAD = re.compile(r"^(\w[\w ()-]*?) (PO|IV|IM|SC|IT|CIV) (?:at least )?[\d,]+ doses?, ", re.MULTILINE)


@pytest.fixture(scope="module")
def printed(records: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("worksheets")
    for case, paper in SHEETS.items():
        done = run("drugs", records[case], "--format", "pdf", "-o", folder / f"{case}.pdf", "--paper", paper)
        assert done.returncode == 0, done.stderr
    return {case: folder / f"{case}.pdf" for case in SHEETS}


def pages(pdf: Path) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]
    document.close()
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]


def cells(pdf: Path) -> Iterator[tuple[str, ...]]:
    """Each line read by the places of its words: drug, course day, dates, route, dose, doses a day, amount, total."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        text = page.get_textpage()
        rects = [text.get_rect(index) for index in range(text.count_rects())]
        words = [(box, " ".join(text.get_text_bounded(*box).split())) for box in rects]
        marks = {name: next(box[0] for box, word in words if word == name) for name in ("Day", "Date due", "Route")}
        tables = sorted(
            (box[3], HEAD.match(f"{word} {after}"))
            for (box, word), (_box, after) in pairwise(words)
            if HEAD.match(f"{word} {after}")
        )
        days = [
            (box, word) for box, word in words if abs(box[0] - marks["Day"]) < 3 and re.fullmatch(r"[\d, -]+", word)
        ]
        legend = [box[3] for box, word in words if word.startswith("Amount: all doses")]
        foot = max(legend, default=50)
        for index, (day_box, day) in enumerate(days):
            tops = [box[3] for box, _word in days[index + 1 :]] + [top + 3 for top, _head in tables]
            below = max((top for top in tops if top < day_box[3]), default=foot) + 2
            row = [(box, word) for box, word in words if below < box[1] and box[3] <= day_box[3] + 6]
            dates = re.findall(DATE, " ".join(w for b, w in row if marks["Date due"] - 3 < b[0] < marks["Route"] - 3))
            route = next(word for box, word in row if abs(box[0] - marks["Route"]) < 3)
            rest = [word for box, word in row if box[0] > marks["Route"] + 10]
            head = next(match for top, match in tables if top > day_box[3])
            figures = [word for word in rest if re.fullmatch(FIGURE, word)]
            assert head
            yield head[1], head[2], day, *dates[:2], route, *figures[:1], *figures[-2:]
    document.close()


@pytest.mark.parametrize("case", SHEETS)
def test_every_line_of_the_printed_worksheet_is_that_of_the_plan(
    case: str, printed: dict[str, Path], plans: dict[str, Plan]
) -> None:
    expected: Counter[tuple[str, ...]] = Counter()
    for use in drug_list(plans[case]):
        total = Decimal(0)
        run_: list[Administration] = []
        for line, after in zip(use.lines, [*use.lines[1:], None], strict=True):
            run_.append(line)
            total += line.dose * line.per_day
            joins = (
                after
                and use.route is Route.PO
                and (after.course, after.key, after.dose, after.per_day)
                == (line.course, line.key, line.dose, line.per_day)
                and (after.date - line.date).days == 1
            )
            if joins:
                continue
            taken = sum((each.dose * each.per_day for each in run_), Decimal(0))
            dates = [paper_date(run_[0].date), *([paper_date(line.date)] if len(run_) > 1 else [])]
            figures = [f"{figure(value)} {use.unit}" for value in (line.dose, taken, total)]
            days = runs(each.day for each in run_)
            expected[use.agent.written, use.route.value, days, *dates, use.route.value, *figures] += 1
            run_ = []
    found = Counter(cells(printed[case]))
    assert found - expected == Counter()
    assert expected - found == Counter()


@pytest.mark.parametrize("case", SHEETS)
def test_every_page_says_who_unverified_and_which_page_and_which_drug(case: str, printed: dict[str, Path]) -> None:
    texts = pages(printed[case])
    numbers = []
    for text in texts:
        assert "UNVERIFIED Check each dose and day" in text
        assert re.search(r"ID P\d+, born", text)
        assert HEAD.search(text), "a page must not hold lines without their drug"
        for cell in ("1st by", "2nd by", "Running total"):
            assert cell in text
        assert re.search(r"2nd: own\s+result", text)
        numbers.append(re.search(r"page (\d+) of (\d+) of this sheet", text))
    count = int(numbers[0][2])  # type: ignore[index]
    assert [match and match.groups() for match in numbers[:count]] == [
        (str(n), str(count)) for n in range(1, count + 1)
    ]
    assert all("INTRATHECAL worksheet" in text for text in texts[count:])
    assert not any(re.search(r"^\S+ IT \d", text, re.MULTILINE) for text in texts[:count])


def test_the_worksheet_shows_working_measurement_warning_and_ceiling(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD_ON_D]
    facts = replace(plan.facts, prior=(("daunorubicin", Decimal(120)),))
    plan = replace(plan, facts=facts)
    sheet = make_worksheet(plan, drug_report(plan, plan, CEILINGS), CEILINGS).sheets[0]
    line = next(drug for drug in sheet.drugs if drug.agent == "vinCRIStine IV")
    assert line.warning == "IV ONLY. FATAL IF GIVEN BY ANY OTHER ROUTE"
    assert line.lines[0].working.replace("\N{NO-BREAK SPACE}", " ") == "1.5 mg/m2 x 0.78 m2 = 1.17 mg"
    assert line.lines[0].measured == "measured 30-Nov-2026"
    worksheet = make_worksheet(plan, drug_report(plan, plan, CEILINGS), CEILINGS)
    html = " ".join(next(worksheet_html(worksheet, CEILINGS, plan.issued)).split())
    html = html.replace("\N{NO-BREAK SPACE}", " ")
    assert "Cumulative anthracycline: all: 80 mg/m2 of 150 mg/m2" in html
    assert "factors: mitoxantrone x 4" in html
    assert "daunorubicin 120 mg/m2 before this record" in html
    assert "ABOVE" not in html


def test_a_weekly_and_a_continuous_drug_say_so_on_each_line(plans: dict[str, Plan]) -> None:
    plan = plans[CHILD_ON_D]
    sheet = make_worksheet(plan, drug_report(plan, plan, Settings()), Settings()).sheets[0]
    said = {drug.agent: {line.per_day for line in drug.lines} for drug in sheet.drugs}
    assert said["methotrexate PO"] == {"1, once a week", "4"}
    assert said["blinatumomab CIV"] == {"every 24 h"}


def test_same_record_same_worksheet(child: Path, tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        words = ("--format", "pdf", "-o", tmp_path / name, "--course", "block-1")
        assert run("drugs", child, *words).returncode == 0
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_markup_in_a_name_is_printed_as_it_is(tmp_path: Path) -> None:
    record = tmp_path / "r.yaml"
    assert run("new", record, *with_options(CHILD, name="<b>A</b> {{ 7*7 }}")).returncode == 0
    plan = load_plan(record, Settings())
    html = "".join(
        worksheet_html(make_worksheet(plan, drug_report(plan, plan, Settings()), Settings()), Settings(), plan.issued)
    )
    assert "&lt;b&gt;A&lt;/b&gt; {{ 7*7 }}" in html


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "pdf"], "--format pdf needs a file"),
        (["--format", "xlsx"], "--format xlsx needs a file"),
        (["-o", "x.csv", "--format", "csv"], "-o is only for --format xlsx and pdf"),
        (["-o", "x.txt"], "-o is only for --format xlsx and pdf"),
    ],
)
def test_a_file_without_its_format_or_the_reverse_is_wrong_use(
    words: list[str], said: str, child: Path, tmp_path: Path
) -> None:
    done = run("drugs", child, *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not list(tmp_path.glob("x.*"))


# --- a day across records

DAY = date(2027, 2, 15)


def test_a_day_has_what_is_due_in_every_plan_by_drug_then_patient(plans: dict[str, Plan]) -> None:
    day = drug_day(plans.values(), DAY)
    expected = sorted(
        (line.agent, plan.record.id, line.route.value, line.id)
        for plan in plans.values()
        for line in due(plan)
        if line.date == DAY
    )
    assert len({agent for agent, *_rest in expected}) > 3
    found = [(each["agent"], each["patient"], each["route"], each["id"]) for each in json.loads(day_json(day))["lines"]]
    assert sorted(found) == expected
    assert [each[:3] for each in found] == [each[:3] for each in expected]
    rows = list(csv.DictReader(io.StringIO(day_csv(day).decode("utf-8-sig"), newline="")))
    assert [(row["agent"], row["patient"], row["route"], row["id"]) for row in rows] == found
    assert {row["date"] for row in rows} == {"2027-02-15"}


def test_a_day_in_text_names_every_patient_read_and_those_without_a_drug(plans: dict[str, Plan]) -> None:
    text = day_text(drug_day(plans.values(), date(2026, 12, 2)), 80)
    assert max(map(len, text.splitlines())) <= 80
    assert "To prepare on Wed 02-Dec-2026" in text
    assert "UNVERIFIED" in text
    assert f"Records read: {len(plans)} (" in text
    idle = {plan.record.id for plan in plans.values() if all(line.date != date(2026, 12, 2) for line in due(plan))}
    said = next(part for part in text.split("\n\n") if "Nothing due:" in part).replace("\n", " ")
    assert idle
    assert all(patient in said for patient in idle)


def test_a_day_of_an_infusion_with_planned_bags_has_the_bags_hung_that_day(tmp_path: Path) -> None:
    record = tmp_path / "r.yaml"
    assert run("new", record, *CHILD).returncode == 0
    plan = load_plan(record, Settings())
    hung = next(line for line in plan.administrations if line.route is Route.CIV)
    with record.open("a", encoding="utf-8") as log:
        log.write(f"  - entry: start\n    course: {hung.course}\n    date: {hung.date}\n")
        log.write(f"  - entry: bags\n    agent: {hung.agent}\n    date: {hung.date}\n    hours: [48]\n")
        log.write(f"  - entry: give\n    id: {hung.id}\n    at: {hung.date}T10:00:00-05:00\n")
    plan = load_plan(record, Settings())
    infusion = next(each for course in plan.courses for each in course.infusions)
    for line in plan.administrations:
        if line.course != hung.course or line.key != hung.key:
            continue
        (found,) = (each for each in drug_day([plan], line.date).lines if each.line == line)
        bags = [bag for bag in infusion.bags if bag.at.date() == line.date]
        assert found.bags == tuple(bags)
        assert found.amount == sum((bag.amount for bag in bags), Decimal(0))
        text = day_text(drug_day([plan], line.date), 80)
        assert ("bag for 48 h" in " ".join(text.split())) == bool(bags)
        assert ("no bag to hang" in " ".join(text.split())) == (not bags)


@pytest.fixture
def ward(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "b.yaml", tmp_path / "a.yaml"]
    for file, name in zip(files, ("P002", "P001"), strict=True):
        assert run("new", file, *with_options(CHILD, id=name)).returncode == 0
    return files


def test_the_command_prints_a_day_in_each_format(ward: list[Path]) -> None:
    table = run("drugs", "--on", "2026-12-01", *ward)
    assert table.returncode == 0, table.stderr
    assert "Records read: 2 (P001, P002)" in table.stdout
    lines = json.loads(run("drugs", "--on", "2026-12-01", "--format", "json", *ward).stdout)["lines"]
    assert [(each["agent"], each["patient"]) for each in lines][:2] == [
        ("dexamethasone", "P001"),
        ("dexamethasone", "P002"),
    ]
    only = run("drugs", "--on", "2026-12-01", "--format", "csv", "--agent", "vincristine", *ward).stdout
    assert only.count("vincristine") == 2
    assert "mitoxantrone" not in only
    assert run("drugs", "--on", "2026-12-01", ward[0]).returncode == 0


def test_a_record_that_cannot_be_read_stops_the_day_and_all_problems_are_told(ward: list[Path]) -> None:
    bad, worse = ward[0].with_name("bad.yaml"), ward[0].with_name("missing.yaml")
    bad.write_text("format: 1\n")
    done = run("drugs", "--on", "2026-12-01", *ward, bad, worse)
    assert (done.returncode, done.stdout) == (1, "")
    assert "bad.yaml" in done.stderr
    assert "missing.yaml" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--on", "01-12-2026"], "--on: '01-12-2026' is not a date"),
        (["--on", "2026-12-01", "--from", "2026-12-01"], "--on does not go with"),
        (["--on", "2026-12-01", "--course", "block-1"], "--on does not go with"),
        (["--on", "2026-12-01", "--format", "pdf", "-o", "x.pdf"], "a day's list is printed as table, json or csv"),
        (["--on", "2026-12-01", "--agent", "vincristin"], "Did you mean 'vincristine'?"),
        ([], "2 records were named"),
    ],
)
def test_wrong_use_of_a_day_is_told(words: list[str], said: str, ward: list[Path]) -> None:
    done = run("drugs", *words, *ward)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_two_records_of_one_patient_are_refused(ward: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_bytes(ward[0].read_bytes())
    done = run("drugs", "--on", "2026-12-01", *ward, copy)
    assert (done.returncode, done.stdout) == (2, "")
    assert "records of the same patient, P002" in done.stderr
