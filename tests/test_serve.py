"""What `protocal serve` answers: right addresses with what is theirs, and all others in one same way."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from urllib.parse import urljoin

import httpx
import pytest
from conftest import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import (
    ONE,
    OTHER,
    TYPES,
    UNKNOWN,
    WORDS,
    Clock,
    Got,
    Told,
    app_of,
    ask,
    files_of,
    of_folder,
    publish,
    write,
)
from starlette.types import ASGIApp

from protocal.model.problems import UsageError
from protocal.serving import folder_store
from protocal.serving.app import takes_gzip
from protocal.serving.misses import Limits, Misses, client_of
from protocal.serving.store import Found, Shelf, made

HOURS = float(os.environ.get("PROTOCAL_SOAK", "0"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return publish(tmp_path / "public")


@pytest.fixture
def app(folder: Path) -> ASGIApp:
    return app_of(of_folder(folder))


# --- what is there


@pytest.mark.parametrize("name", TYPES)
def test_each_file_is_served_with_its_type_and_what_keeps_it_safe(app: ASGIApp, name: str) -> None:
    got = ask(app, f"/{ONE}/{name}")
    assert (got.status, got.body) == (200, files_of(ONE)[name])
    assert got.header("content-type") == TYPES[name]
    assert got.header("content-length") == str(len(got.body))
    assert got.header("cache-control") == "private, no-cache"
    assert got.header("vary") == "accept-encoding"
    assert got.header("etag").startswith('"')
    assert not got.header("content-disposition")
    policy = got.header("content-security-policy").split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"} <= set(policy)
    assert "unsafe" not in got.header("content-security-policy")
    assert got.header("referrer-policy") == "no-referrer"
    assert got.header("x-content-type-options") == "nosniff"
    assert "noindex" in got.header("x-robots-tag")
    assert "geolocation=()" in got.header("permissions-policy")
    assert got.header("cross-origin-resource-policy") == got.header("cross-origin-opener-policy") == "same-origin"


def test_a_calendar_program_gets_a_calendar_and_no_attachment(app: ASGIApp) -> None:
    got = ask(app, f"/{ONE}/calendar.ics")
    assert got.header("content-type") == "text/calendar; charset=utf-8"
    assert "content-disposition" not in dict(got.headers)


def test_a_readers_page_is_at_its_address_and_an_address_without_the_slash_leads_there(app: ASGIApp) -> None:
    assert ask(app, f"/{ONE}/").body == ask(app, f"/{ONE}/index.html").body == files_of(ONE)["index.html"]
    got = ask(app, f"/{ONE}")
    assert (got.status, got.body) == (308, b"")
    assert urljoin(f"https://clinic.example/plans/{ONE}", got.header("location")) == (
        f"https://clinic.example/plans/{ONE}/"
    )


def test_what_follows_a_question_mark_changes_nothing(app: ASGIApp) -> None:
    assert ask(app, f"/{ONE}/calendar.ics?nocache=17") == ask(app, f"/{ONE}/calendar.ics")


def test_robots_are_sent_away(app: ASGIApp) -> None:
    got = ask(app, "/robots.txt")
    assert (got.status, got.body) == (200, b"User-agent: *\nDisallow: /\n")
    assert got.header("content-type") == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", [f"/{ONE}/calendar.ics", f"/{ONE}/", f"/{ONE}", "/robots.txt", f"/{UNKNOWN}/", "/"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_the_head_of_an_answer_is_that_of_the_whole_answer(app: ASGIApp, path: str, coding: str) -> None:
    whole, head = (ask(app, path, method, {"accept-encoding": coding}) for method in ("GET", "HEAD"))
    assert head == Got(whole.status, whole.headers, b"")


def test_a_real_client_reads_it_over_the_whole_of_its_own_code(folder: Path) -> None:
    async def fetched() -> None:
        transport = httpx.ASGITransport(app_of(of_folder(folder)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", follow_redirects=True) as client:
            first = await client.get(f"/{ONE}")
            assert first.content == files_of(ONE)["index.html"]
            assert first.headers["content-encoding"] == "gzip"
            again = await client.get(f"/{ONE}/", headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert (await client.get(f"/{OTHER}/calendar.ics")).content == files_of(OTHER)["calendar.ics"]
            assert (await client.get(f"/{UNKNOWN}/calendar.ics")).status_code == 404

    asyncio.run(fetched())


# --- what has not changed


def test_the_etag_is_of_the_bytes(app: ASGIApp, folder: Path) -> None:
    before = ask(app, f"/{ONE}/calendar.ics").header("etag")
    os.utime(folder / ONE / "calendar.ics", ns=(1, 1))
    assert ask(app_of(of_folder(folder)), f"/{ONE}/calendar.ics").header("etag") == before
    (folder / ONE / "calendar.ics").write_bytes(b"changed")
    assert ask(app_of(of_folder(folder)), f"/{ONE}/calendar.ics").header("etag") != before


HAD = {
    "the same": "{etag}",
    "the weak one that a proxy made of it": "W/{etag}",
    "one of a list": '"abc", {etag}',
    "a weak one of a list without spaces": '"abc",W/{etag},"def"',
    "with spaces around": "  {etag}  ",
    "any": "*",
    "any, with spaces": " * ",
}


@pytest.mark.parametrize("had", HAD.values(), ids=HAD)
@pytest.mark.parametrize("coding", ["gzip", "identity"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_a_client_has_is_not_sent_again(app: ASGIApp, had: str, coding: str, method: str) -> None:
    accepted = {"accept-encoding": coding}
    etag = ask(app, f"/{ONE}/calendar.ics", headers=accepted).header("etag")
    got = ask(app, f"/{ONE}/calendar.ics", method, {**accepted, "if-none-match": had.format(etag=etag)})
    assert (got.status, got.body) == (304, b"")
    assert dict(got.headers) == {
        b"etag": etag.encode(),
        b"cache-control": b"private, no-cache",
        b"vary": b"accept-encoding",
    }


def test_several_lines_of_what_a_client_has_are_one_list(app: ASGIApp) -> None:
    etag = ask(app, f"/{ONE}/calendar.ics").header("etag")
    lines = [("if-none-match", '"abc"'), ("if-none-match", etag)]
    for each in (lines, lines[::-1]):
        assert ask(app, f"/{ONE}/calendar.ics", headers=each).status == 304


def test_who_has_the_other_form_is_told_that_it_still_holds(app: ASGIApp) -> None:
    plain = ask(app, f"/{ONE}/calendar.ics").header("etag")
    got = ask(app, f"/{ONE}/calendar.ics", headers={"accept-encoding": "gzip", "if-none-match": plain})
    assert (got.status, got.header("etag")) == (304, plain)


@pytest.mark.parametrize("had", ['"abc"', "abc", "{bare}", "", "W/", '"*"', "**", "{etag:.20}", "\xff", '"' * 5000])
def test_whoever_has_anything_else_gets_it(app: ASGIApp, had: str) -> None:
    etag = ask(app, f"/{ONE}/calendar.ics").header("etag")
    got = ask(app, f"/{ONE}/calendar.ics", headers={"if-none-match": had.format(etag=etag, bare=etag.strip('"'))})
    assert (got.status, got.body) == (200, files_of(ONE)["calendar.ics"])


def test_a_date_alone_says_nothing_for_two_issues_may_have_the_same_second(app: ASGIApp) -> None:
    later = {"if-modified-since": "Fri, 31 Dec 2100 23:59:59 GMT"}
    assert ask(app, f"/{ONE}/calendar.ics", headers=later).status == 200


def test_an_etag_of_one_reader_says_nothing_of_another(app: ASGIApp) -> None:
    etag = ask(app, f"/{ONE}/calendar.ics").header("etag")
    got = ask(app, f"/{OTHER}/calendar.ics", headers={"if-none-match": etag})
    assert (got.status, got.body) == (200, files_of(OTHER)["calendar.ics"])
    assert ask(app, f"/{UNKNOWN}/calendar.ics", headers={"if-none-match": "*"}).status == 404


# --- compressed

TAKEN = {
    "gzip": True,
    "gzip, deflate, br": True,
    "br;q=1.0, GZIP;q=0.5": True,
    "x-gzip": True,
    "*": True,
    "deflate, *;q=0.1": True,
    "gzip;q=0": False,
    "gzip; q=0.000, *": False,
    "gzip;q=0.001": True,
    "*;q=0": False,
    "identity": False,
    "br": False,
    "": False,
    "notgzip": False,
    ",,;;q=": False,
}


@pytest.mark.parametrize("accepted", TAKEN)
def test_a_client_gets_gzip_only_if_it_takes_it(app: ASGIApp, accepted: str) -> None:
    assert takes_gzip(accepted.encode()) is TAKEN[accepted]
    got = ask(app, f"/{ONE}/calendar.ics", headers={"accept-encoding": accepted})
    assert (got.header("content-encoding") == "gzip") is TAKEN[accepted]
    body = gzip.decompress(got.body) if TAKEN[accepted] else got.body
    assert body == files_of(ONE)["calendar.ics"]
    assert got.header("content-length") == str(len(got.body))


def test_the_two_forms_have_two_etags(app: ASGIApp) -> None:
    plain = ask(app, f"/{ONE}/calendar.ics")
    packed = ask(app, f"/{ONE}/calendar.ics", headers={"accept-encoding": "gzip"})
    assert len(packed.body) < len(plain.body)
    assert packed.header("etag") != plain.header("etag")


def test_what_is_compressed_by_itself_or_too_short_is_sent_as_it_is(folder: Path) -> None:
    (folder / ONE / "page.css").write_bytes(b"p{}")
    app = app_of(of_folder(folder))
    for name in ("calendar.pdf", "page.css"):
        got = ask(app, f"/{ONE}/{name}", headers={"accept-encoding": "gzip"})
        assert not got.header("content-encoding")
        assert got.body == (folder / ONE / name).read_bytes()


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_long_text_is_kept_compressed_and_served_in_both_forms(folder: Path, coding: str) -> None:
    text = b"a long calendar\r\n" * 10_000
    (folder / ONE / "calendar.ics").write_bytes(text)
    store = of_folder(folder)
    found = store.find(ONE, "calendar.ics")
    assert found is not None
    assert found.plain is None
    assert len(found.gzipped or b"") < len(text) / 10
    app = app_of(store)
    whole, head = (ask(app, f"/{ONE}/calendar.ics", method, {"accept-encoding": coding}) for method in ("GET", "HEAD"))
    assert (gzip.decompress(whole.body) if coding == "gzip" else whole.body) == text
    assert whole.header("content-length") == str(len(whole.body))
    assert head == Got(200, whole.headers, b"")


def test_nothing_is_compressed_while_somebody_waits(app: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip, "compress", None)
    assert ask(app, f"/{ONE}/calendar.ics", headers={"accept-encoding": "gzip"}).header("content-encoding") == "gzip"


# --- what is not there

NOT_THERE = {
    "the root": b"/",
    "nothing at all": b"",
    "a star": b"*",
    "another server": b"http://elsewhere.example/",
    "an unknown address": f"/{UNKNOWN}/".encode(),
    "an unknown address without a slash": f"/{UNKNOWN}".encode(),
    "a calendar of an unknown address": f"/{UNKNOWN}/calendar.ics".encode(),
    "an unknown name": f"/{ONE}/calendar.txt".encode(),
    "a name under a name": f"/{ONE}/calendar.ics/".encode(),
    "a hidden file": f"/{ONE}/.published".encode(),
    "a link out of the folder": f"/{ONE}/../robots.txt".encode(),
    "into another reader's": f"/{ONE}/../{OTHER}/calendar.ics".encode(),
    "further out": b"/../../../../etc/passwd",
    "encoded dots": f"/{ONE}/%2e%2e/{OTHER}/calendar.ics".encode(),
    "an encoded slash": f"/{ONE}%2Fcalendar.ics".encode(),
    "an encoded letter": f"/%{ord(ONE[0]):02x}{ONE[1:]}/calendar.ics".encode(),
    "a backslash": f"/{ONE}\\calendar.ics".encode(),
    "two slashes": f"//{ONE}/calendar.ics".encode(),
    "two slashes within": f"/{ONE}//calendar.ics".encode(),
    "a NUL": f"/{ONE}/calendar.ics\0".encode(),
    "an encoded NUL": f"/{ONE}/calendar.ics%00".encode(),
    "an encoded line end": f"/{ONE}/%0d%0aset-cookie:a=b".encode(),
    "a line end": f"/{ONE}/\r\nset-cookie: a=b".encode(),
    "capital letters": f"/{ONE.upper()}/calendar.ics".encode(),
    "a shorter address": f"/{ONE[:-1]}/calendar.ics".encode(),
    "a longer address": f"/{ONE}a/calendar.ics".encode(),
    "its first letter wrong": f"/0{ONE[1:]}/calendar.ics".encode(),
    "its last letter wrong": f"/{ONE[:-1]}4/calendar.ics".encode(),
    "a longer path": f"/{ONE}/calendar.ics{'x' * 5000}".encode(),
    "no UTF-8": b"/\xff\xfe/calendar.ics",
    "a semicolon": f"/{ONE};a=b/calendar.ics".encode(),
    "robots elsewhere": f"/{ONE}/robots.txt".encode(),
    "robots as a folder": b"/robots.txt/",
    "an icon": b"/favicon.ico",
}


@pytest.mark.parametrize("path", NOT_THERE.values(), ids=NOT_THERE)
def test_all_that_is_not_there_is_answered_with_the_same_bytes_and_headers(app: ASGIApp, path: bytes) -> None:
    got = ask(app, path)
    assert got == ask(app, f"/{UNKNOWN}/")
    assert got.status == 404
    assert got.header("cache-control") == "no-store"
    assert got.header("content-security-policy")
    assert not got.header("etag")
    assert not any(word in got.body for word in (b"calendar", ONE.encode(), b"mallow"))
    assert ask(app, path, "HEAD").headers == got.headers


def test_an_address_that_was_revoked_is_as_one_that_never_was(folder: Path) -> None:
    store = of_folder(folder)
    app = app_of(store)
    assert ask(app, f"/{ONE}/").status == 200
    (folder / ONE).rename(folder / "kept")
    store.refresh()
    for path in ("", "/", "/calendar.ics", "/nothing"):
        assert ask(app, f"/{ONE}{path}") == ask(app, f"/{UNKNOWN}{path}")
    assert ask(app, f"/{OTHER}/").status == 200


def test_whoever_is_told_that_nothing_is_there_is_told_what_to_do_in_each_language(app: ASGIApp) -> None:
    said = ask(app, "/").body.decode()
    assert "There is nothing at this address." in said
    assert "En esta dirección no hay nada." in said
    assert len(said.splitlines()) == len(set(said.splitlines()))


class Counting:
    """A store that counts how often it is asked, and of what length."""

    addresses = 0

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.asked = shelf, Counter[str]()

    def find(self, address: str, name: str) -> Found | None:
        self.asked["find"] += 1
        return self.shelf.find(address, name)

    def refresh(self) -> None:
        self.asked["refresh"] += 1


@pytest.mark.parametrize("path", [*NOT_THERE.values(), f"/{ONE}/".encode(), f"/{ONE}".encode()])
def test_the_same_is_done_for_every_path_so_that_time_tells_nothing(folder: Path, path: bytes) -> None:
    store = Counting(of_folder(folder)._shelf)
    ask(app_of(store), path)
    assert store.asked == {"find": 1}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "TRACE", "CONNECT", "get", "G\0T"])
def test_another_method_is_refused_in_one_way_whatever_the_path(app: ASGIApp, method: str) -> None:
    got = ask(app, f"/{ONE}/calendar.ics", method)
    assert (got.status, got.header("allow"), got.body) == (405, "GET, HEAD", b"")
    for path in (f"/{UNKNOWN}/calendar.ics", "/", "/robots.txt", f"/{ONE}"):
        assert ask(app, path, method) == got


def test_a_web_socket_is_closed(app: ASGIApp) -> None:
    sent = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message["type"])

    asyncio.run(app({"type": "websocket", "path": f"/{ONE}/", "headers": []}, None, send))  # type: ignore[arg-type]
    assert sent == ["websocket.close"]


def test_a_fault_of_ours_ends_no_server_and_names_no_address(folder: Path) -> None:
    class Broken(Counting):
        def find(self, address: str, name: str) -> Found | None:
            if address == ONE:
                raise ValueError(f"{address} is broken")
            return super().find(address, name)

    told = Told()
    app = app_of(Broken(of_folder(folder)._shelf), told=told)
    got = ask(app, f"/{ONE}/")
    assert (got.status, got.body) == (500, b"")
    (line,) = told.lines
    assert "ValueError at test_serve.py:" in line
    assert ONE not in line
    assert ask(app, f"/{OTHER}/").status == 200


# --- a limit for those who guess


def test_who_misses_too_often_is_told_to_wait_and_still_gets_what_is_there(folder: Path) -> None:
    clock = Clock()
    app = app_of(of_folder(folder), Limits(misses=60, seconds=600), clock)
    for guess in range(60):
        assert ask(app, f"/{guess:026}/").status == 404
        clock.time += 1
    got = ask(app, f"/{UNKNOWN}/")
    assert (got.status, got.header("retry-after")) == (429, "540")
    assert got.body == ask(app, f"/{UNKNOWN}/", host="192.0.2.2").body
    assert ask(app, f"/{ONE}/").status == 200
    assert ask(app, f"/{ONE}").status == 308
    assert ask(app, "/robots.txt").status == 200
    assert ask(app, f"/{UNKNOWN}/", host="192.0.2.2").status == 404
    clock.time += 540
    assert ask(app, f"/{UNKNOWN}/").status == 404


def test_what_is_there_never_counts(folder: Path) -> None:
    app = app_of(of_folder(folder), Limits(misses=1))
    for _fetch in range(100):
        assert ask(app, f"/{ONE}/calendar.ics").status == 200
        assert ask(app, f"/{OTHER}/calendar.ics", headers={"if-none-match": "*"}).status == 304
    assert ask(app, f"/{UNKNOWN}/").status == 404
    assert ask(app, f"/{UNKNOWN}/").status == 429


ONE_CLIENT = {
    "192.0.2.7": "192.0.2.7",
    "::ffff:192.0.2.7": "192.0.2.7",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2::1": "2001:db8:1:2::/64",
    "fe80::1%eth0": "fe80::/64",
    "": "",
    "unknown": "",
    "x" * 10_000: "",
}


@pytest.mark.parametrize("host", ONE_CLIENT)
def test_who_has_a_whole_net_is_one_client_and_so_are_all_without_an_address(host: str) -> None:
    assert client_of(host) == ONE_CLIENT[host]


def test_ten_thousand_guesses_by_as_many_clients_are_remembered_of_the_last_ones_only() -> None:
    misses = Misses(Limits(misses=2, clients=100), Clock())
    for guess in range(10_000):
        assert misses.wait(f"10.0.{guess // 256}.{guess % 256}") == 0
        assert (misses.wait("192.0.2.1") > 0) is (guess >= 2)  # who guesses all the time is not forgotten for others
    assert len(misses) == 100


def test_ten_thousand_guesses_by_one_client_are_one_number() -> None:
    misses = Misses(Limits(), Clock())
    assert [misses.wait("192.0.2.1") > 0 for _guess in range(10_000)] == [False] * 60 + [True] * 9940
    assert len(misses) == 1


# --- a folder that changes


def test_a_file_that_was_replaced_is_taken_whole(folder: Path) -> None:
    store = of_folder(folder)
    app = app_of(store)
    new = folder / ONE / ".new"
    new.write_bytes(b"new")
    new.replace(folder / ONE / "calendar.ics")
    assert ask(app, f"/{ONE}/calendar.ics").body == files_of(ONE)["calendar.ics"]
    store.refresh()
    store.refresh()
    assert ask(app, f"/{ONE}/calendar.ics").body == b"new"
    assert ask(app, f"/{ONE}/page.css").body == files_of(ONE)["page.css"]


def test_a_file_that_is_still_being_written_keeps_its_last_good_bytes(folder: Path) -> None:
    store = of_folder(folder)
    app = app_of(store)
    with (folder / ONE / "calendar.ics").open("wb", buffering=0) as stream:
        for part in (b"one ", b"two ", b"three"):
            stream.write(part)
            store.refresh()
            assert ask(app, f"/{ONE}/calendar.ics").body == files_of(ONE)["calendar.ics"]
    store.refresh()
    assert ask(app, f"/{ONE}/calendar.ics").body == b"one two three"


def test_a_file_that_is_gone_for_a_moment_is_served_all_the_while(folder: Path) -> None:
    store = of_folder(folder)
    app = app_of(store)
    file = folder / ONE / "calendar.ics"
    file.unlink()
    store.refresh()
    assert ask(app, f"/{ONE}/calendar.ics").status == 200
    file.write_bytes(b"back")
    store.refresh()
    store.refresh()
    assert ask(app, f"/{ONE}/calendar.ics").body == b"back"
    file.unlink()
    store.refresh()
    store.refresh()
    assert ask(app, f"/{ONE}/calendar.ics") == ask(app, f"/{UNKNOWN}/calendar.ics")


def test_an_address_that_is_new_is_served_and_one_that_is_removed_is_not(folder: Path) -> None:
    store = of_folder(folder)
    app = app_of(store)
    write(folder / UNKNOWN, files_of(UNKNOWN))
    (folder / OTHER).rename(folder.parent / "removed")
    store.refresh()
    assert ask(app, f"/{OTHER}/").status == 404
    store.refresh()
    assert ask(app, f"/{UNKNOWN}/").body == files_of(UNKNOWN)["index.html"]
    assert store.addresses == 2


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of files that cannot be read, whoever runs the tests."""
    names: set[str] = set()
    read = folder_store._read

    def refused(path: Path, seen: folder_store.Signature) -> bytes | None:
        if path.name in names:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, seen)

    monkeypatch.setattr(folder_store, "_read", refused)
    return names


def test_a_file_that_became_unreadable_keeps_its_last_good_bytes_and_is_told_once(
    folder: Path, unreadable: set[str]
) -> None:
    told = Told()
    store = of_folder(folder, told)
    app = app_of(store)
    unreadable.add("calendar.ics")
    for address in (ONE, OTHER):
        (folder / address / "calendar.ics").write_bytes(b"new")
    for _look in range(5):
        store.refresh()
    assert ask(app, f"/{ONE}/calendar.ics").body == files_of(ONE)["calendar.ics"]
    assert told.taken() == [
        "warning: 2 published files cannot be read (Permission denied); what was read last is served"
    ]
    unreadable.clear()
    store.refresh()
    assert ask(app, f"/{ONE}/calendar.ics").body == b"new"
    assert told.taken() == ["what was published can be read again"]


def test_a_folder_that_is_gone_as_a_whole_goes_on_being_served_and_is_told(folder: Path) -> None:
    told = Told()
    store = of_folder(folder, told)
    folder.rename(folder.parent / "elsewhere")
    for _look in range(3):
        store.refresh()
    assert ask(app_of(store), f"/{ONE}/").status == 200
    assert told.taken() == [
        "warning: the published folder cannot be read (No such file or directory); what was read last is served"
    ]
    (folder.parent / "elsewhere").rename(folder)
    store.refresh()
    assert told.taken() == ["what was published can be read again"]


def test_a_folder_that_nothing_was_published_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder that was published in"):
        of_folder(tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        of_folder(tmp_path / "nowhere")
    write(tmp_path, {"robots.txt": b""})
    assert of_folder(tmp_path).addresses == 0


def test_no_link_is_followed_and_nothing_but_files_is_read(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside", files_of(UNKNOWN))
    (folder / UNKNOWN).symlink_to(tmp_path / "outside", target_is_directory=True)
    for name, place in (("calendar.ics", tmp_path / "outside" / "calendar.ics"), ("page.css", Path("page.js"))):
        (folder / ONE / name).unlink()
        (folder / ONE / name).symlink_to(place)
    (folder / ONE / "page.js").unlink()
    (folder / ONE / "page.js").mkdir()
    os.mkfifo(folder / ONE / "new")
    (folder / ONE / "new").replace(folder / ONE / "worker.js")
    told = Told()
    app = app_of(of_folder(folder, told))
    assert told.lines == []
    for path in (f"{UNKNOWN}/", f"{ONE}/calendar.ics", f"{ONE}/page.css", f"{ONE}/page.js", f"{ONE}/worker.js"):
        assert ask(app, f"/{path}").status == 404, path
    assert ask(app, f"/{ONE}/").status == 200


def test_only_folders_with_an_address_for_a_name_are_served(folder: Path) -> None:
    for name in (
        "short",
        ONE.upper(),
        ONE + "a",
        ".hidden",
        "b7k2m9q4w8x3z6c5v2n7h4j3t-",
        ONE[:-1] + "u",
        "ä" * 26,
        "\N{ARABIC-INDIC DIGIT ONE}" * 26,
    ):
        write(folder / name, files_of(UNKNOWN))
    assert of_folder(folder).addresses == 2


def test_what_did_not_change_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    really = folder_store._read
    monkeypatch.setattr(folder_store, "_read", lambda path, seen: read.append(path.name) or really(path, seen))
    store = of_folder(folder)
    shelf = store._shelf
    store.refresh()
    assert store._shelf is shelf
    assert len(read) == 2 * len(TYPES)
    read.clear()
    (folder / ONE / "page.js").write_bytes(b"new")
    for _look in range(4):
        store.refresh()
    assert read == ["page.js"]


def test_a_file_that_is_another_by_now_or_changes_while_it_is_read_is_not_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / ONE / "calendar.ics"
    seen = folder_store.signature_of(file)
    assert folder_store._read(file, seen) == file.read_bytes()
    file.write_bytes(b"another")
    assert folder_store._read(file, seen) is None
    following = iter([seen, None])
    monkeypatch.setattr(folder_store, "signature", lambda _found: next(following))
    assert folder_store._read(file, seen) is None


def test_who_may_read_a_file_is_part_of_what_it_is(folder: Path) -> None:
    file = folder / ONE / "calendar.ics"
    before = folder_store.signature_of(file)
    file.chmod(0o600)
    assert folder_store.signature_of(file) != before


def test_a_folder_of_a_reader_that_cannot_be_read_keeps_what_was_read_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    store = of_folder(folder, told)
    really = Path.iterdir

    def refused(path: Path) -> object:
        if path.name == ONE:
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    for _look in range(3):
        store.refresh()
    assert ask(app_of(store), f"/{ONE}/").status == 200
    (line,) = told.lines
    assert ONE not in line


def test_the_same_bytes_by_another_name_have_its_own_type() -> None:
    known: dict[bytes, Found] = {}
    for name in ("page.css", "page.js", "page.css"):
        found = made(name, b"", known)
        known[found.etag] = found
        assert found.media_type == TYPES[name]


def test_what_all_pages_share_is_in_memory_once(folder: Path) -> None:
    for address in (ONE, OTHER):
        (folder / address / "page.css").write_bytes(b"p { margin: 0 }\n" * 50)
    store = of_folder(folder)
    assert store.find(ONE, "page.css") is store.find(OTHER, "page.css") is not None


# --- the command


WRONG = {
    "nothing of that name": (["nowhere"], "there is neither a folder nor a record nowhere"),
    "a folder and a record": (["public", "record.yaml"], "one folder is served, or records are"),
    "two folders": (["public", "."], "one folder is served, or records are"),
    "a folder of something else": (["."], "is no folder that was published in"),
    "no port": (["public", "--port", "70000"], "there is no port 70000"),
    "no number": (["public", "--port", "1e3"], "1e3"),
    "no host": (["public", "--host", "nowhere.invalid"], "nothing can be served at port 0 of 'nowhere.invalid'"),
    "nothing": ([], "PATH"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_served_is_wrong_use(tmp_path: Path, folder: Path, words: list[str], said: str) -> None:
    (tmp_path / "record.yaml").write_text("")
    done = run("serve", "--port", "0", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", folder, "--port", str(port))
    assert done.returncode == 2
    assert f"nothing can be served at port {port} of '127.0.0.1'" in done.stderr
    assert "warning" not in done.stderr


def test_whoever_lets_other_machines_ask_is_warned(tmp_path: Path) -> None:
    done = run("serve", tmp_path, "--host", "0.0.0.0", "--port", "0")
    assert done.stderr.startswith("warning: at '0.0.0.0' other machines can ask")
    assert "TLS" in done.stderr
    assert run("serve", tmp_path, "--host", "localhost", "--port", "0").stderr.startswith("error")


@pytest.mark.parametrize("lacking", ["starlette", "uvicorn"])
def test_without_what_serves_the_command_says_what_to_install(tmp_path: Path, lacking: str) -> None:
    (tmp_path / f"{lacking}.py").write_text(f"raise ModuleNotFoundError('no {lacking}', name='{lacking}')\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[1]}"}
    done = subprocess.run(
        [sys.executable, "-m", "protocal", "serve", tmp_path],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 3
    assert "pip install protocal[serve]" in done.stderr


# --- anything

pieces = st.sampled_from(
    [ONE, OTHER, UNKNOWN, *TYPES, "/", "//", ".", "..", "%2f", "%2e", "%00", "\0", "\\", "?", "#", ";", "*", "~"]
)
paths = st.lists(pieces | st.text(max_size=5), max_size=7).map("".join).map(lambda text: f"/{text}".encode())
methods = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS"]) | st.text("GETPOSHAD \0/", max_size=8)
values = st.text(st.characters(max_codepoint=255), max_size=40) | st.sampled_from(
    ["*", "gzip", "gzip;q=0", "bytes=0-5", "no-cache", "W/*", '"', "q=" * 99, "," * 999]
)
names = st.sampled_from(
    ["if-none-match", "accept-encoding", "range", "if-modified-since", "if-match", "host", "cookie", "x-forwarded-for"]
)


def check_laws(app: ASGIApp, path: bytes, method: str, headers: list[tuple[str, str]], host: str) -> None:
    """No fault, no word of one reader for another, one answer for all that is not there."""
    got = ask(app, path, method, headers, host)
    assert got.status in (200, 304, 308, 404, 405, 429)
    body = gzip.decompress(got.body) if got.header("content-encoding") == "gzip" and got.body else got.body
    asked = path.partition(b"?")[0].split(b"/")
    for address, word in WORDS.items():
        if word.encode() in body or (got.status in (200, 304, 308) and asked[1] == address.encode()):
            assert asked[1] == address.encode()
            assert asked[2:] in ([], [b""], *([name.encode()] for name in TYPES))
    if got.status in (404, 405, 429):
        assert not any(word.encode() in body for word in WORDS.values())
    if got.status == 404:
        missing = ask(app, b"/", host="198.51.100.1")
        assert got.headers == missing.headers
        assert got.body == (b"" if method == "HEAD" else missing.body)
    assert not any(b"\r" in value or b"\n" in value for _name, value in got.headers)


def test_whatever_is_asked_no_answer_is_a_fault_or_speaks_of_another_reader(tmp_path: Path) -> None:
    told = Told()
    app = app_of(of_folder(publish(tmp_path / "public")), Limits(misses=10**9), told=told)

    @settings(
        max_examples=2000 if HOURS else 300,
        derandomize=not HOURS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(paths, methods, st.lists(st.tuples(names, values), max_size=4), st.text(max_size=9))
    def laws(path: bytes, method: str, headers: list[tuple[str, str]], host: str) -> None:
        check_laws(app, path, method, headers, host)

    ends = monotonic() + HOURS * 3600 / 8
    laws()
    while monotonic() < ends:
        laws()
    assert told.lines == []


def test_the_laws_find_a_word_of_another_reader_and_a_fault(folder: Path) -> None:
    class Wrong(Counting):
        def find(self, address: str, name: str) -> Found | None:
            return self.shelf.find(OTHER if address == ONE else address, name)

    wrong = app_of(Wrong(of_folder(folder)._shelf))
    with pytest.raises(AssertionError):
        check_laws(wrong, f"/{ONE}/".encode(), "GET", [], "")

    class Faulty(Counting):
        def find(self, address: str, name: str) -> Found | None:
            raise KeyError

    with pytest.raises(AssertionError):
        check_laws(app_of(Faulty(Shelf())), b"/", "GET", [], "")
