"""The references behind the suggestions of the current image, heaviest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.roles import Role
from core.types import ImageId, Keyword, KeywordId, Reference

_Index = QModelIndex | QPersistentModelIndex


class ReferenceModel(QAbstractListModel):
    """References; those that carry the keyword in hand are lit, the others dimmed."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._references: Sequence[Reference] = ()
        self._keywords: Mapping[KeywordId, Keyword] = {}
        self._in_hand: KeywordId | None = None
        thumbnails.arrived.connect(self._repaint)

    def set_references(self, references: Sequence[Reference]) -> None:
        """Show other evidence."""
        if references != self._references:
            self.beginResetModel()
            self._references = references
            self.endResetModel()

    def set_keywords(self, keywords: Mapping[KeywordId, Keyword]) -> None:
        """The names to write under the references."""
        self._keywords = keywords
        self._all_changed()

    def set_in_hand(self, keyword: KeywordId | None) -> None:
        """Light the references that carry this keyword; None lights all alike."""
        if keyword != self._in_hand:
            self._in_hand = keyword
            self._all_changed()

    def reference(self, row: int) -> Reference | None:
        """The reference of a row, if there is one."""
        return self._references[row] if 0 <= row < len(self._references) else None

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._references)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        reference = self.reference(index.row()) if index.isValid() else None
        if reference is None:
            return None
        if role == Role.REFERENCE:
            return reference
        if role == Role.ID:
            return int(reference.image)
        if role == Role.THUMBNAIL:
            return self._thumbnails.get(reference.image)
        if role == Role.LIGHT:
            if self._in_hand is None:
                return 0
            return 1 if self._in_hand in reference.keywords else -1
        if role == Qt.ItemDataRole.DisplayRole:
            return self._names(reference)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            figures = self.tr("weight {weight}, similarity {similarity}").format(
                weight=f"{reference.weight:.1%}", similarity=f"{reference.similarity:.3f}"
            )
            name = PurePosixPath(reference.path).name
            return f"{name}\n{figures}\n{self._names(reference)}"
        return None

    def _names(self, reference: Reference) -> str:
        known = (self._keywords.get(keyword) for keyword in reference.keywords)
        return ", ".join(keyword.no for keyword in known if keyword)

    def _repaint(self, image: ImageId) -> None:
        for row, reference in enumerate(self._references):
            if reference.image == image:
                self.dataChanged.emit(self.index(row), self.index(row))

    def _all_changed(self) -> None:
        if self._references:
            self.dataChanged.emit(self.index(0), self.index(len(self._references) - 1))
