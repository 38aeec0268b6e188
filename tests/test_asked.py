"""What the checks find wrong with a line that is being added is asked about before it is written, in their words."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run

LATE = ("start", "block-2", "2026-12-20")


@pytest.mark.parametrize(
    ("verb", "words", "says"),
    [
        (*LATE[:1], LATE[1:], "Block 2 starts on Sun 20-Dec-2026, but Block 1 runs to Mon 28-Dec-2026"),
        ("assign", ("A", "2026-12-02", "--reason", "moved"), "arm A is for intermediate or high risk"),
        (
            "bags",
            ("blinatumomab", "--hours", "168", "--from", "2026-12-02"),
            "bags of 168 h from Wed 02-Dec-2026 on are for",
        ),
    ],
)
def test_a_line_with_which_the_checks_find_an_error_is_refused(
    verb: str, words: tuple[str, ...], says: str, child: Path
) -> None:
    before = child.read_bytes()
    done = run(verb, child, *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert child.read_bytes() == before


def test_with_its_reason_a_course_starts_before_the_last_one_is_over(child: Path) -> None:
    verb, *words = LATE
    done = run(verb, child, *words, "--reason", "bed free")
    assert done.returncode == 0
    assert "Block 2 starts on Sun 20-Dec-2026, but Block 1 runs to Mon 28-Dec-2026 (reason: bed free)" in done.stderr
    assert "block-2" in child.read_text(encoding="utf-8")


def test_what_is_wrong_elsewhere_does_not_keep_a_line_out(child: Path) -> None:
    """Another arm, for another risk, was written by hand: what happened can be recorded all the same."""
    with child.open("a", encoding="utf-8") as log:
        log.write("  - {entry: assign, arm: A, date: 2026-12-02, why: by mistake}\n")
    assert "arm A is for intermediate or high risk" in run("check", child).stdout
    assert run("give", child, "block-1/vcr/1", "2026-12-01").returncode == 0
