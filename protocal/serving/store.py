"""An address and a name -> what is served there, found in memory by a digest of both."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b, sha256
from typing import Protocol

from protocal.model.frozen import frozen

INDEX = "index.html"
_PAGE = "text/html; charset=utf-8"
_IN_A_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?\.html")  # as es.html, the same page
_TYPES = {
    INDEX: _PAGE,
    "calendar.ics": "text/calendar; charset=utf-8",
    "calendar.pdf": "application/pdf",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "worker.js": "text/javascript; charset=utf-8",
    "manifest.webmanifest": "application/manifest+json",
}
_PACKED = ("application/pdf",)  # is compressed by itself
# Of a longer text only the compressed bytes are kept: a calendar of two years is twenty times shorter so, and few
# programs ask for it otherwise.
_LONGEST_PLAIN = 64 * 1024


def media_type_of(name: str) -> str:
    """The media type of what is served by a name; empty for a name by which nothing ever is."""
    return _TYPES.get(name, _PAGE if _IN_A_LANGUAGE.fullmatch(name) else "")


@frozen
class Found:
    """What is served at an address by a name.

    Attributes:
        media_type: with its character set.
        etag: of the bytes, quoted.
        size: of the bytes.
        plain: the bytes; none where they are long and only the compressed ones are kept.
        gzipped: the same bytes compressed; none where that makes them no shorter.
        gzipped_etag: of the compressed ones, which are another answer.
    """

    media_type: str
    etag: bytes
    size: int
    plain: bytes | None
    gzipped: bytes | None = None
    gzipped_etag: bytes = b""

    @property
    def data(self) -> bytes:
        """The bytes."""
        return gzip.decompress(self.gzipped or b"") if self.plain is None else self.plain

    @property
    def etags(self) -> tuple[bytes, ...]:
        """Of each of its forms."""
        return (self.etag, self.gzipped_etag) if self.gzipped_etag else (self.etag,)


def made(name: str, data: bytes, known: Mapping[bytes, Found] | None = None) -> Found:
    """What is served by a name; what is known by its ETag is the same value again, for pages share style and script."""
    media_type, digest = media_type_of(name) or "text/plain; charset=utf-8", sha256(data).hexdigest()
    etag = f'"{digest}"'.encode()
    same = (known or {}).get(etag)
    if same and same.media_type == media_type:
        return same
    packed = None if media_type in _PACKED else gzip.compress(data, mtime=0)
    if packed is None or len(packed) >= len(data):
        return Found(media_type, etag, len(data), data)
    plain = data if len(data) <= _LONGEST_PLAIN else None
    return Found(media_type, etag, len(data), plain, packed, f'"{digest}-gzip"'.encode())


class Store(Protocol):
    """What can be fetched now."""

    @property
    def addresses(self) -> int:
        """How many addresses there are."""

    def find(self, address: str, name: str) -> Found | None:
        """What is served at an address by a name; takes as long for one that is not there as for one that is."""

    def refresh(self) -> None:
        """Look whether anything changed, and take it; may take long, and is called from one thread at a time."""


class Shelf:
    """What can be fetched, by a digest of address and name: how long it takes to find tells nothing of a near miss."""

    def __init__(self, files: Iterable[tuple[str, str, Found]] = ()) -> None:
        self._found: dict[bytes, Found] = {}
        addresses = set()
        for address, name, found in files:
            self._found[_digest(address, name)] = found
            addresses.add(address)
        self.addresses = len(addresses)

    def find(self, address: str, name: str) -> Found | None:
        """What stands here by an address and a name."""
        return self._found.get(_digest(address, name))

    def by_etag(self) -> dict[bytes, Found]:
        """What stands here, by the ETag of its bytes."""
        return {found.etag: found for found in self._found.values()}


def _digest(address: str, name: str) -> bytes:
    return blake2b(f"{address}/{name}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
