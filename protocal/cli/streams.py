"""The process's streams -> the same, with errors of ours for output that cannot be written.

Python tells of a full disk or a closed standard output late, with a traceback, or not at all. Here each is told apart:
a reader that has gone (`| head`) is fine, anything else is not.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO


class OutputError(Exception):
    """Raised when standard output or standard error cannot be written; exit status 74."""


class ReaderGoneError(Exception):
    """Raised when whoever read our output has had enough; exit status 0."""


class InterruptedByUserError(Exception):
    """Raised in place of KeyboardInterrupt, which the library under us has its own status for; exit status 130."""


class _Raw(io.FileIO):
    """The bytes of a standard stream; `closed_before` of one that was closed before we began."""

    def __init__(self, handle: int, name: str, *, closed_before: bool) -> None:
        super().__init__(handle, "wb", closefd=False)
        self._of = name
        self.closed_before = closed_before

    def write(self, data: Any) -> int:
        if self.closed_before:
            raise OutputError(f"{self._of} is closed")
        try:
            return super().write(data)
        except BrokenPipeError:
            raise ReaderGoneError from None
        except OSError as error:
            raise OutputError(f"{self._of} cannot be written: {error.strerror or error}") from None


def take_streams() -> None:
    """Put streams that tell us when they cannot be written in the place of standard output and standard error.

    Where somebody put others there (a test, a program that calls us), those stay. A closed standard error is silence.
    """
    for handle in (1, 2):
        try:
            os.fstat(handle)
        except OSError:  # else the next file that is opened would get its number, and our words
            os.dup2(os.open(os.devnull, os.O_WRONLY), handle)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _stream(1, "standard output", sys.stdout, closed_before=sys.stdout is None)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _stream(2, "standard error", sys.stderr, closed_before=False)


def drop_output() -> None:
    """Let what is still to be written go nowhere, so that the end of the process has nothing to complain of."""
    for handle, stream in ((1, sys.stdout), (2, sys.stderr)):
        raw = getattr(getattr(stream, "buffer", None), "raw", None)
        if isinstance(raw, _Raw):
            raw.closed_before = False
            os.dup2(os.open(os.devnull, os.O_WRONLY), handle)


def _stream(handle: int, name: str, before: TextIO | None, *, closed_before: bool) -> TextIO:
    raw = _Raw(handle, name, closed_before=closed_before)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else "utf-8",
        errors="backslashreplace",  # what a terminal cannot show is shown by its number
        line_buffering=handle == 2 or raw.isatty(),
    )
