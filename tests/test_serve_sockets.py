"""`protocal serve` over real sockets: it ends well, waits for nobody, survives anything, and logs no address."""

from __future__ import annotations

import http.client
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from conftest import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import ONE, OTHER, UNKNOWN, WORDS, Clock, Told, app_of, files_of, of_folder, publish
from starlette.types import ASGIApp

from protocal.serving import server as server_module
from protocal.serving.misses import Limits
from protocal.serving.server import Patience, listen, place_of, server

HOURS = float(os.environ.get("PROTOCAL_SOAK", "0"))
LONG = 60  # seconds, after which something hangs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("served") / "public")


class Process:
    """`protocal serve` as a process of its own."""

    def __init__(self, *words: str | Path) -> None:
        command = [sys.executable, "-m", "protocal", "serve", *map(str, words), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr
        self.said = ""
        for line in self.process.stderr:
            self.said += line
            if found := re.search(r"^serving \d+ addresses at http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(found[1])
                return
        raise AssertionError(f"it did not begin: {self.said}")

    def end(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Its exit status, and all that it said on either stream."""
        self.process.send_signal(by)
        out, err = self.process.communicate(timeout=LONG)
        return self.process.returncode, out, self.said + err


@pytest.fixture
def process(folder: Path) -> Iterator[Process]:
    started = Process(folder)
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.communicate()


@contextmanager
def served(app: ASGIApp, patience: Patience = Patience(), *, behind_proxy: bool = False) -> Iterator[int]:
    """The port of a server of an app, in a thread."""
    with listen("127.0.0.1", 0) as listening:
        serving = server(app, behind_proxy=behind_proxy, patience=patience)
        thread = Thread(target=serving.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            serving.should_exit = True
            thread.join(LONG)
            assert not thread.is_alive()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=LONG)


def fetch(port: int, path: str = f"/{ONE}/calendar.ics", method: str = "GET", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def told_to(port: int, data: bytes) -> bytes:
    """All that is answered to some bytes, after which nothing more is sent."""
    with connect(port) as client:
        got = b""
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                got += part
        except ConnectionError:
            pass  # it had enough before it had everything
        return got


# --- the process


def test_it_ends_when_it_is_told_to_whoever_still_hangs_on_it(process: Process) -> None:
    idle, slow, kept = (connect(process.port) for _client in range(3))
    slow.sendall(b"GET / HT")
    kept.sendall(f"GET /{ONE}/ HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    assert kept.recv(12) == b"HTTP/1.1 200"
    status, out, err = process.end()
    assert (status, out) == (0, "")
    assert len(err.splitlines()) == 1
    for client in (idle, slow, kept):
        client.close()


def test_ctrl_c_ends_it_as_any_command(process: Process) -> None:
    assert fetch(process.port)[0] == 200
    status, _out, err = process.end(signal.SIGINT)
    assert status == 130
    assert "Traceback" not in err


ENDS = (
    "import os, signal, sys, time\nfrom protocal.serving.folder_store import FolderStore\n"
    "looks = []\nreally = FolderStore.refresh\ndef refresh(self):\n    looks.append(1)\n    {looks}\n    really(self)\n"
    "FolderStore.refresh = refresh\n"
    "from protocal.cli import main\nsys.argv = ['protocal', 'serve', sys.argv[1], '--port', '0']\nmain()"
)


@pytest.mark.parametrize(
    "looks",
    [
        "os.kill(os.getpid(), signal.SIGTERM)",
        "if len(looks) > 1: os.kill(os.getpid(), signal.SIGTERM); time.sleep(999)",
    ],
    ids=["before it has begun", "while pages are made"],
)
def test_it_ends_when_it_is_told_to_whatever_it_is_doing(tmp_path: Path, looks: str) -> None:
    program = ENDS.format(looks=looks)
    done = subprocess.run(
        [sys.executable, "-c", program, publish(tmp_path)], capture_output=True, text=True, check=False, timeout=LONG
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert len(done.stderr.splitlines()) <= 1


HOSTILE = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "nothing": b"",
    "only line ends": b"\r\n" * 100,
    "a line without a version": f"GET /{UNKNOWN}/\r\n\r\n".encode(),
    "another version": f"GET /{UNKNOWN}/ HTTP/3.7\r\nHost: a\r\n\r\n".encode(),
    "HTTP/1.0 without a host": f"GET /{UNKNOWN}/ HTTP/1.0\r\n\r\n".encode(),
    "no host": f"GET /{UNKNOWN}/ HTTP/1.1\r\n\r\n".encode(),
    "two hosts": f"GET /{UNKNOWN}/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".encode(),
    "a NUL in the path": f"GET /{UNKNOWN}/\0 HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "an encoded NUL": f"GET /{UNKNOWN}/%00 HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "encoded no UTF-8": f"GET /{UNKNOWN}/%ff%fe HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "a path that is no ASCII": f"GET /{UNKNOWN}/ä HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "a path of 60 kB": b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a header of 60 kB": b"GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + b'"a",' * 15_000 + b"\r\n\r\n",
    "a thousand headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    "a header with a NUL": b"GET / HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
    "a length below zero": b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "a length and chunks": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    b"\r\n",
    "an enormous chunk": b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    "a body that nobody wants": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nsorrel",
    "a tunnel": b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n",
    "options of the server": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "an unknown method": f"BREW /{UNKNOWN}/ HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
    "another server": b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "an upgrade to a web socket": f"GET /{UNKNOWN}/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode(),
    "an upgrade to HTTP/2": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "expected to go on": b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "many at once": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 50,
}


def statuses(answer: bytes) -> set[int]:
    return {int(each) for each in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.MULTILINE)}


@pytest.fixture(scope="module")
def hostile_port(folder: Path) -> Iterator[int]:
    told = Told()
    with served(app_of(of_folder(folder), Limits(misses=10**9), told=told)) as port:
        yield port
    assert told.lines == []


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_whatever_comes_is_refused_by_a_4xx_or_by_silence_and_the_next_is_served(
    hostile_port: int, data: bytes
) -> None:
    got = told_to(hostile_port, data)
    assert statuses(got) <= {400, 404, 405}
    assert not any(word.encode() in got for word in WORDS.values())
    assert fetch(hostile_port) == (200, files_of(ONE)["calendar.ics"])


parts = st.sampled_from(
    [
        *(
            b"GET ",
            b"HEAD ",
            b"POST ",
            b" HTTP/1.1\r\n",
            b"Host: a\r\n",
            b"\r\n",
            b"\r\n\r\n",
            b"Connection: close\r\n",
        ),
        *(b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n", b"Upgrade: websocket\r\n"),
        *(b"/", f"/{UNKNOWN}/".encode(), b"..", b"%2f", b"Range: bytes=0-1\r\n", b"If-None-Match: *\r\n"),
    ]
)


def test_whatever_bytes_come_nothing_breaks(hostile_port: int) -> None:
    @settings(
        max_examples=1000 if HOURS else 60,
        derandomize=not HOURS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(parts | st.binary(max_size=20), max_size=12).map(b"".join))
    def laws(data: bytes) -> None:
        got = told_to(hostile_port, data)
        assert statuses(got) <= {400, 404, 405}
        assert not any(word.encode() in got for word in WORDS.values())

    ends = monotonic() + HOURS * 3600 / 8
    laws()
    while monotonic() < ends:
        laws()
    assert fetch(hostile_port)[0] == 200


def test_no_address_and_nothing_that_was_asked_for_is_ever_logged(process: Process) -> None:
    port = process.port
    assert fetch(port, f"/{ONE}/")[0] == 200
    assert fetch(port, f"/{ONE}")[0] == 308
    assert fetch(port, f"/{OTHER}/calendar.ics", if_none_match="*")[0] == 304
    assert fetch(port, f"/{ONE}/calendar.ics", "POST")[0] == 405
    assert fetch(port, f"/{ONE}/nothing")[0] == 404
    for _guess in range(70):
        last = fetch(port, f"/{UNKNOWN}/", user_agent="a-browser")[0]
    assert last == 429
    for data in HOSTILE.values():
        told_to(port, data.replace(UNKNOWN.encode(), ONE.encode()))
    with connect(port) as rude:  # goes away in the middle
        rude.sendall(f"GET /{ONE}/calendar.pdf HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    status, out, err = process.end()
    assert (status, out) == (0, "")
    for word in (ONE, OTHER, UNKNOWN, ONE[:10], "calendar", "a-browser", "GET", "Traceback"):
        assert word not in err
    assert len(err.splitlines()) == 1  # that it serves


def test_no_address_is_logged_even_where_the_process_logs_everything(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with served(app_of(of_folder(folder))) as port:
        for path in (f"/{ONE}/", f"/{UNKNOWN}/"):
            fetch(port, path)
            told_to(port, f"GET {path} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".encode())
    assert not any(word in caplog.text for word in (ONE, UNKNOWN))


def test_a_log_of_a_library_is_one_line_without_what_it_quotes() -> None:
    told = Told()
    with server_module._log_through(told):
        for name in ("uvicorn.error", "asyncio"):
            log = logging.getLogger(name)
            log.warning("an invalid request for /%s/", ONE)
            log.error("a fault at %s", ONE)
            log.error("a fault\nof /%s/", ONE, exc_info=ValueError(ONE))
    assert [line for line in told.lines if ONE in line] == []
    assert set(told.lines) >= {"error: a fault at %s", "error: a fault (ValueError)"}
    assert all(line.startswith("error: ") for line in told.lines)


# --- slow clients


def test_clients_that_send_half_a_request_block_nobody(process: Process) -> None:
    with ExitStack() as clients:
        for number in range(100):
            slow = clients.enter_context(connect(process.port))
            slow.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nA: "[: number % 30])
        assert fetch(process.port) == (200, files_of(ONE)["calendar.ics"])


def closed(client: socket.socket) -> bool:
    """Whether the server closes a connection; it is waited for."""
    try:
        while client.recv(65536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


HALVES = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHos",
    "half a head after a request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT",
    "a body that does not come": b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
}


@pytest.mark.parametrize("data", HALVES.values(), ids=HALVES)
def test_a_request_that_does_not_come_whole_is_not_waited_for(folder: Path, data: bytes) -> None:
    with served(app_of(of_folder(folder)), Patience(request=0.1, idle=1)) as port, connect(port) as client:
        client.sendall(data)
        assert closed(client)


def test_a_head_that_comes_letter_by_letter_gets_no_more_time(folder: Path) -> None:
    with served(app_of(of_folder(folder)), Patience(request=0.3)) as port, connect(port) as client:
        client.settimeout(0.02)
        ends = monotonic() + LONG
        while monotonic() < ends:
            try:
                client.sendall(b"A")
                if client.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("it is waited for")


def test_a_body_that_comes_letter_by_letter_gets_no_more_time(folder: Path) -> None:
    patience = Patience(request=0.3, idle=LONG)
    with served(app_of(of_folder(folder)), patience) as port, connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n")
        client.settimeout(0.02)
        ends = monotonic() + LONG
        while monotonic() < ends:
            try:
                client.sendall(b"A")
                if client.recv(65536) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("it is waited for")


def test_a_client_that_takes_its_time_between_two_requests_is_served_both(folder: Path) -> None:
    """The time of the first request's head does not go on for the second."""
    with served(app_of(of_folder(folder)), Patience(request=0.3, idle=LONG)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
        for _request in range(3):
            connection.request("GET", f"/{ONE}/calendar.ics")
            answer = connection.getresponse()
            assert answer.read() == files_of(ONE)["calendar.ics"]
            sleep(0.4)  # longer than the head of a request may take
        connection.close()


def test_an_answer_that_is_not_fetched_is_not_kept_forever(tmp_path: Path) -> None:
    folder = publish(tmp_path)
    large = folder / ONE / "calendar.pdf"
    with large.open("wb") as stream:
        stream.truncate(32 * 1024**2)  # more than the system keeps for a client
    app = app_of(of_folder(folder))
    for then, idle, longer in (("close", 60, 0.5), ("keep-alive", 1, 1.5)):
        patience = Patience(fetched=0.1, idle=idle)
        with served(app, patience) as port, connect(port) as client:
            client.sendall(f"GET /{ONE}/calendar.pdf HTTP/1.1\r\nHost: a\r\nConnection: {then}\r\n\r\n".encode())
            sleep(longer)  # than it is kept
            assert received(client) < 32 * 1024**2
    with served(app) as port, connect(port) as client:
        client.sendall(f"GET /{ONE}/calendar.pdf HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        assert received(client) > 32 * 1024**2
    process = Process(folder)
    with connect(process.port) as client:
        client.sendall(f"GET /{ONE}/calendar.pdf HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert client.recv(12) == b"HTTP/1.1 200"
        status, out, err = process.end()  # nor is it waited for in the end
    assert (status, out) == (0, "")
    assert len(err.splitlines()) <= 2


def received(client: socket.socket) -> int:
    """How many bytes still come."""
    got = 0
    try:
        while part := client.recv(1024**2):
            got += len(part)
    except ConnectionError:
        pass
    return got


def test_one_client_has_only_so_many_connections_and_a_proxy_beside_us_any(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(of_folder(folder))
    patience = Patience(by_one=3)
    for here, expected in ((True, 6), (False, 3)):
        with monkeypatch.context() as patched, served(app, patience) as port, ExitStack() as clients:
            patched.setattr(server_module, "_is_here", lambda _host, here=here: here)
            answered = 0
            for _client in range(6):
                client = clients.enter_context(connect(port))
                try:
                    client.sendall(f"GET /{ONE}/ HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                    answered += client.recv(12) == b"HTTP/1.1 200"
                except ConnectionError:
                    continue
            assert answered == expected
    with monkeypatch.context() as patched, served(app, patience) as port:
        patched.setattr(server_module, "_is_here", lambda _host: False)
        assert [fetch(port)[0] for _one_after_the_other in range(10)] == [200] * 10


def test_what_is_this_machine() -> None:
    here = ("127.0.0.1", "127.8.9.1", "::1", "")
    assert all(map(server_module._is_here, here))
    assert not any(map(server_module._is_here, ("192.0.2.1", "2001:db8::1", "elsewhere")))


# --- whose requests they are


def test_a_proxy_says_whose_requests_they_are_only_if_it_is_there(folder: Path) -> None:
    def missed(port: int, forwarded: str) -> int:
        return fetch(port, f"/{UNKNOWN}/", x_forwarded_for=forwarded)[0]

    with served(app_of(of_folder(folder), Limits(misses=2), Clock()), behind_proxy=True) as port:
        assert [missed(port, "192.0.2.1") for _guess in range(4)] == [404, 404, 429, 429]
        assert missed(port, "192.0.2.2") == 404
        assert (
            missed(port, "192.0.2.9, 192.0.2.1") == 429
        )  # what a client says itself stands before what the proxy adds
    with served(app_of(of_folder(folder), Limits(misses=2), Clock())) as port:
        assert [missed(port, f"192.0.2.{number}") for number in range(4)] == [404, 404, 429, 429]


def test_place_of_says_what_a_browser_wants() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert place_of(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}/"
    if socket.has_ipv6:
        try:
            with listen("::1", 0) as listening:
                assert place_of(listening) == f"http://[::1]:{listening.getsockname()[1]}/"
        except server_module.UsageError:
            pytest.skip("this machine has no IPv6")


# --- what changes while it is served


def until(holds: Callable[[], bool]) -> bool:
    ends = monotonic() + LONG
    while monotonic() < ends:
        if holds():
            return True
        sleep(0.1)
    return False


def test_what_is_published_while_it_is_served_is_served(tmp_path: Path) -> None:
    folder = publish(tmp_path / "public")
    process = Process(folder)
    try:
        assert fetch(process.port)[1] == files_of(ONE)["calendar.ics"]
        (folder / ONE / ".new").write_bytes(b"new")
        (folder / ONE / ".new").replace(folder / ONE / "calendar.ics")
        (folder / OTHER).rename(tmp_path / "revoked")
        assert until(lambda: fetch(process.port)[1] == b"new")
        assert until(lambda: fetch(process.port, f"/{OTHER}/")[0] in (404, 429))
        assert process.end()[0] == 0
    finally:
        process.process.kill()
        process.process.communicate()


def test_a_real_record_is_served_until_its_link_is_revoked_and_nothing_is_written(child: Path, tmp_path: Path) -> None:
    key, site = tmp_path / "site.key", tmp_path / "site.yaml"
    site.write_text("format: 1\nsite key: site.key\naddress: https://plans.example/\n")
    assert run("site", "init", key).returncode == 0
    assert run("link", child, "--for", "family", "--settings", site).returncode == 0
    told = run("link", child, "--for", "family", "--settings", site, "--format", "json")
    (address,) = set(re.findall(r"https://plans\.example/(\w{26})/", told.stdout))
    before = child.read_bytes()
    process = Process(child, "--settings", site)
    try:
        assert child.read_bytes() == before
        status, calendar = fetch(process.port, f"/{address}/calendar.ics")
        assert (status, calendar[:15]) == (200, b"BEGIN:VCALENDAR")
        for name, first in (("", b"<!doctype html>"), ("es.html", b"<!doctype html>"), ("calendar.pdf", b"%PDF-")):
            status, page = fetch(process.port, f"/{address}/{name}")
            assert (status, page[: len(first)].lower()) == (200, first.lower())
        assert run("link", child, "--for", "family", "--revoke", "--settings", site).returncode == 0
        assert until(lambda: fetch(process.port, f"/{address}/")[0] == 404)
        status, out, err = process.end()
        assert (status, out) == (0, "")
        assert address not in err
        assert len(err.splitlines()) == 1
    finally:
        process.process.kill()
        process.process.communicate()


def test_a_key_that_others_can_read_serves_nothing(child: Path, tmp_path: Path) -> None:
    key = tmp_path / "site.key"
    assert run("site", "init", key).returncode == 0
    key.chmod(0o644)
    done = run("serve", child, "--port", "0", "--site-key", key)
    assert done.returncode == 1
    assert "may be read by others than its owner" in done.stderr
    done = run("serve", child, "--port", "0")
    assert done.returncode == 2
    assert "no site key is named" in done.stderr


def test_no_answer_waits_until_a_client_says_that_it_has_the_one_before() -> None:
    with listen("127.0.0.1", 0) as listening, connect(listening.getsockname()[1]):
        accepted, _address = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
