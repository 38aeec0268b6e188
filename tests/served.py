"""What the tests of `protocal serve` share: what was published of two made-up readers, and ways to ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp

from protocal.serving.app import make_app
from protocal.serving.folder_store import FolderStore
from protocal.serving.misses import Limits
from protocal.serving.store import Store

ONE = "b7k2m9q4w8x3z6c5v2n7h4j3t0"
OTHER = "q3d8f5g2r7s4w9y6a1b8c5e2k4"
UNKNOWN = "h5j2k7m4n9p6q3r8s5t2v7w4x8"
TYPES = {
    "index.html": "text/html; charset=utf-8",
    "es.html": "text/html; charset=utf-8",
    "calendar.ics": "text/calendar; charset=utf-8",
    "calendar.pdf": "application/pdf",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "worker.js": "text/javascript; charset=utf-8",
    "manifest.webmanifest": "application/manifest+json",
}
WORDS = {ONE: "mallow", OTHER: "sorrel"}  # which stand in all that a reader is given, and in nothing else


def files_of(address: str, more: str = "") -> dict[str, bytes]:
    """What a reader is given, by name."""
    return {name: f"{name}: {WORDS.get(address, 'yarrow')}{more}\n".encode() * 20 for name in TYPES}


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def publish(folder: Path) -> Path:
    """A folder as `protocal publish` leaves it."""
    write(folder, {"robots.txt": b"User-agent: *\nDisallow: /\n"})
    for address in WORDS:
        write(folder / address, {**files_of(address), ".published": b"hidden"})
    return folder


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class Told:
    """What was said to whoever looks after the server."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    def taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str:
        found = [value for key, value in self.headers if key == name.encode()]
        assert len(found) <= 1, found
        return found[0].decode() if found else ""


def ask(
    app: ASGIApp,
    path: str | bytes,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] | Mapping[str, str] = (),
    host: str = "192.0.2.1",
) -> Got:
    """The answer to one request, whose path is given byte by byte, as a server passes it on."""
    raw = path.encode() if isinstance(path, str) else path
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(raw.partition(b"?")[0]).decode(errors="replace"),
        "raw_path": raw.partition(b"?")[0],
        "query_string": raw.partition(b"?")[2],
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
        "client": (host, 50_000),
        "server": ("127.0.0.1", 8000),
    }
    sent = []

    async def send(message: Mapping[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        raise AssertionError("no body is ever asked for")

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    start, *bodies = sent
    body = b"".join(each["body"] for each in bodies)
    return Got(start["status"], tuple(start["headers"]), body)


def app_of(store: Store, limits: Limits = Limits(), clock: Clock | None = None, told: Told | None = None) -> ASGIApp:
    return make_app(store, limits, clock=clock or Clock(), tell=told or Told())


def of_folder(folder: Path, told: Told | None = None) -> FolderStore:
    """What is served of a folder, looked at once."""
    store = FolderStore(folder, told or Told())
    store.refresh()
    return store
