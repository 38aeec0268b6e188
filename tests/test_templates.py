"""A site's own templates: they take the place of ours file by file, and can neither read nor reach anything else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pypdfium2
import pytest
from conftest import run

from protocal import resources

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


def test_a_folder_that_is_not_there_and_a_file_that_is_no_text_are_told(child: Path, site: Path) -> None:
    (site / "sheet.css").write_bytes(b"\xff\xfe")
    assert "it is not UTF-8" in roadmap(child, site).stderr
    (site.parent / "site.yaml").write_text("format: 1\ntemplates: nowhere\n", encoding="utf-8")
    done = roadmap(child, site)
    assert (done.returncode, "site.yaml:2:1: error" in done.stderr) == (1, True)
