"""The queue of the Label page by how sure the model is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from clipkw_gui.actions import certainty
from clipkw_gui.actions.certainty import Arranged, Certainties, CertaintyWish, Wanted
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.job import Job, JobState
from clipkw_gui.navigation import RankedImages
from clipkw_gui.widgets.formats import count_text
from core.types import Changes, ImageId, ImageQuery


class CertaintyQueue(QObject):
    """Arranges queues; where the model must be wanted first, the plain queue is shown meanwhile."""

    arranged = Signal(object, object)
    """(ImageQuery, RankedImages or None): what the queue is to hold."""
    given_up = Signal()
    """Somebody cancelled asking the model: the queue stays as it is."""
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._known = Certainties()
        self._wanted: Wanted | None = None
        self._shown = CertaintyWish()
        """How the queue is arranged: with another order one begins at its first image."""
        self._job: Job | None = None
        context.session_changed.connect(self._session_changed)
        context.bus.changed.connect(self._on_changed)

    def show(self, query: ImageQuery, ranked: RankedImages | None, wish: CertaintyWish) -> None:
        """Arrange what matches; a newer wish makes an older one void."""
        self._stop()
        if wish.is_empty:
            self._wanted, self._shown = None, wish
            self.arranged.emit(query, ranked)
            return
        self._wanted = Wanted(query, ranked, wish)
        self._arrange(self._wanted)

    def _arrange(self, wanted: Wanted) -> None:
        on_done = partial(self._take, wanted)
        certainty.arrange(self._context, self._known, wanted, on_done, self.failed.emit)

    def _take(self, wanted: Wanted, found: Arranged) -> None:
        if wanted is not self._wanted:
            return
        if found.missing:
            text = self.tr("Asking the model about {n} images; then the queue is arranged.")
            self.said.emit(text.format(n=count_text(found.missing)))
            self.arranged.emit(wanted.query, wanted.ranked)
            self._ask(wanted)
            return
        title = wanted.ranked.title if wanted.ranked is not None else ""
        first = None
        if wanted.wish != self._shown and len(found.images):
            first = ImageId(int(found.images[0]))
        self._shown = wanted.wish
        self.arranged.emit(wanted.query, RankedImages(title, found.images, first))

    def _ask(self, wanted: Wanted) -> None:
        on_done = partial(self._answered, wanted)
        self._job = certainty.ask_model(
            self._context, self._known, wanted, on_done, self.failed.emit
        )
        if self._job is not None:
            self._job.changed.connect(self._look_at_job)

    def _look_at_job(self) -> None:
        if self._job is not None and self._job.state is JobState.CANCELLED:
            self._job = self._wanted = None
            self.given_up.emit()

    def _answered(self, wanted: Wanted, nothing: None) -> None:
        self._job = None
        if wanted is self._wanted:
            self._arrange(wanted)

    def _stop(self) -> None:
        job, self._job = self._job, None
        if job is not None and job.is_active:
            job.cancel()

    def _session_changed(self) -> None:
        self._job = self._wanted = None
        self._known, self._shown = Certainties(), CertaintyWish()

    def _on_changed(self, changes: Changes, origin: object) -> None:
        self._known.forget(changes)
