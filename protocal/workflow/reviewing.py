"""A definition's lines -> the PDF on which they are reviewed, read back; and signatures -> the file with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from protocal import resources
from protocal.model.problems import UsageError, has_errors
from protocal.model.protocol import Protocol
from protocal.model.review import DefinitionLine, Signature
from protocal.model.settings import Settings
from protocal.publish.signature_files import write_signatures
from protocal.read.definition.signatures import SIGNATURES_FILE, signatures_in, signatures_text


def review_bytes(
    protocol: Protocol, lines: Sequence[DefinitionLine], settings: Settings = Settings(), made: datetime | None = None
) -> bytes:
    """The lines as a PDF with room for what a reviewer finds; `made` stands in its metadata.

    Raises ProtocalError for a page that does not say all of them, and LackingError.
    """
    from protocal.render.pdf.review_pdf import review_pdf
    from protocal.verify.pdf_words import stop_at
    from protocal.verify.review import review_problems

    data = review_pdf(protocol, lines, settings, made)
    stop_at(review_problems(data, lines), settings)
    return data


def add_signatures(
    protocol: Protocol, folder: Path, shelves: Sequence[Path], lines: Sequence[DefinitionLine], signature: Signature
) -> Path:
    """Write somebody's signature over lines of a definition to its file of signatures, which is returned.

    That is beside the definition, or, for one that comes with protocal, on the first shelf. Nothing is written where
    that file has mistakes, or where there is no such shelf: UsageError.
    """
    file = _file(protocol, folder, shelves)
    data = file.read_bytes() if file.exists() else b""
    signatures, problems = signatures_in(data, file) if data else ((), [])
    if has_errors(problems):
        raise UsageError.at_options(problems)
    meant = (*signatures, *(replace(signature, line=line.id, meaning=line.meaning) for line in lines))
    after = signatures_text(meant).encode()
    found, problems = signatures_in(after, file)
    if found != meant:
        raise UsageError.at_options(problems)
    write_signatures(file, data, after)
    return file


def _file(protocol: Protocol, folder: Path, shelves: Sequence[Path]) -> Path:
    if resources.folder("schedules").resolve() not in folder.resolve().parents:
        return folder / SIGNATURES_FILE
    if not shelves:
        raise UsageError(
            f"{protocol.id} {protocol.version} comes with protocal, where nothing can be signed",
            "Name the site's own shelf: --schedules FOLDER. The signatures then stand there.",
        )
    return shelves[0] / protocol.id / protocol.version / SIGNATURES_FILE
