"""A store and limits -> the app that answers requests, in the same way for all that is not there.

An address is a secret: no answer tells whether one was near, was revoked, or never was. It has no log but of faults.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.routing import Router
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from protocal.model.frozen import frozen
from protocal.render.wording.catalogues import languages, messages
from protocal.serving.faults import what_failed
from protocal.serving.misses import Limits, Misses
from protocal.serving.store import INDEX, Found, Store, made
from protocal.serving.watching import Watching

Headers = list[tuple[bytes, bytes]]

LOOK_EVERY = 2.0  # seconds
_ROBOTS = made("robots.txt", b"User-agent: *\nDisallow: /\n")
_LONGEST = 64  # bytes of a path that can lead to anything
_HTML_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_UNUSED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone")
_SECURE: Headers = [
    (b"content-security-policy", _HTML_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow, noarchive"),
    (b"permissions-policy", ", ".join(f"{name}=()" for name in (*_UNUSED, "payment", "usb")).encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# A browser and a calendar program may keep what they fetched, and ask each time whether it still holds: a plan that
# changed is to be seen at the next look, and the answer that nothing changed is short. No proxy keeps anything.
_KEPT: Headers = [(b"cache-control", b"private, no-cache"), (b"vary", b"accept-encoding")]
_NEVER_KEPT = (b"cache-control", b"no-store")
_REFUSED = re.compile(rb"q\s*=\s*0(\.0*)?\s*$")


@frozen
class Answer:
    """What a request is answered with."""

    status: int
    headers: Headers
    body: bytes = b""


def make_app(
    store: Store,
    limits: Limits = Limits(),
    *,
    clock: Callable[[], float],
    tell: Callable[[str], None],
    look_every: float = LOOK_EVERY,
) -> Router:
    """The app; while it runs, the store is looked after. `clock` counts seconds, `tell` says one line of a log."""

    @asynccontextmanager
    async def watched(_app: object) -> AsyncIterator[None]:
        watching = Watching(store.refresh, look_every, clock, tell)
        watching.start()
        try:
            yield
        finally:
            watching.stop()

    # Without routes: those answer what they do not know in words of their own.
    return Router(redirect_slashes=False, default=Pages(store, Misses(limits, clock), tell), lifespan=watched)


class Pages:
    """Answers requests from a store."""

    def __init__(self, store: Store, misses: Misses, tell: Callable[[str], None]) -> None:
        self._store, self._misses, self._tell = store, misses, tell
        self._not_there = Answer(404, *_plain(_not_there()))
        self._refused = Answer(405, [(b"allow", b"GET, HEAD"), (b"connection", b"close"), *_plain(b"")[0]])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever it is."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        try:
            answer = self.answer(scope)
        except Exception as error:  # noqa: BLE001 - nobody under us may log it, for its trace may bear the address
            self._tell(f"error: a request could not be answered: {what_failed(error)}")
            answer = Answer(500, *_plain(b""))
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": body})

    def answer(self, scope: Scope) -> Answer:
        """The answer to a request; of a `HEAD` the same, whose body is not sent."""
        if scope["method"] not in ("GET", "HEAD"):  # of whatever path
            return self._refused
        raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
        # What is there is called by plain letters: no byte is decoded, so that no two spellings mean one file.
        address, slash, name = raw[1 : _LONGEST + 1].decode("latin-1").partition("/")
        found = self._store.find(address, name or INDEX)
        if (address, slash) == ("robots.txt", ""):
            found, slash = _ROBOTS, "/"
        if found is None:
            return self._missed(scope)
        if not slash:
            return Answer(308, [(b"location", f"{address}/".encode()), *_plain(b"")[0]])
        return _file(found, scope)

    def _missed(self, scope: Scope) -> Answer:
        client = scope.get("client")
        if wait := self._misses.wait(client[0] if client else ""):
            headers = [(b"retry-after", str(wait).encode()), *self._not_there.headers]
            return Answer(429, headers, self._not_there.body)
        return self._not_there


def _file(found: Found, scope: Scope) -> Answer:
    """A file in the form that the client takes, or that it has it already."""
    tags, codings = b"", b""
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            tags += b"," + value
        elif name == b"accept-encoding":
            codings += b"," + value
    packed = found.gzipped if found.gzipped is not None and takes_gzip(codings) else None
    etag, size = (found.etag, found.size) if packed is None else (found.gzipped_etag, len(packed))
    if tags and (had := _had(tags, etag, found)):
        return Answer(304, [(b"etag", had), *_KEPT])
    headers = [
        (b"content-type", found.media_type.encode()),
        (b"content-length", str(size).encode()),
        (b"etag", etag),
        *_KEPT,
        *_SECURE,
    ]
    if packed is not None:
        headers.append((b"content-encoding", b"gzip"))
    if scope["method"] == "HEAD":
        return Answer(200, headers)
    return Answer(200, headers, found.data if packed is None else packed)


def _had(tags: bytes, etag: bytes, found: Found) -> bytes:
    """The ETag by which a client has what is there, in either form; empty if it has not."""
    if tags.strip(b" \t,") == b"*":
        return etag
    return next((each for each in (etag, *found.etags) if each in tags), b"")  # each ends where its quotes do


def takes_gzip(codings: bytes) -> bool:
    """Whether a client that accepts these codings takes gzip."""
    weights: dict[bytes, bytes] = {}
    for each in codings.lower().split(b","):
        coding, _semicolon, weight = each.partition(b";")
        weights[coding.strip()] = weight
    wanted = next((weights[name] for name in (b"gzip", b"x-gzip", b"*") if name in weights), None)
    return wanted is not None and not _REFUSED.search(wanted)


def _plain(body: bytes) -> tuple[Headers, bytes]:
    """The headers of an answer that is no file, and its body."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        _NEVER_KEPT,
        *_SECURE,
    ]
    return headers, body


def _not_there() -> bytes:
    """What is said where nothing is, in every language, for whose address it may have been is not known."""
    said = [
        messages(language).gettext("There is nothing at this address. Ask your treatment team for a new one.")
        for language in languages()
    ]
    return "".join(f"{line}\n" for line in dict.fromkeys(said)).encode()
