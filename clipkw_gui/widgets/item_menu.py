"""The context menu of a list of images, or of one picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QMenu, QWidget


class ItemMenu(QObject):
    """Offers ``actions`` for what is under the pointer, which the view has selected by then."""

    def __init__(self, view: QWidget, actions: Sequence[QAction]) -> None:
        super().__init__(view)
        self._view = view
        self._actions = list(actions)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self.open)

    def open(self, place: QPoint) -> QMenu | None:
        """Show it; not where there is nothing."""
        view = self._view
        if isinstance(view, QAbstractItemView) and not view.indexAt(place).isValid():
            return None
        menu = QMenu(view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._actions)
        surface = view.viewport() if isinstance(view, QAbstractScrollArea) else view
        menu.popup(surface.mapToGlobal(place))
        return menu
