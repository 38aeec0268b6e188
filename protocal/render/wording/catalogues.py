"""Message catalogues: a language -> what translates the words of paper, screens and feeds."""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations, translation

from protocal import resources
from protocal.model.problems import LackingError

_DOMAIN = "protocal"


@lru_cache
def messages(language: str) -> NullTranslations:
    """The catalogue of a language such as `en` or `es-MX`; where there is none, the words as they stand in the code.

    `es-MX` has what `es` has, and its own words on top. Raises LackingError in a checkout that was never installed,
    whose catalogues are not compiled: a family must not get English for Spanish.
    """
    folder, names = resources.folder("templates") / "locale", (language.replace("-", "_"), language.partition("-")[0])
    for name in names:
        source = folder / name / "LC_MESSAGES" / f"{_DOMAIN}.po"
        if source.is_file() and not source.with_suffix(".mo").is_file():
            raise LackingError(f"the catalogue of {language} is not compiled: {source}\n  pip install -e .")
    return translation(_DOMAIN, folder, names, fallback=True)


def languages() -> tuple[str, ...]:
    """The languages that there are: that of the words in the code, and those that have a catalogue."""
    folder = resources.folder("templates") / "locale"
    return ("en", *sorted(each.name for each in folder.iterdir() if (each / "LC_MESSAGES").is_dir()))
