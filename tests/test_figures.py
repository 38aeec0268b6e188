"""Rules P6 to P9: no template, message or document has a form of a figure or a unit that has killed."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import CASES
from feeds import feed
from icalendar import Calendar
from jinja2 import Environment

import protocal
from protocal import resources
from protocal.model.plan import Plan
from protocal.model.settings import Ceiling, Settings
from protocal.render.data.drug_day import drug_day
from protocal.render.data.drugs import drug_report
from protocal.render.data.findings import findings_text
from protocal.render.pdf.sheets_pdf import sheets_html, worksheet_html
from protocal.render.roadmap import make_roadmap
from protocal.render.terminal import day_text, drugs_text, plan_text, protocol_text
from protocal.render.worksheet import make_worksheet

PACKAGE = Path(protocal.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(resources.folder("templates").glob("*.j2"))
GETTEXT = ("_", "gettext", "ngettext", "pgettext", "npgettext")

UNIT = r"(?:mg|mcg|g|kg|units?|mL|ml|L|cm|m2|mm|h|min|IU|U|%|tablets?|doses?)(?:/(?:m2|kg|day|mL))*"
TIGHT = r"(?:mg|mcg|kg|g|units?|mL|ml|cm|m2|h|min|tablets?)(?![A-Za-z0-9_])"
FORBIDDEN = {
    "trailing zero": re.compile(rf"\d\.\d*0(?![\d.])[ \u00a0]?{UNIT}(?![A-Za-z])"),
    "no leading zero": re.compile(r"(?<![\d\w)\]}])\.\d"),
    "unit abbreviation": re.compile(
        r"(?<![A-Za-z0-9_-])(?:IU|U|[Qq]\.?[Oo]?\.?[Dd]\.?|cc)(?![A-Za-z0-9_-])|\d(?:IU|U|u|cc)\b"
    ),
    "micro sign": re.compile("[\u00b5\u03bc]"),
    "at sign": re.compile("@"),
    "fraction of a tablet": re.compile(r"\d\s?/\s?\d+[ \u00a0](?:of a )?(?:tablet|tab|pill|capsule)"),
    "no space before unit": re.compile(rf"(?<![A-Za-z0-9_.:-])[\d.,]*\d{TIGHT}"),
    "no space after placeholder": re.compile(rf"\}}{TIGHT}"),
    "thousands without comma": re.compile(rf"(?<![\d.,/A-Za-z-])\d{{4,}}(?:\.\d+)?[ \u00a0]{UNIT}(?![A-Za-z])"),
}  # fmt: skip


def wrong_forms(text: str) -> list[tuple[str, str]]:
    """Every forbidden form of a text with what stands around it."""
    return [
        (name, text[max(0, match.start() - 20) : match.end() + 20])
        for name, form in FORBIDDEN.items()
        for match in form.finditer(text)
    ]


# --- the walker fires


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("trailing zero", "give 2.0 mg"),
        ("trailing zero", "1.50 mg/m2"),
        ("trailing zero", "0.780 m2"),
        ("trailing zero", "1,250.0 units"),
        ("trailing zero", "2.0\N{NO-BREAK SPACE}mg"),
        ("no leading zero", "give .5 mg"),
        ("no leading zero", ".5 mg"),
        ("no leading zero", "= .78 m2"),
        ("unit abbreviation", "1,000 U"),
        ("unit abbreviation", "1,000U"),
        ("unit abbreviation", "1,000 IU/m2"),
        ("unit abbreviation", "6 mg QD"),
        ("unit abbreviation", "6 mg q.d."),
        ("unit abbreviation", "6 mg qod"),
        ("unit abbreviation", "6 mg QOD"),
        ("unit abbreviation", "5 cc"),
        ("unit abbreviation", "5cc"),
        ("micro sign", "15 \u00b5g"),
        ("micro sign", "15 \u03bcg"),
        ("at sign", "2 mg @ 08:00"),
        ("fraction of a tablet", "1/2 tablet"),
        ("fraction of a tablet", "1 1/2 tablets"),
        ("fraction of a tablet", "1/2 of a tablet"),
        ("no space before unit", "2mg"),
        ("no space before unit", "1.17mg"),
        ("no space before unit", "2,500units/m2"),
        ("no space before unit", "0.78m2"),
        ("no space before unit", "24h"),
        ("no space after placeholder", "{dose}mg"),
        ("no space after placeholder", "{{ dose }}mg"),
        ("thousands without comma", "1000 mg"),
        ("thousands without comma", "1060.4 mg"),
        ("thousands without comma", "give 60250\N{NO-BREAK SPACE}units"),
        ("thousands without comma", "2500 units/m2"),
    ],
)
def test_the_walker_fires_on_each_forbidden_form(form: str, text: str) -> None:
    assert form in {name for name, _around in wrong_forms(text)}


def test_every_form_has_a_case_that_fires() -> None:
    marks = test_the_walker_fires_on_each_forbidden_form.pytestmark  # type: ignore[attr-defined]
    assert {form for form, _text in marks[0].args[1]} == set(FORBIDDEN)


@pytest.mark.parametrize(
    "text",
    [
        "2 mg, 0.5 mg, 1,000 mg, 60,250 units, 10 mg, 100 mg, 0.05 mg, 10.05 mg",
        "1.5 mg/m2 x 0.78 m2 = 1.17 mg; 3.32 mg, capped at 2 mg",
        "Tue 01-Dec-2026, 24 h, 15-30 min, over 1-2 h, +48 h",
        "definition aall1331 0.10, revision 1024 of 22-Nov-2026, ID P1000",
        "one and a half tablets, half a 50 mg tablet",
        "each of 4, every 6 h; 750 /mcL; page 1 of 2; and/or 1/2 of the page",
        "block-1/vcr/8, day 10. 5 doses; UNVERIFIED; CNS2",
        "{dose} mg, {count} h",
    ],
)
def test_the_walker_is_quiet_on_right_forms(text: str) -> None:
    assert wrong_forms(text) == []


# --- what people wrote: templates and messages


def messages_of(tree: ast.Module) -> Iterator[str]:
    """Every message id of the code: the texts of calls that are translated."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in GETTEXT:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def figures_without_space(tree: ast.Module) -> Iterator[str]:
    """Places of an f-string where a unit follows a figure without a space: `f"{dose}{line.unit}"`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for one, other in pairwise(node.values):
                if isinstance(one, ast.FormattedValue) and isinstance(other, ast.FormattedValue):
                    names = ast.unparse(other.value).rpartition(".")[2]
                    if names == "unit":
                        yield ast.unparse(node)
                if isinstance(one, ast.FormattedValue) and isinstance(other, ast.Constant):
                    text = "}" + str(other.value)
                    if FORBIDDEN["no space after placeholder"].match(text):
                        yield ast.unparse(node)


def template_text(source: str) -> str:
    """What a template prints of its own: no tags, no attributes, no expressions, but the messages in them."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    messages = [
        text
        for _line, _name, found in environment.extract_translations(source)
        for text in (found if isinstance(found, tuple) else (found,))
        if text
    ]  # fmt: skip
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", source, flags=re.DOTALL)
    bare = re.sub(r"\{\{.*?\}\}", "{}", bare, flags=re.DOTALL)
    return "\n".join([text_of(bare), *messages])


def text_of(source: str) -> str:
    """The text of HTML as a person reads it."""
    source = re.sub(r"<(style|script)\b.*?</\1>", " ", source, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "\n", source, flags=re.DOTALL))


@pytest.mark.parametrize("file", FILES, ids=[file.relative_to(PACKAGE).as_posix() for file in FILES])
def test_no_message_of_the_code_has_a_forbidden_form(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert [found for text in messages_of(tree) for found in wrong_forms(text)] == []
    assert list(figures_without_space(tree)) == []


def test_messages_are_found_in_the_code() -> None:
    found = {text for file in FILES for text in messages_of(ast.parse(file.read_text(encoding="utf-8")))}
    assert {"{weight} kg", "{count} dose", "{count} doses", "every {hours} hours"} <= found


def test_the_search_of_the_code_fires() -> None:
    tree = ast.parse("x = _('2mg') + ngettext('{n} U', '{n} IU', 2)\ny = f'{dose}{line.unit}'\nz = f'{dose}mg'")
    assert len([found for text in messages_of(tree) for found in wrong_forms(text)]) == 3
    assert len(list(figures_without_space(tree))) == 2


@pytest.mark.parametrize("template", TEMPLATES, ids=[template.name for template in TEMPLATES])
def test_no_template_has_a_forbidden_form(template: Path) -> None:
    assert wrong_forms(template_text(template.read_text(encoding="utf-8"))) == []


def test_the_search_of_templates_fires() -> None:
    source = "{# 2mg #}<p style='width: 2.0 mg'>{{ dose }}mg {{ _('1/2 tablet') }} .5 mg</p>"
    assert {name for name, _around in wrong_forms(template_text(source))} == {
        "no space after placeholder",
        "fraction of a tablet",
        "no leading zero",
    }


# --- what is generated

SETTINGS = Settings(ceilings=(Ceiling("anthracycline", Decimal(1000), (("mitoxantrone", Decimal(4)),)),))


@pytest.mark.parametrize("case", CASES)
def test_no_roadmap_has_a_forbidden_form(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    for sheet in sheets_html(make_roadmap(plan, Settings()), Settings(), plan.issued):
        assert wrong_forms(text_of(sheet)) == []


@pytest.mark.parametrize("case", CASES)
def test_no_drug_list_or_worksheet_has_a_forbidden_form(case: str, plans: dict[str, Plan]) -> None:
    plan = plans[case]
    report = drug_report(plan, plan, Settings())
    assert wrong_forms(drugs_text(report, 110)) == []
    for sheet in worksheet_html(make_worksheet(plan, report, Settings()), Settings(), plan.issued):
        assert wrong_forms(text_of(sheet)) == []


def test_no_cumulative_dose_has_a_forbidden_form(plans: dict[str, Plan]) -> None:
    plan = plans["arm-c-cns3-adult-at-caps"]
    report = drug_report(plan, plan, SETTINGS)
    text = drugs_text(report, 110)
    assert "1,000 mg/m2" in text
    assert wrong_forms(text) == []
    sheet = next(worksheet_html(make_worksheet(plan, report, SETTINGS), SETTINGS, plan.issued))
    assert wrong_forms(text_of(sheet)) == []


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2027, 2, 15), date(2027, 3, 1)])
def test_no_day_list_has_a_forbidden_form(day: date, plans: dict[str, Plan]) -> None:
    assert wrong_forms(day_text(drug_day(plans.values(), day), 110)) == []


@pytest.mark.parametrize("case", CASES)
def test_no_plan_or_check_on_screen_has_a_forbidden_form(case: str, plans: dict[str, Plan]) -> None:
    assert wrong_forms(plan_text(plans[case], 110)) == []
    files = re.compile(r"^  at: .*$", re.MULTILINE)  # a path may be called anything
    assert wrong_forms(files.sub("", findings_text(plans[case].problems))) == []


def test_no_definition_on_screen_has_a_forbidden_form(plans: dict[str, Plan]) -> None:
    protocol = plans[CASES[0]].protocol
    assert wrong_forms(protocol_text(protocol, list(protocol.courses), 110)) == []


@pytest.mark.parametrize("doses", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_no_feed_has_a_forbidden_form(case: str, doses: bool, plans: dict[str, Plan]) -> None:
    calendar = Calendar.from_ical(feed(plans[case], with_doses=doses, language="en"))
    for part in calendar.walk():  # identifiers apart, which have an @ by the standard
        for name in ("summary", "description", "location", "name", "x-wr-calname", "categories"):
            value = part.get(name)
            if value is not None:
                text = str(value) if not hasattr(value, "cats") else " ".join(map(str, value.cats))
                assert wrong_forms(text) == []
