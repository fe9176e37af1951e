"""One line of text in the secondary colour that changes often."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget


class QuietLabel(QWidget):
    """Cuts what does not fit, and never asks for another layout.

    A QLabel lays out its whole window anew with every text, which is felt from image to image.
    """

    def __init__(
        self, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft, width: int = 40
    ) -> None:
        super().__init__()
        self._align = align
        self._width = width
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What is shown."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another line."""
        if text != self._text:
            self._text = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._width, self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        middle = Qt.TextElideMode.ElideMiddle
        shown = self.fontMetrics().elidedText(self._text, middle, self.width())
        painter.drawText(self.rect(), int(self._align | Qt.AlignmentFlag.AlignVCenter), shown)
