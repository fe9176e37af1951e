"""Boxes that the wheel leaves alone: whoever scrolls a form past them must not change it."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSpinBox


class StillComboBox(QComboBox):
    """A combo box over which the wheel scrolls what the box stands in."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class StillSpinBox(QSpinBox):
    """A spin box over which the wheel scrolls what the box stands in."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
