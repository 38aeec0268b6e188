"""Strict reading: what a scalar is, what is refused, and that each refusal names its line and column."""

from __future__ import annotations

import codecs
import os
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from protocal.read import yaml_tree as tree_module
from protocal.read.yaml_tree import MAX_BYTES, Source, parse_tree, read_tree

Found = list[tuple[str, int, int]]


def found_in(source: Source) -> Found:
    return [(each.code, each.where.line, each.where.column) for each in source.problems if each.where]


def read_bytes(folder: Path, data: bytes) -> Source:
    path = folder / "file.yaml"
    path.write_bytes(data)
    return read_tree(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("off", "off"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1:30:15", "1:30:15"),
        ("2026-12-01", "2026-12-01"),
        ("010", 10),
        ("0o10", "0o10"),
        ("0x1F", "0x1F"),
        ("\u0663", "\u0663"),
        ("\uff15", "\uff15"),
        ("1_000", "1_000"),
        ("1,000", "1,000"),
        ("-5", -5),
        ("+5", "+5"),
        ("1.10", Decimal("1.10")),
        (".5", ".5"),
        ("5.", "5."),
        ("1e3", "1e3"),
        ("1.5e-2", "1.5e-2"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("''", ""),
        ("'010'", "010"),
        ('"true"', "true"),
        ("1e9999999999999999999", "1e9999999999999999999"),
        ("1" * 31, "1" * 31),
        ("0x" + "f" * 5000, "0x" + "f" * 5000),
    ],
)
def test_a_scalar_is_a_number_only_in_plain_figures_and_never_a_float(text: str, value: Any) -> None:
    source = parse_tree(f"key: {text}\n", Source("file"))
    assert source.problems == []
    assert source.tree == {"key": value}
    assert type(source.tree["key"]) is type(value)


def test_a_fraction_keeps_the_figures_it_was_written_with() -> None:
    assert str(parse_tree("key: 1.10", Source("file")).tree["key"]) == "1.10"


def test_keys_are_always_text() -> None:
    source = parse_tree("1: a\n010: b\nno: c\nnull: d\n<<: e\n", Source("file"))
    assert source.tree == {"1": "a", "010": "b", "no": "c", "null": "d", "<<": "e"}


def test_every_value_and_every_key_has_its_place() -> None:
    source = parse_tree("a: 1\nb:\n  - x\n  - {c: d}\n", Source("file"))
    assert str(source.where(("a",))) == "file:1:4"
    assert str(source.where(("b", 1, "c"))) == "file:4:9"
    assert str(source.where_key(("b",))) == "file:2:1"
    assert str(source.where_key(("b", 1, "c"))) == "file:4:6"
    assert str(source.where(("b", 1, "not there"))) == "file:4:5"


@pytest.mark.parametrize(
    ("text", "expected", "tree"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", [("duplicate-key", 3, 1)], {"a": 1, "b": 2}, id="duplicate"),
        pytest.param("a:\n  b: 1\n  b: {c: 2}\n", [("duplicate-key", 3, 3)], {"a": {"b": 1}}, id="duplicate-inside"),
        pytest.param(
            "a: &x 1\nb: *x\n", [("alias", 1, 4), ("alias", 2, 4)], {"a": 1, "b": None}, id="anchor-and-alias"
        ),
        pytest.param("a: !!str 1\n", [("tag", 1, 4)], {"a": "1"}, id="tag"),
        pytest.param("a: !secret {b: 1}\n", [("tag", 1, 4)], {"a": {"b": 1}}, id="tag-on-mapping"),
        pytest.param("a: 1\n---\nb: 2\n", [("documents", 2, 1)], {"a": 1}, id="documents"),
        pytest.param("? [a, b]\n: 1\nc: 2\n", [("key", 1, 3)], {"c": 2}, id="list-as-key"),
        pytest.param("? {a: b}\n: {c: [1]}\nd: 2\n", [("key", 1, 3)], {"d": 2}, id="mapping-as-key"),
        pytest.param("a: " + "[" * 39 + "]" * 39, [], ..., id="deep"),
        pytest.param("a: " + "[" * 40 + "]" * 40, [("too-deep", 1, 43)], None, id="too-deep"),
        pytest.param("[" * 100_000, [("too-deep", 1, 41)], None, id="bomb"),
        pytest.param("a:\n\tb: 1\n", [("tab", 2, 1)], None, id="tab"),
        pytest.param("a:\n  - b\n  \t- c\n", [("tab", 3, 3)], None, id="tab-after-spaces"),
        pytest.param("a:\t1\n", [], {"a": 1}, id="tab-inside-a-line-is-yaml"),
        pytest.param("a: b: c\n", [("yaml", 1, 5)], None, id="two-colons"),
        pytest.param("a: [x\nb: 1\n", [("yaml", 2, 2)], None, id="bracket"),
        pytest.param("a: 1\n b: 2\n", [("yaml", 2, 3)], None, id="indentation"),
        pytest.param("a: 'x\n", [("yaml", 2, 1)], None, id="quote"),
        pytest.param("é: é\nbé: \x07\n", [("not-text", 2, 5)], None, id="control-character"),
        pytest.param("# nothing here\n", [("empty", 0, 0)], None, id="only-comments"),
        pytest.param(
            "a: 1\nb: &y 2\na: !t 3\n", [("alias", 2, 4), ("duplicate-key", 3, 1), ("tag", 3, 4)], ..., id="all"
        ),
    ],
)
def test_what_is_refused_and_where(text: str, expected: Found, tree: Any) -> None:
    source = parse_tree(text, Source("file"))
    assert found_in(source) == expected
    assert all(each.message and each.remedy for each in source.problems)
    if tree is not ...:
        assert source.tree == tree


BOMBS = {
    "lists": ("[" * 100_000, (1, 41)),
    "mappings": ("{a: " * 20_000, (1, 161)),
    "in-a-mapping": ("a: 1\nb: " + "[" * 2_000, (2, 43)),
    "keys": ("? " * 20_000, (1, 81)),
    "dropped": ("? [a]\n: " + "[" * 2_000, (2, 42)),
    "blocks": ("- " * 20_000, (1, 81)),
    "closed": ("[" * 2_000 + "]" * 2_000, (1, 41)),
}


@pytest.mark.parametrize("parser", ["as installed", "libyaml with a limit", "without libyaml"])
@pytest.mark.parametrize("name", BOMBS)
def test_whichever_parser_is_at_hand_nesting_ends_at_our_limit(
    name: str, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, place = BOMBS[name]
    if parser == "without libyaml":
        monkeypatch.setattr(tree_module, "_LOADER", yaml.Loader)
    if parser == "libyaml with a limit":
        monkeypatch.setattr(tree_module, "_LOADER", Limited)
    source = parse_tree(text, Source("file"))
    assert found_in(source)[-1] == ("too-deep", *place)
    assert all(code == "key" for code, _line, _column in found_in(source)[:-1])
    assert source.tree is None


class Limited(yaml.Loader):
    """Stops at its own limit after some events, as libyaml 0.2.6 does where it looks ahead."""

    def check_event(self, *choices: Any) -> bool:
        if self.line or self.column > 20:
            raise yaml.scanner.ScannerError(None, None, "exceeded maximum nesting depth", self.get_mark())
        return bool(super().check_event(*choices))


@pytest.mark.parametrize("loader", [tree_module._LOADER, yaml.Loader], ids=["as installed", "without libyaml"])
@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff", "\\U00110000", "\\UFFFFFFFF"])
def test_an_escape_that_names_no_character_is_a_problem(
    escape: str, loader: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_module, "_LOADER", loader)
    source = parse_tree(f'a: 1\nb: "{escape}"\n', Source("file"))
    assert [(code, line) for code, line, _column in found_in(source)] == [("yaml", 2)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param("name: José\n".encode("latin-1"), [("not-utf-8", 1, 10)], id="latin-1"),
        pytest.param("a: 1\r\nname: é".encode() + b"\xe9\n", [("not-utf-8", 2, 8)], id="latin-1-after-utf-8"),
        pytest.param(codecs.BOM_UTF8 + b"ab: \xe9", [("not-utf-8", 1, 5)], id="latin-1-after-bom"),
        pytest.param("a: 1".encode("utf-16"), [("not-utf-8", 0, 0)], id="utf-16"),
        pytest.param("a: 1".encode("utf-16-le"), [("not-text", 1, 2)], id="utf-16-without-mark"),
        pytest.param(b"a: 1\nb: \x00\x01\n", [("not-text", 2, 4)], id="binary"),
        pytest.param(b"", [("empty", 0, 0)], id="empty"),
        pytest.param(b" \r\n\n", [("empty", 0, 0)], id="blank"),
        pytest.param(codecs.BOM_UTF8, [("empty", 0, 0)], id="only-a-bom"),
        pytest.param(b"#" * (MAX_BYTES + 1), [("too-large", 0, 0)], id="oversized"),
    ],
)
def test_bytes_that_are_refused_and_where(tmp_path: Path, data: bytes, expected: Found) -> None:
    source = read_bytes(tmp_path, data)
    assert found_in(source) == expected
    assert source.tree is None
    assert all(each.message and each.remedy for each in source.problems)


def test_windows_files_are_ordinary_files_with_the_same_places(tmp_path: Path) -> None:
    plain = read_bytes(tmp_path, "a: é\nb:\n  - 1\n  - 2\n".encode())
    windows = read_bytes(tmp_path, codecs.BOM_UTF8 + "a: é\r\nb:\r\n  - 1\r\n  - 2\r\n".encode())
    assert windows == plain
    assert windows.problems == []


@pytest.mark.parametrize(
    ("name", "code"),
    [(".", "a-folder"), ("nothing.yaml", "no-file"), ("file/x.yaml", "unreadable"), ("n" * 300, "unreadable")],
)
def test_a_path_that_is_no_file(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "file").touch()
    source = read_tree(tmp_path / name, "shown.yaml")
    assert found_in(source) == [(code, 0, 0)]
    assert str(source.problems[0]).startswith("shown.yaml: error: ")


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    assert found_in(read_tree(path)) == [("unreadable", 0, 0)]


def test_a_file_that_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    source = read_tree(tmp_path / "file.yaml")
    assert found_in(source) == [("unreadable", 0, 0)]
    assert "Permission denied" in source.problems[0].message


def test_fifty_megabytes_are_refused_without_reading_them(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    tracemalloc.start()
    try:
        source = read_tree(path)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found_in(source) == [("too-large", 0, 0)]
    assert peak < 5 * MAX_BYTES
