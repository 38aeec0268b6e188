"""What differs between two plans in; lines for people, and JSON for programs, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from protocal.plan.diff import Change, CourseChange, Differences, EventChange, Kind
from protocal.render.data import json_text
from protocal.words.figures import figure, paper_date, plain, runs
from protocal.words.plan import Administration, DatedCourse, Plan


def changes(found: Differences, plan: Plan) -> Iterator[str]:
    """One line for each course, and for each order and day of one that does not merely move with it; old, then new."""
    courses = [*(each.course for each in found.courses), *(each.course for each in plan.courses)]
    titles = {course.id: course.title for course in courses}
    for course in found.courses:
        yield _course(course, found)
    yield from _grouped(found.lines, titles, plan)
    for event in found.events:
        if not event.along:
            yield _event(event, titles, plan)


def changes_of(found: Differences, course: str, plan: Plan) -> Iterator[str]:
    """The lines of one course."""
    yield from changes(
        Differences(
            tuple(each for each in found.courses if each.course.id == course),
            tuple(each for each in found.lines if each.line.course == course),
            tuple(each for each in found.events if each.event.course == course),
        ),
        plan,
    )


def changes_json(found: Differences, earlier: int, later: int) -> str:
    """The differences with the names that the plan's JSON has."""
    document = {
        "from": earlier,
        "to": later,
        "courses": [
            {"id": each.course.id, "before": _course_data(each.before), "after": _course_data(each.after)}
            for each in found.courses
        ],
        **{kind.value: [_line_data(each) for each in found.lines if kind in each.kinds] for kind in Kind},
        "events": [
            {
                "course": each.event.course,
                "day": each.event.day,
                "kind": each.event.kind,
                "before": each.before.date.isoformat() if each.before else None,
                "after": each.after.date.isoformat() if each.after else None,
            }
            for each in found.events
        ],
    }
    return json_text(document)


def _course(change: CourseChange, found: Differences) -> str:
    before, after, title = change.before, change.after, change.course.title
    along = sum(each.along for each in found.lines if each.line.course == change.course.id)
    moved = f"; {along} doses move with it" if along else ""
    if not (after and after.dates):
        return f"{title}: {_span(before)} becomes no date"
    if not (before and before.dates):
        return f"{title}: new, {_span(after)}"
    if _span(before) == _span(after):
        state = "provisional" if after.provisional else "no longer provisional"
        return f"{title}: {_span(after)}, {state}"
    return f"{title}: {_span(before)} becomes {_span(after)}{moved}"


def _span(course: DatedCourse | None) -> str:
    if not (course and course.dates):
        return "no date"
    return f"{paper_date(course.dates.day1)} to {paper_date(course.dates.last_day)}"


def _grouped(lines: Iterable[Change], titles: Mapping[str, str], plan: Plan) -> Iterator[str]:
    """Lines of one order that change in the same way, together."""
    groups: dict[tuple[Any, ...], list[Change]] = {}
    for each in lines:
        if not each.along:
            groups.setdefault((each.line.course, each.line.key, each.line.agent, *_alike(each)), []).append(each)
    for (course, key, agent, *_how), group in groups.items():
        written = plan.protocol.agents[agent].written
        days = runs(each.line.day for each in group)
        yield f"{titles.get(course, course)}, day {days}, {written} ({key}): {_what(group[0], len(group))}"


def _alike(change: Change) -> tuple[Any, ...]:
    """What changes of one order share that are told together: they move as far, from one dose to another."""
    one, other = change.before, change.after
    if one is None or other is None:
        return change.kinds, _dose(other) if other else ""
    clocks = _clocks(other) if one.date == other.date else ""
    dose = (_dose(one), _dose(other)) if Kind.DOSE in change.kinds else ()
    return change.kinds, other.date - one.date, clocks, dose, one.status, other.status


def _what(change: Change, count: int) -> str:
    one, other = change.before, change.after
    if one is None or other is None:
        return f"added, {_dose(other)}" if other else "no longer planned"
    parts = []
    if Kind.STATUS in change.kinds:
        parts.append(f"{one.status.value} becomes {other.status.value}")
    if Kind.MOVED in change.kinds:
        days = (other.date - one.date).days
        if days:
            far = f" and so on, {abs(days)} days {'later' if days > 0 else 'earlier'}" if count > 1 else ""
            parts.append(f"{paper_date(one.date)} becomes {paper_date(other.date)}{far}")
        elif other.times:
            parts.append(f"hours become {_clocks(other)}")
    if Kind.DOSE in change.kinds:
        parts.append(f"{_dose(one)} becomes {_dose(other)}")
    return ", ".join(parts)


def _clocks(line: Administration) -> str:
    return ", ".join(f"{at:%H:%M}" for at in line.times) or "unknown"


def _dose(line: Administration) -> str:
    often = f" x {line.per_day}" if line.per_day > 1 else ""
    dose = f"{figure(line.dose)} {line.unit}{often}"
    return f"{dose} ({line.product})" if line.product else dose


def _event(change: EventChange, titles: Mapping[str, str], plan: Plan) -> str:
    event = change.event
    head = (
        f"{titles.get(event.course, event.course)}, day {event.day}, {plan.protocol.kinds.get(event.kind, event.kind)}"
    )
    before = paper_date(change.before.date) if change.before else ""
    after = paper_date(change.after.date) if change.after else ""
    if not change.before:
        return f"{head}: added, {after}"
    if not change.after:
        return f"{head}: no longer planned"
    if before == after and change.after.at:
        return f"{head}: at {change.after.at:%H:%M}"
    return f"{head}: {before} becomes {after}"


def _course_data(course: DatedCourse | None) -> dict[str, Any] | None:
    if not (course and course.dates):
        return None
    return {
        "day1": course.dates.day1.isoformat(),
        "last_day": course.dates.last_day.isoformat(),
        "provisional": course.provisional,
    }


def _line_data(change: Change) -> dict[str, Any]:
    return {
        "id": change.line.id,
        "agent": change.line.agent,
        "before": _side(change.before),
        "after": _side(change.after),
    }


def _side(line: Administration | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {
        "date": line.date.isoformat(),
        "dose": plain(line.dose),
        "unit": line.unit,
        "per_day": line.per_day,
        "status": line.status.value,
    }
