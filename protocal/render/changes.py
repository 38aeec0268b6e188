"""Two plans of one record in; what the later one adds, leaves out, moves or doses otherwise out, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.words.figures import figure, paper_date, runs
from protocal.words.plan import Administration, Plan


def changes(before: Plan, after: Plan) -> Iterator[str]:
    """One line for each order of each course that changes, with its days; nothing if nothing changes."""
    old = {each.id: each for each in before.administrations}
    new = {each.id: each for each in after.administrations}
    changed = [(old.get(id_), new.get(id_)) for id_ in [*old, *(id_ for id_ in new if id_ not in old)]]
    titles = {each.course.id: each.course.title for each in (*before.courses, *after.courses)}
    days: dict[tuple[str, str, str, str], list[int]] = {}
    for first, second in changed:
        each = second or first
        if each and (what := _what(first, second)):
            days.setdefault((each.course, each.key, each.agent, what), []).append(each.day)
    for (course, key, agent, what), numbers in days.items():
        written = after.protocol.agents[agent].written
        yield f"{titles[course]}, day {runs(numbers)}, {written} ({key}): {what}"


def _what(first: Administration | None, second: Administration | None) -> str:
    if first is None:
        return "added"
    if second is None:
        return "left out"
    parts = []
    if first.date != second.date:
        parts.append(f"{paper_date(first.date)} becomes {paper_date(second.date)}")
    if first.dose != second.dose:
        parts.append(f"{figure(first.dose)} {first.unit} becomes {figure(second.dose)} {second.unit}")
    return ", ".join(parts)
