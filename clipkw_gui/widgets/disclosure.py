"""A part of a panel that is opened when it is needed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget


class Disclosure(QWidget):
    """A title with an arrow; pressing it shows or hides what is below."""

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QToolButton(text=title, checkable=True, checked=True, autoRaise=True)
        self.title.setProperty("role", "section")
        self.title.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._body = body
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(body)
        self.title.toggled.connect(self._show)
        self._show(self.title.isChecked())

    def set_open(self, on: bool) -> None:
        """Show what is below, or hide it."""
        self.title.setChecked(on)

    def _show(self, on: bool) -> None:
        self._body.setVisible(on)
        self.title.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
