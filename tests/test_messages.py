"""What a command prints of what was typed, a file's name too, is visible and harmless on any terminal."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_hostile import Command, command  # noqa: F401 - a fixture
from test_tiny import TINY
from typer.main import get_command

from protocal import cli
from protocal.cli.root import app
from protocal.model.problems import Problem, UsageError, Where, one_line
from protocal.read.option_text import check_reason
from protocal.text.invisible import hidden_in, visible

for module in iter_modules(cli.__path__):
    import_module(f"protocal.cli.{module.name}")  # which adds its commands
COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined] # a group has some

HOSTILE = "\x1b[31mred\x07\u202e\u200b\nerror: forged\r\x9b2J" + "z" + "\u0301" * 9
ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates with it


def is_harmless(printed: str) -> bool:
    """Whether nothing of a text moves the cursor, hides, reorders or piles up."""
    return hidden_in(printed) is None and all(line.isprintable() for line in printed.split("\n"))


@given(ANY_TEXT)
def test_what_is_made_visible_can_be_printed_in_one_line(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert hidden_in(shown) is None
    assert shown.encode().decode() == shown
    assert visible(shown) == shown


def test_each_character_that_is_made_visible_can_be_told() -> None:
    assert visible("a\n\x1b\u202e\u200b\u00a0\x85 é 漢") == r"a\n\x1b\u202e\u200b\u00a0\u0085 é 漢"
    assert visible(os.fsdecode(b"caf\xe9.ics")) == r"caf\xe9.ics"
    assert visible("z\u0301") == "z\u0301"
    assert visible("z" + "\u0301" * 4) == "z" + r"\u0301" * 4


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_problem_and_a_wrong_use_are_lines_that_nothing_in_them_adds_to(file: str, text: str, remedy: str) -> None:
    problem = str(Problem("code", text, Where(file, 3, 4), remedy))
    wrong = str(UsageError(text, remedy, [UsageError(text, remedy)]))
    assert is_harmless(problem)
    assert is_harmless(wrong)
    assert problem.count("\n") == bool(remedy)
    assert wrong.count("\n") == 1 + 2 * bool(remedy)


def test_a_long_message_keeps_its_end() -> None:
    said = one_line(f"{'n' * 5000} cannot be written: File name too long")
    assert len(said) < 700
    assert said.endswith("cannot be written: File name too long")


# Files' names


NAME = os.fsdecode(b"caf\xe9 \x1b[31mred " + "\u202egpj".encode() + b"\nerror: forged")


def test_a_name_of_a_file_is_printed_visibly_by_every_kind_of_message(
    child: Path,
    tmp_path: Path,
    command: Command,  # noqa: F811 - the fixture
) -> None:
    file, gone, shelf = tmp_path / NAME, tmp_path / f"gone-{NAME}", tmp_path / f"shelf-{NAME}"
    shelf.mkdir()
    for words in (
        ["feed", child, "-o", file],
        ["feed", child, "-o", file / "no-folder.ics"],
        ["feed", child, "-o", gone / "plan.ics"],
        ["plan", gone],
        ["check", gone, "--format", "json"],
        ["plan", child, "--settings", gone],
        ["lint", gone],
        ["lint", shelf],
        ["protocols", "--schedules", gone],
        ["protocols", "--schedules", shelf],
        ["note", gone, "seen"],
        ["drugs", child, gone, "--on", "2026-12-01"],
        ["drugs", child, "-o", gone],
        ["log", child, gone],
    ):
        status, out, err = command(*words)
        assert is_harmless(out + err), (words, out, err)
        assert not re.search("^error: forged", err, re.MULTILINE), err
        assert status in (0, 1, 2)
    assert file.exists()


def test_bytes_of_a_name_that_are_no_utf_8_are_printed(child: Path, tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xe9.ics"
    assert said_of("feed", child, "-o", file).startswith(f"wrote {tmp_path}/\\xe9.ics\n")
    shutil.copytree(TINY, Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9")) / "1")
    assert said_of("lint", os.fsencode(tmp_path) + b"/\xe9/1").startswith(f"{tmp_path}/\\xe9/1: tiny 1, 3 courses")


def said_of(*words: str | bytes | Path) -> str:
    done = subprocess.run([sys.executable, "-m", "protocal", *words], capture_output=True, check=False)
    return done.stderr.decode() + done.stdout.decode()  # UTF-8, whatever the name is


def test_a_record_whose_name_is_no_utf_8_is_written_and_named(tmp_path: Path, child: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xe9.yaml"
    child.rename(Path(os.fsdecode(file)))
    assert said_of("note", file, "seen") == f"{tmp_path}/\\xe9.yaml: noted\nthe plan stays as it is\n"


# Text that is typed


def test_an_option_that_is_not_there_is_named_visibly(command: Command) -> None:  # noqa: F811 - the fixture
    for words in (
        ["plan", f"--{HOSTILE}"],
        [HOSTILE],
        ["plan", "x", HOSTILE],
        ["feed", "x", "-o", "y", f"--mode={HOSTILE}"],
    ):
        status, out, err = command(*words)
        assert status == 2
        assert is_harmless(out + err), err


def examples() -> Iterator[tuple[str, list[str]]]:
    """The examples of each command, from its own help."""
    for name, each in COMMANDS.items():
        for example in re.findall(r"`protocal ([^`]+)`", each.callback.__doc__ or ""):
            words = shlex.split(example.partition(" > ")[0])
            if words[0] == name:
                yield name, words


def test_each_command_has_an_example() -> None:
    assert len(COMMANDS) > 20
    assert {name for name, _words in examples()} == set(COMMANDS)


@pytest.mark.parametrize(("name", "words"), list(examples()))
def test_no_word_that_is_typed_reaches_the_terminal_unseen(
    name: str,
    words: list[str],
    child: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: Command,  # noqa: F811 - the fixture
) -> None:
    """Each word of the example in turn; the record takes none of it in."""
    monkeypatch.chdir(tmp_path)
    before = child.read_bytes()
    for index, word in enumerate(words[1:], 1):
        if word.startswith("-") or (name in ("roadmap", "calendar") and words[index - 1] == "-o"):
            continue  # the name of an option; and what takes as long as a whole print, and is tried with the feed
        status, out, err = command(*words[:index], word + HOSTILE, *words[index + 1 :])
        assert status in (0, 1, 2)
        assert is_harmless(out), (word, out)
        assert is_harmless(err), (word, err)
        assert not re.search("^error: forged", err, re.MULTILINE), err
        if name in ("feed", "drugs"):  # what they give out stands in it
            child.write_bytes(before)
        assert child.read_bytes() == before


# The reason for --despite

REFUSED = {
    "a control character": "late\x1b[2J result",
    "a line end": "late\nresult",
    "a tab": "late\tresult",
    "another order": "late \u202eresult",
    "nothing that is seen": "late \u200bresult",
    "a stack of marks": "late" + "\u0301" * 4,
    "more than there is room for": "late result " * 42,
}


def test_the_reason_for_going_on_is_held_against_the_rules_of_any_reason(
    child: Path,
    command: Command,  # noqa: F811 - the fixture
) -> None:
    for what, reason in REFUSED.items():
        status, _out, err = command("feed", child, "-o", child.with_name("plan.ics"), "--reason", reason)
        assert status == 2, what
        assert err.startswith("error: --reason: "), what
        assert not child.with_name("plan.ics").exists()
        with pytest.raises(UsageError) as refused:
            check_reason(reason)
        assert err == f"error: {refused.value}\n"
        status, _out, noted = command("delay", child, "block-2", "--days", "2", "--reason", reason)
        assert status == 2, what
        assert noted == err.replace("reason must", "why must"), what
    status, _out, err = command("feed", child, "-o", child.with_name("plan.ics"), "--reason", "late \udce9")
    assert (status, err.splitlines()[0]) == (2, "error: 'late \\udce9' is not UTF-8 text")
    assert not child.with_name("plan.ics").exists()
