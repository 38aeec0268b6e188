"""A site's settings file -> a `Settings` value and problems."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from protocal import resources
from protocal.model.paper_size import Paper
from protocal.model.problems import Problem, ProtocalError, Where, has_errors
from protocal.model.settings import ForFamilies, Settings, SiteTemplate
from protocal.read.definition.fields import Format, Hours, Sentence
from protocal.read.definition.shapes import Shape
from protocal.read.fields import in_words, read_by
from protocal.read.rules import RulesShape, rules_of
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, read_tree
from protocal.text.format import figure
from protocal.text.quoted import quoted
from protocal.text.typed import read_hour

_LARGEST_LOGO = 500_000
_LARGEST_TEMPLATE = 200_000
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # what PNG and JPEG files begin with
_LONGEST_LINE = 160  # that the pages have room for
_LONGEST_CALL = 80  # that a box of the pocket page has room for
_LONGEST_ADDRESS = 120  # a longer one makes a code that no telephone reads from paper
_ADDRESS = re.compile(
    r"(https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?)((?:/[a-z0-9._~-]+)*/?)", re.IGNORECASE
)
Line = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_LINE, strip_whitespace=True)]
Hour = Annotated[time | None, in_words(read_hour, "18:00")]
Call = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_CALL, strip_whitespace=True)]


def _address(value: object) -> str:
    """`https://calendars.example.org/children/`, which ends in `/` however it was written. Raises ValueError."""
    text = value.strip() if isinstance(value, str) else ""
    match = _ADDRESS.fullmatch(text) if len(text) <= _LONGEST_ADDRESS else None
    if not match or any(part in (".", "..") for part in text.split("/")):
        raise ValueError(
            f"{quoted(value)} is not where calendars can be published; write an address of at most {_LONGEST_ADDRESS}"
            " letters without a query, as in https://calendars.example.org/children"
        )
    host, path = match[1].lower(), match[2].strip("/")
    return f"{host}/{path}/" if path else f"{host}/"


class FamilyShape(Shape):
    """What stands on a family's pages, in the site's words and the language that it prints in."""

    call_by_day: Call = Field("", description="Whom to call by day, and when that is: a name and a number.")
    call_at_night: Call = Field("", description="Whom to call at night, on weekends and holidays.")
    fever: Call = Field("", description="From which temperature on to do what.")
    before_sedation: Line = Field("", description="From when on to eat and drink nothing before a lumbar puncture.")
    bring: Line = Field("", description="What to bring to the clinic.")
    visit_takes: Line = Field("", description="How long a visit to the clinic takes.")
    lock_screen: Literal["plain", "full"] = Field(
        "plain", description="What a calendar shows on a locked screen: no drug and no procedure, or all."
    )
    remind_of_medicine: Hour = Field(None, description="When a calendar reminds of what is taken at home that day.")
    remind_of_visits: Hour = Field(None, description="When a calendar reminds of the next day's visit.")
    page_is_old_after: Hours = Field(24, description="How long a page may be kept by a phone until it shows no doses.")
    week_starts: Literal["Sunday", "Monday"] = "Sunday"


class SettingsShape(RulesShape):
    """A site's choices; what is left out is as protocal has it."""

    format: Format
    paper: Paper = Paper.LETTER
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
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
    address: Annotated[
        str, read_by(_address, type="string", format="uri", examples=["https://calendars.example.org/children"])
    ] = Field("", description="Where calendars are published: readers' own addresses begin with it.")
    site_key: Sentence = Field("", description="The file of the site's key, seen from this one's folder.")


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
    return _settings_of(path, shape, source, logo, templates), source.problems


def _family(shape: FamilyShape) -> ForFamilies:
    return ForFamilies(
        call_by_day=shape.call_by_day,
        call_at_night=shape.call_at_night,
        fever=shape.fever,
        before_sedation=shape.before_sedation,
        bring=shape.bring,
        visit_takes=shape.visit_takes,
        full_on_lock_screen=shape.lock_screen == "full",
        remind_of_medicine=shape.remind_of_medicine,
        remind_of_visits=shape.remind_of_visits,
        stale_hours=shape.page_is_old_after,
        sunday_first=shape.week_starts == "Sunday",
    )


def _settings_of(
    path: Path, shape: SettingsShape, source: Source, logo: bytes, templates: tuple[SiteTemplate, ...]
) -> Settings:
    """The values of what is written, with the places of what another file can contradict."""
    return replace(
        rules_of(shape, lambda key, agent: source.where_key((key, agent))),
        paper=shape.paper,
        language=shape.language,
        signatures=shape.signatures,
        cancelled_days=shape.cancelled_days,
        clinic=shape.clinic,
        logo=logo,
        templates=templates,
        family=_family(shape.family),
        address=shape.address,
        site_key=str(path.parent / shape.site_key) if shape.site_key else "",
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
