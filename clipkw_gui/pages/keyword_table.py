"""The table of keywords: found, filtered, sorted, and edited in place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QVBoxLayout,
    QWidget,
)

from clipkw_gui.models.vocabulary import EDITABLE, SCORES, Column, Shown, VocabularyModel
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.labels import text_label
from clipkw_gui.widgets.table_copy import CopyTable
from clipkw_gui.widgets.text_field import TextField
from core.types import Keyword, KeywordId, KeywordRow

WIDTHS = {
    Column.SYNONYMS: 94,
    Column.STATUS: 84,
    Column.IMAGES: 70,
    Column.NAME_AUC: 96,
    Column.NAME_F2: 78,
    Column.MODEL_AUC: 88,
    Column.MODEL_F2: 80,
}


class KeywordTable(QWidget):
    """Emits what is typed; the page writes it and shows the rows anew."""

    chosen = Signal()
    """Another keyword, or others, are selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = VocabularyModel(self)
        self.field = TextField(placeholderText=self.tr("Find a keyword"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Find a keyword"))
        self.field.setMaximumWidth(280)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Which keywords"))
        self.kind.addItems(
            [
                self.tr("In use"),
                self.tr("Without an English name"),
                self.tr("Named by machine"),
                self.tr("Retired"),
                self.tr("All"),
            ]
        )
        self.count = text_label("", "secondary")
        self.view = CopyTable(self.tr("Keywords"))
        self.view.setModel(self.model)
        self.view.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._lay_out()
        self._size_columns()
        self.field.textChanged.connect(self._filter)
        self.field.left.connect(self.view.setFocus)
        self.field.returnPressed.connect(self._to_first)
        self.kind.currentIndexChanged.connect(self._filter)
        self.view.selectionModel().selectionChanged.connect(self.chosen)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.field, 1)
        head.addWidget(self.kind)
        head.addStretch(1)
        head.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.view, 1)

    def _size_columns(self) -> None:
        header = self.view.horizontalHeader()
        header.setStretchLastSection(False)
        for column in (Column.NO, Column.EN):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in WIDTHS.items():
            self.view.setColumnWidth(column, width)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(Column.NO, Qt.SortOrder.AscendingOrder)
        self.show_scores(False)

    # what is shown ----------------------------------------------------------------------------

    def show_rows(self, rows: Sequence[KeywordRow]) -> None:
        """Show other rows; what is selected stays selected."""
        kept, current = [one.id for one in self.keywords], self._current()
        scrolled = self.view.verticalScrollBar().value()
        self.model.set_rows(rows)
        self._select(kept, current)
        self.view.verticalScrollBar().setValue(scrolled)
        self._count()
        self.chosen.emit()

    def show_scores(self, shown: bool) -> None:
        """Show or hide the columns of scores."""
        for column in SCORES:
            self.view.setColumnHidden(column, not shown)

    def sort_worst_first(self) -> None:
        """The worst name first; what has no score stands last."""
        self.view.sortByColumn(Column.NAME_AUC, Qt.SortOrder.AscendingOrder)
        self.view.scrollToTop()

    @property
    def is_being_edited(self) -> bool:
        """Whether somebody types into the table: then no row may be replaced."""
        return self.view.state() == QAbstractItemView.State.EditingState

    @property
    def rows(self) -> list[KeywordRow]:
        """The selected rows, from top to bottom."""
        places = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        return [row for place in places if (row := self.model.row_at(place)) is not None]

    @property
    def keywords(self) -> list[Keyword]:
        """The selected keywords."""
        return [row.keyword for row in self.rows]

    def edit(self) -> None:
        """Let the current cell be edited in place, or the Norwegian name of its row."""
        current = self.view.currentIndex()
        if current.isValid():
            column = current.column() if current.column() in EDITABLE else Column.NO
            index = self.model.index(current.row(), column)
            self.view.setCurrentIndex(index)
            self.view.edit(index)

    def _current(self) -> KeywordId | None:
        row = self.model.row_at(self.view.currentIndex().row())
        return None if row is None else row.keyword.id

    def _select(self, kept: Sequence[KeywordId], current: KeywordId | None) -> None:
        flags = QItemSelectionModel.SelectionFlag
        selection = self.view.selectionModel()
        column = max(self.view.currentIndex().column(), 0)
        selection.clearSelection()
        for keyword in kept:
            place = self.model.place_of(keyword)
            if place >= 0:
                selection.select(self.model.index(place, column), flags.Select | flags.Rows)
        place = self.model.place_of(current)
        if place >= 0:
            selection.setCurrentIndex(self.model.index(place, column), flags.NoUpdate)

    def _filter(self) -> None:
        kept, current = [one.id for one in self.keywords], self._current()
        self.model.set_filter(self.field.text(), Shown(self.kind.currentIndex()))
        self._select(kept, current)
        self._count()

    def _to_first(self) -> None:
        if self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(0, 0))
            self.view.setFocus()

    def _count(self) -> None:
        shown, every = self.model.rowCount(), len(self.model.keywords)
        text = self.tr("{shown} of {every} keywords")
        self.count.setText(text.format(shown=count_text(shown), every=count_text(every)))
