"""The keys of the Label page, all of them actions that menus can hold."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu

from clipkw_gui.pages.page_keys import PageKeys

if TYPE_CHECKING:
    from clipkw_gui.pages.label import LabelPage

_DIGITS = range(1, 10)
_FIRST_DIGIT_KEY = {"xcb": 10, "wayland": 10, "windows": 2}
"""The native scan code of the key left-most in the digit row; the others follow it."""


class LabelKeys(PageKeys):
    """Makes the actions and puts them on the page; text fields keep their keys (TextField)."""

    def __init__(self, page: LabelPage) -> None:
        super().__init__(page, "label")
        self._page = page
        self.edit: list[QAction] = []
        self.label: list[QAction] = []
        self.view: list[QAction] = []
        self.accept: dict[int, QAction] = {}
        self.reject: dict[int, QAction] = {}
        self._make_edit()
        self._make_decisions()
        self._make_moves()
        self._make_view()

    def groups(self) -> dict[str, list[QAction]]:
        """The actions by menu."""
        return {"edit": self.edit, "label": self.label, "view": self.view}

    def _make_edit(self) -> None:
        page = self._page
        self.undo = self._add(self.edit, "undo", self.tr("Undo"), "Ctrl+Z", page.desk.undo)
        self.redo = self._add(
            self.edit, "redo", self.tr("Redo"), "Ctrl+Shift+Z | Ctrl+Y", page.desk.redo
        )

    def _make_decisions(self) -> None:
        page, group = self._page, self.label
        accept = QMenu(self.tr("Accept suggestion"), page)
        reject = QMenu(self.tr("Reject suggestion"), page)
        single: list[QAction] = []
        for digit in _DIGITS:
            text = self.tr("Accept suggestion {n} or take it back").format(n=digit)
            slot = partial(page.answer_number, digit, False)
            self.accept[digit] = self._add(single, f"accept{digit}", text, str(digit), slot)
            text = self.tr("Reject suggestion {n}").format(n=digit)
            slot = partial(page.answer_number, digit, True)
            self.reject[digit] = self._add(single, f"reject{digit}", text, f"Shift+{digit}", slot)
        accept.addActions(list(self.accept.values()))
        reject.addActions(list(self.reject.values()))
        group += [accept.menuAction(), reject.menuAction()]
        accept_all = self.tr("Accept all above the threshold and go on")
        self._add(group, "acceptAll", accept_all, "A", page.accept_all)
        self._add(group, "unsure", self.tr("Unsure about the keyword in hand"), "U", page.unsure)
        self._add(group, "add", self.tr("Add a keyword"), "K", page.focus_entry)
        self._add(group, "bulk", self.tr("One keyword for many images…"), "Ctrl+B", page.open_bulk)
        for action in (*single, *group):
            action.setAutoRepeat(False)

    def _make_moves(self) -> None:
        page, group = self._page, self.view
        self._add(group, "next", self.tr("Next image"), "Space", partial(page.desk.step, 1))
        back = partial(page.desk.step, -1)
        self._add(group, "previous", self.tr("Previous image"), "Backspace", back)
        calm = (page.centre.viewer, page.answers.list, page.evidence)
        self._add(
            group, "right", self.tr("Next image"), "Right", partial(page.desk.step, 1), calm[:2]
        )
        self._add(group, "left", self.tr("Previous image"), "Left", back, calm[:2])
        self._add(group, "first", self.tr("First image"), "Home", page.go_first, calm)
        self._add(group, "last", self.tr("Last image"), "End", page.go_last, calm)
        lists = (page.centre.viewer, page.strip)
        down, up = partial(page.answers.list.step, 1), partial(page.answers.list.step, -1)
        self._add(group, "down", self.tr("Take the next keyword in hand"), "Down", down, lists)
        self._add(group, "up", self.tr("Take the previous keyword in hand"), "Up", up, lists)

    def _make_view(self) -> None:
        page, group, viewer = self._page, self.view, self._page.centre.viewer
        self.grid = self._add(group, "grid", self.tr("Grid"), "G", page.set_grid)
        self.grid.setCheckable(True)
        self._add(group, "fullScreen", self.tr("Full screen"), "F", page.toggle_full_screen)
        self._add(group, "fit", self.tr("Fit the image"), "Ctrl+0 | Z", viewer.fit)
        self._add(group, "actual", self.tr("Actual size"), "Ctrl+1", viewer.actual_size)
        self._add(group, "zoomIn", self.tr("Zoom in"), "Ctrl++ | Ctrl+=", page.zoom_in)
        self._add(group, "zoomOut", self.tr("Zoom out"), "Ctrl+-", page.zoom_out)
        self._add(group, "refresh", self.tr("Refresh the queue"), "F5", page.refresh)
        similar = self.tr("More like this")
        self.similar = self._add(group, "similar", similar, "M", page.search_similar)
        self._add(group, "find", self.tr("Find a path"), "Ctrl+F", page.focus_filter)
        self._add(group, "leave", self.tr("Back to the image"), "Esc", page.leave)


class DigitRow(QObject):
    """Digits by the place of the key, on layouts where Shift or no Shift gives other signs.

    With a Norwegian keyboard Shift+2 arrives as ``"`` and Shift+4 as ``¤``; with a French one the
    digits themselves need Shift. What a shortcut did not take is looked up by scan code.
    """

    def __init__(self, keys: LabelKeys, platform: str) -> None:
        super().__init__(keys)
        self._keys = keys
        self._first = _FIRST_DIGIT_KEY.get(platform)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            action = self.action(event)
            if action is not None:
                action.trigger()
                return True
        return False

    def action(self, event: QKeyEvent) -> QAction | None:
        """What a key press means, judged by where the key is."""
        shift = Qt.KeyboardModifier.ShiftModifier
        if self._first is None or event.isAutoRepeat() or event.modifiers() & ~shift:
            return None
        digit = event.nativeScanCode() - self._first + 1
        if digit not in _DIGITS:
            return None
        return (self._keys.reject if event.modifiers() & shift else self._keys.accept)[digit]
