"""The fields of a record and its log -> dates, times, figures and texts, or what is wrong with them."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from protocal.model.doses import LEAST
from protocal.model.ids import AdministrationId
from protocal.model.product import Product, Tablets, Volume, parse_product, parse_tablets, parse_volume
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


def _tablets(value: object) -> Tablets:
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is no number of tablets of a strength; write it as in '60 of 50 mg'")  # noqa: TRY004 - pydantic's way
    return parse_tablets(value)


def _volume(value: object) -> Volume:
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is no volume of a liquid; write it as in '100 mL of 20 mg/mL'")  # noqa: TRY004 - pydantic's way
    return parse_volume(value)


Day = Annotated[date, read_by(parse_date, type="string", format="date")]
Time = Annotated[datetime, read_by(_parse_time, type="string", format="date-time")]
Zone = Annotated[str, read_by(_parse_zone, type="string")]
Height = Annotated[Decimal, read_by(_between(HEIGHT_CM, "cm", "height"), type="number")]
Weight = Annotated[Decimal, read_by(_between(WEIGHT_KG, "kg", "weight"), type="number")]
Above = Annotated[Decimal, read_by(_between((0, 100_000), "mg/m2", "dose"), type="number")]
Dose = Annotated[Decimal, read_by(_dose, type="number", exclusiveMinimum=0)]
Made = Annotated[Product, read_by(_product, type="string", examples=["1.5 tablets of 50 mg", "2.9 mL of 20 mg/mL"])]
TabletsHome = Annotated[Tablets, read_by(_tablets, type="string", examples=["60 of 50 mg"])]
LiquidHome = Annotated[Volume, read_by(_volume, type="string", examples=["100 mL of 20 mg/mL"])]
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
