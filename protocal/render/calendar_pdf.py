"""A family's calendar in, a PDF out: by the means of `pdf.py`, with a style sheet and pages of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from protocal import resources
from protocal.render import pdf
from protocal.render.calendar import FamilyCalendar, legend_columns
from protocal.render.family_words import FamilyWords
from protocal.render.messages import messages
from protocal.words.paper import Paper
from protocal.words.protocol import Evidence
from protocal.words.settings import Settings

_MONTH = {
    Paper.LETTER: "size: letter landscape; margin: 106pt 30pt 27pt 30pt",
    Paper.A4: "size: A4 landscape; margin: 106pt 30pt 27pt 30pt",
}
_POCKET = {
    Paper.LETTER: "size: 5.5in 8.5in; margin: 128pt 22pt 26pt 22pt",
    Paper.A4: "size: A5; margin: 128pt 22pt 26pt 22pt",
}
_LOGO = "protocal:logo"


def calendar_pdf(calendar: FamilyCalendar, settings: Settings, made: datetime) -> bytes:
    """The PDF of a family's pages; `made` stands in its metadata, and no name does. Same values, same bytes.

    Raises LackingError where WeasyPrint or a library of the system is missing.
    """
    weasyprint = pdf.import_weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    with pdf._no_collection():
        fonts, fetcher = FontConfiguration(), _fetcher(settings.logo)
        page = (_POCKET if calendar.pocket else _MONTH)[settings.paper]
        sheet = (resources.folder("templates") / "calendar.css").read_text(encoding="utf-8")
        style = f"{_font_faces()}@page {{ {page} }}\n{sheet}"
        styles = [weasyprint.CSS(string=style, font_config=fonts, url_fetcher=fetcher, base_url=pdf._SCHEME)]
        documents = [
            weasyprint.HTML(string=html, base_url=pdf._SCHEME, url_fetcher=fetcher).render(
                font_config=fonts, stylesheets=styles
            )
            for html in calendar_html(calendar, settings, made)
        ]
        joined = documents[0].copy([page for document in documents for page in document.pages])
        data: bytes = joined.write_pdf(pdf_identifier=pdf.PRODUCER.encode())
    return data


def calendar_html(calendar: FamilyCalendar, settings: Settings, made: datetime) -> Iterator[str]:
    """Each page as an HTML document of its own."""
    template = pdf._environment(settings.language).get_template("calendar.html.j2")
    for page in calendar.pages:
        html: str = template.render(
            head=calendar.head,
            page=page,
            pocket=calendar.pocket,
            columns=legend_columns(len(page.legend)),
            mark=Evidence.UNVERIFIED.mark,
            logo=_LOGO if settings.logo else "",
            words=FamilyWords(messages(settings.language)),
            language=settings.language,
            producer=pdf.PRODUCER,
            made=made.isoformat(),
        )
        yield html


def _fetcher(logo: bytes) -> Any:
    """What reaches our fonts and the site's picture, and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    ours = pdf._fetcher()

    class WithLogo(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
        def fetch(self, url: str, headers: object = None) -> Any:
            if url == _LOGO and logo:
                kind = "image/png" if logo.startswith(b"\x89PNG") else "image/jpeg"
                return URLFetcherResponse(url, logo, {"Content-Type": kind})
            return ours.fetch(url, headers)

    return WithLogo()


def _font_faces() -> str:
    return "".join(
        f"@font-face {{ font-family: Sheet; font-weight: {weight}; src: url({pdf._SCHEME}{name}) }}\n"
        for name, weight in pdf._FONT_FACES.items()
    )
