"""The texts of a record and of a definition -> every dose on its date, counted a second time from the files alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from protocal.recount.course import doses_of_course
from protocal.recount.known import unknown_keys
from protocal.recount.route import Files, dated_courses
from protocal.recount.values import Counted, Line, Node, read_record, read_yaml

__all__ = ["Counted", "Recount", "read_yaml", "recount", "recount_files"]


@dataclass(frozen=True)
class Recount:
    """All doses, by course and order; and what stands in the files that this count does not know, with file and key."""

    doses: tuple[Counted, ...]
    not_covered: tuple[str, ...]


def recount(
    record: str,
    definition: Mapping[str, str],
    settings: str = "",
    revision: int | None = None,
    since: date | None = None,
) -> Recount:
    """Count every dose of the text of a patient's file; of its first `revision` lines of the log, or of all.

    `definition` has the text of each file by its name, as `courses/block-1.yaml`; `settings` that of the site's file,
    which holds for all days where the log has no settings, and else from the date `since` on.
    Raises KeyError, ValueError or yaml.YAMLError where a file is not as `protocal check` and `protocal lint` want it.
    """
    files, site = {name: read_yaml(text) for name, text in definition.items()}, read_yaml(settings) or {}
    in_courses = [node for name, node in files.items() if name.startswith("courses/")]
    courses = {ident: node for node in in_courses for ident in node.get("courses") or [node["course"]]}
    tree = read_yaml(record)
    lines = tree["log"] or []
    if revision is not None and not 0 < revision <= len(lines):
        raise ValueError(f"the log has {len(lines)} lines, and not {revision}")
    sites = sites_of(tree, revision or len(lines), site, since)
    tree["log"] = lines[:revision]
    known = Files(read_record(tree), files["protocol.yaml"], files["agents.yaml"]["agents"], courses, sites)
    dated = dated_courses(known)
    doses = [dose for place, course in enumerate(dated) for dose in doses_of_course(known, course, dated[:place])]
    return Recount(tuple(doses), tuple(unknown_keys(tree, files, site)))


def sites_of(tree: Node, revision: int, site: Line, since: date | None) -> tuple[tuple[date, Line], ...]:
    """The settings of a log up to a revision, each with the date on which it was written: the first hold for all days.

    Where something was issued before them there were none until then. Those that are in no log yet come last, if they
    are there and the revision is the last.
    """
    zone, log = ZoneInfo(tree["timezone"]), tree["log"] or []
    kinds = [line["entry"] for line in log]
    written = [(place, line) for place, line in enumerate(log, 1) if line["entry"] == "settings"]
    issued = "issue" in kinds[: written[0][0] if written else None]
    dates = [datetime.fromisoformat(line["recorded"]).astimezone(zone).date() for _place, line in written]
    kept = [(on, line) for on, (place, line) in zip(dates, written, strict=True) if place <= revision]
    if not written and not issued:
        return ((date.min, site),)
    found: list[tuple[date, Line]] = [(date.min, {}), *kept] if issued else [(date.min, written[0][1]), *kept[1:]]
    if site and revision == len(log):
        found.append((since or max(dates), site))
    return tuple(found)


def recount_files(
    record: Path,
    definition: Path,
    settings: Path | None = None,
    revision: int | None = None,
    since: date | None = None,
) -> Recount:
    """The same of files and a definition's folder; OSError and UnicodeError, too, where they cannot be read."""
    files = sorted([*definition.glob("*.yaml"), *definition.glob("courses/*.yaml")])
    text = partial(Path.read_text, encoding="utf-8-sig")
    texts = {path.relative_to(definition).as_posix(): text(path) for path in files}
    return recount(text(record), texts, text(settings) if settings else "", revision, since)
