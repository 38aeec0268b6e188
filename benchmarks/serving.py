"""What is served: requests against the least that the same server can do, and memory over very many requests."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from measure import Measure
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from protocal.model.reader import Who
from protocal.publish.addresses import address_of
from protocal.serving.app import make_app
from protocal.serving.folder_store import FolderStore
from protocal.serving.server import listen, place_of, run

ADDRESSES = 1000
REQUESTS = 100_000
WARMED_UP = 10_000
IN_A_TURN = 500
_LINE = "DESCRIPTION:what is given on a day, in the words of a parent\r\n"


def addresses() -> list[str]:
    """So many addresses, always the same."""
    return [address_of(b"made up", str(number), Who.FAMILY, 1) for number in range(ADDRESSES)]


def publish(folder: Path) -> None:
    """A folder as publishing leaves it, with a calendar of some length at each address."""
    (folder / "robots.txt").write_text("User-agent: *\nDisallow: /\n", encoding="utf-8")
    for address in addresses():
        files = {
            "calendar.ics": f"{address}\r\n{_LINE * 500}",
            "index.html": f"{address}{_LINE * 200}",
            "page.css": _LINE,
        }
        (folder / address).mkdir()
        for name, text in files.items():
            (folder / address / name).write_text(text, encoding="utf-8")


def least() -> ASGIApp:
    """The app that answers every request with nothing."""

    async def nothing(_request: Request) -> Response:
        return Response()

    return Starlette(routes=[Route("/{path:path}", nothing)])


def request_of(path: str, **headers: str) -> bytes:
    """A request as a calendar program makes it."""
    lines = [f"GET {path} HTTP/1.1", "Host: plans.example", "User-Agent: calendar/1.0", "Accept-Encoding: gzip"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


class Client:
    """One connection, on which requests follow one another."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._rest = b""

    def ask(self, request: bytes) -> bytes:
        """The head of the answer; its body is read, too."""
        self._socket.sendall(request)
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._socket.recv(1 << 20)
        head, _end, self._rest = self._rest.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head)
        missing = (int(found[1]) if found and not head.startswith(b"HTTP/1.1 304") else 0) - len(self._rest)
        while missing > 0:
            got = self._socket.recv(1 << 20)
            self._rest += got
            missing -= len(got)
        self._rest = b""
        return head


@contextmanager
def served(*command: str) -> Iterator[tuple[int, int]]:
    """The port and the number of a process that serves."""
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True) as process:
        try:
            if process.stderr is None or not (found := re.search(r":(\d+)/", process.stderr.readline())):
                raise SystemExit(f"{' '.join(command)} did not begin to serve")
            yield int(found[1]), process.pid
        finally:
            process.terminate()


def of_command(folder: Path) -> list[str]:
    """The command that serves a folder."""
    return ["-m", "protocal", "serve", str(folder), "--port", "0"]


def of_folder(folder: Path) -> ASGIApp:
    """The app that serves a folder."""
    store = FolderStore(folder, print)
    store.refresh()
    return make_app(store, clock=time.monotonic, tell=print)


def answering(folder: Path, rounds: int) -> Iterator[Measure]:
    """That nothing changed, and a whole calendar, against an empty answer: over sockets, and the apps by themselves."""
    path = f"/{addresses()[0]}/calendar.ics"
    with served(*of_command(folder)) as (our_port, _ours), served(__file__) as (their_port, _theirs):
        client = Client(our_port)
        etag = re.search(rb'etag: ("\S+")', client.ask(request_of(path)))
        if etag is None:
            raise SystemExit("the calendar was not served")
        unchanged = request_of(path, If_None_Match=etag[1].decode())
        cases = {
            "304": (client, unchanged, b"304"),
            "200": (client, request_of(path), b"200"),
            "empty": (Client(their_port), unchanged, b"200"),
        }
        took: dict[str, list[float]] = {name: [] for name in cases}
        for _round in range(rounds):
            for name, (asking, request, status) in cases.items():
                start = time.perf_counter()
                for _request in range(IN_A_TURN):
                    head = asking.ask(request)
                took[name].append((time.perf_counter() - start) / IN_A_TURN * 1e6)
                if head[9:12] != status:
                    raise SystemExit(f"{name}: {head!r}")
    each = {name: median(times) for name, times in took.items()}
    behind = f"{each['304']:.0f} us / {each['empty']:.0f} us over a socket"
    yield Measure("a 304 / an empty 200 of the same stack", each["304"] / each["empty"], 2, behind=behind)
    behind = f"{each['200']:.0f} us / {each['empty']:.0f} us over a socket"
    yield Measure("a calendar / an empty 200 of the same stack", each["200"] / each["empty"], 3, behind=behind)
    apps = {"304": of_folder(folder), "empty": least()}
    alone = {name: by_itself(app, path, etag[1], rounds) for name, app in apps.items()}
    behind = f"{alone['304']:.0f} us / {alone['empty']:.0f} us without a server"
    yield Measure("a 304 / an empty 200, the apps alone", alone["304"] / alone["empty"], 2, behind=behind)


def by_itself(app: ASGIApp, path: str, etag: bytes, rounds: int) -> float:
    """How many microseconds an app takes for a request, without any server."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"a"), (b"accept-encoding", b"gzip"), (b"if-none-match", etag)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
    }

    async def send(_message: MutableMapping[str, Any]) -> None:
        return

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def asked() -> float:
        start = time.perf_counter()
        for _request in range(IN_A_TURN):
            await app(dict(scope), receive, send)  # type: ignore[arg-type]
        return (time.perf_counter() - start) / IN_A_TURN * 1e6

    return median(asyncio.run(asked()) for _round in range(rounds))


def remembering(folder: Path) -> Iterator[Measure]:
    """The memory of the command after very many requests of all kinds, against that after some."""
    with served(*of_command(folder)) as (port, process):
        asked = requests()
        ask_for(asked, WARMED_UP, port)
        before = resident(process)
        start = time.perf_counter()
        ask_for(asked, REQUESTS - WARMED_UP, port)
        took = time.perf_counter() - start
        after = resident(process)
    behind = f"{after:.1f} MB / {before:.1f} MB; {(REQUESTS - WARMED_UP) / took:,.0f} requests a second of one client"
    yield Measure(f"memory after {REQUESTS:,} requests / after {WARMED_UP:,}", after / before, 1.03, behind=behind)


def requests() -> Iterator[bytes]:
    """Requests of all kinds for all addresses, always the same: whole answers, 304s, and guesses."""
    chance, known = Random(15), addresses()
    while True:
        address = chance.choice(known)
        kind = chance.random()
        if kind < 0.5:
            yield request_of(f"/{address}/calendar.ics", If_None_Match="*")
        elif kind < 0.8:
            yield request_of(f"/{address}/{chance.choice(['', 'page.css', 'calendar.ics'])}")
        else:
            yield request_of(f"/{address_of(b'guessed', str(chance.random()), Who.FAMILY, 1)}/")


def ask_for(asked: Iterator[bytes], count: int, port: int) -> None:
    """So many of the requests, with a new connection for every hundred."""
    for start in range(0, count, 100):
        client = Client(port)
        for _request in range(min(100, count - start)):
            client.ask(next(asked))


def resident(process: int) -> float:
    """The memory of a process in MB."""
    done = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def serving(folder: Path, rounds: int) -> Iterator[Measure]:
    """All that is measured of serving."""
    folder.mkdir()
    publish(folder)
    yield from answering(folder, rounds)
    yield from remembering(folder)


if __name__ == "__main__":
    with listen("127.0.0.1", 0) as listening:
        print(place_of(listening), file=sys.stderr, flush=True)
        run(least(), listening, print)
