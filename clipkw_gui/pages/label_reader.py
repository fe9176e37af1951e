"""Reads what is shown about images before it is needed, and again when it is stale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from clipkw_gui.actions import browse
from clipkw_gui.actions.browse import Rows, Sheet
from clipkw_gui.context import AppContext
from clipkw_gui.models.queue import QueueModel
from clipkw_gui.pages.label_sheets import KnownImage, Sheets
from core.types import ImageId

AHEAD_MS = 20
"""What comes next is read after the current image is painted, not beside it."""
PAUSE_MS = 60
"""Every decision makes what is known stale: it is read again when no other one follows at once."""


class SheetReader(QObject):
    """Keeps the images around the current one read; tells the queue's marks along the way."""

    was_read = Signal(object)
    """KnownImage."""
    ended = Signal()
    """A read came to its end, with or without success."""
    failed = Signal(object)

    def __init__(
        self, context: AppContext, queue: QueueModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._queue = queue
        self.sheets = Sheets()
        self._version = 0
        self._wanted: Sequence[ImageId] = ()
        self._frozen: ImageId | None = None
        self._reading: ImageId | None = None
        self._refused: set[ImageId] = set()
        self._ahead = QTimer(self, singleShot=True, interval=AHEAD_MS)
        self._ahead.timeout.connect(self._read_next)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._read_next)
        queue.rows_wanted.connect(self._fetch_rows)

    def want(self, images: Sequence[ImageId]) -> None:
        """Read these in this order, unless they are known; stale ones a moment later."""
        self._wanted = images
        if images and self.sheets.get(images[0]) is None:
            self._read_next()
        elif not self._ahead.isActive():
            self._ahead.start()

    def _read_next(self) -> None:
        """One at a time: what is needed most may be another one when this one has come."""
        if self._reading is not None:
            return
        missing = [one for one in self.sheets.missing(self._wanted) if one not in self._refused]
        unknown = [one for one in missing if self.sheets.get(one) is None]
        wanted = unknown or ([] if self._pause.isActive() else missing)
        if wanted:
            self._reading = image = wanted[0]
            on_done = partial(self._read, image, self._version)
            browse.fetch_sheets(self._context, [image], on_done, partial(self._not_read, image))

    def freeze(self, image: ImageId | None) -> None:
        """Keep the suggestions of an image that is being answered as they are shown."""
        self._frozen = image

    def outrun(self) -> None:
        """Something was written: what is being read may be older."""
        self._version += 1

    def outdate(self) -> None:
        """What is known, and what is being read, must be read again."""
        self.outrun()
        self._pause.start()
        self._refused.clear()
        self.sheets.mark_stale()

    def is_refused(self, image: ImageId) -> bool:
        """Whether reading this image failed."""
        return image in self._refused

    def forget(self) -> None:
        """Another project is open."""
        self.sheets.clear()
        self._ahead.stop()
        self._pause.stop()
        self._reading = None
        self._refused.clear()

    def read_one(self, image: ImageId, on_done: Callable[[KnownImage], None]) -> None:
        """What is known about any image, such as a reference."""
        known = self.sheets.get(image)
        if known is not None:
            on_done(known)
            return
        on_read = partial(self._one_read, on_done)
        browse.fetch_sheets(self._context, [image], on_read, self.failed.emit)

    def show_marks(self, known: KnownImage) -> None:
        """Show the state of an image in the queue, decisions on their way included."""
        self._queue.put_verdicts(known.image.id, frozenset(known.verdicts().values()))

    def _one_read(self, on_done: Callable[[KnownImage], None], sheets: list[Sheet]) -> None:
        for sheet in sheets:
            on_done(self.sheets.put(sheet))

    def _read(self, image: ImageId, version: int, sheets: list[Sheet]) -> None:
        self._reading = None
        for sheet in sheets:
            self._take(sheet, outdated=version != self._version)
        if not sheets:
            self._refused.add(image)
        self._read_next()
        self.ended.emit()

    def _take(self, sheet: Sheet, *, outdated: bool) -> None:
        """``outdated``: something was written after this was asked for; it is asked for again."""
        old = self.sheets.get(sheet.image.id)
        known = self.sheets.put(sheet)
        known.stale = outdated
        if old is not None and outdated:
            known.labels = old.labels
        if old is not None and old.suggestions is not None and sheet.image.id == self._frozen:
            known.suggestions = old.suggestions
        self._queue.put_rows([sheet.image], {})
        self.show_marks(known)
        self.was_read.emit(known)

    def _not_read(self, image: ImageId, error: Exception) -> None:
        self._reading = None
        self._refused.add(image)
        self.failed.emit(error)
        self._read_next()
        self.ended.emit()

    def _fetch_rows(self, ids: list[ImageId]) -> None:
        browse.fetch_rows(self._context, ids, self._rows_read, self.failed.emit)

    def _rows_read(self, rows: Rows) -> None:
        self._queue.put_rows(rows.images, rows.labels)
        for image in rows.images:
            known = self.sheets.get(image.id)
            if known is not None:
                self.show_marks(known)
