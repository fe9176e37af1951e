"""Keywords with counts, and finding one of them in either language as one types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from clipkw_gui.roles import Role
from core.types import Keyword, KeywordId, KeywordStatus

_Index = QModelIndex | QPersistentModelIndex


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


class KeywordIndex:
    """Finds keywords by a part of their Norwegian or English name."""

    def __init__(self, keywords: Iterable[Keyword] = ()) -> None:
        kept = [one for one in keywords if one.status is not KeywordStatus.RETIRED]
        self._entries = [(one, _fold(one.no), _fold(one.en or "")) for one in kept]

    def exact(self, text: str) -> Keyword | None:
        """The keyword of this very name in either language, ignoring case and spaces."""
        wanted = _fold(text)
        for keyword, no, en in self._entries:
            if wanted and wanted in (no, en):
                return keyword
        return None

    def search(self, text: str, limit: int = 12) -> list[Keyword]:
        """Best first: whole name, then its beginning, then the beginning of a word, then a part."""
        wanted = _fold(text)
        if not wanted:
            return []
        found: list[tuple[int, int, Keyword]] = []
        for place, (keyword, no, en) in enumerate(self._entries):
            if wanted in no or wanted in en:
                found.append((min(_rank(wanted, no), _rank(wanted, en)), place, keyword))
        found.sort(key=lambda one: one[:2])
        return [keyword for _, _, keyword in found[:limit]]


def _rank(wanted: str, name: str) -> int:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if f" {wanted}" in name else 3 if wanted in name else 4


class KeywordModel(QAbstractListModel):
    """Keywords in the order given, each with how many images carry it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._every: list[tuple[Keyword, int | None, str]] = []
        self._shown: list[tuple[Keyword, int | None, str]] = []
        self._filter = ""

    def set_counts(self, counts: Sequence[tuple[Keyword, int | None]]) -> None:
        """Show other keywords or counts."""
        self._every = [
            (keyword, count, f"{_fold(keyword.no)}\n{_fold(keyword.en or '')}")
            for keyword, count in counts
        ]
        self._apply()

    def add_counts(self, more: Mapping[KeywordId, int]) -> None:
        """Change the counts of some keywords; the rows stay where they are."""
        for rows in (self._every, self._shown):
            for place, (keyword, count, text) in enumerate(rows):
                if count is not None and keyword.id in more:
                    rows[place] = (keyword, count + more[keyword.id], text)
        if self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1), [Role.COUNT])

    def set_filter(self, text: str) -> None:
        """Keep the keywords that contain ``text`` in either language."""
        self._filter = _fold(text)
        self._apply()

    def keyword_at(self, row: int) -> Keyword | None:
        """The keyword of a row, if there is one."""
        return self._shown[row][0] if 0 <= row < len(self._shown) else None

    def find(self, keyword: KeywordId) -> Keyword | None:
        """The keyword of an id, shown or not."""
        return next((one for one, _, _ in self._every if one.id == keyword), None)

    def row_of(self, keyword: KeywordId | None) -> int:
        """The row of a keyword id, or -1."""
        for row, (one, _, _) in enumerate(self._shown):
            if one.id == keyword:
                return row
        return -1

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        keyword, count, _ = self._shown[index.row()]
        if role == Role.KEYWORD:
            return keyword
        if role == Role.COUNT:
            return count
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return keyword.no
        if role == Role.SECONDARY:
            return keyword.en or ""
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            names = f"{keyword.no} – {keyword.en}" if keyword.en else keyword.no
            return names if count is None else f"{names}, {count}"
        return None

    def _apply(self) -> None:
        self.beginResetModel()
        self._shown = [one for one in self._every if self._filter in one[2]]
        self.endResetModel()
