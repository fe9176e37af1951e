"""Messages across the window: what happened, what to do, and at most one button for it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.theme import icon
from clipkw_gui.widgets.labels import Sign, text_label
from core.errors import ClipkwError

MOST_SHOWN = 3


class MessageKind(StrEnum):
    """What a message is about; it gives the colour and the icon."""

    ERROR = "error"
    QUESTION = "question"
    NOTE = "note"


_ICONS = {
    MessageKind.ERROR: "error",
    MessageKind.QUESTION: "info",
    MessageKind.NOTE: "info",
}


class MessageBar(QWidget):
    """The newest message is on top; an equal one is not shown twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.setVisible(False)

    def show_error(self, error: ClipkwError) -> None:
        """Show what happened and the remedy; both can be copied."""
        details = f"{type(error).__name__}: {error}"
        if error.__cause__ is not None:
            details += f"\n{type(error.__cause__).__name__}: {error.__cause__}"
        row = MessageRow(MessageKind.ERROR, error.message, error.remedy)
        row.add_copy(details)
        self._add(row)

    def ask(
        self,
        text: str,
        button: str,
        on_press: Callable[[], object],
        more: str = "",
        on_dismiss: Callable[[], object] | None = None,
    ) -> MessageRow:
        """Offer to do something; pressing the button does it and takes the message away.

        ``on_dismiss`` is called when the person takes the message away without.
        """
        row = MessageRow(MessageKind.QUESTION, text, more)
        row.dismissed = on_dismiss
        row.add_button(button, on_press)
        self._add(row)
        return row

    def show_note(self, text: str, more: str = "") -> None:
        """Tell something."""
        self._add(MessageRow(MessageKind.NOTE, text, more))

    def clear(self) -> None:
        """Take all messages away."""
        for row in self.rows():
            row.close_row()

    def rows(self) -> list[MessageRow]:
        """The messages, newest first."""
        found = (self._rows.itemAt(at).widget() for at in range(self._rows.count()))
        return [row for row in found if isinstance(row, MessageRow)]

    def _add(self, row: MessageRow) -> None:
        for old in self.rows():
            if old.text == row.text:
                old.close_row()
        for old in self.rows()[MOST_SHOWN - 1 :]:
            old.close_row()
        row.closed = self._show_or_hide
        self._rows.insertWidget(0, row)
        self.setVisible(True)

    def _show_or_hide(self) -> None:
        self.setVisible(bool(self.rows()))


class MessageRow(QFrame):
    """One message."""

    def __init__(self, kind: MessageKind, text: str, more: str) -> None:
        super().__init__()
        self.text = text
        self.closed: Callable[[], None] | None = None
        self.dismissed: Callable[[], object] | None = None
        self._details = ""
        self._on_press: Callable[[], object] | None = None
        self.setProperty("message", str(kind))
        self.setAccessibleName(f"{text} {more}".strip())
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(16, 8, 8, 8)
        self._layout.setSpacing(10)
        self._layout.addWidget(Sign(_ICONS[kind], 18), 0, Qt.AlignmentFlag.AlignVCenter)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for shown, role in ((text, ""), (more, "secondary")):
            if shown:
                label = text_label(shown, role, wrap=True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                texts.addWidget(label)
        self._layout.addLayout(texts, 1)
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setToolTip(self.tr("Dismiss"))
        close.setAccessibleName(self.tr("Dismiss"))
        close.clicked.connect(self._dismiss)
        self._layout.addWidget(close)

    def add_button(self, text: str, on_press: Callable[[], object]) -> None:
        """The one thing to do about it."""
        self._on_press = on_press
        button = QPushButton(text, objectName="answer")
        button.clicked.connect(self._press)
        self._layout.insertWidget(self._layout.count() - 1, button)

    def add_copy(self, details: str) -> None:
        """A button that copies what happened."""
        self._details = details
        copy = QToolButton(objectName="copy")
        copy.setIcon(icon("copy"))
        copy.setText(self.tr("Copy details"))
        copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        copy.clicked.connect(self._copy)
        self._layout.insertWidget(self._layout.count() - 1, copy)

    def close_row(self) -> None:
        """Take this message away."""
        parent = self.parentWidget()
        if parent is not None and parent.layout() is not None:
            parent.layout().removeWidget(self)
        self.hide()
        self.deleteLater()
        if self.closed is not None:
            self.closed()

    def _dismiss(self) -> None:
        self.close_row()
        if self.dismissed is not None:
            self.dismissed()

    def _press(self) -> None:
        on_press = self._on_press
        self.close_row()
        if on_press is not None:
            on_press()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
