"""What a family reads in its feed and on its page: words that a twelve-year-old understands.

The figure is the grade of Flesch and Kincaid, of all sentences of one document together; drugs and procedures have the
names that they have.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest
from in_memory import child, dispensed, held, moved, started
from page_of import Shown, issued, shown

from protocal.model.entries import HoldRule

GRADE = 6  # of school: its children are eleven and twelve
LIFE = (
    started("block-2", "2026-12-29"),
    dispensed("dexamethasone", "20 tablets of 4 mg", "2026-12-01"),
    held("block-2", "2027-01-13", 3, HoldRule.SKIP),
)


@pytest.fixture(scope="module")
def family() -> Shown:
    return issued(shown(child(*LIFE), "2026-12-29"), moved("block-2/it-mtx/8", "2027-01-07"))


def grade(text: str) -> float:
    if find_spec("textstat") is None:
        message = "textstat is not installed: make .venv/readers"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    import textstat  # noqa: PLC0415

    return float(textstat.flesch_kincaid_grade(text))


def sentences(lines: list[str]) -> str:
    """The lines as sentences, each once; one that ends without a stop gets one."""
    return " ".join(dict.fromkeys(line if line.endswith((".", "?", "!")) else f"{line}." for line in lines))


def test_a_feed_is_read_by_a_twelve_year_old(family: Shown) -> None:
    events = [(str(each["summary"]), str(each["description"])) for each in family.calendar.events]
    lines = [line for summary, description in events for line in (summary, *description.splitlines())]
    assert len(lines) > 100
    assert grade(sentences(lines)) <= GRADE


def test_a_page_is_read_by_a_twelve_year_old(family: Shown) -> None:
    said = [
        each.said for name in ("h2", "h3", "h4", "p", "li", "dt", "dd", "summary") for each in family.html.all(name)
    ]
    assert len(said) > 100
    assert grade(sentences(said)) <= GRADE


def test_what_is_hard_is_found() -> None:
    hard = "Administration of antineoplastic chemotherapy necessitates multidisciplinary haematological evaluation."
    assert grade(hard) > GRADE
