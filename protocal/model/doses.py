"""Doses as a therapy table writes them: `1.5 mg/m2`, `max`, `every 6 h x 4`, `nearest 0.1 mg` -> frozen values.

Every parser raises ValueError with a sentence for the reader of the file. Amounts are Decimal, never float.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum

from protocal.model.days import OLDEST
from protocal.model.frozen import frozen
from protocal.text.format import figure
from protocal.text.message import joined, quantity, say
from protocal.text.typed import DECIMAL, THOUSANDS, WHOLE

UNITS = ("mg", "mcg", "g", "units")

LEAST = Decimal("0.0001")  # doses have four decimals: what is less than this would be printed as 0

_NUMBER = f"({THOUSANDS})"
_UNIT = f"({'|'.join(UNITS)})"
_DOSE = re.compile(rf"{_NUMBER} {_UNIT}(?:/(m2|kg))?(/day)?")
_CAP = re.compile(rf"{_NUMBER} {_UNIT}(?:/(day|course))?")
_STEP = re.compile(rf"(nearest|down to|up to) {_NUMBER} {_UNIT}")
_VIAL = re.compile(rf"nearest {_NUMBER} {_UNIT} vial within {_NUMBER} %")
_FIGURES = re.compile(rf"within {_NUMBER} %")
_TABLET = re.compile(rf"{_NUMBER} {_UNIT}")
_LIQUID = re.compile(rf"{_NUMBER} {_UNIT}/mL in steps of {_NUMBER} mL")
_LABEL_FROM = re.compile(f"({DECIMAL}) (kg|years)")
_TABLE = re.compile(r"table ([a-z0-9][a-z0-9-]*)")
_EVERY = re.compile(f"every ({WHOLE}) h(?: x ({WHOLE}))?")
_ANCHOR = re.compile(f"({WHOLE})(?:-({WHOLE}))? (h|min) (before|after) ([a-z0-9][a-z0-9-]*)")
_BEFORE = re.compile("before ([a-z0-9][a-z0-9-]*)")
_SPAN = re.compile(f"({WHOLE})(?:-({WHOLE}))? (h|min)")
_TIMES_A_DAY = {"once": 1, "daily": 1, "BID": 2, "TID": 3, "QID": 4, "weekly": 1, "continuous": 1}
_HOURS_A_DAY = 24
_MOST_PERCENT = 50  # a dose that is rounded by more is another dose
_HEAVIEST = 400  # kg


class Route(str, Enum):
    """The way in."""

    PO = "PO"
    IV = "IV"
    IM = "IM"
    SC = "SC"
    IT = "IT"
    CIV = "CIV"


class Per(str, Enum):
    """What a dose is multiplied by; FLAT is multiplied by nothing."""

    M2 = "m2"
    KG = "kg"
    FLAT = ""


@frozen
class Amount:
    """A dose by calculation: an amount, per m2, per kg or flat, for one dose or for a day."""

    value: Decimal
    unit: str
    per: Per
    a_day: bool = False

    @property
    def text(self) -> str:
        """`1.5 mg/m2`, `2,000 units/m2`, `28 mcg/day`."""
        dose = joined("/", (quantity(self.value, self.unit), self.per.value))
        return say("{dose}/day", dose=dose) if self.a_day else dose


@frozen
class ByTable:
    """A dose read from one of the protocol's tables."""

    table: str


@frozen
class Cap:
    """The most that may be given, for one dose, for a day or for a course."""

    value: Decimal
    unit: str
    a_day: bool = False
    a_course: bool = False

    @property
    def text(self) -> str:
        """`2 mg`, `28 mcg/day`, `60 mg/course`."""
        dose = quantity(self.value, self.unit)
        return (
            say("{dose}/day", dose=dose) if self.a_day else say("{dose}/course", dose=dose) if self.a_course else dose
        )


class Mode(str, Enum):
    """How a dose is rounded: to a step, to whole vials, to few figures, or not at all."""

    NEAREST = "nearest"
    DOWN = "down"
    UP = "up"
    VIAL = "vial"
    FIGURES = "figures"
    EXEMPT = "exempt"


@frozen
class Rounding:
    """How a dose is rounded, in words: to a `step` in `unit`, or to vials of it; `percent` is its most change."""

    text: str
    mode: Mode
    step: Decimal = Decimal(0)
    unit: str = ""
    percent: Decimal = Decimal(0)


@frozen
class Strengths:
    """The tablets that are at hand, from the smallest on, in one unit."""

    values: tuple[Decimal, ...]
    unit: str


@frozen
class Liquid:
    """A liquid by mouth: how much of the drug a mL holds, and the mL that can be measured."""

    strength: Decimal
    unit: str
    step: Decimal

    @property
    def text(self) -> str:
        """`20 mg/mL in steps of 0.1 mL`, which `parse_liquid` reads."""
        return f"{figure(self.strength)} {self.unit}/mL in steps of {figure(self.step)} mL"


@frozen
class Frequency:
    """How often on a day of the order; `interval` in hours where doses are that far apart."""

    text: str
    per_day: int
    interval: int | None = None

    @property
    def weekly(self) -> bool:
        """Whether the days of the order are meant to be one a week."""
        return self.text == "weekly"

    @property
    def continuous(self) -> bool:
        """Whether the drug runs without a stop from day to day."""
        return self.text == "continuous"


@frozen
class Span:
    """A length of time as written, `36 h` or `15-30 min`; the minutes it may last at least and at most."""

    text: str
    least: int
    most: int


@frozen
class Anchor:
    """When the first dose is given: so long before or after the first dose of another order of the course.

    Attributes:
        span: without text where it is before that, and nothing says how long.
    """

    text: str
    order: str
    span: Span
    before: bool


def number(text: str) -> Decimal:
    """A figure as written, with or without a comma between thousands."""
    return Decimal(text.replace(",", ""))


def parse_dose(text: str) -> Amount | ByTable:
    """`1.5 mg/m2`, `15 mcg/m2/day`, `0.5 mg/kg`, `20 mg`, or `table NAME`."""
    if table := _TABLE.fullmatch(text):
        return ByTable(table[1])
    match = _DOSE.fullmatch(text)
    if not match:
        raise ValueError(
            f"'{text}' is not a dose; write '1.5 mg/m2', '15 mcg/m2/day', '0.5 mg/kg', '20 mg' or 'table NAME', in"
            f" {', '.join(UNITS)}"
        )
    return Amount(_above_zero(match[1], text), match[2], Per(match[3] or ""), bool(match[4]))


def parse_caps(text: str) -> tuple[Cap, ...]:
    """`2 mg` for one dose, `28 mcg/day` for a day, `60 mg/course` for a course, or several: `2 mg, 60 mg/course`."""
    caps = []
    for piece in text.split(", "):
        match = _CAP.fullmatch(piece)
        if not match:
            raise ValueError(
                f"'{piece}' is not a cap; write '2 mg' for a dose, '28 mcg/day' for a day, '60 mg/course' for a course"
            )
        caps.append(Cap(_above_zero(match[1], piece), match[2], match[3] == "day", match[3] == "course"))
    if len({(cap.a_day, cap.a_course) for cap in caps}) < len(caps):
        raise ValueError(f"'{text}' has two caps of one kind; write one for a dose, one for a day and one for a course")
    return tuple(caps)


def parse_rounding(text: str) -> Rounding:
    """`nearest 0.1 mg`, `down to 0.1 mg`, `up to 0.1 mg`, `nearest 50 mg vial within 10 %`, `within 5 %`, `exempt`."""
    if text == Mode.EXEMPT.value:
        return Rounding(text, Mode.EXEMPT)
    if match := _STEP.fullmatch(text):
        mode, step = Mode(match[1].split()[0]), _above_zero(match[2], text)
        size = quantity(step, match[3])
        said = {
            Mode.NEAREST: say("nearest {size}", size=size),
            Mode.DOWN: say("down to {size}", size=size),
            Mode.UP: say("up to {size}", size=size),
        }
        return Rounding(said[mode], mode, step, match[3])
    if match := _VIAL.fullmatch(text):
        step, percent = _above_zero(match[1], text), _percent(match[3], text)
        vial = say("nearest {size} vial within {percent} %", size=quantity(step, match[2]), percent=figure(percent))
        return Rounding(vial, Mode.VIAL, step, match[2], percent)
    if match := _FIGURES.fullmatch(text):
        percent = _percent(match[1], text)
        return Rounding(say("within {percent} %", percent=figure(percent)), Mode.FIGURES, percent=percent)
    raise ValueError(
        f"'{text}' is not a rounding; write 'nearest 0.1 mg', 'down to 0.1 mg', 'up to 0.1 mg', 'nearest 50 mg vial"
        " within 10 %', 'within 5 %' or 'exempt'"
    )


def parse_strengths(text: str) -> Strengths:
    """`50 mg` or `0.5 mg, 1 mg, 2 mg, 4 mg`."""
    matches = [_TABLET.fullmatch(piece) for piece in text.split(", ")]
    found = [match for match in matches if match]
    if len(found) < len(matches):
        raise ValueError(f"'{text}' is not a list of tablets; write '50 mg' or '0.5 mg, 1 mg, 2 mg'")
    values = sorted(_above_zero(match[1], text) for match in found)
    if len({match[2] for match in found}) > 1:
        raise ValueError(f"'{text}' mixes units; write all tablets of a drug in the unit that it is dosed in")
    if len(set(values)) < len(values):
        raise ValueError(f"'{text}' has a tablet twice; write each strength once")
    return Strengths(tuple(values), found[0][2])


def parse_liquid(text: str) -> Liquid:
    """`20 mg/mL in steps of 0.1 mL`."""
    match = _LIQUID.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a liquid; write '20 mg/mL in steps of 0.1 mL'")
    return Liquid(_above_zero(match[1], text), match[2], _above_zero(match[3], text))


def parse_label_from(text: str) -> tuple[Decimal | None, int | None]:
    """`45 kg` or `22 years`: the weight or the completed years from which a label says something else."""
    match = _LABEL_FROM.fullmatch(text)
    if not match or (match[2] == "years" and "." in match[1]):
        raise ValueError(f"'{text}' is no weight or age; write '45 kg' or '22 years'")
    value = _above_zero(match[1], text)
    if value > (_HEAVIEST if match[2] == "kg" else OLDEST):
        raise ValueError(f"nobody is {text}; write '45 kg' or '22 years'")
    return (value, None) if match[2] == "kg" else (None, int(value))


def parse_frequency(text: str) -> Frequency:
    """`once`, `daily`, `BID`, `TID`, `QID`, `weekly`, `continuous`, `every 6 h` or `every 6 h x 4`."""
    if text in _TIMES_A_DAY:
        return Frequency(text, _TIMES_A_DAY[text])
    match = _EVERY.fullmatch(text)
    if not match:
        raise ValueError(
            f"'{text}' is not a frequency; write one of {', '.join(_TIMES_A_DAY)}, 'every 6 h' or 'every 6 h x 4'"
        )
    interval = int(match[1])
    if not 0 < interval <= _HOURS_A_DAY or (not match[2] and _HOURS_A_DAY % interval):
        raise ValueError(f"'{text}' does not fill a day evenly; say how many doses: 'every {interval} h x 2'")
    per_day = int(match[2] or _HOURS_A_DAY // interval)
    if per_day < 1 or per_day * interval > _HOURS_A_DAY + interval - 1:
        raise ValueError(f"'{text}' does not fit into a day")
    return Frequency(text, per_day, interval)


def parse_routes(text: str) -> tuple[Route, ...]:
    """`PO`, or `PO [IV]`: the route that is planned, and in brackets those that may be chosen instead."""
    match = re.fullmatch(r"([A-Z]+)(?: \[([A-Z]+(?:, [A-Z]+)*)\])?", text)
    names = [match[1], *(match[2] or "").split(", ")] if match else []
    names = [name for name in names if name]
    if not names or any(name not in Route.__members__ for name in names) or len(set(names)) < len(names):
        raise ValueError(f"'{text}' is not a route; write one of {', '.join(Route.__members__)}, or 'PO [IV]'")
    return tuple(Route(name) for name in names)


def routes_text(routes: tuple[Route, ...]) -> str:
    """`PO [IV]`, which `parse_routes` reads."""
    first, *others = (route.value for route in routes)
    return f"{first} [{', '.join(others)}]" if others else first


def parse_span(text: str) -> Span:
    """`36 h`, `15-30 min`."""
    match = _SPAN.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a length of time; write '36 h', '1-2 h' or '15-30 min'")
    minutes = 60 if match[3] == "h" else 1
    least, most = int(match[1]) * minutes, int(match[2] or match[1]) * minutes
    if not 0 < least <= most:
        raise ValueError(f"'{text}' is no length of time: the shorter one comes first, and it is above zero")
    return Span(text, least, most)


def parse_anchor(text: str) -> Anchor:
    """`48 h after mtx-hd`, `30-60 min before blina`: the last word is the key of an order of the same course.

    `before blina` is so where nobody knows how long before.
    """
    if untimed := _BEFORE.fullmatch(text):
        return Anchor(text, untimed[1], Span("", 0, 0), before=True)
    match = _ANCHOR.fullmatch(text)
    if not match:
        raise ValueError(
            f"'{text}' is not a clock; write '48 h after ORDER', '30-60 min before ORDER' or 'before ORDER'"
        )
    span = parse_span(text.rsplit(" ", 2)[0])
    return Anchor(text, match[5], span, match[4] == "before")


def _percent(text: str, whole: str) -> Decimal:
    value = _above_zero(text, whole)
    if value > _MOST_PERCENT:
        raise ValueError(f"'{whole}' would change a dose by more than {_MOST_PERCENT} %; write a smaller percentage")
    return value


def _above_zero(text: str, whole: str) -> Decimal:
    value = number(text)
    if value <= 0:
        raise ValueError(f"'{whole}' must be above zero")
    if value < LEAST:
        raise ValueError(f"'{whole}' rounds to nothing; write at least {LEAST}")
    return value
