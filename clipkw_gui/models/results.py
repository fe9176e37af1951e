"""What a search has found, best first: the queue with a score for each image."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.models.queue import QueueModel
from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.roles import Role
from core.types import ImageIds

_Index = QModelIndex | QPersistentModelIndex


class ResultModel(QueueModel):
    """(n,) images and their scores; answers from memory only."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self._scores: NDArray[np.float32] = np.empty(0, np.float32)

    def set_results(self, images: ImageIds, scores: NDArray[np.float32]) -> None:
        """Show other results; the same images with the same scores stay as they are."""
        is_same = np.array_equal(images, self.ids) and np.array_equal(scores, self._scores)
        self._scores = scores
        if not is_same:
            self.set_ids(images)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Role.SCORE:
            known = index.isValid() and index.row() < len(self._scores)
            return float(self._scores[index.row()]) if known else None
        found = super().data(index, role)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) and found:
            score = self.data(index, Role.SCORE)
            return self.tr("{text}\nsimilarity {score}").format(text=found, score=f"{score:.3f}")
        return found
