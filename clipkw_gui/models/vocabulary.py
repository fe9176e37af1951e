"""The vocabulary as a table that is found, sorted and edited in place."""

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
    Qt,
    Signal,
)

from clipkw_gui.models.keywords import KeywordIndex
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
    MODEL_AUC = 7
    MODEL_F2 = 8


EDITABLE = frozenset({Column.NO, Column.EN, Column.SYNONYMS})
SCORES = (Column.NAME_AUC, Column.NAME_F2, Column.MODEL_AUC, Column.MODEL_F2)
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
    """Keywords with their synonyms, counts and scores. It shows what is typed until it is read.

    It sorts and filters by itself: a proxy would ask Python for each comparison.
    """

    edited = Signal(object, int, str)
    """(Keyword, Column, text): somebody typed another text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._every: list[KeywordRow] = []
        self._names: dict[KeywordId, str] = {}
        """All names of a keyword as they are looked for."""
        self._wanted = ""
        self._kind = Shown.CURRENT
        self._order = (Column.NO, Qt.SortOrder.AscendingOrder)
        self._rows: list[KeywordRow] = []
        """Those that are shown, as they are."""
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
            Column.MODEL_AUC: self.tr("Model AUC"),
            Column.MODEL_F2: self.tr("Model F2"),
        }
        self._explained = {
            Column.NAME_AUC: self.tr(
                "How well the name alone tells its images from others: 0.5 is a coin, 1 is perfect"
            ),
            Column.NAME_F2: self.tr("F2 of the name alone, at its best threshold"),
            Column.MODEL_AUC: self.tr(
                "How well the model in use tells the same, each image judged without itself"
            ),
            Column.MODEL_F2: self.tr("F2 of the model in use, at its best threshold"),
        }

    # what is shown ----------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[KeywordRow]) -> None:
        """Show other rows. While the keywords are the same ones, none jumps to another place."""
        same = {row.keyword.id for row in rows} == {row.keyword.id for row in self._every}
        if same:
            by_id = {row.keyword.id: row for row in rows}
            rows = [by_id[row.keyword.id] for row in self._every]
        self._every, self._typed = list(rows), {}
        self._names = {
            row.keyword.id: "\n".join(
                map(_fold, (row.keyword.no, row.keyword.en or "", *row.synonyms))
            )
            for row in rows
        }
        if not same:
            self._sort()
        self._show()

    def set_filter(self, text: str, kind: Shown) -> None:
        """Keep keywords of a kind that contain ``text`` in any name."""
        self._wanted, self._kind = _fold(text), kind
        self._show()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; what has no value there stands last, both ways."""
        self._order = (Column(column), order)
        self._sort()
        self._show()

    def _sort(self) -> None:
        column, order = self._order
        keyed = [(self._sort_value(row, column), row) for row in self._every]
        valued = [pair for pair in keyed if _has_value(pair[0])]
        valued.sort(key=_first, reverse=order == Qt.SortOrder.DescendingOrder)
        self._every = [row for _, row in valued]
        self._every += [row for value, row in keyed if not _has_value(value)]

    def _show(self) -> None:
        shown = [row for row in self._every if self._is_shown(row)]
        if [row.keyword.id for row in shown] == [row.keyword.id for row in self._rows]:
            self._rows = shown
            if shown:
                last = self.index(len(shown) - 1, self.columnCount() - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._rows = shown
        self._places = {row.keyword.id: place for place, row in enumerate(shown)}
        self.endResetModel()

    def _is_shown(self, row: KeywordRow) -> bool:
        if self._wanted and self._wanted not in self._names[row.keyword.id]:
            return False
        status = row.keyword.status
        match self._kind:
            case Shown.CURRENT:
                return status is not KeywordStatus.RETIRED
            case Shown.UNNAMED:
                return not row.keyword.en and status is not KeywordStatus.RETIRED
            case Shown.MACHINE:
                return status is KeywordStatus.MACHINE
            case Shown.RETIRED:
                return status is KeywordStatus.RETIRED
        return True

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

    @property
    def keywords(self) -> list[Keyword]:
        """All of them, shown or not."""
        return [row.keyword for row in self._every]

    def finder(self) -> KeywordIndex:
        """All of them, shown or not, to be found by any of their names."""
        synonyms = {row.keyword.id: row.synonyms for row in self._every}
        return KeywordIndex((row.keyword for row in self._every), synonyms)

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
        quality = score.name if of_name else score.model
        return quality.auc if column in (Column.NAME_AUC, Column.MODEL_AUC) else quality.f2


def _first(pair: tuple[Any, KeywordRow]) -> Any:
    return pair[0]


def _has_value(value: str | int | float) -> bool:
    return value != "" and value == value  # NaN is not equal to itself
