"""A definition's folder -> a `Protocol` whose every line knows its place, and all problems of all its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from protocal.model.days import DaySet, parse_days
from protocal.model.doses import Amount, ByTable
from protocal.model.problems import Problem, Where, has_errors
from protocal.model.protocol import (
    Agent,
    Arm,
    Backing,
    Band,
    Condition,
    Count,
    Course,
    DoseRule,
    Event,
    Glossary,
    LabelDose,
    Leg,
    Order,
    Protocol,
    StartCriteria,
    Substitution,
    Table,
    Until,
)
from protocal.read.definition.fields import parse_band, parse_series, parse_weekdays
from protocal.read.definition.lint import lint
from protocal.read.definition.shapes import (
    AgentShape,
    AgentsShape,
    Backed,
    ConditionShape,
    CourseShape,
    EventShape,
    GlossaryShape,
    OrderShape,
    ProtocolShape,
    RouteShape,
    SubstitutionShape,
    TableShape,
)
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, read_tree

PROTOCOL_FILE = "protocol.yaml"
AGENTS_FILE = "agents.yaml"
COURSES_FOLDER = "courses"

_Shape = TypeVar("_Shape", bound=BaseModel)
_Path = tuple[str | int, ...]


def read_protocol(folder: Path) -> tuple[Protocol | None, list[Problem]]:
    """Read the definition in a folder.

    Returns the protocol, or None if it cannot be used, and every problem of every file: of its text, of its shape
    and of its meaning. Nothing is raised for a mistake in a file.
    """
    reader = _Reader(folder)
    protocol = reader.read()
    problems = [problem for source in reader.sources for problem in source.problems] + reader.problems
    if protocol is not None and not has_errors(problems):  # a line that was not read would be missed everywhere
        problems += lint(protocol)
    problems.sort(key=lambda problem: (problem.where.file, problem.where.line) if problem.where else ("", 0))
    return (None if has_errors(problems) else protocol), problems


class _Reader:
    """Reads the files of one folder and remembers what went wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources: list[Source] = []
        self.problems: list[Problem] = []

    def read(self) -> Protocol | None:
        head, head_source = self._shape(self.folder / PROTOCOL_FILE, ProtocolShape)
        agents, agents_source = self._shape(self.folder / AGENTS_FILE, AgentsShape)
        files = sorted((self.folder / COURSES_FOLDER).glob("*.yaml"))
        if not files:
            self._problem(
                "no-courses",
                "the definition has no course",
                Where(str(self.folder / COURSES_FOLDER)),
                "Write one file a course into this folder.",
            )
        shapes = [self._shape(file, CourseShape) for file in files]
        usable = [(shape, source) for shape, source in shapes if shape is not None]
        if head is None or agents is None or not files or len(usable) < len(shapes):
            return None
        courses: dict[str, Course] = {}
        for shape, source in usable:
            for course in self._courses(shape, source):
                if course.id in courses:
                    self._problem(
                        "course-twice",
                        f"course '{course.id}' is already in {courses[course.id].where}",
                        course.where,
                        "Give one of them another id.",
                    )
                courses[course.id] = course
        return Protocol(
            id=head.protocol,
            title=head.title,
            version=head.version,
            verified=head.verified,
            registry=head.registry,
            ages=head.ages,
            cns=tuple(head.cns),
            risk=tuple(head.risk),
            sources=dict(head.sources),
            kinds=dict(head.kinds),
            tables={name: self._table(name, table, head_source) for name, table in head.tables.items()},
            agents={name: _agent(name, shape, agents_source) for name, shape in agents.agents.items()},
            courses=courses,
            arms={name: _arm(name, route, head_source, ("arms", name)) for name, route in head.arms.items()},
            unassigned=_arm("", head.before_assignment, head_source, ("before assignment",)),
            failure=_arm("", head.treatment_failure, head_source, ("treatment failure",))
            if head.treatment_failure
            else None,
            backing=_backing(head),
            digest=_digest(self.folder, self.sources),
            where=head_source.where(()),
        )

    def _shape(self, file: Path, shape: type[_Shape]) -> tuple[_Shape | None, Source]:
        source = read_tree(file)
        self.sources.append(source)
        has_tree = not has_errors(source.problems) or source.tree is not None
        return (check_shape(shape, source) if has_tree else None), source

    def _problem(self, code: str, message: str, where: Where, remedy: str) -> None:
        self.problems.append(Problem(code, message, where, remedy))

    def _courses(self, shape: CourseShape, source: Source) -> list[Course]:
        if bool(shape.courses) == bool(shape.course) or bool(shape.course) != bool(shape.title):
            self._problem(
                "course-name",
                "a course file names either 'course' and 'title', or 'courses'",
                source.where(()),
                "Write 'course: ID' and 'title: TITLE'.",
            )
            return []
        titles = shape.courses or {shape.course or "": shape.title or ""}
        return [self._course(course, title, tuple(titles), shape, source) for course, title in titles.items()]

    def _course(self, course: str, title: str, ids: tuple[str, ...], shape: CourseShape, source: Source) -> Course:
        def orders() -> list[Order]:
            found = []
            for index, order in enumerate(shape.orders):
                path: _Path = ("orders", index)
                days = self._days_of(course, ids, order.days, source, (*path, "days"))
                if days:
                    found.append(self._order(order, days, source, path))
            return found

        def events(name: str, lines: list[EventShape]) -> tuple[Event, ...]:
            found = []
            for index, line in enumerate(lines):
                path: _Path = (name, index)
                days = self._days_of(course, ids, line.days, source, (*path, "days"))
                if days:
                    when = _condition(line.when)
                    where = source.where(path)
                    found.append(Event(line.key, line.kind, days, when, line.comment, _backing(line), where))
            return tuple(found)

        criteria = shape.may_start
        return Course(
            id=course,
            title=title,
            length=shape.length if isinstance(shape.length, int) else None,
            first_day=shape.first_day,
            on_working_day=shape.starts_on == "a working day",
            next_on_working_day=shape.next_starts_on == "a working day",
            hold=shape.hold,
            may_start=StartCriteria(
                criteria.text,
                tuple(Count(name, text) for name, text in criteria.counts.items()),
                _backing(criteria),
            )
            if criteria
            else None,
            orders=tuple(orders()),
            procedures=events("procedures", shape.procedures),
            evaluations=events("evaluations", shape.evaluations),
            comments=tuple(shape.comments),
            backing=_backing(shape),
            where=source.where_key(("courses", course) if shape.courses else ("course",)),
        )

    def _days_of(
        self, course: str, ids: tuple[str, ...], days: DaySet | Mapping[str, Any], source: Source, path: _Path
    ) -> DaySet | None:
        """The days in one course of the file; None where the line is not given in it."""
        if isinstance(days, DaySet):
            return days
        found: list[Any] = []
        for key, value in days.items():
            names = [name.strip() for name in key.split(",")]
            unknown = [name for name in names if name not in ids]
            if unknown and course == ids[0]:
                self._problem(
                    "unknown-course",
                    f"'{unknown[0]}' is no course of this file",
                    source.where_key((*path, key)),
                    f"Courses of this file: {', '.join(ids)}.",
                )
            if course in names:
                found.append(value)
        if len(found) != 1:
            self._problem(
                "days-by-course",
                f"course '{course}' stands in {len(found)} of these lines",
                source.where(path),
                "Name every course of the file once; write 'none' where the line is not given.",
            )
            return None
        return found[0] if isinstance(found[0], DaySet) else None

    def _order(self, shape: OrderShape, days: DaySet, source: Source, path: _Path) -> Order:
        if bool(shape.agent) == bool(shape.agents):
            self._problem(
                "agent",
                f"order '{shape.key}' names either 'agent' or 'agents'",
                source.where(path),
                "Keep one of them.",
            )
        tree: Any = source.tree
        for part in path:
            tree = tree[part]
        rules = []
        if isinstance(shape.dose, Amount | ByTable):
            rules.append(DoseRule(None, shape.dose, str(tree["dose"])))
        else:
            for key, dose in shape.dose.items():
                try:
                    rules.append(DoseRule(parse_days(key), dose, str(tree["dose"][key])))
                except ValueError as error:
                    self._problem("value", str(error), source.where_key((*path, "dose", key)), "Correct the days.")
        return Order(
            key=shape.key,
            agents=(shape.agent,) if shape.agent else tuple(shape.agents),
            doses=tuple(rules),
            caps=shape.max,
            frequency=shape.frequency,
            routes=shape.route,
            days=days,
            over=shape.over,
            first_dose=shape.first_dose,
            until_clear=shape.until or "",
            on_restart=bool(shape.again_before),
            diagnostic_hours=shape.omit_after_diagnostic_within,
            when=_condition(shape.when),
            window=shape.window,
            comment=shape.comment,
            backing=_backing(shape),
            where=source.where(path),
        )

    def _table(self, name: str, shape: TableShape, source: Source) -> Table:
        bands = []
        for text, values in shape.rows.items():
            where = source.where_key(("tables", name, "rows", text))
            try:
                low, high = parse_band(text, shape.by)
            except ValueError as error:
                self._problem("value", str(error), where, "Correct the row.")
                continue
            bands.append(Band(text, shape.by, low, high, tuple(Decimal(value) for value in values), where))
        return Table(
            id=name,
            title=shape.title,
            by=shape.by,
            unit=shape.unit,
            columns=tuple(shape.columns),
            bands=tuple(bands),
            backing=_backing(shape),
            where=source.where_key(("tables", name)),
        )


def _agent(name: str, shape: AgentShape, source: Source) -> Agent:
    path: _Path = ("agents", name)
    rules = shape.rounding.items() if isinstance(shape.rounding, dict) else [(None, shape.rounding)]
    return Agent(
        id=name,
        written=shape.written,
        unit=shape.unit,
        routes=tuple(shape.routes),
        only_route=shape.fatal_unless,
        cap_required=shape.cap == "required",
        minimum_interval=shape.minimum_interval,
        abbreviation=shape.abbreviation,
        bags=tuple(shape.bags),
        interruptions=shape.interruptions,
        bag_weights=tuple((hours, least) for hours, least in shape.bags.items() if least is not None),
        rounding=tuple(rules),
        tablets=shape.tablets.values if shape.tablets else (),
        tablet_unit=shape.tablets.unit if shape.tablets else "",
        halves=shape.halves == "yes",
        label_doses=tuple(
            LabelDose(*each.from_, each.dose, _backing(each), source.where((*path, "label doses", index)))
            for index, each in enumerate(shape.label_doses)
        ),
        asks_for=tuple(shape.asks_for),
        notes=tuple(
            (route, note)
            for route, notes in (shape.notes.items() if isinstance(shape.notes, dict) else [(None, shape.notes)])
            for note in notes
        ),
        substitutions=tuple(
            _substitution(each, source, (*path, "substitutions", index))
            for index, each in enumerate(shape.substitutions)
        ),
        glossary=_glossary(shape.glossary) if shape.glossary else None,
        backing=_backing(shape),
        where=source.where_key(path),
    )


def _glossary(shape: GlossaryShape) -> Glossary:
    gloves = None if shape.gloves is None else shape.gloves == "yes"
    return Glossary(shape.brand, shape.for_, shape.taken, gloves, _backing(shape))


def _substitution(shape: SubstitutionShape, source: Source, path: _Path) -> Substitution:
    tree: Any = source.tree
    for part in path:
        tree = tree[part]
    doses = []
    for names, amount in shape.dose.items() if isinstance(shape.dose, dict) else [("", shape.dose)]:
        text = str(tree["dose"][names] if names else tree["dose"])
        try:
            doses.append((frozenset(parse_weekdays(names)) if names else frozenset[int](), amount, text))
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            where = source.where_key((*path, "dose", names))
            source.problems.append(Problem("value", message, where, f"{remedy.capitalize()}."))
    weekdays, interval = parse_series(shape.on)
    return Substitution(
        key=shape.key,
        reason=shape.reason,
        agent=shape.agent,
        doses=tuple(doses),
        routes=shape.route,
        count=shape.doses,
        on=shape.on,
        weekdays=weekdays,
        interval=interval,
        comment=shape.comment,
        backing=_backing(shape),
        where=source.where(path),
    )


def _arm(name: str, shape: RouteShape, source: Source, path: _Path) -> Arm:
    legs = []
    for index, leg in enumerate(shape.route):
        until = Until(leg.until.the_day_before_anniversary, leg.until.of) if leg.until else None
        where = source.where((*path, "route", index))
        legs.append(
            Leg(leg.course or leg.repeat or "", _condition(leg.when), until, leg.date == "when recorded", where)
        )
    return Arm(
        id=name,
        title=shape.title,
        risk=tuple(shape.risk),
        route=tuple(legs),
        comment=shape.comment,
        backing=_backing(shape),
        where=source.where_key(path),
    )


def _condition(shape: ConditionShape) -> Condition:
    return Condition(
        arm=tuple(shape.arm),
        cns=tuple(shape.cns),
        risk=tuple(shape.risk),
        sex=tuple(shape.sex),
        first_with=shape.first_course_with or "",
        cycles=shape.cycle,
    )


def _backing(shape: Backed) -> Backing:
    evidence = shape.evidence
    if evidence is None:
        parts: tuple[Any, ...] = ()
    elif isinstance(evidence, dict):
        parts = tuple(evidence.items())
    else:
        parts = (("all", evidence),)
    return Backing(parts, tuple(shape.source), tuple(shape.open))


def _digest(folder: Path, sources: list[Source]) -> str:
    """Of the values in all files, so that neither comments nor line ends nor the order of keys count."""
    trees = {Path(source.file).relative_to(folder).as_posix(): source.tree for source in sources}
    text = json.dumps(trees, sort_keys=True, default=str, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
