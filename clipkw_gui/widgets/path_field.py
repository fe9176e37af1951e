"""A line for a path, with a button to choose it; a file can also be dropped on it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from core.paths import expanded

PAUSE_MILLISECONDS = 350
"""Typing is over when nothing was typed for this long."""


class PathField(QWidget):
    """``kinds``: file name filters of a file dialog; empty for a folder."""

    changed = Signal(object)
    """The Path that was chosen, dropped or typed, or None for an empty line."""

    def __init__(
        self, name: str, hint: str, kinds: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._kinds = kinds
        self._name = name
        self._last: Path | None = None
        self.line = QLineEdit(placeholderText=hint, clearButtonEnabled=True)
        self.line.setAccessibleName(name)
        self.line.setAcceptDrops(False)
        self.button = QPushButton(self.tr("Choose…"))
        self.button.setAccessibleName(self.tr("Choose: {name}").format(name=name))
        self.button.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.line)
        self.setAcceptDrops(True)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._tell)
        self.line.textChanged.connect(self._pause.start)
        self.line.editingFinished.connect(self._tell)

    @property
    def path(self) -> Path | None:
        """What the line says, None if it is empty."""
        text = self.line.text().strip()
        return expanded(Path(text)) if text else None

    def set_path(self, path: Path) -> None:
        """Show a path and tell it at once."""
        self.line.setText(str(path))
        self._tell()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            self.set_path(Path(local[0]))

    def _choose(self) -> None:
        start = str(self.path or "")
        if self._kinds:
            chosen, _ = QFileDialog.getOpenFileName(self, self._name, start, self._kinds)
        else:
            chosen = QFileDialog.getExistingDirectory(self, self._name, start)
        if chosen:
            self.set_path(Path(chosen))

    def _tell(self) -> None:
        self._pause.stop()
        if self.path != self._last:
            self._last = self.path
            self.changed.emit(self._last)
