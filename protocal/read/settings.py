"""A site's settings file -> a `Settings` value and problems."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from protocal import resources
from protocal.model.doses import Liquid, Rounding, Route, Strengths, parse_liquid, parse_rounding, parse_strengths
from protocal.model.paper_size import Paper
from protocal.model.problems import Problem, ProtocalError, Where, has_errors
from protocal.model.settings import Ceiling, Clearance, ForFamilies, Settings, SiteTemplate
from protocal.read.definition.fields import Format, Id, Sentence
from protocal.read.definition.shapes import Shape
from protocal.read.fields import in_words, read_by
from protocal.read.record.fields import Day
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, read_tree
from protocal.text.format import check_figures, figure, plain
from protocal.text.quoted import quoted


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        raise ValueError(f"{quoted(value)} is not a number above zero")
    check_figures(plain(Decimal(value)))
    return Decimal(value)


def _tablet(value: object) -> Strengths:
    check_figures(str(value))
    try:
        tablet = parse_strengths(str(value))
    except ValueError:
        raise ValueError(f"{quoted(value)} is not a tablet; write it as in '50 mg'") from None
    if len(tablet.values) > 1:
        raise ValueError(f"{quoted(value)} is more than one tablet; write them as a list, or all in one text")
    return tablet


def _alike(tablets: list[Strengths]) -> list[Strengths]:
    if len({tablet.unit for tablet in tablets}) > 1:
        raise ValueError("these tablets mix units; write all of a drug in the unit that it is dosed in")
    if len({tablet.values for tablet in tablets}) < len(tablets):
        raise ValueError("a tablet stands here twice; write each strength once")
    return sorted(tablets, key=lambda tablet: tablet.values)


def _one_text(value: object) -> object:
    return value.split(", ") if isinstance(value, str) else value


def _below(value: object) -> tuple[Decimal, str]:
    check_figures(str(value))
    match = re.fullmatch(r"below ([0-9]+(?:\.[0-9]+)?) ([A-Za-z]+/[A-Za-z]+)", str(value))
    if not match or not Decimal(match[1]):
        raise ValueError(f"{quoted(value)} is not a clearing level; write it as in 'below 0.1 micromol/L'")
    return Decimal(match[1]), match[2]


def _hours(value: object) -> tuple[int, ...]:
    pieces = [re.fullmatch(r"([0-9]{1,3}) h", piece.strip()) for piece in str(value).split(",")]
    hours = [int(match[1]) for match in pieces if match]
    if len(hours) < len(pieces) or sorted(set(hours)) != hours:
        raise ValueError(
            f"{quoted(value)} are not hours of level draws; write them in their order, as in '24 h, 36 h, 48 h'"
        )
    return tuple(hours)


Number = Annotated[Decimal, read_by(_decimal, type="number", exclusiveMinimum=0)]
Below = Annotated[
    tuple[Decimal, str],
    read_by(_below, type="string", examples=["below 0.1 micromol/L"]),
]
DrawHours = Annotated[tuple[int, ...], read_by(_hours, type="string", examples=["24 h, 36 h, 48 h"])]
Tablet = Annotated[Strengths, read_by(_tablet, type="string", examples=["50 mg"])]
Tablets = Annotated[list[Tablet], BeforeValidator(_one_text), AfterValidator(_alike)]
Liquids = Annotated[Liquid, in_words(parse_liquid, "20 mg/mL in steps of 0.1 mL")]
Roundings = Annotated[Rounding, in_words(parse_rounding, "nearest 0.1 mg", "within 5 %", "exempt")]


_LARGEST_LOGO = 500_000
_LARGEST_TEMPLATE = 200_000
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # what PNG and JPEG files begin with
_LONGEST_LINE = 160  # that the pages have room for
_LONGEST_CALL = 80  # that a box of the pocket page has room for
Line = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_LINE, strip_whitespace=True)]
Call = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_CALL, strip_whitespace=True)]


class CeilingShape(Shape):
    """A cumulative dose that is watched."""

    amount: Number = Field(description="In mg/m2 of the reference drug.")
    factors: dict[Id, Number] = Field(description="What 1 mg of an agent counts, in mg of the reference drug.")


class FamilyShape(Shape):
    """What stands on a family's pages, in the site's words and the language that it prints in."""

    call_by_day: Call = Field("", description="Whom to call by day, and when that is: a name and a number.")
    call_at_night: Call = Field("", description="Whom to call at night, on weekends and holidays.")
    fever: Call = Field("", description="From which temperature on to do what.")
    before_sedation: Line = Field("", description="From when on to eat and drink nothing before a lumbar puncture.")
    bring: Line = Field("", description="What to bring to the clinic.")
    week_starts: Literal["Sunday", "Monday"] = "Sunday"


class SettingsShape(Shape):
    """A site's choices; what is left out is as protocal has it."""

    format: Format
    closed_days: list[Day] = Field([], description="Besides Saturday and Sunday.")
    paper: Paper = Paper.LETTER
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    rounding_flag: Number = Field(Decimal(5), description="Per cent.")
    stale_days: Annotated[int, Field(ge=1, le=366, strict=True)] = 28
    growth: Number = Field(Decimal(10), description="Per cent.")
    tablets: dict[Id, Tablets] = Field({}, description="Strengths at hand by agent, in the agent's unit.")
    liquids: dict[Id, Liquids] = Field({}, description="What an agent may be given as instead of tablets.")
    rounding: dict[Id, Roundings | dict[Route, Roundings]] = Field(
        {}, description="The site's own rules, which take the place of the definition's: one, or one for each route."
    )
    ceilings: dict[Sentence, CeilingShape] = Field({}, description="Cumulative doses that are watched.")
    clearances: dict[Id, Below] = Field({}, description="The level below which an agent has cleared.")
    level_draws: dict[Id, DrawHours] = Field(
        {}, description="Hours after an infusion's start at which levels are drawn."
    )
    signatures: Annotated[int, Field(ge=1, le=9, strict=True)] = Field(
        2, description="How many different people must sign a line of a definition before it counts as verified."
    )
    cancelled_days: Annotated[int, Field(ge=1, le=3660, strict=True)] = Field(
        90, description="How long after its issue a cancelled event is still sent in feeds."
    )
    clinic: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)] = Field(
        "", description="The site's name."
    )
    logo: Sentence = Field("", description="The site's picture: a PNG or JPEG file, seen from this one's folder.")
    templates: Sentence = Field("", description="A folder of the site's own templates, seen from this one's folder.")
    family: FamilyShape = FamilyShape.model_validate({})


def read_settings(path: Path) -> tuple[Settings | None, list[Problem]]:
    """Read a settings file: the settings, or None if they cannot be used, and all problems. Nothing is raised."""
    source = read_tree(path)
    shape = check_shape(SettingsShape, source) if source.tree is not None or not source.problems else None
    if shape is None or has_errors(source.problems):
        return None, source.problems
    logo, found = _logo(path, shape.logo, source.where_key(("logo",))) if shape.logo else (b"", [])
    templates, mistakes = (
        _templates(path, shape.templates, source.where_key(("templates",))) if shape.templates else ((), [])
    )
    found += mistakes
    if found:
        return None, [*source.problems, *found]
    return _settings_of(shape, source, logo, templates), source.problems


def _family(shape: FamilyShape) -> ForFamilies:
    return ForFamilies(
        call_by_day=shape.call_by_day,
        call_at_night=shape.call_at_night,
        fever=shape.fever,
        before_sedation=shape.before_sedation,
        bring=shape.bring,
        sunday_first=shape.week_starts == "Sunday",
    )


def _settings_of(shape: SettingsShape, source: Source, logo: bytes, templates: tuple[SiteTemplate, ...]) -> Settings:
    """The values of what is written, with the places of what another file can contradict."""
    return Settings(
        closed_days=frozenset(shape.closed_days),
        paper=shape.paper,
        language=shape.language,
        rounding_flag=shape.rounding_flag,
        stale_days=shape.stale_days,
        growth=shape.growth,
        strengths=tuple(
            (agent, tuple(tablet.values[0] for tablet in tablets)) for agent, tablets in shape.tablets.items()
        ),
        strength_units=tuple((agent, tablets[0].unit) for agent, tablets in shape.tablets.items() if tablets),
        liquids=tuple(shape.liquids.items()),
        rounding=tuple(
            (agent, route, rule)
            for agent, rules in shape.rounding.items()
            for route, rule in (rules.items() if isinstance(rules, dict) else [(None, rules)])
        ),
        ceilings=tuple(
            Ceiling(name, each.amount, tuple(each.factors.items())) for name, each in shape.ceilings.items()
        ),
        clearances=tuple(Clearance(agent, *below) for agent, below in shape.clearances.items()),
        level_draws=tuple(shape.level_draws.items()),
        signatures=shape.signatures,
        cancelled_days=shape.cancelled_days,
        clinic=shape.clinic,
        logo=logo,
        templates=templates,
        family=_family(shape.family),
        places=tuple(
            ((key, agent), source.where_key((key, agent)))
            for key, agents in (("tablets", shape.tablets), ("liquids", shape.liquids), ("rounding", shape.rounding))
            for agent in agents
        ),
        text=source.text,
    )


def load_settings(path: Path) -> Settings:
    """The settings of a file. Raises ProtocalError with all its problems if they cannot be used."""
    settings, problems = read_settings(path)
    if settings is None:
        raise ProtocalError(problems)
    return settings


def _logo(settings: Path, name: str, where: Where) -> tuple[bytes, list[Problem]]:
    """The bytes of the site's picture, or what is wrong with it."""
    remedy = f"Name a PNG or JPEG file of at most {figure(_LARGEST_LOGO)} bytes, seen from the folder of this one."
    try:
        with (settings.parent / name).open("rb") as stream:
            data = stream.read(_LARGEST_LOGO + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return b"", [Problem("logo", f"the logo '{name}' cannot be read: {reason}", where, remedy)]
    if len(data) > _LARGEST_LOGO or not data.startswith(_PICTURES):
        return b"", [
            Problem("logo", f"the logo '{name}' is too large, or no picture that can be printed", where, remedy)
        ]
    return data, []


def _templates(settings: Path, name: str, where: Where) -> tuple[tuple[SiteTemplate, ...], list[Problem]]:
    """The templates in the site's folder, or what is wrong with them; each must stand for one of ours."""
    ours = sorted(file.name for file in resources.folder("templates").iterdir() if file.suffix in (".j2", ".css"))
    found, problems = [], []
    try:
        files = sorted(file for file in (settings.parent / name).iterdir() if not file.name.startswith("."))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        remedy = "Name a folder that can be read, seen from the folder of this file."
        return (), [Problem("templates", f"the templates '{name}' cannot be read: {reason}", where, remedy)]
    for file in files:
        here = Where(str(file))
        if file.name not in ours:
            remedy = f"Name it as the one it stands for: {', '.join(ours)}."
            problems.append(
                Problem("templates", f"'{file.name}' is the name of no template of protocal's", here, remedy)
            )
            continue
        try:
            with file.open("rb") as stream:
                text = stream.read(_LARGEST_TEMPLATE + 1).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = (error.strerror or "") if isinstance(error, OSError) else "it is not UTF-8"
            remedy = "Save it as UTF-8 text that can be read."
            problems.append(Problem("templates", f"'{file.name}' cannot be read: {reason}", here, remedy))
            continue
        if len(text) > _LARGEST_TEMPLATE:
            remedy = f"At most {figure(_LARGEST_TEMPLATE)} bytes are read."
            problems.append(Problem("templates", f"'{file.name}' is too large", here, remedy))
        found.append(SiteTemplate(file.name, text, str(file)))
    return tuple(found), problems
