"""Pydantic's errors -> problems with the place in the file, plain words and a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from protocal.model.problems import Problem, Where
from protocal.read.by_kind import ByKind
from protocal.read.yaml_tree import Source
from protocal.text.format import figure
from protocal.text.invisible import HIDDEN_REMEDY, hidden_in
from protocal.text.quoted import quoted
from protocal.text.suggest import did_you_mean, nearest
from protocal.text.typed import meant

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
    "string_unicode": "text",
}
_LIMITS = {
    "greater_than_equal": "be at least {}",
    "less_than_equal": "be at most {}",
    "string_too_short": "not be empty",
    "string_too_long": "be at most {} characters long",
}
_ABOUT_KEYS = ("missing", "extra_forbidden")


def check_shape(shape: type[Shape], source: Source) -> Shape | None:
    """The source's tree as a shape; None if it does not fit, with the reasons added to the source's problems."""
    hidden = list(_hidden(source.tree, (), source))
    try:
        checked = shape.model_validate(source.tree)
    except ValidationError as error:
        found = list(_problems(error, shape, source))
        places = {problem.where for problem in found}
        source.problems.extend([*found, *(problem for problem in hidden if problem.where not in places)])
        return None
    source.problems.extend(hidden)
    return None if hidden else checked


def _hidden(value: object, path: tuple[str | int, ...], source: Source) -> Iterator[Problem]:
    """Text, typed or written with escapes, that cannot be read as it is; keys with it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if found := hidden_in(key):
                yield Problem("hidden", found[1], source.where_key((*path, key)), HIDDEN_REMEDY)
            yield from _hidden(inner, (*path, key), source)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _hidden(inner, (*path, index), source)
    elif isinstance(value, str) and (found := hidden_in(value)):
        yield Problem("hidden", found[1], source.where(path), HIDDEN_REMEDY)


def _problems(error: ValidationError, shape: type[BaseModel], source: Source) -> Iterator[Problem]:
    errors = [(each, _path_in_file(each["loc"], source)) for each in error.errors(include_url=False)]
    paths = [path for _each, path in errors]
    seen = set()
    for each, path in errors:
        if each["type"] not in _ABOUT_KEYS and any(_is_inside(other, path) for other in paths):
            continue  # the mistake is inside this value; only another branch of a union says that it is no text
        problem = _with_figures(_problem(each, path, shape, source), each.get("input"))
        # branches of a union say the same of one value; keys are each a mistake of their own
        once = (path, problem.code, problem.message if each["type"] in _ABOUT_KEYS else "")
        if once not in seen:
            seen.add(once)
            yield problem


def _is_inside(path: Sequence[str | int], outer: Sequence[str | int]) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


def _path_in_file(loc: Sequence[str | int], source: Source) -> tuple[str | int, ...]:
    """Pydantic's location with the names of union branches left out; the last part stays even if it is not there."""
    path: tuple[str | int, ...] = ()
    for part in loc:
        if (*path, part) in source.places:
            path = (*path, part)
    return path


def _problem(each: Any, path: tuple[str | int, ...], shape: type[BaseModel], source: Source) -> Problem:
    kind, where, value = each["type"], source.where(path), each.get("input")
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), each["loc"][:-1], shape, source.where_key(path))
    if kind == "missing":
        name = each["loc"][-1]
        return Problem("missing-key", f"'{name}' is missing", source.where_key(path), f"Add '{name}: …' here.")
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _unknown_tag(each, path, source)
    name = f"'{path[-1]}'" if path and isinstance(path[-1], str) and where.line else ""  # an option names itself
    if kind in ("value_error", "assertion_error"):
        message, _, hint = str(each["ctx"]["error"]).rpartition("; ")
        remedy = f"{hint[0].upper()}{hint[1:]}." if message and hint else "Correct the value."
        return Problem("value", f"{name}: {message or hint}" if name else message or hint, where, remedy)
    name = name or "this"
    if kind in ("literal_error", "enum"):
        near = nearest(str(value), (choice.strip("'") for choice in _choices(each)))
        remedy = f"Did you mean '{near}'?" if near else "Write one of these."
        return Problem("value", f"{name} must be {each['ctx']['expected']}, not {quoted(value)}", where, remedy)
    if kind in _KINDS:
        hint = " Put quotes around it." if _KINDS[kind] == "text" and isinstance(value, int | Decimal) else ""
        return Problem(
            "value", f"{name} must be {_KINDS[kind]}, not {quoted(value)}", where, f"Correct the value.{hint}"
        )
    if kind in _LIMITS:
        limit = figure(next(iter(each["ctx"].values())))
        return Problem("value", f"{name} must {_LIMITS[kind].format(limit)}", where, "Correct the value.")
    return Problem("value", f"{name}: {each['msg']}", where, "Correct the value.")


def _with_figures(problem: Problem, value: object) -> Problem:
    """The problem of a value with the figures that were meant, where it has some in another spelling than ours."""
    if problem.code != "value" or not isinstance(value, str) or (plainly := meant(value)) == value:
        return problem
    return replace(problem, remedy=f"Write {plainly}: the figures 0 to 9, with a point for decimals.")


def _unknown_key(key: str, loc: Sequence[str | int], shape: type[BaseModel], where: Where) -> Problem:
    known = [name for model in _models(shape) for name in _keys(model)]
    owner = _keys(_owner(shape, loc)) or known
    near = nearest(key, owner) or nearest(key, known)
    remedy = f"Did you mean '{near}'?" if near else f"Known keys: {', '.join(owner)}."
    return Problem("unknown-key", f"'{key}' is not a key that belongs here", where, remedy)


def _unknown_tag(each: Any, path: tuple[str | int, ...], source: Source) -> Problem:
    """What says which kind of mapping this is, as `entry` does in the log, is missing or unknown."""
    key = str(each["ctx"]["discriminator"]).strip("'")
    if each["type"] == "union_tag_not_found":
        return Problem("missing-key", f"'{key}' is missing", source.where(path), f"Add '{key}: …' here.")
    known = [tag.strip("'") for tag in str(each["ctx"]["expected_tags"]).split(", ")]
    tag, where = each["input"][key], source.where((*path, key))
    if not isinstance(tag, str):
        return Problem("value", f"'{key}' must be text, not {quoted(tag)}", where, did_you_mean("", known))
    return Problem("value", f"no {key} is called {quoted(tag)}", where, did_you_mean(tag, known))


def _choices(each: Any) -> list[str]:
    return str(each["ctx"]["expected"]).replace(" or ", ", ").split(", ")


def _keys(model: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _owner(shape: type[BaseModel], loc: Sequence[str | int]) -> type[BaseModel] | None:
    """The model that a location stands in, as far as field annotations tell."""
    model: type[BaseModel] | None = shape
    choices: list[type[BaseModel]] = []
    for part in loc:
        tagged = [choice for choice in choices if _has_tag(choice, part)]
        if model is None or tagged:
            model = next(iter(tagged), None)
            continue
        for name, field in model.model_fields.items():
            if part in (field.alias, name):
                choices = _models_in(field.annotation)
                model = next(iter(choices), None)
                break
    return model


def _has_tag(model: type[BaseModel], part: str | int) -> bool:
    return any(part in get_args(field.annotation) for field in model.model_fields.values())


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    parts = get_args(annotation)
    if by_kind := [part for part in parts if isinstance(part, ByKind)]:
        return by_kind[0].shapes()
    return [model for part in parts for model in _models_in(part)]


def _models(shape: type[BaseModel]) -> list[type[BaseModel]]:
    found = [shape]
    for model in found:
        for field in model.model_fields.values():
            found.extend(inner for inner in _models_in(field.annotation) if inner not in found)
    return found
