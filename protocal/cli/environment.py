"""What the command line may ask of the machine about its libraries, fonts, time zones and folders.

Libraries are looked for one by one, to name what is lacking, and then one page is really pressed and read back: that a
library is there does not say that it works.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from protocal import __version__, resources
from protocal.cli.libraries import declared, reason
from protocal.model.frozen import frozen
from protocal.model.problems import LackingError
from protocal.render.pdf.fonts import font_files

SPARE_FONT = "DejaVu Sans"
_AGAIN = "install protocal again from where it came: python -m pip install --force-reinstall WHEEL-OR-FOLDER"
_USES = {
    "weasyprint": "for PDFs",
    "pypdfium2": "for PDFs: reads each one back before it is written",
    "icalendar": "for feeds",
    "segno": "for QR codes",
    "starlette": "to serve pages and feeds",
    "uvicorn": "to serve pages and feeds",
    "xlsxwriter": "for workbooks",
}


@frozen(kw_only=True)
class Finding:
    """One thing that was looked for.

    Attributes:
        what: in a user's words.
        found: which one or where; empty if it is not there.
        use: what it is good for.
        lack: what is wrong with what was found instead.
        needed: whether work stops without it.
        debian: the package that brings it on Debian and Ubuntu.
        brew: what brings it on macOS, as `brew install` wants it.
        pip: what brings it anywhere, as `pip install` wants it.
        remedy: what to do where no package brings it.
    """

    what: str
    found: str
    use: str = ""
    lack: str = ""
    needed: bool = True
    debian: str = ""
    brew: str = ""
    pip: str = ""
    remedy: str = ""


@frozen
class Library:
    """A native library: the name to find it by, the files it is in on Linux, macOS and Windows, and its package."""

    name: str
    files: tuple[str, str, str]
    use: str
    debian: str
    needed: bool = True


LIBRARIES = (
    Library(
        "gobject-2.0",
        ("libgobject-2.0.so.0", "libgobject-2.0.0.dylib", "libgobject-2.0-0.dll"),
        "for PDFs",
        "libpango-1.0-0",
    ),
    Library(
        "pango-1.0",
        ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll"),
        "for PDFs: lays out text",
        "libpango-1.0-0",
    ),
    Library(
        "pangoft2-1.0",
        ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll"),
        "for PDFs: lays out text",
        "libpangoft2-1.0-0",
    ),
    Library(
        "harfbuzz",
        ("libharfbuzz.so.0", "libharfbuzz.0.dylib", "libharfbuzz-0.dll"),
        "for PDFs: shapes text",
        "libpangoft2-1.0-0",
    ),
    Library(
        "fontconfig",
        ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"),
        "for PDFs: finds fonts",
        "libpangoft2-1.0-0",
    ),
    Library(
        "harfbuzz-subset",
        ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0.dll"),
        "PDFs are written faster with it",
        "libharfbuzz-subset0",
        needed=False,
    ),
)


def load(library: Library) -> ctypes.CDLL | None:
    """A native library by the names that WeasyPrint knows it by, or None if it is not there."""
    names = list(library.files)
    if sys.platform != "linux":  # there, the search would start a compiler
        names.append(ctypes.util.find_library(library.name) or "")
    for name in filter(None, names):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def has_font(family: str) -> bool:
    """Whether fontconfig has a font of a family."""
    fontconfig = next((load(library) for library in LIBRARIES if library.name == "fontconfig"), None)
    if fontconfig is None:
        return False
    for name in ("FcNameParse", "FcFontMatch"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    pattern = ctypes.c_void_p(fontconfig.FcNameParse(re.sub(r"([-:,\\])", r"\\\1", family).encode()))
    fontconfig.FcConfigSubstitute(None, pattern, 0)
    fontconfig.FcDefaultSubstitute(pattern)
    result = ctypes.c_int()
    match = ctypes.c_void_p(fontconfig.FcFontMatch(None, pattern, ctypes.byref(result)))
    fontconfig.FcPatternDestroy(pattern)
    if not match:
        return False
    found, text, index = False, ctypes.c_char_p(), 0
    while fontconfig.FcPatternGetString(match, b"family", index, ctypes.byref(text)) == 0:
        found = found or (text.value or b"").decode(errors="replace").casefold() == family.casefold()
        index += 1
    fontconfig.FcPatternDestroy(match)
    return found


def examine() -> Iterator[Finding]:
    """Everything protocal wants of a machine, and what was found of it."""
    yield Finding(what="protocal", found=__version__)
    yield Finding(what="Python", found=platform.python_version())
    yield from _folders()
    yield _zones()
    yield from _libraries()
    for library in LIBRARIES:
        found = "found" if load(library) else ""
        yield Finding(
            what=library.name,
            found=found,
            use=library.use,
            needed=library.needed,
            debian=library.debian,
            brew="pango",
        )
    yield from _fonts()
    yield _page()


def _folders() -> Iterator[Finding]:
    try:
        from protocal.read.library import protocols_on, shelves
    except ImportError as error:
        yield Finding(what="protocols", found="", lack=reason(error), remedy=_AGAIN)
    else:
        for shelf in shelves():
            names = ", ".join(name for name, _versions in protocols_on(shelf))
            found = f"{names} in {shelf}" if names else ""
            yield Finding(what="protocols", found=found, use="for everything", remedy=_AGAIN)
    templates = resources.folder("templates")
    there = templates.is_dir() and any(templates.iterdir())
    yield Finding(what="templates", found=str(templates) if there else "", use="for PDFs", remedy=_AGAIN)


def _zones() -> Finding:
    try:
        ZoneInfo("America/New_York")
    except (OSError, ZoneInfoNotFoundError):
        found = ""
    else:
        system = next((folder for folder in TZPATH if Path(folder, "America", "New_York").is_file()), "")
        found = system or "the package tzdata"
    return Finding(what="time zones", found=found, use="for hours and feeds", pip="tzdata")


def _libraries() -> Iterator[Finding]:
    try:
        for each in declared():
            use = f"for the extra {each.extra}" if each.extra else "for everything"
            yield Finding(
                what=each.name,
                found=each.found,
                use=_USES.get(each.name, use),
                lack=each.lack,
                needed=not each.extra,
                pip=each.wanted,
            )
    except ImportError as error:
        yield Finding(what="the list of libraries", found="", lack=reason(error), remedy=_AGAIN)


def _page() -> Finding:
    """One small page, pressed and read back: libraries that do not fit each other show it only at work."""
    text = "protocal 0.5 mg"
    lack = ""
    try:
        read = _press_and_read(text)
    except Exception as error:  # noqa: BLE001 - whatever a broken library raises is what is looked for
        read, lack = "", reason(error)
    if not lack and read != text:
        lack = f"'{text}' was printed and '{read}' read back"
    return Finding(
        what="a page, printed", found="" if lack else "and read back", use="for PDFs", lack=lack, remedy=_AGAIN
    )


def _press_and_read(text: str) -> str:
    """What can be read on a page with a text, which a PDF was made of; the imports may be what fails."""
    from protocal.model.settings import Settings
    from protocal.render.pdf.weasyprint_pdf import press
    from protocal.verify.pdf_words import read_pages

    page = f"<html lang='en'><head><title>{text}</title></head><body><p>{text}</p></body></html>"
    pdf = press([page], "sheet.css", "size: 80mm 30mm; margin: 5mm", Settings())
    return " ".join(word.text for page in read_pages(pdf) for word in page.words)


def _fonts() -> Iterator[Finding]:
    try:
        found = ", ".join(font_files())
    except LackingError:
        found = ""
    yield Finding(
        what="font of the sheets",
        found=found,
        use="for PDFs",
        remedy=_AGAIN,
    )
    yield Finding(
        what=f"font {SPARE_FONT}",
        found="found" if has_font(SPARE_FONT) else "",
        use="for signs that the sheets' own lacks",
        needed=False,
        debian="fonts-dejavu-core",
        brew="--cask font-dejavu",
    )
