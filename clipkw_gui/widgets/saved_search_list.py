"""The saved searches, in a list that is there only if there are some."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QMenu, QWidget

from core.types import SavedSearch

MOST_ROWS = 6


class SavedSearchList(QListWidget):
    """A click or Return chooses; Delete or the context menu forgets."""

    chosen = Signal(object)
    """A SavedSearch."""
    deleted = Signal(str)
    """The name of one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._searches: Sequence[SavedSearch] = ()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Saved searches"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)
        self.customContextMenuRequested.connect(self._open_menu)

    def set_searches(self, searches: Sequence[SavedSearch]) -> None:
        """Show other searches."""
        self._searches = searches
        self.clear()
        for saved in searches:
            self.addItem(QListWidgetItem(saved.name))
        if searches:
            rows = min(len(searches), MOST_ROWS)
            self.setFixedHeight(self.sizeHintForRow(0) * rows + 6)

    def names(self) -> list[str]:
        """What is shown."""
        return [saved.name for saved in self._searches]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            self.deleted.emit(self._searches[self.currentRow()].name)
            return
        super().keyPressEvent(event)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self._searches[self.row(item)])

    def _open_menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Search")).triggered.connect(self._choose_current)
        menu.addAction(self.tr("Delete")).triggered.connect(self._delete_current)
        menu.popup(self.viewport().mapToGlobal(place))

    def _choose_current(self) -> None:
        if self.currentRow() >= 0:
            self.chosen.emit(self._searches[self.currentRow()])

    def _delete_current(self) -> None:
        if self.currentRow() >= 0:
            self.deleted.emit(self._searches[self.currentRow()].name)
