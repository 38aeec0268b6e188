"""A record's file -> its checked plan, held against the time that it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from protocal.cli import clock
from protocal.model.plan import Plan, Span
from protocal.model.settings import Settings
from protocal.workflow import planning


def load_plan(
    path: Path,
    settings: Settings,
    shelves: Sequence[Path] = (),
    revision: int | None = None,
    asked: Span | None = None,
) -> Plan:
    """As `planning.load_plan`; lines that were written later than now are said, and other settings count from now."""
    return planning.load_plan(path, settings, shelves, revision, asked, now=clock.now())


def load_plans(
    paths: Sequence[Path], settings: Settings, shelves: Sequence[Path] = (), asked: Span | None = None
) -> list[Plan]:
    """As `planning.load_plans`, likewise."""
    return planning.load_plans(paths, settings, shelves, asked, now=clock.now())
