"""The font that pages are set in: nothing -> its files and the CSS that names them.

The files travel with the templates, as their makers made them, so that pages look the same on every machine.
"""

from __future__ import annotations

from pathlib import Path

from protocal import resources
from protocal.model.problems import LackingError

SCHEME = "protocal:"  # of the addresses at which the renderer finds what it may have
_FACES = (  # the marks of evidence are in no cut of Plex
    ("Sheet", 400, "IBMPlexSansCondensed-Regular.ttf", ""),
    ("Sheet", 600, "IBMPlexSansCondensed-SemiBold.ttf", ""),
    ("Sheet", 700, "IBMPlexSansCondensed-Bold.ttf", ""),
    ("Marks", 400, "SourceSansPro-Regular.ttf", "unicode-range: U+25A0-25CA"),
    ("Marks", 700, "SourceSansPro-Bold.ttf", "unicode-range: U+25A0-25CA"),
)


def font_files() -> dict[str, Path]:
    """The files by name. Raises LackingError where one is not there."""
    folder = resources.folder("templates") / "fonts"
    files = {name: folder / name for _family, _weight, name, _range in _FACES}
    for file in files.values():
        if not file.is_file():
            raise LackingError(f"a font of the sheets is missing: {file}\n  Install protocal again.")
    return files


def font_file(weight: int) -> Path:
    """The file of the sheets' font in a weight."""
    files = font_files()
    return next(files[name] for family, cut, name, _range in _FACES if (family, cut) == ("Sheet", weight))


def font_faces() -> str:
    """The CSS rules by which a style sheet knows the font as `Sheet`."""
    return "".join(
        f"@font-face {{ font-family: {family}; font-weight: {weight}; src: url({SCHEME}{name}); {only} }}\n"
        for family, weight, name, only in _FACES
    )
