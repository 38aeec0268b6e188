"""What a type checker must say of values of `frozen`; under `mypy --strict`, an ignored mistake must be one."""

from __future__ import annotations

from dataclasses import fields, replace

from protocal.model.course import Window
from protocal.model.days import DaySet
from protocal.model.frozen import frozen


@frozen
class _Narrow(Window):
    hours: int = 0


@frozen(kw_only=True)
class _Named:
    name: str


made: Window = Window("-1 to +2 days", 1, 2)
other: Window = replace(made, early=2)
names: list[str] = [each.name for each in fields(made)]
known: dict[Window | _Named, DaySet] = {}

Window("-1 to +2 days", 1)  # type: ignore[call-arg]
Window("-1 to +2 days", "1", 2)  # type: ignore[arg-type]
_Narrow("-1 to +2 days", 1, 2, hours=3).hours = 4  # type: ignore[misc]
_Named("Ann")  # type: ignore[call-arg]
replace(made, early="2")  # type: ignore[arg-type]
