"""What a line of a record's log may say: the shapes of its entries -> entries as the plan knows them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from protocal.model.doses import LEAST
from protocal.model.entries import (
    Adjusted,
    Assigned,
    Bagged,
    Cleared,
    Defined,
    Delayed,
    Diagnostic,
    Ending,
    Entry,
    Failed,
    Given,
    Held,
    HoldRule,
    Interrupted,
    Left,
    Measured,
    Moved,
    Noted,
    Prior,
    Remark,
    Remarked,
    Resumed,
    Started,
    Stated,
    Stopped,
    Substituted,
    Transplanted,
    Undone,
)
from protocal.model.ids import AdministrationId
from protocal.model.problems import Where
from protocal.model.product import Product, parse_product
from protocal.read.definition.shapes import Id, Name
from protocal.read.fields import made_of, read_by
from protocal.text.format import check_figures, plain
from protocal.text.quoted import quoted
from protocal.text.typed import read_date, read_time

HEIGHT_CM = (40, 250)
WEIGHT_KG = (2, 350)


def parse_date(value: object) -> date:
    """`2026-12-01`. Raises ValueError that says what is wrong with it."""
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is not a date; write it as in 2026-12-01, year-month-day")  # noqa: TRY004 - pydantic's way
    return read_date(value)


def _parse_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is not a time with a zone; write '2026-12-01T09:30:00+00:00'")  # noqa: TRY004 - pydantic's way
    return read_time(value)


def _parse_zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise ValueError(
            f"{quoted(value)} is not a time zone; write it as in America/New_York or Europe/Berlin"
        ) from None


def _between(bounds: tuple[int, int], unit: str, what: str) -> Callable[[Any], Decimal]:
    def parse(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError(f"{quoted(value)} is not a {what}; write a number of {unit}, with a point for decimals")  # noqa: TRY004 - pydantic's way
        low, high = bounds
        if not low <= value <= high:
            raise ValueError(f"{value} {unit} cannot be a {what}; write it in {unit}, from {low} to {high}")
        check_figures(plain(Decimal(value)))
        return Decimal(value)

    return parse


def _dose(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value <= 1_000_000:
        raise ValueError(
            f"{quoted(value)} is not a dose; write a number above zero in the drug's unit, with a point for decimals"
        )
    if value < LEAST:
        raise ValueError(f"'{plain(Decimal(value))}' rounds to nothing; write a dose of at least {LEAST}")
    check_figures(plain(Decimal(value)))
    return Decimal(value)


def _product(value: object) -> Product:
    if not isinstance(value, str):
        raise ValueError(f"'{value}' is not what a dose is made of; write it as in '1.5 tablets of 50 mg'")  # noqa: TRY004 - pydantic's way
    return parse_product(value)


Day = Annotated[date, read_by(parse_date, type="string", format="date")]
Time = Annotated[datetime, read_by(_parse_time, type="string", format="date-time")]
Zone = Annotated[str, read_by(_parse_zone, type="string")]
Height = Annotated[Decimal, read_by(_between(HEIGHT_CM, "cm", "height"), type="number")]
Weight = Annotated[Decimal, read_by(_between(WEIGHT_KG, "kg", "weight"), type="number")]
Above = Annotated[Decimal, read_by(_between((0, 100_000), "mg/m2", "dose"), type="number")]
Dose = Annotated[Decimal, read_by(_dose, type="number", exclusiveMinimum=0)]
Made = Annotated[Product, read_by(_product, type="string", examples=["1.5 tablets of 50 mg", "2.9 mL of 20 mg/mL"])]
Percent = Annotated[Decimal, read_by(_between((1, 200), "%", "share of the full dose"), type="number")]
_PRINTED = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*"
_PLAIN = "plain text in one line, without tabs and other invisible characters"
_REASON = 500  # which a line of an order still has room for
Text = Annotated[str, made_of(_PRINTED, 10_000, _PLAIN)]
Why = Annotated[str, made_of(_PRINTED, _REASON, _PLAIN)]
Line = Annotated[str, made_of(_PRINTED, 200, _PLAIN)]
Reason = Annotated[str, made_of(_PRINTED.replace("*", "+"), _REASON, _PLAIN)]
Label = Annotated[str, made_of(_PRINTED, 80, _PLAIN)]


Identity = Annotated[
    str,
    made_of(r"[a-z0-9]+[a-z0-9./-]*", 160, "an id as the plan writes it: course, order and day with / between"),
    AfterValidator(AdministrationId),
]
DayCount = Annotated[int, Field(ge=1, le=3660, strict=True)]
CountValue = Annotated[Decimal, read_by(_between((0, 10_000_000), "/mcL", "blood count"), type="number")]


def _pairs(values: dict[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    return tuple(values.items())


class EntryShape(BaseModel):
    """What every entry of the log may say."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # a log has few of all kinds

    recorded: Time | None = None
    by: Line = ""
    why: Why = ""
    accepted: Line = ""
    seal: str = ""

    def as_entry(self, where: Where, timezone: str) -> Entry:  # noqa: ARG002 - some shapes need it
        """The entry as the plan knows it, with what that has of this shape's values."""
        kind = self._kind()
        return kind(
            **{each.name: getattr(self, each.name) for each in fields(kind) if each.name != "where"}, where=where
        )

    def _kind(self) -> type[Entry]:
        raise NotImplementedError


class DefinitionShape(EntryShape):
    """The definition used from here on."""

    entry: Literal["definition"]
    version: Name
    digest: str

    def _kind(self) -> type[Entry]:
        return Defined


class MeasureShape(EntryShape):
    """Height in cm and weight in kg."""

    entry: Literal["measure"]
    date: Day
    height: Height
    weight: Weight
    again: Day | None = None

    def _kind(self) -> type[Entry]:
        return Measured


class RemarkShape(EntryShape):
    """A fact that is printed and that warnings ask for."""

    entry: Literal["remark"]
    kind: Remark
    text: Line

    def _kind(self) -> type[Entry]:
        return Remarked


class PriorShape(EntryShape):
    """What was given of an agent before this record; its unit is said, so that nobody takes mg for mg/m2."""

    entry: Literal["prior"]
    agent: Id
    amount: Above
    unit: Literal["mg/m2"]

    def _kind(self) -> type[Entry]:
        return Prior


class AdjustShape(EntryShape):
    """A percentage of an agent's full protocol dose; without `to` it holds until further notice."""

    entry: Literal["adjust"]
    agent: Id
    percent: Percent
    date: Day
    to: Day | None = None

    def _kind(self) -> type[Entry]:
        return Adjusted


def _ascending(hours: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(hours)))


class BagsShape(EntryShape):
    """How long bags may last that are hung on a date or later."""

    entry: Literal["bags"]
    agent: Id
    hours: Annotated[
        list[Annotated[int, Field(ge=1, le=168, strict=True)]],
        Field(min_length=1, max_length=10),
        AfterValidator(_ascending),
    ]
    date: Day

    def _kind(self) -> type[Entry]:
        return Bagged


class GiveShape(EntryShape):
    """An administration that was given: on a date, or at an hour; the dose, and what one dose was made of.

    A line without a seal may leave them out where they were those that were due; its seal puts them in.
    """

    entry: Literal["give"]
    id: Identity
    date: Day | None = None
    at: Time | None = None
    dose: Dose | None = None
    product: Made | None = None

    @model_validator(mode="after")
    def _when(self) -> Self:
        if self.date is None and self.at is None:
            raise ValueError("an administration was given on a date or at an hour; write 'date' or 'at'")
        if self.product and self.dose is not None and self.product.amount != self.dose:
            made = f"{plain(self.product.amount)} {self.product.unit}"
            raise ValueError(f"{self.product} is {made}, and the dose is {plain(self.dose)}; correct one of the two")
        return self

    def as_entry(self, where: Where, timezone: str) -> Entry:
        """The entry with its date, which is that of the hour on the ward's clocks where only the hour is written."""
        day = self.date or (self.at.astimezone(ZoneInfo(timezone)).date() if self.at else date.min)
        dose = self.product.amount if self.product and self.dose is None else self.dose
        names = ("recorded", "by", "why", "accepted", "seal", "id", "at", "product")
        return Given(**{name: getattr(self, name) for name in names}, date=day, dose=dose, where=where)


class DelayShape(EntryShape):
    """A course that waits: so many days, or until a date."""

    entry: Literal["delay"]
    course: Id
    days: DayCount | None = None
    to: Day | None = None
    only: StrictBool = False
    from_day: Annotated[int, Field(ge=0, le=3660, strict=True)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.days is None) == (self.to is None):
            raise ValueError("a delay is so many days or to a date; write either 'days' or 'to'")
        if self.only and self.from_day is not None:
            raise ValueError("a delay within a course moves its end; leave out 'only' or 'from_day'")
        return self

    def _kind(self) -> type[Entry]:
        return Delayed


class HoldShape(EntryShape):
    """Days on which a course's drugs are not given."""

    entry: Literal["hold"]
    course: Id
    date: Day
    days: DayCount
    rule: HoldRule

    def _kind(self) -> type[Entry]:
        return Held


class OmitShape(EntryShape):
    """Administrations that are left out."""

    entry: Literal["omit"]
    ids: Annotated[list[Identity], Field(min_length=1, max_length=500), AfterValidator(tuple)]

    def _kind(self) -> type[Entry]:
        return Left


class MoveShape(EntryShape):
    """An administration on another date."""

    entry: Literal["move"]
    id: Identity
    date: Day

    def _kind(self) -> type[Entry]:
        return Moved


class SubstituteShape(EntryShape):
    """What takes an agent's place from a date on."""

    entry: Literal["substitute"]
    agent: Id
    product: Id
    date: Day

    def _kind(self) -> type[Entry]:
        return Substituted


class InterruptShape(EntryShape):
    """A continuous infusion that stopped, and why."""

    entry: Literal["interrupt"]
    course: Id
    at: Time
    why: Reason

    def _kind(self) -> type[Entry]:
        return Interrupted


class ResumeShape(EntryShape):
    """The infusion running again, and why; `dose` for 24 h."""

    entry: Literal["resume"]
    course: Id
    at: Time
    dose: Dose | None = None
    why: Reason

    def _kind(self) -> type[Entry]:
        return Resumed


class ClearShape(EntryShape):
    """A level by which an agent has cleared."""

    entry: Literal["clear"]
    course: Id
    agent: Id
    at: Time
    level: Annotated[str, made_of(r"[0-9]+(\.[0-9]+)? [A-Za-z]+/[A-Za-z]+", 60, "a level as in '0.08 micromol/L'")]

    def _kind(self) -> type[Entry]:
        return Cleared


class TransplantShape(EntryShape):
    """Day 0 of the transplant."""

    entry: Literal["transplant"]
    date: Day

    def _kind(self) -> type[Entry]:
        return Transplanted


class StopShape(EntryShape):
    """The end of all therapy, that day included."""

    entry: Literal["stop"]
    date: Day
    at: Time | None = None
    why: Reason

    def _kind(self) -> type[Entry]:
        return Stopped


class UndoShape(EntryShape):
    """An earlier line of the log that no longer counts; the first line is 1."""

    entry: Literal["undo"]
    line: Annotated[int, Field(ge=1, strict=True)]

    def _kind(self) -> type[Entry]:
        return Undone


class NoteShape(EntryShape):
    """Words for those who read the record."""

    entry: Literal["note"]
    text: Text

    def _kind(self) -> type[Entry]:
        return Noted


class StateShape(EntryShape):
    """A fact that conditions ask for."""

    entry: Literal["state"]
    fact: Literal["cns", "risk"]
    value: Name

    def _kind(self) -> type[Entry]:
        return Stated


class DiagnosticShape(EntryShape):
    """An intrathecal agent given with the diagnostic lumbar puncture."""

    entry: Literal["diagnostic-it"]
    date: Day
    agent: Id

    def _kind(self) -> type[Entry]:
        return Diagnostic


class AssignShape(EntryShape):
    """The arm."""

    entry: Literal["assign"]
    arm: Name
    date: Day

    def _kind(self) -> type[Entry]:
        return Assigned


class StartShape(EntryShape):
    """A course's first day."""

    entry: Literal["start"]
    course: Id
    date: Day
    counts: Annotated[dict[Id, CountValue], Field(max_length=20, validate_default=True), AfterValidator(_pairs)] = {}

    def _kind(self) -> type[Entry]:
        return Started


class FailShape(EntryShape):
    """Treatment failure."""

    entry: Literal["fail"]
    date: Day

    def _kind(self) -> type[Entry]:
        return Failed


class EndShape(EntryShape):
    """Another last day of therapy than the protocol's; it needs a reason."""

    entry: Literal["end"]
    date: Day
    why: Reason

    def _kind(self) -> type[Entry]:
        return Ending


_AnyShape = (
    DefinitionShape
    | MeasureShape
    | StateShape
    | DiagnosticShape
    | AssignShape
    | StartShape
    | FailShape
    | EndShape
    | RemarkShape
    | PriorShape
    | AdjustShape
    | GiveShape
    | BagsShape
    | DelayShape
    | HoldShape
    | OmitShape
    | MoveShape
    | SubstituteShape
    | InterruptShape
    | ResumeShape
    | ClearShape
    | TransplantShape
    | StopShape
    | UndoShape
    | NoteShape
)
_SHAPES: dict[str, type[EntryShape]] = {
    get_args(shape.model_fields["entry"].annotation)[0]: shape for shape in get_args(_AnyShape)
}


class _ByItsKind:
    """Reads an entry with the shape of its own kind; only a mistake is held against all of them, to be told in full.

    To build the shapes of all kinds takes longer than to read a long log.
    """

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_as_its_kind)

    def __get_pydantic_json_schema__(self, _schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(_all_kinds().core_schema)


def _as_its_kind(value: object) -> EntryShape:
    kind = value.get("entry") if isinstance(value, dict) else None
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    if shape:
        with suppress(ValidationError):
            return shape.model_validate(value)
    return _all_kinds().validate_python(value)


@cache
def _all_kinds() -> TypeAdapter[EntryShape]:
    return TypeAdapter(Annotated[_AnyShape, Field(discriminator="entry")])


AnyEntry = Annotated[_AnyShape, _ByItsKind()]
