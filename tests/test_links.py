"""A reader's address is derived and never kept: nobody can guess it, anybody at the ward can show and revoke it."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from base64 import b32encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import accumulate, groupby, pairwise, product
from pathlib import Path
from unittest import mock

import pypdfium2
import pytest
import segno
from conftest import CHILD, childs_text, run, with_options

from protocal.change.issued_facts import facts_digest
from protocal.change.links import links_of
from protocal.model.problems import ProtocalError, UsageError
from protocal.model.reader import Who
from protocal.model.record import Record
from protocal.model.settings import ForFamilies, Settings
from protocal.publish.addresses import address_of, is_address
from protocal.publish.site_key import read_site_key, write_site_key
from protocal.read.record.read import read_record
from protocal.read.settings import read_settings
from protocal.render.family.calendar import make_calendar
from protocal.render.qr import qr_drawing
from protocal.workflow.links import Wanted, family_address, link_of
from protocal.workflow.making import calendar_bytes, plan_csv
from protocal.workflow.planning import load_plan

KEY = bytes(range(32))
RECORD = "0123456789abcdef" * 2
BASE = "https://calendars.example.org/children/"
NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
POSIX = pytest.mark.skipif(os.name != "posix", reason="who may read a file is said otherwise here")


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A folder with a child's record, a site's key, and settings that name it."""
    (tmp_path / "p.yaml").write_text(childs_text(), encoding="utf-8")
    write_site_key(tmp_path / "site.key", KEY)
    (tmp_path / "site.yaml").write_text(f"format: 1\naddress: {BASE}\nsite key: site.key\n", encoding="utf-8")
    return tmp_path


def linked(ward: Path, *words: str, who: str = "family") -> subprocess.CompletedProcess[str]:
    return run("link", ward / "p.yaml", "--for", who, "--settings", ward / "site.yaml", *words)


def shown(ward: Path, *words: str, who: str = "family") -> dict[str, object]:
    done = linked(ward, *words, "--format", "json", who=who)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def record_of(ward: Path) -> Record:
    record, problems = read_record(ward / "p.yaml")
    assert record, problems
    return record


def lines_of(ward: Path) -> list[str]:
    """The links of a log as it is shown."""
    return [line.split(None, 1)[1] for line in run("log", ward / "p.yaml").stdout.splitlines() if " link, " in line]


# --- addresses


def test_addresses_are_frozen() -> None:
    """Whoever changes these takes every reader's calendar away."""
    assert {(who.value, n): address_of(KEY, RECORD, who, n) for who in Who for n in (1, 2)} == {
        ("family", 1): "ja7fjkb193tb2s3e59gg0tkejm",
        ("family", 2): "tdpcxvwg546c7apqh9ptkz4a6w",
        ("clinic", 1): "f8ybb6s24kersdh88gxrvka650",
        ("clinic", 2): "tp5106csvzdrrzf1jfxj5873x8",
        ("pharmacy", 1): "t3esh77wz46yh4wnthc6rvwnr4",
        ("pharmacy", 2): "ewhaqj75tgv07zfbrack5a00nr",
    }


def test_an_address_is_128_bits_of_an_hmac_by_its_definition_in_base32() -> None:
    """HMAC as RFC 2104 writes it, base32 as RFC 4648 does: both by hand, with the letters put in other places."""
    said = b"".join(
        len(each).to_bytes(4, "big") + each for each in (b"protocal address 1", RECORD.encode(), b"family", b"12")
    )
    inner, outer = (bytes(each ^ pad for each in KEY.ljust(64, b"\0")) for pad in (0x36, 0x5C))
    digest = sha256(outer + sha256(inner + said).digest()).digest()[:16]
    letters = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", CROCKFORD)
    assert address_of(KEY, RECORD, Who.FAMILY, 12) == b32encode(digest).decode().rstrip("=").translate(letters)


def many_addresses() -> Iterator[str]:
    keys = [sha256(bytes([each])).digest() for each in range(5)]
    records = [sha256(bytes([each])).hexdigest()[:32] for each in range(10)]
    for key, record, who, generation in product(keys, records, Who, range(1, 12)):
        yield address_of(key, record, who, generation)


def test_no_two_addresses_are_alike_and_none_has_a_letter_that_is_read_as_another() -> None:
    found = list(many_addresses())
    assert len(set(found)) == len(found) == 5 * 10 * 3 * 11
    assert set("".join(found)) == set(CROCKFORD)
    assert all(map(is_address, found))
    apart = [sum(a != b for a, b in zip(*pair, strict=True)) for pair in pairwise(found)]
    assert min(apart) > 15, "neighbours have nothing in common"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ja7fjkb193tb2s3e59gg0tkej",
        "ja7fjkb193tb2s3e59gg0tkejmm",
        "ja7fjkb193tb2s3e59gg0tkejm\n",
        "JA7FJKB193TB2S3E59GG0TKEJM",
        "ja7fjkb193tb2s3e59gg0tkejl",
        "ja7fjkb193tb2s3e59gg0tkejn",
        "ja7fjkb193tb2s3e59gg0tkej/",
        "../../../../../etc/passwdd",
    ],
)
def test_what_no_reader_can_have_is_no_address(text: str) -> None:
    assert is_address("ja7fjkb193tb2s3e59gg0tkejm")
    assert not is_address(text)


# --- the site's key


def test_a_new_key_is_random_and_of_its_owner_alone(tmp_path: Path) -> None:
    keys = []
    for name in ("site.key", "other.key"):
        done = run("site", "init", tmp_path / name)
        assert done.returncode == 0, done.stderr
        keys.append(read_site_key(tmp_path / name))
        assert keys[-1].hex() not in done.stdout + done.stderr
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        assert [line.startswith("#") for line in lines] == [True, False]
    assert [len(key) for key in keys] == [32, 32]
    assert keys[0] != keys[1]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "site.key").stat().st_mode) == 0o600


def test_a_key_is_made_in_the_folder_where_one_stands(tmp_path: Path) -> None:
    assert run("site", "init", cwd=tmp_path).returncode == 0
    assert [each.name for each in tmp_path.iterdir()] == ["site.key"]


def test_a_key_is_never_overwritten_nor_reached_through_a_link(tmp_path: Path) -> None:
    write_site_key(tmp_path / "site.key", KEY)
    before = (tmp_path / "site.key").read_bytes()
    done = run("site", "init", tmp_path / "site.key")
    assert done.returncode == 2
    assert "exists already, and a site's key is never overwritten: all addresses would change" in done.stderr
    assert (tmp_path / "site.key").read_bytes() == before
    if os.name == "posix":
        (tmp_path / "to-nowhere").symlink_to(tmp_path / "nowhere")
        assert run("site", "init", tmp_path / "to-nowhere").returncode == 2
        assert not (tmp_path / "nowhere").exists()
    assert run("site", "init", tmp_path / "no" / "site.key").returncode == 2
    assert run("site", "begin", tmp_path / "x.key").returncode == 2


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_key_that_others_may_read_or_change_is_refused(mode: int, ward: Path) -> None:
    (ward / "site.key").chmod(mode)
    done = linked(ward)
    assert (done.returncode, done.stdout) == (1, "")
    assert "may be read by others than its owner" in done.stderr
    assert f"chmod 600 {ward / 'site.key'}" in done.stderr
    assert lines_of(ward) == []
    (ward / "site.key").chmod(0o400)
    assert linked(ward).returncode == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "key: error: the site's key is empty"),
        (b"# only a comment\n", "key: error: the site's key is empty"),
        (b"# ours\n" + KEY.hex().encode()[:-2], "2:1: error: the site's key has 31 bytes, and not 32"),
        (KEY.hex().encode()[:-1], "1:1: error: the site's key is one line of figures"),
        (b"\nsecret\n", "2:1: error: the site's key is one line of figures"),
        (KEY.hex().encode() + b"\n" + KEY.hex().encode(), "2:1: error: the site's key is one line of figures"),
        (b"\xff\xfe\0", "1:1: error: the site's key is one line of figures"),
        (KEY.hex().encode() * 100, "key: error: the site's key is too large"),
    ],
)
def test_what_is_no_key_is_told_and_no_word_of_it_is_shown(data: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "site.key"
    file.write_bytes(data)
    file.chmod(0o600)
    with pytest.raises(ProtocalError, match=said) as told:
        read_site_key(file)
    assert str(file) in str(told.value)
    assert KEY.hex()[:16] not in str(told.value)


def test_a_key_may_have_windows_line_ends_and_capitals(tmp_path: Path) -> None:
    file = tmp_path / "site.key"
    file.write_bytes(b"# ours\r\n" + KEY.hex().upper().encode() + b"\r\n")
    file.chmod(0o600)
    assert read_site_key(file) == KEY


def test_a_key_that_is_missing_or_no_file_or_unreadable_is_told(ward: Path) -> None:
    (ward / "site.key").unlink()
    done = linked(ward)
    assert done.returncode == 1
    assert "the site's key is not there" in done.stderr
    assert "protocal site init" in done.stderr
    (ward / "site.key").mkdir()
    assert "is a folder" in linked(ward).stderr
    if os.name == "posix":
        (ward / "site.key").rmdir()
        os.mkfifo(ward / "site.key")
        assert "is no file" in linked(ward).stderr, "and nobody waits for it"
    with (
        mock.patch.object(Path, "stat", side_effect=PermissionError(13, "Permission denied")),
        pytest.raises(ProtocalError, match="cannot be read: Permission denied"),
    ):
        read_site_key(ward / "site.key")
    with pytest.raises(ProtocalError, match="cannot be read"):
        read_site_key(ward / "a\0b")
    assert lines_of(ward) == []


def test_no_key_at_all_is_told_with_what_to_do(ward: Path) -> None:
    done = run("link", ward / "p.yaml", "--for", "family")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no site key is named" in done.stderr
    assert "protocal site init" in done.stderr
    assert lines_of(ward) == []


# --- settings


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://calendars.example.org/children", BASE),
        ("HTTPS://Calendars.Example.org/children/", BASE),
        ("https://calendars.example.org", "https://calendars.example.org/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ("https://example.org/~ward/Cal-1", "https://example.org/~ward/Cal-1/"),
    ],
)
def test_an_address_of_the_settings_ends_in_a_stroke(written: str, read: str, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(f"format: 1\naddress: {written}\nsite key: keys/site.key\n", encoding="utf-8")
    settings, problems = read_settings(tmp_path / "site.yaml")
    assert settings, problems
    assert settings.address == read
    assert settings.site_key == str(tmp_path / "keys" / "site.key"), "seen from the settings' own folder, and not read"
    assert settings.rules.address == settings.rules.site_key == "", "they are no rules"


@pytest.mark.parametrize(
    "written",
    [
        "ftp://example.org/",
        "calendars.example.org",
        "https://",
        "https://example.org/?a=b",
        "https://example.org/#a",
        "https://ward:secret@example.org/",
        "https://example.org/a/../b",
        "https://example.org//a",
        "'https://example.org/a b'",
        "https://example.org:0/",
        f"https://example.org/{'a' * 200}",
        "javascript:alert(1)",
        "7",
        "''",
        "[a]",
    ],
)
def test_what_is_no_address_of_a_site_is_told_at_its_place(written: str, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(f"format: 1\naddress: {written}\n", encoding="utf-8")
    settings, problems = read_settings(tmp_path / "site.yaml")
    assert settings is None
    assert [(each.where and each.where.line, each.code) for each in problems] == [(2, "value")]
    assert "https://calendars.example.org/children" in problems[0].remedy


# --- links


def test_a_link_is_shown_as_often_as_it_is_asked_for_and_written_once(ward: Path) -> None:
    first = linked(ward, "--by", "nurse 7")
    assert first.returncode == 0, first.stderr
    path = address_of(KEY, record_of(ward).key, Who.FAMILY, 1)
    assert first.stdout.splitlines()[0] == f"{BASE}{path}/"
    for said in ("whoever has the address can read", "--for family --revoke", "generation 1, in en, doses: confirmed"):
        assert said in first.stderr
    before = (ward / "p.yaml").read_bytes()
    again = linked(ward, "--by", "nurse 8")
    assert again.stdout == first.stdout
    assert "nothing was written" in again.stderr
    assert (ward / "p.yaml").read_bytes() == before
    (line,) = lines_of(ward)
    assert line.startswith("link, reader family, generation 1, language en, doses confirmed")
    assert "nurse 7" in line


def test_each_reader_has_an_address_of_its_own_and_a_clinic_no_doses(ward: Path) -> None:
    found = {who.value: shown(ward, who=who.value) for who in Who}
    assert len({each["address"] for each in found.values()}) == 3
    assert {name: each["doses"] for name, each in found.items()} == {
        "family": "confirmed",
        "clinic": "none",
        "pharmacy": "confirmed",
    }
    assert links_of(record_of(ward)).keys() == set(Who)


def test_another_language_or_other_doses_are_a_line_and_the_same_address(ward: Path) -> None:
    first = shown(ward)
    for words, language, doses in (
        (("--language", "es"), "es", "confirmed"),
        (("--no-doses",), "es", "none"),
        (("--doses",), "es", "confirmed"),
        (("--unverified-doses",), "es", "all"),
    ):
        found = shown(ward, *words)
        assert found["written"]
        assert (found["address"], found["language"], found["doses"]) == (first["address"], language, doses)
        assert not shown(ward, *words)["written"]
    assert not shown(ward)["written"], "what is not said stays as it is"
    assert len(lines_of(ward)) == 5


def test_the_first_language_is_that_of_the_settings(ward: Path) -> None:
    with (ward / "site.yaml").open("a", encoding="utf-8") as stream:
        stream.write("language: es\n")
    assert shown(ward)["language"] == "es"


def test_a_language_without_a_catalogue_is_refused(ward: Path) -> None:
    done = linked(ward, "--language", "xx")
    assert done.returncode == 2
    assert "no catalogue of 'xx'" in done.stderr
    assert lines_of(ward) == []
    assert linked(ward, "--language", "ES").returncode == 2
    assert linked(ward, "--language", "es-mx").returncode == 2
    assert shown(ward, "--language", "es-MX")["language"] == "es-MX"


def test_revoking_makes_another_address_with_one_line_each_time(ward: Path) -> None:
    first = shown(ward, "--language", "es", "--unverified-doses")
    done = linked(ward, "--revoke", "--reason", "telephone lost", "--by", "nurse 7")
    assert "gone at the next publish" in done.stderr
    second = shown(ward)
    assert done.stdout.splitlines()[0] == second["address"] != first["address"]
    assert {**second, "address": "", "path": ""} == {
        **first, "address": "", "path": "", "generation": 2, "written": False
    }  # fmt: skip
    third = shown(ward, "--revoke")
    assert third["generation"] == 3
    assert len({each["address"] for each in (first, second, third)}) == 3
    assert [re.findall(r"generation (\d)", line) for line in lines_of(ward)] == [["1"], ["2"], ["3"]]
    assert ": telephone lost" in lines_of(ward)[1]
    assert shown(ward, who="clinic")["generation"] == 1, "the address of another reader stays as it is"


def test_nothing_is_revoked_that_was_not_given(ward: Path) -> None:
    done = linked(ward, "--revoke")
    assert done.returncode == 2
    assert "no link for family to revoke" in done.stderr
    assert lines_of(ward) == []


def test_contradictions_and_readers_that_are_none_are_wrong_use(ward: Path) -> None:
    assert linked(ward, "--no-doses", "--unverified-doses").returncode == 2
    assert linked(ward, who="neighbour").returncode == 2
    assert linked(ward, "--qr", "-").returncode == 2
    assert lines_of(ward) == []


def test_without_an_address_of_the_site_only_the_end_is_shown_and_what_is_missing(ward: Path) -> None:
    done = run("link", ward / "p.yaml", "--for", "family", "--site-key", ward / "site.key")
    assert done.returncode == 0, done.stderr
    assert done.stdout == address_of(KEY, record_of(ward).key, Who.FAMILY, 1) + "/\n"
    assert "address: https://calendars.example.org/children" in done.stderr
    pictured = run("link", ward / "p.yaml", "--for", "family", "--site-key", ward / "site.key", "--qr", ward / "q.svg")
    assert pictured.returncode == 2
    assert not (ward / "q.svg").exists()


def test_a_key_that_is_typed_takes_the_place_of_the_settings(ward: Path) -> None:
    write_site_key(ward / "other.key", KEY[::-1])
    assert shown(ward)["address"] != shown(ward, "--site-key", str(ward / "other.key"))["address"]


def test_a_link_is_of_nobody_by_name(ward: Path) -> None:
    named = ward / "named.yaml"
    words = with_options(CHILD, id="MRN-7744-03", name="Zephyrine Quillfeather")
    assert run("new", named, *words).returncode == 0
    done = run("link", named, "--for", "family", "--settings", ward / "site.yaml", "--qr", ward / "q.svg")
    said = (done.stdout + done.stderr + (ward / "q.svg").read_text(encoding="utf-8")).casefold()
    assert not any(each in said for each in ("zephyrine", "quillfeather", "7744", "2019"))
    record, _problems = read_record(named)
    assert record
    assert record.key not in said
    assert KEY.hex() not in said


# --- lines by hand


def by_hand(ward: Path, *lines: str) -> list[str]:
    text = "".join(f"  - {{entry: link, {line}}}\n" for line in lines)
    (ward / "p.yaml").write_text(childs_text() + text, encoding="utf-8")
    found, problems = read_record(ward / "p.yaml")
    assert bool(found) != any(each.severity.value == "error" for each in problems)
    return [f"{each.where}: {each.message}" for each in problems if each.severity.value == "error"]


def test_a_line_by_hand_is_read_and_sealed(ward: Path) -> None:
    (ward / "p.yaml").write_text(
        childs_text() + "  - entry: link\n    reader: family\n    generation: 1\n    language: en\n    doses: none\n",
        encoding="utf-8",
    )
    found = links_of(record_of(ward))[Who.FAMILY]
    assert (found.generation, found.language, found.doses, found.is_clinical) == (1, "en", "none", False)
    assert not shown(ward)["written"]
    assert shown(ward, "--revoke")["generation"] == 2
    assert all(each.seal for each in record_of(ward).log)


def test_generations_follow_each_other_for_each_reader(ward: Path) -> None:
    line = "reader: {}, generation: {}, language: en, doses: none"
    fine = [line.format(who, n) for who, n in (("family", 1), ("clinic", 1), ("family", 1), ("family", 2))]
    assert by_hand(ward, *fine, line.format("family", 3), line.format("clinic", 2)) == []


@pytest.mark.parametrize(
    ("generations", "said"),
    [
        ((2,), "the first link for family has generation 1, not 2"),
        ((1, 3), "the link for family goes from generation 1 to 3"),
        ((1, 2, 1), "the link for family goes from generation 2 to 1"),
        ((0,), "must be at least 1"),
        (("one",), "must be a whole number"),
        ((True,), "must be a whole number"),
    ],
)
def test_a_generation_that_does_not_follow_is_told_at_its_place(
    generations: tuple[object, ...], said: str, ward: Path
) -> None:
    lines = [f"reader: family, generation: {str(each).lower()}, language: en, doses: none" for each in generations]
    (told,) = by_hand(ward, *lines)
    assert said in told
    last = len(childs_text().splitlines()) + len(lines)
    assert told.startswith(f"{ward / 'p.yaml'}:{last}:")
    assert linked(ward).returncode == 1


@pytest.mark.parametrize(
    "line",
    [
        "reader: neighbour, generation: 1, language: en, doses: none",
        "reader: family, generation: 1, language: English, doses: none",
        "reader: family, generation: 1, language: en, doses: some",
        "reader: family, generation: 1, language: en",
        "reader: family, generation: 1, language: en, doses: none, address: x",
    ],
)
def test_a_line_by_hand_that_no_link_can_be_is_told(line: str, ward: Path) -> None:
    assert len(by_hand(ward, line)) == 1


# --- what a link does not change


def test_a_link_changes_no_plan_no_date_on_paper_and_is_never_undone(ward: Path) -> None:
    plan = load_plan(ward / "p.yaml")
    run("link", ward / "p.yaml", "--for", "family", "--site-key", ward / "site.key")
    after = load_plan(ward / "p.yaml")
    assert after.revision == plan.revision + 1
    assert plan_csv(after) == plan_csv(plan)
    assert after.issued == plan.issued
    done = run("undo", ward / "p.yaml", str(after.revision))
    assert done.returncode == 2
    assert "is never undone" in done.stderr
    assert run("undo", ward / "p.yaml", "--reason", "slip").stderr.count(f"line {after.revision}") == 0


def test_the_second_count_knows_a_link_and_passes_it_over(ward: Path) -> None:
    before = run("recount", ward / "p.yaml", "--format", "csv").stdout
    assert linked(ward).returncode == 0
    done = run("recount", ward / "p.yaml", "--format", "csv", "--settings", ward / "site.yaml")
    assert done.stdout == before
    assert "counted once" not in done.stderr
    checked = run("check", ward / "p.yaml", "--settings", ward / "site.yaml")
    assert "second" not in checked.stdout + checked.stderr


# --- the code


def squares(size: int, path: str) -> list[list[int]]:
    """The dark squares that a path draws, read by its own words."""
    found = [[0] * size for _row in range(size)]
    pieces = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join(f"M{x} {y}h{w}v1h-{b}z" for x, y, w, b in pieces) == path
    for left, top, width, back in pieces:
        assert width == back
        for place in range(int(left), int(left) + int(width)):
            found[int(top)][place] = 1
    return found


def code_of(text: str) -> list[list[int]]:
    """What segno makes of a text, with the light border that readers need."""
    return [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]


def test_a_code_has_the_address_and_nothing_else(ward: Path) -> None:
    address = str(shown(ward, "--qr", str(ward / "q.svg"))["address"])
    drawn = qr_drawing(address)
    assert squares(drawn.size, drawn.path) == code_of(address)
    text = (ward / "q.svg").read_text(encoding="utf-8")
    (size,) = re.findall(r'viewBox="0 0 (\d+) \1"', text)
    assert squares(int(size), re.findall(r'<path d="([^"]+)"', text)[0]) == code_of(address)
    assert "script" not in text
    if os.name == "posix":
        assert stat.S_IMODE((ward / "q.svg").stat().st_mode) == 0o600


def test_a_picture_of_ours_is_replaced_and_no_other(ward: Path) -> None:
    assert linked(ward, "--qr", str(ward / "q.svg")).returncode == 0
    first = (ward / "q.svg").read_bytes()
    assert linked(ward, "--revoke", "--qr", str(ward / "q.svg")).returncode == 0
    assert (ward / "q.svg").read_bytes() != first
    (ward / "own.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><!-- protocal --></svg>')
    done = linked(ward, "--revoke", "--qr", str(ward / "own.svg"))
    assert done.returncode == 2
    assert len(lines_of(ward)) == 2, "and nothing was written"
    assert run("plan", ward / "p.yaml").returncode == 0
    assert linked(ward, "--qr", str(ward / "p.yaml")).returncode == 2


def test_the_code_on_a_screen_is_that_of_the_address(ward: Path) -> None:
    address, *lines = linked(ward).stdout.splitlines()
    light = {"\N{FULL BLOCK}": (0, 0), "\N{UPPER HALF BLOCK}": (0, 1), "\N{LOWER HALF BLOCK}": (1, 0), " ": (1, 1)}
    found = [[light[each][half] for each in line] for line in filter(None, lines) for half in (0, 1)]
    code = code_of(address)
    assert found[: len(code)] == code
    assert "\033" not in "".join(lines), "no colours where nobody sees them"


@POSIX
def test_a_terminal_gets_the_code_light_on_dark_whatever_its_colours_are(ward: Path) -> None:
    screen, end = os.openpty()
    words = [sys.executable, "-m", "protocal", "link", ward / "p.yaml", "--for", "family"]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [*words, "--settings", ward / "site.yaml"], stdout=end, stderr=subprocess.DEVNULL, env=environment
    ):
        os.close(end)
        data = b""
        with suppress(OSError):  # as Linux has it at the end
            while more := os.read(screen, 4096):
                data += more
    os.close(screen)
    address, *coded = filter(None, data.decode().splitlines())
    assert address.startswith(BASE)
    assert len(coded) == (len(code_of(address)) + 1) // 2
    assert all(line.startswith("\033[97;40m") and line.endswith("\033[0m") for line in coded)


def test_an_output_that_cannot_show_a_code_has_the_address_and_says_how_to_get_it(ward: Path) -> None:
    words = [sys.executable, "-m", "protocal", "link", str(ward / "p.yaml"), "--for", "family"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*words, "--settings", str(ward / "site.yaml")], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert "--qr FILE writes it as a picture" in done.stderr


# --- the family's sheet


SITE = Settings(family=ForFamilies(call_by_day="555-0100"), address=BASE)


def on_paper(ward: Path) -> Settings:
    return replace(SITE, site_key=str(ward / "site.key"))


def test_a_family_reads_its_address_on_paper_only_where_the_site_and_the_record_have_one(ward: Path) -> None:
    settings = on_paper(ward)
    assert family_address(record_of(ward), settings) == ("", ())
    given = link_of(ward / "p.yaml", Wanted(Who.CLINIC), NOW, settings)
    assert family_address(record_of(ward), settings) == ("", ()), "another reader's address is not for a family"
    given = link_of(ward / "p.yaml", Wanted(Who.FAMILY), NOW, settings)
    assert family_address(record_of(ward), settings) == (given.address, ())
    assert family_address(record_of(ward), replace(settings, address="")) == ("", ())
    assert family_address(record_of(ward), replace(settings, site_key="")) == ("", ())
    with pytest.raises(UsageError, match="no site key is named"):
        link_of(ward / "p.yaml", Wanted(Who.FAMILY), NOW, replace(settings, site_key=""))


def test_a_key_that_cannot_be_used_stops_no_sheet_and_is_told(ward: Path) -> None:
    assert linked(ward).returncode == 0
    (ward / "site.key").unlink()
    address, problems = family_address(record_of(ward), on_paper(ward))
    assert address == ""
    assert [(each.code, each.severity.value) for each in problems] == [("no-file", "warning")]
    words = ("--course", "block-1", "-o", ward / "x.pdf", "--settings", ward / "site.yaml")
    done = run("calendar", ward / "p.yaml", *words)
    assert done.returncode == 0, done.stderr
    assert "warning: the site's key is not there" in done.stderr
    assert (ward / "x.pdf").exists()


def test_the_address_is_part_of_what_a_sheet_says_and_not_of_its_facts(ward: Path) -> None:
    plan = load_plan(ward / "p.yaml", SITE)
    bare, one, other = (make_calendar(plan, SITE, address=each) for each in ("", f"{BASE}a/", f"{BASE}b/"))
    assert bare.drugs
    assert one.drugs
    assert other.drugs
    assert len({each.issue.says for each in (bare.drugs, one.drugs, other.drugs)}) == 3
    assert [page.issue.says for page in bare.pages] == [page.issue.says for page in one.pages]
    settings = on_paper(ward)
    before = facts_digest(plan, "calendar/drugs")
    link_of(ward / "p.yaml", Wanted(Who.FAMILY), NOW, settings)
    assert facts_digest(load_plan(ward / "p.yaml", settings), "calendar/drugs") == before


def printed(pdf: bytes, size: int) -> tuple[str, list[list[int]]]:
    """The words of the last page, and its code of so many squares a side, as a camera would see it."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[len(document) - 1]
    words = " ".join(page.get_textpage().get_text_bounded().split())
    dots = 8  # to a square of the code, which is 66 points wide and begins at the margin
    scale = dots * size / 66
    picture = page.render(scale=scale).to_pil().convert("L")
    left = round(24 * scale)

    def dark(x: int, y: int) -> bool:
        return bool(picture.getpixel((x, y)) < 128)

    column = [dark(left + round(4.5 * dots), y) for y in range(picture.height)]
    runs = [(is_dark, len(list(run))) for is_dark, run in groupby(column)]
    tops = accumulate((length for _dark, length in runs), initial=0)
    # the left edge of the first of its three marks is the only thing there that is seven squares tall
    first = next(top for top, run in zip(tops, runs, strict=False) if run[0] and abs(run[1] - 7 * dots) < dots / 2)
    rows = [first + round((y - 3.5) * dots) for y in range(size)]
    columns = [left + round((x + 0.5) * dots) for x in range(size)]
    return words, [[int(dark(x, y)) for x in columns] for y in rows]


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_the_familys_sheet_bears_the_code_of_its_address(language: str, ward: Path) -> None:
    settings = replace(on_paper(ward), language=language)
    given = link_of(ward / "p.yaml", Wanted(Who.FAMILY), NOW, settings)
    plan = load_plan(ward / "p.yaml", settings)
    pdf = calendar_bytes(plan, settings, ["block-1"], draft=True)
    words, code = printed(pdf, len(code_of(given.address)))
    said = {
        "en": "The same in your phone's calendar: scan this",
        "es": "Lo mismo en el calendario de su teléfono",
        "fr": "La même chose dans le calendrier de votre téléphone",
    }
    assert said[language] in words
    assert given.address in words
    assert code == code_of(given.address)
    bare = calendar_bytes(plan, replace(settings, address=""), ["block-1"], draft=True)
    document = pypdfium2.PdfDocument(bare)
    assert len(document) == len(pypdfium2.PdfDocument(pdf)), "it takes no page more"
    assert said[language] not in document[len(document) - 1].get_textpage().get_text_bounded()
