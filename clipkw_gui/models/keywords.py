"""Keywords with counts, and finding one of them in either language as one types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from clipkw_gui.roles import Role
from core.types import Keyword, KeywordId, KeywordStatus

_Index = QModelIndex | QPersistentModelIndex
Synonyms = Mapping[KeywordId, Sequence[str]]
_Row = tuple[Keyword, float | None, str]


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())


def _beside(keyword: Keyword, wanted: str, synonyms: Sequence[str]) -> str:
    """The English name, and the synonym by which alone the keyword was found."""
    english = keyword.en or ""
    called = ""
    if wanted not in _fold(keyword.no) and wanted not in _fold(english):
        matching = [name for name in synonyms if wanted in _fold(name)]
        called = min(matching, key=lambda name: _rank(wanted, _fold(name)), default="")
    also = QCoreApplication.translate("Keywords", "also “{name}”").format(name=called)
    return " · ".join(part for part in (english, also if called else "") if part)


class KeywordIndex:
    """Finds keywords by a part of their Norwegian or English name, or of a synonym."""

    def __init__(self, keywords: Iterable[Keyword] = (), synonyms: Synonyms | None = None) -> None:
        kept = [one for one in keywords if one.status is not KeywordStatus.RETIRED]
        self.synonyms = synonyms or {}
        self._entries = [
            (one, (_fold(one.no), _fold(one.en or "")), self._folded_synonyms(one)) for one in kept
        ]

    def _folded_synonyms(self, keyword: Keyword) -> tuple[str, ...]:
        return tuple(_fold(name) for name in self.synonyms.get(keyword.id, ()))

    def exact(self, text: str) -> Keyword | None:
        """The keyword that this very name stands for, ignoring case and spaces."""
        wanted = _fold(text)
        if not wanted:
            return None
        called = (one for one, _, synonyms in self._entries if wanted in synonyms)
        return next((one for one, names, _ in self._entries if wanted in names), next(called, None))

    def search(self, text: str, limit: int = 12) -> list[tuple[Keyword, str]]:
        """Keywords, and what is said beside their names.

        Best first: whole name, then its beginning, then the beginning of a word, then a part; of
        equally good ones those that are not called so only by a synonym.
        """
        wanted = _fold(text)
        if not wanted:
            return []
        found: list[tuple[int, bool, int, Keyword]] = []
        for place, (keyword, names, synonyms) in enumerate(self._entries):
            own = min(_rank(wanted, name) for name in names)
            best = min([own, *(_rank(wanted, name) for name in synonyms)])
            if best < _NO_PART:
                found.append((best, own > best, place, keyword))
        found.sort(key=lambda one: one[:3])
        return [
            (keyword, _beside(keyword, wanted, self.synonyms.get(keyword.id, ())))
            for _, _, _, keyword in found[:limit]
        ]


def _add(rows: list[_Row], more: Mapping[KeywordId, int]) -> list[int]:
    """Change counts in place; tells which rows have another one now."""
    changed = []
    for place, (keyword, count, text) in enumerate(rows):
        if count is not None and keyword.id in more:
            rows[place] = (keyword, count + more[keyword.id], text)
            changed.append(place)
    return changed


_NO_PART = 4


def _rank(wanted: str, name: str) -> int:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if f" {wanted}" in name else 3 if wanted in name else _NO_PART


class KeywordModel(QAbstractListModel):
    """Keywords in the order given, each with how many images carry it, or a like number."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._every: list[_Row] = []
        self._shown: list[_Row] = []
        self._filter = ""
        self._synonyms: Synonyms = {}

    def set_counts(
        self, counts: Sequence[tuple[Keyword, float | None]], synonyms: Synonyms | None = None
    ) -> None:
        """Show other keywords, and how many images or, as a fraction, how many errors each has."""
        self._synonyms = synonyms or {}
        self._every = [(keyword, count, self._text(keyword)) for keyword, count in counts]
        self._apply()

    def _text(self, keyword: Keyword) -> str:
        """Every name, a line each."""
        names = (keyword.no, keyword.en or "", *self._synonyms.get(keyword.id, ()))
        return "\n".join(_fold(name) for name in names)

    def add_counts(self, more: Mapping[KeywordId, int]) -> None:
        """Change the counts of some keywords; the rows stay where they are."""
        _add(self._every, more)
        for place in _add(self._shown, more):
            self.dataChanged.emit(self.index(place), self.index(place), [Role.COUNT])

    def set_filter(self, text: str) -> None:
        """Keep the keywords that contain ``text`` in either language or in a synonym."""
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
            return _beside(keyword, self._filter, self._synonyms.get(keyword.id, ()))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            names = f"{keyword.no} – {keyword.en}" if keyword.en else keyword.no
            if isinstance(count, float):
                return f"{names}, {count:.1f}"
            return names if count is None else f"{names}, {count}"
        return None

    def _apply(self) -> None:
        self.beginResetModel()
        self._shown = [one for one in self._every if self._filter in one[2]]
        self.endResetModel()
