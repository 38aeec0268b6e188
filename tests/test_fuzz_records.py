"""Records changed at random, and entries written by hand at random: each command keeps its laws, whatever it meets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from datetime import date
from pathlib import Path
from random import Random

import pytest
from fuzz.bases import Base, lay_bases
from fuzz.by_hand import Hand, Known
from fuzz.cases import Case, Command, Scratch, hunt
from fuzz.changes import CHANGES

from protocal.model.settings import Settings
from protocal.workflow.planning import load_plan

RECORD = "p.yaml"
SITE = ("--settings", "site.yaml")
NUMBERS = {"bytes": 300, "lines": 300, "values": 400}
SHARES = {"without a seal": 24, "tiny": 12, "bundled": 2}  # the others are sealed, and end most changes
READ: list[Command] = [
    ("check", RECORD, "--format", "json", *SITE),
    ("plan", RECORD, "--format", "json", *SITE),
    ("plan", RECORD, "--format", "csv"),
    ("plan", RECORD, "--course", "weft"),
    ("why", RECORD, "2026-12-15", *SITE),
    ("why", RECORD, "9999-12-31"),
    ("diff", RECORD, "--from", "1"),
    ("diff", RECORD, "--from", "4", "--format", "json"),
    ("log", RECORD),
    ("drugs", RECORD, "--format", "csv", *SITE),
    ("drugs", RECORD, "--format", "json"),
    ("drugs", RECORD, "--agent", "umbrate"),
    ("drugs", "--on", "2026-12-15", RECORD),
    ("drugs", "--on", "2027-01-04", RECORD, "--format", "json"),
    ("feed", RECORD, "-o", "out.ics", *SITE),
    ("feed", RECORD, "-o", "out.ics", "--despite", "S23", "--reason", "tried", "--doses"),
]
WRITE: list[Command] = [
    ("note", RECORD, "seen"),
    ("note", RECORD, "penicillin: rash", "--allergy", "--reason", "told", *SITE),
    ("undo", RECORD, "--reason", "slip"),
    ("undo", RECORD, "--dry-run"),
    ("give", RECORD, "warp/it/2", "2026-12-02", "--at", "09:00", *SITE),
    ("delay", RECORD, "heddle", "--days", "3", "--reason", "ANC 320"),
    ("start", RECORD, "heddle", "2027-01-30", "--anc", "800", "--reason", "reached"),
]
PRESSED: list[Command] = [
    ("roadmap", RECORD, "-o", "out.pdf", "--course", "warp", *SITE),
    ("roadmap", RECORD, "-o", "out.pdf", "--overview", *SITE),
    ("calendar", RECORD, "-o", "out.pdf", "--pocket", "--from", "2026-12-15", *SITE),
    ("drugs", RECORD, "--format", "pdf", "-o", "out.pdf", "--course", "warp", *SITE),
    ("drugs", RECORD, "--format", "xlsx", "-o", "out.xlsx", *SITE),
]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Base, ...]]:
    """A folder with what stands still, and the records to change."""
    folder = tmp_path_factory.mktemp("fuzz").resolve()
    return folder, lay_bases(folder)


@pytest.fixture
def scratch(laid: tuple[Path, tuple[Base, ...]]) -> Iterator[Scratch]:
    scratch = Scratch(laid[0])
    yield scratch
    scratch.reset()


def commands(rng: Random) -> tuple[Command, ...]:
    """Some that read, and one that adds; seldom one that prints."""
    pressed = [rng.choice(PRESSED)] if rng.random() < 0.008 else []
    return (("check", RECORD, *SITE), *rng.sample(READ, 2), *pressed, rng.choice(WRITE), rng.choice(READ))


@pytest.mark.parametrize("change", CHANGES)
def test_no_command_breaks_its_laws_over_a_changed_record(
    change: str, laid: tuple[Path, tuple[Base, ...]], scratch: Scratch
) -> None:
    bases = [each for each in laid[1] for _ in range(SHARES.get(each.name, 3 if change == "values" else 12))]

    def make(rng: Random) -> Case:
        base = rng.choice(bases)
        return Case({RECORD: CHANGES[change](base.data, rng)}, commands(rng), RECORD)

    hunt(f"records by {change}", scratch, NUMBERS[change], make)


def test_no_command_breaks_its_laws_over_entries_written_by_hand(
    laid: tuple[Path, tuple[Base, ...]], scratch: Scratch
) -> None:
    known = {each.name: known_of(each, laid[0]) for each in laid[1] if each.definition == "loom"}
    bases = [each for each in laid[1] if each.name in known]

    def make(rng: Random) -> Case:
        base = rng.choice(bases)
        hand = Hand(known[base.name], rng, base.data.count(b"entry:"))
        data = base.data + hand.entries(rng.choice((1, 1, 2, 2, 3, 8))).encode()
        return Case({RECORD: data}, commands(rng), RECORD)

    hunt("records by hand", scratch, 350, make)


def known_of(base: Base, folder: Path) -> Known:
    """What a record's plan has to name."""
    path = folder / "known.yaml"
    path.write_bytes(base.data)
    with chdir(folder):
        plan = load_plan(Path("known.yaml"), Settings())
    path.unlink()
    lines = sorted(plan.administrations, key=lambda each: (each.date, each.id))
    courses = [
        (each.course.id, each.course.dates.day1 if each.course.dates else date(2027, 3, 1)) for each in plan.courses
    ]
    return Known([(each.id, each.date) for each in lines], courses)
