"""The vocabulary as a table: written to a file, and taken from one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from clipkw_gui.actions import keywords
from clipkw_gui.actions.keywords import VocabularyImport
from clipkw_gui.context import AppContext
from clipkw_gui.pages.keyword_texts import import_text
from clipkw_gui.widgets.formats import count_text
from clipkw_gui.widgets.question_dialog import QuestionDialog
from core.types import Changes

TABLES = "*.csv *.tsv *.txt *.xlsx"


class KeywordFiles(QObject):
    """What the menu of the table does."""

    message = Signal(str)
    written = Signal(Changes)
    """A table was imported."""
    failed = Signal(object)
    asks = Signal(QuestionDialog)
    """A question to open."""

    def __init__(self, context: AppContext, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page
        self._table = Path()

    def ask_where_to_export(self) -> None:
        """Write the vocabulary to a file that is chosen."""
        kinds = self.tr("Table (*.csv)")
        path, _ = QFileDialog.getSaveFileName(self._page, self.tr("Export keywords"), "", kinds)
        if path:
            keywords.export_table(self._context, Path(path), self._exported, self.failed.emit)

    def _exported(self, count: int) -> None:
        self.message.emit(self.tr("{count} keywords written.").format(count=count_text(count)))

    def ask_what_to_import(self) -> None:
        """Read a table that is chosen, and show what it would change."""
        kinds = self.tr("Tables ({patterns})").format(patterns=TABLES)
        path, _ = QFileDialog.getOpenFileName(self._page, self.tr("Import keywords"), "", kinds)
        if path:
            self.preview_import(Path(path))

    def preview_import(self, path: Path) -> None:
        """Show what a table would change, and ask."""
        self._table = path
        keywords.preview_import(self._context, path, self._ask_to_import, self.failed.emit)

    def _ask_to_import(self, found: VocabularyImport) -> None:
        if not found.edits:
            self.message.emit(self.tr("The table says nothing new."))
            return
        title = self.tr("Import {name}?").format(name=self._table.name)
        dialog = QuestionDialog(title, import_text(found), self.tr("Import"), self._page)
        dialog.accepted.connect(self._import)
        self.asks.emit(dialog)

    def _import(self) -> None:
        keywords.import_table(self._context, self._table, self.written.emit, self.failed.emit)
