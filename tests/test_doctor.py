from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from conftest import run_process as run
from typer.testing import CliRunner, Result

from protocal.cli import doctor, libraries  # noqa: F401 - importing it adds the command
from protocal.cli import environment as machine
from protocal.cli.root import app
from protocal.model.problems import LackingError
from protocal.render.pdf import weasyprint_pdf as press


def consult(monkeypatch: pytest.MonkeyPatch, *libraries: str, spare: bool = True) -> Result:
    """What the doctor says on a machine that lacks these native libraries, and perhaps the spare font."""
    monkeypatch.setattr(machine, "load", lambda library: None if library.name in libraries else object())
    monkeypatch.setattr(machine, "has_font", lambda family: spare)
    monkeypatch.setattr(machine, "_folders", lambda: iter(()))
    return CliRunner().invoke(app, ["doctor"])


def test_all_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    done = consult(monkeypatch)
    assert done.exit_code == 0
    assert "Everything needed is here." in done.output
    assert "apt-get" not in done.output


def test_a_missing_library_is_named_with_the_commands_that_bring_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done = consult(monkeypatch, "pango-1.0", "pangoft2-1.0")
    assert done.exit_code == 3
    assert "LACKING   pango-1.0" in done.output
    assert "sudo apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0\n" in done.output
    assert "brew install pango\n" in done.output


def test_a_library_that_only_makes_things_faster_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    done = consult(monkeypatch, "harfbuzz-subset")
    assert done.exit_code == 0
    assert "optional  harfbuzz-subset" in done.output
    assert "libharfbuzz-subset0\n" in done.output


def test_no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing() -> None:
        raise LackingError("no font")

    monkeypatch.setattr(machine, "font_files", nothing)
    done = consult(monkeypatch)
    assert done.exit_code == 3
    assert "LACKING   font of the sheets" in done.output
    assert "install protocal again from where it came" in done.output


def library(name: str) -> libraries.Declared:
    return next(each for each in libraries.declared() if each.name == name)


NEEDED = [each.name for each in libraries.declared() if not each.extra]


def test_every_library_of_the_installed_metadata_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(NEEDED) >= {"icalendar", "jinja2", "pydantic", "pypdfium2", "pyyaml", "typer", "weasyprint"}
    looked_at = {each.what: each.needed for each in machine.examine()}
    assert all(looked_at[name] for name in NEEDED)
    assert not looked_at["xlsxwriter"]


@pytest.mark.parametrize("name", NEEDED)
def test_a_library_that_is_too_old_is_lacking(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "version", lambda each: "0.0.1" if each == name else version(each))
    done = consult(monkeypatch)
    wanted = library(name).wanted
    assert done.exit_code == 3
    assert re.search(rf"^LACKING   {name} +0.0.1 is here, .*>=.* is needed$", done.output, re.MULTILINE)
    assert f"-m pip install {wanted}\n" in done.output


@pytest.mark.parametrize("name", NEEDED)
def test_a_library_that_is_not_there_is_lacking(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(each: str) -> str:
        if each == name:
            raise PackageNotFoundError(each)
        return version(each)

    monkeypatch.setattr(libraries, "version", missing)
    done = consult(monkeypatch)
    assert done.exit_code == 3
    assert re.search(rf"^LACKING   {name} +for ", done.output, re.MULTILINE)
    assert f"-m pip install {library(name).wanted}\n" in done.output


@pytest.mark.parametrize("module", ["yaml", "dateutil", "icalendar", "jinja2", "weasyprint", "cssselect2", "pypdfium2"])
def test_a_library_that_cannot_be_imported_is_lacking_whatever_its_version(module: str) -> None:
    code = f"import sys\nsys.modules[{module!r}] = None\nfrom protocal.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, "doctor"], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 3
    assert done.stderr == ""
    assert "LACKING" in done.stdout
    assert "Something needed is lacking." in done.stdout


def test_an_import_error_inside_weasyprint_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_an_old_one() -> None:
        raise ImportError("cannot import name 'UA' from 'weasyprint.html'\nand more")

    monkeypatch.setattr(press, "import_weasyprint", as_an_old_one)
    done = consult(monkeypatch)
    assert done.exit_code == 3
    assert re.search(
        r"^LACKING   a page, printed +cannot import name 'UA' from 'weasyprint.html'$", done.output, re.MULTILINE
    )
    assert "install protocal again from where it came" in done.output


def test_a_page_that_reads_otherwise_than_it_was_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_press_and_read", lambda text: text.replace("0.5", "5"))
    done = consult(monkeypatch)
    assert done.exit_code == 3
    assert "'protocal 0.5 mg' was printed and 'protocal 5 mg' read back" in done.output


def test_without_metadata_the_ranges_are_not_said_to_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "requires", lambda name: version("no-such-distribution"))
    done = consult(monkeypatch)
    assert done.exit_code == 3
    assert "LACKING   the list of libraries" in done.output


def test_no_spare_font(monkeypatch: pytest.MonkeyPatch) -> None:
    done = consult(monkeypatch, spare=False)
    assert done.exit_code == 0
    assert "fonts-dejavu-core\n" in done.output
    assert "brew install --cask font-dejavu\n" in done.output


def test_no_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(key: str) -> None:
        raise ZoneInfoNotFoundError(key)

    monkeypatch.setattr(machine, "ZoneInfo", nothing)
    done = consult(monkeypatch)
    assert "-m pip install tzdata" in done.output
    assert done.exit_code == 3


def test_no_definitions_and_no_templates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine.resources, "folder", lambda name: tmp_path / name)
    lacking = [each.what for each in machine.examine() if each.needed and not each.found]
    assert lacking[:2] == ["protocols", "templates"]


def test_libraries_are_looked_for_by_the_names_that_weasyprint_knows() -> None:
    spec = find_spec("weasyprint")
    assert spec
    assert spec.origin
    text = (Path(spec.origin).parent / "text" / "ffi.py").read_text(encoding="utf-8")
    for library in machine.LIBRARIES:
        for name in library.files:
            assert f"'{name}'" in text


def test_fontconfig_is_asked_for_fonts() -> None:
    assert not machine.has_font("No Such Font, Anywhere")


def test_nothing_else_is_printed() -> None:
    done = run("doctor")
    assert done.returncode in (0, 3)
    assert done.stderr == ""
    assert done.stdout.startswith("ok        protocal")
