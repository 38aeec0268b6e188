"""The fields of a definition -> days, doses, routes, names and sentences, or what is wrong with them."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    StringConstraints,
)

from protocal.model.agent import InterruptionRule
from protocal.model.course import Window
from protocal.model.days import OLDEST, DaySet, parse_days
from protocal.model.doses import (
    LEAST,
    Amount,
    ByTable,
    Rounding,
    Route,
    Strengths,
    parse_dose,
    parse_rounding,
    parse_strengths,
)
from protocal.model.entries import Remark
from protocal.model.evidence import Evidence
from protocal.model.table import By
from protocal.read.fields import in_words, made_of
from protocal.text.format import check_figures
from protocal.text.typed import DECIMAL, THOUSANDS, WHOLE

FORMAT = 1
_MOST_WORDS, _LONGEST_WORD = 4, 20  # of a drug's name, which heads a column
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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
RecordFormat = Annotated[Literal[1, 2], BeforeValidator(_whole)]
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
Known = Annotated[Literal["registry", "published", "corroborated", "unverified"], AfterValidator(Evidence)]
Evidences = (
    Known
    | dict[Literal["agent", "route", "dose", "cap", "days", "clock", "event", "length", "order", "condition"], Known]
)


LeastCount = Annotated[str, in_words(_parse_count, "at least 750/mcL")]
Clearing = Annotated[str, in_words(_parse_clear, "AGENT cleared")]
Hours = Annotated[int, in_words(_parse_hours, "72 h")]
EarlyAndLate = Annotated[Window, in_words(_parse_window, "-1 to +2 days")]
UnitsDose = Annotated[Amount, in_words(_parse_amount, "25,000 units/m2")]
WeekdayDose = Annotated[Amount, in_words(_parse_amount, "25 mg/m2")]
LabelDose = Annotated[Amount, in_words(_parse_amount, "28 mcg/day", "2,000 units/m2")]
Series = Annotated[str, in_words(_parse_series, "Monday, Wednesday, Friday", "every 2 days")]
Interruptions = Annotated[InterruptionRule, in_words(_parse_interruptions, "up to 7 days, supervised from 4 h")]
Interval = Annotated[int, in_words(_parse_interval, "14 days")]
BagHours = Annotated[dict[int, Decimal | None], in_words(_parse_bags, "24 h, 48 h, 7 days from 22 kg")]
Figures = Annotated[tuple[str, ...], in_words(_parse_figures, "12", "12 / 12 / 24", numbers=True)]
Ages = Annotated[tuple[int, int], in_words(_parse_ages, "1-30")]
Routes = Annotated[list[Route], BeforeValidator(_values, json_schema_input_type=list[Route] | str)]
Remarks = Annotated[list[Remark], BeforeValidator(_values, json_schema_input_type=list[Remark] | str)]
FirstDay = Annotated[Literal[0, 1], BeforeValidator(_whole)]
