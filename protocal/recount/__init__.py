"""The texts of a record and of a definition -> every dose on its date, counted a second time from the files alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from protocal.recount.course import doses_of_course
from protocal.recount.known import unknown_keys
from protocal.recount.route import Files, dated_courses
from protocal.recount.values import Counted, Line, Node, Record, read_record, read_yaml
from protocal.recount.versions import newest

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
    later: Sequence[Mapping[str, str]] = (),
) -> Recount:
    """Count every dose of the text of a patient's file; of its first `revision` lines of the log, or of all.

    `definition` has the text of each file by its name, as `courses/block-1.yaml`; `later` those of other versions that
    the log names; `settings` that of the site's file, which holds for all days where the log has no settings, and else
    from the date `since` on.
    Raises KeyError, ValueError or yaml.YAMLError where a file is not as `protocal check` and `protocal lint` want it.
    """
    site, tree = read_yaml(settings) or {}, read_yaml(record)
    lines = tree["log"] or []
    if revision is not None and not 0 < revision <= len(lines):
        raise ValueError(f"the log has {len(lines)} lines, and not {revision}")
    sites = sites_of(tree, revision or len(lines), site, since)
    tree["log"] = lines[:revision]
    versions: dict[str, Files] = {}
    found, unknown = read_record(tree), list[str]()
    for texts in (definition, *later):
        nodes = {name: read_yaml(text) for name, text in texts.items()}
        each = files_of(found, nodes, sites)
        versions[each.protocol["version"]] = each
        unknown += unknown_keys(tree, nodes, site)
    first = next(iter(versions))
    if later:
        all_of_them: dict[str, Files] = {}
        for name, each in versions.items():
            all_of_them[name] = replace(each, versions=all_of_them, first=first)
        versions = all_of_them
    known = versions[newest(found, first)] if later else versions[first]
    dated = dated_courses(known)
    doses = [dose for place, course in enumerate(dated) for dose in doses_of_course(known, course, dated[:place])]
    return Recount(tuple(doses), tuple(dict.fromkeys(unknown)))


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


def files_of(record: Record, files: Mapping[str, Node], sites: tuple[tuple[date, Line], ...]) -> Files:
    """A version of a definition by the trees of its files, with the record and the site's settings."""
    in_courses = [node for name, node in files.items() if name.startswith("courses/")]
    courses = {ident: node for node in in_courses for ident in node.get("courses") or [node["course"]]}
    return Files(record, files["protocol.yaml"], files["agents.yaml"]["agents"], courses, sites)


def recount_files(
    record: Path,
    definition: Path,
    settings: Path | None = None,
    revision: int | None = None,
    since: date | None = None,
    later: Sequence[Path] = (),
) -> Recount:
    """The same of files and of folders of definitions; OSError and UnicodeError, too, where they cannot be read."""
    text = partial(Path.read_text, encoding="utf-8-sig")

    def texts(folder: Path) -> dict[str, str]:
        files = sorted([*folder.glob("*.yaml"), *folder.glob("courses/*.yaml")])
        return {path.relative_to(folder).as_posix(): text(path) for path in files}

    site = text(settings) if settings else ""
    return recount(text(record), texts(definition), site, revision, since, [texts(each) for each in later])
