"""Threads that work off tasks, one group of them per lane."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from threading import Condition, Thread

THREAD_PREFIX = "clipkw-"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a lane works: its name in thread lists, how many threads, which waiting task is next."""

    name: str
    threads: int
    newest_first: bool


class Lane(Enum):
    """Where a task runs."""

    INTERACTIVE = _Kind("interactive", 2, newest_first=True)
    """Quick reads somebody waits for; what was asked for last comes first."""
    PICTURE = _Kind("picture", 1, newest_first=True)
    """Decoding photographs for the screen, which takes long beside a quick read."""
    OVERVIEW = _Kind("overview", 1, newest_first=True)
    """Figures about the whole archive: they may take a second, and nobody waits for them."""
    UPKEEP = _Kind("upkeep", 1, newest_first=False)
    """Checks and backups of the project, which nobody waits for."""
    SEARCH = _Kind("search", 1, newest_first=True)
    """Comparing with the whole archive, and loading the encoder for it."""
    THUMBNAIL = _Kind("thumbnail", 2, newest_first=True)
    """Small pictures; what scrolled into view last comes first."""
    WRITE = _Kind("write", 1, newest_first=False)
    """Decisions, one after the other in the order they were made; never dropped."""
    BACKGROUND = _Kind("background", 1, newest_first=False)
    """Long jobs, one after the other: they are listed, and can be paused and cancelled."""


class Workers:
    """The threads of one lane. They start with the first task and end with :meth:`finish`."""

    def __init__(self, lane: Lane) -> None:
        self._kind = lane.value
        self._waiting: deque[Callable[[], None]] = deque()
        self._condition = Condition()
        self._idle = 0
        self._finishing = False
        self._threads: list[Thread] = []

    def put(self, call: Callable[[], None]) -> None:
        """Run ``call`` on a thread of this lane; it must not raise."""
        with self._condition:
            if self._finishing:
                raise RuntimeError("a task was put on a lane that is being closed")
            self._waiting.append(call)
            if self._idle < len(self._waiting) and len(self._threads) < self._kind.threads:
                name = f"{THREAD_PREFIX}{self._kind.name}-{len(self._threads)}"
                thread = Thread(target=self._work, name=name)
                self._threads.append(thread)
                thread.start()
            self._condition.notify()

    def finish(self) -> None:
        """Work off what is waiting, then end all threads. Returns when they have ended."""
        with self._condition:
            self._finishing = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (call := self._take()) is not None:
            call()
            del call

    def _take(self) -> Callable[[], None] | None:
        with self._condition:
            self._idle += 1
            while not self._waiting and not self._finishing:
                self._condition.wait()
            self._idle -= 1
            if not self._waiting:
                return None
            return self._waiting.pop() if self._kind.newest_first else self._waiting.popleft()
