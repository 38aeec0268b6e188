"""A text -> a QR code of it, for a screen, a file or a page: the only place that knows segno.

Segno is imported when used. A code bears its text and nothing else.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from protocal import __version__
from protocal.model.frozen import frozen

if TYPE_CHECKING:
    from segno import QRCode

_QUIET = 4  # light squares around a code, which readers need


@frozen
class QrDrawing:
    """A code as one path of squares, each a unit wide, with what is light around it.

    Attributes:
        size: of the whole, in squares.
        path: of the dark ones, as SVG has it.
    """

    size: int
    path: str


def qr_drawing(text: str) -> QrDrawing:
    """A text's code for a page or a file."""
    rows = [bytes(row) for row in _code(text).matrix]
    path = "".join(
        "".join(map(str, ("M", left + _QUIET, " ", top + _QUIET, "h", width, "v1h-", width, "z")))
        for top, row in enumerate(rows)
        for left, width in _runs(row)
    )
    return QrDrawing(len(rows) + 2 * _QUIET, path)


def qr_svg(text: str) -> bytes:
    """A text's code as a file of its own, 4 cm wide, dark on white; it bears our producer mark."""
    drawn = qr_drawing(text)
    box = f"0 0 {drawn.size} {drawn.size}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- protocal {__version__} -->\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40mm" height="40mm" viewBox="{box}"'
        ' shape-rendering="crispEdges">\n'
        f'<path fill="#fff" d="M0 0h{drawn.size}v{drawn.size}H0z"/>\n<path d="{drawn.path}"/>\n</svg>\n'
    ).encode()


def qr_lines(text: str) -> list[str]:
    """A text's code for a terminal: light squares as blocks, two rows to a line, for a dark background."""
    out = StringIO()
    _code(text).terminal(out=out, compact=True)
    return out.getvalue().splitlines()


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark squares begin in a row, and how many there are."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((place, 1))
    return found


def _code(text: str) -> QRCode:
    import segno

    return segno.make_qr(text, error="m")
