"""The pictures around what is shown, decoded before they are needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from clipkw_gui.actions import browse
from clipkw_gui.context import AppContext
from clipkw_gui.jobs.runner import Job
from core.types import Image, ImageId, ImageState

FITTED = (1024, 2048, 4096)
"""Longer sides in pixels of what is decoded for a fitted picture: as much as the screen shows."""
FULL = 16384
KEPT = 6
"""So many pictures are kept unless a page wants another number."""


def fitted(shown: int) -> int:
    """How long a side to decode for a picture of ``shown`` device pixels."""
    return next((side for side in FITTED if side >= shown), FULL)


class Pictures(QObject):
    """A handful of decoded pictures, no larger than the screen unless looked into at 1:1."""

    ready = Signal(object, object)
    """(ImageId, QImage)."""
    failed = Signal(object, object)
    """(ImageId, Exception)."""

    def __init__(
        self, context: AppContext, parent: QObject | None = None, kept: int = KEPT
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._kept = kept
        self._pictures: OrderedDict[ImageId, QImage] = OrderedDict()
        self._asked: dict[tuple[ImageId, int], Job] = {}

    def get(self, image: ImageId) -> QImage | None:
        """The picture, if it is here."""
        return self._pictures.get(image)

    def want(self, images: Sequence[Image], max_side: int) -> None:
        """Decode those that are not here yet.

        The lane takes what was asked for last, so the first is asked for last.
        """
        for image in reversed(images):
            if image.state is ImageState.PRESENT and not self._is_here(image, max_side):
                self._ask(image, max_side)

    def want_only(self, images: Container[ImageId]) -> None:
        """Of what is being decoded, all but these images is no longer needed."""
        for key in [key for key in self._asked if key[0] not in images]:
            self._asked.pop(key).cancel()

    def clear(self) -> None:
        """Another project, or files have changed."""
        self._pictures.clear()
        self.want_only(())

    def _is_here(self, image: Image, max_side: int) -> bool:
        here = self._pictures.get(image.id)
        longer = min(max(image.width, image.height), max_side)
        return here is not None and max(here.width(), here.height()) >= longer

    def _ask(self, image: Image, max_side: int) -> None:
        key = (image.id, max_side)
        if key in self._asked:
            return
        on_done, on_error = partial(self._decoded, key), partial(self._refused, key)
        job = browse.load_picture(self._context, image, max_side, on_done, on_error)
        if job is not None:
            self._asked[key] = job

    def _decoded(self, key: tuple[ImageId, int], picture: QImage) -> None:
        self._asked.pop(key, None)
        here = self._pictures.get(key[0])
        if here is None or here.width() < picture.width():
            self._pictures[key[0]] = picture
        self._pictures.move_to_end(key[0])
        while len(self._pictures) > self._kept:
            self._pictures.popitem(last=False)
        self.ready.emit(key[0], picture)

    def _refused(self, key: tuple[ImageId, int], error: Exception) -> None:
        self._asked.pop(key, None)
        self.failed.emit(key[0], error)
