"""A plan -> the overview of the whole therapy, a row for each course with its place on the time line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from math import ceil

from protocal.model.account import Account, CourseDay
from protocal.model.doses import Route
from protocal.model.evidence import Evidence
from protocal.model.plan import Administration, CoursePlan, CourseStatus
from protocal.render.issue_box import IssueBoxes
from protocal.render.pdf.text_metrics import Run, line_count
from protocal.render.roadmap.content.context import Context
from protocal.render.roadmap.content.head import evidence_sentence, make_head, with_issue
from protocal.render.roadmap.content.stretches import stretches
from protocal.render.roadmap.layout.heights import PAGE_HEIGHT, PAGE_WIDTH, legend_height, note_height
from protocal.render.roadmap.sheets import Note, OverviewRow, OverviewSheet, State
from protocal.render.said import says_digest

_BY_NEEDLE = (Route.IV, Route.IM, Route.SC)
_HEAD, _KEY, _ROW, _NOTES_GAP = 20.0, 36.0, 16.0, 6.0  # points
_MOST_A_DAY = 4.0
_LABEL = 8.5  # points that the names of months are apart
_COURSE_WIDTH, _COURSE_LINE, _PUNCTURE_LINE = 110.0, 11.0, 7.7  # of a course's title, and of its lumbar punctures


def overview_sheet(
    context: Context, account: Account, issues: IssueBoxes, remarks: tuple[str, ...] = ()
) -> OverviewSheet:
    """The whole therapy, from the first day of the first course that has a date; `remarks` stand before all else."""
    _ = context.text.gettext
    dated = [each.course.dates for each in context.plan.courses if each.course.dates]
    first = dated[0].day1
    last = max(dates.last_day for dates in dated)
    total = (last - first).days + 1
    subtitle = _("{first} to {last}").format(first=context.words.day(first), last=context.words.day(last))
    arm = context.protocol.arms.get(context.plan.facts.traits.arm)
    routes = [context.protocol.unassigned, *([arm] if arm else [])]
    comments = (*remarks, *(f"{route.title}. {route.comment}".strip() for route in routes))
    questions = tuple(
        question for backing in (*(route.backing for route in routes), context.protocol.backing)
        for question in backing.questions
    )  # fmt: skip
    rows = [
        _row(context, number, each, list(account.of(each.course.id)), first)
        for number, each in enumerate(context.plan.courses, 1)
    ]
    head = make_head(context, _("Whole therapy"), subtitle, "", verified=context.plan.verified)
    says = says_digest(head, rows, comments, questions)
    undated = sum(row.state is State.UNDATED for row in rows)
    room = PAGE_HEIGHT[context.settings.paper] - _HEAD - _KEY - undated * _ROW
    legend = evidence_sentence(context.settings, signed=context.protocol.has_verified_lines)
    room -= legend_height("", legend, PAGE_WIDTH[context.settings.paper])
    comments, questions, notes = _those_with_room(context, comments, questions, room - (len(rows) - undated) * _ROW)
    tall = min(room - notes, total * _MOST_A_DAY)
    name = "page/overview" if context.published else "overview"
    return OverviewSheet(
        head=with_issue(head, issues.box(name, says)),
        rows=tuple(_with_heights(rows, total, tall)),
        scale=tall / total,
        tall=tall,
        months=tuple(_months(context, first, last, tall / total)),
        comments=comments,
        questions=questions,
        says=says,
        name=name,
    )


def _those_with_room(
    context: Context, comments: tuple[str, ...], questions: tuple[str, ...], room: float
) -> tuple[tuple[str, ...], tuple[str, ...], float]:
    """As many sentences as leave the rows their room, and how tall they are; how many more there are."""
    kept: list[Note] = []
    notes = [*map(Note, comments), *(Note(text, open=True) for text in questions)]
    width = PAGE_WIDTH[context.settings.paper]
    height = _NOTES_GAP
    for note in notes:
        tall = note_height(note, width)
        if height + 2 * tall > room:  # the last line is for how many are left
            count = len(notes) - len(kept)
            more = context.text.ngettext("and {count} more", "and {count} more", count).format(count=count)
            kept.append(Note(more, open=note.open))
            height += note_height(kept[-1], width)
            break
        kept.append(note)
        height += tall
    return tuple(note.text for note in kept if not note.open), tuple(note.text for note in kept if note.open), height


def _with_heights(rows: Sequence[OverviewRow], total: int, tall: float) -> Iterator[OverviewRow]:
    """The rows, each as tall as its course is long up to the next, but at least so tall that it can be read.

    What short ones take more is taken from the long ones; the time line itself keeps its proportions.
    """
    dated = [row for row in rows if row.state is not State.UNDATED]
    stops = [*(row.first for row in dated[1:]), total]
    wanted = [max(0.0, (stop - row.first) * tall / total) for row, stop in zip(dated, stops, strict=True)]
    spare = max(0.0, sum(wanted) - _ROW * len(wanted))
    above = sum(max(0.0, height - _ROW) for height in wanted)
    heights = iter([_ROW + max(0.0, height - _ROW) * (spare / above if above else 0) for height in wanted])
    for row in rows:
        yield replace(row, height=round(_ROW if row.state is State.UNDATED else next(heights), 2))


def _row(context: Context, number: int, each: CoursePlan, days: Sequence[CourseDay], first: date) -> OverviewRow:
    _ = context.text.gettext
    course, dates = each.course, each.course.dates
    punctures = [puncture.event for day in days for puncture in day.punctures]
    orders = {(line.key, line.agent): line.evidence for line in each.administrations}
    counts = {level: sum(evidence is level for evidence in orders.values()) for level in Evidence}
    marks = [(event.kind, day.date) for day in days for event in day.procedures]
    marks += [(event.kind, day.date) for day in days for event in day.evaluations]
    marks += [("iv", day.date) for day in days if any(dose.line.route in _BY_NEEDLE for dose in day.due)]
    runs_ = {line.date for day in days for line in _infused(day)}
    runs_ |= {day.date for day in days for run in day.running if _is_long(run.line)}
    state = State.UNDATED
    if dates:
        state = State.PROVISIONAL if course.provisional else State.PLANNED
        state = State.DONE if course.status is CourseStatus.DONE else state
    said = {
        State.DONE: _("done"),
        State.PLANNED: _("planned"),
        State.PROVISIONAL: _("provisional"),
        State.UNDATED: _("no date yet"),
    }
    lps = _("LP {dates}").format(dates=", ".join(context.words.day_and_month(event.date) for event in punctures))
    lines = line_count((Run(lps, 7),), _COURSE_WIDTH)
    return OverviewRow(
        number=number,
        title=course.title,
        day1=context.words.day(dates.day1) if dates else "",
        last_day=context.words.day(dates.last_day) if dates else "",
        length=str(dates.length) if dates else "",
        punctures=str(len(punctures)) if punctures else "",
        puncture_dates=tuple(lps.split(", ")),
        least=_COURSE_LINE + _PUNCTURE_LINE * lines,
        evidence=" ".join(f"{level.mark}{count}" for level, count in counts.items() if count),
        state=state,
        said=said[state],
        first=(dates.day1 - first).days if dates else 0,
        days=dates.length if dates else 0,
        marks=tuple((kind, (on - first).days) for kind, on in marks),
        infusions=tuple(stretches((on - first).days for on in runs_)),
    )


def _infused(day: CourseDay) -> Iterator[Administration]:
    """What is infused for days on end from a date on."""
    lines = (dose.line for dose in day.due)
    return (line for line in lines if line.route is Route.CIV or _is_long(line))


def _is_long(line: Administration) -> bool:
    over = line.order_line.over
    return over is not None and over.most > 24 * 60


def _months(context: Context, first: date, last: date, scale: float) -> Iterator[tuple[str, int]]:
    """The first day of each month within, with its days from the start; without a name where they are too close."""
    year, month = first.year, first.month
    step = ceil(_LABEL / (28 * scale))
    count = 0
    while (day := date(year, month, 1)) <= last:
        if day >= first:
            yield "" if count % step else context.words.month(day), (day - first).days
            count += 1
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
