"""What a site's own templates may take: a stretch of work -> the same within bounds of time and memory.

Templates are sandboxed, so they can reach nothing; but one may loop or ask for memory without end. The bounds are the
operating system's: its timers interrupt whatever runs, and beyond its limit no memory is given. Where a system has
neither, or in another thread than the first, nothing is bounded.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

if sys.platform == "linux":
    import resource

_MEMORY = 512 * 2**20  # bytes that filling one template may add; ours add a hundredth
_AGAIN = 5.0  # seconds after which work that swallowed the interruption is interrupted once more


class TooLongError(BaseException):
    """Raised inside work that took longer than it may; no handler of any exception there may catch it."""


@contextmanager
def processor_time(seconds: float) -> Iterator[None]:
    """Bound the work by the time that this process computes: it raises TooLongError after so many seconds."""
    with _timer("ITIMER_PROF", "SIGPROF") as start:
        start(seconds)
        yield


@contextmanager
def silence(seconds: float) -> Iterator[Callable[[], None]]:
    """Bound the time between two calls of what this gives, and that before the first and after the last."""
    with _timer("ITIMER_REAL", "SIGALRM") as start:
        start(seconds)
        yield lambda: start(seconds)


@contextmanager
def memory() -> Iterator[None]:
    """Bound what the work may add to this process's memory: it raises MemoryError beyond."""
    if sys.platform != "linux":  # others do not keep such a limit
        yield
        return
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + _MEMORY
    known = [each for each in (before, wanted) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(known), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, most))


@contextmanager
def _timer(timer: str, name: str) -> Iterator[Callable[[float], None]]:
    which, number = getattr(signal, timer, None), getattr(signal, name, None)
    if which is None or number is None or threading.current_thread() is not threading.main_thread():
        yield lambda _seconds: None
        return

    def interrupt(_number: int, _frame: object) -> NoReturn:
        raise TooLongError

    def start(seconds: float) -> None:
        signal.setitimer(which, seconds, _AGAIN)

    before = signal.signal(number, interrupt)
    try:
        yield start
    finally:
        signal.setitimer(which, 0)
        signal.signal(number, before)
