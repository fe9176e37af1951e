"""The picture that is searched for, small, with a way to stop searching for it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from clipkw_gui.theme import icon

SIDE = 30
_NAME_WIDTH = 220


class TargetChip(QFrame):
    """Shows a thumbnail and its name."""

    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedSize(SIDE + 10, SIDE)
        self._name = QLabel()
        self._name.setMaximumWidth(_NAME_WIDTH)
        self._text = ""
        close = QToolButton(autoRaise=True, icon=icon("close"))
        close.setIconSize(QSize(12, 12))
        close.setToolTip(self.tr("Stop searching by this image"))
        close.setAccessibleName(close.toolTip())
        close.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(4)
        row.addWidget(self._picture)
        row.addWidget(self._name)
        row.addWidget(close)

    def text(self) -> str:
        """What is shown beside the picture."""
        return self._text

    def show_target(self, text: str, picture: QPixmap | None = None) -> None:
        """Show what is searched for; the picture may come later."""
        self._text = text
        middle = Qt.TextElideMode.ElideMiddle
        self._name.setText(self._name.fontMetrics().elidedText(text, middle, _NAME_WIDTH))
        self._name.setToolTip(text)
        self.set_picture(picture)
        self.show()

    def set_picture(self, picture: QPixmap | None) -> None:
        """Show the thumbnail, or none yet."""
        if picture is None or picture.isNull():
            self._picture.clear()
            return
        fitted = picture.scaled(
            self._picture.size() * self.devicePixelRatioF(),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        fitted.setDevicePixelRatio(self.devicePixelRatioF())
        self._picture.setPixmap(fitted)
