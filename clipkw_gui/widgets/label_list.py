"""The keywords of one image; each can be removed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QListView, QWidget

from clipkw_gui.roles import Role

_CROSS_ZONE = 34


class LabelList(QListView):
    """Emits the keyword that is to be taken off the image."""

    removed = Signal(object)
    """A Keyword."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(self.tr("Keywords of this image"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.model() or not self.model().rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            area = self.viewport().rect().adjusted(8, 4, -8, -4)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignTop), self.tr("None yet"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if index.isValid() and at.x() >= self.visualRect(index).right() - _CROSS_ZONE:
            self.removed.emit(index.data(Role.KEYWORD))
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keyword = self.currentIndex().data(Role.KEYWORD)
        if event.key() == Qt.Key.Key_Delete and keyword is not None:
            self.removed.emit(keyword)
            return
        super().keyPressEvent(event)
