"""Where one types what to look for, or pastes a picture."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from clipkw_gui.theme import icon
from clipkw_gui.widgets.text_field import TextField


def has_picture(mime: QMimeData) -> bool:
    """Whether a picture, or a file that may be one, was copied or is being dragged."""
    return mime.hasImage() or any(url.isLocalFile() for url in mime.urls())


class SearchField(TextField):
    """Text stays text; a copied picture, or a copied file, is not typed but handed on."""

    picture_pasted = Signal(object)
    """QMimeData."""
    went_down = Signal()
    """Down or Return: on to the results."""

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)  # a dropped picture is for the whole page
        sign = QAction(icon("search"), "", self)
        self.addAction(sign, QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):
            mime = QGuiApplication.clipboard().mimeData()
            if has_picture(mime):
                self.picture_pasted.emit(mime)
                return
        if event.key() == Qt.Key.Key_Down:
            self.went_down.emit()
            return
        super().keyPressEvent(event)
