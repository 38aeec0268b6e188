"""What makes sheets quick to press changes nothing on them, and is put back."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import pydyf  # type: ignore[import-untyped]
import pytest
import tinyhtml5  # type: ignore[import-untyped]
import weasyprint
from conftest import CHILD, run, with_options
from test_layout import A4, LETTER, SPANISH, calendar, pocket, roadmap, worksheet

from protocal.pipeline import load_plan
from protocal.render import press, quick
from protocal.render.well_formed import well_formed
from protocal.words.plan import Plan
from protocal.words.settings import Settings

DOCUMENTS: dict[str, tuple[Callable[[Plan, Settings], bytes], Settings]] = {
    "a roadmap": (roadmap("block-1", "blina-cycle-1", "continuation-1"), LETTER),
    "a roadmap in Spanish": (roadmap("block-1"), SPANISH),
    "a calendar": (calendar("2027-01-31"), A4),
    "a calendar in Spanish": (calendar("2026-12-31"), SPANISH),
    "a pocket page": (pocket("2026-12-01"), LETTER),
    "a worksheet": (worksheet("block-1"), LETTER),
}
NAMES = ("Made-up Child", "طفل مصنوع", "Made-up <br> & &nbsp; 'Child'")
BY_HAND = (
    '<html lang="en"><head><meta charset="utf-8"><title>&ndash; &amp;copy;</title></head><body>'
    "<table><col><col><tr><td>1<br>2</td></tr><tr><td>&lt;br&gt;</td></tr></table>"
    '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg></body></html>'
)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("quick")
    found = {name: folder / f"{number}.yaml" for number, name in enumerate(NAMES)}
    for name, record in found.items():
        assert run("new", record, *with_options(CHILD, name=name)).returncode == 0
    return found


@pytest.fixture
def usual_strength(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compressed with one strength, whoever presses."""
    monkeypatch.setattr(pydyf, "zlib", SimpleNamespace(compressobj=lambda level: zlib.compressobj()))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes WeasyPrint do all its own work."""

    def make() -> None:
        monkeypatch.setattr(quick, "KNOWN", "no release")
        monkeypatch.setattr(press, "well_formed", lambda _html: None)

    return make


@pytest.mark.usefixtures("usual_strength")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_remembered_changes_no_byte(name: str, records: dict[str, Path], slow: Callable[[], None]) -> None:
    make, settings = DOCUMENTS[name]
    plan = load_plan(records[NAMES[0]], settings)
    quickly = make(plan, settings)
    slow()
    assert make(plan, settings) == quickly


@pytest.mark.usefixtures("usual_strength")
@pytest.mark.parametrize("child", NAMES)
def test_no_name_is_remembered_wrongly(child: str, records: dict[str, Path], slow: Callable[[], None]) -> None:
    make = roadmap("block-1")
    plan = load_plan(records[child], LETTER)
    quickly = make(plan, LETTER)
    slow()
    assert make(plan, LETTER) == quickly


def test_this_release_of_weasyprint_is_known() -> None:
    assert weasyprint.__version__.startswith(quick.KNOWN)


def parts() -> list[Any]:
    of_all = (quick._lines, quick._letters, quick._sizes, quick._styles, quick._file)
    return [vars(owner)[name] for part in of_all for owner, name, _new in part(weasyprint)]


def stopped_halfway() -> None:
    with quick.quick(weasyprint):
        raise ZeroDivisionError


def test_each_part_takes_its_place_and_is_put_back() -> None:
    before = parts()
    with quick.quick(weasyprint):
        meanwhile = parts()
    assert not [part for part, old in zip(meanwhile, before, strict=True) if part is old]
    with pytest.raises(ZeroDivisionError):
        stopped_halfway()
    assert parts() == before


def test_a_release_that_is_not_known_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    split = weasyprint.layout.inline.split_first_line
    monkeypatch.setattr(weasyprint, "__version__", "1000.0")
    with quick.quick(weasyprint):
        assert weasyprint.layout.inline.split_first_line is split


def told(element: Element) -> tuple[Any, ...]:
    """An element without the space between elements."""
    text, tail = element.text or "", element.tail or ""
    return element.tag, dict(element.attrib), text.strip() and text, tail.strip() and tail, [*map(told, element)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_of_our_pages_is_read_as_an_html_parser_reads_it(
    name: str, records: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []

    def heard(page: str) -> Element | None:
        pages.append(page)
        return well_formed(page)

    monkeypatch.setattr(press, "well_formed", heard)
    make, settings = DOCUMENTS[name]
    make(load_plan(records[NAMES[0]], settings), settings)
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
