"""Jinja2 templates and style sheets: a name and the site's settings in; the page's text out.

The only place that knows Jinja2, which is imported when used. A site's own template takes the place of ours of the same
name. All are sandboxed: a template sees the values it is given and other templates, and can neither read nor run more.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from protocal import resources
from protocal.render.messages import messages
from protocal.words.problems import Problem, ProtocalError, Where
from protocal.words.settings import Settings, SiteTemplate

_LINE_ENDS = re.compile(r">\s*\n\s*<")  # of the templates' layout: as text between tags they would cost time
_REMEDY = "Mend this file of the site's templates, or take it away: then protocal's own is used."


def html(name: str, settings: Settings, **values: object) -> str:
    """A template filled with values. Raises ProtocalError for a mistake in a template of the site's."""
    environment = _environment(settings.language, settings.templates)
    try:
        text: str = environment.get_template(name).render(language=settings.language, **values)
    except Exception as error:
        problem = _mistake(error, settings.templates)
        if problem is None:
            raise
        raise ProtocalError([problem]) from error
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


def _mistake(error: Exception, own: tuple[SiteTemplate, ...]) -> Problem | None:
    """What is wrong with a template of the site's, and on which line; None if the mistake is not in one."""
    from jinja2 import TemplateNotFound, TemplateSyntaxError

    files = {template.file for template in own}
    if isinstance(error, TemplateSyntaxError):
        places: list[tuple[str | None, int | None]] = [(error.filename, error.lineno)]
    else:
        places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    for file, line in reversed(places):
        if file in files:
            said = f"there is no template '{error}'" if isinstance(error, TemplateNotFound) else str(error)
            return Problem("template", said, Where(str(file), line or 0, 1), _REMEDY)
    return None
