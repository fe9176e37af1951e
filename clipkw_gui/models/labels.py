"""What is said about one image, keyword by keyword, and who said it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from clipkw_gui.roles import Role
from core.types import Keyword, Label, Verdict

_ORDER = (Verdict.ACCEPTED, Verdict.IMPORTED, Verdict.UNSURE, Verdict.REJECTED)

_Index = QModelIndex | QPersistentModelIndex


class LabelModel(QAbstractListModel):
    """Present keywords first, then the unsure and the rejected ones."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[Keyword, Label]] = []

    def set_labels(self, labels: Sequence[tuple[Keyword, Label]]) -> None:
        """Show what is said about another image, or something else about this one."""
        rows = sorted(labels, key=lambda row: (_ORDER.index(row[1].verdict), row[0].no.casefold()))
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def keyword_at(self, row: int) -> Keyword | None:
        """The keyword of a row, if there is one."""
        return self._rows[row][0] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        keyword, label = self._rows[index.row()]
        if role == Role.KEYWORD:
            return keyword
        if role == Role.VERDICT:
            return label.verdict.value
        if role == Qt.ItemDataRole.DisplayRole:
            return keyword.no
        if role == Role.SECONDARY:
            return self._provenance(label)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            names = f"{keyword.no} – {keyword.en}" if keyword.en else keyword.no
            moment = QDateTime.fromSecsSinceEpoch(round(label.at.timestamp()))
            when = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
            return f"{names}\n{self._provenance(label)}, {when}"
        return None

    def _provenance(self, label: Label) -> str:
        texts = {
            Verdict.ACCEPTED: self.tr("accepted by {by}"),
            Verdict.IMPORTED: self.tr("imported"),
            Verdict.UNSURE: self.tr("unsure: {by}"),
            Verdict.REJECTED: self.tr("rejected by {by}"),
        }
        return texts[label.verdict].format(by=label.by)
