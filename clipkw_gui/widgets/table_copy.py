"""Tables whose selected rows can be copied, as text that a spreadsheet takes."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from core.reporting.csv_table import safe_cell

_NUMBER = re.compile(r"[-+−]?\d[\d\s.,]*%?")


class CopyTable(QTableView):
    """Sorts by a click on a column; Ctrl+C copies the selected rows."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(30)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        copy = QAction(self.tr("Copy"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def copy(self) -> None:
        """Put the selected rows, or all if none is selected, on the clipboard."""
        model = self.model()
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = [
            "\t".join(
                _cell(model.index(row, column).data()) for column in range(model.columnCount())
            )
            for row in rows or range(model.rowCount())
        ]
        QGuiApplication.clipboard().setText("\n".join(lines))


def _cell(value: object) -> str:
    """A cell as text that a spreadsheet neither runs nor parts; numbers stay as they are."""
    text = " ".join(str(value).split("\t"))
    return text if _NUMBER.fullmatch(text) else str(safe_cell(" ".join(text.splitlines())))
