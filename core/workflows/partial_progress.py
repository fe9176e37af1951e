"""Work that ends when its time is over, and work that is a part of a larger one."""

from __future__ import annotations

import time

from core.progress import Progress


class OutOfTimeError(Exception):
    """The time that was allowed is over; what was finished by then counts."""


class TimeLimit:
    """A :class:`Progress` that raises :class:`OutOfTimeError` at a checkpoint after ``seconds``.

    None: never. Before :meth:`bind` nothing is stopped, so that there is something to show.
    """

    def __init__(self, whole: Progress, seconds: float | None) -> None:
        self.whole = whole
        self._end = None if seconds is None else time.monotonic() + seconds
        self._binds = False
        self.report = whole.report

    def bind(self) -> None:
        """From now on what is not finished in time is given up."""
        self._binds = True

    def checkpoint(self) -> None:
        """As the whole work's, and see what time it is."""
        self.whole.checkpoint()
        if self._binds and self._end is not None and time.monotonic() >= self._end:
            raise OutOfTimeError


class Within:
    """The progress of one model among all of them."""

    def __init__(self, whole: Progress, place: int, total: int, title: str) -> None:
        self.checkpoint = whole.checkpoint
        self._whole = whole
        self._place, self._total, self._title = place, total, title

    def report(self, done: int, total: int, note: str = "") -> None:
        """Told in words: the whole counts models."""
        detail = note or (f"{done} of {total}" if total else "")
        said = f"{self._title}: {detail}" if detail else self._title
        self._whole.report(self._place, self._total, said)
