"""The feed of a plan by the choices of a test, as nobody has been sent it or as its record has it."""

from __future__ import annotations

from collections.abc import Sequence

from protocal.model.plan import Plan
from protocal.model.reader import Who
from protocal.model.settings import ForFamilies
from protocal.render.feed.ics import FeedWriter
from protocal.render.feed.reader_feed import Reader
from protocal.render.feed.words import Doses


def feed(
    plan: Plan,
    who: Who = Who.CLINIC,
    *,
    with_doses: bool,
    unverified_doses: bool = False,
    language: str = "en",
    remarks: Sequence[str] = (),
    title: str = "",
    site: ForFamilies = ForFamilies(),
) -> bytes:
    """A feed; doses stand in it `with_doses`, those that nothing confirms too where that is asked for."""
    doses = Doses.ALL if unverified_doses else Doses.CONFIRMED if with_doses else Doses.NONE
    return FeedWriter(plan, Reader(who, language, doses, title, site=site), remarks).feed()
