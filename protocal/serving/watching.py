"""A store -> the same, looked after by a thread of its own, so that no request ever waits for a file."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from protocal.serving.faults import what_failed

_REST = 20  # times as long as a look takes at which nothing is made: looking costs a twentieth of one core
_LONGEST = 10.0


class Watching:
    """Calls `refresh` every so many seconds until it is stopped; what fails in it is told, once while it stays so."""

    def __init__(
        self,
        refresh: Callable[[], None],
        every: float,
        clock: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self._refresh, self._every, self._clock, self._tell = refresh, every, clock, tell
        self._ended = Event()
        self._told = ""
        # The end of the process does not wait for pages that are just being made.
        self._thread = Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def _run(self) -> None:
        rest, before = self._every, 0.0
        while not self._ended.wait(rest):
            began = self._clock()
            self._look()
            took = self._clock() - began
            rest = max(self._every, min(_REST * min(took, before), _LONGEST))
            before = took

    def _look(self) -> None:
        try:
            self._refresh()
        except Exception as error:  # noqa: BLE001 - what is served goes on being served
            trouble = what_failed(error)
            if trouble != self._told:
                self._tell(f"error: what is served cannot be looked after: {trouble}")
            self._told = trouble
        else:
            self._told = ""
