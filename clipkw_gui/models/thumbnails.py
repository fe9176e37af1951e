"""Thumbnails in memory: a bounded cache that asks for what is missing, newest wish first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from core.types import ImageId

CAPACITY = 480
"""Pixmaps kept; at 256 x 256 x 4 bytes at most 126 MB."""
WISHES = 160
"""Wishes remembered; what was scrolled past drops out and is asked for again when painted."""
BATCH = 8
IN_FLIGHT = 24
"""Two batches are decoded at a time; one more waits for whoever is done while a page is painted."""


class ThumbnailStore(QObject):
    """Answers at once with a pixmap or None, and emits :attr:`wanted` for what it lacks.

    Whoever listens loads the images off the window's thread and calls :meth:`put` for each,
    with None where there is no picture to show.
    """

    wanted = Signal(object)
    """list[ImageId] to load."""
    arrived = Signal(object)
    """ImageId that can now be painted."""

    def __init__(self, parent: QObject | None = None, capacity: int = CAPACITY) -> None:
        super().__init__(parent)
        self._capacity = capacity
        self._pixmaps: OrderedDict[ImageId, QPixmap | None] = OrderedDict()
        self._wishes: OrderedDict[ImageId, None] = OrderedDict()
        self._in_flight: set[ImageId] = set()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._ask)

    def get(self, image: ImageId) -> QPixmap | None:
        """The pixmap if it is here; otherwise None, and the image is wished for."""
        if image in self._pixmaps:
            self._pixmaps.move_to_end(image)
            return self._pixmaps[image]
        if image not in self._in_flight:
            self._wishes[image] = None
            self._wishes.move_to_end(image)
            while len(self._wishes) > WISHES:
                self._wishes.popitem(last=False)
            if not self._timer.isActive():
                self._timer.start()
        return None

    def put(self, image: ImageId, picture: QImage | None) -> None:
        """Keep a loaded thumbnail; None means that the image has none."""
        self._in_flight.discard(image)
        shown = QPixmap.fromImage(picture) if picture is not None else QPixmap()
        self._pixmaps[image] = None if shown.isNull() else shown
        self._pixmaps.move_to_end(image)
        while len(self._pixmaps) > self._capacity:
            self._pixmaps.popitem(last=False)
        self.arrived.emit(image)
        if self._wishes and not self._timer.isActive():
            self._timer.start()

    def give_up(self, images: Iterable[ImageId]) -> None:
        """Loading failed for reasons that are not the images' own: ask again when painted."""
        self._in_flight.difference_update(images)

    def clear(self) -> None:
        """Forget everything, as when another project is opened."""
        self._pixmaps.clear()
        self._wishes.clear()
        self._in_flight.clear()

    def __len__(self) -> int:
        return len(self._pixmaps)

    def _ask(self) -> None:
        while self._wishes and len(self._in_flight) < IN_FLIGHT:
            batch = [self._wishes.popitem()[0] for _ in range(min(BATCH, len(self._wishes)))]
            self._in_flight.update(batch)
            self.wanted.emit(batch)
