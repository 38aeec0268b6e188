"""The shapes that definition files must have: a plain tree -> checked values or pydantic's errors.

These models are also the source of the JSON Schemas that editors use. Keys are written with spaces, as in a table.
"""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from protocal.model.agent import InterruptionRule
from protocal.model.course import Hold
from protocal.model.days import DaySet, parse_days
from protocal.model.doses import (
    Anchor,
    Cap,
    Frequency,
    Route,
    Span,
    parse_anchor,
    parse_caps,
    parse_frequency,
    parse_label_from,
    parse_routes,
    parse_span,
)
from protocal.model.table import By
from protocal.read.definition.fields import (
    Ages,
    BagHours,
    Clearing,
    Days,
    Dose,
    EarlyAndLate,
    Evidences,
    Figures,
    FirstDay,
    Format,
    Hours,
    Id,
    Ids,
    Interruptions,
    Interval,
    LabelDose,
    LeastCount,
    Name,
    Remarks,
    Roundings,
    Routes,
    Sentence,
    Sentences,
    Series,
    Tablets,
    Title,
    UnitsDose,
    WeekdayDose,
    Written,
)
from protocal.read.fields import in_words


def _spaced(name: str) -> str:
    return name.replace("_", " ")


class Shape(BaseModel):
    """What all shapes share: keys with spaces, nothing unknown, no silent conversion."""

    model_config = ConfigDict(
        alias_generator=_spaced, extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True
    )


class Backed(Shape):
    """A line that says how well it is known."""

    evidence: Evidences | None = Field(None, description="How well the line is known, as a whole or part by part.")
    source: Ids = Field([], description="Where it was read: keys of the protocol's sources.")
    open: Sentences = Field([], description="What is not settled, for print.")


class ConditionShape(Shape):
    """When a line applies; all that is given must hold."""

    arm: Ids = []
    cns: Ids = []
    risk: Ids = []
    sex: Ids = []
    first_course_with: Id | None = None
    cycle: Annotated[DaySet, in_words(parse_days, "1", "2-8", numbers=True)] | None = None


class OrderShape(Backed):
    """A line of a course."""

    key: Id
    agent: Id | None = None
    agents: list[Id] = Field([], description="Several agents given together, as parts of one order.")
    dose: Dose | dict[str, Dose] = Field(description="One dose, or doses by day: {1-2: 3 mg/m2, 3-5: 6 mg/m2}.")
    max: Annotated[tuple[Cap, ...], in_words(parse_caps, "2 mg", "28 mcg/day", "2 mg, 60 mg/course")] = Field(
        (), description="The most for a dose, a day or the course; the tightest holds."
    )
    frequency: Annotated[Frequency, in_words(parse_frequency, "once", "daily", "BID", "every 6 h x 4", "continuous")]
    route: Annotated[tuple[Route, ...], in_words(parse_routes, "PO", "PO [IV]")]
    days: Days | dict[str, Days | Literal["none"]] = Field(description="One text, or one for each course of the file.")
    over: Annotated[Span, in_words(parse_span, "36 h", "15-30 min")] | None = None
    first_dose: (
        Annotated[Anchor, in_words(parse_anchor, "48 h after ORDER", "30-60 min before ORDER", "before ORDER")] | None
    ) = None
    until: Clearing | None = None
    again_before: Literal["", "a supervised restart"] = ""
    omit_after_diagnostic_within: Hours | None = None
    when: ConditionShape = ConditionShape()
    window: EarlyAndLate | None = None
    comment: str = ""


class EventShape(Backed):
    """A procedure or an evaluation of a course."""

    key: Id
    kind: Id
    days: Days | dict[str, Days | Literal["none"]]
    when: ConditionShape = ConditionShape()
    comment: str = ""


class CriteriaShape(Backed):
    """When a course may start."""

    text: Sentence
    counts: dict[Id, LeastCount] = {}


class CourseShape(Backed):
    """A course file: one course, or several that share a therapy table."""

    format: Format
    course: Id | None = None
    title: Title | None = None
    courses: dict[Id, Title] = Field({}, description="Several courses with one table: id and title of each.")
    length: Annotated[int, Field(ge=1, le=366, strict=True)] | Literal["to the last treatment"]
    first_day: FirstDay = 1
    starts_on: Literal["any day", "a working day"] = "any day"
    next_starts_on: Literal["any day", "a working day"] = "any day"
    hold: Hold
    may_start: CriteriaShape | None = None
    comments: Sentences = []
    orders: list[OrderShape] = []
    procedures: list[EventShape] = []
    evaluations: list[EventShape] = []


class SubstitutionShape(Backed):
    """What may take an agent's place."""

    key: Id
    reason: Sentence
    agent: Id
    dose: UnitsDose | dict[str, WeekdayDose] = Field(description="One dose, or doses by weekday: {Monday: 25 mg/m2}.")
    route: Annotated[tuple[Route, ...], in_words(parse_routes, "IM [IV]")]
    doses: Annotated[int, Field(ge=1, le=60, strict=True)]
    on: Series
    comment: str = ""


class LabelDoseShape(Backed):
    """What the product's label gives from a weight or an age on, where it differs from the protocol."""

    from_: Annotated[
        tuple[Decimal | None, int | None], in_words(parse_label_from, "45 kg", "22 years"), Field(alias="from")
    ]
    dose: LabelDose


class GlossaryShape(Backed):
    """What a family is told of a drug: short, general, and for the site's review unless its evidence says otherwise."""

    brand: Title = Field("", description="As it stands on the box.")
    for_: Annotated[Sentence, Field(alias="for", description="What it is for.")]
    taken: Sentence = Field("", description="How it is given or taken.")
    gloves: Literal["yes", "no"] | None = Field(None, description="Whether whoever handles it wears gloves.")


class AgentShape(Backed):
    """A drug by its generic name."""

    written: Written
    abbreviation: Annotated[str, StringConstraints(max_length=30)] = ""
    unit: Literal["mg", "mcg", "g", "units"]
    routes: Routes
    fatal_unless: Route | None = None
    cap: Literal["required", "optional"] = "optional"
    bags: BagHours = Field({}, description="How long an infusion bag may last, and from which weight on.")
    interruptions: Interruptions = Field(
        InterruptionRule(), description="After which stop of its continuous infusion who must decide."
    )
    rounding: Roundings | dict[Route, Roundings] = Field({}, description="One rule, or one for each route.")
    tablets: Tablets | None = Field(None, description="Strengths taken to be at hand; a site's settings win.")
    halves: Literal["yes", "no"] = Field("yes", description="Whether a tablet may be halved.")
    label_doses: list[LabelDoseShape] = Field([], description="Where the product's label differs from the protocol.")
    asks_for: Remarks = Field([], description="Facts of the record that stand beside its orders.")
    minimum_interval: Interval | None = None
    notes: Sentences | dict[Route, Sentences] = Field([], description="For print, for all routes or by route.")
    substitutions: list[SubstitutionShape] = []
    glossary: GlossaryShape | None = Field(None, description="What a family is told of it.")


class AgentsShape(Shape):
    """The file of agents."""

    format: Format
    tall_man_list: Sentence
    agents: dict[Id, AgentShape]


class TableShape(Backed):
    """Doses by age in completed years, or by weight in kg."""

    title: Sentence
    by: By
    unit: Literal["mg", "mcg", "g", "units"]
    columns: list[Id]
    rows: dict[str, Figures]


class UntilShape(Shape):
    """The end of a repeat: the day before an anniversary of a course's first day."""

    the_day_before_anniversary: Annotated[int, Field(ge=1, le=20, strict=True)]
    of: Id


class LegShape(Shape):
    """One step of a route."""

    course: Id | None = None
    repeat: Id | None = None
    until: UntilShape | None = None
    when: ConditionShape = ConditionShape()
    date: Literal["planned", "when recorded"] = "planned"

    @model_validator(mode="after")
    def _one_course_or_a_repeat(self) -> Self:
        if bool(self.course) == bool(self.repeat) or bool(self.repeat) != bool(self.until):
            raise ValueError("write either 'course', or 'repeat' with 'until'")
        return self


def _leg(value: object) -> object:
    return {"course": value} if isinstance(value, str) else value


class RouteShape(Backed):
    """A route of courses."""

    title: Sentence
    risk: Ids = []
    route: list[Annotated[LegShape, BeforeValidator(_leg, json_schema_input_type=LegShape | Id)]]
    comment: str = ""


class ProtocolShape(Backed):
    """The protocol file."""

    format: Format
    protocol: Id
    title: Sentence
    version: Name
    verified: Annotated[StrictBool, Field(description="Only signatures verify a definition: leave it out.")] = False
    registry: str = ""
    ages: Ages
    first_day: Literal["Day 1"] = Field(description="How days are counted; a course may say otherwise (transplant).")
    body_surface_area: Literal["Mosteller, rounded half up to 0.01 m2"]
    cns: Ids = []
    risk: Ids = []
    sources: dict[Id, Sentence]
    kinds: dict[Id, Title] = Field(description="Printed title of each kind of procedure and evaluation.")
    plain_names: dict[Id, Title] = Field({}, description="What a family's calendar calls each of these kinds.")
    tables: dict[Id, TableShape] = {}
    before_assignment: RouteShape
    arms: dict[Name, RouteShape]
    treatment_failure: RouteShape | None = None


SHAPES: dict[str, type[Shape]] = {"protocol": ProtocolShape, "agents": AgentsShape, "course": CourseShape}
