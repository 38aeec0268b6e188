"""Every PDF is read back and held against the plan before it is written; what differs is told and nothing is left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from conftest import CHILD, with_options
from conftest import run_process as run

from protocal import resources, verify
from protocal.cli import main
from protocal.model.paper_size import Paper
from protocal.model.plan import Plan, Status
from protocal.model.problems import ProtocalError
from protocal.model.product import Piece, Tablets
from protocal.model.settings import Settings, SiteTemplate
from protocal.render import worksheet
from protocal.render.data.drugs import drug_report
from protocal.render.family import pdf as calendar_pdf
from protocal.render.family.calendar import make_calendar, make_pocket_page
from protocal.render.pdf import sheets_pdf as pdf
from protocal.render.roadmap import make_roadmap
from protocal.render.selection import select
from protocal.render.wording import in_tablets
from protocal.render.wording import products as product_words
from protocal.render.wording.catalogues import languages
from protocal.render.wording.family import FamilyWords
from protocal.render.worksheet import make_worksheet
from protocal.verify.calendar import calendar_problems, pocket_problems
from protocal.verify.expected import on_grids
from protocal.verify.pdf_words import read_pages, stop_at
from protocal.verify.roadmap import overview_problems, roadmap_problems
from protocal.verify.worksheet import worksheet_problems
from protocal.workflow.planning import load_plan

LETTER = Settings()
TRANSLATED = {name: Settings(language=name, paper=Paper.A4) for name in languages() if name != "en"}
IN_LANGUAGES = pytest.mark.parametrize("settings", [LETTER, *TRANSLATED.values()], ids=["letter", *TRANSLATED])
REMEDY = "Do not use a print of these pages."
CHANGED = """\
  - {entry: give, id: block-1/vcr/1, date: 2026-12-01}
  - {entry: omit, ids: [block-1/vcr/8], why: jaundice}
  - {entry: move, id: block-1/it-mtx/8, date: 2026-12-10, why: no anaesthetist}
  - {entry: start, course: continuation-1, date: 2027-03-11}
  - {entry: hold, course: continuation-1, date: 2027-03-18, days: 7, rule: skip, why: low counts}
  - {entry: delay, course: continuation-1, days: 5, from_day: 43}
"""
Command = Callable[..., tuple[int, str]]
Twist = Callable[[str], str]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """The command's own entry in this process: its exit status and what it says."""

    def typed(*words: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["protocal", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        return int(stopped.value.code or 0), capfd.readouterr().err

    return typed


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "r.yaml"
    assert run("new", path, *CHILD).returncode == 0
    return path


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("changed") / "r.yaml"
    assert run("new", path, *CHILD).returncode == 0
    with path.open("a") as stream:
        stream.write(CHANGED)
    plan = load_plan(path, LETTER)
    found = {line.status for line in plan.administrations}
    assert found >= {Status.GIVEN, Status.OMITTED, Status.MOVED, Status.HELD}
    return plan


# --- what is right is found to be right


@pytest.mark.parametrize(
    ("case", "settings"),
    [
        ("arm-d-cns3-child-turning-nine", LETTER),
        *(("arm-c-cns1-toddler", settings) for settings in TRANSLATED.values()),
        *(("arm-a-cns3-adult-at-caps", settings) for settings in TRANSLATED.values()),
        ("salvage-cns3-unassigned", LETTER),
        ("unassigned-diagnostic-it", LETTER),
    ],
)
def test_roadmaps_say_what_the_plan_says(case: str, settings: Settings, records: dict[str, Path]) -> None:
    plan = load_plan(records[case], settings)
    data = pdf.roadmap_pdf(make_roadmap(plan, settings), settings, plan.issued)
    assert not roadmap_problems(data, plan, settings)


@IN_LANGUAGES
def test_given_moved_held_and_omitted_doses_are_found_as_what_they_are(changed: Plan, settings: Settings) -> None:
    courses = ["block-1", "continuation-1"]
    data = pdf.roadmap_pdf(make_roadmap(changed, settings, courses), settings, changed.issued)
    assert not roadmap_problems(data, changed, settings, courses)
    said = {
        entry.said for entry, line in on_grids(changed, settings, courses, None, None) if not line.status.takes_place
    }
    assert said == {"held", "omitted"} if settings is LETTER else len(said) == 2


def test_some_days_of_a_roadmap(changed: Plan) -> None:
    span = {"since": date(2026, 12, 8), "until": date(2027, 1, 6)}
    data = pdf.roadmap_pdf(make_roadmap(changed, LETTER, **span), LETTER, changed.issued)  # type: ignore[arg-type]
    assert not roadmap_problems(data, changed, LETTER, **span)
    assert roadmap_problems(data, changed, LETTER, since=date(2026, 12, 5), until=span["until"])


def test_the_overview_alone(changed: Plan) -> None:
    data = pdf.roadmap_pdf(replace(make_roadmap(changed, LETTER), sheets=()), LETTER, changed.issued)
    assert not overview_problems(data, changed, LETTER)
    moved = replace(
        changed,
        courses=tuple(
            replace(each, course=replace(each.course, dates=replace(each.course.dates, day1=date(2026, 12, 30))))
            if each.course.id == "block-2" and each.course.dates
            else each
            for each in changed.courses
        ),
    )
    (problem,) = overview_problems(data, moved, LETTER)
    assert problem.message == "whole therapy, Block 2: 'Wed 30-Dec-2026' should be printed, and 'Tue 29-Dec-2026' is"


@IN_LANGUAGES
@pytest.mark.parametrize("unverified_doses", [False, True], ids=["blank", "doses"])
def test_months_say_what_the_plan_says(changed: Plan, settings: Settings, unverified_doses: bool) -> None:
    until = date(2027, 4, 30)
    calendar = make_calendar(changed, settings, unverified_doses=unverified_doses, until=until)
    data = calendar_pdf.calendar_pdf(calendar, settings, changed.issued)
    assert not calendar_problems(data, changed, settings, unverified_doses=unverified_doses, until=until)
    assert calendar_problems(data, changed, settings, unverified_doses=not unverified_doses, until=until)
    assert calendar_problems(data, changed, settings, unverified_doses=unverified_doses, until=date(2027, 5, 31))


def test_a_week_that_begins_on_monday_and_the_months_of_one_course(changed: Plan) -> None:
    settings = replace(LETTER, family=replace(LETTER.family, sunday_first=False))
    data = calendar_pdf.calendar_pdf(make_calendar(changed, settings, courses=["block-2"]), settings, changed.issued)
    assert not calendar_problems(data, changed, settings, courses=["block-2"])
    assert calendar_problems(data, changed, settings, courses=["block-1", "block-2"])


@IN_LANGUAGES
@pytest.mark.parametrize("first", ["2026-12-01", "2027-01-05", "2027-03-10", "2027-12-28"])
def test_pocket_pages_say_what_the_plan_says(changed: Plan, settings: Settings, first: str) -> None:
    day = date.fromisoformat(first)
    page = make_pocket_page(changed, settings, day, unverified_doses=True)
    data = calendar_pdf.calendar_pdf(page, settings, changed.issued)
    assert not pocket_problems(data, changed, settings, day, unverified_doses=True)
    assert pocket_problems(data, changed, settings, day + timedelta(days=1), unverified_doses=True)


@IN_LANGUAGES
def test_worksheets_say_what_the_plan_says(changed: Plan, settings: Settings) -> None:
    for courses, agents in (((), ()), (("block-1", "continuation-1"), ()), ((), ("methotrexate",))):
        chosen = select(changed, courses, agents, [], "", "")
        sheet = make_worksheet(changed, drug_report(changed, chosen, settings), settings)
        data = pdf.worksheet_pdf(sheet, settings, changed.issued)
        assert not worksheet_problems(data, changed, chosen, settings)
        if courses or agents:
            assert worksheet_problems(data, changed, changed, settings)


def test_the_commands_write_what_was_read_back(record: Path, tmp_path: Path, command: Command) -> None:
    for name, words in {
        "roadmap": [],
        "calendar": ["--to", "2027-02-28"],
        "drugs": ["--format", "pdf", "--course", "block-1"],
    }.items():
        status, said = command(name, record, "-o", tmp_path / f"{name}.pdf", *words)
        assert status == 0, said
    status, said = command("calendar", record, "-o", tmp_path / "pocket.pdf", "--pocket", "--from", "2027-01-05")
    assert status == 0, said


# --- what is wrong is found, told, and not written


def twisted(monkeypatch: pytest.MonkeyPatch, twist: Twist) -> list[bool]:
    """Change the HTML of every page; whether each was changed."""
    happened: list[bool] = []
    for module in (pdf, calendar_pdf):

        def changed_html(*words: Any, _ours: Any = module.html, **values: Any) -> str:
            before: str = _ours(*words, **values)
            after = twist(before)
            happened.append(after != before)
            return after

        monkeypatch.setattr(module, "html", changed_html)
    return happened


ROW = re.compile(r'<tr class="signed">(?:(?!</tr>).)*?Tue 22-Dec-2026.*?</tr>', re.DOTALL)
PUNCTURE = re.compile(r"<tr>(?:(?!</tr>).)*?Tue 08-Dec-2026</b>.*?</tr>", re.DOTALL)
VCR = "Block 1, Tue 22-Dec-2026, vinCRIStine IV: "
GRID_DOSE = '<td class="dose">1.17 mg</td>'


def in_row(change: Twist, row: re.Pattern[str] = ROW) -> Twist:
    return lambda text: row.sub(lambda match: change(match[0]), text, count=1)


def styled(style: str) -> Twist:
    """The dose of the row within a piece of text of some style."""
    return in_row(lambda row: row.replace("1.17 mg", f'<span style="{style}">1.17 mg</span>'))


def swapped(one: str, other: str) -> Twist:
    return lambda text: text.replace(one, "\0").replace(other, one).replace("\0", other)


MISPRINTS: dict[str, tuple[Twist, str]] = {
    "a row is missing": (in_row(lambda row: ""), VCR + "'1.17 mg' is missing"),
    "a row is there twice": (in_row(lambda row: row * 2), VCR + "'1.17 mg' is printed more than once"),
    "a dose is one column to the left": (
        in_row(lambda row: re.sub(r'<td colspan="\d"></td>', "", row)),
        "Block 1, Tue 22-Dec-2026, dexAMETHasone PO: '1.17 mg' is printed, and is not due",
    ),
    "a dose is beyond the drugs": (
        in_row(lambda row: re.sub(r'colspan="\d"', 'colspan="4"', row)),
        "Block 1, Tue 22-Dec-2026, below no drug: '1.17 mg' is printed, and is not due",
    ),
    "two dates are swapped": (
        swapped("Tue 22-Dec-2026</th>", "Wed 23-Dec-2026</th>"),
        "the row of Tue 22-Dec-2026 stands below that of Wed 23-Dec-2026",
    ),
    "a digit": (
        in_row(lambda row: row.replace("1.17", "1.71")),
        VCR + "'1.17 mg' should be printed, and '1.71 mg' is",
    ),
    "a unit": (in_row(lambda row: row.replace("1.17 mg", "1.17 g")), "'1.17 mg' should be printed, and '1.17 g' is"),
    "white text": (styled("color: #fff"), VCR + "'1.17 mg' is missing"),
    "nearly white text": (styled("color: #eee"), VCR + "'1.17 mg' is missing"),
    "text that is not shown": (styled("display: none"), VCR + "'1.17 mg' is missing"),
    "invisible text": (styled("visibility: hidden"), VCR + "'1.17 mg' is missing"),
    "transparent text": (styled("opacity: 0"), VCR + "'1.17 mg' is missing"),
    "text on its own colour": (styled("background: #000"), VCR + "'1.17 mg' is missing"),
    "text outside the page": (styled("position: relative; left: 2000pt"), VCR + "'1.17 mg' is missing"),
    "text that is too small": (styled("font-size: 0.5pt"), VCR + "'1.17 mg' is missing"),
    "a puncture is missing": (
        in_row(lambda row: "", PUNCTURE),
        "Block 1, Tue 08-Dec-2026, methotrexate IT: '12 mg' is missing",
    ),
    "a digit of an intrathecal dose": (
        in_row(lambda row: row.replace("12 mg", "21 mg"), PUNCTURE),
        "methotrexate IT: '12 mg' should be printed, and '21 mg' is",
    ),
    "no caption of the intrathecal block": (
        lambda text: re.sub(r'<div class="caption">.*?</div>', "", text),
        "methotrexate IT: '12 mg' is missing",
    ),
    "another route": (
        lambda text: text.replace("<b>vinCRIStine</b>\nIV", "<b>vinCRIStine</b>\nIM"),
        "vinCRIStine IM: '1.17 mg' is printed, and is not due",
    ),
    "an order's dose": (
        lambda text: re.sub(r"(<span class=\"nowrap[^>]*>)1\.17 mg", r"\g<1>1.7 mg", text),
        "Block 1, orders, vinCRIStine: '1.17 mg' should be printed, and '1.7 mg' is",
    ),
    "a line to sign": (
        lambda text: text.replace("<td>evening", "<td>", 1),
        "2 lines to sign, one for each of several doses of the day, should be printed, and 1 are",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISPRINTS)
def test_a_misprint_of_a_roadmap_is_told_and_no_file_is_left(
    name: str, record: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    twist, message = MISPRINTS[name]
    happened = twisted(monkeypatch, twist)
    status, said = command("roadmap", record, "-o", tmp_path / "x.pdf", "--course", "block-1")
    assert any(happened), "the page was not changed"
    assert message in said, said
    assert REMEDY in said
    assert status == 1
    assert not list(tmp_path.iterdir())


DOSE = re.compile(r'<div class="dose">.*?</div>\n?\s*</div>', re.DOTALL)
CALENDAR: dict[str, tuple[Twist, str]] = {
    "a digit": (lambda text: text.replace("2.34\N{NO-BREAK SPACE}mg", "3.24\N{NO-BREAK SPACE}mg", 1), "2.34 mg"),
    "white text": (
        lambda text: re.sub('class="much( dashes)?"', r'style="color: #fff" class="much\1"', text, count=1),
        "dexAMETHasone: 'each time 2.34 mg ◊ morning evening'",
    ),
    "a drug is missing": (lambda text: text.replace("<b>dexAMETHasone</b>", "", 1), "dexAMETHasone: 'each time"),
    "a day number": (
        lambda text: text.replace('dashed">29</div>', 'dashed">30</div>', 1),
        "Tue 29-Dec-2026: the date is missing",
    ),
    "two day numbers are swapped": (
        swapped('day-number dashed">29</div>', 'day-number dashed">30</div>'),
        "Tue 29-Dec-2026: the date is missing",
    ),
    "a clinic drug is missing": (
        lambda text: text.replace("vinCRIStine into", "into", 1),
        "vinCRIStine: 'named' is missing",
    ),
    "a clinic drug too many": (
        lambda text: text.replace("vinCRIStine into", "vinCRIStine, etoposide into", 1),
        "etoposide: 'named' is printed, and is not due",
    ),
    "a box": (lambda text: text.replace("</span>evening", "</span>", 1), "morning evening"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "pocket"),
    [(name, pocket) for name in CALENDAR for pocket in (False, True) if not (pocket and "day number" in name)],
)
def test_a_misprint_of_a_family_page_is_told_and_no_file_is_left(
    name: str, pocket: bool, record: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    twist, message = CALENDAR[name]
    happened = twisted(monkeypatch, twist)
    words = ["--pocket"] if pocket else ["--to", "2027-01-31"]
    status, said = command(
        "calendar", record, "-o", tmp_path / "x.pdf", "--unverified-doses", "--from", "2026-12-29", *words
    )
    assert any(happened), "the page was not changed"
    assert message in said, said
    assert (status, list(tmp_path.iterdir())) == (1, [])


WORKSHEET: dict[str, tuple[Twist, str]] = {
    "a line is missing": (lambda text: cut(text, "Tue 22-Dec-2026", ""), "vinCRIStine IV: '1.17 mg / 1 / 1.17 mg"),
    "a line is there twice": (lambda text: cut(text, "Tue 22-Dec-2026"), "is printed more than once"),
    "another date": (
        lambda text: text.replace("Tue 22-Dec-2026", "Wed 23-Dec-2026"),
        "Block 1, day 22, Tue 22-Dec-2026, vinCRIStine IV",
    ),
    "a dose": (
        lambda text: cut(text, "Tue 22-Dec-2026", digit=("1.17", "1.71")),
        "'1.17 mg / 1 / 1.17 mg / 4.68 mg' should be printed",
    ),
    "another stop": (lambda text: text.replace("stop Sat 05", "stop Fri 04"), "is missing"),
    "another drug's name": (lambda text: text.replace("vinCRIStine IV", "mitoxantrone IV"), "vinCRIStine IV: "),
}  # fmt: skip


def cut(text: str, date_: str, instead: str | None = None, digit: tuple[str, str] | None = None) -> str:
    """A page with another row in place of that of a date, its own twice, or with a figure changed in it."""
    row = re.compile(rf"<tr>(?:(?!</tr>).)*?{date_}.*?</tr>", re.DOTALL)
    if digit:
        return row.sub(lambda match: match[0].replace(*digit), text)
    return row.sub(lambda match: match[0] * 2 if instead is None else instead, text)


@pytest.mark.parametrize("name", WORKSHEET)
def test_a_misprint_of_a_worksheet_is_told_and_no_file_is_left(
    name: str, record: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    twist, message = WORKSHEET[name]
    happened = twisted(monkeypatch, twist)
    words = ["--format", "pdf", "--course", "block-1"]
    status, said = command("drugs", record, "-o", tmp_path / "x.pdf", *words)
    assert any(happened), "the page was not changed"
    assert message in said, said
    assert (status, list(tmp_path.iterdir())) == (1, [])


COLUMNS_DROPPED = [
    ("course.html.j2", r'<th scope="row" class="date.*?</th>', "", ["roadmap"]),
    ("drugs.html.j2", r"<td[^>]*>\{\{ line.amount \}\}</td>", "<td></td>", ["drugs", "--format", "pdf"]),
    ("_day.html.j2", r"<b>\{\{ dose.drug \}\}</b>", "", ["calendar"]),
]


@pytest.mark.parametrize(("name", "pattern", "instead", "words"), COLUMNS_DROPPED)
def test_a_site_s_own_template_that_drops_a_column_is_not_printed(
    name: str, pattern: str, instead: str, words: list[str], record: Path, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "own").mkdir()
    ours = (resources.folder("templates") / name).read_text(encoding="utf-8")
    own = re.sub(pattern, instead, ours)
    assert own != ours
    (tmp_path / "own" / name).write_text(own, encoding="utf-8")
    (tmp_path / "site.yaml").write_text("format: 1\ntemplates: own\n", encoding="utf-8")
    output = ["-o", tmp_path / "x.pdf", "--settings", tmp_path / "site.yaml", "--course", "block-1"]
    status, said = command(words[0], record, *words[1:], *output)
    assert status == 1
    assert "so no file was written" in said
    assert f"Take the site's own templates ({name}) out of the settings" in said
    assert not (tmp_path / "x.pdf").exists()


def test_a_file_that_stood_there_stays_as_it_was(
    record: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "x.pdf"
    assert command("roadmap", record, "-o", output, "--course", "block-1")[0] == 0
    before = output.read_bytes()
    twisted(monkeypatch, in_row(lambda row: ""))
    assert command("roadmap", record, "-o", output, "--course", "block-1")[0] == 1
    assert output.read_bytes() == before


def test_fonts_from_which_no_text_can_be_copied_are_no_text(changed: Plan) -> None:
    data = pdf.roadmap_pdf(make_roadmap(changed, LETTER, ["block-1"]), LETTER, changed.issued)
    document = pikepdf.open(BytesIO(data))
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and "/ToUnicode" in each:
            del each["/ToUnicode"]
    copied = BytesIO()
    document.save(copied)
    found = [each.message for each in roadmap_problems(copied.getvalue(), changed, LETTER, ["block-1"])]
    assert "Block 1, Tue 22-Dec-2026, vinCRIStine IV: '1.17 mg' is missing" in found
    assert len(found) >= len(list(on_grids(changed, LETTER, ["block-1"], None, None)))


def test_a_page_too_many_is_found(changed: Plan) -> None:
    data = pdf.roadmap_pdf(make_roadmap(changed, LETTER, ["block-1"]), LETTER, changed.issued)
    document = pikepdf.open(BytesIO(data))
    document.pages.append(document.pages[-1])
    copied = BytesIO()
    document.save(copied)
    found = [str(each) for each in roadmap_problems(copied.getvalue(), changed, LETTER, ["block-1"])]
    assert any("is printed more than once" in each for each in found)
    assert any("stands below that of" in each for each in found)


def test_many_differences_are_told_in_few_lines(changed: Plan) -> None:
    data = pdf.roadmap_pdf(make_roadmap(changed, LETTER, ["block-1"]), LETTER, changed.issued)
    problems = roadmap_problems(data, changed, LETTER)
    assert len(problems) > 100
    with pytest.raises(ProtocalError) as stopped:
        stop_at(problems, replace(LETTER, templates=(SiteTemplate("sheet.css", "", "sheet.css"),)))
    told = [each.message for each in stopped.value.problems]
    assert told[0] == "the finished PDF does not say what the plan says, so no file was written"
    assert told[-1] == f"and {len(problems) - 20} more differences"
    assert len(told) == 22
    stop_at([], LETTER)


def test_words_are_read_with_their_places(changed: Plan) -> None:
    data = pdf.roadmap_pdf(make_roadmap(changed, LETTER, ["block-1"]), LETTER, changed.issued)
    page, *_others = read_pages(data)
    assert (page.number, page.width, page.height) == (1, 612, 792)
    (title,) = [word for word in page.words if word.text == "Block 1"]
    assert title.left > page.width / 2
    assert title.bottom > page.height - 100
    assert 8 < title.height < 16


def test_a_machine_that_cannot_read_pdfs_writes_none(record: Path, tmp_path: Path) -> None:
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "pypdfium2.py").write_text("raise ImportError('no pdfium')\n", encoding="utf-8")
    words = ["roadmap", str(record), "-o", str(tmp_path / "x.pdf"), "--course", "block-1"]
    done = subprocess.run(
        [sys.executable, "-m", "protocal", *words],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path / "block")},
    )  # fmt: skip
    assert done.returncode == 3
    assert "cannot be read back on this machine: no pdfium" in done.stderr
    assert not (tmp_path / "x.pdf").exists()


def test_a_name_that_looks_like_a_course_or_a_dose_does_not_mislead(tmp_path: Path, command: Command) -> None:
    record = tmp_path / "r.yaml"
    assert run("new", record, *with_options(CHILD, name="Block 2")).returncode == 0
    status, said = command("roadmap", record, "-o", tmp_path / "x.pdf", "--course", "block-1", "--course", "block-2")
    assert status == 0, said


# --- a writer that counts halves wrongly


def with_two_for_a_half(product: Any) -> Any:
    """Tablets with two in the place of each half, as they would be printed."""
    if not isinstance(product, Tablets):
        return product
    return replace(
        product, pieces=tuple(Piece(strength, number + number % 1 * 3) for strength, number in product.pieces)
    )


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that puts tablets into words has the same fault."""
    text, single, at_home = product_words.product_text, product_words.single_piece, FamilyWords.product
    for module in (in_tablets, worksheet):
        monkeypatch.setattr(module, "product_text", lambda product: text(with_two_for_a_half(product)))
    monkeypatch.setattr(in_tablets, "single_piece", lambda product: single(with_two_for_a_half(product)))
    monkeypatch.setattr(FamilyWords, "product", lambda words, product: at_home(words, with_two_for_a_half(product)))


TABLETS = {"en": "tablets", "es": "tabletas", "fr": "comprimés"}


@pytest.fixture(scope="module")
def tablets(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Maintenance has begun: mercaptopurine of 1½ and of one tablet by weekday, dexamethasone of several sizes."""
    path = tmp_path_factory.mktemp("tablets") / "r.yaml"
    assert run("new", path, *CHILD).returncode == 0
    with path.open("a") as stream:
        stream.write("  - {entry: start, course: continuation-1, date: 2027-03-11}\n")
    return load_plan(path, LETTER)


@IN_LANGUAGES
@pytest.mark.usefixtures("faulty")
def test_two_tablets_for_a_half_are_found_on_a_roadmap(tablets: Plan, settings: Settings) -> None:
    data = pdf.roadmap_pdf(make_roadmap(tablets, settings, ["continuation-1"]), settings, tablets.issued)
    said = [each.message for each in roadmap_problems(data, tablets, settings, ["continuation-1"])]
    one_and_a_half, three = (f"{count} {TABLETS[settings.language]}" for count in ("1½", "3"))
    grid = f"mercaptopurine PO: '{one_and_a_half} 75 mg' should be printed, and '{three} 75 mg' is"
    assert [each for each in said if grid in each], "the day's line"
    orders = "Continuation 1, what doses are made of, mercaptopurine: '1.5 tablets of 50 mg' is missing"
    assert orders in said, "the order's row"


@IN_LANGUAGES
@pytest.mark.usefixtures("faulty")
def test_two_tablets_for_a_half_are_found_on_a_worksheet(tablets: Plan, settings: Settings) -> None:
    chosen = select(tablets, ["continuation-1"], ["mercaptopurine"], [], "", "")
    sheet = make_worksheet(tablets, drug_report(tablets, chosen, settings), settings)
    data = pdf.worksheet_pdf(sheet, settings, tablets.issued)
    said = [each.message for each in worksheet_problems(data, tablets, chosen, settings)]
    assert [each for each in said if "/ 1.5 tablets of 50 mg' should be printed" in each]


@IN_LANGUAGES
@pytest.mark.usefixtures("faulty")
def test_two_tablets_for_a_half_are_found_on_a_family_s_page(tablets: Plan, settings: Settings) -> None:
    first = date(2027, 3, 11)
    page = make_pocket_page(tablets, settings, first, unverified_doses=True)
    data = calendar_pdf.calendar_pdf(page, settings, tablets.issued)
    said = [each.message for each in pocket_problems(data, tablets, settings, first, unverified_doses=True)]
    one_and_a_half = f"1½ {TABLETS[settings.language]} {'of' if settings is LETTER else 'de'} 50 mg"
    assert [each for each in said if f"mercaptopurine: '{one_and_a_half}" in each]


def test_what_reads_back_has_nothing_of_what_puts_products_into_words() -> None:
    readers = [*Path(verify.__file__).parent.glob("*.py")]
    assert len(readers) > 5
    for file in readers:
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"wording\.products|in_tablets|\.product\(|product_text", source), file.name
