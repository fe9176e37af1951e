"""The keys of a page: actions that menus can hold."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


class PageKeys(QObject):
    """Makes actions and puts them on a page; ``page_name`` comes before each name of theirs."""

    def __init__(self, page: QWidget, page_name: str) -> None:
        super().__init__(page)
        self._widget = page
        self._name = page_name

    def _add(
        self,
        group: list[QAction],
        name: str,
        text: str,
        keys: str,
        slot: Callable[..., None],
        on: tuple[QWidget, ...] = (),
    ) -> QAction:
        """``on``: widgets that must have the focus; everywhere on the page if there are none."""
        action = QAction(text, self, objectName=f"{self._name}.{name}")
        action.setShortcuts([QKeySequence(one) for one in keys.split(" | ")])
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{text} ({shown})")
        context = Qt.ShortcutContext
        action.setShortcutContext(
            context.WidgetShortcut if on else context.WidgetWithChildrenShortcut
        )
        action.triggered.connect(slot)
        for widget in on or (self._widget,):
            widget.addAction(action)
        group.append(action)
        return action
