"""The list of suggestions: hovering or focusing one takes its keyword in hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QListView, QMenu, QWidget

from clipkw_gui.roles import Role
from core.types import Suggestion, Verdict

_Index = QModelIndex | QPersistentModelIndex
_MARK_ZONE = 36
"""Width at the right end of a row where a click answers it."""


class SuggestionList(QListView):
    """Emits what the person points at and what they answer with the mouse."""

    pointed = Signal(object)
    """The Suggestion under the pointer or the keyboard's focus, or None."""
    answered = Signal(object, object)
    """(Suggestion, Verdict) chosen with the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Suggestions"))
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._hovered: Suggestion | None = None

    def pointed_at(self) -> Suggestion | None:
        """The suggestion under the pointer, else the focused one, else None."""
        if self._hovered is not None:
            return self._hovered
        suggestion: Suggestion | None = self.currentIndex().data(Role.SUGGESTION)
        return suggestion

    def step(self, by: int) -> None:
        """Move the focus to the next (+1) or previous (-1) suggestion."""
        model = self.model()
        row = self.currentIndex().row() + by
        while 0 <= row < model.rowCount():
            index = model.index(row, 0)
            if index.flags() & Qt.ItemFlag.ItemIsEnabled:
                self.setCurrentIndex(index)
                return
            row += by
        if row < 0:
            self.clear_focus()

    def clear_focus(self) -> None:
        """No suggestion is focused: the evidence is lit evenly."""
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())

    def forget(self) -> None:
        """Other suggestions are shown: what was pointed at is gone."""
        self._hovered = None
        self.pointed.emit(self.pointed_at())

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self.pointed.emit(self.pointed_at())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).data(Role.SUGGESTION))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        suggestion = index.data(Role.SUGGESTION)
        in_zone = at.x() >= self.visualRect(index).right() - _MARK_ZONE
        if suggestion and in_zone and event.button() == Qt.MouseButton.LeftButton:
            self.answered.emit(suggestion, Verdict.ACCEPTED)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        suggestion = self.indexAt(event.position().toPoint()).data(Role.SUGGESTION)
        if suggestion and event.button() == Qt.MouseButton.LeftButton:
            self.answered.emit(suggestion, Verdict.ACCEPTED)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        suggestion = self.indexAt(event.pos()).data(Role.SUGGESTION)
        if suggestion:
            self._offer(suggestion, event.globalPos())

    def _hover(self, suggestion: Suggestion | None) -> None:
        if suggestion is not self._hovered:
            self._hovered = suggestion
            self.pointed.emit(self.pointed_at())

    def _offer(self, suggestion: Suggestion, at: QPoint) -> None:
        menu = QMenu(self)
        choices = (
            (self.tr("Accept or take back"), Verdict.ACCEPTED),
            (self.tr("Reject"), Verdict.REJECTED),
            (self.tr("Unsure"), Verdict.UNSURE),
        )
        verdicts: dict[QAction, Verdict] = {menu.addAction(text): one for text, one in choices}
        chosen = menu.exec(at)
        if chosen is not None:
            self.answered.emit(suggestion, verdicts[chosen])
        menu.deleteLater()
