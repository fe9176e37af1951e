"""Typing a keyword in either language, with its matches below."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemDelegate, QFrame, QListView, QVBoxLayout, QWidget

from clipkw_gui.roles import Role
from clipkw_gui.widgets.text_field import TextField
from core.types import Keyword

_MOST = 7


class KeywordFinder(Protocol):
    """Whoever knows the keywords."""

    def exact(self, text: str) -> Keyword | None:
        """The keyword that this very name stands for."""

    def search(self, text: str, limit: int = ...) -> list[tuple[Keyword, str]]:
        """Keywords of which ``text`` is a part, best first, and what is said beside each."""


class KeywordEntry(QWidget):
    """Return takes the match that is marked; a last row offers to make a new keyword."""

    entered = Signal(object)
    """The Keyword that was chosen, or the name (str) of one to be made."""
    left = Signal()
    """Escape: the person is done here."""

    def __init__(
        self, delegate: QAbstractItemDelegate, placeholder: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._finder: KeywordFinder | None = None
        self.may_create = True
        self.field = TextField(placeholderText=placeholder, clearButtonEnabled=True)
        self.field.setAccessibleName(placeholder)
        self.field.textChanged.connect(self._look_up)
        self.field.left.connect(self._leave)
        self.field.installEventFilter(self)
        self._rows = QStandardItemModel(self)
        self._matches = QListView(frameShape=QFrame.Shape.StyledPanel, visible=False)
        self._matches.setModel(self._rows)
        self._matches.setItemDelegate(delegate)
        self._matches.setUniformItemSizes(True)
        self._matches.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._matches.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._matches.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._matches.setAccessibleName(self.tr("Matching keywords"))
        self._matches.clicked.connect(self._take)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.field)
        box.addWidget(self._matches)
        self.setFocusProxy(self.field)

    def set_finder(self, finder: KeywordFinder) -> None:
        """Where matches come from."""
        self._finder = finder
        self._look_up(self.field.text())

    def choices(self) -> list[str]:
        """The names of the rows offered now."""
        return [self._rows.item(row).text() for row in range(self._rows.rowCount())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        step = steps.get(Qt.Key(event.key()))
        if step:
            row = self._matches.currentIndex().row() + step
            row = min(max(row, 0), self._rows.rowCount() - 1)
            self._matches.setCurrentIndex(self._rows.index(row, 0))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self._matches.currentIndex())
            return True
        return super().eventFilter(watched, event)

    def _look_up(self, text: str) -> None:
        self._rows.clear()
        found = self._finder.search(text, _MOST) if self._finder else []
        for keyword, beside in found:
            item = QStandardItem(keyword.no)
            item.setData(keyword, Role.KEYWORD)
            item.setData(beside, Role.SECONDARY)
            self._rows.appendRow(item)
        name = " ".join(text.split())
        if self.may_create and name and not (self._finder and self._finder.exact(name)):
            item = QStandardItem(self.tr("Create the new keyword “{name}”").format(name=name))
            item.setData(name, Qt.ItemDataRole.UserRole)
            self._rows.appendRow(item)
        rows = self._rows.rowCount()
        self._matches.setVisible(rows > 0)
        if rows:
            self._matches.setCurrentIndex(self._rows.index(0, 0))
            height = self._matches.sizeHintForRow(0) * rows
            self._matches.setFixedHeight(height + 2 * self._matches.frameWidth())

    def _take(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        chosen = index.data(Role.KEYWORD) or index.data(Qt.ItemDataRole.UserRole)
        self.field.clear()
        self.entered.emit(chosen)

    def _leave(self) -> None:
        self.field.clear()
        self.left.emit()
