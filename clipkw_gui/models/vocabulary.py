"""The vocabulary as a table that is edited in place, and how it is sorted and filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from math import isnan
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from clipkw_gui.roles import Role
from core.types import Keyword, KeywordId, KeywordRow, KeywordStatus, NameScore

_Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """The columns, from left to right."""

    NO = 0
    EN = 1
    SYNONYMS = 2
    STATUS = 3
    IMAGES = 4
    NAME_AUC = 5
    NAME_F2 = 6
    IMAGES_AUC = 7
    IMAGES_F2 = 8


EDITABLE = frozenset({Column.NO, Column.EN, Column.SYNONYMS})
SCORES = (Column.NAME_AUC, Column.NAME_F2, Column.IMAGES_AUC, Column.IMAGES_F2)
SEPARATOR = ";"


class Shown(IntEnum):
    """Which keywords are shown."""

    CURRENT = 0
    UNNAMED = 1
    MACHINE = 2
    RETIRED = 3
    ALL = 4


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


class VocabularyModel(QAbstractTableModel):
    """Keywords with their synonyms, counts and scores. It shows what is typed until it is read."""

    edited = Signal(object, int, str)
    """(Keyword, Column, text): somebody typed another text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[KeywordRow] = []
        self._places: dict[KeywordId, int] = {}
        self._scores: dict[KeywordId, NameScore] = {}
        self._typed: dict[tuple[KeywordId, int], str] = {}
        self._statuses = {
            KeywordStatus.IMPORTED: self.tr("imported"),
            KeywordStatus.MACHINE: self.tr("machine"),
            KeywordStatus.CONFIRMED: self.tr("confirmed"),
            KeywordStatus.RETIRED: self.tr("retired"),
        }
        self._titles = {
            Column.NO: self.tr("Norwegian"),
            Column.EN: self.tr("English"),
            Column.SYNONYMS: self.tr("Synonyms"),
            Column.STATUS: self.tr("Status"),
            Column.IMAGES: self.tr("Images"),
            Column.NAME_AUC: self.tr("Name AUC"),
            Column.NAME_F2: self.tr("Name F2"),
            Column.IMAGES_AUC: self.tr("Model AUC"),
            Column.IMAGES_F2: self.tr("Model F2"),
        }
        self._explained = {
            Column.NAME_AUC: self.tr(
                "How well the name alone tells its images from others: 0.5 is a coin, 1 is perfect"
            ),
            Column.NAME_F2: self.tr("F2 of the name alone, at its best threshold"),
            Column.IMAGES_AUC: self.tr("How well the images most like an image tell the same"),
            Column.IMAGES_F2: self.tr("F2 of the images most like an image, at its best threshold"),
        }

    # what is shown ----------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[KeywordRow]) -> None:
        """Show other rows; where the same keywords stay, so does the selection."""
        same = [row.keyword.id for row in rows] == [row.keyword.id for row in self._rows]
        if same:
            self._rows, self._typed = list(rows), {}
            if rows:
                last = self.index(len(rows) - 1, self.columnCount() - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._rows, self._typed = list(rows), {}
        self._places = {row.keyword.id: place for place, row in enumerate(rows)}
        self.endResetModel()

    def set_scores(self, scores: Mapping[KeywordId, NameScore]) -> None:
        """Show other scores, by keyword."""
        self._scores = dict(scores)
        if self._rows:
            last = self.index(len(self._rows) - 1, SCORES[-1])
            self.dataChanged.emit(self.index(0, SCORES[0]), last)

    def forget_typed(self) -> None:
        """What was typed could not be written."""
        self._typed = {}
        if self._rows:
            last = self.index(len(self._rows) - 1, Column.SYNONYMS)
            self.dataChanged.emit(self.index(0, 0), last)

    def row_at(self, place: int) -> KeywordRow | None:
        """The row at a place of this model."""
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def place_of(self, keyword: KeywordId | None) -> int:
        """Where a keyword stands, or -1."""
        return -1 if keyword is None else self._places.get(keyword, -1)

    def score_of(self, keyword: KeywordId) -> NameScore | None:
        """The scores of a keyword."""
        return self._scores.get(keyword)

    @property
    def keywords(self) -> list[Keyword]:
        """All of them."""
        return [row.keyword for row in self._rows]

    # Qt ---------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and Column(index.column()) in EDITABLE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index.row()) if index.isValid() else None
        if row is None:
            return None
        column = Column(index.column())
        if role == Role.KEYWORD:
            return row.keyword
        if role == Role.SORT:
            return self._sort_value(row, column)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._typed.get((row.keyword.id, column), self._text(row, column))
        if role == Qt.ItemDataRole.ToolTipRole and column in EDITABLE:
            return self._text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= Column.IMAGES:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.row_at(index.row()) if index.isValid() else None
        column = Column(index.column())
        text = " ".join(str(value).split())
        if row is None or role != Qt.ItemDataRole.EditRole or column not in EDITABLE:
            return False
        if text == self._text(row, column):
            return False
        self._typed[row.keyword.id, column] = text
        self.dataChanged.emit(index, index)
        self.edited.emit(row.keyword, column, text)
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[Column(section)]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explained.get(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole and section >= Column.IMAGES:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _text(self, row: KeywordRow, column: Column) -> str:
        match column:
            case Column.NO:
                return row.keyword.no
            case Column.EN:
                return row.keyword.en or ""
            case Column.SYNONYMS:
                return f"{SEPARATOR} ".join(row.synonyms)
            case Column.STATUS:
                return self._statuses[row.keyword.status]
            case Column.IMAGES:
                return QLocale().toString(row.images)
        value = self._score(row.keyword.id, column)
        return "" if isnan(value) else QLocale().toString(value, "f", 2)

    def _sort_value(self, row: KeywordRow, column: Column) -> str | int | float:
        if column is Column.IMAGES:
            return row.images
        if column in SCORES:
            return self._score(row.keyword.id, column)
        return _fold(self._text(row, column))

    def _score(self, keyword: KeywordId, column: Column) -> float:
        score = self._scores.get(keyword)
        if score is None:
            return float("nan")
        of_name = column in (Column.NAME_AUC, Column.NAME_F2)
        quality = score.name if of_name else score.neighbors
        return quality.auc if column in (Column.NAME_AUC, Column.IMAGES_AUC) else quality.f2


class VocabularyProxy(QSortFilterProxyModel):
    """Keywords that contain a text in any name; what has no value stands last, both ways."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = ""
        self._shown = Shown.CURRENT
        self.setDynamicSortFilter(False)

    def set_filter(self, text: str) -> None:
        """Keep keywords that contain ``text``."""
        self._wanted = _fold(text)
        self.invalidate()

    def set_shown(self, shown: Shown) -> None:
        """Keep keywords of some kind."""
        self._shown = shown
        self.invalidate()

    def filterAcceptsRow(self, place: int, parent: _Index) -> bool:
        model = self.sourceModel()
        row = model.row_at(place) if isinstance(model, VocabularyModel) else None
        if row is None:
            return False
        status, names = row.keyword.status, (row.keyword.no, row.keyword.en or "", *row.synonyms)
        is_kind = {
            Shown.CURRENT: status is not KeywordStatus.RETIRED,
            Shown.UNNAMED: not row.keyword.en and status is not KeywordStatus.RETIRED,
            Shown.MACHINE: status is KeywordStatus.MACHINE,
            Shown.RETIRED: status is KeywordStatus.RETIRED,
            Shown.ALL: True,
        }[self._shown]
        return is_kind and any(self._wanted in _fold(name) for name in names)

    def lessThan(self, left: _Index, right: _Index) -> bool:
        one, other = left.data(Role.SORT), right.data(Role.SORT)
        lacks_one, lacks_other = (value in ("", None) or value != value for value in (one, other))
        if lacks_one or lacks_other:
            is_ascending = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return bool(lacks_other and not lacks_one) is is_ascending
        return bool(one < other)
