"""A question before something is done that is more than a slip of a key."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from clipkw_gui.widgets.labels import text_label


class QuestionDialog(QDialog):
    """A title, a text, and one button besides Cancel."""

    def __init__(self, title: str, text: str, verb: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setMinimumWidth(460)
        self.apply = QPushButton(verb, objectName="apply")
        self.apply.setProperty("primary", True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.apply, QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.text = text_label(text, "secondary", wrap=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 20)
        self.column.setSpacing(12)
        self.title = text_label(title, "heading", wrap=True)
        self.column.addWidget(self.title)
        self.column.addWidget(self.text)
        self.column.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """As high as the wrapped text: a dialog guesses that from a narrower one."""
        super().showEvent(event)
        self.resize(self.width(), self.layout().totalHeightForWidth(self.width()))
