"""A family's calendar -> a PDF: its values put into templates and pressed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from protocal.model.evidence import Evidence
from protocal.model.paper_size import Paper
from protocal.model.settings import Settings
from protocal.render.family.values import FamilyCalendar
from protocal.render.pdf.bounded import press
from protocal.render.pdf.templates import html
from protocal.render.pdf.weasyprint_pdf import LOGO, PRODUCER, Tick, no_tick
from protocal.render.qr import qr_drawing
from protocal.render.wording.catalogues import messages
from protocal.render.wording.family import FamilyWords

_MONTH = {
    Paper.LETTER: "size: letter landscape; margin: 98pt 24pt 26pt 24pt",
    Paper.A4: "size: A4 landscape; margin: 98pt 24pt 26pt 24pt",
}
# The head of a pocket page is as tall as it has to be: the page itself says how tall.
_POCKET = {
    Paper.LETTER: "size: 5.5in 8.5in; margin: 0 22pt 28pt 22pt",
    Paper.A4: "size: A5; margin: 0 22pt 28pt 22pt",
}


def calendar_pdf(
    calendar: FamilyCalendar, settings: Settings, made: datetime, *, named: bool = False, tick: Tick = no_tick
) -> bytes:
    """The PDF of a family's pages; `made` stands in its metadata, and the patient's name only if `named`.

    Raises LackingError where WeasyPrint or a library of the system is missing.
    """
    page = (_POCKET if calendar.pocket else _MONTH)[settings.paper]
    return press(calendar_html(calendar, settings, made, named=named), "calendar.css", page, settings, tick)


def calendar_html(
    calendar: FamilyCalendar, settings: Settings, made: datetime, *, named: bool = False
) -> Iterator[str]:
    """Each page as an HTML document of its own."""
    code = qr_drawing(calendar.address) if calendar.address and calendar.drugs else None
    for page in calendar.sheets:
        yield html(
            "calendar.html.j2",
            settings,
            head=calendar.head,
            page=page,
            pocket=calendar.pocket,
            mark=Evidence.UNVERIFIED.mark,
            logo=LOGO if settings.logo else "",
            words=FamilyWords(messages(settings.language)),
            named=named,
            address=calendar.address,
            code=code,
            producer=PRODUCER,
            made=made.isoformat(),
        )
