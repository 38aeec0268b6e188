"""Our own pages are read as XML as an HTML parser reads them, and what is no XML has no tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import tinyhtml5  # type: ignore[import-untyped]
from conftest import CHILD, with_options
from conftest import run_process as run
from test_layout import A4, LETTER, TRANSLATED, calendar, pocket, roadmap, worksheet

from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.render.pdf import weasyprint_pdf as press
from protocal.render.pdf.html_tree import well_formed
from protocal.workflow.planning import load_plan

DOCUMENTS: dict[str, tuple[Callable[[Plan, Settings], bytes], Settings]] = {
    "a roadmap": (roadmap("block-1", "blina-cycle-1", "continuation-1"), LETTER),
    "a calendar": (calendar("2027-01-31"), A4),
    "a pocket page": (pocket("2026-12-01"), LETTER),
    "a worksheet": (worksheet("block-1"), LETTER),
}
for language, settings in TRANSLATED.items():
    DOCUMENTS[f"a roadmap, {language}"] = (roadmap("block-1"), settings)
    DOCUMENTS[f"a calendar, {language}"] = (calendar("2026-12-31"), settings)
BY_HAND = (
    '<html lang="en"><head><meta charset="utf-8"><title>&ndash; &amp;copy;</title></head><body>'
    "<table><col><col><tr><td>1<br>2</td></tr><tr><td>&lt;br&gt;</td></tr></table>"
    '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg></body></html>'
)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("well-formed") / "p001.yaml"
    assert run("new", found, *with_options(CHILD, name="Made-up <br> & &nbsp; 'Child'")).returncode == 0
    return found


def told(element: Element) -> tuple[Any, ...]:
    """An element without the space between elements."""
    text, tail = element.text or "", element.tail or ""
    return element.tag, dict(element.attrib), text.strip() and text, tail.strip() and tail, [*map(told, element)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_of_our_pages_is_read_as_an_html_parser_reads_it(
    name: str, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []

    def heard(page: str) -> Element | None:
        pages.append(page)
        return well_formed(page)

    monkeypatch.setattr(press, "well_formed", heard)
    make, settings = DOCUMENTS[name]
    make(load_plan(record, settings), settings)
    assert pages
    for page in (*pages, BY_HAND):
        tree = well_formed(page)
        assert tree is not None
        assert told(tree) == told(tinyhtml5.parse(page, namespace_html_elements=False))


@pytest.mark.parametrize(
    "page", ["<html><p>1<p>2</html>", "<p>no root</p>", "<html>\x0b</html>", "<html>\ud800</html>"]
)
def test_what_is_no_xml_has_no_tree(page: str) -> None:
    assert well_formed(page) is None
