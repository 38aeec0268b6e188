"""Pages of a document -> the same, pressed side by side by helper processes and this one, in order.

A helper is Python started anew, which works the same on every system and whatever threads run here. What one does not
bring, because it was stopped or met a mistake, is pressed here, where a mistake is told as it would be without helpers.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

from protocal.model.problems import UsageError
from protocal.render.pdf.pressed import PressedSheet

PROCESSES = "PROTOCAL_PROCESSES"  # at most so many at once; 1 starts no helper
_MOST = 4  # each takes as much memory as the first
_WORTH = 60_000  # letters of HTML for each process: less is done before a helper would be ready

# Ctrl-C is for the command, which stops its helpers.
_APART: dict[str, Any]
if sys.platform == "win32":
    _APART = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    _APART = {"process_group": 0}

Press = Callable[[int, str], PressedSheet]
Answer = tuple[int, PressedSheet | None]  # of a page by its number; none where a helper failed


def side_by_side(pages: Sequence[str], means: object, press: Press, tick: Callable[[], object]) -> list[PressedSheet]:
    """The pages, pressed; the first always here. Helpers are given `means`, and `press` is what presses here."""
    others = range(1, len(pages))
    helping = processes(pages) - 1
    waiting = deque(sorted(others, key=lambda index: -len(pages[index])) if helping else others)  # the longest first
    answers = SimpleQueue[Answer]()
    helpers = [_Helper(pages, means, waiting, answers) for _number in range(helping)]
    try:
        done = {0: press(0, pages[0])}
        tick()
        while len(done) < len(pages):
            sheet: PressedSheet | None = None
            index = _next(waiting) if answers.empty() else None
            if index is None:
                index, sheet = answers.get()
            done[index] = sheet or press(index, pages[index])
            tick()
    finally:
        for helper in helpers:
            helper.stop()
    return [done[index] for index in range(len(pages))]


def processes(pages: Sequence[str]) -> int:
    """How many processes press these pages: no more than there are cores, nor than have enough to do.

    Raises UsageError where the environment says no number.
    """
    said = os.environ.get(PROCESSES, str(_MOST))
    if not (said.isascii() and said.isdecimal() and int(said)):
        raise UsageError(f"{PROCESSES} is {said!r}, which is no number of processes", "Take it away, or say 1 or more.")
    can_start = sys.executable and not getattr(sys, "frozen", False)  # a frozen program is no Python
    return max(1, min(int(said), _cores(), sum(map(len, pages)) // _WORTH)) if can_start else 1


def _cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _next(waiting: deque[int]) -> int | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


class _Helper:
    """A process that presses pages, and the thread that asks it for one after the other."""

    def __init__(self, pages: Sequence[str], means: object, waiting: deque[int], answers: SimpleQueue[Answer]) -> None:
        try:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-P", "-m", "protocal.render.pdf.helper"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what goes wrong is told by who presses the page again
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                **_APART,
            )
        except OSError:  # there may be no more processes
            self.thread: Thread | None = None
            return
        self.thread = Thread(target=self.ask, args=(pages, means, waiting, answers), daemon=True)
        self.thread.start()

    def ask(self, pages: Sequence[str], means: object, waiting: deque[int], answers: SimpleQueue[Answer]) -> None:
        """Ask for pages until none waits; a page that does not come is answered with none."""
        with suppress(OSError, EOFError, ValueError, pickle.PickleError):
            self.tell(means)
            self.hear()  # that it is ready: until then, others may take every page
            while (index := _next(waiting)) is not None:
                sheet: PressedSheet | None = None
                try:
                    self.tell((index, pages[index]))
                    sheet = self.hear()
                finally:
                    answers.put((index, sheet))

    def tell(self, what: object) -> None:
        """Send what the process is waiting for."""
        pipe: Any = self.process.stdin
        pickle.dump(what, pipe)
        pipe.flush()

    def hear(self) -> Any:
        """What the process answers."""
        pipe: Any = self.process.stdout
        return pickle.load(pipe)  # noqa: S301 - of our own helper

    def stop(self) -> None:
        """End the process, whatever it is at."""
        if self.thread is None:
            return
        self.process.kill()
        self.thread.join()
        with suppress(OSError):  # what was not sent yet
            self.process.communicate()
