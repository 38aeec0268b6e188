"""A site's own templates: they take the place of ours file by file, and can neither read nor reach anything else."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pypdfium2
import pytest
from conftest import run_process as run

from protocal import resources
from protocal.model.problems import ProtocalError
from protocal.model.settings import Settings, SiteTemplate
from protocal.render.pdf import bounded, templates

OURS = resources.folder("templates")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "ours").mkdir()
    (tmp_path / "site.yaml").write_text("format: 1\ntemplates: ours\n", encoding="utf-8")
    return tmp_path / "ours"


def roadmap(record: Path, site: Path) -> subprocess.CompletedProcess[str]:
    settings, pdf = site.parent / "site.yaml", site.parent / "x.pdf"
    return run("roadmap", record, "--course", "block-1", "--settings", settings, "-o", pdf)


def text_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return text


def test_one_file_takes_the_place_of_ours_and_the_others_stay(child: Path, site: Path) -> None:
    ours = (OURS / "_evidence.html.j2").read_text(encoding="utf-8")
    (site / "_evidence.html.j2").write_text(ours + "<p>Printed for Ward 7.</p>", encoding="utf-8")
    done = roadmap(child, site)
    assert done.returncode == 0, done.stderr
    text = text_of(site.parent / "x.pdf")
    assert "Printed for Ward 7." in text
    assert "vinCRIStine" in text


def test_a_style_sheet_of_the_site_s_is_used(child: Path, site: Path) -> None:
    ours = (OURS / "sheet.css").read_text(encoding="utf-8")
    (site / "sheet.css").write_text(ours + "\n.legend::before { content: 'Ward 7' }\n", encoding="utf-8")
    assert roadmap(child, site).returncode == 0
    assert "Ward 7" in text_of(site.parent / "x.pdf")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("course.html.j2", "{% if true %}\n{{ sheet.dose }}{% endif %}", ":2:1: error"),
        ("course.html.j2", "\n\n{% if %}", ":3:1: error"),
        ("course.html.j2", "{{ ''.__class__.__mro__ }}", "is unsafe"),
        ("course.html.j2", "{{ cells_of.__globals__ }}", "is unsafe"),
        ("course.html.j2", "{% include '/etc/passwd' %}", "there is no template '/etc/passwd'"),
        ("course.html.j2", "{% include '../pyproject.toml' %}", "there is no template"),
        ("course.html.j2", "{{ 1 / 0 }}", "division by zero"),
        ("course.html.j2", "<html lang='en'><img alt='x' src='file:///etc/passwd'>", "'file:///etc/passwd'"),
        ("course.html.j2", "<html lang='en'><img alt='x' src='http://127.0.0.1/x.png'>", "'http://127.0.0.1/x.png'"),
        ("course.html.j2", "<html lang='en'><link rel='attachment' href='file:///etc/passwd'>", "'file:///etc/passwd'"),
        ("sheet.css", "@import url(file:///etc/passwd);", "file:///etc/passwd is not one of our files"),
        ("sheet.css", "p { background: url(file:///etc/passwd) }", "'file:///etc/passwd'"),
        ("sheet.css", "p { colr: red }", "unknown property"),
        ("corse.html.j2", "", "is the name of no template of protocal's"),
    ],
)  # fmt: skip
def test_what_a_template_may_not_do_or_does_wrong_is_told_and_leaves_no_file(
    name: str, text: str, said: str, child: Path, site: Path
) -> None:
    (site / name).write_text(text, encoding="utf-8")
    done = roadmap(child, site)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (site.parent / "x.pdf").exists()


ENDLESS = {
    "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "loops-that-print": "{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}",
    "a-product-of-text": "{{ 'a' * 10**10 }}",
    "a-product-of-lists": "{% for a in [1] * 10**10 %}{% endfor %}",
    "a-power": "{{ 10 ** (10**9) }}",
    "a-power-asked": "{% if 7 ** (10**9) > 1 %}yes{% endif %}",
    "text-put-together": "{% set n = namespace(a='a') %}{% for i in range(60) %}{% set n.a = n.a ~ n.a %}{% endfor %}",
    "text-replaced": "{{ 'a' * 1000000 | replace('a', 'a' * 1000000) }}",
    "a-format": "{{ '%09999999999d' | format(1) }}",
    "a-format-of-python": "{{ '{:>9999999999}'.format(1) }}",
    "a-wide-centre": "{{ 'a' | center(10**10) }}",
    "deep-indents": "{{ ('a\\n' * 1000) | indent(10**8) }}",
    "filling-words": "{{ lipsum(n=10**9) }}",
    "batches": "{{ [1] | batch(10**10, 0) | list }}",
    "a-large-page": "{{ 'a' * 6000000 }}",
    "itself": "{% include 'course.html.j2' %}",
    "a-macro-of-itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a-loop-of-itself": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "generators": "{% set g = range(99999) | map('string') | map('center', 9999) | join %}{{ g * 99 }}",
}  # fmt: skip


# An interruption may fall into a finalizer, which swallows it with a warning; the next one comes.
SWALLOWED = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@SWALLOWED
@pytest.mark.parametrize("name", ENDLESS)
def test_a_template_without_an_end_is_stopped_and_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it writes, asks for or computes has no end; `range` is bounded, but a loop within a loop is not."""
    monkeypatch.setattr(templates, "_SECONDS", 0.5)
    template = SiteTemplate("course.html.j2", ENDLESS[name], "own/course.html.j2")
    with pytest.raises(ProtocalError) as stopped:
        templates.html("course.html.j2", Settings(templates=(template,)))
    (problem,) = stopped.value.problems
    assert (problem.code, problem.where and problem.where.file) == ("template", "own/course.html.j2")


def test_the_command_stops_at_a_template_without_an_end_and_writes_nothing(child: Path, site: Path) -> None:
    own = site / "course.html.j2"
    own.write_text(f"<p>\n{ENDLESS['loops']}", encoding="utf-8")
    done = roadmap(child, site)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{own}:2:1: error: it is not done after 3 seconds of work, as if it had no end")
    assert "Mend this file of the site's templates" in done.stderr
    assert not (site.parent / "x.pdf").exists()


@SWALLOWED
def test_bounds_end_with_the_work_that_they_are_for() -> None:
    """What a command does afterwards has all the time and memory that it had."""
    before = [resource.getrlimit(resource.RLIMIT_AS), *map(signal.getsignal, (signal.SIGPROF, signal.SIGALRM))]
    ours = SiteTemplate("course.html.j2", "<p>{{ 1 + 1 }}", "own/course.html.j2")
    endless = SiteTemplate("course.html.j2", "{{ 'a' * 10**10 }}", "own/course.html.j2")
    assert templates.html("course.html.j2", Settings(templates=(ours,))) == "<p>2"
    with pytest.raises(ProtocalError):
        templates.html("course.html.j2", Settings(templates=(endless,)))
    after = [resource.getrlimit(resource.RLIMIT_AS), *map(signal.getsignal, (signal.SIGPROF, signal.SIGALRM))]
    assert after == before
    assert signal.getitimer(signal.ITIMER_PROF) == signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_whole_roadmap_of_the_site_s_own_templates_is_within_the_bounds(child: Path, site: Path) -> None:
    for file in OURS.iterdir():
        if file.suffix in (".j2", ".css"):
            (site / file.name).write_bytes(file.read_bytes())
    settings, pdf = site.parent / "site.yaml", site.parent / "x.pdf"
    done = run("roadmap", child, "--settings", settings, "-o", pdf)
    assert done.returncode == 0, done.stderr
    assert "Maintenance" in text_of(pdf)


def test_sheets_that_are_never_laid_out_are_stopped_and_the_templates_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded, "_SECONDS", 1.0)
    template = SiteTemplate("sheet.css", "p { margin-top: 1px }", "own/sheet.css")
    pages = "<html lang='en'><title>x</title>" + "<p>a<p style='break-before: page'>b" * 20_000
    with pytest.raises(ProtocalError) as stopped:
        bounded.press([pages], "sheet.css", "size: a4", Settings(templates=(template,)))
    problem = stopped.value.problems[0]
    assert str(problem.where) == "own/sheet.css"
    assert "a sheet is not laid out after 1 seconds" in problem.message


REACHES = {
    "picture": "<img alt='x' src='{}'>",
    "object": "<object data='{}'>x</object>",
    "embedded": "<embed src='{}'>",
    "drawing": "<svg xmlns='http://www.w3.org/2000/svg'><image href='{}' width='9' height='9'/></svg>",
    "drawing-used": "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><use href='{}#a'/></svg>",
    "style-sheet": "<link rel='stylesheet' href='{}'>",
    "attachment": "<a rel='attachment' href='{}'>x</a>",
    "attached": "<link rel='attachment' href='{}'>",
    "import": "<style>@import '{}';</style>",
    "font": "<style>@font-face {{ font-family: X; src: url({}) }} p {{ font-family: X }}</style><p>x",
    "background": "<style>p {{ background: url({}) }}</style><p>x",
    "content": "<style>p::before {{ content: url({}) }}</style><p>x",
    "marker": "<style>li {{ list-style-image: url({}) }}</style><ul><li>x</ul>",
    "border": "<style>p {{ border: 1px solid; border-image: url({}) 1 }}</style><p>x",
    "base": "<base href='{}/'><img alt='x' src='x.png'>",
}  # fmt: skip


@pytest.mark.parametrize("name", REACHES)
def test_a_page_reaches_nothing_but_the_fonts_and_the_site_s_picture(name: str, tmp_path: Path) -> None:
    """No file is opened and no address is asked, whatever HTML and CSS a site's template has."""
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'><text id='a'>SECRET</text></svg>", encoding="utf-8")
    opened: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith(secret.name):
            opened.append(str(arguments[0]))
        if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
            opened.append(f"{event} {arguments}")

    watching = [True]
    sys.addaudithook(lambda event, arguments: watch(event, arguments) if watching else None)
    template = SiteTemplate("sheet.css", "p { margin-top: 1px }", "own/sheet.css")
    try:
        for address in (secret.as_uri(), "http://127.0.0.1:9/x.png", "data:image/svg+xml,<svg/>"):
            body = REACHES[name].format(address)
            page = f"<html lang='en'><title>x</title><body>{body}<p>x"
            with suppress(ProtocalError):  # an address that is asked for is refused; one that is not is no matter
                data = bounded.press([page], "sheet.css", "size: a4", Settings(templates=(template,)))
                assert b"/EmbeddedFile" not in data
    finally:
        watching.clear()
    assert opened == []


def test_a_folder_that_is_not_there_and_a_file_that_is_no_text_are_told(child: Path, site: Path) -> None:
    (site / "sheet.css").write_bytes(b"\xff\xfe")
    assert "it is not UTF-8" in roadmap(child, site).stderr
    (site.parent / "site.yaml").write_text("format: 1\ntemplates: nowhere\n", encoding="utf-8")
    done = roadmap(child, site)
    assert (done.returncode, "site.yaml:2:1: error" in done.stderr) == (1, True)
