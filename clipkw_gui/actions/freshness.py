"""While a long job adds to the archive, the pages see what has arrived so far."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.jobs.runner import Job, Lane, Task
from core.progress import Progress
from core.types import Changes

INTERVAL_MILLISECONDS = 2500


class Freshness(QObject):
    """Announces ``changes`` every few seconds in which the job got on, and when it has ended."""

    def __init__(self, context: AppContext, job: Job, changes: Changes) -> None:
        super().__init__(job)
        self._context = context
        self._session = context.session
        self._job = job
        self._changes = changes
        self._seen = 0
        self._timer = QTimer(self, interval=INTERVAL_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        job.changed.connect(self._end)

    def _look(self) -> None:
        if self._job.done != self._seen:
            self._seen = self._job.done
            self._refresh()

    def _end(self) -> None:
        if not self._job.is_active and self._timer.isActive():
            self._timer.stop()
            self._refresh()

    def _refresh(self) -> None:
        if self._session is not None:
            update_suggestions(self._context, self._session, self._changes)


def update_suggestions(context: AppContext, session: ProjectSession, changes: Changes) -> None:
    """Let suggestions take in what a job has brought, then tell the pages."""
    if session is not context.session:
        return
    title = QCoreApplication.translate("Freshness", "Update suggestions")
    task = Task(title, partial(_refresh, session, changes), Lane.INTERACTIVE)
    kind = f"freshness.{changes.images_changed}.{changes.vectors_changed}"
    context.runner.start_latest(kind, task, partial(_announce, context, changes))


def _refresh(session: ProjectSession, changes: Changes, progress: Progress) -> None:
    if session.suggester is not None:
        session.suggester.refresh(changes)


def _announce(context: AppContext, changes: Changes, nothing: None) -> None:
    context.bus.changed.emit(changes, None)
