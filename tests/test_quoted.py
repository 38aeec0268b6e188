"""What a message calls a value that a file has: as people write it, never as Python does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from protocal.read.record.read import RecordShape
from protocal.read.settings import SettingsShape
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, parse_tree
from protocal.text.quoted import quoted

VALUES = {
    "nothing": None,
    "true": True,
    "false": False,
    "a list": [Decimal("19.4"), None],
    "a mapping": {"weight": Decimal("19.4")},
    "'19.4'": Decimal("19.4"),
    "'ten'": "ten",
    f"'{'x' * 57}...'": "x" * 5000,
}
AS_YAML = ["", "~", "[19.4, null]", "{weight: 19.4}", "true", "[[a]]"]


@pytest.mark.parametrize("said", VALUES)
def test_a_value_is_called_what_it_is(said: str) -> None:
    assert quoted(VALUES[said]) == said


@pytest.mark.parametrize("value", AS_YAML)
@pytest.mark.parametrize(
    "line",
    [
        *("created: {}", "sex: {}", "timezone: {}", "log: [{{entry: {}}}]", "log: [{{entry: measure, weight: {}}}]"),
        *("log: [{{entry: give, dose: {}}}]", "log: [{{entry: give, at: {}}}]", "log: [{{entry: undo, line: {}}}]"),
    ],
)
def test_no_message_about_a_record_shows_python(line: str, value: str) -> None:
    source = parse_tree(line.format(value), Source("file"))
    assert check_shape(RecordShape, source) is None
    assert_plain(source)


@pytest.mark.parametrize("value", AS_YAML)
@pytest.mark.parametrize(
    "line",
    [
        *("ceilings: {{x: {{amount: {}}}}}", "tablets: {{x: {}}}", "clearances: {{x: {}}}", "level draws: {{x: {}}}"),
        *("closed days: [{}]", "paper: {}"),
    ],
)
def test_no_message_about_settings_shows_python(line: str, value: str) -> None:
    source = parse_tree(line.format(value), Source("file"))
    check_shape(SettingsShape, source)
    assert_plain(source)


def assert_plain(source: Source) -> None:
    said = "\n".join(map(str, source.problems))
    assert not [word for word in ("None", "True", "Decimal", "['", "{'", "[[") if word in said], said
