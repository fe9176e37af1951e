"""What every page and action is given: nothing in the window reaches for a global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, QSettings, Signal

from clipkw_gui.bus import Bus
from clipkw_gui.jobs.runner import Job, JobRunner, Lane, Task
from clipkw_gui.navigation import Navigation
from core.progress import Progress

if TYPE_CHECKING:
    from core.workflows.name_scores import NameScorer
    from core.workflows.project import Project
    from core.workflows.search import Searcher
    from core.workflows.suggest import Suggester

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class ProjectSession:
    """The project that is open. Opaque to pages: only actions look inside."""

    project: Project
    suggester: Suggester | None = None
    """None until the references are loaded."""
    searcher: Searcher | None = None
    """None until something is searched for."""
    name_scorer: NameScorer | None = None
    """None until a name is scored."""


@dataclass(frozen=True, slots=True)
class ProjectTask(Generic[T]):
    """A :class:`Task` with the open project."""

    title: str
    work: Callable[[ProjectSession, Progress], T]
    lane: Lane

    def of(self, session: ProjectSession) -> Task[T]:
        """The task with this project."""
        return Task(self.title, partial(self.work, session), self.lane)


class AppContext(QObject):
    """The runner, the bus, the navigation, the preferences of this person, and the open project.

    ``session`` is None while no project is open. :attr:`session_changed` is emitted after it is
    set or cleared: pages then forget what they showed and, if there is a session, read anew.
    Replies that belong to the former session are never delivered.
    """

    session_changed = Signal()

    def __init__(self, preferences: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.preferences = preferences
        self.runner = JobRunner(self)
        self.bus = Bus(self)
        self.navigation = Navigation(self)
        self._session: ProjectSession | None = None

    @property
    def session(self) -> ProjectSession | None:
        """The open project, or None."""
        return self._session

    def set_session(self, session: ProjectSession | None) -> None:
        """Another project is open, or none (only :mod:`clipkw_gui.actions.project` calls this)."""
        if session is not self._session:
            self._session = session
            self.session_changed.emit()

    def start(
        self,
        task: ProjectTask[T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None] | None = None,
    ) -> Job | None:
        """Do this with the open project, see :meth:`JobRunner.start`; None while there is none."""
        if self._session is None:
            return None
        return self.runner.start(task.of(self._session), on_done, on_error)

    def start_latest(
        self,
        key: str,
        task: ProjectTask[T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None] | None = None,
    ) -> Job | None:
        """The same with :meth:`JobRunner.start_latest`."""
        if self._session is None:
            return None
        return self.runner.start_latest(key, task.of(self._session), on_done, on_error)
