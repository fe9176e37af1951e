"""The demo archive: made where the person wants it, looked at while it fills up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import platformdirs
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from clipkw_gui.actions.freshness import update_suggestions
from clipkw_gui.actions.project import replace_project
from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.jobs.runner import Job, Lane, Task
from core.progress import Progress
from core.types import Changes
from core.workflows import demo
from core.workflows.project import Project

OnError = Callable[[Exception], None]
_tr = partial(QCoreApplication.translate, "Demo")


@dataclass(frozen=True, slots=True)
class _Begun:
    """A demo with its first images, and how many are to come."""

    project: Project
    remainder: int


def default_place() -> Path:
    """Where the demo lies if nobody says otherwise: found again the next time."""
    return Path(platformdirs.user_data_path("clipkw", appauthor=False)) / "demo"


def open_demo(
    context: AppContext, folder: Path, on_open: Callable[[], None], on_error: OnError
) -> Job:
    """Open the demo in ``folder``, drawing its first images if need be; the rest follows.

    The job counts the first images as they are drawn.
    """
    task = Task(_tr("Open the demo"), partial(_begin, folder), Lane.INTERACTIVE)
    on_done = partial(_begun, context, on_open)
    return context.runner.start_latest("project", task, on_done, on_error)


def _begin(folder: Path, progress: Progress) -> _Begun:
    project = demo.create_demo(folder, progress)
    return _Begun(project, demo.demo_remainder(project))


def _begun(context: AppContext, on_open: Callable[[], None], begun: _Begun) -> None:
    replace_project(context, partial(_opened, context, on_open, begun.remainder), begun.project)


def _opened(context: AppContext, on_open: Callable[[], None], remainder: int) -> None:
    if remainder:
        fill_demo(context)
    on_open()


def fill_demo(context: AppContext) -> None:
    """Draw and encode what the open demo lacks, as a job that can be paused and cancelled."""
    session = context.session
    if session is not None:
        _Filling(context, session)


class _Filling(QObject):
    """Brings the news of the job to the pages; lives until the job has ended."""

    _arrived = Signal(object)
    """Emitted on the job's thread."""

    def __init__(self, context: AppContext, session: ProjectSession) -> None:
        super().__init__(context)
        self._context = context
        self._session = session
        self._arrived.connect(self._show, Qt.ConnectionType.QueuedConnection)
        work = partial(_fill, session.project, self._arrived.emit)
        self._job = context.runner.start(
            Task(_tr("Draw and encode the demo"), work, Lane.BACKGROUND), self._finished
        )
        context.runner.job_finished.connect(self._end)

    def _show(self, changes: Changes) -> None:
        update_suggestions(self._context, self._session, changes)

    def _finished(self, nothing: None) -> None:
        """What there is to tell was told batch by batch."""

    def _end(self, job: Job) -> None:
        if job is self._job:
            self.deleteLater()


def _fill(project: Project, announce: Callable[[Changes], None], progress: Progress) -> None:
    demo.fill_demo(project, progress, announce)
