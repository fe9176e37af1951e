"""What was said about pairs of images, the last answer first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.roles import Role
from core.types import ImageId, ImagePair

_Index = QModelIndex | QPersistentModelIndex


class AnswerModel(QAbstractListModel):
    """Answered pairs."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._pairs: list[ImagePair] = []
        thumbnails.arrived.connect(self._repaint)

    def set_pairs(self, pairs: Sequence[ImagePair]) -> None:
        """Show other answers."""
        if list(pairs) != self._pairs:
            self.beginResetModel()
            self._pairs = list(pairs)
            self.endResetModel()

    def pair_at(self, row: int) -> ImagePair | None:
        """The pair of a row, if there is one."""
        return self._pairs[row] if 0 <= row < len(self._pairs) else None

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._pairs)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        pair = self.pair_at(index.row()) if index.isValid() else None
        if pair is None:
            return None
        if role == Role.PAIR:
            return pair
        if role == Role.THUMBNAILS:
            return [self._thumbnails.get(one.id) for one in (pair.first, pair.second)]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tr("Duplicates") if pair.answer else self.tr("Not duplicates")
        if role == Role.SECONDARY:
            return self.tr("similarity {value}").format(value=f"{pair.similarity:.3f}")
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            names = (PurePosixPath(one.path).name for one in (pair.first, pair.second))
            return "\n".join([index.data(), index.data(Role.SECONDARY), *names])
        return None

    def _repaint(self, image: ImageId) -> None:
        for row, pair in enumerate(self._pairs):
            if image in (pair.first.id, pair.second.id):
                self.dataChanged.emit(self.index(row), self.index(row))
