"""A few views of one page, one of them shown: buttons in a row."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class Segments(QWidget):
    """Add views with :meth:`add`; the button of the current one is down."""

    chosen = Signal(int)
    """The number of the view, in the order they were added."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)

    def add(self, title: str) -> None:
        """Another view, to the right of the others."""
        button = QToolButton(text=title, checkable=True)
        button.setProperty("segment", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        number = len(self._group.buttons())
        button.setChecked(not number)
        self._group.addButton(button, number)
        self._row.addWidget(button)

    def set_current(self, number: int) -> None:
        """Show which view is current."""
        self._group.button(number).setChecked(True)

    @property
    def current(self) -> int:
        """The number of the current view."""
        return self._group.checkedId()
