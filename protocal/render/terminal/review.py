"""A definition's lines -> text: each with its place, all that it says, how well it is known, and who has signed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from protocal.model.protocol import Protocol
from protocal.model.review import DefinitionLine, Signature
from protocal.render.terminal.page import heading, legend, pairs, printed, unverified
from protocal.review.compare import LEFT_OUT, LineChange
from protocal.review.lines import place_of
from protocal.text.format import paper_date


def review_text(protocol: Protocol, lines: Sequence[DefinitionLine], people: int, width: int) -> str:
    """The lines that were chosen; `people` is how many must sign one before it is verified."""
    parts: list[RenderableType] = [Text(f"{protocol.title}: definition {protocol.id}, version {protocol.version}")]
    parts += [] if protocol.verified else [unverified()]
    for group, of_group in groupby(lines, lambda each: each.group):
        parts += heading(group)
        for each in of_group:
            parts += _line(protocol, each, people)
    return printed([*parts, *legend(protocol)], width)


def line_text(protocol: Protocol, line: DefinitionLine, people: int, width: int) -> str:
    """One line, as it is asked about before it is signed."""
    return printed([Text(line.group), *_line(protocol, line, people)], width)


def _line(protocol: Protocol, each: DefinitionLine, people: int) -> Iterator[RenderableType]:
    left = people - len(each.signatures)
    yield ""
    yield Text(f"{each.id}  ({place_of(protocol, each)})")
    yield pairs(
        (
            *([("what", each.title)] if each.title != each.id.rpartition("/")[2] else []),
            *each.says,
            *(("comment", comment) for comment in each.comments),
            *_known(protocol, each),
            *(("open", question) for question in each.backing.questions),
            *(("signed by", signed_by(sign)) for sign in each.signatures),
            ("verified", "yes" if left <= 0 else f"no, {left} more {'person' if left == 1 else 'people'} must sign"),
        )
    )


def compare_text(before: Protocol, after: Protocol, changes: Sequence[LineChange], width: int) -> str:
    """What differs between two versions, line by line, what was beside what is."""
    parts: list[RenderableType] = [
        Text(f"{before.id} {before.version} -> {after.id} {after.version}"),
        Text(f"{len(changes)} line{'s'[: len(changes) != 1]} differ{'s'[: len(changes) == 1]}"),
    ]
    for each in changes:
        place = place_of(before if each.kind == LEFT_OUT else after, each.line)
        parts += ["", Text(f"{each.line.id}: {each.kind}  ({place})")]
        parts.append(pairs((name, _as_it_was_and_is(was, now)) for name, was, now in each.changes))
    return printed(parts, width)


def _as_it_was_and_is(was: str, now: str) -> str:
    return f"{was} -> {now or 'nothing'}" if was else now


def signed_by(signature: Signature) -> str:
    """`A. Reader, pharmacist, on Thu 26-Nov-2026: version 5, page 61`."""
    return f"{signature.by}, {signature.role}, on {paper_date(signature.on)}: {signature.against}"


def _known(protocol: Protocol, each: DefinitionLine) -> Iterator[tuple[str, str]]:
    parts = each.backing.parts
    if parts:
        several = len({level for _part, level in parts}) > 1
        levels = (f"{part} {level.mark} {level.value}" for part, level in parts)
        yield "evidence", ", ".join(levels) if several else f"{parts[0][1].mark} {parts[0][1].value}"
    for source in each.backing.sources:
        yield "source", protocol.sources.get(source, source)
