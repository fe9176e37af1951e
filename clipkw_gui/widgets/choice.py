"""A large button: an icon, what it does, and a line about it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from clipkw_gui.widgets.labels import Sign, text_label

ICON = 24


class CardButton(QPushButton):
    """A button as large as the layout in it; what it holds lets clicks through."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "choice")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def let_clicks_through(self) -> None:
        """Call this when everything is in the layout."""
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return self.layout().totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.layout().totalMinimumSize()

    def hasHeightForWidth(self) -> bool:
        return self.layout().hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        return self.layout().totalHeightForWidth(width)


class Choice(CardButton):
    """One of a few things to do."""

    def __init__(
        self, title: str, about: str, icon_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        texts = QVBoxLayout()
        texts.setSpacing(3)
        texts.addWidget(text_label(title, "heading"))
        self._about = text_label(about, "secondary", wrap=True)
        texts.addWidget(self._about)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 16, 18, 16)
        row.setSpacing(16)
        row.addWidget(Sign(icon_name, ICON), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        self.let_clicks_through()

    @property
    def about(self) -> str:
        """The line about it."""
        return self._about.text()

    def tell(self, about: str) -> None:
        """Say something else about it."""
        self._about.setText(about)
        self.setAccessibleDescription(about)
