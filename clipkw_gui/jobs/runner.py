"""Runs work off the window's thread and brings the results back to it.

How to use it, from an action::

    task = Task("Count images", partial(_count, session.project), Lane.INTERACTIVE)
    context.runner.start(task, self._show_counts)                  # errors go to the message bar
    context.runner.start(task, self._show_counts, self._no_counts)  # ... or here
    context.runner.start_latest("browse.count", task, self._show_counts)

``work(progress)`` runs on a thread of its lane. It calls ``progress.checkpoint()`` as often as it
can: that is where it is paused or stopped. ``on_done(result)`` is called on the window's thread,
never inside :meth:`JobRunner.start`, and not at all once the job was cancelled or replaced, the
project closed, the receiver deleted, or the runner shut down.

``on_error(error)`` is told about every failure, so that the caller can put its own state right;
without it, a :class:`ClipkwError` goes to :attr:`JobRunner.failed`, shown in one place. Anything
that is not a ClipkwError is a bug: it goes to :attr:`JobRunner.bug_found` *as well*, which offers a
report, so ``on_error`` shows nothing for it. Being cancelled is silent: neither is called.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from clipkw_gui.jobs.job import Job, JobState, LogLine, Task
from clipkw_gui.jobs.lanes import Lane, Workers
from clipkw_gui.jobs.progress import JobProgress
from clipkw_gui.jobs.receivers import call_back
from core.encoders.memory import shortage_of
from core.errors import Cancelled, ClipkwError

__all__ = ["Job", "JobRunner", "JobState", "Lane", "LogLine", "Task"]

T = TypeVar("T")

TICK_MILLISECONDS = 50
"""How often progress is shown: at most 20 times a second."""
KEPT_JOBS = 50
"""How many ended jobs stay listed."""


@dataclass(slots=True)
class _Order:
    """A started job and who waits for it; stays on the window's thread."""

    job: Job
    on_done: Callable[[Any], None]
    on_error: Callable[[Exception], None] | None
    key: str | None
    is_void: bool = False
    """Whether its result is dropped: it was replaced, or belongs to a closed project."""


@dataclass(frozen=True, slots=True)
class _News:
    """What a thread tells the window about a job: it began, or how it ended."""

    number: int
    began: bool = False
    result: Any = None
    error: Exception | None = None


class JobRunner(QObject):
    """See the module's text for how to use it. Every method is for the window's thread only."""

    job_started = Signal(Job)
    """A background job was added to :meth:`jobs`; it may still wait for its turn."""
    job_changed = Signal(Job)
    job_finished = Signal(Job)
    """A background job is done, has failed or was cancelled."""
    failed = Signal(object)
    """A ClipkwError that nobody else takes care of."""
    bug_found = Signal(object)
    """Any other exception."""

    _news_arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = {lane: Workers(lane) for lane in Lane}
        self._orders: dict[int, _Order] = {}
        self._latest: dict[str, int] = {}
        self._listed: list[Job] = []
        self._news: deque[_News] = deque()
        self._when_idle: list[Callable[[], None]] = []
        self._when_quiet: list[Callable[[], None]] = []
        self._number = 0
        self._closed = False
        self._news_arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._ticker = QTimer(self, interval=TICK_MILLISECONDS)
        self._ticker.timeout.connect(self._tick)

    # starting ---------------------------------------------------------------------------------

    def start(
        self,
        task: Task[T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Run a task on its lane."""
        return self._start(task, on_done, on_error, None)

    def start_latest(
        self,
        key: str,
        task: Task[T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Run a task that makes an older one of the same key void; its late result is dropped."""
        older = self._orders.get(self._latest.get(key, -1))
        if older is not None:
            older.is_void = True
            older.job.cancel()
        return self._start(task, on_done, on_error, key)

    def _start(
        self,
        task: Task[T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None] | None,
        key: str | None,
    ) -> Job:
        job = Job(task.title, task.lane)
        if self._closed:
            job.end(JobState.CANCELLED)
            return job
        self._number += 1
        self._orders[self._number] = _Order(job, on_done, on_error, key)
        if key is not None:
            self._latest[key] = self._number
        if task.lane is Lane.BACKGROUND:
            self._listed.append(job)
            job.changed.connect(partial(self.job_changed.emit, job))
            self.job_started.emit(job)
        if not self._ticker.isActive():
            self._ticker.start()
        self._workers[task.lane].put(partial(self._run, self._number, task, job.progress))
        return job

    # on a lane's thread -----------------------------------------------------------------------

    def _run(self, number: int, task: Task[Any], progress: JobProgress) -> None:
        """Holds neither the job nor its callbacks: Qt objects must not die on this thread."""
        try:
            progress.checkpoint()
            self._tell(_News(number, began=True))
            news = _News(number, result=task.work(progress))
        except Exception as error:
            news = _News(number, error=shortage_of(error, task.title) or error)
        self._tell(news)

    def _tell(self, news: _News) -> None:
        self._news.append(news)
        self._news_arrived.emit()

    # on the window's thread -------------------------------------------------------------------

    def jobs(self) -> list[Job]:
        """Background jobs, oldest first: those that are active and the last that ended."""
        return list(self._listed)

    def active_jobs(self) -> list[Job]:
        """Background jobs that wait, run or are paused."""
        return [job for job in self._listed if job.is_active]

    def is_idle(self) -> bool:
        """Whether nothing waits or runs in any lane, or is to start later."""
        return not self._orders and not self._when_quiet

    def when_quiet(self, start: Callable[[], None]) -> None:
        """Call ``start`` once nobody waits for a quick read: it starts what would slow one down.

        It is not called inside this method, nor after :meth:`stop_all`.
        """
        self._when_quiet.append(start)
        self._news_arrived.emit()

    def forget_ended(self) -> None:
        """Take ended jobs off the list."""
        self._listed = self.active_jobs()

    def stop_all(self, when_idle: Callable[[], None]) -> None:
        """Cancel everything but writes; ``when_idle`` is called when the last thing has ended."""
        self._cancel_all()
        self._when_idle.append(when_idle)
        self._news_arrived.emit()

    def shut_down(self) -> None:
        """Finish the writes, stop the rest, end all threads; nothing is delivered any more."""
        if self._closed:
            return
        self._closed = True
        self._ticker.stop()
        self._cancel_all()
        for workers in self._workers.values():
            workers.finish()
        for order in self._orders.values():
            order.job.end(JobState.CANCELLED)
        self._orders.clear()
        self._news.clear()

    def _cancel_all(self) -> None:
        self._when_quiet.clear()
        for order in self._orders.values():
            order.is_void = True
            if order.job.lane is not Lane.WRITE:
                order.job.cancel()

    def _tick(self) -> None:
        for job in [order.job for order in self._orders.values()]:
            if job.progress.take_unread():
                job.changed.emit()

    def _deliver(self) -> None:
        while self._news and not self._closed:
            news = self._news.popleft()
            order = self._orders.get(news.number)
            if order is None:
                continue
            if news.began:
                order.job.start()
            else:
                self._end(news, order)
        if not self._closed and not self._is_read_waited_for():
            starts, self._when_quiet = self._when_quiet, []
            for start in starts:
                call_back(start)
        if self._orders or self._closed:
            return
        self._ticker.stop()
        waiting, self._when_idle = self._when_idle, []
        for call in waiting:
            call_back(call)

    def _is_read_waited_for(self) -> bool:
        return any(order.job.lane is Lane.INTERACTIVE for order in self._orders.values())

    def _end(self, news: _News, order: _Order) -> None:
        del self._orders[news.number]
        if order.key is not None and self._latest.get(order.key) == news.number:
            del self._latest[order.key]
        job, error = order.job, news.error
        dropped = order.is_void or job.progress.is_cancelled
        if error is None:
            job.end(JobState.CANCELLED if dropped else JobState.DONE)
            if not dropped:
                call_back(order.on_done, news.result)
        elif isinstance(error, Cancelled):
            job.end(JobState.CANCELLED)
        else:
            job.end(JobState.FAILED, error)
            self._tell_error(error, order.on_error, dropped)
        if job.lane is Lane.BACKGROUND:
            ended = [one for one in self._listed if not one.is_active]
            for one in ended[:-KEPT_JOBS]:
                self._listed.remove(one)
            self.job_finished.emit(job)

    def _tell_error(
        self, error: Exception, on_error: Callable[[Exception], None] | None, dropped: bool
    ) -> None:
        known = isinstance(error, ClipkwError)
        if not known:
            self.bug_found.emit(error)
        if dropped:
            return
        if on_error is not None:
            call_back(on_error, error)
        elif known:
            self.failed.emit(error)
