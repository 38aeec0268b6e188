from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
from conftest import run
from typer.testing import CliRunner, Result

from protocal.cli import doctor, machine  # noqa: F401 - importing it adds the command
from protocal.cli.root import app
from protocal.words.problems import LackingError


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
    assert "-m pip install fontpkg-ibm-plex-sans-condensed font-source-sans-pro\n" in done.output


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
