"""A definition's lines -> the PDF on which people hold them against their source, with room for what they find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import groupby

from protocal.model.paper_size import Paper
from protocal.model.protocol import Protocol
from protocal.model.review import DefinitionLine
from protocal.model.settings import Settings
from protocal.render.pdf.bounded import press
from protocal.render.pdf.templates import html
from protocal.render.pdf.weasyprint_pdf import PRODUCER
from protocal.render.roadmap import evidence_legend
from protocal.render.wording.catalogues import messages
from protocal.render.wording.paper import paper_words
from protocal.review.lines import place_of

_PAPER = {
    Paper.LETTER: "size: letter landscape; margin: 30pt 30pt 34pt 30pt",
    Paper.A4: "size: A4 landscape; margin: 30pt 30pt 34pt 30pt",
}


def review_pdf(
    protocol: Protocol, lines: Sequence[DefinitionLine], settings: Settings, made: datetime | None = None
) -> bytes:
    """The PDF of a choice of lines; `made` stands in its metadata. Raises LackingError where WeasyPrint is missing."""
    groups = [(title, list(each)) for title, each in groupby(lines, lambda line: line.group)]
    page = html(
        "review.html.j2",
        settings,
        protocol=protocol,
        groups=groups,
        people=settings.signatures,
        place_of=partial(place_of, protocol),
        together=_together,
        words=paper_words(messages(settings.language)),
        producer=PRODUCER,
        made=made.isoformat() if made else "",
        legend=evidence_legend(settings, signed=protocol.has_verified_lines),
    )
    return press([page], "review.css", _PAPER[settings.paper], settings)


def _together(text: str) -> str:
    """No row of a cell ends between a figure and its unit."""
    return re.sub(r"(?<=[0-9]) (?=[A-Za-z%])", "\N{NO-BREAK SPACE}", text)
