"""An app and a socket that listens -> requests over HTTP, until somebody ends it.

The only place that knows uvicorn. What that does not limit is limited here: how long the head of a request may take to
come, how long an answer may take to be fetched, and how many connections one client has.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import ClassVar

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from protocal.model.frozen import frozen
from protocal.model.problems import UsageError
from protocal.serving.misses import client_of

_PROXIES = ["127.0.0.0/8", "::1", "::ffff:127.0.0.1"]  # whose word for a client is taken, if any is
_LOGGERS = ("uvicorn.error", "asyncio")


@frozen
class Patience:
    """What connections may take.

    Attributes:
        request: seconds for the head of a request to come.
        idle: seconds between two requests.
        fetched: seconds for an answer to be fetched, after the last request.
        ending: seconds for what was asked for to be answered when the server is ended.
        connections: so many at once, beyond which answers are that the server is busy.
        by_one: so many at once by one client; those beyond are closed. A proxy beside us may have any number.
        head: bytes that the head of a request may have.
    """

    request: float = 10.0
    idle: int = 5
    fetched: float = 60.0
    ending: int = 3
    connections: int = 500
    by_one: int = 100
    head: int = 16 * 1024


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises UsageError where it cannot."""
    try:
        family, _kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server((str(address[0]), port), family=family)
        # Else the head of each answer waits for the client to say that it has the one before; clients inherit it.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, UnicodeError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        message = f"nothing can be served at port {port} of '{host}': {why}"
        raise UsageError(message, "Choose another with --host and --port.") from None
    return listening


def place_of(listening: socket.socket) -> str:
    """Where a socket listens, as a browser wants it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run(
    app: ASGIApp,
    listening: socket.socket,
    tell: Callable[[str], None],
    *,
    behind_proxy: bool = False,
    patience: Patience = Patience(),
) -> None:
    """Answer requests until the process is told to end; then whoever told it is passed the signal again."""
    with _log_through(tell):
        server(app, behind_proxy=behind_proxy, patience=patience).run(sockets=[listening])


def server(app: ASGIApp, *, behind_proxy: bool = False, patience: Patience = Patience()) -> Server:
    """The server of an app; it logs no request."""
    config = Config(
        app,
        http=type("InTime", (_InTime,), {"patience": patience, "open_by": Counter()}),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips=_PROXIES,
        timeout_keep_alive=patience.idle,
        timeout_graceful_shutdown=patience.ending,
        limit_concurrency=patience.connections,
        h11_max_incomplete_event_size=patience.head,
    )
    return Server(config)


class _InTime(H11Protocol):
    """Talks to one client, and does not wait for it forever."""

    patience = Patience()
    open_by: ClassVar[Counter[str]]
    _late: asyncio.TimerHandle | None = None
    _by = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the one above
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        self._by = "" if _is_here(host) else client_of(host)
        self.open_by[self._by] += 1
        if self._by and self.open_by[self._by] > self.patience.by_one:
            transport.abort()
        else:
            self._close_in(self.patience.request)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._keep_open()
        elif self._late is None:  # the head of the next request, or what nobody asked for
            self._close_in(self.patience.request)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._close_in(self.patience.fetched)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._close_in(self.patience.fetched)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._keep_open()
        self.open_by[self._by] -= 1
        if not self.open_by[self._by]:
            del self.open_by[self._by]

    def _close_in(self, seconds: float) -> None:
        self._keep_open()
        self._late = self.loop.call_later(seconds, self.transport.abort)

    def _keep_open(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def _is_here(host: str) -> bool:
    """Whether a client is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return not host


class _OneLine(logging.Handler):
    """Says what a library logs in one line, without what it quotes, which may be an address."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        first = str(record.msg).partition("\n")[0]
        self._tell(f"error: {first}{f' ({kind.__name__})' if kind else ''}")


@contextmanager
def _log_through(tell: Callable[[str], None]) -> Iterator[None]:
    """The logs of what serves go one way as long as it serves."""
    handler = _OneLine(tell)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagate
