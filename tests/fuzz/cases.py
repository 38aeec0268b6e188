"""Files and the commands that meet them in; each law that they break, in the smallest files that break it, out."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import monotonic, time

import pytest

from fuzz.laws import broken
from fuzz.running import run

HOURS = float(os.environ.get("PROTOCAL_SOAK", "0"))
SEED = os.environ.get("PROTOCAL_SEED") or (f"{time():.0f}" if HOURS else "0")
SHRINKING = 60  # seconds, for all that one test finds
HUNTS = 8  # which share the hours of a long run
ENOUGH = 25  # broken laws, after which nothing more is looked for

Command = tuple[str, ...]
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Case:
    """Files by their name, and commands that run among them in turn; `changed` is the file that is hostile."""

    files: Files
    commands: tuple[Command, ...]
    changed: str = ""


@dataclass(frozen=True)
class Broken:
    """A law that a command of a case broke."""

    case: Case
    command: Command
    said: str

    @property
    def law(self) -> str:
        """By what it is told from others: without the values of the case."""
        return re.sub(r"'[^']*'|U\+\w+", "…", self.said.partition(": ")[0])


class Scratch:
    """A folder with what every case meets, unchanged; what a case adds is gone with it."""

    def __init__(self, folder: Path, *, known: bool = True) -> None:
        self.folder = folder.resolve()
        self.known = known  # whether definitions stay the same from case to case
        self.standing = self.files()

    def tried(self, case: Case) -> Iterator[Broken]:
        """Each law that a case breaks."""
        self._lay(case.files)
        with chdir(self.folder):
            for command in case.commands:
                before = self.files()
                ran = run(list(command), known=self.known)
                after = self.files()
                for said in broken(command, ran, before, after, self.folder):
                    yield Broken(case, command, said)

    def reset(self) -> dict[str, bytes]:
        """Leave the folder as it was found."""
        self._lay({})
        return self.standing

    def _lay(self, files: Files) -> None:
        for name, data in self.files().items():
            if self.standing.get(name) != data:
                (self.folder / name).unlink()
        for folder in [each for each in self.folder.iterdir() if each.is_dir()]:
            if not any(name.startswith(f"{folder.name}/") for name in self.standing):
                shutil.rmtree(folder)
        for name, data in {**self.standing, **files}.items():
            path = self.folder / name
            if name in files or not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)

    def files(self) -> dict[str, bytes]:
        """What stands in the folder."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        }


def hunt(kind: str, scratch: Scratch, number: int, make: Callable[[Random], Case]) -> None:
    """Try so many cases, or for a share of the hours; the test fails with all that broke a law, made small.

    The same seed makes the same cases: PROTOCAL_SEED repeats those of a long run.
    """
    found: dict[str, Broken] = {}
    end = monotonic() + HOURS / HUNTS * 3600
    tried = 0
    while (tried < number or monotonic() < end) and len(found) < ENOUGH:
        for each in scratch.tried(make(Random(f"{SEED}/{kind}/{tried}"))):
            found.setdefault(each.law, each)
        tried += 1
    print(f"{kind}: {tried} cases of seed {SEED}")  # noqa: T201 - pytest shows it where a test fails
    if found:
        end = monotonic() + SHRINKING
        told = [_told(smallest(each, scratch, end)) for each in found.values()]
        head = f"{len(told)} laws broken in {tried} cases of '{kind}', PROTOCAL_SEED={SEED}"
        pytest.fail("\n\n".join((head, *told)), pytrace=False)


def smallest(found: Broken, scratch: Scratch, end: float) -> Broken:
    """The same broken law with as little of the changed file, and as few commands and words, as still break it."""

    def still(case: Case) -> Broken | None:
        if monotonic() > end:
            return None
        return next((each for each in scratch.tried(case) if each.law == found.law), None)

    index = found.case.commands.index(found.command)
    for commands in ((found.command,), found.case.commands[: index + 1]):
        if again := still(replace(found.case, commands=commands)):
            found = again
            break
    if found.case.changed:
        name = found.case.changed

        def with_lines(lines: list[bytes]) -> Case:
            return replace(found.case, files={**found.case.files, name: b"".join(lines)})

        lines = found.case.files[name].splitlines(keepends=True)
        step = max(1, len(lines) // 2)
        while step:
            start = 0
            while start < len(lines):
                fewer = lines[:start] + lines[start + step :]
                if again := still(with_lines(fewer)):
                    found, lines = again, fewer
                else:
                    start += step
            step //= 2
    return found


def _told(found: Broken) -> str:
    """What is needed to see it again."""
    name = found.case.changed
    commands = [shlex.join(("protocal", *each)) for each in found.case.commands]
    text = found.case.files.get(name, b"").decode(errors="backslashreplace") if name else ""
    shown = "".join(f"    | {_visible(line)}\n" for line in text.split("\n")) if name else ""
    return (
        f"  {found.said}\n"
        + "".join(f"    $ {_visible(each)}\n" for each in commands[-3:])
        + (f"    {name}:\n{shown}" if name else "")
    )


def _visible(line: str) -> str:
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)
    return shown if len(shown) < 400 else f"{shown[:400]}… ({len(shown)} characters)"
