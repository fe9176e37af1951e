"""The filter in words; each part can be taken away."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget


class _Chip(QToolButton):
    """A button that Space and Return press, whatever they mean on the page."""

    def event(self, event: QEvent) -> bool:
        pressing = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.key() in pressing:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.click()
                return True
        return super().event(event)


class FilterChips(QWidget):
    """One button per part of the filter; pressing it removes the part."""

    removed = Signal(str)
    """The name of the part."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self._texts: dict[str, str] = {}

    @property
    def texts(self) -> dict[str, str]:
        """What is shown: part -> text."""
        return dict(self._texts)

    def set_parts(self, parts: Mapping[str, str]) -> None:
        """Show other parts: name -> text."""
        if dict(parts) == self._texts:
            return
        self._texts = dict(parts)
        while self._row.count() > 1:
            item = self._row.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, (name, text) in enumerate(parts.items()):
            chip = _Chip()
            chip.setObjectName(name)
            chip.setProperty("chip", True)
            chip.setText(f"{text}  ×")
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.setToolTip(self.tr("Remove this part of the filter"))
            chip.setAccessibleName(self.tr("Remove the filter {text}").format(text=text))
            chip.clicked.connect(self._remove)
            self._row.insertWidget(place, chip)

    def _remove(self) -> None:
        chip = self.sender()
        if chip is not None:
            self.removed.emit(chip.objectName())
