"""With millions of references: an index, built in the background when exact search is too slow."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QObject

from clipkw_gui.context import AppContext, ProjectSession
from clipkw_gui.jobs.runner import Lane, Task
from core.progress import Progress

_tr = partial(QCoreApplication.translate, "Index")


def index_if_slow(context: AppContext) -> None:
    """See whether suggestions take too long without an index, and build one if they do."""
    session = context.session
    if session is not None:
        task = Task(_tr("Time a search"), partial(_is_slow, session), Lane.OVERVIEW)
        context.runner.start_latest("index.time", task, partial(_build_if, context, session))


def _is_slow(session: ProjectSession, _: Progress) -> bool:
    return session.suggester is not None and session.suggester.is_slow()


def _build_if(context: AppContext, session: ProjectSession, slow: bool) -> None:
    title = _tr("Index the references")
    if slow and not any(job.title == title for job in context.runner.active_jobs()):
        IndexBuild(context, session, title)


class IndexBuild(QObject):
    """One listed job; suggestions go on meanwhile, with exact search."""

    def __init__(self, context: AppContext, session: ProjectSession, title: str) -> None:
        super().__init__(context)
        task = Task(title, partial(_build, session), Lane.BACKGROUND)
        self._job = context.runner.start(task, self._built)

    def _built(self, recall: float) -> None:
        text = _tr("{share} of the nearest 50 references are found, measured on a sample.")
        self._job.write(text.format(share=f"{recall:.1%}"))
        self.deleteLater()


def _build(session: ProjectSession, progress: Progress) -> float:
    assert session.suggester is not None
    return session.suggester.build_index(progress)
