"""A definition's folder -> a `Protocol` whose every line knows its place, and all problems of all its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from protocal.model.course import Course
from protocal.model.problems import Problem, ProtocalError, Where, has_errors
from protocal.model.protocol import Arm, Leg, Protocol, Until
from protocal.model.table import Band, Table
from protocal.read.definition.agents import agent_of
from protocal.read.definition.courses import CourseReader
from protocal.read.definition.fields import parse_band
from protocal.read.definition.lint import lint
from protocal.read.definition.meanings import meanings_of
from protocal.read.definition.parts import TreePath, backing_of, condition_of
from protocal.read.definition.shapes import AgentsShape, CourseShape, ProtocolShape, RouteShape, TableShape
from protocal.read.definition.signatures import read_signatures, signature_files
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, read_tree

PROTOCOL_FILE = "protocol.yaml"
AGENTS_FILE = "agents.yaml"
COURSES_FOLDER = "courses"

_Shape = TypeVar("_Shape", bound=BaseModel)


def read_protocol(folder: Path, shelves: Sequence[Path] = ()) -> tuple[Protocol | None, list[Problem]]:
    """Read the definition in a folder, with the signatures over its lines there and on shelves.

    Returns the protocol, or None if it cannot be used, and every problem of every file: of its text, of its shape
    and of its meaning. Nothing is raised for a mistake in a file. What is wrong with signatures travels with the
    protocol, whose lines are then just not verified.
    """
    reader = _Reader(folder, shelves)
    protocol = reader.read()
    problems = [problem for source in reader.sources for problem in source.problems] + reader.problems
    if protocol is not None and not has_errors(problems):  # a line that was not read would be missed everywhere
        problems += lint(protocol)
    problems.sort(key=lambda problem: (problem.where.file, problem.where.line) if problem.where else ("", 0))
    return (None if has_errors(problems) else protocol), problems


def load_protocol(folder: Path, shelves: Sequence[Path] = ()) -> Protocol:
    """The definition in a folder, likewise. Raises ProtocalError with all its problems if it cannot be used."""
    protocol, problems = read_protocol(folder, shelves)
    if protocol is None:
        raise ProtocalError(problems)
    return protocol


class _Reader:
    """Reads the files of one folder and remembers what went wrong."""

    def __init__(self, folder: Path, shelves: Sequence[Path]) -> None:
        self.folder = folder
        self.shelves = shelves
        self.sources: list[Source] = []
        self.problems: list[Problem] = []

    def _course_files(self) -> list[Path]:
        folder = self.folder / COURSES_FOLDER
        files = sorted(folder.glob("*.yaml"))
        if not files:
            said, remedy = "the definition has no course", "Write one file a course into this folder."
            self._problem("no-courses", said, Where(str(folder)), remedy)
        return files

    def read(self) -> Protocol | None:
        head, head_source = self._shape(self.folder / PROTOCOL_FILE, ProtocolShape)
        agents, agents_source = self._shape(self.folder / AGENTS_FILE, AgentsShape)
        shapes = [self._shape(file, CourseShape) for file in self._course_files()]
        usable = [(shape, source) for shape, source in shapes if shape is not None]
        if head is None or agents is None or not shapes or len(usable) < len(shapes):
            return None
        courses, failed = self._courses(usable), head.treatment_failure
        protocol = Protocol(
            id=head.protocol,
            title=head.title,
            version=head.version,
            registry=head.registry,
            ages=head.ages,
            cns=tuple(head.cns),
            risk=tuple(head.risk),
            sources=dict(head.sources),
            kinds=dict(head.kinds),
            plain_names=dict(head.plain_names),
            plain_places={name: head_source.where_key(("plain names", name)) for name in head.plain_names},
            tables={name: self._table(name, table, head_source) for name, table in head.tables.items()},
            agents={name: agent_of(name, shape, agents_source) for name, shape in agents.agents.items()},
            courses=courses,
            arms={name: _arm(name, route, head_source, ("arms", name)) for name, route in head.arms.items()},
            unassigned=_arm("", head.before_assignment, head_source, ("before assignment",)),
            failure=_arm("", failed, head_source, ("treatment failure",)) if failed else None,
            backing=backing_of(head),
            digest=_digest(self.folder, self.sources),
            where=head_source.where(()),
            texts={Path(each.file).relative_to(self.folder).as_posix(): each.text for each in self.sources},
            claims=head_source.where_key(("verified",)) if head.verified else None,
        )
        trees = {Path(source.file).stem: source.tree for _shape, source in usable}
        return self._with_signatures(protocol, meanings_of(head_source.tree, agents_source.tree, trees))

    def _with_signatures(self, protocol: Protocol, meanings: Mapping[str, str]) -> Protocol:
        files = signature_files(self.folder, protocol.id, protocol.version, self.shelves)
        signed = [read_signatures(file) for file in files]
        return replace(
            protocol,
            meanings=meanings,
            signatures=tuple(each for signatures, _problems in signed for each in signatures),
            unsound=tuple(each for _signatures, problems in signed for each in problems),
        )

    def _courses(self, files: list[tuple[CourseShape, Source]]) -> dict[str, Course]:
        courses: dict[str, Course] = {}
        for shape, source in files:
            reader = CourseReader(shape, source)
            found = reader.read()
            self.problems.extend(reader.problems)
            for course in found:
                if course.id in courses:
                    self._problem(
                        "course-twice",
                        f"course '{course.id}' is already in {courses[course.id].where}",
                        course.where,
                        "Give one of them another id.",
                    )
                courses[course.id] = course
        return courses

    def _shape(self, file: Path, shape: type[_Shape]) -> tuple[_Shape | None, Source]:
        source = read_tree(file)
        self.sources.append(source)
        has_tree = not has_errors(source.problems) or source.tree is not None
        return (check_shape(shape, source) if has_tree else None), source

    def _problem(self, code: str, message: str, where: Where, remedy: str) -> None:
        self.problems.append(Problem(code, message, where, remedy))

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
            backing=backing_of(shape),
            where=source.where_key(("tables", name)),
        )


def _arm(name: str, shape: RouteShape, source: Source, path: TreePath) -> Arm:
    legs = []
    for index, leg in enumerate(shape.route):
        until = Until(leg.until.the_day_before_anniversary, leg.until.of) if leg.until else None
        where = source.where((*path, "route", index))
        legs.append(
            Leg(leg.course or leg.repeat or "", condition_of(leg.when), until, leg.date == "when recorded", where)
        )
    return Arm(
        id=name,
        title=shape.title,
        risk=tuple(shape.risk),
        route=tuple(legs),
        comment=shape.comment,
        backing=backing_of(shape),
        where=source.where_key(path),
    )


def _digest(folder: Path, sources: list[Source]) -> str:
    """Of the values in all files, so that neither comments nor line ends nor the order of keys count."""
    trees = {Path(source.file).relative_to(folder).as_posix(): source.tree for source in sources}
    text = json.dumps(trees, sort_keys=True, default=str, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
