"""Which issue a printed sheet or a feed is, and which one it replaces."""

from __future__ import annotations

from datetime import datetime

from protocal.model.frozen import frozen


@frozen
class Issue:
    """An issue of a sheet.

    Attributes:
        number: from 1; 0 for a draft, which is none.
        made: when it was given out; of a draft, when the plan came to be.
        mark: eight letters by which sheets that say different things are told apart.
        replaces: the number of the issue that it takes the place of, or that a draft is held against; 0 where it is
            the first.
        replaced: when that one was given out.
        before: the revision that it was made of, from which changes are told; None where it is the first.
        unknown: sheets may have been printed before issues stood in the log.
    """

    number: int
    made: datetime
    mark: str
    replaces: int = 0
    replaced: datetime | None = None
    before: int | None = None
    unknown: bool = False
