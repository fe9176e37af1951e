"""The menu bar: what the window can do, and what the current page adds to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

NAMES = (
    "file",
    "edit",
    "view",
    "label",
    "review",
    "keywords",
    "duplicates",
    "experiments",
    "jobs",
    "help",
)
OF_PAGES = ("review", "keywords", "duplicates", "experiments")
"""Menus that show only while there is something in them."""


class Menus(QObject):
    """Menus by name; :meth:`add` puts an action of the window into one."""

    recent_chosen = Signal(object)
    """Path of a project."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        titles = {
            "file": self.tr("&File"),
            "edit": self.tr("&Edit"),
            "view": self.tr("&View"),
            "label": self.tr("&Label"),
            "review": self.tr("&Review"),
            "keywords": self.tr("&Keywords"),
            "duplicates": self.tr("&Duplicates"),
            "experiments": self.tr("E&xperiments"),
            "jobs": self.tr("&Jobs"),
            "help": self.tr("&Help"),
        }
        bar = window.menuBar()
        self._menus = {name: bar.addMenu(titles[name]) for name in NAMES}
        self._own: dict[str, list[QAction]] = {name: [] for name in NAMES}
        self._recent = QMenu(self.tr("Open recent"), window)

    def add(
        self, menu: str, text: str, slot: Callable[..., object], keys: str = "", name: str = ""
    ) -> QAction:
        """Another entry, below the others of the window."""
        action = QAction(text, self._window, objectName=name)
        if keys:
            action.setShortcuts([QKeySequence(one) for one in keys.split(" | ")])
        action.triggered.connect(slot)
        self._menus[menu].addAction(action)
        self._own[menu].append(action)
        return action

    def add_line(self, menu: str) -> None:
        """A line below the entries so far."""
        self._own[menu].append(self._menus[menu].addSeparator())

    def add_recent(self) -> None:
        """The menu of recent projects, at this place of the File menu."""
        self._own["file"].append(self._menus["file"].addMenu(self._recent))

    def add_choice(
        self, menu: str, title: str, choices: Mapping[str, str], chosen: str
    ) -> QActionGroup:
        """A sub-menu with one of ``choices`` ticked: name -> text; the actions bear the names."""
        below = QMenu(title, self._window)
        group = QActionGroup(below)
        for name, text in choices.items():
            action = QAction(text, below, checkable=True, checked=name == chosen, objectName=name)
            group.addAction(action)
            below.addAction(action)
        self._own[menu].append(self._menus[menu].addMenu(below))
        return group

    def set_recent(self, projects: Sequence[tuple[str, Path]]) -> None:
        """Show other recent projects: (name, folder)."""
        self._recent.clear()
        self._recent.setEnabled(bool(projects))
        for name, folder in projects:
            action = self._recent.addAction(name)
            action.setData(folder)
            action.setStatusTip(str(folder))
            action.triggered.connect(self._recent_chosen)

    def _recent_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.recent_chosen.emit(action.data())

    def show_page_actions(self, actions: Mapping[str, Sequence[QAction]]) -> None:
        """Put the actions of the current page first; those of the page before are taken out."""
        for name, menu in self._menus.items():
            own = self._own[name]
            for action in menu.actions():
                if action not in own:
                    menu.removeAction(action)
            first = own[0] if own else None
            for action in actions.get(name, ()):
                menu.insertAction(first, action) if first else menu.addAction(action)
            if first is not None and actions.get(name):
                menu.insertSeparator(first)
            menu.menuAction().setEnabled(bool(menu.actions()))
            menu.menuAction().setVisible(bool(menu.actions()) or name not in OF_PAGES)

    def groups(self) -> list[tuple[str, list[QAction]]]:
        """(title, entries) of every menu that is not empty."""
        return [
            (menu.title().replace("&", ""), menu.actions())
            for menu in self._menus.values()
            if menu.actions()
        ]
