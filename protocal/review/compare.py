"""Two versions of a definition -> what differs between their lines in meaning and in evidence, not in text."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.frozen import frozen
from protocal.model.protocol import Protocol
from protocal.model.review import DefinitionLine
from protocal.review.lines import BY_TABLE, lines_of


@frozen
class LineChange:
    """A line that only one of two versions has, or that says other things in them.

    Attributes:
        line: as the later version has it; as the earlier one has it, where it was left out.
        changes: each part of the line that differs, as it was and as it is; nothing (``""``) where it was not said.
    """

    line: DefinitionLine
    kind: str
    changes: tuple[tuple[str, str, str], ...]


ADDED, LEFT_OUT, CHANGED = "added", "left out", "changed"


def compare(before: Protocol, after: Protocol) -> tuple[LineChange, ...]:
    """What differs, in the order of the later version's lines; then what it has left out.

    The rows of a table are told for the table, and what is so of a drug for the drug, not again for each of its orders.
    """
    old, new = ({line.id: line for line in lines_of(each)} for each in (before, after))
    found = [LineChange(line, ADDED, tuple(_differs(None, line))) for id_, line in new.items() if id_ not in old]
    changed = ((line, tuple(_differs(old[id_], line))) for id_, line in new.items() if id_ in old)
    found += [LineChange(line, CHANGED, changes) for line, changes in changed if changes]
    places = {id_: number for number, id_ in enumerate(new)}
    found.sort(key=lambda each: places[each.line.id])
    gone = (LineChange(line, LEFT_OUT, tuple(_differs(line, None))) for id_, line in old.items() if id_ not in new)
    return (*found, *gone)


def _differs(before: DefinitionLine | None, after: DefinitionLine | None) -> Iterator[tuple[str, str, str]]:
    old, new = (dict(_parts(line)) if line else {} for line in (before, after))
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            yield name, was, now
    yield from _questions(before, after)


def _questions(before: DefinitionLine | None, after: DefinitionLine | None) -> Iterator[tuple[str, str, str]]:
    """What is open no longer, and what is open now, each question by itself."""
    old, new = (line.backing.questions if line else () for line in (before, after))
    yield from (("open", each, "") for each in old if each not in new)
    yield from (("open", "", each) for each in new if each not in old)


def _parts(line: DefinitionLine) -> Iterator[tuple[str, str]]:
    """What a line says by itself, and how well that is known."""
    yield "of", line.group
    yield from ((name, text) for name, text in line.says if not name.startswith(BY_TABLE))
    yield (
        "evidence",
        ", ".join(level.value if part == "all" else f"{part} {level.value}" for part, level in line.backing.parts),
    )
