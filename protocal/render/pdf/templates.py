"""Jinja2 templates and style sheets: a name and the site's settings -> the page's text.

The only place that knows Jinja2, which is imported when used. A site's own template takes the place of ours of the same
name. All are sandboxed: a template sees the values it is given and other templates, and can neither read nor run more.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import FrameType
from typing import Any

from protocal import resources
from protocal.model.problems import Problem, ProtocalError, Where
from protocal.model.settings import Settings, SiteTemplate
from protocal.render.pdf.limits import TooLongError, memory, processor_time
from protocal.render.wording.catalogues import messages
from protocal.text.format import figure

_LINE_ENDS = re.compile(r">\s*\n\s*<")  # of the templates' layout: as text between tags they would cost time
_SECONDS = 3.0  # for one page; ours take a fiftieth
_LONGEST = 5_000_000  # characters of one page; ours have a tenth at most
_REMEDY = "Mend this file of the site's templates, or take it away: then protocal's own is used."


def html(name: str, settings: Settings, **values: object) -> str:
    """A template filled with values. Raises ProtocalError for a mistake in a template of the site's."""
    environment = _environment(settings.language, settings.templates)
    if not settings.templates:
        return _filled(environment, name, settings, values)
    try:
        with memory(), processor_time(_SECONDS):
            text = _filled(environment, name, settings, values)
    except (Exception, TooLongError) as error:
        problem = _mistake(error, settings.templates)
        if problem is None:
            raise
        raise ProtocalError([problem]) from None
    if len(text) > _LONGEST:
        raise ProtocalError([_endless(f"it makes a page of {figure(len(text))} characters", settings.templates, name)])
    return text


def _filled(environment: Any, name: str, settings: Settings, values: Mapping[str, object]) -> str:
    text: str = environment.get_template(name).render(language=settings.language, **values)
    return _LINE_ENDS.sub("><", text)


def style_sheet(name: str, settings: Settings) -> str:
    """A style sheet's text: the site's, or ours."""
    for template in settings.templates:
        if template.name == name:
            return template.text
    return (resources.folder("templates") / name).read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def _environment(language: str, own: tuple[SiteTemplate, ...]) -> Any:
    from jinja2 import ChoiceLoader, FileSystemLoader, FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    sources = {template.name: (template.text, template.file, lambda: True) for template in own}
    ours = FileSystemLoader(resources.folder("templates"))
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FunctionLoader(sources.get), ours]) if own else ours,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    install: Callable[..., None] = environment.install_gettext_translations  # type: ignore[attr-defined] # from the extension
    install(messages(language), newstyle=True)
    return environment


def _mistake(error: BaseException, own: tuple[SiteTemplate, ...]) -> Problem | None:
    """What is wrong with a template of the site's, and on which line; None if the mistake is not in one."""
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    if isinstance(error, TemplateSyntaxError):
        places: list[tuple[str | None, int | None]] = [(error.filename, error.lineno)]
    else:
        places = [_line(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    files = {template.file for template in own}
    found = next(((file, line) for file, line in reversed(places) if file in files), None)
    if isinstance(error, TooLongError):
        return _endless(f"it is not done after {_SECONDS:.0f} seconds of work", own, *(found or ()))
    if isinstance(error, MemoryError):
        return _endless("it asks for more memory than a page may have", own, *(found or ()))
    if found is None:
        return None
    file, line = found
    said = f"there is no template '{error}'" if isinstance(error, TemplateNotFound) else str(error)
    return Problem("template", said, Where(str(file), line or 0, 1), _REMEDY)


def _line(frame: FrameType, line: int) -> tuple[str, int]:
    """The file and line of a frame; of one that Jinja2 made of a template and has not told so yet, the template's."""
    template = frame.f_globals.get("__jinja_template__")
    return frame.f_code.co_filename, template.get_corresponding_lineno(line) if template else line


def _endless(said: str, own: tuple[SiteTemplate, ...], at: str | None = "", line: int | None = 0) -> Problem:
    """A template that has no end: `at` is its file, or its name; where none is known, any of the site's may be it."""
    file = next((each.file for each in own if at in (each.file, each.name)), own[0].file)
    where = Where(file, line, 1) if line else Where(file)
    return Problem("template", f"{said}, as if it had no end", where, _REMEDY)
