"""Whoever asks for what is not there -> how long to wait before asking again.

Only misses count. Calendar programs fetch for many families from one address, and what is there is always given.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from protocal.model.frozen import frozen

_ONE_HOME = 64  # bits of an IPv6 address that one connection to the net has to itself


@frozen
class Limits:
    """How much may be asked for that is not there.

    Attributes:
        misses: so many by one client,
        seconds: within this time.
        clients: of so many at most is it remembered; whoever has missed least lately is forgotten first.
    """

    misses: int = 60
    seconds: float = 600.0
    clients: int = 10_000


class Misses:
    """What clients asked for that was not there."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits, self._clock = limits, clock
        self._counted: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counted)

    def wait(self, host: str) -> int:
        """Count one more; the seconds that its client is to wait, or 0 while it has not asked too often."""
        client, time = client_of(host), self._clock()
        count, until = self._counted.pop(client, (0, 0.0))
        if time >= until:
            count, until = 0, time + self._limits.seconds
        self._counted[client] = count + 1, until
        if len(self._counted) > self._limits.clients:
            self._counted.popitem(last=False)
        return ceil(until - time) if count >= self._limits.misses else 0


def client_of(host: str) -> str:
    """Whom an address of the net belongs to; all that are no such address are one client."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _ONE_HOME), strict=False))
