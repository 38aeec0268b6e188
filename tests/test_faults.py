"""Whatever happens while a record is written, it always loads afterwards, and is wholly the old one or wholly the new.

A fault is put into every call that writes, real processes are killed, two write at once, and the disk is full.
"""

from __future__ import annotations

import fcntl
import os
import random
import resource
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from conftest import run_process as run
from machines import Chart, Values

from protocal.model.problems import UsageError
from protocal.publish import lock
from protocal.publish.outputs import Kind, write_output
from protocal.publish.record_files import replace_record
from protocal.read.record.read import read_record

AT = "2026-12-29T10:00:00-05:00"
LAST = "the last line"
CLEARED = "2026-12-18T10:00:00-05:00"
EACH_VERB: list[Values] = [
    {"entry": "state", "fact": "cns", "value": "clear"},
    {"entry": "assign", "arm": "L", "date": "2026-12-02"},
    {"entry": "fail", "date": "2026-12-13"},
    {"entry": "undo", "line": LAST},
    {"entry": "transplant", "date": "2027-02-20"},
    {"entry": "undo", "line": LAST},
    {"entry": "give", "id": "warp/vin/1", "date": "2026-12-01", "dose": Decimal("0.8")},
    {"entry": "measure", "date": "2026-12-14", "height": Decimal(113), "weight": Decimal("19.9")},
    {"entry": "move", "id": "warp/it/8", "date": "2026-12-09"},
    {"entry": "omit", "ids": ["warp/vin/9"]},
    {"entry": "adjust", "agent": "mercadol", "percent": Decimal(50), "date": "2027-01-20", "to": "2027-01-25"},
    {"entry": "substitute", "agent": "aspanol", "product": "rusta", "date": "2026-12-16"},
    {"entry": "hold", "course": "warp", "date": "2026-12-07", "days": 4, "rule": "skip"},
    {"entry": "delay", "course": "heddle", "days": 3},
    {"entry": "start", "course": "weft", "date": "2026-12-15"},
    {"entry": "give", "id": "weft/umb/1", "date": "2026-12-15", "at": "2026-12-15T10:00:00-05:00"},
    {"entry": "clear", "course": "weft", "agent": "umbrate", "at": CLEARED, "level": "0.08 micromol/L"},
    {"entry": "start", "course": "shuttle", "date": "2026-12-29"},
    {"entry": "bags", "agent": "drippumab", "hours": [24, 48], "date": "2026-12-29"},
    {"entry": "give", "id": "shuttle/dri/1", "date": "2026-12-29", "at": AT},
    {"entry": "interrupt", "course": "shuttle", "at": "2026-12-31T10:00:00-05:00"},
    {"entry": "resume", "course": "shuttle", "at": "2027-01-01T10:00:00-05:00", "dose": Decimal("11.7")},
    {"entry": "dispense", "agent": "mercadol", "tablets": "60 of 5 mg", "date": "2026-12-10"},
    {"entry": "note", "text": "nothing new"},
    {"entry": "remark", "kind": "allergy", "text": "penicillin: rash"},
    {"entry": "end", "date": "2027-10-01"},
    {"entry": "stop", "date": "2027-03-01", "at": "2027-03-01T10:00:00-05:00"},
]  # fmt: skip
CALLS = (
    "open",
    "fdopen",
    "write",
    "ftruncate",
    "fchmod",
    "fchown",
    "fsync",
    "replace",
    "rename",
    "unlink",
    "close",
    "stat",
    "scandir",
)
FAULTS: dict[str, Callable[[], BaseException]] = {
    "the disk is full": lambda: OSError(28, "No space left on device"),
    "the disk is broken": lambda: OSError(5, "Input/output error"),
    "somebody types Ctrl-C": KeyboardInterrupt,
}


@pytest.fixture
def chart() -> Iterator[Chart]:
    """A record, and what to add to it."""
    made = Chart()
    yield made
    made.close()


class _Torn:
    """A stream that takes half of what it is given."""

    def __init__(self, stream: Any, fault: BaseException) -> None:
        self.stream = stream
        self.fault = fault

    def __enter__(self) -> _Torn:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stream.close()

    def write(self, data: bytes) -> None:
        self.stream.write(data[: len(data) // 2])
        self.stream.flush()
        raise self.fault


@contextmanager
def fault_at(number: int, fault: Callable[[], BaseException]) -> Iterator[list[str]]:
    """The call of this number fails, of all that may write; which one it was."""
    calls: list[str] = []
    with pytest.MonkeyPatch.context() as patched:

        def failing(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*words: Any, **named: Any) -> Any:
                calls.append(name)
                if len(calls) != number:
                    return real(*words, **named)
                if name == "fdopen":
                    return _Torn(real(*words, **named), fault())
                if name == "close":  # closes, and says that it could not
                    real(*words, **named)
                raise fault()

            return call

        for name in CALLS:
            patched.setattr(os, name, failing(name, getattr(os, name)))
        yield calls
    if len(calls) < number:
        calls.clear()


def entries_of(path: Path) -> int:
    """How many entries a record has, which loads without a problem."""
    record, problems = read_record(path)
    assert record is not None, problems
    assert problems == []
    return record.revision


def log_of(data: bytes) -> bytes:
    """A record's bytes without the last line, which each command writes anew."""
    return data[: data.rindex(b"# sealed: ")]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def last_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.last")


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_in_any_call_of_any_entry_leaves_the_old_record_or_the_new(what: str, chart: Chart) -> None:
    path, last = chart.path, last_of(chart.path)
    path.chmod(0o600)
    met: set[str] = set()
    for values in EACH_VERB:
        entry = {"why": "asked for"} | values | ({"line": chart.plan.revision} if values.get("line") else {})
        tried = chart.tried(entry)
        assert tried.after, f"{values}: {tried.refused}"
        before, older = path.read_bytes(), last.read_bytes() if last.exists() else b""
        number, calls = 0, [""]
        while calls:
            number += 1
            path.write_bytes(before)
            lock.lock_of(path).unlink(missing_ok=True)  # which a fault may leave: the calls stay the same ones
            wrote = False
            with fault_at(number, FAULTS[what]) as calls, suppress(UsageError, KeyboardInterrupt):  # and no other error
                replace_record(path, before, tried.data)
                wrote = True
            met.update(calls[number - 1 : number])
            told = wrote or isinstance(FAULTS[what](), KeyboardInterrupt)
            assert path.read_bytes() in ([tried.data] if wrote else [before, tried.data] if told else [before]), calls
            assert not last.exists() or last.read_bytes() in (older, before)
            assert {mode_of(each) for each in (path, last) if each.exists()} == {0o600}
        assert path.read_bytes() == tried.data, "no fault, and written"
        assert last.read_bytes() == before
        assert entries_of(path) == entries_of(last) + 1
        assert sorted(path.parent.iterdir()) == [path, last]
        chart.plans.append(tried.after)
    assert met >= {"open", "fdopen", "write", "fsync", "replace"}


def test_what_a_killed_writer_left_is_swept_away_and_nothing_else(chart: Chart) -> None:
    path = chart.path
    left = path.with_name(f".{path.name}.abcd_123.part")
    others = [path.with_name(f".{path.name}.other.abcd_123.part"), path.with_name(f"{path.name}.part")]
    for each in (left, *others):
        each.write_bytes(b"half of")
    path.with_name(f".{path.name}.lock").write_text("process 1 on another-machine\n", encoding="utf-8")
    tried = chart.tried({"entry": "note", "text": "after the crash"})
    replace_record(path, path.read_bytes(), tried.data)
    assert entries_of(path) == entries_of(last_of(path)) + 1
    assert sorted(path.parent.iterdir()) == sorted([path, last_of(path), *others])


def test_a_record_behind_a_link_is_written_where_it_is(chart: Chart, tmp_path: Path) -> None:
    link = tmp_path / "mine.yaml"
    link.symlink_to(chart.path)
    tried = chart.tried({"entry": "note", "text": "by another name"})
    replace_record(link, chart.path.read_bytes(), tried.data)
    assert link.is_symlink()
    assert chart.path.read_bytes() == tried.data
    assert list(tmp_path.iterdir()) == [link]


# Two at once


@contextmanager
def holding(path: Path) -> Iterator[int]:
    """Another process that has the lock, with its number."""
    program = (
        "import sys, time; from pathlib import Path; from protocal.publish import lock\n"
        "with lock.locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield other.pid
        other.kill()


def test_a_second_writer_waits_and_then_says_who_is_writing(chart: Chart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT", 0.2)
    tried = chart.tried({"entry": "note", "text": "me too"})
    before = chart.path.read_bytes()
    with holding(chart.path) as pid:
        with pytest.raises(UsageError, match=f"being written by process {pid} on {socket.gethostname()}"):
            replace_record(chart.path, before, tried.data)
        assert chart.path.read_bytes() == before
    replace_record(chart.path, before, tried.data)
    assert [each.name for each in chart.path.parent.iterdir() if "lock" in each.name] == [], (
        "killed, and no lock is left"
    )


def test_the_wait_is_ten_seconds() -> None:
    assert lock.WAIT == 10


def test_a_second_writer_lands_when_the_first_has_finished(chart: Chart) -> None:
    tried = chart.tried({"entry": "note", "text": "me too"})
    before = chart.path.read_bytes()
    waiting = Thread(target=replace_record, args=(chart.path, before, tried.data))
    with lock.locked(chart.path):
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        assert chart.path.read_bytes() == before
    waiting.join(10)
    assert chart.path.read_bytes() == tried.data


def test_a_lock_that_was_taken_away_between_two_steps_is_not_held(
    chart: Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder before removes its file after we opened it: we would then lock what nobody else sees."""
    file = lock.lock_of(chart.path)
    real, seen = fcntl.flock, []

    def slower(handle: int, how: int) -> None:
        if not seen:
            file.unlink()
        seen.append(handle)
        real(handle, how)

    monkeypatch.setattr(fcntl, "flock", slower)
    with lock.locked(chart.path):
        assert len(seen) == 2
        assert f"process {os.getpid()} on " in file.read_text(encoding="utf-8")
    assert not file.exists()


def test_what_was_written_since_the_record_was_read_is_never_lost(chart: Chart) -> None:
    before = chart.path.read_bytes()
    ours = chart.tried({"entry": "note", "text": "ours"})
    theirs = chart.add({"entry": "note", "text": "theirs"})
    with pytest.raises(UsageError, match="was changed by somebody else since it was read"):
        replace_record(chart.path, before, ours.data)
    assert chart.path.read_bytes() == theirs.data
    assert sorted(each.name for each in chart.path.parent.iterdir()) == [chart.path.name]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from protocal.publish.record_files import replace_record
from protocal.read.record.append import NewEntry, append_entries
from protocal.model.problems import UsageError
path, who, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
for number in range(count):
    while True:
        added = append_entries(path, [NewEntry({"entry": "note", "text": f"{who} {number}"})], datetime.now(UTC), who)
        assert added.record, added.problems
        try:
            replace_record(path, added.before, added.after)
        except UsageError as error:
            assert "since it was read" in error.message, error.message
        else:
            print(len(added.after), flush=True)
            break
"""


def test_two_who_write_at_once_lose_nothing(chart: Chart) -> None:
    words = [[sys.executable, "-c", WRITER, str(chart.path), who, "40"] for who in ("ann", "bob", "cem")]
    with ExitStack() as running:
        writers = [
            running.enter_context(subprocess.Popen(each, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
            for each in words
        ]
        errors = [each.communicate(timeout=60)[1] for each in writers]
    assert errors == ["", "", ""]
    record, problems = read_record(chart.path)
    assert record is not None
    assert problems == []
    notes = [entry.text for entry in record.log if type(entry).__name__ == "Noted"]  # type: ignore[attr-defined]
    assert sorted(notes) == sorted(f"{who} {number}" for who in ("ann", "bob", "cem") for number in range(40))
    for who in ("ann", "bob", "cem"):
        assert [each for each in notes if each.startswith(who)] == [f"{who} {number}" for number in range(40)]
    assert sorted(each.name for each in chart.path.parent.iterdir()) == [chart.path.name, f"{chart.path.name}.last"]


# Kills

# Each command as a user would give it, one after the other in one process, for the start of a process is long and
# a kill would seldom meet the writing; each line says that a command has ended, and how the file was then.
COMMANDS = """
import sys, zlib
from pathlib import Path
from protocal.cli import main
file = sys.argv[1]
print("ready", flush=True)
words = sys.stdout
while True:
    for command in (["delay", file, "heddle", "--days", "2"], ["undo", file]):
        sys.argv, sys.stdout = ["protocal", *command], open("/dev/null", "w")
        try:
            main()
        except SystemExit as done:
            assert not done.code, done.code
        print(Path(file).stat().st_size, file=words, flush=True)
"""


@pytest.mark.parametrize("program", [COMMANDS, WRITER], ids=["commands", "writing and nothing else"])
def test_kills_of_a_process_that_writes_lose_nothing(program: str, chart: Chart) -> None:
    path, chance = chart.path, random.Random(20261201)
    for _kill in range(16):
        before = path.read_bytes()
        words = [sys.executable, "-c", program, str(path), "ann", "100000"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            told = [int(writer.stdout.readline())]
            with suppress(subprocess.TimeoutExpired):
                writer.wait(chance.random() * 0.06)
            assert writer.poll() is None, "it went on until it was killed"
            writer.send_signal(signal.SIGKILL)
            told += [int(line) for line in writer.stdout.read().split(b"\n")[:-1]]
        now = path.read_bytes()
        assert now.startswith(log_of(before))
        assert len(now) >= max(told) > len(before), "what was told to be written stands there"
        entries_of(path)
        entries_of(last_of(path))
        assert now.startswith(log_of(last_of(path).read_bytes()))
    done = run("note", path, "after all that")
    assert done.returncode == 0, done.stderr
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name, f"{path.name}.last"]


# Disks and folders


def test_a_limit_of_the_systems_in_the_middle_of_a_file(chart: Chart) -> None:
    """The kernel takes part of the data and refuses the rest, as a full disk or a quota does."""
    before = chart.path.read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 60, len(before) + 60))

    done = subprocess.run(
        [sys.executable, "-B", "-m", "protocal", "note", str(chart.path), "no room"],
        capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot be written: File too large" in done.stderr
    assert list(chart.path.parent.iterdir()) == [chart.path]
    assert chart.path.read_bytes() == before


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 16 kB."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder]
        if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode != 0:
            pytest.skip("only root may mount a small disk")
        yield Path(folder)
        subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_full_keeps_the_record(small_disk: Path, chart: Chart) -> None:
    path = small_disk / "chart.yaml"
    before = chart.path.read_bytes()
    path.write_bytes(before)
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 512)
    tried = chart.tried({"entry": "note", "text": "no room"})
    with pytest.raises(UsageError, match="No space left on device"):
        replace_record(path, before, tried.data)
    assert sorted(small_disk.iterdir()) == sorted([path, filler])
    assert path.read_bytes() == before
    filler.unlink()
    replace_record(path, before, tried.data)
    assert entries_of(path) == entries_of(last_of(path)) + 1


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's rights, which no folder's mode holds back."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_folder_that_may_not_be_written_to(chart: Chart) -> None:
    tried = chart.tried({"entry": "note", "text": "not here"})
    before = chart.path.read_bytes()
    with as_nobody(), tempfile.TemporaryDirectory(dir="/tmp") as name:
        path = Path(name) / "chart.yaml"
        path.write_bytes(before)
        Path(name).chmod(0o500)
        try:
            with pytest.raises(UsageError, match="cannot be written: Permission denied"):
                replace_record(path, before, tried.data)
            assert list(Path(name).iterdir()) == [path]
            assert path.read_bytes() == before
        finally:
            Path(name).chmod(0o700)


def test_a_lock_that_another_user_left_is_named(chart: Chart) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can leave another user's file")
    tried = chart.tried({"entry": "note", "text": "not now"})
    before = chart.path.read_bytes()
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o777)
        path, lock = Path(name) / "chart.yaml", Path(name) / ".chart.yaml.lock"
        path.write_bytes(before)
        path.chmod(0o666)
        lock.touch(0o600)
        with as_nobody(), pytest.raises(UsageError, match=r"\.chart\.yaml\.lock is another user's"):
            replace_record(path, before, tried.data)
        lock.unlink()
        with as_nobody():
            replace_record(path, before, tried.data)
        assert path.read_bytes() == tried.data


def test_a_record_keeps_its_mode_and_so_does_its_copy(chart: Chart) -> None:
    for mode in (0o600, 0o640):
        chart.path.chmod(mode)
        tried = chart.tried({"entry": "note", "text": "a group's"})
        replace_record(chart.path, chart.path.read_bytes(), tried.data)
        assert (mode_of(chart.path), mode_of(last_of(chart.path))) == (mode, mode)
        assert tried.after
        chart.plans.append(tried.after)


# What stands where a lock would


@pytest.mark.parametrize("kind", ["link", "link to nowhere", "hard link", "pipe", "folder"])
def test_a_lock_is_never_written_through_to_something_else(kind: str, chart: Chart, tmp_path: Path) -> None:
    path, file, other = chart.path, lock.lock_of(chart.path), tmp_path / "other"
    other.write_text("somebody's words\n", encoding="utf-8")
    if kind == "hard link":
        path = tmp_path / "shared" / "chart.yaml"
        path.parent.mkdir()
        path.write_bytes(chart.path.read_bytes())
        file = lock.lock_of(path)
        os.link(other, file)
        path.parent.chmod(0o777)  # where anybody may have put it
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to(other if kind == "link" else tmp_path / "gone")
    before = path.read_bytes()
    tried = chart.tried({"entry": "note", "text": "through a link"})
    with pytest.raises(UsageError, match=r"cannot be written: \S+\.lock is (a link|no file|another file's, too)"):
        replace_record(path, before, tried.data)
    assert path.read_bytes() == before
    assert other.read_text(encoding="utf-8") == "somebody's words\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other", *["shared"] * (kind == "hard link")]


# What is no record


@pytest.mark.parametrize("what", FAULTS)
@pytest.mark.parametrize("older", [b"", None], ids=["in another's place", "new"])
def test_a_fault_in_any_call_leaves_the_old_output_or_the_new(what: str, older: bytes | None, tmp_path: Path) -> None:
    record, target = tmp_path / "chart.yaml", tmp_path / "plan.ics"
    number, calls = 0, [""]
    while calls:
        number += 1
        target.unlink(missing_ok=True)
        if older is not None:
            target.write_bytes(older)
            target.chmod(0o640)
        wrote = False
        with fault_at(number, FAULTS[what]) as calls, suppress(UsageError, KeyboardInterrupt):
            write_output(target, b"new", Kind.ROADMAP, record)
            wrote = True
        found = target.read_bytes() if target.exists() else None
        assert found in ([b"new"] if wrote else [older, b"new"]), calls
        assert not target.exists() or mode_of(target) == (0o600 if older is None else 0o640)
        if "unlink" not in calls[number - 1 : number]:  # else it could not be removed
            assert [each for each in tmp_path.iterdir() if each != target] == []
        for each in tmp_path.glob(".*"):
            each.unlink()
    assert target.read_bytes() == b"new"
