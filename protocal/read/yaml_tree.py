"""Text of a YAML file -> a plain tree with the place of every value, and all problems of the text.

Stricter than YAML: of its scalars only plain figures are numbers (`no`, `12:30` and `0x1c` are text, a fraction is a
Decimal), and duplicate keys, anchors, aliases, tags, several documents and oversized files are problems.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from protocal.model.problems import Problem, Where
from protocal.text.invisible import HIDDEN_REMEDY, hidden_in

MAX_BYTES = 1_000_000
_MAX_DEPTH = 40

_INT = re.compile("-?[0-9]+")
_FRACTION = re.compile(r"-?[0-9]+\.[0-9]+")
_MAX_FIGURES = 30  # a longer number is no number of ours, and stays text
_NOT_TEXT = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(slots=True)
class Source:
    """A file as read: its tree, where each value and each key stands (by path), what is wrong with it, its bytes.

    Attributes:
        long_scalars: from and to which character values stand that go over several lines.
    """

    file: str
    tree: Any = None
    places: dict[tuple[str | int, ...], Where] = field(default_factory=dict)
    keys: dict[tuple[str | int, ...], Where] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    data: bytes = field(default=b"", compare=False, repr=False)
    long_scalars: list[tuple[int, int]] = field(default_factory=list, compare=False, repr=False)

    @property
    def text(self) -> str:
        """What was read; empty for a tree that was put together."""
        return self.data.decode("utf-8-sig")

    def where(self, path: Sequence[str | int]) -> Where:
        """The place of the value at a path, or of the nearest one around it that the file has."""
        key = tuple(path)
        while key and key not in self.places:
            key = key[:-1]
        return self.places.get(key, Where(self.file))

    def where_key(self, path: Sequence[str | int]) -> Where:
        """The place of the key at a path; where there is none, that of the value."""
        return self.keys.get(tuple(path)) or self.where(path)


def read_tree(path: Path, shown: str | None = None, max_bytes: int = MAX_BYTES) -> Source:
    """Read a file. Whatever is wrong with it is in the result's problems; nothing is raised."""
    source = Source(shown or str(path))
    text = _read_text(path, source, max_bytes)
    if text is None:
        return source
    return parse_tree(text, source)


def parse_data(data: bytes, source: Source, max_bytes: int = MAX_BYTES) -> Source:
    """Parse the bytes of a file into an empty source, and return it."""
    text = _decoded(data, source, max_bytes)
    return source if text is None else parse_tree(text, source)


def parse_tree(text: str, source: Source) -> Source:
    """Parse text into an empty source, and return it."""
    if odd := _NOT_TEXT.search(text):
        source.problems.append(
            Problem(
                "not-text",
                f"the character U+{ord(odd[0]):04X} does not belong in a text file",
                _place_after(text[: odd.start()], source),
                "Remove it, or save the file as UTF-8 with a plain text editor.",
            )
        )
        return source
    if hidden := hidden_in(text.replace("\x85", " ")):  # of which YAML makes a line end
        at, sentence = hidden
        source.problems.append(Problem("hidden", sentence, _place_after(text[:at], source), HIDDEN_REMEDY))
        return source
    try:
        _build(source, text, _LOADER)
    except yaml.MarkedYAMLError as error:
        if not _is_limit(error):
            raise
        for seen in (source.places, source.keys, source.problems):
            seen.clear()
        _build(source, text, yaml.Loader)
    return source


def _is_limit(error: yaml.MarkedYAMLError) -> bool:
    """Whether libyaml stopped at a limit of its own, far ahead of where ours is met; PyYAML's own parser has none."""
    return "maximum nesting depth" in (error.problem or "")


def _build(source: Source, text: str, loader: Any) -> None:
    """Fill the source, with what is no YAML as a problem. Raises MarkedYAMLError at a limit of libyaml's own."""
    builder = _Builder(source)
    try:
        builder.build(text, loader)
    except (ValueError, OverflowError):  # of Python's `chr`, where PyYAML comes without libyaml
        builder.no_character(builder.reached)
    except yaml.MarkedYAMLError as error:
        if _is_limit(error):
            raise
        source.problems.append(_syntax_problem(error, text, source))
    else:
        return
    source.tree = None


def _read_text(path: Path, source: Source, max_bytes: int) -> str | None:
    whole = Where(source.file)
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except FileNotFoundError:
        source.problems.append(Problem("no-file", "there is no such file", whole, "Check the name and the folder."))
        return None
    except IsADirectoryError:
        source.problems.append(Problem("a-folder", "this is a folder, not a file", whole, "Name a file inside it."))
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        source.problems.append(
            Problem("unreadable", f"the file cannot be read: {reason}", whole, "Check who may read it.")
        )
        return None
    return _decoded(data, source, max_bytes)


def _decoded(data: bytes, source: Source, max_bytes: int) -> str | None:
    whole = Where(source.file)
    if len(data) > max_bytes:
        source.problems.append(
            Problem(
                "too-large",
                f"the file is larger than {max_bytes:,} bytes",
                whole,
                "That is not a file of ours; check the name.",
            )
        )
        return None
    source.data = data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        source.problems.append(Problem("not-utf-8", "the file is UTF-16 text", whole, "Save it as UTF-8."))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0  # the error counts from after it
        start = mark + error.start
        source.problems.append(
            Problem(
                "not-utf-8",
                f"byte 0x{data[start]:02x} is not UTF-8 text",
                _place_after(data[mark:start].decode(), source),
                "Save the file as UTF-8.",
            )
        )
        return None
    if not text.strip():
        source.problems.append(Problem("empty", "the file is empty", whole, "Check the name, or restore a copy."))
        return None
    return text


def _place_after(head: str, source: Source) -> Where:
    """The place of the character that follows a file's first characters."""
    return Where(source.file, head.count("\n") + 1, len(head) - head.rfind("\n"))


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, source: Source) -> Problem:
    mark = error.problem_mark or error.context_mark
    where = Where(source.file, mark.line + 1, mark.column + 1) if mark else Where(source.file)
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or (mark and line[mark.column : mark.column + 1] == "\t"):
        column = line.index("\t") + 1
        return Problem("tab", "a tab stands where spaces belong", Where(source.file, where.line, column), "Use spaces.")
    shown = f" Near: {line.strip()[:60]}" if line.strip() else ""
    return Problem(
        "yaml",
        f"this is not YAML: {error.problem or error.context}",
        where,
        f"Look at this line and the one before it: quotes, brackets and indentation.{shown}",
    )


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is being filled; `key` waits for its value, which is dropped if `drop` says so."""

    value: dict[str, Any] | list[Any]
    path: tuple[str | int, ...]
    key: str | None = None
    drop: bool = False

    @property
    def wants_key(self) -> bool:
        """Whether the next value is the key of a mapping."""
        return isinstance(self.value, dict) and self.key is None


class _Builder:
    """Turns the parser's events into the source's tree; iterative, so that no nesting can exhaust the stack."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[_Open] = []
        self.dropping = 0  # how deep inside a value that is dropped because its key is wrong
        self.documents = 0
        self.reached: Any = None  # where the last event ended

    def build(self, text: str, loader: Any) -> None:
        for event in yaml.parse(text, Loader=loader):
            self.reached = event.end_mark
            if not self.take(event):
                return
        if not self.documents:
            whole = Where(self.source.file)
            self.source.problems.append(
                Problem("empty", "the file has comments but no content", whole, "Check the name, or restore a copy.")
            )

    def take(self, event: Any) -> bool:
        """Take one event of the parser; False ends the reading."""
        mark = event.start_mark
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.problem("documents", "a second document starts here", mark, "Keep one in a file; drop '---'.")
            return self.documents == 1
        if isinstance(event, yaml.CollectionEndEvent):
            if self.dropping:
                self.dropping -= 1
            else:
                self.open.pop()
        elif isinstance(event, yaml.NodeEvent):
            return self.node(event, mark)
        return True

    def node(self, event: Any, mark: Any) -> bool:
        starts = isinstance(event, yaml.CollectionStartEvent)
        if event.anchor:
            self.problem("alias", "anchors and aliases (& and *) are not used here", mark, "Write it out, or quote it.")
        if starts and len(self.open) + self.dropping >= _MAX_DEPTH:
            self.problem("too-deep", f"lists and mappings nest deeper than {_MAX_DEPTH}", mark, "Write it flatter.")
            self.source.tree = None
            return False
        if self.dropping:
            self.dropping += starts
        elif isinstance(event, yaml.AliasEvent):
            self.scalar(event.anchor or "", None, mark)
        elif starts:
            self.collection({} if isinstance(event, yaml.MappingStartEvent) else [], event, mark)
        else:
            if event.end_mark.line > mark.line:
                self.source.long_scalars.append((mark.index, event.end_mark.index))
            self.refuse_tag(event, mark)
            quoted = bool(event.style) or not event.implicit[0]
            if _SURROGATE.search(event.value):
                self.no_character(mark)
            self.scalar(event.value, event.value if quoted else _scalar(event.value), mark)
        return True

    def collection(self, value: dict[str, Any] | list[Any], event: Any, mark: Any) -> None:
        self.refuse_tag(event, mark)
        if self.open and self.open[-1].wants_key:
            self.problem("key", "a key must be one word or phrase, not a list or mapping", mark, "Quote it.")
            self.open[-1].key, self.open[-1].drop = "", True
            self.dropping = 1
            return
        path = self.place(value, mark)
        if path is None:
            self.dropping = 1
        else:
            self.open.append(_Open(value, path))

    def scalar(self, text: str, value: Any, mark: Any) -> None:
        """A scalar is a key, always text, where a mapping waits for one; else a value."""
        parent = self.open[-1] if self.open else None
        if not parent or not parent.wants_key:
            self.place(value, mark)
            return
        parent.key = text
        if text not in parent.value:
            self.source.keys[(*parent.path, text)] = self.where(mark)
        else:
            first = self.source.where((*parent.path, text)).line
            self.problem(
                "duplicate-key", f"'{text}' stands here a second time (first in line {first})", mark, "Keep one."
            )
            parent.drop = True

    def place(self, value: Any, mark: Any) -> tuple[str | int, ...] | None:
        """Put a value where it belongs and give its path; None where it is dropped."""
        path: tuple[str | int, ...] = ()
        if not self.open:
            self.source.tree = value
        else:
            parent = self.open[-1]
            if isinstance(parent.value, list):
                path = (*parent.path, len(parent.value))
                parent.value.append(value)
            else:
                key, drop = parent.key or "", parent.drop
                parent.key, parent.drop = None, False
                if drop:
                    return None
                path = (*parent.path, key)
                parent.value[key] = value
        self.source.places[path] = self.where(mark)
        return path

    def refuse_tag(self, event: Any, mark: Any) -> None:
        if event.tag and event.tag != "!":
            self.problem("tag", f"tags such as {event.tag} are not used here", mark, "Remove the tag.")

    def no_character(self, mark: Any) -> None:
        self.problem("yaml", "this is not YAML: a \\u escape names no character", mark, "Type the character itself.")

    def problem(self, code: str, message: str, mark: Any, remedy: str) -> None:
        self.source.problems.append(Problem(code, message, self.where(mark), remedy))

    def where(self, mark: Any) -> Where:
        return Where(self.source.file, mark.line + 1, mark.column + 1)


def _scalar(text: str) -> Any:
    """A plain scalar: a word of the YAML 1.2 core schema, a number in plain figures (see text/typed.py), or text.

    What YAML would read as a number too, as `0x1c`, `1e3` and `.5`, stays text, which no field of a number takes.
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _MAX_FIGURES:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return Decimal(text)
    return text


_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)  # only its parser is used: no value is ever constructed
