"""The suggestions for the current image, with what has been answered so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.roles import Role
from core.types import ImageSuggestions, KeywordId, Suggestion, Verdict

MOST = 24
"""Rows in all: a keyword that is shown is a click or two, one that has to be typed four keys."""
RUNNERS_UP = 6
"""Shown at least, however many are above the threshold."""
KEYS = 9

_Index = QModelIndex | QPersistentModelIndex


class SuggestionModel(QAbstractListModel):
    """Suggestions above the threshold, a divider, and the runners-up; the first nine numbered.

    The rows stay as they were shown while verdicts come and go, so that a digit key always
    means what is seen beside it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Suggestion | None] = []
        self._numbers: list[int] = []
        self._verdicts: Mapping[KeywordId, Verdict] = {}
        self._in_hand: KeywordId | None = None

    def set_suggestions(
        self, shown: ImageSuggestions | None, verdicts: Mapping[KeywordId, Verdict]
    ) -> None:
        """Show other suggestions; None empties the list."""
        every = shown.suggestions if shown else ()
        above = [one for one in every if one.above_threshold][:MOST]
        room = max(MOST - len(above), RUNNERS_UP)
        below = [one for one in every if not one.above_threshold][:room]
        self.beginResetModel()
        self._rows = [*above, *([None] if below else []), *below]
        self._numbers = []
        number = 0
        for row in self._rows:
            number += row is not None
            self._numbers.append(number if row is not None and number <= KEYS else 0)
        self._verdicts = dict(verdicts)
        self._in_hand = None
        self.endResetModel()

    def set_verdicts(self, verdicts: Mapping[KeywordId, Verdict]) -> None:
        """Show what is said about the keywords now."""
        if verdicts != self._verdicts:
            self._verdicts = dict(verdicts)
            self._all_changed()

    def set_in_hand(self, keyword: KeywordId | None) -> None:
        """Point out the row that U and the evidence refer to."""
        if keyword != self._in_hand:
            self._in_hand = keyword
            self._all_changed()

    def suggestion(self, number: int) -> Suggestion | None:
        """The suggestion of a digit key in 1-9."""
        if number not in self._numbers:
            return None
        return self._rows[self._numbers.index(number)]

    def suggestion_at(self, row: int) -> Suggestion | None:
        """The suggestion of a row; None for the divider or a row that is not there."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def above_threshold(self) -> list[Suggestion]:
        """Those that A would accept."""
        return [row for row in self._rows if row is not None and row.above_threshold]

    def first_open(self) -> Suggestion | None:
        """The most confident one without an answer."""
        for row in self._rows:
            if row is not None and row.keyword.id not in self._verdicts:
                return row
        return None

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid() or self._rows[index.row()] is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Role.DIVIDER:
            return row is None
        if row is None:
            below = self.tr("below the threshold")
            return below if role == Qt.ItemDataRole.DisplayRole else None
        verdict = self._verdicts.get(row.keyword.id)
        if role == Role.SUGGESTION:
            return row
        if role == Role.KEYWORD:
            return row.keyword
        if role == Role.NUMBER:
            return self._numbers[index.row()]
        if role == Role.VERDICT:
            return verdict.value if verdict else ""
        if role == Role.IN_HAND:
            return row.keyword.id == self._in_hand
        if role == Qt.ItemDataRole.DisplayRole:
            return row.keyword.no
        if role == Role.SECONDARY:
            return row.keyword.en or ""
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (row.keyword.no, row.keyword.en, f"{row.confidence:.0%}", verdict)
            return ", ".join(part for part in parts if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(row, self._numbers[index.row()])
        return None

    def _tool_tip(self, row: Suggestion, number: int) -> str:
        names = f"{row.keyword.no} – {row.keyword.en}" if row.keyword.en else row.keyword.no
        if not number:
            return names
        keys = self.tr("{n}: accept or take back, Shift+{n}: reject, U: unsure").format(n=number)
        return f"{names}\n{keys}"

    def _all_changed(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
