"""The queue of images as an item model: ids only, everything else fetched lazily."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.roles import Role
from core.types import Image, ImageId, ImageIds, Label, Verdict

BLOCK = 128
"""Rows fetched together."""
ROWS_KEPT = 8192

_Index = QModelIndex | QPersistentModelIndex


class QueueModel(QAbstractListModel):
    """(n,) catalog ids in the order of the queue; works with hundreds of thousands of rows.

    ``data()`` answers from memory only. Rows that are painted but not yet known are asked for,
    block by block, through :attr:`rows_wanted`; the answer comes in through :meth:`put_rows`.
    """

    rows_wanted = Signal(object)
    """list[ImageId] whose image record and labels are to be fetched."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._ids: ImageIds = np.empty(0, np.int64)
        self._order: ImageIds = np.empty(0, np.int64)
        self._images: OrderedDict[ImageId, Image] = OrderedDict()
        self._verdicts: dict[ImageId, frozenset[Verdict]] = {}
        self._problems: Mapping[str, str] = {}
        self._blocks: OrderedDict[int, None] = OrderedDict()
        self._asked: set[int] = set()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._ask)
        thumbnails.arrived.connect(self._repaint)

    # rows -------------------------------------------------------------------------------------

    @property
    def ids(self) -> ImageIds:
        """(n,) ids in queue order; not to be written to."""
        return self._ids

    def set_ids(self, ids: ImageIds) -> None:
        """Show another queue."""
        self.beginResetModel()
        self._ids = np.ascontiguousarray(ids, np.int64)
        self._order = np.argsort(self._ids)
        self._blocks.clear()
        self._asked.clear()
        self.endResetModel()

    def append_ids(self, ids: ImageIds) -> None:
        """Put images that have arrived at the end: no row moves under a person's hand."""
        rows = len(self._ids)
        self.beginInsertRows(QModelIndex(), rows, rows + len(ids) - 1)
        self._ids = np.concatenate([self._ids, ids])
        self._order = np.argsort(self._ids, kind="stable")
        self._asked.discard(rows // BLOCK)
        self.endInsertRows()

    def id_at(self, row: int) -> ImageId:
        """The image of a row in [0, n)."""
        return ImageId(int(self._ids[row]))

    def row_of(self, image: ImageId) -> int:
        """The row of an image, or -1."""
        place = int(np.searchsorted(self._ids, image, sorter=self._order))
        if place < len(self._ids) and self._ids[self._order[place]] == image:
            return int(self._order[place])
        return -1

    def image(self, image: ImageId) -> Image | None:
        """The record, if it has been fetched."""
        return self._images.get(image)

    def problem(self, image: ImageId) -> str:
        """Why the image cannot be shown, or ""."""
        record = self._images.get(image)
        return self._problems.get(record.path, "") if record else ""

    # what comes back --------------------------------------------------------------------------

    def put_rows(self, images: Iterable[Image], labels: Mapping[ImageId, Sequence[Label]]) -> None:
        """Take fetched records and what is said about them."""
        rows: list[int] = []
        for image in images:
            self._images[image.id] = image
            self._images.move_to_end(image.id)
            self._verdicts[image.id] = frozenset(x.verdict for x in labels.get(image.id, ()))
            rows.append(self.row_of(image.id))
        while len(self._images) > ROWS_KEPT:
            gone, _ = self._images.popitem(last=False)
            self._verdicts.pop(gone, None)
            self._asked.discard(self.row_of(gone) // BLOCK)
        shown = [row for row in rows if row >= 0]
        if shown:
            self.dataChanged.emit(self.index(min(shown)), self.index(max(shown)))

    def put_verdicts(self, image: ImageId, verdicts: frozenset[Verdict]) -> None:
        """Show other state marks for one image."""
        if self._verdicts.get(image) != verdicts:
            self._verdicts[image] = verdicts
            self._repaint(image)

    def put_problems(self, problems: Mapping[str, str]) -> None:
        """Reasons by path."""
        self._problems = problems

    def ask_again(self) -> None:
        """Fetch the records of what is painted anew: files or labels have changed."""
        self._asked.clear()
        if len(self._ids):
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    # the model --------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._ids):
            return None
        image = self.id_at(index.row())
        if role == Role.ID:
            return int(image)
        if role == Role.THUMBNAIL:
            return self._thumbnails.get(image)
        record = self._record(index.row(), image)
        if role == Role.IMAGE:
            return record
        if role == Role.VERDICTS:
            return self._verdicts.get(image, frozenset())
        if role == Role.PROBLEM:
            return self.problem(image)
        if record is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return record.path.rpartition("/")[2]
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            said = ", ".join(sorted(self._verdicts.get(image, ())))
            reason = self.problem(image)
            return "\n".join(part for part in (record.path, said, reason) if part)
        return None

    def _record(self, row: int, image: ImageId) -> Image | None:
        record = self._images.get(image)
        block = row // BLOCK
        if block not in self._asked:
            self._blocks[block] = None
            self._blocks.move_to_end(block)
            while len(self._blocks) > 4:
                self._blocks.popitem(last=False)
            if not self._timer.isActive():
                self._timer.start()
        return record

    def _ask(self) -> None:
        while self._blocks:
            block, _ = self._blocks.popitem()
            self._asked.add(block)
            ids = self._ids[block * BLOCK : (block + 1) * BLOCK]
            self.rows_wanted.emit([ImageId(int(one)) for one in ids])

    def _repaint(self, image: ImageId) -> None:
        row = self.row_of(image)
        if row >= 0:
            index = self.index(row)
            self.dataChanged.emit(index, index)
