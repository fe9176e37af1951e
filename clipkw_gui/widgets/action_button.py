"""A button that does what an action does, and can be pressed when the action can."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget


class ActionButton(QPushButton):
    """Bears the action's text; its key stands in the tip, or with ``names_key`` on the button."""

    def __init__(
        self, action: QAction, parent: QWidget | None = None, *, names_key: bool = False
    ) -> None:
        super().__init__(parent, objectName=f"{action.objectName()}Button")
        self._action = action
        text, keys = action.text().rstrip("…"), action.shortcut().toString()
        self.setText(f"{text}  ({keys})" if names_key and keys else text)
        if keys:
            self.setToolTip(f"{text} ({keys})")
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())
