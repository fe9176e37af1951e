"""The pages of the rail, one of them shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from clipkw_gui.context import AppContext
from clipkw_gui.pages.registry import PageEntry


class PageStack(QStackedWidget):
    """Makes a page when it is shown for the first time: the window need not wait for all."""

    page_made = Signal(QWidget)

    def __init__(
        self, context: AppContext, entries: Sequence[PageEntry], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._entries = entries
        self._made: set[int] = set()
        for _ in entries:
            self.addWidget(QWidget())

    def show_page(self, number: int) -> None:
        """Show a page by its place on the rail."""
        if number not in self._made:
            self._make(number)
        self.setCurrentIndex(number)

    def number_of(self, name: str) -> int:
        """The place of a page on the rail, by the name it is registered with."""
        return [entry.name for entry in self._entries].index(name)

    def _make(self, number: int) -> None:
        self._made.add(number)
        page = self._entries[number].build(self._context)
        stand_in = self.widget(number)
        self.insertWidget(number, page)
        self.removeWidget(stand_in)
        stand_in.deleteLater()
        self.page_made.emit(page)
