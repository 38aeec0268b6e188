"""The locks that `make` installs from: they hold every library that is declared, with digests and no address."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
LOCKS = {"lock": ROOT / "locks" / "lock.txt", "lowest": ROOT / "locks" / "lowest.txt"}
DECLARED: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = {"lock": ("build", "lock", "test", "readers", "browser", "dev", "mutants"), "lowest": ("build", "test")}

pytestmark = pytest.mark.skipif(not LOCKS["lock"].exists(), reason="the locks stand in a checkout")


def entries(lock: str) -> list[str]:
    """Each library of a lock with its marker and its digests, in one line."""
    return LOCKS[lock].read_text(encoding="utf-8").replace("\\\n", "").splitlines()


def pinned(lock: str) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for entry in entries(lock):
        name, version = re.match(r"([a-z0-9-]+)==(\S+)", entry).groups()  # type: ignore[union-attr]
        found.setdefault(name, []).append(Version(version))
    return found


def wanted(lock: str) -> Iterator[Requirement]:
    """Every requirement of `pyproject.toml` that a lock is to hold."""
    lines = [*DECLARED["project"]["dependencies"]]
    lines += [line for extra in DECLARED["project"]["optional-dependencies"].values() for line in extra]
    lines += DECLARED["build-system"]["requires"]
    for group in GROUPS[lock]:
        lines += [line for line in DECLARED["dependency-groups"][group] if isinstance(line, str)]
    yield from map(Requirement, lines)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_library_that_is_declared_is_locked_within_its_range(lock: str) -> None:
    locked = pinned(lock)
    for requirement in wanted(lock):
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in {LOCKS[lock].name}: make lock"
        assert all(version in requirement.specifier for version in versions), f"{requirement} is not {versions}"


def test_the_lowest_libraries_are_those_that_the_ranges_begin_with() -> None:
    locked = pinned("lowest")
    for requirement in wanted("lowest"):
        (lower,) = [Version(each.version) for each in requirement.specifier if each.operator == ">="]
        assert locked[canonicalize_name(requirement.name)] == [lower], requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_each_locked_file_has_a_digest_and_none_an_address(lock: str) -> None:
    for entry in entries(lock):
        assert re.search(r" --hash=sha256:[0-9a-f]{64}", entry), entry
    text = LOCKS[lock].read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|file:", text)


def test_the_calendar_programs_are_locked_with_digests_and_no_address() -> None:
    text = (ROOT / "tests" / "feed_readers" / "package-lock.json").read_text(encoding="utf-8")
    assert text.count('"integrity": "sha512-') == text.count('"node_modules/')
    assert "://" not in text
    assert '"resolved"' not in text


def test_each_python_that_is_named_is_one_that_is_tried() -> None:
    classifiers = DECLARED["project"]["classifiers"]
    named = [each.rpartition(" ")[2] for each in classifiers if re.search(r":: Python :: 3\.\d+$", each)]
    (tried,) = re.findall(r"for version in ([\d. ]+); do", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert named == tried.split()
    assert DECLARED["project"]["requires-python"] == f">={named[0]}"
