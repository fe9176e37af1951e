"""Results of a search as the queue of the Label page."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from clipkw_gui.actions import search
from clipkw_gui.context import AppContext
from clipkw_gui.navigation import RankedImages
from clipkw_gui.pages.label_view import LabelView
from core.types import Changes, SavedSearch, SearchResult

PART = "search"
_KEY = "label"


class RankedQueue(QObject):
    """Which ranked images the queue is made of, if any; keeps the saved searches listed."""

    changed = Signal()
    """There are other images, or none any more."""
    said = Signal(str)
    failed = Signal(object)

    def __init__(self, context: AppContext, view: LabelView) -> None:
        super().__init__(view)
        self._context = context
        self._filters = view.filters
        self.ranked: RankedImages | None = None
        context.session_changed.connect(self._session_changed)
        context.bus.changed.connect(self._on_changed)
        context.navigation.label_wanted.connect(self.show)
        view.filters.search_chosen.connect(self.open_saved)
        view.filters.search_deleted.connect(self._delete)
        self._list()

    def parts(self) -> dict[str, str]:
        """The search as a part of the filter in words."""
        return {PART: self.ranked.title} if self.ranked is not None else {}

    def show(self, ranked: RankedImages) -> None:
        """Work through these."""
        self.ranked = ranked
        self.changed.emit()

    def leave(self) -> None:
        """Back to the whole archive."""
        self.ranked = None
        self.changed.emit()

    def open_saved(self, saved: SavedSearch) -> None:
        """Search, and work through what is found."""
        self.said.emit(self.tr("Searching: “{name}”…").format(name=saved.name))
        on_done = partial(self._show_found, saved)
        search.find_saved(self._context, saved, on_done, self.failed.emit)

    def _show_found(self, saved: SavedSearch, found: SearchResult) -> None:
        title = self.tr("Search: {name}").format(name=saved.name)
        self.show(RankedImages(title, found.images))

    def _delete(self, name: str) -> None:
        search.delete_search(self._context, name, self.failed.emit)

    def _session_changed(self) -> None:
        self.ranked = None
        self._filters.set_searches(())
        self._list()

    def _on_changed(self, changes: Changes, origin: object) -> None:
        if changes.choices:
            self._list()

    def _list(self) -> None:
        search.list_searches(self._context, _KEY, self._filters.set_searches, self.failed.emit)
