"""Loads the thumbnails that a store lacks."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from clipkw_gui.actions import browse
from clipkw_gui.context import AppContext
from clipkw_gui.models.thumbnails import ThumbnailStore
from core.types import ImageId


class ThumbnailLoader(QObject):
    """Answers a store's wishes as long as the store lives."""

    failed = Signal(object)
    """Thumbnails could not be loaded for a reason that is not theirs."""

    def __init__(self, context: AppContext, store: ThumbnailStore) -> None:
        super().__init__(store)
        self._context = context
        self._store = store
        store.wanted.connect(self._load)

    def _load(self, ids: list[ImageId]) -> None:
        browse.load_thumbnails(self._context, ids, self._put, partial(self._give_up, ids))

    def _put(self, pictures: dict[ImageId, QImage | None]) -> None:
        for image, picture in pictures.items():
            self._store.put(image, picture)

    def _give_up(self, ids: list[ImageId], error: Exception) -> None:
        self._store.give_up(ids)
        self.failed.emit(error)
