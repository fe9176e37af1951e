"""Puts the pictures of pairs where they belong, and decodes those of the next pairs ahead."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from clipkw_gui.context import AppContext
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.pages.pair_desk import AHEAD, PairDesk
from clipkw_gui.pages.pictures import FULL, Pictures, fitted
from clipkw_gui.pages.thumbnail_loader import ThumbnailLoader
from clipkw_gui.widgets.pair_viewer import PairViewer
from core.types import Image, ImageId, ImagePair

KEPT = 2 * (AHEAD + 3)


class PairShow(QObject):
    """Shows what is here at once and what is decoded when it comes."""

    failed = Signal(object)

    def __init__(
        self,
        context: AppContext,
        desk: PairDesk,
        viewer: PairViewer,
        thumbnails: ThumbnailStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._viewer = viewer
        self._thumbnails = thumbnails
        self._pictures = Pictures(context, self, KEPT)
        self._shown: tuple[Image, Image] | None = None
        loader = ThumbnailLoader(context, thumbnails)
        loader.failed.connect(self.failed)
        thumbnails.arrived.connect(self._thumbnail_arrived)
        viewer.detail_wanted.connect(self._load_detail)
        self._pictures.ready.connect(self._picture_ready)
        self._pictures.failed.connect(self._picture_failed)

    def forget(self) -> None:
        """Another project is open, or files have changed."""
        self._thumbnails.clear()
        self._pictures.clear()
        self._shown = None

    def show_pair(self, pair: ImagePair | None) -> None:
        """Show a pair with what is here of it."""
        images = (pair.first, pair.second) if pair is not None else None
        if images != self._shown:
            self._shown = images
            for side, image in enumerate(images or ()):
                thumbnail = self._thumbnails.get(image.id)
                picture = self._pictures.get(image.id)
                self._viewer.show_image(side, image, thumbnail, picture)
        self.look_ahead()

    def look_ahead(self) -> None:
        """Decode the pictures of the pairs around the current one."""
        nearby = [one for pair in self._desk.nearby() for one in (pair.first, pair.second)]
        for image in nearby:
            self._thumbnails.get(image.id)
        self._pictures.want_only({image.id for image in nearby})
        self._pictures.want(nearby, fitted(self._viewer.longer_side))

    def _load_detail(self, image: Image) -> None:
        self._pictures.want([image], FULL)

    # what comes in ----------------------------------------------------------------------------

    def _thumbnail_arrived(self, arrived: ImageId) -> None:
        for image in self._shown or ():
            if image.id == arrived:
                self._viewer.set_thumbnail(image, self._thumbnails.get(arrived))

    def _picture_ready(self, ready: ImageId, picture: QImage) -> None:
        for image in self._shown or ():
            if image.id == ready:
                self._viewer.set_picture(image, picture)

    def _picture_failed(self, failed: ImageId, error: Exception) -> None:
        for image in self._shown or ():
            if image.id == failed:
                self._viewer.show_reason(image, str(error))
