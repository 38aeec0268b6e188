"""Message catalogues: a language in; what translates the words of paper, screens and feeds out."""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations, translation

from protocal import resources


@lru_cache
def messages(language: str) -> NullTranslations:
    """The catalogue of a language such as `en` or `es-MX`; where there is none, the words as they stand in the code."""
    return translation(
        "protocal", resources.folder("templates") / "locale", [language.replace("-", "_")], fallback=True
    )
