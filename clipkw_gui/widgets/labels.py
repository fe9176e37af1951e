"""Text in the roles that the style sheet knows, and lines between."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget


def text_label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label; ``role`` is one of title, heading, section, secondary, problem, good."""
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    return label


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another role and paint it so."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def line() -> QFrame:
    """A hairline across."""
    frame = QFrame()
    frame.setProperty("role", "line")
    return frame


def card() -> QFrame:
    """A box with a border."""
    frame = QFrame()
    frame.setProperty("role", "card")
    return frame
