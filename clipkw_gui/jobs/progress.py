"""What one job tells while it works: written by its thread, read by the window's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition

from core.errors import Cancelled

SAMPLE_SECONDS = 0.5
"""The rate is measured over at least this long."""
SMOOTHING_SECONDS = 8.0
"""How long a burst or a stall is felt in the rate."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How far a job was at one moment. ``rate`` is in units per second, None while unknown."""

    done: int = 0
    total: int = 0
    note: str = ""
    rate: float | None = None

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate, None while unknown."""
        if not self.total or not self.rate:
            return None
        return max(self.total - self.done, 0) / self.rate


class JobProgress:
    """A :class:`core.progress.Progress` that can be paused and cancelled from another thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._condition = Condition()
        self._paused = False
        self._cancelled = False
        self._now = Snapshot()
        self._unread = False
        self._sample: tuple[float, int] | None = None

    # the job's thread -------------------------------------------------------------------------

    def report(self, done: int, total: int, note: str = "") -> None:
        with self._condition:
            rate = self._measure(done, total)
            self._now = Snapshot(done, total, note, rate)
            self._unread = True

    def checkpoint(self) -> None:
        with self._condition:
            while self._paused and not self._cancelled:
                self._condition.wait()
            if self._cancelled:
                raise Cancelled

    def _measure(self, done: int, total: int) -> float | None:
        """The smoothed rate; a new stage (another total, or counting anew) starts afresh."""
        now, rate = self._clock(), self._now.rate
        if self._sample is None or done < self._now.done or total != self._now.total:
            new_stage = done < self._now.done
            self._sample = (now, done)
            return None if new_stage else rate
        since, before = self._sample
        passed = now - since
        if passed < SAMPLE_SECONDS:
            return rate
        self._sample = (now, done)
        latest = (done - before) / passed
        if rate is None:
            return latest
        return rate + (latest - rate) * (1 - math.exp(-passed / SMOOTHING_SECONDS))

    # the window's thread ----------------------------------------------------------------------

    def pause(self) -> None:
        """Hold the job at its next checkpoint."""
        with self._condition:
            self._paused = True

    def resume(self) -> None:
        """Let a held job go on; the pause does not count in its rate."""
        with self._condition:
            self._paused = False
            self._sample = None
            self._condition.notify_all()

    def cancel(self) -> None:
        """Stop the job at its next checkpoint, held or not."""
        with self._condition:
            self._cancelled = True
            self._condition.notify_all()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        with self._condition:
            return self._cancelled

    @property
    def is_paused(self) -> bool:
        """Whether somebody asked to hold."""
        with self._condition:
            return self._paused

    def snapshot(self) -> Snapshot:
        """How far the job is."""
        with self._condition:
            return self._now

    def take_unread(self) -> bool:
        """Whether something was reported since this was last asked."""
        with self._condition:
            unread, self._unread = self._unread, False
            return unread
