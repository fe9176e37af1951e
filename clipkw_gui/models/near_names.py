"""Pairs of keywords that may be one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from core.types import NearNames, NearReason

_Index = QModelIndex | QPersistentModelIndex


class PairColumn(IntEnum):
    """The columns, from left to right."""

    KEPT = 0
    KEPT_IMAGES = 1
    MERGED = 2
    MERGED_IMAGES = 3
    REASON = 4


class NearNamesModel(QAbstractTableModel):
    """The surest pair first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pairs: list[NearNames] = []
        self._titles = (
            self.tr("Keep"),
            self.tr("Images"),
            self.tr("Merge into it"),
            self.tr("Images"),
            self.tr("Why"),
        )
        self._reasons = {
            NearReason.SAME_ENGLISH: self.tr("the same English name"),
            NearReason.FORM: self.tr("forms of one word"),
            NearReason.EXTRA_WORD: self.tr("one common word more"),
            NearReason.SPELLING: self.tr("almost the same spelling"),
        }

    def set_pairs(self, pairs: Sequence[NearNames]) -> None:
        """Show other pairs."""
        self.beginResetModel()
        self._pairs = list(pairs)
        self.endResetModel()

    def pair_at(self, place: int) -> NearNames | None:
        """The pair of a row."""
        return self._pairs[place] if 0 <= place < len(self._pairs) else None

    def remove(self, place: int) -> None:
        """Take a pair off the list: it was answered."""
        self.beginRemoveRows(QModelIndex(), place, place)
        del self._pairs[place]
        self.endRemoveRows()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._pairs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(PairColumn)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        pair = self.pair_at(index.row()) if index.isValid() else None
        if pair is None:
            return None
        column = PairColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return {
                PairColumn.KEPT: _names(pair.kept.no, pair.kept.en),
                PairColumn.KEPT_IMAGES: QLocale().toString(pair.kept_images),
                PairColumn.MERGED: _names(pair.merged.no, pair.merged.en),
                PairColumn.MERGED_IMAGES: QLocale().toString(pair.merged_images),
                PairColumn.REASON: self._reasons[pair.reason],
            }[column]
        is_count = column in (PairColumn.KEPT_IMAGES, PairColumn.MERGED_IMAGES)
        if role == Qt.ItemDataRole.TextAlignmentRole and is_count:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        is_count = section in (PairColumn.KEPT_IMAGES, PairColumn.MERGED_IMAGES)
        if role == Qt.ItemDataRole.TextAlignmentRole and is_count:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None


def _names(no: str, en: str | None) -> str:
    return f"{no}  –  {en}" if en else no
