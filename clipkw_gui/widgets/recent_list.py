"""The projects opened last; those that have vanished say so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.theme import icon
from clipkw_gui.widgets.choice import CardButton
from clipkw_gui.widgets.labels import text_label


class RecentList(QWidget):
    """One row per project."""

    chosen = Signal(object)
    """The Path of a project that is there."""
    forgotten = Signal(object)
    """The Path of a project to take off the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._rows: list[QWidget] = []

    def set_projects(self, projects: Sequence[tuple[str, Path, bool]]) -> None:
        """Show others: (name, folder, whether it is there)."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(name, folder, is_there) for name, folder, is_there in projects]
        for row in self._rows:
            self._column.addWidget(row)

    def _row(self, name: str, folder: Path, is_there: bool) -> QWidget:
        row = RecentRow(name, folder, is_there)
        row.chosen.connect(self.chosen)
        row.forgotten.connect(self.forgotten)
        return row


class RecentRow(QWidget):
    """A project: its name and place; a cross takes it off the list."""

    chosen = Signal(object)
    forgotten = Signal(object)

    def __init__(self, name: str, folder: Path, is_there: bool) -> None:
        super().__init__()
        self._folder = folder
        button = CardButton()
        button.setObjectName("recent")
        button.setEnabled(is_there)
        button.setAccessibleName(name)
        button.setAccessibleDescription(str(folder))
        button.setToolTip(str(folder))
        button.clicked.connect(self._choose)
        where = (
            str(folder.parent)
            if is_there
            else self.tr("Not found in {folder}").format(folder=folder.parent)
        )
        texts = QVBoxLayout(button)
        texts.setContentsMargins(14, 8, 14, 8)
        texts.setSpacing(2)
        place = text_label(where, "secondary" if is_there else "problem")
        for label in (text_label(name, "" if is_there else "secondary"), place):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            texts.addWidget(label)
        button.let_clicks_through()
        forget = QToolButton(objectName="forget")
        forget.setIcon(icon("close"))
        forget.setToolTip(self.tr("Take off this list; the project itself stays"))
        forget.setAccessibleName(self.tr("Take {name} off the list").format(name=name))
        forget.clicked.connect(self._forget)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(button, 1)
        line.addWidget(forget)

    def _choose(self) -> None:
        self.chosen.emit(self._folder)

    def _forget(self) -> None:
        self.forgotten.emit(self._folder)
