"""The pictures around the current image, decoded before they are needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from clipkw_gui.actions import browse
from clipkw_gui.context import AppContext
from core.types import Image, ImageId, ImageState

FITTED = 2048
"""Longer side in pixels of what is decoded for a fitted picture."""
FULL = 16384
KEPT = 6


class Pictures(QObject):
    """A handful of decoded pictures; at most 16 MB each unless looked into at 1:1."""

    ready = Signal(object, object)
    """(ImageId, QImage)."""
    failed = Signal(object, object)
    """(ImageId, Exception)."""

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._pictures: OrderedDict[ImageId, QImage] = OrderedDict()
        self._asked: set[tuple[ImageId, int]] = set()

    def get(self, image: ImageId) -> QImage | None:
        """The picture, if it is here."""
        return self._pictures.get(image)

    def want(self, images: Sequence[Image], max_side: int = FITTED) -> None:
        """Decode those that are not here yet.

        The first is asked for first and finds an idle thread; of what has to wait, the lane takes
        what was asked for last, so the others are asked for in reverse.
        """
        first, *others = images
        for image in (first, *reversed(others)):
            key = (image.id, max_side)
            here = self._pictures.get(image.id)
            longer = min(max(image.width, image.height), max_side)
            enough = here is not None and max(here.width(), here.height()) >= longer
            if enough or key in self._asked or image.state is not ImageState.PRESENT:
                continue
            self._asked.add(key)
            on_done, on_error = partial(self._decoded, key), partial(self._refused, key)
            browse.load_picture(self._context, image, max_side, on_done, on_error)

    def clear(self) -> None:
        """Another project, or files have changed."""
        self._pictures.clear()
        self._asked.clear()

    def _decoded(self, key: tuple[ImageId, int], picture: QImage) -> None:
        self._asked.discard(key)
        self._pictures[key[0]] = picture
        self._pictures.move_to_end(key[0])
        while len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        self.ready.emit(key[0], picture)

    def _refused(self, key: tuple[ImageId, int], error: Exception) -> None:
        self._asked.discard(key)
        self.failed.emit(key[0], error)
