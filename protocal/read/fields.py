"""A grammar's parser or a pattern -> a field of a shape that it reads.

Each says to pydantic itself how it is checked and what its JSON Schema is: for what is put together of pydantic's own
validators, the types that the parsers return are looked into too, and that at every start.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from protocal.text.format import check_figures, plain


class _Read:
    """A value of which a parser makes another, or raises ValueError with a sentence."""

    def __init__(self, parse: Callable[[Any], Any], schema: dict[str, Any]) -> None:
        self._parse, self._schema = parse, schema

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._parse)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self._schema)


class _MadeOf:
    """A text of which the whole matches a pattern."""

    def __init__(self, pattern: str, longest: int, words: str) -> None:
        self._pattern, self._longest, self._words = pattern, longest, words

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(max_length=self._longest)
        return core_schema.no_info_after_validator_function(self._check, text)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"pattern": f"^{self._pattern}$"}

    def _check(self, text: str) -> str:
        if not re.fullmatch(self._pattern, text):
            what = f"'{text}'" if text else "an empty text"
            raise ValueError(f"{what} cannot stand here; use {self._words}")
        return text


def read_by(parse: Callable[[Any], Any], **schema: Any) -> Any:
    """A field that a parser reads, whatever stands there; an editor checks it with a JSON Schema."""
    return _Read(parse, schema)


def in_words(parse: Callable[[str], Any], *examples: str, numbers: bool = False) -> Any:
    """A field written in words that a parser of the field's grammar reads; `numbers` lets a bare number stand."""

    def read(value: object) -> Any:
        if numbers and isinstance(value, int | Decimal) and not isinstance(value, bool):
            value = plain(Decimal(value))
        if not isinstance(value, str):
            raise ValueError(f"this must be text; write it as in '{examples[0]}'")  # noqa: TRY004 - pydantic's way
        check_figures(value)
        return parse(value)

    return _Read(read, {"type": ["string", "number"] if numbers else "string", "examples": list(examples)})


def made_of(pattern: str, longest: int, words: str) -> Any:
    """A field of text in which the whole matches a pattern; `words` say to a person what that is."""
    return _MadeOf(pattern, longest, words)
