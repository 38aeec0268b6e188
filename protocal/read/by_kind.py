"""A mapping that says what kind it is -> the shape of that kind.

To make the shapes of all kinds takes longer than to read a long log, so that each kind's module is imported when one is
met; only a mistake is held against all of them, to be told in full.
"""

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema


class ByKind:
    """Marks a field whose shape is that which `SHAPES` of a kind's module has for it; `key` says the kind."""

    def __init__(self, key: str, modules: Mapping[str, str]) -> None:
        self._key, self._modules = key, modules

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(self._any_kind.core_schema)

    def shapes(self) -> list[type[BaseModel]]:
        """The shapes of all kinds."""
        return [self._shape(kind) for kind in self._modules]

    def _shape(self, kind: str) -> type[BaseModel]:
        shape: type[BaseModel] = import_module(self._modules[kind]).SHAPES[kind]
        return shape

    @cached_property
    def _any_kind(self) -> TypeAdapter[Any]:
        union: Any = Union[tuple(self.shapes())]  # noqa: UP007 - of types that are known only here
        return TypeAdapter(Annotated[union, Field(discriminator=self._key)])

    def _read(self, value: object) -> BaseModel:
        kind = value.get(self._key) if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in self._modules:
            with suppress(ValidationError):
                return self._shape(kind).model_validate(value)
        made: BaseModel = self._any_kind.validate_python(value)
        return made
