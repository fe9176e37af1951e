"""The list of keys, read from the actions themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QMenu, QScrollArea, QVBoxLayout, QWidget


class KeyList(QDialog):
    """What every key does, in two columns."""

    def __init__(self, groups: Sequence[tuple[str, Sequence[QAction]]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        page = QWidget(objectName="page")
        grid = QGridLayout(page)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(5)
        row = 0
        for title, actions in groups:
            head = QLabel(title)
            head.setProperty("role", "section")
            head.setContentsMargins(0, 10 if row else 0, 0, 2)
            grid.addWidget(head, row, 0, 1, 2)
            row += 1
            for keys, text in self._lines(actions):
                shown = QLabel(keys)
                shown.setProperty("role", "secondary")
                grid.addWidget(shown, row, 0)
                grid.addWidget(QLabel(text), row, 1)
                row += 1
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(row, 1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(page)
        box = QVBoxLayout(self)
        box.addWidget(area)
        self.resize(520, 620)

    def _lines(self, actions: Sequence[QAction]) -> list[tuple[str, str]]:
        """(keys, text); the digits share a line."""
        lines: dict[str, str] = {}
        native = QKeySequence.SequenceFormat.NativeText
        for action in _with_a_key(actions):
            keys = ", ".join(one.toString(native) for one in action.shortcuts())
            name = action.objectName()
            if name.endswith(tuple("23456789")):
                continue
            if name.endswith("1"):
                lines[f"{keys} – {keys[-1:].replace('1', '9')}"] = action.text().replace("1", "1–9")
            elif action.text() in lines.values():
                first = next(key for key, text in lines.items() if text == action.text())
                lines[f"{first}, {keys}"] = lines.pop(first)
            else:
                lines[keys] = action.text()
        return list(lines.items())


def _with_a_key(actions: Sequence[QAction]) -> Iterator[QAction]:
    """The actions that have one, those in sub-menus included."""
    for action in actions:
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield from _with_a_key(menu.actions())
        elif action.shortcuts():
            yield action
