"""The JSON Schemas that editors use are those of the reader, accept every file of ours, and refuse what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import run
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from protocal import resources
from protocal.read.json_schema import KINDS, schema_of
from protocal.read.yaml_tree import read_tree

FOLDER = resources.folder("schedules") / "schema"
BUNDLED = resources.folder("schedules") / "aall1331" / "0.2"
TINY = Path(__file__).parent / "tiny" / "1"


def kind_of(file: Path) -> str:
    return "course" if file.parent.name == "courses" else file.stem


def instance(file: Path) -> Any:
    """A file as an editor's checker sees it: JSON has no Decimal."""
    source = read_tree(file)
    assert source.problems == []
    return json.loads(
        json.dumps(source.tree, default=lambda value: float(value) if isinstance(value, Decimal) else value)
    )


FILES = [*sorted(BUNDLED.rglob("*.yaml")), *sorted(TINY.rglob("*.yaml"))]
NAMES = [f"{file.parent.name}/{file.name}" for file in FILES]


@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_file_is_what_the_command_prints(kind: str) -> None:
    done = run("schema", kind)
    assert done.returncode == 0, done.stderr
    current = (FOLDER / f"{kind}.json").read_text(encoding="utf-8")
    assert current == done.stdout, f"make it anew: protocal schema {kind} > schedules/schema/{kind}.json"


def test_there_is_a_file_for_every_kind_and_no_other() -> None:
    assert sorted(file.stem for file in FOLDER.iterdir()) == sorted(KINDS)
    assert run("schema", "courses").returncode == 2


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_valid_schema_with_a_name(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:protocal:{kind}:1"
    assert schema["title"]


def properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from properties(part)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("record", "signatures")])
def test_keys_of_definitions_are_written_with_spaces(kind: str) -> None:
    names = set(properties(schema_of(kind)))
    assert not [name for name in names if "_" in name]
    assert names & {"first day", "fatal unless", "first dose"}


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_every_definition_file_is_valid(file: Path) -> None:
    Draft202012Validator(schema_of(kind_of(file))).validate(instance(file))


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_an_unknown_key_is_refused(file: Path) -> None:
    with pytest.raises(ValidationError, match="'unknown key' was unexpected"):
        Draft202012Validator(schema_of(kind_of(file))).validate({**instance(file), "unknown key": 1})


@pytest.mark.parametrize("file", [file for file in FILES if BUNDLED in file.parents], ids=lambda file: str(file.stem))
def test_every_definition_file_tells_the_editor_its_schema(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    modeline = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert modeline, f"{file} must begin with its modeline"
    assert (file.parent / modeline[1]).resolve() == (FOLDER / f"{kind_of(file)}.json").resolve()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("orders", 0, "unknown key"), 1),
        (("orders", 0, "frequency"), 2),
        (("orders", 0, "evidence"), "sure"),
        (("length",), "28"),
        (("length",), 0),
        (("format",), 2),
        (("hold",), "wait"),
        (("course",), "Block 1"),
        (("may start", "counts"), {"ANC": "at least 750/mcL"}),
    ],
)
def test_the_schema_of_a_course_refuses_what_the_reader_refuses(path: tuple[str | int, ...], value: object) -> None:
    tree = part = instance(BUNDLED / "courses" / "block-1.yaml")
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(ValidationError):
        Draft202012Validator(schema_of("course")).validate(tree)


def test_a_new_record_is_valid(child: Path) -> None:
    tree = instance(child)
    validator = Draft202012Validator(schema_of("record"))
    validator.validate(tree)
    with pytest.raises(ValidationError):
        validator.validate({**tree, "log": [{**tree["log"][0], "entry": "begin"}]})
