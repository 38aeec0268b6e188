"""The files of signatures of a definition -> who verified which of its lines, and what is wrong with them.

They stand in `signatures.yaml` beside the definition, or on a shelf of the site under the protocol's id and version: a
signature is bound to what a line said, so it is no part of the definition and of its digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import StringConstraints

from protocal.model.problems import Problem, Severity
from protocal.model.protocol import Protocol
from protocal.model.review import Signature
from protocal.read.definition.fields import Format
from protocal.read.definition.shapes import Shape
from protocal.read.fields import made_of
from protocal.read.record.fields import Day, Line
from protocal.read.shape_errors import check_shape
from protocal.read.yaml_tree import Source, parse_data, read_tree
from protocal.text.format import paper_date
from protocal.text.suggest import did_you_mean

SIGNATURES_FILE = "signatures.yaml"
_LINE = r"[A-Za-z0-9][A-Za-z0-9 ./-]*"


class SignatureShape(Shape):
    """That somebody held a line against a document, and it agreed."""

    line: Annotated[str, made_of(_LINE, 160, "the id of a line as `protocal review` has it")]
    meaning: Annotated[str, made_of("[0-9a-f]{16}", 16, "the 16 letters and figures that `protocal sign` writes")]
    by: Annotated[Line, StringConstraints(min_length=1)]
    role: Annotated[Line, StringConstraints(min_length=1)]
    against: Annotated[Line, StringConstraints(min_length=1)]
    date: Day


class SignaturesShape(Shape):
    """A file of signatures."""

    format: Format
    signatures: list[SignatureShape]


def read_signatures(file: Path) -> tuple[tuple[Signature, ...], list[Problem]]:
    """The signatures in a file, none where there is no such file, and all that is wrong with its text and shape."""
    return _checked(read_tree(file)) if file.exists() else ((), [])


def signatures_in(data: bytes, file: Path) -> tuple[tuple[Signature, ...], list[Problem]]:
    """The same of the bytes that a file has, or is to have."""
    return _checked(parse_data(data, Source(str(file))))


def _checked(source: Source) -> tuple[tuple[Signature, ...], list[Problem]]:
    shape = check_shape(SignaturesShape, source) if source.tree is not None else None
    return tuple(_signatures(shape, source)) if shape else (), source.problems


def _signatures(shape: SignaturesShape, source: Source) -> Iterator[Signature]:
    for index, each in enumerate(shape.signatures):
        where = source.where(("signatures", index))
        yield Signature(each.line, each.meaning, each.by, each.role, each.against, each.date, where)


def signatures_text(signatures: Sequence[Signature]) -> str:
    """The text of a file that reads as these signatures."""
    head = "# Who has held which line of the definition against its source and found that it agrees: `protocal sign`.\n"
    entries = [
        {
            "line": each.line,
            "meaning": each.meaning,
            "by": each.by,
            "role": each.role,
            "against": each.against,
            "date": each.on.isoformat(),
        }
        for each in signatures
    ]
    data = {"format": 1, "signatures": entries}
    return head + str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10_000))


def signature_files(folder: Path, protocol: str, version: str, shelves: Sequence[Path]) -> tuple[Path, ...]:
    """Where signatures of a definition may stand: in its own folder, and in the same place on each shelf."""
    folders = dict.fromkeys([folder, *(shelf / protocol / version for shelf in shelves)])
    return tuple(each / SIGNATURES_FILE for each in folders)


def check_signatures(protocol: Protocol, today: date) -> Iterator[Problem]:
    """What is wrong with signatures and their files: lines that are gone or changed, a person twice, a date to come."""
    yield from protocol.unsound
    meanings, seen = protocol.meanings, set[tuple[str, str, str]]()
    for each in protocol.signatures:
        key = (each.line, each.meaning, each.person)
        if each.line not in meanings:
            message = f"{each.by} signed '{each.line}', and there is no such line any more"
            remedy = did_you_mean(each.line, meanings) + " Nothing else is verified by it."
            yield Problem("signature-gone", message, each.where, remedy, Severity.WARNING)
        elif each.meaning != meanings[each.line]:
            message = f"'{each.line}' has changed since {each.by} signed it on {paper_date(each.on)}"
            yield Problem(
                "signature-void", message, each.where, "Look at the line again: `protocal sign`.", Severity.WARNING
            )
        elif key in seen:
            message = f"{each.by} signed '{each.line}' twice, which counts once"
            yield Problem("signed-twice", message, each.where, "Another person must sign the line.")
        if each.on > today:
            message = f"the signature of {each.by} is of {paper_date(each.on)}, which is still to come"
            yield Problem("signature-date", message, each.where, "Correct the date.")
        seen.add(key)
