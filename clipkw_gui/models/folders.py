"""The folder tree of the archive with counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.roles import Role

_Index = QModelIndex | QPersistentModelIndex


class _Folder:
    """One folder; knows its place so that indexes can be made both ways."""

    __slots__ = ("children", "count", "name", "parent", "path", "row")

    def __init__(self, path: str, count: int, parent: _Folder | None) -> None:
        self.path = path
        self.name = path.rpartition("/")[2]
        self.count = count
        self.parent = parent
        self.row = len(parent.children) if parent else 0
        self.children: list[_Folder] = []
        if parent:
            parent.children.append(self)


class FolderModel(QAbstractItemModel):
    """One root row for the whole archive, its folders below it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._top = _Folder("", 0, None)
        self._by_path: dict[str, _Folder] = {}
        self._archive = _Folder("", 0, self._top)

    def set_total(self, total: int) -> None:
        """Show how many images the whole archive holds."""
        self._set_count(self._archive, total)

    def set_counts(self, counts: Sequence[tuple[str, int]]) -> None:
        """Show folders with how many images lie in them or below."""
        found = {path: count for path, count in counts if path}
        if found.keys() == self._by_path.keys():
            for path, count in found.items():
                self._set_count(self._by_path[path], count)
            return
        self.beginResetModel()
        self._top = _Folder("", 0, None)
        self._archive = _Folder("", self._archive.count, self._top)
        self._by_path = {}
        for path in sorted(found):
            above = self._by_path.get(path.rpartition("/")[0], self._archive)
            self._by_path[path] = _Folder(path, found[path], above)
        self.endResetModel()

    def path_at(self, index: _Index) -> str:
        """The relative path of a row; "" for the whole archive."""
        return self._folder(index).path

    def index_of(self, path: str) -> QModelIndex:
        """Where a folder stands; invalid if it is not there."""
        folder = self._by_path.get(path) if path else self._archive
        return self.createIndex(folder.row, 0, folder) if folder else QModelIndex()

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        children = self._folder(parent).children
        if column == 0 and 0 <= row < len(children):
            return self.createIndex(row, 0, children[row])
        return QModelIndex()

    def parent(self, index: _Index) -> QModelIndex:  # type: ignore[override]
        above = self._folder(index).parent if index.isValid() else None
        if above is None or above is self._top:
            return QModelIndex()
        return self.createIndex(above.row, 0, above)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._folder(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        folder = self._folder(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return folder.name if folder.path else self.tr("Whole archive")
        if role == Role.COUNT:
            return folder.count
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{folder.path or self.tr('Whole archive')}, {folder.count}"
        return None

    def _folder(self, index: _Index) -> _Folder:
        return index.internalPointer() if index.isValid() else self._top

    def _set_count(self, folder: _Folder, count: int) -> None:
        if folder.count != count:
            folder.count = count
            index = self.createIndex(folder.row, 0, folder)
            self.dataChanged.emit(index, index, [Role.COUNT])
