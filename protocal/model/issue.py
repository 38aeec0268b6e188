"""Which issue a printed sheet is, and which one it replaces."""

from __future__ import annotations

from datetime import datetime

from protocal.model.frozen import frozen


@frozen
class Issue:
    """A printed sheet's number, when it was issued, and the one that it replaces, if there was one before.

    Attributes:
        before: the revision at which the issue was made that it replaces.
        sealed: no line of the log that it follows from can still be changed by hand.
    """

    number: int
    revision: int
    issued: datetime
    replaces: int | None = None
    before: int | None = None
    sealed: bool = True
