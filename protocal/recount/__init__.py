"""The texts of a record and of a definition -> every dose on its date, counted a second time from the files alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from protocal.recount.course import Ward, doses_of_course
from protocal.recount.known import unknown_keys
from protocal.recount.log import read_record
from protocal.recount.route import Files, dated_courses
from protocal.recount.values import Counted, listed, read_yaml

__all__ = ["Counted", "Recount", "recount"]


@dataclass(frozen=True)
class Recount:
    """All doses, by course and order; and what stands in the files that this count does not know, with file and key."""

    doses: tuple[Counted, ...]
    not_covered: tuple[str, ...]


def recount(record: str, definition: Mapping[str, str], settings: str = "") -> Recount:
    """Count every dose of a record.

    Args:
        record: the text of the patient's file.
        definition: the text of each file of the definition by its name, as `courses/block-1.yaml`.
        settings: the text of the site's settings, where it has some.

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
    agents, rounding = files["agents.yaml"]["agents"], site.get("rounding") or {}
    known = Files(read_record(tree), files["protocol.yaml"], agents, courses, rounding, closed)
    dated = dated_courses(known)
    doses = [dose for place, course in enumerate(dated) for dose in doses_of_course(Ward(known, course, dated[:place]))]
    return Recount(tuple(doses), tuple(unknown_keys(tree, files, site)))
