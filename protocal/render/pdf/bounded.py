"""Pages as HTML -> one PDF, as `press` makes it: within a bound of time where the pages are a site's own."""

from __future__ import annotations

from collections.abc import Iterable

from protocal.model.problems import Problem, ProtocalError, Where
from protocal.model.settings import Settings
from protocal.render.pdf import weasyprint_pdf as pressing
from protocal.render.pdf.limits import TooLongError, silence
from protocal.render.pdf.weasyprint_pdf import Tick, no_tick

_SECONDS = 60.0  # for one sheet; ours take one


def press(sheets: Iterable[str], style: str, page: str, settings: Settings, tick: Tick = no_tick) -> bytes:
    """The PDF of sheets. Raises ProtocalError where the site's templates make some that are never laid out."""
    if not settings.templates:
        return pressing.press(sheets, style, page, settings, tick)
    pressing.import_weasyprint()  # which takes what it takes, and may not be interrupted
    try:
        with silence(_SECONDS) as start:

            def done() -> None:
                start()
                tick()

            return pressing.press(sheets, style, page, settings, done)
    except TooLongError:
        names = ", ".join(template.name for template in settings.templates)
        raise ProtocalError(
            [
                Problem(
                    "template",
                    f"a sheet is not laid out after {_SECONDS:.0f} seconds, as if it had no end; it is made by {names}",
                    Where(settings.templates[0].file),
                    "Mend these files of the site's templates, or take them away: then protocal's own are used.",
                )
            ]
        ) from None
