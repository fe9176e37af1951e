"""Pairs of keywords that may be one: merge them, the other way round, or keep them apart."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.models.near_names import NearNamesModel, PairColumn
from clipkw_gui.widgets.action_button import ActionButton
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.table_copy import CopyTable
from core.types import NearNames


class NearPanel(QWidget):
    """One key for each answer; the list goes on to the next pair."""

    merged = Signal(object, object)
    """(Keyword that stays, Keyword that is merged into it)."""
    kept_apart = Signal(object)
    """NearNames: two different keywords."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pairs = NearNamesModel(self)
        self.told = text_label("", "secondary", wrap=True)
        self.table = CopyTable(self.tr("Keywords that may be one"))
        self.table.setModel(self.pairs)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        for column in (PairColumn.KEPT, PairColumn.MERGED):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(PairColumn.REASON, 190)
        self.merge = self._action(self.tr("Merge"), "mergePair", "J", self._merge)
        self.swap = self._action(self.tr("Merge, keep the other"), "swapPair", "O", self._swap)
        self.apart = self._action(self.tr("Keep apart"), "keepApart", "N", self._keep_apart)
        self.buttons = [
            ActionButton(action, names_key=True) for action in (self.merge, self.swap, self.apart)
        ]
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in self.buttons:
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.told)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        column.addStretch(0)
        self.table.selectionModel().currentRowChanged.connect(self._show_enabled)
        self.pairs.modelReset.connect(self._begin)

    def show_pairs(self, pairs: list[NearNames]) -> None:
        """Show other pairs."""
        self.pairs.set_pairs(pairs)

    def show_waiting(self) -> None:
        """Names are being compared."""
        self.told.setText(self.tr("Comparing names…"))

    def actions_of_panel(self) -> list[QAction]:
        """Merge, merge the other way round, keep apart."""
        return [self.merge, self.swap, self.apart]

    def _action(self, text: str, name: str, key: str, slot: object) -> QAction:
        action = QAction(text, self, objectName=name)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _begin(self) -> None:
        count = self.pairs.rowCount()
        if count == 1:
            text = self.tr("1 pair may be one keyword. The commoner name is kept.")
        else:
            text = self.tr("{count} pairs may be one keyword. The commoner name is kept.")
        nothing = self.tr("No two names look alike.")
        self.told.setText(text.format(count=count_text(count)) if count else nothing)
        for part in (self.table, *self.buttons):
            part.setVisible(bool(count))
        self.table.setCurrentIndex(self.pairs.index(0, 0))
        self._show_enabled(self.table.currentIndex())

    def _show_enabled(self, current: QModelIndex) -> None:
        for action in self.actions_of_panel():
            action.setEnabled(current.isValid())

    def _take(self) -> NearNames | None:
        """The current pair, which leaves the list."""
        place = self.table.currentIndex().row()
        pair = self.pairs.pair_at(place)
        if pair is not None:
            self.pairs.remove(place)
            left = self.pairs.rowCount()
            self.table.setCurrentIndex(self.pairs.index(min(place, left - 1), 0))
            if not left:
                self._begin()
        return pair

    def _merge(self) -> None:
        if (pair := self._take()) is not None:
            self.merged.emit(pair.kept, pair.merged)

    def _swap(self) -> None:
        if (pair := self._take()) is not None:
            self.merged.emit(pair.merged, pair.kept)

    def _keep_apart(self) -> None:
        if (pair := self._take()) is not None:
            self.kept_apart.emit(pair)
