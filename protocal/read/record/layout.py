"""A record's text and the tree it is to have, with more entries and all of them sealed -> its new text.

Two ways, both with every comment kept: in place, which leaves all that is sealed as it stands and what was written by
hand in its own layout; and written anew, for a log in brackets, which cannot grow line by line. Whether the result
reads as it was meant is for who writes it to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

import yaml

from protocal.read.record.seals import BREAK, PROMISE, is_promised, last_line, last_lines
from protocal.read.record.text import LOG_COLUMN, log_text, value_text

Tree = Mapping[str, Any]
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # only for its nodes: no value is ever constructed
_COMMENT = re.compile("(?<![^\\s])#[^\r\n\x85\u2028\u2029]*")
_DOCUMENT_END = re.compile("(?<=[\r\n\x85])\\.\\.\\.(?=[ \t\r\n\x85]|\\Z)")
_OPENS_ONLY = re.compile(r"[\s\-?\[{]*")  # before a comment: nothing yet that it could be about


class _Edit(NamedTuple):
    """New text in the place of what stands from one character to another."""

    start: int
    end: int
    text: str


class _Part(NamedTuple):
    """A line that is written anew, and where in the old text stood what it says."""

    at: int
    text: str


def grown_texts(text: str, tree: Tree, first: int) -> Iterator[str]:
    """The new text of a record by each way that there is for its layout, the least change first.

    Entries before the first are sealed in the text already; the tree has all of them, and those to be added.
    """
    if not text.endswith(("\r", "\n")):
        text += _line_end(text)
    root: Any = yaml.compose(text, Loader=_LOADER)
    scalars = [_inside(text, each) for each in _scalars(root)]
    log = root.value[-1][1]
    if not root.flow_style and not log.flow_style:
        yield _in_place(text, tree, first, root, scalars)
    yield _anew(text, tree, root, scalars)


def _in_place(text: str, tree: Tree, first: int, root: Any, scalars: list[tuple[int, int]]) -> str:
    log = root.value[-1][1]
    entries = tree["log"]
    end = _DOCUMENT_END.search(text, _end(root))
    at = end.start() if end else len(text)
    edits = [] if is_promised(text, scalars) else [_Edit(0, 0, f"{PROMISE}\n")]
    edits += [_Edit(each.start(), each.end(), "") for each in last_lines(text, scalars)]
    edits += [_seal_in_place(text, *each) for each in zip(log.value[first:], entries[first:], strict=False)]
    added = log_text(entries[len(log.value) :], log.start_mark.column)
    edits.append(_Edit(at, at, f"{added}{last_line(tree)}\n"))
    result, done = "", 0
    for each in sorted(edits):
        result += text[done : each.start] + each.text.replace("\n", _line_end(text))
        done = each.end
    return result + text[done:]


def _seal_in_place(text: str, node: Any, entry: Tree) -> _Edit:
    """What makes a sealed entry of one that was written by hand: what it has not got yet, behind what it has."""
    written = {key.value for key, _value in node.value}
    more = [f"{key}: {value_text(value)}" for key, value in entry.items() if key not in written]
    end = _end(node.value[-1][1])
    if node.flow_style:
        return _Edit(end, end, "".join(f", {each}" for each in more))
    at = _after_line(text, end)
    return _Edit(at, at, "".join(f"{' ' * node.start_mark.column}{each}\n" for each in more))


def _anew(text: str, tree: Tree, root: Any, scalars: list[tuple[int, int]]) -> str:
    old = [each.span() for each in last_lines(text, scalars)]
    comments = [each for each in _comments(text, scalars) if not any(start <= each.start() < end for start, end in old)]
    lines = _with_comments(text, list(_parts(text, tree, root)), comments)
    if not is_promised(text, scalars):
        lines.insert(0, PROMISE)
    return "".join(f"{line}{_line_end(text)}" for line in [*lines, last_line(tree)])


def _parts(text: str, tree: Tree, root: Any) -> Iterator[_Part]:
    """The lines of a record, each with the place of its key; what is new stands behind what it belongs to."""
    *header, (log_key, log) = root.value
    for key, _value in header:
        yield _Part(key.start_mark.index, f"{key.value}: {value_text(tree[key.value])}")
    yield _Part(log_key.start_mark.index, "log:")
    for node, entry in zip_longest(log.value, tree["log"]):
        places = {key.value: key.start_mark.index for key, _value in node.value} if node else {}
        behind = _after_line(text, _end(node)) if node else len(text)
        keys = sorted(entry, key=lambda key: places.get(key, len(text)))
        for key, line in zip(
            keys, log_text([{key: entry[key] for key in keys}]).removesuffix("\n").split("\n"), strict=True
        ):
            yield _Part(places.get(key, behind), line)


def _with_comments(text: str, parts: list[_Part], comments: list[re.Match[str]]) -> list[str]:
    """Lines with the comments that stood before and behind them."""
    lines: list[str] = []
    done = 0
    for part in [*parts, _Part(len(text), "")]:
        while done < len(comments) and comments[done].start() < part.at:
            _put(text, lines, comments[done])
            done += 1
        if part.text:
            lines.append(part.text)
    return lines


def _put(text: str, lines: list[str], comment: re.Match[str]) -> None:
    """Add a comment behind the last line, if it stood behind something, else on a line of its own."""
    before = re.split(BREAK, text[: comment.start()])[-1]
    if lines and not _OPENS_ONLY.fullmatch(before):
        lines[-1] += f"  {comment[0]}"
    else:
        in_log = any(line.startswith("log:") for line in lines)
        lines.append(f"{' ' * LOG_COLUMN * in_log}{comment[0]}")


def _comments(text: str, scalars: list[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Every comment: what follows a # that is in no value."""
    done = 0
    for start, end in [*scalars, (len(text), len(text))]:
        yield from _COMMENT.finditer(text, done, start)
        done = max(done, end)


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
        return
    for each in node.value:
        for inner in each if isinstance(each, tuple) else (each,):
            yield from _scalars(inner)


def _inside(text: str, scalar: Any) -> tuple[int, int]:
    """From and to which character a value stands; behind the sign of a block there may be a comment."""
    start = scalar.start_mark.index
    return _after_line(text, start) if scalar.style in ("|", ">") else start, scalar.end_mark.index


def _end(node: Any) -> int:
    """Where what a node says ends: a block's own end is where the next thing begins."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _after_line(text: str, at: int) -> int:
    """Where the line ends in which a character stands, or which ends before it."""
    if at and re.fullmatch(BREAK, text[at - 1]):
        return at
    found = re.compile(BREAK).search(text, at)
    return found.end() if found else len(text)


def _line_end(text: str) -> str:
    """How a file ends its lines."""
    found = re.search("\r\n|\r|\n", text)
    return found[0] if found else "\n"
