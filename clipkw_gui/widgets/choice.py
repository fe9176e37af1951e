"""A large button: an icon, what it does, and a line about it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from clipkw_gui.theme import icon
from clipkw_gui.widgets.labels import text_label

ICON = 24


class Choice(QPushButton):
    """One of a few things to do."""

    def __init__(
        self, title: str, about: str, icon_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "choice")
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._icon_name = icon_name
        self._sign = QLabel()
        texts = QVBoxLayout()
        texts.setSpacing(3)
        texts.addWidget(text_label(title, "heading"))
        texts.addWidget(text_label(about, "secondary", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 16, 18, 16)
        row.setSpacing(16)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sign.setPixmap(icon(icon_name).pixmap(QSize(ICON, ICON)))

    def sizeHint(self) -> QSize:
        return self.layout().totalSizeHint()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self.layout().totalHeightForWidth(width)
