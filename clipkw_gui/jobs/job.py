"""A task, and what the window sees of it once it is started."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from clipkw_gui.jobs.lanes import Lane
from clipkw_gui.jobs.progress import JobProgress
from core.progress import Progress

T = TypeVar("T")

LOG_LINES = 1000


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """Something to do off the window's thread.

    ``work`` gets a :class:`core.progress.Progress` and must touch nothing of Qt but value types
    (QImage); ``title`` is shown when the job is listed.
    """

    title: str
    work: Callable[[Progress], T]
    lane: Lane


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that happened to a job."""

    at: datetime
    text: str


class Job(QObject):
    """A started task. Lives on the window's thread; read and steer it only there."""

    changed = Signal()
    """The state, the progress or the log is another; at most 20 times a second."""

    def __init__(self, title: str, lane: Lane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.lane = lane
        self.progress = JobProgress()
        self.error: Exception | None = None
        self._state = JobState.QUEUED
        self._log: deque[LogLine] = deque(maxlen=LOG_LINES)

    @property
    def state(self) -> JobState:
        """Where the job is in its life."""
        return self._state

    @property
    def is_active(self) -> bool:
        """Whether it waits, runs or is paused."""
        return self._state not in ENDED

    @property
    def done(self) -> int:
        """Units finished."""
        return self.progress.snapshot().done

    @property
    def total(self) -> int:
        """Units in all, 0 while unknown."""
        return self.progress.snapshot().total

    @property
    def note(self) -> str:
        """What it is doing right now."""
        return self.progress.snapshot().note

    @property
    def rate(self) -> float | None:
        """Units per second, smoothed."""
        return self.progress.snapshot().rate

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate."""
        return self.progress.snapshot().seconds_left

    @property
    def log(self) -> list[LogLine]:
        """What happened to it, oldest first."""
        return list(self._log)

    def write(self, text: str) -> None:
        """Add a line to the log."""
        self._log.append(LogLine(datetime.now().astimezone(), text))
        self.changed.emit()

    def pause(self) -> None:
        """Hold the job at its next checkpoint."""
        if self._state in (JobState.QUEUED, JobState.RUNNING):
            self.progress.pause()
            if self._state is JobState.RUNNING:
                self._state = JobState.PAUSED
            self.write(self.tr("Paused"))

    def resume(self) -> None:
        """Let it go on."""
        if self.is_active and self.progress.is_paused:
            self.progress.resume()
            if self._state is JobState.PAUSED:
                self._state = JobState.RUNNING
            self.write(self.tr("Resumed"))

    def cancel(self) -> None:
        """Stop it at its next checkpoint. It has ended when its state says so."""
        if self.is_active and not self.progress.is_cancelled:
            self.progress.cancel()
            self.write(self.tr("Stopping"))

    def start(self) -> None:
        """Its turn has come (called by the runner)."""
        self._state = JobState.PAUSED if self.progress.is_paused else JobState.RUNNING
        self.write(self.tr("Started"))

    def end(self, state: JobState, error: Exception | None = None) -> None:
        """It is over (called by the runner)."""
        self._state, self.error = state, error
        texts = {
            JobState.DONE: self.tr("Finished"),
            JobState.CANCELLED: self.tr("Cancelled"),
            JobState.FAILED: str(error) or type(error).__name__,
        }
        self.write(texts[state])
