"""The pages of the window, one button each, down its left side."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from clipkw_gui.theme import icon

WIDTH = 92


class Rail(QFrame):
    """Add pages with :meth:`add_page`; the button of the current one is down."""

    chosen = Signal(int)
    """The number of the page, in the order they were added."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, objectName="rail")
        self.setFixedWidth(WIDTH)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 8, 6, 8)
        self._column.setSpacing(4)
        self._column.addStretch(1)

    def add_page(self, title: str, icon_name: str, shortcut: str) -> None:
        """Another page, below the others."""
        button = QToolButton()
        button.setText(title)
        button.setIcon(icon(icon_name))
        button.setIconSize(QSize(22, 22))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setToolTip(f"{title} ({shortcut})")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        number = len(self._group.buttons())
        self._group.addButton(button, number)
        self._column.insertWidget(number, button)

    def set_current(self, number: int) -> None:
        """Show which page is current."""
        self._group.button(number).setChecked(True)
