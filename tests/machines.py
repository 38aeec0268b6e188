"""What the tests of long stories share: a small protocol with something of everything, and a chart to write into.

A chart adds entries the way a command does: shown first, refused if something stands against it, then written whole.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from traceback import extract_tb
from typing import Any
from unittest.mock import patch

from protocal.change.confirmations import Wish, asks
from protocal.change.given import completed
from protocal.model.entries import Delayed, Given, Held, HoldRule, Interrupted, Resumed, Started
from protocal.model.plan import Administration, CoursePlan, DatedCourse, Plan, Status
from protocal.model.problems import Problem, ProtocalError, has_errors
from protocal.model.protocol import Protocol
from protocal.model.reasons import reason_text
from protocal.model.settings import Clearance, Settings
from protocal.plan import make_plan
from protocal.read.definition.build import read_protocol
from protocal.read.record.append import NewEntry, append_entries
from protocal.read.record.new import NewPatient, compose
from protocal.read.record.read import read_record
from protocal.workflow import planning

LOOM = Path(__file__).parent / "machines" / "1"
DAY1 = date(2026, 12, 1)
SITE = Settings(
    closed_days=frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
    clearances=(Clearance("umbrate", Decimal("0.1"), "micromol/L"),),
    level_draws=(("umbrate", (24, 48, 72)),),
    text="closed days: [2026-12-25, 2027-01-01]\n",
)
BOY = NewPatient(
    protocol=str(LOOM),
    protocol_version="",
    id="L-1",
    name="",
    born="2019-01-20",  # he turns eight within the therapy, and another row of the tables holds
    sex="male",
    height="112",
    weight="19.4",
    measured="",
    cns="clear",
    risk="low",
    arm="L",
    start=DAY1.isoformat(),
    timezone="America/New_York",
    diagnostic_it=(),
    by="",
)
Values = Mapping[str, Any]

_read_once = cache(read_protocol)


def _read(folder: Path, _shelves: Sequence[Path] = ()) -> tuple[Protocol | None, list[Problem]]:
    """The definition, the same value for every chart, whatever the way to its folder."""
    return _read_once(folder.resolve())


@dataclass(frozen=True)
class Tried:
    """An entry as it would be written: the plan before and after it, or what stands against it."""

    before: Plan
    after: Plan | None
    data: bytes = b""
    refused: str = ""


class Chart:
    """A record on the disk, and its plan at every revision as it was when that was the latest.

    What an entry is shown against is the plan of the revision before it, made `anew` as a command does, or else the one
    that is at hand: the laws hold the two to be the same.
    """

    def __init__(self, patient: NewPatient = BOY, settings: Settings = SITE, *, anew: bool = True) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="chart-")
        self.path = Path(self._folder.name) / "chart.yaml"
        self.settings = settings
        self.anew = anew
        self.start = datetime(2026, 12, 1, 17, tzinfo=UTC)
        self.apart = timedelta(hours=12)
        made = compose(patient, self.path, (), self.start, "0" * 32)
        assert made.record, made.problems
        self.path.write_text(made.text, encoding="utf-8")
        first = self.load()
        self.plans: list[Plan] = [first]
        self.first = first.revision

    def branch(self) -> Chart:
        """Another record, the same so far."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._folder = tempfile.TemporaryDirectory(prefix="chart-")
        other.path = Path(other._folder.name) / self.path.name
        other.path.write_bytes(self.path.read_bytes())
        other.plans = list(self.plans)
        return other

    def close(self) -> None:
        """Leave nothing behind."""
        self._folder.cleanup()

    @property
    def plan(self) -> Plan:
        """The latest."""
        return self.plans[-1]

    @property
    def now(self) -> datetime:
        """When the next line is written: half a day after the last, or as far as they are apart."""
        return self.start + self.apart * len(self.plans)

    def load(self, revision: int | None = None) -> Plan:
        """The plan of the file as it is."""
        record, problems = read_record(self.path)
        assert record, problems
        assert not problems
        return self.planned(record, revision)

    def planned(self, record: Any, revision: int | None = None) -> Plan:
        """As the pipeline does it, with the definition read once."""
        with patch.object(planning, "read_protocol", _read):
            return planning.plan_of(record, self.path, self.settings, planning.Definitions(), revision)

    def add(self, values: Values) -> Tried:
        """Write an entry, unless it is refused."""
        tried = self.tried(values)
        if tried.after:
            self.path.write_bytes(tried.data)
            self.plans.append(tried.after)
        return tried

    def tried(self, values: Values) -> Tried:
        """What an entry would do, with nothing written; `--keep` and `--alone` are values, too."""
        wish = Wish(keep=bool(values.get("--keep")), alone=bool(values.get("--alone")))
        said = {key: value for key, value in values.items() if not key.startswith("--")}
        entry = NewEntry(completed(self.plan, said) if said["entry"] == "give" else said)
        added = append_entries(self.path, [entry], self.now, "")
        if added.record is None:
            return Tried(self.plan, None, refused=_told(added.problems))
        try:
            after = self.planned(added.record)
            before = self.planned(added.record, added.record.revision - 1) if self.anew else self.plan
        except ProtocalError as error:
            return Tried(self.plan, None, refused=_told(error.problems))
        found = asks(added.record.log[-1], before, after, after.settings, wish)
        if found:
            return Tried(self.plan, None, refused="; ".join(f"asks: {each.message}" for each in found))
        return Tried(before, after, added.after)


def _told(problems: Any) -> str:
    return "; ".join(f"{each.code}: {each.message}" for each in problems if has_errors([each]))


def value_of(plan: Plan) -> tuple[object, ...]:
    """All that a plan says of dates and doses, and what its checks find; not what the reading of the record found."""
    found = tuple((each.code, each.message, each.severity) for each in plan.problems if each.source)
    return tuple(map(_by_value, plan.courses)), found


def shown(plan: Plan) -> tuple[object, ...]:
    """The same, whichever line of the log it came by."""
    courses, found = value_of(plan)
    return tuple(map(_without_lines, courses)), found  # type: ignore[arg-type]


def _by_value(each: CoursePlan) -> CoursePlan:
    """With the names of orders in their place: those that a substitution makes are only the same as themselves."""
    named = (line._replace(order_line=line.order_line.key) for line in each.administrations)  # type: ignore[arg-type]
    return replace(each, administrations=tuple(named))


def _without_lines(each: CoursePlan) -> CoursePlan:
    dates = each.course.dates
    if dates is None or not dates.shifts:
        return each
    shifts = tuple(replace(shift, line=0) for shift in dates.shifts)
    return replace(each, course=replace(each.course, dates=replace(dates, shifts=shifts)))


def difference(one: Plan, other: Plan) -> str:
    """Where two plans differ, for the message of a test that fails."""
    lines = []
    for what in ("administrations", "procedures", "evaluations"):
        first, second = (list(map(_short, getattr(plan, what))) for plan in (one, other))
        lines += [f"- {each}" for each in first if each not in second]
        lines += [f"+ {each}" for each in second if each not in first]
    dates = [{each.course.id: _dates(each.course) for each in plan.courses} for plan in (one, other)]
    lines += [
        f"{id_}: {dates[0].get(id_)} / {dates[1].get(id_)}"
        for id_ in {**dates[0], **dates[1]}
        if dates[0].get(id_) != dates[1].get(id_)
    ]
    found = [[f"{each.code} {each.message}" for each in plan.problems] for plan in (one, other)]
    lines += [f"- {each}" for each in found[0] if each not in found[1]]
    lines += [f"+ {each}" for each in found[1] if each not in found[0]]
    return "\n".join(lines)


def _dates(course: DatedCourse) -> str:
    dates = course.dates
    return f"{dates.day1} to {dates.last_day} {course.status.value} {dates.shifts}" if dates else "undated"


def _short(each: Any) -> str:
    if isinstance(each, Administration):
        times = ", ".join(f"{at:%d-%H:%M}" for at in each.times)
        return (
            f"{each.id} day {each.day} {each.date} {each.dose} x {each.per_day} {each.status.value} [{times}]"
            f" {reason_text(each.reason)} {each.product} {each.working} {each.provisional}"
        )
    return f"{each.course} {each.kind} day {each.day} {each.date} {each.at}"


# What must hold after every entry: each law gives sentences of what does not. `tried` is the entry just written.


def the_plan_before_is_as_it_was(chart: Chart, tried: Tried) -> Iterator[str]:
    """A new line changes nothing at earlier revisions."""
    if value_of(tried.before) != value_of(chart.plans[-2]):
        yield difference(chart.plans[-2], tried.before)


def courses_do_not_overlap_unreported(chart: Chart, _tried: Tried) -> Iterator[str]:
    """Every two courses that share a day are named by a finding."""
    told = [each.message for each in chart.plan.problems if each.code == "S14"]
    dated = [(each.course, each.course.dates) for each in chart.plan.courses if each.course.dates]
    for (one, first), (other, second) in combinations(dated, 2):
        shared = first.day1 <= second.last_day and second.day1 <= first.last_day
        if shared and not any(one.title in text and other.title in text for text in told):
            yield f"{one.id} to {first.last_day} and {other.id} from {second.day1}"


def intervals_are_kept_or_flagged(chart: Chart, _tried: Tried) -> Iterator[str]:
    """Every two doses nearer than their agent allows are found."""
    told = [each.message for each in chart.plan.problems if each.code == "S14"]
    for agent in chart.plan.protocol.agents.values():
        least = agent.minimum_interval
        days = sorted(each.date for each in chart.plan.administrations if each.agent == agent.id and _takes_place(each))
        for first, second in pairwise(days) if least else ():
            if least and (second - first).days < least and not any(f"at least {least} days" in text for text in told):
                yield f"{agent.id} on {first} and {second}"


def an_id_is_of_one_administration(chart: Chart, _tried: Tried) -> Iterator[str]:
    """No id is there twice."""
    ids = [each.id for each in chart.plan.administrations]
    yield from sorted({id_ for id_ in ids if ids.count(id_) > 1})


def an_id_keeps_its_course_order_and_day(chart: Chart, tried: Tried) -> Iterator[str]:
    """What a substitution or a restart adds has its day from its date; all else keeps it."""
    old = {each.id: each for each in tried.before.administrations}
    for each in chart.plan.administrations:
        was = old.get(each.id)
        added = each.id.count("/") > 2 + each.order_line.has_parts
        if was and (was.course, was.key, was.agent) != (each.course, each.key, each.agent):
            yield f"{each.id} was {was.course}/{was.key} of {was.agent}"
        if was and was.day != each.day and not added:
            yield f"{each.id} was day {was.day} and is day {each.day}"


def a_started_course_keeps_its_day_1(chart: Chart, _tried: Tried) -> Iterator[str]:
    """A transplant is recorded by its own entry."""
    courses = {each.course.id: each.course for each in chart.plan.courses}
    starts = {entry.course: entry.date for _line, entry in chart.plan.record.standing() if isinstance(entry, Started)}
    for id_, day1 in starts.items():
        course = courses.get(id_)
        if id_ != "graft" and (course is None or course.dates is None or course.dates.day1 != day1):
            yield f"{id_} started on {day1} and stands as {course and course.dates and course.dates.day1}"


def nothing_is_due_after_the_end(chart: Chart, _tried: Tried) -> Iterator[str]:
    """From the day of a stop on."""
    stopped = chart.plan.facts.stopped
    for each in chart.plan.administrations:
        if stopped and each.date >= stopped and _is_ahead(each):
            yield f"{each.id} is {each.status.value} on {each.date}, therapy is stopped from {stopped} on"


def what_lay_ahead_of_a_failure_is_cancelled(chart: Chart, _tried: Tried) -> Iterator[str]:
    """Only the route after it has anything due."""
    failed, route = chart.plan.facts.failed, chart.plan.protocol.failure
    salvage = {leg.course for leg in route.route} if route else set()
    for each in chart.plan.administrations:
        if failed and each.date > failed and _is_ahead(each) and each.course not in salvage:
            yield f"{each.id} is {each.status.value} on {each.date}, after the failure on {failed}"


def what_lay_ahead_of_a_transplant_is_cancelled(chart: Chart, _tried: Tried) -> Iterator[str]:
    """From its day on."""
    day = chart.plan.facts.transplanted
    for each in chart.plan.administrations:
        if day and each.date >= day and _is_ahead(each) and each.course != "graft":
            yield f"{each.id} is {each.status.value} on {each.date}, after the transplant on {day}"


def what_was_given_stays_given_on_its_date(chart: Chart, _tried: Tried) -> Iterator[str]:
    """Until it is undone or corrected."""
    for was, each in _given(chart):
        if each is None or each.status is not Status.GIVEN or each.date != was.date:
            yield f"{_short(was)}\n  is now {_short(each) if each else 'gone'}"


def what_was_given_keeps_its_dose(chart: Chart, _tried: Tried) -> Iterator[str]:
    """Until it is undone or corrected."""
    for was, each in _given(chart):
        if each and (each.dose, each.unit, each.per_day, each.agent) != (was.dose, was.unit, was.per_day, was.agent):
            yield f"{_short(was)}\n  is now {_short(each)}"


def what_was_given_keeps_its_hours(chart: Chart, _tried: Tried) -> Iterator[str]:
    """Until it is undone or corrected."""
    for was, each in _given(chart):
        if each and each.times != was.times:
            yield f"{_short(was)}\n  is now {_short(each)}"


def the_end_of_a_repeat_never_moves_by_a_delay(chart: Chart, tried: Tried) -> Iterator[str]:
    """Nor by a hold, or by an infusion that is interrupted; but a last cycle that waits beyond it does not begin."""
    if isinstance(chart.plan.record.log[-1], Delayed | Held | Interrupted | Resumed):
        ends = [_last_repeated_day(plan) for plan in (tried.before, chart.plan)]
        if None not in ends and ends[0] != ends[1] and not _waits_beyond_the_end(tried.before, chart.plan):
            yield f"it was {ends[0]} and is {ends[1]}"


def a_delay_brings_nothing_forward(chart: Chart, tried: Tried) -> Iterator[str]:
    """Nor does a hold that slips, or an interruption; what does not take place has no date of its own."""
    entry = chart.plan.record.log[-1]
    if isinstance(entry, Delayed | Interrupted) or (isinstance(entry, Held) and entry.rule is HoldRule.SLIP):
        courses = {each.course.id: each.course.dates for each in tried.before.courses}
        for each in chart.plan.courses:
            was, dates = courses.get(each.course.id), each.course.dates
            if was and dates and dates.day1 < was.day1:
                yield f"{each.course.id} was to begin on {was.day1} and begins on {dates.day1}"
        lines = {each.id: each for each in tried.before.administrations}
        for line in chart.plan.administrations:
            if line.id in lines and _takes_place(line) and line.date < lines[line.id].date:
                yield f"{_short(lines[line.id])}\n  is now {_short(line)}"


def undo_restores_the_plan(chart: Chart, tried: Tried) -> Iterator[str]:
    """The last line can always be undone, and then all is as before it."""
    undone = chart.tried({"entry": "undo", "line": chart.plan.revision, "why": "a slip"})
    if undone.after is None:
        yield f"it cannot be undone: {undone.refused}"
    elif value_of(undone.after) != value_of(tried.before):
        yield difference(tried.before, undone.after)


def replay_gives_the_same_plan(chart: Chart, _tried: Tried) -> Iterator[str]:
    """The file read again is the same plan."""
    again = chart.load()
    if value_of(again) != value_of(chart.plan):
        yield difference(chart.plan, again)


def history_is_what_was_planned(chart: Chart) -> Iterator[str]:
    """Every revision, planned from the file as it is now, is the plan that stood when it was the latest."""
    again = chart.load()
    for revision, plan in enumerate(chart.plans, chart.first):
        then = make_plan(again.protocol, again.record, chart.settings, revision)
        if list(map(_by_value, then.courses)) != list(map(_by_value, plan.courses)):
            yield f"revision {revision}: {difference(plan, then)}"


LAWS = (
    the_plan_before_is_as_it_was,
    courses_do_not_overlap_unreported,
    intervals_are_kept_or_flagged,
    an_id_is_of_one_administration,
    an_id_keeps_its_course_order_and_day,
    a_started_course_keeps_its_day_1,
    nothing_is_due_after_the_end,
    what_lay_ahead_of_a_failure_is_cancelled,
    what_lay_ahead_of_a_transplant_is_cancelled,
    what_was_given_stays_given_on_its_date,
    what_was_given_keeps_its_dose,
    what_was_given_keeps_its_hours,
    the_end_of_a_repeat_never_moves_by_a_delay,
    a_delay_brings_nothing_forward,
    undo_restores_the_plan,
    replay_gives_the_same_plan,
)


def _is_ahead(each: Administration) -> bool:
    """Still to be given, and not for a drug's sake that was given: a rescue goes on, whatever ends therapy."""
    return each.status in (Status.DUE, Status.MOVED) and not each.order_line.until_clear


def _takes_place(each: Administration) -> bool:
    return each.status.takes_place


def _last_repeated_day(plan: Plan) -> date | None:
    days = [each.course.dates.last_day for each in plan.courses if each.course.cycle and each.course.dates]
    return max(days, default=None)


def _waits_beyond_the_end(*plans: Plan) -> bool:
    """Whether one of the plans no longer has a cycle that the log delays."""
    cycles = [{each.course.id for each in plan.courses if each.course.cycle} for plan in plans]
    repeated = {id_.rpartition("-")[0] for id_ in cycles[-1]}
    delayed = {entry.course for _line, entry in plans[-1].record.standing() if isinstance(entry, Delayed)}
    return any(id_.rpartition("-")[0] in repeated and not all(id_ in each for each in cycles) for id_ in delayed)


def _given(chart: Chart) -> Iterator[tuple[Administration, Administration | None]]:
    """What was given by the lines that count: each as the plan had it when it was written, and as it is."""
    now = {each.id: each for each in chart.plan.administrations}
    lines = {entry.id: line for line, entry in chart.plan.record.standing() if isinstance(entry, Given)}
    for id_, line in lines.items():
        then = chart.plans[line - chart.first].administrations
        yield next(each for each in then if each.id == id_), now.get(id_)


def add_and_look(chart: Chart, values: Values) -> dict[str, str]:
    """Write an entry, unless it is refused; the laws that do not hold then, by name, with what does not."""
    try:
        tried = chart.add(values)
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody may see it
        return {"no_entry_ends_in_a_traceback": f"{type(error).__name__}: {error} at {_origin(error)}"}
    if tried.after is None:
        return {}
    found = {law.__name__: "\n".join(law(chart, tried)) for law in LAWS}
    return {name: text for name, text in found.items() if text}


def _origin(error: Exception) -> str:
    frame = extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def smallest(written: Sequence[Values], law: str) -> tuple[list[Values], str]:
    """The fewest of the entries after which a law still does not hold, and what it says then."""
    kept, said = list(written), _said(written, law)
    assert said, "it cannot be repeated"
    index = len(kept) - 1
    while index >= 0:
        fewer = kept[:index] + kept[index + 1 :]
        if again := _said(fewer, law):
            kept, said = fewer, again
        index -= 1
    return kept, said


def _said(written: Sequence[Values], law: str) -> str:
    chart = Chart()
    try:
        for values in written:
            if found := add_and_look(chart, values).get(law):
                return found
    finally:
        chart.close()
    return ""
