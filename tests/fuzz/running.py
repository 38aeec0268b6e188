"""The words of a command in; its exit status, what it printed, what it raised and where it wrote out.

It runs in this process, which makes thousands of runs affordable: `main` itself, with streams, clock and time limit of
its own. What is ours for speed only (parsers of options kept, definitions read once) changes no answer.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any
from unittest.mock import patch

import typer.main

import protocal
from protocal import cli
from protocal.cli import clock, root
from protocal.cli.commands import import_commands
from protocal.read.definition.build import read_protocol
from protocal.workflow import planning

BUSY, WAITING = 10, 30  # seconds of work, and of waiting for something that does not come
NOW = datetime(2027, 3, 1, 17, 30, tzinfo=UTC)
PACKAGE = str(Path(protocal.__file__).parent)


class Hang(BaseException):
    """Raised into a command that has used up its time; nothing catches it by name."""


@dataclass
class Ran:
    """How a command ended."""

    status: int | None = None
    out: bytes = b""
    err: str = ""
    raised: str = ""  # its type and place, where it was none of ours
    hung: bool = False
    wrote: list[str] = field(default_factory=list)  # each path that was opened for writing, made, renamed or removed


def run(words: list[str], *, known: bool = True) -> Ran:
    """Run a command in the present folder. `known` definitions do not change from run to run and are read once."""
    ran = Ran()
    out, err = io.BytesIO(), io.BytesIO()
    stdout = io.TextIOWrapper(out, "utf-8", write_through=True)
    stderr = io.TextIOWrapper(err, "utf-8", errors="backslashreplace", write_through=True)
    read = _read_once if known else read_protocol
    with contextlib.ExitStack() as stack:
        for each in (
            patch.object(sys, "argv", ["protocal", *words]),
            patch.object(sys, "stdout", stdout),
            patch.object(sys, "stderr", stderr),
            patch.object(clock, "now", lambda: NOW),
            patch.object(clock, "random_key", lambda: "c0ffee" * 5 + "00"),
            patch.object(gc, "disable", lambda: None),  # a process of thousands of commands needs it
            patch.object(gc, "freeze", lambda: None),
            patch.object(root, "app", _noting(ran)),
            patch.object(planning, "read_protocol", read),
            patch.dict(os.environ, {"COLUMNS": "100"}),
            _watched(ran.wrote),
            _limited(ran),
        ):
            stack.enter_context(each)  # type: ignore[arg-type] # context managers of several kinds
        for name in ("PROTOCAL_SCHEDULES", "PROTOCAL_SETTINGS"):
            os.environ.pop(name, None)
        try:
            cli.main()
        except SystemExit as stopped:
            ran.status = stopped.code if isinstance(stopped.code, int) else 0 if stopped.code is None else 1
        except Hang:
            ran.hung = True
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            ran.raised = place_of(error)
    ran.out, ran.err = out.getvalue(), err.getvalue().decode()
    return ran


def place_of(error: BaseException) -> str:
    """What an exception is and where in our code it came from: by this, one fault is told from another."""
    frames = [each for each in extract_tb(error.__traceback__) if each.filename.startswith(PACKAGE)]
    last = frames[-1] if frames else None
    where = f"{Path(last.filename).relative_to(PACKAGE)}:{last.lineno} {last.name}" if last else "elsewhere"
    return f"{type(error).__name__} at {where}: {str(error)[:160]!r}"


@cache
def _parser() -> Any:
    """The command with all its options; typer would make it anew for every run, which takes longest of all."""
    import_commands(())
    return typer.main.get_command(root.app)


def _noting(ran: Ran) -> Callable[..., Any]:
    """The application, but what passes out of it that is none of ours is noted, whoever catches it then."""
    parser = _parser()

    def app(**words: Any) -> Any:
        try:
            return parser(**words)
        except Exception as error:
            if not type(error).__module__.startswith("protocal."):
                ran.raised = place_of(error)
            raise

    return app


@cache
def _read_at(folder: Path, shelves: tuple[Path, ...]) -> Any:
    return read_protocol(folder, shelves)


def _read_once(folder: Path, shelves: tuple[Path, ...] = ()) -> Any:
    protocol, problems = _read_at(folder.resolve(), tuple(shelves))
    return protocol, list(problems)


@contextlib.contextmanager
def _limited(ran: Ran) -> Iterator[None]:
    """Ended by force when it has worked, or waited, too long; a busy machine is no reason."""

    def stop(_signal: int, _frame: object) -> None:
        ran.hung = True
        raise Hang

    before = [(each, signal.signal(each, stop)) for each in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, BUSY)
    signal.setitimer(signal.ITIMER_REAL, WAITING)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for each, handler in before:
            signal.signal(each, handler)


# --- what is written

_wrote: list[str] | None = None
_hooked = False
_NAMES = {  # audit event -> which of its values are paths
    "os.rename": (0, 1),
    "os.link": (0, 1),
    "os.symlink": (1,),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _audit(event: str, values: tuple[Any, ...]) -> None:
    if _wrote is None:
        return
    if event == "open":
        path, _mode, flags = values
        if isinstance(path, str | bytes | os.PathLike) and flags & _WRITING:
            _wrote.append(os.path.realpath(os.fsdecode(path)))
    elif event in _NAMES:
        paths = [Path(os.fsdecode(values[index])) for index in _NAMES[event] if not isinstance(values[index], int)]
        _wrote.extend(str(Path(os.path.realpath(path.parent)) / path.name) for path in paths)


@contextlib.contextmanager
def _watched(wrote: list[str]) -> Iterator[None]:
    global _wrote, _hooked  # noqa: PLW0603 - a hook of the interpreter is for good
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    _wrote = wrote
    try:
        yield
    finally:
        _wrote = None
