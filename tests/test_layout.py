"""Every page that is printed keeps the laws of layout, and each law can be broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pages
import pytest
import weasyprint
from conftest import CHILD
from conftest import run_process as run
from pages import Laid, laid_out
from test_calendar import SITE as FAMILY_SITE
from test_paper import COURSES, LIFE, SITE

from protocal import resources
from protocal.model.paper_size import Paper
from protocal.model.plan import Plan
from protocal.model.settings import Settings, SiteTemplate
from protocal.plan import make_plan
from protocal.render.data.drugs import drug_report
from protocal.render.family.calendar import make_calendar, make_pocket_page
from protocal.render.family.pdf import calendar_pdf
from protocal.render.pdf.sheets_pdf import roadmap_pdf, worksheet_pdf
from protocal.render.roadmap import make_roadmap
from protocal.render.selection import select
from protocal.render.wording.catalogues import languages, messages
from protocal.render.worksheet import make_worksheet
from protocal.workflow.planning import load_plan

LETTER = replace(SITE, family=FAMILY_SITE.family, clinic=FAMILY_SITE.clinic)
A4 = replace(LETTER, paper=Paper.A4)
TRANSLATED = {language: replace(LETTER, language=language) for language in languages() if language != "en"}
CHANGED = "a-record-of-many-changes"


def roadmap(*courses: str) -> Callable[[Plan, Settings], bytes]:
    return lambda plan, settings: roadmap_pdf(make_roadmap(plan, settings, courses), settings, plan.issued)


def worksheet(*courses: str) -> Callable[[Plan, Settings], bytes]:
    def make(plan: Plan, settings: Settings) -> bytes:
        report = drug_report(plan, select(plan, courses, [], [], None, None), settings)
        return worksheet_pdf(make_worksheet(plan, report, settings), settings, plan.issued)

    return make


def calendar(until: str = "2099-01-01", *, all_doses: bool = True) -> Callable[[Plan, Settings], bytes]:
    last = date.fromisoformat(until)
    return lambda plan, settings: calendar_pdf(
        make_calendar(plan, settings, unverified_doses=all_doses, until=last), settings, plan.issued
    )


def pocket(since: str) -> Callable[[Plan, Settings], bytes]:
    first = date.fromisoformat(since)
    return lambda plan, settings: calendar_pdf(
        make_pocket_page(plan, settings, first, unverified_doses=True), settings, plan.issued
    )


@dataclass(frozen=True)
class Print:
    """What is printed: of which record, with which settings, and what head and foot of each page must say."""

    case: str
    make: Callable[[Plan, Settings], bytes]
    settings: Settings = LETTER
    head: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()


SHEET = (("ID P", "AALL1331", "UNVERIFIED"), ("ID P", "aall1331 0.2", "protocal"))
FAMILY = (("ID P", "FEVER", "38 C or more", "555-0140", "555-0142", "Throw older sheets away"), ("ID P", "protocal"))
POCKET = (FAMILY[0], ("protocal",))

PRINTS = {
    "roadmaps-arm-a-adult-at-caps-letter": Print("arm-a-cns3-adult-at-caps", roadmap(), LETTER, *SHEET),
    "roadmaps-arm-b-a4": Print("arm-b-cns3-child", roadmap(), A4, *SHEET),
    "roadmaps-arm-c-toddler-letter": Print("arm-c-cns1-toddler", roadmap(), LETTER, *SHEET),
    "roadmaps-arm-d-a4": Print("arm-d-cns2-child", roadmap(), A4, *SHEET),
    "roadmaps-salvage-letter": Print("salvage-cns1", roadmap(), LETTER, *SHEET),
    "roadmaps-birthday-letter": Print("unassigned-cns3", roadmap(), LETTER, *SHEET),
    "roadmaps-changed-letter": Print(CHANGED, roadmap(*COURSES), LETTER, *SHEET),
    "worksheet-arm-a-adult-at-caps-letter": Print("arm-a-cns3-adult-at-caps", worksheet(), LETTER, *SHEET),
    "worksheet-changed-a4": Print(CHANGED, worksheet(*COURSES), A4, *SHEET),
    "calendar-arm-a-adult-letter": Print("arm-a-cns3-adult-at-caps", calendar(all_doses=False), LETTER, *FAMILY),
    "calendar-arm-c-toddler-a4": Print("arm-c-cns1-toddler", calendar("2027-06-30"), A4, *FAMILY),
    "calendar-changed-letter": Print(CHANGED, calendar("2027-05-31"), LETTER, *FAMILY),
    "pocket-changed-letter": Print(CHANGED, pocket("2027-03-10"), LETTER, *POCKET),
    "pocket-toddler-a4": Print("arm-c-cns1-toddler", pocket("2027-03-02"), A4, *POCKET),
}


def translated(language: str, letter: Settings) -> Iterator[tuple[str, Print]]:
    """The longest sheets and pages, with the words that are longer or shorter than ours."""
    a4, said = replace(letter, paper=Paper.A4), messages(language).gettext
    head = ("ID P", said("FEVER"), "38 C or more", "555-0140", "555-0142", said("Throw older sheets away."))
    changed, sheet = (*COURSES, "maintenance-1"), (("ID P", "AALL1331", said("UNVERIFIED")), SHEET[1])
    yield f"roadmaps-changed-{language}-a4", Print(CHANGED, roadmap(*changed), a4, *sheet)
    yield f"roadmaps-arm-d-{language}-letter", Print("arm-d-cns2-child", roadmap(), letter, *sheet)
    yield f"worksheet-changed-{language}-a4", Print(CHANGED, worksheet(*COURSES), a4, *sheet)
    yield f"calendar-arm-d-{language}-a4", Print("arm-d-cns2-child", calendar("2027-09-30"), a4, head, FAMILY[1])
    yield f"calendar-salvage-{language}-letter", Print("salvage-cns1", calendar(), letter, head, FAMILY[1])
    yield f"pocket-arm-d-{language}-a4", Print("arm-d-cns2-child", pocket("2027-03-20"), a4, head, POCKET[1])


PRINTS |= {name: each for language, letter in TRANSLATED.items() for name, each in translated(language, letter)}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = tmp_path_factory.mktemp("changed") / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    with record.open("a", encoding="utf-8") as log:
        log.write(LIFE)
    return record


def planned(case: str, settings: Settings, records: dict[str, Path], changed: Path) -> Plan:
    return load_plan(changed if case == CHANGED else records[case], settings)


@pytest.fixture(scope="module", params=PRINTS)
def printed(request: pytest.FixtureRequest, records: dict[str, Path], changed: Path) -> tuple[Print, Laid, set[str]]:
    """A document that is laid out once for all laws, and the names of its protocol's drugs."""
    each = PRINTS[request.param]
    plan = planned(each.case, each.settings, records, changed)
    drugs = {agent.written for agent in plan.protocol.agents.values()}
    return each, laid_out(lambda: each.make(plan, each.settings)), drugs


Printed = tuple[Print, Laid, set[str]]


def test_no_text_reaches_out_of_its_box(printed: Printed) -> None:
    assert list(pages.overflowing(printed[1])) == []


def test_no_text_stands_on_other_text(printed: Printed) -> None:
    assert list(pages.overlapping(printed[1])) == []


def test_no_row_is_split_between_pages(printed: Printed) -> None:
    assert list(pages.split(printed[1])) == []


def test_the_rows_of_a_day_grid_are_as_high_as_the_rules_around_them(printed: Printed) -> None:
    assert list(pages.off_its_rules(printed[1])) == []


def test_no_text_is_smaller_than_7_points_and_no_dose_than_9(printed: Printed) -> None:
    assert list(pages.small(printed[1])) == []


def test_drugs_and_doses_stand_out_from_what_is_behind_them_and_all_text_can_be_told_from_it(printed: Printed) -> None:
    assert list(pages.pale(printed[1], printed[2])) == []


def test_every_page_has_its_head_and_foot(printed: Printed) -> None:
    assert list(pages.headless(printed[1], printed[0].head, printed[0].foot)) == []


def test_there_is_a_letter_in_the_fonts_for_every_character(printed: Printed) -> None:
    assert list(pages.without_a_letter(printed[1])) == []


def test_the_pages_seen_hold_every_course_of_every_arm(records: dict[str, Path], changed: Path) -> None:
    """And doses, and drugs by name: the laws had something to look at."""
    seen, whole = set(), set()
    for name, each in PRINTS.items():
        if not name.startswith("roadmaps"):
            continue
        plan = planned(each.case, each.settings, records, changed)
        if not each.case.startswith((CHANGED, "unassigned")):
            seen |= {(plan.facts.traits.arm, course.course.id) for course in plan.courses}
    for arm in plan.protocol.arms:
        case = next(case for case in records if case.startswith(f"arm-{arm.lower()}-"))
        plan = make_plan(load_plan(records[case], LETTER).protocol, load_plan(records[case], LETTER).record, LETTER)
        whole |= {(arm, course.course.id) for course in plan.courses if course.course.dates}
    assert whole <= seen


def test_the_laws_have_doses_and_drugs_to_look_at(printed: Printed) -> None:
    each, laid, drugs = printed
    texts = [text for page in laid.texts for text in page]
    assert any(any(drug in text.text for drug in drugs) for text in texts)
    assert each.head != SHEET[0] or any(pages.DOSE.search(text.text) for text in texts)
    assert all(page for page in laid.words)


def test_a_grid_with_a_substitute_stays_within_its_page(tmp_path: Path) -> None:
    record = tmp_path / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    with record.open("a", encoding="utf-8") as log:
        log.write("  - {entry: substitute, agent: pegaspargase, product: rywn, date: 2026-12-02, why: reaction}\n")
    plan = load_plan(record, LETTER)
    laid = laid_out(lambda: roadmap("block-1")(plan, LETTER))
    assert list(pages.overflowing(laid)) == []


# --- each law can be broken


def made_up(body: str, style: str = "", page: str = "size: 300pt 200pt; margin: 30pt") -> Laid:
    html = f"<style>@page {{ {page} }} * {{ margin: 0; font-size: 10pt }} {style}</style>{body}"
    return laid_out(lambda: weasyprint.HTML(string=html).write_pdf())


GOOD = """
<table style="border: 1pt solid #000; width: 240pt"><tr><td style="width: 60pt">Opening</td>
<td class="dose">zorbinol 40 mg</td></tr></table>"""
LAWS: dict[str, Callable[[Laid], Iterator[str]]] = {
    "overflowing": pages.overflowing,
    "overlapping": pages.overlapping,
    "split": pages.split,
    "off its rules": pages.off_its_rules,
    "small": pages.small,
    "pale": lambda laid: pages.pale(laid, {"zorbinol"}),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_made_up_page_that_keeps_the_laws_has_no_fault(law: str) -> None:
    assert list(LAWS[law](made_up(GOOD))) == []


ROWS = "".join(f"<tr><td>row {number}</td></tr>" for number in range(40))
DRAWN = """<div class="grid" style="position: relative"><svg style="position: absolute" width="90pt" height="{tall}pt"
 viewBox="0 0 90 {tall}"><path d="M0 0h90v90h-90z" fill="{fill}"/></svg><table><tr style="height: 30pt">
<td>zorbinol 40 mg</td></tr></table></div>"""
TABLE = "table { border-spacing: 0 } td { padding: 0 }"


def page_of(body: str, style: str = "") -> Callable[[], Laid]:
    return lambda: made_up(body, style)


BROKEN = {
    "a cell too narrow for a word": (
        "overflowing",
        page_of("<table style='table-layout: fixed; width: 60pt'><tr><td>unbreakable_text</td><td>2</td></tr></table>"),
        "page 1: 'unbreakable_text' reaches",
    ),
    "text kept on one line": (
        "overflowing",
        page_of("<p style='width: 50pt; white-space: nowrap'>so many words on one line</p>"),
        "reaches",
    ),
    "more lines than a box is high": (
        "overflowing",
        page_of("<div style='height: 15pt; width: 60pt'>one two three four five six seven</div>"),
        "pt out of div",
    ),
    "text below the page's own part": (
        "overflowing",
        page_of("<div style='position: absolute; top: 150pt'>low down</div>"),
        "pt out of the page",
    ),
    "text in the margin of the paper": (
        "overflowing",
        page_of("<p style='position: absolute; left: 220pt; white-space: nowrap'>40 mg</p>"),
        "in the margin of the paper",
    ),
    "two texts in one place": (
        "overlapping",
        page_of("<p>zorbinol 40 mg</p><p style='margin-top: -6pt'>mallowine 20 units</p>"),
        "stand on each other",
    ),
    "a row that is cut": (
        "split",
        page_of(f"<table><tr><td>the day<br>{'a line<br>' * 30}</td></tr></table>"),
        "page 2: the row 'the daya line",
    ),
    "a cell that goes on": (
        "split",
        page_of(f"<table><tr><td rowspan=41>Monday</td><td>1</td></tr>{ROWS}</table>"),
        "page 1: the row 'Monday' goes on on the next page",
    ),
    "rules that are higher than rows": ("off its rules", page_of(DRAWN.format(tall=40, fill="#fff"), TABLE), "rows of"),
    "small text": ("small", page_of("<p style='font-size: 6.9pt'>in small print</p>"), "page 1: text of 6.90 pt"),
    "small text in a drawing": (
        "small",
        page_of("<svg width='99pt' height='40pt' viewBox='0 0 99 40'><text y='20' font-size='6.5'>x</text></svg>"),
        "page 1: text of 6.50 pt",
    ),
    "a small dose": (
        "small",
        page_of("<table><tr><td class='dose' style='font-size: 8.5pt'>40 mg</td></tr></table>"),
        "the dose '40 mg' is of 8.50 pt",
    ),
    "a small dose in a sentence": (
        "small",
        page_of("<span class='much' style='font-size: 8pt'>each time 2.97 mg</span>"),
        "the dose 'each time 2.97 mg' is of 8.00 pt",
    ),
    "grey text": ("pale", page_of("<p style='color: #888'>a note</p>"), "'a note' has a contrast of 3.5:1"),
    "a grey dose": ("pale", page_of("<p style='color: #666'>40 mg</p>"), "5.7:1, less than 7.0:1"),
    "a grey drug": ("pale", page_of("<p style='color: #666'>zorbinol</p>"), "5.7:1, less than 7.0:1"),
    "black on dark": ("pale", page_of("<p style='background: #333'>a note</p>"), "less than 4.5:1"),
    "a dose on a dark tint that is drawn": (
        "pale",
        page_of(DRAWN.format(tall=31, fill="#777"), TABLE),
        "'zorbinol 40 mg' has a contrast of 4.",
    ),
    "black on black in a drawing": (
        "pale",
        page_of("<svg width='99pt' height='40pt'><rect width='99' height='40'/><text x='9' y='20'>7</text></svg>"),
        "'7' in a drawing has a contrast of 1.0:1",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_made_up_page_that_breaks_a_law_is_caught(name: str) -> None:
    law, make, said = BROKEN[name]
    found = list(LAWS[law](make()))
    assert found
    assert said in "\n".join(found)


def test_heads_of_tables_may_be_repeated() -> None:
    laid = made_up(f"<table><thead><tr><th>Drug</th></tr></thead>{ROWS}</table>")
    assert len(laid.boxes) > 1
    assert list(pages.split(laid)) == []


def test_a_page_without_its_head_or_foot_is_caught() -> None:
    page = "size: 300pt 200pt; margin: 30pt; @top-left { content: 'ID P1' } @bottom-left { content: 'issue 2' }"
    text = "<p>one</p><p style='break-before: page'>two</p>"
    laid = made_up(text, page=page)
    assert list(pages.headless(laid, ("ID P1",), ("issue 2",))) == []
    laid = made_up(text, "@page :first { @top-left { content: none } }", page)
    assert list(pages.headless(laid, ("ID P1",), ("issue 2",))) == ["page 1: 'ID P1' is not in the head"]
    assert list(pages.headless(laid, (), ("issue 3",))) == [
        "page 1: 'issue 3' is not in the foot",
        "page 2: 'issue 3' is not in the foot",
    ]


def test_a_character_that_no_font_has_is_caught() -> None:
    assert "U+E123" in "\n".join(pages.without_a_letter(made_up("<p>\ue123</p>")))


@pytest.mark.parametrize(("one", "other", "ratio"), [((0, 0, 0), (1, 1, 1), 21), ((1, 1, 1), (1, 1, 1), 1)])
def test_the_ends_of_contrast(one: pages.Rgb, other: pages.Rgb, ratio: float) -> None:
    assert pages.contrast(one, other) == pytest.approx(ratio)


SPOILED = {
    "overflowing": ".orders td { white-space: nowrap }",
    "overlapping": ".flag { top: 40pt }",
    "off its rules": ".quiet td { height: 13pt }",
    "small": ".grid .dose { font-size: 8.5pt }",
    "pale": ".orders .agent { color: #666 }",
    "split": ".orders .note { height: 400pt } tr { break-inside: auto }",
}


@pytest.mark.parametrize("law", SPOILED)
def test_a_real_sheet_with_a_spoiled_style_is_caught(law: str, records: dict[str, Path]) -> None:
    ours = (resources.folder("templates") / "sheet.css").read_text(encoding="utf-8")
    spoiled = replace(LETTER, templates=(SiteTemplate("sheet.css", ours + SPOILED[law], "sheet.css"),))
    plan = load_plan(records["arm-d-cns2-child"], spoiled)
    laid = laid_out(lambda: roadmap("block-2")(plan, spoiled))
    drugs = {agent.written for agent in plan.protocol.agents.values()}
    check = LAWS[law] if law != "pale" else lambda laid: pages.pale(laid, drugs)
    assert list(check(laid))
