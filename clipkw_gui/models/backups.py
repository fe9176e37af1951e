"""Backups as rows of a table, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

_Index = QModelIndex | QPersistentModelIndex


class BackupRow(Protocol):
    """A backup as it is listed."""

    @property
    def name(self) -> str: ...
    @property
    def made(self) -> datetime: ...
    @property
    def reason(self) -> str: ...
    @property
    def size(self) -> int: ...


def made_text(backup: BackupRow) -> str:
    """When it was made, as the person's country writes it, in local time."""
    moment = QDateTime.fromSecsSinceEpoch(int(backup.made.timestamp()))
    day = QLocale().toString(moment.date(), QLocale.FormatType.LongFormat)
    return f"{day}, {moment.time().toString('HH:mm')}"


class BackupModel(QAbstractTableModel):
    """Columns: when, why, size."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._backups: list[BackupRow] = []
        self._titles = (self.tr("Made"), self.tr("Why"), self.tr("Size"))
        self._reasons = {
            "daily": self.tr("The first of the day"),
            "many": self.tr("Before a change of many labels or keywords"),
            "version": self.tr("Before a newer version of ClipKW"),
            "restore": self.tr("Before a backup was put back"),
            "request": self.tr("You asked for it; kept until you remove it"),
        }

    def set_backups(self, backups: Sequence[BackupRow]) -> None:
        """Show others."""
        self.beginResetModel()
        self._backups = list(backups)
        self.endResetModel()

    def backup(self, row: int) -> BackupRow:
        """What is in a row."""
        return self._backups[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._backups)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        backup = self._backups[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return backup.name
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        kind = QLocale.DataSizeFormat.DataSizeTraditionalFormat
        size = QLocale().formattedDataSize(backup.size, 1, kind)
        return (made_text(backup), self._reasons[backup.reason], size)[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None
