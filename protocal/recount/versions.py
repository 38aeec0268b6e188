"""The lines of a log and several versions of a definition -> the version that a course is counted by."""

from __future__ import annotations

from collections.abc import Mapping

from protocal.recount.values import Line, Node, Record


def newest(record: Record, first: str) -> str:
    """The version that the log names last, or that of the header."""
    return str(([first] + [line["version"] for line in record.of("definition")])[-1])


def counted_by(record: Record, first: str, protocols: Mapping[str, Line], grafts: set[str], course: str) -> str:
    """The version of one course: it stays with what it began by, unless a line says that it counts from it on.

    `grafts` are the courses that a transplant begins.
    """
    version, began, arm = first, False, ""
    for line in record.lines:
        kind = line["entry"]
        if kind == "assign":
            arm = line["arm"]
        if kind == "transplant":
            began = began or course in grafts
        if (kind == "start" and line["course"] == course) or (kind == "give" and line["id"].split("/")[0] == course):
            began = True
        if kind == "definition":
            since, route = line.get("from_course"), names_of_route(protocols[line["version"]], arm)
            taken_along = since and position(route, course) >= position(route, since)
            version = version if began and not taken_along else line["version"]
    return str(version)


def names_of_route(protocol: Line, arm: str) -> list[tuple[str, bool]]:
    """The courses of a route by name, those after treatment failure last; and whether each is repeated."""
    legs: list[Node] = list(protocol["before assignment"]["route"])
    legs += protocol["arms"][arm]["route"] if arm else []
    legs += (protocol.get("treatment failure") or {}).get("route", [])
    steps = [{"course": leg} if isinstance(leg, str) else leg for leg in legs]
    return [(step.get("course") or step["repeat"], "repeat" in step) for step in steps]


def position(route: list[tuple[str, bool]], course: str) -> tuple[int, int]:
    """Where a course stands, and which of its cycles it is."""
    name, _hyphen, cycle = course.rpartition("-")
    for place, (each, repeated) in reversed(list(enumerate(route))):
        if repeated and each == name and cycle.isdigit():
            return place, int(cycle)
        if not repeated and each == course:
            return place, 0
    return -1, 0
