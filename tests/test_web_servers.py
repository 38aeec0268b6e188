"""The configurations of docs/publishing.md, run by the servers that they are of: each hands out a folder as it should.

A server that is not at hand is skipped.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from protocal.model.reader import Who
from protocal.publish.addresses import address_of
from protocal.publish.folder import published_folder

GUIDE = Path(__file__).parent.parent / "docs" / "publishing.md"
ADDRESS = address_of(bytes(32), "record", Who.FAMILY, 1)
OTHER = address_of(bytes(32), "record", Who.FAMILY, 2)
TYPES = {
    "": "text/html; charset=utf-8",
    "index.html": "text/html; charset=utf-8",
    "es.html": "text/html; charset=utf-8",
    "calendar.ics": "text/calendar; charset=utf-8",
    "calendar.pdf": "application/pdf",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "worker.js": "text/javascript; charset=utf-8",
    "manifest.webmanifest": "application/manifest+json",
}
NOTHING = b"There is nothing at this address. Ask your treatment team for a new one.\n"


@dataclass(frozen=True)
class Server:
    """A server at work, the folder that it hands out, and the folder of its logs."""

    port: int
    public: Path
    logs: Path

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """A status, the headers by small names, and the body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def block(language: str) -> str:
    """A configuration of the guide."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def nginx(folder: Path, port: int) -> tuple[list[str], str]:
    text = re.sub(r"(?m)^ *ssl_certificate.*\n", "", block("nginx")).replace(
        "listen 443 ssl", f"listen 127.0.0.1:{port}"
    )
    group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
    user = f"user nobody {group};\n" if os.geteuid() == 0 else ""
    kept = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/logs/start.log crit;\nevents {{}}\n"
    text = f"{head}http {{\n{kept}{text}}}\n"
    return ["nginx", "-p", str(folder), "-e", f"{folder}/logs/start.log", "-c", f"{folder}/conf"], text


def caddy(folder: Path, port: int) -> tuple[list[str], str]:
    text = block("caddy").replace("{\n\tlog", "{\n\tadmin off\n\tlog", 1)
    text = text.replace("calendars.example.org {", f"http://127.0.0.1:{port} {{")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{folder}/conf"], text


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A folder as it is published, handed out by a server with the configuration of the guide."""
    make = request.param
    if not shutil.which(make.__name__):
        pytest.skip(f"{make.__name__} is not at hand")
    with tempfile.TemporaryDirectory(dir="/tmp") as name, socket.socket() as taken:
        folder = Path(name)
        folder.chmod(0o755)
        with published_folder(folder / "public") as published:
            files = {each: f"{each} of a child\n".encode() * 200 for each in TYPES if each}
            published.replace(ADDRESS, files, "0" * 64)
        (folder / "logs").mkdir()
        (folder / "secret").write_text("a secret\n", encoding="utf-8")
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.close()
        words, text = make(folder, port)
        text = text.replace("/var/www/calendars", f"{folder}/public")
        (folder / "conf").write_text(re.sub(r"/var/log/[a-z]+/", f"{folder}/logs/", text), encoding="utf-8")
        with (folder / "logs" / "said.log").open("wb") as said:
            running = subprocess.Popen(words, stdout=said, stderr=said, env={**os.environ, "HOME": name})
            try:
                found = Server(port, folder / "public", folder / "logs")
                _wait(found, running)
                yield found
            finally:
                running.terminate()
                running.wait(20)


def _wait(server: Server, running: subprocess.Popen[bytes]) -> None:
    for _time in range(200):
        try:
            server.ask("/robots.txt")
        except OSError:
            assert running.poll() is None, "".join(each.read_text()[-400:] for each in server.logs.iterdir())
            time.sleep(0.1)
        else:
            return
    pytest.fail("it does not answer")


@pytest.mark.parametrize("name", TYPES)
def test_each_file_has_its_type_and_is_kept_by_nobody_else(name: str, server: Server) -> None:
    status, headers, body = server.ask(f"/{ADDRESS}/{name}")
    assert (status, headers["content-type"].replace("javascript;", "javascript;")) == (200, TYPES[name])
    assert body == (server.public / ADDRESS / (name or "index.html")).read_bytes()
    assert headers["cache-control"] == "private, no-cache"
    assert "content-disposition" not in headers


def test_what_has_not_changed_is_not_sent_again(server: Server) -> None:
    for coding in ("identity", "gzip"):
        path = f"/{ADDRESS}/calendar.ics"
        status, headers, body = server.ask(path, Accept_Encoding=coding)
        assert status == 200
        assert (headers.get("content-encoding", "identity"), len(body) < 1000) == (coding, coding == "gzip")
        again = server.ask(path, Accept_Encoding=coding, If_None_Match=headers["etag"])
        assert (again[0], again[2]) == (304, b"")
        assert server.ask(path, Accept_Encoding=coding, If_Modified_Since=headers["last-modified"])[0] == 304
        assert server.ask(path, method="HEAD", Accept_Encoding=coding)[0] == 200


def test_the_headers_keep_a_page_to_itself(server: Server) -> None:
    for path in (f"/{ADDRESS}/", f"/{ADDRESS}/calendar.ics", f"/{OTHER}/", "/"):
        headers = server.ask(path)[1]
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")
        assert headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        assert "access-control-allow-origin" not in headers
        assert not re.search(r"\d", headers.get("server", ""))


def test_what_is_not_there_or_is_asked_for_wrongly_has_one_answer(server: Server) -> None:
    (server.public / OTHER).mkdir(exist_ok=True)
    (server.public / OTHER).rmdir()  # closed
    asked = [
        *(
            ("GET", f"/{each}")
            for each in (OTHER, f"{OTHER}/", f"{OTHER}/calendar.ics", f"{OTHER}/page.js", "x", "x/y/z")
        ),
        *(("GET", f"/{ADDRESS}/{each}") for each in (".made-of", "none", "calendar.ics/", "calendar.ics.gz")),
        *(("GET", f"/{each}") for each in (".robots.txt.lock", "robots.txt/")),
        *((method, f"/{each}/") for method in ("POST", "PUT", "DELETE", "OPTIONS") for each in (ADDRESS, OTHER)),
    ]
    for method, path in asked:
        status, headers, body = server.ask(path, method)
        assert (status, body) == (404, NOTHING), (method, path, status, body[:80])
        assert headers["content-type"] == "text/plain; charset=utf-8"


def test_no_path_leads_out_of_the_folder(server: Server) -> None:
    for path in ("../secret", "%2e%2e/secret", f"{ADDRESS}/..%2f..%2fsecret", f"{ADDRESS}/../../secret", "..%5csecret"):
        status, _headers, body = server.ask(f"/{path}")
        assert (status in (400, 404), b"a secret" in body) == (True, False), path
    for name, target in (("linked", server.public.parent), ("linked.html", server.public.parent / "secret")):
        (server.public / name).symlink_to(target)
    if "nginx" in (server.public.parent / "conf").read_text(encoding="utf-8"):  # Caddy follows links wherever they lead
        assert server.ask("/linked.html")[0] == server.ask("/linked/secret")[0] == 404
    for name in ("linked", "linked.html"):
        (server.public / name).unlink()


def test_nothing_is_listed(server: Server) -> None:
    status, _headers, body = server.ask("/")
    assert (status, ADDRESS.encode() in body) == (200, False)
    assert server.ask("/robots.txt")[2] == b"User-agent: *\nDisallow: /\n"


def test_no_address_of_a_reader_or_a_client_is_logged(server: Server) -> None:
    for path in (f"/{ADDRESS}", f"/{ADDRESS}/", f"/{ADDRESS}/none", f"/{OTHER}/", f"/{OTHER}/calendar.ics"):
        server.ask(path, Referer=f"https://calendars.example.org/{ADDRESS}/")
    (server.public / ADDRESS / "other.html").write_text("not to be read", encoding="utf-8")
    (server.public / ADDRESS / "other.html").chmod(0)
    server.ask(f"/{ADDRESS}/other.html")
    for _time in range(50):
        logged = "".join(each.read_text(encoding="utf-8") for each in server.logs.iterdir())
        if logged.count("404") >= 2:
            break
        time.sleep(0.1)
    assert "200" in logged
    assert ADDRESS not in logged
    assert OTHER not in logged
    assert "127.0.0.1" not in re.sub(r"(?m)^.*(using|server|serving|listening|adapt|config).*$", "", logged)
