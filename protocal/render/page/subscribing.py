"""A page's own address -> how its calendar is subscribed to with each kind of calendar."""

from __future__ import annotations

import re
from urllib.parse import quote

from protocal.render.page.values import Subscription
from protocal.render.qr import qr_drawing

FEED = "calendar.ics"
_RUN = re.compile(r"M ?(\d+) (\d+) ?h ?(\d+) ?v ?1 ?h ?-\d+ ?z")  # of dark squares: as a line it is half as long


def subscription_at(base: str, title: str) -> Subscription:
    """The addresses for a page at a base, which ends with a slash; none of them where the base is empty.

    Google and Outlook get to know the address only from who follows their link: the page loads nothing from them.
    """
    if not base:
        return Subscription()
    https, webcal = f"{base}{FEED}", f"webcal://{base.partition('://')[2]}{FEED}"
    drawn = qr_drawing(base)
    return Subscription(
        https=https,
        webcal=webcal,
        google=f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
        outlook=f"https://outlook.live.com/calendar/0/addfromweb?url={quote(https, safe='')}&name={quote(title)}",
        qr=_RUN.sub(r"M\1 \2h\3", drawn.path),
        qr_size=drawn.size,
    )
