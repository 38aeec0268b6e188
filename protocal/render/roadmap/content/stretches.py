"""Numbers of days -> runs of consecutive ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby


def stretches(days: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Consecutive days as (first, count)."""
    for _offset, group in groupby(enumerate(sorted(days)), key=lambda pair: pair[1] - pair[0]):
        run = [day for _index, day in group]
        yield run[0], len(run)
