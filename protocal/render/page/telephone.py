"""A site's words on whom to call -> the same in parts, the numbers among them so that a telephone dials them.

What is linked is what is dialled, and no more: an hour, a temperature or a date is no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from protocal.render.page.values import Part

_HOUR = r"[0-9]{1,2}[.:h][0-9]{2}"
_NO_NUMBER = re.compile(
    rf"(?<![0-9.]){_HOUR}\s*[-\N{{EN DASH}}]\s*{_HOUR}(?![.0-9])"  # 8.30-16.30
    rf"|(?<![0-9.+]){_HOUR}(?=\s)"
    r"|\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b|(?<![\w./])[0-9]{1,2}[./][0-9]{1,2}[./](?:[0-9]{4}\b|[0-9]{2}\b(?![./]))"
)
_NUMBER = re.compile(
    r"(?<![\w.,:])\+?\(?[0-9][0-9 ()./\N{NO-BREAK SPACE}\N{NON-BREAKING HYPHEN}-]*[0-9](?![\w%\N{DEGREE SIGN}])"
)
_FEWEST, _MOST = 6, 15  # figures of a telephone number


def numbers_in(said: str) -> Iterator[Part]:
    """The words in parts, from the first to the last."""
    after = 0
    for start, end in _stretches(said):
        for found in _NUMBER.finditer(said, start, end):
            digits = re.sub("[^0-9+]", "", found[0])
            if _FEWEST <= len(digits.lstrip("+")) <= _MOST:
                if found.start() > after:
                    yield Part(said[after : found.start()])
                yield Part(found[0], digits)
                after = found.end()
    if after < len(said):
        yield Part(said[after:])


def _stretches(said: str) -> Iterator[tuple[int, int]]:
    """Where a number may stand: between hours and dates."""
    after = 0
    for found in _NO_NUMBER.finditer(said):
        yield after, found.start()
        after = found.end()
    yield after, len(said)
