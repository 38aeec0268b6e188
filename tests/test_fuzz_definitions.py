"""Definitions and a site's settings changed at random: each command keeps its laws, whatever it reads them for."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from fuzz.bases import lay_bases
from fuzz.cases import Case, Command, Scratch, hunt
from fuzz.changes import CHANGES

RECORD = "p.yaml"
SITE = ("--settings", "site.yaml")
NUMBERS = {"bytes": 100, "lines": 150, "values": 200}
READ: list[Command] = [
    ("plan", RECORD, "--format", "json", *SITE),
    ("plan", RECORD, "--format", "csv", *SITE),
    ("check", RECORD, *SITE),
    ("why", RECORD, "2026-12-15", *SITE),
    ("drugs", RECORD, "--format", "csv", *SITE),
    ("drugs", "--on", "2026-12-15", RECORD, *SITE),
    ("diff", RECORD, "--from", "2", *SITE),
    ("feed", RECORD, "-o", "out.ics", "--unverified-doses", *SITE),
    ("note", RECORD, "seen", *SITE),
]
PRESSED: list[Command] = [
    ("roadmap", RECORD, "-o", "out.pdf", "--course", "warp", *SITE),
    ("calendar", RECORD, "-o", "out.pdf", "--pocket", "--from", "2026-12-15", *SITE),
    ("drugs", RECORD, "--format", "xlsx", "-o", "out.xlsx", *SITE),
]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A folder with what stands still, and a record of each definition in it."""
    folder = tmp_path_factory.mktemp("fuzz").resolve()
    records = {each.name: each for each in lay_bases(folder)}
    return folder, {"loom": records["by hand"].data, "tiny": records["tiny"].data}


@pytest.mark.parametrize("change", CHANGES)
def test_no_command_breaks_its_laws_over_a_changed_definition(change: str, laid: tuple[Path, dict[str, bytes]]) -> None:
    folder, records = laid
    scratch = Scratch(folder, known=False)
    names = sorted(name for name in scratch.standing if name.partition("/")[0] in records or name == "site.yaml")

    def make(rng: Random) -> Case:
        name = rng.choice(names)
        protocol = name.partition("/")[0] if "/" in name else "loom"
        data = CHANGES[change](scratch.standing[name], rng)
        pressed = [rng.choice(PRESSED)] if rng.random() < 0.01 else []
        commands = (("lint", protocol), ("show", protocol), *rng.sample(READ, 2), *pressed)
        return Case({name: data, RECORD: records[protocol]}, commands[rng.randrange(2) :], name)

    hunt(f"definitions by {change}", scratch, NUMBERS[change], make)
    scratch.reset()
