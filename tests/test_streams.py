"""However a command ends: what nobody foresaw is one line, and so are Ctrl-C and output that cannot be written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CHILD
from conftest import run_process as run

STARTS = "import sys; from protocal.cli import main; sys.argv = ['protocal', *sys.argv[1:]]; "
BREAKS = (
    "import protocal.read.record.read as read\n"
    "def broken(path, shown=None):\n    raise {error}\nread.read_record = broken\n"
)
COMMANDS = {
    "plan": ("plan", "p001.yaml"),
    "csv": ("plan", "p001.yaml", "--format", "csv"),
    "json": ("plan", "p001.yaml", "--format", "json"),
    "log": ("log", "p001.yaml"),
    "check": ("check", "p001.yaml"),
    "protocols": ("protocols",),
    "schema": ("schema", "course"),
    "version": ("--version",),
    "help": ("--help",),
    "help of a command": ("plan", "--help"),
}
EACH = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)


def python(program: str, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, cwd=cwd, timeout=60
    )


def shell(redirected: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command with its output sent elsewhere by the shell; the shell's own status is the command's."""
    program = f'exec "$0" -m protocal "$@" {redirected}'
    return subprocess.run(
        ["sh", "-c", program, sys.executable, *words], capture_output=True, text=True, check=False, cwd=cwd, timeout=60
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a child's record."""
    made = tmp_path_factory.mktemp("boundary")
    assert run("new", made / "p001.yaml", *CHILD).returncode == 0
    return made


# what nobody foresaw


@pytest.mark.parametrize(
    "error",
    ["KeyError('x\\ny')", "OverflowError('too large')", "RecursionError()", "MemoryError()", "OSError(5, 'no')"],
)
def test_what_nobody_foresaw_is_one_line_with_a_status_of_its_own(folder: Path, error: str) -> None:
    done = python(BREAKS.format(error=error) + STARTS + "main()", "plan", "p001.yaml", cwd=folder)
    assert done.returncode == 70
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: this is a fault of protocal, not yours ({error.partition('(')[0]} at ")
    assert "report it to" in done.stderr


@pytest.mark.parametrize("words", [("--debug", "plan", "p001.yaml"), ("plan", "p001.yaml", "--debug")])
def test_debug_adds_the_trace_wherever_it_stands(folder: Path, words: tuple[str, ...]) -> None:
    done = python(BREAKS.format(error="KeyError(7)") + STARTS + "main()", *words, cwd=folder)
    assert done.returncode == 70
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert "in broken" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: this is a fault of protocal")


def test_after_two_hyphens_debug_is_a_word_like_any_other(folder: Path) -> None:
    done = run("plan", "--", "--debug", cwd=folder)
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "--debug: error: there is no such file [no-file]")


# Ctrl-C


INTERRUPTED = "interrupted; what had been written by then is whole\n"


@pytest.mark.parametrize(
    "name", ["typer", "protocal.cli.root", "protocal.cli.options", "pydantic", "protocal.workflow"]
)
def test_ctrl_c_is_one_line_even_while_modules_are_loaded(folder: Path, name: str) -> None:
    program = (
        "import builtins\nreal = builtins.__import__\n"
        "def interrupted(name, *others, **more):\n"
        f"    if name == {name!r}:\n        raise KeyboardInterrupt\n"
        "    return real(name, *others, **more)\n" + STARTS + "builtins.__import__ = interrupted; main()"
    )
    done = python(program, "plan", "p001.yaml", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", INTERRUPTED)


def test_ctrl_c_in_the_middle_of_a_command(folder: Path) -> None:
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # who runs the tests may ignore it
        "import protocal.read.record.read as read\ndef slow(path, shown=None):\n    import time\n"
        "    print('reading', flush=True)\n    time.sleep(60)\nread.read_record = slow\n" + STARTS + "main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "plan", "p001.yaml"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "reading\n"
        running.send_signal(signal.SIGINT)
        _out, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, INTERRUPTED)


# output that cannot be written


@EACH
def test_a_full_disk_is_a_sentence_and_a_status(folder: Path, words: tuple[str, ...]) -> None:
    done = shell(">/dev/full", *words, cwd=folder)
    assert done.returncode == 74
    assert done.stderr.startswith("error: standard output cannot be written: No space left on device\n")
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@EACH
def test_a_closed_standard_output_is_a_sentence_and_a_status(folder: Path, words: tuple[str, ...]) -> None:
    before = (folder / "p001.yaml").read_bytes()
    done = shell(">&-", *words, cwd=folder)
    assert done.returncode == 74
    assert done.stderr.startswith("error: standard output is closed\n")
    assert (folder / "p001.yaml").read_bytes() == before, "no file took the number of the output that was closed"


def test_a_closed_standard_output_matters_only_to_who_writes_there(folder: Path) -> None:
    done = shell(">&-", "feed", "p001.yaml", "-o", "closed.ics", cwd=folder)
    assert (done.returncode, done.stderr.splitlines()[0]) == (0, "wrote closed.ics")
    assert (folder / "closed.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


@EACH
def test_a_reader_who_has_had_enough_is_fine(folder: Path, words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "protocal", *words], stdout=write, stderr=subprocess.PIPE, check=False, cwd=folder
    )
    os.close(write)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"error" not in done.stderr


def test_where_nobody_can_be_told_the_result_is_there_all_the_same(folder: Path) -> None:
    expected = run("plan", "p001.yaml", cwd=folder).stdout
    closed, full = (shell(where, "plan", "p001.yaml", cwd=folder) for where in ("2>&-", "2>/dev/full"))
    assert (closed.returncode, closed.stdout) == (0, expected)
    assert (full.returncode, full.stdout) == (74, expected)
    wrong = shell("2>&-", "plan", "nobody.yaml", cwd=folder)
    assert (wrong.returncode, wrong.stdout) == (1, ""), "what is wrong never stands among results"


def test_what_an_output_cannot_show_is_shown_by_its_number(folder: Path) -> None:
    words = [sys.executable, "-m", "protocal", "plan", "p001.yaml"]
    done = subprocess.run(
        words, capture_output=True, check=False, cwd=folder, env={**os.environ, "PYTHONIOENCODING": "latin-1"}
    )
    assert done.returncode == 0
    assert rb"\u25a0 registry" in done.stdout


# bytes that are no text

LATIN_1 = os.fsdecode(b"caf\xe9")
NOT_TEXT = "error: 'caf\\udce9' is not UTF-8 text\n  Set the terminal to UTF-8 and type it again.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("note", "p001.yaml", LATIN_1),
        ("note", "p001.yaml", "text", "--by", LATIN_1),
        ("delay", "p001.yaml", "block-2", "--days", "3", "--reason", LATIN_1),
        ("omit", "p001.yaml", "block-1/vcr/1", LATIN_1),
        ("plan", "p001.yaml", "--course", LATIN_1),
        ("plan", "p001.yaml", "--from", LATIN_1),
        ("why", "p001.yaml", LATIN_1),
        ("show", LATIN_1),
        ("new", "p002.yaml", *CHILD, "--name", LATIN_1),
        ("new", "p002.yaml", *CHILD, "--diagnostic-it", LATIN_1),
    ],
    ids=lambda words: f"{words[0]} {words[-2]}",
)
def test_bytes_that_are_no_text_are_refused(folder: Path, words: tuple[str, ...]) -> None:
    done = run(*words, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", NOT_TEXT)
    assert not (folder / "p002.yaml").exists()


def test_names_of_files_may_be_of_any_bytes(folder: Path) -> None:
    record = f"{LATIN_1}.yaml"
    assert run("new", record, *CHILD, cwd=folder).returncode == 0
    done = run("feed", record, "-o", f"{LATIN_1}.ics", cwd=folder)
    assert (done.returncode, done.stderr.splitlines()[0]) == (0, "wrote caf\\xe9.ics")
    assert run("delay", record, "block-2", "--days", "3", cwd=folder).stderr.splitlines()[-1].startswith("caf\\xe9")
