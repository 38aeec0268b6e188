"""Pydantic's errors in; problems with the place in the file, plain words and a remedy out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from protocal.read.tree import Source
from protocal.words.problems import Problem

Shape = TypeVar("Shape", bound=BaseModel)

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
}


def check_shape(shape: type[Shape], source: Source) -> Shape | None:
    """The source's tree as a shape; None if it does not fit, with the reasons added to the source's problems."""
    try:
        return shape.model_validate(source.tree)
    except ValidationError as error:
        source.problems.extend(_problems(error, shape, source))
        return None


def _problems(error: ValidationError, shape: type[BaseModel], source: Source) -> Iterator[Problem]:
    seen = set()
    for each in error.errors(include_url=False):
        path = _path_in_file(each["loc"], source)
        problem = _problem(each, path, shape, source)
        if (problem.where, problem.code) not in seen:  # the branches of a union say the same thing twice
            seen.add((problem.where, problem.code))
            yield problem


def _path_in_file(loc: Sequence[str | int], source: Source) -> tuple[str | int, ...]:
    """Pydantic's location with the names of union branches left out; the last part stays even if it is not there."""
    path: tuple[str | int, ...] = ()
    for part in loc:
        if (*path, part) in source.places:
            path = (*path, part)
    return path


def _problem(each: Any, path: tuple[str | int, ...], shape: type[BaseModel], source: Source) -> Problem:
    kind, where, value = each["type"], source.where(path), each.get("input")
    name = f"'{path[-1]}'" if path and isinstance(path[-1], str) else "this"
    if kind == "extra_forbidden":
        known = [key for model in _models(shape) for key in _keys(model)]
        owner = _keys(_owner(shape, each["loc"][:-1])) or known
        near = get_close_matches(str(path[-1]), owner, 1, 0.5) or get_close_matches(str(path[-1]), known, 1, 0.6)
        remedy = f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(owner)}."
        return Problem("unknown-key", f"{name} is not a key that belongs here", where, remedy)
    if kind == "missing":
        return Problem("missing-key", f"'{each['loc'][-1]}' is missing", where, f"Add '{each['loc'][-1]}: …' here.")
    if kind in ("value_error", "assertion_error"):
        return Problem("value", f"{name}: {each['ctx']['error']}", where, "Correct the value.")
    if kind in ("literal_error", "enum"):
        near = get_close_matches(str(value), [str(choice).strip("'") for choice in _choices(each)], 1, 0.5)
        remedy = f"Did you mean '{near[0]}'?" if near else "Write one of these."
        return Problem("value", f"{name} must be {each['ctx']['expected']}, not '{_shown(value)}'", where, remedy)
    if kind == "string_pattern_mismatch":
        return Problem(
            "value",
            f"{name}: '{_shown(value)}' has a character that is not allowed here",
            where,
            "Use small letters, figures and hyphens.",
        )
    if kind in _KINDS:
        hint = " Put quotes around it." if _KINDS[kind] == "text" and not isinstance(value, dict | list) else ""
        return Problem(
            "value", f"{name} must be {_KINDS[kind]}, not '{_shown(value)}'", where, f"Correct the value.{hint}"
        )
    return Problem("value", f"{name}: {each['msg']}", where, "Correct the value.")


def _shown(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _choices(each: Any) -> list[str]:
    return str(each["ctx"]["expected"]).replace(" or ", ", ").split(", ")


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _owner(shape: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that a location stands in, as far as field annotations tell."""
    model: type[BaseModel] | None = shape
    for part in loc:
        if model is None:
            return None
        for name, field in model.model_fields.items():
            if part in (field.alias, name):
                model = next(iter(_models_in(field.annotation)), None)
                break
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _models(shape: type[BaseModel]) -> list[type[BaseModel]]:
    found = [shape]
    for model in found:
        for field in model.model_fields.values():
            found.extend(inner for inner in _models_in(field.annotation) if inner not in found)
    return found
