"""A class with annotations -> a frozen dataclass that costs next to nothing until its first value is made.

Every command defines all types of the model and makes values of some; `dataclass` writes and compiles methods for each
type, which was the greater part of starting up. A value has the same fields, constructor, equality, hash and text as
one of `dataclass(frozen=True)`, and `fields`, `replace`, `asdict` and pickling work as with any dataclass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform, overload

_Class = TypeVar("_Class", bound=type)


@overload
def frozen(cls: _Class, /) -> _Class: ...


@overload
def frozen(*, eq: bool = True, kw_only: bool = False) -> Callable[[_Class], _Class]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: Any = None, /, *, eq: bool = True, kw_only: bool = False) -> Any:
    """Make a class one of frozen values, as `dataclass(frozen=True)` does."""
    if cls is None:
        return lambda each: _frozen(each, eq=eq, kw_only=kw_only)
    return _frozen(cls, eq=eq, kw_only=kw_only)


def _frozen(cls: Any, *, eq: bool, kw_only: bool) -> Any:
    own = set(cls.__dict__)
    cls = dataclass(cls, init=False, repr=False, eq=False, kw_only=kw_only)
    shared: dict[str, Any] = {
        "__init__": _Constructor(cls),
        "__repr__": _repr,
        "__setattr__": _refuse_set,
        "__delattr__": _refuse_delete,
    }
    if eq:
        compared = [each.name for each in fields(cls) if each.compare]
        cls.__compared__ = staticmethod(attrgetter(*compared) if compared else _nothing)
        shared |= {"__eq__": _equal, "__hash__": _hash}
    for name, method in shared.items():
        if name not in own or (name == "__hash__" and cls.__hash__ is None):
            setattr(cls, name, method)
    return cls


class _Constructor:
    """Stands where a class has its `__init__`, and is replaced with it when that is first asked for."""

    def __init__(self, cls: type) -> None:
        self._cls = cls

    def __get__(self, one: object, owner: type | None = None) -> Any:
        made = _constructor(self._cls)
        self._cls.__init__ = made  # type: ignore[misc]
        return made if one is None else made.__get__(one, owner)


def _constructor(cls: Any) -> Any:
    """The `__init__` of a class of values: its parameters are the fields, those with defaults among them."""
    names: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    by_place: list[str] = []
    by_name: list[str] = []
    body: list[str] = []
    for each in fields(cls):
        (by_name if each.kw_only else by_place).append(each.name + _default(each, names))
        if each.default_factory is not MISSING:
            body.append(f"if {each.name} is _MISSING: {each.name} = _make_{each.name}()")
        body.append(f"_set(self, {each.name!r}, {each.name})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join(["self", *by_place, *(["*", *by_name] if by_name else [])])
    exec("\n ".join([f"def __init__({parameters}):", *body, "return None"]), names)  # noqa: S102 - as dataclass does
    made = names["__init__"]
    made.__qualname__, made.__module__ = f"{cls.__qualname__}.__init__", cls.__module__
    made.__annotations__ = {each.name: each.type for each in fields(cls)} | {"return": None}
    return made


def _default(each: Field[Any], names: dict[str, Any]) -> str:
    """What follows a parameter's name; its value is put into the names that the constructor sees."""
    if each.default_factory is not MISSING:
        names[f"_make_{each.name}"] = each.default_factory
        return "=_MISSING"
    if each.default is not MISSING:
        names[f"_default_{each.name}"] = each.default
        return f"=_default_{each.name}"
    return ""


def _nothing(_one: object) -> tuple[()]:
    return ()


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    values = self.__compared__
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(self.__compared__(self))


@recursive_repr()
def _repr(self: Any) -> str:
    shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({shown})"


def _refuse_set(_self: object, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(_self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
