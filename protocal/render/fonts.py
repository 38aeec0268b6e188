"""The font that pages are set in: nothing in; its files and the CSS that names them out.

It comes as a package, so that pages look the same on every machine.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from protocal.words.problems import LackingError

SCHEME = "protocal:"  # of the addresses at which the renderer finds what it may have
_FACES = (  # the marks of evidence are in no cut of Plex
    ("Sheet", 400, "fontpkg_ibm_plex_sans_condensed", "IBMPlexSansCondensed-Regular.ttf", ""),
    ("Sheet", 600, "fontpkg_ibm_plex_sans_condensed", "IBMPlexSansCondensed-SemiBold.ttf", ""),
    ("Sheet", 700, "fontpkg_ibm_plex_sans_condensed", "IBMPlexSansCondensed-Bold.ttf", ""),
    ("Marks", 400, "font_source_sans_pro", "SourceSansPro-Regular.ttf", "unicode-range: U+25A0-25CA"),
    ("Marks", 700, "font_source_sans_pro", "SourceSansPro-Bold.ttf", "unicode-range: U+25A0-25CA"),
)
_PIP = {
    "fontpkg_ibm_plex_sans_condensed": ("IBM Plex Sans Condensed", "fontpkg-ibm-plex-sans-condensed"),
    "font_source_sans_pro": ("Source Sans Pro", "font-source-sans-pro"),
}


def font_files() -> dict[str, Path]:
    """The files by name. Raises LackingError where their package is not installed."""
    return {name: _folder(package) / name for _family, _weight, package, name, _range in _FACES}


def font_faces() -> str:
    """The CSS rules by which a style sheet knows the font as `Sheet`."""
    return "".join(
        f"@font-face {{ font-family: {family}; font-weight: {weight}; src: url({SCHEME}{name}); {only} }}\n"
        for family, weight, _package, name, only in _FACES
    )


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        name, distribution = _PIP[package]
        raise LackingError(f"the font {name} is not installed\n  pip install {distribution}")
    return Path(spec.submodule_search_locations[0]) / "files"
