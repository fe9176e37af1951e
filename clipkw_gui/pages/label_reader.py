"""Reads what is shown about images before it is needed, and again when it is stale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from clipkw_gui.actions import browse
from clipkw_gui.actions.browse import Rows, Sheet
from clipkw_gui.context import AppContext
from clipkw_gui.models.queue import QueueModel
from clipkw_gui.pages.label_sheets import KnownImage, Sheets
from core.types import ImageId


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
        self._asked: set[ImageId] = set()
        self._refused: set[ImageId] = set()
        queue.rows_wanted.connect(self._fetch_rows)

    def want(self, images: Sequence[ImageId]) -> None:
        """Read these, the first one first, unless they are known and fresh."""
        self._wanted = images
        skipped = self._asked | self._refused
        missing = [one for one in self.sheets.missing(images) if one not in skipped]
        for ids in (missing[:1], missing[1:]):
            if ids:
                self._asked.update(ids)
                on_done = partial(self._read, ids, self._version)
                browse.fetch_sheets(self._context, ids, on_done, partial(self._not_read, ids))

    def freeze(self, image: ImageId | None) -> None:
        """Keep the suggestions of an image that is being answered as they are shown."""
        self._frozen = image

    def outrun(self) -> None:
        """Something was written: what is being read may be older."""
        self._version += 1

    def outdate(self) -> None:
        """What is known, and what is being read, must be read again."""
        self.outrun()
        self._refused.clear()
        self.sheets.mark_stale()

    def is_refused(self, image: ImageId) -> bool:
        """Whether reading this image failed."""
        return image in self._refused

    def forget(self) -> None:
        """Another project is open."""
        self.sheets.clear()
        self._asked.clear()
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

    def _read(self, asked: Sequence[ImageId], version: int, sheets: list[Sheet]) -> None:
        self._asked.difference_update(asked)
        for sheet in sheets:
            self._take(sheet, outdated=version != self._version)
        self._refused.update(set(asked) - {sheet.image.id for sheet in sheets})
        self.want(self._wanted)
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

    def _not_read(self, asked: Sequence[ImageId], error: Exception) -> None:
        self._asked.difference_update(asked)
        self._refused.update(asked)
        self.failed.emit(error)
        self.ended.emit()

    def _fetch_rows(self, ids: list[ImageId]) -> None:
        browse.fetch_rows(self._context, ids, self._rows_read, self.failed.emit)

    def _rows_read(self, rows: Rows) -> None:
        self._queue.put_rows(rows.images, rows.labels)
        for image in rows.images:
            known = self.sheets.get(image.id)
            if known is not None:
                self.show_marks(known)
