"""What differs between two plans -> lines for people, and JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from protocal.change.diff import Change, CourseChange, Differences, EventChange, Kind
from protocal.model.days import number_of
from protocal.model.doses import Route
from protocal.model.plan import Administration, DatedCourse, Dates, Infusion, Plan, PlannedEvent, Status, says_status
from protocal.model.reasons import reason_text
from protocal.render.data.plan_data import json_text
from protocal.render.wording.products import product_text
from protocal.text.format import plain, runs
from protocal.text.message import Said, joined, own, quantity, say, say_of


class Told(NamedTuple):
    """A change in words: the course, and what becomes of it or in it."""

    course: str
    between: str
    said: str


def changes(found: Differences, plan: Plan) -> Iterator[str]:
    """One line for each course, and for each order and day of one that does not merely move with it; old, then new."""
    return (f"{told.course}{told.between}{told.said}" for told in _told(found, plan))


def _told(found: Differences, plan: Plan) -> Iterator[Told]:
    courses = [*(each.course for each in found.courses), *(each.course for each in plan.courses)]
    titles = {course.id: course.title for course in courses}
    for course in found.courses:
        yield Told(course.course.title, ": ", _course(course, found))
    yield from _grouped(found.lines, titles, plan)
    for course_id, infusion in found.bags:
        yield Told(titles.get(course_id, course_id), ", ", _bags(infusion, plan))
    for events in _moved_alike(event for event in found.events if not event.along):
        yield Told(titles.get(events[0].event.course, events[0].event.course), ", ", _event(events, plan))


def changes_of(found: Differences, course: str, plan: Plan) -> Iterator[Told]:
    """The changes of one course."""
    yield from _told(
        Differences(
            tuple(each for each in found.courses if each.course.id == course),
            tuple(each for each in found.lines if each.line.course == course),
            tuple(each for each in found.events if each.event.course == course),
            tuple(each for each in found.bags if each[0] == course),
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
    before, after = change.before, change.after
    if not (after and after.dates):
        return say("{before} becomes no date", before=_span(before))
    if not (before and before.dates):
        return say("new, {dates}", dates=_span(after))
    if _span(before) == _span(after):
        if after.provisional:
            return say("{dates}, provisional", dates=_span(after))
        return say("{dates}, no longer provisional", dates=_span(after))
    along = sum(each.along for each in found.lines if each.line.course == change.course.id)
    moved = say_of("{count} dose moves with it", "{count} doses move with it", along) if along else ""
    return joined("; ", (_becomes(_span(before), _span(after)), moved))


def _becomes(before: str, after: str) -> Said:
    return say("{before} becomes {after}", before=before, after=after)


def _span(course: DatedCourse | None) -> str:
    if not (course and course.dates):
        return say("no date")
    return say("{first} to {last}", first=course.dates.day1, last=course.dates.last_day)


def _grouped(lines: Iterable[Change], titles: Mapping[str, str], plan: Plan) -> Iterator[Told]:
    """Lines of one order that change in the same way, together, with the way in: a drug may have several on a day."""
    groups: dict[tuple[Any, ...], list[Change]] = {}
    for each in lines:
        if not each.along:
            line = each.line
            groups.setdefault((line.course, line.key, line.agent, line.route, *_alike(each)), []).append(each)
    for (course, _key, agent, route, *_how), group in groups.items():
        drug = joined(" ", (plan.protocol.agents[agent].written, _way_in(route)))
        parts = [_what(group[0], len(group))]
        if _is_moved(group[0]):
            parts += _stays(group[0].line, plan)
        else:
            days = _days(group, plan)
            drug = say_of("day {days}, {drug}", "days {days}, {drug}", len(set(days)), days=runs(days), drug=drug)
        yield Told(titles.get(course, course), ", ", joined(": ", (drug, joined("; ", parts))))


def _way_in(route: Route) -> str:
    return {
        Route.PO: say("by mouth"),
        Route.IT: say("INTRATHECAL"),
        Route.CIV: say("continuous IV"),
    }.get(route, route.value)


def _is_moved(change: Change) -> bool:
    return bool(change.before and change.after and change.before.date != change.after.date)


def _days(group: Iterable[Change], plan: Plan) -> list[int]:
    """The days of doses that do not move, as the sheet numbers their dates."""
    dates = {each.course.id: each.course.dates for each in plan.courses}
    return [_number(each.line, dates.get(each.line.course)) for each in group]


def _number(line: Administration, dates: Dates | None) -> int:
    if dates is None or dates.shifts or line.date == dates.date_of(line.day):
        return line.day
    return number_of(dates.day1, line.date, dates.first)


def _stays(moved: Administration, plan: Plan) -> Iterator[str]:
    """What of the drug stays on the date that a dose of it is moved away from."""
    planned = next((each.course.dates for each in plan.courses if each.course.id == moved.course), None)
    for line in plan.administrations if planned else ():
        if (
            planned
            and (line.agent, line.course, line.date) == (moved.agent, moved.course, planned.date_of(moved.day))
            and line.route is not moved.route
            and line.status.takes_place
        ):
            drug = joined(" ", (plan.protocol.agents[line.agent].written, _way_in(line.route)))
            yield say("{drug} stays on {date}", drug=drug, date=line.date)


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
        return say("added, {what}", what=_dose(other)) if other else say("no longer planned")
    parts: list[str] = []
    if Kind.STATUS in change.kinds:
        parts.append(_becomes(_status(one), _status(other)))
        if other.reason and not other.status.takes_place:
            said = reason_text(other.reason)
            state = said if says_status(other) else joined(": ", (_status(other), said))
            parts[-1] = _becomes(_status(one), state)
    if Kind.MOVED in change.kinds:
        if other.date != one.date:
            if other.reason and count == 1 and other.status in (Status.MOVED, Status.GIVEN):
                parts.append(say("now {date}, {reason}", date=other.date, reason=reason_text(other.reason)))
            else:
                parts.append(_moved(one.date, other.date, together=count > 1))
        elif other.times:
            parts.append(say("hours become {clocks}", clocks=_clocks(other)))
    if Kind.DOSE in change.kinds:
        parts.append(_becomes(_dose(one), _dose(other)))
    return joined(", ", parts)


def _moved(before: date, after: date, *, together: bool) -> str:
    """The first of several dates that move as far, with how far."""
    said = _becomes(say("{date}", date=before), say("{date}", date=after))
    if not together:
        return said
    days = (after - before).days
    if days > 0:
        far = say_of("and so on, {count} day later", "and so on, {count} days later", days)
    else:
        far = say_of("and so on, {count} day earlier", "and so on, {count} days earlier", -days)
    return joined(" ", (said, far))


def _status(line: Administration) -> str:
    return {
        Status.DUE: say("due"),
        Status.MOVED: say("moved"),
        Status.GIVEN: say("given"),
        Status.HELD: say("held"),
        Status.OMITTED: say("omitted"),
    }[line.status]


def _clocks(line: Administration) -> str:
    return ", ".join(f"{at:%H:%M}" for at in line.times) or say("unknown")


def _dose(line: Administration) -> str:
    dose = joined(" x ", (quantity(line.dose, line.unit), str(line.per_day) if line.per_day > 1 else ""))
    return say("{dose} ({product})", dose=dose, product=product_text(line.product)) if line.product else dose


def _bags(infusion: Infusion, plan: Plan) -> str:
    drug = plan.protocol.agents[infusion.agent].written
    return say("bags of {drug} changed: {count} in all", drug=drug, count=len(infusion.bags))


def _moved_alike(events: Iterable[EventChange]) -> Iterable[list[EventChange]]:
    """Events of a course of one kind that move by the same number of days, together; any other by itself."""
    groups: dict[object, list[EventChange]] = {}
    for place, each in enumerate(events):
        key: object = place
        if each.before and each.after and each.before.date != each.after.date:
            key = (each.event.course, each.event.kind, each.after.date - each.before.date)
        groups.setdefault(key, []).append(each)
    return groups.values()


def _event(changes: Sequence[EventChange], plan: Plan) -> str:
    event = changes[0].event
    kind = own(plan.protocol.kinds.get(event.kind, event.kind))
    return joined(": ", (kind, _what_of_event(changes[0], together=len(changes) > 1)))


def _what_of_event(change: EventChange, *, together: bool) -> str:
    one, other = change.before, change.after
    if one is None or other is None:
        if other:
            return say("added, {what}", what=_when(other))
        return say("{what} no longer planned", what=_when(one)) if one else ""
    if one.at != other.at and other.at:
        return _becomes(_when(one), _when(other))
    return _moved(one.date, other.date, together=together)


def _when(event: PlannedEvent) -> Said:
    """The date of an event, with its hour where that is known."""
    if event.at:
        return say("{date} {clock}", date=event.date, clock=f"{event.at:%H:%M}")
    return say("{date}", date=event.date)


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
