"""Groups of duplicates, and the images of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.models.thumbnails import ThumbnailStore
from clipkw_gui.roles import Role
from core.types import DuplicateGroup, Image, ImageId, Keyword, KeywordId

_Index = QModelIndex | QPersistentModelIndex
SHOWN = 6
"""So many thumbnails stand in a row."""


class GroupModel(QAbstractListModel):
    """One row per group, the weakest first."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._groups: list[DuplicateGroup] = []
        thumbnails.arrived.connect(self._repaint)

    def set_groups(self, groups: Sequence[DuplicateGroup]) -> None:
        """Show other groups."""
        if list(groups) != self._groups:
            self.beginResetModel()
            self._groups = list(groups)
            self.endResetModel()

    def group_at(self, row: int) -> DuplicateGroup | None:
        """The group of a row, if there is one."""
        return self._groups[row] if 0 <= row < len(self._groups) else None

    def row_of(self, kept: ImageId) -> int:
        """The row of the group that keeps or leaves out an image, -1 if none does."""
        for row, group in enumerate(self._groups):
            if kept == group.kept.id or any(kept == one.id for one in group.removed):
                return row
        return -1

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._groups)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        group = self.group_at(index.row()) if index.isValid() else None
        if group is None:
            return None
        if role == Role.GROUP:
            return group
        if role == Role.THUMBNAILS:
            shown = (group.kept, *group.removed)[:SHOWN]
            return [self._thumbnails.get(one.id) for one in shown]
        if role == Role.COUNT:
            return len(group.removed)
        if role == Qt.ItemDataRole.DisplayRole:
            return PurePosixPath(group.kept.path).name
        if role == Role.SECONDARY:
            return self.tr("{count} left out · from {similarity}").format(
                count=len(group.removed), similarity=f"{group.weakest:.4f}"
            )
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{group.kept.path}\n{index.data(Role.SECONDARY)}"
        return None

    def _repaint(self, image: ImageId) -> None:
        for row, group in enumerate(self._groups):
            if any(image == one.id for one in (group.kept, *group.removed)[:SHOWN]):
                self.dataChanged.emit(self.index(row), self.index(row))


class MemberModel(QAbstractListModel):
    """The images of one group: the kept one, then the others, the least similar first."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._group: DuplicateGroup | None = None
        self._keywords: Mapping[KeywordId, Keyword] = {}
        thumbnails.arrived.connect(self._repaint)

    def set_group(
        self, group: DuplicateGroup | None, keywords: Mapping[KeywordId, Keyword]
    ) -> None:
        """Show another group."""
        if group != self._group or keywords != self._keywords:
            self.beginResetModel()
            self._group, self._keywords = group, keywords
            self.endResetModel()

    def image_at(self, row: int) -> Image | None:
        """The image of a row, if there is one."""
        images = self._images()
        return images[row] if 0 <= row < len(images) else None

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._images())

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        image = self.image_at(index.row()) if index.isValid() else None
        if image is None:
            return None
        if role == Role.IMAGE:
            return image
        if role == Role.THUMBNAIL:
            return self._thumbnails.get(image.id)
        if role == Qt.ItemDataRole.DisplayRole:
            return PurePosixPath(image.path).name
        if role == Role.SECONDARY:
            return self._figures(index.row())
        if role == Role.KEYWORD:
            return self._passed_on(image)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = (image.path, self._figures(index.row()), self._passed_on(image))
            return "\n".join(filter(None, parts))
        return None

    def _images(self) -> tuple[Image, ...]:
        return (self._group.kept, *self._group.removed) if self._group is not None else ()

    def _figures(self, row: int) -> str:
        assert self._group is not None
        if not row:
            return self.tr("kept")
        similarity = self._group.similarities[row - 1]
        return self.tr("left out · {similarity}").format(similarity=f"{similarity:.4f}")

    def _passed_on(self, image: Image) -> str:
        """The keywords that the kept image takes over from this one."""
        assert self._group is not None
        taken = (one.keyword for one in self._group.copies if one.source == image.id)
        names = [self._keywords[one].no for one in taken if one in self._keywords]
        return self.tr("passes on: {names}").format(names=", ".join(names)) if names else ""

    def _repaint(self, image: ImageId) -> None:
        for row, one in enumerate(self._images()):
            if image == one.id:
                self.dataChanged.emit(self.index(row), self.index(row))
