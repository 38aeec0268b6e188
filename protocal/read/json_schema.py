"""The shape of a file -> the JSON Schema that editors check it with while it is written."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from protocal.read.definition.fields import FORMAT
from protocal.read.definition.shapes import SHAPES
from protocal.read.definition.signatures import SignaturesShape
from protocal.read.record.read import RecordShape

_SHAPES: dict[str, type[BaseModel]] = {**SHAPES, "record": RecordShape, "signatures": SignaturesShape}
_TITLES = {
    "protocol": "A treatment protocol: its arms as routes of courses, sources and tables (protocol.yaml)",
    "agents": "The agents of a treatment protocol (agents.yaml)",
    "course": "A course of a treatment protocol, or several that share a therapy table (courses/*.yaml)",
    "record": "A patient's record: a header that never changes and a log that only grows",
    "signatures": "Who has held which line of a treatment protocol against its source (signatures.yaml)",
}

KINDS = tuple(_SHAPES)


class _Generator(GenerateJsonSchema):
    """Without the titles that pydantic makes up from the names of fields: editors show the keys themselves."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        """A mapping whose keys have a pattern takes no others, as the reader does not."""
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of one of `KINDS`, made from the very shape that the reader holds a file against."""
    schema = _SHAPES[kind].model_json_schema(schema_generator=_Generator)
    for part in schema["$defs"].values():
        part.pop("title")
    return {
        "$schema": _Generator.schema_dialect,
        "$id": f"urn:protocal:{kind}:{FORMAT}",
        **schema,
        "title": _TITLES[kind],
    }
