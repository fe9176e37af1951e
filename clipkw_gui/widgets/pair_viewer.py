"""Two pictures side by side that are zoomed and moved alike."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from clipkw_gui.widgets.formats import size_text
from clipkw_gui.widgets.image_viewer import ImageViewer
from clipkw_gui.widgets.quiet_label import QuietLabel
from core.types import Image, ImageState

GAP = 2


class PairViewer(QWidget):
    """Looking into one picture looks into the other at the same place."""

    detail_wanted = Signal(object)
    """The Image of which more pixels are shown than have been given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[Image | None] = [None, None]
        self.viewers = (ImageViewer(), ImageViewer())
        self.captions = (
            QuietLabel(Qt.AlignmentFlag.AlignHCenter),
            QuietLabel(Qt.AlignmentFlag.AlignHCenter),
        )
        names = (self.tr("First image of the pair"), self.tr("Second image of the pair"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        for viewer, caption, name in zip(self.viewers, self.captions, names, strict=True):
            viewer.setAccessibleName(name)
            viewer.looked.connect(self._look_alike)
            viewer.detail_wanted.connect(self._want_detail)
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(viewer, 1)
            column.addWidget(caption)
            row.addLayout(column, 1)

    @property
    def longer_side(self) -> int:
        """The longer side of the space for one picture, in device pixels."""
        return self.viewers[0].longer_side

    def show_image(
        self, side: int, image: Image, thumbnail: QPixmap | None, picture: QImage | None
    ) -> None:
        """Show another image at a side, 0 or 1, with what is here of it."""
        viewer = self.viewers[side]
        self._images[side] = image
        if image.state is ImageState.PRESENT:
            viewer.show_image(QSize(image.width, image.height), thumbnail)
            if picture is not None:
                viewer.set_picture(picture)
        else:
            viewer.show_message(self.tr("The file of this image is not there."))
        self.captions[side].set_text(
            f"{image.path}  ·  {image.width} × {image.height}  ·  {size_text(image.size)}"
        )

    def show_none(self) -> None:
        """There is no pair."""
        self._images = [None, None]
        for viewer, caption in zip(self.viewers, self.captions, strict=True):
            viewer.show_image(QSize(), None)
            caption.set_text("")

    def set_thumbnail(self, image: Image, thumbnail: QPixmap | None) -> None:
        """A thumbnail has come in."""
        for viewer, shown in zip(self.viewers, self._images, strict=True):
            if shown == image:
                viewer.set_thumbnail(thumbnail)

    def set_picture(self, image: Image, picture: QImage) -> None:
        """A picture has been decoded."""
        for viewer, shown in zip(self.viewers, self._images, strict=True):
            if shown == image:
                viewer.set_picture(picture)

    def show_reason(self, image: Image, reason: str) -> None:
        """A picture cannot be shown."""
        for viewer, shown in zip(self.viewers, self._images, strict=True):
            if shown == image:
                viewer.show_message(f"{image.path}\n\n{reason}")

    def fit(self) -> None:
        """Both pictures whole."""
        self.viewers[0].fit()

    def actual_size(self) -> None:
        """One pixel of the first file is one pixel of the screen."""
        self.viewers[0].actual_size()

    def zoom_in(self) -> None:
        self.viewers[0].zoom_in()

    def zoom_out(self) -> None:
        self.viewers[0].zoom_out()

    def _look_alike(self) -> None:
        one, other = self.viewers if self.sender() is self.viewers[0] else self.viewers[::-1]
        other.look_at(*one.look())

    def _want_detail(self) -> None:
        image = self._images[0 if self.sender() is self.viewers[0] else 1]
        if image is not None:
            self.detail_wanted.emit(image)
