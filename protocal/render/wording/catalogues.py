"""Message catalogues: a language -> what translates the words of paper, screens and feeds."""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations

from protocal import resources
from protocal.render.wording.po_file import translations_of


@lru_cache
def messages(language: str) -> NullTranslations:
    """The catalogue of a language such as `en` or `es-MX`; where there is none, the words as they stand in the code.

    `es-MX` has what `es` has, and its own words on top. Catalogues are read as translators write them.
    """
    found: NullTranslations | None = None
    for name in dict.fromkeys((language, language.partition("-")[0])):
        file = resources.folder("templates") / "locale" / name.replace("-", "_") / "LC_MESSAGES" / "protocal.po"
        if file.is_file():
            catalogue = translations_of(file.read_text(encoding="utf-8"))
            if found:
                found.add_fallback(catalogue)
            found = found or catalogue
    return found or NullTranslations()
