"""The first rows of a table of keywords, with what each column is read as."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

_Index = QModelIndex | QPersistentModelIndex


class SampleModel(QAbstractTableModel):
    """Cells as they are in the file; columns without a purpose are pale."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Sequence[str]] = ()
        self._titles: Sequence[str] = ()
        self._used: frozenset[int] = frozenset()

    def set_sample(
        self, rows: Sequence[Sequence[str]], titles: Sequence[str], used: frozenset[int]
    ) -> None:
        """Show other rows; ``used`` are the columns that are read."""
        self.beginResetModel()
        self._rows, self._titles, self._used = rows, titles, used
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            row = self._rows[index.row()]
            text = row[index.column()] if index.column() < len(row) else ""
            return text.replace("\n", " ⏎ ") if role == Qt.ItemDataRole.DisplayRole else text
        if role == Qt.ItemDataRole.ForegroundRole and index.column() not in self._used:
            return QApplication.palette().placeholderText()
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None
