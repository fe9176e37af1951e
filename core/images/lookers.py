"""Processes that look at plain image files: for small ones, threads would wait for each other.

Python lets one thread run at a time but while it reads or hashes, which takes hardly longer for a
file of a few kilobytes than to change threads.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Self, cast

from core.images import plain_file
from core.images.plain_file import Look


class Lookers:
    """So many processes, each of use to one thread at a time.

    They end with the ``with`` block, or when the program is killed: their pipes tell them.
    """

    def __init__(self, count: int) -> None:
        self._all: list[_Looker] = []
        self._idle: SimpleQueue[_Looker] = SimpleQueue()
        with suppress(OSError):  # the system allows no more processes
            for _ in range(count):
                self._all.append(_Looker())
                self._idle.put(self._all[-1])

    def __len__(self) -> int:
        return len(self._all)

    def look_at(self, places: Sequence[str]) -> list[Look | None]:
        """See :func:`core.images.plain_file.look_at`; all None if the process has died."""
        looker = self._idle.get()
        try:
            return looker.look_at(list(places))
        finally:
            self._idle.put(looker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for looker in self._all:
            looker.end()


class _Looker:
    """A fresh interpreter that knows nothing of the window, nor of decoders."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", plain_file.__name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def look_at(self, places: list[str]) -> list[Look | None]:
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        try:
            plain_file.send(asked, places)
            return [look and cast(Look, tuple(look)) for look in plain_file.receive(told)]
        except (OSError, EOFError):
            return [None] * len(places)

    def end(self) -> None:
        with suppress(OSError):
            self._process.communicate()
