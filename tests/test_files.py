"""Where an output may go, whose place it takes, and who may read it: never a record's, a device's or a stranger's."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pypdfium2
import pytest
from conftest import CHILD
from conftest import run_process as run
from test_faults import as_nobody, mode_of
from test_messages import COMMANDS

from protocal import resources
from protocal.model.problems import UsageError
from protocal.publish.marks import is_ours, is_record
from protocal.publish.outputs import Kind, Wish, check_output, write_output
from protocal.publish.record_files import write_new

OURS = {
    "sheet.pdf": ["roadmap", "--course", "block-1"],
    "worksheet.pdf": ["drugs", "--course", "block-1", "--format", "pdf"],
    "plan.ics": ["feed"],
    "drugs.xlsx": ["drugs", "--course", "block-1", "--format", "xlsx"],
}
NOT_OURS = {
    "README.md": b"# protocal\n\nPRODID:-//protocal//treatment calendar//EN\n/ID [(protocal 0.1.0) (00)]\n",
    "diary.txt": b"Today protocal said: /Creator (protocal 0.1.0)\n",
    "thesis.pdf": b"%PDF-1.7 about protocal 0.1.0\n/ID [(a) (b)]\n/Note (/ID [(protocal\nstartxref\n31\n%%EOF\n",
    "other.ics": b"BEGIN:VCALENDAR\r\nPRODID:-//other//EN\r\nBEGIN:VEVENT\r\nSUMMARY:protocal\r\n"
    b"PRODID:-//protocal//\r\nEND:VEVENT\r\n",
    "letter.ics": b"PRODID:-//protocal//\r\n",
    "zip.xlsx": b"PK\x03\x04 protocal 0.1.0",
}


@pytest.fixture
def make(child: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Has one of our files made by its command."""

    def made(name: str) -> Path:
        command, *words = OURS[name]
        done = run(command, child, *words, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        return tmp_path / name

    return made


@pytest.mark.parametrize("name", OURS)
def test_what_we_made_is_ours_and_an_empty_file_is_nobodys(make: Callable[[str], Path], name: str) -> None:
    target = make(name)
    assert is_ours(target)
    target.write_bytes(target.read_bytes()[:200])
    assert is_ours(target) == (name == "plan.ics")
    target.write_bytes(b"")
    assert is_ours(target)


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_only_names_us_is_not_ours(name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    target.write_bytes(NOT_OURS[name])
    assert not is_ours(target)


def test_a_record_is_not_ours_to_replace(child: Path) -> None:
    assert not is_ours(child)


def test_what_another_program_saved_again_is_the_users(make: Callable[[str], Path], tmp_path: Path) -> None:
    sheet, workbook = make("sheet.pdf"), make("drugs.xlsx")
    data = sheet.read_bytes()
    start = data.rindex(b"startxref")
    sheet.write_bytes(data + b"9 0 obj (a remark) endobj\n" + data[start:])  # as an annotation is added
    assert not is_ours(sheet)
    packed = tmp_path / "packed.xlsx"
    with ZipFile(workbook) as before, ZipFile(packed, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    assert not is_ours(packed)


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize(
    "words", [["roadmap"], ["feed"], ["drugs", "--format", "xlsx"], ["drugs", "--format", "pdf"]], ids=" ".join
)
def test_no_command_writes_over_its_record(words: list[str], force: list[str], child: Path, tmp_path: Path) -> None:
    before = child.read_bytes()
    (tmp_path / "link").symlink_to(child)
    os.link(child, tmp_path / "second-name")
    for name in (child.name, "link", "second-name"):
        done = run(words[0], child, *words[1:], "-o", tmp_path / name, *force)
        assert done.returncode == 2
        assert f"{tmp_path / name} is the record itself" in done.stderr
        assert child.read_bytes() == before
    assert (tmp_path / "link").is_symlink()


# Only regular files are replaced

EACH_OUTPUT = pytest.mark.parametrize(
    "words",
    [["roadmap", "--overview"], ["calendar"], ["feed"], ["drugs", "--format", "xlsx"], ["drugs", "--format", "pdf"]],
    ids=" ".join,
)
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices and gives files away")
STAT = {
    "pipe": stat.S_ISFIFO,
    "device": stat.S_ISCHR,
    "socket": stat.S_ISSOCK,
    "link": stat.S_ISLNK,
    "nowhere": stat.S_ISLNK,
    "loop": stat.S_ISLNK,
}
SAID = {
    "pipe": "is no file but a pipe",
    "device": "is no file but a device",
    "socket": "is no file but a socket",
    "link": "is no file but a pipe",
    "nowhere": "is a link to {folder}/gone, which is not there",
    "loop": "is a link that leads back to itself",
}


def make_special(kind: str, folder: Path) -> Path:
    """Something in a folder that is no regular file, though a name of one would do."""
    target = folder / "plan.ics"
    if kind == "pipe":
        os.mkfifo(target)
    elif kind == "device":
        os.mknod(target, 0o666 | stat.S_IFCHR, os.makedev(1, 3))  # as /dev/null is one, which no test touches
    elif kind == "socket":
        with closing(socket.socket(socket.AF_UNIX)) as made:
            made.bind(str(target))
    elif kind == "link":
        os.mkfifo(folder / "pipe")
        target.symlink_to("pipe")
    else:
        target.symlink_to(folder / "gone" if kind == "nowhere" else target)
    return target


def typed(*words: str | Path, umask: int = -1, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    """A command that must end by itself; what it prints, as bytes."""
    command = [sys.executable, "-m", "protocal", *map(str, words)]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=90, umask=umask)


def test_these_are_all_the_commands_that_write_an_output() -> None:
    found = {
        name
        for name, command in COMMANDS.items()
        if {"output", "force", "mode"} & {each.name for each in command.params}
    }
    assert found == {"roadmap", "calendar", "feed", "drugs", "review"}
    for name in found:
        assert {"output", "force", "mode"} <= {each.name for each in COMMANDS[name].params}


@pytest.mark.parametrize("kind", [pytest.param(each, marks=NEEDS_ROOT if each == "device" else ()) for each in STAT])
def test_nothing_but_a_file_is_replaced(kind: str, child: Path, tmp_path: Path) -> None:
    target = make_special(kind, tmp_path)
    before = sorted(each.name for each in tmp_path.iterdir())
    for force in ([], ["--force"]):
        done = typed("feed", child, "-o", target, *force)
        assert done.returncode == 2
        assert f"error: {target} {SAID[kind].format(folder=tmp_path)}" in done.stderr.decode()
        assert "`-o -` writes to standard output" in done.stderr.decode()
        assert STAT[kind](target.lstat().st_mode)
        assert sorted(each.name for each in tmp_path.iterdir()) == before


@EACH_OUTPUT
def test_no_command_waits_for_the_reader_of_a_pipe(words: list[str], child: Path, tmp_path: Path) -> None:
    target = make_special("pipe", tmp_path)
    assert typed(words[0], child, *words[1:], "-o", target).returncode == 2
    assert STAT["pipe"](target.lstat().st_mode)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux has these names")
def test_a_name_for_an_open_file_is_not_its_place(child: Path, tmp_path: Path) -> None:
    """As /dev/stdout, which is such a link: what the shell has opened would be taken away from under it."""
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    with (tmp_path / "all").open("wb") as stream:
        for name in (tmp_path / "stdout", Path("/proc/self/fd/1")):
            done = typed("feed", child, "-o", name, stdout=stream.fileno())
            assert done.returncode == 2
            assert b"stands for one that is open" in done.stderr
            assert os.fstat(stream.fileno()).st_nlink == 1
    assert (tmp_path / "all").read_bytes() == b""
    assert b"is no file but a pipe" in typed("feed", child, "-o", tmp_path / "stdout").stderr


@EACH_OUTPUT
def test_a_dash_is_standard_output_with_nothing_else_on_it(words: list[str], child: Path, tmp_path: Path) -> None:
    target = tmp_path / "as-a-file"
    written = typed(words[0], child, *words[1:], "-o", target)
    printed = typed(words[0], child, *words[1:], "-o", "-")
    assert (written.returncode, printed.returncode) == (0, 0), printed.stderr
    assert printed.stdout == target.read_bytes()
    told = written.stderr.replace(b"issued: ", b"copies, nothing changed since: ")  # what the second one finds
    assert told == f"wrote {target}\n".encode() + printed.stderr
    assert b"warnings of the checks" in printed.stderr


def test_a_dash_is_where_text_goes_anyway_and_a_file_may_still_be_called_so(child: Path, tmp_path: Path) -> None:
    assert typed("drugs", child, "--format", "csv", "-o", "-").stdout == typed("drugs", child, "--format", "csv").stdout
    done = run("feed", child, "-o", "./-", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert is_ours(tmp_path / "-")
    for words in (["feed", "-o", "-"], ["drugs", "--format", "csv"]):
        done = run(words[0], child, *words[1:], "--mode", "600")
        assert done.returncode == 2
        assert "--mode is of a file" in done.stderr


def test_what_is_published_behind_links_is_replaced_where_it_is(child: Path, tmp_path: Path) -> None:
    served, shown = tmp_path / "srv" / "plan.ics", tmp_path / "plan.ics"
    served.parent.mkdir()
    served.touch()
    (tmp_path / "srv" / "current").symlink_to("plan.ics")
    shown.symlink_to(Path("srv") / "current")
    done = run("feed", child, "-o", shown)
    assert done.returncode == 0, done.stderr
    assert shown.readlink() == Path("srv/current")
    assert not served.is_symlink()
    assert is_ours(served)
    assert served.stat().st_size
    assert sorted(each.name for each in served.parent.iterdir()) == ["current", "plan.ics"]


def test_what_is_behind_a_link_is_held_against_the_rules_of_a_file(child: Path, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_bytes(NOT_OURS["diary.txt"])
    (tmp_path / "plan.ics").symlink_to("diary.txt")
    with pytest.raises(UsageError, match="exists and was not made by protocal"):
        check_output(tmp_path / "plan.ics", child)


def test_another_name_of_a_file_is_said_to_have_the_old_one(child: Path, tmp_path: Path) -> None:
    target, other = tmp_path / "plan.ics", tmp_path / "other.ics"
    target.touch()
    os.link(target, other)
    done = run("feed", child, "-o", target)
    assert done.returncode == 0
    assert f"warning: {target} had another name (a hard link), which still has what stood there before\n" in done.stderr
    assert other.read_bytes() == b""
    assert "hard link" not in run("feed", child, "-o", target).stderr
    os.link(child, tmp_path / "p001-too.yaml")
    noted = run("note", child, "seen")
    assert noted.returncode == 0
    assert f"warning: {child} had another name (a hard link)" in noted.stderr
    assert "hard link" not in run("note", child, "seen").stderr


def test_a_file_that_comes_in_between_is_not_replaced(
    child: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, real = tmp_path / "plan.ics", os.fsync

    def slow(handle: int) -> None:
        target.write_bytes(b"somebody else's")
        real(handle)

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(UsageError, match="was made by somebody else in the meantime"):
        write_output(target, b"ours", Kind.FEED, child)
    assert target.read_bytes() == b"somebody else's"
    assert not list(tmp_path.glob(".*"))


# Who may read it

NAMED = [*CHILD, "--name", "Zwetschge Quitte"]
OUTPUTS = {
    Kind.ROADMAP: [["roadmap", "--course", "block-1"], ["roadmap", "--overview"]],
    Kind.CALENDAR: [["calendar", "--course", "block-1"], ["calendar", "--pocket", "--from", "2026-12-01"]],
    Kind.WORKSHEET: [["drugs", "--course", "block-1", "--format", "pdf"]],
    Kind.WORKBOOK: [["drugs", "--course", "block-1", "--format", "xlsx"]],
    Kind.FEED: [["feed", "--unverified-doses"]],
}


def text_of(file: Path) -> str:
    """All that can be read in an output."""
    data = file.read_bytes()
    if data.startswith(b"%PDF"):
        return " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data))
    if data.startswith(b"PK"):
        with ZipFile(file) as parts:
            return " ".join(parts.read(name).decode() for name in parts.namelist())
    return data.decode().replace("\r\n ", "")


@pytest.mark.parametrize("kind", OUTPUTS)
def test_what_bears_a_name_or_a_birth_date_is_private_where_it_is_new(kind: Kind, tmp_path: Path) -> None:
    record, target = tmp_path / "p001.yaml", tmp_path / "out"
    assert run("new", record, *NAMED).returncode == 0
    for words in OUTPUTS[kind]:
        done = typed(words[0], record, *words[1:], "-o", target, umask=0o027)
        assert done.returncode == 0, done.stderr
        bears = re.search(r"Zwetschge|Quitte|12-May-2019|2019-05-12|20190512", text_of(target))
        assert mode_of(target) == (0o600 if bears else 0o640)
        target.unlink()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027, 0o077])
def test_what_bears_neither_is_for_whom_the_umask_lets(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        for kind in Kind:
            write_output(tmp_path / kind.value, b"", kind, tmp_path / "p001.yaml")
    finally:
        os.umask(before)
    modes = {kind: mode_of(tmp_path / kind.value) for kind in Kind}
    assert {kind for kind in Kind if modes[kind] == 0o666 & ~umask} >= {Kind.FEED, Kind.WORKBOOK}
    assert {modes[kind] for kind in (Kind.ROADMAP, Kind.CALENDAR, Kind.WORKSHEET)} == {0o600}


def test_a_file_keeps_the_mode_that_it_has_and_an_option_sets_another(tmp_path: Path) -> None:
    target, child = tmp_path / "out", tmp_path / "p001.yaml"
    for kind, mode in product(Kind, (0o604, 0o640, 0o444, 0o777)):
        target.touch()
        target.chmod(mode)
        write_output(target, b"", kind, child)
        assert mode_of(target) == mode
        write_output(target, b"", kind, child, Wish(mode=0o664))
        assert mode_of(target) == 0o664
        target.unlink()
        write_output(target, b"", kind, child, Wish(mode=0o646))
        assert mode_of(target) == 0o646
        target.unlink()


@pytest.mark.parametrize("text", ["0640", "640", "0o640"])
def test_a_mode_is_typed_in_octal(text: str, child: Path, tmp_path: Path) -> None:
    done = run("drugs", child, "--format", "xlsx", "-o", tmp_path / "d.xlsx", "--mode", text)
    assert done.returncode == 0, done.stderr
    assert mode_of(tmp_path / "d.xlsx") == 0o640


@pytest.mark.parametrize("text", ["9", "648", "4755", "rw", "-640", "0x1a0", "040", "٦٤٠"])
def test_what_is_no_mode_is_refused(text: str, child: Path, tmp_path: Path) -> None:
    done = run("feed", child, "-o", tmp_path / "plan.ics", f"--mode={text}")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --mode")
    assert not (tmp_path / "plan.ics").exists()


@NEEDS_ROOT
def test_a_file_keeps_its_owner_where_that_can_be(child: Path, tmp_path: Path) -> None:
    target = tmp_path / "plan.ics"
    target.touch()
    os.chown(target, 65534, 4711)
    target.chmod(0o640)
    assert write_output(target, b"", Kind.ROADMAP, child) == ()
    found = target.stat()
    assert (found.st_uid, found.st_gid, mode_of(target)) == (65534, 4711, 0o640)
    os.chown(child, 65534, 4711)
    assert run("note", child, "seen").returncode == 0
    for each in (child, child.with_name(f"{child.name}.last")):
        assert (each.stat().st_uid, each.stat().st_gid, mode_of(each)) == (65534, 4711, 0o600)


@NEEDS_ROOT
@pytest.mark.parametrize(("mode", "after"), [(0o660, 0o600), (0o664, 0o644), (0o604, 0o604), (0o600, 0o600)])
def test_a_group_that_cannot_be_kept_does_not_hand_its_rights_to_another(mode: int, after: int) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o777)
        target = Path(name) / "roadmap.pdf"
        target.touch()
        os.chown(target, 65534, 4711)
        target.chmod(mode)
        with as_nobody():
            said = write_output(target, b"", Kind.ROADMAP, Path(name) / "p001.yaml")
        assert said == (
            f"{target} was another group's, which cannot be kept; it may do no more with it now than anybody",
        )
        assert mode_of(target) == after


# No record is overwritten, whatever was wished


def in_one_line(text: str) -> str:
    return "{" + ", ".join(re.sub(r"(?m)^#.*\n", "", text).split("log:")[0].split("\n")).strip(", ") + ", log: []}\n"


LAYOUTS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "without its first lines": lambda text: re.sub(r"(?m)^#.*\n", "", text).encode(),
    "in braces": lambda text: in_one_line(text).encode(),
    "with quoted keys": lambda text: re.sub(r"(?m)^(\w+):", r'"\1":', text).encode(),
    "in UTF-16": lambda text: text.encode("utf-16"),
    "in UTF-16 without a mark": lambda text: text.encode("utf-16-be"),
    "with a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "with other line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "with the line ends of old": lambda text: text.replace("\n", "\r").encode(),
    "its beginning lost": lambda text: b"\0" * 900 + text.encode()[900:],
    "its end lost": lambda text: text.encode()[:400],
    "its key broken": lambda text: re.sub("[0-9a-f]{32}", "?", text).encode(),
    "no text": lambda text: text.encode() + b"\xff\xfe\0",
    "after pages of remarks": lambda text: b"# remark\n" * 100_000 + text.encode(),
    "a long log": lambda text: text.encode() + b"  # remark\n" * 400_000,
}


def test_force_overwrites_no_record_however_it_is_named_and_laid_out(child: Path, tmp_path: Path) -> None:
    text = child.read_text(encoding="utf-8")
    for layout, laid in LAYOUTS.items():
        for name in ("p002.yaml", "p002.yaml.last", "p002.txt", "p002.ics", "p002"):
            other = tmp_path / name
            other.write_bytes(laid(text))
            for wish in (Wish(), Wish(force=True), Wish(force=True, mode=0o600)):
                with pytest.raises(UsageError) as refused:
                    check_output(other, child, wish)
                assert "is a patient's record, and a record is never overwritten" in str(refused.value), layout
            other.unlink()


@EACH_OUTPUT
def test_no_command_writes_over_a_record_or_its_last_good_copy(words: list[str], child: Path, tmp_path: Path) -> None:
    assert run("note", child, "seen").returncode == 0
    other = tmp_path / "other.pdf"
    other.write_bytes(child.read_bytes())
    last = tmp_path / "p001.yaml.last"
    for target, says in ((other, "is a patient's record"), (last, "is a patient's record")):
        before = target.read_bytes()
        done = run(words[0], child, *words[1:], "-o", target, "--force")
        assert done.returncode == 2
        assert says in done.stderr
        assert target.read_bytes() == before


def test_the_names_beside_a_record_are_kept_for_it(child: Path, tmp_path: Path) -> None:
    record = child.read_bytes()
    (tmp_path / "p002.yaml").write_bytes(record)
    for name in ("p001.yaml.last", "p002.yaml.last", ".p001.yaml.lock"):
        with pytest.raises(UsageError, match="is a name that is kept"):
            check_output(tmp_path / name, child, Wish(force=True))
    (tmp_path / "p003.yaml").write_bytes(b"\0" * len(record))  # as a disk may leave it
    (tmp_path / "p003.yaml.last").write_bytes(record)
    with pytest.raises(UsageError, match="is a patient's record"):
        check_output(tmp_path / "p003.yaml", child, Wish(force=True))
    for name in ("plan.last", ".lock", ".last", "p004.yaml.last"):
        assert check_output(tmp_path / name, child) == tmp_path / name


def test_what_is_no_record_is_not_taken_for_one(make: Callable[[str], Path]) -> None:
    files = [
        *(each for each in resources.folder("schedules").rglob("*") if each.is_file()),
        *(each for each in (Path(__file__).parents[1] / "docs").rglob("*.md")),
        Path(__file__).parents[1] / "README.md",
        *map(make, OURS),
    ]
    assert len(files) > 20
    assert [each for each in files if is_record(each)] == []


@NEEDS_ROOT
def test_what_cannot_be_read_may_be_a_record(child: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o777)
        other = Path(name) / "p002.yaml"
        other.write_bytes(child.read_bytes())
        other.chmod(0o600)
        with as_nobody(), pytest.raises(UsageError, match="cannot be written: Permission denied"):
            check_output(other, Path(name) / "p001.yaml", Wish(force=True))


def test_a_new_record_takes_no_ones_place(child: Path, tmp_path: Path) -> None:
    for kind in ("pipe", "nowhere", "loop"):
        folder = tmp_path / kind
        folder.mkdir()
        target = make_special(kind, folder)
        before = sorted(folder.iterdir())
        with pytest.raises(UsageError):
            write_new(target, child.read_bytes())
        assert sorted(folder.iterdir()) == before
        assert STAT[kind](target.lstat().st_mode)
