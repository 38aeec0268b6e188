"""A name that nobody knows -> the known one that was most likely meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from protocal.text.message import joined, say

_FEW = 12
_MOST = 30


def known_as(name: str, known: Iterable[str]) -> str:
    """The known name that differs from a typed one in case only, as `vincristine` and `vinCRIStine`; else the typed."""
    choices = list(known)
    return name if name in choices else next((each for each in choices if each.casefold() == name.casefold()), name)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name nearest to a mistyped one, whatever its case; empty if none is near."""
    by_fold = {each.casefold(): each for each in known}
    found = get_close_matches(name.casefold(), by_fold, 1, 0.5)
    return by_fold[found[0]] if found else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A remedy for an unknown name: the nearest known one, and all of them where they are few or none is near."""
    names = list(known)
    near = nearest(name, names)
    if not names:
        return say("Known: none.")
    listed = ", ".join(names[:_MOST])
    every = (
        say("Known: {names}, and more.", names=listed) if len(names) > _MOST else say("Known: {names}.", names=listed)
    )
    meant = say("Did you mean '{name}'?", name=near) if near else ""
    return joined(" ", (meant, every if not near or len(names) <= _FEW else ""))
