"""The doubts of one queue as an item model: places in a ranking, everything else looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.roles import Role
from core.types import Doubt, ImageId, Keyword, KeywordId, Verdict

_Index = QModelIndex | QPersistentModelIndex


class Doubts(Protocol):
    """A ranking of doubts."""

    def doubt(self, place: int) -> Doubt:
        """The doubt at a place."""


class DoubtModel(QAbstractListModel):
    """Images of a queue with the keyword in question, marked when they are answered."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._doubts: Doubts | None = None
        self._keywords: Mapping[KeywordId, Keyword] = {}
        self._verdicts: Mapping[tuple[ImageId, KeywordId], Verdict] = {}
        self.places: NDArray[np.int64] = np.empty(0, np.int64)
        """(n,) places of the ranking in queue order; not to be written to."""
        thumbnails.arrived.connect(self.repaint)

    def set_ranking(
        self,
        doubts: Doubts | None,
        keywords: Mapping[KeywordId, Keyword],
        verdicts: Mapping[tuple[ImageId, KeywordId], Verdict],
    ) -> None:
        """Another ranking; ``verdicts`` is looked at whenever a row is painted."""
        self._doubts, self._keywords, self._verdicts = doubts, keywords, verdicts
        self.set_places(np.empty(0, np.int64))

    def set_places(self, places: NDArray[np.int64]) -> None:
        """Show another queue."""
        self.beginResetModel()
        self.places = places
        self.endResetModel()

    def doubt_at(self, row: int) -> Doubt | None:
        """The doubt of a row, if there is one."""
        if self._doubts is None or not 0 <= row < len(self.places):
            return None
        return self._doubts.doubt(int(self.places[row]))

    def repaint(self) -> None:
        """Something shown has changed."""
        if len(self.places):
            self.dataChanged.emit(self.index(0), self.index(len(self.places) - 1))

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.places)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        doubt = self.doubt_at(index.row()) if index.isValid() else None
        if doubt is None:
            return None
        if role == Role.ID:
            return int(doubt.image)
        if role == Role.THUMBNAIL:
            return self._thumbnails.get(doubt.image)
        if role == Role.VERDICTS:
            verdict = self._verdicts.get((doubt.image, doubt.keyword))
            return frozenset() if verdict is None else frozenset({verdict})
        if role == Role.KEYWORD:
            return self._keywords.get(doubt.keyword)
        name = self._keywords[doubt.keyword].no if doubt.keyword in self._keywords else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = self._verdicts.get((doubt.image, doubt.keyword))
            return ", ".join(filter(None, (name, f"{doubt.score:.0%}", said)))
        return None
