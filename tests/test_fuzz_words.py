"""Words on the command line that nobody would type: each command keeps its laws, whatever it is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from random import Random

import pytest
from fuzz.bases import LOOM, lay_bases
from fuzz.cases import Case, Scratch, hunt
from fuzz.words import RECORD, commands

from protocal.publish.site_key import write_site_key


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A folder with a record, and with what stands in the way of a careless program."""
    folder = tmp_path_factory.mktemp("fuzz").resolve()
    (record,) = (each for each in lay_bases(folder) if each.name == "sealed")
    (folder / RECORD).write_bytes(record.data)
    write_site_key(folder / "site.key", bytes(32))
    (folder / "own.txt").write_text("somebody's own\n", encoding="utf-8")
    shutil.copytree(folder / "loom", folder / "shelf" / "loom" / "1")
    return Scratch(folder)


def test_no_command_breaks_its_laws_over_hostile_words(scratch: Scratch) -> None:
    def make(rng: Random) -> Case:
        return Case({}, (commands(rng, pressed=rng.random() < 0.03),))

    hunt("words", scratch, 188, make)


# What no argument of `main` can be: bytes that are no text, and streams that are shut, in a process of its own.

PROTOCAL = [sys.executable, "-m", "protocal"]
BYTES: dict[str, tuple[str | bytes, ...]] = {
    "the name of a record": ("log", b"p\xff.yaml"),
    "a text": ("note", RECORD, b"caf\xe9"),
    "an option": ("plan", RECORD, "--course", b"w\xe4rp"),
    "a command": (b"pl\xe4n",),
    "a new patient": ("new", "n.yaml", *LOOM, "--name", b"Zo\xeb"),
    "a reason": ("undo", RECORD, "--reason", b"\xe9"),
}
UNWRITTEN = 74  # as sysexits.h has it for output that cannot be written
STREAMS = {
    "a full disk": (f"plan {RECORD} --format csv >/dev/full", UNWRITTEN),
    "standard output shut": (f"plan {RECORD} --format csv >&-", UNWRITTEN),
    "standard error shut": (f"plan {RECORD} 2>&-", 0),
    "all streams shut": (f"check {RECORD} --settings site.yaml <&- >&- 2>&-", UNWRITTEN),
    "a reader that leaves": (f"plan {RECORD} --format json | head -c 1", 0),
    "a language without letters": (f"plan {RECORD} --course warp", 0),
}


@pytest.mark.parametrize("place", BYTES)
def test_bytes_that_are_no_text_are_refused_in_words(place: str, scratch: Scratch) -> None:
    before = scratch.reset()
    done = subprocess.run([*PROTOCAL, *BYTES[place]], capture_output=True, check=False, cwd=scratch.folder, timeout=60)
    assert done.returncode in (1, 2), done.stderr
    assert b"Traceback" not in done.stderr
    assert b"rror" in done.stderr
    assert done.stderr.decode()
    assert scratch.files() == before


@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_that_takes_nothing_ends_a_command_in_words(stream: str, scratch: Scratch) -> None:
    before = scratch.reset()
    words, status = STREAMS[stream]
    script = f"set -o pipefail; '{sys.executable}' -m protocal {words}"
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        check=False,
        cwd=scratch.folder,
        timeout=60,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert scratch.files() == before
