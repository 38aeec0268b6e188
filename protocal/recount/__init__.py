"""The texts of a record and of a definition -> every dose on its date, counted a second time from the files alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from protocal.recount.course import Ward, doses_of_course
from protocal.recount.known import unknown_keys
from protocal.recount.log import read_record
from protocal.recount.route import Files, dated_courses
from protocal.recount.values import Counted, listed, read_yaml

__all__ = ["Counted", "Recount", "header", "recount", "recount_files"]


@dataclass(frozen=True)
class Recount:
    """All doses, by course and order; and what stands in the files that this count does not know, with file and key."""

    doses: tuple[Counted, ...]
    not_covered: tuple[str, ...]


def recount(record: str, definition: Mapping[str, str], settings: str = "", revision: int | None = None) -> Recount:
    """Count every dose of a record.

    Args:
        record: the text of the patient's file.
        definition: the text of each file of the definition by its name, as `courses/block-1.yaml`.
        settings: the text of the site's settings, where it has some.
        revision: of how many lines of the log, from its first; of all, if left out.

    Raises:
        KeyError, ValueError, yaml.YAMLError: where a file is not as `protocal check` and `protocal lint` want it.
    """
    files = {name: read_yaml(text) for name, text in definition.items()}
    site = read_yaml(settings) or {}
    courses = {}
    for name, node in files.items():
        if name.startswith("courses/"):
            for ident in node.get("courses") or [node["course"]]:
                courses[ident] = node
    closed = frozenset(date.fromisoformat(each) for each in listed(site.get("closed days")))
    tree = read_yaml(record)
    log = tree["log"] or []
    if revision is not None and not 0 < revision <= len(log):
        message = f"the log has {len(log)} lines, and not {revision}"
        raise ValueError(message)
    tree["log"] = log[:revision]
    known = Files(read_record(tree), files["protocol.yaml"], files["agents.yaml"]["agents"], courses, site, closed)
    dated = dated_courses(known)
    doses = [dose for place, course in enumerate(dated) for dose in doses_of_course(Ward(known, course, dated[:place]))]
    return Recount(tuple(doses), tuple(unknown_keys(tree, files, site)))


def header(record: Path) -> Mapping[str, str]:
    """What stands above a record's log: its protocol and version, and the folder of a definition of its own."""
    return {key: value for key, value in read_yaml(_text(record)).items() if isinstance(value, str)}


def recount_files(record: Path, definition: Path, settings: Path | None = None, revision: int | None = None) -> Recount:
    """The same of files and a definition's folder; OSError and UnicodeError, too, where they cannot be read."""
    files = [*definition.glob("*.yaml"), *definition.glob("courses/*.yaml")]
    texts = {path.relative_to(definition).as_posix(): _text(path) for path in sorted(files)}
    return recount(_text(record), texts, _text(settings) if settings else "", revision)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")
