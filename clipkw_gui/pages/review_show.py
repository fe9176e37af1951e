"""Puts pixels where they belong on the Review page, and decodes ahead."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from clipkw_gui.actions import browse
from clipkw_gui.actions.browse import Rows
from clipkw_gui.context import AppContext
from clipkw_gui.pages.pictures import FULL, Pictures, fitted
from clipkw_gui.pages.review_desk import AHEAD, ReviewDesk
from clipkw_gui.pages.review_view import ReviewView
from clipkw_gui.pages.thumbnail_loader import ThumbnailLoader
from clipkw_gui.widgets.formats import count_text
from core.types import Image, ImageId, ImageState, Reference


class ReviewShow(QObject):
    """Shows what is here at once and what is decoded when it comes."""

    failed = Signal(object)

    def __init__(self, context: AppContext, view: ReviewView, desk: ReviewDesk) -> None:
        super().__init__(view)
        self._context = context
        self._view = view
        self._desk = desk
        self._pictures = Pictures(context, self, AHEAD + 4)
        self._images: dict[ImageId, Image] = {}
        self._asked: frozenset[ImageId] = frozenset()
        self._shown: Image | ImageId | None = None
        self._reference: ImageId | None = None
        loader = ThumbnailLoader(context, view.thumbnails)
        loader.failed.connect(self.failed)
        view.thumbnails.arrived.connect(self._thumbnail_arrived)
        view.viewer.detail_wanted.connect(self._load_detail)
        view.reference.detail_wanted.connect(self._load_reference_detail)
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
        self._images.clear()
        self._asked = frozenset()
        self._shown = None

    # the current image ------------------------------------------------------------------------

    def show_current(self) -> None:
        """Show what is here of the current image, and decode what comes next."""
        doubt = self._desk.doubt
        if doubt is None:
            return
        nearby = [one.image for one in self._desk.nearby()]
        self._show(doubt.image)
        self._look_ahead(nearby)

    def _show(self, image: ImageId) -> None:
        view, record = self._view, self._images.get(image)
        place = self._view.tr("{row} of {rows}").format(
            row=count_text(self._desk.row + 1), rows=count_text(len(view.queue.places))
        )
        view.caption.set_text(f"{place}  ·  {record.path}" if record else place)
        shown = record or image
        if shown == self._shown:
            return
        self._shown = shown
        thumbnail = view.thumbnails.get(image)
        if record is not None and record.state is not ImageState.PRESENT:
            view.viewer.show_message(self._view.tr("The file is no longer there."))
            return
        size = QSize(record.width, record.height) if record else QSize()
        view.viewer.show_image(size if record or thumbnail is None else thumbnail.size(), thumbnail)
        picture = self._pictures.get(image)
        if picture is not None and record is not None:
            view.viewer.set_picture(picture)

    def _look_ahead(self, nearby: list[ImageId]) -> None:
        for image in nearby:
            self._view.thumbnails.get(image)
        self._pictures.want_only({*nearby, self._reference})
        images = [self._images[image] for image in nearby if image in self._images]
        self._pictures.want(images, fitted(self._view.viewer.longer_side))
        missing = frozenset(nearby) - self._images.keys() - self._asked
        if missing:
            self._asked |= missing
            browse.fetch_rows(self._context, list(missing), self._take_rows, self.failed.emit)

    def _take_rows(self, rows: Rows) -> None:
        if len(self._images) > 500:
            self._images.clear()
        self._images.update({image.id: image for image in rows.images})
        self._asked = frozenset()
        self.show_current()

    def _load_detail(self) -> None:
        doubt = self._desk.doubt
        if doubt is not None and doubt.image in self._images:
            self._pictures.want([self._images[doubt.image]], FULL)

    # a reference ------------------------------------------------------------------------------

    def open_reference(self, reference: Reference) -> None:
        """Show a reference in large beside the image."""
        self._reference = reference.image
        similarity = self._view.tr("similarity {n}").format(n=f"{reference.similarity:.3f}")
        self._view.show_reference(f"{reference.path}  ·  {similarity}")
        thumbnail = self._view.thumbnails.get(reference.image)
        self._view.reference.show_image(thumbnail.size() if thumbnail else QSize(), thumbnail)
        on_done = partial(self._reference_read, reference.image)
        browse.fetch_rows(self._context, [reference.image], on_done, self.failed.emit)

    def _reference_read(self, asked: ImageId, rows: Rows) -> None:
        if asked == self._reference and rows.images:
            record = rows.images[0]
            self._images[asked] = record
            thumbnail = self._view.thumbnails.get(asked)
            self._view.reference.show_image(QSize(record.width, record.height), thumbnail)
            picture = self._pictures.get(asked)
            if picture is not None:
                self._view.reference.set_picture(picture)
            self._pictures.want([record], fitted(self._view.reference.longer_side))

    def _load_reference_detail(self) -> None:
        if self._reference is not None and self._reference in self._images:
            self._pictures.want([self._images[self._reference]], FULL)

    def close_reference(self) -> None:
        """Only the image itself."""
        self._reference = None
        self._view.hide_reference()

    # what comes in ----------------------------------------------------------------------------

    def _thumbnail_arrived(self, image: ImageId) -> None:
        doubt = self._desk.doubt
        if doubt is not None and image == doubt.image:
            self._view.viewer.set_thumbnail(self._view.thumbnails.get(image))
        if image == self._reference:
            self._view.reference.set_thumbnail(self._view.thumbnails.get(image))

    def _picture_ready(self, image: ImageId, picture: QImage) -> None:
        doubt = self._desk.doubt
        if doubt is not None and image == doubt.image:
            self._view.viewer.set_picture(picture)
        if image == self._reference:
            self._view.reference.set_picture(picture)

    def _picture_failed(self, image: ImageId, error: Exception) -> None:
        doubt = self._desk.doubt
        if doubt is not None and image == doubt.image:
            self._view.viewer.show_message(str(error))
