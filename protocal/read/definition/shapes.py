"""The shapes that definition files must have: a plain tree -> checked values or pydantic's errors.

These models are also the source of the JSON Schemas that editors use. Keys are written with spaces, as in a table.
"""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from protocal.model.days import OLDEST, DaySet, parse_days
from protocal.model.doses import (
    LEAST,
    UNITS,
    Amount,
    Anchor,
    ByTable,
    Cap,
    Frequency,
    Rounding,
    Route,
    Span,
    Strengths,
    parse_anchor,
    parse_caps,
    parse_dose,
    parse_frequency,
    parse_label_from,
    parse_rounding,
    parse_routes,
    parse_span,
    parse_strengths,
)
from protocal.model.entries import Remark
from protocal.model.protocol import By, Evidence, Hold, InterruptionRule, Window
from protocal.read.fields import in_words, made_of
from protocal.text.format import check_figures
from protocal.text.typed import DECIMAL, THOUSANDS, WHOLE

FORMAT = 1
_MOST_WORDS, _LONGEST_WORD = 4, 20  # of a drug's name, which heads a column
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _parse_window(text: str) -> Window:
    match = re.fullmatch(rf"-({WHOLE}) to \+({WHOLE}) days", text)
    if not match:
        raise ValueError(f"'{text}' is not a window; write '-1 to +2 days'")
    return Window(text, int(match[1]), int(match[2]))


def _parse_hours(text: str) -> int:
    match = re.fullmatch(f"({WHOLE}) h", text)
    if not match:
        raise ValueError(f"'{text}' is not a number of hours; write '72 h'")
    return int(match[1])


def _parse_interval(text: str) -> int:
    match = re.fullmatch(f"({WHOLE}) days?", text)
    if not match:
        raise ValueError(f"'{text}' is not a number of days; write '14 days'")
    return int(match[1])


def _parse_amount(text: str) -> Amount:
    dose = parse_dose(text)
    if not isinstance(dose, Amount):
        raise ValueError(f"'{text}' names a table; write the dose itself, as in '28 mcg/day'")  # noqa: TRY004
    return dose


def _parse_bags(text: str) -> dict[int, Decimal | None]:
    """Hours that a bag may last, each with the least weight in kg if there is one."""
    found: dict[int, Decimal | None] = {}
    for piece in text.split(","):
        match = re.fullmatch(f"({WHOLE}) (h|days?)(?: from ({DECIMAL}) kg)?", piece.strip())
        if not match or not int(match[1]):
            raise ValueError(
                f"'{piece.strip()}' is no duration of a bag; write it as in '24 h, 48 h, 7 days from 22 kg'"
            )
        hours = int(match[1]) * (1 if match[2] == "h" else 24)
        if hours in found:
            raise ValueError(f"'{text}' has bags of {hours} h twice; write each duration once")
        found[hours] = Decimal(match[3]) if match[3] else None
    return dict(sorted(found.items()))


def _parse_count(text: str) -> str:
    if not re.fullmatch(f"at least (?:{THOUSANDS})/mcL", text):
        raise ValueError(f"'{text}' is not a count; write 'at least 750/mcL'")
    return text


def parse_weekdays(text: str) -> tuple[int, ...]:
    """`Monday, Wednesday` -> 0, 2. Raises ValueError with a sentence."""
    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in _WEEKDAYS]:
        raise ValueError(f"'{unknown[0]}' is not a weekday; write it in full, as in 'Monday, Wednesday'")
    return tuple(sorted({_WEEKDAYS.index(name) for name in names}))


def parse_series(text: str) -> tuple[tuple[int, ...], int]:
    """The weekdays of a series, or the days from one of its doses to the next. Raises ValueError with a sentence."""
    if match := re.fullmatch(r"every ([1-9]|[1-9][0-9]) days?", text):
        return (), int(match[1])
    return parse_weekdays(text), 0


def _parse_series(text: str) -> str:
    parse_series(text)
    return text


def _parse_interruptions(text: str) -> InterruptionRule:
    match = re.fullmatch(f"up to ({WHOLE}) days?, supervised from ({WHOLE}) h", text)
    if not match:
        raise ValueError(f"'{text}' is no rule for interruptions; write 'up to 7 days, supervised from 4 h'")
    return InterruptionRule(int(match[2]), int(match[1]))


def _parse_clear(text: str) -> str:
    match = re.fullmatch(r"([a-z][a-z0-9-]*) cleared", text)
    if not match:
        raise ValueError(f"'{text}' is not an end; write 'AGENT cleared'")
    return match[1]


def parse_band(text: str, by: By) -> tuple[Decimal, Decimal | None]:
    """The ends of a table's row: `3-8` completed years, both included, or `10-<20` kg, the higher one not."""
    check_figures(text)
    return _weights(text) if by is By.WEIGHT else _years(text)


def _weights(text: str) -> tuple[Decimal, Decimal | None]:
    match = re.fullmatch(f"<({DECIMAL})|({DECIMAL})-<({DECIMAL})|({DECIMAL})-", text)
    if not match:
        raise ValueError(f"'{text}' is not a row; write '<10', '10-<20' or '20-' in kg")
    low, high = Decimal(match[2] or match[4] or 0), match[1] or match[3]
    if high and Decimal(high) <= low:
        raise ValueError(f"'{text}' is no row of weights; the lower one comes first")
    return low, Decimal(high) if high else None


def _years(text: str) -> tuple[Decimal, Decimal | None]:
    match = re.fullmatch(f"({WHOLE})(?:(-)({WHOLE})?)?", text)
    if not match:
        raise ValueError(f"'{text}' is not a row; write '1', '3-8' or '9-' in completed years")
    low = int(match[1])
    high = int(match[3]) if match[3] else None if match[2] else low
    if max(low, high or low) > OLDEST or (high is not None and high < low):
        raise ValueError(f"'{text}' is no row of ages; the lower age comes first, and {OLDEST} is the highest")
    return Decimal(low), None if high is None else Decimal(high)


def _parse_figures(value: str) -> tuple[str, ...]:
    pieces = tuple(piece.strip() for piece in value.split("/"))
    if not all(re.fullmatch(DECIMAL, piece) for piece in pieces):
        raise ValueError(f"'{value}' is not a list of doses; write '12' or '12 / 12 / 24'")
    if not all(Decimal(piece) for piece in pieces):
        raise ValueError(f"'{value}' has a dose of zero; every dose must be above zero")
    if any(Decimal(piece) < LEAST for piece in pieces):
        raise ValueError(f"'{value}' has a dose that rounds to nothing; every dose must be at least {LEAST}")
    return pieces


def _parse_ages(text: str) -> tuple[int, int]:
    match = re.fullmatch(f"({WHOLE})-({WHOLE})", text)
    if not match or not int(match[1]) <= int(match[2]) <= OLDEST:
        raise ValueError(f"'{text}' is not a span of ages; write '1-30' in completed years, up to {OLDEST}")
    return int(match[1]), int(match[2])


def _narrow(text: str) -> str:
    words = text.split()
    if len(words) > _MOST_WORDS or max(map(len, words), default=0) > _LONGEST_WORD:
        raise ValueError(
            f"no column of a sheet has room for '{text}'; write at most {_MOST_WORDS} words of at most {_LONGEST_WORD}"
            " characters"
        )
    return text


def _whole(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):  # true is 1 to Python
        raise ValueError(f"'{str(value).lower()}' is not a whole number; write it with the figures 0 to 9")  # noqa: TRY004 - pydantic's way
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _values(value: object) -> object:
    """`cns1, cns2` is a list of two, as in a table."""
    return [piece.strip() for piece in value.split(",")] if isinstance(value, str) else value


Format = Annotated[Literal[1], BeforeValidator(_whole)]
Id = Annotated[str, made_of("[a-z0-9]+(-[a-z0-9]+)*", 40, "small letters and figures, with hyphens between them")]
Name = Annotated[str, made_of("[A-Za-z0-9][A-Za-z0-9 .-]*", 40, "letters, figures, spaces, dots and hyphens")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Written = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True), AfterValidator(_narrow)]
Sentences = Annotated[list[Sentence], BeforeValidator(_listed, json_schema_input_type=list[Sentence] | Sentence)]
Ids = Annotated[list[Name], BeforeValidator(_values, json_schema_input_type=list[Name] | Sentence)]
Days = Annotated[DaySet, in_words(parse_days, "1-5, 15-19", "8-78 every 7", "first 10 weekdays", numbers=True)]
Dose = Annotated[Amount | ByTable, in_words(parse_dose, "1.5 mg/m2", "15 mcg/m2/day", "table NAME")]
Roundings = Annotated[Rounding, in_words(parse_rounding, "nearest 0.1 mg", "within 5 %", "exempt")]
Tablets = Annotated[Strengths, in_words(parse_strengths, "50 mg", "0.5 mg, 1 mg, 2 mg")]
Evidences = (
    Evidence
    | dict[Literal["agent", "route", "dose", "cap", "days", "clock", "event", "length", "order", "condition"], Evidence]
)


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
    first_dose: Annotated[Anchor, in_words(parse_anchor, "48 h after ORDER", "30-60 min before ORDER")] | None = None
    until: Annotated[str, in_words(_parse_clear, "AGENT cleared")] | None = None
    again_before: Literal["", "a supervised restart"] = ""
    omit_after_diagnostic_within: Annotated[int, in_words(_parse_hours, "72 h")] | None = None
    when: ConditionShape = ConditionShape()
    window: Annotated[Window, in_words(_parse_window, "-1 to +2 days")] | None = None
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
    counts: dict[Id, Annotated[str, in_words(_parse_count, "at least 750/mcL")]] = {}


class CourseShape(Backed):
    """A course file: one course, or several that share a therapy table."""

    format: Format
    course: Id | None = None
    title: Title | None = None
    courses: dict[Id, Title] = Field({}, description="Several courses with one table: id and title of each.")
    length: Annotated[int, Field(ge=1, le=366, strict=True)] | Literal["to the last treatment"]
    first_day: Annotated[Literal[0, 1], BeforeValidator(_whole)] = 1
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
    dose: (
        Annotated[Amount, in_words(_parse_amount, "25,000 units/m2")]
        | dict[str, Annotated[Amount, in_words(_parse_amount, "25 mg/m2")]]
    ) = Field(description="One dose, or doses by weekday: {Monday: 25 mg/m2}.")
    route: Annotated[tuple[Route, ...], in_words(parse_routes, "IM [IV]")]
    doses: Annotated[int, Field(ge=1, le=60, strict=True)]
    on: Annotated[str, in_words(_parse_series, "Monday, Wednesday, Friday", "every 2 days")]
    comment: str = ""


class LabelDoseShape(Backed):
    """What the product's label gives from a weight or an age on, where it differs from the protocol."""

    from_: Annotated[
        tuple[Decimal | None, int | None], in_words(parse_label_from, "45 kg", "22 years"), Field(alias="from")
    ]
    dose: Annotated[Amount, in_words(_parse_amount, "28 mcg/day", "2,000 units/m2")]


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
    routes: Annotated[list[Route], BeforeValidator(_values, json_schema_input_type=list[Route] | str)]
    fatal_unless: Route | None = None
    cap: Literal["required", "optional"] = "optional"
    bags: Annotated[dict[int, Decimal | None], in_words(_parse_bags, "24 h, 48 h, 7 days from 22 kg")] = Field(
        {}, description="How long an infusion bag may last, and from which weight on."
    )
    interruptions: Annotated[InterruptionRule, in_words(_parse_interruptions, "up to 7 days, supervised from 4 h")] = (
        Field(InterruptionRule(), description="After which stop of its continuous infusion who must decide.")
    )
    rounding: Roundings | dict[Route, Roundings] = Field({}, description="One rule, or one for each route.")
    tablets: Tablets | None = Field(None, description="Strengths taken to be at hand; a site's settings win.")
    halves: Literal["yes", "no"] = Field("yes", description="Whether a tablet may be halved.")
    label_doses: list[LabelDoseShape] = Field([], description="Where the product's label differs from the protocol.")
    asks_for: Annotated[list[Remark], BeforeValidator(_values, json_schema_input_type=list[Remark] | str)] = Field(
        [], description="Facts of the record that stand beside its orders."
    )
    minimum_interval: Annotated[int, in_words(_parse_interval, "14 days")] | None = None
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
    rows: dict[str, Annotated[tuple[str, ...], in_words(_parse_figures, "12", "12 / 12 / 24", numbers=True)]]


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
    verified: StrictBool
    registry: str = ""
    ages: Annotated[tuple[int, int], in_words(_parse_ages, "1-30")]
    first_day: Literal["Day 1"] = Field(description="How days are counted; a course may say otherwise (transplant).")
    body_surface_area: Literal["Mosteller, rounded half up to 0.01 m2"]
    cns: Ids = []
    risk: Ids = []
    sources: dict[Id, Sentence]
    kinds: dict[Id, Title] = Field(description="Printed title of each kind of procedure and evaluation.")
    tables: dict[Id, TableShape] = {}
    before_assignment: RouteShape
    arms: dict[Name, RouteShape]
    treatment_failure: RouteShape | None = None


SHAPES: dict[str, type[Shape]] = {"protocol": ProtocolShape, "agents": AgentsShape, "course": CourseShape}

__all__ = ["FORMAT", "SHAPES", "UNITS", "AgentsShape", "CourseShape", "ProtocolShape", "parse_band"]
