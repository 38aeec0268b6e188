"""What several tests need: records made through the real command, and the bundled protocol."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from protocal import resources
from protocal.cli import main
from protocal.model.plan import Plan
from protocal.model.settings import Settings
from protocal.read.record.seals import sealed
from protocal.read.record.text import record_text
from protocal.read.yaml_tree import Source, parse_tree
from protocal.render.pdf.side_by_side import PROCESSES
from protocal.workflow.planning import load_plan

# The cores are busy with tests: a page is pressed by the process that asks for it. test_side_by_side.py asks for more.
os.environ.setdefault(PROCESSES, "1")

Run = Callable[..., subprocess.CompletedProcess[str]]

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())

CHILD = [
    *("--protocol", "aall1331", "--id", "P001", "--born", "2019-05-12", "--sex", "female"),
    *("--height", "112", "--weight", "19.4", "--measured", "2026-11-30", "--cns", "cns2", "--risk", "low"),
    *("--arm", "D", "--start", "2026-12-01", "--timezone", "America/New_York"),
]

# Vinca and intrathecal days, a rescue without a stop, unverified doses.
CHILDS_WARNINGS = "11 warnings of the checks: see `protocal check`\n"


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command by its own entry, in this process, which is quicker; what it says is as a pipe would have it."""
    typed = ["protocal", *map(str, words)]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _stream in range(2))
    with pytest.MonkeyPatch.context() as patched:
        for name, value in (("argv", typed), ("stdout", out), ("stderr", err)):
            patched.setattr(sys, name, value)
        if cwd:
            patched.chdir(cwd)
        try:
            main()
        except SystemExit as stopped:
            status = stopped.code
        finally:  # a command leaves the collector of cycles as the end of a process wants it
            gc.unfreeze()
            gc.enable()
    said = []
    for stream in (out, err):
        stream.flush()
        said.append(stream.buffer.getvalue().decode("utf-8").replace("\r\n", "\n"))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(typed, int(status or 0), *said)


def run_process(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed command as a user would, in a process of its own: where the process is what matters."""
    command = [sys.executable, "-m", "protocal", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, encoding="utf-8")


def with_options(options: list[str], **changed: str | None) -> list[str]:
    """The options of `new` with some changed (`weight="20"`) or left out (`arm=None`)."""
    result = list(options)
    for name, value in changed.items():
        option = f"--{name.replace('_', '-')}"
        if option in result:
            index = result.index(option)
            del result[index : index + 2]
        if value is not None:
            result += [option, value]
    return result


def make_case(name: str, folder: Path, version: str = "") -> Path:
    """The record of a golden case, made by `protocal new` and with the case's own entries added by hand."""
    words = (GOLDEN / name / "new.txt").read_text(encoding="utf-8").split()
    words += ["--protocol-version", version] if version else []
    record = folder / f"{name}.yaml"
    done = run("new", record, *words)
    assert done.returncode == 0, done.stderr
    log = GOLDEN / name / "log.yaml"
    if log.exists():
        with record.open("a", encoding="utf-8") as stream:
            stream.writelines(f"  {line}\n" for line in log.read_text(encoding="utf-8").splitlines())
    return record


def with_seals(text: str) -> str:
    """A record that was written here, at times that are known, as the commands leave it."""
    source = parse_tree(text, Source("made up"))
    assert source.problems == []
    return record_text(sealed(source.tree))


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The record of every golden case."""
    folder = tmp_path_factory.mktemp("records")
    return {name: make_case(name, folder) for name in CASES}


@pytest.fixture(scope="session")
def plans(records: dict[str, Path]) -> dict[str, Plan]:
    """The plan of every golden case."""
    return {name: load_plan(path, Settings()) for name, path in records.items()}


@cache
def childs_text() -> str:
    """The record of a seven-year-old on Arm D as `new` writes it, made once."""
    with TemporaryDirectory() as folder:
        record = Path(folder) / "p001.yaml"
        assert run("new", record, *CHILD).returncode == 0
        return record.read_text(encoding="utf-8")


@pytest.fixture
def child(tmp_path: Path) -> Path:
    """A record of a seven-year-old on Arm D."""
    record = tmp_path / "p001.yaml"
    assert run("new", record, *CHILD).returncode == 0
    return record


@pytest.fixture(scope="session")
def bundled() -> Path:
    """The folder of the bundled definition."""
    return resources.folder("schedules") / "aall1331" / "0.2"
