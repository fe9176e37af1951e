"""Puts pixels where they belong: thumbnails, the current picture, the reference beside it."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal
from PySide6.QtGui import QImage

from clipkw_gui.context import AppContext
from clipkw_gui.pages.label_desk import LabelDesk
from clipkw_gui.pages.label_sheets import KnownImage
from clipkw_gui.pages.label_view import LabelView
from clipkw_gui.pages.pictures import FULL, Pictures, fitted
from clipkw_gui.pages.thumbnail_loader import ThumbnailLoader
from core.types import Image, ImageId, Reference

AHEAD_MS = 20
"""What comes next is decoded after the current image is painted, not beside it."""
RACING_MS = 100
"""Whoever goes on sooner than this sees thumbnails; the pictures are decoded where they stop."""


class PictureShow(QObject):
    """Shows what is here at once and what is decoded when it comes; decodes ahead."""

    failed = Signal(object)

    def __init__(self, context: AppContext, view: LabelView, desk: LabelDesk) -> None:
        super().__init__(view)
        self._view = view
        self._desk = desk
        self._pictures = Pictures(context, self)
        self._shown: tuple[ImageId, Image | None, str] | None = None
        self._current: ImageId | None = None
        self._is_racing = False
        self._came = QElapsedTimer()
        self._ahead = QTimer(self, singleShot=True)
        self._ahead.timeout.connect(self._look_ahead)
        loader = ThumbnailLoader(context, view.thumbnails)
        loader.failed.connect(self.failed)
        view.thumbnails.arrived.connect(self._thumbnail_arrived)
        view.centre.viewer.detail_wanted.connect(self._load_detail)
        self._pictures.ready.connect(self._picture_ready)
        self._pictures.failed.connect(self._picture_failed)

    def forget(self) -> None:
        """Another project is open."""
        self._view.thumbnails.clear()
        self.forget_pictures()
        self.close_reference()

    def forget_pictures(self) -> None:
        """Files have changed."""
        self._pictures.clear()
        self._shown = None

    # the current image ------------------------------------------------------------------------

    def show_current(self) -> None:
        """Show what is here of the current image, and decode what comes next."""
        self._show()
        image = self._desk.image
        if image != self._current:
            self._current = image
            self._is_racing = self._came.isValid() and self._came.elapsed() < RACING_MS
            self._came.start()
        if self._is_racing:
            self._pictures.want_only(())
            self._ahead.start(RACING_MS)
        elif image is not None and self._pictures.get(image) is None:
            self._look_ahead()
        elif not self._ahead.isActive():
            self._ahead.start(AHEAD_MS)

    def _look_ahead(self) -> None:
        self._is_racing = False
        nearby = self._desk.nearby()
        for image in nearby:
            self._view.thumbnails.get(image)
        reference = self._view.centre.reference.reference
        self._pictures.want_only({*nearby, reference and reference.image})
        known = [self._view.queue.image(image) for image in nearby]
        images = [image for image in known if image is not None]
        if images:
            self._pictures.want(images, fitted(self._view.centre.viewer.longer_side))

    def _show(self) -> None:
        view, image = self._view, self._desk.image
        if image is None:
            return
        record, reason = view.queue.image(image), view.queue.problem(image)
        view.centre.set_caption(record, self._desk.row, len(view.queue.ids))
        shown = (image, record, reason)
        if shown != self._shown:
            self._shown = shown
            thumbnail, whole = view.thumbnails.get(image), self._pictures.get(image)
            view.centre.show_image(record, reason, thumbnail, whole)

    def _load_detail(self) -> None:
        known = self._desk.known
        if known is not None:
            self._pictures.want([known.image], FULL)

    # a reference ------------------------------------------------------------------------------

    def open_reference(self, reference: Reference) -> None:
        """Show a reference in large beside the image."""
        centre = self._view.centre
        centre.reference.open(reference, self._view.thumbnails.get(reference.image))
        centre.reference.show()
        half = centre.beside.width() // 2
        centre.beside.setSizes([half, half])
        self._desk.reader.read_one(reference.image, self.show_reference)

    def show_reference(self, known: KnownImage) -> None:
        """Show what is known about the reference, if this is it."""
        panel = self._view.centre.reference
        image = known.image.id
        if panel.reference is not None and panel.reference.image == image:
            thumbnail = self._view.thumbnails.get(image)
            panel.show_known(known, thumbnail, self._pictures.get(image))
            self._pictures.want([known.image], fitted(panel.viewer.longer_side))

    def close_reference(self) -> None:
        """Only the image itself."""
        self._view.centre.reference.reference = None
        self._view.centre.reference.hide()

    # what comes in ----------------------------------------------------------------------------

    def _thumbnail_arrived(self, image: ImageId) -> None:
        if image == self._desk.image:
            self._view.centre.viewer.set_thumbnail(self._view.thumbnails.get(image))

    def _picture_ready(self, image: ImageId, picture: QImage) -> None:
        panel = self._view.centre.reference
        if image == self._desk.image:
            self._view.centre.viewer.set_picture(picture)
        if panel.reference is not None and image == panel.reference.image:
            panel.viewer.set_picture(picture)

    def _picture_failed(self, image: ImageId, error: Exception) -> None:
        record = self._view.queue.image(image)
        if image == self._desk.image and record is not None:
            self._view.centre.show_image(record, str(error), None, None)
