"""What the Keywords page asks: which keyword stays, whether to go online, whether to import."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from clipkw_gui.actions import keywords
from clipkw_gui.actions.keywords import MergePreview
from clipkw_gui.context import AppContext
from clipkw_gui.delegates.count import CountDelegate
from clipkw_gui.models.keywords import KeywordIndex
from clipkw_gui.pages.keyword_texts import merge_text
from clipkw_gui.roles import Role
from clipkw_gui.widgets.keyword_entry import KeywordEntry
from clipkw_gui.widgets.question_dialog import QuestionDialog
from core.errors import ClipkwError
from core.types import Keyword, KeywordRow

ROW_HEIGHT = 28
MOST_ROWS = 8


class MergeDialog(QuestionDialog):
    """Which of some keywords stays; the others become synonyms of it."""

    chosen = Signal(object, object)
    """(Keyword that stays, list of Keyword)."""

    def __init__(
        self,
        context: AppContext,
        rows: Sequence[KeywordRow],
        finder: KeywordIndex,
        parent: QWidget | None = None,
    ) -> None:
        """``rows`` are merged; more that ``finder`` knows can be added."""
        super().__init__(self.tr("Which name stays?"), "", self.tr("Merge"), parent)
        self._context = context
        self.list = QListWidget(frameShape=QFrame.Shape.StyledPanel)
        self.list.setAccessibleName(self.tr("The keyword that stays"))
        self.list.setItemDelegate(CountDelegate(self.list))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.entry = KeywordEntry(CountDelegate(self), self.tr("Another keyword, NO or EN"))
        self.entry.may_create = False
        self.entry.set_finder(finder)
        self.column.insertWidget(1, self.list)
        self.column.insertWidget(2, self.entry)
        self.text.setMinimumHeight(self.fontMetrics().height() * 4)
        for row in sorted(rows, key=_commonest_first):
            self._add(row.keyword, row.images)
        self.list.setCurrentRow(0)
        self.entry.entered.connect(self._add_entered)
        self.list.currentRowChanged.connect(self._look_ahead)
        self.accepted.connect(self._tell)
        self._look_ahead()
        (self.list if len(rows) > 1 else self.entry).setFocus()

    @property
    def kept(self) -> Keyword:
        """The keyword that stays."""
        keyword: Keyword = self.list.currentItem().data(Role.KEYWORD)
        return keyword

    @property
    def merged(self) -> list[Keyword]:
        """The others."""
        found = [self.list.item(place).data(Role.KEYWORD) for place in range(self.list.count())]
        return [keyword for keyword in found if keyword.id != self.kept.id]

    def _add(self, keyword: Keyword, images: int | None) -> None:
        item = QListWidgetItem(keyword.no)
        item.setData(Role.KEYWORD, keyword)
        item.setData(Role.SECONDARY, keyword.en or "")
        item.setData(Role.COUNT, images)
        self.list.addItem(item)
        shown = min(self.list.count(), MOST_ROWS)
        self.list.setFixedHeight(shown * ROW_HEIGHT + 2 * self.list.frameWidth() + 4)

    def _add_entered(self, keyword: Keyword) -> None:
        known = [self.kept.id, *(one.id for one in self.merged)]
        if keyword.id not in known:
            self._add(keyword, None)
            self.list.setCurrentRow(self.list.count() - 1)
            self._look_ahead()
        self.list.setFocus()

    def _look_ahead(self) -> None:
        self.apply.setEnabled(False)
        if not self.merged:
            self.text.setText(self.tr("Choose the keyword that it is merged with."))
            return
        self.text.setText(self.tr("Counting…"))
        keywords.preview_merge(self._context, self.kept, self.merged, self._show, self._failed)

    def _show(self, preview: MergePreview) -> None:
        self.text.setText(merge_text(self.kept, preview))
        self.apply.setEnabled(True)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ClipkwError):
            self.text.setText(str(error))

    def _tell(self) -> None:
        self.chosen.emit(self.kept, self.merged)


def _commonest_first(row: KeywordRow) -> tuple[int, str]:
    return -row.images, row.keyword.no
