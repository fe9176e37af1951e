"""What a person sees of a bug: that nothing is lost, and a report to save."""

from __future__ import annotations

import platform
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.widgets.labels import text_label

LIBRARIES = ("clipkw", "PySide6-Essentials", "torch", "open_clip_torch", "numpy", "sqlalchemy")


def write_report(error: BaseException) -> str:
    """The traceback and the versions; no file names of the archive but those in the message."""
    lines = ["".join(traceback.format_exception(error)).rstrip(), ""]
    lines.append(f"Python {platform.python_version()} on {platform.platform()}")
    for name in LIBRARIES:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    return "\n".join(lines) + "\n"


class BugDialog(QDialog):
    """Shows the report and saves or copies it; the application stays up behind it."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong in ClipKW"))
        self.setModal(False)
        self.resize(680, 420)
        self._report = write_report(error)
        text = QPlainTextEdit(self._report)
        text.setReadOnly(True)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setAccessibleName(self.tr("Report"))
        buttons = QHBoxLayout()
        for caption, slot, name in (
            (self.tr("Save report…"), self._ask_where, "save"),
            (self.tr("Copy"), self._copy, "copy"),
        ):
            button = QPushButton(caption, objectName=name)
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.addStretch(1)
        close = QPushButton(self.tr("Close"), objectName="close")
        close.setProperty("primary", True)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(12)
        column.addWidget(
            text_label(self.tr("This is a mistake in the program, not yours."), "heading")
        )
        told = self.tr(
            "What you decided before is saved, and you can go on working. Please send this report"
            " to whoever looks after ClipKW; it stays on this computer until you do."
        )
        column.addWidget(text_label(told, "secondary", wrap=True))
        column.addWidget(text, 1)
        column.addLayout(buttons)

    def save(self, path: Path) -> None:
        """Write the report to a file."""
        path.write_text(self._report, encoding="utf-8")

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save report"), "clipkw-report.txt", self.tr("Text (*.txt)")
        )
        if name:
            self.save(Path(name))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
