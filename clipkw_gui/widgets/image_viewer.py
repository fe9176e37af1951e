"""A picture one can look into: fit, 1:1, zoom at the pointer, pan."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

_STEP = 1.25
_LARGEST = 16.0
_MOST_ENLARGED = 3.0
"""A small picture is enlarged at most this much to fit."""


class ImageViewer(QWidget):
    """Shows a thumbnail at once and the picture when it has been decoded elsewhere.

    The scale counts screen pixels per pixel of the *file*, so replacing the thumbnail with the
    picture, or that with a larger one, moves nothing.
    """

    detail_wanted = Signal()
    """More pixels are shown than have been given: load the picture at its full size."""
    zoomed = Signal(float)
    """The scale: device pixels per pixel of the file."""
    activated = Signal()
    """Double click."""
    looked = Signal()
    """The person zoomed or moved the picture: :meth:`look` is another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("Image"))
        self._size = QSize()
        self._thumbnail: QPixmap | None = None
        self._picture: QImage | None = None
        self._message = ""
        self._fit = True
        self._scale = 1.0
        self._centre = QPointF()
        self._grabbed: QPointF | None = None
        self._asked = False

    # what is shown ----------------------------------------------------------------------------

    def show_image(self, size: QSize, thumbnail: QPixmap | None) -> None:
        """Start with another image of ``size`` file pixels, fitted, its thumbnail meanwhile."""
        self._size = size
        self._thumbnail = thumbnail
        self._picture = None
        self._message = ""
        self._asked = False
        self._fit = True
        self._refit()
        self.update()

    def set_thumbnail(self, thumbnail: QPixmap | None) -> None:
        """The thumbnail has come in later than the image."""
        if self._picture is None and thumbnail is not None:
            self._thumbnail = thumbnail
            self.update()

    def set_picture(self, picture: QImage) -> None:
        """Replace what is shown by a sharper rendering of the same image."""
        if self._picture is not None and self._picture.width() > picture.width():
            return
        self._picture = picture
        if self._size.isEmpty():
            self._size = picture.size()
            self._refit()
        self.update()

    def show_message(self, message: str) -> None:
        """Say in words why there is no picture."""
        self._picture = self._thumbnail = None
        self._size = QSize()
        self._message = message
        self.setAccessibleDescription(message)
        self.update()

    @property
    def has_picture(self) -> bool:
        """Whether the decoded picture, not just its thumbnail, is shown."""
        return self._picture is not None

    @property
    def longer_side(self) -> int:
        """The longer side of the space for the picture, in device pixels."""
        return round(max(self.width(), self.height()) * self.devicePixelRatioF())

    @property
    def scale(self) -> float:
        """Device pixels per pixel of the file."""
        return self._scale

    # the part that is looked at ---------------------------------------------------------------

    def look(self) -> tuple[float, QPointF]:
        """How much larger than fitted, and the centre as a share of width and height."""
        size = self._size
        if size.isEmpty():
            return 1.0, QPointF(0.5, 0.5)
        centre = QPointF(self._centre.x() / size.width(), self._centre.y() / size.height())
        return self._scale / self._fitting_scale(), centre

    def look_at(self, zoom: float, centre: QPointF) -> None:
        """Show the same part as another viewer, which is not told."""
        if self._size.isEmpty():
            return
        self._fit = zoom == 1.0
        self._scale = self._fitting_scale() * zoom
        self._centre = QPointF(centre.x() * self._size.width(), centre.y() * self._size.height())
        self._keep_inside()
        self.zoomed.emit(self._scale)
        self._ask_for_detail()
        self.update()

    # zooming ----------------------------------------------------------------------------------

    def fit(self) -> None:
        """The whole picture, as large as it goes."""
        self._fit = True
        self._refit()
        self.update()
        self.looked.emit()

    def actual_size(self) -> None:
        """One pixel of the file is one pixel of the screen."""
        self._zoom_to(1.0, QPointF(self.rect().center()))

    def zoom_in(self) -> None:
        self._zoom_to(self._scale * _STEP, QPointF(self.rect().center()))

    def zoom_out(self) -> None:
        self._zoom_to(self._scale / _STEP, QPointF(self.rect().center()))

    def _fitting_scale(self) -> float:
        if self._size.isEmpty():
            return 1.0
        ratio = self.devicePixelRatioF()
        across = self.width() * ratio / self._size.width()
        down = self.height() * ratio / self._size.height()
        return min(across, down, _MOST_ENLARGED)

    def _refit(self) -> None:
        if self._fit:
            self._scale = self._fitting_scale()
            self._centre = QPointF(self._size.width() / 2, self._size.height() / 2)
            self.zoomed.emit(self._scale)
            self._ask_for_detail()

    def _zoom_to(self, scale: float, anchor: QPointF) -> None:
        """Change the scale; the file pixel under ``anchor`` stays there."""
        if self._size.isEmpty():
            return
        scale = min(max(scale, min(self._fitting_scale(), 1.0)), _LARGEST)
        ratio = self.devicePixelRatioF()
        away = (anchor - QPointF(self.rect().center())) * ratio
        self._centre += away / self._scale - away / scale
        self._fit = scale == self._fitting_scale()
        self._scale = scale
        self._keep_inside()
        self.zoomed.emit(scale)
        self._ask_for_detail()
        self.update()
        self.looked.emit()

    def _keep_inside(self) -> None:
        ratio = self.devicePixelRatioF()
        for_width = min(self.width() * ratio / self._scale, self._size.width()) / 2
        for_height = min(self.height() * ratio / self._scale, self._size.height()) / 2
        x = min(max(self._centre.x(), for_width), self._size.width() - for_width)
        y = min(max(self._centre.y(), for_height), self._size.height() - for_height)
        self._centre = QPointF(x, y)

    def _ask_for_detail(self) -> None:
        if self._picture is None or self._asked:
            return
        shown = min(self._scale, 1.0) * self._size.width()
        if self._picture.width() < self._size.width() and shown > self._picture.width() * 1.02:
            self._asked = True
            self.detail_wanted.emit()

    def _place(self) -> QRectF:
        """Where the whole picture lies, in widget coordinates."""
        scale = self._scale / self.devicePixelRatioF()
        size = QSizeF(self._size) * scale
        corner = QPointF(self.rect().center()) - self._centre * scale
        return QRectF(corner, size)

    # events -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Window))
        if self._message:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(40, 20, -40, -20), int(flags), self._message)
            return
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, self._picture is None or self._scale < 4
        )
        place = self._place()
        if self._picture is not None:
            painter.drawImage(place, self._picture, QRectF(self._picture.rect()))
        elif self._thumbnail is not None:
            painter.drawPixmap(place, self._thumbnail, QRectF(self._thumbnail.rect()))
        elif not self._size.isEmpty():
            painter.fillRect(place, self.palette().color(QPalette.ColorRole.AlternateBase))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fit:
            self._refit()
        elif not self._size.isEmpty():
            self._keep_inside()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        self._zoom_to(self._scale * _STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.position()
            if not self._fit:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None and not self._size.isEmpty():
            moved = event.position() - self._grabbed
            self._grabbed = event.position()
            self._centre -= moved * self.devicePixelRatioF() / self._scale
            self._keep_inside()
            self.update()
            self.looked.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._fit:
            self._zoom_to(1.0 if self._scale != 1.0 else 2.0, event.position())
        else:
            self.fit()
        self.activated.emit()
