"""The keys of the Duplicates page, all of them actions that menus can hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from clipkw_gui.pages.page_keys import PageKeys

if TYPE_CHECKING:
    from clipkw_gui.pages.duplicates import DuplicatesPage


class PairKeys(PageKeys):
    """Makes the actions and puts them on the page."""

    def __init__(self, page: DuplicatesPage) -> None:
        super().__init__(page, "duplicates")
        self.duplicates_menu: list[QAction] = []
        self.view: list[QAction] = []
        answers, viewer = self.duplicates_menu, page.pairs.viewer
        yes, no = partial(page.say, True), partial(page.say, False)
        self.duplicates = self._add(answers, "yes", self.tr("Duplicates"), "D", yes)
        self.different = self._add(answers, "no", self.tr("Not duplicates"), "N", no)
        calm = (*viewer.viewers, page.pairs.list)  # Space on a button presses the button
        self.skip = self._add(answers, "skip", self.tr("Skip"), "Space", page.skip, calm)
        self.back = self._add(answers, "back", self.tr("Pair before"), "Backspace", page.back)
        for action in answers:
            action.setAutoRepeat(False)
        similar = self.tr("More like this")
        self.similar = self._add(self.duplicates_menu, "similar", similar, "S", page.search_similar)
        self._add(self.view, "fit", self.tr("Fit the images"), "Ctrl+0 | Z", viewer.fit)
        self._add(self.view, "actual", self.tr("Actual size"), "Ctrl+1", viewer.actual_size)
        self._add(self.view, "zoomIn", self.tr("Zoom in"), "Ctrl++ | Ctrl+=", viewer.zoom_in)
        self._add(self.view, "zoomOut", self.tr("Zoom out"), "Ctrl+-", viewer.zoom_out)

    def groups(self) -> dict[str, list[QAction]]:
        """The actions by menu."""
        return {"duplicates": self.duplicates_menu, "view": self.view}

    def allow(self, *, answers: bool, groups: bool) -> None:
        """Which of the keys mean something now."""
        for action in (self.duplicates, self.skip, self.back, *self.view):
            action.setEnabled(answers)
        for action in (self.different, self.similar):
            action.setEnabled(answers or groups)
