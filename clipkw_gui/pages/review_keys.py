"""The keys of the Review page, all of them actions that menus can hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from clipkw_gui.pages.page_keys import PageKeys
from core.types import ReviewAnswer, ReviewKind

if TYPE_CHECKING:
    from clipkw_gui.pages.review import ReviewPage


class ReviewKeys(PageKeys):
    """Makes the actions and puts them on the page; text fields keep their keys (TextField)."""

    def __init__(self, page: ReviewPage) -> None:
        super().__init__(page, "review")
        self.review: list[QAction] = []
        self.view: list[QAction] = []
        answers, desk, viewer = self.review, page.desk, page.viewer
        for name, text, keys, said in (
            ("fix", self.tr("Correct it"), "F", ReviewAnswer.FIX),
            ("confirm", self.tr("It is right as it is"), "C", ReviewAnswer.CONFIRM),
            ("unsure", self.tr("Unsure"), "U", ReviewAnswer.UNSURE),
        ):
            self._add(answers, name, text, keys, partial(desk.answer, said))
        self.fix, self.confirm, self.unsure = answers
        calm = (viewer, page.strip, page.having.strip, page.lacking.strip)
        self.skip = self._add(answers, "skip", self.tr("Skip"), "Space", desk.skip, calm)
        self._add(answers, "back", self.tr("Label before"), "Backspace", partial(desk.step, -1))
        for action in answers:
            action.setAutoRepeat(False)
        self.many = self._add(answers, "many", self.tr("Fix many…"), "Ctrl+B", page.fix_many_asked)
        for kind, text, keys in (
            (ReviewKind.WRONG, self.tr("Probably wrong"), "W"),
            (ReviewKind.MISSING, self.tr("Probably missing"), "M"),
        ):
            self._add(answers, kind, text, keys, partial(page.show_kind, kind))
        similar = self.tr("More like this")
        self.similar = self._add(answers, "similar", similar, "S", page.search_similar)
        self.again = self._add(answers, "again", self.tr("Judge again"), "F5", page.rank)
        right, left = partial(desk.step, 1), partial(desk.step, -1)
        self._add(self.view, "right", self.tr("Next label"), "Right", right, (viewer,))
        self._add(self.view, "left", self.tr("Label before"), "Left", left, (viewer,))
        self._add(self.view, "fit", self.tr("Fit the image"), "Ctrl+0 | Z", viewer.fit)
        self._add(self.view, "actual", self.tr("Actual size"), "Ctrl+1", viewer.actual_size)
        self._add(self.view, "zoomIn", self.tr("Zoom in"), "Ctrl++ | Ctrl+=", viewer.zoom_in)
        self._add(self.view, "zoomOut", self.tr("Zoom out"), "Ctrl+-", viewer.zoom_out)
        self._add(self.view, "leave", self.tr("Back to the image"), "Esc", page.leave)

    def groups(self) -> dict[str, list[QAction]]:
        """The actions by menu."""
        return {"review": self.review, "view": self.view}

    def allow(self, *, is_ranked: bool) -> None:
        """Which of the keys mean something now."""
        for action in (*self.review, *self.view):
            action.setEnabled(is_ranked)
