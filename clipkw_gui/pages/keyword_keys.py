"""The actions of the Keywords page, with their keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


class KeywordKeys:
    """One action for each thing that can be done with keywords; live on the page."""

    def __init__(self, page: QWidget) -> None:
        self._page = page
        tr = page.tr
        self.edit = self._action(tr("Edit in the table"), "edit", "F2")
        self.name = self._action(tr("English name"), "nameInEnglish", "Ctrl+E")
        self.confirm = self._action(tr("Confirm"), "confirm", "Ctrl+Return")
        self.merge = self._action(tr("Merge…"), "merge", "Ctrl+M")
        self.retire = self._action(tr("Retire"), "retire", "Del")
        self.restore = self._action(tr("Take back"), "restore", "Shift+Del")
        self.images = self._action(tr("Show images"), "images", "Ctrl+Shift+I")
        self.find = self._action(tr("Find a keyword"), "findKeyword", "Ctrl+F")
        self.translate = self._action(tr("Translate by the glossary"), "translate", "Ctrl+T")
        self.to_norwegian = self._action(tr("Norwegian names for English ones"), "toNorwegian", "")
        self.online = self._action(tr("Translate online…"), "translateOnline", "")
        self.confirm_all = self._action(tr("Confirm all machine names"), "confirmAll", "")
        self.score = self._action(tr("Score names"), "score", "Ctrl+Shift+S")
        self.export = self._action(tr("Export the table…"), "exportKeywords", "")
        self.take = self._action(tr("Import a table…"), "importVocabulary", "")
        self._line = QAction(page)
        self._line.setSeparator(True)

    def on_keywords(self) -> list[QAction]:
        """What is done with the chosen keywords."""
        return [self.confirm, self.merge, self.retire, self.restore]

    def on_translation(self) -> list[QAction]:
        """What is done with all names."""
        return [self.translate, self.to_norwegian, self.online, self.confirm_all]

    def on_table(self) -> list[QAction]:
        """The table, out and in."""
        return [self.export, self.take]

    def groups(self) -> dict[str, list[QAction]]:
        """By menu."""
        first = [self.edit, self.name, *self.on_keywords(), self.images, self.find]
        more = [*self.on_translation(), self.score, *self.on_table()]
        return {"keywords": [*first, self._line, *more]}

    def _action(self, text: str, name: str, key: str) -> QAction:
        action = QAction(text, self._page, objectName=name)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._page.addAction(action)
        return action
