"""Sheets are pressed by several processes or by one: the same bytes, the same mistakes, and nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from conftest import CHILD, with_options
from conftest import run_process as run
from test_layout import LETTER, calendar, roadmap

from protocal.model.plan import Plan
from protocal.model.problems import ProtocalError, UsageError
from protocal.model.settings import SiteTemplate
from protocal.render.pdf import side_by_side
from protocal.render.pdf import weasyprint_pdf as press
from protocal.render.pdf.sheets_pdf import sheets_html
from protocal.render.pdf.side_by_side import PROCESSES, processes
from protocal.render.roadmap import make_roadmap
from protocal.workflow.planning import load_plan

PAGE = '<!doctype html><html lang="en"><head><title>Made up</title></head><body data-bookmark="Sheet">{}</body></html>'
COURSES = ("block-1", "blina-cycle-1", "continuation-1")
NOBODY_S = "\N{LINEAR B SYLLABLE B008 A}"


@pytest.fixture(autouse=True)
def as_many_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PROCESSES, raising=False)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("side-by-side") / "p001.yaml"
    assert run("new", found, *with_options(CHILD, name="Made-up Child")).returncode == 0
    return found


@pytest.fixture(scope="module")
def plan(record: Path) -> Plan:
    return load_plan(record, LETTER)


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Gives this process so many cores, and so few letters of a page that each is worth a process."""

    def give(count: int) -> None:
        monkeypatch.setattr(side_by_side, "_cores", lambda: count)
        monkeypatch.setattr(side_by_side, "_WORTH", 1)

    return give


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The helpers that were started, oldest first."""
    started: list[subprocess.Popen[bytes]] = []

    class Kept(subprocess.Popen[bytes]):
        def __init__(self, *words: Any, **options: Any) -> None:
            super().__init__(*words, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Kept)
    return started


@pytest.fixture
def by_helpers(monkeypatch: pytest.MonkeyPatch) -> list[press.PressedSheet]:
    """The sheets that helpers brought; once there is one, this process leaves all but the first sheet to them."""
    brought: list[press.PressedSheet] = []
    hear, following, started = side_by_side._Helper.hear, side_by_side._next, side_by_side._Helper.__init__
    helping: list[Any] = []

    def begun(helper: Any, *words: Any) -> None:
        helping.append(helper)
        started(helper, *words)

    def heard(helper: Any) -> Any:
        answer = hear(helper)
        if isinstance(answer, press.PressedSheet):
            brought.append(answer)
        return answer

    def not_here(waiting: Any) -> int | None:
        return None if helping and threading.current_thread() is threading.main_thread() else following(waiting)

    monkeypatch.setattr(side_by_side._Helper, "__init__", begun)
    monkeypatch.setattr(side_by_side._Helper, "hear", heard)
    monkeypatch.setattr(side_by_side, "_next", not_here)
    return brought


# --- the same document


@pytest.mark.parametrize("count", [2, 3])
def test_same_record_same_bytes_whatever_the_number_of_processes(
    count: int, plan: Plan, cores: Callable[[int], None], helpers: list[Any], by_helpers: list[Any]
) -> None:
    make = roadmap(*COURSES)
    alone = make(plan, LETTER)
    assert not helpers
    cores(count)
    assert make(plan, LETTER) == alone
    assert len(helpers) == count - 1
    assert len(by_helpers) == len(COURSES) - 1


def test_one_course_starts_no_helper(plan: Plan, helpers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_cores", lambda: 64)
    assert roadmap("block-1")(plan, LETTER)
    assert not helpers


def test_all_roadmaps_are_worth_a_helper_and_each_course_by_itself_is_not(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "_cores", lambda: 64)
    pages = list(sheets_html(make_roadmap(plan, LETTER), LETTER, plan.issued))
    assert processes(pages) > 1
    assert {processes([page]) for page in pages} == {1}


@pytest.mark.parametrize(
    ("cores", "said", "expected"), [(1, None, 1), (8, None, 4), (8, "3", 3), (2, "3", 2), (8, "1", 1)]
)
def test_as_many_processes_as_cores_but_no_more_than_are_wanted(
    cores: int, said: str | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "_cores", lambda: cores)
    if said:
        monkeypatch.setenv(PROCESSES, said)
    assert processes(["x" * 1_000_000] * 10) == expected


@pytest.mark.parametrize("said", ["0", "-1", "two", "", "\N{ARABIC-INDIC DIGIT TWO}"])
def test_what_is_no_number_of_processes_is_said(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESSES, said)
    with pytest.raises(UsageError, match=PROCESSES):
        processes(["x"])


def test_a_program_that_is_no_python_starts_no_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "_cores", lambda: 8)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert processes(["x" * 1_000_000] * 10) == 1


# --- what goes wrong


@pytest.mark.parametrize(
    "command", ["raise SystemExit(1)", "import os; os.read(0, 1 << 20); os._exit(0)", "print('?' * 9)"]
)
def test_a_helper_that_ends_is_done_without(
    command: str, plan: Plan, cores: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = calendar("2027-01-31")
    alone = make(plan, LETTER)
    start = subprocess.Popen

    def ending(_command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", command], **options)

    monkeypatch.setattr(subprocess, "Popen", ending)
    cores(2)
    assert make(plan, LETTER) == alone


def test_where_no_process_can_be_started_one_presses_all(
    plan: Plan, cores: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_command: Any, **_options: Any) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refused)
    cores(2)
    assert roadmap(*COURSES[:2])(plan, LETTER)


def test_a_helper_that_is_killed_over_a_sheet_is_done_without(
    plan: Plan, cores: Callable[[int], None], helpers: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = roadmap(*COURSES)
    alone = make(plan, LETTER)
    tell = side_by_side._Helper.tell
    killed: list[int] = []

    def told(helper: Any, what: Any) -> None:
        tell(helper, what)
        if isinstance(what, tuple):
            helper.process.kill()
            killed.append(what[0])

    following = side_by_side._next

    def after_it(waiting: Any) -> int | None:  # this process takes none until a helper was killed over one
        here = threading.current_thread() is threading.main_thread()
        return None if here and not killed else following(waiting)

    monkeypatch.setattr(side_by_side._Helper, "tell", told)
    monkeypatch.setattr(side_by_side, "_next", after_it)
    cores(2)
    assert make(plan, LETTER) == alone
    assert len(killed) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"<p>{NOBODY_S}</p>", f"no font of this machine has these letters: {NOBODY_S}"),
        ('<img src="http://example.org/x.png" alt="x">', "a template asks for 'http://example.org/x.png'"),
    ],
)
def test_a_mistake_on_a_helper_s_sheet_is_said_as_if_there_were_none(
    text: str, said: str, cores: Callable[[int], None], by_helpers: list[Any]
) -> None:
    cores(2)
    with pytest.raises(ProtocalError) as caught:
        press.press([PAGE.format("<p>1</p>"), PAGE.format(text)], "sheet.css", "size: letter", LETTER)
    assert said in str(caught.value.problems[0])
    assert by_helpers


def test_what_breaks_a_helper_breaks_here_too(cores: Callable[[int], None], by_helpers: list[Any]) -> None:
    cores(2)
    broken: Any = 7  # no text
    with pytest.raises(TypeError):
        press.Press(press.Means((), b"", own=False)).sheet(1, broken)
    with pytest.raises(TypeError):
        side_by_side.side_by_side(
            [PAGE, broken], press.Means((), b"", own=False), press.Press(press.Means((), b"", own=False)).sheet, print
        )


def test_a_site_s_templates_are_read_by_helpers_as_html(
    cores: Callable[[int], None], by_helpers: list[Any], tmp_path: Path
) -> None:
    own = (SiteTemplate("sheet.css", "p { color: #111 }", str(tmp_path / "sheet.css")),)
    settings = replace(LETTER, templates=own)
    pages = [PAGE.format("<p>1<p>2"), PAGE.format("<p>3<p>4<p>5")]
    alone = press.press(pages, "sheet.css", "size: letter", settings)
    cores(2)
    assert press.press(pages, "sheet.css", "size: letter", settings) == alone
    assert by_helpers


def alive(mark: str) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                yield int(folder.name)
        except OSError:
            continue


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_stopped_leaves_no_helper(how: signal.Signals, record: Path, tmp_path: Path) -> None:
    mark = f"TEST_SIDE_BY_SIDE_{os.getpid()}_{how.name}"
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # who runs the tests may ignore it
        "from protocal.render.pdf import side_by_side\n"
        "from protocal.cli import main\n"
        "side_by_side._cores = lambda: 3\n"
        "main()\n"
    )
    command = [sys.executable, "-c", code, "roadmap", str(record), "-o", str(tmp_path / "out.pdf")]
    process = subprocess.Popen(
        command, env={**os.environ, mark: "1"}, stderr=subprocess.PIPE, text=True, process_group=0
    )
    while process.poll() is None and len(list(alive(mark))) < 3:
        time.sleep(0.01)
    os.killpg(process.pid, how)
    said = process.communicate(timeout=60)[1]
    deadline = time.monotonic() + 60
    while list(alive(mark)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not list(alive(mark))
    assert process.returncode
    assert "Traceback" not in said
    assert not (tmp_path / "out.pdf").exists()


# --- joining


def links(pdf: pikepdf.Pdf) -> list[Any]:
    return [each for page in pdf.pages for each in page.get("/Annots", [])]


def test_links_and_bookmarks_of_many_sheets_lead_to_their_own_pages(tmp_path: Path) -> None:
    pages = [
        PAGE.format(f'<p><a href="#place-{number}">to</a></p><p id="place-{number}">(5 0 R) 100 %</p>')
        for number in "ab"
    ]
    file = tmp_path / "x.pdf"
    file.write_bytes(press.press(pages, "sheet.css", "size: letter", LETTER))
    with pikepdf.open(file) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) == 2
        places = pdf.Root.Names.Dests.Names
        found = {str(places[index]): places[index + 1][0] for index in range(0, len(places), 2)}
        assert {name: page.objgen for name, page in found.items()} == {
            f"place-{letter}": page.objgen for letter, page in zip("ab", pdf.pages, strict=True)
        }
        nums = pdf.Root.StructTreeRoot.ParentTree.Nums
        parents = {int(nums[index]): nums[index + 1] for index in range(0, len(nums), 2)}
        assert sorted(parents) == [0, 1, 2, 3]
        assert [int(page.StructParents) for page in pdf.pages] == [0, 1]
        assert [int(link.StructParent) for link in links(pdf)] == [2, 3]
        assert [parents[number].S for number in (2, 3)] == ["/Link", "/Link"]
        with pdf.open_outline() as outline:
            assert [each.title for each in outline.root] == ["Sheet", "Sheet"]
            assert [each.destination[0].objgen for each in outline.root] == [page.objgen for page in pdf.pages]


def test_cells_of_different_sheets_have_different_names(plan: Plan, tmp_path: Path) -> None:
    file = tmp_path / "x.pdf"
    file.write_bytes(roadmap("block-1", "blina-cycle-1")(plan, LETTER))
    with pikepdf.open(file) as pdf:
        names = [
            str(each.ID)
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and "/ID" in each and each.get("/Type") == "/StructElem"
        ]
    assert len(names) == len(set(names)) > 20


def test_the_same_picture_and_the_same_font_stand_once_in_a_file(tmp_path: Path) -> None:
    picture = (Path(__file__).parent.parent / "docs/gallery/pages").glob("*.png")
    settings = replace(LETTER, logo=next(picture).read_bytes())
    file = tmp_path / "x.pdf"
    pages = [
        PAGE.format(f'<p>{number}</p><img style="width: 40pt" src="{press.LOGO}" alt="mark">') for number in range(3)
    ]
    file.write_bytes(press.press(pages, "sheet.css", "size: letter", settings))
    with pikepdf.open(file) as pdf:
        kinds = [
            str(each.get("/Subtype", each.get("/Type", "")))
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary | pikepdf.Stream)
        ]
    assert kinds.count("/Image") == 1
    assert kinds.count("/Type0") == 1
    assert len(pdf.pages) == 3
